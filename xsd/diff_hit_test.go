package xsd

import "fmt"

// hits counts what the mutants of one schema have touched.
type hits struct {
	s      *Schema
	taken  map[transition]int
	inside map[string]int // by simple type and facet: changed values that hold it
	beyond map[string]int // and that break it
}

func newHits(s *Schema) *hits {
	return &hits{s: s, taken: make(map[transition]int), inside: make(map[string]int), beyond: make(map[string]int)}
}

// count counts what a mutant touches.
func (h *hits) count(x *mutant) {
	for _, e := range x.doc.all() {
		if e.known && e.typ >= 0 {
			h.content(e)
		}
	}
	if x.typ == none {
		return
	}
	for facet, broken := range breaches(h.s, &h.s.simple[x.typ], x.value) {
		key := facetKey(x.typ, facet)
		if broken {
			h.beyond[key]++
		} else {
			h.inside[key]++
		}
	}
}

func facetKey(typ int, facet string) string { return fmt.Sprintf("%d %s", typ, facet) }

// content follows the children of an element as far as the tables go.
func (h *hits) content(e *instance) {
	c := &h.s.complex[e.typ]
	at := 0
	for _, k := range e.kids {
		member, next := endMember, 0
		for i, m := range c.states[at].moves {
			if k.space == "" && h.s.names[m.name] == k.name {
				member, next = i, int(m.next)
			}
		}
		if member == endMember && len(c.states[at].any) > 0 {
			member, next = anyMember, int(c.states[at].any[0].next)
		}
		if member == endMember {
			return
		}
		h.taken[transition{int(e.typ), at, member}]++
		at = next
	}
	if c.states[at].final {
		h.taken[transition{int(e.typ), at, endMember}]++
	}
}

// facetsOf lists the facets of the simple types that values of a document can have, with
// what each must be hit with: a value that holds it, and where there is one, a value that
// breaks it.
func facetsOf(s *Schema) (keys []string) {
	for i := range s.simple {
		for facet := range breaches(s, &s.simple[i], "1") {
			p := s.simple[i].primitive
			if facet == "form" && (p == primString || p == primAny) || facet == "fractionDigits" && p == primInteger {
				continue // every value has it
			}
			keys = append(keys, facetKey(i, facet))
		}
	}
	return keys
}

// missedTransitions lists the transitions that no mutant takes.
func (h *hits) missedTransitions() (out []string) {
	for _, t := range transitions(h.s) {
		if h.taken[t] == 0 {
			out = append(out, fmt.Sprintf("transition %+v of %q", t, h.s.complex[t.complex].name))
		}
	}
	return out
}

// missed lists what no mutant touches.
func (h *hits) missed() []string {
	out := h.missedTransitions()
	for _, key := range facetsOf(h.s) {
		if h.inside[key] == 0 {
			out = append(out, "no value holds facet "+key)
		}
		if h.beyond[key] == 0 {
			out = append(out, "no value breaks facet "+key)
		}
	}
	return out
}
