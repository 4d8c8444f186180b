package xmlscan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// windowSize is the first size of the buffer: a text longer than this comes in pieces,
// a tag, comment or processing instruction longer than this makes the buffer grow.
const windowSize = 32 << 10

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

	mark     int // index in buf of a place whose line and column are known, never behind start
	at       place
	oneByte  bool // every byte is a character
	size     int  // first size of buf
	previous byte // last byte before mark that was looked at, to see CR LF as one
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

// makeRoom drops the consumed bytes, or doubles the buffer where that gains little.
// The caller bounds growth: it stops asking for more at Limits.Token.
func (w *window) makeRoom() {
	w.settle()
	view := w.view()
	target := w.buf
	if len(view) > len(w.buf)/2 || len(w.buf) < w.size {
		target = make([]byte, max(2*len(w.buf), w.size))
	}
	copy(target, view)
	w.base += int64(w.start)
	w.mark -= w.start
	w.buf, w.start, w.end = target, 0, len(view)
}

// settle moves the mark to the start of the current token.
func (w *window) settle() {
	if w.mark < w.start {
		w.at = w.advance(w.at, w.buf[w.mark:w.start], &w.previous)
		w.mark = w.start
	}
}

// position tells the place of buf[i]; i is not before the current token.
func (w *window) position(i int) Position {
	w.settle()
	previous := w.previous
	p := w.advance(w.at, w.buf[w.start:i], &previous)
	return Position{Offset: w.base + int64(i), Line: p.line, Column: p.column}
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
		p.column += utf8.RuneCount(b)
	}
	return p
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
