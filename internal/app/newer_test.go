package app

import (
	"context"
	"errors"
	"io"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// An old node that goes on after a newer one has migrated the tables may send by rules that hold no more: it ends by itself. Until then it
// answers what balancers still send it.
func TestNodeEndsWhenANewerProgramMigratesItsTables(t *testing.T) {
	s := settings(filepath.Join(t.TempDir(), "data"))
	s.Drain = 500 * time.Millisecond
	s.PlainHTTP = true
	p := serve(t, s)
	h, err := Open(context.Background(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Newer(t.Context(), h.Store); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	drained := 0 // answers of a process that is not ready any more
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	deadline := time.After(20 * time.Second)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-deadline:
			t.Fatal("the node goes on")
		case err := <-p.ended:
			if !errors.Is(err, store.ErrNewerTables) {
				t.Errorf("serve ended with %v", err)
			}
			if drained == 0 {
				t.Error("it answered nothing while balancers turned away")
			}
			return
		case <-look.C:
		}
		answer, err := client.Get(p.ready.URL + "/readyz")
		if err != nil {
			continue // it may be ending
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		if answer.Body.Close() == nil && answer.StatusCode == http.StatusServiceUnavailable {
			drained++
		}
	}
}
