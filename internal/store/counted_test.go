package store_test

import (
	"sync/atomic"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// counter opens the fixture's database as a process that counts time would. The clock that cannot be set stands until the test moves it.
func counter(t *testing.T, f *storetest.Fixture) (s *store.Store, steady *atomic.Int64) {
	t.Helper()
	steady = &atomic.Int64{}
	s, err := store.Open(t.Context(), store.Options{
		Database: f.Database, Vault: f.Vault, Now: f.Now, Steady: func() time.Duration { return time.Duration(steady.Load()) },
	})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s, steady
}

// counting is a process that has begun to count.
func counting(t *testing.T, f *storetest.Fixture, machine store.Uptime) (s *store.Store, steady *atomic.Int64, leap time.Duration) {
	t.Helper()
	s, steady = counter(t, f)
	leap, err := s.CountTime(t.Context(), machine)
	must(t, err)
	return s, steady, leap
}

// repeat submits one digest again and says whether it was refused as a double.
func repeat(t *testing.T, s *store.Store, tenant hub.TenantID, file hub.FileID) (refused bool) {
	t.Helper()
	must(t, s.Write(t.Context(), func(tx *store.Tx) error {
		first, err := tx.ClaimSubmission(t.Context(), tenant, [32]byte{1}, file, window)
		refused = first != ""
		return err
	}))
	return refused
}

// R9: the window of double submissions ends when its time has passed, and not when a clock says so: a clock that is set 26 hours forward
// must not turn a repeat into a second payment, while the process runs nor when it is started again.
func TestR9RepeatStaysRefusedWhenTheClockJumps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		first := f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 1).ID
		machine := store.Uptime{Witness: "a start of the machine", Up: time.Hour}
		s, steady, _ := counting(t, f, machine)
		if repeat(t, s, tenant.ID, first) {
			t.Fatal("the first is refused")
		}
		pass := func(d time.Duration) {
			f.Forward(d)
			steady.Add(int64(d))
			machine.Up += d
			_, err := s.CountTime(ctx, machine)
			must(t, err)
		}
		for _, step := range []struct {
			name    string
			do      func()
			refused bool
		}{
			{"at once", func() {}, true},
			{"26 hours forward by the clock", func() { f.Forward(26 * time.Hour) }, true},
			{"an hour later", func() { pass(time.Hour) }, true},
			{"26 hours backwards by the clock", func() { f.Forward(-26 * time.Hour) }, true},
			{"after a restart, the clock jumping meanwhile", func() {
				_, err := s.CountTime(ctx, machine)
				must(t, err)
				f.Forward(26 * time.Hour)
				s, steady, _ = counting(t, f, machine)
			}, true},
			{"after the machine was off for a week", func() {
				f.Forward(7 * 24 * time.Hour)
				machine = store.Uptime{Witness: "another start of the machine", Up: time.Minute}
				s, steady, _ = counting(t, f, machine)
			}, true},
			{"at the end of the window", func() { pass(window - time.Hour) }, true},
			{"after the window", func() { pass(time.Microsecond) }, false},
			{"the window begins anew with what was taken", func() { pass(window) }, true},
		} {
			step.do()
			if got := repeat(t, s, tenant.ID, first); got != step.refused {
				t.Errorf("%s: refused %t, want %t", step.name, got, step.refused)
			}
		}
	})
}

// While no process runs the machine itself counts, but no more than the clock says: a container's uptime need not be its machine's.
func TestTimeWithoutAProcessIsCountedByTheMachine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		const start = "this start of the machine"
		for _, row := range []struct {
			name    string
			clock   time.Duration // by which it moves while nothing runs
			machine store.Uptime
			ended   bool
			leap    time.Duration
		}{
			{"the machine was up all the time", window + time.Hour, store.Uptime{Witness: start, Up: window + 2*time.Hour}, true, time.Second},
			{"the clock was set, the machine was up for a minute", window + time.Hour, store.Uptime{Witness: start, Up: time.Hour + time.Minute}, false, window + 59*time.Minute + time.Second},
			{"the machine's word is more than the clock's", time.Minute, store.Uptime{Witness: start, Up: 1000 * time.Hour}, false, 0},
			{"the machine was started again", window + time.Hour, store.Uptime{Witness: "another", Up: window + 2*time.Hour}, false, window + time.Hour},
			{"the machine says nothing", window + time.Hour, store.Uptime{}, false, window + time.Hour},
			{"the machine's word went backwards", window + time.Hour, store.Uptime{Witness: start, Up: time.Minute}, false, window + time.Hour},
		} {
			t.Run(row.name, func(t *testing.T) {
				tenant := f.NewTenant("tenant-" + store.NewID())
				first := f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 1).ID
				s, _, _ := counting(t, f, store.Uptime{Witness: start, Up: time.Hour})
				if repeat(t, s, tenant.ID, first) {
					t.Fatal("the first is refused")
				}
				f.Forward(row.clock)
				s, _, leap := counting(t, f, row.machine)
				if leap != row.leap {
					t.Errorf("leap %s, want %s", leap, row.leap)
				}
				if refused := repeat(t, s, tenant.ID, first); refused == row.ended {
					t.Errorf("refused %t", refused)
				}
			})
		}
	})
}

// Several nodes count the same time, not each its own.
func TestNodesCountTimeOnce(t *testing.T) {
	f := storetest.Postgres(t)
	ctx := t.Context()
	tenant := f.NewTenant("alpha")
	first := f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 1).ID
	a, steadyA, _ := counting(t, f, store.Uptime{Witness: "a"})
	b, steadyB, _ := counting(t, f, store.Uptime{Witness: "b"})
	if repeat(t, a, tenant.ID, first) {
		t.Fatal("the first is refused")
	}
	for range 30 { // 15 hours
		for _, steady := range []*atomic.Int64{steadyA, steadyB} {
			steady.Add(int64(30 * time.Minute))
		}
		for _, s := range []*store.Store{a, b} {
			_, err := s.CountTime(ctx, store.Uptime{})
			must(t, err)
		}
	}
	if !repeat(t, b, tenant.ID, first) {
		t.Error("after 15 hours by each of two nodes the window of 24 hours is over")
	}
	// A node that comes later knows what the others have counted.
	steadyA.Add(int64(window - 15*time.Hour + time.Microsecond))
	_, err := a.CountTime(ctx, store.Uptime{})
	must(t, err)
	c, _, _ := counting(t, f, store.Uptime{Witness: "c"})
	if repeat(t, c, tenant.ID, first) {
		t.Error("after the window by the first node's count, a new node refuses")
	}
}

// A process that has not begun to count must not judge: its count would begin at nothing.
func TestClaimBeforeCountingIsAnError(t *testing.T) {
	f := storetest.SQLite(t)
	tenant := f.NewTenant("alpha")
	s, _ := counter(t, f)
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.ClaimSubmission(t.Context(), tenant.ID, [32]byte{1}, "file", window)
		return err
	})
	if err == nil {
		t.Error("claimed")
	}
}

// A node that cannot compare its count any more, because its sweep hangs for example, does not judge: others may have claimed by counts of which
// it knows nothing.
func TestANodeThatDoesNotExchangeItsCountDoesNotJudge(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		confirmed := f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 1).ID
		a, steady, _ := counting(t, f, store.Uptime{Witness: "a"})
		b, _, _ := counting(t, f, store.Uptime{Witness: "b"})
		if repeat(t, b, tenant.ID, confirmed) {
			t.Fatal("the first is refused")
		}
		for _, row := range []struct {
			name string
			do   func(tx *store.Tx) error
		}{
			{"claim", func(tx *store.Tx) error {
				_, err := tx.ClaimSubmission(t.Context(), tenant.ID, [32]byte{1}, "repeat", time.Hour)
				return err
			}},
			{"note", func(tx *store.Tx) error { return tx.NoteSubmission(t.Context(), tenant.ID, [32]byte{2}, "repeat") }},
		} {
			steady.Add(int64(3 * time.Hour))
			if err := a.Write(t.Context(), row.do); hub.CodeOf(err) != hub.CodeUnavailable {
				t.Errorf("%s after three hours alone: %v, want unavailable", row.name, err)
			}
			_, err := a.CountTime(t.Context(), store.Uptime{})
			must(t, err)
			if err := a.Write(t.Context(), row.do); err != nil {
				t.Errorf("%s after the exchange: %v", row.name, err)
			}
		}
	})
}

// Files that came before time was counted keep their repeats off for one more window after the migration.
func TestClaimsOfBeforeBlockForOneMoreWindow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		first := f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 1).ID
		if repeat(t, f.Store, tenant.ID, first) {
			t.Fatal("the first is refused")
		}
		backTo(t, f, 3)
		f.Forward(100 * window)
		must(t, f.Store.Migrate(t.Context()))
		s, steady, _ := counting(t, f, store.Uptime{})
		pass := func(d time.Duration) {
			steady.Add(int64(d))
			_, err := s.CountTime(t.Context(), store.Uptime{})
			must(t, err)
		}
		pass(window)
		if !repeat(t, s, tenant.ID, first) {
			t.Error("taken within a window after the migration")
		}
		pass(time.Microsecond)
		if repeat(t, s, tenant.ID, first) {
			t.Error("refused a window after the migration")
		}
	})
}
