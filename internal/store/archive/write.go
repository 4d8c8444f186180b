package archive

import (
	"bufio"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/klauspost/compress/zstd"
)

// Writer writes a backup. After an error nothing more can be written.
type Writer struct {
	out    *bufio.Writer
	key    []byte
	tables []Table

	open   bool // a table is
	digest hash.Hash
	packed *zstd.Encoder
	rows   *bufio.Writer
	row    []byte
}

// NewWriter begins a backup.
func NewWriter(w io.Writer, key []byte) (*Writer, error) {
	a := &Writer{out: bufio.NewWriterSize(w, 256<<10), key: key}
	if _, err := a.out.WriteString(magic); err != nil {
		return nil, err
	}
	var err error
	// What is worth compressing is sealed, so compression is for the rest and must be cheap.
	a.packed, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(dataSize))
	return a, err
}

func (a *Writer) block(kind byte, payload []byte) error {
	header := [headerBytes]byte{kind}
	binary.BigEndian.PutUint32(header[1:], uint32(len(payload)))
	if _, err := a.out.Write(header[:]); err != nil {
		return err
	}
	_, err := a.out.Write(payload)
	return err
}

// dataBlocks turns what is written to it into 'D' blocks.
type dataBlocks struct{ a *Writer }

func (d dataBlocks) Write(p []byte) (int, error) {
	for n := 0; n < len(p); n += dataSize {
		piece := p[n:min(n+dataSize, len(p))]
		d.a.digest.Write(piece)
		if err := d.a.block(blockData, piece); err != nil {
			return n, err
		}
	}
	return len(p), nil
}

// Table begins a table; the one before is ended.
func (a *Writer) Table(name string, columns []Column) error {
	if err := a.end(); err != nil {
		return err
	}
	head, err := json.Marshal(Table{Name: name, Columns: columns})
	if err != nil {
		return fmt.Errorf("encode table %s: %w", name, err)
	}
	a.digest = sha256.New()
	a.digest.Write(head)
	if err := a.block(blockTable, head); err != nil {
		return err
	}
	a.packed.Reset(dataBlocks{a})
	a.rows = bufio.NewWriterSize(a.packed, 64<<10)
	a.tables = append(a.tables, Table{Name: name, Columns: columns})
	a.open = true
	return nil
}

// Row writes a row of the table begun last: int64, string or []byte as its columns say.
func (a *Writer) Row(values []any) error {
	if !a.open {
		return errors.New("a row without a table")
	}
	t := &a.tables[len(a.tables)-1]
	if len(values) != len(t.Columns) {
		return fmt.Errorf("%d values for %d columns of %s", len(values), len(t.Columns), t.Name)
	}
	a.row = append(a.row[:0], 1)
	for i, v := range values {
		switch v := v.(type) {
		case int64:
			a.row = binary.AppendVarint(a.row, v)
		case string:
			a.row = append(binary.AppendUvarint(a.row, uint64(len(v))), v...)
		case []byte:
			a.row = append(binary.AppendUvarint(a.row, uint64(len(v))), v...)
		default:
			return fmt.Errorf("column %s of %s holds %T", t.Columns[i].Name, t.Name, v)
		}
		if !fits(v, t.Columns[i].Kind) {
			return fmt.Errorf("column %s of %s holds %T, not a %s", t.Columns[i].Name, t.Name, v, t.Columns[i].Kind)
		}
	}
	t.Rows++
	_, err := a.rows.Write(a.row)
	return err
}

func fits(value any, k Kind) bool {
	switch value.(type) {
	case int64:
		return k == Number
	case string:
		return k == Text
	case []byte:
		return k == Bytes
	}
	return false
}

// end ends the open table, if any.
func (a *Writer) end() error {
	if !a.open {
		return nil
	}
	a.open = false
	if err := a.rows.WriteByte(0); err != nil {
		return err
	}
	if err := a.rows.Flush(); err != nil {
		return err
	}
	if err := a.packed.Close(); err != nil {
		return err
	}
	a.tables[len(a.tables)-1].SHA256 = hex.EncodeToString(a.digest.Sum(nil))
	return a.block(blockEnd, nil)
}

// Close ends the backup with its manifest, completed by what was written. It does not close what is below.
func (a *Writer) Close(m Manifest) (Manifest, error) {
	if err := a.end(); err != nil {
		return m, err
	}
	m.Tables, m.Key = a.tables, KeyName(a.key)
	text, err := json.Marshal(m)
	if err != nil {
		return m, fmt.Errorf("encode manifest: %w", err)
	}
	if err := a.block(blockManifest, text); err != nil {
		return m, err
	}
	if err := a.block(blockMAC, sign(a.key, text)); err != nil {
		return m, err
	}
	return m, a.out.Flush()
}
