package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"strconv"
	"sync/atomic"
)

// ErrAltered says that sealed bytes are not what this owner sealed for this place: altered, cut short, moved from elsewhere, or sealed
// by another owner. Which of these cannot be told.
var ErrAltered = errors.New("sealed data was altered or belongs elsewhere")

// Keys seals and opens what belongs to one owner. Sealing adds 29 bytes to a row or page. One owner may seal up to 2^32 rows and as many
// pages (the limit of random nonces under one AES-GCM key). Safe for concurrent use; prints as [redacted].
type Keys struct {
	redacted
	s *keySecrets
}

type keySecrets struct {
	owner       Owner
	row, page   *aead
	body        *key
	fingerprint *key
	// destroyed is set when this process learns that the owner's private key is gone.
	destroyed atomic.Bool
}

func newKeys(owner Owner, dataKey *key) *Keys {
	return &Keys{s: &keySecrets{
		owner:       owner,
		row:         randomGCM(derive(dataKey[:], nil, labelRow)),
		page:        randomGCM(derive(dataKey[:], nil, labelPage)),
		body:        derive(dataKey[:], nil, labelBody),
		fingerprint: derive(dataKey[:], nil, labelFingerprint),
	}}
}

// SealRow encrypts the blob of one row. It opens only as the row with this id of this table of this owner.
func (k *Keys) SealRow(table, id string, plain []byte) []byte {
	return seal(k.s.row, plain, k.s.rowPlace(table, id))
}

// OpenRow decrypts what SealRow made, else ErrAltered; ErrDestroyed once this process knows that the owner's key is gone.
func (k *Keys) OpenRow(table, id string, sealed []byte) ([]byte, error) {
	return k.s.open(k.s.row, sealed, k.s.rowPlace(table, id))
}

// SealPage encrypts one page of a payment file's index. It opens only as the page with this number of this file of this owner.
func (k *Keys) SealPage(file string, number int, plain []byte) []byte {
	return seal(k.s.page, plain, k.s.pagePlace(file, number))
}

// OpenPage decrypts what SealPage made, else ErrAltered; ErrDestroyed once this process knows that the owner's key is gone.
func (k *Keys) OpenPage(file string, number int, sealed []byte) ([]byte, error) {
	return k.s.open(k.s.page, sealed, k.s.pagePlace(file, number))
}

// Fingerprint returns the 32 bytes by which a sealed value of a kind ("iban", "msgid") is looked up: HMAC-SHA256 under a key of the
// owner. Equal values of one kind and one owner give equal fingerprints, nothing else does; without the key no value can be guessed and
// compared. The caller normalises the value first.
func (k *Keys) Fingerprint(kind string, value []byte) []byte {
	m := hmac.New(sha256.New, k.s.fingerprint[:])
	_, _ = m.Write(encode(kind)) // a hash never returns an error
	_, _ = m.Write(value)
	return m.Sum(nil)
}

func (s *keySecrets) rowPlace(table, id string) []byte {
	return encode(labelRow, string(s.owner), table, id)
}

func (s *keySecrets) pagePlace(file string, number int) []byte {
	return encode(labelPage, string(s.owner), file, strconv.Itoa(number))
}

func (s *keySecrets) open(a *aead, sealed, place []byte) ([]byte, error) {
	if s.destroyed.Load() {
		return nil, ErrDestroyed
	}
	return open(a, sealed, place)
}

// seal encrypts plain for a place with an AEAD that draws its own nonces: format (1 byte), nonce (12), ciphertext, tag (16).
func seal(a *aead, plain, place []byte) []byte {
	out := make([]byte, 1, 1+len(plain)+gcmOverhead)
	out[0] = formatV1
	return a.Seal(out, nil, plain, place) //nolint:gosec // the AEAD draws a random nonce itself
}

// open decrypts what seal made for the same place, else ErrAltered.
func open(a *aead, sealed, place []byte) ([]byte, error) {
	if len(sealed) < 1+gcmOverhead || sealed[0] != formatV1 {
		return nil, ErrAltered
	}
	plain, err := a.Open(nil, nil, sealed[1:], place)
	if err != nil {
		return nil, ErrAltered
	}
	return plain, nil
}
