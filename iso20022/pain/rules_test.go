package pain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kontor/finding"
)

const (
	initiation      = "CstmrCdtTrfInitn/"
	debitInitiation = "CstmrDrctDbtInitn/"
)

// sample is a document made from one without fault.
type sample struct {
	name string
	code finding.Code
	base string
	edit []string
	want string // path of the finding; "" = none of the code, "document" = unreadable, "?" = about the whole file
	o    Options
	also []finding.Code // other codes that the change brings about
}

func row(name string, code finding.Code, base string, edit []string, want string) sample {
	return sample{name: name, code: code, base: base, edit: edit, want: want, o: Options{Profile: ProfileEPC}}
}

// as judges by another profile.
func (s sample) as(p ProfileID) sample { s.o.Profile = p; return s }

// on judges on a day.
func (s sample) on(y, m, d int) sample { s.o.Today = day(y, m, d); return s }

// under adds a policy.
func (s sample) under(p finding.Policy) sample { s.o.Policies = append(s.o.Policies, p); return s }

// with names other codes that are found.
func (s sample) with(codes ...finding.Code) sample { s.also = codes; return s }

// prefixed writes the same document with a namespace prefix.
func prefixed(document string) string {
	document = regexp.MustCompile(`<(/?)([A-Z])`).ReplaceAllString(document, "<${1}p:${2}")
	return strings.Replace(document, "xmlns=", "xmlns:p=", 1)
}

// samples are all of them.
func samples() []sample {
	return slices.Concat(ruleSamples, debitSamples, fileSamples, headerSamples, partySamples, accountSamples, bankSamples, daySamples, mandateSamples, swissSamples, formSamples)
}

// judgeSample reads a sample and returns what is found of its code, and the other codes.
func judgeSample(t *testing.T, s sample) (own []finding.Finding, others []finding.Code) {
	t.Helper()
	document := edit(t, s.base, s.edit...)
	_, findings, err := Read(strings.NewReader(document), s.o, Visitor{})
	if err != nil {
		f, ok := SyntaxFinding(err)
		if !ok {
			t.Fatal(err)
		}
		f.At.Path = "document"
		findings = append(findings, f)
	}
	for _, f := range findings {
		if f.Code == s.code {
			own = append(own, f)
		} else {
			others = append(others, f.Code)
		}
	}
	return own, others
}

// Each sample breaks its rule at exactly one place, or not at all, and no other rule but
// those that it names.
func TestEachRuleOnSamples(t *testing.T) {
	for _, s := range samples() {
		t.Run(string(s.code)+" "+s.name, func(t *testing.T) {
			own, others := judgeSample(t, s)
			if !slices.Equal(others, s.also) {
				t.Errorf("besides found %v, want %v: %v", others, s.also, own)
			}
			if s.want == "" {
				if len(own) != 0 {
					t.Errorf("got %v", own)
				}
				return
			}
			if len(own) != 1 || own[0].At.Path != strings.TrimPrefix(s.want, "?") {
				t.Fatalf("got %v, want %s at %s", own, s.code, s.want)
			}
			if f := own[0]; f.Severity == finding.Off || f.Message == "" || f.At.Line == 0 || f.At.Column == 0 || f.At.Offset < 0 {
				t.Errorf("incomplete: %+v", f)
			}
		})
	}
}

// No code without a document that breaks it and one that does not, no sentence that is
// not said, and none with a place unfilled in any language.
func TestEveryCodeAndCaseHasSamples(t *testing.T) {
	good, said := map[finding.Code]int{}, map[finding.Code]map[string]int{}
	for _, s := range samples() {
		own, _ := judgeSample(t, s)
		if s.want == "" {
			good[s.code]++
			continue
		}
		if said[s.code] == nil {
			said[s.code] = map[string]int{}
		}
		for _, f := range own {
			said[s.code][f.Case]++
			rule, _ := LookupRule(f.Code)
			for _, language := range []string{"en", "de", "sv"} {
				if text := rule.Sentence(f, language); text == "" || regexp.MustCompile(`\{\d\}`).MatchString(text) || strings.Contains(text, "  ") {
					t.Errorf("%s %s in %s: %q", f.Code, f.Case, language, text)
				}
			}
		}
	}
	rules := Rules()
	if len(rules) < 75 {
		t.Fatalf("%d rules", len(rules))
	}
	for _, rule := range rules {
		if good[rule.Code] == 0 && !elsewhere[rule.Code] {
			t.Errorf("%s has no passing sample", rule.Code)
		}
		for _, c := range rule.Cases {
			if said[rule.Code][c.ID] == 0 && !elsewhere[rule.Code] {
				t.Errorf("%s %s has no failing sample", rule.Code, c.ID)
			}
		}
	}
}

// elsewhere are rules that need documents too large for the table: see
// TestFindingsAreLimited and TestMoreThanHalfAMillionTransactions.
var elsewhere = map[finding.Code]bool{CodeMore: true, CodeManyTransactions: true}

// Every rule says what it means, where it comes from, what to do, all in three languages.
func TestEveryRuleIsDescribed(t *testing.T) {
	whole := func(x finding.Texts) bool {
		return x.EN != "" && x.DE != "" && x.SV != "" && x.EN != x.DE && x.DE != x.SV
	}
	for _, rule := range Rules() {
		if rule.Meaning == "" || rule.Source == "" || rule.Example == "" || len(rule.Cases) == 0 || !whole(rule.Advice) {
			t.Errorf("%s is not fully described", rule.Code)
		}
		seen := map[string]bool{}
		for _, c := range rule.Cases {
			if seen[c.ID] || c.ID == "" || !whole(c.Text) {
				t.Errorf("%s %q is not fully said", rule.Code, c.ID)
			}
			seen[c.ID] = true
			for _, place := range []string{"{0}", "{1}", "{2}"} {
				if strings.Contains(c.Text.EN, place) != strings.Contains(c.Text.DE, place) || strings.Contains(c.Text.EN, place) != strings.Contains(c.Text.SV, place) {
					t.Errorf("%s %s: %s is not in every language", rule.Code, c.ID, place)
				}
			}
		}
	}
	if _, ok := LookupRule("PAIN-X9"); ok {
		t.Error("a rule that does not exist was found")
	}
}

func TestIBANFindingNamesTheFailingCheck(t *testing.T) {
	for text, want := range map[string]string{"DE2150050000987654321": "DE has 22 characters, not 21", "XX21500500009876543210": "XX has no IBAN", "DE21500500009876543211": "check digits", "DE2150050000987654321A": "character 22"} {
		_, _, _, findings := read(t, edit(t, base, "DE21500500009876543210", text))
		if len(findings) != 1 || !strings.Contains(findings[0].Message, want) || findings[0].Text != text || strings.Contains(findings[0].Message, text) {
			t.Errorf("%s: %+v", text, findings)
		}
	}
}

func TestFindingsAreLimited(t *testing.T) {
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "<CdtTrfTxInf><PmtId><EndToEndId>bad_%d</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1</InstdAmt></Amt><Cdtr><Nm>N</Nm></Cdtr><CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct></CdtTrfTxInf>", i)
		}
		return edit(t, base, "</PmtInf>\n  </CstmrCdtTrfInitn>", b.String()+"</PmtInf></CstmrCdtTrfInitn>",
			"<NbOfTxs>3<", fmt.Sprintf("<NbOfTxs>%d<", 3+n), "<CtrlSum>111.11<", fmt.Sprintf("<CtrlSum>%d.11<", 111+n))
	}
	_, _, _, findings := read(t, many(100))
	if len(findings) != 100 || findings[99].Code != CodeReference {
		t.Errorf("100 faults: %d findings, last %v", len(findings), findings[len(findings)-1])
	}
	_, _, _, findings = read(t, many(103))
	if len(findings) != 101 || findings[100].Code != CodeMore || !strings.Contains(findings[100].Message, " 3 more") {
		t.Errorf("103 faults: %d findings, last %v", len(findings), findings[len(findings)-1])
	}
	// A wrong total is shown even when the list is full: it is what people look for.
	_, findings, err := Read(strings.NewReader(edit(t, many(5), "<NbOfTxs>8<", "<NbOfTxs>9<")), Options{MaxFindings: 2, Profile: ProfileEPC}, Visitor{})
	var codes []finding.Code
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	if want := []finding.Code{CodeGroupCount, CodeReference, CodeReference, CodeMore}; err != nil || !slices.Equal(codes, want) {
		t.Errorf("got %v %v, want %v", codes, err, want)
	}
}

func TestFindingsAreInDocumentOrder(t *testing.T) {
	_, _, _, findings := read(t, edit(t, base, "MSG-1", "MSG_1", "<NbOfTxs>3<", "<NbOfTxs>9<", "<NbOfTxs>2<", "<NbOfTxs>9<", "E-1", "E_1", "TRF</PmtMtd>\n      <Req", "TRA</PmtMtd>\n      <Req"))
	var codes []finding.Code
	for i, f := range findings {
		codes = append(codes, f.Code)
		if i > 0 && (findings[i-1].At.Offset >= f.At.Offset || findings[i-1].At.Line > f.At.Line) {
			t.Errorf("%v stands before %v", findings[i-1], f)
		}
	}
	if want := []finding.Code{CodeReference, CodeGroupCount, CodeBatchCount, CodeReference, CodePaymentMethod}; !slices.Equal(codes, want) {
		t.Errorf("got %v, want %v", codes, want)
	}
}
