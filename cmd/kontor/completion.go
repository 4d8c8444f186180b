package main

import (
	"bufio"
	"context"
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

//go:embed shell/completion.bash
var completionBash string

//go:embed shell/completion.zsh
var completionZsh string

//go:embed shell/completion.fish
var completionFish string

// The shells' scripts know nothing of the commands: they ask `kontor complete` what may come next.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Run prints the script.
func (c *completionCommand) Run(context.Context) error {
	script := map[string]string{"bash": completionBash, "zsh": completionZsh, "fish": completionFish}[c.Shell]
	_, err := os.Stdout.WriteString(script)
	return err
}

type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:"" help:"The words after kontor; the last is the one to complete, perhaps empty."`
}

// Run prints one candidate a line, with a tab and what it is for, or :files or :folders.
func (c *completeCommand) Run(context.Context) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	out := bufio.NewWriter(os.Stdout)
	for _, candidate := range complete(newParser(&cli{}).Model.Node, words) {
		if _, err := fmt.Fprintln(out, candidate); err != nil {
			return err
		}
	}
	return out.Flush()
}

// What a shell completes by itself.
const (
	completeFiles   = ":files"
	completeFolders = ":folders"
)

// complete says what the last word may become. The words before it lead to a command.
func complete(root *kong.Node, words []string) []string {
	at := root
	positional := 0
	var value *kong.Value // of the flag before
	for _, w := range words[:len(words)-1] {
		switch {
		case value != nil:
			value = nil
		case strings.HasPrefix(w, "-"):
			name, _, given := strings.Cut(w, "=")
			if f := flagNamed(at, name); f != nil && !given && !f.IsBool() {
				value = f.Value
			}
		default:
			if child := childNamed(at, w); child != nil {
				at = child
			} else {
				positional++
			}
		}
	}
	current := words[len(words)-1]
	name, typed, given := strings.Cut(current, "=")
	switch {
	case value != nil:
		return values(value, "", current)
	case strings.HasPrefix(current, "-") && given:
		if f := flagNamed(at, name); f != nil {
			return values(f.Value, name+"=", typed)
		}
		return nil
	case strings.HasPrefix(current, "-"):
		return flags(at, current)
	}
	return arguments(at, positional, current)
}

// arguments are a command's subcommands, or what its next argument may be; flags where neither is wanted.
func arguments(at *kong.Node, positional int, current string) []string {
	var out []string
	for _, child := range at.Children {
		if !child.Hidden && strings.HasPrefix(child.Name, current) {
			out = append(out, child.Name+"\t"+oneLine(child.Help))
		}
	}
	if positional < len(at.Positional) {
		return append(out, values(at.Positional[positional], "", current)...)
	}
	if len(at.Children) == 0 && current == "" {
		return flags(at, "")
	}
	return out
}

func childNamed(n *kong.Node, name string) *kong.Node {
	for _, child := range n.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

// flagNamed finds a flag of the command or of those above it by "--name" or "-n".
func flagNamed(n *kong.Node, name string) *kong.Flag {
	for ; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if "--"+f.Name == name || f.Short != 0 && "-"+string(f.Short) == name {
				return f
			}
		}
	}
	return nil
}

func flags(n *kong.Node, current string) (out []string) {
	for ; n != nil; n = n.Parent {
		for _, f := range n.Flags {
			if name := "--" + f.Name; !f.Hidden && strings.HasPrefix(name, current) {
				out = append(out, name+"\t"+oneLine(f.Help))
			}
		}
	}
	return out
}

// values are what a flag or an argument may be, each with what stands before it in the same word.
func values(v *kong.Value, before, current string) (out []string) {
	if v.Enum != "" {
		for _, e := range v.EnumSlice() {
			if e != "" && strings.HasPrefix(e, current) {
				out = append(out, before+e+"\t")
			}
		}
		return out
	}
	if v.Flag != nil && v.Flag.PlaceHolder == "DIR" {
		return []string{completeFolders}
	}
	if v.Tag.Type == "existingfile" || v.Tag.Type == "path" || v.Flag != nil && v.Flag.PlaceHolder == "FILE" {
		return []string{completeFiles}
	}
	return nil
}

func oneLine(help string) string { return strings.Join(strings.Fields(help), " ") }
