package xsd

import (
	"strconv"
	"strings"
)

// maxGroups bounds the nesting of groups in a content model.
const maxGroups = 64

type particleKind uint8

const (
	inSequence particleKind = iota
	inChoice
	anElement
	anAny
)

// particle is a part of a content model. max is none for unbounded.
type particle struct {
	kind     particleKind
	min, max int
	sub      []*particle
	node     *node

	name uint32 // of an element
	typ  typeRef
	any  anyMove // of a wildcard; next is not set
	id   int     // of an element or wildcard: its place in the content model
}

// contentOf returns the content model that a node has as a child, nil if there is none
// or it is not wanted.
func (c *compiler) contentOf(n *node, w wanted) (*particle, error) {
	if w == attributesOnly {
		return nil, nil
	}
	var found *particle
	for _, child := range n.children {
		switch child.name {
		case "sequence", "choice", "group":
			if found != nil {
				return nil, child.fail("a second content model")
			}
			var err error
			if found, err = c.particle(child, 0); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

func (c *compiler) particle(n *node, depth int) (*particle, error) {
	if depth > maxGroups {
		return nil, n.fail("groups nested deeper than %d, or without end", maxGroups)
	}
	p := &particle{node: n}
	var err error
	if p.min, p.max, err = n.occurs(); err != nil {
		return nil, err
	}
	switch n.name {
	case "element":
		return p, c.elementParticle(p)
	case "any":
		return p, p.wildcard()
	case "group":
		return p, c.groupParticle(p, depth)
	case "choice":
		p.kind = inChoice
	}
	for _, child := range n.children {
		sub, err := c.particle(child, depth+1)
		if err != nil {
			return nil, err
		}
		p.sub = append(p.sub, sub)
	}
	return p, nil
}

// occurs reads minOccurs and maxOccurs.
func (n *node) occurs() (least, most int, err error) {
	least, most = 1, 1
	if value, ok := n.attr("minOccurs"); ok {
		if least, err = strconv.Atoi(value); err != nil || least < 0 {
			return 0, 0, n.fail("minOccurs is %q", value)
		}
	}
	value, ok := n.attr("maxOccurs")
	switch {
	case ok && value == "unbounded":
		return least, none, nil
	case ok:
		if most, err = strconv.Atoi(value); err != nil || most < 0 {
			return 0, 0, n.fail("maxOccurs is %q", value)
		}
	}
	if least > most {
		return 0, 0, n.fail("minOccurs is %d and maxOccurs %d", least, most)
	}
	return least, most, nil
}

func (c *compiler) elementParticle(p *particle) error {
	p.kind = anElement
	name, named := p.node.attr("name")
	ref, referred := p.node.attr("ref")
	declaration := p.node
	switch {
	case named == referred:
		return p.node.fail("an element needs either a name or a ref")
	case referred:
		d, err := c.source.find("element", p.node, nil, ref)
		if err != nil {
			return err
		}
		declaration, name = d.node, d.name.local
	}
	p.name = c.intern(name)
	if p.max == 0 {
		return nil // it cannot occur: its type does not matter
	}
	var err error
	p.typ, err = c.elementType(declaration)
	return err
}

func (c *compiler) groupParticle(p *particle, depth int) error {
	ref, ok := p.node.attr("ref")
	if !ok {
		return p.node.fail("a group without ref")
	}
	d, err := c.source.find("group", p.node, c.enclosingGroup(p.node), ref)
	if err != nil {
		return err
	}
	if len(d.node.children) != 1 {
		return d.node.fail("a group that is not exactly one content model")
	}
	sub, err := c.particle(d.node.children[0], depth+1)
	if err != nil {
		return err
	}
	p.kind, p.sub = inSequence, []*particle{sub}
	return nil
}

// enclosingGroup returns the redefined group that has the node somewhere within it.
func (c *compiler) enclosingGroup(n *node) *definition {
	for _, top := range n.doc.root.children {
		if top.name != "redefine" {
			continue
		}
		for _, g := range top.children {
			if g.name == "group" && g.contains(n) {
				return c.redefinition("group", g)
			}
		}
	}
	return nil
}

func (n *node) contains(other *node) bool {
	for _, child := range n.children {
		if child == other || child.contains(other) {
			return true
		}
	}
	return false
}

// wildcard reads xs:any.
func (p *particle) wildcard() error {
	p.kind = anAny
	space, ok := p.node.attr("namespace")
	switch strings.TrimSpace(space) {
	case "##any":
		p.any.space = spaceAny
	case "##other":
		p.any.space = spaceOther
	default:
		if ok {
			return p.node.fail("the namespace %q of xs:any is not supported", space)
		}
	}
	process, ok := p.node.attr("processContents")
	switch process {
	case "strict":
		p.any.process = processStrict
	case "lax":
		p.any.process = processLax
	case "skip":
		p.any.process = processSkip
	default:
		if ok {
			return p.node.fail("processContents is %q", process)
		}
	}
	return nil
}
