package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// ChunkSize is how many plain bytes of a body are sealed together, at most.
const ChunkSize = 256 << 10

const (
	saltSize    = 16
	chunkHeader = 1 + saltSize // format and salt, before the ciphertext
	// maxSealed is the largest sealed chunk: zstd stores what does not compress in blocks with 3 bytes of header each, after a frame
	// header of at most 18.
	maxSealed = chunkHeader + ChunkSize + 1024 + 16
)

// BodySealer seals the chunks of one body in their order. Each sealer has a key of its own, derived from the owner's body key, the body
// id and a random salt that every chunk carries: should one id ever be sealed twice, no nonce repeats. Not safe for concurrent use;
// prints as [redacted].
type BodySealer struct {
	redacted
	owner Owner
	id    string
	salt  []byte
	aead  *aead
	next  int
	done  bool
}

// BodySealer returns a new sealer for a body. All chunks of a body must come from one sealer: a BodyOpener refuses a mixture.
func (k *Keys) BodySealer(bodyID string) *BodySealer {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails: it ends the process instead
	return &BodySealer{owner: k.s.owner, id: bodyID, salt: salt, aead: k.s.bodyAEAD(bodyID, salt)}
}

// SealChunk compresses (zstd) and encrypts a chunk of at most ChunkSize bytes. Numbers count from 0 without a gap, and one chunk is the
// last: a body of no bytes is one empty last chunk. Anything else is a fault of the program, would cost the secrecy of the body, and
// panics.
func (s *BodySealer) SealChunk(number int, last bool, plain []byte) []byte {
	if number != s.next || s.done || !validNumber(number) || len(plain) > ChunkSize {
		panic(fmt.Sprintf("vault: chunk %d of %d bytes of a body sealed out of order or too large", number, len(plain)))
	}
	s.next, s.done = number+1, last
	scratch := scratchPool.Get().(*[]byte)
	packed := zstdEncoder().EncodeAll(plain, (*scratch)[:0])
	out := make([]byte, 0, chunkHeader+len(packed)+s.aead.Overhead())
	out = append(append(out, formatV1), s.salt...)
	out = s.aead.Seal(out, chunkNonce(number, last), packed, chunkPlace(s.owner, s.id, number, last))
	*scratch = packed
	scratchPool.Put(scratch)
	return out
}

// BodyOpener opens the chunks of one body, in any order. Safe for concurrent use; prints as [redacted].
type BodyOpener struct {
	redacted
	keys *keySecrets
	id   string

	mu sync.Mutex
	// salt and aead are those of the first chunk that opened.
	salt []byte
	aead *aead
}

// BodyOpener returns an opener for a body.
func (k *Keys) BodyOpener(bodyID string) *BodyOpener { return &BodyOpener{keys: k.s, id: bodyID} }

// OpenChunk decrypts and inflates what SealChunk made of this chunk of this body, at most ChunkSize bytes, else ErrAltered; ErrDestroyed
// once this process knows that the owner's key is gone. The caller says from its own books which chunk is the last, so that a body cut
// at a chunk's end is refused.
func (o *BodyOpener) OpenChunk(number int, last bool, sealed []byte) ([]byte, error) {
	if o.keys.destroyed.Load() {
		return nil, ErrDestroyed
	}
	if !validNumber(number) || len(sealed) < chunkHeader || len(sealed) > maxSealed || sealed[0] != formatV1 {
		return nil, ErrAltered
	}
	salt := sealed[1:chunkHeader]
	a, ok := o.aeadFor(salt)
	if !ok {
		return nil, ErrAltered
	}
	scratch := scratchPool.Get().(*[]byte)
	defer scratchPool.Put(scratch)
	packed, err := a.Open((*scratch)[:0], chunkNonce(number, last), sealed[chunkHeader:], chunkPlace(o.keys.owner, o.id, number, last))
	if err != nil || !o.settle(salt, a) {
		return nil, ErrAltered
	}
	*scratch = packed
	plain, err := zstdDecoder().DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("inflate chunk: %w", err)
	}
	return plain, nil
}

// aeadFor returns the cipher for a salt, if it is the one of the body's other chunks or no chunk has been opened yet.
func (o *BodyOpener) aeadFor(salt []byte) (*aead, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.salt != nil {
		return o.aead, bytes.Equal(o.salt, salt)
	}
	return o.keys.bodyAEAD(o.id, salt), true
}

// settle notes the salt of the first chunk that opened. It is false if another goroutine has settled on another salt meanwhile.
func (o *BodyOpener) settle(salt []byte, a *aead) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.salt == nil {
		o.salt, o.aead = bytes.Clone(salt), a
	}
	return bytes.Equal(o.salt, salt)
}

func (s *keySecrets) bodyAEAD(bodyID string, salt []byte) *aead {
	return gcm(derive(s.body[:], salt, labelBody, string(s.owner), bodyID))
}

func validNumber(number int) bool { return number >= 0 && int64(number) <= math.MaxUint32 }

// chunkNonce is 7 zeros, the number (4 bytes, big endian) and the last flag: a last chunk never has the nonce of any other.
func chunkNonce(number int, last bool) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint32(n[7:], uint32(number))
	if last {
		n[11] = 1
	}
	return n
}

func chunkPlace(owner Owner, bodyID string, number int, last bool) []byte {
	return encode(labelBody, string(owner), bodyID, strconv.Itoa(number), strconv.FormatBool(last))
}

// scratchPool holds buffers for compressed chunks.
var scratchPool = sync.Pool{New: func() any {
	b := make([]byte, 0, maxSealed)
	return &b
}}

// zstdEncoder is shared: EncodeAll takes one of its pooled encoders, one per CPU, and starts no goroutine. There is no checksum since the
// tag of GCM covers the compressed bytes.
var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(ChunkSize), zstd.WithEncoderCRC(false))
	if err != nil {
		panic(fmt.Sprintf("vault: zstd options: %v", err)) // the options are constant
	}
	return e
})

// zstdDecoder is shared like zstdEncoder; it inflates to ChunkSize and no further, whatever the compressed bytes promise.
var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(ChunkSize), zstd.WithDecoderMaxWindow(ChunkSize))
	if err != nil {
		panic(fmt.Sprintf("vault: zstd options: %v", err)) // the options are constant
	}
	return d
})
