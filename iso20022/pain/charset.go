package pain

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The character sets of SEPA, by byte.
const (
	standardSet = 1 << iota
	extendedSet
	swissSet
)

// characters has, for each byte of ASCII, the sets that it is part of.
var characters = func() (t [256]byte) {
	for i := range 128 {
		ch := byte(i)
		if ch >= ' ' && ch <= '~' {
			t[ch] = swissSet
		}
		switch {
		case ch >= 'a' && ch <= 'z', ch >= 'A' && ch <= 'Z', ch >= '0' && ch <= '9', strings.IndexByte("/-?:().,'+ ", ch) >= 0:
			t[ch] |= standardSet | extendedSet
		case strings.IndexByte("&*$%", ch) >= 0:
			t[ch] |= extendedSet
		}
	}
	return t
}()

// prefix returns how many bytes at the beginning are of the set, rounded down to blocks
// of eight.
func prefix(text []byte, set byte) int {
	for i := 0; ; i += 8 {
		if len(text)-i < 8 {
			return i
		}
		b := text[i : i+8 : i+8]
		if characters[b[0]]&characters[b[1]]&characters[b[2]]&characters[b[3]]&characters[b[4]]&characters[b[5]]&characters[b[6]]&characters[b[7]]&set == 0 {
			return i
		}
	}
}

const extendedLetters = "ÄÖÜäöüß"

// isSwissLetter knows the characters of SPS beyond ASCII: Latin-1, Latin Extended-A, and
// five more.
func isSwissLetter(r rune) bool {
	return r >= 0xA0 && r <= 0x17F || r >= 0x218 && r <= 0x21B || r == '€'
}

// foreign returns the first character of a text that is not in the set; nil if there is
// none.
func foreign(text []byte, set byte) []byte {
	for i := prefix(text, set); i < len(text); {
		if characters[text[i]]&set != 0 {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if size > 1 && (set == extendedSet && strings.ContainsRune(extendedLetters, r) || set == swissSet && isSwissLetter(r)) {
			i += size
			continue
		}
		return text[i : i+size]
	}
	return nil
}

// text judges the characters of a name, an address or a remittance information.
func (d *judge) text() {
	if d.on(ruleCharacters) {
		set := byte(extendedSet)
		if d.profile.swiss {
			set = swissSet
		}
		if ch := foreign(d.value.Text, set); ch != nil {
			d.fault(ruleCharacters, "character", visible(ch))
		}
	}
	if d.on(ruleStandardCharacters) {
		if ch := foreign(d.value.Text, standardSet); ch != nil {
			d.fault(ruleStandardCharacters, "character", visible(ch))
		}
	}
}

// visible returns a character, or the number of one that cannot be seen: U+00A0.
func visible(ch []byte) string {
	if r, _ := utf8.DecodeRune(ch); !unicode.IsPrint(r) {
		return fmt.Sprintf("U+%04X", r)
	}
	return string(ch)
}

// reference judges an identification that comes back from the bank (EPC230-15).
func (d *judge) reference() {
	text := d.value.Text
	if d.on(ruleReference) && !isReference(text) {
		d.fault(ruleReference, "form")
	}
	if bytes.IndexByte(text, '/') >= 0 && hasLooseSlash(text) {
		d.fault(ruleReferenceSlashes, "slashes")
	}
	if len(text) > 0 && text[0] == ' ' {
		d.fault(ruleReferenceBlank, "leading")
	}
}

func isReference(text []byte) bool {
	if len(text) == 0 || len(text) > 35 {
		return false
	}
	for _, ch := range text[prefix(text, standardSet):] {
		if characters[ch]&standardSet == 0 {
			return false
		}
	}
	return true
}

func hasLooseSlash(text []byte) bool {
	return bytes.HasPrefix(text, []byte("/")) || bytes.HasSuffix(text, []byte("/")) || bytes.Contains(text, []byte("//"))
}

// blanks are the white space characters of XML.
const blanks = " \t\r\n"
