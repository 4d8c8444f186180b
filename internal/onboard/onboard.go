// Package onboard sets up what must exist before money moves: tenants, banks, contacts with their key ceremony, accounts.
//
// A contact's keys are made here and never leave; the bank trusts them after a person compared the letter, we trust the bank's keys
// after a person compared their hashes.
package onboard

import (
	"context"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"kontor/account"
	"kontor/ebics/banks"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/loopback"
	"kontor/money"
)

// Bank is the key ceremony with a bank. Keys are opaque bytes here; errors of the first two are *hub.BankError.
type Bank interface {
	Initialise(ctx context.Context, l hub.Link) error                        // INI and HIA
	FetchKeys(ctx context.Context, l hub.Link) (keys []byte, err error)      // HPB
	GenerateKeys(l hub.Link, signature string) (hub.Secret, error)           // a contact's new key pairs; A005 or A006 for order signatures
	Letter(w io.Writer, l hub.Link, form hub.LetterForm, at time.Time) error // INI and HIA letter
	ContactHashes(keys hub.Secret) (map[string]string, error)                // hash (hex) by key version: A005 or A006, X002, E002
	Certificates(l hub.Link) (hub.CertificateFacts, error)                   // that the contact's keys are handed over in

	// BankHashes are those of the bank's keys, in hex, of the kind that the bank's profile says.
	BankHashes(b hub.Bank, keys []byte) (authentication, encryption string, err error)
}

// Onboard sets things up. Every action leaves an audit row of the operator or the tenant.
type Onboard struct {
	store *store.Store
	bank  Bank
}

// New returns an Onboard.
func New(s *store.Store, bank Bank) *Onboard { return &Onboard{s, bank} }

// AddTenant creates a tenant with its certificate and keys.
func (o *Onboard) AddTenant(ctx context.Context, by hub.Actor, handle, name string, settings hub.TenantSettings) (hub.Tenant, error) {
	t := hub.Tenant{ID: hub.TenantID(store.NewID()), Handle: handle, Name: name, State: hub.TenantActive, Settings: settings, Created: o.store.Now()}
	if !hub.ValidHandle(handle) {
		return t, hub.Errorf(hub.CodeInvalid, "%q is no handle: use 1 to 40 lower-case letters, digits and hyphens", handle)
	}
	if name == "" || len(name) > 140 {
		return t, hub.Errorf(hub.CodeInvalid, "a tenant's name has 1 to 140 bytes")
	}
	if err := settings.Validate(); err != nil {
		return t, err
	}
	return t, o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertTenant(ctx, t); err != nil {
			return err
		}
		return audit(ctx, tx, t.ID.Owner(), by, "tenant.add", string(t.ID), map[string]string{"handle": handle})
	})
}

// ChangeTenantSettings has change alter a tenant's settings, and returns the tenant with the new ones. Two who change at the same time both
// do: change may run again. The audit row holds what the settings are now. When the tenant wants no history any more, what was kept of its
// payments is deleted; what a failure leaves of it, the sweep of a serving process deletes.
func (o *Onboard) ChangeTenantSettings(ctx context.Context, by hub.Actor, id hub.TenantID, change func(*hub.TenantSettings) error) (t hub.Tenant, err error) {
	err = o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockTenant(ctx, string(id)); err != nil { // or the later of two would write what it read before the earlier
			return err
		}
		if t, err = tx.Tenant(ctx, string(id)); err != nil {
			return err
		}
		if err := change(&t.Settings); err != nil {
			return err
		}
		if err := t.Settings.Validate(); err != nil {
			return err
		}
		text, err := json.Marshal(t.Settings)
		if err != nil {
			return fmt.Errorf("encode settings: %w", err)
		}
		if err := tx.SetTenantSettings(ctx, t.ID, t.Settings); err != nil {
			return err
		}
		return audit(ctx, tx, t.ID.Owner(), by, "tenant.settings", string(t.ID), map[string]string{"settings": string(text)})
	})
	if err == nil && !t.Settings.Verification.History {
		err = o.store.ForgetHistory(ctx, t.ID)
	}
	return t, err
}

// DestroyTenantKey makes everything of a tenant unreadable for ever, here and in every backup: it destroys the private key of its
// certificate. The audit chain still verifies. It may be repeated until it succeeds.
func (o *Onboard) DestroyTenantKey(ctx context.Context, by hub.Actor, id hub.TenantID) error {
	err := o.store.Write(ctx, func(tx *store.Tx) error {
		// Only a tenant's key: neither the operator's nor that of a handle or a mistyped id.
		if t, err := tx.Tenant(ctx, string(id)); err != nil {
			return err
		} else if t.ID != id {
			return hub.Errorf(hub.CodeNotFound, "no tenant %q", id)
		}
		if err := tx.MarkTenantDestroyed(ctx, id); err != nil {
			return err
		}
		// The operator's chain keeps the fact; the tenant's own rows can still be written now, not after.
		return audit(ctx, tx, hub.Operator, by, "tenant.destroy_key", string(id), nil)
	})
	if err != nil && hub.CodeOf(err) != hub.CodeConflict {
		return err
	}
	return o.store.DestroyKey(id)
}

// AddBank adds a bank. Its URL is https, or http to loopback only.
func (o *Onboard) AddBank(ctx context.Context, by hub.Actor, b hub.Bank) (hub.Bank, error) {
	if !hub.ValidHandle(string(b.ID)) {
		return b, hub.Errorf(hub.CodeInvalid, "%q is no bank id: use 1 to 40 lower-case letters, digits and hyphens", b.ID)
	}
	if b.HostID == "" || len(b.HostID) > 35 {
		return b, hub.Errorf(hub.CodeInvalid, "a host id has 1 to 35 characters")
	}
	if err := checkURL(b.URL); err != nil {
		return b, err
	}
	if err := checkProfile(b.Profile); err != nil {
		return b, err
	}
	b.Created = o.store.Now()
	return b, o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertBank(ctx, b); err != nil {
			return err
		}
		return audit(ctx, tx, hub.Operator, by, "bank.add", string(b.ID), map[string]string{"hostId": b.HostID, "url": b.URL})
	})
}

// SetBankProfile replaces what is known of a bank's ways. Contacts ask for the order types of the new profile from now on; what is asked for
// already keeps its times. A bank that is not asked any more what it permits is not believed any more either.
func (o *Onboard) SetBankProfile(ctx context.Context, by hub.Actor, id hub.BankID, p hub.BankProfile) error {
	if err := checkProfile(p); err != nil {
		return err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("encode bank profile: %w", err)
	}
	return o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetBankProfile(ctx, id, p); err != nil {
			return err
		}
		contacts, err := tx.Contacts(ctx)
		if err != nil {
			return err
		}
		for _, c := range contacts {
			if c.Bank != id {
				continue
			}
			if err := tx.ReplacePolls(ctx, c.ID, polls(c.ID, p, o.store.Now())); err != nil {
				return err
			}
			if p.Master() == "" && c.Master != nil {
				if err := tx.ForgetMaster(ctx, c.ID); err != nil {
					return err
				}
				for _, poll := range polls(c.ID, p, o.store.Now()) { // also those that were put off as not permitted
					if err := tx.SetPollNext(ctx, c.ID, poll.OrderType, o.store.Now()); err != nil {
						return err
					}
				}
			}
		}
		return audit(ctx, tx, hub.Operator, by, "bank.profile", string(id), map[string]string{"profile": string(text)})
	})
}

// MoveBank changes a bank's address and the authority that its server's certificate must come from.
func (o *Onboard) MoveBank(ctx context.Context, by hub.Actor, id hub.BankID, address, ca string) error {
	if err := checkURL(address); err != nil {
		return err
	}
	return o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetBankURL(ctx, id, address, ca); err != nil {
			return err
		}
		return audit(ctx, tx, hub.Operator, by, "bank.move", string(id), map[string]string{"url": address})
	})
}

// checkProfile says what a profile must not say; its ways must be known.
func checkProfile(p hub.BankProfile) error {
	if _, err := banks.Embedded().Ways(p.Ways); err != nil {
		return &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	return p.Validate()
}

func checkURL(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || (u.Scheme != "https" && u.Scheme != "http") {
		return hub.Errorf(hub.CodeInvalid, "%q is no https address", text)
	}
	if u.Scheme == "http" && !loopback.Host(u.Hostname()) {
		return hub.Errorf(hub.CodeInvalid, "plain http is allowed to this machine only")
	}
	return nil
}

// AddAccount adds an account of a tenant, reached through a contact that is the operator's or the tenant's own.
func (o *Onboard) AddAccount(ctx context.Context, by hub.Actor, a hub.Account) (hub.Account, error) {
	iban, err := account.ParseIBAN(strings.ReplaceAll(a.IBAN, " ", ""))
	if err != nil {
		return a, &hub.Error{Code: hub.CodeInvalid, Message: err.Error(), Err: err}
	}
	if _, known := money.Currency(a.Currency).Digits(); !known {
		return a, hub.Errorf(hub.CodeInvalid, "%q is no ISO 4217 currency", a.Currency)
	}
	a.ID, a.IBAN, a.Created = hub.AccountID(store.NewID()), string(iban), o.store.Now()
	return a, o.store.Write(ctx, func(tx *store.Tx) error {
		c, err := tx.Contact(ctx, a.Contact)
		if err != nil {
			return err
		}
		if c.Owner != hub.Operator && c.Owner != a.Tenant.Owner() {
			return hub.Errorf(hub.CodeNotFound, "no contact %q", a.Contact)
		}
		if err := tx.InsertAccount(ctx, a); err != nil {
			return err
		}
		return audit(ctx, tx, a.Tenant.Owner(), by, "account.add", string(a.ID), map[string]string{"contact": string(a.Contact)})
	})
}

func audit(ctx context.Context, tx *store.Tx, owner hub.Owner, by hub.Actor, action, subject string, detail map[string]string) error {
	return tx.Audit(ctx, hub.AuditRow{Owner: owner, Actor: by, Action: action, Subject: subject, Detail: detail})
}

// sameHash compares hex texts as people copy them: case, blanks and colons do not matter.
func sameHash(a, b string) bool {
	clean := strings.NewReplacer(" ", "", ":", "", "\n", "", "\t", "")
	x, errX := hex.DecodeString(clean.Replace(a))
	y, errY := hex.DecodeString(clean.Replace(b))
	return errX == nil && errY == nil && len(x) == 32 && subtle.ConstantTimeCompare(x, y) == 1
}
