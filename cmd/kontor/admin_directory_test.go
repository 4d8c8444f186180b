package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/account"
	"kontor/internal/hub"
)

// Files of publishers with invented banks.
const (
	codesFile = "Bankleitzahl;Merkmal;Bezeichnung;BIC\n99900100;1;Musterbank;PBNKDEFFXXX\n99900200;1;Beispielbank;QBNKDEFFXXX\nno code;1;Bank;RBNKDEFFXXX\n"
	reachFile = "Gueltig ab / valid from 07.12.2026;;;;\nBIC;Name;SERVICE SCT;SERVICE COR;SERVICE B2B\nPBNKDEFFXXX;Musterbank;1;1;0\n"
)

// german is an account of no number at the bank with a code.
func german(code string) string {
	bban := code + strings.Repeat("0", 10)
	return "DE" + account.CheckDigits("DE", bban) + bban
}

func kept(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOperatorImportsShowsAndClearsTheBankDirectory(t *testing.T) {
	data, _, _ := busyFolder(t)
	own := filepath.Join(t.TempDir(), "own.txt")
	for _, row := range []struct {
		command []string
		want    []string
	}{
		{[]string{"show"}, []string{"no list"}},
		{[]string{"import", kept(t, "codes.csv", codesFile), "--valid-from", "2026-12-07", "--as", "2026-12"},
			[]string{"version 2026-12", "bundesbank", "2026-12-07", "row not used: line 4, Bankleitzahl"}},
		{[]string{"import", kept(t, "scl.csv", reachFile), "--format", "scl"}, []string{"bundesbank", "scl", "sha256"}},
		{[]string{"show"}, []string{"bundesbank  2026-12-07  2", "scl         2026-12-07  0           1"}},
		{[]string{"look-up", "de" + german("99900100")[2:4] + " 9990 0100 0000 0000 00", "--date", "2026-12-07"}, []string{"99900100\n", "PBNKDEFFXXX", "SCT, SDD Core\n"}},
		{[]string{"look-up", german("99900300")}, []string{"99900300, which no list has", "BIC        not known"}},
		{[]string{"look-up", "NO9386011117947"}, []string{"of a country without a list"}},
		{[]string{"look-up", "PBNKDEFF"}, []string{"BIC        PBNKDEFF", "SCT, SDD Core"}},
		{[]string{"look-up", "QBNKDEFF"}, []string{"reachable  not known"}},
		{[]string{"export", own}, []string{own, "sha256"}},
	} {
		text, _ := says(t, data, append([]string{"admin", "directory"}, row.command...)...)
		for _, want := range row.want {
			if !strings.Contains(text, want) {
				t.Errorf("%v: lacks %q:\n%s", row.command, want, text)
			}
		}
	}
	_, v := says(t, data, "admin", "directory", "show")
	digest := v["sha256"]
	if _, err := typed(t, "admin", "directory", "clear", "--data", data); err != nil {
		t.Fatal(err)
	}
	text, v := says(t, data, "admin", "directory", "import", own, "--as", v["version"].(string))
	if v["sha256"] != digest || !strings.Contains(text, "scl") {
		t.Errorf("imported again: %v, exported %v:\n%s", v["sha256"], digest, text)
	}
}

func TestFilesThatAreNoListOfBanksAreRefused(t *testing.T) {
	data, _, _ := busyFolder(t)
	import1 := func(file string, more ...string) []string {
		return append([]string{"import", kept(t, "list.csv", file)}, more...)
	}
	for name, row := range map[string]struct {
		command []string
		want    string
	}{
		"another publisher's":         {import1(codesFile, "--format", "scl"), "by its contents it is of the format bundesbank"},
		"something else":              {import1("<Document/>"), "none of bundesbank, scl, six, oenb"},
		"records that are too short":  {import1(strings.Repeat("1", 100)+"\n", "--format", "bundesbank"), "line 1: 100 bytes instead of 168"},
		"a list of this program, cut": {import1("kontor bank directory 1\nversion 1\n"), "cut off"},
		"no day":                      {import1(codesFile, "--valid-from", "tomorrow"), "no day"},
		"no version":                  {import1(codesFile, "--as", "of today"), "version"},
		"a look-up of nothing":        {[]string{"look-up", "PBNKDEFF"}, "no list of banks"},
		"an export of nothing":        {[]string{"export", filepath.Join(t.TempDir(), "x")}, "no list of banks"},
		"clearing nothing":            {[]string{"clear"}, "no bank directory"},
	} {
		_, err := typed(t, append([]string{"admin", "directory"}, append(row.command, "--data", data)...)...)
		if err == nil || !strings.Contains(err.Error()+hub.MessageOf(err), row.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := typed(t, "admin", "directory", "import", kept(t, "codes.csv", codesFile), "--data", data); err != nil {
		t.Fatal(err)
	}
	if _, err := typed(t, "admin", "directory", "look-up", "hello", "--data", data); err == nil || !strings.Contains(err.Error(), "neither an IBAN nor a BIC") {
		t.Errorf("neither: %v", err)
	}
}
