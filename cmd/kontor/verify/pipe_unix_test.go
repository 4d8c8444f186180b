//go:build unix

package verify_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"kontor/cmd/kontor/verify"
)

// Opening a pipe that nobody writes to would wait without end, and take no signal.
func TestAPipeIsRefusedAtOnce(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip("this file system has no named pipes: ", err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if status, out, err := run(t, verify.Options{Files: []string{pipe}}); err != nil || status != verify.Unreadable || !strings.Contains(out, "it is no file") {
			t.Errorf("status %d, error %v:\n%s", status, err, out)
		}
	}()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it waits for a writer")
	}
}
