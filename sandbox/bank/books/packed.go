package books

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"time"
)

// Packed is a file as the books keep it: a raw deflate stream, as in a ZIP. An
// order of a hundred thousand payments is a tenth of its size that way, and a
// report about it goes into a ZIP as it is.
type Packed struct {
	Deflated []byte
	Size     int64  // of the file
	CRC      uint32 // CRC-32 (IEEE) of the file
}

// Packer packs what is written to it. Its memory is that of the packed file.
type Packer struct {
	out    bytes.Buffer
	writer *flate.Writer
	sum    hash.Hash32
	size   int64
}

// NewPacker returns an empty Packer.
func NewPacker() *Packer {
	p := &Packer{sum: crc32.NewIEEE()}
	p.writer, _ = flate.NewWriter(&p.out, flate.BestSpeed) // fails for unknown levels only
	return p
}

// Write implements io.Writer; it never returns an error.
func (p *Packer) Write(data []byte) (int, error) {
	_, _ = p.sum.Write(data) // a hash never fails
	p.size += int64(len(data))
	return p.writer.Write(data)
}

// Packed ends the file. The Packer is of no use afterwards.
func (p *Packer) Packed() (Packed, error) {
	if err := p.writer.Close(); err != nil {
		return Packed{}, fmt.Errorf("packing: %w", err)
	}
	return Packed{Deflated: p.out.Bytes(), Size: p.size, CRC: p.sum.Sum32()}, nil
}

// Pack packs a file that is in memory.
func Pack(data []byte) (Packed, error) {
	p := NewPacker()
	if _, err := p.Write(data); err != nil {
		return Packed{}, err
	}
	return p.Packed()
}

// errDamaged says that a file is not what was packed.
var errDamaged = errors.New("the packed file is damaged")

// Open reads the file. At its end it is checked against Size and CRC.
func (p Packed) Open() io.Reader {
	if p.Size == 0 && len(p.Deflated) == 0 {
		return bytes.NewReader(nil)
	}
	return &unpacker{packed: p, inner: io.LimitReader(flate.NewReader(bytes.NewReader(p.Deflated)), p.Size+1), sum: crc32.NewIEEE()}
}

type unpacker struct {
	packed Packed
	inner  io.Reader
	sum    hash.Hash32
	size   int64
}

func (u *unpacker) Read(into []byte) (int, error) {
	n, err := u.inner.Read(into)
	_, _ = u.sum.Write(into[:n]) // a hash never fails
	u.size += int64(n)
	if errors.Is(err, io.EOF) && (u.size != u.packed.Size || u.sum.Sum32() != u.packed.CRC) {
		err = errDamaged
	}
	return n, err
}

// AddTo puts the file into a ZIP under a name, without packing it again.
func (p Packed) AddTo(archive *zip.Writer, name string, at time.Time) error {
	header := &zip.FileHeader{
		Name: name, Method: zip.Deflate, CRC32: p.CRC,
		CompressedSize64: uint64(len(p.Deflated)), UncompressedSize64: uint64(p.Size),
	}
	header.SetModTime(at.UTC()) //nolint:staticcheck // CreateRaw does not look at Modified
	entry, err := archive.CreateRaw(header)
	if err == nil {
		_, err = entry.Write(p.Deflated)
	}
	if err != nil {
		return fmt.Errorf("packing %s: %w", name, err)
	}
	return nil
}
