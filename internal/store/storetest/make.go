package storetest

import (
	"fmt"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/money"
)

// NewTenant adds a tenant.
func (f *Fixture) NewTenant(handle string) hub.Tenant {
	f.t.Helper()
	t := hub.Tenant{
		ID: hub.TenantID(store.NewID()), Handle: handle, Name: "Tenant " + handle, State: hub.TenantActive, Created: f.Store.Now(),
	}
	f.Write(func(tx *store.Tx) error { return tx.InsertTenant(f.t.Context(), t) })
	return t
}

// NewBank adds a bank.
func (f *Fixture) NewBank(id hub.BankID) hub.Bank {
	f.t.Helper()
	b := hub.Bank{ID: id, Name: "Invented Bank", URL: "https://localhost:1/ebics", HostID: "TESTHOST", Created: f.Store.Now()}
	f.Write(func(tx *store.Tx) error { return tx.InsertBank(f.t.Context(), b) })
	return b
}

// NewContact adds a contact of the owner, ready, with bytes that stand for its keys.
func (f *Fixture) NewContact(owner hub.Owner, bank hub.BankID) hub.Contact {
	f.t.Helper()
	n := f.serial.Add(1)
	c := hub.Contact{
		ID: hub.ContactID(store.NewID()), Owner: owner, Bank: bank, PartnerID: fmt.Sprintf("PARTNER%d", n), UserID: fmt.Sprintf("USER%d", n),
		State: hub.ContactReady, Keys: hub.Secret("no real keys"), BankKeys: []byte("no real bank keys"), Created: f.Store.Now(), Updated: f.Store.Now(),
	}
	f.Write(func(tx *store.Tx) error { return tx.InsertContact(f.t.Context(), c) })
	return c
}

// IBAN returns an invented German IBAN with right check digits: bank code 10000000 is nobody's.
func IBAN(account int) string {
	bban := fmt.Sprintf("10000000%010d", account)
	rest := 0
	for _, digit := range bban + "131400" { // DE00 moved to the end, letters as numbers
		rest = (rest*10 + int(digit-'0')) % 97
	}
	return fmt.Sprintf("DE%02d%s", 98-rest, bban)
}

// NewAccount adds an account in EUR.
func (f *Fixture) NewAccount(tenant hub.TenantID, contact hub.ContactID, iban string) hub.Account {
	f.t.Helper()
	a := hub.Account{
		ID: hub.AccountID(store.NewID()), Tenant: tenant, Contact: contact, Currency: "EUR", IBAN: iban, Holder: "Invented Holder", Created: f.Store.Now(),
	}
	f.Write(func(tx *store.Tx) error { return tx.InsertAccount(f.t.Context(), a) })
	return a
}

// NewKey adds an active API key with all scopes under the given hash.
func (f *Fixture) NewKey(tenant hub.TenantID, hash []byte) hub.APIKey {
	f.t.Helper()
	k := hub.APIKey{
		ID: hub.KeyID(store.NewID()), Tenant: tenant, Name: "Invented Key", Scopes: hub.Scopes(), Active: true, Created: f.Store.Now(),
	}
	f.Write(func(tx *store.Tx) error { return tx.InsertKey(f.t.Context(), k, hash) })
	return k
}

// Payment returns an invented payment.
func Payment(ordinal int) hub.Payment {
	return hub.Payment{
		Ordinal: ordinal, PaymentInformationID: "PMT-1", EndToEndID: fmt.Sprintf("E2E-%d", ordinal),
		Amount:        money.Amount{Minor: int64(100 + ordinal), Currency: "EUR"},
		DebtorAccount: IBAN(1), Creditor: fmt.Sprintf("Creditor %d", ordinal), CreditorAccount: IBAN(1000 + ordinal),
		Offset: int64(ordinal) * 500, Length: 500,
	}
}

// NewFile adds a payment file in the given state with a small body and so many payments.
func (f *Fixture) NewFile(tenant hub.TenantID, contact hub.ContactID, state hub.State, payments int) hub.PaymentFile {
	f.t.Helper()
	ctx := f.t.Context()
	staging, err := f.Store.Stage(ctx, tenant.Owner(), store.BodyPaymentFile)
	f.Must(err)
	f.Must(staging.Write(ctx, []byte("<Document/>")))
	for i := range payments {
		f.Must(staging.AddPayment(ctx, Payment(i)))
	}
	f.Must(staging.Close(ctx))
	file := hub.PaymentFile{
		ID: hub.FileID(staging.ID()), Tenant: tenant, Contact: contact, Key: "key", State: state, Format: "pain.001.001.09", OrderType: "CCT",
		Count: payments, Currency: "EUR", Created: f.Store.Now(), Updated: f.Store.Now(),
		Detail: hub.FileDetail{MessageID: "MSG-" + staging.ID()},
	}
	f.Write(func(tx *store.Tx) error {
		if _, err := staging.Publish(ctx, tx); err != nil {
			return err
		}
		return tx.InsertFile(ctx, file)
	})
	return file
}

// Lease takes the lease of a resource, which must be free.
func (f *Fixture) Lease(resource, holder string, ttl time.Duration) hub.Lease {
	f.t.Helper()
	l, held, err := f.Store.Acquire(f.t.Context(), resource, holder, ttl)
	f.Must(err)
	if !held {
		f.t.Fatalf("the lease of %s is not free", resource)
	}
	return l
}
