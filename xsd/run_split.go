package xsd

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/xmlscan"
)

// Base is where a chunk of ValidateParallel begins: it makes lines, columns and ordinals
// of the chunk those of the document. The zero Base is the start of the document.
type Base struct {
	depth        int    // of the element around the one that is cut before
	around       uint32 // elements around before the one that is open
	element      uint32 // elements that are cut before in the one that is open
	line, column int    // of the first byte, from 0
}

// Position makes a place of the chunk one of the document. A place without line stays.
func (b Base) Position(p xmlscan.Position) xmlscan.Position {
	if p.Line == 0 {
		return p
	}
	if p.Line == 1 {
		p.Column += b.column
	}
	p.Line += b.line
	return p
}

// Path makes a path of the chunk one of the document.
func (b Base) Path(path string) string {
	if b.around == 0 && b.element == 0 {
		return path
	}
	steps := strings.SplitN(path, "/", b.depth+2)
	if len(steps) < b.depth {
		return path
	}
	around, n := ordinalOf(steps[b.depth-1])
	if n == 0 {
		return path
	}
	steps[b.depth-1] = fmt.Sprintf("%s[%d]", around, n+b.around)
	if n == 1 && len(steps) > b.depth {
		if element, m := ordinalOf(steps[b.depth]); m > 0 {
			steps[b.depth] = fmt.Sprintf("%s[%d]", element, m+b.element)
		}
	}
	return strings.Join(steps, "/")
}

// ordinalOf splits "CdtTrfTxInf[3]"; a step without ordinal has 0.
func ordinalOf(step string) (name string, n uint32) {
	name, rest, found := strings.Cut(step, "[")
	if !found {
		return step, 0
	}
	v, err := strconv.ParseUint(strings.TrimSuffix(rest, "]"), 10, 32)
	if err != nil {
		return step, 0
	}
	return name, uint32(v)
}

// next returns the base of the chunk behind c.
func (b Base) next(c *chunk) Base {
	end := &c.to[b.depth]
	n := Base{depth: b.depth, around: b.around + end.ordinal - 1, element: end.count, line: b.line + c.at.Line - 1, column: c.at.Column - 1}
	if end.ordinal == 1 { // still the element in which the chunk began
		n.element += b.element
	}
	if c.at.Line == 1 {
		n.column += b.column
	}
	return n
}

// splitter reads the document and cuts it.
type splitter struct {
	v               *parallel
	r               io.Reader
	element, around string
	open, outer     []byte // start tags of these two, with the prefix of the document

	carry  []byte // read, but in no chunk yet
	offset int64  // of carry
	head   *head  // of the next chunk
}

// run makes chunks until the document ends, cannot be cut any more, or is not wanted.
func (s *splitter) run() {
	defer close(s.v.order)
	defer close(s.v.jobs)
	for first := true; ; first = false {
		buf := s.v.buffer(len(s.carry))
		n := copy(buf, s.carry)
		m, err := io.ReadFull(s.r, buf[n:])
		n += m
		cut := 0
		if err == nil && (!first || s.begin(buf[:n])) {
			cut = max(bytes.LastIndex(buf[:n], s.open), 0)
		}
		c := &chunk{bytes: buf[:n], offset: s.offset, head: s.head, done: make(chan struct{})}
		switch {
		case err != nil:
			c.rest = endOf{err}
		case cut == 0:
			c.rest = s.r
		default:
			c.bytes = buf[:cut]
		}
		if cut > 0 {
			s.carry = append(s.carry[:0], buf[cut:n]...)
			s.follow(buf[:cut])
		} else {
			s.carry, s.r = nil, bytes.NewReader(nil) // the chunk has both
		}
		s.offset += int64(cut)
		if !s.v.hand(c) || cut == 0 {
			return
		}
	}
}

// endOf is a reader of nothing: the document has ended, or reading failed.
type endOf struct{ err error }

func (e endOf) Read([]byte) (int, error) {
	if e.err == io.ErrUnexpectedEOF { //nolint:errorlint // that of io.ReadFull itself
		return 0, io.EOF
	}
	return 0, e.err
}

// hand gives a chunk to the workers and, in order, to the one who joins.
func (v *parallel) hand(c *chunk) bool {
	select {
	case v.order <- c:
	case <-v.stop:
		return false
	}
	select {
	case v.jobs <- c:
		return true
	case <-v.stop:
		return false
	}
}

// buffer returns a buffer for a chunk, with room behind what is carried over.
func (v *parallel) buffer(carried int) []byte {
	select {
	case b := <-v.free:
		if len(b) >= 2*carried && len(b) >= v.size {
			return b
		}
	default:
	}
	return make([]byte, max(v.size, 2*carried))
}

// begin looks for the first element to cut before and the head of the document, and says
// whether they are where they can be expected.
func (s *splitter) begin(b []byte) bool {
	end := bytes.Index(b, []byte(s.element+">"))
	if end < 0 {
		return false
	}
	start := bytes.LastIndexByte(b[:end], '<')
	prefix := string(b[start+1 : end])
	if prefix != "" && !strings.HasSuffix(prefix, ":") {
		return false
	}
	s.open, s.outer = []byte("<"+prefix+s.element+">"), []byte("<"+prefix+s.around+">")
	i := bytes.Index(b[:start], s.outer)
	if i < 0 || i > headLimit {
		return false
	}
	s.head = &head{outer: bytes.Clone(b[:i])}
	s.follow(b)
	return true
}

// follow makes the head of the chunk behind b.
func (s *splitter) follow(b []byte) {
	last := -1
	for i := 0; ; {
		k := bytes.Index(b[i:], s.outer)
		if k < 0 {
			break
		}
		last = i + k
		i = last + len(s.outer)
	}
	if last < 0 {
		return // the same element goes on
	}
	inner := b[last:]
	if i := bytes.Index(inner, s.open); i >= 0 {
		inner = inner[:i]
	}
	h := &head{outer: s.head.outer, offset: s.offset + int64(last)}
	if len(inner) <= headLimit { // a longer one is not worth it: the chunk will not follow
		h.inner = bytes.Clone(inner)
	}
	s.head = h
}
