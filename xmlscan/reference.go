package xmlscan

import "unicode/utf8"

// longestReference is the most bytes from & to ; that are read. The longest useful one
// is &#x10FFFF; the rest is leading zeros.
const longestReference = 32

// problem is what is wrong with a reference.
type problem struct {
	code    Code
	message string
}

var (
	unfinished   = &problem{CodeMalformed, "a reference does not end with a semicolon"} // the bytes end first
	unclosed     = &problem{CodeMalformed, "a reference does not end with a semicolon"} // something else stands there
	bareMark     = &problem{CodeMalformed, "an & that does not begin a reference"}
	otherEntity  = &problem{CodeMalformed, "a reference to an entity other than lt, gt, amp, apos and quot"}
	noNumber     = &problem{CodeMalformed, "a character reference without a number"}
	notCharacter = &problem{CodeMalformed, "a reference to a character that is not allowed in XML"}
	tooLong      = &problem{CodeLimit, "a reference is longer than 32 bytes"}
)

// reference reads the reference at the start of b (clause 4.1) and returns its
// character and its length.
func reference(b []byte) (rune, int, *problem) {
	end := unfinished
	if len(b) > longestReference {
		b, end = b[:longestReference], tooLong
	}
	if len(b) > 1 && b[1] == '#' {
		return characterReference(b, end)
	}
	n := 1 + ncName(b[1:])
	switch {
	case n == len(b):
		return 0, 0, end
	case n == 1:
		return 0, 0, bareMark
	case b[n] != ';':
		return 0, 0, unclosed
	}
	switch string(b[1:n]) {
	case "lt":
		return '<', n + 1, nil
	case "gt":
		return '>', n + 1, nil
	case "amp":
		return '&', n + 1, nil
	case "apos":
		return '\'', n + 1, nil
	case "quot":
		return '"', n + 1, nil
	}
	return 0, 0, otherEntity
}

// characterReference reads &#65; or &#x41; end is the problem of one that b does not
// hold completely.
func characterReference(b []byte, end *problem) (rune, int, *problem) {
	base, first := rune(10), len("&#")
	if first < len(b) && b[first] == 'x' {
		base, first = 16, first+1
	}
	i, r := first, rune(0)
	for ; i < len(b); i++ {
		d := digit(b[i])
		if d >= base {
			break
		}
		if r <= utf8.MaxRune { // beyond, it is wrong whatever follows
			r = r*base + d
		}
	}
	switch {
	case i == len(b):
		return 0, 0, end
	case i == first:
		return 0, 0, noNumber
	case b[i] != ';':
		return 0, 0, unclosed
	case !isChar(r):
		return 0, 0, notCharacter
	}
	return r, i + 1, nil
}

// digit returns the value of a hexadecimal digit, 16 for anything else.
func digit(c byte) rune {
	switch {
	case c >= '0' && c <= '9':
		return rune(c - '0')
	case c >= 'a' && c <= 'f':
		return rune(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return rune(c-'A') + 10
	}
	return 16
}
