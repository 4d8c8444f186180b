package xsd

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// valuer makes values of the simple types of a schema.
type valuer struct {
	s    *Schema
	rng  *rand.Rand
	dist map[uint32][]int // by automaton and state: bytes to acceptance
	good map[int]string   // by simple type: a value that fits
}

func newValuer(s *Schema, rng *rand.Rand) *valuer {
	return &valuer{s: s, rng: rng, dist: make(map[uint32][]int), good: make(map[int]string)}
}

// valid returns a value that fits the type.
func (v *valuer) valid(i int) (string, error) {
	t := &v.s.simple[i]
	for range 200 {
		if text := v.guess(t); fits(v.s, t, text) && strings.TrimSpace(text) == text {
			v.good[i] = text
			return text, nil
		}
	}
	if text, ok := v.good[i]; ok {
		return text, nil
	}
	return "", fmt.Errorf("no value found for %q", t.name)
}

// guess returns a value that probably fits.
func (v *valuer) guess(t *simpleType) string {
	if len(t.enumeration) > 0 {
		return t.enumeration[v.rng.IntN(len(t.enumeration))]
	}
	if all := samples[t.primitive]; all != nil && (len(t.patterns) == 0 || v.rng.IntN(2) == 0) {
		return all[v.rng.IntN(len(all))]
	}
	if len(t.patterns) > 0 {
		most := 12
		if t.maxLength != none {
			most = min(most, int(t.maxLength))
		}
		return v.walk(t.patterns[v.rng.IntN(len(t.patterns))], v.rng.IntN(most+1))
	}
	least, most := 1, 12
	if t.minLength != none {
		least = max(least, int(t.minLength))
		most = max(most, least)
	}
	if t.maxLength != none {
		most = min(most, int(t.maxLength))
	}
	return v.runes(least + v.rng.IntN(most-least+1))
}

// samples are values of the primitives that are not text, most of them valid.
var samples = map[primitive][]string{
	primDecimal: {
		"1", "0", "0.01", "12.34", "+5", "-1", "007.50", "999999999.99", "1000000000", "123456789012345678", "1234567890123456789",
		"1.", ".5", "1.000", "0.00001", "0.000001", "1234567890.12345678901", "0.00000000000000001", "0.000000000000000001", "1.2345678901234",
		"99999999999.99", "999999999999.99", "1e3", "1,5", "--1", "0x1", "+", ".", "NaN", "0.0", "-0", "0.00", "00", "999999999.990", "999999999.991",
		"0.009", "0.0100", "12345678901.5", "123456789.123456789", "12345.67890", "1234567890.12345", "12345678901234.5", "1 2", "1.5 ",
	},
	primInteger: {"-128", "127", "128", "-129", "9223372036854775807", "9223372036854775808", "1", "0", "-1", "+7", "007", "1.0", "1.", "x"},
	primBoolean: {"true", "false", "1", "0", "TRUE", "yes", "2", "01", "true false", " true "},
	primDate: {
		"2024-02-29", "2025-11-30", "2023-02-29", "1900-02-29", "2000-02-29", "2025-13-01", "2025-00-10", "2025-04-31", "2025-01-32", "2025-1-1",
		"2025-01-01Z", "2025-01-01+02:00", "2025-01-01-14:00", "2025-01-01+14:01", "2025-01-01+15:00", "2025-01-01+1:00", "20250101", "12025-01-01", "-0044-03-15",
		"0000-01-01", "0001-01-01", "2025-01-01T00:00:00", " 2025-01-01 ", "2025-01-00", "02025-01-01", "+2025-01-01", "2025-01-01z", "25-01-01", "2025/01/01",
	},
	primDateTime: {
		"2025-11-30T10:15:30", "2025-11-30T10:15:30.123", "2025-11-30T10:15:30Z", "2025-11-30T10:15:30.5+01:00", "2025-11-30T24:00:00", "2025-11-30T24:00:01",
		"2025-11-30T25:00:00", "2025-11-30T10:60:00", "2025-11-30T10:15:60", "2025-11-30T10:15", "2025-11-30 10:15:30", "2025-11-30t10:15:30", "2025-11-30T10:15:30.",
		"2025-02-29T10:15:30", "2025-11-30T10:15:30+14:00", "2025-11-30T10:15:30-14:30", "0000-11-30T10:15:30", "2025-11-30", "2025-11-30T10:15:30.1234567890123",
		"2025-11-30T00:00:00.000", "2025-11-30T24:00:00.0", "2025-11-30T24:00:00.1", "2025-11-30T1:15:30", "\n2025-11-30T10:15:30\t", "2025-11-30T10:15:30+01:60",
		"2025-11-30T10:15:30+01", "2025-11-30T10:15:30.120+01:00", "2025-11-30T10:15:30+01:00 ",
	},
	primGYear:      {"2025", "-0044", "0000", "25", "02025", "12025", "2025Z", "2025+01:00", "2025-01"},
	primGYearMonth: {"2025-11", "2025-13", "2025-00", "2025-1", "0000-01", "2025-11Z", "2025-11-01", "-2025-11", "12025-11"},
	primTime:       {"10:15:30", "24:00:00", "24:00:01", "10:15", "10:15:30Z", "10:15:30.5+01:00", "1:15:30", "10:60:00"},
	primGMonth:     {"--11", "--13", "--1", "--11Z", "11", "--11--"},
	primGMonthDay:  {"--02-29", "--02-30", "--11-31", "--11-30Z", "11-30"},
	primGDay:       {"---31", "---32", "---00", "---01Z", "--01"},
	primHex:        {"0aF9", "0aF", "0aG9", "", "00", "0aF90a"},
	primBase64:     {"TWFu", "TWE=", "TQ==", "TW Fu", "", "TWF", "T===", "TWFu=", "TQ=", "T!==", "TQ==TQ==", "TR==", "TWF=", "TWFuTWFu\nTWFu"},
}

// exotic are characters that types and validators get wrong.
var exotic = []rune{'ä', 'ß', 'é', '€', 'Ș', 'α', 'Я', '漢', '\u00A0', '\u0085', '\u007F', '\u0378', '\u2028', '\u0301', '\U0001F600', '\uFFFD', '\uE000', '\U000E0041'}

func (v *valuer) runes(n int) string {
	const plain = "ABCxyz0189 .-/"
	var b strings.Builder
	for i := range n {
		switch {
		case v.rng.IntN(12) == 0:
			b.WriteRune(exotic[v.rng.IntN(len(exotic))])
		case i == 0 || i == n-1:
			b.WriteByte(plain[v.rng.IntN(3)])
		default:
			b.WriteByte(plain[v.rng.IntN(len(plain))])
		}
	}
	return b.String()
}

// distances returns how many bytes each state is from acceptance, -1 if it never comes.
func (v *valuer) distances(p uint32) []int {
	if d, ok := v.dist[p]; ok {
		return d
	}
	a := &v.s.dfas[p]
	d := make([]int, len(a.final))
	for i := range d {
		d[i] = -1
		if a.final[i] {
			d[i] = 0
		}
	}
	for changed := true; changed; {
		changed = false
		for i := range d {
			for _, n := range a.next[i*a.width : (i+1)*a.width] {
				if d[n] >= 0 && (d[i] < 0 || d[i] > d[n]+1) {
					d[i], changed = d[n]+1, true
				}
			}
		}
	}
	v.dist[p] = d
	return d
}

// walk makes a text that the automaton accepts, of about n characters.
func (v *valuer) walk(p uint32, n int) string {
	a, dist := &v.s.dfas[p], v.distances(p)
	var out []byte
	for at := 1; ; {
		if a.final[at] && (len(out) >= n || v.rng.IntN(40) == 0) {
			return string(out)
		}
		next := v.step(a, dist, at, len(out) >= n)
		if next < 0 {
			return string(out)
		}
		out = append(out, byte(next))
		at = int(a.next[at*a.width+int(a.classes[next])])
		if len(out) > 4*n+200 {
			return string(out)
		}
	}
}

// step chooses a byte that leads on, towards acceptance if it hurries.
func (v *valuer) step(a *dfa, dist []int, at int, hurry bool) int {
	var classes []uint8
	for c := range a.width {
		if n := a.next[at*a.width+c]; dist[n] >= 0 && (!hurry || dist[n] < dist[at]) {
			classes = append(classes, uint8(c))
		}
	}
	if len(classes) == 0 {
		return -1
	}
	class := classes[v.rng.IntN(len(classes))]
	if at == 1 || v.rng.IntN(8) > 0 { // mostly plain characters
		for range 8 {
			c := classes[v.rng.IntN(len(classes))]
			if slices.ContainsFunc([]byte("A0a-+ "), func(b byte) bool { return a.classes[b] == c }) {
				class = c
				break
			}
		}
	}
	var bytes []int
	for b := range 256 {
		if a.classes[b] == class && (b >= ' ' || b == '\t' || b == '\n') {
			bytes = append(bytes, b)
		}
	}
	if len(bytes) == 0 {
		return -1
	}
	return bytes[v.rng.IntN(len(bytes))]
}

// edges returns values on both sides of each facet of a type.
func (v *valuer) edges(i int) []string {
	t := &v.s.simple[i]
	good, _ := v.valid(i)
	out := []string{"", " ", good + " ", " " + good, good + good, "x", "ä€", "A\tB", "A  B\n"}
	out = append(out, v.twist(good), v.twist(good), v.twist(good))
	out = append(out, samples[t.primitive]...)
	for _, n := range []int32{t.minLength, t.maxLength} {
		if n == none {
			continue
		}
		for _, size := range []int{int(n) - 1, int(n), int(n) + 1} {
			if t.primitive == primBase64 && size >= 0 {
				out = append(out, base64.StdEncoding.EncodeToString(make([]byte, size)))
			} else if size >= 0 {
				out = append(out, strings.Repeat("A", size), strings.Repeat("é", size), strings.Repeat("\U0001F600", size))
			}
		}
	}
	for _, p := range t.patterns {
		for _, n := range []int{0, 1, 3, 8, 20, 34, 35, 36} {
			text := v.walk(p, n)
			out = append(out, text, v.twist(text), v.twist(text))
		}
	}
	for range min(4, len(t.enumeration)) {
		value := t.enumeration[v.rng.IntN(len(t.enumeration))]
		out = append(out, value, strings.ToLower(value), value+"X", value[:len(value)-1])
	}
	out = append(out, v.digits(t)...)
	return slices.DeleteFunc(out, func(text string) bool { return !xmlText(text) })
}

// digits returns decimals on both sides of the facets.
func (v *valuer) digits(t *simpleType) (out []string) {
	if t.totalDigits != none {
		n := int(t.totalDigits)
		out = append(out, strings.Repeat("9", n), strings.Repeat("9", n+1), "0"+strings.Repeat("9", n), "-"+strings.Repeat("1", n))
		if f := int(t.fractionDigits); f > 0 && f < n {
			out = append(out, strings.Repeat("8", n-f)+"."+strings.Repeat("7", f), strings.Repeat("8", n-f+1)+"."+strings.Repeat("7", f),
				strings.Repeat("8", n-f)+"."+strings.Repeat("7", f-1)+"0")
		}
	}
	if t.fractionDigits != none {
		n := int(t.fractionDigits)
		out = append(out, "1."+strings.Repeat("1", n), "1."+strings.Repeat("1", n+1), "1."+strings.Repeat("1", n)+"0", "1."+strings.Repeat("0", n+3))
	}
	for _, b := range []bound{t.minimum, t.maximum} {
		if b.text != "" {
			out = append(out, b.text, b.text+".0", b.text+"1", b.text+"0", "-"+b.text, "9"+b.text, "+"+b.text)
		}
	}
	return out
}

// twist changes one character of a text.
func (v *valuer) twist(text string) string {
	const odd = " ;#_~^|{}[]\\aZ9.-/:+&<>'\"\t"
	r := []rune(text)
	one := []rune(odd)[v.rng.IntN(len(odd))]
	if v.rng.IntN(3) == 0 {
		one = exotic[v.rng.IntN(len(exotic))]
	}
	at := 0
	if len(r) > 0 {
		at = v.rng.IntN(len(r))
	}
	switch v.rng.IntN(4) {
	case 0:
		r = slices.Insert(r, at, one)
	case 1:
		if len(r) > 0 {
			r = slices.Delete(r, at, at+1)
		}
	case 2:
		r = append(r, one)
	default:
		if len(r) > 0 {
			r[at] = one
		}
	}
	return string(r)
}
