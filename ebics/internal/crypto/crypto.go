// Package crypto is the cryptography of EBICS 2.5 on plain keys and bytes: the
// encryption E002, the order signatures A005 and A006, the raw authentication
// signature X002, and the hash of order data. It knows nothing of XML.
package crypto

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
)

// TransactionKeySize is the size in bytes of the AES key of one transaction.
const TransactionKeySize = 16

// NewTransactionKey returns a fresh AES-128 key.
func NewTransactionKey() []byte {
	key := make([]byte, TransactionKeySize)
	// crypto/rand.Read never returns an error since Go 1.24.
	_, _ = rand.Read(key)
	return key
}

// WrapKey encrypts a transaction key for the receiver (RSAES-PKCS1-v1_5).
func WrapKey(receiver *rsa.PublicKey, key []byte) ([]byte, error) {
	//nolint:staticcheck // E002 prescribes PKCS#1 v1.5 (EBICS 2.5, chapter 11.3)
	wrapped, err := rsa.EncryptPKCS1v15(rand.Reader, receiver, key)
	if err != nil {
		return nil, fmt.Errorf("wrap transaction key: %w", err)
	}
	return wrapped, nil
}

// UnwrapKey decrypts a transaction key. A wrong padding is not told apart: it
// yields a random key (Bleichenbacher), with which nothing decrypts. The error
// says only that the input has the wrong size.
func UnwrapKey(key *rsa.PrivateKey, wrapped []byte) ([]byte, error) {
	unwrapped := NewTransactionKey()
	//nolint:staticcheck // as above
	if err := rsa.DecryptPKCS1v15SessionKey(rand.Reader, key, wrapped, unwrapped); err != nil {
		return nil, fmt.Errorf("unwrap transaction key: %w", err)
	}
	return unwrapped, nil
}

// SignDigest makes the X002 signature over the SHA-256 of the canonical
// SignedInfo (RSASSA-PKCS1-v1_5).
func SignDigest(key *rsa.PrivateKey, digest [sha256.Size]byte) ([]byte, error) {
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return signature, nil
}

// VerifyDigest checks what SignDigest made.
func VerifyDigest(key *rsa.PublicKey, digest [sha256.Size]byte, signature []byte) error {
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
}

// pss is the form of A006: salt as long as the hash.
var pss = &rsa.PSSOptions{SaltLength: sha256.Size, Hash: crypto.SHA256}

// SignOrder makes an order signature of version A005 or A006. digest is the
// SHA-256 of the order data without CR, LF and Ctrl-Z (OrderHash). A005 signs it
// as it is (PKCS#1 v1.5); A006 as a message, so it is hashed once more (PSS).
func SignOrder(version string, key *rsa.PrivateKey, digest [sha256.Size]byte) ([]byte, error) {
	switch version {
	case "A005":
		return SignDigest(key, digest)
	case "A006":
	default:
		return nil, errors.New("sign order: version is not known")
	}
	twice := sha256.Sum256(digest[:])
	signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, twice[:], pss)
	if err != nil {
		return nil, fmt.Errorf("sign order: %w", err)
	}
	return signature, nil
}

// VerifyOrder checks an order signature of version A005 or A006 against the
// hash of the order data.
func VerifyOrder(version string, key *rsa.PublicKey, digest [sha256.Size]byte, signature []byte) error {
	switch version {
	case "A005":
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature)
	case "A006":
		twice := sha256.Sum256(digest[:])
		return rsa.VerifyPSS(key, crypto.SHA256, twice[:], signature, pss)
	}
	return errors.New("order signature: version is not known")
}

// OrderHash hashes order data as signatures see it: CR, LF and Ctrl-Z do not
// count. What is transmitted keeps them. Raw hashes the same bytes with them,
// which some clients sign.
type OrderHash struct {
	normalised, raw hash.Hash
	kept            []byte
}

// NewOrderHash returns an empty hash.
func NewOrderHash() *OrderHash {
	return &OrderHash{normalised: sha256.New(), raw: sha256.New()}
}

// Write never fails.
func (h *OrderHash) Write(p []byte) (int, error) {
	h.kept = h.kept[:0]
	for _, b := range p {
		if b != '\r' && b != '\n' && b != 0x1A {
			h.kept = append(h.kept, b)
		}
	}
	// hash.Hash never returns an error.
	_, _ = h.normalised.Write(h.kept)
	_, _ = h.raw.Write(p)
	return len(p), nil
}

// Normalised returns the hash without CR, LF and Ctrl-Z.
func (h *OrderHash) Normalised() (sum [sha256.Size]byte) {
	h.normalised.Sum(sum[:0])
	return sum
}

// Raw returns the hash of all bytes.
func (h *OrderHash) Raw() (sum [sha256.Size]byte) {
	h.raw.Sum(sum[:0])
	return sum
}
