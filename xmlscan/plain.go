package xmlscan

import (
	"bytes"
	"encoding/binary"
)

// This file is the fast path for readers that know what comes next, such as package
// xsd. Next tokenises anything; the methods here take one whole piece of plain markup
// that the caller has predicted, or leave the scanner where it is. They accept nothing
// that Next would refuse, and what they skip or return is what Next would have told:
// callers that mix both in any way see the same document.

// reach is how many bytes must lie ahead of the fast path, so that it may load words
// without looking at the end of the window. What is nearer to the end is for Next.
const reach = 32

// literal is a byte string of at least one byte that is compared by words.
type literal struct {
	word, mask [2]uint64 // the first 16 bytes
	rest       string    // the bytes behind them
	n          int
}

func newLiteral(text string) literal {
	l := literal{n: len(text), rest: text[min(16, len(text)):]}
	var b, m [16]byte
	for i := range min(16, len(text)) {
		b[i], m[i] = text[i], 0xFF
	}
	for i := range 2 {
		l.word[i] = binary.LittleEndian.Uint64(b[8*i:])
		l.mask[i] = binary.LittleEndian.Uint64(m[8*i:])
	}
	return l
}

// begins says whether b begins with the literal; b has at least 16 bytes.
func (l *literal) begins(b []byte) bool {
	if binary.LittleEndian.Uint64(b)&l.mask[0] != l.word[0] ||
		binary.LittleEndian.Uint64(b[8:])&l.mask[1] != l.word[1] {
		return false
	}
	return len(l.rest) == 0 || len(b) >= l.n && string(b[16:l.n]) == l.rest
}

// Tag is the start tag and the end tag of an element as documents plainly write them:
// <Name> without attributes and white space, and </Name>.
type Tag struct {
	prefix, name string
	colon        int
	open, end    literal
}

// NewTag returns the tag of an element with this prefix, empty for none, and local
// name. Both are NCNames of ASCII letters, digits, hyphens, points and low lines; a tag
// of anything else, or of more than 200 bytes, matches nothing.
func NewTag(prefix, local string) Tag {
	t := Tag{prefix: prefix, name: local}
	if prefix != "" {
		t.colon = len(prefix) + 1
		t.name = prefix + ":" + local
	}
	if len(t.name) > 200 || !plainName(local) || prefix != "" && !plainName(prefix) {
		t.prefix = "\x00" // no document has it
	}
	t.open, t.end = newLiteral("<"+t.name+">"), newLiteral("</"+t.name+">")
	return t
}

// plainName says whether an NCName is of ASCII characters only.
func plainName(s string) bool {
	return classes([]byte(s))&isHigh == 0 && s != "" && ncName([]byte(s)) == len(s)
}

// Name returns the qualified name.
func (t *Tag) Name() string { return t.name }

// Class is a set of bytes that a text may consist of on the fast path.
type Class struct{ has [256]bool }

// NewClass returns the class of the bytes for which keep is true. Bytes that need more
// than a look are left out in any case: <, &, ], CR, controls and bytes beyond ASCII.
// So are quotes if the class is for attribute values, along with tabs and line feeds.
func NewClass(attribute bool, keep func(byte) bool) *Class {
	c := new(Class)
	for b := range 0x80 {
		ok := byteClass[b] == 0 && b != '<' && keep(byte(b))
		if attribute && (b == '"' || b == '\'' || b == '\t' || b == '\n') {
			ok = false
		}
		c.has[b] = ok
	}
	return c
}

// Has says whether the class has b.
func (c *Class) Has(b byte) bool { return c.has[b] }

// Plain prepares the fast path for elements with this prefix and says whether it may be
// used from here on, until the next Next: the scanner stands within the root element,
// between two tokens, and no element that is open, except the root, declares
// namespaces. It drops the current token. Where Plain is false, the methods of the fast
// path return false.
func (s *Scanner) Plain(prefix string) bool {
	if s.plain {
		return s.plainPrefix == prefix
	}
	if s.err != nil || !s.begun || s.emptyTag || s.inCDATA || s.limits.Token < 1024 {
		return false
	}
	s.release()
	s.kind = 0
	if len(s.elements) == 0 {
		return false
	}
	inner := len(s.bindings)
	if len(s.elements) > 1 {
		inner = s.elements[1].bindings
	}
	if inner != len(s.bindings) {
		return false
	}
	space := s.lookup([]byte(prefix), len(s.bindings))
	if prefix != "" && space == noSpace {
		return false
	}
	s.plain, s.plainPrefix, s.plainSpace = true, prefix, space
	return true
}

// ahead returns the window behind white space, and its first index in it.
func (s *Scanner) ahead() ([]byte, int) {
	b := s.w.buf[s.w.start:s.w.end]
	i := 0
	for i < len(b) && whiteSpace[b[i]] {
		i++
	}
	return b, i
}

// whiteSpace is isSpace as a table.
var whiteSpace = [256]bool{' ': true, '\t': true, '\n': true, '\r': true}

// Leaf takes white space, the start tag of t, text of bytes in c, and the end tag of t,
// if just these come next and lie in the window. It returns the text and the offset of
// the start tag; EndOffset tells where the end tag ends. The text is valid until the
// next call of any method but Position and the like.
func (s *Scanner) Leaf(t *Tag, c *Class) (text []byte, at int64, ok bool) {
	b, i := s.ahead()
	if len(b)-i < t.open.n+reach || !t.open.begins(b[i:]) || !s.fits(t) {
		return nil, 0, false
	}
	begin := i + t.open.n
	j := begin
	for j < len(b) && c.has[b[j]] {
		j++
	}
	if len(b)-j < t.end.n+reach || !t.end.begins(b[j:]) {
		return nil, 0, false
	}
	at = s.w.base + int64(s.w.start+i)
	s.w.start += j + t.end.n
	return b[begin:j], at, true
}

// LeafAttr is Leaf for an element with one attribute: the start tag is that of t with
// one blank, the name, an equals sign and a value of bytes in values between double
// quotes.
func (s *Scanner) LeafAttr(t *Tag, attr *AttrName, values, texts *Class) (value, text []byte, at int64, ok bool) {
	b, i := s.ahead()
	if len(b)-i < t.open.n+attr.open.n+2*reach || !s.fits(t) {
		return nil, nil, 0, false
	}
	k := i + t.open.n - 1
	if b[i] != '<' || string(b[i+1:k]) != t.name || !attr.open.begins(b[k:]) {
		return nil, nil, 0, false
	}
	k += attr.open.n
	from := k
	for k < len(b) && values.has[b[k]] {
		k++
	}
	if len(b)-k < reach || b[k] != '"' || b[k+1] != '>' {
		return nil, nil, 0, false
	}
	begin := k + 2
	j := begin
	for j < len(b) && texts.has[b[j]] {
		j++
	}
	if len(b)-j < t.end.n+reach || !t.end.begins(b[j:]) {
		return nil, nil, 0, false
	}
	at = s.w.base + int64(s.w.start+i)
	s.w.start += j + t.end.n
	return b[from:k], b[begin:j], at, true
}

// AttrName is an attribute without prefix as documents plainly write it.
type AttrName struct{ open literal }

// NewAttrName returns the attribute with this name, an NCName of ASCII characters.
func NewAttrName(local string) AttrName { return AttrName{newLiteral(" " + local + `="`)} }

// LeafText is Leaf for a text of any characters and references, but without CDATA
// sections, comments and processing instructions: the text is what Next would tell.
func (s *Scanner) LeafText(t *Tag) (text []byte, at int64, ok bool) {
	b, i := s.ahead()
	if len(b)-i < t.open.n+reach || !t.open.begins(b[i:]) || !s.fits(t) {
		return nil, 0, false
	}
	begin := i + t.open.n
	n := bytes.IndexByte(b[begin:], '<')
	if n < 0 || len(b)-begin-n < t.end.n+reach || !t.end.begins(b[begin+n:]) {
		return nil, 0, false
	}
	start := s.w.start
	s.w.start += begin
	err := s.deliver(n, false) // sets s.text
	s.length = 0
	if err != nil { // Next will come to it
		s.w.start, s.text = start, nil
		return nil, 0, false
	}
	text, s.text = s.text, nil
	s.w.start = start + begin + n + t.end.n
	return text, s.w.base + int64(start+i), true
}

// fits says whether the fast path is open for a child element with this tag.
func (s *Scanner) fits(t *Tag) bool {
	return s.plain && t.prefix == s.plainPrefix && len(s.elements) < s.limits.Depth
}

// Enter takes white space and the start tag of t, if just these come next, and opens
// the element. It returns the offset of the tag.
func (s *Scanner) Enter(t *Tag) (at int64, ok bool) {
	b, i := s.ahead()
	if len(b)-i < t.open.n+reach || !t.open.begins(b[i:]) || !s.fits(t) {
		return 0, false
	}
	s.w.start += i
	s.push([]byte(t.name), t.colon)
	s.elements[len(s.elements)-1].space = s.plainSpace
	at = s.w.base + int64(s.w.start)
	s.w.start += t.open.n
	return at, true
}

// Leave takes white space and the end tag of t, if just these come next and t is the
// name of the innermost element, which is not the root, and closes it. It returns the
// offset behind the tag.
func (s *Scanner) Leave(t *Tag) (end int64, ok bool) {
	b, i := s.ahead()
	if !s.plain || len(b)-i < t.end.n+reach || !t.end.begins(b[i:]) || len(s.elements) < 2 ||
		string(s.names[s.elements[len(s.elements)-1].name:]) != t.name {
		return 0, false
	}
	s.pop()
	s.w.start += i + t.end.n
	return s.w.base + int64(s.w.start), true
}

// PeekName returns the qualified name of the tag that comes next behind white space, and
// whether it is an end tag, without taking anything. The name is nil if something else
// comes next, if it has other characters than NewTag takes, or if the window ends
// before it does; Fill helps then.
func (s *Scanner) PeekName() (name []byte, end bool) {
	if !s.plain {
		return nil, false
	}
	b, i := s.ahead()
	if len(b)-i < 3 || b[i] != '<' {
		return nil, false
	}
	if i++; b[i] == '/' {
		end = true
		i++
	}
	j := i
	for j < len(b) && b[j] < 0x80 && (nameClass[b[j]] != 0 || b[j] == ':') {
		j++
	}
	if j == i || j == len(b) {
		return nil, end
	}
	return b[i:j], end
}

// near is how few bytes ahead make Fill worth calling.
const near = 4 << 10

// Fill reads on when little of the document is left in the window, and says whether
// anything came: the fast path may then do what it could not do before.
func (s *Scanner) Fill() bool {
	if !s.plain || s.w.end-s.w.start >= near {
		return false
	}
	if len(s.w.buf)-s.w.end < len(s.w.buf)/8 {
		s.w.makeRoom()
	}
	return s.w.more()
}
