package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kontor/account"
	"kontor/ebics"
	"kontor/ebics/banks"
	"kontor/ebics/htd"
	catalogue "kontor/ebics/order"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/xmlscan"
)

// masterEvery is how often a bank is asked what a contact may do; people change that now and then.
const masterEvery = 24 * time.Hour

// What is noted for an order type that is not asked for.
const (
	resultNotPermitted = "not_permitted" // the bank's own data do not allow it
	resultNotTold      = "not_told"      // the bank has not told whether it allows it, and not every bank has it
)

// resultUnreadable is noted when a bank's data about the contact cannot be used.
const resultUnreadable = "unreadable"

// errMaster says that they cannot be used. To ask again soon would not help: the bank is asked on the next day.
var errMaster = errors.New("what the bank says of the contact cannot be used")

// master keeps what a bank says a contact may do (HTD). Unlike other deliveries it is read at once: it belongs to the contact, and what a
// newer one says replaces it. Data that cannot be read, or that do not speak of our user, change nothing.
func (c *Collect) master(ctx context.Context, l hub.Link, data io.Reader) error {
	contact := l.Contact
	in := &source{from: data}
	delivery, err := htd.Read(in, xmlscan.Limits{})
	if in.failure != nil {
		return in.failure // of the transmission: it says nothing of the data
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errMaster, err)
	}
	ways, err := banks.Embedded().Ways(l.Bank.Profile.Ways)
	if err != nil {
		return fmt.Errorf("%w: %w", errMaster, err)
	}
	m, found := masterData(delivery, contact, ways.Catalogue())
	if !found || len(m.Orders) == 0 {
		return fmt.Errorf("%w: it says nothing of what the contact's user may do", errMaster)
	}
	m.Read = c.o.Store.Now()
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		before, err := tx.Contact(ctx, contact.ID)
		if err != nil {
			return err
		}
		if err := tx.SetMaster(ctx, contact.ID, m); err != nil {
			return err
		}
		if before.Master != nil && before.Master.Same(m) {
			return nil
		}
		if err := c.askAgain(ctx, tx, contact.ID, m); err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{
			Owner: contact.Owner, Actor: actor, Action: "contact.master_data", Subject: string(contact.ID),
			Detail: map[string]string{"orders": strings.Join(typesOf(m), " "), "accounts": fmt.Sprint(len(m.Accounts))},
		})
	})
}

// askAgain makes the polls due that were put off because the bank did not permit them, or had not told.
func (c *Collect) askAgain(ctx context.Context, tx *store.Tx, contact hub.ContactID, m hub.MasterData) error {
	polls, err := tx.Polls(ctx, contact)
	if err != nil {
		return err
	}
	for _, p := range polls {
		if (p.LastResult == resultNotPermitted || p.LastResult == resultNotTold) && m.Permits(p.OrderType) {
			if err := tx.SetPollNext(ctx, contact, p.OrderType, c.o.Store.Now()); err != nil {
				return err
			}
		}
	}
	return nil
}

func typesOf(m hub.MasterData) (out []string) {
	for _, o := range m.Orders {
		out = append(out, o.Type)
	}
	return out
}

// orderName is the order type under which an order is known here. H005 names payments and statements by services: the catalogue says which
// order types they are. One that is none of them goes by its service.
func orderName(c *catalogue.Catalogue, t ebics.OrderType, service *ebics.BTF) string {
	if service == nil || t != ebics.BTU && t != ebics.BTD {
		return string(t)
	}
	entry, match := c.ByBTF(*service, directionOf(t))
	switch {
	case match == catalogue.NoMatch:
		return service.String()
	case entry.Type == "":
		return entry.Key()
	}
	return string(entry.Type)
}

func directionOf(t ebics.OrderType) catalogue.Direction {
	if t == ebics.BTU {
		return catalogue.Upload
	}
	return catalogue.Download
}

// masterData turns a bank's data into ours: the orders that the contact's user may use, and the accounts.
func masterData(d htd.Data, contact hub.Contact, c *catalogue.Catalogue) (m hub.MasterData, found bool) {
	user, found := d.User(ebics.UserID(contact.UserID))
	if !found {
		return m, false
	}
	agreed := map[string]htd.Order{}
	for _, o := range d.Partner.Orders {
		if name := orderName(c, o.Type, o.Service); agreed[name].Type == "" { // the first counts
			agreed[name] = o
		}
	}
	levels := map[string]string{}
	for _, p := range user.Permissions {
		for _, t := range p.Orders {
			name := orderName(c, t, p.Service)
			levels[name] = cmp.Or(levels[name], p.Level)
		}
	}
	for name, level := range levels {
		o := hub.PermittedOrder{Type: name, Level: level}
		if a, known := agreed[name]; known {
			o.Description, o.Signatures, o.Upload = a.Description, a.Signatures, strings.EqualFold(a.Transfer, "Upload")
		}
		m.Orders = append(m.Orders, o)
	}
	slices.SortFunc(m.Orders, func(a, b hub.PermittedOrder) int { return strings.Compare(a.Type, b.Type) })
	for _, a := range d.Partner.Accounts {
		m.Accounts = append(m.Accounts, hub.MasterAccount{IBAN: account.NormaliseIBAN(a.IBAN), Number: a.Number, Currency: a.Currency, Holder: a.Holder})
	}
	return m, true
}
