package main

import (
	"strings"
	"testing"

	"kontor/finding"
	"kontor/iso20022/pain"
)

// The page must name every rule there is, with its advice and each sentence.
func TestPageNamesEveryRuleInOrder(t *testing.T) {
	rules := allRules()
	if len(rules) < 150 {
		t.Fatalf("only %d rules were found", len(rules))
	}
	text, err := page(rules, pain.Profiles())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if !strings.Contains(text, "| "+string(r.Code)+" |") || !strings.Contains(text, cell(r.Advice.EN)) {
			t.Errorf("%s is not on the page", r.Code)
		}
		for _, c := range r.Cases {
			if !strings.Contains(text, "| "+string(r.Code)+" | "+c.ID+" | "+cell(c.Text.EN)+" | "+cell(c.Text.DE)+" | "+cell(c.Text.SV)+" |") {
				t.Errorf("%s does not say %q", r.Code, c.ID)
			}
		}
	}
	for _, pair := range [][2]string{{"\n| PAIN-E9 ", "\n| PAIN-E10 "}, {"\n| PAIN-Z1 ", "\n| CAMT-"}, {"\n| CAMT-", "\n| MT-"}} {
		if a, b := strings.Index(text, pair[0]), strings.Index(text, pair[1]); a < 0 || b < a {
			t.Errorf("%q stands behind %q", pair[0], pair[1])
		}
	}
	for _, want := range []string{"| dk | Germany (DK, GBIC_5) |", "| PAIN-B7 | off | off | warning |", "| sepa-country | PAIN-E3 |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestFaultyRulesAreRefused(t *testing.T) {
	three := finding.Texts{EN: "e", DE: "d", SV: "s"}
	whole := finding.Rule{Code: "T-1", Severity: finding.Error, Meaning: "m", Source: "s", Example: "e", Advice: three, Cases: []finding.Case{{ID: "c", Text: three}}}
	if _, err := page([]finding.Rule{whole}, nil); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*finding.Rule){
		"no meaning":                func(r *finding.Rule) { r.Meaning = "" },
		"no source":                 func(r *finding.Rule) { r.Source = "" },
		"nothing breaks it":         func(r *finding.Rule) { r.Example = "" },
		"no advice in Swedish":      func(r *finding.Rule) { r.Advice.SV = "" },
		"no sentence":               func(r *finding.Rule) { r.Cases = nil },
		"a sentence without German": func(r *finding.Rule) { r.Cases = []finding.Case{{ID: "c", Text: finding.Texts{EN: "e", SV: "s"}}} },
	} {
		r := whole
		change(&r)
		if _, err := page([]finding.Rule{r}, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if _, err := page([]finding.Rule{whole, whole}, nil); err == nil {
		t.Error("a code twice: no error")
	}
}
