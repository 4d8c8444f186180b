package bank

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"kontor/ebics"
)

const bankKeyBits = 2048

// loadBankKeys reads the bank's EBICS keys, making them at the first start.
func loadBankKeys(path string) (ebics.BankKeys, error) {
	var keys ebics.BankKeys
	stored, err := os.ReadFile(path)
	if err == nil {
		return keys, keys.UnmarshalBinary(stored)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, fmt.Errorf("reading bank keys: %w", err)
	}
	if keys, err = ebics.GenerateBankKeys(bankKeyBits); err != nil {
		return keys, err
	}
	if stored, err = keys.MarshalBinary(); err != nil {
		return keys, err
	}
	return keys, writeFile(path, stored)
}

// writeFile writes a whole file or nothing, readable for the owner only, and
// keeps it over a power loss.
func writeFile(path string, content []byte) (err error) {
	temporary := path + ".new"
	file, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	_, err = file.Write(content)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", filepath.Base(path), err)
	}
	return nil
}

// authority is the certificate authority of one data folder.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	path        string // of the certificate
}

// tlsConfig makes a server certificate for the address, issued by the folder's
// own authority, and returns the path of the authority's certificate.
func tlsConfig(folder string, address net.Addr, now time.Time) (*tls.Config, string, error) {
	ca, err := loadAuthority(folder, now)
	if err != nil {
		return nil, "", err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, "", err
	}
	template, err := newCertificate("Kontor sandbox bank", now)
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
		return nil, "", fmt.Errorf("issuing server certificate: %w", err)
	}
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
	}, ca.path, nil
}

// loadAuthority reads the authority, making it at the first start. The key is
// written first: without the certificate it counts as not made yet.
func loadAuthority(folder string, now time.Time) (authority, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return authority{}, err
	}
	ca := authority{path: filepath.Join(folder, "ca.pem")}
	keyPath := filepath.Join(folder, "ca-key.pem")
	if _, err := os.Stat(ca.path); errors.Is(err, fs.ErrNotExist) {
		if err := makeAuthority(ca.path, keyPath, now); err != nil {
			return authority{}, err
		}
	}
	der, err := readPEM(ca.path)
	if err != nil {
		return authority{}, err
	}
	if ca.certificate, err = x509.ParseCertificate(der); err != nil {
		return authority{}, fmt.Errorf("reading ca.pem: %w", err)
	}
	if der, err = readPEM(keyPath); err != nil {
		return authority{}, err
	}
	if ca.key, err = x509.ParseECPrivateKey(der); err != nil {
		return authority{}, errors.New("reading ca-key.pem: not an EC private key") // the parser's text may quote the key
	}
	return ca, nil
}

func makeAuthority(certificatePath, keyPath string, now time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template, err := newCertificate("Kontor sandbox authority", now)
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
	if err := writeFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private})); err != nil {
		return err
	}
	return writeFile(certificatePath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate}))
}

// newCertificate is valid from a day before now, for clocks that go behind, for
// ten years.
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
		return nil, fmt.Errorf("reading %s: %w", filepath.Base(path), err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("reading %s: no PEM block", filepath.Base(path))
	}
	return block.Bytes, nil
}

// storedKey is a subscriber's public key in the books.
type storedKey struct {
	Version string `json:"version"`
	PKIX    []byte `json:"pkix"`
}

func encodeKey(k ebics.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.Key)
	if err != nil {
		return nil, fmt.Errorf("storing %s key: %w", k.Version, err)
	}
	return json.Marshal(storedKey{k.Version, der})
}

// decodeKey returns nil for a key that was not sent yet.
func decodeKey(stored []byte) (*ebics.PublicKey, error) {
	if stored == nil {
		return nil, nil
	}
	var s storedKey
	if err := json.Unmarshal(stored, &s); err != nil {
		return nil, fmt.Errorf("reading stored key: %w", err)
	}
	parsed, err := parseRSA(s.PKIX)
	if err != nil {
		return nil, fmt.Errorf("reading stored %s key: %w", s.Version, err)
	}
	return &ebics.PublicKey{Version: s.Version, Key: parsed}, nil
}
