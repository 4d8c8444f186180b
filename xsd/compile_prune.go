package xsd

// prune leaves out simple types, patterns and names that nothing refers to: bases that
// only served for derivation, and what they alone used.
func (c *compiler) prune() {
	s := c.schema
	names := make(remap)
	simples := make(remap)
	dfas := make(remap)
	ref := func(t *typeRef) {
		if i, simple := t.simple(); simple {
			*t = simpleRef(int(simples.get(uint32(i))))
		}
	}
	for i := range s.roots {
		s.roots[i].name = names.get(s.roots[i].name)
		ref(&s.roots[i].typ)
	}
	for i := range s.complex {
		t := &s.complex[i]
		if t.text != none {
			t.text = int32(simples.get(uint32(t.text)))
		}
		for k := range t.attributes {
			a := &t.attributes[k]
			a.name, a.typ = names.get(a.name), int32(simples.get(uint32(a.typ)))
		}
		for k := range t.states {
			for m := range t.states[k].moves {
				e := &t.states[k].moves[m]
				e.name = names.get(e.name)
				ref(&e.typ)
			}
		}
	}
	s.simple = gather(s.simple, simples)
	for i := range s.simple {
		for k, p := range s.simple[i].patterns {
			s.simple[i].patterns[k] = dfas.get(p)
		}
	}
	s.dfas = gather(s.dfas, dfas)
	s.names = gather(s.names, names)
}

// remap gives indices new numbers in the order in which they are asked for.
type remap map[uint32]uint32

func (r remap) get(old uint32) uint32 {
	n, ok := r[old]
	if !ok {
		n = uint32(len(r))
		r[old] = n
	}
	return n
}

func gather[T any](all []T, r remap) []T {
	out := make([]T, len(r))
	for old, n := range r {
		out[n] = all[old]
	}
	return out
}
