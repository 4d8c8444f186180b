package collect

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
	"kontor/iso20022/pain"
)

// status reads payment status reports (pain.002), each for one file that we sent.
func (c *Collect) status(ctx context.Context, l hub.Link, d hub.Download) error {
	parts, err := c.parts(ctx, d)
	if err != nil {
		return err
	}
	var broken error // a part that cannot be read must not keep the others from their owners
	for _, p := range parts {
		switch err := c.statusFile(ctx, l, d, p); {
		case errors.Is(err, errUndecodable):
			broken = err
		case err != nil:
			return err
		}
		killpoint.Reach(killpoint.CollectAfterTransition)
	}
	return broken
}

// statusFile passes over a report twice: first to see what it says and of which file, then to seal it for that file's owner. Neither its
// size nor that of the file counts in memory, but for some numbers of each payment.
func (c *Collect) statusFile(ctx context.Context, l hub.Link, d hub.Download, p part) error {
	digest := sha256.New()
	var v *verdict
	err := p.read(func(r io.Reader) (err error) {
		source := &source{from: r}
		v, err = readVerdict(io.TeeReader(source, digest), l.Bank.Profile.ConfirmingStatuses)
		if source.failure != nil {
			err = fmt.Errorf("%w: %w", errUndecodable, source.failure)
		}
		return err
	})
	if errors.Is(err, errStore) {
		return err
	}
	if err != nil {
		if v == nil && !errors.Is(err, errUndecodable) {
			return c.quarantine(ctx, d, p, nil, hub.Quarantined{Reason: "unreadable"}, nil)
		}
		return fmt.Errorf("%w: %w", errUndecodable, err)
	}
	identity := reportIdentity(digest.Sum(nil))
	var file hub.PaymentFile
	var known bool
	var reason string
	err = c.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if known, err = tx.Sighted(ctx, l.Contact.ID, identity); err != nil || known {
			return err // the bank delivered it again: its receipt was lost
		}
		file, reason, err = c.match(ctx, tx, l, v)
		return err
	})
	if err != nil || known {
		return err
	}
	wait := func(reason string) error {
		detail := hub.QuarantineDetail{Key: v.report.OriginalMessageID, Executed: v.executed}
		return c.quarantine(ctx, d, p, nil, hub.Quarantined{Reason: reason, Detail: detail}, func(tx *store.Tx) (bool, error) {
			return tx.FirstSight(ctx, l.Contact.ID, identity)
		})
	}
	if reason != "" {
		return wait(reason)
	}
	// One report of a file at a time: the last word on the file is counted over all its payments.
	alone := false
	err = c.o.Store.WithLease(ctx, "status:"+store.FileResource(file.Tenant, file.ID), c.o.Node, c.o.Lease, func(ctx context.Context, lease hub.Lease) error {
		alone = true
		return c.apply(ctx, lease, l, file, p, v, identity)
	})
	if errors.Is(err, errAmbiguous) {
		return wait(reasonAmbiguousPayment)
	}
	if err == nil && !alone {
		return hub.Errorf(hub.CodeUnavailable, "another report about the file is being read")
	}
	return err
}

// source tells a failure of what is read from a failure of its reader.
type source struct {
	from    io.Reader
	failure error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.failure = err
	}
	return n, err
}

// Reasons of reports that wait for a person.
const (
	reasonAmbiguousMessage = "ambiguous_message"
	reasonAmbiguousPayment = "ambiguous_payment"
)

// match finds the file a report is about: by message id and kind among the files that went through the contact, by the ids of batches and
// payments and the own accounts it names. It never guesses: no or several matches are a reason to wait for a person.
func (c *Collect) match(ctx context.Context, tx *store.Tx, l hub.Link, v *verdict) (file hub.PaymentFile, reason string, err error) {
	tenants, err := tx.TenantsOfContact(ctx, l.Contact.ID)
	if err != nil {
		return file, "", err
	}
	var candidates []hub.PaymentFile
	for _, t := range tenants {
		files, err := tx.FilesByMessage(ctx, t, l.Contact.ID, v.report.OriginalMessageID)
		if err != nil {
			return file, "", err
		}
		for _, f := range files {
			if !v.speaksOf(f.Format) || !c.mayBeMeant(tx.Now(), f, v) {
				continue
			}
			holds, err := holdsAll(ctx, tx, f, v)
			if err != nil {
				return file, "", err
			}
			if holds {
				candidates = append(candidates, f)
			}
		}
	}
	switch len(candidates) {
	case 0:
		return file, "unknown_order", nil
	case 1:
		return candidates[0], "", nil
	}
	return file, reasonAmbiguousMessage, nil
}

// lateWord is how long after the end of a file its bank may still report about it.
const lateWord = 30 * 24 * time.Hour

// mayBeMeant says whether a report can be about a file at all: the bank must have had it, and what the bank has ended long ago, or ended
// as not executed while the report says executed, is another file of the same name.
func (c *Collect) mayBeMeant(now time.Time, f hub.PaymentFile, v *verdict) bool {
	switch f.State {
	case hub.StateRejected, hub.StateQueued, hub.StateFailed:
		return false
	case hub.StateSending, hub.StateUnclear, hub.StateSent, hub.StateForwarded, hub.StateAccepted:
		return true
	case hub.StateCancelledAtBank, hub.StateRejectedByBank:
		return now.Sub(f.Updated) < lateWord && !v.executed
	case hub.StatePartiallyAccepted, hub.StateConfirmed:
		return now.Sub(f.Updated) < lateWord
	}
	return false
}

// holdsAll says whether a file holds every batch and payment that the report names.
func holdsAll(ctx context.Context, tx *store.Tx, f hub.PaymentFile, v *verdict) (bool, error) {
	wanted := v.missing(f.DirectDebit())
	err := tx.Payments(ctx, f.Tenant, f.ID, func(p hub.Payment) error {
		wanted.see(&p)
		return nil
	})
	return len(wanted.left) == 0, err
}

// pagesAtOnce is how many pages of payments one transaction updates: about 4,000 payments, some tens of milliseconds.
const pagesAtOnce = 16

// apply notes each payment's own status and moves the file on if the report is the bank's final word. What it does before its last
// transaction does no harm when it is done again.
func (c *Collect) apply(ctx context.Context, lease hub.Lease, l hub.Link, file hub.PaymentFile, p part, v *verdict, identity string) error {
	heard, err := c.opinions(ctx, l.Contact, file, v)
	if err != nil {
		return err
	}
	total, err := c.note(ctx, lease, file, v, heard)
	if err != nil {
		return err
	}
	evidence, err := c.stagePart(ctx, file.Tenant.Owner(), store.BodyStatus, p, nil)
	if err != nil {
		return err
	}
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Fenced(ctx, lease); err != nil {
			return err
		}
		first, err := tx.FirstSight(ctx, l.Contact.ID, identity)
		if err != nil || !first {
			return err
		}
		body, err := evidence.Publish(ctx, tx)
		if err != nil {
			return err
		}
		detail := hub.EventDetail{OrderID: file.Detail.OrderID, Action: string(v.report.GroupStatus), ReasonCode: v.code, Reason: v.text}
		if to, final := total.transition(); final {
			err := tx.Transit(ctx, file.Tenant, file.ID, to, store.Change{Actor: actor, Evidence: body, Event: detail, Update: func(d *hub.FileDetail) {
				if v.code != "" {
					d.ReasonCode, d.Reason = v.code, v.text
				}
			}})
			if hub.CodeOf(err) != hub.CodeConflict {
				return err
			}
		}
		return tx.InsertEvent(ctx, hub.Event{
			Tenant: file.Tenant, Subject: string(file.ID), At: tx.Now(), Actor: actor, Name: "status", Evidence: body, Detail: detail,
		})
	})
}

// opinions goes through the file and returns what the report says of each payment, by ordinal; errAmbiguous if it may be meant for others.
func (c *Collect) opinions(ctx context.Context, contact hub.Contact, file hub.PaymentFile, v *verdict) (heard []opinion, err error) {
	err = c.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		visit := func(f func(p *hub.Payment)) error {
			return tx.Payments(ctx, file.Tenant, file.ID, func(p hub.Payment) error {
				f(&p)
				return nil
			})
		}
		if heard, err = v.hearAll(visit); err != nil || file.State.Final() {
			return err // the payments of a file that has ended are left as they are
		}
		if err := v.unambiguous(visit, heard); err != nil {
			return err
		}
		if err := v.withoutGuessedReasons(visit, heard); err != nil {
			return err
		}
		return v.unopposed(ctx, tx, contact, visit, heard)
	})
	return heard, err
}

// payments goes through the payments of a file, in order.
type payments func(f func(p *hub.Payment)) error

// hearAll returns what a report says of each payment. A payment that has its last word is passed over.
func (v *verdict) hearAll(visit payments) (heard []opinion, err error) {
	some := false // payments have their last word already
	err = visit(func(p *hub.Payment) { heard, some = append(heard, v.of(p)), some || settled(p) })
	if err != nil || !some {
		return heard, err
	}
	// Of payments that are alike, one that has its last word must not take the word that is meant for another.
	v.mentions.again()
	alike := map[uint64]int{}
	if err := visit(func(p *hub.Payment) { alike[v.alike(p)]++ }); err != nil {
		return nil, err
	}
	err = visit(func(p *hub.Payment) {
		if settled(p) {
			v.mentions.repeat(v, p, alike[v.alike(p)])
		}
	})
	if err != nil {
		return nil, err
	}
	heard = heard[:0]
	err = visit(func(p *hub.Payment) {
		o := opinion{}
		if !settled(p) {
			o = v.of(p)
		}
		heard = append(heard, o)
	})
	return heard, err
}

// unambiguous fails with errAmbiguous when a word that was given to one payment may be meant for another, or one was given to none.
func (v *verdict) unambiguous(visit payments, heard []opinion) error {
	if len(v.mentions.loose) > 0 {
		within, err := v.mentions.noteLoose(v, func(f func(p *hub.Payment, heard opinion)) error {
			n := 0
			return visit(func(p *hub.Payment) {
				if !settled(p) {
					f(p, heard[n])
				}
				n++
			})
		})
		if err != nil {
			return err
		}
		if !within {
			return errAmbiguous
		}
	}
	if v.mentions.ambiguous() {
		return errAmbiguous
	}
	return v.placed(visit, heard)
}

// note writes what was heard to the payments of a file, some pages at a time, and counts. A file that has ended is left as it is.
func (c *Collect) note(ctx context.Context, lease hub.Lease, file hub.PaymentFile, v *verdict, heard []opinion) (total tally, err error) {
	for page, more := 0, true; more; page += pagesAtOnce {
		var batch tally
		err := c.o.Store.Write(ctx, func(tx *store.Tx) error {
			batch = tally{}
			if err := tx.Fenced(ctx, lease); err != nil {
				return err
			}
			f, err := tx.File(ctx, file.Tenant, file.ID)
			if err != nil {
				return err
			}
			n := page * hub.PageSize
			more, err = tx.UpdatePayments(ctx, file.Tenant, file.ID, page, pagesAtOnce, func(p *hub.Payment) bool {
				o := v.heard(p, heard[n])
				n++
				if o.status == "" || f.State.Final() || (p.BankStatus == string(o.status) && p.BankReason == o.reason) {
					batch.count(v, pain.Status(p.BankStatus))
					return false
				}
				p.BankStatus, p.BankReason = string(o.status), o.reason
				batch.count(v, o.status)
				return true
			})
			return err
		})
		if err != nil {
			return total, err
		}
		total.add(batch)
	}
	return total, nil
}

// reportIdentity is how a payment status report is recognised when it comes again.
func reportIdentity(digest []byte) string { return "pain.002\x00" + fmt.Sprintf("%x", digest) }

// stagePart takes a part, or a cut of it, in under its owner's key.
func (c *Collect) stagePart(ctx context.Context, owner hub.Owner, kind store.BodyKind, p part, also io.Writer) (*store.Staging, error) {
	staging, err := c.o.Store.Stage(ctx, owner, kind)
	if err != nil {
		return nil, err
	}
	return staging, p.read(func(r io.Reader) error {
		if also != nil {
			r = io.TeeReader(r, also)
		}
		return copyTo(ctx, staging, r)
	})
}
