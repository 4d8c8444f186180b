package xsd

import (
	"strings"

	"kontor/xmlscan"
)

// nodeKey is a complex type at a branch of the roles, or anywhere without roles.
type nodeKey struct {
	typ    int
	branch int32
}

// binder makes a Plan.
type binder struct {
	p      *Plan
	done   map[nodeKey]uint32
	leaves map[int32]uint32
	used   map[string]bool // paths of roles that the schema has
}

// node returns the index of the node of a complex type, and makes it when it is new.
// Types may contain themselves: the index is known before the moves are made.
func (b *binder) node(typ int, branch int32) uint32 {
	if branch != none && len(b.p.tree[branch].names) == 0 && len(b.p.tree[branch].attrs) == 0 {
		branch = none // nothing below has a role
	}
	key := nodeKey{typ, branch}
	if i, ok := b.done[key]; ok {
		return i
	}
	i := uint32(len(b.p.nodes))
	b.done[key] = i
	t := &b.p.schema.complex[typ]
	n := planNode{typ: t, branch: branch, first: uint32(len(b.p.states)), text: none}
	if t.text != none {
		n.text = int32(b.leaf(t.text))
	}
	b.attributes(&n)
	b.p.nodes = append(b.p.nodes, n)
	b.states(i)
	return i
}

// attributes fills in the attributes of a node.
func (b *binder) attributes(n *planNode) {
	for i := range n.typ.attributes {
		a := &n.typ.attributes[i]
		pa := planAttr{attribute: a, label: "@" + b.p.schema.names[a.name], leaf: b.leaf(a.typ)}
		if n.branch != none {
			if role, ok := b.p.tree[n.branch].attrs[pa.label[1:]]; ok {
				pa.role = role
				b.used[strings.TrimPrefix(b.p.tree[n.branch].path+"/"+pa.label, "/")] = true
			}
		}
		n.attrs = append(n.attrs, pa)
	}
	if len(n.attrs) == 1 && n.attrs[0].required && !n.attrs[0].fixed && n.text != none {
		name := xmlscan.NewAttrName(n.attrs[0].label[1:])
		n.quick = &name
	}
}

// states makes the states and moves of node i. The states of one node lie together;
// those of its children are made behind them.
func (b *binder) states(i uint32) {
	n := &b.p.nodes[i]
	t, branch, first := n.typ, n.branch, n.first
	n.end = first + uint32(len(t.states))
	b.p.states = append(b.p.states, make([]planState, len(t.states))...)
	for k, st := range t.states {
		moves := make([]planMove, 0, len(st.moves))
		for _, m := range st.moves {
			moves = append(moves, b.move(m, branch, first))
		}
		ps := planState{first: uint32(len(b.p.moves)), count: uint16(len(moves)), final: st.final, any: none}
		if len(st.any) > 0 {
			ps.any, ps.how = int32(first+st.any[0].next), st.any[0]
		}
		b.p.states[first+uint32(k)] = ps
		b.p.moves = append(b.p.moves, moves...)
	}
}

// move binds a move of a node whose states begin at first.
func (b *binder) move(m move, parent int32, first uint32) planMove {
	pm := planMove{name: m.name, next: first + m.next, repeats: m.repeats}
	branch := int32(none)
	if parent != none {
		if next, ok := b.p.tree[parent].names[b.p.schema.names[m.name]]; ok {
			branch = next
			pm.role = b.p.tree[branch].role
			b.used[b.p.tree[branch].path] = true
		}
	}
	if i, simple := m.typ.simple(); simple {
		pm.kind, pm.child = moveLeaf, b.leaf(int32(i))
		return pm
	}
	pm.child = b.node(int(m.typ), branch)
	switch n := &b.p.nodes[pm.child]; {
	case n.typ.text == none:
		pm.kind = moveElement
	case n.quick != nil:
		pm.kind = moveAmount
	default:
		pm.kind = moveText
	}
	return pm
}

// leaf returns the index of the prepared form of a simple type.
func (b *binder) leaf(simple int32) uint32 {
	if i, ok := b.leaves[simple]; ok {
		return i
	}
	i := uint32(len(b.p.leaves))
	b.leaves[simple] = i
	b.p.leaves = append(b.p.leaves, newLeaf(b.p.schema, &b.p.schema.simple[simple]))
	return i
}

// tags returns the tags of all names of the schema with a prefix.
func (p *Plan) tags(prefix string) []xmlscan.Tag {
	if p.schema == nil {
		return nil
	}
	out := make([]xmlscan.Tag, len(p.schema.names))
	for i, name := range p.schema.names {
		out[i] = xmlscan.NewTag(prefix, name)
	}
	return out
}
