package finding

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestShortenCountsCharactersNotBytes(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"short", "Müller", "Müller"},
		{"exactly the limit", strings.Repeat("ü", TextLimit), strings.Repeat("ü", TextLimit)},
		{"one more", strings.Repeat("ü", TextLimit+1), strings.Repeat("ü", TextLimit-1) + "…"},
		{"invalid", "a\xffb", "a\uFFFDb"},
		{"empty", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := Shorten(row.text)
			if got != row.want || !utf8.ValidString(got) {
				t.Errorf("got %q", got)
			}
		})
	}
}

// A finding printed by accident must not tell an account number.
func TestStringLeavesTheOffendingTextOut(t *testing.T) {
	f := Finding{Code: "PAIN-E1", Severity: Error, At: Location{Line: 3, Column: 9, Path: "Cdtr/Nm"}, Message: "the check digits do not fit", Text: "DE00123"}
	if got := f.String(); strings.Contains(got, f.Text) || got != "PAIN-E1 error at line 3, column 9, Cdtr/Nm: the check digits do not fit" {
		t.Errorf("got %q", got)
	}
}

func TestWarningsAloneAreNoError(t *testing.T) {
	warning, fault := Finding{Severity: Warning}, Finding{Severity: Error}
	if HasError([]Finding{warning}) || !HasError([]Finding{warning, fault}) || HasError(nil) {
		t.Error("HasError is wrong")
	}
}
