package xsd

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"kontor/xmlscan"
)

// schemaNamespace is the namespace of XML Schema itself.
const schemaNamespace = "http://www.w3.org/2001/XMLSchema"

// The limits of one schema document. The largest official one is a fiftieth of that.
const (
	maxSchemaBytes = 16 << 20
	maxSchemaNodes = 500_000
)

// SchemaError says why a schema cannot be compiled: it is wrong, or it uses something
// that this package does not support. It is never the fault of a checked document.
type SchemaError struct {
	File    string // location, as given to Compile or resolved from it
	Line    int    // of the start tag concerned; 0 if the file as a whole is meant
	Message string // English, about the schema only
	Err     error  // the cause, if there is one
}

// Error returns place and message.
func (e *SchemaError) Error() string {
	at := e.File
	if e.Line > 0 {
		at = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Err != nil {
		return fmt.Sprintf("schema %s: %s: %v", at, e.Message, e.Err)
	}
	return fmt.Sprintf("schema %s: %s", at, e.Message)
}

// Unwrap returns the cause.
func (e *SchemaError) Unwrap() error { return e.Err }

// qname is a name with its namespace.
type qname struct{ space, local string }

// node is an element of a schema document. Annotations are left out.
type node struct {
	name     string // local name; the namespace is that of XML Schema
	attrs    []nodeAttr
	children []*node
	line     int
	doc      *document
	scope    *scope
}

// nodeAttr is an attribute without namespace.
type nodeAttr struct{ name, value string }

// scope is the namespace declarations in force.
type scope struct {
	prefix, uri string
	outer       *scope
}

// document is one schema document.
type document struct {
	location string
	target   string // targetNamespace, or that of the including schema if it has none
	own      bool   // it has a targetNamespace itself
	root     *node
}

// fail makes an error at the node.
func (n *node) fail(format string, args ...any) error {
	return &SchemaError{File: n.doc.location, Line: n.line, Message: fmt.Sprintf(format, args...)}
}

// attr returns the value of an attribute.
func (n *node) attr(name string) (string, bool) {
	for i := range n.attrs {
		if n.attrs[i].name == name {
			return n.attrs[i].value, true
		}
	}
	return "", false
}

// resolve makes a name of a QName in an attribute value. A document without target
// namespace that is included takes over that of the including one (part 1, clause 4.2.1).
func (n *node) resolve(value string) (qname, error) {
	value = strings.Trim(value, " \t\r\n")
	prefix, local, found := strings.Cut(value, ":")
	if !found {
		prefix, local = "", value
	}
	if local == "" || strings.Contains(local, ":") || found && prefix == "" {
		return qname{}, n.fail("%q is not a name", value)
	}
	for s := n.scope; s != nil; s = s.outer {
		if s.prefix == prefix {
			if s.uri == "" {
				break
			}
			return qname{s.uri, local}, nil
		}
	}
	if prefix == "xml" {
		return qname{xmlscan.XMLNamespace, local}, nil
	}
	if prefix != "" {
		return qname{}, n.fail("the prefix of %q is not declared", value)
	}
	if !n.doc.own {
		return qname{n.doc.target, local}, nil
	}
	return qname{"", local}, nil
}

// reader builds the nodes of one document.
type reader struct {
	scanner *xmlscan.Scanner
	doc     *document
	count   int
}

// readDocument reads a schema document. It closes r.
func readDocument(r io.ReadCloser, location string) (*document, error) {
	b := &reader{
		scanner: xmlscan.NewScanner(r, xmlscan.Limits{Bytes: maxSchemaBytes, Namespaces: 256}),
		doc:     &document{location: location},
	}
	err := b.read()
	if closeErr := r.Close(); err == nil && closeErr != nil {
		err = closeErr
	}
	if err == nil {
		return b.doc, nil
	}
	if _, ok := errors.AsType[*SchemaError](err); ok {
		return nil, err
	}
	if syntax, ok := errors.AsType[*xmlscan.SyntaxError](err); ok {
		return nil, &SchemaError{File: location, Line: syntax.Position.Line, Message: "not well-formed", Err: err}
	}
	return nil, &SchemaError{File: location, Message: "cannot be read", Err: err}
}

func (b *reader) read() error {
	var open []*node
	skipped := 0 // depth within an annotation
	for {
		kind, err := b.scanner.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch kind {
		case xmlscan.StartElement:
			if skipped > 0 || string(b.scanner.Local()) == "annotation" && string(b.scanner.Space()) == schemaNamespace {
				skipped++
				continue
			}
			n, err := b.start(open)
			if err != nil {
				return err
			}
			open = append(open, n)
		case xmlscan.EndElement:
			if skipped > 0 {
				skipped--
				continue
			}
			open = open[:len(open)-1]
		case xmlscan.Text:
			if skipped == 0 && strings.Trim(string(b.scanner.Text()), " \t\r\n") != "" {
				return open[len(open)-1].fail("text within xs:%s", open[len(open)-1].name)
			}
		case xmlscan.Comment, xmlscan.ProcInst:
		}
	}
}

// start makes the node of a start tag and hangs it below the innermost open one.
func (b *reader) start(open []*node) (*node, error) {
	s := b.scanner
	n := &node{name: string(s.Local()), line: s.Position().Line, doc: b.doc}
	if len(open) > 0 {
		n.scope = open[len(open)-1].scope
	}
	for _, d := range s.Namespaces() {
		n.scope = &scope{string(d.Prefix), string(d.URI), n.scope}
	}
	if b.count++; b.count > maxSchemaNodes {
		return nil, n.fail("more than %d elements", maxSchemaNodes)
	}
	if string(s.Space()) != schemaNamespace {
		return nil, n.fail("the element %q of namespace %q is not one of XML Schema 1.0", n.name, s.Space())
	}
	known, ok := grammar[n.name]
	if !ok {
		return nil, n.fail("xs:%s is not supported", n.name)
	}
	for _, a := range s.Attrs() {
		switch {
		case string(a.Space) == versioningNamespace:
			return nil, n.fail("the attribute vc:%s is not supported", a.Local)
		case len(a.Space) > 0: // of others: no business of XML Schema
			continue
		case !strings.Contains(known.attributes, " "+string(a.Local)+" "):
			return nil, n.fail("the attribute %s of xs:%s is not supported", a.Local, n.name)
		}
		n.attrs = append(n.attrs, nodeAttr{string(a.Local), string(a.Value)})
	}
	if len(open) == 0 {
		if n.name != "schema" {
			return nil, n.fail("not a schema: the root element is xs:%s", n.name)
		}
		b.doc.root = n
		b.doc.target, b.doc.own = n.attr("targetNamespace")
		return n, nil
	}
	parent := open[len(open)-1]
	if !strings.Contains(grammar[parent.name].children, " "+n.name+" ") {
		return nil, n.fail("xs:%s is not allowed or not supported within xs:%s", n.name, parent.name)
	}
	parent.children = append(parent.children, n)
	return n, nil
}
