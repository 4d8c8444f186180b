package xmlscan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"unicode/utf8"
)

// windowSize is the first size of the buffer: a text longer than this comes in pieces,
// a tag, comment or processing instruction longer than this makes the buffer grow. It
// also grows up to windowMost in a document that proves long.
const (
	windowSize = 32 << 10
	windowMost = 256 << 10
)

// Position is a place in the raw bytes of a document. Offset counts bytes from 0, a
// byte order mark included. Line and Column count from 1; Column counts characters
// (the mark is none), and CR, LF and CR LF each end a line.
type Position struct {
	Offset int64
	Line   int
	Column int
}

// errTooLong marks in window.err that Limits.Bytes is used up.
var errTooLong = errors.New("document exceeds the limit of bytes")

// errReader is the error of an io.Reader that breaks its contract.
var errReader = errors.New("reader returned an impossible count")

// window is the part of the raw document in memory: buf[start:end] is what has been
// read and not yet consumed; start is where the current token begins.
type window struct {
	r          io.Reader
	buf        []byte
	start, end int
	base       int64 // offset in the document of buf[0]
	limit      int64 // most bytes, 0 = no limit
	err        error // why nothing more can be read: io.EOF, errTooLong or the reader's
	ended      bool  // err is io.EOF itself: the document is complete as far as the reader knows

	far, near mark             // the first place in buf whose line and column are known, and the last one asked for
	open      *[]element       // of the scanner, for where they begin
	closed    [mostEnds]anchor // those that were filled in of elements closed last
	oneByte   bool             // every byte is a character
	size      int              // first size of buf
	most      int              // size up to which buf grows in a long document
}

// mark is an index in buf with its line and column. It is never behind start.
type mark struct {
	index int
	place
	previous byte // the byte before, to see CR LF as one
}

// anchor is an offset with its line and column, which are filled in only before the
// bytes there leave the window.
type anchor struct {
	offset int64
	place
}

// place is a line and column, both from 1.
type place struct{ line, column int }

// view returns what has been read from the start of the current token.
func (w *window) view() []byte { return w.buf[w.start:w.end] }

// more reads further bytes behind the view and says whether there are any. It may
// move the view, so callers keep distances from the start of the token.
func (w *window) more() bool {
	if w.err != nil {
		return false
	}
	if w.end == len(w.buf) {
		w.makeRoom()
	}
	for range 100 {
		n, err := w.r.Read(w.buf[w.end:])
		if n < 0 || n > len(w.buf)-w.end {
			w.err = errReader
			return false
		}
		if err != nil {
			w.err, w.ended = err, err == io.EOF
		}
		if over := w.base + int64(w.end+n) - w.limit; w.limit > 0 && over > 0 {
			n -= int(over)
			w.err, w.ended = errTooLong, false
		}
		w.end += n
		if n > 0 {
			return true
		}
		if w.err != nil {
			return false
		}
	}
	w.err = io.ErrNoProgress
	return false
}

// ensure reads until the view has n bytes and says whether it has.
func (w *window) ensure(n int) bool {
	for w.end-w.start < n {
		if !w.more() {
			return false
		}
	}
	return true
}

// full says that reading more would move or grow the buffer.
func (w *window) full() bool { return w.end == len(w.buf) }

// makeRoom drops consumed bytes, or doubles the buffer where that gains little or the
// document is long. A quarter of the buffer stays filled with what was consumed last, so
// that its places can still be told. The caller bounds growth for a token: it stops
// asking for more at Limits.Token.
func (w *window) makeRoom() {
	view := w.view()
	target := w.buf
	size := max(len(w.buf), w.size)
	switch {
	case len(w.buf) < w.most && w.base > int64(len(w.buf)):
		size = w.most
	case len(view) > len(w.buf)/2:
		size = max(2*len(w.buf), w.size)
	}
	keep := min(w.start, size/4)
	drop := w.start - keep
	w.forget(drop)
	if size > len(w.buf) {
		target = make([]byte, size)
	}
	copy(target, w.buf[drop:w.end])
	w.base += int64(drop)
	w.buf, w.start, w.end = target, keep, w.end-drop
}

// forget makes ready for the loss of the first n bytes of buf, all consumed.
func (w *window) forget(n int) {
	for i := range *w.open {
		a := &(*w.open)[i].begin
		if at := a.offset - w.base; a.line == 0 && at >= int64(w.far.index) && at < int64(n) {
			w.move(&w.far, int(at))
			a.place = w.far.place
		}
	}
	w.move(&w.far, n)
	if w.near.index < n {
		w.near = w.far
	}
	w.far.index -= n
	w.near.index -= n
}

// move moves m forward to buf[i].
func (w *window) move(m *mark, i int) {
	if i > m.index {
		m.place = w.advance(m.place, w.buf[m.index:i], &m.previous)
		m.index = i
	}
}

// position tells the place of buf[i], which is not before far.
func (w *window) position(i int) Position {
	m := w.far
	if i >= w.near.index {
		m = w.near
	}
	w.move(&m, i)
	if i >= w.near.index && i <= w.start {
		w.near = m
	}
	return Position{Offset: w.base + int64(i), Line: m.line, Column: m.column}
}

// positionAt tells the place of an offset that is not before that of an anchor or far.
func (w *window) positionAt(offset int64) Position {
	if i := offset - w.base; i >= int64(w.far.index) && i <= int64(w.end) {
		return w.position(int(i))
	}
	known := w.closed[:]
	for _, e := range *w.open {
		known = append(known[:len(known):len(known)], e.begin)
	}
	for _, a := range known {
		if a.offset == offset && a.line > 0 {
			return Position{Offset: offset, Line: a.line, Column: a.column}
		}
	}
	return Position{Offset: offset}
}

// advance moves a place over b.
func (w *window) advance(p place, b []byte, previous *byte) place {
	if len(b) == 0 {
		return p
	}
	if *previous == '\r' || bytes.IndexByte(b, '\r') >= 0 {
		for i, c := range b {
			switch {
			case c == '\n' && *previous == '\r': // the second half of a line end
			case c == '\n' || c == '\r':
				p.line++
				p.column = 1
			case w.oneByte || utf8.RuneStart(b[i]):
				p.column++
			}
			*previous = c
		}
		return p
	}
	*previous = b[len(b)-1]
	if n := bytes.Count(b, newline); n > 0 {
		p.line += n
		p.column = 1
		b = b[bytes.LastIndexByte(b, '\n')+1:]
	}
	if w.oneByte {
		p.column += len(b)
	} else {
		p.column += len(b) - continuations(b)
	}
	return p
}

// continuations returns how many bytes of b do not begin a character of UTF-8.
func continuations(b []byte) int {
	const high = 0x8080808080808080
	n := 0
	for len(b) >= 32 {
		x, y := binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])|binary.LittleEndian.Uint64(b[24:])
		if (x|y)&high != 0 {
			for i := 0; i < 32; i += 8 {
				x := binary.LittleEndian.Uint64(b[i:])
				n += bits.OnesCount64(x & high &^ (x << 1))
			}
		}
		b = b[32:]
	}
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		n += bits.OnesCount64(x & high &^ (x << 1))
	}
	for _, c := range b {
		if !utf8.RuneStart(c) {
			n++
		}
	}
	return n
}

var newline = []byte{'\n'}

// inputError returns the error that the end of the input means by itself: nil at a
// plain end of file. An io.EOF that the reader has wrapped is a failure of the reader;
// it is not handed on as one, or callers would take the document for complete.
func (s *Scanner) inputError() error {
	err := s.w.err
	switch {
	case s.w.ended:
		return nil
	case errors.Is(err, errTooLong):
		return s.fail(CodeLimit, s.w.end-s.w.start, "the document is longer than %d bytes", s.w.limit)
	case errors.Is(err, io.EOF):
		return fmt.Errorf("reading XML: %w: %v", io.ErrUnexpectedEOF, err) //nolint:errorlint // see above
	}
	return fmt.Errorf("reading XML: %w", err)
}
