package dtazv

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"kontor/calendar"
	"kontor/finding"
)

func monthOf(n int) time.Month { return time.Month(n) }

func setter(record int, number, text string) func(*sample) {
	return func(s *sample) { s.set(record, number, text) }
}

func clearer(record int, numbers ...string) func(*sample) {
	return func(s *sample) { s.clear(record, numbers...) }
}

// breaks has for each case of each rule a change that breaks it, and where the finding
// then stands. The unchanged sample, which has no finding at all, is what passes.
var breaks = []struct {
	code   finding.Code
	id     string
	path   string
	change func(*sample)
	today  calendar.Date
}{
	{code: CodeLength, id: "length", path: "Q[1]/T[1]", change: func(s *sample) { copy(s.records[recUSD], "0256") }},
	{code: CodeOrder, id: "unknown", path: "Q[1]", change: func(s *sample) { s.records[recEUR][4] = 'X' }},
	{code: CodeOrder, id: "header", path: "Q[1]/T[1]", change: func(s *sample) { s.remove(recQ) }},
	{code: CodeOrder, id: "trailer", path: "Q[2]", change: func(s *sample) { s.insert(recEU, s.records[recQ]) }},
	{code: CodeOrder, id: "payment", path: "Q[1]/Z", change: func(s *sample) { s.records = [][]byte{s.records[recQ], s.records[recZ]} }},
	{code: CodeOrder, id: "report", path: "Q[1]/W[1]", change: func(s *sample) { s.insert(recUSD, s.records[recW2]) }},
	{code: CodeOrder, id: "reports", path: "Q[1]/T[6]/V[9]", change: func(s *sample) {
		for range MaxReports {
			s.insert(recV, s.records[recV])
		}
	}},
	{code: CodeIncomplete, id: "cut", path: "Q[1]/Z", change: func(s *sample) { s.records[recZ] = s.records[recZ][:100] }},
	{code: CodeIncomplete, id: "line", path: "Q[1]/T[2]", change: func(s *sample) {
		s.after = "\r\n"
		s.records[recUSD] = bytes.TrimRight(s.records[recUSD], " ")
		s.records[recEUR] = s.records[recEUR][:700]
	}},
	{code: CodeIncomplete, id: "end", path: "Q[1]", change: func(s *sample) { s.remove(recZ) }},
	{code: CodeIncomplete, id: "lost", path: "Q[1]", change: func(s *sample) { copy(s.records[recEUR], "xxxxxx") }},
	{code: CodeSeparator, id: "line", path: "Q[1]", change: func(s *sample) { s.after = "\r\n" }},
	{code: CodeSeparator, id: "mark", path: "Q[1]", change: func(s *sample) { s.records = append(s.records, []byte{0x1A}) }},
	{code: CodeDiscontinued, id: "ends", path: "Q[1]", change: func(*sample) {}, today: day(2026, 10, 31)},
	{code: CodeDiscontinued, id: "ended", path: "Q[1]", change: func(*sample) {}, today: day(2026, 11, 1)},

	{code: CodeUnusual, id: "lower", path: "Q[1]/T[2]/T10b", change: setter(recEUR, "T10b", "Martin")},
	{code: CodeUnusual, id: "umlaut", path: "Q[1]/T[2]/T15", change: setter(recEUR, "T15", "M\xDCLLER")},
	{code: CodeCharacter, id: "character", path: "Q[1]/T[2]/T15", change: setter(recEUR, "T15", "NR #4711")},
	{code: CodeNumeric, id: "digits", path: "Q[1]/T[2]/T14a", change: setter(recEUR, "T14a", "0000000000022O")},
	{code: CodeFilling, id: "blank", path: "Q[1]/T[2]/T5", change: setter(recEUR, "T5", "      ")},
	{code: CodeFilling, id: "padded", path: "Q[1]/T[2]/T14a", change: setter(recEUR, "T14a", "           220")},
	{code: CodeAlignment, id: "blank", path: "Q[1]/T[2]/T10b", change: setter(recEUR, "T10b", "  MARTIN")},
	{code: CodeReserve, id: "reserve", path: "Q[1]/T[2]/T26", change: setter(recEUR, "T26", "REF")},

	{code: CodeBankCode, id: "missing", path: "Q[1]/Q3", change: clearer(recQ, "Q3")},
	{code: CodeBankCode, id: "form", path: "Q[1]/T[2]/T3", change: setter(recEUR, "T3", "90050000")},
	{code: CodeCustomer, id: "missing", path: "Q[1]/Q4", change: clearer(recQ, "Q4")},
	{code: CodeOriginator, id: "missing", path: "Q[1]/Q5", change: clearer(recQ, "Q5")},
	{code: CodeDate, id: "invalid", path: "Q[1]/Q6", change: setter(recQ, "Q6", "260229")},
	{code: CodeFileDate, id: "before", path: "Q[1]/Q8", change: setter(recQ, "Q8", "260301")},
	{code: CodeFileDate, id: "after", path: "Q[1]/Q8", change: setter(recQ, "Q8", "260318")},
	{code: CodePaymentDate, id: "before", path: "Q[1]/T[2]/T5", change: setter(recEUR, "T5", "260303")},
	{code: CodePaymentDate, id: "after", path: "Q[1]/T[2]/T5", change: setter(recEUR, "T5", "260318")},
	{code: CodeSequence, id: "missing", path: "Q[1]/Q7", change: clearer(recQ, "Q7")},
	{code: CodeReportFlag, id: "flag", path: "Q[1]/Q9", change: setter(recQ, "Q9", "1")},
	{code: CodeReporter, id: "state", path: "Q[1]/Q10", change: clearer(recQ, "Q10")},
	{code: CodeReporter, id: "company", path: "Q[1]/Q11", change: clearer(recQ, "Q11")},

	{code: CodeAccount, id: "missing", path: "Q[1]/T[2]/T4b", change: clearer(recEUR, "T4b")},
	{code: CodeCurrency, id: "missing", path: "Q[1]/T[2]/T13", change: clearer(recEUR, "T13")},
	{code: CodeCurrency, id: "unknown", path: "Q[1]/T[2]/T4a", change: setter(recEUR, "T4a", "EUX")},
	{code: CodeChargesPart, id: "missing", path: "Q[1]/T[1]/T7a", change: clearer(recUSD, "T7a")},
	{code: CodeChargesSame, id: "same", path: "Q[1]/T[1]/T7b", change: setter(recUSD, "T7b", "0123456789")},
	{code: CodeBIC, id: "bic", path: "Q[1]/T[2]/T8", change: setter(recEUR, "T8", "BANKFRPPXX ")},
	{code: CodeBIC, id: "slashes", path: "Q[1]/T[2]/T8", change: setter(recEUR, "T8", "20050000   ")},
	{code: CodeBankCountry, id: "missing", path: "Q[1]/T[9]/T9a", change: clearer(recNoBIC, "T9a")},
	{code: CodeCountry, id: "unknown", path: "Q[1]/T[2]/T10a", change: setter(recEUR, "T10a", "F  ")},
	{code: CodeBankName, id: "missing", path: "Q[1]/T[9]/T9b", change: clearer(recNoBIC, "T9b")},
	{code: CodeNoCountry, id: "missing", path: "Q[1]/T[2]/T10a", change: clearer(recEUR, "T10a")},
	{code: CodeBeneficiary, id: "missing", path: "Q[1]/T[2]/T10b", change: clearer(recEUR, "T10b")},
	{code: CodeBeneficiaryNo, id: "missing", path: "Q[1]/T[2]/T12", change: clearer(recEUR, "T12")},
	{code: CodeBeneficiaryNo, id: "slash", path: "Q[1]/T[1]/T12", change: setter(recUSD, "T12", "123456789 ")},
	{code: CodeIBAN, id: "length", path: "Q[1]/T[2]/T12", change: setter(recEUR, "T12", "/DE12345678901234567890")},
	{code: CodeIBAN, id: "structure", path: "Q[1]/T[2]/T12", change: setter(recEUR, "T12", "/FR12A")},
	{code: CodeIBAN, id: "digits", path: "Q[1]/T[2]/T12", change: setter(recEUR, "T12", "/FR02")},

	{code: CodeAmount, id: "zero", path: "Q[1]/T[2]/T14a", change: clearer(recEUR, "T14a", "T14b")},
	{code: CodeAmount, id: "decimals", path: "Q[1]/T[2]/T14b", change: setter(recEUR, "T14b", "025")},
	{code: CodeSum, id: "sum", path: "Q[1]/Z/Z3", change: setter(recZ, "Z3", "000000000000001")},
	{code: CodeSum, id: "overflow", path: "Q[1]/Z/Z3", change: func(s *sample) {
		for range 11 {
			s.set(recEUR, "T14a", "99999999999999")
			s.insert(recEUR, s.records[recEUR])
		}
	}},
	{code: CodeCount, id: "count", path: "Q[1]/Z/Z4", change: setter(recZ, "Z4", "000000000000008")},
	{code: CodeReportCount, id: "count", path: "Q[1]/T[6]/T27", change: setter(recTransit, "T27", "02")},

	{code: CodeType, id: "unknown", path: "Q[1]/T[2]/T22", change: setter(recEUR, "T22", "12")},
	{code: CodeBankType, id: "agreed", path: "Q[1]/T[2]/T22", change: setter(recEUR, "T22", "34")},
	{code: CodeCharges, id: "unknown", path: "Q[1]/T[2]/T21", change: setter(recEUR, "T21", "03")},
	{code: CodeEuroExpress, id: "euro", path: "Q[1]/T[4]/T13", change: setter(recExpress, "T13", "USD")},
	{code: CodeEUTransfer, id: "currency", path: "Q[1]/T[3]/T13", change: setter(recEU, "T13", "SEK")},
	{code: CodeEUTransfer, id: "amount", path: "Q[1]/T[3]/T14a", change: setter(recEU, "T14a", "00000000050000")},
	{code: CodeEUTransfer, id: "bic", path: "Q[1]/T[3]/T8", change: setter(recEU, "T8", "///20050000")},
	{code: CodeEUTransfer, id: "country", path: "Q[1]/T[3]/T8", change: setter(recEU, "T8", "BANKUS33")},
	{code: CodeEUTransfer, id: "iban", path: "Q[1]/T[3]/T12", change: setter(recEU, "T12", "/123")},
	{code: CodeEUTransfer, id: "charges", path: "Q[1]/T[3]/T21", change: setter(recEU, "T21", "01")},
	{code: CodeEUTransfer, id: "empty", path: "Q[1]/T[3]/T17", change: setter(recEU, "T17", "06")},
	{code: CodeCheque, id: "empty", path: "Q[1]/T[5]/T12", change: setter(recCheque, "T12", "/123")},
	{code: CodeCheque, id: "charges", path: "Q[1]/T[5]/T21", change: setter(recCheque, "T21", "02")},
	{code: CodeCheque, id: "key", path: "Q[1]/T[5]/T19", change: setter(recCheque, "T19", "06")},
	{code: CodeRemark, id: "remark", path: "Q[1]/T[2]/T11", change: setter(recEUR, "T11", "ORDER")},
	{code: CodeEEACharges, id: "shared", path: "Q[1]/T[2]/T21", change: setter(recEUR, "T21", "01")},

	{code: CodeKey, id: "unknown", path: "Q[1]/T[2]/T16", change: setter(recEUR, "T16", "03")},
	{code: CodeKey, id: "place", path: "Q[1]/T[2]/T16", change: setter(recEUR, "T16", "91")},
	{code: CodeKeyPair, id: "pair", path: "Q[1]/T[1]/T17", change: setter(recUSD, "T17", "07")},
	{code: CodeCounterValue, id: "account", path: "Q[1]/T[8]/T4a", change: setter(recCounter, "T4a", "USD")},
	{code: CodeCounterValue, id: "type", path: "Q[1]/T[8]/T19", change: setter(recCounter, "T22", "11")},

	{code: CodeReportKey, id: "key", path: "Q[1]/T[2]/T25", change: setter(recEUR, "T25", "2")},
	{code: CodeFlag, id: "flag", path: "Q[1]/T[6]/V[1]/V9", change: setter(recV, "V9", "X")},
	{code: CodeSale, id: "missing", path: "Q[1]/T[6]/V[1]/V17", change: clearer(recV, "V17")},
	{code: CodeSale, id: "empty", path: "Q[1]/T[6]/V[1]/V12", change: setter(recV, "V8", "N")},
	{code: CodeKind, id: "kind", path: "Q[1]/T[7]/W[1]/W3", change: setter(recW2, "W3", "3")},
	{code: CodeInvestment, id: "empty", path: "Q[1]/T[7]/W[2]/W7", change: setter(recW4, "W3", "2")},
	{code: CodeReportValue, id: "missing", path: "Q[1]/T[7]/W[1]/W4", change: clearer(recW2, "W4")},
	{code: CodeReportValue, id: "zeros", path: "Q[1]/T[6]/V[1]/V4b", change: setter(recV, "V4b", "0000001")},
	{code: CodeThreshold, id: "due", path: "Q[1]/T[2]/T14a", change: setter(recEUR, "T14a", "00000000050000")},
	{code: CodeReporting, id: "form", path: "Q[1]/T[1]/T24", change: setter(recUSD, "T24", "MEIER INVF 2")},
}

func TestSampleHasNoFindings(t *testing.T) {
	s := newSample(t)
	summary, findings, err := Read(bytes.NewReader(s.bytes()), Options{}, Visitor{})
	if err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	if summary.LogicalFiles != 1 || summary.Payments != 9 || summary.Records != recCount || len(summary.Currencies) != 2 {
		t.Errorf("counted %+v", summary)
	}
	if got := summary.Sum.String(); got != "141322.00" {
		t.Errorf("sum %s", got)
	}
}

func TestEachCaseOfEachRuleIsFoundWhereItIsBroken(t *testing.T) {
	for _, row := range breaks {
		t.Run(string(row.code)+" "+row.id, func(t *testing.T) {
			s := newSample(t)
			row.change(s)
			_, findings, err := Read(bytes.NewReader(s.bytes()), Options{Today: row.today}, Visitor{})
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Code == row.code && f.Case == row.id && f.At.Path == row.path })
			if i < 0 {
				t.Fatalf("not found; found were %v", findings)
			}
			checkPlace(t, s, findings[i])
		})
	}
}

// checkPlace compares record, position and offset of a finding with each other.
func checkPlace(t *testing.T, s *sample, f finding.Finding) {
	t.Helper()
	offset := int64(0)
	for i, record := range s.records {
		if i+1 == f.At.Line {
			break
		}
		offset += int64(len(record) + len(s.after))
	}
	if want := offset + int64(f.At.Column-1); f.At.Offset != want {
		t.Errorf("offset %d, want %d for record %d, position %d", f.At.Offset, want, f.At.Line, f.At.Column)
	}
}

func TestEveryRuleSaysEverythingInThreeLanguages(t *testing.T) {
	tried := map[string]bool{}
	for _, row := range breaks {
		tried[string(row.code)+" "+row.id] = true
	}
	for _, r := range Rules() {
		if r.Meaning == "" || r.Source == "" || r.Example == "" || r.Severity == "" || len(r.Cases) == 0 {
			t.Errorf("%s is not described", r.Code)
		}
		for _, text := range append([]finding.Texts{r.Advice}, texts(r.Cases)...) {
			if text.EN == "" || text.DE == "" || text.SV == "" {
				t.Errorf("%s: a language is missing: %+v", r.Code, text)
			}
			for n := range 4 {
				place := "{" + string(rune('0'+n)) + "}"
				if in := strings.Contains(text.EN, place); in != strings.Contains(text.DE, place) || in != strings.Contains(text.SV, place) {
					t.Errorf("%s: the languages differ in %s: %+v", r.Code, place, text)
				}
			}
		}
		for _, c := range r.Cases {
			if key := string(r.Code) + " " + c.ID; !tried[key] && r.Code != CodeUnreadable && r.Code != CodeMore {
				t.Errorf("no sample breaks %s", key)
			}
		}
	}
	if _, err := finding.NewCatalogue(Rules()...); err != nil {
		t.Error(err)
	}
	if _, ok := LookupRule("AZV-A0"); ok {
		t.Error("an unknown code was found")
	}
}

func texts(cases []finding.Case) (all []finding.Texts) {
	for _, c := range cases {
		all = append(all, c.Text)
	}
	return all
}

// A place that stays in a sentence was given no argument.
func TestSentencesAreFilled(t *testing.T) {
	for _, row := range breaks {
		s := newSample(t)
		row.change(s)
		_, findings, _ := Read(bytes.NewReader(s.bytes()), Options{Today: row.today}, Visitor{})
		for _, f := range findings {
			rule, _ := LookupRule(f.Code)
			for _, language := range []string{"en", "de", "sv"} {
				if text := rule.Sentence(f, language); text == "" || strings.Contains(text, "{") {
					t.Errorf("%s %s: %q", f.Code, f.Case, text)
				}
			}
		}
	}
}

func TestWhatIsNotDTAZVIsUnreadable(t *testing.T) {
	for _, row := range []struct{ name, text, id string }{
		{"empty", "", "empty"},
		{"short", "0256", "other"},
		{"XML", "<?xml version=\"1.0\"?>", "other"},
		{"record of unknown type", "0256R" + strings.Repeat(" ", 251), "other"},
		{"variant of banks", "0572P" + strings.Repeat(" ", 600), "bank"},
		{"header of banks", "0246Q" + strings.Repeat(" ", 600), "bank"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, findings, err := Read(strings.NewReader(row.text), Options{}, Visitor{})
			var unreadable *UnreadableError
			if !errors.As(err, &unreadable) || unreadable.Code != CodeUnreadable || unreadable.Case != row.id || len(findings) > 0 {
				t.Errorf("got %v, %v", findings, err)
			}
		})
	}
}

// A finding is printed on terminals; a file must not steer them.
func TestFindingsHoldNoControlCharacters(t *testing.T) {
	s := newSample(t)
	s.set(recEUR, "T10b", "A\x1B[2JB\x9B\x7F\r")
	s.records[recExpress][4] = 0x1B
	copy(s.records[recEU], "\x1B\x07\x00\x01")
	_, findings, err := Read(bytes.NewReader(s.bytes()), Options{}, Visitor{})
	if err != nil || len(findings) < 3 {
		t.Fatal(findings, err)
	}
	for _, f := range findings {
		if strings.ContainsFunc(f.Message+f.Text, unicode.IsControl) {
			t.Errorf("%q %q", f.Message, f.Text)
		}
	}
}

func TestPoliciesChangeSeverities(t *testing.T) {
	s := newSample(t)
	s.set(recEUR, "T10b", "Martin")
	s.set(recEUR, "T21", "01")
	policies := []finding.Policy{{CodeUnusual: finding.Error, CodeEEACharges: finding.Warning}, {CodeEEACharges: finding.Off}}
	_, findings, err := Read(bytes.NewReader(s.bytes()), Options{Policies: policies}, Visitor{})
	if err != nil || len(findings) != 1 || findings[0].Code != CodeUnusual || findings[0].Severity != finding.Error {
		t.Error(findings, err)
	}
}

func TestFindingsAreLimitedAndTheRestCounted(t *testing.T) {
	for _, row := range []struct {
		name     string
		number   string
		text     string
		severity finding.Severity
	}{{"warnings", "T26", "REF", finding.Warning}, {"errors", "T21", "04", finding.Error}} {
		t.Run(row.name, func(t *testing.T) {
			s := newSample(t)
			for record := recUSD; record <= recCheque; record++ {
				s.set(record, row.number, row.text)
			}
			_, findings, err := Read(bytes.NewReader(s.bytes()), Options{MaxFindings: 2, Policies: []finding.Policy{{CodeMore: finding.Off}}}, Visitor{}) // no policy hides that there is more
			if err != nil || len(findings) != 3 {
				t.Fatal(findings, err)
			}
			if last := findings[2]; last.Code != CodeMore || last.Severity != row.severity || last.Args[0] == "0" {
				t.Error(last)
			}
		})
	}
}
