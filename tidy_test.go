// Package kontor_test checks the rules of the house that a machine can check: which package may import which, how long a file may be,
// which words do not belong here. STYLE.md and ARCHITECTURE.md say why; this package says no.
//
// Every rule counts what it looked at, so that it cannot pass by finding nothing, and carries examples that break it, so that it cannot
// pass by being blind.
package kontor_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path of this module, as go.mod names it.
const module = "kontor"

// source is one text file of the tree.
type source struct {
	path   string // relative to the root, with slashes
	text   []byte
	syntax *ast.File // Go files only
	tokens *token.FileSet
}

// folder is the package folder: "" for the root.
func (s source) folder() string {
	if dir := path.Dir(s.path); dir != "." {
		return dir
	}
	return ""
}

func (s source) goFile() bool    { return s.syntax != nil }
func (s source) testFile() bool  { return strings.HasSuffix(s.path, "_test.go") }
func (s source) generated() bool { return s.goFile() && ast.IsGenerated(s.syntax) }

// at names a place in a Go file as an editor understands it.
func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.tokens.Position(n.Pos()).Line)
}

// imports returns the import paths of a Go file.
func (s source) imports() []string {
	var all []string
	for _, spec := range s.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			all = append(all, p)
		}
	}
	return all
}

// localName returns the name under which a Go file imports a package, "" if it does not.
func (s source) localName(importPath string) string {
	for _, spec := range s.syntax.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != importPath {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path.Base(importPath)
	}
	return ""
}

// report is what a rule found.
type report struct {
	checked  int      // how many things it looked at
	problems []string // each breaks the rule
	remarks  []string // worth reading, not forbidden
}

func (r *report) problem(parts ...string) { r.problems = append(r.problems, strings.Join(parts, "")) }

// rule is one rule of the house. Bad maps the name of an example to files that break the rule; good is files that keep it.
type rule struct {
	name  string
	check func([]source) report
	bad   map[string]map[string]string
	good  map[string]string
}

func rules() []rule { return slices.Concat(importRules(), codeRules(), textRules()) }

func TestTidy(t *testing.T) {
	tree := readTree(t, ".")
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			found := r.check(tree)
			if found.checked == 0 {
				t.Fatal("the rule found nothing to check")
			}
			for _, remark := range found.remarks {
				t.Log(remark)
			}
			for _, problem := range found.problems {
				t.Error(problem)
			}
		})
	}
}

func TestTidyRulesCanFail(t *testing.T) {
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			if len(r.bad) == 0 {
				t.Fatal("no example breaks this rule")
			}
			for _, name := range slices.Sorted(maps.Keys(r.bad)) {
				if found := r.check(parseTree(t, r.bad[name])); len(found.problems) == 0 {
					t.Errorf("%s: no problem reported", name)
				}
			}
			found := r.check(parseTree(t, r.good))
			if found.checked == 0 || len(found.problems) > 0 {
				t.Errorf("the good example: %d things checked, problems %q", found.checked, found.problems)
			}
		})
	}
}

// The root of the module is where the rules look: a test that runs elsewhere would check somebody else's files.
func TestTidyLooksAtThisModule(t *testing.T) {
	text, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if first, _, _ := bytes.Cut(text, []byte("\n")); string(first) != "module "+module {
		t.Errorf("go.mod begins with %q", first)
	}
}

// readTree reads all text files below root but those that are not ours: git's own, and what the build makes.
func readTree(t *testing.T, root string) []source {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		if d.IsDir() {
			if name == ".git" || name == "bin" || name == "dist" {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		if !bytes.ContainsRune(text, 0) {
			files[name] = string(text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return parseTree(t, files)
}

// parseTree makes a tree of files in memory. A Go file below testdata is data, not code.
func parseTree(t *testing.T, files map[string]string) []source {
	t.Helper()
	var tree []source
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s := source{path: name, text: []byte(files[name])}
		if strings.HasSuffix(name, ".go") && !below(name, "testdata") {
			s.tokens = token.NewFileSet()
			syntax, err := parser.ParseFile(s.tokens, name, s.text, parser.ParseComments|parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			s.syntax = syntax
		}
		tree = append(tree, s)
	}
	return tree
}

// below says whether one of the folders on the way to name has this name.
func below(name, folder string) bool {
	return slices.Contains(strings.Split(path.Dir(name), "/"), folder)
}

// inside says whether a package folder is one of the given folders or lies in one.
func inside(folder string, of ...string) bool {
	for _, o := range of {
		if folder == o || strings.HasPrefix(folder, o+"/") {
			return true
		}
	}
	return false
}
