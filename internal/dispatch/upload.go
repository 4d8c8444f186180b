package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

// preparedOrder is hub.Prepared as the journal keeps it.
type preparedOrder struct {
	SegmentSize int    `json:"segmentSize"`
	Channel     []byte `json:"channel"`
}

func encodePrepared(p hub.Prepared) []byte {
	text, err := json.Marshal(preparedOrder{p.SegmentSize, p.Channel})
	if err != nil {
		panic(fmt.Sprintf("internal error: encode prepared order: %v", err)) // ints and bytes always encode
	}
	return text
}

func (s *sending) prepared() (preparedOrder, error) {
	var p preparedOrder
	if err := json.Unmarshal(s.journal.Prepared, &p); err != nil {
		return p, fmt.Errorf("decode prepared order: %w", err)
	}
	return p, nil
}

// upload plays the prepared order to the bank, journalling every step.
func (s *sending) upload(ctx context.Context) error {
	order, err := s.prepared()
	if err != nil {
		return err
	}
	killpoint.Reach(killpoint.DispatchBeforeInitialise)
	t, _, err := s.o.Bank.Initialise(ctx, s.link, order.Channel)
	if err != nil {
		return s.notDelivered(ctx, err)
	}
	killpoint.Reach(killpoint.DispatchAfterInitialise)
	next := s.journal
	next.Step, next.OrderID, next.TransactionID = hub.StepInitialised, t.OrderID, t.ID
	if err := s.advance(ctx, next); err != nil {
		return err
	}
	killpoint.Reach(killpoint.DispatchAfterInitialiseJournal)
	return s.segments(ctx, t, 1)
}

// segments sends the segments from first on.
func (s *sending) segments(ctx context.Context, t hub.Transaction, first int) error {
	order, err := s.prepared()
	if err != nil {
		return err
	}
	spool, err := s.o.Store.OpenBody(ctx, s.tenant.Owner(), s.journal.Spool)
	if err != nil {
		return err
	}
	defer spool.Close() //nolint:errcheck // read only
	if err := spool.SkipTo(int64(first-1) * int64(order.SegmentSize)); err != nil {
		return err
	}
	for n := first; n < s.journal.Segments; n++ {
		segment := make([]byte, order.SegmentSize)
		if _, err := io.ReadFull(spool, segment); err != nil {
			return fmt.Errorf("read segment %d: %w", n, err)
		}
		killpoint.Reach(killpoint.DispatchBeforeSegment)
		if _, err := s.o.Bank.Transfer(ctx, s.link, t, n, false, segment); err != nil {
			return s.notDelivered(ctx, err)
		}
		killpoint.Reach(killpoint.DispatchAfterSegment)
		next := s.journal
		next.Step, next.Segment = hub.StepSegment, n
		if err := s.advance(ctx, next); err != nil {
			return err
		}
	}
	last, err := io.ReadAll(io.LimitReader(spool, int64(order.SegmentSize)+1))
	if err != nil {
		return fmt.Errorf("read last segment: %w", err)
	}
	return s.last(ctx, t, last)
}

// last sends the last segment. Before it leaves, the journal says so: whoever finds this entry knows that the bank may have the order.
func (s *sending) last(ctx context.Context, t hub.Transaction, segment []byte) error {
	killpoint.Reach(killpoint.DispatchBeforeLastJournal)
	next := s.journal
	next.Step = hub.StepLast
	if err := s.advance(ctx, next); err != nil {
		return err
	}
	killpoint.Reach(killpoint.DispatchAfterLastJournal)
	evidence, err := s.o.Bank.Transfer(ctx, s.link, t, s.journal.Segments, true, segment)
	killpoint.Reach(killpoint.DispatchAfterLastSent)
	if err == nil {
		return s.delivered(ctx, evidence)
	}
	if be, ok := errors.AsType[*hub.BankError](err); ok && be.Outcome == hub.BankRefused {
		return s.refused(ctx, be, evidence)
	}
	return errors.Join(err, s.doubt(ctx))
}

// advance writes the journal's next entry.
func (s *sending) advance(ctx context.Context, next hub.Sending) error {
	from := s.journal.Step
	next.Fence = s.lease.Fence
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.UpdateSending(ctx, next, from) })
	if err != nil {
		return fmt.Errorf("journal %s: %w", next.Step, err)
	}
	s.journal = next
	return nil
}

// delivered notes that the bank has the whole order.
func (s *sending) delivered(ctx context.Context, evidence []byte) error {
	from, next := s.journal.Step, s.journal
	next.Step, next.Fence = hub.StepDone, s.lease.Fence
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UpdateSending(ctx, next, from); err != nil && !s.proven(ctx, tx, err) {
			return err
		}
		body, err := tx.PublishBytes(ctx, s.tenant.Owner(), store.BodyExchange, evidence)
		if err != nil {
			return err
		}
		now := s.o.Store.Now()
		err = tx.Transit(ctx, s.tenant, s.file, hub.Deliver(), store.Change{
			Actor: actor, Evidence: body, Uploaded: now, Event: hub.EventDetail{OrderID: next.OrderID},
			Update: func(d *hub.FileDetail) { d.OrderID = next.OrderID },
		})
		// The bank's protocol may have been faster than our note: then the file is further already.
		if err != nil && hub.CodeOf(err) != hub.CodeConflict {
			return err
		}
		if err := tx.DeleteBody(ctx, s.tenant.Owner(), next.Spool); err != nil {
			return err
		}
		for _, r := range []string{s.resource, store.BankResource(s.record.Contact)} {
			if err := tx.ClearBackoff(ctx, r); err != nil {
				return err
			}
		}
		return tx.HastenPolls(ctx, s.record.Contact, now.Add(s.o.AfterSend), hub.PollProtocol)
	})
	if hub.CodeOf(err) == hub.CodeConflict {
		return errors.Join(err, s.late(ctx, evidence))
	}
	if err != nil {
		return err
	}
	s.tried("delivered")
	killpoint.Reach(killpoint.DispatchAfterSentCommit)
	return nil
}

// late notes a bank's yes that came after the lease was lost, for example because the process stood still. Others may have judged the
// order meanwhile, even as absent: then this proof comes before it is sent again, unless somebody has the file in hand already.
func (s *sending) late(ctx context.Context, evidence []byte) error {
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer done()
	return s.o.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.Overtake(ctx, s.resource); err != nil {
			return err
		}
		j, found, err := tx.LastSending(ctx, s.tenant, s.file)
		if err != nil {
			return err
		}
		if !found || j.Attempt != s.journal.Attempt {
			return fmt.Errorf("order %s was delivered although a later attempt exists", s.journal.OrderID)
		}
		next := j
		next.Step = hub.StepDone
		if err := tx.UpdateSending(ctx, next, j.Step); err != nil {
			return err
		}
		body, err := tx.PublishBytes(ctx, s.tenant.Owner(), store.BodyExchange, evidence)
		if err != nil {
			return err
		}
		err = tx.Transit(ctx, s.tenant, s.file, hub.Deliver(), store.Change{
			Actor: actor, Evidence: body, Uploaded: s.o.Store.Now(), Event: hub.EventDetail{OrderID: j.OrderID},
			Update: func(d *hub.FileDetail) { d.OrderID = j.OrderID },
		})
		if hub.CodeOf(err) == hub.CodeConflict {
			return nil // it is further already
		}
		return err
	})
}

// proven says whether a refused note of the journal is no failure: the bank's protocol has proven the order's presence meanwhile.
func (s *sending) proven(ctx context.Context, tx *store.Tx, refusal error) bool {
	if hub.CodeOf(refusal) != hub.CodeConflict {
		return false
	}
	j, found, err := tx.LastSending(ctx, s.tenant, s.file)
	return err == nil && found && j.Attempt == s.journal.Attempt && j.Step == hub.StepDone
}

// refused notes the bank's definite no.
func (s *sending) refused(ctx context.Context, be *hub.BankError, evidence []byte) error {
	s.tried(string(hub.BankRefused))
	return s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s.begun {
			from, next := s.journal.Step, s.journal
			next.Step, next.Fence = hub.StepRefused, s.lease.Fence
			if err := tx.UpdateSending(ctx, next, from); err != nil && !s.proven(ctx, tx, err) {
				return err
			}
			if err := tx.DeleteBody(ctx, s.tenant.Owner(), next.Spool); err != nil {
				return err
			}
		}
		body, err := tx.PublishBytes(ctx, s.tenant.Owner(), store.BodyExchange, evidence)
		if err != nil {
			return err
		}
		if err := tx.ClearBackoff(ctx, s.resource); err != nil {
			return err
		}
		err = tx.Transit(ctx, s.tenant, s.file, hub.Fail(), store.Change{
			Actor: actor, Evidence: body,
			Event:  hub.EventDetail{OrderID: s.journal.OrderID, ReasonCode: be.Code, Reason: be.Text},
			Update: func(d *hub.FileDetail) { d.ReasonCode, d.Reason = be.Code, be.Text },
		})
		if hub.CodeOf(err) == hub.CodeConflict {
			return nil // the bank's protocol was faster with the same no
		}
		return err
	})
}

// notDelivered handles a failure before the last segment was announced: the bank cannot have the order. A definite refusal ends the
// file; anything else puts it back into the queue.
func (s *sending) notDelivered(ctx context.Context, cause error) error {
	if ctx.Err() != nil {
		return cause // we are being stopped: whoever comes next finds the journal
	}
	if be, ok := errors.AsType[*hub.BankError](cause); ok && be.Outcome == hub.BankRefused {
		return s.refused(ctx, be, []byte(be.Text))
	}
	s.tried(reasonOf(cause))
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		if s.begun && s.journal.Step.Transmitting() {
			from, next := s.journal.Step, s.journal
			next.Step, next.Fence = hub.StepAbsent, s.lease.Fence
			if err := tx.UpdateSending(ctx, next, from); err != nil {
				return err
			}
			if err := tx.DeleteBody(ctx, s.tenant.Owner(), next.Spool); err != nil {
				return err
			}
		}
		return tx.Transit(ctx, s.tenant, s.file, hub.Requeue(), store.Change{Actor: actor, Event: hub.EventDetail{Reason: reasonOf(cause)}})
	})
	return errors.Join(cause, err)
}

// tried tells how a try to deliver the order ended.
func (s *sending) tried(outcome string) { s.o.Tried(s.link.Bank.ID, s.record.OrderType, outcome) }

func reasonOf(cause error) string {
	if be, ok := errors.AsType[*hub.BankError](cause); ok {
		return string(be.Outcome)
	}
	return "internal"
}

// segment reads segment n, counted from 1, from the spool.
func (s *sending) segment(ctx context.Context, n, size int) ([]byte, error) {
	spool, err := s.o.Store.OpenBody(ctx, s.tenant.Owner(), s.journal.Spool)
	if err != nil {
		return nil, err
	}
	defer spool.Close() //nolint:errcheck // read only
	if err := spool.SkipTo(int64(n-1) * int64(size)); err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(spool, int64(size)))
}
