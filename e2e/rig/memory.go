package rig

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// Memory is what a process has in memory, in bytes, as Linux counts it.
type Memory struct {
	Resident int64 // VmRSS: now
	Peak     int64 // VmHWM: at most, since its start
}

// Memory reads what the running hub has in memory.
func (h *Hub) Memory(t testing.TB) Memory {
	t.Helper()
	m, err := h.process.memory()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (p *process) memory() (Memory, error) {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil || !p.running() {
		return Memory{}, fmt.Errorf("%s does not run", p.name)
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.cmd.Process.Pid))
	if err != nil {
		return Memory{}, err
	}
	resident, errResident := kilobytes(string(text), "VmRSS:")
	peak, errPeak := kilobytes(string(text), "VmHWM:")
	if errResident != nil || errPeak != nil {
		return Memory{}, fmt.Errorf("memory of %s: %w", p.name, errors.Join(errResident, errPeak))
	}
	return Memory{Resident: resident << 10, Peak: peak << 10}, nil
}

func kilobytes(status, field string) (int64, error) {
	for line := range strings.Lines(status) {
		rest, ours := strings.CutPrefix(line, field)
		if !ours {
			continue
		}
		number, unit, _ := strings.Cut(strings.TrimSpace(rest), " ")
		if unit != "kB" {
			break
		}
		return strconv.ParseInt(number, 10, 64)
	}
	return 0, fmt.Errorf("no %s in kB", field)
}
