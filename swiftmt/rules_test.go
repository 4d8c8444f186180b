package swiftmt

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/iso20022/camt"
)

// good940 and good942 break no rule; each failing sample is one change of them.
const good940 = `:20:STARTUMS
:21:RELATED
:25:12030000/1020304050
:28C:7/1
:60F:C250301EUR100,00
:61:2503010301CR10,00NTRFNONREF//B-1
:86:166?00GUTSCHRIFT?20SVWZ+Rechnung 1?32Erika Beispiel
:61:2503020302DR5,00NDDTNONREF
/OCMT/EUR4,00/CHGS/EUR1,00/
:86:105?00LASTSCHRIFT?20EREF+E1?21SVWZ+Strom
:62F:C250302EUR105,00
:64:C250302EUR105,00
-
:20:STARTUMS
:25:12030000/1020304050
:28C:8/1
:60F:C250302EUR105,00
:62M:C250302EUR105,00
-
:20:STARTUMS
:25:12030000/1020304050
:28C:8/2
:60M:C250302EUR105,00
:61:250303D5,00NCHG
:62F:C250303EUR100,00
-
`

const good942 = `:20:STARTDISPO
:25:12030000/1020304050
:28C:9/1
:34F:EURD0,00
:34F:EURC0,00
:13D:2503031730+0100
:61:2503030303CR10,00NTRFNONREF
:86:166?00GUTSCHRIFT?20SVWZ+Rechnung 2
:61:2503040304EDR3,00NDDTNONREF
:90D:1EUR3,00
:90C:1EUR10,00
-
`

// failing is a sample that breaks one rule.
type failing struct {
	code     finding.Code
	id       string
	document string // good940 unless given
	old, now string
	line     int // of the finding; 0: not compared
	column   int
}

var failures = []failing{
	{code: CodeMissing, id: "field", old: ":62F:C250303EUR100,00\n", line: 20},
	{code: CodeMissing, id: "field", document: good942, old: ":13D:2503031730+0100\n"},
	{code: CodeOrder, id: "twice", old: ":28C:7/1\n", now: ":28C:7/1\n:28C:7/1\n", line: 5, column: 1},
	{code: CodeOrder, id: "twice", old: ":60F:C250301EUR100,00\n", now: ":60F:C250301EUR100,00\n:60F:C250301EUR100,00\n", line: 6},
	{code: CodeOrder, id: "twice", old: ":62F:C250302EUR105,00\n", now: ":62F:C250302EUR105,00\n:62F:C250302EUR105,00\n", line: 12},
	{code: CodeOrder, id: "late", old: ":64:C250302EUR105,00\n", now: ":61:250302C0,00NTRF\n", line: 12},
	{code: CodeOrder, id: "ended", old: "-\n:20:STARTUMS\n:25:12030000/1020304050\n:28C:8/1\n", now: "-\n:64:C250302EUR1,00\n:20:STARTUMS\n:25:12030000/1020304050\n:28C:8/1\n", line: 14},
	{code: CodeUnknownField, id: "unknown", old: ":21:RELATED", now: ":79:TEXT", line: 2, column: 1},
	{code: CodeTooLong, id: "line", old: "Rechnung 1", now: strings.Repeat("x", lineLimit), line: 7},
	{code: CodeTooLong, id: "field", old: "Rechnung 1", now: strings.Repeat("\n"+strings.Repeat("x", lineLimit/2), 5), line: 11},
	{code: CodeOutside, id: "outside", old: ":28C:7/1\n", now: ":28C:7/1\nsome text\n", line: 5, column: 1},
	{code: CodeCharacters, id: "invalid", old: "Erika", now: "Erika\uFFFD", line: 6},
	{code: CodeDate, id: "syntax", old: ":61:2503010301", now: ":61:25XX010301", line: 6, column: 5},
	{code: CodeDate, id: "syntax", old: ":61:2503010301", now: ":61:2503011341", line: 6, column: 11},
	{code: CodeDate, id: "syntax", old: ":60F:C250301", now: ":60F:C251301", line: 5, column: 7},
	{code: CodeDate, id: "no-day", old: ":61:2503010301", now: ":61:2502300301", line: 6, column: 5},
	{code: CodeDate, id: "no-day", old: ":64:C250302", now: ":64:C250431", line: 12, column: 6},
	{code: CodeAmount, id: "syntax", old: ":61:2503010301CR10,00", now: ":61:2503010301CR1.000,00", line: 6, column: 17},
	{code: CodeAmount, id: "syntax", old: "EUR100,00\n:61:2503010301", now: "EUR1,0,0\n:61:2503010301", line: 5, column: 16},
	{code: CodeAmount, id: "comma", old: ":61:2503010301CR10,00", now: ":61:2503010301CR10", line: 6, column: 17},
	{code: CodeAmount, id: "length", old: ":61:2503010301CR10,00", now: ":61:2503010301CR00000000000010,00", line: 6, column: 17},
	{code: CodeAmount, id: "inexact", old: ":61:2503010301CR10,00", now: ":61:2503010301CR10,005", line: 6, column: 17},
	{code: CodeCurrency, id: "missing", old: "C250302EUR105,00\n:64", now: "C250302105,00\n:64", line: 11, column: 13},
	{code: CodeCurrency, id: "unknown", old: "C250302EUR105,00\n:64", now: "C250302EUX105,00\n:64", line: 11, column: 13},
	{code: CodeCurrency, id: "differs", old: "C250302EUR105,00\n:64", now: "C250302USD105,00\n:64", line: 11, column: 13},
	{code: CodeMark, id: "entry", old: ":61:2503010301CR10,00", now: ":61:2503010301XR10,00", line: 6, column: 15},
	{code: CodeMark, id: "balance", old: ":64:C250302", now: ":64:X250302", line: 12, column: 5},
	{code: CodeMark, id: "expected", old: ":61:250303D5,00", now: ":61:250303ED5,00", line: 24, column: 11},
	{code: CodeType, id: "type", old: "10,00NTRF", now: "10,00XTRF", line: 6, column: 22},
	{code: CodeType, id: "short", old: "D5,00NCHG", now: "D5,00N", line: 24, column: 16},
	{code: CodeReference, id: "length", old: "NTRFNONREF//B-1", now: "NTRF12345678901234567//B-1", line: 6, column: 26},
	{code: CodeReference, id: "length", old: "//B-1", now: "//12345678901234567", line: 6, column: 34},
	{code: CodeReference, id: "length", old: ":21:RELATED", now: ":21:12345678901234567", line: 2, column: 5},
	{code: CodeNumber, id: "number", old: ":28C:7/1", now: ":28C:A7/1", line: 4, column: 6},
	{code: CodeCreation, id: "time", document: good942, old: "2503031730+0100", now: "250303", line: 6, column: 6},
	{code: CodeCreation, id: "time", document: good942, old: "2503031730+0100", now: "2503031730+01", line: 6, column: 16},
	{code: CodeSupplementary, id: "amount", old: "/OCMT/EUR4,00/", now: "/OCMT/4,00/", line: 8},
	{code: CodeSupplementary, id: "lines", old: "/CHGS/EUR1,00/\n", now: "/CHGS/EUR1,00/\nmore\n", line: 8},
	{code: CodeInformation, id: "length", old: "Rechnung 1", now: strings.Repeat("lange Rechnung ", 30), line: 7},
	{code: CodeTotal, id: "total", document: good942, old: ":90D:1EUR3,00", now: ":90D:EUR3,00", line: 10, column: 6},
	{code: CodeTotal, id: "floor", document: good942, old: ":34F:EURD0,00\n", now: ":34F:0,00\n", line: 4, column: 6},
	{code: CodeBalance, id: "sum", old: ":62F:C250302EUR105,00", now: ":62F:C250302EUR105,01", line: 11, column: 1},
	{code: CodeContinuity, id: "opening", old: ":28C:8/1\n:60F:C250302EUR105,00", now: ":28C:8/1\n:60F:C250302EUR106,00", line: 17},
	{code: CodeGap, id: "statement", old: ":28C:7/1", now: ":28C:6/1", line: 17},
	{code: CodeGap, id: "page", old: ":28C:8/2", now: ":28C:8/3", line: 23},
	{code: CodeGap, id: "unfinished", old: ":62F:C250303EUR100,00", now: ":62M:C250303EUR100,00", line: 25},
	{code: CodeCount, id: "debits", document: good942, old: ":90D:1EUR", now: ":90D:2EUR", line: 10},
	{code: CodeCount, id: "credits", document: good942, old: ":90C:1EUR", now: ":90C:2EUR", line: 11},
	{code: CodeSum, id: "debits", document: good942, old: "1EUR3,00", now: "1EUR3,01", line: 10},
	{code: CodeSum, id: "credits", document: good942, old: "1EUR10,00", now: "1EUR10,01", line: 11},
	{code: CodePageBalance, id: "page", old: ":60M:C250302EUR105,00", now: ":60M:C250302EUR104,00", line: 23},
}

// findingsOf reads a document and returns its findings.
func findingsOf(t *testing.T, document string) (list []finding.Finding) {
	t.Helper()
	on := finding.Policy{CodeInformation: finding.Warning}
	err := Read(strings.NewReader(document), Options{Policies: []finding.Policy{on}}, Visitor{Finding: func(f finding.Finding) error {
		list = append(list, f)
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestGoodSamplesHaveNoFinding(t *testing.T) {
	for _, document := range []string{good940, good942, strings.ReplaceAll(good940, "\n", "\r\n"), strings.ReplaceAll(good942, "\n", "@@")} {
		if list := findingsOf(t, document); len(list) > 0 {
			t.Errorf("%v", list)
		}
	}
}

func TestEachRuleFindsItsFault(t *testing.T) {
	for _, row := range failures {
		t.Run(fmt.Sprint(row.code, " ", row.id, " ", row.line), func(t *testing.T) {
			document := row.document
			if document == "" {
				document = good940
			}
			if !strings.Contains(document, row.old) {
				t.Fatalf("the sample has no %q", row.old)
			}
			list := findingsOf(t, strings.Replace(document, row.old, row.now, 1))
			i := slices.IndexFunc(list, func(f finding.Finding) bool { return f.Code == row.code && f.Case == row.id })
			if i < 0 {
				t.Fatalf("found %v", list)
			}
			f := list[i]
			if row.line != 0 && f.At.Line != row.line || row.column != 0 && f.At.Column != row.column {
				t.Errorf("at %s, want line %d, column %d", f.At, row.line, row.column)
			}
			if f.Severity != finding.Warning || strings.Contains(f.Message, "{") {
				t.Errorf("%v", f)
			}
		})
	}
}

// conversionFaults are the samples of the rules of conversions: TestConversionNames… and
// TestCamt052ToMT942 look at the sentences.
func conversionFaults(t *testing.T) []finding.Finding {
	t.Helper()
	batch, odd := camtEntry(0), camtEntry(1)
	batch.Single, batch.Transactions = nil, 3
	odd.Single.Counterparty = strings.Repeat("Ω", 60)
	odd.BookingDate, odd.ValueDate = "2025-03-01", ""
	odd.Single.TransactionID = "TX"
	result, err := FromCamt(bytes.NewReader(camtDocument(t, []camt.Entry{batch, odd})), io.Discard, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	many := strings.Replace(good940, ":61:", strings.Repeat(":79:X\n", sourceMost+1)+":61:", 1)
	more, err := ToCamt(strings.NewReader(many), (&files{}).next, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return append(result.Warnings, more.Warnings[sourceMost])
}

// A code or a sentence without a failing sample could rot unseen. The good samples pass
// all of them.
func TestEachCodeAndCaseHasAFailingSample(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range failures {
		seen[string(row.code)+" "+row.id] = true
	}
	for _, f := range conversionFaults(t) {
		seen[string(f.Code)+" "+f.Case] = true
	}
	cases := 0
	for _, rule := range Catalogue().Rules() {
		for _, c := range rule.Cases {
			cases++
			if !seen[string(rule.Code)+" "+c.ID] {
				t.Errorf("%s %s has no failing sample", rule.Code, c.ID)
			}
		}
	}
	if cases < 40 || len(seen) != cases {
		t.Errorf("%d cases, %d of them seen", cases, len(seen))
	}
}

func TestRulesAreDescribedInAllLanguages(t *testing.T) {
	places := regexp.MustCompile(`\{\d\}`)
	form := regexp.MustCompile(`^MT-[ABCVZ]\d{1,2}$`)
	for _, rule := range Catalogue().Rules() {
		if !form.MatchString(string(rule.Code)) || rule.Meaning == "" || rule.Source == "" || rule.Example == "" || rule.Advice.EN == "" || rule.Advice.DE == "" || rule.Advice.SV == "" || len(rule.Cases) == 0 {
			t.Errorf("%s is not described", rule.Code)
		}
		for _, c := range rule.Cases {
			found := func(text string) string {
				list := places.FindAllString(text, -1)
				slices.Sort(list)
				return fmt.Sprint(list)
			}
			if c.Text.EN == "" || c.Text.DE == "" || c.Text.SV == "" || found(c.Text.EN) != found(c.Text.DE) || found(c.Text.EN) != found(c.Text.SV) {
				t.Errorf("%s %s: %+v", rule.Code, c.ID, c.Text)
			}
		}
	}
}

func TestRulesThatAreOffSayNothing(t *testing.T) {
	document := strings.Replace(good940, "EUR105,00\n:64", "EUR105,01\n:64", 1)
	off := []finding.Policy{{CodeBalance: finding.Off, CodeContinuity: finding.Error}}
	var list []finding.Finding
	if err := Read(strings.NewReader(document), Options{Policies: off}, Visitor{Finding: func(f finding.Finding) error { list = append(list, f); return nil }}); err != nil {
		t.Fatal(err)
	}
	if len(list) != 1 || list[0].Code != CodeContinuity || list[0].Severity != finding.Error {
		t.Errorf("%v", list)
	}
}
