package vault

import (
	"bytes"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Errors that callers may match.
var (
	// ErrDestroyed says that the owner's private key is not in the key store: what the owner had sealed cannot be opened, by nobody.
	ErrDestroyed = errors.New("the owner's key was destroyed")
	// ErrWrongRootKey says that the key store was sealed by another root key than the one given.
	ErrWrongRootKey = errors.New("the key store was sealed by another root key")
	// ErrKeyStoreGone says that the folder of the key store is not there, or is another one: a volume that is not mounted must never
	// look like destroyed keys.
	ErrKeyStoreGone = errors.New("the key store is not there")
)

// Owner says whose key seals something: a tenant's id, or Operator. 1 to 64 letters, digits, hyphens and underscores; it names the
// owner's file in the key store and is the common name of the owner's certificate.
type Owner string

// Operator is the owner of what belongs to no tenant.
const Operator Owner = "operator"

// maxOwner is the longest owner: RFC 5280 allows 64 characters for a common name.
const maxOwner = 64

func (o Owner) check() error {
	if o == "" || len(o) > maxOwner {
		return fmt.Errorf("owner: has %d characters, must have 1 to %d", len(o), maxOwner)
	}
	for _, c := range []byte(o) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
		default:
			return fmt.Errorf("owner: has the character %q, may have letters, digits, hyphens and underscores", c)
		}
	}
	return nil
}

// Names and limits of the files in the key store.
const (
	markerName  = "root.check"
	keySuffix   = ".key"
	maxKeyFile  = 16 << 10
	formatV1    = 1  // the first byte of everything that is sealed here
	certYears   = 20 // nothing is refused afterwards: data may outlive its certificate
	gcmOverhead = 28 // nonce and tag of randomGCM
)

// KeyStore is the folder with the owners' private keys, one file each, sealed by the root key. It lies outside the database and must be
// kept out of the database's backups: a backup that holds both cannot be made unreadable. Several processes may use one folder at the
// same time. Safe for concurrent use; prints as [redacted].
type KeyStore struct {
	redacted
	dir  string
	aead *aead
	// marker is the identity of the marker file that was opened: another or none means another folder.
	marker fs.FileInfo
}

// OpenKeyStore opens the key store in a folder and makes the folder (mode 0700) and its marker file if they are not there. The marker is
// sealed by the root key: with another one OpenKeyStore fails with ErrWrongRootKey. A folder that everybody can write to is refused.
func OpenKeyStore(dir string, root RootKey) (*KeyStore, error) {
	if root.secret == nil {
		return nil, errors.New("open key store: no root key")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open key store: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("open key store: %w", err)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return nil, fmt.Errorf("open key store: everybody can write to %s (mode %04o)", dir, info.Mode().Perm())
	}
	k := &KeyStore{dir: dir, aead: randomGCM(root.derive(labelKeyStore))}
	if err := k.openMarker(); err != nil {
		return nil, fmt.Errorf("open key store %s: %w", dir, err)
	}
	return k, nil
}

func (k *KeyStore) openMarker() error {
	path := filepath.Join(k.dir, markerName)
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		// Of several processes that open a new folder one is first; the others read its marker.
		if err := writeNew(path, seal(k.aead, nil, encode(labelMarker))); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	sealed, info, err := readFile(path)
	if err != nil {
		return err
	}
	if _, err := open(k.aead, sealed, encode(labelMarker)); err != nil {
		return ErrWrongRootKey
	}
	k.marker = info
	return nil
}

// Create makes a key pair (ECDSA P-256) and a self-signed certificate (DER; common name = owner, valid 20 years from now) for an owner
// and stores the private key. It is on disk when Create returns. An owner that has a key keeps it: the error then wraps fs.ErrExist.
func (k *KeyStore) Create(owner Owner, now time.Time) (certificate []byte, err error) {
	if err := owner.check(); err != nil {
		return nil, err
	}
	if err := k.present(); err != nil {
		return nil, err
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("generate key of owner %s: %w", owner, err)
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: string(owner)},
		NotBefore:             now.UTC(),
		NotAfter:              now.UTC().AddDate(certYears, 0, 0),
		KeyUsage:              x509.KeyUsageKeyAgreement,
		BasicConstraintsValid: true,
	}
	certificate, err = x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, fmt.Errorf("make certificate of owner %s: %w", owner, err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encode key of owner %s: %w", owner, err)
	}
	sealed := seal(k.aead, encode(string(certificate), string(pkcs8)), encode(labelPrivateKey, string(owner)))
	if err := writeNew(k.path(owner), sealed); err != nil {
		return nil, fmt.Errorf("store key of owner %s: %w", owner, err)
	}
	return certificate, nil
}

// Certificate returns the certificate (DER) of an owner who has a key, else ErrDestroyed.
func (k *KeyStore) Certificate(owner Owner) ([]byte, error) {
	pair, err := k.load(owner)
	if err != nil {
		return nil, err
	}
	return pair.certificate, nil
}

// Destroy overwrites and removes the owner's private key. When it returns without error this is on disk, and nothing of the owner can be
// opened again. It may be repeated, also after it was killed half way; an owner without a key is no error.
func (k *KeyStore) Destroy(owner Owner) error {
	if err := owner.check(); err != nil {
		return err
	}
	// Without this a key on a volume that is not mounted would be reported as destroyed.
	if err := k.present(); err != nil {
		return err
	}
	// A Create that was killed may have left its temporary file, perhaps as a second name of the same key.
	paths, err := filepath.Glob(filepath.Join(globEscape(k.dir), tempPattern(string(owner)+keySuffix)))
	if err != nil {
		return fmt.Errorf("destroy key of owner %s: %w", owner, err)
	}
	for _, path := range append(paths, k.path(owner)) {
		if err := erase(path); err != nil {
			return fmt.Errorf("destroy key of owner %s: %w", owner, err)
		}
	}
	if err := syncDir(k.dir); err != nil {
		return fmt.Errorf("destroy key of owner %s: %w", owner, err)
	}
	return nil
}

func (k *KeyStore) path(owner Owner) string { return filepath.Join(k.dir, string(owner)+keySuffix) }

// present checks that the folder is still the one that was opened.
func (k *KeyStore) present() error {
	info, err := os.Lstat(filepath.Join(k.dir, markerName))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(info, k.marker) {
		return fmt.Errorf("%s: %w", k.dir, ErrKeyStoreGone)
	}
	return err
}

// stat returns the identity of the owner's key file, else ErrDestroyed.
func (k *KeyStore) stat(owner Owner) (fs.FileInfo, error) {
	info, err := os.Lstat(k.path(owner))
	if err != nil {
		return nil, k.missing(owner, err)
	}
	return info, nil
}

// missing says what it means that an owner's file could not be found or read.
func (k *KeyStore) missing(owner Owner, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("key of owner %s: %w", owner, err)
	}
	if err := k.present(); err != nil {
		return err
	}
	return fmt.Errorf("owner %s: %w", owner, ErrDestroyed)
}

// keyPair is an owner's opened file.
type keyPair struct {
	certificate []byte
	private     *ecdh.PrivateKey
	file        fs.FileInfo
}

func (k *KeyStore) load(owner Owner) (*keyPair, error) {
	if err := owner.check(); err != nil {
		return nil, err
	}
	sealed, info, err := readFile(k.path(owner))
	if err != nil {
		return nil, k.missing(owner, err)
	}
	// A Destroy that was killed between overwriting and removing: the key is gone all the same.
	if len(bytes.Trim(sealed, "\x00")) == 0 {
		return nil, fmt.Errorf("owner %s: %w", owner, ErrDestroyed)
	}
	plain, err := open(k.aead, sealed, encode(labelPrivateKey, string(owner)))
	if err != nil {
		return nil, fmt.Errorf("key file of owner %s: %w", owner, err)
	}
	pair, err := parseKeyPair(plain)
	if err != nil {
		return nil, fmt.Errorf("key file of owner %s: %w", owner, err)
	}
	pair.file = info
	return pair, nil
}

// parseKeyPair reads what Create encoded: certificate and private key (PKCS #8), each after its length.
func parseKeyPair(plain []byte) (*keyPair, error) {
	var fields [2][]byte
	for i := range fields {
		if len(plain) < 4 {
			return nil, errors.New("is cut short")
		}
		n := binary.BigEndian.Uint32(plain)
		if plain = plain[4:]; uint64(n) > uint64(len(plain)) {
			return nil, errors.New("is cut short")
		}
		fields[i], plain = plain[:n], plain[n:]
	}
	parsed, err := x509.ParsePKCS8PrivateKey(fields[1])
	if err != nil {
		return nil, fmt.Errorf("parse private key: %w", err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("private key is a %T, not ECDSA", parsed)
	}
	exchange, err := private.ECDH()
	if err != nil {
		return nil, fmt.Errorf("private key: %w", err)
	}
	return &keyPair{certificate: fields[0], private: exchange}, nil
}

// readFile reads a small file of the key store and its identity.
func readFile(path string) (_ []byte, _ fs.FileInfo, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxKeyFile {
		return nil, nil, fmt.Errorf("%s is not a file of at most %d bytes", path, maxKeyFile)
	}
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	return b, info, err
}

// globEscape makes a folder's name match itself only.
func globEscape(dir string) string {
	var b bytes.Buffer
	for _, c := range []byte(dir) {
		if c == '*' || c == '?' || c == '[' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(c)
	}
	return b.String()
}
