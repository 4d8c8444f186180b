package bench_test

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// noise repeats the same work between the runs: how much its time varies is how much the machine varies.
type noise struct {
	folder  string
	compute sample // milliseconds for a fixed amount of hashing on one core
	sync    sample // milliseconds for one written page to reach the disk
}

func (n *noise) measure(t testing.TB) {
	t.Helper()
	block := make([]byte, 1<<20)
	begin := time.Now()
	for range 40 {
		sum := sha256.Sum256(block)
		copy(block, sum[:])
	}
	n.compute = append(n.compute, milliseconds(time.Since(begin)))
	n.sync = append(n.sync, milliseconds(n.flushes(t, 20)))
}

// flushes appends pages to a file, each made durable, and returns the time per page.
func (n *noise) flushes(t testing.TB, pages int) time.Duration {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(n.folder, "noise"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	page := make([]byte, 4096)
	begin := time.Now()
	for range pages {
		if _, err := file.Write(page); err != nil {
			t.Fatal(err)
		}
		if err := file.Sync(); err != nil {
			t.Fatal(err)
		}
	}
	return time.Since(begin) / time.Duration(pages)
}

func (n *noise) figures(into *table) {
	into.add(figure{name: "noise: fixed computation", unit: "ms", runs: n.compute})
	into.add(figure{name: "noise: one page to disk", unit: "ms", runs: n.sync})
}
