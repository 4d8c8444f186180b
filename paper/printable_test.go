package paper

import (
	"os"
	"path/filepath"
	"testing"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
)

func TestPrintable(t *testing.T) {
	for name, row := range map[string]struct{ text, want string }{
		"letters of Europe":             {"Łęcka, Zoë & Ørsted Groß ẞ €", "Łęcka, Zoë & Ørsted Groß ẞ €"},
		"Greek and Cyrillic":            {"Σοφία Ірина", "Σοφία Ірина"},
		"marks are composed":            {"Mu\u0308ller", "Müller"},
		"a mark without its letter":     {"q\u0308", "q□"},
		"line breaks are blanks":        {"a\nb\tc\u2028d", "a b c d"},
		"no-break spaces stay":          {"a\u00a0b", "a\u00a0b"},
		"directions cannot be turned":   {"a\u202eb\u200fc", "abc"},
		"soft hyphens and controls go":  {"a\u00adb\x1bc", "abc"},
		"beyond the plane of the fonts": {"\U0001F600", "□"},
		"other scripts are squares":     {"山田", "□□"},
		"broken UTF-8":                  {"a\xffb", "a□b"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Printable(row.text); got != row.want {
				t.Errorf("%q, want %q", got, row.want)
			}
		})
	}
}

// A character that a font lacks is drawn as nothing: the name on the letter would be another.
func TestFontsHaveWhatPrintablePromises(t *testing.T) {
	for name, font := range map[string][]byte{"regular": regularFont, "bold": boldFont, "fixed": fixedFont} {
		path := filepath.Join(t.TempDir(), "font.ttf")
		if err := os.WriteFile(path, font, 0o600); err != nil {
			t.Fatal(err)
		}
		parsed, err := fpdf.TtfParse(path)
		if err != nil {
			t.Fatal(err)
		}
		if !parsed.Embeddable {
			t.Errorf("%s: must not be embedded", name)
		}
		checked := 0
		for _, r := range covered.R16 {
			for c := r.Lo; c <= r.Hi; c++ {
				checked++
				if parsed.Chars[c] == 0 {
					t.Errorf("%s: no %U", name, c)
				}
			}
		}
		if checked < 1000 || !unicode.Is(covered, 'ß') {
			t.Errorf("%s: only %d characters", name, checked)
		}
	}
}
