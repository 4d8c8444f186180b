package xsd

import (
	"slices"
	"strings"
)

// mutant is a document with one change.
type mutant struct {
	doc   *instance
	form  writing
	what  string // what was changed
	typ   int    // simple type of a changed value, or -1
	value string // the changed value
}

// mutator changes valid documents.
type mutator struct {
	*generator
	foreign []string // names of elements of other schemas
}

// mutation changes a clone of a document and says how, or says that it cannot.
type mutation struct {
	name   string
	weight int
	change func(m *mutator, x *mutant) bool
}

// mutations are the ways of changing, more often those whose outcome is open.
var mutations = []mutation{
	{"drop element", 4, (*mutator).drop},
	{"repeat element", 4, (*mutator).repeat},
	{"swap elements", 3, (*mutator).swap},
	{"move element", 1, (*mutator).moveElement},
	{"rename element", 2, (*mutator).rename},
	{"insert allowed element", 8, (*mutator).insertAllowed},
	{"insert known element", 3, (*mutator).insertKnown},
	{"insert foreign element", 1, (*mutator).insertForeign},
	{"empty element", 2, (*mutator).empty},
	{"other valid value", 8, (*mutator).otherValue},
	{"value at an edge", 14, (*mutator).edge},
	{"twisted value", 8, (*mutator).twisted},
	{"attribute dropped", 1, (*mutator).dropAttribute},
	{"attribute added", 1, (*mutator).addAttribute},
	{"attribute value", 2, (*mutator).attributeValue},
	{"attribute of schema instance", 1, (*mutator).instanceAttribute},
	{"other namespace", 1, (*mutator).otherNamespace},
	{"text among elements", 1, (*mutator).mixedText},
	{"child of a value", 1, (*mutator).childOfValue},
	{"document element", 1, (*mutator).documentElement},
	{"written otherwise", 8, (*mutator).writtenOtherwise},
}

// mutate makes one mutant of a document.
func (m *mutator) mutate(base *instance) *mutant {
	total := 0
	for _, k := range mutations {
		total += k.weight
	}
	for {
		x := &mutant{doc: base.clone(), typ: none, form: writing{indented: m.rng.IntN(3) == 0}}
		n := m.rng.IntN(total)
		for _, k := range mutations {
			if n -= k.weight; n < 0 {
				x.what = k.name
				if k.change(m, x) {
					return x
				}
				break
			}
		}
	}
}

// some returns a random element of the document that fulfils a condition, nil if none does.
func (m *mutator) some(x *mutant, ok func(e *instance) bool) *instance {
	all := slices.DeleteFunc(x.doc.all(), func(e *instance) bool { return !e.known || e.space != "" || !ok(e) })
	if len(all) == 0 {
		return nil
	}
	return all[m.rng.IntN(len(all))]
}

func hasKids(n int) func(*instance) bool {
	return func(e *instance) bool { return len(e.kids) >= n }
}

// content returns the complex type of an element with element content, nil if it is another.
func (m *mutator) content(e *instance) *complexType {
	if e.typ < 0 || m.s.complex[e.typ].text != none {
		return nil
	}
	return &m.s.complex[e.typ]
}

// valueType returns the simple type of the text of an element, -1 if it has none.
func (m *mutator) valueType(e *instance) int {
	if i, simple := e.typ.simple(); simple {
		return i
	}
	return int(m.s.complex[e.typ].text)
}

func (m *mutator) hasValue(e *instance) bool { return m.valueType(e) != none }

func (m *mutator) drop(x *mutant) bool {
	e := m.some(x, hasKids(1))
	if e == nil {
		return false
	}
	i := m.rng.IntN(len(e.kids))
	e.kids = slices.Delete(e.kids, i, i+1)
	return true
}

func (m *mutator) repeat(x *mutant) bool {
	e := m.some(x, hasKids(1))
	if e == nil {
		return false
	}
	i := m.rng.IntN(len(e.kids))
	for range 1 + m.rng.IntN(3)*m.rng.IntN(6) {
		e.kids = slices.Insert(e.kids, i, e.kids[i].clone())
	}
	return true
}

func (m *mutator) swap(x *mutant) bool {
	e := m.some(x, hasKids(2))
	if e == nil {
		return false
	}
	i := m.rng.IntN(len(e.kids) - 1)
	e.kids[i], e.kids[i+1] = e.kids[i+1], e.kids[i]
	return true
}

func (m *mutator) moveElement(x *mutant) bool {
	from, to := m.some(x, hasKids(1)), m.some(x, hasKids(1))
	if from == nil || to == nil {
		return false
	}
	i := m.rng.IntN(len(from.kids))
	k := from.kids[i].clone()
	from.kids = slices.Delete(from.kids, i, i+1)
	to.kids = slices.Insert(to.kids, m.rng.IntN(len(to.kids)+1), k)
	return true
}

func (m *mutator) rename(x *mutant) bool {
	e := m.some(x, func(e *instance) bool { return e != x.doc })
	if e == nil {
		return false
	}
	switch m.rng.IntN(4) {
	case 0:
		e.name = strings.ToLower(e.name)
	case 1:
		e.name += "X"
	case 2:
		e.name = m.foreign[m.rng.IntN(len(m.foreign))]
	default:
		e.name = m.s.names[m.rng.IntN(len(m.s.names))]
	}
	return true
}

// insertAllowed inserts an element that may stand at its place, as far as what stands
// before it goes.
func (m *mutator) insertAllowed(x *mutant) bool {
	e := m.some(x, func(e *instance) bool { return m.content(e) != nil })
	if e == nil {
		return false
	}
	at, place := 0, m.rng.IntN(len(e.kids)+1)
	for _, k := range e.kids[:place] {
		next, ok := m.after(e, at, k)
		if !ok {
			return false
		}
		at = next
	}
	moves := m.content(e).states[at].moves
	if len(moves) == 0 {
		return false
	}
	move := moves[m.rng.IntN(len(moves))]
	m.budget = 0
	e.kids = slices.Insert(e.kids, place, m.element(m.s.names[move.name], move.typ))
	return true
}

// after returns the state behind a child.
func (m *mutator) after(e *instance, at int, k *instance) (int, bool) {
	st := &m.content(e).states[at]
	for _, move := range st.moves {
		if k.space == "" && m.s.names[move.name] == k.name {
			return int(move.next), true
		}
	}
	if len(st.any) > 0 {
		return int(st.any[0].next), true
	}
	return 0, false
}

func (m *mutator) insertKnown(x *mutant) bool {
	e, other := m.some(x, hasKids(1)), m.some(x, hasKids(1))
	if e == nil || other == nil {
		return false
	}
	k := other.kids[m.rng.IntN(len(other.kids))].clone()
	e.kids = slices.Insert(e.kids, m.rng.IntN(len(e.kids)+1), k)
	return true
}

func (m *mutator) insertForeign(x *mutant) bool {
	e := m.some(x, func(e *instance) bool { return m.content(e) != nil })
	if e == nil {
		return false
	}
	k := &instance{name: m.foreign[m.rng.IntN(len(m.foreign))], text: "1"}
	if m.rng.IntN(2) == 0 {
		k.space = "urn:example:elsewhere"
	}
	e.kids = slices.Insert(e.kids, m.rng.IntN(len(e.kids)+1), k)
	return true
}

func (m *mutator) empty(x *mutant) bool {
	e := m.some(x, func(*instance) bool { return true })
	e.kids, e.text = nil, ""
	if m.rng.IntN(3) == 0 {
		e.text = " "
	}
	return true
}

// set changes a value.
func (m *mutator) set(x *mutant, typ int, to *string, value string) bool {
	changed := *to != value
	*to, x.typ, x.value = value, typ, value
	return changed
}

func (m *mutator) otherValue(x *mutant) bool {
	e := m.some(x, m.hasValue)
	return e != nil && m.set(x, m.valueType(e), &e.text, m.value(m.valueType(e)))
}

func (m *mutator) edge(x *mutant) bool {
	e := m.some(x, m.hasValue)
	if e == nil {
		return false
	}
	all := m.edges(m.valueType(e))
	return m.set(x, m.valueType(e), &e.text, all[m.rng.IntN(len(all))])
}

func (m *mutator) twisted(x *mutant) bool {
	e := m.some(x, m.hasValue)
	if e == nil {
		return false
	}
	text := m.twist(e.text)
	return xmlText(text) && m.set(x, m.valueType(e), &e.text, text)
}
