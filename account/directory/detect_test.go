package directory

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// valuesFile is the bank code file as values.
const valuesFile = `"Bankleitzahl";"Merkmal";"Bezeichnung";"BIC"` + "\n" + `"99900100";"1";"Bank";"PBNKDEFFXXX"` + "\n"

// files are one of each format.
func files(t testing.TB) map[string]string {
	t.Helper()
	var own strings.Builder
	if err := build(t).Write(&own); err != nil {
		t.Fatal(err)
	}
	return map[string]string{
		"bundesbank": blzFile, "bundesbank values": valuesFile, "bundesbank extended": record("99900100", "1", "PBNKDEFFXXX", "U") + "000000\n",
		"bundesbank in UTF-8": strings.ReplaceAll(blzFile, "\xfc", "ü"),
		"scl":                 sclFile, "scl with a mark": "\ufeff" + sclFile, "six": sixFile, "oenb": oenbFile, "kontor": own.String(),
	}
}

func formatOf(name string) Format {
	word, _, _ := strings.Cut(name, " ")
	return Format(word)
}

func TestImportKnowsFormatsByTheirContents(t *testing.T) {
	for name, text := range files(t) {
		found, err := Import(strings.NewReader(text), "", december)
		if err != nil || len(found) == 0 {
			t.Errorf("%s: %v", name, err)
			continue
		}
		named, err := Import(strings.NewReader(text), formatOf(name), december)
		if err != nil || len(named) != len(found) || show(named[0]) != show(found[0]) {
			t.Errorf("%s under its name: %v", name, err)
		}
	}
}

// A file that is given for another would put banks of one country under another's codes.
func TestImportRefusesAFileOfAnotherFormat(t *testing.T) {
	for name, text := range files(t) {
		for _, format := range Formats() {
			if format == formatOf(name) {
				continue
			}
			if _, err := Import(strings.NewReader(text), format, december); !errors.Is(err, ErrForm) && !errors.Is(err, ErrFile) {
				t.Errorf("%s as %s: %v", name, format, err)
			}
		}
	}
	for name, text := range map[string]string{"nothing": "", "a payment file": "<Document/>", "a list of something else": "Name;Town\nA;B\n"} {
		if _, err := Import(strings.NewReader(text), "", december); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Import(strings.NewReader(sclFile), "register", december); !errors.Is(err, ErrForm) {
		t.Errorf("unknown format: %v", err)
	}
	if _, err := Import(strings.NewReader("kontor bank directory 2\n"), "", december); !errors.Is(err, ErrFile) {
		t.Errorf("a table of a later program: %v", err)
	}
	if _, err := Import(failing{}, "", december); err == nil {
		t.Error("a reader that fails was read")
	}
}

// A list without a column for a scheme does not say that nobody takes it.
func TestRefusesOnlyWhatASourceTells(t *testing.T) {
	source := func(name string, rows ...Participant) Source { return Source{Name: name, Participants: rows} }
	table, err := New("1", december,
		source("plain", Participant{BIC: "PBNKDEFFXXX", Reach: CreditTransfer | DirectDebitCore}, Participant{BIC: "QBNKDEF1200", Reach: CreditTransfer},
			Participant{BIC: "SBNKDEHHXXX", Reach: CreditTransfer, From: on("2027-01-01")}),
		source("instant", Participant{BIC: "PBNKDEFFXXX", Reach: CreditTransfer | InstantCreditTransfer}, Participant{BIC: "RBNKDEHHXXX", Reach: CreditTransfer}))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name   string
		bic    string
		scheme Reach
		want   bool
	}{
		{"it takes the scheme", "PBNKDEFFXXX", DirectDebitCore, false},
		{"another source has it", "PBNKDEFFXXX", InstantCreditTransfer, false},
		{"a branch goes by its head office", "PBNKDEFF123", DirectDebitCore, false},
		{"it lacks the scheme", "QBNKDEF1200", DirectDebitCore, true},
		{"a source with the scheme has the bank without it", "RBNKDEHH", InstantCreditTransfer, true},
		{"a branch of it", "RBNKDEHH123", InstantCreditTransfer, true},
		{"its source tells nothing of the scheme", "QBNKDEF1200", InstantCreditTransfer, false},
		{"no source has the scheme", "PBNKDEFFXXX", DirectDebitB2B, false},
		{"not yet listed", "SBNKDEHHXXX", DirectDebitCore, false},
		{"not listed", "TBNKDEHHXXX", CreditTransfer, false},
		{"no BIC", "", CreditTransfer, false},
	} {
		if got := Refuses(table, row.bic, row.scheme, december); got != row.want {
			t.Errorf("%s: %v", row.name, got)
		}
	}
	if Refuses(&Table{}, "PBNKDEFFXXX", CreditTransfer, december) {
		t.Error("an empty table refuses")
	}
}

func TestListedTellsUnknownCodesFromUnknownCountries(t *testing.T) {
	table := build(t)
	for _, row := range []struct {
		name            string
		iban            string
		day             string
		listed, covered bool
	}{
		{"listed", iban("DE", "999001000000000000"), "2026-12-07", true, true},
		{"without a BIC", iban("DE", "999004000000000000"), "2026-12-07", true, true},
		{"a code that nobody has", iban("DE", "999999990000000000"), "2026-12-07", false, true},
		{"a code that was deleted", iban("DE", "999003000000000000"), "2026-12-07", false, true},
		{"the day before", iban("DE", "999003000000000000"), "2026-12-06", true, true},
		{"a country without a list", iban("NO", "86011117947"), "2026-12-07", false, false},
		{"nothing", "", "2026-12-07", false, false},
	} {
		listed, covered := Listed(table, row.iban, on(row.day))
		if !slices.Equal([]bool{listed, covered}, []bool{row.listed, row.covered}) {
			t.Errorf("%s: %v %v", row.name, listed, covered)
		}
	}
}
