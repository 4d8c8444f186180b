package ebics_test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
)

// Every known code means something definite, except the four whose effect on
// an order cannot be read from them.
func TestOutcomeIsTotal(t *testing.T) {
	codes := ebics.ReturnCodes()
	if len(codes) < 60 {
		t.Fatalf("only %d codes", len(codes))
	}
	unknown := map[ebics.ReturnCode]bool{ebics.TxUnknownTxid: true, ebics.TxAbort: true, ebics.RecoveryNotSupported: true}
	for i, code := range codes {
		if i > 0 && codes[i-1] >= code {
			t.Errorf("%s does not come after %s", code, codes[i-1])
		}
		if got := code.Outcome() == ebics.Unknown; got != unknown[code] {
			t.Errorf("%s: unknown = %t", code, got)
		}
		if !strings.HasPrefix(code.Symbol(), "EBICS_") {
			t.Errorf("%s has no symbol", code)
		}
	}
}

func TestOutcomeOfCodes(t *testing.T) {
	for _, row := range []struct {
		code ebics.ReturnCode
		want ebics.Outcome
	}{
		{"000000", ebics.Done}, {"011000", ebics.Done}, {"011001", ebics.Done}, {"011301", ebics.Done}, {"031001", ebics.Done},
		{"090005", ebics.Nothing}, {"061101", ebics.Resume}, {"061099", ebics.Retry}, {"091119", ebics.Retry},
		{"091103", ebics.Replayed}, {"091008", ebics.BankKeyChanged}, {"061001", ebics.Refused}, {"090003", ebics.Refused},
		{"091010", ebics.Broken}, {"091113", ebics.Broken}, {"091101", ebics.Unknown}, {"123456", ebics.Unknown}, {"", ebics.Unknown},
	} {
		if got := row.code.Outcome(); got != row.want {
			t.Errorf("%q: %v, want %v", row.code, got, row.want)
		}
	}
}

// The places come from the standard's list: technical in the header.
func TestPlaceOfCodes(t *testing.T) {
	for code, technical := range map[ebics.ReturnCode]bool{
		ebics.AuthenticationFailed: true, ebics.TxUnknownTxid: true, ebics.NoDownloadDataAvailable: false,
		ebics.SignatureVerificationFailed: false, "999999": false,
	} {
		if code.Technical() != technical {
			t.Errorf("%s technical = %t", code, !technical)
		}
	}
}

func TestIDsFollowTheirPatterns(t *testing.T) {
	accept := map[string]func(string) error{
		"host HOST1":      func(s string) error { _, err := ebics.ParseHostID(s); return err },
		"partner K=1,a":   func(s string) error { _, err := ebics.ParsePartnerID(s); return err },
		"user U1":         func(s string) error { _, err := ebics.ParseUserID(s); return err },
		"ordertype CCT":   func(s string) error { _, err := ebics.ParseOrderType(s); return err },
		"ordertype C53":   func(s string) error { _, err := ebics.ParseOrderType(s); return err },
		"orderid A001":    func(s string) error { _, err := ebics.ParseOrderID(s); return err },
		"!host ":          func(s string) error { _, err := ebics.ParseHostID(s); return err },
		"!host A B":       func(s string) error { _, err := ebics.ParseHostID(s); return err },
		"!host <A":        func(s string) error { _, err := ebics.ParseHostID(s); return err },
		"!partner A.B":    func(s string) error { _, err := ebics.ParsePartnerID(s); return err },
		"!user ü":         func(s string) error { _, err := ebics.ParseUserID(s); return err },
		"!ordertype cct":  func(s string) error { _, err := ebics.ParseOrderType(s); return err },
		"!ordertype CCTX": func(s string) error { _, err := ebics.ParseOrderType(s); return err },
		"!orderid 0001":   func(s string) error { _, err := ebics.ParseOrderID(s); return err },
		"!orderid A00":    func(s string) error { _, err := ebics.ParseOrderID(s); return err },
	}
	for name, parse := range accept {
		_, value, _ := strings.Cut(name, " ")
		if err := parse(value); (err != nil) != strings.HasPrefix(name, "!") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ebics.ParseUserID(strings.Repeat("U", 36)); err == nil {
		t.Error("a user id of 36 characters was accepted")
	}
}

// vector is the key of the standard's example letter.
func vector(t *testing.T) (key ebics.PublicKey, digest string) {
	data, err := os.ReadFile(witness.Shared(t, "data", "vectors", "ebics.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		V struct {
			Exponent, Modulus, SHA256 string
		} `json:"public_key_digest"`
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	modulus, err := hex.DecodeString(file.V.Modulus)
	if err != nil {
		t.Fatal(err)
	}
	exponent, err := hex.DecodeString(file.V.Exponent)
	if err != nil {
		t.Fatal(err)
	}
	key, err = ebics.NewPublicKey(ebics.A006, append([]byte{0}, modulus...), exponent)
	if err != nil {
		t.Fatal(err)
	}
	return key, file.V.SHA256
}

func TestPublicKeyDigestOfTheStandard(t *testing.T) {
	key, want := vector(t)
	digest := key.Digest()
	if got := hex.EncodeToString(digest[:]); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

// A key must never reach a log, an error or a JSON document by accident.
func TestKeysPrintRedacted(t *testing.T) {
	keys, bank := testkeys.Subscriber(), testkeys.Bank()
	d := keys.Signature.Key.D
	secrets := []string{d.String(), fmt.Sprintf("%x", d), fmt.Sprintf("%X", d)}
	for _, value := range []any{keys, &keys, keys.Signature, &keys.Signature, bank, struct{ K ebics.KeyPair }{keys.Signature}} {
		var logged strings.Builder
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("key", "key", value)
		encoded, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{
			fmt.Sprintf("%v %+v %#v %s %d %x %q", value, value, value, value, value, value, value), logged.String(), string(encoded),
		} {
			for _, secret := range secrets {
				if strings.Contains(text, secret) {
					t.Fatalf("%T shows its key: %.80s", value, text)
				}
			}
			if !strings.Contains(text, "[redacted]") {
				t.Errorf("%T prints %.80s", value, text)
			}
		}
	}
}

func TestKeysSurviveStorage(t *testing.T) {
	keys, bank := testkeys.Subscriber(), testkeys.Bank()
	data, err := keys.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var read ebics.SubscriberKeys
	if err := read.UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	if !read.Signature.Key.Equal(keys.Signature.Key) || !read.Authentication.Key.Equal(keys.Authentication.Key) || !read.Encryption.Key.Equal(keys.Encryption.Key) {
		t.Error("subscriber keys changed")
	}
	if read.Signature.Version != ebics.A006 {
		t.Errorf("the signature key became one of version %q", read.Signature.Version)
	}
	if data, err = testkeys.A005().MarshalBinary(); err != nil {
		t.Fatal(err)
	}
	if err := read.UnmarshalBinary(data); err != nil || read.Signature.Version != ebics.A005 || !read.Signature.Key.Equal(keys.Signature.Key) {
		t.Errorf("keys with A005 changed: version %q, error %v", read.Signature.Version, err)
	}
	if data, err = bank.MarshalBinary(); err != nil {
		t.Fatal(err)
	}
	var readBank ebics.BankKeys
	if err := readBank.UnmarshalBinary(data); err != nil || !readBank.Public().Equal(bank.Public()) {
		t.Errorf("bank keys changed: %v", err)
	}
	if data, err = bank.Public().MarshalBinary(); err != nil {
		t.Fatal(err)
	}
	var public ebics.BankPublicKeys
	if err := public.UnmarshalBinary(data); err != nil || !public.Equal(bank.Public()) {
		t.Errorf("public bank keys changed: %v", err)
	}
	if err := read.UnmarshalBinary(data); err == nil {
		t.Error("public keys were read as private ones")
	}
	if err := public.UnmarshalBinary([]byte("[]")); err == nil {
		t.Error("no keys were read as keys")
	}
}

func TestWeakAndMisusedKeysAreRefused(t *testing.T) {
	good := testkeys.Bank().Public()
	small := new(big.Int).Rsh(good.Encryption.Key.N, 1)
	small.SetBit(small, 0, 1)
	if _, err := ebics.NewPublicKey(ebics.E002, small.Bytes(), []byte{1, 0, 1}); err == nil {
		t.Error("2,047 bits were accepted")
	}
	for name, exponent := range map[string][]byte{"one": {1}, "even": {2}, "huge": {1, 0, 0, 0, 1}, "none": {}} {
		if _, err := ebics.NewPublicKey(ebics.E002, good.Encryption.Key.N.Bytes(), exponent); err == nil {
			t.Errorf("exponent %s was accepted", name)
		}
	}
	if _, err := ebics.NewPublicKey(ebics.E002, make([]byte, 1<<20), []byte{3}); err == nil {
		t.Error("a modulus of 1 MiB was accepted")
	}
	swapped := ebics.BankPublicKeys{Authentication: good.Encryption, Encryption: good.Authentication}
	if swapped.Check() == nil {
		t.Error("swapped key versions were accepted")
	}
	shared := testkeys.Subscriber()
	shared.Signature.Key = shared.Authentication.Key
	if shared.Check() == nil {
		t.Error("one key for two purposes was accepted")
	}
	if _, err := ebics.GenerateKeys(ebics.A006, 1024); err == nil {
		t.Error("1,024 bits were generated")
	}
	for _, version := range []string{"", "A004", "a005", ebics.X002, ebics.E002} {
		if _, err := ebics.GenerateKeys(version, ebics.MinKeyBits); err == nil {
			t.Errorf("keys for order signatures of version %q were generated", version)
		}
		keys := testkeys.Subscriber()
		keys.Signature.Version = version
		if keys.Check() == nil {
			t.Errorf("a signature key of version %q was accepted", version)
		}
	}
}
