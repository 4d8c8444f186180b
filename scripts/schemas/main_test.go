package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCoreSetIsSortedAndNamesEachSchemaOnce(t *testing.T) {
	names := make([]string, len(core))
	for i, location := range core {
		names[i] = filepath.Base(location)
	}
	sorted := slices.Sorted(slices.Values(names))
	if len(slices.Compact(sorted)) != len(core) || len(core) < 34 {
		t.Errorf("the core set has %d schemas: %v", len(core), names)
	}
	if !slices.IsSorted(names) {
		t.Errorf("not sorted: %v", names)
	}
}

// A schema that is missing must not make the core set smaller without a word.
func TestAMissingSchemaIsAnErrorAndNothingIsWritten(t *testing.T) {
	dir := t.TempDir()
	archive, list := filepath.Join(dir, "a.zip"), filepath.Join(dir, "l.txt")
	if err := generate(fstest.MapFS{}, archive, list); err == nil || !strings.Contains(err.Error(), core[0]) {
		t.Errorf("the error is %v", err)
	}
	if written, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(written) > 0 {
		t.Errorf("written: %v, %v", written, err)
	}
}

func TestTheFilesOfTheTreeAreWhatIsGenerated(t *testing.T) {
	folder := official()
	if _, err := os.Stat(folder); err != nil {
		const how = "the official schemas are missing: set KONTOR_SHARED to the folder that holds data/xsd"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	dir := t.TempDir()
	if err := generate(os.DirFS(folder), filepath.Join(dir, "schemas.zip"), filepath.Join(dir, "schemas.txt")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"schemas.zip", "schemas.txt"} {
		fresh, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		kept, err := os.ReadFile(filepath.Join("..", "..", "xsd", "core", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(fresh, kept) {
			t.Errorf("xsd/core/%s is out of date: run go generate ./xsd", name)
		}
	}
}
