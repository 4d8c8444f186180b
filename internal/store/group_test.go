package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// Callers of Write on SQLite share commits. Each of them must notice nothing of the others.

// held keeps the turn to write until release is called, so that whoever writes meanwhile queues up and shares a transaction after it.
func held(t *testing.T, s *store.Store) (release func()) {
	t.Helper()
	begun, end, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	begin := sync.OnceFunc(func() { close(begun) }) // it may run again
	go func() {
		ended <- s.Write(t.Context(), func(*store.Tx) error {
			begin()
			<-end
			return nil
		})
	}()
	<-begun
	return sync.OnceFunc(func() {
		close(end)
		if err := <-ended; err != nil && !errors.Is(err, store.ErrDistrusted) {
			t.Error(err)
		}
	})
}

// mark writes a row of a table that nothing else in these tests uses.
func mark(ctx context.Context, tx *store.Tx, resource string) error {
	return tx.Overtake(ctx, resource)
}

func marked(t *testing.T, f *storetest.Fixture, resource string) bool {
	t.Helper()
	return len(query(t, f, fmt.Sprintf("SELECT 1 FROM lease WHERE resource = '%s'", resource))) == 1
}

// together starts one writer per function while the turn is held, waits until all of them queue, and returns their errors in order.
func together(t *testing.T, s *store.Store, functions ...func(tx *store.Tx) error) []error {
	t.Helper()
	release := held(t, s)
	errs := make([]error, len(functions))
	var wait sync.WaitGroup
	for n, f := range functions {
		wait.Go(func() { errs[n] = s.Write(t.Context(), f) })
		waitUntil(t, func() bool { return s.Queued() == n+1 })
	}
	release()
	wait.Wait()
	return errs
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatal("waited too long")
		}
		runtime.Gosched()
	}
}

func TestGroupMembersShareACommit(t *testing.T) {
	f := storetest.SQLite(t)
	before := commits(t, f)
	const writers = 40
	functions := make([]func(tx *store.Tx) error, writers)
	for n := range functions {
		functions[n] = func(tx *store.Tx) error { return mark(t.Context(), tx, fmt.Sprint("shared-", n)) }
	}
	for n, err := range together(t, f.Store, functions...) {
		if err != nil || !marked(t, f, fmt.Sprint("shared-", n)) {
			t.Errorf("writer %d: error %v", n, err)
		}
	}
	if grown := commits(t, f) - before; grown >= writers/2 {
		t.Errorf("%d writers made %d commits: they do not share", writers, grown)
	}
}

// commits counts the commit frames of the write-ahead log, which no checkpoint has taken over in a test this small.
func commits(t *testing.T, f *storetest.Fixture) (n int) {
	t.Helper()
	frames, err := store.CommitFrames(filepath.Join(f.Dir, "kontor.db-wal"))
	if err != nil {
		t.Fatal(err)
	}
	return frames
}

func TestGroupFailureUndoesOnlyItsOwnWork(t *testing.T) {
	f := storetest.SQLite(t)
	fault := errors.New("invented fault")
	write := func(name string, err error) func(tx *store.Tx) error {
		return func(tx *store.Tx) error {
			if cerr := mark(t.Context(), tx, name); cerr != nil {
				return cerr
			}
			return err
		}
	}
	errs := together(t, f.Store, write("a", nil), write("b", fault), write("c", nil), write("d", fault))
	for n, name := range []string{"a", "b", "c", "d"} {
		fails := name == "b" || name == "d"
		if errors.Is(errs[n], fault) != fails || marked(t, f, name) == fails {
			t.Errorf("%s: error %v, written %v", name, errs[n], marked(t, f, name))
		}
	}
}

func TestGroupFirstFailureLeavesTheOthers(t *testing.T) {
	f := storetest.SQLite(t)
	fault := errors.New("invented fault")
	errs := together(t, f.Store,
		func(tx *store.Tx) error { return errors.Join(mark(t.Context(), tx, "first"), fault) },
		func(tx *store.Tx) error { return mark(t.Context(), tx, "second") })
	if !errors.Is(errs[0], fault) || errs[1] != nil || marked(t, f, "first") || !marked(t, f, "second") {
		t.Errorf("errors %v, written %v and %v", errs, marked(t, f, "first"), marked(t, f, "second"))
	}
}

func TestGroupPanicStaysWithItsCaller(t *testing.T) {
	f := storetest.SQLite(t)
	release := held(t, f.Store)
	var wait sync.WaitGroup
	var recovered any
	wait.Go(func() {
		defer func() { recovered = recover() }()
		_ = f.Store.Write(t.Context(), func(tx *store.Tx) error { // it does not return
			if err := mark(t.Context(), tx, "panicking"); err != nil {
				return err
			}
			panic("invented")
		})
	})
	var err error
	waitUntil(t, func() bool { return f.Store.Queued() == 1 })
	wait.Go(func() {
		err = f.Store.Write(t.Context(), func(tx *store.Tx) error { return mark(t.Context(), tx, "calm") })
	})
	waitUntil(t, func() bool { return f.Store.Queued() == 2 })
	release()
	wait.Wait()
	if recovered != "invented" || err != nil || marked(t, f, "panicking") || !marked(t, f, "calm") {
		t.Errorf("recovered %v, error %v, written %v and %v", recovered, err, marked(t, f, "panicking"), marked(t, f, "calm"))
	}
}

// When SQLite ends the whole transaction, as it does when the disk is full, the others' work is done again.
func TestGroupLostTransactionIsRepeatedForTheOthers(t *testing.T) {
	f := storetest.SQLite(t)
	var runs atomic.Int32
	errs := together(t, f.Store,
		func(tx *store.Tx) error {
			runs.Add(1)
			return mark(t.Context(), tx, "innocent")
		},
		func(tx *store.Tx) error {
			if err := mark(t.Context(), tx, "culprit"); err != nil {
				return err
			}
			return store.LoseTransaction(tx)
		},
		func(tx *store.Tx) error { return mark(t.Context(), tx, "later") })
	if errs[0] != nil || errs[1] == nil || errs[2] != nil || runs.Load() != 2 {
		t.Errorf("errors %v, the innocent one ran %d times", errs, runs.Load())
	}
	if !marked(t, f, "innocent") || marked(t, f, "culprit") || !marked(t, f, "later") {
		t.Error("what is written is not what was answered")
	}
}

func TestGroupCallerThatLeavesTheQueueWritesNothing(t *testing.T) {
	f := storetest.SQLite(t)
	release := held(t, f.Store)
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error, 1)
	go func() { left <- f.Store.Write(ctx, func(tx *store.Tx) error { return mark(t.Context(), tx, "left") }) }()
	waitUntil(t, func() bool { return f.Store.Queued() == 1 })
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	release()
	must(t, f.Store.Write(t.Context(), func(tx *store.Tx) error { return mark(t.Context(), tx, "next") }))
	if marked(t, f, "left") || !marked(t, f, "next") {
		t.Error("who left the queue has written, or the turn was lost with it")
	}
}

// A context that ends within one function must not end the transaction for the others.
func TestGroupCancelledMemberHarmsNobody(t *testing.T) {
	f := storetest.SQLite(t)
	ctx, cancel := context.WithCancel(t.Context())
	errs := together(t, f.Store,
		func(tx *store.Tx) error { return mark(t.Context(), tx, "before") },
		func(tx *store.Tx) error {
			cancel()
			return mark(ctx, tx, "cancelled")
		},
		func(tx *store.Tx) error { return mark(t.Context(), tx, "after") })
	if errs[0] != nil || !errors.Is(errs[1], context.Canceled) || errs[2] != nil {
		t.Errorf("errors %v", errs)
	}
	if !marked(t, f, "before") || marked(t, f, "cancelled") || !marked(t, f, "after") {
		t.Error("what is written is not what was answered")
	}
}

func TestGroupRunsInTheOrderOfComing(t *testing.T) {
	f := storetest.SQLite(t)
	var order []int // the turn makes it safe
	functions := make([]func(tx *store.Tx) error, 30)
	for n := range functions {
		functions[n] = func(*store.Tx) error {
			order = append(order, n)
			return nil
		}
	}
	for _, err := range together(t, f.Store, functions...) {
		if err != nil {
			t.Error(err)
		}
	}
	if !slices.IsSorted(order) || len(order) != len(functions) {
		t.Errorf("ran in the order %v", order)
	}
}

// Writers who never pause must keep neither readers waiting nor the job queue, which writes beside them on the same connection.
func TestGroupStarvesNobody(t *testing.T) {
	f := storetest.SQLite(t)
	ctx, stop := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	var written atomic.Int64
	for w := range 8 {
		wait.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				if err := f.Store.Write(t.Context(), func(tx *store.Tx) error { return mark(t.Context(), tx, fmt.Sprint("busy-", w)) }); err != nil {
					t.Error(err)
					return
				}
				written.Add(1)
			}
		})
	}
	waitUntil(t, func() bool { return written.Load() > 100 })
	limited, done := context.WithTimeout(t.Context(), patience)
	defer done()
	queue, ok := f.Store.Native().(*sql.DB)
	if !ok {
		t.Fatalf("the store's own database is a %T", f.Store.Native())
	}
	for range 50 {
		if err := f.Store.Ping(limited); err != nil {
			t.Fatalf("a reader: %v", err)
		}
		if _, err := queue.ExecContext(limited, `UPDATE lease SET fence = fence WHERE resource = 'busy-0'`); err != nil {
			t.Fatalf("the job queue: %v", err)
		}
	}
	stop()
	wait.Wait()
}

// Storm: many writers with failures, panics and cancellations; afterwards exactly what was acknowledged is there.
func TestGroupStorm(t *testing.T) {
	f := storetest.SQLite(t)
	var wait sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for w := range 16 {
		wait.Go(func() {
			for n := range 60 {
				name := fmt.Sprintf("storm-%d-%d", w, n)
				err := stormWrite(t.Context(), f.Store, name, (w+n)%5)
				mu.Lock()
				acknowledged[name] = err == nil
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	for name, yes := range acknowledged {
		if marked(t, f, name) != yes {
			t.Errorf("%s: acknowledged %v, written %v", name, yes, !yes)
		}
	}
}

func stormWrite(ctx context.Context, s *store.Store, name string, kind int) (err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if kind == 3 {
		time.AfterFunc(200*time.Microsecond, cancel)
	}
	return s.Write(ctx, func(tx *store.Tx) error {
		if err := mark(ctx, tx, name); err != nil {
			return err
		}
		switch kind {
		case 1:
			return errors.New("invented fault")
		case 2:
			panic("invented")
		}
		return nil
	})
}

// What a member found wrong may rest on another member's uncommitted row: it holds only if that row is committed.
func TestGroupRefusalHoldsOnlyIfWhatItSawIsCommitted(t *testing.T) {
	f := storetest.SQLite(t)
	bank := func(tx *store.Tx) error {
		return tx.InsertBank(t.Context(), hub.Bank{ID: "bank", Name: "Invented", URL: "https://localhost:1", HostID: "H"})
	}
	runs := 0
	errs := together(t, f.Store, bank, bank, func(tx *store.Tx) error {
		if runs++; runs == 1 {
			return store.LoseTransaction(tx)
		}
		return nil
	})
	wrong := 0
	for _, err := range errs[:2] {
		if hub.CodeOf(err) == hub.CodeConflict {
			wrong++
		} else if err != nil {
			t.Errorf("error %v", err)
		}
	}
	if wrong != 1 || len(query(t, f, "SELECT 1 FROM bank WHERE id = 'bank'")) != 1 {
		t.Errorf("%d of two were refused", wrong)
	}
}

// Nothing is written, and nothing acknowledged, once the disk is not trusted any more: neither by those who wait already.
func TestGroupWritesNothingToADiskThatIsNotTrusted(t *testing.T) {
	f := storetest.SQLite(t)
	release := held(t, f.Store)
	done := make(chan error, 1)
	go func() {
		done <- f.Store.Write(t.Context(), func(tx *store.Tx) error { return mark(t.Context(), tx, "waiting") })
	}()
	waitUntil(t, func() bool { return f.Store.Queued() == 1 })
	f.Store.Distrust()
	release()
	if err := <-done; !errors.Is(err, store.ErrDistrusted) {
		t.Errorf("a writer that waited got %v", err)
	}
}
