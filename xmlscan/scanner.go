// Package xmlscan reads XML 1.0 with namespaces as a stream of tokens: one pass, no
// tree, no allocation per element, memory bounded by Limits.
//
// It is strict. A document is read to its end only if it is well-formed (XML 1.0,
// fifth edition) and namespace-well-formed (Namespaces in XML 1.0, third edition).
// There is no document type declaration: DOCTYPE is refused, so entities other than
// the five predefined ones do not exist and nothing is ever fetched or expanded.
// Signatures and payments are judged on what this package reports, so what it reports
// never depends on how the reader delivers the bytes.
package xmlscan

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// Limits bounds what a document may demand. A zero field stands for its default.
type Limits struct {
	Bytes      int64 // raw bytes of the document; default: no limit
	Depth      int   // nesting of elements; default 64
	Attributes int   // attributes and namespace declarations of one element; default 64
	Namespaces int   // namespace declarations in scope at any place; default 64
	Token      int   // raw bytes of one tag, comment or processing instruction; default 4 MiB. Text has no limit: it comes in pieces
}

// The defaults of Limits.
const (
	defaultDepth      = 64
	defaultAttributes = 64
	defaultNamespaces = 64
	defaultToken      = 4 << 20
)

// Kind is the kind of a token.
type Kind uint8

// The kinds of tokens. The zero Kind is none: it comes with an error.
const (
	StartElement Kind = iota + 1
	EndElement
	Text
	Comment
	ProcInst
)

// String returns the name of the kind.
func (k Kind) String() string {
	switch k {
	case StartElement:
		return "StartElement"
	case EndElement:
		return "EndElement"
	case Text:
		return "Text"
	case Comment:
		return "Comment"
	case ProcInst:
		return "ProcInst"
	}
	return "none"
}

// Attr is an attribute of a start tag. Space is empty for an attribute without prefix.
// Value is normalised as XML 1.0, clause 3.3.3 says for undeclared attributes.
type Attr struct {
	Prefix, Local, Space, Value []byte
}

// Namespace is a declaration: xmlns:Prefix="URI". Prefix is empty for the default
// namespace; an empty URI takes the default namespace away.
type Namespace struct {
	Prefix, URI []byte
}

// Scanner reads the tokens of one document. All bytes it returns are UTF-8, belong to
// it and are valid until the next call of Next. A Scanner is for one goroutine.
type Scanner struct {
	w          window
	limits     Limits
	err        error // what Next returned last, for ever
	begun      bool
	rootSeen   bool
	inCDATA    bool
	emptyTag   bool // the element just started has an empty-element tag: its end comes next
	closing    bool // the innermost element has ended and is to be dropped
	encoding   encoding
	transcoded bool     // raw is in use: decoded text is not the raw token
	marked     bool     // the document begins with a byte order mark
	cdata      Position // where the first CDATA section begins; Line 0: nowhere yet

	parts bool // the input may end before the document does

	plain       bool   // the fast path is open: there is no current token
	plainPrefix string // for elements with this prefix
	plainSpace  int    // whose namespace this is, like element.space

	kind   Kind
	length int    // raw bytes of the current token
	prefix []byte // of the current element
	local  []byte // of the current element, or target of the processing instruction
	space  []byte
	text   []byte

	attrs    []Attr
	spots    []int // where in the decoded tag each of attrs begins
	declared []Namespace

	elements []element
	names    []byte // qualified names of the open elements
	bindings []binding
	uris     []byte // prefixes and URIs of the bindings
	raw      []byte // transcoded token
	values   []byte // decoded text and attribute values
}

// NewScanner returns a scanner for the document that r delivers. It reads r no further
// than the end of the document plus its buffer, and never closes it.
func NewScanner(r io.Reader, l Limits) *Scanner {
	s := newScanner(r, l, windowSize)
	s.w.most = windowMost
	return s
}

// newScanner lets tests choose a small window, so that every token crosses its end.
func newScanner(r io.Reader, l Limits, size int) *Scanner {
	if l.Bytes < 0 {
		l.Bytes = 0
	}
	if l.Depth <= 0 {
		l.Depth = defaultDepth
	}
	if l.Attributes <= 0 {
		l.Attributes = defaultAttributes
	}
	if l.Namespaces <= 0 {
		l.Namespaces = defaultNamespaces
	}
	if l.Token <= 0 {
		l.Token = defaultToken
	}
	s := &Scanner{w: window{r: r, limit: l.Bytes, size: size, most: size}, limits: l}
	s.w.open = &s.elements
	return s
}

// Next reads the next token. It returns io.EOF after a complete well-formed document,
// a *SyntaxError for anything else in the document, and an error of the reader wrapped.
// After an error it returns the same error again. White space outside the root element
// and the XML declaration are no tokens; an empty-element tag is a StartElement and an
// EndElement at the same place.
func (s *Scanner) Next() (Kind, error) {
	if s.err != nil {
		return 0, s.err
	}
	s.plain = false
	s.release()
	kind, err := s.next()
	if err != nil {
		s.err = err
		s.kind, s.length = 0, 0
		s.text, s.local, s.prefix, s.space = nil, nil, nil, nil
		s.attrs, s.declared = s.attrs[:0], s.declared[:0]
		return 0, err
	}
	s.kind = kind
	return kind, nil
}

// release drops the current token.
func (s *Scanner) release() {
	if s.closing {
		s.closing = false
		s.pop()
	}
	s.attrs, s.spots, s.declared = s.attrs[:0], s.spots[:0], s.declared[:0]
	s.text = nil
	if s.emptyTag {
		return // its end tag is the same bytes
	}
	s.w.start += s.length
	s.length = 0
}

func (s *Scanner) next() (Kind, error) {
	if !s.begun {
		s.begun = true
		if err := s.begin(); err != nil {
			return 0, err
		}
	}
	if s.emptyTag {
		s.emptyTag = false
		s.end()
		return EndElement, nil
	}
	for {
		if s.inCDATA {
			if found, err := s.scanCDATA(); found || err != nil {
				return Text, err
			}
			continue
		}
		if !s.w.ensure(1) {
			return 0, s.finish()
		}
		if s.w.view()[0] == '<' {
			kind, err := s.markup()
			if kind != 0 || err != nil {
				return kind, err
			}
			continue
		}
		if len(s.elements) > 0 {
			return Text, s.scanText()
		}
		if err := s.skipSpace(); err != nil {
			return 0, err
		}
	}
}

// markup reads what begins with "<"; kind 0 means that a CDATA section has begun.
func (s *Scanner) markup() (Kind, error) {
	if !s.w.ensure(2) {
		return 0, s.ended(0, "markup")
	}
	switch s.w.view()[1] {
	case '/':
		return EndElement, s.scanEndTag()
	case '?':
		return ProcInst, s.scanProcInst()
	case '!':
		return s.scanDeclaration()
	}
	return StartElement, s.scanStartTag()
}

// finish judges the end of the input.
func (s *Scanner) finish() error {
	if err := s.inputError(); err != nil {
		return err
	}
	switch {
	case len(s.elements) > 0 && s.parts:
		return ErrPart
	case len(s.elements) > 0:
		e := s.elements[len(s.elements)-1]
		return s.fail(CodeTruncated, 0, "the document ends within the element %s", quoted(s.names[e.name:]))
	case !s.rootSeen:
		return s.fail(CodeEmpty, 0, "the document has no element")
	}
	return io.EOF
}

// skipSpace drops white space outside the root element and refuses anything else there.
func (s *Scanner) skipSpace() error {
	n := spaces(s.w.view())
	if n == 0 {
		if _, _, err := s.decodeFirst(); err != nil {
			return err
		}
		if s.rootSeen {
			return s.fail(CodeMalformed, 0, "text after the root element")
		}
		return s.fail(CodeMalformed, 0, "text before the root element")
	}
	s.w.start += n
	return nil
}

// decodeFirst decodes one character, to say of a wrong one why it is wrong.
func (s *Scanner) decodeFirst() ([]byte, uint8, error) {
	n := 1
	if s.encoding.high == nil {
		s.w.ensure(utf8.UTFMax)
		_, n = utf8.DecodeRune(s.w.view())
	}
	return s.decode(s.w.view()[:n])
}

// Prefix returns the prefix of the element that starts or ends, empty for none.
func (s *Scanner) Prefix() []byte { return s.prefix }

// Local returns the local name of the element that starts or ends, or the target of a
// processing instruction.
func (s *Scanner) Local() []byte { return s.local }

// Space returns the namespace URI of the element that starts or ends, empty for none.
func (s *Scanner) Space() []byte { return s.space }

// ParentLocal returns the local name of the element around the innermost open element,
// empty at the root.
func (s *Scanner) ParentLocal() []byte {
	if len(s.elements) < 2 {
		return nil
	}
	parent, child := s.elements[len(s.elements)-2], s.elements[len(s.elements)-1]
	return s.names[parent.name+parent.colon : child.name]
}

// Attrs returns the attributes of a start tag in document order, without namespace
// declarations.
func (s *Scanner) Attrs() []Attr { return s.attrs }

// Attr returns the value of the attribute of a start tag that has this name and no
// namespace.
func (s *Scanner) Attr(local string) (value []byte, ok bool) {
	for i := range s.attrs {
		if a := &s.attrs[i]; len(a.Prefix) == 0 && string(a.Local) == local {
			return a.Value, true
		}
	}
	return nil, false
}

// Namespaces returns the declarations of this very start tag in document order.
func (s *Scanner) Namespaces() []Namespace { return s.declared }

// Text returns the characters of a Text, with references resolved and line ends
// normalised; the content of a Comment; or what follows the target of a ProcInst.
// A text may come as several tokens in a row, none of them empty.
func (s *Scanner) Text() []byte { return s.text }

// Depth returns how many elements are open: 1 from the start tag of the root to its
// end tag, both included, and 0 outside.
func (s *Scanner) Depth() int { return len(s.elements) }

// Position returns where the current token begins; after an error or the end, where
// the scanner stopped to read tokens.
func (s *Scanner) Position() Position { return s.w.position(s.w.start) }

// EndOffset returns the offset in the raw document just after the current token.
func (s *Scanner) EndOffset() int64 { return s.w.base + int64(s.w.start+s.length) }

// Encoding returns "UTF-8", "ISO-8859-1", "ISO-8859-15", "windows-1252" or "US-ASCII",
// whatever spelling the document has; it is empty before the first Next.
func (s *Scanner) Encoding() string { return s.encoding.name }

// Marked says whether the document begins with a byte order mark.
func (s *Scanner) Marked() bool { return s.marked }

// FirstCDATA returns where the first CDATA section up to here begins, with Line 0 if
// there is none.
func (s *Scanner) FirstCDATA() Position { return s.cdata }

// Offset returns the offset in the raw document where the current token begins.
func (s *Scanner) Offset() int64 { return s.w.base + int64(s.w.start) }

// PositionAt returns the place of an offset in what has been read as tokens. It is known
// for the start tags of the open elements and of the one closed last, and, as a rule, for
// the last 64 KiB; of what is no more known only the offset is returned, with line and
// column 0.
func (s *Scanner) PositionAt(offset int64) Position { return s.w.positionAt(offset) }

// find returns the length of the current token, which ends with the first mark from
// the index from on.
func (s *Scanner) find(from int, mark, what string) (int, error) {
	for {
		v := s.bounded()
		if i := bytes.Index(v[min(from, len(v)):], []byte(mark)); i >= 0 {
			return from + i + len(mark), nil
		}
		from = max(from, len(v)-len(mark)+1)
		if err := s.extend(v, what); err != nil {
			return 0, err
		}
	}
}

// bounded returns as much of the current token as the limit allows to look at.
func (s *Scanner) bounded() []byte {
	v := s.w.view()
	return v[:min(len(v), s.limits.Token)]
}

// extend reads on when the end of a token is not within v, which bounded returned.
func (s *Scanner) extend(v []byte, what string) error {
	if len(v) >= s.limits.Token {
		return s.fail(CodeLimit, 0, "%s is longer than %d bytes", what, s.limits.Token)
	}
	if !s.w.more() {
		return s.ended(0, what)
	}
	return nil
}
