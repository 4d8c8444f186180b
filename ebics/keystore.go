package ebics

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"fmt"
)

// storedKey is one key in the binary form: JSON, so that a stored key can be
// read without this program.
type storedKey struct {
	Version     string `json:"version"`
	Private     []byte `json:"pkcs8,omitempty"`
	Public      []byte `json:"pkix,omitempty"`
	Certificate []byte `json:"x509,omitempty"` // DER
}

// certificate parses the stored certificate, if there is one.
func (s storedKey) certificate() (*x509.Certificate, error) {
	if len(s.Certificate) == 0 {
		return nil, nil //nolint:nilnil // a key without a certificate is nothing wrong
	}
	c, err := x509.ParseCertificate(s.Certificate)
	if err != nil {
		return nil, fmt.Errorf("read stored %s certificate: %w", clip(s.Version), err)
	}
	return c, nil
}

func certificateDER(c *x509.Certificate) []byte {
	if c == nil {
		return nil
	}
	return c.Raw
}

// MarshalBinary stores the keys as PKIX.
func (k BankPublicKeys) MarshalBinary() ([]byte, error) {
	var stored []storedKey
	for _, key := range []PublicKey{k.Authentication, k.Encryption} {
		if err := key.Check(); err != nil {
			return nil, fmt.Errorf("store bank keys: %w", err)
		}
		der, err := x509.MarshalPKIXPublicKey(key.Key)
		if err != nil {
			return nil, fmt.Errorf("store %s key: %w", key.Version, err)
		}
		stored = append(stored, storedKey{Version: key.Version, Public: der, Certificate: certificateDER(key.Certificate)})
	}
	return json.Marshal(stored)
}

// UnmarshalBinary reads what MarshalBinary wrote and checks it.
func (k *BankPublicKeys) UnmarshalBinary(data []byte) error {
	stored, err := unmarshalStored(data, 2)
	if err != nil {
		return err
	}
	var keys [2]PublicKey
	for i, s := range stored {
		parsed, err := x509.ParsePKIXPublicKey(s.Public)
		if err != nil {
			return fmt.Errorf("read stored %s key: %w", clip(s.Version), err)
		}
		key, ok := parsed.(*rsa.PublicKey)
		if !ok {
			return fmt.Errorf("read stored %s key: not an RSA key", clip(s.Version))
		}
		certificate, err := s.certificate()
		if err != nil {
			return err
		}
		keys[i] = PublicKey{Version: s.Version, Key: key, Certificate: certificate}
	}
	read := BankPublicKeys{Authentication: keys[0], Encryption: keys[1]}
	if err := read.Check(); err != nil {
		return err
	}
	*k = read
	return nil
}

func marshalPairs(pairs ...KeyPair) ([]byte, error) {
	var stored []storedKey
	for _, pair := range pairs {
		if err := pair.Public().Check(); err != nil {
			return nil, fmt.Errorf("store keys: %w", err)
		}
		der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
		if err != nil {
			return nil, fmt.Errorf("store %s key: %w", pair.Version, err)
		}
		stored = append(stored, storedKey{Version: pair.Version, Private: der, Certificate: certificateDER(pair.Certificate)})
	}
	return json.Marshal(stored)
}

func unmarshalPairs(data []byte, count int) ([]KeyPair, error) {
	stored, err := unmarshalStored(data, count)
	if err != nil {
		return nil, err
	}
	pairs := make([]KeyPair, count)
	for i, s := range stored {
		// The parser's own message may quote key material; it is dropped.
		parsed, err := x509.ParsePKCS8PrivateKey(s.Private)
		if err != nil {
			return nil, fmt.Errorf("read stored %s key: not a PKCS#8 key", clip(s.Version))
		}
		key, ok := parsed.(*rsa.PrivateKey)
		if !ok {
			return nil, fmt.Errorf("read stored %s key: not an RSA key", clip(s.Version))
		}
		certificate, err := s.certificate()
		if err != nil {
			return nil, err
		}
		pairs[i] = KeyPair{Version: s.Version, Key: key, Certificate: certificate}
	}
	return pairs, nil
}

func unmarshalStored(data []byte, count int) ([]storedKey, error) {
	var stored []storedKey
	if err := json.Unmarshal(data, &stored); err != nil || len(stored) != count {
		return nil, fmt.Errorf("read stored keys: not %d keys in the stored form", count)
	}
	return stored, nil
}
