package store_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var (
	statement   = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE)\b`)
	fragment    = regexp.MustCompile(`\$\d|^\s*(WHERE|AND|ORDER BY)\b`)
	placeholder = regexp.MustCompile(`\$(\d+)`)
)

// The seam promises both engines the same statements: $1…$n in order of appearance, each once. SQLite takes $n for a name and numbers
// names by their first appearance, so an order of any other kind would bind the wrong values there without a word.
func TestStatementsUsePlaceholdersInOrderAndOnce(t *testing.T) {
	names, err := filepath.Glob("*.go")
	must(t, err)
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, name, nil, 0)
		must(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			must(t, err)
			if whole := statement.MatchString(text); whole || fragment.MatchString(text) {
				found++
				if complaint := complain(text, whole); complaint != "" {
					t.Errorf("%s: %s: %s", files.Position(lit.Pos()), complaint, text)
				}
			}
			return true
		})
	}
	if found < 80 {
		t.Errorf("only %d statements found: does this test still see them?", found)
	}
}

// complain says what is wrong with a statement, or with a part that is appended to one.
func complain(text string, whole bool) string {
	if strings.Contains(text, "?") {
		return "a placeholder of one engine only"
	}
	if strings.Contains(text, "SELECT *") || strings.Contains(text, ".*") {
		return "columns are not named"
	}
	var numbers []int
	for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			return err.Error()
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 {
		return ""
	}
	if whole && numbers[0] != 1 {
		return "placeholders do not begin with $1"
	}
	for i, n := range numbers {
		if n != numbers[0]+i {
			return "placeholders are not in order, each once"
		}
	}
	return ""
}

func TestComplaintsAboutStatements(t *testing.T) {
	for _, row := range []struct {
		name, text string
		wrong      bool
	}{
		{"in order", `SELECT a FROM b WHERE c = $1 AND d = $2`, false},
		{"out of order", `SELECT a FROM b WHERE c = $2 AND d = $1`, true},
		{"twice", `SELECT a FROM b WHERE c = $1 OR d = $1`, true},
		{"with a gap", `SELECT a FROM b WHERE c = $1 AND d = $3`, true},
		{"not from one", `SELECT a FROM b WHERE c = $2`, true},
		{"question mark", `SELECT a FROM b WHERE c = ?`, true},
		{"star", `SELECT * FROM b`, true},
	} {
		if got := complain(row.text, true); (got != "") != row.wrong {
			t.Errorf("%s: %q", row.name, got)
		}
	}
	if !slices.Equal(placeholder.FindStringSubmatch("a = $12"), []string{"$12", "12"}) {
		t.Error("two digits")
	}
}
