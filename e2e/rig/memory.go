package rig

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// PeakMemory is how many bytes the running hub has had in memory at most, since its start (VmHWM of Linux).
func (h *Hub) PeakMemory(t testing.TB) int64 {
	t.Helper()
	p := &h.process
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil || !p.running() {
		t.Fatal("the hub does not run")
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	peak, err := Kilobytes(string(text), "VmHWM:")
	if err != nil {
		t.Fatal(err)
	}
	return peak << 10
}

// Kilobytes reads a field in kB of a file of proc(5), such as status or smaps_rollup.
func Kilobytes(text, field string) (int64, error) {
	for line := range strings.Lines(text) {
		rest, ours := strings.CutPrefix(line, field)
		if !ours {
			continue
		}
		number, inKilobytes := strings.CutSuffix(strings.TrimSpace(rest), " kB")
		if !inKilobytes {
			break
		}
		return strconv.ParseInt(number, 10, 64)
	}
	return 0, fmt.Errorf("there is no %s in kB", field)
}
