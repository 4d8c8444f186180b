// Package archive is the file format of a backup: the tables of a hub, row by row, readable for either database engine.
//
//	"kontor backup 1\n"
//	for each table:  'T' its name and columns as JSON · 'D' pieces of one zstd stream of its rows · 'E'
//	'M' the manifest as JSON: what was backed up, with the SHA-256 of each table · 'A' HMAC-SHA256 of the manifest
//
// Each block is one byte of kind, four bytes of length (big-endian) and so many bytes. A row is the byte 1 and its values: numbers as
// zigzag varints, texts and bytes with their length before them; the byte 0 ends a table. The key of the MAC follows from the
// installation's root key, so nobody else can make or change a backup that is taken for ours. It encrypts nothing: what is confidential
// is sealed in the rows already.
package archive

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

const magic = "kontor backup 1\n"

// Kinds of blocks.
const (
	blockTable    = 'T'
	blockData     = 'D'
	blockEnd      = 'E'
	blockManifest = 'M'
	blockMAC      = 'A'
)

const (
	dataSize    = 1 << 20  // of a 'D' block as written
	maxBlock    = 4 << 20  // of any block as read
	maxValue    = 64 << 20 // of one value: chunks are the largest, 256 KiB
	maxTables   = 1000
	headerBytes = 5
)

// Kind is the type of a column.
type Kind string

// The kinds of columns: int64, string and []byte.
const (
	Number Kind = "number"
	Text   Kind = "text"
	Bytes  Kind = "bytes"
)

// Column is a column of a table.
type Column struct {
	Name string `json:"name"`
	Kind Kind   `json:"kind"`
}

// Table is what the manifest says about a table.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
	Rows    int64    `json:"rows"`
	SHA256  string   `json:"sha256"` // of its 'T' block and its data as stored, in hexadecimal
}

// Manifest is the list of contents.
type Manifest struct {
	Schema  int64     `json:"schema"`  // version of the tables
	Program string    `json:"program"` // version of the program that made it
	Engine  string    `json:"engine"`  // it was made from
	Created time.Time `json:"created"`
	Key     string    `json:"key"` // tells root keys apart, see KeyName
	Tables  []Table   `json:"tables"`
}

// Rows is the number of rows of all tables.
func (m Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// ErrDamaged says that the file is not what was written; the error that wraps it says what is wrong with it, and where.
var ErrDamaged = errors.New("the backup cannot be used")

// ErrOtherKey says that a backup belongs to another installation's root key.
var ErrOtherKey = fmt.Errorf("%w: it was made with another root key", ErrDamaged)

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrDamaged}, args...)...)
}

// KeyName names a key without telling it.
func KeyName(key []byte) string { return hex.EncodeToString(sign(key, []byte("name of this key"))[:8]) }

func sign(key, message []byte) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte("kontor backup 1\x00"))
	m.Write(message)
	return m.Sum(nil)
}
