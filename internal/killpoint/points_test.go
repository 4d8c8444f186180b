package killpoint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strconv"
	"testing"

	"kontor/internal/killpoint"
)

// A point missing from All would never be tried by the kill test, and nobody would notice.
func TestAllListsEveryDeclaredPointOnce(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "points.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []killpoint.Name
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if typ, ok := spec.Type.(*ast.Ident); !ok || typ.Name != "Name" {
			return true
		}
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		declared = append(declared, killpoint.Name(text))
		return true
	})
	if len(declared) < 20 {
		t.Fatalf("found only %d declared points", len(declared))
	}
	listed := map[killpoint.Name]int{}
	for _, n := range killpoint.All() {
		listed[n]++
	}
	for _, n := range declared {
		if listed[n] != 1 {
			t.Errorf("%s is listed %d times in All, want once", n, listed[n])
		}
	}
	if len(killpoint.All()) != len(declared) {
		t.Errorf("All has %d points, %d are declared", len(killpoint.All()), len(declared))
	}
}

func TestNamesAreSubjectDotStep(t *testing.T) {
	shape := regexp.MustCompile(`^[a-z]+\.[a-z]+(_[a-z]+)*$`)
	for _, n := range killpoint.All() {
		if !shape.MatchString(string(n)) {
			t.Errorf("%q is not of the form subject.step", n)
		}
	}
}

// In either build, a process that nobody asked to die goes on.
func TestReachWithoutOrderReturns(t *testing.T) {
	t.Setenv("KONTOR_KILLPOINT", "")
	for _, n := range killpoint.All() {
		killpoint.Reach(n)
	}
}
