package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// papersFolder is an installation with a contact and an account that is reached through it.
func papersFolder(t *testing.T) (data, contact string) {
	t.Helper()
	data = t.TempDir()
	run := func(args ...string) {
		if _, err := typed(t, append(args, "--data", data)...); err != nil {
			t.Fatalf("%v: %v", args, err)
		}
	}
	run("admin", "tenant", "add", "acme", "--name", "Acme GmbH")
	run("admin", "bank", "add", "bank", "--name", "Übungsbank", "--url", "https://bank.example/ebics", "--host-id", "HOST")
	run("admin", "contact", "add", "--bank", "bank", "--partner", "PARTNER", "--user", "USER")
	_, v := says(t, data, "admin", "contact", "list")
	contact, _ = v["contacts"].([]any)[0].(map[string]any)["id"].(string)
	run("admin", "account", "add", "--tenant", "acme", "--contact", contact, "--iban", "DE28999000010007654321")
	return data, contact
}

func TestPapersAreShownAsTextOrWrittenAsPages(t *testing.T) {
	data, contact := papersFolder(t)
	for name, row := range map[string]struct {
		command []string
		text    []string
	}{
		"letter":    {[]string{"admin", "contact", "letter", contact, "--language", "de", "--name", "Petra Probe"}, []string{"EBICS-Initialisierungsbrief", "Übungsbank", "PARTNER", "Petra Probe"}},
		"agreement": {[]string{"admin", "account", "agreement", "DE28 9990 0001 0007 6543 21", "--tenant", "acme", "--language", "sv", "--bureau", "Byrån AB"}, []string{"Avtal om servicebyrå", "Acme GmbH", "Byrån AB"}},
	} {
		t.Run(name, func(t *testing.T) {
			text, v := says(t, data, row.command...)
			for _, want := range row.text {
				if !strings.Contains(text, want) || !strings.Contains(v["text"].(string), want) {
					t.Errorf("no %q in\n%s\n%s", want, text, v["text"])
				}
			}
			file := filepath.Join(t.TempDir(), "paper.pdf")
			command := append(row.command, "--pdf", file, "--data", data)
			said, err := typed(t, command...)
			if err != nil || !strings.Contains(said, file) {
				t.Errorf("it says %q (%v)", said, err)
			}
			pages, err := os.ReadFile(file)
			if err != nil || !bytes.HasPrefix(pages, []byte("%PDF-")) {
				t.Errorf("the file: %.20q (%v)", pages, err)
			}
			// A signed letter's file must not be replaced by one with another date.
			if _, err := typed(t, command...); err == nil {
				t.Error("a file that is there was written again")
			}
		})
	}
}

func TestAgreementOfAnAccountThatIsNotThereIsRefused(t *testing.T) {
	data, _ := papersFolder(t)
	for name, args := range map[string][]string{
		"another IBAN": {"DE55999000010000000001", "--tenant", "acme"},
		"no tenant":    {"DE28999000010007654321", "--tenant", "nobody"},
		"on nothing":   {"DE28999000010007654321", "--tenant", "acme", "--no-credit-transfers", "--no-statements"},
	} {
		if _, err := typed(t, append(append([]string{"admin", "account", "agreement"}, args...), "--data", data)...); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
