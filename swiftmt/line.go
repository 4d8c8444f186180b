package swiftmt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Limits of one line and of all lines of one field, in bytes: far beyond the 65 and 390
// of the specification and the 1,024 of some banks.
const (
	lineLimit  = 32 << 10
	fieldLimit = 64 << 10
)

// lines cuts a document into lines. They end with LF, with CR LF, in the streams of
// FinTS with "@@", and in old files with CR alone; the start of the document tells.
type lines struct {
	r       io.Reader
	limit   int64 // most bytes; 0: no limit
	buf     []byte
	pos     int   // start of the unread bytes
	scanned int   // no line end before here
	base    int64 // raw offset of buf[0]
	err     error // of r, io.EOF included
	end     byte  // '\n', '\r' or '@' for "@@"

	line   []byte // the current line without its end, at most lineLimit bytes
	number int    // of the line, from 1
	offset int64  // raw offset of the line
	cut    bool   // the line is longer than lineLimit: the rest is left out
}

func newLines(r io.Reader, limit int64) *lines {
	l := &lines{r: r, limit: limit, buf: make([]byte, 0, 2*lineLimit), end: '\n'}
	for len(l.buf) < lineLimit && l.err == nil {
		l.fill()
	}
	head := l.buf
	if bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")) {
		l.pos, l.scanned = 3, 3
	}
	switch {
	case bytes.HasPrefix(head, []byte("@@")) || bytes.Contains(head, []byte("@@:2")):
		l.end = '@'
	case bytes.IndexByte(head, '\n') < 0 && bytes.IndexByte(head, '\r') >= 0:
		l.end = '\r'
	}
	return l
}

// emptyReads is how often a reader may give nothing without an error.
const emptyReads = 100

// fill reads once, moving what is unread to the front if the buffer is full.
func (l *lines) fill() {
	if len(l.buf) == cap(l.buf) {
		n := copy(l.buf, l.buf[l.pos:])
		l.base += int64(l.pos)
		l.scanned -= l.pos
		l.pos = 0
		l.buf = l.buf[:n]
	}
	for range emptyReads {
		n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
		l.buf = l.buf[:len(l.buf)+n]
		if l.limit > 0 && l.base+int64(len(l.buf)) > l.limit {
			l.err = tooLarge(l.limit)
			return
		}
		if err != nil {
			if l.err = err; !errors.Is(err, io.EOF) {
				l.err = fmt.Errorf("reading the document: %w", err)
			}
			return
		}
		if n > 0 {
			return
		}
	}
	l.err = fmt.Errorf("reading the document: %w", io.ErrNoProgress)
}

// next advances to the next line, false at the end of the document or on an error.
func (l *lines) next() bool {
	l.cut = false
	if l.end == '\n' { // nearly always; below is what else there is
		if n := bytes.IndexByte(l.buf[l.pos:], '\n'); n >= 0 && n <= lineLimit {
			l.take(l.pos+n, l.pos+n+1)
			return true
		}
	}
	for {
		if at, width := l.lineEnd(); at >= 0 {
			l.take(at, at+width)
			return true
		}
		if l.err == nil && len(l.buf)-l.pos <= lineLimit {
			l.fill()
			continue
		}
		if l.failure() != nil {
			return false
		}
		if l.err == nil {
			l.skip()
			return l.failure() == nil
		}
		if l.pos == len(l.buf) {
			return false
		}
		l.take(len(l.buf), len(l.buf)) // the last line has no end
		return true
	}
}

// lineEnd finds the next line end among the bytes at hand.
func (l *lines) lineEnd() (at, width int) {
	from := max(l.scanned, l.pos)
	if l.end != '@' {
		if i := bytes.IndexByte(l.buf[from:], l.end); i >= 0 {
			return from + i, 1
		}
		l.scanned = len(l.buf)
		return -1, 0
	}
	if i := bytes.Index(l.buf[from:], []byte("@@")); i >= 0 {
		return from + i, 2
	}
	l.scanned = max(l.pos, len(l.buf)-1)
	return -1, 0
}

// take makes buf[pos:at] the current line; the next one begins at next.
func (l *lines) take(at, next int) {
	l.offset = l.base + int64(l.pos)
	l.number++
	b := l.buf[l.pos:at]
	for len(b) > 0 && (b[len(b)-1] == '\r' || b[len(b)-1] == '\n') {
		b = b[:len(b)-1]
	}
	for len(b) > 0 && (b[0] == '\r' || b[0] == '\n') {
		b = b[1:]
		l.offset++
	}
	if len(b) > lineLimit {
		b, l.cut = b[:lineLimit], true
	}
	l.line = b
	l.pos, l.scanned = next, next
}

// skip takes the beginning of a line that is too long and passes over the rest of it.
func (l *lines) skip() {
	l.offset = l.base + int64(l.pos)
	l.number++
	kept := bytes.Clone(l.buf[l.pos : l.pos+lineLimit])
	for {
		if at, width := l.lineEnd(); at >= 0 {
			l.pos, l.scanned = at+width, at+width
			break
		}
		l.pos = l.scanned
		if l.err != nil {
			break
		}
		l.fill()
	}
	l.line, l.cut = kept, true
}

// failure returns the error that ended reading, nil at the end of the document.
func (l *lines) failure() error {
	if errors.Is(l.err, io.EOF) {
		return nil
	}
	return l.err
}

// position returns the raw offset of the first byte that was not taken.
func (l *lines) position() int64 { return l.base + int64(l.pos) }
