package bank

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"kontor/ebics"
	"kontor/folder"
)

const bankKeyBits = 2048

// loadBankKeys reads the bank's EBICS keys, making them at the first start.
func loadBankKeys(path string) (ebics.BankKeys, error) {
	var keys ebics.BankKeys
	stored, err := os.ReadFile(path)
	if err == nil {
		err := keys.UnmarshalBinary(stored)
		return keys, err
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return keys, fmt.Errorf("reading bank keys: %w", err)
	}
	if keys, err = ebics.GenerateBankKeys(bankKeyBits); err != nil {
		return keys, err
	}
	if stored, err = keys.MarshalBinary(); err != nil {
		return keys, err
	}
	return keys, folder.WriteFile(path, stored)
}

// storedKey is a subscriber's public key in the books.
type storedKey struct {
	Version string `json:"version"`
	PKIX    []byte `json:"pkix"`
}

func encodeKey(k ebics.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(k.Key)
	if err != nil {
		return nil, fmt.Errorf("storing %s key: %w", k.Version, err)
	}
	return json.Marshal(storedKey{k.Version, der})
}

// decodeKey returns nil for a key that was not sent yet.
func decodeKey(stored []byte) (*ebics.PublicKey, error) {
	if stored == nil {
		return nil, nil
	}
	var s storedKey
	if err := json.Unmarshal(stored, &s); err != nil {
		return nil, fmt.Errorf("reading stored key: %w", err)
	}
	parsed, err := parseRSA(s.PKIX)
	if err != nil {
		return nil, fmt.Errorf("reading stored %s key: %w", s.Version, err)
	}
	return &ebics.PublicKey{Version: s.Version, Key: parsed}, nil
}
