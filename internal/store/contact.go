package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"kontor/internal/hub"
)

// InsertBank adds a bank. CodeConflict if the id is taken.
func (tx *Tx) InsertBank(ctx context.Context, b hub.Bank) error {
	profile, err := json.Marshal(b.Profile)
	if err != nil {
		return err
	}
	return tx.insert(ctx, "bank", []string{"id", "name", "url", "host_id", "ca", "profile", "created"},
		string(b.ID), b.Name, b.URL, b.HostID, b.CA, string(profile), micros(b.Created))
}

// SetBankURL moves a bank to another address.
func (tx *Tx) SetBankURL(ctx context.Context, id hub.BankID, url, ca string) error {
	n, err := tx.exec(ctx, `UPDATE bank SET url = $1, ca = $2 WHERE id = $3`, url, ca, string(id))
	return oneRow(n, err, hub.CodeNotFound, "no such bank")
}

// SetBankProfile replaces a bank's profile.
func (tx *Tx) SetBankProfile(ctx context.Context, id hub.BankID, p hub.BankProfile) error {
	profile, err := json.Marshal(p)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE bank SET profile = $1 WHERE id = $2`, string(profile), string(id))
	return oneRow(n, err, hub.CodeNotFound, "no such bank")
}

// Banks lists all banks by id.
func (tx *Tx) Banks(ctx context.Context) ([]hub.Bank, error) {
	var out []hub.Bank
	err := tx.each(ctx, `SELECT id, name, url, host_id, ca, profile, created FROM bank ORDER BY id`, nil, func(r rows) error {
		var b hub.Bank
		var profile string
		var created int64
		if err := r.Scan(&b.ID, &b.Name, &b.URL, &b.HostID, &b.CA, &profile, &created); err != nil {
			return err
		}
		b.Created = instant(created)
		if err := json.Unmarshal([]byte(profile), &b.Profile); err != nil {
			return err
		}
		out = append(out, b)
		return nil
	})
	return out, err
}

// Bank returns one bank; CodeNotFound if there is none.
func (tx *Tx) Bank(ctx context.Context, id hub.BankID) (hub.Bank, error) {
	all, err := tx.Banks(ctx)
	if err != nil {
		return hub.Bank{}, err
	}
	for _, b := range all {
		if b.ID == id {
			return b, nil
		}
	}
	return hub.Bank{}, hub.Errorf(hub.CodeNotFound, "no bank %q", id)
}

type sealedContact struct {
	PartnerID string          `json:"partnerId"`
	UserID    string          `json:"userId"`
	Keys      []byte          `json:"keys"`
	BankKeys  []byte          `json:"bankKeys,omitempty"`
	Master    *hub.MasterData `json:"master,omitempty"`
}

func (tx *Tx) sealContact(ctx context.Context, c hub.Contact) ([]byte, error) {
	return tx.seal(ctx, c.Owner, "contact", string(c.ID), sealedContact{c.PartnerID, c.UserID, c.Keys, c.BankKeys, c.Master})
}

// InsertContact adds a contact. CodeConflict if the partner has a contact at the bank already: order ids and deliveries are a partner's, and
// two contacts of one would take them away from each other.
func (tx *Tx) InsertContact(ctx context.Context, c hub.Contact) error {
	sealed, err := tx.sealContact(ctx, c)
	if err != nil {
		return err
	}
	route, err := tx.fingerprint(ctx, hub.Operator, "contact", []byte(string(c.Bank)+"\x00"+c.PartnerID))
	if err != nil {
		return err
	}
	return tx.insert(ctx, "contact", []string{"id", "owner", "bank_id", "route", "state", "created", "updated", "sealed"},
		string(c.ID), string(c.Owner), string(c.Bank), route, string(c.State), micros(c.Created), micros(c.Updated), sealed)
}

// AdvanceContact moves a contact from one state to the next and keeps its bank keys. CodeConflict unless it is in state from.
func (tx *Tx) AdvanceContact(ctx context.Context, c hub.Contact, from ...hub.ContactState) error {
	sealed, err := tx.sealContact(ctx, c)
	if err != nil {
		return err
	}
	for _, f := range from {
		n, err := tx.exec(ctx, `UPDATE contact SET state = $1, updated = $2, sealed = $3 WHERE id = $4 AND state = $5`,
			string(c.State), micros(c.Updated), sealed, string(c.ID), string(f))
		if err != nil || n == 1 {
			return err
		}
	}
	return hub.Errorf(hub.CodeConflict, "the contact is not in a state that allows this")
}

// SetMaster keeps what the bank says of a contact. Its row is locked first, so that a step of the key ceremony at the same moment is not lost.
func (tx *Tx) SetMaster(ctx context.Context, id hub.ContactID, m hub.MasterData) error {
	return tx.setMaster(ctx, id, &m)
}

// ForgetMaster forgets what the bank said of a contact, as if it had not told.
func (tx *Tx) ForgetMaster(ctx context.Context, id hub.ContactID) error {
	return tx.setMaster(ctx, id, nil)
}

func (tx *Tx) setMaster(ctx context.Context, id hub.ContactID, m *hub.MasterData) error {
	n, err := tx.exec(ctx, `UPDATE contact SET updated = updated WHERE id = $1`, string(id))
	if err := oneRow(n, err, hub.CodeNotFound, "no such contact"); err != nil {
		return err
	}
	c, err := tx.Contact(ctx, id)
	if err != nil {
		return err
	}
	c.Master = m
	sealed, err := tx.sealContact(ctx, c)
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE contact SET sealed = $1 WHERE id = $2`, sealed, string(id))
	return err
}

const contactColumns = `SELECT id, owner, bank_id, state, created, updated, sealed FROM contact`

// Contacts lists all contacts in order of creation, with their keys. A destroyed tenant's own contacts are left out.
func (tx *Tx) Contacts(ctx context.Context) ([]hub.Contact, error) {
	return tx.contacts(ctx, contactColumns+` ORDER BY id`)
}

// Contact returns one contact with its keys; CodeNotFound if there is none.
func (tx *Tx) Contact(ctx context.Context, id hub.ContactID) (hub.Contact, error) {
	found, err := tx.contacts(ctx, contactColumns+` WHERE id = $1`, string(id))
	if err != nil {
		return hub.Contact{}, err
	}
	if len(found) == 0 {
		return hub.Contact{}, hub.Errorf(hub.CodeNotFound, "no contact %q", id)
	}
	return found[0], nil
}

func (tx *Tx) contacts(ctx context.Context, query string, args ...any) ([]hub.Contact, error) {
	found, look := contactsBy(query, args...)
	if err := tx.several(ctx, look); err != nil {
		return nil, fmt.Errorf("read contacts: %w", err)
	}
	return tx.openContacts(ctx, found)
}

// foundContacts are contacts as they are stored.
type foundContacts struct {
	contacts []hub.Contact
	sealed   [][]byte
}

func contactsBy(query string, args ...any) (*foundContacts, lookup) {
	out := &foundContacts{}
	return out, lookup{query, args, func(r rows) error {
		var c hub.Contact
		var created, updated int64
		var s []byte
		if err := r.Scan(&c.ID, &c.Owner, &c.Bank, &c.State, &created, &updated, &s); err != nil {
			return err
		}
		c.Created, c.Updated = instant(created), instant(updated)
		out.contacts, out.sealed = append(out.contacts, c), append(out.sealed, s)
		return nil
	}}
}

func (tx *Tx) openContacts(ctx context.Context, found *foundContacts) ([]hub.Contact, error) {
	live := found.contacts[:0]
	for i, c := range found.contacts {
		var s sealedContact
		err := tx.open(ctx, c.Owner, "contact", string(c.ID), found.sealed[i], &s)
		if hub.CodeOf(err) == hub.CodeNotFound {
			continue // a destroyed tenant's own contact
		}
		if err != nil {
			return nil, err
		}
		c.PartnerID, c.UserID, c.Keys, c.BankKeys, c.Master = s.PartnerID, s.UserID, s.Keys, s.BankKeys, s.Master
		live = append(live, c)
	}
	return live, nil
}

// ReplacePolls makes these the polls of a contact. Those that are there already keep their times.
func (tx *Tx) ReplacePolls(ctx context.Context, contact hub.ContactID, polls []hub.Poll) error {
	before, err := tx.Polls(ctx, contact)
	if err != nil {
		return err
	}
	for _, b := range before {
		if slices.ContainsFunc(polls, func(p hub.Poll) bool { return p.OrderType == b.OrderType && p.Kind == b.Kind }) {
			continue
		}
		if _, err := tx.exec(ctx, `DELETE FROM poll WHERE contact_id = $1 AND order_type = $2`, string(contact), b.OrderType); err != nil {
			return err
		}
	}
	for _, p := range polls {
		if err := tx.InsertPoll(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// InsertPoll adds a poll of a contact unless it is there.
func (tx *Tx) InsertPoll(ctx context.Context, p hub.Poll) error {
	_, err := tx.exec(ctx, `INSERT INTO poll (contact_id, order_type, kind, next_at, last_at, last_result) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (contact_id, order_type) DO NOTHING`,
		string(p.Contact), p.OrderType, string(p.Kind), micros(p.Next), micros(p.Last), p.LastResult)
	return err
}

// Polls lists the polls of a contact, or of all with "", by next moment.
func (tx *Tx) Polls(ctx context.Context, contact hub.ContactID) ([]hub.Poll, error) {
	var out []hub.Poll
	err := tx.each(ctx, `SELECT contact_id, order_type, kind, next_at, last_at, last_result, succeeded_at FROM poll
		WHERE $1 = '' OR contact_id = $2 ORDER BY next_at, contact_id, order_type`, []any{string(contact), string(contact)}, func(r rows) error {
		var p hub.Poll
		var next, last, succeeded int64
		if err := r.Scan(&p.Contact, &p.OrderType, &p.Kind, &next, &last, &p.LastResult, &succeeded); err != nil {
			return err
		}
		p.Next, p.Last, p.Succeeded = instant(next), instant(last), instant(succeeded)
		out = append(out, p)
		return nil
	})
	return out, err
}

// FinishPoll notes the result of a poll and when the next is due.
func (tx *Tx) FinishPoll(ctx context.Context, contact hub.ContactID, orderType, result string, next time.Time) error {
	n, err := tx.exec(ctx, `UPDATE poll SET last_at = $1, last_result = $2, next_at = $3,
			succeeded_at = CASE WHEN $4 IN ('data', 'nothing') THEN $5 ELSE succeeded_at END WHERE contact_id = $6 AND order_type = $7`,
		micros(tx.s.Now()), result, micros(next), result, micros(tx.s.Now()), string(contact), orderType)
	return oneRow(n, err, hub.CodeNotFound, "no such poll")
}

// SetPollNext plans a poll, whatever was planned before.
func (tx *Tx) SetPollNext(ctx context.Context, contact hub.ContactID, orderType string, at time.Time) error {
	n, err := tx.exec(ctx, `UPDATE poll SET next_at = $1 WHERE contact_id = $2 AND order_type = $3`, micros(at), string(contact), orderType)
	return oneRow(n, err, hub.CodeNotFound, "no such poll")
}

// ForcePoll notes that a bank is to be asked next time whatever it permits. The result of that takes the note's place.
func (tx *Tx) ForcePoll(ctx context.Context, contact hub.ContactID, orderType string) error {
	n, err := tx.exec(ctx, `UPDATE poll SET last_result = $1 WHERE contact_id = $2 AND order_type = $3`, hub.PollForced, string(contact), orderType)
	return oneRow(n, err, hub.CodeNotFound, "no such poll")
}

// HastenPolls brings the next polls of these kinds of a contact forward to the given moment; it never puts one off.
func (tx *Tx) HastenPolls(ctx context.Context, contact hub.ContactID, at time.Time, kinds ...hub.PollKind) error {
	for _, k := range kinds {
		if _, err := tx.exec(ctx, `UPDATE poll SET next_at = $1 WHERE contact_id = $2 AND kind = $3 AND next_at > $4`,
			micros(at), string(contact), string(k), micros(at)); err != nil {
			return err
		}
	}
	return nil
}

// ContactsToPoll lists the ready contacts that have a poll which is due, with the moment since when.
func (tx *Tx) ContactsToPoll(ctx context.Context) (map[hub.ContactID]time.Time, error) {
	out := map[hub.ContactID]time.Time{}
	err := tx.each(ctx, `SELECT p.contact_id, MIN(p.next_at) FROM poll p JOIN contact c ON c.id = p.contact_id
		WHERE c.state = 'ready' AND p.next_at <= $1 GROUP BY p.contact_id`, []any{micros(tx.s.Now())}, func(r rows) error {
		var c hub.ContactID
		var since int64
		if err := r.Scan(&c, &since); err != nil {
			return err
		}
		out[c] = instant(since)
		return nil
	})
	return out, err
}
