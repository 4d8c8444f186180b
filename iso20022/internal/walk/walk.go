// Package walk goes through bank documents by structure: a handler sees every element
// with the path of local names above it, whatever the namespace, so that one reader
// serves all versions of a message.
package walk

import (
	"fmt"
	"io"
	"strings"

	"kontor/finding"
	"kontor/xmlscan"
)

// maxValue is how many bytes of one element's text are kept. The longest text of the
// messages read here has 500 characters; banks that write more lose the rest.
const maxValue = 64 << 10

// maxName is how many bytes of a name go into the path: no name that a reader looks for
// is so long, and a hostile document must not make the path large.
const maxName = 128

// Cursor is the walk's place in the document.
type Cursor struct {
	scan  *xmlscan.Scanner
	path  []byte
	marks []int // length of path before each open element
	text  []byte
	leaf  bool
}

// Handler is called at start and end of every element; both functions must be set. An
// error ends the walk and is returned as it is.
type Handler struct {
	Start func(*Cursor) error
	End   func(*Cursor) error
}

// Walk reads the whole document. XML that is not well-formed is a wrapped
// *xmlscan.SyntaxError; read errors are wrapped too.
func Walk(r io.Reader, l xmlscan.Limits, h Handler) error {
	c := &Cursor{scan: xmlscan.NewScanner(r, l)}
	for {
		kind, err := c.scan.Next()
		if err == io.EOF { //nolint:errorlint // the scanner's own end of document; a wrapped one is a read error
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading document: %w", err)
		}
		switch kind {
		case xmlscan.StartElement:
			c.open()
			err = h.Start(c)
		case xmlscan.EndElement:
			err = h.End(c)
			c.close()
		case xmlscan.Text:
			if room := maxValue - len(c.text); c.leaf && room > 0 {
				text := c.scan.Text()
				c.text = append(c.text, text[:min(len(text), room)]...)
			}
		case xmlscan.Comment, xmlscan.ProcInst:
		}
		if err != nil {
			return err
		}
	}
}

func (c *Cursor) open() {
	c.marks = append(c.marks, len(c.path))
	if len(c.path) > 0 {
		c.path = append(c.path, '/')
	}
	local := c.scan.Local()
	c.path = append(c.path, local[:min(len(local), maxName)]...)
	c.text, c.leaf = c.text[:0], true
}

func (c *Cursor) close() {
	last := len(c.marks) - 1
	c.path, c.marks = c.path[:c.marks[last]], c.marks[:last]
	c.text, c.leaf = c.text[:0], false
}

// Depth is 1 for the document element.
func (c *Cursor) Depth() int { return len(c.marks) }

// Path returns the local names from the document element to the current one, joined
// by slashes; valid until the next element.
func (c *Cursor) Path() []byte { return c.path }

// Below returns the path without its first n names, nil if there are no more.
func (c *Cursor) Below(n int) []byte {
	if n >= len(c.marks) {
		return nil
	}
	if n == 0 {
		return c.path
	}
	return c.path[c.marks[n]+1:]
}

// Local returns the current element's name; valid until the next element.
func (c *Cursor) Local() []byte { return c.scan.Local() }

// Space returns the current element's namespace.
func (c *Cursor) Space() string { return string(c.scan.Space()) }

// Value returns the text of the element that ends, without white space around it;
// empty for one that has child elements.
func (c *Cursor) Value() string {
	if !c.leaf {
		return ""
	}
	return strings.Trim(string(c.text), " \t\r\n")
}

// Attr returns an attribute without namespace; only at the start of an element.
func (c *Cursor) Attr(local string) string {
	for _, a := range c.scan.Attrs() {
		if string(a.Local) == local && len(a.Space) == 0 {
			return string(a.Value)
		}
	}
	return ""
}

// At returns the place of the current tag.
func (c *Cursor) At() finding.Location {
	p := c.scan.Position()
	return finding.Location{Line: p.Line, Column: p.Column, Offset: p.Offset, Path: string(c.path)}
}

// Offset returns where the current tag begins in the raw bytes.
func (c *Cursor) Offset() int64 { return c.scan.Position().Offset }

// EndOffset returns where the current tag ends in the raw bytes.
func (c *Cursor) EndOffset() int64 { return c.scan.EndOffset() }

// Message returns the message name in an ISO 20022 or similar namespace, the part
// after its last colon ("camt.053.001.08"), and "" if that does not begin with the
// prefix.
func Message(space, prefix string) string {
	name := space[strings.LastIndexByte(space, ':')+1:]
	if !strings.HasPrefix(name, prefix) || len(name) > 40 {
		return ""
	}
	return name
}
