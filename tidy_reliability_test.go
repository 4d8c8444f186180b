package kontor_test

import (
	"go/ast"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var rowTest = regexp.MustCompile(`\bTestR\d+[A-Z]\w*`)

// What the page on reliability promises must be tested, and what is tested under such a name must be on the page.
func TestTidyReliabilityPageNamesTheTests(t *testing.T) {
	page, err := os.ReadFile("docs/reference/reliability.md")
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]string{}
	for _, s := range readTree(t, ".") {
		if !s.goFile() || !s.testFile() {
			continue
		}
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && rowTest.MatchString(f.Name.Name) {
				there[f.Name.Name] = s.path
			}
		}
	}
	named := map[string]bool{}
	for _, line := range strings.Split(string(page), "\n") {
		row, rest, found := strings.Cut(strings.TrimPrefix(line, "| "), " | ")
		if !found {
			continue
		}
		for _, name := range rowTest.FindAllString(rest, -1) {
			named[name] = true
			if !strings.HasPrefix(name, "Test"+row) {
				t.Errorf("%s stands in row %s", name, row)
			}
			if there[name] == "" {
				t.Errorf("docs/reference/reliability.md names %s, which is not there", name)
			}
		}
	}
	if len(named) < 8 {
		t.Errorf("the page names only %d tests", len(named))
	}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		if !named[name] {
			t.Errorf("%s: %s is not on docs/reference/reliability.md", there[name], name)
		}
	}
}
