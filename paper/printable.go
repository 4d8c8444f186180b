package paper

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// missing stands for a character that the fonts lack: an empty square, which nobody takes for a letter.
const missing = '\u25A1'

// covered are the characters that all fonts have and that are drawn one beside the other, from left to right. Combining marks are not
// among them: Printable composes them where Unicode can.
var covered = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x0020, Hi: 0x007E, Stride: 1},
		{Lo: 0x00A0, Hi: 0x00AC, Stride: 1}, // U+00AD is a soft hyphen
		{Lo: 0x00AE, Hi: 0x0236, Stride: 1}, // Latin
		{Lo: 0x0384, Hi: 0x038A, Stride: 1},
		{Lo: 0x038C, Hi: 0x038C, Stride: 1},
		{Lo: 0x038E, Hi: 0x03A1, Stride: 1},
		{Lo: 0x03A3, Hi: 0x03CE, Stride: 1}, // Greek
		{Lo: 0x0400, Hi: 0x0482, Stride: 1},
		{Lo: 0x048A, Hi: 0x0513, Stride: 1}, // Cyrillic
		{Lo: 0x1E00, Hi: 0x1E9B, Stride: 1},
		{Lo: 0x1E9E, Hi: 0x1E9E, Stride: 1},
		{Lo: 0x1EA0, Hi: 0x1EF9, Stride: 1}, // Latin of Vietnamese and others
		{Lo: 0x2010, Hi: 0x2010, Stride: 1},
		{Lo: 0x2012, Hi: 0x2015, Stride: 1},
		{Lo: 0x2018, Hi: 0x2022, Stride: 1},
		{Lo: 0x2026, Hi: 0x2026, Stride: 1},
		{Lo: 0x2030, Hi: 0x2030, Stride: 1},
		{Lo: 0x2039, Hi: 0x203A, Stride: 1},
		{Lo: 0x20AC, Hi: 0x20AC, Stride: 1},
		{Lo: 0x2116, Hi: 0x2116, Stride: 1},
		{Lo: 0x2122, Hi: 0x2122, Stride: 1},
		{Lo: 0x25A1, Hi: 0x25A1, Stride: 1},
	},
	LatinOffset: 3,
}

// Printable returns text as it appears on paper: letters and their marks composed, line breaks and tabs as blanks, invisible characters
// left out, and an empty square for each character that the fonts lack.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(covered, r):
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r): // direction marks, soft hyphens, joiners
			return -1
		}
		return missing
	}, norm.NFC.String(text))
}
