package client

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/ebics"
)

// maxRecoveries limits how often Send follows the bank to another segment, so that
// a bank that always answers 061101 cannot keep it.
const maxRecoveries = 10

// Progress is how far an upload is: what a caller writes down to go on later.
type Progress struct {
	Transaction Transaction `json:"transaction"` // zero before the initialisation
	Next        int         `json:"next"`        // segment that is sent next, from 1; 0 = 1
}

// Send initialises the upload, unless from has a transaction, and sends all its
// segments. before, if not nil, is called before each request with what would be
// lost without it, and with last before the segment that delivers the order; its
// error ends the upload there.
//
// A segment whose request or answer got lost is sent once more, the same bytes in
// the same transaction, in which a bank cannot take an order twice. Where the
// bank says which segment it has (061101) Send goes on after that one, also after
// a restart of the caller. Any other error, and the second of a segment, is
// returned with the transaction as far as it got; what it means for the order is
// said at Transfer.
func (c *Client) Send(ctx context.Context, p Prepared, spool io.ReaderAt, from Progress, before func(next Progress, last bool) error) (Transaction, error) {
	if before == nil {
		before = func(Progress, bool) error { return nil }
	}
	t, next := from.Transaction, max(from.Next, 1)
	if t.ID == "" {
		err := before(Progress{}, false)
		if err == nil {
			t, err = c.Initialise(ctx, p)
		}
		if err != nil {
			return t, err
		}
		next = 1
	}
	recoveries, repeated := 0, 0
	for next <= p.Segments {
		if err := before(Progress{Transaction: t, Next: next}, next == p.Segments); err != nil {
			return t, err
		}
		offset, length := p.Range(next)
		segment := make([]byte, length)
		if _, err := spool.ReadAt(segment, offset); err != nil && !errors.Is(err, io.EOF) {
			return t, fmt.Errorf("read segment %d: %w", next, err)
		}
		err := c.Transfer(ctx, t, next, next == p.Segments, segment)
		var answer *Error
		var transport *TransportError
		switch {
		case err == nil:
			next++
		case errors.As(err, &transport) && ctx.Err() == nil && repeated != next:
			repeated = next
		case errors.As(err, &answer) && answer.Outcome() == ebics.Resume && answer.Segment < p.Segments && recoveries < maxRecoveries:
			recoveries++
			next = answer.Segment + 1
		default:
			return t, err
		}
	}
	return t, nil
}
