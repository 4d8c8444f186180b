package xsd

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// The limits of one content model. Counted repetitions are written out, so they are
// limits of maxOccurs too (unbounded does not count).
const (
	maxPlaces = 50_000
	maxStates = 20_000
	maxWork   = 5_000_000
	// maxRefined is the number of states up to which an automaton is made as small as
	// possible. Larger ones are chains of counted repetitions, which do not shrink.
	maxRefined = 1_000
)

// place is a state of the nondeterministic automaton: it goes over an element or a
// wildcard, or goes on to out and other without one, or is the end.
type place struct {
	leaf       *particle
	out, other int // other < 0: no fork
}

// automatonBuilder makes the deterministic automaton of one content model.
type automatonBuilder struct {
	c      *compiler
	node   *node
	places []place
	leaves int
	states []state
	sets   [][]int // the places of each state
	known  map[string]uint32
	mark   []int
	round  int
	work   int
}

// automaton makes the automaton of a content model. Two declarations that a document
// could not tell apart are an error (part 1, clause 3.8.6, Unique Particle Attribution).
func (c *compiler) automaton(n *node, content *particle) ([]state, error) {
	if content == nil {
		return []state{{final: true}}, nil
	}
	b := &automatonBuilder{c: c, node: n, known: make(map[string]uint32)}
	b.number(content)
	b.places = append(b.places, place{out: none, other: none}) // 0: the end
	start, err := b.place(content, 0)
	if err != nil {
		return nil, err
	}
	b.mark = make([]int, len(b.places))
	if _, err := b.state([]int{start}); err != nil {
		return nil, err
	}
	for i := 0; i < len(b.states); i++ {
		if err := b.follow(i); err != nil {
			return nil, err
		}
	}
	if err := b.sameTypes(); err != nil {
		return nil, err
	}
	states := b.states
	if len(states) <= maxRefined {
		states = smallest(states)
	}
	markRepeats(states)
	return states, nil
}

// number gives the leaves their place in the order of the schema.
func (b *automatonBuilder) number(p *particle) {
	p.id = b.leaves
	if p.kind == anElement || p.kind == anAny {
		b.leaves++
	}
	for _, sub := range p.sub {
		b.number(sub)
	}
}

func (b *automatonBuilder) add(p place) (int, error) {
	if len(b.places) == maxPlaces {
		return 0, b.node.fail("a content model of more than %d places: is a maxOccurs very large?", maxPlaces)
	}
	b.places = append(b.places, p)
	return len(b.places) - 1, nil
}

// place adds what matches p, as often as it may occur, and then goes on at out.
func (b *automatonBuilder) place(p *particle, out int) (int, error) {
	start := out
	if p.max == none {
		loop, err := b.add(place{out: none, other: out})
		if err != nil {
			return 0, err
		}
		body, err := b.once(p, loop)
		if err != nil {
			return 0, err
		}
		b.places[loop].out = body
		start = loop
	}
	for range p.max - p.min {
		body, err := b.once(p, start)
		if err != nil {
			return 0, err
		}
		if start, err = b.add(place{out: body, other: out}); err != nil {
			return 0, err
		}
	}
	for range p.min {
		var err error
		if start, err = b.once(p, start); err != nil {
			return 0, err
		}
	}
	return start, nil
}

// once adds what matches p one time.
func (b *automatonBuilder) once(p *particle, out int) (int, error) {
	switch p.kind {
	case anElement, anAny:
		return b.add(place{leaf: p, out: out, other: none})
	case inSequence:
		var err error
		for i := len(p.sub) - 1; i >= 0 && err == nil; i-- {
			out, err = b.place(p.sub[i], out)
		}
		return out, err
	case inChoice:
	}
	start, err := b.add(place{out: none, other: none}) // a choice of nothing leads nowhere
	for i := len(p.sub) - 1; i >= 0 && err == nil; i-- {
		var one int
		if one, err = b.place(p.sub[i], out); err == nil {
			start, err = b.add(place{out: one, other: start})
		}
	}
	return start, err
}

// state returns the state of the places that can be reached without an element.
func (b *automatonBuilder) state(from []int) (uint32, error) {
	b.round++
	var set []int
	final := false
	for stack := slices.Clone(from); len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if at < 0 || b.mark[at] == b.round {
			continue
		}
		b.mark[at] = b.round
		b.work++
		p := &b.places[at]
		switch {
		case at == 0:
			final = true
			set = append(set, at)
		case p.leaf != nil:
			set = append(set, at)
		default:
			stack = append(stack, p.other, p.out)
		}
	}
	if b.work > maxWork {
		return 0, b.node.fail("a content model that needs too large an automaton")
	}
	slices.Sort(set)
	var key []byte
	for _, at := range set {
		key = binary.LittleEndian.AppendUint32(key, uint32(at))
	}
	if n, ok := b.known[string(key)]; ok {
		return n, nil
	}
	if len(b.states) == maxStates {
		return 0, b.node.fail("a content model of more than %d states: is a maxOccurs very large?", maxStates)
	}
	n := uint32(len(b.states))
	b.known[string(key)] = n
	b.states = append(b.states, state{final: final})
	b.sets = append(b.sets, set)
	return n, nil
}

// follow adds the moves of a state, in the order of the schema.
func (b *automatonBuilder) follow(i int) error {
	set := slices.DeleteFunc(slices.Clone(b.sets[i]), func(at int) bool { return b.places[at].leaf == nil })
	slices.SortStableFunc(set, func(x, y int) int { return cmp.Compare(b.places[x].leaf.id, b.places[y].leaf.id) })
	for len(set) > 0 {
		leaf := b.places[set[0]].leaf
		var out []int
		n := 0
		for ; n < len(set) && b.places[set[n]].leaf.id == leaf.id; n++ {
			out = append(out, b.places[set[n]].out)
		}
		set = set[n:]
		if err := b.distinct(leaf, i); err != nil {
			return err
		}
		next, err := b.state(out)
		if err != nil {
			return err
		}
		s := &b.states[i]
		if leaf.kind == anAny {
			a := leaf.any
			a.next = next
			s.any = append(s.any, a)
		} else {
			s.moves = append(s.moves, move{name: leaf.name, next: next, typ: leaf.typ})
		}
	}
	return nil
}

// distinct refuses a leaf that a move of the state already covers.
func (b *automatonBuilder) distinct(leaf *particle, i int) error {
	s := &b.states[i]
	var clash bool
	switch leaf.kind {
	case anElement:
		clash = slices.ContainsFunc(s.moves, func(m move) bool { return m.name == leaf.name }) ||
			slices.ContainsFunc(s.any, func(a anyMove) bool { return a.space == spaceAny })
	case anAny:
		clash = len(s.any) > 0 || len(s.moves) > 0 && leaf.any.space == spaceAny
	case inSequence, inChoice: // no leaves
	}
	if clash {
		return leaf.node.fail("the content model is not deterministic here: two declarations fit the same element")
	}
	return nil
}

// sameTypes refuses a content model in which one name has two types (part 1, clause
// 3.8.6, Element Declarations Consistent).
func (b *automatonBuilder) sameTypes() error {
	types := make(map[uint32]typeRef)
	for i := range b.states {
		for _, m := range b.states[i].moves {
			if t, ok := types[m.name]; ok && t != m.typ {
				return b.node.fail("the element %s has two types in one content model", b.c.schema.names[m.name])
			}
			types[m.name] = m.typ
		}
	}
	return nil
}
