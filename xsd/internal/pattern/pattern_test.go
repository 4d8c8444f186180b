package pattern

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPatternMatchesWholeValues(t *testing.T) {
	rows := []struct {
		name, pattern, yes, no string // values, separated by blanks; ~ is the empty value, _ a blank
	}{
		{"plain text", "SMNDA", "SMNDA", "~ SMND SMNDAA xSMNDA smnda"},
		{"an exact count", "[A-Z]{3,3}", "EUR", "~ EU EURO EUr ÄUR"},
		{"a range of counts", "[0-9]{1,15}", "1 123456789012345", "~ 1234567890123456 1a"},
		{"an open count", "a{2,}", "aa aaaaaaa", "~ a"},
		{"a count of nothing", "a{0}b", "b", "ab ~"},
		{"an optional group", "[A-Z]{6,6}[A-Z2-9][A-NP-Z0-9]([A-Z0-9]{3,3}){0,1}", "DEUTDEFF DEUTDEFF500", "DEUTDEFF5 DEUTDE1F DEUTDEFO DEUTDEFF50"},
		{"alternatives", "ab|c|", "ab c ~", "abc a"},
		{"alternatives within a group", "(a|b)+c", "abac bc", "c ab"},
		{"nothing at all", "", "~", "a"},
		{"an empty group", "a()b", "ab", "a"},
		{"circumflex and dollar are plain characters", "^a$", "^a$", "a"},
		{"a bar within a class is a bar", `([A-Za-z0-9]|[\+|\?|/|\-|:|\(|\)|\.|,|'| ]){1,35}`, "a|b +?/-:().,'|", "~ a;b ä"},
		{"a minus at the begin of a class", "[-+]", "- +", "a"},
		{"a minus at the end of a class", "[+-]", "- +", ", a"},
		{"an escaped minus", `[a\-c]`, "a - c", "b"},
		{"a range from an escape", `[\(-\+]`, "( ) * +", "-"},
		{"a circumflex behind the first place", "[a^]", "a ^", "b"},
		{"a class turned round", "[^C]", "D é \U0001F600", "C DD"},
		{"a class less another", "[a-z-[aeiou]]+", "xyz", "xay e"},
		{"a class turned round less another", "[^a-z-[0-9]]", "A -", "a 5"},
		{"a class less a class less a class", "[a-z-[a-m-[c]]]", "c n z", "a m"},
		{"line ends are not any character", ".", "a _ é", "\n \r ~"},
		{"white space", `a\sb`, "a_b a\tb", "ab a\u00A0b"},
		{"digits of every script", `\d\D`, "1a ٣x", "11 aa"},
		{"word characters", `\w+`, "aé9€", "a_b - ."},
		{"names", `\i\c*`, "abc x- é:1", "1a -"},
		{"not names", `\I\C`, "1! -(", "aa"},
		{"categories", `\p{Lu}\p{Ll}+\P{L}`, "Abc1 Äöü!", "abc1 ABC1 AbcX"},
		{"blanks of Unicode", `[a|\p{Zs}]*`, "a_a a\u00A0 ~", "a\t"},
		{"blocks", `\p{IsLatinExtended-A}`, "Ā ſ", "a ÿ ƀ"},
		{"not a block", `\P{IsBasicLatin}`, "é €", "a"},
		{"unassigned characters are category C", `[\p{IsGreek}-[\p{C}]]`, "α", "\u0378 a"},
		{"the Swiss character set", `[\p{IsBasicLatin}\p{IsLatin-1Supplement}\p{IsLatinExtended-A}€ȘșȚț-[\p{C}]]+`, "Zürich_€_Ștefan ſ", "ƀ \u0085 a\u007Fb ~ α"},
		{"four bytes", "[\U00010000-\U0010FFFF]{2}", "\U0001F600\U00010000", "\U0001F600 \uFFFDa"},
		{"a range over the surrogates", "[\uD7FF-\uE000]", "\uD7FF \uE000", "\uD7FE \uE001"},
		{"nested repetition", "(a{1,2}b?){2,3}", "aa abab aaabaab", "~ a b aaaaaaa"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			d, err := Compile(row.pattern)
			if err != nil {
				t.Fatal(err)
			}
			for want, values := range map[bool]string{true: row.yes, false: row.no} {
				for _, value := range strings.Split(values, " ") {
					value = strings.ReplaceAll(value, "_", " ")
					if value == "~" {
						value = ""
					}
					if got := d.Match([]byte(value)); got != want {
						t.Errorf("%q matches %q: %v, want %v", row.pattern, value, got, want)
					}
				}
			}
		})
	}
}

func TestWrongPatternsAreRefused(t *testing.T) {
	for _, source := range []string{
		"(", ")", "a)", "[", "[]", "[a", "[z-a]", `\`, `\q`, `\p`, `\p{L`, `\p{Xx}`, `\p{IsKlingon}`, "*", "a**", "+", "?a", "{2}", "a{", "a{2", "a{3,2}", "a{,2}",
		"a{x}", "}", "]", "[a-c-e]", "[-[a]]", "[a-[b]c]", `[a-\d]`, "[[a]]", "(?i)a", "\xff", strings.Repeat("(", 100),
	} {
		d, err := Compile(source)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("Compile(%q) = %v, %v; want a *SyntaxError", source, d, err)
		}
	}
}

// A schema that an operator installs must not be able to stop the program.
func TestHugePatternsAreRefused(t *testing.T) {
	for _, source := range []string{
		"a{1000000}", "(((a{100}){100}){100}){100}", "(a|b)*a(a|b){20}", strings.Repeat("a", 20000), `(\p{L}{1,1000}){1,1000}`,
	} {
		if _, err := Compile(source); !errors.Is(err, ErrTooLarge) {
			t.Errorf("Compile(%.20q) = %v; want ErrTooLarge", source, err)
		}
	}
}

// Every character, against the tables of package unicode and plain comparison.
func TestClassesHoldExactlyTheirCharacters(t *testing.T) {
	rows := map[string]func(rune) bool{
		`\d`:             func(r rune) bool { return unicode.Is(unicode.Nd, r) },
		`\p{L}`:          unicode.IsLetter,
		`\P{L}`:          func(r rune) bool { return !unicode.IsLetter(r) },
		`\p{Zs}`:         func(r rune) bool { return unicode.Is(unicode.Zs, r) },
		`\p{IsCyrillic}`: func(r rune) bool { return r >= 0x400 && r <= 0x4FF },
		`.`:              func(r rune) bool { return r != '\n' && r != '\r' },
		`[^a]`:           func(r rune) bool { return r != 'a' },
		`\S`:             func(r rune) bool { return r != ' ' && r != '\t' && r != '\n' && r != '\r' },
		`\w`: func(r rune) bool {
			return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.S)
		},
		`[\p{C}]`: func(r rune) bool {
			return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z)
		},
	}
	for source, want := range rows {
		d, err := Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		var b [utf8.UTFMax]byte
		for r := rune(0); r <= unicode.MaxRune; r++ {
			if r >= surrogateMin && r <= surrogateMax {
				continue
			}
			n := utf8.EncodeRune(b[:], r)
			if got := d.Match(b[:n]); got != want(r) {
				t.Fatalf("%s matches %U: %v", source, r, got)
			}
		}
	}
}

func TestAutomataAreSmallest(t *testing.T) {
	for source, states := range map[string]int{
		"[A-Z]{3,3}":               5,
		"[0-9]{1,15}":              17,
		"(a|b|c)*":                 2,
		"aa*|a+":                   3,
		"abc|abd|xbc|xbd":          5,
		"( *[a-z+]|[ ]*[a-z.])+ *": 3,
		"a|[b-[b]]":                3,
		`\p{L}`:                    0, // printed only
		"[^a]":                     0,
	} {
		d, err := Compile(source)
		if err != nil {
			t.Fatal(err)
		}
		if states == 0 {
			t.Logf("%s: %d states, %d classes", source, d.States(), d.Width)
		} else if d.States() != states {
			t.Errorf("%s has %d states, want %d", source, d.States(), states)
		}
	}
}

func TestSeveralPatternsOfOneRestrictionAreAlternatives(t *testing.T) {
	d, err := CompileAny([]string{"[0-9]+", "[a-z]+"})
	if err != nil {
		t.Fatal(err)
	}
	for value, want := range map[string]bool{"12": true, "ab": true, "1a": false} {
		if d.Match([]byte(value)) != want {
			t.Errorf("%q: %v", value, !want)
		}
	}
}

// seeds are what FuzzCompile begins with.
var seeds = []string{"", "a", "[a-z]{1,3}|b*", `\p{IsBasicLatin}`, `[\i-[:]][\c-[:]]*`, "((a?)+)*", "[^x-[y]]", "a{2,}", "(", `\P{Lu}`, "(a|b)*a(a|b){8}"}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if len(seeds) < 10 {
		t.Fatal("no seeds")
	}
}

// Whatever an operator's schema holds: an automaton whose indices hold, or an error; and the automaton agrees with itself
// when a value is cut and the rest is matched from the state reached.
func FuzzCompile(f *testing.F) {
	for _, s := range seeds {
		f.Add(s, "abc")
	}
	f.Fuzz(func(t *testing.T, source, value string) {
		if len(source) > 60 {
			return
		}
		d, err := Compile(source)
		if err != nil {
			return
		}
		if len(d.Next) != d.States()*d.Width || d.Width > 256 {
			t.Fatalf("%q: a table of %d entries for %d states of %d classes", source, len(d.Next), d.States(), d.Width)
		}
		for i, next := range d.Next {
			if int(next) >= d.States() || i < d.Width && next != 0 {
				t.Fatalf("%q: entry %d is %d", source, i, next)
			}
		}
		if d.Match([]byte(value)) && !utf8.ValidString(value) {
			t.Fatalf("%q matches %q, which is no text", source, value)
		}
	})
}
