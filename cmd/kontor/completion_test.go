package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// asProgram has the test binary be kontor, for shells to call.
const asProgram = "KONTOR_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// program returns the path of a kontor that is this test binary.
func program(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kontor")
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", asProgram, self)
	if err := os.WriteFile(path, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// needs returns the path of a shell, and skips the test where it is not installed.
func needs(t *testing.T, shell string) string {
	t.Helper()
	path, err := exec.LookPath(shell)
	if err != nil {
		t.Skipf("%s is not installed: apt-get install %s", shell, shell)
	}
	return path
}

func TestCandidates(t *testing.T) {
	names := func(words ...string) (out []string) {
		for _, c := range complete(newParser(&cli{}).Model.Node, words) {
			name, _, _ := strings.Cut(c, "\t")
			out = append(out, name)
		}
		return out
	}
	for _, tc := range []struct {
		name  string
		words []string
		want  string
	}{
		{"a command", []string{"ser"}, "serve"},
		{"a subcommand", []string{"admin", "fi"}, "file"},
		{"after a flag with a value that is no command", []string{"admin", "--config", "file", "quar"}, "quarantine"},
		{"a flag", []string{"admin", "file", "settle", "--pr"}, "--proof"},
		{"a flag of a command above", []string{"serve", "--verb"}, "--verbose"},
		{"the value of a flag", []string{"admin", "file", "settle", "--proof", ""}, "delivered absent"},
		{"the value of a flag in the same word", []string{"admin", "file", "settle", "--proof=d"}, "--proof=delivered"},
		{"an argument", []string{"completion", "z"}, "zsh"},
		{"a file", []string{"restore", "--from", "x"}, ":files"},
		{"a folder", []string{"serve", "--data="}, ":folders"},
		{"free text", []string{"admin", "tenant", "add", "acme", "--name", "A"}, ""},
		{"nothing after a flag without a value", []string{"serve", "--plain-http", "--metrics"}, "--metrics-listen"},
		{"a command that does not exist", []string{"nonsense", "x"}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(names(tc.words...), " "); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
	if all := names(""); slices.Contains(all, "complete") || !slices.Contains(all, "backup") {
		t.Errorf("of the commands: %v", all)
	}
}

func TestBashCompletes(t *testing.T) {
	bash, kontor := needs(t, "bash"), program(t)
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "monday.backup"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name  string
		words []string // as bash splits them
		want  string
	}{
		{"a command", []string{"back"}, "backup"},
		{"a subcommand", []string{"admin", "lease", "rel"}, "release"},
		{"a value", []string{"admin", "file", "settle", "--proof", "a"}, "absent"},
		{"a value after an equals sign", []string{"admin", "file", "settle", "--proof", "=", "a"}, "absent"},
		{"a value at an equals sign", []string{"admin", "file", "settle", "--proof", "="}, "delivered absent"},
		{"a file", []string{"restore", "--from", folder + "/mon"}, folder + "/monday.backup"},
		{"a file after an equals sign", []string{"restore", "--from", "=", folder + "/mon"}, folder + "/monday.backup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			script := `source <("$0" completion bash); COMP_WORDS=("$0" "$@"); COMP_CWORD=$#; _kontor; echo "${COMPREPLY[*]}"`
			out, err := exec.CommandContext(t.Context(), bash, append([]string{"--norc", "-c", script, kontor}, tc.words...)...).CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != tc.want {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func TestFishCompletes(t *testing.T) {
	fish, kontor := needs(t, "fish"), program(t)
	for line, want := range map[string]string{"kontor admin fi": "file", "kontor admin file settle --proof a": "absent", "kontor back": "backup"} {
		cmd := exec.CommandContext(t.Context(), fish, "--no-config", "-c", `kontor completion fish | source; complete -C "`+line+`"`)
		cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(kontor)+":"+os.Getenv("PATH"), "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		got, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\t")
		if err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", line, out, err, want)
		}
	}
}

// In zsh the functions that completion calls exist only at a prompt: here they are made, and note what they are given.
func TestZshCompletes(t *testing.T) {
	zsh, kontor := needs(t, "zsh"), program(t)
	for _, tc := range []struct{ name, words, want string }{
		{"a command", "back", "backup:Write the database"},
		{"a value", "admin file settle --proof a", "absent:"},
		{"a file", "restore --from ''", "FILES"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			script := `compdef() { : }; _files() { print FILES }; _describe() { print -l "${(@P)2}" }
				source <("$1" completion zsh); words=("$1" ` + tc.words + `); CURRENT=${#words}; _kontor`
			out, err := exec.CommandContext(t.Context(), zsh, "--no-rcs", "-c", script, "zsh", kontor).CombinedOutput()
			if err != nil || !strings.HasPrefix(string(out), tc.want) {
				t.Errorf("got %q, %v; want %q", out, err, tc.want)
			}
		})
	}
}
