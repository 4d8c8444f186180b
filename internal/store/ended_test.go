package store_test

import (
	"context"
	"fmt"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// A caller that swallows the error with which SQLite has ended its transaction must neither go on outside of it nor be told that it is done,
// and those who share its commit must be told the truth.
func TestSwallowedErrorThatEndedTheTransactionFailsTheCaller(t *testing.T) {
	var tenant hub.Tenant
	// swallow writes something, meets the full disk, takes no notice and writes on.
	swallow := func(ctx context.Context, t *testing.T, tx *store.Tx) error {
		if err := mark(ctx, tx, "before"); err != nil {
			return err
		}
		if _, err := tx.PublishBytes(ctx, tenant.ID.Owner(), store.BodyDocument, noise(2, 1<<20)); err == nil {
			t.Error("the disk is not full")
		}
		_ = mark(ctx, tx, "after")
		return nil
	}
	full := func(t *testing.T) *storetest.Fixture {
		f := storetest.SQLite(t)
		tenant = f.NewTenant("alpha")
		query(t, f, fmt.Sprintf(`PRAGMA max_page_count = %d`, count(t, f, `PRAGMA page_count`)+20))
		return f
	}
	check := func(t *testing.T, f *storetest.Fixture, err error) {
		t.Helper()
		if err == nil {
			t.Error("the caller was told that it is done")
		}
		for _, name := range []string{"before", "after"} {
			if marked(t, f, name) {
				t.Errorf("what was written %s the error is there", name)
			}
		}
		f.Write(func(tx *store.Tx) error { return mark(t.Context(), tx, "afterwards") })
		if !marked(t, f, "afterwards") {
			t.Error("afterwards nothing can be written")
		}
	}
	t.Run("alone", func(t *testing.T) {
		f := full(t)
		check(t, f, f.Store.Write(t.Context(), func(tx *store.Tx) error { return swallow(t.Context(), t, tx) }))
	})
	t.Run("first, with others after it", func(t *testing.T) {
		f := full(t)
		var first error
		others := make(chan error, 2)
		first = f.Store.Write(t.Context(), func(tx *store.Tx) error {
			for n := range cap(others) {
				go func() {
					others <- f.Store.Write(t.Context(), func(tx *store.Tx) error { return mark(t.Context(), tx, fmt.Sprint("other ", n)) })
				}()
			}
			waitUntil(t, func() bool { return f.Store.Queued() == cap(others) })
			return swallow(t.Context(), t, tx)
		})
		for range cap(others) {
			must(t, <-others)
		}
		for n := range cap(others) {
			if !marked(t, f, fmt.Sprint("other ", n)) {
				t.Errorf("other %d was told that it is done, and is not", n)
			}
		}
		check(t, f, first)
	})
	t.Run("between others", func(t *testing.T) {
		f := full(t)
		errs := together(t, f.Store,
			func(tx *store.Tx) error { return mark(t.Context(), tx, "earlier") },
			func(tx *store.Tx) error { return swallow(t.Context(), t, tx) },
			func(tx *store.Tx) error { return mark(t.Context(), tx, "later") })
		must(t, errs[0])
		must(t, errs[2])
		if !marked(t, f, "earlier") || !marked(t, f, "later") {
			t.Error("what was answered is not written")
		}
		check(t, f, errs[1])
	})
}
