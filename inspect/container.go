package inspect

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// Limits of what a file may unpack to. A zero field stands for its default.
type Limits struct {
	Bytes   int64 // of one member, unpacked; default 8 GiB
	Total   int64 // of all members of one container; default 16 GiB
	Members int   // of one container; default 10,000
	Ratio   int64 // unpacked to packed bytes, looked at from the first MiB on; default 200: text of payments packs to a twentieth
}

// The defaults of Limits.
const (
	defaultBytes   = 8 << 30
	defaultTotal   = 16 << 30
	defaultMembers = 10_000
	defaultRatio   = 200

	ratioFrom = 1 << 20
)

func (l Limits) filled() Limits {
	if l.Bytes <= 0 {
		l.Bytes = defaultBytes
	}
	if l.Total <= 0 {
		l.Total = defaultTotal
	}
	if l.Members <= 0 {
		l.Members = defaultMembers
	}
	if l.Ratio <= 0 {
		l.Ratio = defaultRatio
	}
	return l
}

// ContainerError says why a container cannot be unpacked: damaged, of a kind that is
// not read, or a bomb.
type ContainerError struct {
	Name   string // the member, "" for the container itself
	Reason string
	Err    error // the cause, if any
}

// Error implements error.
func (e *ContainerError) Error() string {
	text := e.Reason
	if e.Name != "" {
		text = e.Name + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *ContainerError) Unwrap() error { return e.Err }

// Member is one file: the file itself, what a .gz holds, or one file of a .zip, as banks
// deliver statements. Its name has no folders: it is a label, never a path.
type Member struct {
	Name string
	io.Reader
}

// Source is what Unpack reads: a file, or bytes in memory.
type Source interface {
	io.Reader
	io.ReaderAt
	io.Seeker
}

// Unpack calls f for each file that source holds, one after the other: source itself if
// it is no container. What f leaves unread is skipped. A container inside a container is
// handed to f as it is. Errors: *ContainerError, also through the reader that f reads
// from; errors of f and of source as they are.
func Unpack(source Source, name string, l Limits, f func(Member) error) error {
	l = l.filled()
	size, err := source.Seek(0, io.SeekEnd)
	if err != nil {
		return fmt.Errorf("reading the size of %s: %w", name, err)
	}
	if _, err := source.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	var magic [4]byte
	n, err := source.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("reading %s: %w", name, err)
	}
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	switch head := string(magic[:n]); {
	case strings.HasPrefix(head, "PK\x03\x04") || strings.HasPrefix(head, "PK\x05\x06"):
		return unzip(source, size, l, f)
	case strings.HasPrefix(head, "\x1f\x8b"):
		return gunzip(source, name, l, f)
	case size > l.Bytes:
		return &ContainerError{Name: name, Reason: fmt.Sprintf("it has more than %d bytes", l.Bytes)}
	}
	return f(Member{name, source})
}

func gunzip(source io.Reader, name string, l Limits, f func(Member) error) error {
	packed := &counter{from: source}
	unpacked, err := gzip.NewReader(bufio.NewReaderSize(packed, 64<<10))
	if err != nil {
		return &ContainerError{Name: name, Reason: "the gzip data is damaged", Err: err}
	}
	name = strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".GZ")
	left := l.Total
	return f(Member{name, &bounded{name: name, from: unpacked, packed: func() int64 { return packed.n }, limits: l, left: &left}})
}

func unzip(source io.ReaderAt, size int64, l Limits, f func(Member) error) error {
	archive, err := zip.NewReader(source, size)
	if err != nil {
		return &ContainerError{Reason: "the zip container is damaged", Err: err}
	}
	if len(archive.File) > l.Members {
		return &ContainerError{Reason: fmt.Sprintf("the zip container has more than %d files", l.Members)}
	}
	if overlap(archive.File, size) {
		return &ContainerError{Reason: "files of the zip container share bytes, as only bombs do"}
	}
	left := l.Total
	for _, m := range archive.File {
		if m.FileInfo().IsDir() {
			continue
		}
		if err := member(m, l, &left, f); err != nil {
			return err
		}
	}
	return nil
}

// overlap says whether the packed files are together larger than the container.
func overlap(files []*zip.File, size int64) bool {
	left := uint64(max(size, 0))
	for _, f := range files {
		if f.CompressedSize64 > left {
			return true
		}
		left -= f.CompressedSize64
	}
	return false
}

func member(m *zip.File, l Limits, left *int64, f func(Member) error) (err error) {
	name := path.Base(strings.ReplaceAll(m.Name, `\`, "/"))
	if m.Flags&1 != 0 {
		return &ContainerError{Name: name, Reason: "it is encrypted"}
	}
	unpacked, err := m.Open()
	if err != nil {
		return &ContainerError{Name: name, Reason: "it cannot be unpacked", Err: err}
	}
	defer func() {
		if cerr := unpacked.Close(); err == nil && cerr != nil {
			err = &ContainerError{Name: name, Reason: "it is damaged", Err: cerr}
		}
	}()
	size := int64(min(m.CompressedSize64, 1<<62))
	return f(Member{name, &bounded{name: name, from: unpacked, packed: func() int64 { return size }, limits: l, left: left}})
}

// counter counts the packed bytes that were read.
type counter struct {
	from io.Reader
	n    int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.n += int64(n)
	return n, err
}

// bounded fails where a container inflates beyond its limits, and says of damage what
// it is.
type bounded struct {
	name   string
	from   io.Reader
	packed func() int64
	limits Limits
	read   int64
	left   *int64 // of the whole container
	err    error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	n, err := b.from.Read(p)
	b.read += int64(n)
	*b.left -= int64(n)
	switch {
	case b.read > b.limits.Bytes:
		b.err = &ContainerError{Name: b.name, Reason: fmt.Sprintf("it unpacks to more than %d bytes", b.limits.Bytes)}
	case *b.left < 0:
		b.err = &ContainerError{Name: b.name, Reason: fmt.Sprintf("the container unpacks to more than %d bytes", b.limits.Total)}
	case b.read > ratioFrom && b.read/max(b.packed(), 1) > b.limits.Ratio:
		b.err = &ContainerError{Name: b.name, Reason: fmt.Sprintf("it unpacks to more than %d times its size", b.limits.Ratio)}
	case err != nil && !errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		b.err = &ContainerError{Name: b.name, Reason: "it is damaged", Err: err}
	default:
		return n, err
	}
	return 0, b.err
}
