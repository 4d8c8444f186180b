package directory

import "math/bits"

// slots finds the first row of a key among rows that are sorted by key. A binary search
// over as many rows waits for memory a dozen times; this waits once or twice.
type slots struct {
	keys  []uint64
	first []uint32 // row + 1, 0 for none; a power of two of them, at most half in use
	shift int
}

// newSlots indexes sorted keys.
func newSlots(keys []uint64) slots {
	if len(keys) == 0 {
		return slots{}
	}
	width := bits.Len(uint(len(keys))) + 1
	s := slots{keys: keys, first: make([]uint32, 1<<width), shift: 64 - width}
	for row, key := range keys {
		if row > 0 && keys[row-1] == key {
			continue
		}
		at := s.start(key)
		for s.first[at] != 0 {
			at = (at + 1) % len(s.first)
		}
		s.first[at] = uint32(row + 1)
	}
	return s
}

// start is where the search for a key begins: the upper bits of its product with 2^64
// divided by the golden ratio, which spreads neighbours.
func (s *slots) start(key uint64) int { return int(key * 0x9e3779b97f4a7c15 >> s.shift) }

// find returns the range of rows with a key, an empty one if there is none.
func (s *slots) find(key uint64) (first, last int) {
	if len(s.keys) == 0 {
		return 0, 0
	}
	for at := s.start(key); s.first[at] != 0; at = (at + 1) & (len(s.first) - 1) {
		first = int(s.first[at]) - 1
		if s.keys[first] != key {
			continue
		}
		for last = first + 1; last < len(s.keys) && s.keys[last] == key; last++ {
		}
		return first, last
	}
	return 0, 0
}
