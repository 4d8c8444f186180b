package xsd

import "slices"

// attributes returns the attributes of a type: those of the base, with what the node
// declares added, put in their place, or taken away.
func (c *compiler) attributes(n *node, base []attribute) ([]attribute, error) {
	all := slices.Clone(base)
	err := c.eachAttribute(n, 0, func(a *node) error {
		name, ok := a.attr("name")
		if !ok || name == "" || name == "xmlns" {
			return a.fail("an attribute without name")
		}
		i := slices.IndexFunc(all, func(b attribute) bool { return b.name == c.intern(name) })
		use, ok := a.attr("use")
		if ok && use == "prohibited" {
			if i >= 0 {
				all = slices.Delete(all, i, i+1)
			}
			return nil
		}
		if ok && use != "required" && use != "optional" {
			return a.fail("the use %q of an attribute", use)
		}
		b, err := c.attribute(a, name, use == "required")
		switch {
		case err != nil:
			return err
		case i >= 0:
			all[i] = b
		default:
			all = append(all, b)
		}
		return nil
	})
	return all, err
}

// eachAttribute calls f for the attributes of a node and of the groups it refers to.
func (c *compiler) eachAttribute(n *node, depth int, f func(*node) error) error {
	if depth > 16 {
		return n.fail("attribute groups nested deeper than 16")
	}
	for _, child := range n.children {
		switch child.name {
		case "attribute":
			if err := f(child); err != nil {
				return err
			}
		case "attributeGroup":
			value, ok := child.attr("ref")
			if !ok {
				return child.fail("an attribute group without ref")
			}
			d, err := c.source.find("attributeGroup", child, c.redefinition("attributeGroup", n), value)
			if err != nil {
				return err
			}
			if err := c.eachAttribute(d.node, depth+1, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// redefinition returns the definition whose node this is, nil if it is none. In a
// redefined group a reference to its own name means what is redefined.
func (c *compiler) redefinition(kind string, n *node) *definition {
	name, _ := n.attr("name")
	for d := c.source.table(kind)[qname{n.doc.target, name}]; d != nil; d = d.original {
		if d.node == n {
			return d
		}
	}
	return nil
}

// attribute compiles one attribute.
func (c *compiler) attribute(n *node, name string, required bool) (attribute, error) {
	if form, ok := n.attr("form"); ok && form != "unqualified" {
		return attribute{}, n.fail("form=%q of an attribute is not supported", form)
	}
	i, err := c.attributeType(n)
	if err != nil {
		return attribute{}, err
	}
	a := attribute{name: c.intern(name), typ: int32(i), required: required}
	if value, ok := n.attr("fixed"); ok {
		a.fixed = true
		a.value = normalised(value, c.schema.simple[i].space)
		switch p := c.schema.simple[i].primitive; p {
		case primString, primAnyURI, primAny:
		case primDecimal, primInteger, primBoolean, primDate, primDateTime, primTime, primGYear, primGYearMonth, primGMonth,
			primGMonthDay, primGDay, primBase64, primHex, primEnd:
			return a, n.fail("a fixed attribute that is not text is not supported: its value could be written otherwise")
		}
	}
	return a, nil
}

func (c *compiler) attributeType(n *node) (int, error) {
	value, named := n.attr("type")
	switch {
	case named && len(n.children) > 0 || len(n.children) > 1:
		return 0, n.fail("an attribute with two types")
	case named:
		return c.namedSimple(n, nil, value)
	case len(n.children) == 1:
		return c.anonymousSimple(n.children[0])
	}
	return c.builtin(n, "anySimpleType")
}
