package inspect

import (
	"archive/zip"
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
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
		return &ContainerError{Name: name, Case: "size", Args: number(l.Bytes)}
	}
	return f(Member{name, source})
}

func gunzip(source io.Reader, name string, l Limits, f func(Member) error) error {
	packed := &counter{from: source}
	parts, err := newGzipParts(packed)
	if err != nil {
		return &ContainerError{Name: name, Case: "gzip", Err: err}
	}
	inner := strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".GZ")
	left := l.Total
	err = f(Member{inner, &bounded{name: inner, from: parts, packed: func() int64 { return packed.n }, limits: l, left: &left}})
	if err == nil && parts.behind {
		return &ContainerError{Name: name, Case: "behind"}
	}
	return err
}

// gzipParts reads gzip data of one or more parts (RFC 1952, 2.2). Zero bytes behind it are padding of tapes and hosts; other bytes are told
// after what could be read has been read, as gzip itself does.
type gzipParts struct {
	from   *bufio.Reader
	part   *gzip.Reader
	behind bool // other bytes stand behind the gzip data
	ended  bool
}

func newGzipParts(r io.Reader) (*gzipParts, error) {
	g := &gzipParts{from: bufio.NewReaderSize(r, 64<<10)}
	var err error
	if g.part, err = gzip.NewReader(g.from); err != nil {
		return nil, err //nolint:wrapcheck // the caller names it
	}
	g.part.Multistream(false)
	return g, nil
}

func (g *gzipParts) Read(p []byte) (int, error) {
	if g.ended {
		return 0, io.EOF
	}
	n, err := g.part.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err //nolint:wrapcheck // an io.Reader's own
	}
	more, err := g.next()
	if err == nil && !more {
		g.ended = true
		err = io.EOF
	}
	return n, err
}

// next goes on to the next part, if there is one.
func (g *gzipParts) next() (bool, error) {
	for padded := false; ; padded = true {
		head, err := g.from.Peek(2)
		if len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b && !padded {
			err := g.part.Reset(g.from)
			g.part.Multistream(false)
			return true, err //nolint:wrapcheck // an io.Reader's own
		}
		if len(head) == 0 {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return false, err //nolint:wrapcheck // an io.Reader's own
		}
		if head[0] != 0 {
			g.behind = true
			return false, nil
		}
		if _, err := g.from.Discard(1); err != nil {
			return false, err //nolint:wrapcheck // an io.Reader's own
		}
	}
}

func unzip(source io.ReaderAt, size int64, l Limits, f func(Member) error) error {
	archive, err := zip.NewReader(source, size)
	if err != nil {
		return &ContainerError{Case: "zip", Err: err}
	}
	if len(archive.File) > l.Members {
		return &ContainerError{Case: "files", Args: number(int64(l.Members))}
	}
	if overlap(archive.File, size) {
		return &ContainerError{Case: "overlap"}
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

func number(n int64) []string { return []string{strconv.FormatInt(n, 10)} }

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

// member hands one file to f. One that cannot be unpacked fails when it is read, so that f may go on with the next.
func member(m *zip.File, l Limits, left *int64, f func(Member) error) error {
	name := path.Base(strings.ReplaceAll(m.Name, `\`, "/"))
	if m.Flags&1 != 0 {
		return f(Member{name, unreadable{&ContainerError{Name: name, Case: "encrypted"}}})
	}
	unpacked, err := m.Open()
	if err != nil {
		return f(Member{name, unreadable{&ContainerError{Name: name, Case: "method", Err: err}}})
	}
	defer func() { _ = unpacked.Close() }() // it repeats what reading has said already
	size := int64(min(m.CompressedSize64, 1<<62))
	return f(Member{name, &bounded{name: name, from: unpacked, packed: func() int64 { return size }, limits: l, left: left}})
}

// unreadable is a reader that fails.
type unreadable struct{ err error }

func (u unreadable) Read([]byte) (int, error) { return 0, u.err }

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
		b.err = &ContainerError{Name: b.name, Case: "unpacked", Args: number(b.limits.Bytes)}
	case *b.left < 0:
		b.err = &ContainerError{Name: b.name, Case: "total", Args: number(b.limits.Total)}
	case b.read > ratioFrom && b.read/max(b.packed(), 1) > b.limits.Ratio:
		b.err = &ContainerError{Name: b.name, Case: "ratio", Args: number(b.limits.Ratio)}
	case errors.Is(err, io.ErrUnexpectedEOF):
		b.err = &ContainerError{Name: b.name, Case: "cut", Err: err}
	case err != nil && !errors.Is(err, io.EOF):
		b.err = &ContainerError{Name: b.name, Case: "damaged", Err: err}
	default:
		return n, err
	}
	return 0, b.err
}
