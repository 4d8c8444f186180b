package app

import (
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// broom is a sweeper over a real store whose jobs nobody works on: what waits is what was hinted at.
type broom struct {
	*storetest.Fixture
	*sweeper
	t       *testing.T
	tenant  hub.TenantID
	contact hub.Contact
}

func newBroom(t *testing.T, f *storetest.Fixture) *broom {
	t.Helper()
	f.Must(job.Migrate(t.Context(), f.Store))
	jobs, err := job.New(f.Store, nil, 0)
	f.Must(err)
	f.NewBank("bank")
	return &broom{Fixture: f, sweeper: &sweeper{store: f.Store, jobs: jobs}, t: t, tenant: f.NewTenant("tenant").ID, contact: f.NewContact(hub.Operator, "bank")}
}

// hints sweeps once and returns how many hints that gave.
func (b *broom) hints() int {
	b.t.Helper()
	before, err := b.jobs.Waiting(b.t.Context())
	b.Must(err)
	b.Must(b.sweep(b.t.Context()))
	after, err := b.jobs.Waiting(b.t.Context())
	b.Must(err)
	return after - before
}

func (b *broom) wants(n int, why string) {
	b.t.Helper()
	if got := b.hints(); got != n {
		b.t.Errorf("%s: %d hints, want %d", why, got, n)
	}
}

func TestOpenWorkIsHintedAtUntilItIsTakenUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		b := newBroom(t, f)
		file := f.NewFile(b.tenant, b.contact.ID, hub.StateQueued, 1)
		resource := store.FileResource(b.tenant, file.ID)
		b.wants(1, "at the start")
		b.wants(0, "a moment later, not taken up yet")
		f.Forward(hintedFor + time.Second)
		b.wants(1, "the hint was lost")
		l := f.Lease(resource, "worker", time.Minute)
		b.wants(0, "while it is in hand")
		f.Must(f.Store.Release(t.Context(), l))
		b.wants(1, "its worker gave up")
		f.Must(f.Store.Postpone(t.Context(), resource, "unreachable", time.Minute, time.Hour))
		f.Forward(hintedFor + time.Second)
		b.wants(0, "while it waits for its next try")
		f.Forward(time.Minute)
		b.wants(1, "its next try is due")
		f.Lease(resource, "worker that dies", time.Minute)
		b.wants(0, "in hand again")
		f.Forward(time.Minute + time.Second)
		b.wants(1, "the worker died")
	})
}

func TestOnlyStatesWithWorkForUsAreHintedAt(t *testing.T) {
	for _, state := range hub.States() {
		t.Run(string(state), func(t *testing.T) {
			b := newBroom(t, storetest.SQLite(t))
			b.NewFile(b.tenant, b.contact.ID, state, 1)
			want := 0
			if state == hub.StateQueued || state == hub.StateSending || state == hub.StateUnclear {
				want = 1
			}
			b.wants(want, "sweep")
		})
	}
}

func TestDestroyedTenantsFilesAreLeftAlone(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	b.NewFile(b.tenant, b.contact.ID, hub.StateQueued, 1)
	b.Write(func(tx *store.Tx) error { return tx.MarkTenantDestroyed(t.Context(), b.tenant) })
	b.wants(0, "sweep")
}

func TestDuePollsAreHintedAtOncePerContact(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	for _, orderType := range []string{"HAC", "C53"} {
		b.Write(func(tx *store.Tx) error {
			return tx.InsertPoll(t.Context(), hub.Poll{Contact: b.contact.ID, OrderType: orderType, Kind: hub.PollStatement, Next: b.Now().Add(time.Hour)})
		})
	}
	b.wants(0, "before they are due")
	b.Forward(time.Hour)
	b.wants(1, "two order types of one contact")
	b.wants(0, "hinted at a moment ago")
	b.Write(func(tx *store.Tx) error {
		for _, orderType := range []string{"HAC", "C53"} {
			if err := tx.FinishPoll(t.Context(), b.contact.ID, orderType, "nothing", b.Now().Add(5*time.Second)); err != nil {
				return err
			}
		}
		return nil
	})
	b.wants(0, "polled")
	b.Forward(5 * time.Second)
	b.wants(1, "the next poll is other work: its hint does not wait for the old one")
}

func TestStoredDeliveriesAreHintedAt(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	var id hub.DownloadID
	b.Write(func(tx *store.Tx) error {
		body, err := tx.PublishBytes(t.Context(), hub.Operator, store.BodyDownload, []byte("data"))
		if err != nil {
			return err
		}
		id = hub.DownloadID(body)
		return tx.InsertDownload(t.Context(), hub.Download{
			ID: id, Contact: b.contact.ID, Owner: hub.Operator, OrderType: "C53", Kind: hub.PollStatement, State: hub.DownloadStored, Created: b.Now(),
		})
	})
	b.wants(1, "stored")
	b.Write(func(tx *store.Tx) error { return tx.SettleDownload(t.Context(), b.contact.ID, id, hub.DownloadIndexed) })
	b.Forward(time.Minute)
	b.wants(0, "split")
}

func TestGivenUpStagingsAreCleared(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	staging, err := b.Store.Stage(t.Context(), b.tenant.Owner(), store.BodyPaymentFile)
	b.Must(err)
	b.Must(staging.Write(t.Context(), make([]byte, 2<<20))) // the first batch is in the database
	b.wants(0, "under way")
	b.Forward(stagedFor + time.Second)
	b.wants(0, "given up")
	b.Must(staging.Close(t.Context()))
	err = b.Store.Write(t.Context(), func(tx *store.Tx) error { _, err := staging.Publish(t.Context(), tx); return err })
	if hub.CodeOf(err) != hub.CodeConflict {
		t.Errorf("publishing what was cleared: %v, want conflict", err)
	}
}

// What a killed upload had staged for comparing later files with must not stay, nor what is past its time.
func TestHistoryIsCleared(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	b.Forward(48 * time.Hour)
	b.Must(b.Store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetTenantSettings(t.Context(), b.tenant, hub.TenantSettings{Verification: hub.Verification{History: true, HistoryDays: 1}})
	}))
	remembers := func(publish bool) {
		t.Helper()
		st, err := b.Store.Stage(t.Context(), b.tenant.Owner(), store.BodyPaymentFile)
		b.Must(err)
		for i := range 1030 {
			b.Must(st.Remember(t.Context(), hub.HistoryPayment, st.Print(hub.HistoryPayment, []byte{byte(i), byte(i >> 8)})))
		}
		b.Must(st.Close(t.Context()))
		if publish {
			b.Must(b.Store.Write(t.Context(), func(tx *store.Tx) error {
				if _, err := st.Publish(t.Context(), tx); err != nil {
					return err
				}
				return st.PublishHistory(t.Context(), tx)
			}))
		}
	}
	left := func(want int) {
		t.Helper()
		b.Must(b.sweep(t.Context()))
		// A sweep much later finds what this one has left.
		if n, err := b.Store.SweepHistory(t.Context(), b.Now().Add(time.Hour)); err != nil || n != want {
			t.Errorf("the sweep has left %d prints (%v), want %d", n, err, want)
		}
	}
	remembers(false)
	b.Forward(stagedFor + time.Second)
	left(0)
	remembers(false)
	left(1024)
	remembers(true)
	b.Forward(24*time.Hour + time.Second)
	left(0)
}

// When the workers lag behind, more hints would only be in their way.
func TestBacklogGetsNoMoreHints(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	file := b.NewFile(b.tenant, b.contact.ID, hub.StateQueued, 1)
	b.Write(func(tx *store.Tx) error {
		for range backlog + 1 {
			if err := b.jobs.Enqueue(t.Context(), tx, hub.SendJob{Tenant: b.tenant, File: file.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	b.wants(0, "with a backlog")
}

// A contact that is being polled, or whose bank is in trouble, gets no further hint.
func TestContactInHandOrPostponedIsLeftAlone(t *testing.T) {
	b := newBroom(t, storetest.SQLite(t))
	b.Write(func(tx *store.Tx) error {
		return tx.InsertPoll(t.Context(), hub.Poll{Contact: b.contact.ID, OrderType: "HAC", Kind: hub.PollProtocol, Next: b.Now()})
	})
	resource := store.ContactResource(b.contact.ID)
	l := b.Lease(resource, "worker", time.Minute)
	b.wants(0, "in hand")
	b.Must(b.Store.Release(t.Context(), l))
	b.Must(b.Store.Postpone(t.Context(), resource, "unreachable", time.Minute, time.Hour))
	b.wants(0, "postponed")
	b.Forward(time.Minute + time.Second)
	b.wants(1, "its next try is due")
}
