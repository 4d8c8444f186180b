package onboard

import (
	"cmp"
	"context"
	"io"
	"strconv"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
)

// AddContact makes a contact with new keys.
func (o *Onboard) AddContact(ctx context.Context, by hub.Actor, n hub.NewContact) (hub.Contact, error) {
	now := o.store.Now()
	c := hub.Contact{
		ID: hub.ContactID(store.NewID()), Owner: n.Owner, Bank: n.Bank, PartnerID: n.PartnerID, UserID: n.UserID, State: hub.ContactNew, Created: now, Updated: now,
	}
	if !subscriberID(n.PartnerID) || !subscriberID(n.UserID) {
		return c, hub.Errorf(hub.CodeInvalid, "partner and user id have 1 to 35 letters, digits, commas and equal signs")
	}
	if n.Signature != "" && n.Signature != "A005" && n.Signature != "A006" {
		return c, hub.Errorf(hub.CodeInvalid, "order signatures are of version A005 or A006, not %q", n.Signature)
	}
	var b hub.Bank
	err := o.store.Read(ctx, func(tx *store.Tx) (err error) {
		b, err = tx.Bank(ctx, n.Bank)
		return err
	})
	if err != nil {
		return c, err
	}
	signature := cmp.Or(n.Signature, b.Profile.Signature())
	if c.Keys, err = o.bank.GenerateKeys(hub.Link{Bank: b, Contact: c}, signature); err != nil {
		return c, err
	}
	return c, o.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertContact(ctx, c); err != nil {
			return err
		}
		if err := tx.ReplacePolls(ctx, c.ID, polls(c.ID, b.Profile, now)); err != nil {
			return err
		}
		return audit(ctx, tx, n.Owner, by, "contact.add", string(c.ID), map[string]string{"bank": string(n.Bank), "signature": signature})
	})
}

// polls are the order types that a contact asks its bank for, from the given moment on.
func polls(c hub.ContactID, p hub.BankProfile, from time.Time) []hub.Poll {
	out := []hub.Poll{{Contact: c, OrderType: p.Protocol(), Kind: hub.PollProtocol}}
	if m := p.Master(); m != "" {
		out = append(out, hub.Poll{Contact: c, OrderType: m, Kind: hub.PollMaster})
	}
	for _, t := range p.Statuses() {
		out = append(out, hub.Poll{Contact: c, OrderType: t, Kind: hub.PollStatus})
	}
	for _, t := range p.Statements() {
		out = append(out, hub.Poll{Contact: c, OrderType: t, Kind: hub.PollStatement})
	}
	for i := range out {
		out[i].Next = from
	}
	return out
}

// subscriberID checks the pattern of EBICS partner and user ids.
func subscriberID(id string) bool {
	if id == "" || len(id) > 35 {
		return false
	}
	for _, r := range id {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != ',' && r != '=' {
			return false
		}
	}
	return true
}

// InitialiseContact sends the contact's public keys to the bank (INI, HIA). The bank activates them after the letter came.
func (o *Onboard) InitialiseContact(ctx context.Context, by hub.Actor, id hub.ContactID) (hub.Contact, error) {
	return o.advance(ctx, by, id, "contact.initialise", hub.ContactInitialised, []hub.ContactState{hub.ContactNew}, func(l *hub.Link) error {
		return o.bank.Initialise(ctx, *l)
	})
}

// FetchBankKeys asks the bank for its keys (HPB). They are not trusted before ConfirmBankKeys. For a contact that is ready this is how new
// keys of the bank are taken up: until a person has confirmed them, nothing is sent or fetched.
func (o *Onboard) FetchBankKeys(ctx context.Context, by hub.Actor, id hub.ContactID) (c hub.Contact, authentication, encryption string, err error) {
	// Also from new: if we ended between the bank's yes to INI and HIA and our note of it, the bank refuses both from then on. That it
	// answers HPB under our keys proves that it has them.
	from := []hub.ContactState{hub.ContactNew, hub.ContactInitialised, hub.ContactKeysFetched, hub.ContactReady}
	c, err = o.advance(ctx, by, id, "contact.fetch_keys", hub.ContactKeysFetched, from, func(l *hub.Link) error {
		keys, err := o.bank.FetchKeys(ctx, *l)
		if err != nil {
			return err
		}
		l.Contact.BankKeys = keys
		authentication, encryption, err = o.bank.BankHashes(l.Bank, keys)
		return err
	})
	return c, authentication, encryption, err
}

// ConfirmBankKeys makes the contact ready when the hashes that a person has from the bank are those of the fetched keys.
func (o *Onboard) ConfirmBankKeys(ctx context.Context, by hub.Actor, id hub.ContactID, authentication, encryption string) (hub.Contact, error) {
	from := []hub.ContactState{hub.ContactKeysFetched}
	return o.advance(ctx, by, id, "contact.confirm_keys", hub.ContactReady, from, func(l *hub.Link) error {
		a, e, err := o.bank.BankHashes(l.Bank, l.Contact.BankKeys)
		if err != nil {
			return err
		}
		if !sameHash(a, authentication) || !sameHash(e, encryption) {
			return hub.Errorf(hub.CodeConflict, "the hashes are not those of the bank's keys: do not go on, ask the bank")
		}
		return nil
	})
}

// advance does one step of the ceremony: the bank first, our note of it second; a step that the bank knows already may be repeated.
func (o *Onboard) advance(ctx context.Context, by hub.Actor, id hub.ContactID, action string, to hub.ContactState, from []hub.ContactState, step func(*hub.Link) error) (hub.Contact, error) {
	l, err := o.link(ctx, id)
	if err != nil {
		return l.Contact, err
	}
	allowed := false
	for _, f := range from {
		allowed = allowed || l.Contact.State == f
	}
	if !allowed {
		return l.Contact, hub.Errorf(hub.CodeConflict, "a contact that is %s cannot do this", l.Contact.State)
	}
	if err := step(&l); err != nil {
		return l.Contact, err
	}
	l.Contact.State, l.Contact.Updated = to, o.store.Now()
	err = o.store.Write(ctx, func(tx *store.Tx) error {
		now, err := tx.Contact(ctx, id)
		if err != nil {
			return err
		}
		l.Contact.Master = now.Master // it may have come while we spoke with the bank
		if err := tx.AdvanceContact(ctx, l.Contact, from...); err != nil {
			return err
		}
		if to == hub.ContactReady { // what waited for it goes on now
			if err := tx.ClearContactBackoff(ctx, id); err != nil {
				return err
			}
		}
		return audit(ctx, tx, l.Contact.Owner, by, action, string(id), nil)
	})
	return l.Contact, err
}

// Letter writes the INI and HIA letter of a contact.
func (o *Onboard) Letter(ctx context.Context, w io.Writer, id hub.ContactID, form hub.LetterForm) error {
	l, err := o.link(ctx, id)
	if err != nil {
		return err
	}
	return o.bank.Letter(w, l, form, o.store.Now())
}

// ContactHashes returns the hashes of the contact's own keys by key version.
func (o *Onboard) ContactHashes(ctx context.Context, id hub.ContactID) (map[string]string, error) {
	l, err := o.link(ctx, id)
	if err != nil {
		return nil, err
	}
	return o.bank.ContactHashes(l.Contact.Keys)
}

// ContactCertificates tells of the certificates that the contact's keys are handed to the bank in.
func (o *Onboard) ContactCertificates(ctx context.Context, id hub.ContactID) (hub.CertificateFacts, error) {
	l, err := o.link(ctx, id)
	if err != nil {
		return hub.CertificateFacts{}, err
	}
	return o.bank.Certificates(l)
}

// PollNow makes a contact's polls due at once: all, or those of one order type. With force the bank is asked once also for what it has said
// it does not permit.
func (o *Onboard) PollNow(ctx context.Context, by hub.Actor, id hub.ContactID, orderType string, force bool) error {
	return o.store.Write(ctx, func(tx *store.Tx) error {
		polls, err := tx.Polls(ctx, id)
		if err != nil {
			return err
		}
		found := false
		for _, p := range polls {
			if orderType != "" && p.OrderType != orderType {
				continue
			}
			found = true
			if err := tx.SetPollNext(ctx, id, p.OrderType, o.store.Now()); err != nil {
				return err
			}
			if force {
				if err := tx.ForcePoll(ctx, id, p.OrderType); err != nil {
					return err
				}
			}
		}
		if !found {
			return hub.Errorf(hub.CodeNotFound, "no such poll")
		}
		if err := tx.ClearContactBackoff(ctx, id); err != nil {
			return err
		}
		return audit(ctx, tx, hub.Operator, by, "contact.poll_now", string(id), map[string]string{"orderType": orderType, "force": strconv.FormatBool(force)})
	})
}

func (o *Onboard) link(ctx context.Context, id hub.ContactID) (l hub.Link, err error) {
	err = o.store.Read(ctx, func(tx *store.Tx) error {
		if l.Contact, err = tx.Contact(ctx, id); err != nil {
			return err
		}
		l.Bank, err = tx.Bank(ctx, l.Contact.Bank)
		return err
	})
	return l, err
}
