package app

import (
	"os"
	"runtime"
	"runtime/debug"
	gauge "runtime/metrics"
	"sync/atomic"
)

// Go collects garbage each time the heap has doubled. The heap of a serving process is small while requests are, so it would be collected
// dozens of times a second under load, for the sake of a few megabytes.
const (
	heapRoom   = 40 << 20 // bytes up to which the heap may grow before it is collected, as far as the most allows
	leastGrown = 100      // per cent: Go's own default, and what a large heap gets
	mostGrown  = 400
)

// growth is by how many per cent a heap may grow whose live part has this many bytes.
func growth(live uint64) int {
	if live == 0 {
		return mostGrown
	}
	return int(min(max(int64(heapRoom)-int64(live), 0)*100/int64(live), mostGrown-leastGrown)) + leastGrown
}

// roomyHeap has small heaps collected less often, until the returned function is called. An operator who sets GOGC or GOMEMLIMIT decides
// alone.
func roomyHeap() (restore func()) {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return func() {}
	}
	h := &heapKeeper{percent: mostGrown}
	before := debug.SetGCPercent(mostGrown)
	h.watch()
	return func() {
		h.over.Store(true)
		debug.SetGCPercent(before)
	}
}

// heapKeeper looks at the heap after every collection.
type heapKeeper struct {
	percent int // touched by finalizers alone, which run one after the other
	over    atomic.Bool
}

// collected is what the next collection finds to be garbage. It has a pointer, so that it is no part of a block of small objects.
type collected struct{ by *heapKeeper }

func (h *heapKeeper) watch() {
	runtime.SetFinalizer(&collected{h}, func(*collected) {
		if h.over.Load() {
			return
		}
		sample := []gauge.Sample{{Name: "/gc/heap/live:bytes"}}
		gauge.Read(sample)
		if sample[0].Value.Kind() == gauge.KindUint64 {
			h.set(growth(sample[0].Value.Uint64()))
		}
		h.watch()
	})
}

// set leaves small differences, since a change stops all goroutines for a moment.
func (h *heapKeeper) set(percent int) {
	if d := percent - h.percent; d > -25 && d < 25 && percent != leastGrown {
		return
	}
	if percent != h.percent {
		h.percent = percent
		debug.SetGCPercent(percent)
	}
}
