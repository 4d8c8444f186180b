package xsd

import (
	"bytes"
	"sort"
	"strconv"
	"unicode/utf8"
)

// plain checks a text that consists of bytes in l.class. Kind 0 means it is valid.
func (l *leaf) plain(text []byte) Kind {
	switch l.quick {
	case byLength:
		if len(text) >= l.min && len(text) <= l.max {
			return 0
		}
	case byTrack:
		if len(text) >= l.min && len(text) <= l.max && l.track.fits(text) {
			return 0
		}
	case byDecimal:
		return l.decimal(text)
	case slow:
	}
	return l.check(text)
}

// check checks any text after white space has been treated. Of several faults the first
// is told: form, length, pattern, enumeration, bounds.
func (l *leaf) check(text []byte) Kind {
	if !l.form(text) {
		return TypeForm
	}
	if k := l.length(text); k != 0 {
		return k
	}
	for _, d := range l.dfas {
		if !d.matches(text) {
			return TypePattern
		}
	}
	if l.enumeration != nil && !listed(l.enumeration, text) {
		return TypeEnum
	}
	if l.primitive == primDecimal || l.primitive == primInteger {
		return l.decimal(text)
	}
	return 0
}

// form checks that text is in the lexical space of the primitive. Decimals are left to
// decimal.
func (l *leaf) form(text []byte) bool {
	switch l.primitive {
	case primBoolean:
		return isBoolean(text)
	case primDate:
		return isDate(text)
	case primDateTime:
		return isDateTime(text)
	case primTime:
		return isTime(text)
	case primGYear:
		return isYear(text)
	case primGYearMonth:
		return isYearMonth(text)
	case primGMonth:
		return isMonth(text)
	case primGMonthDay:
		return isMonthDay(text)
	case primGDay:
		return isDay(text)
	case primBase64:
		_, ok := base64Octets(text)
		return ok
	case primHex:
		return isHex(text)
	case primString, primDecimal, primInteger, primAnyURI, primAny, primEnd:
	}
	return true
}

// length checks the facets of length.
func (l *leaf) length(text []byte) Kind {
	if l.minLength == none && l.maxLength == none {
		return 0
	}
	n := len(text)
	switch l.primitive {
	case primBase64:
		n, _ = base64Octets(text)
	case primHex:
		n /= 2
	case primString, primAnyURI, primAny, primBoolean, primDecimal, primInteger, primDate, primDateTime, primTime,
		primGYear, primGYearMonth, primGMonth, primGMonthDay, primGDay, primEnd:
		n = utf8.RuneCount(text)
	}
	if l.minLength != none && n < int(l.minLength) || l.maxLength != none && n > int(l.maxLength) {
		return TypeLength
	}
	return 0
}

// matches runs the automaton over the whole text.
func (d *dfa) matches(text []byte) bool {
	state := 1
	for _, b := range text {
		state = int(d.next[state*d.width+int(d.classes[b])])
		if state == 0 {
			return false
		}
	}
	return d.final[state]
}

// listed looks a text up in a sorted list.
func listed(list []string, text []byte) bool {
	if len(list) <= 8 {
		for _, v := range list {
			if string(text) == v {
				return true
			}
		}
		return false
	}
	i := sort.Search(len(list), func(i int) bool { return list[i] >= string(text) })
	return i < len(list) && list[i] == string(text)
}

// normalise treats the white space of a value as the type says. It returns text itself
// or a part of it where it can, else a slice of scratch, which it may grow.
func (l *leaf) normalise(text []byte, scratch *[]byte) []byte {
	switch l.space {
	case spaceReplace:
		if !bytes.ContainsAny(text, "\t\n\r") {
			return text
		}
		*scratch = append((*scratch)[:0], text...)
		for i, b := range *scratch {
			if isSpace(b) {
				(*scratch)[i] = ' '
			}
		}
		return *scratch
	case spaceCollapse:
		return collapse(text, scratch)
	case spacePreserve, spaceEnd:
	}
	return text
}

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

// collapse drops white space at both ends and makes one blank of white space within.
func collapse(text []byte, scratch *[]byte) []byte {
	for len(text) > 0 && isSpace(text[0]) {
		text = text[1:]
	}
	for len(text) > 0 && isSpace(text[len(text)-1]) {
		text = text[:len(text)-1]
	}
	clean := true
	for i, b := range text {
		if b <= ' ' && (b != ' ' || isSpace(text[i+1])) {
			clean = false
			break
		}
	}
	if clean {
		return text
	}
	out := (*scratch)[:0]
	for i, b := range text {
		if !isSpace(b) {
			out = append(out, b)
		} else if !isSpace(text[i+1]) { // the text ends with something else
			out = append(out, ' ')
		}
	}
	*scratch = out
	return out
}

// lengthFacets describes the lengths that a type allows.
func (l *leaf) lengthFacets() (out []string) {
	if l.minLength != none {
		out = append(out, "minLength "+strconv.Itoa(int(l.minLength)))
	}
	if l.maxLength != none {
		out = append(out, "maxLength "+strconv.Itoa(int(l.maxLength)))
	}
	return out
}

// digitFacets describes the digits that a type allows.
func (l *leaf) digitFacets() (out []string) {
	if l.totalDigits != none {
		out = append(out, "totalDigits "+strconv.Itoa(int(l.totalDigits)))
	}
	if l.fractionDigits != none {
		out = append(out, "fractionDigits "+strconv.Itoa(int(l.fractionDigits)))
	}
	return out
}

// boundFacet describes a bound.
func boundFacet(which string, b bound) []string {
	switch {
	case b.text == "":
		return nil
	case b.exclusive:
		return []string{which + "Exclusive " + b.text}
	}
	return []string{which + "Inclusive " + b.text}
}

// String returns the name of the primitive in XML Schema.
func (p primitive) String() string {
	names := []string{
		"string", "decimal", "integer", "boolean", "date", "dateTime", "time", "gYear", "gYearMonth",
		"gMonth", "gMonthDay", "gDay", "anyURI", "base64Binary", "hexBinary", "anySimpleType",
	}
	if int(p) < len(names) {
		return names[p]
	}
	return "primitive " + strconv.Itoa(int(p))
}
