package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestLeaseIsExclusiveUntilItExpires(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		const ttl = 10 * time.Second
		first := f.Lease("r", "one", ttl)
		for _, row := range []struct {
			name    string
			forward time.Duration
			holder  string
			held    bool
			fence   int64
		}{
			{"another at once", 0, "two", false, 0},
			{"the holder renews and keeps the fence", 5 * time.Second, "one", true, first.Fence},
			{"another at the end of the renewed lease", ttl, "two", false, 0},
			{"another after its end, with a higher fence", time.Microsecond, "two", true, first.Fence + 1},
			{"the first cannot take it back", 0, "one", false, 0},
			{"the same after its own lease ended, with a higher fence", ttl + time.Second, "two", true, first.Fence + 2},
		} {
			t.Run(row.name, func(t *testing.T) {
				f.Forward(row.forward)
				l, held, err := f.Store.Acquire(ctx, "r", row.holder, ttl)
				must(t, err)
				if held != row.held || held && (l.Fence != row.fence || !l.Until.Equal(f.Now().Add(ttl)) || l.Holder != row.holder) {
					t.Errorf("held %v, %+v, want %v with fence %d", held, l, row.held, row.fence)
				}
			})
		}
		if other := f.Lease("another resource", "one", ttl); other.Fence != 1 {
			t.Errorf("another resource has fence %d", other.Fence)
		}
		f.Read(func(tx *store.Tx) error {
			leased, err := tx.Leased(ctx)
			if len(leased) != 2 || !leased["r"] {
				t.Errorf("leased %v", leased)
			}
			return err
		})
	})
}

func TestLeaseIsTakenByOneOfMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		var all sync.WaitGroup
		var holders atomic.Int64
		for range 8 {
			all.Go(func() {
				_, held, err := f.Store.Acquire(t.Context(), "r", store.NewID(), time.Minute)
				if err != nil {
					t.Error(err)
				}
				if held {
					holders.Add(1)
				}
			})
		}
		all.Wait()
		if holders.Load() != 1 {
			t.Errorf("%d holders", holders.Load())
		}
	})
}

func TestOvertakenHolderIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		old := f.Lease("r", "one", time.Second)
		fenced := func(l hub.Lease) error {
			return f.Store.Write(ctx, func(tx *store.Tx) error { return tx.Fenced(ctx, l) })
		}
		must(t, fenced(old))
		if lost, err := f.Store.Renew(ctx, old, time.Second); lost || err != nil {
			t.Errorf("a running lease is not renewed: %v %v", lost, err)
		}
		f.Forward(2 * time.Second)
		young := f.Lease("r", "two", time.Second)
		wantCode(t, fenced(old), hub.CodeConflict)
		if lost, err := f.Store.Renew(ctx, old, time.Second); !lost || err != nil {
			t.Errorf("an overtaken lease is renewed: %v %v", lost, err)
		}
		must(t, f.Store.Release(ctx, old)) // changes nothing
		must(t, fenced(young))
		if _, held, err := f.Store.Acquire(ctx, "r", "three", time.Second); held || err != nil {
			t.Errorf("the overtaken holder gave the other's lease away: %v", err)
		}
		must(t, f.Store.Release(ctx, young))
		if next := f.Lease("r", "two", time.Second); next.Fence != young.Fence+1 {
			t.Errorf("fence %d after %d", next.Fence, young.Fence)
		}
	})
}

// What a holder writes under Fenced and what its successor does exclude each other: the successor waits, or the old one is refused.
func TestFencedWriteHoldsTheLeaseUntilItCommits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		old := f.Lease("r", "one", time.Second)
		f.Forward(2 * time.Second)
		fenced, commit := make(chan struct{}), make(chan struct{})
		writing := background(t, func(ctx context.Context) error {
			return f.Store.Write(ctx, func(tx *store.Tx) error {
				err := tx.Fenced(ctx, old)
				close(fenced)
				<-commit
				return err
			})
		})
		<-fenced
		var taken atomic.Bool
		taking := background(t, func(ctx context.Context) error {
			_, held, err := f.Store.Acquire(ctx, "r", "two", time.Second)
			taken.Store(true)
			if !held {
				err = errors.Join(err, errors.New("not held"))
			}
			return err
		})
		waitForBlockedWriter(t, f)
		if taken.Load() {
			t.Error("the lease was taken in the middle of a fenced write")
		}
		close(commit)
		must(t, result(t, writing))
		must(t, result(t, taking))
	})
}

func TestReleaseAllLeasesIsForTheEmbeddedEngine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		old := f.Lease("r", "killed process", time.Hour)
		err := f.Store.ReleaseAllLeases(t.Context())
		if f.Store.Engine() == store.Postgres {
			wantCode(t, err, hub.CodeConflict)
			return
		}
		must(t, err)
		if l := f.Lease("r", "next process", time.Hour); l.Fence != old.Fence+1 {
			t.Errorf("fence %d after %d", l.Fence, old.Fence)
		}
	})
}

func TestWorkRunsUnderALeaseThatIsGivenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		broken := errors.New("work broke")
		for i := range 2 {
			ran := false
			err := f.Store.WithLease(ctx, "r", "node", time.Minute, func(ctx context.Context, l hub.Lease) error {
				ran = true
				if l.Fence != int64(i+1) {
					t.Errorf("fence %d", l.Fence)
				}
				// The same node does not enter twice either.
				return errors.Join(broken, f.Store.WithLease(ctx, "r", "node", time.Minute, func(context.Context, hub.Lease) error {
					t.Error("two at once")
					return nil
				}))
			})
			if !ran || !errors.Is(err, broken) {
				t.Errorf("ran %v, error %v", ran, err)
			}
		}
		f.Read(func(tx *store.Tx) error {
			leased, err := tx.Leased(ctx)
			if len(leased) != 0 {
				t.Errorf("left: %v", leased)
			}
			return err
		})
	})
}

func TestHeartbeatKeepsTheLease(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		const ttl = 300 * time.Millisecond
		err := f.Store.WithLease(t.Context(), "r", "node", ttl, func(ctx context.Context, l hub.Lease) error {
			f.Forward(ttl - time.Microsecond) // nearly over
			until := func() int64 { return count(t, f, `SELECT until FROM lease WHERE resource = 'r'`) }
			for end := time.Now().Add(patience); until() <= l.Until.UnixMicro(); time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					return errors.New("the lease is not renewed")
				}
			}
			return context.Cause(ctx)
		})
		must(t, err)
	})
}

func TestWorkEndsWhenItsLeaseIsLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		const ttl = 60 * time.Millisecond
		err := f.Store.WithLease(t.Context(), "r", "node", ttl, func(ctx context.Context, _ hub.Lease) error {
			tamper(t, f, `UPDATE lease SET holder = 'another', fence = fence + 1`)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(patience):
				return errors.New("work goes on without its lease")
			}
		})
		wantCode(t, err, hub.CodeConflict)
		if holder := query(t, f, `SELECT holder FROM lease`)[0][0]; holder != "another" {
			t.Errorf("the lease is held by %v", holder)
		}
	})
}

// A node that is cut off from the database cannot renew, and cannot see that another took over: once its lease must have ended, so
// must its work.
func TestWorkEndsWhenItsLeaseCannotBeRenewed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		const ttl = 60 * time.Millisecond
		err := f.Store.WithLease(t.Context(), "r", "node", ttl, func(ctx context.Context, _ hub.Lease) error {
			tamper(t, f, `ALTER TABLE lease RENAME TO lease_gone`)
			defer tamper(t, f, `ALTER TABLE lease_gone RENAME TO lease`)
			f.Forward(ttl + time.Second)
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(patience):
				return errors.New("work goes on without its lease")
			}
		})
		wantCode(t, err, hub.CodeConflict)
	})
}

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		for _, row := range []struct {
			name         string
			first, limit time.Duration
			want         []time.Duration
		}{
			{"minutes", time.Minute, 5 * time.Minute, []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 5 * time.Minute, 5 * time.Minute}},
			{"first over the limit", time.Hour, time.Minute, []time.Duration{time.Minute, time.Minute}},
		} {
			for i, want := range row.want {
				must(t, f.Store.Postpone(ctx, row.name, "unavailable", row.first, row.limit))
				f.Read(func(tx *store.Tx) error {
					all, err := tx.Postponed(ctx)
					if got := all[row.name]; got.Failures != i+1 || !got.Next.Equal(f.Now().Add(want)) || got.Code != "unavailable" {
						t.Errorf("%s: failure %d: %+v, want in %v", row.name, i+1, got, want)
					}
					return err
				})
			}
		}
		for range 80 { // far beyond what fits into a Duration
			must(t, f.Store.Postpone(ctx, "long", "internal", 24*time.Hour, 48*time.Hour))
		}
		f.Read(func(tx *store.Tx) error {
			all, err := tx.Postponed(ctx)
			if !all["long"].Next.Equal(f.Now().Add(48 * time.Hour)) {
				t.Errorf("after 80 failures: %+v", all["long"])
			}
			return err
		})
		f.Write(func(tx *store.Tx) error { return tx.ClearBackoff(ctx, "long") })
		f.Forward(5 * time.Minute)
		f.Read(func(tx *store.Tx) error {
			all, err := tx.Postponed(ctx)
			if len(all) != 0 {
				t.Errorf("still postponed: %v", all)
			}
			return err
		})
		must(t, f.Store.Postpone(ctx, "minutes", "internal", time.Second, time.Hour))
		f.Read(func(tx *store.Tx) error {
			all, err := tx.Postponed(ctx)
			if all["minutes"].Failures != 6 {
				t.Errorf("a try that came does not clear the count, success does: %+v", all["minutes"])
			}
			return err
		})
	})
}

func TestSendingIsWrittenStepByStepUnderItsFence(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		j := hub.Sending{
			Tenant: tenant.ID, File: "file", Attempt: 1, Contact: "contact", Step: hub.StepPrepared, Segments: 3, Spool: "spool",
			Prepared: []byte("prepared"), Fence: 5, Started: f.Store.Now(), Updated: f.Store.Now(),
		}
		f.Write(func(tx *store.Tx) error { return tx.InsertSending(ctx, j) })
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.InsertSending(ctx, j) }), hub.CodeConflict)
		for _, row := range []struct {
			name     string
			from, to hub.SendStep
			fence    int64
			segment  int
			code     hub.Code
		}{
			{"from a step it is not in", hub.StepInitialised, hub.StepSegment, 5, 1, hub.CodeConflict},
			{"by an older holder", hub.StepPrepared, hub.StepInitialised, 4, 0, hub.CodeConflict},
			{"by its holder", hub.StepPrepared, hub.StepInitialised, 5, 0, ""},
			{"the same again", hub.StepPrepared, hub.StepInitialised, 5, 0, hub.CodeConflict},
			{"by a younger holder", hub.StepInitialised, hub.StepSegment, 6, 1, ""},
			{"by the overtaken holder", hub.StepSegment, hub.StepLast, 5, 2, hub.CodeConflict},
			{"on within a step", hub.StepSegment, hub.StepSegment, 6, 2, ""},
			{"to the last segment", hub.StepSegment, hub.StepLast, 6, 2, ""},
			{"to the end", hub.StepLast, hub.StepDone, 6, 3, ""},
		} {
			t.Run(row.name, func(t *testing.T) {
				f.Forward(time.Second)
				next := j
				next.Step, next.Fence, next.Segment, next.OrderID, next.TransactionID = row.to, row.fence, row.segment, "A001", "T1"
				err := f.Store.Write(ctx, func(tx *store.Tx) error { return tx.UpdateSending(ctx, next, row.from) })
				if row.code != "" {
					wantCode(t, err, row.code)
				} else {
					must(t, err)
					j = next
					j.Updated = f.Store.Now()
				}
				f.Read(func(tx *store.Tx) error {
					got, found, err := tx.LastSending(ctx, tenant.ID, "file")
					wantSending(t, got, found, j)
					return err
				})
			})
		}
		again := j
		again.Attempt, again.Step, again.Started, again.OrderID = 2, hub.StepInitialised, f.Store.Now(), "A001"
		f.Write(func(tx *store.Tx) error { return tx.InsertSending(ctx, again) })
		f.Read(func(tx *store.Tx) error {
			got, found, err := tx.LastSending(ctx, tenant.ID, "file")
			wantSending(t, got, found, again)
			byOrder, found2, err2 := tx.SendingByOrder(ctx, "contact", "A001")
			wantSending(t, byOrder, found2, again)
			_, none, err3 := tx.SendingByOrder(ctx, "other contact", "A001")
			_, none2, err4 := tx.LastSending(ctx, tenant.ID, "other file")
			if none || none2 {
				t.Error("a sending of another contact or file was found")
			}
			return errors.Join(err, err2, err3, err4)
		})
	})
}

func wantSending(t *testing.T, got hub.Sending, found bool, want hub.Sending) {
	t.Helper()
	if !found || string(got.Prepared) != string(want.Prepared) {
		t.Fatalf("found %v: %+v", found, got)
	}
	got.Prepared, want.Prepared = nil, nil
	if !sameSending(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func sameSending(a, b hub.Sending) bool {
	return a.Tenant == b.Tenant && a.File == b.File && a.Attempt == b.Attempt && a.Contact == b.Contact && a.Step == b.Step &&
		a.Segment == b.Segment && a.Segments == b.Segments && a.OrderID == b.OrderID && a.TransactionID == b.TransactionID &&
		a.Spool == b.Spool && a.Fence == b.Fence && a.Started.Equal(b.Started) && a.Updated.Equal(b.Updated)
}

func TestClearedContactIsTriedAtOnceWithItsQueuedFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		queued := f.NewFile(tenant.ID, "one", hub.StateQueued, 0)
		unclear := f.NewFile(tenant.ID, "one", hub.StateUnclear, 0)
		other := f.NewFile(tenant.ID, "two", hub.StateQueued, 0)
		for _, resource := range []string{
			store.ContactResource("one"), store.ContactResource("two"), store.FileResource(tenant.ID, queued.ID),
			store.FileResource(tenant.ID, unclear.ID), store.FileResource(tenant.ID, other.ID),
		} {
			must(t, f.Store.Postpone(ctx, resource, "unavailable", time.Minute, time.Hour))
		}
		f.Write(func(tx *store.Tx) error { return tx.ClearContactBackoff(ctx, "one") })
		f.Read(func(tx *store.Tx) error {
			left, err := tx.Postponed(ctx)
			_, contact := left[store.ContactResource("one")]
			_, file := left[store.FileResource(tenant.ID, queued.ID)]
			if contact || file || len(left) != 3 {
				t.Errorf("left: %v", left)
			}
			return err
		})
	})
}
