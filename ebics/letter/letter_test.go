package letter_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"math/big"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/letter"
)

var moment = time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// initialisation is a letter for the given keys; without any, for those of the test.
func initialisation(l letter.Language, keys ...ebics.PublicKey) letter.Initialisation {
	if keys == nil {
		all := testkeys.Subscriber()
		keys = []ebics.PublicKey{all.Signature.Public(), all.Authentication.Public(), all.Encryption.Public()}
	}
	return letter.Initialisation{
		Language: l, Bank: "Übungsbank\nAG", Host: "HOST1", Subscriber: ebics.Subscriber{Partner: "K0012345", User: "U0001"},
		Name: "Petra Probe", At: moment, Keys: keys,
	}
}

func text(t *testing.T, i letter.Initialisation) string {
	t.Helper()
	var b strings.Builder
	must(t, i.Text(&b))
	return b.String()
}

func pdf(t *testing.T, i letter.Initialisation) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, i.PDF(&b))
	return b.Bytes()
}

// certified is the test's authentication key in a self-signed certificate.
var certified = sync.OnceValue(func() ebics.PublicKey {
	pair := testkeys.Subscriber().Authentication
	about := &x509.Certificate{
		SerialNumber: big.NewInt(0x0BADCAFE), Subject: pkix.Name{CommonName: "Petra Probe", Organization: []string{"Probe GmbH"}},
		NotBefore: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 2, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &pair.Key.PublicKey, pair.Key)
	if err != nil {
		panic(err) // a test binary without randomness
	}
	key := pair.Public()
	if key.Certificate, err = x509.ParseCertificate(der); err != nil {
		panic(err)
	}
	return key
})

// standardKey is the key of the standard's example letter, and its hash.
func standardKey(t *testing.T) (key ebics.PublicKey, digest string) {
	data, err := os.ReadFile(witness.Shared(t, "data", "vectors", "ebics.json"))
	must(t, err)
	var file struct {
		V struct {
			Exponent, Modulus, SHA256 string
		} `json:"public_key_digest"`
	}
	must(t, json.Unmarshal(data, &file))
	modulus, err := hex.DecodeString(file.V.Modulus)
	must(t, err)
	exponent, err := hex.DecodeString(file.V.Exponent)
	must(t, err)
	key, err = ebics.NewPublicKey(ebics.A006, append([]byte{0}, modulus...), exponent)
	must(t, err)
	return key, file.V.SHA256
}

// pairs writes hexadecimal digits as a letter does: in upper case, two by two.
func pairs(digits string) string {
	var out []string
	for i := 0; i < len(digits); i += 2 {
		out = append(out, strings.ToUpper(digits[i:i+2]))
	}
	return strings.Join(out, " ")
}

// rows are the rows of up to 16 bytes in which data are printed.
func rows(data []byte) []string {
	var out []string
	for i := 0; i < len(data); i += 16 {
		out = append(out, pairs(hex.EncodeToString(data[i:min(i+16, len(data))])))
	}
	return out
}

// The rows are what a person at the bank compares.
func TestLetterShowsTheStandardsHashInTwoRowsOfSixteen(t *testing.T) {
	key, want := standardKey(t)
	for language, word := range map[letter.Language]string{
		letter.English: "Public key for the electronic signature", letter.German: "Teilnehmer-ID", letter.Swedish: "Kund-ID", letter.French: "Empreinte",
	} {
		got := text(t, initialisation(language, key))
		for _, row := range append(rows(key.Key.N.Bytes()), pairs(want[:32]), pairs(want[32:]), "01 00 01") {
			if !strings.Contains(got, "\n"+row+"\n") {
				t.Errorf("%s: no row %s in\n%s", language, row, got)
			}
		}
		for _, part := range []string{word, "  Übungsbank AG\n", "  HOST1\n", "  K0012345\n", "  U0001\n", "  A006\n", "  2048 ", "08:00:00 UTC+00:00\n"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", language, part, got)
			}
		}
	}
}

// The letter names the version that the bank enters. The hash is the same in both: the version is no part of it.
func TestLetterNamesTheSignatureVersion(t *testing.T) {
	for _, language := range letter.Languages() {
		for version, keys := range map[string]ebics.SubscriberKeys{ebics.A005: testkeys.A005(), ebics.A006: testkeys.Subscriber()} {
			other := map[string]string{ebics.A005: ebics.A006, ebics.A006: ebics.A005}[version]
			got := text(t, initialisation(language, keys.Signature.Public()))
			if !strings.Contains(got, "  "+version+"\n") || strings.Contains(got, other) {
				t.Errorf("%s: letter for %s:\n%s", language, version, got)
			}
		}
	}
}

// Banks refuse letters most often because the hash is that of the key where they compare the certificate's, or the other way round.
func TestLetterOfACertificateShowsItAndBothHashesWithTheirNames(t *testing.T) {
	key := certified()
	fingerprint, digest := sha256.Sum256(key.Certificate.Raw), key.Digest()
	for language, labels := range map[letter.Language][2]string{
		letter.German: {"Hashwert des Zertifikats (SHA-256)", "Hashwert des öffentlichen Schlüssels (SHA-256)"},
		letter.French: {"Empreinte du certificat (SHA-256)", "Empreinte de la clé publique (SHA-256)"},
	} {
		got := text(t, initialisation(language, key))
		certificate, hash := rows(fingerprint[:]), rows(digest[:])
		for _, part := range []string{
			"\n-----BEGIN CERTIFICATE-----\nMII", "\n-----END CERTIFICATE-----\n", "CN=Petra Probe,O=Probe GmbH", "0B AD CA FE", "2026", "2036",
			labels[0] + "\n" + certificate[0] + "\n" + certificate[1] + "\n", labels[1] + "\n" + hash[0] + "\n" + hash[1] + "\n",
		} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %q in\n%s", language, part, got)
			}
		}
		if strings.Contains(got, rows(key.Key.N.Bytes())[1]) {
			t.Errorf("%s: the modulus stands beside the certificate", language)
		}
	}
}

func TestLetterRefusesWhatItCannotSay(t *testing.T) {
	key, unknown := testkeys.Subscriber().Signature.Public(), testkeys.Subscriber().Signature.Public()
	unknown.Version = "A004"
	stranger := testkeys.Other().Signature.Public()
	stranger.Certificate = certified().Certificate
	for name, data := range map[string]letter.Initialisation{
		"language":                     {Language: "nl", Keys: []ebics.PublicKey{key}},
		"no keys":                      {Language: letter.English},
		"key version":                  {Language: letter.English, Keys: []ebics.PublicKey{unknown}},
		"no key":                       {Language: letter.English, Keys: []ebics.PublicKey{{Version: ebics.A006}}},
		"certificate of another key":   {Language: letter.English, Keys: []ebics.PublicKey{stranger}},
		"one of the keys is too short": {Language: letter.English, Keys: []ebics.PublicKey{key, {Version: ebics.X002, Key: &rsa.PublicKey{N: big.NewInt(15), E: 3}}}},
	} {
		var b bytes.Buffer
		if data.Text(&b) == nil || data.PDF(&b) == nil || b.Len() != 0 {
			t.Errorf("%s: a letter was written", name)
		}
	}
}

// A name comes from people; a terminal must show it and not obey it.
func TestNamesCannotSteerATerminalOrAddRows(t *testing.T) {
	i := initialisation(letter.English)
	i.Bank, i.Name = "Bank\x1b[2J\nHost ID  EVIL", "P\u202eetra"
	got := text(t, i)
	if strings.ContainsAny(got, "\x1b\u202e") || strings.Contains(got, "\nHost ID  EVIL") {
		t.Errorf("%q", got)
	}
	must(t, i.PDF(&bytes.Buffer{}))
}

func TestParseLanguage(t *testing.T) {
	for _, l := range letter.Languages() {
		if got, err := letter.ParseLanguage(string(l)); err != nil || got != l {
			t.Errorf("%s: %q, %v", l, got, err)
		}
	}
	for _, bad := range []string{"", "nl", "DE", "de-CH"} {
		if _, err := letter.ParseLanguage(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
