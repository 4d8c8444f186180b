package letter

import (
	"fmt"
	"reflect"
	"testing"
	"time"
)

// A letter with a gap where a word belongs is not signed.
func TestEachLanguageHasEachWord(t *testing.T) {
	check := func(kind string, l Language, words any) {
		v := reflect.ValueOf(words)
		if v.NumField() < 20 {
			t.Fatalf("%s: only %d words", kind, v.NumField())
		}
		for i := range v.NumField() {
			if v.Field(i).String() == "" {
				t.Errorf("%s in %s lacks %s", kind, l, v.Type().Field(i).Name)
			}
		}
	}
	for _, l := range Languages() {
		check("letter", l, letterLanguages[l])
		check("agreement", l, agreementLanguages[l])
	}
	if n := len(Languages()); len(letterLanguages) != n || len(agreementLanguages) != n || n != 4 {
		t.Errorf("%d languages, %d of letters, %d of agreements", n, len(letterLanguages), len(agreementLanguages))
	}
}

func TestEachLanguageWritesDatesAndPages(t *testing.T) {
	day := time.Date(2026, 3, 9, 0, 0, 0, 0, time.UTC)
	for l, want := range map[Language]string{
		German: "09.03.2026 Seite 2 von 3", English: "9 March 2026 Page 2 of 3", French: "09/03/2026 Page 2 sur 3", Swedish: "2026-03-09 Sida 2 av 3",
	} {
		w := letterLanguages[l]
		if got := fmt.Sprint(day.Format(w.date), " ", w.page(2, 3)); got != want {
			t.Errorf("%s: %q, want %q", l, got, want)
		}
	}
}

// Texts that were left in another language look complete.
func TestLanguagesDiffer(t *testing.T) {
	for _, l := range Languages() {
		for _, other := range Languages() {
			if l == other {
				continue
			}
			a, b := agreementLanguages[l], agreementLanguages[other]
			if a.scope == b.scope || a.end == b.end || a.statements == b.statements || letterLanguages[l].confirmation == letterLanguages[other].confirmation {
				t.Errorf("%s and %s share a sentence", l, other)
			}
		}
	}
}
