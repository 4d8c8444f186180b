// Command states writes docs/states.md from the state table in package hub: the states of a payment file with who acts next, and the
// transitions between them. It is run by `make generate`; `make check` fails when the page is out of date.
package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"

	"kontor/internal/hub"
)

//go:generate go run . ../../internal/hub/state.go ../../docs/states.md

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: states hub/state.go page.md")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "states:", err)
		os.Exit(1)
	}
}

func run(source, target string) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	said, err := comments(text)
	if err != nil {
		return err
	}
	out, err := page(said)
	if err != nil {
		return err
	}
	return os.WriteFile(target, []byte(out), 0o644) //nolint:gosec // a page of the tree, readable like the others
}

// comments returns what the source says about each state, by the constant's name, and about each transition, by the function's name. Only
// the source has it: comments are not in the program.
func comments(source []byte) (map[string]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "state.go", source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	said := map[string]string{}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Doc != nil {
				_, text, _ := strings.Cut(oneLine(d.Doc.Text()), ": ")
				said[d.Name.Name] = text
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && len(v.Names) == 1 {
					said[v.Names[0].Name] = oneLine(v.Comment.Text())
				}
			}
		}
	}
	return said, nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// exported turns the name of a state or transition into the Go name that carries the comment: at_bank is AtBank.
func exported(name string) string {
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// page writes the page. A state or transition without a comment is an error: somebody has to know who acts next.
func page(said map[string]string) (string, error) {
	var b strings.Builder
	b.WriteString(`<!-- Generated from internal/hub/state.go by make generate. Do not edit. -->

# States of a payment file

A state changes only by one of the transitions below, which the store executes as an UPDATE guarded by the states it may come from: if no
row is changed, somebody else was first. What the compatible API shows is a projection of these states.

| state | who acts next |
|---|---|
`)
	var missing error
	for _, s := range hub.States() {
		text := said["State"+exported(string(s))]
		if text == "" {
			missing = errors.Join(missing, fmt.Errorf("no comment on the state %s", s))
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", s, cell(text))
	}
	b.WriteString("\n## Transitions\n\n| transition | from | to | when |\n|---|---|---|---|\n")
	for _, t := range hub.Transitions() {
		text := said[exported(t.Name)]
		if text == "" {
			missing = errors.Join(missing, fmt.Errorf("no comment on the transition %s", t.Name))
		}
		var from []string
		for _, s := range t.From {
			from = append(from, "`"+string(s)+"`")
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s |\n", t.Name, strings.Join(from, " "), t.To, cell(text))
	}
	b.WriteString("\n## Picture\n\n```mermaid\nstateDiagram-v2\n")
	for _, t := range hub.Transitions() {
		for _, s := range t.From {
			fmt.Fprintf(&b, "    %s --> %s: %s\n", s, t.To, t.Name)
		}
	}
	for _, s := range hub.States() {
		if s.Final() {
			fmt.Fprintf(&b, "    %s --> [*]\n", s)
		}
	}
	b.WriteString("```\n")
	return b.String(), missing
}

// cell makes a text fit into a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
