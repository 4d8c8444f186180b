package bench_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// plan says how much is measured.
type plan struct {
	short   bool
	runs    int           // of each figure
	load    time.Duration // of one run under load
	steady  time.Duration // of one run at half load
	starts  int           // starts whose time is taken
	settle  time.Duration // from ready to the measuring of memory
	idle    time.Duration // for which an idle process is watched
	engines []string
	clients []int
	profile bool // the hub runs in this process
}

func newPlan() plan {
	p := plan{
		runs: 5, load: 2 * time.Second, steady: 4 * time.Second, starts: 15, settle: 10 * time.Second, idle: 20 * time.Second,
		engines: []string{sqlite, postgres}, clients: []int{1, 8, 32},
	}
	if short, _ := strconv.ParseBool(os.Getenv("KONTOR_BENCH_SHORT")); short {
		p.short, p.runs, p.load, p.steady, p.starts, p.idle = true, 1, 1500*time.Millisecond, 3*time.Second, 5, 5*time.Second
	}
	if only := os.Getenv("KONTOR_BENCH_ENGINE"); only != "" {
		p.engines = []string{only}
	}
	p.profile, _ = strconv.ParseBool(os.Getenv("KONTOR_BENCH_PROFILE"))
	return p
}

// binary returns the path of the binary to measure.
func binary(t testing.TB) string {
	t.Helper()
	if path := os.Getenv("KONTOR_BENCH_BINARY"); path != "" {
		path, err := filepath.Abs(path)
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	root, err := rig.Root()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "kontor")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./cmd/kontor")
	build.Dir, build.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building kontor: %v\n%s", err, out)
	}
	return path
}
