package kontor_test

import (
	"cmp"
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

const (
	longestFile       = 800 // lines
	longestFunction   = 100 // lines, beyond which it is a problem
	screenfulFunction = 70  // lines, beyond which it is worth a remark
)

// forTests says whether a file exists for tests only.
func forTests(s source) bool {
	r, _ := place(s.folder())
	return s.testFile() || r == testSupport || r == outside
}

// uses calls found for each mention of one of the names of a package.
func uses(s source, importPath string, names []string, found func(ast.Node, string)) {
	local := s.localName(importPath)
	if local == "" {
		return
	}
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if x, ok := sel.X.(*ast.Ident); ok && x.Name == local && slices.Contains(names, sel.Sel.Name) {
			found(sel, sel.Sel.Name)
		}
		return true
	})
}

func checkClock(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() {
			continue
		}
		r.checked++
		if forTests(s) || inside(s.folder(), "cmd", "internal/app") {
			continue
		}
		uses(s, "time", []string{"Now", "Since", "Until"}, func(n ast.Node, name string) {
			r.problem(s.at(n), ": time.", name, ": only app and cmd ask the clock, others receive now func() time.Time")
		})
		for _, random := range []string{"math/rand", "math/rand/v2"} {
			if s.localName(random) != "" {
				r.problem(s.path, ": imports ", random, ", which is for app, cmd and tests")
			}
		}
	}
	return r
}

func checkCryptoRand(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() || s.localName("crypto/rand") == "" {
			continue
		}
		r.checked++
		if !forTests(s) && !inside(s.folder(), "ebics", "sandbox", "loopback", "internal/vault", "internal/access", "cmd") {
			r.problem(s.path, ": crypto/rand is for ebics, sandbox, loopback, vault and access, where keys and tokens are made")
		}
	}
	return r
}

// functions calls found for each function of a file that is written by people.
func functions(s source, found func(*ast.FuncDecl)) {
	if !s.goFile() || s.generated() {
		return
	}
	for _, d := range s.syntax.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			found(f)
		}
	}
}

func checkInit(tree []source) (r report) {
	for _, s := range tree {
		functions(s, func(f *ast.FuncDecl) {
			r.checked++
			if f.Name.Name == "init" && f.Recv == nil && !s.testFile() {
				r.problem(s.at(f), ": func init: wire it in app, where everybody can see it")
			}
		})
	}
	return r
}

func checkSizes(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() || s.generated() {
			continue
		}
		r.checked++
		if lines := strings.Count(string(s.text), "\n"); lines > longestFile {
			r.problem(s.path, ": ", strconv.Itoa(lines), " lines, at most ", strconv.Itoa(longestFile))
		}
		functions(s, func(f *ast.FuncDecl) {
			lines := s.tokens.Position(f.End()).Line - s.tokens.Position(f.Pos()).Line + 1
			text := s.at(f) + ": " + f.Name.Name + " has " + strconv.Itoa(lines) + " lines"
			switch {
			case lines > longestFunction && !s.testFile(): // a table of cases may be long
				r.problem(text, ", at most ", strconv.Itoa(longestFunction))
			case lines > screenfulFunction && !s.testFile():
				r.remarks = append(r.remarks, text+": more than a screen")
			}
		})
	}
	return r
}

// bannedNames say nothing about what is in a package.
var bannedNames = []string{
	"util", "utils", "common", "helper", "helpers", "model", "models", "type", "types", "manager", "base", "misc", "shared",
}

func checkNames(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() {
			continue
		}
		r.checked++
		for _, name := range []string{s.syntax.Name.Name, path.Base(s.folder())} {
			if slices.Contains(bannedNames, strings.TrimSuffix(name, "_test")) {
				r.problem(s.path, ": a package named ", name, " says nothing")
				break
			}
		}
	}
	return r
}

func checkPackageComments(tree []source) (r report) {
	// A folder of tests only has its comment in a test; anywhere else it belongs to the code.
	type pack struct{ files, comments, testComments int }
	packages := map[string]*pack{}
	for _, s := range tree {
		if !s.goFile() {
			continue
		}
		p := packages[s.folder()]
		if p == nil {
			p = &pack{}
			packages[s.folder()] = p
			r.checked++
		}
		said := 0
		if s.syntax.Doc != nil {
			said = 1
		}
		if s.testFile() {
			p.testComments += said
		} else {
			p.files++
			p.comments += said
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(packages)) {
		p := packages[folder]
		comments := p.comments
		if p.files == 0 {
			comments = p.testComments
		}
		switch {
		case comments == 0:
			r.problem(folder, ": the package has no comment")
		case comments > 1:
			r.problem(folder, ": the package has ", strconv.Itoa(comments), " comments, say it once")
		}
	}
	return r
}

// checkReturnOrder finds returns such as `return v, change(&v)`: the language leaves open whether v is read before or after the call.
func checkReturnOrder(tree []source) (r report) {
	for _, s := range tree {
		if !s.goFile() {
			continue
		}
		r.checked++
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			ret, ok := n.(*ast.ReturnStmt)
			if !ok || len(ret.Results) < 2 {
				return true
			}
			for i, changing := range ret.Results {
				changed := changedByCalls(changing)
				for j, reading := range ret.Results {
					if name := readOutsideCalls(reading, changed); i != j && name != "" {
						r.problem(s.at(ret), ": ", name, " is returned beside a call that may change it, in an order that the language leaves open")
					}
				}
			}
			return true
		})
	}
	return r
}

// changedByCalls names the variables that calls within an expression may change: their address is passed, or a function that is passed
// assigns them.
func changedByCalls(e ast.Expr) map[string]bool {
	out := map[string]bool{}
	ast.Inspect(e, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false // it is not called here
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		for _, argument := range call.Args {
			ast.Inspect(argument, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.UnaryExpr:
					if n.Op == token.AND {
						out[rootName(n.X)] = true
					}
				case *ast.AssignStmt:
					if n.Tok != token.DEFINE {
						for _, to := range n.Lhs {
							out[rootName(to)] = true
						}
					}
				case *ast.IncDecStmt:
					out[rootName(n.X)] = true
				}
				return true
			})
		}
		return true
	})
	return out
}

// readOutsideCalls returns one of the variables that an expression reads by itself. What is read as a call's argument is read before that
// call, and calls are made in their order.
func readOutsideCalls(e ast.Expr, of map[string]bool) (name string) {
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			f, ok := n.Fun.(*ast.Ident)
			return ok && (f.Name == "len" || f.Name == "cap")
		case *ast.FuncLit, *ast.KeyValueExpr:
			if pair, ok := n.(*ast.KeyValueExpr); ok {
				name = cmp.Or(name, readOutsideCalls(pair.Value, of))
			}
			return false
		case *ast.UnaryExpr:
			return n.Op != token.AND // an address stays what it is
		case *ast.SelectorExpr:
			if root := rootName(n); of[root] {
				name = root
			}
			return false
		case *ast.Ident:
			if of[n.Name] {
				name = n.Name
			}
		}
		return true
	})
	return name
}

// rootName is the variable that a place belongs to: v of v.field[i]; "" if it is reached in another way.
func rootName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return rootName(e.X)
	case *ast.IndexExpr:
		return rootName(e.X)
	case *ast.ParenExpr:
		return rootName(e.X)
	}
	return ""
}

func codeRules() []rule {
	long := strings.Repeat("\t_ = 1\n", longestFunction)
	return []rule{
		{
			name:  "the clock and chance come from outside",
			check: checkClock,
			bad: map[string]map[string]string{
				"call":        {"money/a.go": "package money\nimport \"time\"\nvar t = time.Now()"},
				"value":       {"internal/intake/a.go": "package intake\nimport clock \"time\"\nvar now = clock.Now"},
				"since":       {"sandbox/bank/a.go": "package bank\nimport \"time\"\nvar d = time.Since(time.Time{})"},
				"math/rand":   {"internal/dispatch/a.go": "package dispatch\nimport \"math/rand\"\nvar n = rand.Int()"},
				"math/rand/2": {"internal/dispatch/a.go": "package dispatch\nimport \"math/rand/v2\"\nvar n = rand.Int()"},
			},
			good: map[string]string{
				"money/a.go":        "package money\nimport \"time\"\nvar d = time.Second",
				"money/a_test.go":   "package money\nimport \"time\"\nvar t = time.Now()",
				"internal/app/a.go": "package app\nimport \"time\"\nvar now = time.Now",
			},
		},
		{
			name:  "secrets are made in few places",
			check: checkCryptoRand,
			bad:   map[string]map[string]string{"flow": {"internal/intake/a.go": "package intake\nimport _ \"crypto/rand\""}},
			good: map[string]string{
				"ebics/internal/crypto/a.go": "package crypto\nimport _ \"crypto/rand\"",
				"internal/intake/a_test.go":  "package intake\nimport _ \"crypto/rand\"",
			},
		},
		{
			name:  "nothing happens at import",
			check: checkInit,
			bad:   map[string]map[string]string{"init": {"money/a.go": "package money\nfunc init() {}"}},
			good: map[string]string{
				"money/a.go":      "package money\ntype t int\nfunc (t) init() {}",
				"money/b.go":      "// Code generated by a test. DO NOT EDIT.\n\npackage money\nfunc init() {}",
				"money/a_test.go": "package money\nfunc init() {}",
			},
		},
		{
			name:  "what is returned is not changed in the same return",
			check: checkReturnOrder,
			bad: map[string]map[string]string{
				"address":      {"money/a.go": "package money\nfunc f() (int, error) { v := 0; return v, change(&v) }"},
				"call first":   {"money/a.go": "package money\nfunc f() (error, int) { v := 0; return change(&v), v }"},
				"of a field":   {"money/a.go": "package money\nfunc f() (int, error) { var v t; return v.n, change(&v) }"},
				"a field's":    {"money/a.go": "package money\nfunc f() (t, error) { var v t; return v, change(&v.n) }"},
				"deep":         {"money/a.go": "package money\nfunc f() (t, error) { var v t; return v, wrap(change(&v)) }"},
				"in a literal": {"money/a.go": "package money\nfunc f() (t, error) { v := 0; return t{n: v}, change(&v) }"},
				"its length":   {"money/a.go": "package money\nfunc f() (int, error) { var v []int; return len(v), change(&v) }"},
				"closure":      {"money/a.go": "package money\nfunc f() (int, error) { v := 0; return v, do(func() { v = 1 }) }"},
				"counting":     {"money/a.go": "package money\nfunc f() (int, error) { v := 0; return v, do(func() { v++ }) }"},
				"in a test":    {"money/a_test.go": "package money\nfunc f() (int, error) { v := 0; return v, change(&v) }"},
			},
			good: map[string]string{
				"money/a.go": "package money\nfunc f() (int, error) { v := 0; err := change(&v); return v, err }",
				"money/b.go": "package money\nfunc f() (int, error) { v, w := 0, 0; return v, change(&w) }",
				"money/c.go": "package money\nfunc f() (*int, error) { v := 0; return &v, change(&v) }",
				"money/d.go": "package money\nfunc f() (int, error) { v := 0; return twice(v), change(&v) }",
				"money/e.go": "package money\nfunc f() (int, error) { v := 0; return v, change(v) }",
				"money/f.go": "package money\nfunc f() (t, error) { v := 0; return t{v: 1}, change(&v) }",
				"money/g.go": "package money\nfunc f() (int, error) { v := 0; return v, do(func() { w := v; _ = w }) }",
				"money/i.go": "package money\nfunc f() (*t, func()) { v := &t{}; return v, func() { change(&v) } }",
				"money/h.go": "package money\nfunc f() error { v := 0; return change(&v) }",
			},
		},
		{
			name:  "files and functions are short",
			check: checkSizes,
			bad: map[string]map[string]string{
				"file":     {"money/a.go": "package money\n" + strings.Repeat("\n", longestFile)},
				"function": {"money/a.go": "package money\nfunc f() {\n" + long + "}\n"},
			},
			good: map[string]string{"money/a.go": "package money\nfunc f() {}\n"},
		},
		{
			name:  "package names say what is inside",
			check: checkNames,
			bad: map[string]map[string]string{
				"name":   {"money/a.go": "package util"},
				"folder": {"internal/store/helpers/a.go": "package rows"},
				"test":   {"money/a_test.go": "package common_test"},
			},
			good: map[string]string{"money/a.go": "package money"},
		},
		{
			name:  "every package says what it is for",
			check: checkPackageComments,
			bad: map[string]map[string]string{
				"none":            {"money/a.go": "package money"},
				"only in a test":  {"money/a.go": "package money", "money/a_test.go": "// Package money_test is not it.\npackage money_test"},
				"twice":           {"money/a.go": "// Package money is.\npackage money", "money/b.go": "// Package money is, too.\npackage money"},
				"tests only":      {"e2e/a_test.go": "package e2e"},
				"detached by gap": {"money/a.go": "// Package money is.\n\npackage money"},
			},
			good: map[string]string{
				"money/a.go":      "package money",
				"money/doc.go":    "// Package money is about money.\npackage money",
				"money/a_test.go": "// Package money_test tests.\npackage money_test",
				"e2e/a_test.go":   "// Package e2e plays it all.\npackage e2e",
			},
		},
	}
}
