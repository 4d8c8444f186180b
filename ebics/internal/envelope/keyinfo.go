package envelope

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
)

// maxCertificates limits the certificates of one key that are parsed: its own and
// those of its authorities.
const maxCertificates = 8

// readPubKeyInfo reads PubKeyInfoType and CertificateInfoType: a certificate, a
// bare key, or both, which must be the same key then.
func readPubKeyInfo(n *node, versionElement string) (*ebics.PublicKey, error) {
	c, space := in(n), n.space
	data := c.optional(NamespaceDS, "X509Data")
	bare, err := readPubKeyValue(c, space)
	if err != nil {
		return nil, err
	}
	c.foreign(space)
	version := c.leaf(c.required(space, versionElement))
	if err := c.end(); err != nil {
		return nil, err
	}
	failed := func(err error) error { return &KeyError{Element: n.local, Version: version, Err: err} }
	key := ebics.PublicKey{Version: version}
	if data != nil {
		certificate, err := readCertificate(data)
		if err != nil && bare == nil {
			return nil, failed(err)
		}
		// Beside a bare key a certificate that cannot be read is not used: before
		// H005 most banks and customers never look at it.
		if err == nil {
			key.Certificate = certificate
			key.Key, _ = certificate.PublicKey.(*rsa.PublicKey)
		}
	}
	switch {
	case bare != nil && key.Certificate != nil && (key.Key == nil || !key.Key.Equal(bare.key())):
		return nil, failed(errors.New("the certificate is one of another key than the one beside it"))
	case bare != nil:
		read, err := ebics.NewPublicKey(version, bare.modulus, bare.exponent)
		if err != nil {
			return nil, failed(err)
		}
		key.Key = read.Key
	case data == nil:
		return nil, structure("%s without key and certificate", n.local)
	case key.Key == nil:
		return nil, failed(errors.New("the certificate is not one of an RSA key"))
	}
	if err := key.Check(); err != nil {
		return nil, failed(err)
	}
	return &key, nil
}

// bareKey is an RSAKeyValue as big-endian bytes.
type bareKey struct{ modulus, exponent []byte }

// key is the key if it is of a sensible size, else one that equals no other.
func (b bareKey) key() *rsa.PublicKey {
	e := new(big.Int).SetBytes(b.exponent)
	if e.BitLen() > 31 {
		return &rsa.PublicKey{N: new(big.Int)}
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(b.modulus), E: int(e.Int64())}
}

func readPubKeyValue(c *cursor, space string) (*bareKey, error) {
	n := c.optional(space, "PubKeyValue")
	if n == nil {
		return nil, c.err
	}
	v := in(n)
	k := in(v.required(NamespaceDS, "RSAKeyValue"))
	modulusText := k.leaf(k.required(NamespaceDS, "Modulus"))
	exponentText := k.leaf(k.required(NamespaceDS, "Exponent"))
	if err := k.end(); err != nil {
		return nil, err
	}
	v.optional(space, "TimeStamp")
	v.foreign(space)
	if err := v.end(); err != nil {
		return nil, err
	}
	modulus, modulusErr := crypto.DecodeBase64([]byte(modulusText))
	exponent, exponentErr := crypto.DecodeBase64([]byte(exponentText))
	if modulusErr != nil || exponentErr != nil {
		return nil, structure("%s is not base64", n.local)
	}
	return &bareKey{modulus, exponent}, nil
}

// readCertificate picks the key's own certificate out of X509Data, whose children
// come in any order and number: the first that belongs to no authority.
func readCertificate(n *node) (*x509.Certificate, error) {
	var found *x509.Certificate
	count := 0
	for _, child := range n.children {
		if child.space != NamespaceDS || child.local != "X509Certificate" {
			continue
		}
		if count++; count > maxCertificates {
			return nil, errors.New("too many certificates")
		}
		der, err := crypto.DecodeBase64([]byte(child.value()))
		if err != nil {
			return nil, errors.New("the certificate is not base64")
		}
		certificate, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, errors.New("the certificate cannot be read")
		}
		if found == nil || found.IsCA && !certificate.IsCA {
			found = certificate
		}
	}
	if found == nil {
		return nil, errors.New("X509Data without a certificate")
	}
	return found, nil
}

// pubKeyInfo is what writePubKeyInfo writes. declare puts the namespace on the
// element, where it is not the document's.
type pubKeyInfo struct {
	v                       ebics.Version
	element, versionElement string
	key                     ebics.PublicKey
	declare                 bool
	space                   string
	at                      time.Time
}

func writePubKeyInfo(b *strings.Builder, i pubKeyInfo) error {
	onlyCertificate := i.v == ebics.H005 || strings.HasSuffix(i.element, "CertificateInfo")
	if onlyCertificate && i.key.Certificate == nil {
		return &KeyError{Element: i.element, Version: i.key.Version, Err: errors.New("the key has no certificate, and nothing else is sent here")}
	}
	b.WriteString(`<` + i.element)
	if i.declare {
		b.WriteString(` xmlns="` + i.space + `"`)
	}
	b.WriteString(`>`)
	if c := i.key.Certificate; c != nil {
		b.WriteString(`<ds:X509Data><ds:X509IssuerSerial><ds:X509IssuerName>` + escape(c.Issuer.String()) + `</ds:X509IssuerName><ds:X509SerialNumber>` +
			c.SerialNumber.String() + `</ds:X509SerialNumber></ds:X509IssuerSerial><ds:X509Certificate>` + base64.StdEncoding.EncodeToString(c.Raw) +
			`</ds:X509Certificate></ds:X509Data>`)
	}
	if !onlyCertificate {
		number := func(n *big.Int) string { return base64.StdEncoding.EncodeToString(n.Bytes()) }
		b.WriteString(`<PubKeyValue><ds:RSAKeyValue><ds:Modulus>` + number(i.key.Key.N) + `</ds:Modulus><ds:Exponent>` +
			number(big.NewInt(int64(i.key.Key.E))) + `</ds:Exponent></ds:RSAKeyValue><TimeStamp>` + i.at.UTC().Format("2006-01-02T15:04:05Z") +
			`</TimeStamp></PubKeyValue>`)
	}
	b.WriteString(`<` + i.versionElement + `>` + i.key.Version + `</` + i.versionElement + `></` + i.element + `>`)
	return nil
}
