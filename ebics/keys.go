package ebics

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
)

// Key versions of EBICS 2.5 that this package works with.
const (
	A005 = "A005" // order signature, PKCS#1 v1.5
	A006 = "A006" // order signature, PSS
	X002 = "X002" // authentication signature
	E002 = "E002" // encryption
)

// Key sizes in bits that are accepted, from anyone.
const (
	MinKeyBits = 2048
	MaxKeyBits = 4096
)

const redacted = "[redacted]"

// PublicKey is a subscriber's or bank's RSA key and the version of the
// procedure it is for: A005, A006, X002 or E002.
type PublicKey struct {
	Version string
	Key     *rsa.PublicKey
	// Certificate is the X.509 certificate that the key came in, or nil. In H005 a
	// key always comes in one; H003 and H004 may carry it beside the key.
	Certificate *x509.Certificate
}

// Digest is the hash of the key that H003 and H004 put into letters and
// requests: SHA-256 over exponent and modulus in lower-case hexadecimal without
// leading zeros, with one blank between them.
func (k PublicKey) Digest() [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%x %x", k.Key.E, k.Key.N))
}

// Equal says whether version and key are the same. A new certificate for the same
// key changes nothing here: see SameCertificate.
func (k PublicKey) Equal(other PublicKey) bool {
	return k.Version == other.Version && k.Key != nil && other.Key != nil && k.Key.Equal(other.Key)
}

// SameCertificate says whether both keys came in the same certificate, or both in
// none.
func (k PublicKey) SameCertificate(other PublicKey) bool {
	if k.Certificate == nil || other.Certificate == nil {
		return k.Certificate == other.Certificate
	}
	return k.Certificate.Equal(other.Certificate)
}

// Check says why the key must not be used: missing, fewer than MinKeyBits, more
// than MaxKeyBits, or an exponent that is even, below 3 or above 2^31-1.
func (k PublicKey) Check() error {
	if k.Key == nil || k.Key.N == nil {
		return fmt.Errorf("%s key is missing", k.Version)
	}
	if bits := k.Key.N.BitLen(); bits < MinKeyBits || bits > MaxKeyBits {
		return fmt.Errorf("%s key has %d bits: want %d to %d", k.Version, bits, MinKeyBits, MaxKeyBits)
	}
	if k.Certificate != nil {
		if certified, ok := k.Certificate.PublicKey.(*rsa.PublicKey); !ok || !certified.Equal(k.Key) {
			return fmt.Errorf("%s certificate is one of another key", k.Version)
		}
	}
	if k.Key.E < 3 || k.Key.E%2 == 0 || int64(k.Key.E) > 1<<31-1 || k.Key.N.Bit(0) == 0 {
		return fmt.Errorf("%s key is not a usable RSA key", k.Version)
	}
	return nil
}

// NewPublicKey builds a key from the big-endian bytes of modulus and exponent,
// as XML signatures carry them, and checks it. A leading zero byte is dropped.
func NewPublicKey(version string, modulus, exponent []byte) (PublicKey, error) {
	e := new(big.Int).SetBytes(exponent)
	if len(modulus) > MaxKeyBits/8+8 || e.BitLen() > 31 {
		return PublicKey{}, fmt.Errorf("%s key is too large", version)
	}
	k := PublicKey{Version: version, Key: &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: int(e.Int64())}}
	return k, k.Check()
}

// KeyPair is a private RSA key and the version of the procedure it is for. It
// never prints its content.
type KeyPair struct {
	Version     string
	Key         *rsa.PrivateKey
	Certificate *x509.Certificate // of the public half, or nil
}

// Public returns the public half.
func (k KeyPair) Public() PublicKey {
	if k.Key == nil {
		return PublicKey{Version: k.Version}
	}
	return PublicKey{Version: k.Version, Key: &k.Key.PublicKey, Certificate: k.Certificate}
}

// String hides the content.
func (KeyPair) String() string { return redacted }

// GoString hides the content.
func (KeyPair) GoString() string { return redacted }

// LogValue hides the content.
func (KeyPair) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the content.
func (KeyPair) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Format covers the verbs that would otherwise look inside.
func (KeyPair) Format(f fmt.State, _ rune) { writeRedacted(f) }

// SubscriberKeys are the three key pairs of one subscriber. They never print
// their content; MarshalBinary gives it in clear, for sealing by the caller.
type SubscriberKeys struct {
	Signature      KeyPair // A005 or A006
	Authentication KeyPair // X002
	Encryption     KeyPair // E002
}

// String hides the content.
func (SubscriberKeys) String() string { return redacted }

// GoString hides the content.
func (SubscriberKeys) GoString() string { return redacted }

// LogValue hides the content.
func (SubscriberKeys) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the content; MarshalBinary gives it.
func (SubscriberKeys) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Format covers the verbs that would otherwise look inside.
func (SubscriberKeys) Format(f fmt.State, _ rune) { writeRedacted(f) }

// GenerateKeys makes three different key pairs of the given size, MinKeyBits to
// MaxKeyBits. signature is the version of order signatures: A005 or A006, as the
// bank wants it.
func GenerateKeys(signature string, bits int) (SubscriberKeys, error) {
	if signature != A005 && signature != A006 {
		return SubscriberKeys{}, fmt.Errorf("generate keys for order signatures of version %q: want %s or %s", clip(signature), A005, A006)
	}
	if bits < MinKeyBits || bits > MaxKeyBits {
		return SubscriberKeys{}, fmt.Errorf("generate keys of %d bits: want %d to %d", bits, MinKeyBits, MaxKeyBits)
	}
	keys := SubscriberKeys{
		Signature: KeyPair{Version: signature}, Authentication: KeyPair{Version: X002}, Encryption: KeyPair{Version: E002},
	}
	for _, pair := range []*KeyPair{&keys.Signature, &keys.Authentication, &keys.Encryption} {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			return SubscriberKeys{}, fmt.Errorf("generate %s key: %w", pair.Version, err)
		}
		pair.Key = key
	}
	return keys, nil
}

// Check says why the keys must not be used: a wrong version, a bad size, or one
// key used for two purposes.
func (k SubscriberKeys) Check() error {
	if k.Signature.Version != A005 && k.Signature.Version != A006 {
		return fmt.Errorf("signature key has version %q: want %s or %s", clip(k.Signature.Version), A005, A006)
	}
	bank := BankKeys{Authentication: k.Authentication, Encryption: k.Encryption}
	if err := errors.Join(k.Signature.Public().Check(), bank.Check()); err != nil {
		return err
	}
	if k.Signature.Key.PublicKey.Equal(&k.Authentication.Key.PublicKey) || k.Signature.Key.PublicKey.Equal(&k.Encryption.Key.PublicKey) {
		return errors.New("the signature key is also used for another purpose")
	}
	return nil
}

// MarshalBinary gives the private keys in clear. Seal the result before it
// leaves memory.
func (k SubscriberKeys) MarshalBinary() ([]byte, error) {
	return marshalPairs(k.Signature, k.Authentication, k.Encryption)
}

// UnmarshalBinary reads what MarshalBinary wrote and checks it.
func (k *SubscriberKeys) UnmarshalBinary(data []byte) error {
	pairs, err := unmarshalPairs(data, 3)
	if err != nil {
		return err
	}
	read := SubscriberKeys{Signature: pairs[0], Authentication: pairs[1], Encryption: pairs[2]}
	if err := read.Check(); err != nil {
		return err
	}
	*k = read
	return nil
}

// BankKeys are the bank's own two key pairs, for the server. They never print
// their content; MarshalBinary gives it in clear.
type BankKeys struct {
	Authentication KeyPair // X002
	Encryption     KeyPair // E002
}

// String hides the content.
func (BankKeys) String() string { return redacted }

// GoString hides the content.
func (BankKeys) GoString() string { return redacted }

// LogValue hides the content.
func (BankKeys) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the content; MarshalBinary gives it.
func (BankKeys) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// Format covers the verbs that would otherwise look inside.
func (BankKeys) Format(f fmt.State, _ rune) { writeRedacted(f) }

// GenerateBankKeys makes the two key pairs of a bank.
func GenerateBankKeys(bits int) (BankKeys, error) {
	keys, err := GenerateKeys(A006, bits) // its signature key is not a bank's
	if err != nil {
		return BankKeys{}, err
	}
	return BankKeys{Authentication: keys.Authentication, Encryption: keys.Encryption}, nil
}

// Check says why the keys must not be used.
func (k BankKeys) Check() error { return k.Public().Check() }

// Public returns the public halves, as HPB delivers them.
func (k BankKeys) Public() BankPublicKeys {
	return BankPublicKeys{Authentication: k.Authentication.Public(), Encryption: k.Encryption.Public()}
}

// MarshalBinary gives the private keys in clear. Seal the result before it
// leaves memory.
func (k BankKeys) MarshalBinary() ([]byte, error) {
	return marshalPairs(k.Authentication, k.Encryption)
}

// UnmarshalBinary reads what MarshalBinary wrote and checks it.
func (k *BankKeys) UnmarshalBinary(data []byte) error {
	pairs, err := unmarshalPairs(data, 2)
	if err != nil {
		return err
	}
	read := BankKeys{Authentication: pairs[0], Encryption: pairs[1]}
	if err := read.Check(); err != nil {
		return err
	}
	*k = read
	return nil
}

// BankPublicKeys are the bank's keys as HPB delivers them. The answer to HPB is
// not signed: they may be trusted only after a person has compared their
// digests with what the bank publishes.
type BankPublicKeys struct {
	Authentication PublicKey // X002
	Encryption     PublicKey // E002
}

// Check says why the keys must not be used: wrong version or bad size.
func (k BankPublicKeys) Check() error {
	if k.Authentication.Version != X002 || k.Encryption.Version != E002 {
		return fmt.Errorf("keys have versions %q and %q: want %s and %s", clip(k.Authentication.Version), clip(k.Encryption.Version), X002, E002)
	}
	return errors.Join(k.Authentication.Check(), k.Encryption.Check())
}

// Equal says whether both keys are the same.
func (k BankPublicKeys) Equal(other BankPublicKeys) bool {
	return k.Authentication.Equal(other.Authentication) && k.Encryption.Equal(other.Encryption)
}

func writeRedacted(w io.Writer) {
	// fmt.State never fails; there is nothing to do if it did.
	_, _ = io.WriteString(w, redacted)
}

// Changes names what is not as it was: the versions of the keys that differ, and
// of those whose certificate alone does. Both are for a person to compare.
func (k BankPublicKeys) Changes(before BankPublicKeys) (keys, certificates []string) {
	for _, pair := range [][2]PublicKey{{k.Authentication, before.Authentication}, {k.Encryption, before.Encryption}} {
		switch {
		case !pair[0].Equal(pair[1]):
			keys = append(keys, pair[0].Version)
		case !pair[0].SameCertificate(pair[1]):
			certificates = append(certificates, pair[0].Version)
		}
	}
	return keys, certificates
}
