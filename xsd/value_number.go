package xsd

import "bytes"

// number is the parts of a decimal: digits without the zeros that mean nothing.
type number struct {
	negative bool
	whole    []byte // without leading zeros
	fraction []byte // without trailing zeros
}

// parseNumber reads a decimal: an optional sign, digits, and optionally a point and
// digits; one digit at least. point says whether a point is there.
func parseNumber(text []byte) (n number, point, ok bool) {
	i := 0
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		n.negative = text[0] == '-'
		i = 1
	}
	begin := i
	for i < len(text) && text[i]-'0' <= 9 {
		i++
	}
	n.whole = text[begin:i]
	digits := i - begin
	if i < len(text) && text[i] == '.' {
		point = true
		i++
		begin = i
		for i < len(text) && text[i]-'0' <= 9 {
			i++
		}
		n.fraction = text[begin:i]
		digits += i - begin
	}
	if i < len(text) || digits == 0 {
		return number{}, point, false
	}
	for len(n.whole) > 0 && n.whole[0] == '0' {
		n.whole = n.whole[1:]
	}
	for k := len(n.fraction); k > 0 && n.fraction[k-1] == '0'; k-- {
		n.fraction = n.fraction[:k-1]
	}
	return n, point, true
}

// decimal checks form, digits and bounds of a decimal. Digits are those of the value:
// zeros at either end do not count (XML Schema part 2, 4.3.11 and 4.3.12).
func (l *leaf) decimal(text []byte) Kind {
	n, point, ok := parseNumber(text)
	if !ok || point && l.primitive == primInteger {
		return TypeForm
	}
	if l.totalDigits != none && len(n.whole)+len(n.fraction) > int(l.totalDigits) ||
		l.fractionDigits != none && len(n.fraction) > int(l.fractionDigits) {
		return TypeDigits
	}
	if l.minimum.text != "" && !n.within(&l.least, l.minimum, 1) || l.maximum.text != "" && !n.within(&l.most, l.maximum, -1) {
		return TypeRange
	}
	return 0
}

// within says whether n is on the allowed side of a bound, whose number is limit: above it if side is 1, below
// it if side is -1, or on it unless the bound is exclusive.
func (n *number) within(limit *number, b bound, side int) bool {
	c := n.compare(limit)
	return c == side || c == 0 && !b.exclusive
}

// compare returns -1, 0 or 1.
func (n *number) compare(m *number) int {
	zero := len(n.whole)+len(n.fraction) == 0
	if other := len(m.whole)+len(m.fraction) == 0; zero || other {
		switch {
		case zero && other:
			return 0
		case zero && m.negative, other && !n.negative:
			return 1
		}
		return -1
	}
	if n.negative != m.negative {
		if n.negative {
			return -1
		}
		return 1
	}
	c := len(n.whole) - len(m.whole)
	if c == 0 {
		if c = bytes.Compare(n.whole, m.whole); c == 0 {
			c = bytes.Compare(n.fraction, m.fraction)
		}
	}
	switch {
	case c == 0:
		return 0
	case c > 0 != n.negative:
		return 1
	}
	return -1
}
