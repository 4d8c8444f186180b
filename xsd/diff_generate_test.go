package xsd

import (
	"math/rand/v2"
)

// transition names a move of the tables: the member-th move of a state of a complex type,
// or, from anyMember on, a wildcard, or the end of the content.
type transition struct{ complex, state, member int }

const (
	anyMember = 1 << 20
	endMember = 1 << 21
)

// transitions lists every transition that a document can take.
func transitions(s *Schema) []transition {
	var out []transition
	for c := range s.complex {
		for i, st := range s.complex[c].states {
			for m := range st.moves {
				out = append(out, transition{c, i, m})
			}
			for a := range st.any {
				out = append(out, transition{c, i, anyMember + a})
			}
			if st.final {
				out = append(out, transition{c, i, endMember})
			}
		}
	}
	return out
}

// generator makes valid documents that together take every transition.
type generator struct {
	*valuer
	open   map[transition]bool // not yet taken by a document
	want   map[typeRef]bool    // complex types with an open transition in or below them
	cost   []int               // of the smallest content of each complex type, in elements
	ends   [][]int             // by complex type and state: the cheapest way to the end
	budget int
	err    error
}

const unreachable = 1 << 30

func newGenerator(s *Schema, rng *rand.Rand) *generator {
	g := &generator{valuer: newValuer(s, rng), open: make(map[transition]bool)}
	for _, t := range transitions(s) {
		g.open[t] = true
	}
	g.costs()
	return g
}

func (g *generator) typeCost(t typeRef) int {
	if t < 0 {
		return 1
	}
	return g.cost[t]
}

// costs computes what the smallest instance of each type and the rest of each content costs.
func (g *generator) costs() {
	g.cost = make([]int, len(g.s.complex))
	g.ends = make([][]int, len(g.s.complex))
	for c := range g.s.complex {
		g.cost[c] = unreachable
		g.ends[c] = make([]int, len(g.s.complex[c].states))
		for i := range g.ends[c] {
			g.ends[c][i] = unreachable
		}
	}
	for changed := true; changed; {
		changed = false
		for c := range g.s.complex {
			for i, st := range g.s.complex[c].states {
				best := g.ends[c][i]
				if st.final {
					best = 0
				}
				for _, m := range st.moves {
					best = min(best, g.typeCost(m.typ)+g.ends[c][m.next])
				}
				for _, a := range st.any {
					best = min(best, 1+g.ends[c][a.next])
				}
				if best < g.ends[c][i] {
					g.ends[c][i], changed = best, true
				}
			}
			g.cost[c] = min(unreachable, 1+g.ends[c][0])
		}
	}
}

// wanted finds the types that a document should still enter.
func (g *generator) wanted() {
	g.want = make(map[typeRef]bool)
	for t := range g.open {
		g.want[complexRef(t.complex)] = true
	}
	for changed := true; changed; {
		changed = false
		for c := range g.s.complex {
			if g.want[complexRef(c)] {
				continue
			}
			for _, st := range g.s.complex[c].states {
				for _, m := range st.moves {
					if g.want[m.typ] && !changed {
						g.want[complexRef(c)], changed = true, true
					}
				}
			}
		}
	}
}

// document makes a document of about budget elements.
func (g *generator) document(budget int) *instance {
	g.wanted()
	g.budget = budget
	root := g.s.roots[g.rng.IntN(len(g.s.roots))]
	for root.typ < 0 { // an element of text alone: others refer to it, it is no document
		root = g.s.roots[g.rng.IntN(len(g.s.roots))]
	}
	return g.element(g.s.names[root.name], root.typ)
}

func (g *generator) value(i int) string {
	text, err := g.valid(i)
	if err != nil && g.err == nil {
		g.err = err
	}
	return text
}

func (g *generator) element(name string, t typeRef) *instance {
	g.budget--
	e := &instance{name: name, typ: t, known: true}
	if i, simple := t.simple(); simple {
		e.text = g.value(i)
		return e
	}
	c := &g.s.complex[t]
	for _, a := range c.attributes {
		switch {
		case !a.required && g.rng.IntN(2) == 0:
		case a.fixed:
			e.attrs = append(e.attrs, pair{g.s.names[a.name], a.value})
		default:
			e.attrs = append(e.attrs, pair{g.s.names[a.name], g.value(int(a.typ))})
		}
	}
	if c.text != none {
		e.text = g.value(int(c.text))
		delete(g.open, transition{int(t), 0, endMember})
		return e
	}
	for at := 0; ; {
		member := g.choose(int(t), at)
		delete(g.open, transition{int(t), at, member})
		switch {
		case member == endMember:
			return e
		case member >= anyMember:
			a := c.states[at].any[member-anyMember]
			e.kids = append(e.kids, g.foreign(a))
			at = int(a.next)
		default:
			m := c.states[at].moves[member]
			e.kids = append(e.kids, g.element(g.s.names[m.name], m.typ))
			at = int(m.next)
		}
	}
}

// foreign makes an element that a wildcard admits.
func (g *generator) foreign(a anyMove) *instance {
	if a.process == processStrict {
		root := g.s.roots[0]
		return g.element(g.s.names[root.name], root.typ)
	}
	g.budget--
	return &instance{name: "Anything", space: "urn:example:elsewhere", kids: []*instance{{name: "Else", space: "urn:example:elsewhere", text: "1"}}}
}

// choose chooses what comes next in the content of a type: towards the nearest open
// transition while the budget lasts, else towards the end.
func (g *generator) choose(c, at int) int {
	st := &g.s.complex[c].states[at]
	if g.budget > 0 {
		if member, ok := g.nearest(c, at); ok {
			return member
		}
		if g.rng.IntN(6) == 0 && len(st.moves) > 0 { // now and then something else
			if m := g.rng.IntN(len(st.moves)); g.typeCost(st.moves[m].typ) < 20 {
				return m
			}
		}
	}
	best, member := unreachable, endMember
	if st.final {
		best = 0
	}
	for m, move := range st.moves {
		if n := g.typeCost(move.typ) + g.ends[c][move.next]; n < best {
			best, member = n, m
		}
	}
	for a, move := range st.any {
		if n := 1 + g.ends[c][move.next]; n < best {
			best, member = n, anyMember+a
		}
	}
	return member
}

// nearest finds the first step of the shortest way within the content to an open
// transition, or to a child that has one below.
func (g *generator) nearest(c, from int) (int, bool) {
	type step struct{ state, first int }
	seen := map[int]bool{from: true}
	for queue := []step{{from, -1}}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		st := &g.s.complex[c].states[here.state]
		first := func(member int) int {
			if here.first >= 0 {
				return here.first
			}
			return member
		}
		for m, move := range st.moves {
			if g.open[transition{c, here.state, m}] || g.want[move.typ] && g.rng.IntN(3) > 0 {
				return first(m), true
			}
		}
		for a := range st.any {
			if g.open[transition{c, here.state, anyMember + a}] {
				return first(anyMember + a), true
			}
		}
		if g.open[transition{c, here.state, endMember}] {
			return first(endMember), true
		}
		for m, move := range st.moves {
			if !seen[int(move.next)] {
				seen[int(move.next)] = true
				queue = append(queue, step{int(move.next), first(m)})
			}
		}
		for a, move := range st.any {
			if !seen[int(move.next)] {
				seen[int(move.next)] = true
				queue = append(queue, step{int(move.next), first(anyMember + a)})
			}
		}
	}
	return 0, false
}

// covering makes documents until every transition has been taken.
func (g *generator) covering() []*instance {
	var docs []*instance
	for idle := 0; len(g.open) > 0 && idle < 50 && g.err == nil; {
		before := len(g.open)
		docs = append(docs, g.document(120))
		idle++
		if len(g.open) < before {
			idle = 0
		}
	}
	return docs
}
