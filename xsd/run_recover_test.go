package xsd

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// within shortens paths of the tests below.
const within = "CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]"

// One mistake is one violation, told where it is, and everything behind it is still
// checked: each row ends with a wrong IBAN in the second payment, which must be told too.
func TestOneMistakeIsOneViolation(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	doc := string(made(2, compact))
	i := strings.LastIndex(doc, "<IBAN>DE")
	doc = doc[:i] + "<IBAN>de" + doc[i+len("<IBAN>DE"):]
	last := `TypePattern CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]/CdtrAcct/Id/IBAN (IBAN) [A-Z]{2,2}[0-9]{2,2}[a-zA-Z0-9]{1,30}`
	amount := `<Amt><InstdAmt Ccy="EUR">0.01</InstdAmt></Amt>`
	for _, row := range []struct{ name, from, to, want string }{
		{"missing element", amount, "", "Missing " + within + " (Amt) PmtTpInf Amt"},
		{"missing at the end", "<Id><IBAN>DE21500500009876543210</IBAN></Id>", "", "Incomplete " + within + "/CdtrAcct (CdtrAcct) Id"},
		{"missing in between", "<PmtMtd>TRF</PmtMtd>", "", "Missing CstmrCdtTrfInitn/PmtInf[1] (PmtMtd) PmtMtd"},
		{"out of order", "<PmtId><EndToEndId>E2E-2026-11-00000000</EndToEndId></PmtId>" + amount, amount + "<PmtId><EndToEndId>E2E-2026-11-00000000</EndToEndId></PmtId>",
			"Missing " + within + " (PmtId) PmtId"},
		{"too often", amount, amount + amount, "Unexpected " + within + "/Amt (Amt) ChrgBr UltmtDbtr CdtrAgt Cdtr"},
		{"unknown element", amount, amount + "<Foo><Bar>1</Bar></Foo>", "Unexpected " + within + "/Foo (Foo) ChrgBr UltmtDbtr CdtrAgt Cdtr"},
		{"name mistyped", "<EndToEndId>E2E-2026-11-00000000</EndToEndId>", "<EndToEndID>E2E-2026-11-00000000</EndToEndID>", "Unexpected " + within + "/PmtId/EndToEndID (EndToEndID) InstrId EndToEndId"},
		{"name mistyped before others", "<PmtMtd>TRF</PmtMtd>", "<PmtMthd>TRF</PmtMthd>", "Unexpected CstmrCdtTrfInitn/PmtInf[1]/PmtMthd (PmtMthd) PmtMtd"},
		{"other namespace", amount, amount + `<x:Amt xmlns:x="urn:x"/>`, "Namespace " + within + "/Amt (Amt) urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"},
		{"no namespace", amount, amount + `<x xmlns=""/>`, "Namespace " + within + "/x (x) urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"},
		{"element in text", "<Nm>Empfaenger", "<Nm><b>x</b>Empfaenger", "Unexpected " + within + "/Cdtr/Nm/b (b) "},
		{"text between elements", amount, amount + " x <!-- --> y ", "Text " + within + " (CdtTrfTxInf) ChrgBr UltmtDbtr CdtrAgt Cdtr"},
		{"value too long", "E2E-2026-11-00000000", strings.Repeat("1", 36), "TypeLength " + within + "/PmtId/EndToEndId (EndToEndId) minLength 1 maxLength 35"},
		{"wrong character", "E2E-2026-11-00000000", "E2E_2026", "TypePattern " + within + "/PmtId/EndToEndId (EndToEndId) ([A-Za-z0-9]|[\\+|\\?|/|\\-|:|\\(|\\)|\\.|,|'| ]){1,35}"},
		{"text too long", "Empfaenger Nummer 0", strings.Repeat("ö", 71), "TypeLength " + within + "/Cdtr/Nm (Nm) minLength 1 maxLength 70"},
		{"too many decimals", `Ccy="EUR">0.01`, `Ccy="EUR">0.001`, "TypeDigits " + within + "/Amt/InstdAmt (InstdAmt) totalDigits 18 fractionDigits 2"},
		{"amount too small", `>0.01<`, `>0.00<`, "TypeRange " + within + "/Amt/InstdAmt (InstdAmt) minInclusive 0.01 maxInclusive 999999999.99"},
		{"amount too large", `>0.01<`, `>1000000000.00<`, "TypeRange " + within + "/Amt/InstdAmt (InstdAmt) minInclusive 0.01 maxInclusive 999999999.99"},
		{"no amount", `>0.01<`, `>0,01<`, "TypeForm " + within + "/Amt/InstdAmt (InstdAmt) decimal"},
		{"other currency", `"EUR">0.01`, `"USD">0.01`, "TypeEnum " + within + "/Amt/InstdAmt/@Ccy (Ccy) EUR"},
		{"no currency", ` Ccy="EUR">0.01`, `>0.01`, "Attribute " + within + "/Amt/InstdAmt/@Ccy (Ccy) required"},
		{"unknown attribute", `<Amt><InstdAmt Ccy="EUR">0.01`, `<Amt x="1"><InstdAmt Ccy="EUR">0.01`, "Attribute " + within + "/Amt/@x (x) "},
		{"nil", `<Cdtr><Nm>Empfaenger Nummer 0`, `<Cdtr><Nm xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true">Empfaenger Nummer 0`, "Attribute " + within + "/Cdtr/Nm/@xsi:nil (xsi:nil) "},
		{"no date", "<Dt>2026-12-01", "<Dt>2026-11-31", "TypeForm CstmrCdtTrfInitn/PmtInf[1]/ReqdExctnDt/Dt (Dt) date"},
		{"wrong code", "SLEV", "SHAR", "TypeEnum CstmrCdtTrfInitn/PmtInf[1]/ChrgBr (ChrgBr) SLEV"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if !strings.Contains(doc, row.from) {
				t.Fatal("the sample has not what the row changes")
			}
			for _, slowly := range []bool{false, true} {
				h, sum, err := record(p, strings.NewReader(strings.Replace(doc, row.from, row.to, 1)), Options{}, slowly)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{row.want, last}, h.violations); diff != "" || sum.Violations != 2 {
					t.Errorf("slowly %t: %s", slowly, diff)
				}
			}
		})
	}
}

// A value with a violation is told as not valid, behind the violation.
func TestInvalidValueIsTold(t *testing.T) {
	p := testPlan(t, gbic5, map[string]Role{"CstmrCdtTrfInitn/GrpHdr/NbOfTxs": 3})
	doc := strings.Replace(string(made(1, compact)), "<NbOfTxs>1<", "<NbOfTxs>one<", 1)
	h, _, err := record(p, strings.NewReader(doc), Options{}, false)
	if err != nil || len(h.events) != 2 || !strings.HasPrefix(h.events[0], "violation TypePattern") ||
		!strings.Contains(h.events[1], `value 3`) || !strings.Contains(h.events[1], `valid false "one"`) {
		t.Errorf("%v %q", err, h.events)
	}
}

// However many mistakes: the handler gets as many violations as it asked for, all are
// counted, and text and names are told cut.
func TestViolationsAreBounded(t *testing.T) {
	p := testPlan(t, gbic5, nil)
	doc := strings.ReplaceAll(string(made(500, compact)), "DE2150", "xx2150")
	doc = strings.Replace(doc, "Empfaenger Nummer 0", strings.Repeat("ä", 50_000), 1)
	doc = strings.Replace(doc, "<Amt>", "<"+strings.Repeat("x", 5000)+"/><Amt>", 1)
	for most, want := range map[int]int{0: 100, 7: 7, 1000: 502} {
		h := &recorder{}
		var longest int
		sum, err := p.Validate(strings.NewReader(doc), Options{MaxViolations: most}, watch{h, func(v *Violation) {
			longest = max(longest, len(v.Text), len(v.Name), len(v.Path))
		}})
		if err != nil || len(h.violations) != want || sum.Violations != 502 {
			t.Errorf("most %d: %d told, %d counted, %v", most, len(h.violations), sum.Violations, err)
		}
		if longest > textLimit {
			t.Errorf("a text of %d bytes", longest)
		}
	}
}

// watch looks at violations on their way.
type watch struct {
	*recorder
	look func(*Violation)
}

func (w watch) Violation(v *Violation) error {
	w.look(v)
	return w.recorder.Violation(v)
}

// What only some rules mind is counted, with the first place.
func TestMarksOfTheSummary(t *testing.T) {
	p := testPlan(t, gbic5, nil)
	doc := string(made(4, indented))
	doc = strings.Replace(doc, "Empfaenger Nummer 1", "  ", 1)
	doc = strings.Replace(doc, "Empfaenger Nummer 2", "", 1)
	doc = strings.Replace(doc, "Rechnung", "<![CDATA[Rechnung]]>", 2)
	doc = strings.Replace(doc, "</Cdtr>", "<PstlAdr/></Cdtr>", 1)
	for _, slowly := range []bool{false, true} {
		_, sum, err := record(p, strings.NewReader("\uFEFF"+doc), Options{}, slowly)
		if err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(sum.BOM, sum.CDATA.Count, sum.CDATA.Path, sum.CDATA.At.Column, sum.Blank.Count, sum.Blank.Path, sum.Empty.Count, sum.Empty.Path)
		want := fmt.Sprint(true, 1, within+"/RmtInf/Ustrd", 18, 1, strings.Replace(within, "f[1]/CdtTrfTxInf[1]", "f[1]/CdtTrfTxInf[2]", 1)+"/Cdtr/Nm", 2, within+"/Cdtr/PstlAdr")
		if got != want {
			t.Errorf("slowly %t: %s, want %s", slowly, got, want)
		}
	}
}

// A bank document may have what its schema has not: paths with a role are found there.
func TestLenientFindsPathsThatTheSchemaHasNot(t *testing.T) {
	roles := map[string]Role{
		"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/New":                    1,
		"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/New/Cd":                 2,
		"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/New/Cd/@a":              3,
		"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId":       4,
		"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/Nm":                5,
		"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAgt/FinInstnId/BIC": 6,
	}
	s, _ := Core(gbic5)
	p, without := s.Bind(roles)
	want := []string{"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAgt/FinInstnId/BIC", "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/New", "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/New/Cd", "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/New/Cd/@a"}
	if diff := cmp.Diff(want, without); diff != "" {
		t.Fatal(diff)
	}
	doc := strings.NewReplacer("<Amt>", "<New><X>0</X><Cd a='b'>1 &amp; <!-- -->2</Cd><Cd/></New><Amt>", "BICFI", "BIC").Replace(string(made(1, compact)))
	for lenient, want := range map[bool]string{
		true:  `open 1, value 3 "b", value 2 "1 & 2", value 2 "", close 1, value 6 "PBNKDEFF370", value 4 "E2E-2026-11-00000000", value 5 "Empfaenger Nummer 0"`,
		false: `value 4 "E2E-2026-11-00000000", value 5 "Empfaenger Nummer 0"`,
	} {
		h, sum, err := record(p, strings.NewReader(doc), Options{Lenient: lenient}, false)
		if err != nil || sum.Violations != 3 { // New, BIC twice: of the debtor's and the creditor's agent
			t.Fatalf("%v %q", err, h.violations)
		}
		for _, part := range strings.Split(want, ", ") {
			if !anyHas(h.events, part) {
				t.Errorf("lenient %t: no %s in\n%s", lenient, part, strings.Join(h.events, "\n"))
			}
		}
		if !lenient && (anyHas(h.events, `value 6`) || anyHas(h.events, "open 1")) {
			t.Errorf("without lenient:\n%s", strings.Join(h.events, "\n"))
		}
	}
}

// anyHas says whether a string has all blank-separated first words and the quoted rest.
func anyHas(list []string, part string) bool {
	f := strings.SplitN(part, " ", 3)
	for _, s := range list {
		if strings.HasPrefix(s, f[0]+" "+f[1]+" ") && (len(f) < 3 || strings.Contains(s, f[2])) {
			return true
		}
	}
	return false
}

// Without a schema, documents of any version are read by structure.
func TestStructureReadsAnyNamespace(t *testing.T) {
	p := Structure(sampleRoles)
	doc := strings.ReplaceAll(string(made(3, indented)), "pain.001.001.09", "pain.001.001.99")
	h, sum, err := record(p, strings.NewReader(doc), Options{}, false)
	if err != nil || sum.Violations != 0 {
		t.Fatal(err, h.violations)
	}
	g, _, err := record(testPlan(t, gbic5, sampleRoles), strings.NewReader(strings.ReplaceAll(doc, ".99", ".09")), Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	unnumbered := strings.NewReplacer("PmtInf[1]", "PmtInf", "CdtTrfTxInf[1]", "CdtTrfTxInf", "Ustrd[1]", "Ustrd") // without a schema the first is not known to repeat
	var want []string
	for _, e := range g.events {
		want = append(want, unnumbered.Replace(e))
	}
	if diff := cmp.Diff(want, h.events); diff != "" {
		t.Error(diff)
	}
}

func TestWantedNamesEightAtMost(t *testing.T) {
	v := Violation{Expected: []string{"a", "b"}}
	if got := v.Wanted(); got != "a, b" {
		t.Error(got)
	}
	v.Expected = []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}
	if got := v.Wanted(); got != "1, 2, 3, 4, 5, 6, 7, 8, …" {
		t.Error(got)
	}
}
