package dtazv

import (
	"bytes"
	"time"

	"kontor/calendar"
)

// Classes of characters, as bits.
const (
	classGood   = 1 << iota // of the character set
	classLower              // a-z
	classUmlaut             // an umlaut, 8-bit or in the German 7-bit code
	classOther              // anything else
)

// classes is the class of each byte. The German 7-bit code (DIN 66003) has umlauts where
// ASCII has brackets.
var classes = func() (c [256]byte) {
	for i := range c {
		switch ch := byte(i); {
		case ch >= '0' && ch <= '9', ch >= 'A' && ch <= 'Z', bytes.IndexByte([]byte(" .,&-/+*$%;"), ch) >= 0:
			c[i] = classGood
		case ch >= 'a' && ch <= 'z':
			c[i] = classLower
		case bytes.IndexByte([]byte(`[\]{|}~`), ch) >= 0, umlaut850(ch) != 0,
			bytes.IndexByte([]byte("\xC4\xD6\xDC\xE4\xF6\xFC\xDF"), ch) >= 0: // ISO 8859-1
			c[i] = classUmlaut
		default:
			c[i] = classOther
		}
	}
	return c
}()

// classesOf returns all classes that occur.
func classesOf(text []byte) byte {
	var all, more byte
	for len(text) >= 8 {
		all |= classes[text[0]] | classes[text[1]] | classes[text[2]] | classes[text[3]]
		more |= classes[text[4]] | classes[text[5]] | classes[text[6]] | classes[text[7]]
		text = text[8:]
	}
	for _, ch := range text {
		all |= classes[ch]
	}
	return all | more
}

// umlaut850 returns the umlaut of code page 850 where ISO 8859-1 has a control character.
func umlaut850(ch byte) rune {
	switch ch {
	case 0x81:
		return 'ü'
	case 0x84:
		return 'ä'
	case 0x8E:
		return 'Ä'
	case 0x94:
		return 'ö'
	case 0x99:
		return 'Ö'
	case 0x9A:
		return 'Ü'
	}
	return 0
}

// decode returns the text without the blanks at its end.
func decode(text []byte) string {
	text = trimEnd(text)
	for _, ch := range text {
		if ch >= 0x80 {
			return decode8(text)
		}
	}
	return string(text)
}

func decode8(text []byte) string {
	decoded := make([]rune, len(text))
	for i, ch := range text {
		decoded[i] = rune(ch)
		if umlaut := umlaut850(ch); umlaut != 0 {
			decoded[i] = umlaut
		}
	}
	return string(decoded)
}

func trimEnd(text []byte) []byte {
	n := len(text)
	for n > 0 && text[n-1] == ' ' {
		n--
	}
	return text[:n]
}

// blanks is longer than any field.
var blanks = bytes.Repeat([]byte{' '}, longRecord)

func isBlank(text []byte) bool { return bytes.Equal(text, blanks[:len(text)]) }

// isZero reports whether a numeric field has no value: zeros, blanks, nothing else.
func isZero(text []byte) bool {
	for _, ch := range text {
		if ch != '0' && ch != ' ' {
			return false
		}
	}
	return true
}

func allDigits(text []byte) bool {
	for _, ch := range text {
		if ch < '0' || ch > '9' {
			return false
		}
	}
	return true
}

// number reads a numeric field; blanks before or after the digits, which are a finding
// elsewhere, do not matter. It is false if there is anything else. Fields have at most 15
// digits.
func number(text []byte) (uint64, bool) {
	text = bytes.TrimLeft(trimEnd(text), " ")
	n := uint64(0)
	for _, ch := range text {
		if ch < '0' || ch > '9' {
			return 0, false
		}
		n = n*10 + uint64(ch-'0')
	}
	return n, true
}

// date reads YYMMDD. Years 80 to 99 are those of the last century: the format began then.
func date(text []byte) (calendar.Date, bool) {
	if !allDigits(text) {
		return calendar.Date{}, false
	}
	two := func(at int) int { return int(text[at]-'0')*10 + int(text[at+1]-'0') }
	year := 2000 + two(0)
	if year >= 2080 {
		year -= 100
	}
	d := calendar.Date{Year: year, Month: time.Month(two(2)), Day: two(4)}
	if d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > daysIn(year, d.Month) {
		return calendar.Date{}, false
	}
	return d, true
}

func daysIn(year int, month time.Month) int {
	switch month { //nolint:exhaustive // the others have 31
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case time.April, time.June, time.September, time.November:
		return 30
	}
	return 31
}
