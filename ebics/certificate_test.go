package ebics_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
)

var inTime = testkeys.Validity.NotBefore.AddDate(0, 6, 0)

// Self-signed certificates are what banks want of them: for one purpose each, no
// authority's, and the same again for the same key, or a bank that made them anew
// would seem to have another key.
func TestSelfSignedCertificates(t *testing.T) {
	keys := testkeys.Certified()
	for _, pair := range []ebics.KeyPair{keys.Signature, keys.Authentication, keys.Encryption} {
		c := pair.Certificate
		if err := ebics.CheckCertificate(pair.Public(), inTime); err != nil {
			t.Error(err)
		}
		if c.Version != 3 || c.IsCA || !c.BasicConstraintsValid || c.SerialNumber.Sign() != 1 || c.SerialNumber.BitLen() > 63 {
			t.Errorf("%s: version %d, CA %t, serial %v", pair.Version, c.Version, c.IsCA, c.SerialNumber)
		}
		again, err := pair.SelfSigned(c.Subject, testkeys.Validity)
		if err != nil || !bytes.Equal(again.Certificate.Raw, c.Raw) {
			t.Errorf("%s: another certificate the second time, %v", pair.Version, err)
		}
		digest, ok := pair.Public().CertificateDigest()
		if !ok || digest != sha256.Sum256(c.Raw) || !pair.Public().NamedBy(digest[:]) {
			t.Errorf("%s: digest %x", pair.Version, digest)
		}
	}
	for version, want := range map[string]x509.KeyUsage{
		"A006": x509.KeyUsageContentCommitment, "X002": x509.KeyUsageDigitalSignature, "E002": x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment,
	} {
		for _, pair := range []ebics.KeyPair{keys.Signature, keys.Authentication, keys.Encryption} {
			if pair.Version == version && pair.Certificate.KeyUsage != want {
				t.Errorf("%s: key usage %b", version, pair.Certificate.KeyUsage)
			}
		}
	}
	if expires, ok := keys.Expires(); !ok || !expires.Equal(testkeys.Validity.NotAfter) {
		t.Errorf("expires %v, %t", expires, ok)
	}
	if _, ok := testkeys.Subscriber().Expires(); ok {
		t.Error("bare keys expire")
	}
}

// issued is a certificate by an authority of its own, as template says.
func issued(t *testing.T, pair ebics.KeyPair, change func(*x509.Certificate)) []byte {
	t.Helper()
	authority := testkeys.Other().Signature.Key
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "customer"}, NotBefore: testkeys.Validity.NotBefore, NotAfter: testkeys.Validity.NotAfter,
		KeyUsage: x509.KeyUsageContentCommitment, BasicConstraintsValid: true, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	change(template)
	issuer := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: template.NotAfter, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &pair.Key.PublicKey, authority)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// Each reason to refuse a certificate has its return code.
func TestCertificatesAreRefusedWithACode(t *testing.T) {
	own := testkeys.Subscriber().Signature
	forged := func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "authority"} } // seems to be its own issuer
	for _, row := range []struct {
		name   string
		change func(*x509.Certificate)
		at     time.Time
		want   ebics.ReturnCode // "" = accepted
	}{
		{"as it should be", func(*x509.Certificate) {}, inTime, ""},
		{"without usages", func(c *x509.Certificate) { c.KeyUsage = 0 }, inTime, ""},
		{"too early", func(*x509.Certificate) {}, testkeys.Validity.NotBefore.Add(-time.Second), ebics.X509CertificateNotValidYet},
		{"too late", func(*x509.Certificate) {}, testkeys.Validity.NotAfter.Add(time.Second), ebics.X509CertificateExpired},
		{"for authentication", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageDigitalSignature }, inTime, ebics.X509WrongKeyUsage},
		{"an authority's", func(c *x509.Certificate) { c.IsCA = true }, inTime, ebics.X509InvalidBasicConstraints},
		{"signed by another than it says", forged, inTime, ebics.CertificatesValidationError},
	} {
		c, err := x509.ParseCertificate(issued(t, own, row.change))
		if err != nil {
			t.Fatal(err)
		}
		err = ebics.CheckCertificate(ebics.PublicKey{Version: ebics.A006, Key: &own.Key.PublicKey, Certificate: c}, row.at)
		var refused *ebics.CertificateError
		if (err == nil) != (row.want == "") || err != nil && (!errors.As(err, &refused) || refused.Code != row.want) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	var refused *ebics.CertificateError
	if err := ebics.CheckCertificate(own.Public(), inTime); !errors.As(err, &refused) || refused.Code != ebics.OnlyX509Support {
		t.Errorf("none: %v", err)
	}
}

// A certificate of an authority joins a pair only if it is the pair's.
func TestIssuedCertificateMustBeTheKeys(t *testing.T) {
	own := testkeys.Subscriber().Signature
	request, err := own.CertificateRequest(pkix.Name{CommonName: "customer"})
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificateRequest(request)
	if err != nil || parsed.CheckSignature() != nil {
		t.Fatalf("request: %v", err)
	}
	if key, ok := parsed.PublicKey.(*rsa.PublicKey); !ok || !key.Equal(&own.Key.PublicKey) {
		t.Error("the request is for another key")
	}
	der := issued(t, own, func(*x509.Certificate) {})
	certified, err := own.WithCertificate(der)
	if err != nil || certified.Certificate == nil {
		t.Errorf("%v", err)
	}
	if _, err := testkeys.Other().Signature.WithCertificate(der); err == nil {
		t.Error("a certificate of another key was taken")
	}
	if _, err := own.WithCertificate([]byte("x")); err == nil {
		t.Error("no certificate was taken")
	}
}

// Which digest a request names is the bank's taste; without a certificate there is
// only one.
func TestDigestKinds(t *testing.T) {
	certified, bare := testkeys.CertifiedBank().Public().Encryption, testkeys.Bank().Public().Encryption
	key := bare.Digest()
	certificate, _ := certified.CertificateDigest()
	for _, row := range []struct {
		name string
		k    ebics.PublicKey
		kind ebics.DigestKind
		v    ebics.Version
		want [32]byte
	}{
		{"H005 by version", certified, ebics.DigestByVersion, ebics.H005, certificate},
		{"H005 by version, bare key", bare, ebics.DigestByVersion, ebics.H005, key},
		{"H004 by version", certified, ebics.DigestByVersion, ebics.H004, key},
		{"H004, certificate wanted", certified, ebics.DigestCertificate, ebics.H004, certificate},
		{"H005, key wanted", certified, ebics.DigestKey, ebics.H005, key},
	} {
		if got, err := row.k.DigestAs(row.kind, row.v); err != nil || got != row.want {
			t.Errorf("%s: %x, %v", row.name, got, err)
		}
	}
	if _, err := bare.DigestAs(ebics.DigestCertificate, ebics.H005); err == nil || !strings.Contains(err.Error(), "HPB") {
		t.Errorf("no certificate: %v", err)
	}
	for text, ok := range map[string]bool{"": true, "key": true, "certificate": true, "cert": false} {
		if _, err := ebics.ParseDigestKind(text); (err == nil) != ok {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// Stored keys keep their certificates; keys stored before there were any still read.
func TestStoredKeysKeepTheirCertificates(t *testing.T) {
	for name, keys := range map[string]ebics.SubscriberKeys{"certified": testkeys.Certified(), "bare": testkeys.Subscriber()} {
		data, err := keys.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var read ebics.SubscriberKeys
		if err := read.UnmarshalBinary(data); err != nil || !read.Encryption.Public().SameCertificate(keys.Encryption.Public()) {
			t.Errorf("%s: %v", name, err)
		}
		if name == "bare" && bytes.Contains(data, []byte("x509")) {
			t.Error("bare keys are stored in a new form")
		}
	}
	bank := testkeys.CertifiedBank().Public()
	data, err := bank.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var read ebics.BankPublicKeys
	if err := read.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if keys, certificates := read.Changes(bank); keys != nil || certificates != nil {
		t.Errorf("changes %v %v", keys, certificates)
	}
	if keys, certificates := read.Changes(testkeys.Bank().Public()); keys != nil || fmt.Sprint(certificates) != "[X002 E002]" {
		t.Errorf("a certificate where none was: %v %v", keys, certificates)
	}
}

// Exported keys come back with the pass phrase, and with nothing else.
func TestExportedKeysComeBack(t *testing.T) {
	keys, phrase := testkeys.Certified(), []byte("correct horse battery")
	sealed, err := keys.Export(phrase)
	if err != nil {
		t.Fatal(err)
	}
	read, err := ebics.ImportKeys(sealed, phrase)
	if err != nil || !read.Signature.Key.Equal(keys.Signature.Key) || !read.Signature.Public().SameCertificate(keys.Signature.Public()) {
		t.Errorf("%v", err)
	}
	if bytes.Contains(sealed, []byte("pkcs8")) {
		t.Error("the export is not sealed")
	}
	changed := bytes.Clone(sealed)
	changed[len(changed)/2] ^= 1
	for name, try := range map[string]func() error{
		"another pass phrase": func() error { _, err := ebics.ImportKeys(sealed, []byte("correct horse batteries")); return err },
		"a changed file":      func() error { _, err := ebics.ImportKeys(changed, phrase); return err },
		"something else": func() error {
			_, err := ebics.ImportKeys([]byte("-----BEGIN X-----\n-----END X-----\n"), phrase)
			return err
		},
		"a short pass phrase": func() error { _, err := keys.Export([]byte("short")); return err },
		"a huge file":         func() error { _, err := ebics.ImportKeys(make([]byte, 1<<20), phrase); return err },
	} {
		err := try()
		if err == nil {
			t.Errorf("%s was taken", name)
		} else if strings.Contains(err.Error(), "horse") {
			t.Errorf("%s: the error has the pass phrase: %v", name, err)
		}
	}
}
