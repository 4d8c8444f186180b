package store_test

import (
	"context"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// R9: a lease that a wrong clock has written must not keep others off for as long as the clock was wrong.
func TestR9LeaseFromTheFutureCountsAsEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		const ttl = 30 * time.Second
		right := f.Now()
		for _, row := range []struct {
			name  string
			ahead time.Duration
			ends  bool
		}{
			{"26 hours", 26 * time.Hour, true},
			{"15 minutes", 15 * time.Minute, true},
			{"the longest lease", hub.MaxLease, false},
		} {
			t.Run(row.name, func(t *testing.T) {
				f.SetNow(right.Add(row.ahead))
				dead := f.Lease("r "+row.name, "dead", ttl)
				f.SetNow(right)
				f.Read(func(tx *store.Tx) error {
					leased, err := tx.Leased(ctx)
					if leased[dead.Resource] == row.ends {
						t.Errorf("leased: %t", leased[dead.Resource])
					}
					return err
				})
				l, held, err := f.Store.Acquire(ctx, dead.Resource, "other", ttl)
				must(t, err)
				if held != row.ends || held && l.Fence <= dead.Fence {
					t.Errorf("held %t with fence %d after %d, want %t", held, l.Fence, dead.Fence, row.ends)
				}
			})
		}
	})
}

// R9: what a process works on under a lease, nobody else in it takes up, however the clock jumps meanwhile.
func TestR9ClockForwardDoesNotTakeWorkFromItsWorker(t *testing.T) {
	f := storetest.SQLite(t)
	worked := 0
	err := f.Store.WithLease(t.Context(), "r", "node", time.Minute, func(ctx context.Context, _ hub.Lease) error {
		f.Forward(26 * time.Hour)
		return f.Store.WithLease(ctx, "r", "node", time.Minute, func(context.Context, hub.Lease) error { worked++; return nil })
	})
	must(t, err)
	if worked != 0 {
		t.Error("two worked on it at the same time")
	}
	must(t, f.Store.WithLease(t.Context(), "r", "node", time.Minute, func(context.Context, hub.Lease) error { worked++; return nil }))
	if worked != 1 {
		t.Error("nobody may work on it afterwards")
	}
}

// R9: where nodes share a database, a node whose clock is wrong neither takes leases from others nor keeps its own longer.
func TestR9LeasesGoByTheDatabasesClock(t *testing.T) {
	f := storetest.Postgres(t)
	ctx := t.Context()
	open := func(off time.Duration) *store.Store {
		s, err := store.Open(ctx, store.Options{
			Database: f.Database, Vault: f.Vault, DatabaseClock: true, Now: func() time.Time { return time.Now().Add(off) },
		})
		must(t, err)
		t.Cleanup(func() { must(t, s.Close()) })
		return s
	}
	right, ahead := open(0), open(26*time.Hour)
	first, held, err := right.Acquire(ctx, "r", "right", time.Minute)
	must(t, err)
	if !held {
		t.Fatal("not held")
	}
	if _, held, err := ahead.Acquire(ctx, "r", "ahead", time.Minute); held || err != nil {
		t.Errorf("the node that is ahead has taken the lease: %v", err)
	}
	must(t, right.Release(ctx, first))
	theirs, held, err := ahead.Acquire(ctx, "r", "ahead", time.Minute)
	must(t, err)
	if !held || theirs.Until.Sub(first.Until).Abs() > time.Minute {
		t.Errorf("held %t until %s, the one before until %s", held, theirs.Until, first.Until)
	}
	for s, want := range map[*store.Store]time.Duration{right: 0, ahead: 26 * time.Hour} {
		offset, err := s.ClockOffset(ctx)
		must(t, err)
		if (offset - want).Abs() > 5*time.Second {
			t.Errorf("offset %s, want about %s", offset, want)
		}
	}
}

// R9: polls and further tries that were planned by a clock which was wrong are due when they were meant to be, or at once.
func TestR9PlansOfAWrongClockAreMadeAnew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		const resource = "file:x"
		right := f.Now()
		postponed := func(now time.Time) bool {
			f.SetNow(now)
			var waits bool
			f.Read(func(tx *store.Tx) (err error) { waits, err = tx.IsPostponed(ctx, resource); return err })
			return waits
		}
		f.SetNow(right.Add(26 * time.Hour))
		must(t, f.Store.Postpone(ctx, resource, "unreachable", time.Minute, time.Hour))
		if !postponed(right) {
			t.Fatal("it is due at once")
		}
		must(t, f.Store.ClockSetBack(ctx, 26*time.Hour))
		if !postponed(right.Add(59*time.Second)) || postponed(right.Add(61*time.Second)) {
			t.Error("set back with the clock, the try is not due a minute from now")
		}
		f.SetNow(right.Add(26 * time.Hour))
		must(t, f.Store.Postpone(ctx, resource, "unreachable", time.Minute, time.Hour))
		f.SetNow(right)
		must(t, f.Store.PullIn(ctx, 25*time.Hour, 2*time.Hour))
		if postponed(right.Add(time.Microsecond)) {
			t.Error("a try that is planned later than any can be still waits")
		}
		must(t, f.Store.Postpone(ctx, resource, "unreachable", time.Hour, time.Hour))
		must(t, f.Store.PullIn(ctx, 25*time.Hour, 2*time.Hour))
		if !postponed(right.Add(time.Minute)) {
			t.Error("a try that is planned as it should be does not wait any more")
		}
	})
}

// R9: a token that was made by a clock which has been set back since is not valid for as long as that clock was wrong.
func TestR9TokenFromTheFutureIsNotValid(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		key := f.NewKey(tenant.ID, []byte("the key's hash"))
		right := f.Now()
		for _, row := range []struct {
			name  string
			ahead time.Duration
			valid bool
		}{
			{"a node that is a minute ahead", time.Minute, true},
			{"a node that was 26 hours ahead", 26 * time.Hour, false},
			{"a node that was a quarter of an hour ahead", 15 * time.Minute, false},
		} {
			t.Run(row.name, func(t *testing.T) {
				f.SetNow(right.Add(row.ahead))
				f.Write(func(tx *store.Tx) error {
					return tx.InsertToken(ctx, []byte(row.name), tenant.ID, key.ID, f.Now().Add(30*time.Minute))
				})
				f.SetNow(right)
				f.Read(func(tx *store.Tx) error {
					_, found, err := tx.PrincipalByToken(ctx, []byte(row.name))
					if found != row.valid {
						t.Errorf("valid %t", found)
					}
					return err
				})
			})
		}
	})
}
