// Package dispatch is the control tower of sending: its one purpose is that a payment file reaches its bank once.
//
// An upload is journalled step by step. Killed before the last segment was announced in the journal, the order is provably not
// delivered and starts anew; from then on it is unclear and is settled by asking, never by sending again without proof of absence.
package dispatch

import (
	"context"
	"errors"
	"io"
	"time"

	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

// Bank is the channel to a bank. Errors are *hub.BankError; evidence is the bank's answer as received.
type Bank interface {
	// Prepare compresses, encrypts and segments the order once, writing the segments to spool.
	Prepare(ctx context.Context, l hub.Link, o hub.UploadOrder, data func() (io.ReadCloser, error), spool io.Writer) (hub.Prepared, error)
	// Initialise opens a transaction; the bank gives the order id.
	Initialise(ctx context.Context, l hub.Link, channel []byte) (t hub.Transaction, evidence []byte, err error)
	// Transfer sends one segment, counted from 1. The order is delivered when the last one is answered without error.
	Transfer(ctx context.Context, l hub.Link, t hub.Transaction, number int, last bool, segment []byte) (evidence []byte, err error)
}

// Options of New. Zero durations get the defaults named.
type Options struct {
	Store *store.Store
	Bank  Bank
	Node  string // names this process in leases

	Lease      time.Duration // how long a silent holder keeps a file; 30 s
	AfterSend  time.Duration // when the protocol is asked after a sending; 60 s
	RetryFirst time.Duration // first wait after a failure; 30 s, doubled each time
	RetryLimit time.Duration // longest wait; 15 min

	// Tried is told how each try to deliver an order ended: delivered, unclear, refused, or what kept it from being delivered. May be nil.
	Tried func(bank hub.BankID, orderType, outcome string)
}

// Dispatch sends payment files.
type Dispatch struct{ o Options }

// New returns a Dispatch.
func New(o Options) *Dispatch {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&o.Lease, 30 * time.Second}, {&o.AfterSend, time.Minute}, {&o.RetryFirst, 30 * time.Second}, {&o.RetryLimit, 15 * time.Minute}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if o.Tried == nil {
		o.Tried = func(hub.BankID, string, string) {}
	}
	return &Dispatch{o}
}

var actor = hub.SystemActor("dispatch")

// Send brings one file forward: a queued one is uploaded, one whose upload was interrupted is started anew or becomes unclear, an
// unclear one is asked about. Without the file's lease it does nothing.
func (d *Dispatch) Send(ctx context.Context, args hub.SendJob) error {
	s := &sending{Dispatch: d, tenant: args.Tenant, file: args.File, resource: store.FileResource(args.Tenant, args.File)}
	if held, err := s.waitsForBank(ctx); held || err != nil {
		return err
	}
	err := d.o.Store.WithLease(ctx, s.resource, d.o.Node, d.o.Lease, func(ctx context.Context, l hub.Lease) error {
		s.lease = l
		return s.step(ctx)
	})
	if err == nil || ctx.Err() != nil {
		return err
	}
	return errors.Join(err, s.postpone(context.WithoutCancel(ctx), err))
}

// waitsForBank spares the lease and all else while the file's bank is down: the sweep comes back to it.
func (s *sending) waitsForBank(ctx context.Context) (held bool, err error) {
	err = s.o.Store.Glance(ctx, func(tx *store.Tx) error {
		held, err = tx.IsHeld(ctx, s.tenant, s.file)
		return err
	})
	return held, err
}

// postpone plans the next try. Whatever went wrong, the file keeps its state and the sweep comes back to it, later each time; trouble
// with the bank itself holds back the contact's other files, too, instead of having each of them find out.
func (s *sending) postpone(ctx context.Context, cause error) error {
	code := "internal"
	if be, ok := errors.AsType[*hub.BankError](cause); ok {
		code = string(be.Outcome)
		if be.Outcome.OfTheBank() && s.record.Contact != "" {
			if err := s.o.Store.Postpone(ctx, store.BankResource(s.record.Contact), code, s.o.RetryFirst, s.o.RetryLimit); err != nil {
				return err
			}
		}
	} else if c := hub.CodeOf(cause); c != "" {
		code = string(c)
	}
	return s.o.Store.Postpone(ctx, s.resource, code, s.o.RetryFirst, s.o.RetryLimit)
}

// sending is the work on one file under its lease.
type sending struct {
	*Dispatch
	tenant   hub.TenantID
	file     hub.FileID
	lease    hub.Lease
	resource string

	record  hub.PaymentFile
	link    hub.Link
	journal hub.Sending
	begun   bool // there is a journal
	held    bool // sending through the contact is postponed
}

func (s *sending) step(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	switch s.record.State {
	case hub.StateQueued:
		if s.link.Contact.State != hub.ContactReady {
			return hub.Errorf(hub.CodeUnavailable, "the contact is not ready yet")
		}
		if s.held {
			return nil // a hint from before the bank's trouble: the sweep comes back
		}
		return s.begin(ctx)
	case hub.StateSending:
		return s.interrupted(ctx)
	case hub.StateUnclear:
		return s.settle(ctx)
	case hub.StateRejected, hub.StateFailed, hub.StateSent, hub.StateForwarded, hub.StateCancelledAtBank, hub.StateAccepted,
		hub.StatePartiallyAccepted, hub.StateConfirmed, hub.StateRejectedByBank:
		return nil // a late hint
	}
	return nil
}

func (s *sending) load(ctx context.Context) error {
	return s.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if s.record, err = tx.File(ctx, s.tenant, s.file); err != nil {
			return err
		}
		if s.record.Contact == "" {
			return nil
		}
		if s.link.Contact, err = tx.Contact(ctx, s.record.Contact); err != nil {
			return err
		}
		if s.link.Bank, err = tx.Bank(ctx, s.link.Contact.Bank); err != nil {
			return err
		}
		if s.held, err = tx.IsPostponed(ctx, store.BankResource(s.record.Contact)); err != nil {
			return err
		}
		s.journal, s.begun, err = tx.LastSending(ctx, s.tenant, s.file)
		return err
	})
}

// interrupted takes over a file whose sender died: the journal says whether the bank may have it.
func (s *sending) interrupted(ctx context.Context) error {
	if s.begun {
		switch s.journal.Step {
		case hub.StepLast:
			if err := s.doubt(ctx); err != nil {
				return err
			}
			return s.settle(ctx)
		case hub.StepPrepared, hub.StepInitialised, hub.StepSegment:
			return s.transmit(ctx, s.journal.Attempt+1)
		case hub.StepDone, hub.StepAbsent, hub.StepRefused: // of an earlier attempt
		}
	}
	return s.prepare(ctx)
}

func (s *sending) begin(ctx context.Context) error {
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.Transit(ctx, s.tenant, s.file, hub.Send(), store.Change{Actor: actor})
	})
	if err != nil {
		return err
	}
	return s.prepare(ctx)
}

// prepare makes the encrypted segments and the journal's first entry.
func (s *sending) prepare(ctx context.Context) error {
	killpoint.Reach(killpoint.DispatchBeforePrepare)
	spool, err := s.o.Store.Stage(ctx, s.tenant.Owner(), store.BodySpool)
	if err != nil {
		return err
	}
	data := func() (io.ReadCloser, error) {
		return s.o.Store.OpenBody(ctx, s.tenant.Owner(), hub.BodyID(s.file))
	}
	order := hub.UploadOrder{Type: s.record.OrderType, Attribute: s.link.Bank.Profile.Attribute(s.record.OrderType)}
	prepared, err := s.o.Bank.Prepare(ctx, s.link, order, data, spoolWriter{ctx, spool})
	if err != nil {
		return s.notDelivered(ctx, err)
	}
	if err := spool.Close(ctx); err != nil {
		return err
	}
	killpoint.Reach(killpoint.DispatchAfterSpool)
	attempt := 1
	if s.begun {
		attempt = s.journal.Attempt + 1
	}
	now := s.o.Store.Now()
	j := hub.Sending{
		Tenant: s.tenant, File: s.file, Attempt: attempt, Contact: s.record.Contact, Step: hub.StepPrepared, Segments: prepared.Segments,
		Spool: hub.BodyID(spool.ID()), Prepared: encodePrepared(prepared), Fence: s.lease.Fence, Started: now, Updated: now,
	}
	err = s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if _, err := spool.Publish(ctx, tx); err != nil {
			return err
		}
		return tx.InsertSending(ctx, j)
	})
	if err != nil {
		return err
	}
	s.journal, s.begun = j, true
	return s.upload(ctx)
}

// transmit starts a new attempt with the segments of the one before: byte for byte the same order.
func (s *sending) transmit(ctx context.Context, attempt int) error {
	now := s.o.Store.Now()
	j := s.journal
	j.Attempt, j.Step, j.Segment, j.OrderID, j.TransactionID, j.Fence, j.Started, j.Updated = attempt, hub.StepPrepared, 0, "", "", s.lease.Fence, now, now
	if err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.InsertSending(ctx, j) }); err != nil {
		return err
	}
	s.journal = j
	return s.upload(ctx)
}

type spoolWriter struct {
	ctx     context.Context //nolint:containedctx // io.Writer has no place for it
	staging *store.Staging
}

func (w spoolWriter) Write(p []byte) (int, error) {
	if err := w.staging.Write(w.ctx, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// write commits under the lease's fence, even if the caller is being stopped: what a bank has answered must be noted.
func (s *sending) write(ctx context.Context, f func(ctx context.Context, tx *store.Tx) error) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer done()
	return s.o.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Fenced(ctx, s.lease); err != nil {
			return err
		}
		return f(ctx, tx)
	})
}
