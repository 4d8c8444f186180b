package letter_test

import (
	"bytes"
	"strings"
	"testing"

	"kontor/ebics/letter"
)

func agreementText(t *testing.T, a letter.Agreement) string {
	t.Helper()
	var b strings.Builder
	must(t, a.Text(&b))
	return b.String()
}

func TestAgreementTicksWhatIsAgreed(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*letter.Agreement)
		ticked string // as the order of the boxes shows it
	}{
		"transfers and statements, signed": {func(*letter.Agreement) {}, "X-XX-"},
		"direct debits":                    {func(a *letter.Agreement) { a.DirectDebits = true }, "XXXX-"},
		"by note":                          {func(a *letter.Agreement) { a.Release = letter.ReleaseNote }, "X-X-X"},
		"release by hand":                  {func(a *letter.Agreement) { a.Release = letter.ReleaseOpen }, "X-X--"},
		"statements only need no release":  {func(a *letter.Agreement) { a.CreditTransfers = false }, "--X"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, l := range letter.Languages() {
				a := form(l)
				row.change(&a)
				var got strings.Builder
				for line := range strings.Lines(agreementText(t, a)) {
					switch {
					case strings.HasPrefix(line, "[X] "):
						got.WriteByte('X')
					case strings.HasPrefix(line, "[ ] "):
						got.WriteByte('-')
					}
				}
				if got.String() != row.ticked {
					t.Errorf("%s: %s, want %s", l, got.String(), row.ticked)
				}
			}
		})
	}
}

func TestWhatIsNotKnownIsLeftToBeWritten(t *testing.T) {
	a := form(letter.German)
	full := strings.Count(agreementText(t, a), "____\n")
	a.Bureau = ""
	if got := strings.Count(agreementText(t, a), "____\n"); got != full+1 {
		t.Errorf("%d lines to write on, want %d", got, full+1)
	}
	a.BureauAddress = "Hafenstraße 1, 20457 Hamburg"
	if got := agreementText(t, a); strings.Count(got, "____\n") != full || !strings.Contains(got, "  Hafenstraße 1, 20457 Hamburg\n") {
		t.Errorf("the address is missing:\n%s", got)
	}
}

func TestAgreementOnNothingIsRefused(t *testing.T) {
	for name, change := range map[string]func(*letter.Agreement){
		"nothing permitted": func(a *letter.Agreement) { a.CreditTransfers, a.Statements = false, false },
		"language":          func(a *letter.Agreement) { a.Language = "nl" },
	} {
		a := form(letter.German)
		change(&a)
		var b bytes.Buffer
		if a.Text(&b) == nil || a.PDF(&b) == nil || b.Len() != 0 {
			t.Errorf("%s: a form was written", name)
		}
	}
}
