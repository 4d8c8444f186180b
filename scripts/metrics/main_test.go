package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"kontor/internal/app"
)

func TestPageNamesEveryMetric(t *testing.T) {
	all := app.Metrics()
	if len(all) < 20 {
		t.Fatalf("only %d metrics", len(all))
	}
	text, err := page(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if !strings.Contains(text, "| `"+m.Name+"` |") {
			t.Errorf("%s is not on the page", m.Name)
		}
	}
}

func TestFaultyDescriptionsAreRefused(t *testing.T) {
	for name, all := range map[string][]app.Metric{
		"a name twice": {{Name: "kontor_a", Help: "a"}, {Name: "kontor_a", Help: "a"}},
		"no meaning":   {{Name: "kontor_a"}},
	} {
		if _, err := page(all); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

var (
	alertMetric = regexp.MustCompile(`\bkontor_[a-z_]+`)
	alertExpr   = regexp.MustCompile(`(?m)^ +expr: .*$`)
	labelUse    = regexp.MustCompile(`(\w+)(?:=~|!=|=)"`)
)

// An alert on a name that does not exist never fires.
func TestAlertsNameMetricsThatExist(t *testing.T) {
	raw, err := os.ReadFile("../../packaging/prometheus/kontor.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]map[string]bool{}
	for _, m := range app.Metrics() {
		own := map[string]bool{}
		for _, l := range m.Labels {
			own[l] = true
		}
		names := []string{m.Name}
		if m.Kind == "histogram" {
			names = []string{m.Name + "_count", m.Name + "_sum", m.Name + "_bucket"}
			own["le"] = true
		}
		for _, n := range names {
			labels[n] = own
		}
	}
	exprs := alertExpr.FindAllString(string(raw), -1)
	if len(exprs) < 8 {
		t.Fatalf("only %d alerts were found", len(exprs))
	}
	for _, e := range exprs {
		named := alertMetric.FindAllString(e, -1)
		if len(named) == 0 {
			if !strings.Contains(e, "up{") {
				t.Errorf("no metric in %s", e)
			}
			continue
		}
		for _, n := range named {
			if labels[n] == nil {
				t.Errorf("%s does not exist", n)
				continue
			}
			for _, l := range labelUse.FindAllStringSubmatch(e, -1) {
				if !labels[n][l[1]] {
					t.Errorf("%s has no label %s", n, l[1])
				}
			}
		}
	}
}
