package xsd

import "strings"

// derived is a complex type with all its bases worked in.
type derived struct {
	content    *particle // nil: no child elements
	text       int       // index of the simple type of simple content, or -1
	mixed      bool
	attributes []attribute
}

// complexType compiles one complex type.
func (c *compiler) complexType(p pending) (*complexType, error) {
	d, err := c.derive(p.node, p.within, withContent)
	if err != nil {
		return nil, err
	}
	states, err := c.automaton(p.node, d.content)
	if err != nil {
		return nil, err
	}
	return &complexType{attributes: d.attributes, text: int32(d.text), mixed: d.mixed, states: states}, nil
}

// wanted says how much of a base matters: a restriction states its whole content anew
// and takes over the attributes only, and types that nothing else uses stay out.
type wanted bool

const (
	withContent    wanted = true
	attributesOnly wanted = false
)

// derive works the bases of a complex type in (part 1, clause 3.4.2).
func (c *compiler) derive(n *node, within *definition, w wanted) (*derived, error) {
	if c.busy[n] {
		return nil, n.fail("a type that is derived from itself")
	}
	c.busy[n] = true
	defer delete(c.busy, n)
	for _, a := range n.attrs {
		if a.name == "abstract" && !isFalse(a.value) || a.name == "block" && a.value != "" {
			return nil, n.fail("%s=%q of a type is not supported", a.name, a.value)
		}
	}
	mixed, err := n.boolean("mixed")
	if err != nil {
		return nil, err
	}
	if len(n.children) > 0 {
		switch first := n.children[0]; first.name {
		case "simpleContent", "complexContent":
			if len(n.children) > 1 || len(first.children) != 1 {
				return nil, n.fail("a type with content of two kinds, or none")
			}
			if first.name == "simpleContent" {
				return c.simpleContent(first.children[0], within)
			}
			inner, err := first.boolean("mixed")
			if err != nil {
				return nil, err
			}
			return c.complexContent(first.children[0], within, mixed || inner, w)
		}
	}
	d := &derived{text: none, mixed: mixed}
	if d.content, err = c.contentOf(n, w); err != nil {
		return nil, err
	}
	d.attributes, err = c.attributes(n, nil)
	return d, err
}

func isFalse(value string) bool { return value == "false" || value == "0" }

// boolean reads an attribute that is true or false, and false when absent.
func (n *node) boolean(name string) (bool, error) {
	value, ok := n.attr(name)
	switch {
	case !ok, isFalse(value):
		return false, nil
	case value == "true", value == "1":
		return true, nil
	}
	return false, n.fail("%s is %q, not true or false", name, value)
}

// base returns the definition of the type that a derivation starts from, nil if it is
// xs:anyType.
func (c *compiler) base(n *node, within *definition) (*definition, error) {
	value, ok := n.attr("base")
	if !ok {
		return nil, n.fail("a derivation without base")
	}
	name, err := n.resolve(value)
	if err != nil {
		return nil, err
	}
	if name == (qname{schemaNamespace, "anyType"}) {
		return nil, nil
	}
	return c.source.find("type", n, within, value)
}

// complexContent derives a type with element content.
func (c *compiler) complexContent(n *node, within *definition, mixed bool, w wanted) (*derived, error) {
	if err := n.only(particles + attributes); err != nil {
		return nil, err
	}
	d := &derived{text: none, mixed: mixed}
	base, err := c.base(n, within)
	if err != nil {
		return nil, err
	}
	own, err := c.contentOf(n, w)
	if err != nil {
		return nil, err
	}
	d.content = own
	if base == nil {
		if n.name == "extension" {
			return nil, n.fail("an extension of xs:anyType is not supported")
		}
		d.attributes, err = c.attributes(n, nil)
		return d, err
	}
	if base.node.name != "complexType" {
		return nil, n.fail("complexContent derived from a simple type")
	}
	from, err := c.derive(base.node, base, w && n.name == "extension")
	if err != nil {
		return nil, err
	}
	if from.text != none {
		return nil, n.fail("complexContent derived from a type with simple content is not supported")
	}
	if n.name == "extension" {
		if own != nil && from.mixed != mixed {
			return nil, n.fail("an extension that changes whether text is mixed in")
		}
		d.mixed = from.mixed
		switch {
		case own == nil:
			d.content = from.content
		case from.content != nil:
			d.content = &particle{kind: inSequence, min: 1, max: 1, sub: []*particle{from.content, own}, node: n}
		}
	}
	d.attributes, err = c.attributes(n, from.attributes)
	return d, err
}

// simpleContent derives a type of text with attributes.
func (c *compiler) simpleContent(n *node, within *definition) (*derived, error) {
	allowed := attributes
	if n.name == "restriction" {
		allowed += "simpleType" + facets
	}
	if err := n.only(allowed); err != nil {
		return nil, err
	}
	value, _ := n.attr("base")
	name, err := n.resolve(value)
	if err != nil {
		return nil, err
	}
	from := &derived{text: none}
	if name.space == schemaNamespace {
		from.text, err = c.builtin(n, name.local)
	} else {
		from, err = c.simpleContentBase(n, within)
	}
	if err != nil {
		return nil, err
	}
	d := &derived{text: from.text}
	if n.name == "restriction" {
		if d.text, err = c.restrictContent(n, from.text); err != nil {
			return nil, err
		}
	}
	d.attributes, err = c.attributes(n, from.attributes)
	return d, err
}

// simpleContentBase returns what a derivation of simple content starts from: a complex
// type with simple content, or, for an extension, a simple type.
func (c *compiler) simpleContentBase(n *node, within *definition) (*derived, error) {
	base, err := c.base(n, within)
	if err != nil {
		return nil, err
	}
	switch {
	case base == nil:
		return nil, n.fail("simpleContent derived from xs:anyType")
	case base.node.name == "simpleType" && n.name == "restriction":
		return nil, n.fail("simpleContent that restricts a simple type")
	case base.node.name == "simpleType":
		text, err := c.simpleDefinition(base)
		return &derived{text: text}, err
	}
	from, err := c.derive(base.node, base, attributesOnly)
	if err == nil && from.text == none {
		return nil, n.fail("simpleContent derived from a type with element content is not supported")
	}
	return from, err
}

// restrictContent adds the facets of simpleContent/restriction. They are easily
// overlooked, and with them the limits of amounts.
func (c *compiler) restrictContent(n *node, base int) (int, error) {
	if i, ok := c.simples[n]; ok {
		return i, nil
	}
	constrained := false
	for _, child := range n.children {
		if child.name == "simpleType" {
			inner, err := c.anonymousSimple(child)
			if err != nil {
				return 0, err
			}
			if c.schema.simple[inner].primitive != c.schema.simple[base].primitive {
				return 0, child.fail("a type that does not restrict that of the base")
			}
			base = inner
		}
		constrained = constrained || strings.Contains(facets, " "+child.name+" ")
	}
	if !constrained {
		return base, nil
	}
	t, err := c.restrict(c.schema.simple[base], n)
	if err != nil {
		return 0, err
	}
	return c.addSimple(n, t), nil
}

// only refuses children that the grammar allows elsewhere.
func (n *node) only(allowed string) error {
	for _, child := range n.children {
		if !strings.Contains(allowed, " "+child.name+" ") {
			return child.fail("xs:%s is not allowed here", child.name)
		}
	}
	return nil
}
