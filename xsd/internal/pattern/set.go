package pattern

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// span is a range of characters, both ends included.
type span struct{ lo, hi rune }

// set is a set of characters: sorted spans that neither touch nor overlap. It never holds
// surrogates, which are no characters.
type set []span

const (
	surrogateMin = 0xD800
	surrogateMax = 0xDFFF
)

// everything is the set of all characters. Which of them XML allows is not asked here: a
// document that has others is refused before a value is looked at.
var everything = set{{0, surrogateMin - 1}, {surrogateMax + 1, unicode.MaxRune}}

// normal sorts and joins spans and takes the surrogates out.
func normal(spans []span) set {
	slices.SortFunc(spans, func(a, b span) int { return int(a.lo - b.lo) })
	var s set
	for _, r := range spans {
		if n := len(s); n > 0 && r.lo <= s[n-1].hi+1 {
			s[n-1].hi = max(s[n-1].hi, r.hi)
			continue
		}
		s = append(s, r)
	}
	return s.minus(set{{surrogateMin, surrogateMax}})
}

func (s set) union(t set) set {
	return normal(append(slices.Clone(s), t...))
}

func (s set) negate() set { return everything.minus(s) }

// minus returns the characters of s that are not in t.
func (s set) minus(t set) set {
	var out set
	i := 0
	for _, r := range s {
		for i < len(t) && t[i].hi < r.lo {
			i++
		}
		lo := r.lo
		for k := i; k < len(t) && t[k].lo <= r.hi; k++ {
			if t[k].lo > lo {
				out = append(out, span{lo, t[k].lo - 1})
			}
			lo = t[k].hi + 1
		}
		if lo <= r.hi {
			out = append(out, span{lo, r.hi})
		}
	}
	return out
}

// tableSet makes a set of a table of package unicode.
func tableSet(t *unicode.RangeTable) set {
	var spans []span
	add := func(lo, hi, stride rune) {
		if stride == 1 {
			spans = append(spans, span{lo, hi})
			return
		}
		for r := lo; r <= hi; r += stride {
			spans = append(spans, span{r, r})
		}
	}
	for _, r := range t.R16 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	for _, r := range t.R32 {
		add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
	}
	return normal(spans)
}

// sequence is what UTF-8 makes of a span: one range per byte, whose product is exactly the span.
type sequence []byteRange

type byteRange struct{ lo, hi byte }

// sequences cuts a span into sequences.
func (s span) sequences(emit func(sequence)) {
	for _, top := range []rune{0x7F, 0x7FF, 0xFFFF, unicode.MaxRune} {
		if s.lo > top {
			continue
		}
		part := span{s.lo, min(s.hi, top)}
		if part.lo <= part.hi {
			part.split(emit)
		}
		if s.hi <= top {
			return
		}
		s.lo = top + 1
	}
}

// split cuts a span of characters that all take the same number of bytes, until the ends differ in a leading part
// of their bytes only, the rest running over all of their range.
func (s span) split(emit func(sequence)) {
	n := utf8.RuneLen(s.lo)
	for i := 1; i < n; i++ {
		low := rune(1)<<(6*i) - 1 // what the last i bytes can hold
		if s.lo&^low == s.hi&^low {
			continue
		}
		if s.lo&low != 0 {
			span{s.lo, s.lo | low}.split(emit)
			span{(s.lo | low) + 1, s.hi}.split(emit)
			return
		}
		if s.hi&low != low {
			span{s.lo, s.hi&^low - 1}.split(emit)
			span{s.hi &^ low, s.hi}.split(emit)
			return
		}
	}
	var a, b [utf8.UTFMax]byte
	utf8.EncodeRune(a[:], s.lo)
	utf8.EncodeRune(b[:], s.hi)
	q := make(sequence, n)
	for i := range q {
		q[i] = byteRange{a[i], b[i]}
	}
	emit(q)
}
