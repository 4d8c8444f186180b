package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// run sums up events and returns the report, its last line and the verdict.
func run(t *testing.T, events string, ci bool) (report, last string, ok bool) {
	t.Helper()
	var out strings.Builder
	ok, err := sum(strings.NewReader(events), &out, ci)
	if err != nil {
		t.Fatal(err)
	}
	report = strings.TrimRight(out.String(), "\n")
	return report, report[strings.LastIndexByte(report, '\n')+1:], ok
}

const skipped = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"output","Package":"p","Test":"TestB","Output":"    b_test.go:7: no server here\n"}
{"Action":"skip","Package":"p","Test":"TestB"}
{"Action":"pass","Package":"p","Elapsed":0.5}
`

func TestSkipIsNamedAndFailsOnlyInCI(t *testing.T) {
	for _, row := range []struct {
		name string
		ci   bool
	}{{"at home", false}, {"in CI", true}} {
		t.Run(row.name, func(t *testing.T) {
			report, last, ok := run(t, skipped, row.ci)
			if ok == row.ci {
				t.Errorf("ok = %v", ok)
			}
			if last != "1 passed, 0 failed, 1 skipped" {
				t.Errorf("last line: %q", last)
			}
			if !strings.Contains(report, "p TestB: b_test.go:7: no server here") {
				t.Errorf("the reason is not told:\n%s", report)
			}
		})
	}
}

func TestVerdicts(t *testing.T) {
	for _, row := range []struct{ name, events, last string }{
		{"nothing ran", `{"Action":"skip","Package":"p"}`, "0 passed, 0 failed, 0 skipped"},
		{"no events at all", ``, "0 passed, 0 failed, 0 skipped"},
		{"the go command complains", "go: updates to go.mod needed\n" + `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"pass","Package":"p"}`,
			"1 passed, 0 failed, 0 skipped"},
		{"the events break off", `{"Action":"pass","Package":"p","Test":"TestA"}`, "1 passed, 0 failed, 0 skipped"},
		{"a package fails without a failing test", `{"Action":"pass","Package":"p","Test":"TestA"}` + "\n" + `{"Action":"fail","Package":"p"}`,
			"1 passed, 0 failed, 0 skipped"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if report, last, ok := run(t, row.events, false); ok || last != row.last {
				t.Errorf("ok = %v, last line %q, want false and %q:\n%s", ok, last, row.last, report)
			}
		})
	}
}

// What the go command really writes, not what its documentation says: a module with every kind of package goes through the real tool.
func TestRealEvents(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module m\n\ngo 1.26.0\n",
		"good/good_test.go": "package good\n\nimport \"testing\"\n\nfunc TestTable(t *testing.T) {\n\tfor _, n := range []string{\"one\", \"two\"} {\n\t\tt.Run(n, func(t *testing.T) {})\n\t}\n}\n",
		"bad/bad_test.go": "package bad\n\nimport \"testing\"\n\nfunc TestTable(t *testing.T) {\n\tt.Run(\"good\", func(t *testing.T) {})\n" +
			"\tt.Run(\"bad\", func(t *testing.T) { t.Error(\"the sum is wrong\") })\n}\n",
		"panics/p_test.go":   "package panics\n\nimport \"testing\"\n\nfunc TestGood(t *testing.T) {}\n\nfunc TestPanic(t *testing.T) { panic(\"out of paper\") }\n",
		"broken/b_test.go":   "package broken\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) { undefinedThing() }\n",
		"empty/empty.go":     "package empty\n",
		"quits/q_test.go":    "package quits\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestMain(m *testing.M) { println(\"no way\"); os.Exit(3) }\n",
		"skips/skip_test.go": "package skips\n\nimport \"testing\"\n\nfunc TestS(t *testing.T) { t.Skip(\"no server\") }\n",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "test", "-json", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off")
	events, err := cmd.Output()
	if err == nil {
		t.Fatal("go test succeeded on a module that fails")
	}
	report, last, ok := run(t, string(events), false)
	if ok {
		t.Error("all is well, says the summary")
	}
	if last != "4 passed, 2 failed, 1 skipped" {
		t.Errorf("last line: %q", last)
	}
	for _, want := range []string{
		"--- FAIL: m/bad TestTable/bad", "the sum is wrong", "out of paper", "undefinedThing", "no way", "m/skips TestS:", "no server",
		"ok    m/good", "FAIL  m/quits", "FAIL  m/broken", "FAIL  m/panics",
	} {
		if !strings.Contains(report, want) {
			t.Errorf("the report does not contain %q", want)
		}
	}
	if strings.Contains(report, "m/empty") {
		t.Error("the report mentions a package without tests")
	}
	if t.Failed() {
		t.Log(report)
	}
}
