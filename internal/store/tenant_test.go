package store_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestTenantIsFoundByIDAndByHandle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		want := f.NewTenant("alpha")
		f.Reopen() // what was sealed with a key that lives in memory only would be lost here
		for _, name := range []string{string(want.ID), want.Handle} {
			f.Read(func(tx *store.Tx) error {
				got, err := tx.Tenant(t.Context(), name)
				if err == nil && !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %+v, want %+v", name, got, want)
				}
				return err
			})
		}
		err := f.Store.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Tenant(t.Context(), "nobody")
			return err
		})
		wantCode(t, err, hub.CodeNotFound)
	})
}

func TestSecondTenantOfAHandleIsAConflictAndLeavesNoRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		f.NewTenant("alpha")
		other := hub.Tenant{ID: hub.TenantID(store.NewID()), Handle: "alpha", Name: "Other", State: hub.TenantActive, Created: f.Now()}
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertTenant(t.Context(), other) })
		wantCode(t, err, hub.CodeConflict)
		if n := count(t, f, `SELECT COUNT(*) FROM tenant`); n != 1 {
			t.Errorf("%d tenants", n)
		}
		if n := count(t, f, `SELECT COUNT(*) FROM owner_key WHERE owner = $1`, string(other.ID)); n != 0 {
			t.Errorf("%d keys of the refused tenant", n)
		}
	})
}

// A transaction may run twice: by itself after a deadlock, or because its caller tries again. What the first run sealed is rolled
// back with its data key, so the second run must not use that key: after a restart nobody could open what it sealed.
func TestTenantWhoseFirstTransactionRolledBackOpensAfterRestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		want := hub.Tenant{ID: hub.TenantID(store.NewID()), Handle: "alpha", Name: "Alpha", State: hub.TenantActive, Created: f.Now()}
		broken := errors.New("broken off")
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
			return errors.Join(tx.InsertTenant(t.Context(), want), broken)
		})
		if !errors.Is(err, broken) {
			t.Fatal(err)
		}
		f.Write(func(tx *store.Tx) error { return tx.InsertTenant(t.Context(), want) })
		f.NewKey(want.ID, []byte("hash"))
		f.Reopen()
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Tenant(t.Context(), "alpha")
			if err == nil && !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, want %+v", got, want)
			}
			if err != nil {
				return err
			}
			_, err = tx.Keys(t.Context(), want.ID)
			return err
		})
	})
}

func TestTenantSettingsAreReplaced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		f.Write(func(tx *store.Tx) error {
			return tx.SetTenantSettings(t.Context(), tenant.ID, hub.TenantSettings{DoubleSubmissionHours: 7})
		})
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Tenant(t.Context(), "alpha")
			if got.Settings.DoubleSubmissionHours != 7 {
				t.Errorf("settings %+v", got.Settings)
			}
			return err
		})
		err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.SetTenantSettings(t.Context(), "nobody", hub.TenantSettings{})
		})
		wantCode(t, err, hub.CodeNotFound)
	})
}

// The promise to a customer who leaves: nothing can be read, others notice nothing, and the audit chain still holds.
func TestDestroyedTenantIsUnreadableWhileOthersGoOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		f.NewBank("bank")
		contact := f.NewContact(hub.Operator, "bank")
		gone, stays := f.NewTenant("gone"), f.NewTenant("stays")
		file := f.NewFile(gone.ID, contact.ID, hub.StateQueued, 3)
		kept := f.NewFile(stays.ID, contact.ID, hub.StateQueued, 3)
		account := f.NewAccount(gone.ID, contact.ID, storetest.IBAN(1))
		own := f.NewContact(gone.ID.Owner(), "bank")
		f.NewKey(gone.ID, []byte("gone"))
		for _, tenant := range []hub.TenantID{gone.ID, stays.ID} {
			f.Write(func(tx *store.Tx) error {
				return tx.Audit(ctx, hub.AuditRow{Owner: tenant.Owner(), Actor: tester, Action: "test.do", Subject: "x"})
			})
		}
		body, err := f.Store.OpenBody(ctx, gone.ID.Owner(), hub.BodyID(file.ID)) // opened before, read after
		must(t, err)

		f.Write(func(tx *store.Tx) error { return tx.MarkTenantDestroyed(ctx, gone.ID) })
		must(t, f.Store.DestroyKey(gone.ID))

		if _, err := body.Read(make([]byte, 10)); err == nil {
			t.Error("a reader that was open goes on reading")
		}
		reads := map[string]func(tx *store.Tx) error{
			"file": func(tx *store.Tx) error { _, err := tx.File(ctx, gone.ID, file.ID); return err },
			"payments": func(tx *store.Tx) error {
				return tx.Payments(ctx, gone.ID, file.ID, func(hub.Payment) error { return nil })
			},
			"keys":     func(tx *store.Tx) error { _, err := tx.Keys(ctx, gone.ID); return err },
			"messages": func(tx *store.Tx) error { _, err := tx.FilesByMessage(ctx, gone.ID, contact.ID, "MSG"); return err },
			"contact":  func(tx *store.Tx) error { _, err := tx.Contact(ctx, own.ID); return err },
		}
		for name, read := range reads {
			t.Run(name, func(t *testing.T) { wantCode(t, f.Store.Read(ctx, read), hub.CodeNotFound) })
		}
		_, err = f.Store.OpenBody(ctx, gone.ID.Owner(), hub.BodyID(file.ID))
		wantCode(t, err, hub.CodeNotFound)
		_, err = f.Store.Stage(ctx, gone.ID.Owner(), store.BodyPaymentFile)
		wantCode(t, err, hub.CodeNotFound)

		f.Read(func(tx *store.Tx) error {
			all, err := tx.Tenants(ctx)
			if err != nil {
				return err
			}
			if len(all) != 2 || all[0].State != hub.TenantDestroyed || all[0].Name != "" || all[1].Name != stays.Name {
				t.Errorf("tenants %+v", all)
			}
			if _, err := tx.File(ctx, stays.ID, kept.ID); err != nil {
				t.Errorf("the other tenant's file: %v", err)
			}
			refs, err := tx.FilesToSend(ctx, 10, hub.StateQueued)
			if err != nil {
				return err
			}
			if len(refs) != 1 || refs[0].Tenant != stays.ID {
				t.Errorf("files to work on: %+v", refs)
			}
			if _, _, found, err := tx.KeyByHash(ctx, []byte("gone")); err != nil || found {
				t.Errorf("API key found: %v %v", found, err)
			}
			if _, _, found, err := tx.AccountRoute(ctx, contact.ID, account.IBAN, "EUR"); err != nil || found {
				t.Errorf("statements still go to the destroyed tenant: %v %v", found, err)
			}
			return nil
		})
		// The account may come back under a new contract.
		f.NewAccount(stays.ID, contact.ID, account.IBAN)

		for _, owner := range []hub.Owner{gone.ID.Owner(), stays.ID.Owner()} {
			seal(t, f, owner, 10)
			chained, pending, err := f.Store.VerifyAudit(ctx, owner)
			if err != nil || chained != 1 || pending != 0 {
				t.Errorf("chain of %s: %d chained, %d pending, %v", owner, chained, pending, err)
			}
		}
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.MarkTenantDestroyed(ctx, gone.ID) }), hub.CodeConflict)
		must(t, f.Store.DestroyKey(gone.ID)) // may be repeated
	})
}

// The key store decides, not the row: a key file that another process removed is noticed at once.
func TestTenantWhoseKeyIsGoneCountsAsDestroyed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		other, _ := f.Another()
		must(t, other.DestroyKey(tenant.ID))
		must(t, other.Close())
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Tenant(t.Context(), "alpha")
			if got.State != hub.TenantDestroyed {
				t.Errorf("state %s", got.State)
			}
			return err
		})
	})
}

func TestOwnersHaveCertificatesOfTheirOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		a, b := f.NewTenant("alpha"), f.NewTenant("beta")
		f.Read(func(tx *store.Tx) error {
			first, err := tx.Certificate(t.Context(), a.ID.Owner())
			if err != nil {
				return err
			}
			second, err := tx.Certificate(t.Context(), b.ID.Owner())
			if err != nil {
				return err
			}
			if len(first) == 0 || bytes.Equal(first, second) {
				t.Error("the certificates are equal or empty")
			}
			_, err = tx.Certificate(t.Context(), "nobody")
			wantCode(t, err, hub.CodeNotFound)
			return nil
		})
	})
}
