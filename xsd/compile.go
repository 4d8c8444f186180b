package xsd

import (
	"path"
	"strings"
)

// The limits of one schema. The largest official one needs a tenth of that.
const (
	maxTypes = 50_000
	maxNames = 50_000
)

// Compile makes the tables of the schema at location; open opens it and the documents
// that it includes or redefines. What is wrong or not supported is a *SchemaError with
// file and line; nothing is ignored but annotations, identifiers and what restrains
// other schemas only (final). Not supported are: other namespaces (import), elements
// without namespace, xs:all, lists and unions, anyAttribute, substitution groups,
// abstract and nillable components, default and fixed element content, default
// attributes, identity constraints, floating point and durations, bounds of dates,
// enumerations of anything but text, and all of version 1.1.
//
// That a restriction admits nothing which its base refuses is not checked: a document is
// judged by the type that the schema names, which is all that counts for its validity.
func Compile(open Opener, location string) (*Schema, error) {
	s, err := load(open, location)
	if err != nil {
		return nil, err
	}
	c := &compiler{
		source:    s,
		schema:    &Schema{name: strings.TrimSuffix(path.Base(location), ".xsd"), namespace: s.target},
		names:     make(map[string]uint32),
		simples:   make(map[any]int),
		complexes: make(map[any]int),
		dfas:      make(map[string]uint32),
		busy:      make(map[*node]bool),
	}
	if err := c.compile(); err != nil {
		return nil, err
	}
	return c.schema, nil
}

// Namespace returns the target namespace.
func (s *Schema) Namespace() string { return s.namespace }

// Name returns the file name of the schema without .xsd, e.g. "pain.001.001.09_GBIC_5".
func (s *Schema) Name() string { return s.name }

// compiler makes the tables, from the roots down: types that no document can reach are
// left out.
type compiler struct {
	source    *source
	schema    *Schema
	names     map[string]uint32
	simples   map[any]int // *definition, *node of an anonymous type, or name of a built-in type
	complexes map[any]int
	queue     []pending // complex types that have an index but no tables
	dfas      map[string]uint32
	busy      map[*node]bool // types being derived, to see circles
}

// pending is a complex type to be compiled.
type pending struct {
	index  int
	node   *node
	within *definition
}

func (c *compiler) compile() error {
	if len(c.source.roots) == 0 {
		return c.source.documentError("the schema has no global element")
	}
	for _, d := range c.source.roots {
		t, err := c.elementType(d.node)
		if err != nil {
			return err
		}
		c.schema.roots = append(c.schema.roots, element{c.intern(d.name.local), t})
	}
	for len(c.queue) > 0 {
		p := c.queue[0]
		c.queue = c.queue[1:]
		t, err := c.complexType(p)
		if err != nil {
			return err
		}
		name, _ := p.node.attr("name")
		t.name = name
		c.schema.complex[p.index] = *t
		if len(c.schema.complex) > maxTypes || len(c.schema.simple) > maxTypes || len(c.names) > maxNames {
			return p.node.fail("the schema has more than %d types or names", maxTypes)
		}
	}
	c.prune()
	return nil
}

// documentError makes an error about the schema as a whole.
func (s *source) documentError(message string) error {
	for _, d := range s.documents {
		if s.active[d.location] {
			return &SchemaError{File: d.location, Line: d.root.line, Message: message}
		}
	}
	return &SchemaError{Message: message}
}

func (c *compiler) intern(name string) uint32 {
	i, ok := c.names[name]
	if !ok {
		i = uint32(len(c.schema.names))
		c.names[name] = i
		c.schema.names = append(c.schema.names, name)
	}
	return i
}

// elementType returns the type of an element declaration.
func (c *compiler) elementType(n *node) (typeRef, error) {
	if err := checkElement(n); err != nil {
		return 0, err
	}
	value, named := n.attr("type")
	switch {
	case named && len(n.children) == 0:
		return c.namedType(n, value)
	case named:
		return 0, n.fail("an element with a named and an anonymous type")
	case len(n.children) != 1:
		return 0, n.fail("an element without a type, or with several, is not supported")
	}
	child := n.children[0]
	if child.name == "simpleType" {
		i, err := c.anonymousSimple(child)
		return simpleRef(i), err
	}
	return c.reserve(child, child, nil), nil
}

// checkElement refuses what an element may have but is not supported.
func checkElement(n *node) error {
	for _, a := range n.attrs {
		switch {
		case (a.name == "nillable" || a.name == "abstract") && a.value != "false" && a.value != "0",
			a.name == "block" && a.value != "",
			a.name == "form" && a.value != "qualified":
			return n.fail("%s=%q of an element is not supported", a.name, a.value)
		}
	}
	return nil
}

// namedType returns the type that a name in a node means.
func (c *compiler) namedType(n *node, value string) (typeRef, error) {
	name, err := n.resolve(value)
	if err != nil {
		return 0, err
	}
	if name.space == schemaNamespace {
		i, err := c.builtin(n, name.local)
		return simpleRef(i), err
	}
	d, err := c.source.find("type", n, nil, value)
	if err != nil {
		return 0, err
	}
	if d.node.name == "simpleType" {
		i, err := c.simpleDefinition(d)
		return simpleRef(i), err
	}
	return c.reserve(d, d.node, d), nil
}

// reserve gives a complex type its index and compiles it later, so that types may
// contain each other.
func (c *compiler) reserve(key any, n *node, within *definition) typeRef {
	i, ok := c.complexes[key]
	if !ok {
		i = len(c.schema.complex)
		c.complexes[key] = i
		c.schema.complex = append(c.schema.complex, complexType{})
		c.queue = append(c.queue, pending{i, n, within})
	}
	return complexRef(i)
}
