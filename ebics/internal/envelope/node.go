// Package envelope reads and writes the XML messages of EBICS H004: requests,
// responses, and the order data that the protocol itself defines. A message is
// judged on the bytes as received, its structure must be exactly the schema's,
// and what stands in it can be had only after its signature was verified
// (Unverified), save what chooses the key to verify with.
package envelope

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"kontor/xmlscan"
)

// Limits of one message. A segment has at most 1 MiB of base64; headers are small.
const (
	maxDepth = 16
	maxNodes = 2000
)

// ErrStructure says that a message is well-formed XML but not the message that
// it should be; errors.Is finds it.
var ErrStructure = errors.New("message structure")

func structure(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrStructure, fmt.Sprintf(format, args...))
}

// attr is an attribute; space is "" without a prefix.
type attr struct{ space, local, value string }

// node is one element of a small tree. Comments are dropped, as canonical XML
// drops them, so the text around a comment is one text.
type node struct {
	space, local string
	attrs        []attr
	children     []*node
	text         []byte
}

// parse builds the tree of a whole document.
func parse(doc []byte, limits xmlscan.Limits) (*node, error) {
	s := xmlscan.NewScanner(bytes.NewReader(doc), limits)
	var root *node
	var open []*node
	count := 0
	for {
		kind, err := s.Next()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch kind {
		case xmlscan.StartElement:
			if count++; count > maxNodes {
				return nil, structure("more than %d elements", maxNodes)
			}
			n := &node{space: string(s.Space()), local: string(s.Local())}
			for _, a := range s.Attrs() {
				n.attrs = append(n.attrs, attr{string(a.Space), string(a.Local), string(a.Value)})
			}
			if len(open) == 0 {
				root = n
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, n)
			}
			open = append(open, n)
		case xmlscan.EndElement:
			open = open[:len(open)-1]
		case xmlscan.Text:
			if len(open) > 0 {
				n := open[len(open)-1]
				n.text = append(n.text, s.Text()...)
			}
		case xmlscan.ProcInst:
			if len(open) > 0 {
				return nil, structure("processing instruction inside the message")
			}
		case xmlscan.Comment:
		}
	}
}

func messageLimits(doc []byte) xmlscan.Limits {
	return xmlscan.Limits{Bytes: int64(len(doc)) + 1, Depth: maxDepth, Attributes: 16, Token: len(doc) + 1}
}

// attribute returns the value of an attribute without namespace.
func (n *node) attribute(local string) (string, bool) {
	for _, a := range n.attrs {
		if a.space == "" && a.local == local {
			return a.value, true
		}
	}
	return "", false
}

// value is the element's text without white space around it (xs:token).
func (n *node) value() string { return strings.TrimSpace(string(n.text)) }

// blank says whether the element has no text but white space.
func (n *node) blank() bool { return len(bytes.TrimSpace(n.text)) == 0 }

// children of an element-only element, read strictly in order.
type cursor struct {
	parent *node
	rest   []*node
	err    error
}

// in starts reading the children of n, which must have no text of its own.
func in(n *node) *cursor {
	c := &cursor{parent: n, rest: n.children}
	if !n.blank() {
		c.err = structure("text inside %s", n.local)
	}
	return c
}

// optional takes the next child if it has this name.
func (c *cursor) optional(space, local string) *node {
	if c.err != nil || len(c.rest) == 0 || c.rest[0].space != space || c.rest[0].local != local {
		return nil
	}
	n := c.rest[0]
	c.rest = c.rest[1:]
	return n
}

// required takes the next child, which must have this name. After a failure it
// returns an empty node, so that the caller may go on and ask for the error once.
func (c *cursor) required(space, local string) *node {
	if n := c.optional(space, local); n != nil {
		return n
	}
	if c.err == nil {
		c.err = structure("%s without %s at its place", c.parent.local, local)
	}
	return &node{local: local}
}

// foreign skips what the schema allows at the end of some types: elements of
// other namespaces.
func (c *cursor) foreign(space string) {
	for c.err == nil && len(c.rest) > 0 && c.rest[0].space != space {
		c.rest = c.rest[1:]
	}
}

// end says whether every child was taken.
func (c *cursor) end() error {
	if c.err == nil && len(c.rest) > 0 {
		c.err = structure("unexpected %s in %s", clip(c.rest[0].local), c.parent.local)
	}
	return c.err
}

// leaf returns the text of an element that must have no children.
func (c *cursor) leaf(n *node) string {
	if len(n.children) > 0 && c.err == nil {
		c.err = structure("element inside %s", n.local)
	}
	return n.value()
}

func clip(text string) string {
	if len(text) > 40 {
		return text[:40] + "…"
	}
	return text
}
