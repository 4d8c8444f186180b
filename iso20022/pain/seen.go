package pain

import (
	"hash/maphash"
	"math/bits"
)

// identifications is a set of the identifications of a document, held as hashes of 64
// bits with a key that changes with every document, so that nobody can make them
// collide. Two of a million identifications have the same hash by chance once in some 30
// million documents; the rules that ask here are warnings.
//
// It is many small tables, of which one at a time grows: a single one would be copied as
// a whole, and need three times its memory while it is.
type identifications struct {
	seed   maphash.Seed
	tables *[tableCount]table
}

// tableCount tables are told apart by the upper bits of a hash.
const (
	tableBits  = 6
	tableCount = 1 << tableBits
)

// table is a hash table with open addressing.
type table struct {
	slots []uint64 // 0 = free
	used  int
}

func (s *identifications) init() { s.seed, s.tables = maphash.MakeSeed(), new([tableCount]table) }

// hash makes a text ready for add; it is never 0. It may be called by many at a time.
func (s *identifications) hash(text []byte) uint64 { return max(maphash.Bytes(s.seed, text), 1) }

// add puts a hash into the set and reports whether it was there. Sets of different
// numbers do not meet.
func (s *identifications) add(number, hash uint64) bool {
	h := max(hash^number*0x9E3779B97F4A7C15, 1)
	n := h >> (64 - tableBits)
	t := &s.tables[n]
	if 8*(t.used+1) > 7*len(t.slots) {
		t.grow(int(n))
	}
	if t.put(h) {
		t.used++
		return false
	}
	return true
}

// put reports whether the hash was new.
func (t *table) put(h uint64) bool {
	at, _ := bits.Mul64(h<<tableBits, uint64(len(t.slots))) // where h lies among all hashes of the table
	for i := int(at); ; {
		switch t.slots[i] {
		case 0:
			t.slots[i] = h
			return true
		case h:
			return false
		}
		if i++; i == len(t.slots) {
			i = 0
		}
	}
}

// leastSlots is the size of the smallest table.
const leastSlots = 16

// grow gives the table of a number more room. The first sizes differ, or all tables would
// grow at the same time and be half empty together.
func (t *table) grow(number int) {
	old := t.slots
	size := 2 * len(old)
	if len(old) == 0 {
		size = leastSlots + leastSlots*number/tableCount
	}
	t.slots = make([]uint64, size)
	clear(t.slots) // written before they are read, or the system provides each page twice
	for _, h := range old {
		if h != 0 {
			t.put(h)
		}
	}
}
