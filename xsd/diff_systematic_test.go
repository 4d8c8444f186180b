package xsd

import (
	"slices"
)

// systematic makes the mutants that must not be left to chance: for each simple type a
// value at each edge of its facets, and for each state of each content model an element
// that ends there and one that goes on with what may not come next.
func (m *mutator) systematic(bases []*instance) []*mutant {
	return slices.Concat(m.everyEdge(bases), m.everyAttributeEdge(bases), m.everyState(bases))
}

// everyState cuts contents off at each state, and puts a wrong element there.
func (m *mutator) everyState(bases []*instance) []*mutant {
	var out []*mutant
	type place struct{ typ, state int }
	done := make(map[place]bool)
	for _, base := range bases {
		for k, e := range base.all() {
			if !e.known || e.space != "" || m.content(e) == nil {
				continue
			}
			at := 0
			for i := 0; ; i++ {
				if p := (place{int(e.typ), at}); !done[p] {
					done[p] = true
					out = append(out, m.cut(base, k, i)...)
					out = append(out, m.wrongElement(base, k, i, at)...)
				}
				if i == len(e.kids) {
					break
				}
				at, _ = m.after(e, at, e.kids[i])
			}
		}
	}
	return out
}

// cut ends the content of the element with number k before its child i, unless that is its end.
func (m *mutator) cut(base *instance, k, i int) []*mutant {
	x := &mutant{doc: base.clone(), typ: none, what: "every state: content ends"}
	e := x.doc.all()[k]
	if i == len(e.kids) {
		return nil
	}
	e.kids = e.kids[:i]
	return []*mutant{x}
}

// wrongElement inserts an element of the same content model that may not stand in this state.
func (m *mutator) wrongElement(base *instance, k, i, at int) []*mutant {
	x := &mutant{doc: base.clone(), typ: none, what: "every state: wrong element"}
	e := x.doc.all()[k]
	states := m.content(e).states
	for range 20 {
		other := states[m.rng.IntN(len(states))]
		if len(other.moves) == 0 {
			continue
		}
		wrong := other.moves[m.rng.IntN(len(other.moves))]
		if slices.ContainsFunc(states[at].moves, func(a move) bool { return a.name == wrong.name }) {
			continue
		}
		m.budget = 0
		e.kids = slices.Insert(e.kids, i, m.element(m.s.names[wrong.name], wrong.typ))
		return []*mutant{x}
	}
	return nil
}

// everyEdge makes a mutant for each value at the edges of the facets of each simple type.
func (m *mutator) everyEdge(bases []*instance) []*mutant {
	var out []*mutant
	done := make(map[int]bool)
	for _, base := range bases {
		for k, e := range base.all() {
			if !e.known || e.space != "" || !m.hasValue(e) || done[m.valueType(e)] {
				continue
			}
			typ := m.valueType(e)
			done[typ] = true
			for _, value := range m.edges(typ) {
				x := &mutant{doc: base.clone(), typ: typ, value: value, what: "every edge"}
				x.doc.all()[k].text = value
				out = append(out, x)
			}
		}
	}
	return out
}

// everyAttributeEdge does the same for attributes.
func (m *mutator) everyAttributeEdge(bases []*instance) []*mutant {
	var out []*mutant
	done := make(map[int]bool)
	for _, base := range bases {
		for k, e := range base.all() {
			if e.typ < 0 || !e.known {
				continue
			}
			for i, a := range e.attrs {
				typ := m.attributeType(e, a.name)
				if typ == none || done[typ] {
					continue
				}
				done[typ] = true
				for _, value := range m.edges(typ) {
					x := &mutant{doc: base.clone(), typ: typ, value: value, what: "every edge of attributes"}
					x.doc.all()[k].attrs[i].value = value
					out = append(out, x)
				}
			}
		}
	}
	return out
}

// attributeType returns the simple type of an attribute of an element, -1 if it is not known.
func (m *mutator) attributeType(e *instance, name string) int {
	for _, known := range m.s.complex[e.typ].attributes {
		if m.s.names[known.name] == name {
			return int(known.typ)
		}
	}
	return none
}
