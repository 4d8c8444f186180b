package xsd

import (
	"slices"
	"strings"
	"unicode/utf8"

	"kontor/xsd/internal/pattern"
)

// simpleDefinition returns the index of a named simple type.
func (c *compiler) simpleDefinition(d *definition) (int, error) {
	return c.simple(d, d.node, d, d.name.local)
}

// anonymousSimple returns the index of a simple type without name.
func (c *compiler) anonymousSimple(n *node) (int, error) {
	return c.simple(n, n, nil, "")
}

func (c *compiler) simple(key any, n *node, within *definition, name string) (int, error) {
	if i, ok := c.simples[key]; ok {
		return i, nil
	}
	if c.busy[n] {
		return 0, n.fail("a type that is derived from itself")
	}
	c.busy[n] = true
	defer delete(c.busy, n)
	if len(n.children) != 1 {
		return 0, n.fail("a simple type that is not exactly one restriction")
	}
	restriction := n.children[0]
	base, err := c.simpleBase(restriction, within)
	if err != nil {
		return 0, err
	}
	t, err := c.restrict(c.schema.simple[base], restriction)
	if err != nil {
		return 0, err
	}
	t.name = name
	return c.addSimple(key, t), nil
}

func (c *compiler) addSimple(key any, t simpleType) int {
	i := len(c.schema.simple)
	c.schema.simple = append(c.schema.simple, t)
	c.simples[key] = i
	return i
}

// simpleBase returns the index of the type that a restriction of a simple type restricts.
func (c *compiler) simpleBase(restriction *node, within *definition) (int, error) {
	value, named := restriction.attr("base")
	var inner *node
	for _, child := range restriction.children {
		if child.name != "simpleType" {
			continue
		}
		if named || inner != nil {
			return 0, child.fail("a restriction with two bases")
		}
		inner = child
	}
	if inner != nil {
		return c.anonymousSimple(inner)
	}
	if !named {
		return 0, restriction.fail("a restriction without base")
	}
	return c.namedSimple(restriction, within, value)
}

// namedSimple returns the index of the simple type that a name in a node means.
func (c *compiler) namedSimple(n *node, within *definition, value string) (int, error) {
	name, err := n.resolve(value)
	if err != nil {
		return 0, err
	}
	if name.space == schemaNamespace {
		return c.builtin(n, name.local)
	}
	d, err := c.source.find("type", n, within, value)
	if err != nil {
		return 0, err
	}
	if d.node.name != "simpleType" {
		return 0, n.fail("%q is not a simple type", value)
	}
	return c.simpleDefinition(d)
}

// restrict adds the facets of one derivation step to those of the base. Of two facets
// of a kind the tighter one holds. Patterns of one step are alternatives, those of
// different steps hold all (part 2, clause 4.3.4); enumerations are intersected.
func (c *compiler) restrict(base simpleType, restriction *node) (simpleType, error) {
	t := base
	t.name = ""
	t.patterns = slices.Clone(base.patterns)
	var patterns, values []string
	var enumerated *node
	for _, f := range restriction.children {
		if !strings.Contains(facets, " "+f.name+" ") {
			continue
		}
		value, ok := f.attr("value")
		if !ok {
			return t, f.fail("a facet without value")
		}
		var err error
		switch f.name {
		case "pattern":
			patterns = append(patterns, value)
		case "enumeration":
			enumerated = f
			values = append(values, normalised(value, t.space))
		default:
			err = t.facet(f, value)
		}
		if err != nil {
			return t, err
		}
	}
	if err := c.addPattern(&t, restriction, patterns); err != nil {
		return t, err
	}
	if enumerated != nil {
		if t.primitive != primString {
			return t, enumerated.fail("an enumeration of anything but text is not supported")
		}
		t.enumerate(values)
	}
	return t, t.consistent(restriction)
}

// addPattern adds the patterns of one derivation step as one automaton.
func (c *compiler) addPattern(t *simpleType, restriction *node, patterns []string) error {
	if len(patterns) == 0 {
		return nil
	}
	source := strings.Join(patterns, " | ")
	i, ok := c.dfas[source]
	if !ok {
		d, err := pattern.CompileAny(patterns)
		if err != nil {
			return &SchemaError{File: restriction.doc.location, Line: restriction.line, Message: "a pattern that cannot be used", Err: err}
		}
		i = uint32(len(c.schema.dfas))
		c.schema.dfas = append(c.schema.dfas, dfa{source: source, classes: d.Class, width: d.Width, next: d.Next, final: d.Accept})
		c.dfas[source] = i
	}
	if !slices.Contains(t.patterns, i) {
		t.patterns = append(t.patterns, i)
	}
	return nil
}

// enumerate keeps the values that the base allows too.
func (t *simpleType) enumerate(values []string) {
	slices.Sort(values)
	values = slices.Compact(values)
	if t.enumeration != nil {
		values = slices.DeleteFunc(values, func(v string) bool {
			_, found := slices.BinarySearch(t.enumeration, v)
			return !found
		})
	}
	t.enumeration = append(make([]string, 0, len(values)), values...)
}

// normalised does to a text what the facet whiteSpace says.
func normalised(text string, space whiteSpace) string {
	switch space {
	case spaceReplace:
		return strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(text)
	case spaceCollapse:
		return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '\t' || r == '\n' || r == '\r' }), " ")
	case spacePreserve, spaceEnd:
	}
	return text
}

// consistent refuses a type whose facets no value can fulfil: a schema that means
// something else than it says.
func (t *simpleType) consistent(n *node) error {
	switch {
	case t.minLength != none && t.maxLength != none && t.minLength > t.maxLength:
		return n.fail("a length of at least %d and at most %d", t.minLength, t.maxLength)
	case t.totalDigits != none && t.fractionDigits != none && t.fractionDigits > t.totalDigits:
		return n.fail("%d digits of a fraction, and at most %d in all", t.fractionDigits, t.totalDigits)
	case t.minimum.text != "" && t.maximum.text != "" && compareDecimals(t.minimum.text, t.maximum.text) > 0:
		return n.fail("a value of at least %s and at most %s", t.minimum.text, t.maximum.text)
	case t.enumeration != nil && len(t.enumeration) == 0:
		return n.fail("an enumeration without a value")
	}
	for _, v := range t.enumeration {
		if !utf8.ValidString(v) {
			return n.fail("a value that is no text")
		}
	}
	return nil
}
