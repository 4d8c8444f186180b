package app

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

// A small heap may grow to several times its size, a large one only as Go has it: the limit on memory is for large files.
func TestLargeHeapsAreCollectedAsUsual(t *testing.T) {
	for _, tc := range []struct {
		name string
		live uint64
		want int
	}{
		{"nothing", 0, 400},
		{"idle", 4 << 20, 400},
		{"under load", 10 << 20, 400},
		{"half of the room", 20 << 20, 200},
		{"the room", heapRoom, 100},
		{"a large file", 200 << 20, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := growth(tc.live); got != tc.want {
				t.Errorf("%d %%, want %d", got, tc.want)
			}
		})
	}
}

var ballast [][]byte

func TestHeapIsWatchedWhileItGrows(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetGCPercent(90)
	defer debug.SetGCPercent(before)
	restore := roomyHeap()
	percent := func() int {
		p := debug.SetGCPercent(100)
		debug.SetGCPercent(p)
		return p
	}
	if got := percent(); got != mostGrown {
		t.Errorf("%d %% at first", got)
	}
	ballast = append(ballast, make([]byte, 3*heapRoom))
	defer func() { ballast = nil }()
	for deadline := time.Now().Add(30 * time.Second); percent() != leastGrown; {
		if time.Now().After(deadline) {
			t.Fatal("a large heap may still grow as a small one")
		}
		runtime.GC()
	}
	restore()
	if got := percent(); got != 90 {
		t.Errorf("%d %% afterwards", got)
	}
}

func TestOperatorDecidesOnTheHeap(t *testing.T) {
	t.Setenv("GOGC", "150")
	before := debug.SetGCPercent(150)
	defer debug.SetGCPercent(before)
	roomyHeap()()
	if got := debug.SetGCPercent(150); got != 150 {
		t.Errorf("%d %%", got)
	}
}
