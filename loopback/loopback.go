// Package loopback gives a process TLS on the loopback interface without anybody's help: an authority of its own, kept in the data
// folder, and a server certificate that it issues anew at every start. Clients trust the authority's file and nothing else.
package loopback

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"kontor/folder"
)

// Host says whether a host name or address is this machine's loopback.
func Host(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// authority is the certificate authority of one data folder.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	path        string // of the certificate
}

// TLS makes a server certificate for the address, issued by the folder's own authority, and returns the path of the authority's
// certificate (PEM). name appears in both certificates. The folder must exist.
func TLS(dir, name string, address net.Addr, now time.Time) (config *tls.Config, caPath string, err error) {
	ca, err := loadAuthority(dir, name, now)
	if err != nil {
		return nil, "", err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	template, err := newCertificate(name, now)
	if err != nil {
		return nil, "", err
	}
	template.DNSNames = []string{"localhost"}
	template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if bound, ok := address.(*net.TCPAddr); ok {
		template.IPAddresses = append(template.IPAddresses, bound.IP)
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.certificate, &key.PublicKey, ca.key)
	if err != nil {
		return nil, "", fmt.Errorf("issue server certificate: %w", err)
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}, ca.path, nil
}

// loadAuthority reads the authority, making it at the first start. The key is written first: without the certificate it counts as not
// made yet.
func loadAuthority(dir, name string, now time.Time) (authority, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return authority{}, err
	}
	ca := authority{path: filepath.Join(dir, "ca.pem")}
	keyPath := filepath.Join(dir, "ca-key.pem")
	if _, err := os.Stat(ca.path); errors.Is(err, fs.ErrNotExist) {
		if err := makeAuthority(ca.path, keyPath, name+" authority", now); err != nil {
			return authority{}, err
		}
	}
	der, err := readPEM(ca.path)
	if err != nil {
		return authority{}, err
	}
	if ca.certificate, err = x509.ParseCertificate(der); err != nil {
		return authority{}, fmt.Errorf("read ca.pem: %w", err)
	}
	if der, err = readPEM(keyPath); err != nil {
		return authority{}, err
	}
	if ca.key, err = x509.ParseECPrivateKey(der); err != nil {
		return authority{}, errors.New("read ca-key.pem: not an EC private key") // the parser's text may quote the key
	}
	return ca, nil
}

func makeAuthority(certificatePath, keyPath, name string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template, err := newCertificate(name, now)
	if err != nil {
		return err
	}
	template.IsCA, template.BasicConstraintsValid, template.MaxPathLenZero = true, true, true
	template.KeyUsage = x509.KeyUsageCertSign
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	if err := folder.WriteFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})); err != nil {
		return err
	}
	return folder.WriteFile(certificatePath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
}

// newCertificate is valid from a day before now, for clocks that go behind, for ten years.
func newCertificate(name string, now time.Time) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(0, 0, -1), NotAfter: now.AddDate(10, 0, 0),
	}, nil
}

func readPEM(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(path), err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("read %s: no PEM block", filepath.Base(path))
	}
	return block.Bytes, nil
}
