package xsd

import (
	"bytes"
	"encoding/binary"
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

// next returns the base of the chunk behind c; inRow says whether c ends with an element
// that is cut before.
func (b Base) next(c *chunk, inRow bool) Base {
	end := &c.to[b.depth]
	n := Base{depth: b.depth, around: b.around + end.ordinal - 1, line: b.line + c.at.Line - 1, column: c.at.Column - 1}
	if inRow {
		n.element = end.count
		if end.ordinal == 1 { // still the element in which the chunk began
			n.element += b.element
		}
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
	open, outer     []byte  // start tags of these two, with the prefix of the document
	seek            *seeker // of outer

	carry  []byte // read, but in no chunk yet
	offset int64  // of carry
	head   *head  // of the next chunk
}

// run makes chunks until the document ends, cannot be cut any more, or is not wanted.
// What it has read and not made a chunk of is in carry, what it has not read comes from
// s.r.
func (s *splitter) run() {
	defer close(s.v.order)
	defer close(s.v.jobs)
	for {
		buf := s.v.buffer(len(s.carry))
		n := copy(buf, s.carry)
		m, err := io.ReadFull(s.r, buf[n:])
		n += m
		c := &chunk{bytes: buf[:n], offset: s.offset, head: s.head, done: make(chan struct{})}
		if err != nil {
			c.rest = endOf{err}
			s.carry, s.r = nil, c.rest
			if !s.v.hand(c) {
				s.carry = buf[:n]
			}
			return
		}
		cut := 0
		if s.open != nil || s.begin(buf[:n]) {
			cut = max(bytes.LastIndex(buf[:n], s.open), 0)
		}
		c.bytes = buf[:cut]
		if cut == 0 || !s.v.hand(c) {
			s.carry = buf[:n]
			return
		}
		s.carry = append(s.carry[:0], buf[cut:n]...)
		s.follow(buf[:cut])
		s.offset += int64(cut)
	}
}

// longer returns the tag of size bytes at the start of b with the tag behind it: by far the most elements of a name begin with the same one,
// and the longer bytes are the faster they are found. Where an element begins otherwise it is not found; the chunk behind it does not follow.
func longer(b []byte, size int) []byte {
	const most = 100
	rest := b[size:min(len(b), size+most)]
	n := bytes.IndexByte(rest, '>') + 1
	if tag := bytes.TrimLeft(rest[:n], " \t\r\n"); len(tag) < 3 || tag[0] != '<' || bytes.ContainsAny(tag, "/!? \t\r\n") {
		return bytes.Clone(b[:size])
	}
	return bytes.Clone(b[:size+n])
}

// endOf is a reader of nothing: the document has ended, or reading failed.
type endOf struct{ err error }

func (e endOf) Read([]byte) (int, error) {
	if e.err == io.ErrUnexpectedEOF { //nolint:errorlint // that of io.ReadFull itself
		return 0, io.EOF
	}
	return 0, e.err
}

// hand gives a chunk to the one who joins, in order, and to the workers. It says whether
// the former has it.
func (v *parallel) hand(c *chunk) bool {
	select {
	case v.order <- c:
	case <-v.stop:
		return false
	}
	select {
	case v.jobs <- c:
	case <-v.stop:
	}
	return true
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
	open, outer := []byte("<"+prefix+s.element+">"), []byte("<"+prefix+s.around+">")
	i := bytes.Index(b[:start], outer)
	if i < 0 || i > headLimit {
		return false
	}
	s.open, s.outer, s.seek = open, outer, newSeeker(longer(b[i:start], len(outer)))
	s.head = &head{outer: bytes.Clone(b[:i])} // inner comes with follow
	return true
}

// follow makes the head of the chunk behind b.
func (s *splitter) follow(b []byte) {
	last := s.seek.last(b)
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

// seeker finds the last occurrence of a few bytes that are rare. It looks at a word of
// four bytes in as many places as do not let the needle slip through, and only at a hash
// of it: bytes.Index would take half as long as the validation itself, since "<" is
// everywhere.
type seeker struct {
	needle []byte
	stride int               // 0: the needle is too short
	known  [1 << 10]uint8    // by the hash of a word: the last place of the needle where it may be, from 1; 0: none
	before [placesMost]uint8 // by place: the one before with a word of the same hash, from 1; 0: none
}

// placesMost is how many words a needle may have.
const placesMost = 200

func newSeeker(needle []byte) *seeker {
	s := &seeker{needle: needle, stride: max(len(needle)-3, 0)}
	if s.stride > placesMost {
		s.stride = 0
	}
	for i := range s.stride {
		last := &s.known[hashed(needle[i:])]
		s.before[i], *last = *last, uint8(i+1)
	}
	return s
}

// hashed returns a hash of the first four bytes.
func hashed(b []byte) uint32 { return binary.LittleEndian.Uint32(b) * 0x9E3779B1 >> 22 }

// last returns the index of the last occurrence, or -1.
func (s *seeker) last(b []byte) int {
	if s.stride == 0 {
		return bytes.LastIndex(b, s.needle)
	}
	for i := len(b) - 4; i >= 0; i -= s.stride {
		found := -1
		for place := s.known[hashed(b[i:])]; place > 0; place = s.before[place-1] { // the later place first: its needle begins earlier
			if from := i + 1 - int(place); from >= 0 && bytes.HasPrefix(b[from:], s.needle) {
				found = max(found, from)
			}
		}
		if found >= 0 {
			return found
		}
	}
	return -1
}
