// Package collect brings back what banks have to say: it polls each contact, stores what arrives before the bank gets its receipt,
// splits it by order and account to the tenants, moves payment files on, and offers documents until they are acknowledged.
package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

// Bank is the channel to a bank. Errors are *hub.BankError.
type Bank interface {
	// Download fetches order data. keep is called once with the data; the bank gets its receipt only after keep returned nil.
	// Nothing to fetch is hub.BankNothing.
	Download(ctx context.Context, l hub.Link, orderType string, keep func(data io.Reader) error) error
}

// Options of New. Zero durations get the defaults named.
type Options struct {
	Store *store.Store
	Jobs  *job.Client
	Bank  Bank
	Log   *slog.Logger
	Node  string

	Lease      time.Duration // how long a silent holder keeps a contact; 30 s
	Open       time.Duration // between polls while the bank owes us a word about an order; 5 min
	Idle       time.Duration // between polls while it does not; 2 h
	Statements time.Duration // between polls for statements; 4 h
	AfterEvent time.Duration // when the next report is asked for after one that calls for it; 30 s
	RetryFirst time.Duration // first wait after a failure; 1 min, doubled each time
	RetryLimit time.Duration // longest wait; 1 h
	MaxBytes   int64         // of one file within a delivery, decompressed; 1 GiB

	Warned func(finding.Code) // told of each finding about a document that came, after it is stored; nil = nobody
}

// Collect fetches and splits deliveries.
type Collect struct{ o Options }

// New returns a Collect.
func New(o Options) *Collect {
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{
		{&o.Lease, 30 * time.Second}, {&o.Open, 5 * time.Minute}, {&o.Idle, 2 * time.Hour}, {&o.Statements, 4 * time.Hour},
		{&o.AfterEvent, 30 * time.Second}, {&o.RetryFirst, time.Minute}, {&o.RetryLimit, time.Hour},
	} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	return &Collect{o}
}

var actor = hub.SystemActor("collect")

// Poll asks a contact's bank for every order type whose poll is due. Without the contact's lease it does nothing: one poll per contact
// at a time.
func (c *Collect) Poll(ctx context.Context, args hub.PollJob) error {
	resource := store.ContactResource(args.Contact)
	err := c.o.Store.WithLease(ctx, resource, c.o.Node, c.o.Lease, func(ctx context.Context, _ hub.Lease) error {
		l, due, err := c.due(ctx, args.Contact)
		if err != nil {
			return err
		}
		for _, p := range due {
			if why := unasked(l, p); why != "" {
				err = errors.Join(err, c.skip(ctx, p, why))
				continue
			}
			// One order type that the bank does not offer must not keep the others from being asked for.
			if perr := c.poll(ctx, l, p); perr != nil {
				err = errors.Join(err, fmt.Errorf("poll %s: %w", p.OrderType, perr))
			} else if p.Kind == hub.PollMaster {
				told, _, derr := c.due(ctx, args.Contact)
				if derr != nil {
					return errors.Join(err, derr)
				}
				l = told
			}
		}
		return err
	})
	if err != nil && ctx.Err() == nil {
		return errors.Join(err, c.o.Store.Postpone(context.WithoutCancel(ctx), resource, failureCode(err), c.o.RetryFirst, c.o.RetryLimit))
	}
	return err
}

// unasked says why a bank is not asked for an order type: it does not permit it, or has not told and the order type is only presumed.
func unasked(l hub.Link, p hub.Poll) (result string) {
	switch {
	case p.Kind == hub.PollMaster, p.Kind == hub.PollProtocol:
		return "" // without the protocol nobody would ever know what became of an order, whatever the bank lists
	case p.LastResult == hub.PollForced:
		return "" // a person wants to know
	case l.Contact.Master == nil && l.Bank.Profile.Presumed(p.OrderType):
		return resultNotTold
	case !l.Contact.Permits(p.OrderType):
		return resultNotPermitted
	}
	return ""
}

// skip puts a poll off that is not asked for, until the bank tells something else or the next look.
func (c *Collect) skip(ctx context.Context, p hub.Poll, why string) error {
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.FinishPoll(ctx, p.Contact, p.OrderType, why, c.o.Store.Now().Add(max(c.o.Idle, c.o.Statements)))
	})
}

func failureCode(err error) string {
	if be, ok := errors.AsType[*hub.BankError](err); ok {
		return string(be.Outcome)
	}
	return "internal"
}

func (c *Collect) due(ctx context.Context, contact hub.ContactID) (l hub.Link, due []hub.Poll, err error) {
	err = c.o.Store.Read(ctx, func(tx *store.Tx) error {
		if l.Contact, err = tx.Contact(ctx, contact); err != nil {
			return err
		}
		if l.Bank, err = tx.Bank(ctx, l.Contact.Bank); err != nil {
			return err
		}
		polls, err := tx.Polls(ctx, contact)
		for _, p := range polls {
			if l.Contact.State == hub.ContactReady && !p.Next.After(c.o.Store.Now()) {
				due = append(due, p)
			}
		}
		return err
	})
	// What the bank permits comes first: the others depend on it.
	slices.SortStableFunc(due, func(a, b hub.Poll) int {
		return cmp.Compare(before(a.Kind), before(b.Kind))
	})
	return l, due, err
}

func before(k hub.PollKind) int {
	if k == hub.PollMaster {
		return 0
	}
	return 1
}

// poll fetches, stores and has the bank receipted, in that order.
func (c *Collect) poll(ctx context.Context, l hub.Link, poll hub.Poll) error {
	var stored hub.DownloadID
	kept := false
	err := c.o.Bank.Download(ctx, l, poll.OrderType, func(data io.Reader) error {
		killpoint.Reach(killpoint.CollectAfterFetch)
		if poll.Kind == hub.PollMaster {
			err := c.master(ctx, l, data)
			kept = err == nil
			return err
		}
		id, err := c.keep(ctx, l.Contact, poll, data)
		stored, kept = id, id != ""
		killpoint.Reach(killpoint.CollectBeforeReceipt)
		return err
	})
	result := hub.PollData
	if be, ok := errors.AsType[*hub.BankError](err); ok && be.Outcome == hub.BankNothing {
		result, err = hub.PollNothing, nil
	}
	if err != nil && !kept {
		result = failureCode(err)
		if poll.LastResult == hub.PollForced && passing(err) {
			result = hub.PollForced // the bank has not answered yet
		}
	}
	if be, ok := errors.AsType[*hub.BankError](err); ok && be.Outcome == hub.BankRefused && poll.Kind == hub.PollMaster {
		// Banks need not tell; then everything is permitted, also what they once told otherwise.
		err = c.forget(ctx, l.Contact)
	}
	if errors.Is(err, errMaster) {
		c.o.Log.ErrorContext(ctx, "what the bank permits cannot be read", "contact", l.Contact.ID, "order_type", poll.OrderType, "error", err)
		result, err = resultUnreadable, nil
	}
	killpoint.Reach(killpoint.CollectAfterReceipt)
	note, done := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer done()
	return errors.Join(err, c.o.Store.Write(note, func(tx *store.Tx) error {
		if stored != "" && err == nil {
			if err := tx.MarkReceipted(note, l.Contact.ID, stored); err != nil {
				return err
			}
		}
		if err == nil {
			if err := tx.ClearBackoff(note, store.ContactResource(l.Contact.ID)); err != nil {
				return err
			}
		}
		next := poll.Next
		if kept || !passing(err) {
			var nerr error
			if next, nerr = c.next(note, tx, l.Contact.ID, poll.Kind); nerr != nil {
				return nerr
			}
		}
		wished, werr := wish(note, tx, poll)
		if werr != nil {
			return werr
		}
		if !wished.IsZero() && wished.Before(next) {
			next = wished
		}
		return tx.FinishPoll(note, l.Contact.ID, poll.OrderType, result, next)
	}))
}

// forget takes back what a bank said of a contact.
func (c *Collect) forget(ctx context.Context, contact hub.Contact) error {
	if contact.Master == nil {
		return nil
	}
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.ForgetMaster(ctx, contact.ID); err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{Owner: contact.Owner, Actor: actor, Action: "contact.master_data", Subject: string(contact.ID),
			Detail: map[string]string{"forgotten": "the bank does not tell any more"}})
	})
}

// wish returns when somebody who came while the bank was being asked wants it to be asked next; zero if nobody came. The answer under way
// may not know yet what they wait for.
func wish(ctx context.Context, tx *store.Tx, asked hub.Poll) (time.Time, error) {
	polls, err := tx.Polls(ctx, asked.Contact)
	for _, p := range polls {
		if p.OrderType == asked.OrderType && !p.Next.Equal(asked.Next) {
			return p.Next, err
		}
	}
	return time.Time{}, err
}

// passing says whether a failed poll stays due, with the contact's back-off as the only wait: nothing came, and it is not for a person
// to change that. A refusal waits for the next regular poll.
func passing(err error) bool {
	if err == nil {
		return false
	}
	be, ok := errors.AsType[*hub.BankError](err)
	if !ok {
		return true // a failure of ours, of the store for example
	}
	switch be.Outcome {
	case hub.BankUnreachable, hub.BankSilent, hub.BankBusy:
		return true
	case hub.BankRefused, hub.BankMisconfigured, hub.BankKeyChanged, hub.BankResume, hub.BankUnknownTransaction, hub.BankNothing:
		return false
	}
	return false
}

// next plans the poll after this one: often while the bank owes us a word, seldom otherwise.
func (c *Collect) next(ctx context.Context, tx *store.Tx, contact hub.ContactID, kind hub.PollKind) (time.Time, error) {
	var waiting []hub.State
	interval := c.o.Idle
	switch kind {
	case hub.PollProtocol:
		waiting = []hub.State{hub.StateUnclear, hub.StateSent, hub.StateForwarded}
	case hub.PollStatus:
		waiting = []hub.State{hub.StateAccepted}
	case hub.PollStatement:
		interval = c.o.Statements
	case hub.PollMaster:
		interval = masterEvery
	}
	open, err := tx.ContactHasOpenOrders(ctx, contact, waiting...)
	if open {
		interval = c.o.Open
	}
	return c.o.Store.Now().Add(interval), err
}

// keep stores a delivery raw under the contact's owner, with the job that will split it. When it returns, the bank may forget.
func (c *Collect) keep(ctx context.Context, contact hub.Contact, poll hub.Poll, data io.Reader) (hub.DownloadID, error) {
	staging, err := c.o.Store.Stage(ctx, contact.Owner, store.BodyDownload)
	if err != nil {
		return "", err
	}
	if err := copyTo(ctx, staging, data); err != nil {
		return "", err
	}
	id := hub.DownloadID(staging.ID())
	err = c.o.Store.Write(ctx, func(tx *store.Tx) error {
		if _, err := staging.Publish(ctx, tx); err != nil {
			return err
		}
		d := hub.Download{
			ID: id, Contact: contact.ID, Owner: contact.Owner, OrderType: poll.OrderType, Kind: poll.Kind, State: hub.DownloadStored,
			Created: c.o.Store.Now(),
		}
		if err := tx.InsertDownload(ctx, d); err != nil {
			return err
		}
		return c.o.Jobs.Enqueue(ctx, tx, hub.IndexJob{Contact: contact.ID, Download: id})
	})
	if err != nil {
		return "", err
	}
	killpoint.Reach(killpoint.CollectAfterStore)
	return id, nil
}

// copyTo stages all of data and closes the staging.
func copyTo(ctx context.Context, staging *store.Staging, data io.Reader) error {
	buffer := make([]byte, 64<<10)
	for {
		n, err := data.Read(buffer)
		if n > 0 {
			if werr := staging.Write(ctx, buffer[:n]); werr != nil {
				return werr
			}
		}
		if errors.Is(err, io.EOF) {
			return staging.Close(ctx)
		}
		if err != nil {
			return err
		}
	}
}
