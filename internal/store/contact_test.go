package store_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestBankKeepsItsProfileAndMoves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		want := hub.Bank{
			ID: "alpha", Name: "Alpha", URL: "https://localhost:1/ebics", HostID: "ALPHA", CA: "pem", Created: f.Store.Now(),
			Profile: hub.BankProfile{UploadAttributes: hub.Attributes{"CDD": "DZHNN"}, StatusOrders: []string{"-"}, ConfirmingStatuses: []string{"ACSP"}},
		}
		insert := func(tx *store.Tx) error { return tx.InsertBank(ctx, want) }
		f.Write(insert)
		wantCode(t, f.Store.Write(ctx, insert), hub.CodeConflict)
		want.URL, want.CA = "https://localhost:2/ebics", "other pem"
		f.Write(func(tx *store.Tx) error { return tx.SetBankURL(ctx, want.ID, want.URL, want.CA) })
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetBankURL(ctx, "beta", "", "") }), hub.CodeNotFound)
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Bank(ctx, "alpha")
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, want %+v", got, want)
			}
			_, err2 := tx.Bank(ctx, "beta")
			wantCode(t, err2, hub.CodeNotFound)
			return err
		})
	})
}

func TestContactAdvancesFromItsStateOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		f.NewBank("bank")
		c := hub.Contact{
			ID: hub.ContactID(store.NewID()), Owner: hub.Operator, Bank: "bank", PartnerID: "P", UserID: "U", State: hub.ContactNew,
			Keys: hub.Secret("keys"), Created: f.Store.Now(), Updated: f.Store.Now(),
		}
		f.Write(func(tx *store.Tx) error { return tx.InsertContact(ctx, c) })
		twin := c
		twin.ID = hub.ContactID(store.NewID())
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.InsertContact(ctx, twin) }), hub.CodeConflict)

		next := c
		next.State, next.BankKeys = hub.ContactKeysFetched, []byte("bank keys")
		advance := func(from ...hub.ContactState) error {
			return f.Store.Write(ctx, func(tx *store.Tx) error { return tx.AdvanceContact(ctx, next, from...) })
		}
		wantCode(t, advance(hub.ContactInitialised, hub.ContactReady), hub.CodeConflict)
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Contact(ctx, c.ID)
			if !reflect.DeepEqual(got, c) {
				t.Errorf("the refused step changed the contact: %v %v", got.State, got.BankKeys)
			}
			return err
		})
		must(t, advance(hub.ContactInitialised, hub.ContactNew))
		f.Reopen()
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Contact(ctx, c.ID)
			if !reflect.DeepEqual(got, next) {
				t.Errorf("contact is %v, want %v", got.State, next.State)
			}
			_, err2 := tx.Contact(ctx, "nobody")
			wantCode(t, err2, hub.CodeNotFound)
			return err
		})
	})
}

func TestPollsAreDueAtTheirMomentAndHastenedNeverPutOff(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		f.NewBank("bank")
		ready := f.NewContact(hub.Operator, "bank")
		other := f.NewContact(hub.Operator, "bank")
		unready := hub.Contact{
			ID: hub.ContactID(store.NewID()), Owner: hub.Operator, Bank: "bank", PartnerID: "P", UserID: "U", State: hub.ContactKeysFetched,
			Keys: hub.Secret("keys"), Created: f.Now(), Updated: f.Now(),
		}
		hour := f.Store.Now().Add(time.Hour)
		f.Write(func(tx *store.Tx) error {
			if err := tx.InsertContact(ctx, unready); err != nil {
				return err
			}
			for _, p := range []hub.Poll{
				{Contact: ready.ID, OrderType: "HAC", Kind: hub.PollProtocol, Next: hour},
				{Contact: ready.ID, OrderType: "C53", Kind: hub.PollStatement, Next: hour.Add(time.Hour)},
				{Contact: unready.ID, OrderType: "HAC", Kind: hub.PollProtocol, Next: f.Store.Now()},
				{Contact: other.ID, OrderType: "HAC", Kind: hub.PollProtocol, Next: hour},
				{Contact: ready.ID, OrderType: "HAC", Kind: hub.PollProtocol, Next: f.Store.Now()}, // there already: no effect
			} {
				if err := tx.InsertPoll(ctx, p); err != nil {
					return err
				}
			}
			return nil
		})
		due := func() (out map[hub.ContactID]time.Time) {
			f.Read(func(tx *store.Tx) (err error) { out, err = tx.ContactsToPoll(ctx); return err })
			return out
		}
		next := func(orderType string) (at time.Time) {
			f.Read(func(tx *store.Tx) error {
				polls, err := tx.Polls(ctx, ready.ID)
				i := slices.IndexFunc(polls, func(p hub.Poll) bool { return p.OrderType == orderType })
				at = polls[i].Next
				return err
			})
			return at
		}
		if got := due(); len(got) != 0 {
			t.Errorf("due before the moment: %v", got)
		}
		hasten := func(at time.Time) {
			f.Write(func(tx *store.Tx) error { return tx.HastenPolls(ctx, ready.ID, at, hub.PollProtocol, hub.PollStatus) })
		}
		hasten(hour.Add(30 * time.Minute))
		if !next("HAC").Equal(hour) {
			t.Errorf("the poll was put off to %v", next("HAC"))
		}
		hasten(f.Store.Now())
		if got := due(); len(got) != 1 || !got[ready.ID].Equal(f.Store.Now()) || !next("C53").Equal(hour.Add(time.Hour)) {
			t.Errorf("due %v, statements at %v", got, next("C53"))
		}
		f.Write(func(tx *store.Tx) error { return tx.FinishPoll(ctx, ready.ID, "HAC", "nothing", hour) })
		if got := due(); len(got) != 0 {
			t.Errorf("due after it was done: %v", got)
		}
		f.SetNow(hour)
		if got := due(); len(got) != 2 {
			t.Errorf("due at the hour: %v", got)
		}
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.FinishPoll(ctx, ready.ID, "XXX", "", hour) }), hub.CodeNotFound)
		f.Read(func(tx *store.Tx) error {
			all, err := tx.Polls(ctx, "")
			if len(all) != 4 {
				t.Errorf("%d polls", len(all))
			}
			mine, err2 := tx.Polls(ctx, ready.ID)
			if err2 != nil || len(mine) != 2 || mine[0].LastResult != "nothing" || mine[0].Last.IsZero() {
				t.Errorf("polls of the contact: %+v %v", mine, err2)
			}
			return err
		})
	})
}

// What a bank delivers is split by IBAN and currency, so each pair may exist once in the installation and counts only through the
// contact over which it is reached.
func TestAccountIsUniqueOverTenantsAndRoutedByItsContactOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		f.NewBank("bank")
		first, second := f.NewContact(hub.Operator, "bank"), f.NewContact(hub.Operator, "bank")
		a, b := f.NewTenant("alpha"), f.NewTenant("beta")
		eur := f.NewAccount(a.ID, first.ID, storetest.IBAN(1))
		taken := eur
		taken.ID, taken.Tenant, taken.Contact = hub.AccountID(store.NewID()), b.ID, second.ID
		insert := func() error {
			return f.Store.Write(ctx, func(tx *store.Tx) error { return tx.InsertAccount(ctx, taken) })
		}
		wantCode(t, insert(), hub.CodeConflict)
		taken.Currency = "CHF"
		must(t, insert())
		for _, row := range []struct {
			name     string
			contact  hub.ContactID
			iban     string
			currency string
			tenant   hub.TenantID
		}{
			{"own contact", first.ID, eur.IBAN, "EUR", a.ID},
			{"other contact", second.ID, eur.IBAN, "EUR", ""},
			{"other currency", second.ID, eur.IBAN, "CHF", b.ID},
			{"unknown currency", first.ID, eur.IBAN, "USD", ""},
			{"unknown account", first.ID, storetest.IBAN(2), "EUR", ""},
		} {
			t.Run(row.name, func(t *testing.T) {
				f.Read(func(tx *store.Tx) error {
					tenant, _, found, err := tx.AccountRoute(ctx, row.contact, row.iban, row.currency)
					if tenant != row.tenant || found != (row.tenant != "") {
						t.Errorf("goes to %q, %v", tenant, found)
					}
					return err
				})
			})
		}
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Accounts(ctx, a.ID)
			if !reflect.DeepEqual(got, []hub.Account{eur}) {
				t.Errorf("accounts %+v, want %+v", got, eur)
			}
			tenants, err2 := tx.TenantsOfContact(ctx, second.ID)
			if err2 != nil || !slices.Equal(tenants, []hub.TenantID{b.ID}) {
				t.Errorf("tenants of the contact: %v %v", tenants, err2)
			}
			return err
		})
	})
}

func TestTokensDieWithTheirKeyAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant := f.NewTenant("alpha")
		key := f.NewKey(tenant.ID, []byte("secret"))
		other, _ := f.Another() // another node
		defer func() { must(t, other.Close()) }()
		login := func() error {
			return f.Store.Write(ctx, func(tx *store.Tx) error {
				return tx.InsertToken(ctx, []byte("token"), tenant.ID, key.ID, f.Now().Add(30*time.Minute))
			})
		}
		alive := func() (found bool) {
			must(t, other.Read(ctx, func(tx *store.Tx) (err error) {
				var p hub.Principal
				p, found, err = tx.PrincipalByToken(ctx, []byte("token"))
				if found && (p.Tenant != tenant.ID || p.Key != key.ID || !slices.Equal(p.Scopes, hub.Scopes())) {
					t.Errorf("principal %+v", p)
				}
				return err
			}))
			return found
		}
		known := func(hash string) (found bool) {
			f.Read(func(tx *store.Tx) (err error) { _, _, found, err = tx.KeyByHash(ctx, []byte(hash)); return err })
			return found
		}
		write := func(do func(tx *store.Tx) error) { f.Write(do) }

		must(t, login())
		if !alive() {
			t.Fatal("the token is not known")
		}
		write(func(tx *store.Tx) error { return tx.SetKeyActive(ctx, tenant.ID, key.ID, false) })
		if alive() || known("secret") {
			t.Error("token or key live on after the key was switched off")
		}
		wantCode(t, login(), hub.CodeUnauthenticated)
		write(func(tx *store.Tx) error { return tx.SetKeyActive(ctx, tenant.ID, key.ID, true) })
		if alive() {
			t.Error("the old token rose with its key")
		}
		must(t, login())
		write(func(tx *store.Tx) error { return tx.ReplaceKeyHash(ctx, tenant.ID, key.ID, []byte("new secret")) })
		if alive() || known("secret") || !known("new secret") {
			t.Error("the old secret lives on, or the new one does not")
		}
		must(t, login())
		f.Forward(30 * time.Minute)
		if alive() {
			t.Error("the token lives at its expiry")
		}
		write(func(tx *store.Tx) error { return tx.DeleteExpiredTokens(ctx, f.Now().Add(time.Second)) })
		if n := count(t, f, `SELECT COUNT(*) FROM access_token`); n != 0 {
			t.Errorf("%d tokens left", n)
		}
		f.Read(func(tx *store.Tx) error {
			keys, err := tx.Keys(ctx, tenant.ID)
			if len(keys) != 1 || keys[0].Name != key.Name || keys[0].LastUsed.IsZero() || !keys[0].Active {
				t.Errorf("keys %+v", keys)
			}
			return err
		})
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetKeyActive(ctx, tenant.ID, "none", false) }), hub.CodeNotFound)
		wantCode(t, f.Store.Write(ctx, func(tx *store.Tx) error { return tx.ReplaceKeyHash(ctx, tenant.ID, "none", []byte("x")) }), hub.CodeNotFound)
	})
}
