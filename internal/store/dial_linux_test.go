package store

import (
	"net"
	"testing"
	"time"
)

// What a dead server leaves on a connection must be seen before anything is sent on it, and a living one must not be waited for: pgx may have a
// reader waiting in the background.
func TestSilentConnectionIsToldFromAnEndedOne(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // nothing depends on it
	pair := func(t *testing.T) (ours, theirs net.Conn) {
		t.Helper()
		ours, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		theirs, err = listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = ours.Close(), theirs.Close() })
		return ours, theirs
	}
	becomesLoud := func(t *testing.T, c net.Conn) {
		t.Helper()
		for deadline := time.Now().Add(30 * time.Second); silent(c); {
			if time.Now().After(deadline) {
				t.Fatal("it still seems silent")
			}
			time.Sleep(time.Millisecond)
		}
	}
	t.Run("open", func(t *testing.T) {
		if c, _ := pair(t); !silent(c) {
			t.Error("not silent")
		}
	})
	t.Run("open, with a reader", func(t *testing.T) {
		c, theirs := pair(t)
		read := make(chan struct{})
		go func() {
			defer close(read)
			_, _ = c.Read(make([]byte, 1))
		}()
		for begin := time.Now(); time.Since(begin) < 20*time.Millisecond; { // the reader begins at some moment
			if !silent(c) {
				t.Error("not silent")
			}
		}
		_ = theirs.Close()
		<-read
	})
	t.Run("ended", func(t *testing.T) {
		c, theirs := pair(t)
		_ = theirs.Close()
		becomesLoud(t, c)
	})
	t.Run("with last words", func(t *testing.T) {
		c, theirs := pair(t)
		if _, err := theirs.Write([]byte("E")); err != nil {
			t.Fatal(err)
		}
		becomesLoud(t, c)
	})
}
