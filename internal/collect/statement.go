package collect

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strconv"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/iso20022/camt"
)

// statements splits a container of camt messages by account.
func (c *Collect) statements(ctx context.Context, l hub.Link, d hub.Download) error {
	parts, err := c.parts(ctx, d)
	if err != nil {
		return err
	}
	var broken error // a part that cannot be read must not keep the others from their owners
	for _, p := range parts {
		switch err := c.statementFile(ctx, l, d, p); {
		case errors.Is(err, errUndecodable):
			broken = err
		case err != nil:
			return err
		}
	}
	return broken
}

// span is one statement of a message with its owner.
type span struct {
	from, to int64
	tenant   hub.TenantID
	account  hub.AccountID
	iban     string
	format   string
	id       string
	entries  int
}

func (s span) known() bool { return s.tenant != "" }

// sameOwner says whether two statements may stay in one document.
func (s span) sameOwner(o span) bool { return s.tenant == o.tenant && s.account == o.account }

// statementFile passes over a message twice: first to see whose it is, then to seal it under its owner's key.
func (c *Collect) statementFile(ctx context.Context, l hub.Link, d hub.Download, p part) error {
	var spans []span
	var found []finding.Finding
	err := p.read(func(r io.Reader) (err error) {
		found, err = camt.Read(r, camt.Options{}, camt.Visitor{Statement: func(s *camt.Statement) error {
			one, err := c.own(ctx, l.Contact.ID, s)
			spans = append(spans, one)
			return err
		}})
		return err
	})
	if err != nil || len(spans) == 0 {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if errors.Is(err, errLookup) || errors.Is(err, errStore) {
			return err
		}
		if errors.Is(err, errTooLarge) {
			return fmt.Errorf("%w: %w", errUndecodable, err) // the delivery is kept as it is
		}
		return c.quarantine(ctx, d, p, nil, hub.Quarantined{Reason: "unreadable"}, nil)
	}
	first, last := spans[0].from, spans[len(spans)-1].to
	for i, s := range spans {
		if seenBefore(spans[:i], s) {
			continue
		}
		var mine []span
		for _, o := range spans {
			if o.sameOwner(s) {
				mine = append(mine, o)
			}
		}
		cut := &cutter{head: first, tail: last, spans: mine}
		if len(mine) == len(spans) {
			cut = nil // the whole message is this owner's: its bytes stay as the bank wrote them
		}
		if !s.known() {
			err = c.quarantine(ctx, d, p, cut, hub.Quarantined{Reason: "unknown_account", Detail: hub.QuarantineDetail{IBAN: s.iban}}, nil)
		} else {
			err = c.document(ctx, d, p, mine, cut, warningsOf(found, spans, mine))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func seenBefore(earlier []span, s span) bool {
	for _, e := range earlier {
		if e.sameOwner(s) {
			return true
		}
	}
	return false
}

// errLookup marks a failure of ours, not of the message.
var errLookup = errors.New("look up account")

// own finds the owner of a statement: by IBAN and currency, EUR where the bank names none.
func (c *Collect) own(ctx context.Context, contact hub.ContactID, s *camt.Statement) (span, error) {
	out := span{from: s.At, to: s.End, iban: s.IBAN, format: s.Format, id: s.ID, entries: s.EntryCount}
	currency := s.Currency
	if currency == "" {
		currency = "EUR"
	}
	err := c.o.Store.Read(ctx, func(tx *store.Tx) error {
		tenant, account, found, err := tx.AccountRoute(ctx, contact, s.IBAN, currency)
		if err != nil || !found {
			return err
		}
		t, err := tx.Tenant(ctx, string(tenant))
		if err == nil && t.State == hub.TenantActive {
			out.tenant, out.account = tenant, account
		}
		return err
	})
	if err != nil {
		return out, fmt.Errorf("%w: %w", errLookup, err)
	}
	return out, nil
}

// document seals a message, or the owner's part of it, under the tenant's key and offers it. What is wrong with it is kept with it: many
// banks' documents break their schemas, and none is held back for that.
func (c *Collect) document(ctx context.Context, d hub.Download, p part, mine []span, cut *cutter, w warnings) error {
	s := mine[0]
	digest := sha256.New()
	staging, err := c.stagePart(ctx, s.tenant.Owner(), store.BodyDocument, p.cut(cut), digest)
	if err != nil {
		return err
	}
	entries := 0
	for _, m := range mine {
		entries += m.entries
	}
	document := hub.Document{
		ID: hub.DocumentID(staging.ID()), Tenant: s.tenant, Account: s.account, Kind: hub.DocumentCamt, Format: s.format,
		Detail: hub.DocumentDetail{IBAN: s.iban, FileName: p.name, StatementID: s.id, EntryCount: entries, OrderType: d.OrderType},
	}
	w.keep(&document.Detail)
	var sum [32]byte
	digest.Sum(sum[:0])
	var known bool
	err = c.o.Store.Write(ctx, func(tx *store.Tx) (err error) {
		document.Created = tx.Now()
		known, err = tx.InsertDocument(ctx, document, sum)
		if err != nil || known {
			return err // the bank delivered it twice: what was staged is swept
		}
		body, err := staging.Publish(ctx, tx)
		if err != nil {
			return err
		}
		err = tx.InsertEvent(ctx, hub.Event{Tenant: s.tenant, Subject: string(document.ID), At: document.Created, Actor: actor, Name: "receive", Evidence: body})
		if err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{
			Owner: s.tenant.Owner(), At: document.Created, Actor: actor, Action: "document.receive", Subject: string(document.ID),
			Detail: map[string]string{"sha256": fmt.Sprintf("%x", sum), "format": s.format, "findings": strconv.Itoa(w.count)},
		})
	})
	if err == nil && !known {
		c.tell(w)
	}
	return err
}
