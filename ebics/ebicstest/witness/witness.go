// Package witness finds what tests check against from outside: the shared folder
// of official schemas and recorded exchanges, and installed programs.
package witness

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Shared returns the path of a file or folder in the team's shared folder,
// which holds official schemas and recorded exchanges: environment
// KONTOR_SHARED, or ../shared beside the module. Without it the test is skipped,
// or fails where nothing may be skipped (CI=true).
func Shared(t testing.TB, path ...string) string {
	t.Helper()
	root := os.Getenv("KONTOR_SHARED")
	if root == "" {
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		for {
			if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
				break
			}
			if dir == filepath.Dir(dir) {
				t.Fatal("no go.mod above the test")
			}
			dir = filepath.Dir(dir)
		}
		root = filepath.Join(dir, "..", "shared")
	}
	full := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(full); err != nil {
		Missing(t, "the shared folder is not there: set KONTOR_SHARED to it")
	}
	return full
}

// Tool returns the path of a program that serves as a witness.
func Tool(t testing.TB, name, debianPackage string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, name+" is not installed: apt-get install "+debianPackage)
	}
	return path
}

// Python returns the system's Python with lxml and cryptography.
func Python(t testing.TB) string {
	t.Helper()
	const python = "/usr/bin/python3"
	if err := exec.Command(python, "-c", "import lxml, cryptography").Run(); err != nil {
		Missing(t, "Python witnesses are not installed: apt-get install python3-lxml python3-cryptography")
	}
	return python
}

// Missing skips the test, or fails it with CI=true.
func Missing(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}
