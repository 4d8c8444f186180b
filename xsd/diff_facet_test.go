package xsd

import (
	"encoding/base64"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// breaches judges a value by plain means, facet by facet, without the code of the
// validator. It is a guide for making values; xmllint is the judge.
func breaches(s *Schema, t *simpleType, text string) map[string]bool {
	out := make(map[string]bool)
	text = normalised(text, t.space)
	out["form"] = !wellFormed(t.primitive, text)
	n := int32(utf8.RuneCountInString(text))
	if t.primitive == primBase64 {
		raw, err := base64.StdEncoding.Strict().DecodeString(strings.ReplaceAll(text, " ", ""))
		out["form"] = err != nil
		n = int32(len(raw))
	}
	if t.primitive == primHex {
		n /= 2
	}
	if t.minLength != none {
		out["minLength"] = n < t.minLength
	}
	if t.maxLength != none {
		out["maxLength"] = n > t.maxLength
	}
	for _, p := range t.patterns {
		out["pattern "+s.dfas[p].source] = !patternAccepts(&s.dfas[p], text)
	}
	if t.enumeration != nil {
		out["enumeration"] = !slices.Contains(t.enumeration, text)
	}
	if t.primitive == primDecimal || t.primitive == primInteger {
		decimalBreaches(t, text, out)
	}
	return out
}

func patternAccepts(d *dfa, text string) bool {
	at := 1
	for _, b := range []byte(text) {
		at = int(d.next[at*d.width+int(d.classes[b])])
	}
	return d.final[at]
}

func decimalBreaches(t *simpleType, text string, out map[string]bool) {
	if out["form"] {
		return
	}
	whole, fraction, _ := strings.Cut(strings.TrimLeft(text, "+-"), ".")
	fraction = strings.TrimRight(fraction, "0")
	whole = strings.TrimLeft(whole, "0")
	if t.fractionDigits != none {
		out["fractionDigits"] = len(fraction) > int(t.fractionDigits)
	}
	if t.totalDigits != none {
		out["totalDigits"] = len(whole)+len(fraction) > int(t.totalDigits)
	}
	value, _ := new(big.Rat).SetString(text)
	if t.minimum.text != "" {
		least, _ := new(big.Rat).SetString(t.minimum.text)
		c := value.Cmp(least)
		out["minimum"] = c < 0 || c == 0 && t.minimum.exclusive
	}
	if t.maximum.text != "" {
		most, _ := new(big.Rat).SetString(t.maximum.text)
		c := value.Cmp(most)
		out["maximum"] = c > 0 || c == 0 && t.maximum.exclusive
	}
}

var (
	decimalForm = regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$`)
	integerForm = regexp.MustCompile(`^[+-]?[0-9]+$`)
	hexForm     = regexp.MustCompile(`^([0-9a-fA-F]{2})*$`)
	zoneForm    = regexp.MustCompile(`(Z|[+-]([0-9]{2}):([0-9]{2}))$`)
	clockForm   = regexp.MustCompile(`^(\d{4}(-\d{2}(-\d{2})?)?)?(T?\d{2}:\d{2}:\d{2}(\.\d+)?)?$`)
	yearForm    = regexp.MustCompile(`^-?([1-9][0-9]{3,}|0[0-9]{3})`)
)

func wellFormed(p primitive, text string) bool {
	switch p {
	case primDecimal:
		return decimalForm.MatchString(text)
	case primInteger:
		return integerForm.MatchString(text)
	case primBoolean:
		return slices.Contains([]string{"true", "false", "1", "0"}, text)
	case primDate:
		return moment(text, "2006-01-02", true)
	case primDateTime:
		if day, rest, ok := strings.Cut(text, "T24:00:00"); ok && strings.Trim(strings.TrimRight(rest, "Z:+-0123456789"), ".0") == "" && !strings.HasPrefix(rest, ".") {
			text = day + "T00:00:00" + rest
		}
		return moment(text, "2006-01-02T15:04:05", true)
	case primTime:
		return moment(text, "15:04:05", false)
	case primGYear:
		return moment(text, "2006", true)
	case primGYearMonth:
		return moment(text, "2006-01", true)
	case primGMonth:
		return moment(strings.Replace(text, "--", "2024-", 1), "2006-01", true) && strings.HasPrefix(text, "--")
	case primGMonthDay:
		return moment(strings.Replace(text, "--", "2024-", 1), "2006-01-02", true) && strings.HasPrefix(text, "--")
	case primGDay:
		return moment(strings.Replace(text, "---", "2024-01-", 1), "2006-01-02", true) && strings.HasPrefix(text, "---")
	case primHex:
		return hexForm.MatchString(text)
	case primString, primAnyURI, primBase64, primAny, primEnd:
	}
	return true
}

// moment judges dates and times with package time, which knows four digits of a year.
func moment(text, form string, year bool) bool {
	if z := zoneForm.FindStringSubmatch(text); z != nil && (z[1] == "Z" || !year || strings.Count(text, "-") > strings.Count(form, "-") || z[1][0] == '+') {
		if z[1] != "Z" {
			h, _ := strconv.Atoi(z[2])
			m, _ := strconv.Atoi(z[3])
			if m > 59 || h > 14 || h == 14 && m > 0 {
				return false
			}
		}
		text = strings.TrimSuffix(text, z[1])
	}
	if year {
		y := yearForm.FindString(text)
		if y == "" || strings.Trim(y, "-0") == "" {
			return false
		}
		digits := strings.TrimPrefix(y, "-")
		n, _ := new(big.Int).SetString(digits, 10)
		n.Mod(n, big.NewInt(400)).Add(n, big.NewInt(2000)) // the calendar repeats
		text = n.String() + strings.TrimPrefix(text, y)
	}
	if !clockForm.MatchString(text) {
		return false // package time is more generous with hours and fractions
	}
	_, err := time.Parse(form, text)
	return err == nil
}

func fits(s *Schema, t *simpleType, text string) bool {
	for _, broken := range breaches(s, t, text) {
		if broken {
			return false
		}
	}
	return xmlText(text)
}

// xmlText says whether a text can stand in a document.
func xmlText(text string) bool {
	for _, r := range text {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF || r == utf8.RuneError {
			return false
		}
	}
	return utf8.ValidString(text)
}
