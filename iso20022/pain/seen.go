package pain

import "hash/maphash"

// identifications is a set of the identifications of a document, held as hashes of 64
// bits with a key that changes with every document, so that nobody can make them
// collide. Two of a million identifications have the same hash by chance once in some 30
// million documents; the rules that ask here are warnings.
type identifications struct {
	seed  maphash.Seed
	slots []uint64 // open addressing; 0 = free
	used  int
}

func (s *identifications) init() { s.seed = maphash.MakeSeed() }

// hash makes a text ready for add; it is never 0. It may be called by many at a time.
func (s *identifications) hash(text []byte) uint64 { return max(maphash.Bytes(s.seed, text), 1) }

// add puts a hash into the set and reports whether it was there. Sets of different
// numbers do not meet.
func (s *identifications) add(number, hash uint64) bool {
	h := max(hash^number*0x9E3779B97F4A7C15, 1)
	if 8*(s.used+1) > 7*len(s.slots) {
		s.grow()
	}
	if s.put(h) {
		s.used++
		return false
	}
	return true
}

// put reports whether the hash was new.
func (s *identifications) put(h uint64) bool {
	mask := uint64(len(s.slots) - 1)
	for i := h >> 7 & mask; ; i = (i + 1) & mask {
		switch s.slots[i] {
		case 0:
			s.slots[i] = h
			return true
		case h:
			return false
		}
	}
}

func (s *identifications) grow() {
	old := s.slots
	s.slots = make([]uint64, max(256, 2*len(old)))
	for _, h := range old {
		if h != 0 {
			s.put(h)
		}
	}
}
