package store

import (
	"context"
	"fmt"

	"kontor/internal/hub"
)

type sealedAccount struct {
	IBAN   string `json:"iban"`
	Holder string `json:"holder"`
}

// route is the operator's fingerprint of an account: by it a bank's delivery finds its tenant.
func (tx *Tx) route(ctx context.Context, iban, currency string) ([]byte, error) {
	return tx.fingerprint(ctx, hub.Operator, "account", []byte(iban+"\x00"+currency))
}

// InsertAccount adds an account. CodeConflict if IBAN and currency are an account of any tenant already.
func (tx *Tx) InsertAccount(ctx context.Context, a hub.Account) error {
	sealed, err := tx.seal(ctx, a.Tenant.Owner(), "account", string(a.ID), sealedAccount{a.IBAN, a.Holder})
	if err != nil {
		return err
	}
	route, err := tx.route(ctx, a.IBAN, a.Currency)
	if err != nil {
		return err
	}
	return tx.insert(ctx, "account", []string{"tenant_id", "id", "contact_id", "route", "currency", "created", "sealed"},
		string(a.Tenant), string(a.ID), string(a.Contact), route, a.Currency, micros(a.Created), sealed)
}

// Accounts lists a tenant's accounts in order of creation.
func (tx *Tx) Accounts(ctx context.Context, tenant hub.TenantID) ([]hub.Account, error) {
	found, look := accountsBy(`$1`, string(tenant))
	if err := tx.several(ctx, look); err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return tx.openAccounts(ctx, found)
}

// Payer is what must be known of a tenant to judge a payment file.
type Payer struct {
	Settings hub.TenantSettings
	Accounts []hub.Account
	Contacts []hub.Contact // through which the accounts are reached, each with its id and Master alone; a destroyed tenant's own are left out
	KeyHash  []byte        // of the API key by whose token the payer was found; nil if it was not found by one
}

// Payer reads an active tenant with its accounts and their contacts by one look; CodeNotFound if there is none.
func (tx *Tx) Payer(ctx context.Context, tenant hub.TenantID) (p Payer, err error) {
	text, settings := settingsOf(tenant)
	owned, accounts := accountsBy(`$1`, string(tenant))
	reached, contacts := contactsBy(contactColumns+` WHERE id IN (SELECT contact_id FROM account WHERE tenant_id = $1)`, string(tenant))
	if err := tx.several(ctx, settings, accounts, contacts); err != nil {
		return p, fmt.Errorf("read accounts: %w", err)
	}
	return tx.openPayer(ctx, tenant, *text, owned, reached)
}

func (tx *Tx) openPayer(ctx context.Context, tenant hub.TenantID, settings string, owned *foundAccounts, reached *foundContacts) (p Payer, err error) {
	if p.Settings, err = parseSettings(tenant, settings); err != nil {
		return p, err
	}
	if p.Accounts, err = tx.openAccounts(ctx, owned); err != nil {
		return p, err
	}
	p.Contacts, err = tx.openMasters(ctx, reached)
	return p, err
}

// foundAccounts are accounts as they are stored.
type foundAccounts struct {
	accounts []hub.Account
	sealed   [][]byte
}

// accountsBy looks the accounts of a tenant up, which is an expression of one argument.
func accountsBy(tenant string, arg any) (*foundAccounts, lookup) {
	out := &foundAccounts{}
	query := `SELECT tenant_id, id, contact_id, currency, created, sealed FROM account WHERE tenant_id = ` + tenant + ` ORDER BY id`
	return out, lookup{query, []any{arg}, func(r rows) error {
		var a hub.Account
		var created int64
		var s []byte
		if err := r.Scan(&a.Tenant, &a.ID, &a.Contact, &a.Currency, &created, &s); err != nil {
			return err
		}
		a.Created = instant(created)
		out.accounts, out.sealed = append(out.accounts, a), append(out.sealed, s)
		return nil
	}}
}

func (tx *Tx) openAccounts(ctx context.Context, found *foundAccounts) ([]hub.Account, error) {
	for i := range found.accounts {
		a := &found.accounts[i]
		var s sealedAccount
		if err := tx.open(ctx, a.Tenant.Owner(), "account", string(a.ID), found.sealed[i], &s); err != nil {
			return nil, err
		}
		a.IBAN, a.Holder = s.IBAN, s.Holder
	}
	return found.accounts, nil
}

// AccountRoute says whose account an IBAN and currency of a contact is. found is false for an account nobody has, or that is reached
// through another contact.
func (tx *Tx) AccountRoute(ctx context.Context, contact hub.ContactID, iban, currency string) (tenant hub.TenantID, id hub.AccountID, found bool, err error) {
	route, err := tx.route(ctx, iban, currency)
	if err != nil {
		return "", "", false, err
	}
	found, err = tx.one(ctx, `SELECT tenant_id, id FROM account WHERE route = $1 AND contact_id = $2`, []any{route, string(contact)}, &tenant, &id)
	return tenant, id, found, err
}

// TenantsOfContact lists the active tenants that have accounts at a contact.
func (tx *Tx) TenantsOfContact(ctx context.Context, contact hub.ContactID) ([]hub.TenantID, error) {
	var out []hub.TenantID
	err := tx.each(ctx, `SELECT DISTINCT a.tenant_id FROM account a JOIN tenant t ON t.id = a.tenant_id
		WHERE a.contact_id = $1 AND t.state = 'active' ORDER BY a.tenant_id`, []any{string(contact)}, func(r rows) error {
		var t hub.TenantID
		if err := r.Scan(&t); err != nil {
			return err
		}
		out = append(out, t)
		return nil
	})
	return out, err
}
