package store_test

import (
	"fmt"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// remembered adds a file that remembers so many payments: value, value 1, and so on.
func remembered(t *testing.T, f *storetest.Fixture, tenant hub.TenantID, contact hub.ContactID, state hub.State, value string, payments int) hub.FileID {
	t.Helper()
	st, err := f.Store.Stage(t.Context(), tenant.Owner(), store.BodyPaymentFile)
	must(t, err)
	must(t, st.Write(t.Context(), []byte("<Document/>")))
	remember(t, st, value, payments)
	must(t, st.Close(t.Context()))
	file := hub.PaymentFile{ID: hub.FileID(st.ID()), Tenant: tenant, Contact: contact, State: state, Created: f.Store.Now(), Updated: f.Store.Now()}
	f.Write(func(tx *store.Tx) error {
		if _, err := st.Publish(t.Context(), tx); err != nil {
			return err
		}
		if err := st.PublishHistory(t.Context(), tx); err != nil {
			return err
		}
		return tx.InsertFile(t.Context(), file)
	})
	return file.ID
}

func remember(t *testing.T, st *store.Staging, value string, payments int) {
	t.Helper()
	for i := range payments {
		v := value
		if i > 0 {
			v = fmt.Sprintf("%s %d", value, i)
		}
		must(t, st.Remember(t.Context(), hub.HistoryPayment, st.Print(hub.HistoryPayment, []byte(v))))
	}
}

// earlier looks one payment up.
func earlier(t *testing.T, f *storetest.Fixture, tenant hub.TenantID, value string, since time.Time) hub.FileID {
	t.Helper()
	st, err := f.Store.Stage(t.Context(), tenant.Owner(), store.BodyPaymentFile)
	must(t, err)
	p := st.Print(hub.HistoryPayment, []byte(value))
	var found map[store.Print]hub.FileID
	f.Read(func(tx *store.Tx) error {
		found, err = tx.EarlierFiles(t.Context(), tenant, []store.Print{p}, since)
		return err
	})
	return found[p]
}

// prints counts what the database keeps.
func prints(t *testing.T, f *storetest.Fixture) int64 {
	t.Helper()
	return count(t, f, `SELECT COUNT(*) FROM history_print`) + count(t, f, `SELECT COUNT(*) FROM history_file`)
}

func wantsHistory(f *storetest.Fixture, t *testing.T, tenant hub.TenantID, v hub.Verification) {
	t.Helper()
	f.Write(func(tx *store.Tx) error {
		return tx.SetTenantSettings(t.Context(), tenant, hub.TenantSettings{Verification: v})
	})
}

func TestAPaymentIsFoundInTheLastFileThatWasNotRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant, other := f.NewTenant("alpha"), f.NewTenant("beta")
		contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
		begin := f.Now()
		first := remembered(t, f, tenant.ID, contact.ID, hub.StateConfirmed, "rent", 3000)
		if got := earlier(t, f, tenant.ID, "rent 2999", begin); got != first {
			t.Errorf("found %q, want %s", got, first)
		}
		if got := earlier(t, f, tenant.ID, "rent 3000", begin); got != "" {
			t.Errorf("found %q for a payment that nobody made", got)
		}
		if got := earlier(t, f, other.ID, "rent", begin); got != "" {
			t.Errorf("another tenant finds %q", got)
		}
		f.Forward(time.Hour)
		if got := earlier(t, f, tenant.ID, "rent", f.Now()); got != "" {
			t.Errorf("found %q before the window", got)
		}
		second := remembered(t, f, tenant.ID, contact.ID, hub.StateQueued, "rent", 1)
		for _, refused := range []hub.State{hub.StateRejected, hub.StateFailed, hub.StateCancelledAtBank, hub.StateRejectedByBank} {
			remembered(t, f, tenant.ID, contact.ID, refused, "rent", 1)
		}
		if got := earlier(t, f, tenant.ID, "rent", begin); got != second {
			t.Errorf("found %q, want the second file %s", got, second)
		}
	})
}

// A killed process leaves prints that nobody may take for payments, and that do not stay.
func TestHistoryOfAFileThatWasNeverPublishedDoesNotCountAndIsSwept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		wantsHistory(f, t, tenant.ID, hub.Verification{History: true})
		st, err := f.Store.Stage(t.Context(), tenant.ID.Owner(), store.BodyPaymentFile)
		must(t, err)
		remember(t, st, "rent", 2500)
		if n := prints(t, f); n != 2048+1 {
			t.Fatalf("%d rows are staged", n)
		}
		if got := earlier(t, f, tenant.ID, "rent", time.Time{}); got != "" {
			t.Errorf("found %q in a file that nobody can see", got)
		}
		sweep := func(before time.Time) int {
			t.Helper()
			_, err := f.Store.SweepStaged(t.Context(), before)
			must(t, err)
			n, err := f.Store.SweepHistory(t.Context(), before)
			must(t, err)
			return n
		}
		if n := sweep(f.Now()); n != 0 {
			t.Errorf("%d prints of a file on its way were swept", n)
		}
		f.Forward(time.Second)
		if n := sweep(f.Now()); n != 2048 || prints(t, f) != 0 {
			t.Errorf("%d prints were swept, %d rows are left", n, prints(t, f))
		}
	})
}

func TestADiscardedOrRejectedFileLeavesNoHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		for name, end := range map[string]func(st *store.Staging){
			"discarded": func(st *store.Staging) { st.Discard(t.Context()) },
			"rejected": func(st *store.Staging) {
				f.Write(func(tx *store.Tx) error { _, err := st.Publish(t.Context(), tx); return err })
				st.DropHistory(t.Context())
			},
		} {
			st, err := f.Store.Stage(t.Context(), tenant.ID.Owner(), store.BodyPaymentFile)
			must(t, err)
			remember(t, st, "rent", 2500)
			must(t, st.Close(t.Context()))
			end(st)
			if n := prints(t, f); n != 0 {
				t.Errorf("%s: %d rows are left", name, n)
			}
		}
	})
}

func TestHistoryIsSweptWhenItsTimeIsOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
		for _, row := range []struct {
			name  string
			after time.Duration
			then  hub.Verification
			left  int64
		}{
			{"within the default window", 30 * 24 * time.Hour, hub.Verification{History: true}, 1501},
			{"after the default window", 30*24*time.Hour + 1e3, hub.Verification{History: true}, 0},
			{"within a longer window", 60 * 24 * time.Hour, hub.Verification{History: true, HistoryDays: 60}, 1501},
			{"after a shorter window", 3 * 24 * time.Hour, hub.Verification{History: true, HistoryDays: 2}, 0},
			{"switched off", 0, hub.Verification{}, 0},
		} {
			t.Run(row.name, func(t *testing.T) {
				tenant := f.NewTenant(fmt.Sprintf("t%d", count(t, f, `SELECT COUNT(*) FROM tenant`)))
				wantsHistory(f, t, tenant.ID, row.then)
				remembered(t, f, tenant.ID, contact.ID, hub.StateConfirmed, "rent", 1500)
				f.Forward(row.after)
				_, err := f.Store.SweepHistory(t.Context(), f.Now().Add(-time.Hour))
				must(t, err)
				if n := prints(t, f); n != row.left {
					t.Errorf("%d rows are left, want %d", n, row.left)
				}
				must(t, f.Store.ForgetHistory(t.Context(), tenant.ID))
				if n := prints(t, f); n != 0 {
					t.Errorf("%d rows are left after all was to be forgotten", n)
				}
			})
		}
	})
}

// What is kept cannot be read without the key; but it need not be kept either.
func TestHistoryOfADestroyedTenantIsSwept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		wantsHistory(f, t, tenant.ID, hub.Verification{History: true})
		remembered(t, f, tenant.ID, f.NewContact(hub.Operator, f.NewBank("bank").ID).ID, hub.StateConfirmed, "rent", 3)
		f.Write(func(tx *store.Tx) error { return tx.MarkTenantDestroyed(t.Context(), tenant.ID) })
		must(t, f.Store.DestroyKey(tenant.ID))
		if _, err := f.Store.SweepHistory(t.Context(), f.Now()); err != nil || prints(t, f) != 0 {
			t.Errorf("%d rows are left (%v)", prints(t, f), err)
		}
	})
}
