package store_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// watched notes what a store tells.
type watched struct {
	mu  sync.Mutex
	all []string
}

func (w *watched) note(s string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, s)
}

func (w *watched) FileEntered(from, to hub.State) { w.note(string(from) + ">" + string(to)) }
func (w *watched) LeaseTakenOver(kind string)     { w.note("taken over " + kind) }
func (w *watched) LeaseLost(kind string)          { w.note("lost " + kind) }

func (w *watched) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.all
	w.all = nil
	return all
}

// watching opens the fixture's database once more, with a watcher.
func watching(t *testing.T, f *storetest.Fixture) (*store.Store, *watched) {
	t.Helper()
	w := &watched{}
	s, err := store.Open(t.Context(), store.Options{Database: f.Database, Vault: f.Vault, Now: f.Now, Watcher: w})
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, w
}

// What is counted must have happened: not before the commit, and not when there is none.
func TestWatcherIsToldOfWhatWasCommitted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
		file := f.NewFile(tenant.ID, contact.ID, hub.StateQueued, 1)
		s, w := watching(t, f)
		send := func(tx *store.Tx) error {
			return tx.Transit(ctx, tenant.ID, file.ID, hub.Send(), store.Change{Actor: tester})
		}
		err := s.Write(ctx, func(tx *store.Tx) error {
			if err := send(tx); err != nil {
				return err
			}
			return hub.Errorf(hub.CodeConflict, "undone")
		})
		wantCode(t, err, hub.CodeConflict)
		if told := w.take(); len(told) != 0 {
			t.Errorf("told of what was undone: %v", told)
		}
		must(t, s.Write(ctx, func(tx *store.Tx) error {
			err := send(tx)
			if told := w.take(); len(told) != 0 {
				t.Errorf("told before the commit: %v", told)
			}
			return err
		}))
		if told := w.take(); !slices.Equal(told, []string{"queued>sending"}) {
			t.Errorf("told %v", told)
		}
	})
}

func TestWatcherIsToldOfLeasesThatRanOut(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		s, w := watching(t, f)
		l, held, err := s.Acquire(ctx, "file:a/b", "one", time.Second)
		if err != nil || !held {
			t.Fatal(held, err)
		}
		must(t, s.Release(ctx, l))
		if _, held, err = s.Acquire(ctx, "file:a/b", "two", time.Second); err != nil || !held {
			t.Fatal(held, err)
		}
		if told := w.take(); len(told) != 0 {
			t.Errorf("a lease that was given back: %v", told)
		}
		f.Forward(2 * time.Second)
		if _, held, err = s.Acquire(ctx, "file:a/b", "three", time.Second); err != nil || !held {
			t.Fatal(held, err)
		}
		if told := w.take(); !slices.Equal(told, []string{"taken over file"}) {
			t.Errorf("told %v", told)
		}
		must(t, s.Write(ctx, func(tx *store.Tx) error { return tx.BreakLease(ctx, "file:a/b") }))
		err = s.WithLease(ctx, "contact:c", "node", 90*time.Millisecond, func(ctx context.Context, _ hub.Lease) error {
			if err := s.Write(ctx, func(tx *store.Tx) error { return tx.BreakLease(ctx, "contact:c") }); err != nil {
				return err
			}
			<-ctx.Done()
			return nil
		})
		must(t, err)
		if told := w.take(); !slices.Equal(told, []string{"lost contact"}) {
			t.Errorf("told %v", told)
		}
	})
}

func TestBrokenLeaseRefusesItsHolder(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		l := f.Lease("file:a/b", "one", time.Minute)
		f.Read(func(tx *store.Tx) error {
			all, err := tx.Leases(ctx)
			if len(all) != 1 || all[0] != l {
				t.Errorf("leases %+v, want %+v", all, l)
			}
			return err
		})
		f.Write(func(tx *store.Tx) error { return tx.BreakLease(ctx, "file:a/b") })
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.Fenced(ctx, l) }), hub.CodeConflict)
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.BreakLease(ctx, "file:a/b") }), hub.CodeNotFound)
		if again := f.Lease("file:a/b", "two", time.Minute); again.Fence <= l.Fence+1 {
			t.Errorf("fence %d after %d", again.Fence, l.Fence)
		}
	})
}

func TestCensusCountsWhatIsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
		began := f.Now()
		f.NewFile(tenant.ID, contact.ID, hub.StateQueued, 1)
		f.Forward(time.Minute)
		f.NewFile(tenant.ID, contact.ID, hub.StateQueued, 1)
		f.NewFile(tenant.ID, contact.ID, hub.StateConfirmed, 1)
		f.Lease("file:a/b", "one", time.Minute)
		f.Lease("file:a/c", "one", time.Minute)
		must(t, f.Store.Postpone(ctx, store.ContactResource(contact.ID), "silent", time.Minute, time.Minute))
		row := hub.AuditRow{Owner: hub.Operator, Actor: tester, Action: "test", Subject: "test"}
		f.Write(func(tx *store.Tx) error { return tx.Audit(ctx, row) })
		f.Write(func(tx *store.Tx) error {
			return tx.InsertPoll(ctx, hub.Poll{Contact: contact.ID, OrderType: "C53", Kind: hub.PollStatement})
		})
		f.Write(func(tx *store.Tx) error { return tx.FinishPoll(ctx, contact.ID, "C53", hub.PollNothing, f.Now()) })
		answered := f.Now()
		f.Forward(time.Second)
		f.Write(func(tx *store.Tx) error { return tx.FinishPoll(ctx, contact.ID, "C53", "silent", f.Now()) })
		f.Read(func(tx *store.Tx) error {
			c, err := tx.Census(ctx)
			if c.Files[hub.StateQueued] != 2 || c.Files[hub.StateConfirmed] != 1 || len(c.Files) != 2 {
				t.Errorf("files %v", c.Files)
			}
			if !c.OldestFile[hub.StateQueued].Equal(began) || len(c.OldestFile) != 1 {
				t.Errorf("oldest %v, want %v", c.OldestFile, began)
			}
			if c.Leases["file"] != 2 || len(c.Leases) != 1 {
				t.Errorf("leases %v", c.Leases)
			}
			if c.Postponed[store.Postponement{Kind: "contact", Code: "silent"}] != 1 || len(c.Postponed) != 1 {
				t.Errorf("postponed %v", c.Postponed)
			}
			if c.Unsealed < 1 || c.OldestUnsealed.IsZero() {
				t.Errorf("%d rows unsealed since %v", c.Unsealed, c.OldestUnsealed)
			}
			if len(c.Polls) != 1 || !c.Polls[0].Succeeded.Equal(answered) || c.Polls[0].LastResult != "silent" {
				t.Errorf("polls %+v, want success at %v", c.Polls, answered)
			}
			return err
		})
	})
}
