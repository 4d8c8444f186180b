package xsd

import (
	"errors"
	"io"
	"path"
	"strings"
)

// maxDocuments bounds the documents of one schema.
const maxDocuments = 64

// Opener opens a schema document: the one given to Compile, and those that it includes
// or redefines. A location is a slash-separated path; that of an included document is
// already resolved against the including one. It is never absolute, and never a URL.
type Opener func(location string) (io.ReadCloser, error)

// errNoTarget is the cause of the error of a schema without target namespace.
var errNoTarget = errors.New("a schema without target namespace is not supported")

// definition is a named component. A redefined one keeps what it redefines, because
// within it its own name means that.
type definition struct {
	name     qname
	node     *node
	original *definition
}

// source is all documents of a schema with their named components.
type source struct {
	open      Opener
	target    string
	documents map[string]*document
	active    map[string]bool // being loaded, to see circles
	types     map[qname]*definition
	groups    map[qname]*definition
	attGroups map[qname]*definition
	elements  map[qname]*definition
	roots     []*definition // global elements in order
}

// load reads the schema at location and everything it includes.
func load(open Opener, location string) (*source, error) {
	s := &source{
		open: open, documents: make(map[string]*document), active: make(map[string]bool),
		types: make(map[qname]*definition), groups: make(map[qname]*definition),
		attGroups: make(map[qname]*definition), elements: make(map[qname]*definition),
	}
	r, err := open(location)
	if err != nil {
		return nil, &SchemaError{File: location, Message: "cannot be opened", Err: err}
	}
	doc, err := readDocument(r, location)
	if err != nil {
		return nil, err
	}
	if doc.target == "" {
		return nil, &SchemaError{File: location, Line: doc.root.line, Message: "cannot stand alone", Err: errNoTarget}
	}
	s.target = doc.target
	s.documents[location] = doc
	s.active[location] = true
	return s, s.add(doc)
}

// add takes the components of a document, those of the documents that it includes first.
func (s *source) add(doc *document) error {
	if err := checkRoot(doc.root); err != nil {
		return err
	}
	for _, n := range doc.root.children {
		var err error
		switch n.name {
		case "include":
			_, err = s.include(n)
		case "redefine":
			err = s.redefine(n)
		case "attribute":
			_, err = definitionName(n)
			// A global attribute is nothing by itself, and references to one are not supported.
		default:
			err = s.define(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func checkRoot(root *node) error {
	if v, _ := root.attr("elementFormDefault"); v != "qualified" {
		return root.fail("elementFormDefault is not qualified: elements without namespace are not supported")
	}
	if v, ok := root.attr("attributeFormDefault"); ok && v != "unqualified" {
		return root.fail("attributeFormDefault is not unqualified: attributes with a namespace are not supported")
	}
	if v, ok := root.attr("blockDefault"); ok && v != "" {
		return root.fail("blockDefault is not supported")
	}
	return nil
}

// include loads what a node refers to, unless that has been done.
func (s *source) include(n *node) (*document, error) {
	value, ok := n.attr("schemaLocation")
	if !ok || value == "" {
		return nil, n.fail("xs:%s without schemaLocation", n.name)
	}
	if strings.ContainsAny(value, ":\\") || path.IsAbs(value) {
		return nil, n.fail("schemaLocation %q is not a relative path", value)
	}
	location := path.Join(path.Dir(n.doc.location), value)
	if doc := s.documents[location]; doc != nil {
		if n.name == "redefine" || s.active[location] && doc.target != s.target {
			return nil, n.fail("%q is included or redefined twice", value)
		}
		return doc, nil
	}
	if len(s.documents) == maxDocuments {
		return nil, n.fail("a schema of more than %d documents", maxDocuments)
	}
	r, err := s.open(location)
	if err != nil {
		return nil, &SchemaError{File: n.doc.location, Line: n.line, Message: "the included schema cannot be opened", Err: err}
	}
	doc, err := readDocument(r, location)
	if err != nil {
		return nil, err
	}
	if doc.own && doc.target != s.target {
		return nil, n.fail("%q has another target namespace", value)
	}
	doc.target = s.target
	s.documents[location] = doc
	s.active[location] = true
	err = s.add(doc)
	s.active[location] = false
	return doc, err
}

// redefine loads a document and replaces some of its components (part 1, clause 4.2.2).
// All that refer to them, also in that document, then mean the new ones.
func (s *source) redefine(n *node) error {
	if _, err := s.include(n); err != nil {
		return err
	}
	for _, c := range n.children {
		name, err := definitionName(c)
		if err != nil {
			return err
		}
		table := s.table(c.name)
		before := table[name]
		if before == nil || before.node.name != c.name {
			return c.fail("xs:%s %q is redefined, but not defined", c.name, name.local)
		}
		if before.node.doc == c.doc {
			return c.fail("xs:%s %q is redefined twice", c.name, name.local)
		}
		table[name] = &definition{name: name, node: c, original: before}
	}
	return nil
}

// table returns where components of a kind are kept. Simple and complex types share one.
func (s *source) table(kind string) map[qname]*definition {
	switch kind {
	case "group":
		return s.groups
	case "attributeGroup":
		return s.attGroups
	case "element":
		return s.elements
	}
	return s.types
}

func definitionName(n *node) (qname, error) {
	name, ok := n.attr("name")
	if !ok || name == "" {
		return qname{}, n.fail("a global xs:%s without name", n.name)
	}
	return qname{n.doc.target, name}, nil
}

func (s *source) define(n *node) error {
	name, err := definitionName(n)
	if err != nil {
		return err
	}
	table := s.table(n.name)
	if table[name] != nil {
		return n.fail("xs:%s %q is defined twice", n.name, name.local)
	}
	d := &definition{name: name, node: n}
	table[name] = d
	if n.name == "element" {
		s.roots = append(s.roots, d)
	}
	return nil
}

// find looks up what a name in a node means. Within a redefinition its own name means
// what is redefined.
func (s *source) find(kind string, n *node, within *definition, value string) (*definition, error) {
	name, err := n.resolve(value)
	if err != nil {
		return nil, err
	}
	if within != nil && within.original != nil && within.name == name {
		return within.original, nil
	}
	d := s.table(kind)[name]
	if d == nil {
		return nil, n.fail("%s %q is not defined", kind, value)
	}
	return d, nil
}
