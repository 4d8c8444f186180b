package vault

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxKeyText limits what is read of a root key's text; 64 hexadecimal digits and white space are far below.
const maxKeyText = 1024

// RootKey is the key of the installation: it seals the key store and gives the peppers. The zero value is no key; OpenKeyStore refuses
// it. It prints as [redacted].
type RootKey struct {
	redacted
	secret *rootSecret
}

type rootSecret struct{ key *key }

// ParseRootKey reads a root key from text: 32 bytes as 64 hexadecimal digits or as base64 (standard or URL alphabet, with or without
// padding), with white space around it. Errors never repeat the text.
func ParseRootKey(text string) (RootKey, error) {
	if len(text) > maxKeyText {
		return RootKey{}, fmt.Errorf("root key: text is longer than %d bytes", maxKeyText)
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return RootKey{}, errors.New("root key: text is empty")
	}
	b, ok := decodeKeyText(text)
	if !ok {
		return RootKey{}, errors.New("root key: text is neither hexadecimal nor base64")
	}
	if len(b) != keySize {
		return RootKey{}, fmt.Errorf("root key: has %d bytes, must have exactly %d", len(b), keySize)
	}
	return RootKey{secret: &rootSecret{(*key)(b)}}, nil
}

// decodeKeyText tries hexadecimal first: 64 hexadecimal digits are also base64, but of 48 bytes.
func decodeKeyText(text string) ([]byte, bool) {
	if b, err := hex.DecodeString(text); err == nil {
		return b, true
	}
	text = strings.TrimRight(text, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		// Strict: a text with stray bits in its last digit was not written by an encoder.
		if b, err := enc.Strict().DecodeString(text); err == nil {
			return b, true
		}
	}
	return nil, false
}

// RootKeyFromFile reads a root key (as ParseRootKey does) from a regular file that only its owner can access: with any permission for
// group or others it is refused, since it may be known already.
func RootKeyFromFile(path string) (_ RootKey, err error) {
	f, err := os.Open(path)
	if err != nil {
		return RootKey{}, fmt.Errorf("root key: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	// Asked of the open file, so that it is the file that is read.
	info, err := f.Stat()
	if err != nil {
		return RootKey{}, fmt.Errorf("root key: %w", err)
	}
	if !info.Mode().IsRegular() {
		return RootKey{}, fmt.Errorf("root key: %s is not a regular file", path)
	}
	if perm := info.Mode().Perm(); perm&0o077 != 0 {
		return RootKey{}, fmt.Errorf("root key: %s can be accessed by group or others (mode %04o): make a new key, or chmod 600", path, perm)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxKeyText+1))
	if err != nil {
		return RootKey{}, fmt.Errorf("root key: read %s: %w", path, err)
	}
	k, err := ParseRootKey(string(text))
	if err != nil {
		return RootKey{}, fmt.Errorf("file %s: %w", path, err)
	}
	return k, nil
}

// CreateRootKeyFile makes a new random root key and writes it, in hexadecimal, to a new file of mode 0600 in an existing folder. File
// and folder are on disk when it returns. An existing file is never touched: the error then wraps fs.ErrExist.
func CreateRootKeyFile(path string) error {
	var k key
	_, _ = rand.Read(k[:]) // never fails: it ends the process instead
	if err := writeNew(path, []byte(hex.EncodeToString(k[:])+"\n")); err != nil {
		return fmt.Errorf("create root key file: %w", err)
	}
	return nil
}

// derive returns the root key's subkey for a label and fields.
func (k RootKey) derive(fields ...string) *key { return derive(k.secret.key[:], nil, fields...) }
