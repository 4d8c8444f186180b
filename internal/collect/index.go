package collect

import (
	"context"
	"errors"
	"time"

	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

// errUndecodable says that a delivery cannot be read, now or later: it is kept for a person.
var errUndecodable = errors.New("the delivery cannot be read")

// maxDelivery limits the protocols, which are held in memory, and the compressed containers of reports and statements.
const maxDelivery = 128 << 20

// Index splits a stored delivery to its owners. Every part commits by itself and is recognised when it comes again, so the work may
// be interrupted and repeated at any point.
func (c *Collect) Index(ctx context.Context, args hub.IndexJob) error {
	resource := store.DownloadResource(args.Download)
	err := c.o.Store.WithLease(ctx, resource, c.o.Node, c.o.Lease, func(ctx context.Context, _ hub.Lease) error {
		return c.index(ctx, args)
	})
	if err != nil && ctx.Err() == nil {
		return errors.Join(err, c.o.Store.Postpone(context.WithoutCancel(ctx), resource, failureCode(err), c.o.RetryFirst, c.o.RetryLimit))
	}
	return err
}

func (c *Collect) index(ctx context.Context, args hub.IndexJob) error {
	var d hub.Download
	var l hub.Link
	err := c.o.Store.Read(ctx, func(tx *store.Tx) (err error) {
		if d, err = tx.Download(ctx, args.Contact, args.Download); err != nil {
			return err
		}
		if l.Contact, err = tx.Contact(ctx, args.Contact); err != nil {
			return err
		}
		l.Bank, err = tx.Bank(ctx, l.Contact.Bank)
		return err
	})
	if err != nil || d.State != hub.DownloadStored {
		return err // split already: a late hint
	}
	killpoint.Reach(killpoint.CollectBeforeIndex)
	switch d.Kind {
	case hub.PollProtocol:
		err = c.protocol(ctx, l, d)
	case hub.PollStatus:
		err = c.status(ctx, l, d)
	case hub.PollStatement:
		err = c.statements(ctx, l, d)
	case hub.PollMaster: // read when it came, see master
	}
	state := hub.DownloadIndexed
	if errors.Is(err, errUndecodable) {
		c.o.Log.ErrorContext(ctx, "delivery cannot be read; it is kept", "contact", l.Contact.ID, "download", d.ID, "order_type", d.OrderType)
		state, err = hub.DownloadUndecoded, nil
	}
	if err != nil {
		return err
	}
	settle, done := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer done()
	err = c.o.Store.Write(settle, func(tx *store.Tx) error {
		if err := tx.SettleDownload(settle, d.Contact, d.ID, state); err != nil {
			return err
		}
		// Every owner has his part now, under his own key. The delivery itself is sealed for the contact's owner, mostly the operator: kept
		// any longer, it would outlive a tenant's destroyed key. What cannot be read stays for a person.
		if state == hub.DownloadIndexed {
			if err := tx.DeleteBody(settle, d.Owner, d.Body); err != nil {
				return err
			}
		}
		if err := tx.ClearBackoff(settle, store.DownloadResource(d.ID)); err != nil {
			return err
		}
		return tx.Audit(settle, hub.AuditRow{
			Owner: d.Owner, Actor: actor, Action: "download." + string(state), Subject: string(d.ID),
			Detail: map[string]string{"orderType": d.OrderType, "contact": string(d.Contact)},
		})
	})
	if err == nil {
		killpoint.Reach(killpoint.CollectAfterIndexCommit)
	}
	return err
}
