package xsd

import (
	"cmp"
	"strconv"
	"strings"
)

// facet adds a facet to the type. The tighter of two holds.
func (t *simpleType) facet(f *node, value string) error {
	value = strings.Trim(value, " \t\r\n")
	switch f.name {
	case "whiteSpace":
		return t.whiteSpace(f, value)
	case "length", "minLength", "maxLength":
		return t.length(f, value)
	case "totalDigits", "fractionDigits":
		return t.digits(f, value)
	case "minInclusive", "minExclusive", "maxInclusive", "maxExclusive":
		return t.bound(f, value)
	}
	return f.fail("the facet %s is not supported", f.name)
}

func (t *simpleType) whiteSpace(f *node, value string) error {
	space := spaceEnd
	switch value {
	case "preserve":
		space = spacePreserve
	case "replace":
		space = spaceReplace
	case "collapse":
		space = spaceCollapse
	}
	switch {
	case space == spaceEnd:
		return f.fail("whiteSpace %q", value)
	case space < t.space:
		return f.fail("whiteSpace %q is looser than that of the base", value)
	case space != t.space && t.primitive == primString && (t.enumeration != nil || len(t.patterns) > 0):
		return f.fail("whiteSpace %q after patterns or enumerations of the base is not supported", value)
	}
	t.space = space
	return nil
}

func (t *simpleType) length(f *node, value string) error {
	switch t.primitive {
	case primString, primAnyURI, primBase64, primHex:
	case primDecimal, primInteger, primBoolean, primDate, primDateTime, primTime, primGYear, primGYearMonth, primGMonth,
		primGMonthDay, primGDay, primAny, primEnd:
		return f.fail("the facet %s of a type that has no length", f.name)
	}
	n, err := f.count(value, 0)
	if err != nil {
		return err
	}
	if f.name != "maxLength" {
		t.minLength = max(t.minLength, n)
	}
	if f.name != "minLength" {
		t.maxLength = least(t.maxLength, n)
	}
	return nil
}

func (t *simpleType) digits(f *node, value string) error {
	if t.primitive != primDecimal && t.primitive != primInteger {
		return f.fail("the facet %s of a type that is not a decimal", f.name)
	}
	if f.name == "totalDigits" {
		n, err := f.count(value, 1)
		t.totalDigits = least(t.totalDigits, n)
		return err
	}
	n, err := f.count(value, 0)
	t.fractionDigits = least(t.fractionDigits, n)
	return err
}

// least returns the smaller of a facet, perhaps none, and a value.
func least(facet, n int32) int32 {
	if facet == none {
		return n
	}
	return min(facet, n)
}

// count reads a number of a facet.
func (n *node) count(value string, least int32) (int32, error) {
	i, err := strconv.ParseInt(value, 10, 32)
	if err != nil || int32(i) < least {
		return 0, n.fail("%s is %q, which is not a number from %d", n.name, value, least)
	}
	return int32(i), nil
}

func (t *simpleType) bound(f *node, value string) error {
	if t.primitive != primDecimal && t.primitive != primInteger {
		return f.fail("the facet %s of a type that is not a decimal is not supported", f.name)
	}
	if !isDecimal(value) {
		return f.fail("%s is %q, which is not a decimal", f.name, value)
	}
	b := bound{value, strings.HasSuffix(f.name, "Exclusive")}
	if strings.HasPrefix(f.name, "min") {
		if tighter(b, t.minimum, 1) {
			t.minimum = b
		}
		return nil
	}
	if tighter(b, t.maximum, -1) {
		t.maximum = b
	}
	return nil
}

// tighter says whether the bound b admits less than a; sign is 1 for lower bounds and -1 for upper ones.
func tighter(b, a bound, sign int) bool {
	if a.text == "" {
		return true
	}
	c := compareDecimals(b.text, a.text) * sign
	return c > 0 || c == 0 && b.exclusive
}

// isDecimal says whether a text is an xs:decimal.
func isDecimal(s string) bool {
	s = strings.TrimLeft(s[:min(1, len(s))], "+-") + s[min(1, len(s)):]
	whole, fraction, _ := strings.Cut(s, ".")
	digits := whole + fraction
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

// compareDecimals compares two texts that are xs:decimals by value.
func compareDecimals(a, b string) int {
	negA, wholeA, fracA := decimalParts(a)
	negB, wholeB, fracB := decimalParts(b)
	if negA != negB {
		if negA {
			return -1
		}
		return 1
	}
	c := cmp.Or(cmp.Compare(len(wholeA), len(wholeB)), strings.Compare(wholeA, wholeB), strings.Compare(fracA, fracB))
	if negA {
		return -c
	}
	return c
}

// decimalParts takes a decimal apart, without zeros at its ends. Zero is not negative.
func decimalParts(s string) (negative bool, whole, fraction string) {
	negative = strings.HasPrefix(s, "-")
	whole, fraction, _ = strings.Cut(strings.TrimLeft(s, "+-"), ".")
	whole, fraction = strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")
	return negative && whole+fraction != "", whole, fraction
}
