package xmlscan

import "unicode/utf8"

// Classes of bytes. A byte of class 0 is an ordinary ASCII character.
const (
	isReturn    = 1 << iota // CR: line ends are normalised
	isAmpersand             // begins a reference
	isBracket               // ], may begin ]]>
	isHigh                  // not ASCII
	isBad                   // never allowed
)

// byteClass tells the class of each byte.
var byteClass = func() (t [256]uint8) {
	for c := range 0x20 {
		t[c] = isBad
	}
	t['\t'], t['\n'], t['\r'] = 0, 0, isReturn
	t['&'], t[']'] = isAmpersand, isBracket
	for c := 0x80; c < 0x100; c++ {
		t[c] = isHigh
	}
	return t
}()

// classes returns the union of the classes in b.
func classes(b []byte) (all uint8) {
	for _, c := range b {
		all |= byteClass[c]
	}
	return all
}

// isChar says whether r is a Char of XML 1.0, clause 2.2.
func isChar(r rune) bool {
	switch {
	case r < 0x20:
		return r == '\t' || r == '\n' || r == '\r'
	case r < 0xD800:
		return true
	}
	return r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= utf8.MaxRune
}

// span is an inclusive range of characters.
type span struct{ first, last rune }

// nameStart is NameStartChar of XML 1.0 (fifth edition), clause 2.3, without the colon
// and above ASCII.
var nameStart = []span{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
	{0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

// nameFurther is what NameChar adds to nameStart above ASCII.
var nameFurther = []span{{0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}}

// Classes of ASCII characters in names.
const (
	startsName    = 1
	continuesName = 2
)

// nameClass tells for ASCII which characters may stand in an NCName.
var nameClass = func() (t [128]uint8) {
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = startsName|continuesName, startsName|continuesName
	}
	t['_'] = startsName | continuesName
	for c := '0'; c <= '9'; c++ {
		t[c] = continuesName
	}
	t['-'], t['.'] = continuesName, continuesName
	return t
}()

// in says whether r lies in one of the spans.
func in(spans []span, r rune) bool {
	for _, s := range spans {
		if r <= s.last {
			return r >= s.first
		}
	}
	return false
}

// ncName returns the length of the NCName (a name without colon) at the start of b, 0
// when there is none. b is valid UTF-8.
func ncName(b []byte) int {
	i := 0
	for i < len(b) {
		if c := b[i]; c < utf8.RuneSelf {
			if nameClass[c] == 0 || i == 0 && nameClass[c]&startsName == 0 {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if !in(nameStart, r) && (i == 0 || !in(nameFurther, r)) {
			return i
		}
		i += n
	}
	return i
}

// isSpace says whether c is white space of XML, clause 2.3.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// spaces returns the number of white space characters at the start of b.
func spaces(b []byte) int {
	n := 0
	for n < len(b) && isSpace(b[n]) {
		n++
	}
	return n
}
