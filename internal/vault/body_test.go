package vault

import (
	"bytes"
	"crypto/cipher"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// noise is incompressible and the same in every run.
func noise(n int) []byte {
	b := make([]byte, n)
	cipher.NewCTR(mustBlock(&key{1}), make([]byte, 16)).XORKeyStream(b, b)
	return b
}

func sealBody(k *Keys, id string, chunks ...[]byte) [][]byte {
	s := k.BodySealer(id)
	var sealed [][]byte
	for i, c := range chunks {
		sealed = append(sealed, s.SealChunk(i, i == len(chunks)-1, c))
	}
	return sealed
}

func TestChunksOpenAsTheyWereSealed(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	rows := []struct {
		name   string
		chunks [][]byte
	}{
		{"empty body", [][]byte{nil}},
		{"one byte", [][]byte{{'<'}}},
		{"full chunks that compress well", [][]byte{make([]byte, ChunkSize), make([]byte, ChunkSize)}},
		{"full chunk that does not compress", [][]byte{noise(ChunkSize), noise(ChunkSize - 1)}},
		{"full chunk before an empty last", [][]byte{bytes.Repeat([]byte("<Ccy>EUR</Ccy>\n"), ChunkSize/15), nil}},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			sealed, opener := sealBody(k, "b", r.chunks...), k.BodyOpener("b")
			for i := len(sealed) - 1; i >= 0; i-- { // any order will do
				if len(sealed[i]) > maxSealed {
					t.Fatalf("chunk %d has %d bytes, over the limit of the opener", i, len(sealed[i]))
				}
				got, err := opener.OpenChunk(i, i == len(sealed)-1, sealed[i])
				if err != nil || !bytes.Equal(got, r.chunks[i]) {
					t.Fatalf("chunk %d: %d bytes, %v", i, len(got), err)
				}
			}
		})
	}
}

func TestChunksAreCompressed(t *testing.T) {
	sealed := sealBody(newOwnerKeys(t, tenantA), "b", bytes.Repeat([]byte("<Ccy>EUR</Ccy>\n"), ChunkSize/15))
	if len(sealed[0]) > ChunkSize/100 {
		t.Fatalf("%d bytes", len(sealed[0]))
	}
}

func TestChunksOpenInTheirPlaceOnly(t *testing.T) {
	a, b := newOwnerKeys(t, tenantA), newOwnerKeys(t, tenantB)
	var dataKey key
	renamed := newKeys(tenantB, &dataKey)
	renamedChunk := sealBody(newKeys(tenantA, &dataKey), "x", []byte("0"))[0]
	x := sealBody(a, "x", []byte("0"), []byte("1"), []byte("2"))
	again := sealBody(a, "x", []byte("0"), []byte("1"), []byte("2"))
	y := sealBody(a, "y", []byte("0"), []byte("1"), []byte("2"))
	openBoth := func(first, second []byte) ([]byte, error) {
		o := a.BodyOpener("x")
		if _, err := o.OpenChunk(0, false, first); err != nil {
			return nil, err
		}
		return o.OpenChunk(1, false, second)
	}
	rows := []struct {
		name string
		open func() ([]byte, error)
		ok   bool
	}{
		{"in its place", func() ([]byte, error) { return openBoth(x[0], x[1]) }, true},
		{"two chunks exchanged", func() ([]byte, error) { return openBoth(x[1], x[0]) }, false},
		{"the second is the first again", func() ([]byte, error) { return openBoth(x[0], x[0]) }, false},
		{"a chunk left out", func() ([]byte, error) { return openBoth(x[0], x[2]) }, false},
		{"of another body", func() ([]byte, error) { return openBoth(x[0], y[1]) }, false},
		{"of another sealing of the same body", func() ([]byte, error) { return openBoth(x[0], again[1]) }, false},
		{"of another owner", func() ([]byte, error) { return b.BodyOpener("x").OpenChunk(0, false, x[0]) }, false},
		{"of a renamed owner", func() ([]byte, error) { return renamed.BodyOpener("x").OpenChunk(0, true, renamedChunk) }, false},
		{"the last chunk", func() ([]byte, error) { return a.BodyOpener("x").OpenChunk(2, true, x[2]) }, true},
		{"the last chunk as one before", func() ([]byte, error) { return a.BodyOpener("x").OpenChunk(2, false, x[2]) }, false},
		{"the body without its last chunk", func() ([]byte, error) { return a.BodyOpener("x").OpenChunk(1, true, x[1]) }, false},
		{"a negative number", func() ([]byte, error) { return a.BodyOpener("x").OpenChunk(-1, false, x[0]) }, false},
		{"a number that wraps round to 0", func() ([]byte, error) { return a.BodyOpener("x").OpenChunk(math.MaxUint32+1, false, x[0]) }, false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := r.open()
			if r.ok && err != nil {
				t.Fatal(err)
			}
			if !r.ok && (!errors.Is(err, ErrAltered) || got != nil) {
				t.Fatalf("%q, %v, want ErrAltered", got, err)
			}
		})
	}
}

func TestAlteredChunksAreRefused(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	sealed := sealBody(k, "b", []byte("<Nm>Erika Mustermann</Nm>"))[0]
	everyAlteration(sealed, func(what string, at int, bad []byte) {
		if _, err := k.BodyOpener("b").OpenChunk(0, true, bad); !errors.Is(err, ErrAltered) {
			t.Fatalf("%s at %d: %v, want ErrAltered", what, at, err)
		}
	})
	if _, err := k.BodyOpener("b").OpenChunk(0, true, make([]byte, maxSealed+1)); !errors.Is(err, ErrAltered) {
		t.Fatalf("too large: %v, want ErrAltered", err)
	}
}

// An altered first chunk must not make the opener refuse the good ones.
func TestOpenerSettlesOnChunksThatOpened(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	sealed := sealBody(k, "b", []byte("0"), []byte("1"))
	bad := bytes.Clone(sealed[0])
	bad[1] ^= 1 // the salt
	o := k.BodyOpener("b")
	if _, err := o.OpenChunk(0, false, bad); !errors.Is(err, ErrAltered) {
		t.Fatalf("error %v, want ErrAltered", err)
	}
	if _, err := o.OpenChunk(0, false, sealed[0]); err != nil {
		t.Fatal(err)
	}
}

// Even a chunk with a good seal inflates to ChunkSize and no further: a fault in another version must not fill the memory.
func TestInflatedSizeIsLimited(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	sealPacked := func(packed []byte) []byte {
		s := k.BodySealer("b")
		out := append([]byte{formatV1}, s.salt...)
		return s.aead.Seal(out, chunkNonce(0, true), packed, chunkPlace(tenantA, "b", 0, true))
	}
	encoder, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	var stream bytes.Buffer // written as a stream, the frame does not say its size
	w, err := zstd.NewWriter(&stream, zstd.WithWindowSize(ChunkSize), zstd.WithEncoderConcurrency(1))
	if err != nil {
		t.Fatal(err)
	}
	for range 64 {
		if _, err := w.Write(make([]byte, ChunkSize)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w256, err := zstd.NewWriter(nil, zstd.WithWindowSize(ChunkSize))
	if err != nil {
		t.Fatal(err)
	}
	full := encoder.EncodeAll(make([]byte, ChunkSize), nil)
	rows := []struct {
		name   string
		packed []byte
		want   error // of the decoder, so that it is the decoder that stops
	}{
		{"one byte more", encoder.EncodeAll(make([]byte, ChunkSize+1), nil), zstd.ErrDecoderSizeExceeded},
		{"one byte more in a small window", w256.EncodeAll(make([]byte, ChunkSize+1), nil), zstd.ErrDecoderSizeExceeded},
		{"a bomb", encoder.EncodeAll(make([]byte, 64*ChunkSize), nil), zstd.ErrWindowSizeExceeded},
		{"a bomb of unknown size", stream.Bytes(), zstd.ErrDecoderSizeExceeded},
		{"two frames", append(bytes.Clone(full), full...), zstd.ErrDecoderSizeExceeded},
		{"no zstd", []byte("no zstd at all"), zstd.ErrMagicMismatch},
		{"a frame that is cut short", full[:len(full)-2], io.ErrUnexpectedEOF},
	}
	for _, r := range rows {
		got, err := k.BodyOpener("b").OpenChunk(0, true, sealPacked(r.packed))
		if !errors.Is(err, r.want) || got != nil {
			t.Errorf("%s: %d bytes, %v, want %v", r.name, len(got), err, r.want)
		}
	}
	if got, err := k.BodyOpener("b").OpenChunk(0, true, sealPacked(full)); err != nil || len(got) != ChunkSize {
		t.Errorf("a full chunk: %d bytes, %v", len(got), err)
	}
}

// A number sealed twice would repeat a nonce, which gives away both chunks.
func TestSealingOutOfOrderPanics(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	rows := []struct {
		name string
		seal func(s *BodySealer)
	}{
		{"twice", func(s *BodySealer) { s.SealChunk(0, false, nil); s.SealChunk(0, false, nil) }},
		{"with a gap", func(s *BodySealer) { s.SealChunk(1, false, nil) }},
		{"after the last", func(s *BodySealer) { s.SealChunk(0, true, nil); s.SealChunk(1, true, nil) }},
		{"too large", func(s *BodySealer) { s.SealChunk(0, true, make([]byte, ChunkSize+1)) }},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Fatal("accepted")
				}
			}()
			r.seal(k.BodySealer("b"))
		})
	}
}

func chunkSeeds(k *Keys) [][]byte {
	good := sealBody(k, "b", []byte("<Document/>"))[0]
	return [][]byte{good, good[:chunkHeader], good[:len(good)-1], nil, {formatV1}, make([]byte, chunkHeader+16)}
}

// Whatever the bytes, what opens is what was sealed.
func FuzzOpenChunk(f *testing.F) {
	k := newKeys(tenantA, &key{1})
	for _, s := range chunkSeeds(k) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sealed []byte) {
		plain, err := k.BodyOpener("b").OpenChunk(0, true, sealed)
		if err == nil && string(plain) != "<Document/>" {
			t.Fatalf("opened as %q", plain)
		}
	})
}
