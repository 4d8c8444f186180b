// Package c14n writes the canonical form of XML: inclusive Canonical XML 1.0 without
// comments (http://www.w3.org/TR/2001/REC-xml-c14n-20010315), as signatures of EBICS
// are computed over it. It reads with the strict package xmlscan, so a document that
// is not well-formed, or has a document type declaration, has no canonical form.
package c14n

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"kontor/xmlscan"
)

// Algorithm is the URI of this canonical form in signatures.
const Algorithm = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"

// ErrRelativeNamespace means that a document declares a namespace by a relative URI;
// clause 1.3 of the recommendation refuses to canonicalise it.
var ErrRelativeNamespace = errors.New("a namespace is declared by a relative URI")

// The output may be this many times the input, and a little. Escaping alone stays
// below; only a hostile document, with many selected elements that each inherit many
// namespaces, goes beyond.
const (
	growth     = 8
	growthFree = 64 << 10
)

// maxInherited bounds the xml:* attributes of the open elements.
const maxInherited = 256

// Document returns the canonical form of a whole document. Errors are
// *xmlscan.SyntaxError and ErrRelativeNamespace, wrapped.
func Document(doc []byte, l xmlscan.Limits) ([]byte, error) {
	w := newWriter(nil, doc, l)
	seenRoot := false
	for {
		kind, err := w.next()
		if errors.Is(err, io.EOF) {
			return w.dst, nil
		}
		if err != nil {
			return nil, err
		}
		outside := w.s.Depth() == 0
		if kind == xmlscan.ProcInst && outside && seenRoot {
			w.dst = append(w.dst, '\n')
		}
		if kind == xmlscan.StartElement {
			w.startTag(!seenRoot)
			seenRoot = true
		} else {
			w.token(kind)
		}
		if kind == xmlscan.ProcInst && outside && !seenRoot {
			w.dst = append(w.dst, '\n')
		}
	}
}

// Element is a start tag as Select shows it. What it returns is valid during the call.
type Element struct{ s *xmlscan.Scanner }

// Local returns the local name.
func (e Element) Local() []byte { return e.s.Local() }

// Space returns the namespace URI, empty for none.
func (e Element) Space() []byte { return e.s.Space() }

// Depth returns 1 for the root element.
func (e Element) Depth() int { return e.s.Depth() }

// ParentLocal returns the local name of the parent element, empty at the root.
func (e Element) ParentLocal() []byte { return e.s.ParentLocal() }

// Attr returns the value of the attribute with this name and no namespace.
func (e Element) Attr(local string) (value []byte, ok bool) { return e.s.Attr(local) }

// Select appends to dst, in document order and without anything between them, the
// canonical forms of the elements for which pick is true, each with all it contains,
// and returns their number. Each is the apex of its subtree: it has all namespaces in
// scope there, used or not, and the xml:* attributes of its ancestors (clause 2.4). An
// element within a picked one is not picked again. The whole document is read, also
// after the last picked element: an error anywhere is an error. Errors are those of
// Document; then out is nil.
func Select(dst, doc []byte, l xmlscan.Limits, pick func(e Element) bool) (out []byte, picked int, err error) {
	w := newWriter(dst, doc, l)
	apex := 0 // depth of the picked element that is open, 0 for none
	for {
		kind, err := w.next()
		if errors.Is(err, io.EOF) {
			return w.dst, picked, nil
		}
		if err != nil {
			return nil, 0, err
		}
		if kind == xmlscan.StartElement && apex == 0 && pick(Element{w.s}) {
			apex = w.s.Depth()
			picked++
			w.startTag(true)
		} else if apex > 0 {
			w.token(kind)
		}
		switch kind {
		case xmlscan.StartElement:
			if apex == 0 { // below an apex nothing is picked, so nothing inherits
				if err := w.remember(); err != nil {
					return nil, 0, err
				}
			}
		case xmlscan.EndElement:
			if w.s.Depth() == apex {
				apex = 0
			}
			w.forget()
		case xmlscan.Text, xmlscan.Comment, xmlscan.ProcInst:
		}
	}
}

// inherited is an xml:* attribute of an open element.
type inherited struct {
	depth        int
	local, value []byte
}

// writer appends canonical tokens to dst.
type writer struct {
	s      *xmlscan.Scanner
	dst    []byte
	most   int // length dst may reach
	above  []inherited
	spaces []xmlscan.Namespace
	attrs  []xmlscan.Attr
}

func newWriter(dst, doc []byte, l xmlscan.Limits) *writer {
	return &writer{
		s:    xmlscan.NewScanner(bytes.NewReader(doc), l),
		dst:  dst,
		most: len(dst) + growth*len(doc) + growthFree,
	}
}

// next reads the next token, and refuses what has no canonical form.
func (w *writer) next() (xmlscan.Kind, error) {
	if len(w.dst) > w.most {
		return 0, fmt.Errorf("canonicalising: %w", &xmlscan.SyntaxError{
			Code: xmlscan.CodeLimit, Position: w.s.Position(), Message: "the canonical form is far longer than the document"})
	}
	kind, err := w.s.Next()
	if errors.Is(err, io.EOF) {
		return 0, io.EOF
	}
	if err != nil {
		return 0, fmt.Errorf("canonicalising: %w", err)
	}
	for _, n := range w.s.Namespaces() {
		if len(n.URI) > 0 && !hasScheme(n.URI) {
			return 0, fmt.Errorf("canonicalising: line %d: %w", w.s.Position().Line, ErrRelativeNamespace)
		}
	}
	return kind, nil
}

// hasScheme says whether a URI begins with a scheme (RFC 3986, 3.1) and so is absolute.
func hasScheme(uri []byte) bool {
	for i, c := range uri {
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		case i > 0 && (c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.'):
		default:
			return i > 0 && c == ':'
		}
	}
	return false
}

// remember keeps the xml:* attributes of the element that starts, for an apex below.
func (w *writer) remember() error {
	for _, a := range w.s.Attrs() {
		if string(a.Space) != xmlscan.XMLNamespace {
			continue
		}
		if len(w.above) == maxInherited {
			return fmt.Errorf("canonicalising: %w", &xmlscan.SyntaxError{
				Code: xmlscan.CodeLimit, Position: w.s.Position(), Message: "too many xml:* attributes to inherit"})
		}
		w.above = append(w.above, inherited{w.s.Depth(), bytes.Clone(a.Local), bytes.Clone(a.Value)})
	}
	return nil
}

// forget drops what remember kept of the element that ends.
func (w *writer) forget() {
	for n := len(w.above); n > 0 && w.above[n-1].depth == w.s.Depth(); n-- {
		w.above = w.above[:n-1]
	}
}
