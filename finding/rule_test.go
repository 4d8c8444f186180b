package finding_test

import (
	"testing"

	"kontor/finding"
)

var rule = finding.Rule{Code: "T-1", Severity: finding.Warning, Cases: []finding.Case{
	{ID: "short", Text: finding.Texts{EN: "{1} of {0} is {x}", DE: "{0} hat {1}"}},
}}

func TestSentenceFillsPlacesInTheLanguageAsked(t *testing.T) {
	f := rule.New("short", "four", "two")
	if want := "two of four is {x}"; f.Message != want {
		t.Errorf("message %q, want %q", f.Message, want)
	}
	for language, want := range map[string]string{"de": "four hat two", "sv": "two of four is {x}", "": "two of four is {x}"} {
		if got := rule.Sentence(f, language); got != want {
			t.Errorf("%q: %q, want %q", language, got, want)
		}
	}
}

func TestSentenceOfAnOldFindingIsItsMessage(t *testing.T) {
	if got := rule.Sentence(finding.Finding{Message: "as it was"}, "de"); got != "as it was" {
		t.Error(got)
	}
}

func TestAMissingArgumentOrCaseShows(t *testing.T) {
	if got := rule.New("short").Message; got != "{1} of {0} is {x}" {
		t.Error(got)
	}
	if got := rule.New("long").Message; got != "{T-1 long}" {
		t.Error(got)
	}
}

func TestCatalogueRefusesACodeTwice(t *testing.T) {
	if _, err := finding.NewCatalogue(rule, rule); err == nil {
		t.Error("no error")
	}
	c, err := finding.NewCatalogue(finding.Rule{Code: "T-2"}, rule)
	if err != nil {
		t.Fatal(err)
	}
	if c.Lookup("T-1") == nil || c.Lookup("T-3") != nil || c.Rules()[0].Code != "T-1" {
		t.Error("look-up")
	}
}

func TestTheLastPolicyWins(t *testing.T) {
	profile, account := finding.Policy{"T-1": finding.Error}, finding.Policy{"T-1": finding.Off}
	if got := rule.Of(profile, account, nil); got != finding.Off {
		t.Error(got)
	}
	if got := rule.Of(finding.Policy{"T-2": finding.Off}); got != finding.Warning {
		t.Error(got)
	}
}
