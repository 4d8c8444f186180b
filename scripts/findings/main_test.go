package main

import (
	"strings"
	"testing"

	"kontor/finding"
	"kontor/internal/intake"
	"kontor/iso20022/pain"
)

// The page must name every rule there is, and there must be some.
func TestPageNamesEveryRuleInOrder(t *testing.T) {
	rules := append(pain.Rules(), intake.Rules()...)
	if len(rules) < 15 {
		t.Fatalf("only %d rules were found", len(rules))
	}
	text, err := page(rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if !strings.Contains(text, "| "+string(r.Code)+" |") {
			t.Errorf("%s is not on the page", r.Code)
		}
	}
	if strings.Index(text, "PAIN-E9 ") > strings.Index(text, "PAIN-E10 ") {
		t.Error("PAIN-E10 stands before PAIN-E9")
	}
}

func TestFaultyRulesAreRefused(t *testing.T) {
	whole := finding.Rule{Code: "T-1", Severity: finding.Error, Meaning: "m", Source: "s", Example: "e"}
	for name, rules := range map[string][]finding.Rule{
		"a code twice":      {whole, whole},
		"no meaning":        {{Code: "T-1", Source: "s", Example: "e"}},
		"no source":         {{Code: "T-1", Meaning: "m", Example: "e"}},
		"nothing breaks it": {{Code: "T-1", Meaning: "m", Source: "s"}},
	} {
		if _, err := page(rules); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
