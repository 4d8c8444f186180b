package collect

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"kontor/internal/hub"
	"kontor/internal/store"
)

// quarantine keeps a part, or a cut of it, that belongs to nobody known for the operator: q says why. also is run in the same transaction,
// and nothing is kept when it says no; it may be nil.
func (c *Collect) quarantine(ctx context.Context, d hub.Download, p part, cut *cutter, q hub.Quarantined, also func(tx *store.Tx) (bool, error)) error {
	digest := sha256.New()
	staging, err := c.stagePart(ctx, d.Owner, store.BodyQuarantine, p.cut(cut), digest)
	if err != nil {
		if errors.Is(err, errPart) {
			err = fmt.Errorf("%w: %w", errUndecodable, err)
		}
		return err
	}
	var sum [sha256.Size]byte
	digest.Sum(sum[:0])
	q.ID, q.Owner, q.Contact, q.Download, q.Body = staging.ID(), d.Owner, d.Contact, d.ID, hub.BodyID(staging.ID())
	q.Detail.FileName = p.name
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		if also != nil {
			if goOn, err := also(tx); err != nil || !goOn {
				return err
			}
		}
		q.Created = tx.Now()
		known, err := tx.InsertQuarantined(ctx, q, sum)
		if err != nil || known {
			return err // what was staged is swept
		}
		if _, err := staging.Publish(ctx, tx); err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{
			Owner: d.Owner, Actor: actor, Action: "quarantine.add", Subject: q.ID, Detail: map[string]string{"reason": q.Reason, "download": string(d.ID)},
		})
	})
}

// errPart marks a part that its container does not give.
var errPart = errors.New("a file of the delivery cannot be read")

// cut returns the part without what a cutter leaves out; a nil cutter leaves out nothing.
func (p part) cut(c *cutter) part {
	return part{name: p.name, from: p.from, open: func() (io.ReadCloser, error) {
		r, err := p.open()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errPart, err)
		}
		return struct {
			io.Reader
			io.Closer
		}{c.over(&partReader{r}), r}, nil
	}}
}

type partReader struct{ from io.Reader }

func (r *partReader) Read(p []byte) (int, error) {
	n, err := r.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = fmt.Errorf("%w: %w", errPart, err)
	}
	return n, err
}
