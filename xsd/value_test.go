package xsd

import (
	"strings"
	"testing"
)

// of makes a leaf of a simple type for tests.
func of(t simpleType, dfas ...dfa) leaf {
	for i := range dfas {
		t.patterns = append(t.patterns, uint32(i))
	}
	return newLeaf(&Schema{dfas: dfas}, &t)
}

// free is a simple type without facets.
func free(p primitive, space whiteSpace) simpleType {
	return simpleType{primitive: p, space: space, minLength: none, maxLength: none, totalDigits: none, fractionDigits: none}
}

// The lexical forms of XML Schema 1.0, second edition.
func TestLexicalForms(t *testing.T) {
	for _, row := range []struct {
		p         primitive
		good, bad string // separated by |
	}{
		{primBoolean, "true|false|1|0", "True|2||yes|00"},
		{primDate, "2026-11-25|2024-02-29|2000-02-29|1999-12-31Z|2026-01-01+14:00|2026-01-01-13:59|-0001-01-01|12026-01-01|0001-01-01",
			"2026-02-29|1900-02-29|2026-13-01|2026-00-01|2026-11-31|2026-11-00|26-11-25|0000-01-01|02026-01-01|2026-1-1|2026-11-25T|2026-11-25z|2026-01-01+14:01|2026-01-01+1:00|2026-01-01+15:00|2026/11/25|2026-11-25 ||-|+2026-11-25|2026-01-01+00:60"},
		{primDateTime, "2026-11-25T09:00:00|2026-11-25T09:00:00Z|2026-11-25T09:00:00.123456789+01:00|2026-11-25T24:00:00|2026-11-25T24:00:00.000|2026-11-25T23:59:59.9",
			"2026-11-25|2026-11-25T|2026-11-25T9:00:00|2026-11-25T09:00|2026-11-25T24:00:01|2026-11-25T24:00:00.1|2026-11-25T25:00:00|2026-11-25T23:60:00|2026-11-25T23:59:60|2026-11-25T09:00:00.|2026-11-25 09:00:00|2026-11-25t09:00:00|2026-11-25T09:00:00ZZ|2026-11-25T24:01:00"},
		{primTime, "00:00:00|23:59:59.5Z|24:00:00", "24:00:01|1:00:00|00:00|00:00:00+"},
		{primGYear, "2026|-2026|12026|2026Z|2026-05:00", "26|0000|02026|2026-|20260-1|x"},
		{primGYearMonth, "2026-11|2026-11Z", "2026-13|2026|2026-1|2026-11-"},
		{primGMonth, "--11|--01Z", "--13|-11|11|--1"},
		{primGMonthDay, "--02-29|--12-31Z", "--02-30|--04-31|--1-1|02-29"},
		{primGDay, "---31|---01Z", "---32|---00|--31"},
		{primHex, "|00|aF09", "0|0g|0 0"},
		{primBase64, "|AAAA|AA==|AAA=|AA A A|QUJD RA==|A A A=", "A|AA|AAA|AAAAA|AB==|AAB=|====|A===|A=AA| AAAA|AAAA |AA-A"},
		{primDecimal, "0|-0|+1.50|.5|5.|-000.000|12345678901234567890", "|.|+|-.|1e5|1,5|1 |--1|1.2.3|INF|0x1"},
		{primInteger, "0|-12|+0007", "1.|1.0|.|"},
		{primAnyURI, "|http://a b", ""},
	} {
		t.Run(row.p.String(), func(t *testing.T) {
			l := of(free(row.p, spaceCollapse))
			for _, text := range strings.Split(row.good, "|") {
				if k := l.check([]byte(text)); k != 0 {
					t.Errorf("%q: %s", text, k)
				}
			}
			if row.bad == "" {
				return
			}
			for _, text := range strings.Split(row.bad, "|") {
				if k := l.check([]byte(text)); k != TypeForm {
					t.Errorf("%q: %s", text, k)
				}
			}
		})
	}
}

// Digits and bounds are those of the value, not of how it is written.
func TestDecimalFacets(t *testing.T) {
	for _, row := range []struct {
		name            string
		total, fraction int32
		min, max        bound
		good, bad       string
		kind            Kind
	}{
		{"total digits", 5, none, bound{}, bound{}, "12345|-12345|0012345|1.2345|123.4500|0.12345|.00001", "123456|12345.6|0.123456", TypeDigits},
		{"fraction digits", none, 2, bound{}, bound{}, "1.23|1.230000|1|-.5", "1.234|.001", TypeDigits},
		{"no fraction", 15, 0, bound{}, bound{}, "1|1.0|1.", "1.5|1234567890123456", TypeDigits},
		{"minimum", none, none, bound{text: "0.01"}, bound{}, "0.01|.010|1|99999999999999999999", "0|-0|0.009|-0.01|-1|0.0099999999999999999999", TypeRange},
		{"exclusive minimum", none, none, bound{"0", true}, bound{}, "0.000001|1", "0|-0.0|+0|-1", TypeRange},
		{"maximum", none, none, bound{}, bound{text: "999999999.99"}, "999999999.99|0|-9999999999999|999999999.9900", "999999999.991|1000000000|1000000000.00", TypeRange},
		{"negative bounds", none, none, bound{text: "-5"}, bound{"-1.5", true}, "-5|-5.0|-2|-1.51", "-5.01|-6|-1.5|-1|0|1|-10", TypeRange},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := free(primDecimal, spaceCollapse)
			s.totalDigits, s.fractionDigits, s.minimum, s.maximum = row.total, row.fraction, row.min, row.max
			l := of(s)
			for _, text := range strings.Split(row.good, "|") {
				if k := l.plain([]byte(text)); k != 0 {
					t.Errorf("%q: %s", text, k)
				}
			}
			for _, text := range strings.Split(row.bad, "|") {
				if k := l.plain([]byte(text)); k != row.kind {
					t.Errorf("%q: %s", text, k)
				}
			}
		})
	}
}

// Lengths count characters; those of binary values count octets.
func TestLengthsCountCharacters(t *testing.T) {
	for _, row := range []struct {
		name string
		p    primitive
		text string
		want Kind
	}{
		{"just long enough", primString, "ä€", 0},
		{"just short enough", primString, "ä€𝄞x", 0},
		{"too short", primString, "ä", TypeLength},
		{"too long", primString, "12345", TypeLength},
		{"base64", primBase64, "AAAA AA==", 0},
		{"base64 too long", primBase64, "AAAAAAA=", TypeLength},
		{"hex", primHex, "00112233", 0},
		{"hex too short", primHex, "00", TypeLength},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := free(row.p, spacePreserve)
			s.minLength, s.maxLength = 2, 4
			l := of(s)
			if got := l.check([]byte(row.text)); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

func TestWhiteSpaceIsTreatedAsTheTypeSays(t *testing.T) {
	for _, row := range []struct {
		name  string
		space whiteSpace
		in    string
		want  string
	}{
		{"preserve", spacePreserve, " a\t\nb ", " a\t\nb "},
		{"replace", spaceReplace, " a\t\nb\r", " a  b "},
		{"replace nothing", spaceReplace, " a  b ", " a  b "},
		{"collapse", spaceCollapse, "\n a\t\n b  c ", "a b c"},
		{"collapse ends only", spaceCollapse, "\t a b\r", "a b"},
		{"collapse nothing", spaceCollapse, "ab", "ab"},
		{"collapse all", spaceCollapse, " \n\t", ""},
		{"collapse a tab", spaceCollapse, "a\tb", "a b"},
	} {
		t.Run(row.name, func(t *testing.T) {
			l := of(free(primString, row.space))
			var scratch []byte
			if got := string(l.normalise([]byte(row.in), &scratch)); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

// The short ways of checking say what the full check says, for every simple type of the
// core set and every text of a kind that the fast path takes.
func TestShortChecksAgreeWithTheFullCheck(t *testing.T) {
	texts := []string{"", "A", "EUR", "eur", "DE21500500009876543210", "DE2150050000987654321012345678901234", "PBNKDEFF", "PBNKDEFF370", "PBNKDEFF37",
		"0.01", "0.001", "999999999.99", "1000000000", "-1", "12", "123456789012345", "1234567890123456", "SEPA", "SLEV", "CORE", "TRF",
		"/x//y/", "a|b", "a_b", "true", "2026-11-25", "2026-11-25T10:00:00Z", "+49-123", "01234567-89ab-4def-8123-456789abcdef",
		strings.Repeat("x", 35), strings.Repeat("x", 36), strings.Repeat("x", 70), strings.Repeat("x", 71), strings.Repeat("1", 140), strings.Repeat(" x", 71)}
	ways := map[quickness]int{}
	good, bad := 0, 0
	for _, name := range CoreNames() {
		s, _ := Core(name)
		for i := range s.simple {
			l := newLeaf(s, &s.simple[i])
			ways[l.quick]++
			for _, text := range texts {
				if !allIn(&l, text) {
					continue
				}
				quick, full := l.plain([]byte(text)), l.check([]byte(text))
				if quick != full {
					t.Fatalf("%s %s %q: %s, full check %s", name, l.name, text, quick, full)
				}
				if full == 0 {
					good++
				} else {
					bad++
				}
			}
			// A text that is not plain because of a byte outside the class is not valid for
			// a track: the class holds all that the pattern can have.
			for _, text := range texts {
				if !allIn(&l, text) && l.quick == byTrack && l.check([]byte(text)) == 0 {
					t.Fatalf("%s %s: the class lacks what %q has", name, l.name, text)
				}
			}
		}
	}
	if ways[byLength] < 100 || ways[byTrack] < 100 || ways[byDecimal] < 50 || good < 1000 || bad < 1000 {
		t.Errorf("ways %v, %d good and %d bad texts", ways, good, bad)
	}
}

func allIn(l *leaf, text string) bool {
	for i := range len(text) {
		if !l.class.Has(text[i]) {
			return false
		}
	}
	return true
}

// Whatever the bytes of the value: no panic, and what is wrong has a facet to tell.
func FuzzValues(f *testing.F) {
	for _, text := range []string{"", "2026-11-25T10:00:00+01:00", "-0.50", "EUR", "\xff", "AA==", strings.Repeat("9", 300)} {
		f.Add([]byte(text))
	}
	s, ok := Core(gbic5)
	if !ok {
		f.Fatal("no schema")
	}
	var leaves []leaf
	for i := range s.simple {
		leaves = append(leaves, newLeaf(s, &s.simple[i]))
	}
	for p := range primEnd {
		leaves = append(leaves, of(free(p, spaceCollapse)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var scratch []byte
		for i := range leaves {
			l := &leaves[i]
			value := l.normalise(text, &scratch)
			if k := l.check(value); k != 0 && len(l.facets(k)) == 0 {
				t.Errorf("%s says %s without a facet", l.name, k)
			}
		}
	})
}
