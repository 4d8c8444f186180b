// Package tree reads small XML documents that banks fill unevenly, such as the
// order data of administrative orders: elements are found by their local names in
// the namespace of the root, what is missing is empty, and what is not known is
// passed over. It is for documents whose authenticity was judged elsewhere.
package tree

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"kontor/ebics"
	"kontor/xmlscan"
)

// ErrTooLarge says that a document has more elements or text than its limit.
var ErrTooLarge = errors.New("document has more content than the limit")

// Limits of one document.
type Limits struct {
	Bytes int64 // raw
	Nodes int   // elements and attributes
}

// maxDepth is far more than any EBICS document has.
const maxDepth = 32

// Node is an element.
type Node struct {
	Local    string
	attrs    map[string]string
	children []*Node
	text     []byte
}

// Parse reads a whole document. Elements that are not in the root's namespace are
// left out with all they hold.
//
// Errors: *xmlscan.SyntaxError, ErrTooLarge, and those of r.
func Parse(r io.Reader, l Limits) (root *Node, namespace string, err error) {
	s := xmlscan.NewScanner(r, xmlscan.Limits{Bytes: l.Bytes, Depth: maxDepth})
	var open []*Node // nil for what is left out
	left := l.Nodes
	for {
		kind, err := s.Next()
		if errors.Is(err, io.EOF) {
			return root, namespace, nil
		}
		if err != nil {
			return nil, "", err
		}
		switch kind {
		case xmlscan.StartElement:
			if len(open) == 0 {
				namespace = string(s.Space())
			}
			if left -= 1 + len(s.Attrs()); left < 0 {
				return nil, "", fmt.Errorf("%w: %d elements and attributes", ErrTooLarge, l.Nodes)
			}
			open = append(open, start(s, namespace, open))
			if root == nil {
				root = open[0]
			}
		case xmlscan.EndElement:
			open = open[:len(open)-1]
		case xmlscan.Text:
			if len(open) > 0 && open[len(open)-1] != nil {
				n := open[len(open)-1]
				n.text = append(n.text, s.Text()...)
			}
		case xmlscan.Comment, xmlscan.ProcInst:
		}
	}
}

// start makes the node of the element that begins, under the open one.
func start(s *xmlscan.Scanner, namespace string, open []*Node) *Node {
	if string(s.Space()) != namespace || len(open) > 0 && open[len(open)-1] == nil {
		return nil
	}
	n := &Node{Local: string(s.Local())}
	for _, a := range s.Attrs() {
		if len(a.Space) > 0 && string(a.Space) != namespace {
			continue
		}
		if n.attrs == nil {
			n.attrs = map[string]string{}
		}
		n.attrs[string(a.Local)] = strings.TrimSpace(string(a.Value))
	}
	if len(open) > 0 {
		parent := open[len(open)-1]
		parent.children = append(parent.children, n)
	}
	return n
}

// Child is the first child of a name; nil, on which every method works, if there
// is none.
func (n *Node) Child(local string) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.Local == local {
			return c
		}
	}
	return nil
}

// All are the children of a name, in order; of all names if local is "".
func (n *Node) All(local string) []*Node {
	if n == nil {
		return nil
	}
	var found []*Node
	for _, c := range n.children {
		if local == "" || c.Local == local {
			found = append(found, c)
		}
	}
	return found
}

// Text is the node's own text without white space around it.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	return strings.TrimSpace(string(n.text))
}

// Value is the text of a child.
func (n *Node) Value(local string) string { return n.Child(local).Text() }

// Attr is the value of an attribute, or "".
func (n *Node) Attr(local string) string {
	if n == nil {
		return ""
	}
	return n.attrs[local]
}

// Bool reads an xs:boolean attribute or text; anything else is false.
func Bool(text string) bool { return text == "true" || text == "1" }

// BTF reads the node as a Service of H005 (RestrictedServiceType).
func (n *Node) BTF() ebics.BTF {
	message := n.Child("MsgName")
	return ebics.BTF{
		ServiceName: n.Value("ServiceName"), Scope: n.Value("Scope"), Option: n.Value("ServiceOption"),
		Container: n.Child("Container").Attr("containerType"), MsgName: message.Text(),
		Version: message.Attr("version"), Variant: message.Attr("variant"), Format: message.Attr("format"),
	}
}
