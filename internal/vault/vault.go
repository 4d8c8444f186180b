package vault

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"time"
)

// wrappedSize is the size of a wrapped data key: format, encapsulated key (an uncompressed P-256 point), data key, tag.
const wrappedSize = 1 + 65 + keySize + 16

// Vault wraps and unwraps data keys and gives out the keys that follow from them. Safe for concurrent use; prints as [redacted].
type Vault struct {
	redacted
	store *KeyStore
	root  RootKey

	mu sync.Mutex
	// cache holds the opened keys of every owner that was asked for, until the owner's file is gone: some 4 KiB each.
	cache map[Owner]*opened
}

// opened is a data key that was unwrapped, and what must be unchanged for it to be used again.
type opened struct {
	wrapped []byte
	file    fs.FileInfo
	keys    *Keys
}

// New returns a vault over a key store. The root key must be the one the key store was opened with.
func New(k *KeyStore, root RootKey) *Vault {
	return &Vault{store: k, root: root, cache: make(map[Owner]*opened)}
}

// CreateOwner makes the owner's key pair and returns the certificate (DER), as KeyStore.Create does. An owner who has a key pair already
// keeps it and its certificate is returned: a process that was killed after this call and before the commit that needs it can repeat
// both.
func (v *Vault) CreateOwner(owner Owner, now time.Time) (certificate []byte, err error) {
	certificate, err = v.store.Create(owner, now)
	if errors.Is(err, fs.ErrExist) {
		return v.store.Certificate(owner)
	}
	return certificate, err
}

// DestroyOwner destroys the owner's private key, as KeyStore.Destroy does, and forgets the opened keys. Keys that were handed out open
// nothing any more.
func (v *Vault) DestroyOwner(owner Owner) error {
	err := v.store.Destroy(owner)
	if err == nil {
		v.forget(owner)
	}
	return err
}

// NewDataKey makes a data key for an owner and returns it wrapped to the owner's certificate (DER, ECDSA P-256, common name = owner):
// RFC 9180 base mode with DHKEM(P-256, HKDF-SHA256), HKDF-SHA256 and AES-256-GCM, bound to the owner.
func (v *Vault) NewDataKey(certificate []byte, owner Owner) (wrapped []byte, err error) {
	public, err := parseCertificate(certificate, owner)
	if err != nil {
		return nil, fmt.Errorf("certificate of owner %s: %w", owner, err)
	}
	recipient, err := hpke.NewDHKEMPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("certificate of owner %s: %w", owner, err)
	}
	var k key
	_, _ = rand.Read(k[:]) // never fails: it ends the process instead
	sealed, err := hpke.Seal(recipient, hpke.HKDFSHA256(), hpke.AES256GCM(), encode(labelDataKey, string(owner)), k[:])
	if err != nil {
		return nil, fmt.Errorf("wrap data key of owner %s: %w", owner, err)
	}
	return append([]byte{formatV1}, sealed...), nil
}

func parseCertificate(der []byte, owner Owner) (*ecdh.PublicKey, error) {
	if err := owner.check(); err != nil {
		return nil, err
	}
	if len(der) > maxKeyFile {
		return nil, fmt.Errorf("is longer than %d bytes", maxKeyFile)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if c.Subject.CommonName != string(owner) {
		return nil, errors.New("is the certificate of another owner")
	}
	public, ok := c.PublicKey.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("has a %T, not an ECDSA key", c.PublicKey)
	}
	exchange, err := public.ECDH()
	if err != nil {
		return nil, err
	}
	if exchange.Curve() != ecdh.P256() {
		return nil, errors.New("is not on the curve P-256")
	}
	return exchange, nil
}

// Keys unwraps an owner's data key with the private key from the key store. It fails with ErrDestroyed if the private key is gone, with
// ErrAltered if the wrapped key was not made for this owner, and with ErrKeyStoreGone if the key store is not there. Opened keys are
// remembered, but every call asks for the owner's file first: a Destroy by another process takes effect with the next call. Ask for the
// keys per transaction and do not keep them.
func (v *Vault) Keys(owner Owner, wrapped []byte) (*Keys, error) {
	if err := owner.check(); err != nil {
		return nil, err
	}
	file, err := v.store.stat(owner)
	if err != nil {
		if errors.Is(err, ErrDestroyed) {
			v.forget(owner)
		}
		return nil, err
	}
	v.mu.Lock()
	c := v.cache[owner]
	v.mu.Unlock()
	if c != nil && c.isStill(file) && bytes.Equal(c.wrapped, wrapped) {
		return c.keys, nil
	}
	return v.unwrap(owner, wrapped)
}

// isStill says whether the owner's file is the one that was read: same file, size and time of writing.
func (c *opened) isStill(file fs.FileInfo) bool {
	return os.SameFile(c.file, file) && c.file.Size() == file.Size() && c.file.ModTime().Equal(file.ModTime())
}

func (v *Vault) unwrap(owner Owner, wrapped []byte) (*Keys, error) {
	if len(wrapped) != wrappedSize || wrapped[0] != formatV1 {
		return nil, fmt.Errorf("data key of owner %s: %w", owner, ErrAltered)
	}
	pair, err := v.store.load(owner)
	if err != nil {
		if errors.Is(err, ErrDestroyed) {
			v.forget(owner)
		}
		return nil, err
	}
	private, err := hpke.NewDHKEMPrivateKey(pair.private)
	if err != nil {
		return nil, fmt.Errorf("key of owner %s: %w", owner, err)
	}
	plain, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES256GCM(), encode(labelDataKey, string(owner)), wrapped[1:])
	if err != nil || len(plain) != keySize {
		return nil, fmt.Errorf("data key of owner %s: %w", owner, ErrAltered)
	}
	keys := newKeys(owner, (*key)(plain))
	clear(plain)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cache[owner] = &opened{wrapped: bytes.Clone(wrapped), file: pair.file, keys: keys}
	return keys, nil
}

func (v *Vault) forget(owner Owner) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c := v.cache[owner]; c != nil {
		c.keys.s.destroyed.Store(true)
		delete(v.cache, owner)
	}
}

// Pepper returns 32 bytes that follow from the root key and the purpose ("api-key", "access-token", "audit-head"): the secret ingredient
// of keyed hashes that belong to no owner. The slice is the caller's own; it is a secret and must not be logged or stored.
func (v *Vault) Pepper(purpose string) []byte { return v.root.derive(labelPepper, purpose)[:] }
