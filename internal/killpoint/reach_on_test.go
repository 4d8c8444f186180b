//go:build killpoints && unix

package killpoint_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"kontor/internal/killpoint"
)

// The test binary plays the victim when this variable is set: it walks through all points twice and says that it survived.
const victim = "KILLPOINT_TEST_VICTIM"

func TestMain(m *testing.M) {
	if os.Getenv(victim) == "" {
		os.Exit(m.Run())
	}
	defer fmt.Println("a deferred call ran")
	for range 2 {
		for _, n := range killpoint.All() {
			killpoint.Reach(n)
		}
	}
	fmt.Println("survived")
}

// walk runs the victim and returns what it printed, the points it logged, and whether SIGKILL ended it.
func walk(t *testing.T, point string) (output string, reached []string, killed bool) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "reached")
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victim+"=1", "KONTOR_KILLPOINT="+point, "KONTOR_KILLPOINT_LOG="+log)
	out, err := cmd.CombinedOutput()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		status := exit.Sys().(syscall.WaitStatus)
		killed = status.Signaled() && status.Signal() == syscall.SIGKILL
	} else if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(log)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return string(out), strings.Fields(string(text)), killed
}

func TestProcessDiesAtTheNamedPoint(t *testing.T) {
	all := killpoint.All()
	for _, row := range []struct {
		name    string
		point   string
		reached int // points logged, the deadly one included
	}{
		{"the first point", string(all[0]), 1},
		{"a later point", string(all[7]), 8},
		{"the second time", string(all[2]) + "#2", len(all) + 3},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, reached, killed := walk(t, row.point)
			if !killed || out != "" {
				t.Fatalf("killed = %v, printed %q; want death by SIGKILL in silence", killed, out)
			}
			if len(reached) != row.reached {
				t.Fatalf("logged %d points, want %d: %v", len(reached), row.reached, reached)
			}
			if last := reached[len(reached)-1]; !strings.HasPrefix(row.point, last) {
				t.Errorf("last point logged is %s, want %s", last, row.point)
			}
		})
	}
}

func TestProcessSurvives(t *testing.T) {
	all := killpoint.All()
	for _, row := range []struct{ name, point string }{
		{"when no point is named", ""},
		{"when the point is not reached often enough", string(all[0]) + "#3"},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, reached, killed := walk(t, row.point)
			if killed || !strings.Contains(out, "survived") {
				t.Fatalf("killed = %v, printed %q", killed, out)
			}
			if len(reached) != 2*len(all) {
				t.Errorf("logged %d points, want %d", len(reached), 2*len(all))
			}
		})
	}
}

// A mistyped point would make a kill test pass without killing anything.
func TestWrongOrderIsRefused(t *testing.T) {
	for _, point := range []string{"intake.no_such_step", "intake.mid_stage#0", "intake.mid_stage#x", "intake.mid_stage#"} {
		t.Run(point, func(t *testing.T) {
			out, _, killed := walk(t, point)
			if killed || strings.Contains(out, "survived") || !strings.Contains(out, "KONTOR_KILLPOINT") {
				t.Errorf("killed = %v, printed %q; want a panic that names the variable", killed, out)
			}
		})
	}
}

func TestUnlistedNamePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Reach accepted a name that is not in the list")
		}
	}()
	killpoint.Reach("intake.no_such_step")
}
