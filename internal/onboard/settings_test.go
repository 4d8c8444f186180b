package onboard_test

import (
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// Two administrators change a tenant's settings at the same time: what the earlier has changed is not undone by what the later had read before.
// SQLite has one writer at a time.
func TestTwoWhoChangeSettingsAtTheSameTimeBothDo(t *testing.T) {
	f := storetest.Postgres(t)
	d := newDesk(t, f)
	tenant := f.NewTenant("alpha")
	other := make(chan error, 1)
	begun := false
	_, err := d.ChangeTenantSettings(t.Context(), "one", tenant.ID, func(s *hub.TenantSettings) error {
		s.DoubleSubmissionHours = 48
		if begun {
			return nil
		}
		begun = true
		go func() {
			_, err := d.ChangeTenantSettings(t.Context(), "other", tenant.ID, func(s *hub.TenantSettings) error {
				s.Verification.Switch(hub.CheckDebitAddress, false)
				return nil
			})
			other <- err
		}()
		// The other one waits for us, or has been too fast.
		for deadline := time.Now().Add(20 * time.Second); len(other) == 0; {
			if f.LockAwaited() {
				return nil
			}
			if time.Now().After(deadline) {
				t.Fatal("the other one neither waits nor ends")
			}
			time.Sleep(time.Millisecond)
		}
		return nil
	})
	f.Must(err)
	f.Must(<-other)
	f.Read(func(tx *store.Tx) error {
		got, err := tx.Tenant(t.Context(), string(tenant.ID))
		if got.Settings.DoubleSubmissionHours != 48 || !got.Settings.Verification.IsOff(hub.CheckDebitAddress) {
			t.Errorf("one of two changes is lost: %+v", got.Settings)
		}
		return err
	})
}
