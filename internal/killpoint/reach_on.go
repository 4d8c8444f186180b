//go:build killpoints && unix

package killpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// Enabled says whether this build can kill itself. It is a constant, so that code under it disappears from a normal build.
const Enabled = true

// plan is what the environment asks of this process. It is read once, at the first point reached.
type plan struct {
	target Name
	time   int // kill at the time-th reaching of target; 1 = the first
	log    *os.File

	mu    sync.Mutex
	count int
}

var current = sync.OnceValue(func() *plan {
	p, err := readPlan(os.Getenv("KONTOR_KILLPOINT"), os.Getenv("KONTOR_KILLPOINT_LOG"))
	if err != nil {
		// A test that names a point wrongly must not go on and prove nothing.
		panic("killpoint: " + err.Error())
	}
	return p
})

func readPlan(target, logPath string) (*plan, error) {
	p := &plan{time: 1}
	if target != "" {
		name, times, counted := strings.Cut(target, "#")
		p.target = Name(name)
		if !known(p.target) {
			return nil, fmt.Errorf("KONTOR_KILLPOINT names %q, which is not in the list", name)
		}
		if counted {
			n, err := strconv.Atoi(times)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("KONTOR_KILLPOINT: %q is not a count of 1 or more", times)
			}
			p.time = n
		}
	}
	if logPath != "" {
		f, err := os.OpenFile(logPath, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("opening KONTOR_KILLPOINT_LOG: %w", err)
		}
		p.log = f // open until the process ends
	}
	return p, nil
}

func known(n Name) bool {
	for _, k := range All() {
		if k == n {
			return true
		}
	}
	return false
}

// Reach marks a point: it is logged, and if it is the one asked for, the process dies here and Reach does not return. A name that is not in
// the list panics. Safe for concurrent use.
func Reach(n Name) {
	if !known(n) {
		panic(fmt.Sprintf("killpoint: %q is not in the list", n))
	}
	p := current()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.log != nil {
		// One write with O_APPEND, so that lines of several processes do not mix.
		if _, err := p.log.WriteString(string(n) + "\n"); err != nil {
			panic("killpoint: writing KONTOR_KILLPOINT_LOG: " + err.Error())
		}
	}
	if n != p.target {
		return
	}
	p.count++
	if p.count == p.time {
		die()
	}
}

// die never returns: the lock stays held, and whoever waits for it dies as well.
func die() {
	if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
		panic("killpoint: " + err.Error())
	}
	select {} // the signal may take a moment to arrive; nothing may happen in it
}
