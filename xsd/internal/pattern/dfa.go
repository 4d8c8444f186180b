package pattern

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// builder makes the deterministic automaton: each of its states is a set of steps.
type builder struct {
	p       *program
	d       *DFA
	states  map[string]uint16 // by set
	begins  map[string]uint16 // by what the set was made of
	sets    [][]int
	mark    []int // step → the last closure that reached it
	closure int
	work    int
}

// determinise makes the automaton whose states are sets of steps (subset construction). Only steps that read a byte or
// accept make up a set.
func determinise(p *program, start int) (*DFA, error) {
	b := &builder{p: p, d: &DFA{}, states: make(map[string]uint16), begins: make(map[string]uint16), mark: make([]int, len(p.steps))}
	b.classes()
	if _, err := b.state(nil); err != nil { // 0: dead
		return nil, err
	}
	if _, err := b.state([]int{start}); err != nil { // 1
		return nil, err
	}
	b.d.Next = make([]uint16, b.d.Width)
	reached := make([][]int, b.d.Width) // by class
	for at := 1; at < len(b.sets); at++ {
		b.follow(b.sets[at], reached)
		for _, steps := range reached {
			next, err := b.state(steps)
			if err != nil {
				return nil, err
			}
			b.d.Next = append(b.d.Next, next)
		}
	}
	return b.d, nil
}

// follow collects, for each class of bytes, the steps that the set leads to.
func (b *builder) follow(set []int, reached [][]int) {
	for c := range reached {
		reached[c] = reached[c][:0]
	}
	for _, at := range set {
		s := &b.p.steps[at]
		if s.kind != stepByte || s.lo > s.hi {
			continue
		}
		for c := int(b.d.Class[s.lo]); c <= int(b.d.Class[s.hi]); c++ {
			reached[c] = append(reached[c], s.out)
			b.work++
		}
	}
}

// classes groups the bytes that no step tells apart.
func (b *builder) classes() {
	var cut [257]bool
	cut[0] = true
	for i := range b.p.steps {
		if s := &b.p.steps[i]; s.kind == stepByte && s.lo <= s.hi {
			cut[s.lo], cut[int(s.hi)+1] = true, true
		}
	}
	for c := range 256 {
		if cut[c] {
			b.d.Width++
		}
		b.d.Class[c] = uint8(b.d.Width - 1)
	}
}

// state returns the state of the steps that are reached without reading a byte. The same beginnings come again and
// again, so they are remembered besides the sets they lead to.
func (b *builder) state(from []int) (uint16, error) {
	begin := key(nil, from)
	if n, ok := b.begins[string(begin)]; ok {
		return n, nil
	}
	set, accept := b.closed(from)
	if b.work > maxWork {
		return 0, fmt.Errorf("too many sets of steps: %w", ErrTooLarge)
	}
	n, ok := b.states[string(key(nil, set))]
	if !ok || len(b.sets) < 2 {
		if len(b.sets) == maxStates {
			return 0, fmt.Errorf("more than %d states: %w", maxStates, ErrTooLarge)
		}
		n = uint16(len(b.sets))
		if !ok {
			b.states[string(key(nil, set))] = n
		}
		b.sets = append(b.sets, set)
		b.d.Accept = append(b.d.Accept, accept)
	}
	b.begins[string(begin)] = n
	return n, nil
}

// closed follows the forks and returns the steps that read a byte or accept, sorted.
func (b *builder) closed(from []int) (set []int, accept bool) {
	b.closure++
	for stack := slices.Clone(from); len(stack) > 0; {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if b.mark[at] == b.closure {
			continue
		}
		b.mark[at] = b.closure
		b.work++
		switch s := &b.p.steps[at]; s.kind {
		case stepFork:
			stack = append(stack, s.out, s.other)
		case stepMatch:
			accept = true
			set = append(set, at)
		case stepByte:
			set = append(set, at)
		}
	}
	slices.Sort(set)
	return set, accept
}

// key makes a map key of numbers.
func key(to []byte, numbers []int) []byte {
	for _, n := range numbers {
		to = binary.LittleEndian.AppendUint32(to, uint32(n))
	}
	return to
}

// minimise returns the smallest automaton of the same language, with its states numbered in the order in which they are
// reached and its classes in the order of their first byte. An automaton of very many states is left as large as it is:
// these come from counted repetitions, which are chains and hardly shrink, and refining a chain takes its length squared.
func (d *DFA) minimise() *DFA {
	if len(d.Accept) > maxRefined {
		return d.mergeClasses()
	}
	return d.quotient(d.partition()).mergeClasses()
}

// partition puts states together that no value tells apart (Moore's refinement).
func (d *DFA) partition() []int {
	n := len(d.Accept)
	block := make([]int, n)
	for i, a := range d.Accept {
		if a {
			block[i] = 1
		}
	}
	var signature []byte
	for count := 0; ; {
		found := make(map[string]int)
		next := make([]int, n)
		for i := range n {
			signature = key(signature[:0], block[i:i+1])
			for _, t := range d.Next[i*d.Width : (i+1)*d.Width] {
				signature = binary.LittleEndian.AppendUint32(signature, uint32(block[t]))
			}
			at, ok := found[string(signature)]
			if !ok {
				at = len(found)
				found[string(signature)] = at
			}
			next[i] = at
		}
		block = next
		if len(found) == count {
			return block
		}
		count = len(found)
	}
}

// quotient makes one state of each block. The dead state stays state 0 and the start state 1, even if the start is dead.
func (d *DFA) quotient(block []int) *DFA {
	number := map[int]uint16{block[0]: 0}
	order := []int{0, 1}
	if block[1] != block[0] {
		number[block[1]] = 1
	}
	q := &DFA{Width: d.Width, Class: d.Class}
	for i := 0; i < len(order); i++ {
		at := order[i]
		q.Accept = append(q.Accept, d.Accept[at])
		for _, t := range d.Next[at*d.Width : (at+1)*d.Width] {
			n, ok := number[block[t]]
			if !ok {
				n = uint16(len(order))
				number[block[t]] = n
				order = append(order, int(t))
			}
			q.Next = append(q.Next, n)
		}
	}
	return q
}

// mergeClasses puts byte classes together whose columns are equal.
func (d *DFA) mergeClasses() *DFA {
	states := len(d.Accept)
	columns := make(map[string]uint8)
	var of []uint8  // old class → new
	var first []int // new class → old
	column := make([]byte, 0, 2*states)
	for c := range d.Width {
		column = column[:0]
		for s := range states {
			column = binary.LittleEndian.AppendUint16(column, d.Next[s*d.Width+c])
		}
		at, ok := columns[string(column)]
		if !ok {
			at = uint8(len(first))
			columns[string(column)] = at
			first = append(first, c)
		}
		of = append(of, at)
	}
	m := &DFA{Width: len(first), Accept: d.Accept}
	for b, c := range d.Class {
		m.Class[b] = of[c]
	}
	for s := range states {
		for _, c := range first {
			m.Next = append(m.Next, d.Next[s*d.Width+c])
		}
	}
	return m
}
