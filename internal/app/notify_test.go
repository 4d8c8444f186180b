package app

import (
	"net"
	"path/filepath"
	"testing"
	"time"
)

// A service manager that waits for the word must get it, or it kills the service after its start.
func TestServiceManagerIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // read only
	t.Setenv("NOTIFY_SOCKET", path)
	p := serve(t, settings(t.TempDir()))
	p.end()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"READY=1", "STOPPING=1"} {
		told := make([]byte, 100)
		n, err := c.Read(told)
		if err != nil || string(told[:n]) != want {
			t.Errorf("told %q, %v; want %q", told[:n], err, want)
		}
	}
}
