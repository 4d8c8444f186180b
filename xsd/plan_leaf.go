package xsd

import (
	"kontor/xmlscan"
)

// leaf is a simple type prepared for checking: what most of its values are is found
// without running its automata.
type leaf struct {
	*simpleType
	dfas   []*dfa
	quick  quickness
	class  *xmlscan.Class // bytes of plain texts
	values *xmlscan.Class // the same for attributes
	min    int            // characters of a plain text
	max    int
	track  *track
	least  number // minimum and maximum
	most   number
}

// quickness says what remains to be checked of a text that consists of bytes in class.
type quickness uint8

const (
	slow      quickness = iota // everything
	byLength                   // only that its length is between min and max
	byTrack                    // that, and track
	byDecimal                  // decimals: digits and bounds
)

// track is a pattern that says for each place of a text which bytes may stand there,
// and which lengths it may have: nearly every pattern of ISO 20022, such as
// [A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}.
type track struct {
	mask    [256]uint8 // the sets that a byte is in, a bit each
	want    []uint8    // by place: the set
	lengths []bool     // by length, up to len(want)
}

// newLeaf prepares a type.
func newLeaf(s *Schema, t *simpleType) leaf {
	l := leaf{simpleType: t, min: 0, max: int(^uint(0) >> 1)}
	for _, i := range t.patterns {
		l.dfas = append(l.dfas, &s.dfas[i])
	}
	keep := func(b byte) bool { return l.space != spaceReplace || b != '\t' && b != '\n' }
	if l.space == spaceCollapse {
		keep = func(b byte) bool { return b > ' ' }
	}
	l.least, _, _ = parseNumber([]byte(t.minimum.text)) // the tables hold decimals only
	l.most, _, _ = parseNumber([]byte(t.maximum.text))
	if t.minLength != none {
		l.min = int(t.minLength)
	}
	if t.maxLength != none {
		l.max = int(t.maxLength)
	}
	switch {
	case t.primitive == primDecimal || t.primitive == primInteger:
		keep = func(b byte) bool { return b >= '0' && b <= '9' || b == '.' || b == '-' || b == '+' }
		if len(l.dfas) == 0 {
			l.quick = byDecimal
		}
	case t.primitive != primString && t.primitive != primAny || t.enumeration != nil || len(l.dfas) > 1:
	case len(l.dfas) == 0:
		l.quick = byLength
	default:
		if tr := newTrack(l.dfas[0]); tr != nil {
			keep = l.take(tr, keep)
		}
	}
	l.class, l.values = xmlscan.NewClass(false, keep), xmlscan.NewClass(true, keep)
	return l
}

// take makes use of a track and returns the narrower class.
func (l *leaf) take(tr *track, keep func(byte) bool) func(byte) bool {
	l.quick, l.track = byTrack, tr
	same, gaps := true, false
	shortest, longest := -1, -1
	for n, ok := range tr.lengths {
		if ok {
			gaps = gaps || longest >= 0 && longest != n-1
			if shortest < 0 {
				shortest = n
			}
			longest = n
		}
		same = same && (n >= len(tr.want) || tr.want[n] == tr.want[0])
	}
	l.min = max(l.min, shortest)
	l.max = min(l.max, longest)
	if same && !gaps {
		l.quick = byLength
	}
	return func(b byte) bool { return tr.mask[b] != 0 && keep(b) }
}

// longestTrack bounds the length of patterns that become a track.
const longestTrack = 256

// newTrack returns the pattern as a track, nil if it is none.
func newTrack(d *dfa) *track {
	tr := &track{}
	var sets [][256]bool
	for state := uint16(1); ; {
		tr.lengths = append(tr.lengths, d.final[state])
		var set [256]bool
		next := uint16(0)
		for b := range 256 {
			to := d.next[int(state)*d.width+int(d.classes[b])]
			if to == 0 {
				continue
			}
			if b >= 0x80 || next != 0 && to != next || to == state {
				return nil
			}
			next, set[b] = to, true
		}
		if next == 0 {
			return tr
		}
		bit := 0
		for bit < len(sets) && sets[bit] != set {
			bit++
		}
		if bit == len(sets) {
			sets = append(sets, set)
		}
		if bit == 8 || len(tr.want) == longestTrack {
			return nil
		}
		for b, in := range set {
			if in {
				tr.mask[b] |= 1 << bit
			}
		}
		tr.want = append(tr.want, 1<<bit)
		state = next
	}
}

// fits says whether text, whose length fits and whose bytes are in class, is on track.
func (t *track) fits(text []byte) bool {
	if len(text) >= len(t.lengths) || !t.lengths[len(text)] {
		return false
	}
	want := t.want[:len(text)]
	for i, b := range text {
		if t.mask[b]&want[i] == 0 {
			return false
		}
	}
	return true
}

// facets describes what a type demands, for Violation.Expected.
func (l *leaf) facets(k Kind) []string {
	switch k {
	case TypeLength:
		return l.lengthFacets()
	case TypePattern:
		var out []string
		for _, d := range l.dfas {
			out = append(out, d.source)
		}
		return out
	case TypeEnum:
		return l.enumeration
	case TypeRange:
		return append(boundFacet("min", l.minimum), boundFacet("max", l.maximum)...)
	case TypeDigits:
		return l.digitFacets()
	case TypeForm, Unexpected, Missing, Incomplete, Attribute, Text, Namespace: // the latter are none of a value
	}
	return []string{l.primitive.String()}
}
