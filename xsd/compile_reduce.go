package xsd

import (
	"encoding/binary"
)

// smallest puts states together that no content tells apart (Moore's refinement) and
// numbers them in the order in which they are reached.
func smallest(states []state) []state {
	block := partition(states)
	number := map[int]uint32{block[0]: 0}
	order := []int{0}
	var out []state
	visit := func(next uint32) uint32 {
		n, ok := number[block[next]]
		if !ok {
			n = uint32(len(order))
			number[block[next]] = n
			order = append(order, int(next))
		}
		return n
	}
	for i := 0; i < len(order); i++ {
		s := states[order[i]]
		for k := range s.moves {
			s.moves[k].next = visit(s.moves[k].next)
		}
		for k := range s.any {
			s.any[k].next = visit(s.any[k].next)
		}
		out = append(out, s)
	}
	return out
}

// partition returns the block of each state.
func partition(states []state) []int {
	block := make([]int, len(states))
	for count := 0; ; {
		found := make(map[string]int)
		next := make([]int, len(states))
		var key []byte
		for i := range states {
			key = signature(key[:0], &states[i], block)
			key = binary.LittleEndian.AppendUint32(key, uint32(block[i]))
			at, ok := found[string(key)]
			if !ok {
				at = len(found)
				found[string(key)] = at
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

// signature is what tells a state from others when the blocks of its successors are known.
func signature(key []byte, s *state, block []int) []byte {
	key = append(key, 0)
	if s.final {
		key[0] = 1
	}
	for _, m := range s.moves {
		key = binary.LittleEndian.AppendUint32(key, m.name)
		key = binary.LittleEndian.AppendUint32(key, uint32(m.typ))
		key = binary.LittleEndian.AppendUint32(key, uint32(block[m.next]))
	}
	for _, a := range s.any {
		key = append(key, 2, byte(a.process), byte(a.space))
		key = binary.LittleEndian.AppendUint32(key, uint32(block[a.next]))
	}
	return key
}

// markRepeats finds the elements that may occur more than once in one parent: a move
// that leads, over any others, to a move of the same name.
func markRepeats(states []state) {
	moves := make(map[uint32][]uint32) // name → states behind it
	var names []uint32
	for i := range states {
		for _, m := range states[i].moves {
			if _, ok := moves[m.name]; !ok {
				names = append(names, m.name)
			}
			moves[m.name] = append(moves[m.name], m.next)
		}
	}
	reached := make([]uint32, len(states)) // by the round in which it was reached
	for round, name := range names {
		if !occursAgain(states, moves[name], name, reached, uint32(round+1)) {
			continue
		}
		for i := range states {
			for k := range states[i].moves {
				if states[i].moves[k].name == name {
					states[i].moves[k].repeats = true
				}
			}
		}
	}
}

// occursAgain says whether a move of the name can be reached from the states.
func occursAgain(states []state, from []uint32, name uint32, reached []uint32, round uint32) bool {
	stack := append([]uint32(nil), from...)
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if reached[at] == round {
			continue
		}
		reached[at] = round
		for _, m := range states[at].moves {
			if m.name == name {
				return true
			}
			stack = append(stack, m.next)
		}
		for _, a := range states[at].any {
			stack = append(stack, a.next)
		}
	}
	return false
}
