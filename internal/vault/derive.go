package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// keySize is the size in bytes of every symmetric key here: AES-256, and HMAC-SHA256 with a key as long as its result.
const keySize = 32

// key is a symmetric key. It is passed by pointer, so that no print of a struct shows its bytes.
type key [keySize]byte

// The labels keep the uses of one key apart. They are part of the format of what is stored: changing one makes all stored data
// unreadable (TestStoredDataStaysReadable watches over that).
const (
	labelKeyStore    = "kontor/1 key store"
	labelMarker      = "kontor/1 key store marker"
	labelPrivateKey  = "kontor/1 private key"
	labelPepper      = "kontor/1 pepper"
	labelDataKey     = "kontor/1 data key"
	labelRow         = "kontor/1 row"
	labelPage        = "kontor/1 page"
	labelBody        = "kontor/1 body"
	labelFingerprint = "kontor/1 fingerprint"
)

// derive returns the key that HKDF-SHA256 gives for a secret, a salt (may be nil) and a label with further fields.
func derive(secret, salt []byte, fields ...string) *key {
	b, err := hkdf.Key(sha256.New, secret, salt, string(encode(fields...)), keySize)
	if err != nil {
		// Only a length beyond 255 hashes is an error.
		panic(fmt.Sprintf("vault: derive key: %v", err))
	}
	return (*key)(b)
}

// encode joins fields so that no two different lists give the same bytes: each field follows its length (4 bytes, big endian).
// ("ab", "c") and ("a", "bc") must not be the same place.
func encode(fields ...string) []byte {
	n := 0
	for _, f := range fields {
		n += 4 + len(f)
	}
	b := make([]byte, 0, n)
	for _, f := range fields {
		b = binary.BigEndian.AppendUint32(b, uint32(len(f)))
		b = append(b, f...)
	}
	return b
}

// aead is a cipher with its key, passed by pointer for the same reason as key.
type aead struct{ cipher.AEAD }

// gcm returns AES-256-GCM whose nonces the caller chooses.
func gcm(k *key) *aead { return mustAEAD(cipher.NewGCM(mustBlock(k))) }

// randomGCM returns AES-256-GCM that draws a random nonce for each message and puts it first. One key must not seal more than 2^32
// messages (NIST SP 800-38D, 8.3).
func randomGCM(k *key) *aead { return mustAEAD(cipher.NewGCMWithRandomNonce(mustBlock(k))) }

func mustBlock(k *key) cipher.Block {
	b, err := aes.NewCipher(k[:])
	if err != nil {
		panic(fmt.Sprintf("vault: %v", err)) // only a wrong key size is an error
	}
	return b
}

func mustAEAD(a cipher.AEAD, err error) *aead {
	if err != nil {
		panic(fmt.Sprintf("vault: %v", err)) // only a foreign block size is an error
	}
	return &aead{a}
}
