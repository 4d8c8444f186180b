package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/benchdata"
)

func statementFile(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := benchdata.Statement(&b, 3, benchdata.Layout{}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "s.xml")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Between programs there are pipes: what the file becomes must be the same there.
func TestConversionReadsAndWritesStandardStreams(t *testing.T) {
	input := statementFile(t)
	folder := t.TempDir()
	output := filepath.Join(folder, "s.sta")
	if err := (&convertCommand{Input: input, Output: output}).Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	in, err := os.Open(input)
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	stdin, stdout := os.Stdin, os.Stdout
	os.Stdin, os.Stdout = in, out
	err = (&convertCommand{Input: "-", Output: "-"}).Run(context.Background())
	os.Stdin, os.Stdout = stdin, stdout
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(out.Name()); err != nil || !bytes.Equal(got, want) || len(want) == 0 {
		t.Errorf("error %v, %d bytes, want %d", err, len(got), len(want))
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
		t.Errorf("%d files are left, error %v", len(files), err)
	}
	if err := (&convertCommand{Input: input, Output: output}).Run(context.Background()); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("an output that exists: error %v", err)
	}
}

func TestConversionSaysInTheLanguageWhyAnInputIsNotRead(t *testing.T) {
	for language, want := range map[string]string{"en": "it is a folder", "de": "das ist ein Ordner", "sv": "det är en mapp"} {
		err := (&convertCommand{Input: t.TempDir(), Output: filepath.Join(t.TempDir(), "o"), Language: language}).Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", language, err)
		}
	}
	damaged := filepath.Join(t.TempDir(), "s.xml.gz")
	if err := os.WriteFile(damaged, []byte("\x1f\x8b\x08"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := (&convertCommand{Input: damaged, Output: filepath.Join(t.TempDir(), "o"), Language: "sv"}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "gzip-datan är skadad") {
		t.Errorf("damaged: %v", err)
	}
}

func TestBenchDataLeavesNoFileBehindAFailure(t *testing.T) {
	output := filepath.Join(t.TempDir(), "f")
	if err := (&benchDataCommand{Kind: "payments", Output: output}).Run(t.Context()); err == nil {
		t.Fatal("no payments are no failure")
	}
	if _, err := os.Lstat(output); err == nil {
		t.Error("an empty file is left")
	}
	if err := (&benchDataCommand{Kind: "payments", Count: 1, Output: output}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := (&benchDataCommand{Kind: "payments", Count: 0, Output: output}).Run(t.Context()); err == nil {
		t.Error("an existing file is written over")
	}
	if info, err := os.Lstat(output); err != nil || info.Size() == 0 {
		t.Errorf("the existing file is gone: %v", err)
	}
}
