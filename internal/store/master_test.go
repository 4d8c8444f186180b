package store_test

import (
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/internal/vault"
)

// What is remembered of a contact must not be older than its row, whichever node has changed it.
func TestPayerSeesWhatTheBankSaidLast(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("acme")
		f.NewBank("bank")
		contact := f.NewContact(hub.Operator, "bank")
		f.NewAccount(tenant.ID, contact.ID, storetest.IBAN(1))
		payer := func(s *store.Store) (p store.Payer) {
			t.Helper()
			must(t, s.Glance(t.Context(), func(tx *store.Tx) (err error) {
				p, err = tx.Payer(t.Context(), tenant.ID)
				return err
			}))
			return p
		}
		permits := func(s *store.Store, orderType string) bool {
			t.Helper()
			p := payer(s)
			if len(p.Contacts) != 1 || p.Contacts[0].ID != contact.ID || len(p.Accounts) != 1 {
				t.Fatalf("%d contacts, %d accounts", len(p.Contacts), len(p.Accounts))
			}
			return p.Contacts[0].Permits(orderType)
		}
		if !permits(f.Store, "CDD") {
			t.Error("a bank that has not told forbids")
		}
		other, _ := f.Another()
		defer func() { must(t, other.Close()) }()
		for _, orders := range []string{"CCT", "CDD", "CCT"} {
			must(t, other.Write(t.Context(), func(tx *store.Tx) error {
				return tx.SetMaster(t.Context(), contact.ID, hub.MasterData{Read: f.Now(), Orders: []hub.PermittedOrder{{Type: orders, Upload: true}}})
			}))
			for range 2 {
				if got := permits(f.Store, "CDD"); got != (orders == "CDD") {
					t.Errorf("after the bank said %s: CDD permitted %t", orders, got)
				}
			}
		}
	})
}

// A tenant's own contact goes with the tenant's key, also where it is remembered.
func TestContactOfADestroyedKeyIsNotRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		owner, tenant := f.NewTenant("owner"), f.NewTenant("acme")
		f.NewBank("bank")
		contact := f.NewContact(owner.ID.Owner(), "bank")
		f.NewAccount(tenant.ID, contact.ID, storetest.IBAN(1))
		contacts := func() (n int) {
			t.Helper()
			f.Read(func(tx *store.Tx) error {
				p, err := tx.Payer(t.Context(), tenant.ID)
				n = len(p.Contacts)
				return err
			})
			return n
		}
		if n := contacts(); n != 1 {
			t.Fatalf("%d contacts", n)
		}
		must(t, f.Vault.DestroyOwner(vault.Owner(owner.ID.Owner())))
		if n := contacts(); n != 0 {
			t.Errorf("%d contacts after the key was destroyed", n)
		}
	})
}
