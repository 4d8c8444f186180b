package xsd

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// xmllint returns the path of xmllint, and ends the test without it.
func xmllint(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("xmllint")
	if err != nil {
		const how = "xmllint is missing: install libxml2-utils, scripts/test-deps does it"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return path
}

// judge asks xmllint about many documents at once: one process and one reading of the
// schema for all. It returns, per document, whether it is valid, and what xmllint says.
func judge(t testing.TB, xmllint, schema string, docs [][]byte) (valid []bool, says []string) {
	t.Helper()
	dir := t.TempDir()
	args := []string{"--noout", "--nonet", "--schema", schema}
	for i, doc := range docs {
		file := filepath.Join(dir, fmt.Sprintf("%06d.xml", i))
		if err := os.WriteFile(file, doc, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, file)
	}
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), xmllint, args...)
	cmd.Stderr = &out
	_ = cmd.Run() // its exit status is that of the worst document
	valid, says = make([]bool, len(docs)), make([]string, len(docs))
	decided := 0
	for line := range strings.Lines(out.String()) {
		rest, ok := strings.CutPrefix(line, dir+string(filepath.Separator))
		var i int
		if n, err := fmt.Sscanf(rest, "%06d.xml", &i); !ok || n != 1 || err != nil || i >= len(docs) {
			continue
		}
		switch verdict := strings.TrimSpace(rest[len("000000.xml"):]); verdict {
		case "validates":
			valid[i] = true
			decided++
		case "fails to validate":
			decided++
		default:
			if says[i] == "" {
				says[i] = verdict
			}
			if strings.Contains(verdict, "parser error") || strings.Contains(verdict, "namespace error") {
				says[i] = "malformed: " + says[i]
			}
		}
	}
	malformed := 0
	for i := range says {
		if strings.HasPrefix(says[i], "malformed: ") {
			malformed++
		}
	}
	if decided+malformed < len(docs) {
		t.Fatalf("xmllint judged %d documents of %d with %s, %d are malformed: %.2000s", decided, len(docs), schema, malformed, out.String())
	}
	return valid, says
}

// refusals collects the violations of one document.
type refusals struct{ all []string }

func (*refusals) Open(Role, int64) error         { return nil }
func (*refusals) Value(Role, *Value) error       { return nil }
func (*refusals) Close(Role, int64, int64) error { return nil }
func (r *refusals) Violation(v *Violation) error {
	r.all = append(r.all, fmt.Sprintf("%v at line %d of %s %q: %.80q, expected %.200v", v.Kind, v.Line, v.Path, v.Name, v.Text, v.Expected))
	return nil
}

// own validates a document with the tables.
func own(p *Plan, doc []byte) (valid bool, says string) {
	var r refusals
	sum, err := p.Validate(bytes.NewReader(doc), Options{}, &r)
	if err != nil {
		return false, err.Error()
	}
	return sum.Violations == 0, strings.Join(r.all, "; ")
}
