package verify_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/cmd/kontor/verify"
)

func gzipped(t *testing.T, content []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestStandardInputIsAFileLikeAnother(t *testing.T) {
	good := payments(t, 2)
	for name, content := range map[string][]byte{"plain": good, "gzip": gzipped(t, good), "zip": zipped(t, map[string][]byte{"a.xml": good}, "a.xml")} {
		t.Run(name, func(t *testing.T) {
			out, in, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				_, _ = in.Write(content)
				_ = in.Close()
			}()
			status, shown, err := run(t, verify.Options{Files: []string{"-"}, In: out})
			if err != nil || status != verify.Clean || !strings.Contains(shown, "2 payments") {
				t.Errorf("status %d, error %v:\n%s", status, err, shown)
			}
			if err := out.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if status, out, err := run(t, verify.Options{Files: []string{"-"}}); err != nil || status != verify.Unreadable || !strings.Contains(out, "standard input") {
		t.Errorf("none: status %d, error %v:\n%s", status, err, out)
	}
}

// Somebody who waits for input that does not come must be able to leave.
func TestWaitingForStandardInputEndsWithTheContext(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = in.Close(), out.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := verify.Open(ctx, "-", out); err == nil {
		t.Error("no error")
	}
}

// What was found before a container breaks is worth as much as what is found in a whole one.
func TestFindingsBeforeDamageAreShown(t *testing.T) {
	good := payments(t, 3000)
	bad := bytes.Replace(good, []byte("<EndToEndId>BENCH-E2E-1<"), []byte("<EndToEndId>/BENCH<"), 1)
	packed := gzipped(t, bad)
	damaged := zipped(t, map[string][]byte{"a.xml": bad, "b.xml": payments(t, 1)}, "a.xml", "b.xml")
	copy(damaged[10_000:], make([]byte, 2000)) // within a.xml
	encrypted := zipped(t, map[string][]byte{"a.xml": payments(t, 1), "b.xml": payments(t, 2)}, "a.xml", "b.xml")
	encrypted[6] |= 1
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	small := gzipped(t, bytes.Replace(payments(t, 2), []byte("<EndToEndId>BENCH-E2E-1<"), []byte("<EndToEndId>/BENCH<"), 1))
	for _, row := range []struct {
		name    string
		file    string
		content []byte
		status  int
		shows   []string
	}{
		{"a cut gzip", "a.xml.gz", packed[:len(packed)-20], verify.Unreadable, []string{"PAIN-C2", "ends too early"}},
		{"a damaged member, and the next one", "c.zip", damaged, verify.Unreadable, []string{"PAIN-C2", "a.xml: ", "it is damaged", "c.zip > b.xml: pain.001.001.09", "1 payment"}},
		{"an encrypted member, and the next one", "c.zip", encrypted, verify.Unreadable, []string{"c.zip > a.xml: cannot be read: it is encrypted", "2 payments"}},
		{"gzip with padding", "a.xml.gz", append(bytes.Clone(small), make([]byte, 512)...), verify.Findings, []string{"PAIN-C2", "2 payments"}},
		{"gzip with something behind", "a.xml.gz", append(bytes.Clone(small), "garbage\n"...), verify.Unreadable, []string{"PAIN-C2", "2 payments", "other bytes stand behind"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, out, err := run(t, verify.Options{Files: []string{file(t, row.file, row.content)}})
			if err != nil || status != row.status {
				t.Errorf("status %d, want %d, error %v", status, row.status, err)
			}
			for _, want := range row.shows {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not shown:\n%s", want, out)
				}
			}
		})
	}
	_, out, err := run(t, verify.Options{Files: []string{file(t, "a.xml.gz", packed[:len(packed)-20])}, JSON: true})
	var report struct {
		Error      string
		Unreadable bool
		Findings   []map[string]any
	}
	if derr := json.Unmarshal([]byte(out), &report); err != nil || derr != nil || report.Error == "" || !report.Unreadable || len(report.Findings) == 0 {
		t.Errorf("JSON: %+v, errors %v %v", report, err, derr)
	}
}

func TestReasonsAreSaidInTheLanguageAsked(t *testing.T) {
	encrypted := zipped(t, map[string][]byte{"a.xml": payments(t, 1)}, "a.xml")
	encrypted[6] |= 1
	encrypted[bytes.Index(encrypted, []byte("PK\x01\x02"))+8] |= 1
	for _, row := range []struct{ name, file, de, sv string }{
		{"a folder", t.TempDir(), "das ist ein Ordner", "det är en mapp"},
		{"no such file", filepath.Join(t.TempDir(), "missing"), "diese Datei gibt es nicht", "filen finns inte"},
		{"encrypted", file(t, "c.zip", encrypted), "sie ist verschlüsselt", "den är krypterad"},
		{"empty", file(t, "x", nil), "Sie ist leer", "den är tom"},
		{"another namespace", file(t, "x.xml", []byte(`<a xmlns="urn:other"/>`)), "im Namensraum urn:other", "i namnrymden urn:other"},
		{"no files", file(t, "c.zip", zipped(t, nil)), "der Container enthält keine Dateien", "behållaren har inga filer"},
	} {
		for language, want := range map[string]string{"de": row.de, "sv": row.sv} {
			if _, out, err := run(t, verify.Options{Files: []string{row.file}, Language: language}); err != nil || !strings.Contains(out, want) {
				t.Errorf("%s: error %v, %q is not shown: %s", row.name, err, want, out)
			}
		}
	}
}

// Amounts in one report must look alike: 1.000,00 beside 1000.00 reads as two sums.
func TestSumsAreWrittenAsTheLanguageDoes(t *testing.T) {
	good := payments(t, 2)
	begin := bytes.Index(good, []byte("<CtrlSum>")) + len("<CtrlSum>")
	end := begin + bytes.IndexByte(good[begin:], '<')
	wrong := file(t, "p.xml", []byte(string(good[:begin])+"1234567.89"+string(good[end:])))
	for language, want := range map[string]string{"en": "1234567.89", "de": "1.234.567,89", "sv": "1\u00a0234\u00a0567,89"} {
		_, out, err := run(t, verify.Options{Files: []string{wrong}, Language: language})
		if err != nil || !strings.Contains(out, want) {
			t.Errorf("%s: error %v, %q is not shown:\n%s", language, err, want, out)
		}
		first, _, _ := strings.Cut(out, "\n")
		if decimals := map[bool]string{true: ".", false: ","}[language == "en"]; !strings.Contains(first, decimals+string(good[end-2:end])+" EUR") {
			t.Errorf("%s: the sum of the file: %s", language, first)
		}
	}
}

func TestSentencesAreWrappedAtTheWidthOfTheTerminal(t *testing.T) {
	bad := file(t, "p.xml", bytes.Replace(payments(t, 2), []byte("<EndToEndId>BENCH-E2E-1<"), []byte("<EndToEndId>/BENCH<"), 1))
	_, narrow, err := run(t, verify.Options{Files: []string{bad}, Width: 60})
	_, wide, werr := run(t, verify.Options{Files: []string{bad}})
	if err != nil || werr != nil {
		t.Fatal(err, werr)
	}
	for _, line := range strings.Split(narrow, "\n") {
		if n := len([]rune(line)); n > 60 && strings.HasPrefix(line, "    ") && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if got, want := strings.Join(strings.Fields(narrow), " "), strings.Join(strings.Fields(wide), " "); got != want || strings.Count(narrow, "\n") <= strings.Count(wide, "\n") {
		t.Errorf("the words differ, or nothing was wrapped:\n%s\n%s", narrow, wide)
	}
}
