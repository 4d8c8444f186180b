package main

import (
	"os"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/google/go-cmp/cmp"
)

// shown is what a node of the command line shows and reads, with all below it.
type shown struct {
	Name, Help, Detail string
	Hidden             bool
	Flags, Arguments   []string
	Children           []shown
}

func show(n *kong.Node) (s shown) {
	s = shown{Name: n.Name, Help: n.Help, Detail: n.Detail, Hidden: n.Hidden}
	for _, f := range n.Flags {
		s.Flags = append(s.Flags, strings.Join([]string{f.Summary(), f.Help, f.Default, f.Enum, strings.Join(f.Envs, " "), strings.Join(f.Tag.Envs, " ")}, "|"))
	}
	for _, a := range n.Positional {
		s.Arguments = append(s.Arguments, strings.Join([]string{a.Summary(), a.Help, a.Default, a.Enum}, "|"))
	}
	for _, child := range n.Children {
		s.Children = append(s.Children, show(child))
	}
	return s
}

func noVariables(string) string { return "" }

// Only the chosen command is built; nobody must be able to tell.
func TestNarrowedCommandLineIsThatOfTheWhole(t *testing.T) {
	whole := newParser(&cli{}).Model
	if len(whole.Children) < 10 {
		t.Fatalf("there are %d commands only", len(whole.Children))
	}
	for _, want := range whole.Children {
		grammar, _ := narrow([]string{want.Name, "--verbose"}, noVariables)
		got := newParser(grammar).Model
		if len(got.Children) != 1 {
			t.Errorf("%s: there are %d commands", want.Name, len(got.Children))
			continue
		}
		if diff := cmp.Diff(show(want), show(got.Children[0])); diff != "" {
			t.Errorf("%s (-whole +narrowed):\n%s", want.Name, diff)
		}
		top, of := show(whole.Node), show(got.Node)
		top.Children, of.Children = nil, nil
		if diff := cmp.Diff(top, of); diff != "" {
			t.Errorf("%s, above (-whole +narrowed):\n%s", want.Name, diff)
		}
	}
}

func TestWholeCommandLineIsKeptWhereItIsNeeded(t *testing.T) {
	for name, args := range map[string][]string{
		"nothing":         {},
		"help":            {"--help"},
		"flag first":      {"-v", "verify", "a.xml"},
		"no such command": {"verfiy", "a.xml"},
		"settings file":   {"serve", "--config=a.json"},
	} {
		if grammar, _ := narrow(args, noVariables); !whole(grammar) {
			t.Errorf("%s: narrowed", name)
		}
	}
	if grammar, _ := narrow([]string{"serve"}, func(name string) string { return map[string]string{"KONTOR_CONFIG": "a.json"}[name] }); !whole(grammar) {
		t.Error("settings file by variable: narrowed")
	}
}

func whole(grammar any) bool {
	_, ok := grammar.(*cli)
	return ok
}

func TestNarrowedCommandLineIsRead(t *testing.T) {
	for _, verbose := range []bool{false, true} {
		args := []string{"verify", os.DevNull}
		if verbose {
			args = append(args, "-v")
		}
		grammar, said := narrow(args, noVariables)
		k, err := newParser(grammar).Parse(args)
		if err != nil || k.Command() != "verify <files>" || said() != verbose {
			t.Errorf("%v: command %q, verbose %v, error %v", args, k.Command(), said(), err)
		}
	}
}

// Which flags have variables is decided by these names, without a parser at hand.
func TestSettingNamesAreTheFlagsOfServe(t *testing.T) {
	want := map[string]bool{}
	for _, n := range newParser(&cli{}).Model.Children {
		if n.Name == "serve" {
			for _, f := range n.Flags {
				want[f.Name] = true
			}
		}
	}
	if diff := cmp.Diff(want, settingNames()); diff != "" || len(want) < 20 {
		t.Error(diff)
	}
}
