// Package sharedtest gives tests the official schemas and foreign samples, which are
// not part of the project, and xmllint as a witness.
package sharedtest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Path returns a path below the folder of shared test data: KONTOR_SHARED, or ../shared
// beside the module. It skips the test when the file is missing, and fails it when
// CI=true.
func Path(t testing.TB, path string) string {
	t.Helper()
	folder := os.Getenv("KONTOR_SHARED")
	if folder == "" {
		folder = filepath.Join(moduleRoot(t), "..", "shared")
	}
	full := filepath.Join(folder, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		missing(t, "shared test data is missing: set KONTOR_SHARED to the folder that holds data/")
	}
	return full
}

// Validate says whether xmllint finds the document valid against a schema of
// data/xsd, and what it printed.
func Validate(t testing.TB, schema string, document []byte) (bool, string) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		missing(t, "xmllint is missing: install libxml2-utils")
	}
	command := exec.CommandContext(t.Context(), program, "--noout", "--nonet", "--schema", Path(t, "data/xsd/"+schema), "-")
	command.Stdin = bytes.NewReader(document)
	output, err := command.CombinedOutput()
	if _, failed := err.(*exec.ExitError); err != nil && !failed {
		t.Fatalf("running xmllint: %v", err)
	}
	return err == nil, string(output)
}

// MustValidate fails the test if the document is not valid against the schema.
func MustValidate(t testing.TB, schema string, document []byte) {
	t.Helper()
	if ok, output := Validate(t, schema, document); !ok {
		t.Errorf("not valid against %s:\n%s\n%s", schema, output, document)
	}
}

func missing(t testing.TB, how string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(how)
	}
	t.Skip(how)
}

// moduleRoot walks up to go.mod.
func moduleRoot(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Fatal("go.mod not found above the test")
		}
		folder = parent
	}
}
