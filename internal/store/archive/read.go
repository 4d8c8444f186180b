package archive

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// Reader reads a backup that was found whole.
type Reader struct {
	Manifest Manifest

	source io.ReadSeeker
	blocks *blocks
	next   int // index of the table that comes next
	data   *tableData
	packed *zstd.Decoder
	rows   *bufio.Reader
	read   int64 // rows of the table
}

// Open reads the whole backup and compares it with its manifest, and the manifest with its MAC. Only then it can be read from. What is
// wrong is told by an error that is ErrDamaged.
func Open(r io.ReadSeeker, key []byte) (*Reader, error) {
	m, err := verify(r, key)
	if err != nil {
		return nil, err
	}
	packed, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20))
	if err != nil {
		return nil, err
	}
	a := &Reader{Manifest: m, source: r, packed: packed}
	return a, a.Rewind()
}

// Close frees what reading needed. It does not close what is below.
func (a *Reader) Close() { a.packed.Close() }

// Rewind goes back to before the first table.
func (a *Reader) Rewind() error {
	b, err := begin(a.source)
	a.blocks, a.next, a.data, a.rows = b, 0, nil, nil
	return err
}

// Next goes to the next table, whose rows must have been read before; io.EOF after the last.
func (a *Reader) Next() (Table, error) {
	if a.next == len(a.Manifest.Tables) {
		return Table{}, io.EOF
	}
	kind, head, err := a.blocks.next()
	if err != nil {
		return Table{}, err
	}
	t := a.Manifest.Tables[a.next]
	if kind != blockTable {
		return t, damaged("table %s is not where it was", t.Name)
	}
	a.next++
	a.data = &tableData{blocks: a.blocks, digest: sha256.New()}
	a.data.digest.Write(head)
	if err := a.packed.Reset(a.data); err != nil {
		return t, damaged("table %s: %v", t.Name, err)
	}
	a.rows = bufio.NewReaderSize(a.packed, 256<<10)
	a.read = 0
	return t, nil
}

// Row returns the next row of the table; io.EOF after the last, when the table has been found to be what it was when the backup was opened.
func (a *Reader) Row() ([]any, error) {
	t := a.Manifest.Tables[a.next-1]
	row, err := a.row(t)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrDamaged) {
		err = damaged("table %s, row %d: %v", t.Name, a.read+1, err)
	}
	return row, err
}

func (a *Reader) row(t Table) ([]any, error) {
	more, err := a.rows.ReadByte()
	if err != nil {
		return nil, noEnd(err)
	}
	if more == 0 {
		if _, err := io.Copy(io.Discard, a.rows); err != nil {
			return nil, noEnd(err)
		}
		if !a.data.ended || hex.EncodeToString(a.data.digest.Sum(nil)) != t.SHA256 || a.read != t.Rows {
			return nil, damaged("table %s has changed since it was verified", t.Name)
		}
		return nil, io.EOF
	}
	row := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		if row[i], err = a.value(c.Kind); err != nil {
			return nil, noEnd(err)
		}
	}
	a.read++
	return row, nil
}

// noEnd makes an end within a row an error.
func noEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (a *Reader) value(k Kind) (any, error) {
	if k == Number {
		return binary.ReadVarint(a.rows)
	}
	n, err := binary.ReadUvarint(a.rows)
	if err != nil {
		return nil, err
	}
	if n > maxValue {
		return nil, fmt.Errorf("a value of %d bytes", n)
	}
	raw := make([]byte, n)
	if _, err := io.ReadFull(a.rows, raw); err != nil {
		return nil, err
	}
	if k == Text {
		return string(raw), nil
	}
	return raw, nil
}

// tableData is the compressed stream of a table, put together from its blocks.
type tableData struct {
	blocks *blocks
	digest hash.Hash
	piece  []byte
	ended  bool
}

func (d *tableData) Read(p []byte) (int, error) {
	for len(d.piece) == 0 {
		if d.ended {
			return 0, io.EOF
		}
		kind, payload, err := d.blocks.next()
		switch {
		case err != nil:
			return 0, err
		case kind == blockEnd:
			d.ended = true
		case kind == blockData:
			d.digest.Write(payload)
			d.piece = payload
		default:
			return 0, errors.New("a block that does not belong here")
		}
	}
	n := copy(p, d.piece)
	d.piece = d.piece[n:]
	return n, nil
}

// blocks reads block after block.
type blocks struct {
	in     *bufio.Reader
	at     int64
	within string // what is being read, for messages
	buffer []byte
}

func begin(r io.ReadSeeker) (*blocks, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	b := &blocks{in: bufio.NewReaderSize(r, 256<<10), within: "before the first table"}
	first := make([]byte, len(magic))
	n, err := io.ReadFull(b.in, first)
	switch {
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		return nil, fmt.Errorf("read backup: %w", err)
	case string(first) == magic:
	case n > 0 && n < len(magic) && strings.HasPrefix(magic, string(first[:n])):
		return nil, damaged("it is cut off after %d bytes", n)
	case bytes.HasPrefix(first, []byte("kontor backup ")):
		return nil, damaged("it has a format that this program does not know: use the program that made it, or a newer one")
	default:
		return nil, damaged("this is no backup of Kontor")
	}
	b.at = int64(len(magic))
	return b, nil
}

// next returns the next block; its payload is good until the call after.
func (b *blocks) next() (kind byte, payload []byte, err error) {
	var header [headerBytes]byte
	if _, err := io.ReadFull(b.in, header[:]); err != nil {
		return 0, nil, b.ended(err)
	}
	n := int(binary.BigEndian.Uint32(header[1:]))
	if n > maxBlock || !strings.ContainsRune("TDEMA", rune(header[0])) {
		return 0, nil, damaged("byte %d, %s, was changed", b.at, b.within)
	}
	if cap(b.buffer) < n {
		b.buffer = make([]byte, n)
	}
	if _, err := io.ReadFull(b.in, b.buffer[:n]); err != nil {
		return 0, nil, b.ended(err)
	}
	b.at += int64(headerBytes + n)
	return header[0], b.buffer[:n], nil
}

func (b *blocks) ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return damaged("it is cut off after byte %d, %s", b.at, b.within)
	}
	return fmt.Errorf("read backup: %w", err)
}

// found is a table as it lies in the file.
type found struct {
	name   string
	head   []byte
	digest string
}

// verify reads everything once.
func verify(r io.ReadSeeker, key []byte) (Manifest, error) {
	b, err := begin(r)
	if err != nil {
		return Manifest{}, err
	}
	var tables []found
	for {
		kind, payload, err := b.next()
		if err != nil {
			return Manifest{}, err
		}
		switch {
		case kind == blockTable && len(tables) < maxTables:
			t, err := b.table(payload)
			if err != nil {
				return Manifest{}, err
			}
			tables = append(tables, t)
		case kind == blockManifest:
			return b.manifest(bytes.Clone(payload), tables, key)
		default:
			return Manifest{}, damaged("byte %d, %s, was changed", b.at, b.within)
		}
	}
}

func (b *blocks) table(head []byte) (found, error) {
	var t Table
	if err := json.Unmarshal(head, &t); err != nil {
		return found{}, damaged("byte %d, %s, was changed: %v", b.at, b.within, err)
	}
	f := found{name: t.Name, head: bytes.Clone(head)}
	b.within = "in table " + t.Name
	digest := sha256.New()
	digest.Write(f.head)
	for {
		kind, payload, err := b.next()
		switch {
		case err != nil:
			return f, err
		case kind == blockData:
			digest.Write(payload)
		case kind == blockEnd && len(payload) == 0:
			f.digest = hex.EncodeToString(digest.Sum(nil))
			b.within = "after table " + t.Name
			return f, nil
		default:
			return f, damaged("byte %d, %s, was changed", b.at, b.within)
		}
	}
}

// manifest checks the list of contents against its MAC, and the contents against it.
func (b *blocks) manifest(text []byte, tables []found, key []byte) (Manifest, error) {
	b.within = "in its list of contents"
	kind, mac, err := b.next()
	if err != nil {
		return Manifest{}, err
	}
	var m Manifest
	unreadable := json.Unmarshal(text, &m)
	if kind != blockMAC || !hmac.Equal(mac, sign(key, text)) {
		if unreadable == nil && m.Key != KeyName(key) && kind == blockMAC {
			return m, ErrOtherKey
		}
		return m, damaged("its list of contents was changed")
	}
	if unreadable != nil {
		return m, damaged("its list of contents cannot be read: %v", unreadable)
	}
	if n, err := b.in.Discard(1); n > 0 || !errors.Is(err, io.EOF) {
		return m, damaged("something follows its end at byte %d", b.at)
	}
	for i, t := range m.Tables {
		if i >= len(tables) || tables[i].name != t.Name {
			return m, damaged("table %s is missing", t.Name)
		}
		if tables[i].digest != t.SHA256 {
			return m, damaged("table %s was changed", t.Name)
		}
		var head Table
		if err := json.Unmarshal(tables[i].head, &head); err != nil || !slices.Equal(head.Columns, t.Columns) {
			return m, damaged("the columns of table %s were changed", t.Name)
		}
	}
	if len(tables) > len(m.Tables) {
		return m, damaged("table %s does not belong to it", tables[len(m.Tables)].name)
	}
	return m, nil
}
