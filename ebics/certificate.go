package ebics

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// DigestKind says of what the digest of a bank's key is taken when a request
// names the keys that it believes the bank to have (BankPubKeyDigests).
type DigestKind string

// The kinds. Banks differ in H005: the specification wants the certificate's,
// many take the key's.
const (
	// DigestByVersion is the certificate's in H005 if the key came in one, else the
	// key's.
	DigestByVersion   DigestKind = ""
	DigestKey         DigestKind = "key"         // PublicKey.Digest
	DigestCertificate DigestKind = "certificate" // SHA-256 of the certificate's DER
)

// ParseDigestKind accepts "", "key" and "certificate".
func ParseDigestKind(text string) (DigestKind, error) {
	switch k := DigestKind(text); k {
	case DigestByVersion, DigestKey, DigestCertificate:
		return k, nil
	}
	return "", fmt.Errorf("kind of digest %q: want key or certificate", clip(text))
}

// CertificateDigest is the SHA-256 of the certificate's DER, which letters and
// requests of H005 carry; false without a certificate.
func (k PublicKey) CertificateDigest() (digest [sha256.Size]byte, ok bool) {
	if k.Certificate == nil {
		return digest, false
	}
	return sha256.Sum256(k.Certificate.Raw), true
}

// DigestAs is the digest of a kind in a protocol version.
//
// Error: DigestCertificate is wanted of a key without a certificate.
func (k PublicKey) DigestAs(kind DigestKind, v Version) ([sha256.Size]byte, error) {
	digest, ok := k.CertificateDigest()
	switch kind {
	case DigestKey:
		return k.Digest(), nil
	case DigestCertificate:
		if !ok {
			return digest, fmt.Errorf("the bank's %s key came without a certificate: fetch it with HPB in H005, or use the digest of the key", k.Version)
		}
		return digest, nil
	case DigestByVersion:
		if ok && v == H005 {
			return digest, nil
		}
		return k.Digest(), nil
	}
	return digest, fmt.Errorf("kind of digest %q is not known", clip(string(kind)))
}

// NamedBy says whether a digest is one of this key: of the key itself or of its
// certificate.
func (k PublicKey) NamedBy(digest []byte) bool {
	key := k.Digest()
	certificate, ok := k.CertificateDigest()
	return string(digest) == string(key[:]) || ok && string(digest) == string(certificate[:])
}

// Expires is the end of the certificates' validity that comes first; false if
// no key has a certificate. Banks rarely enforce it; renew with HCS before.
func (k SubscriberKeys) Expires() (time.Time, bool) {
	return earliest(k.Signature.Certificate, k.Authentication.Certificate, k.Encryption.Certificate)
}

// Expires is as for SubscriberKeys; an expiry announces that the bank's keys change.
func (k BankPublicKeys) Expires() (time.Time, bool) {
	return earliest(k.Authentication.Certificate, k.Encryption.Certificate)
}

func earliest(certificates ...*x509.Certificate) (at time.Time, found bool) {
	for _, c := range certificates {
		if c != nil && (!found || c.NotAfter.Before(at)) {
			at, found = c.NotAfter, true
		}
	}
	return at, found
}

// Validity is how long a certificate holds.
type Validity struct{ NotBefore, NotAfter time.Time }

// keyUsage is what a certificate of a key version is for; all of must be in a
// certificate that names usages at all.
func keyUsage(version string) (must, write x509.KeyUsage, err error) {
	switch version {
	case A005, A006:
		return x509.KeyUsageContentCommitment, x509.KeyUsageContentCommitment, nil
	case X002:
		return x509.KeyUsageDigitalSignature, x509.KeyUsageDigitalSignature, nil
	case E002:
		return x509.KeyUsageKeyEncipherment, x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment, nil
	}
	return 0, 0, fmt.Errorf("key version %q has no certificates", clip(version))
}

// SelfSigned returns the pair with a self-signed certificate: the envelope in which
// banks that need no authority take keys in H005. The certificate is X.509 v3,
// no authority's, with the key usage of the version; the serial number is derived
// from the key, and the signature is PKCS#1 v1.5, so that the same arguments
// give the same bytes.
func (k KeyPair) SelfSigned(subject pkix.Name, v Validity) (KeyPair, error) {
	_, usage, err := keyUsage(k.Version)
	if err != nil {
		return k, err
	}
	if !v.NotAfter.After(v.NotBefore) {
		return k, errors.New("certificate ends before it begins")
	}
	digest := k.Public().Digest()
	// 63 bits: longer serial numbers overflow the integers of peers' XML libraries.
	serial := new(big.Int).SetUint64(binary.BigEndian.Uint64(digest[:8])>>1 | 1)
	template := &x509.Certificate{
		SerialNumber: serial, Subject: subject, NotBefore: v.NotBefore.UTC().Truncate(time.Second), NotAfter: v.NotAfter.UTC().Truncate(time.Second),
		KeyUsage: usage, BasicConstraintsValid: true, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &k.Key.PublicKey, k.Key)
	if err != nil {
		return k, fmt.Errorf("certify %s key: %w", k.Version, err)
	}
	k.Certificate, err = x509.ParseCertificate(der)
	return k, err
}

// SelfSigned returns the keys with a self-signed certificate each; their common
// name is the subject's with the key's version.
func (k SubscriberKeys) SelfSigned(subject pkix.Name, v Validity) (SubscriberKeys, error) {
	if err := certifyAll(subject, v, &k.Signature, &k.Authentication, &k.Encryption); err != nil {
		return SubscriberKeys{}, err
	}
	return k, nil
}

// SelfSigned is as for SubscriberKeys.
func (k BankKeys) SelfSigned(subject pkix.Name, v Validity) (BankKeys, error) {
	if err := certifyAll(subject, v, &k.Authentication, &k.Encryption); err != nil {
		return BankKeys{}, err
	}
	return k, nil
}

func certifyAll(subject pkix.Name, v Validity, pairs ...*KeyPair) error {
	for _, pair := range pairs {
		named := subject
		named.CommonName += " " + pair.Version
		certified, err := pair.SelfSigned(named, v)
		if err != nil {
			return err
		}
		*pair = certified
	}
	return nil
}

// CertificateRequest is a PKCS#10 request in DER, for an authority that certifies
// the key (banks of France, H3K anywhere).
func (k KeyPair) CertificateRequest(subject pkix.Name) ([]byte, error) {
	if _, _, err := keyUsage(k.Version); err != nil {
		return nil, err
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: subject, SignatureAlgorithm: x509.SHA256WithRSA}, k.Key)
	if err != nil {
		return nil, fmt.Errorf("request certificate for %s key: %w", k.Version, err)
	}
	return der, nil
}

// WithCertificate returns the pair with a certificate that an authority issued,
// in DER. It is checked as CheckCertificate does, but not for its dates.
func (k KeyPair) WithCertificate(der []byte) (KeyPair, error) {
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return k, fmt.Errorf("%s certificate: %w", k.Version, err)
	}
	k.Certificate = c
	if err := CheckCertificate(k.Public(), c.NotBefore); err != nil {
		return KeyPair{}, err
	}
	return k, nil
}

// CertificateError says why a bank must not take a certificate, with the return
// code that tells it to the customer.
type CertificateError struct {
	Version string
	Code    ReturnCode
	Why     string
}

func (e *CertificateError) Error() string {
	return fmt.Sprintf("%s certificate: %s (%s)", e.Version, e.Why, e.Code)
}

// CheckCertificate judges the certificate that a key came in, at an instant: it
// is the key's, is in its time, belongs to no authority, is signed with SHA-256
// or better, allows the usage of the key's version if it names usages, and, if
// it is its own issuer, is rightly signed. Who issued it is not judged.
//
// Error: *CertificateError; X509 codes 091207 to 091219.
func CheckCertificate(k PublicKey, at time.Time) error {
	c := k.Certificate
	refuse := func(code ReturnCode, why string) error {
		return &CertificateError{Version: k.Version, Code: code, Why: why}
	}
	if c == nil {
		return refuse(OnlyX509Support, "the key came without one")
	}
	must, _, err := keyUsage(k.Version)
	if err != nil {
		return refuse(CertificatesValidationError, err.Error())
	}
	certified, ok := c.PublicKey.(*rsa.PublicKey)
	switch {
	case !ok:
		return refuse(X509WrongAlgorithm, "it is not of an RSA key")
	case k.Key == nil || !certified.Equal(k.Key):
		return refuse(CertificatesValidationError, "it is of another key")
	case weakSignature(c.SignatureAlgorithm):
		return refuse(X509WrongAlgorithm, "it is signed with "+c.SignatureAlgorithm.String())
	case at.Before(c.NotBefore):
		return refuse(X509CertificateNotValidYet, "it is valid only from "+c.NotBefore.UTC().Format(time.RFC3339))
	case at.After(c.NotAfter):
		return refuse(X509CertificateExpired, "it was valid until "+c.NotAfter.UTC().Format(time.RFC3339))
	case c.IsCA:
		return refuse(X509InvalidBasicConstraints, "it is one of an authority")
	case c.KeyUsage != 0 && c.KeyUsage&must != must:
		return refuse(X509WrongKeyUsage, "its key usage does not allow what the key is for")
	}
	if string(c.RawIssuer) == string(c.RawSubject) && selfSignature(c) != nil {
		return refuse(CertificatesValidationError, "its signature is wrong")
	}
	return nil
}

// selfSignature verifies a certificate with its own key. Not CheckSignatureFrom,
// which wants an authority.
func selfSignature(c *x509.Certificate) error {
	return c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature)
}

// weakSignature says whether an authority or key signs with less than SHA-256.
func weakSignature(a x509.SignatureAlgorithm) bool {
	switch a { //nolint:exhaustive // the good ones
	case x509.SHA256WithRSA, x509.SHA384WithRSA, x509.SHA512WithRSA, x509.SHA256WithRSAPSS, x509.SHA384WithRSAPSS, x509.SHA512WithRSAPSS,
		x509.ECDSAWithSHA256, x509.ECDSAWithSHA384, x509.ECDSAWithSHA512, x509.PureEd25519:
		return false
	}
	return true
}
