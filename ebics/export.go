package ebics

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

// exportType is the PEM type of exported keys.
const exportType = "KONTOR EBICS KEYS"

// Limits of an export. A file that asks for far more iterations is refused, so
// that nobody can make the import run for hours.
const (
	MinPassphrase = 12 // bytes
	maxExport     = 64 << 10
	iterations    = 600_000
	saltSize      = 16
)

// exported is the content of the PEM block, as JSON: the keys as MarshalBinary
// gives them (PKCS#8 and X.509 in JSON), sealed with AES-256-GCM under a key that
// PBKDF2 with HMAC-SHA-256 derives from the pass phrase; the associated data is
// the PEM type.
type exported struct {
	Format     int    `json:"format"` // 1
	Iterations int    `json:"iterations"`
	Salt       []byte `json:"salt"`
	Nonce      []byte `json:"nonce"`
	Ciphertext []byte `json:"ciphertext"`
}

// Export seals the private keys and certificates under a pass phrase, as one PEM
// block, for a backup outside the vault or a move to another installation.
func (k SubscriberKeys) Export(passphrase []byte) ([]byte, error) {
	if len(passphrase) < MinPassphrase {
		return nil, fmt.Errorf("export keys: the pass phrase has fewer than %d bytes", MinPassphrase)
	}
	plain, err := k.MarshalBinary()
	if err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	e := exported{Format: 1, Iterations: iterations, Salt: make([]byte, saltSize)}
	_, _ = rand.Read(e.Salt) // never returns an error since Go 1.24
	seal, err := e.cipher(passphrase)
	if err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	e.Nonce = make([]byte, seal.NonceSize())
	_, _ = rand.Read(e.Nonce)
	e.Ciphertext = seal.Seal(nil, e.Nonce, plain, []byte(exportType))
	body, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("export keys: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: exportType, Bytes: body}), nil
}

// ImportKeys opens what Export sealed and checks the keys.
func ImportKeys(data, passphrase []byte) (SubscriberKeys, error) {
	var keys SubscriberKeys
	if len(data) > maxExport {
		return keys, fmt.Errorf("import keys: more than %d bytes", maxExport)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != exportType {
		return keys, fmt.Errorf("import keys: no PEM block of type %s", exportType)
	}
	var e exported
	if err := json.Unmarshal(block.Bytes, &e); err != nil || e.Format != 1 {
		return keys, errors.New("import keys: not an export of a format that this version reads")
	}
	if e.Iterations < iterations || e.Iterations > 10*iterations || len(e.Salt) < saltSize {
		return keys, errors.New("import keys: parameters of the key derivation are out of range")
	}
	open, err := e.cipher(passphrase)
	if err != nil {
		return keys, fmt.Errorf("import keys: %w", err)
	}
	if len(e.Nonce) != open.NonceSize() {
		return keys, errors.New("import keys: the nonce has a wrong size")
	}
	plain, err := open.Open(nil, e.Nonce, e.Ciphertext, []byte(exportType))
	if err != nil {
		return keys, errors.New("import keys: wrong pass phrase, or the file was changed")
	}
	if err := keys.UnmarshalBinary(plain); err != nil {
		return SubscriberKeys{}, fmt.Errorf("import keys: %w", err)
	}
	return keys, nil
}

// cipher derives the key and returns the cipher for it.
func (e exported) cipher(passphrase []byte) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, string(passphrase), e.Salt, e.Iterations, 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
