package dispatch

import (
	"context"
	"errors"

	"kontor/internal/hub"
	"kontor/internal/store"
)

// doubt notes that the bank may or may not have the order.
func (s *sending) doubt(ctx context.Context) error {
	s.tried("unclear")
	err := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		err := tx.Transit(ctx, s.tenant, s.file, hub.Doubt(), store.Change{
			Actor: actor, Event: hub.EventDetail{OrderID: s.journal.OrderID},
			Update: func(d *hub.FileDetail) { d.OrderID = s.journal.OrderID },
		})
		if err != nil {
			return err
		}
		return tx.HastenPolls(ctx, s.record.Contact, s.o.Store.Now().Add(s.o.AfterSend), hub.PollProtocol)
	})
	if hub.CodeOf(err) == hub.CodeConflict {
		return nil // the protocol was faster
	}
	return err
}

// settle asks about an unclear order: first by EBICS recovery, which repeats the last segment within the same transaction and so can
// complete the order but never double it; when the bank has no such transaction any more, its protocol decides (package collect).
func (s *sending) settle(ctx context.Context) error {
	if !s.begun || s.journal.Step != hub.StepLast {
		return hub.Errorf(hub.CodeUnavailable, "an unclear file without a journal of its sending waits for a person")
	}
	t := hub.Transaction{ID: s.journal.TransactionID, OrderID: s.journal.OrderID}
	segment, err := s.lastSegment(ctx)
	if err != nil {
		return err
	}
	evidence, err := s.o.Bank.Transfer(ctx, s.link, t, s.journal.Segments, true, segment)
	if err == nil {
		return s.delivered(ctx, evidence)
	}
	be, ok := errors.AsType[*hub.BankError](err)
	if ok && be.Outcome == hub.BankResume && be.Segment < s.journal.Segments-1 {
		return s.resume(ctx, t, be.Segment+1)
	}
	hasten := s.write(ctx, func(ctx context.Context, tx *store.Tx) error {
		return tx.HastenPolls(ctx, s.record.Contact, s.o.Store.Now().Add(s.o.AfterSend), hub.PollProtocol)
	})
	return errors.Join(err, hasten)
}

// resume sends what the bank says it lacks. The journal stays at its last step: the last segment is sent again at the end.
func (s *sending) resume(ctx context.Context, t hub.Transaction, first int) error {
	order, err := s.prepared()
	if err != nil {
		return err
	}
	for n := first; n <= s.journal.Segments; n++ {
		segment, err := s.segment(ctx, n, order.SegmentSize)
		if err != nil {
			return err
		}
		last := n == s.journal.Segments
		evidence, err := s.o.Bank.Transfer(ctx, s.link, t, n, last, segment)
		if err != nil {
			return err
		}
		if last {
			return s.delivered(ctx, evidence)
		}
	}
	return nil
}

func (s *sending) lastSegment(ctx context.Context) ([]byte, error) {
	order, err := s.prepared()
	if err != nil {
		return nil, err
	}
	return s.segment(ctx, s.journal.Segments, order.SegmentSize)
}

// Proof is what a person found out about an unclear order at the bank.
type Proof string

// The two proofs.
const (
	ProofDelivered Proof = "delivered" // the bank has the order
	ProofAbsent    Proof = "absent"    // the bank does not have it: it is sent again
)

// SettleByHand ends an unclear upload on a person's word, for banks whose protocol stays silent. The reason says how the person knows; it
// is kept as the step's evidence. CodeConflict unless the file is unclear.
func SettleByHand(ctx context.Context, s *store.Store, by hub.Actor, tenant hub.TenantID, file hub.FileID, proof Proof, reason string) error {
	step, transition := hub.StepDone, hub.Deliver()
	switch proof {
	case ProofDelivered:
	case ProofAbsent:
		step, transition = hub.StepAbsent, hub.Requeue()
	default:
		return hub.Errorf(hub.CodeInvalid, "a proof is delivered or absent, not %q", proof)
	}
	if len(reason) < 10 || len(reason) > 4000 {
		return hub.Errorf(hub.CodeInvalid, "the reason has 10 to 4000 bytes: who at the bank said what, when?")
	}
	return s.Write(ctx, func(tx *store.Tx) error {
		// First of all keep off whoever asks the bank about this file: that may complete the order this very moment.
		if err := tx.Overtake(ctx, store.FileResource(tenant, file)); err != nil {
			return err
		}
		f, err := tx.File(ctx, tenant, file)
		if err != nil {
			return err
		}
		j, found, err := tx.LastSending(ctx, tenant, file)
		if err != nil {
			return err
		}
		if f.State != hub.StateUnclear {
			return hub.Errorf(hub.CodeConflict, "only an unclear file can be settled by hand; this one is %s", f.State)
		}
		if found && (j.Step == hub.StepLast || j.Step.Transmitting()) {
			next := j
			next.Step = step
			if err := tx.UpdateSending(ctx, next, j.Step); err != nil {
				return err
			}
			if err := tx.DeleteBody(ctx, tenant.Owner(), j.Spool); err != nil {
				return err
			}
		}
		evidence, err := tx.PublishBytes(ctx, tenant.Owner(), store.BodyProtocol, []byte(reason))
		if err != nil {
			return err
		}
		if err := tx.ClearBackoff(ctx, store.FileResource(tenant, file)); err != nil {
			return err
		}
		change := store.Change{Actor: by, Evidence: evidence, Event: hub.EventDetail{OrderID: j.OrderID, Reason: reason}}
		if proof == ProofDelivered {
			change.Uploaded = s.Now()
		}
		return tx.Transit(ctx, tenant, file, transition, change)
	})
}

// DoubtAll makes every file that is on its way unclear: for a database that was restored from a backup, which cannot know what was sent
// after it was made. An upload whose order id is known can still be settled with the bank; the others wait for a person. It returns the
// files.
func DoubtAll(ctx context.Context, s *store.Store, by hub.Actor, reason string) ([]store.FileRef, error) {
	var out []store.FileRef
	err := s.Write(ctx, func(tx *store.Tx) error {
		refs, err := tx.FilesInState(ctx, hub.StateQueued, hub.StateSending)
		if err != nil {
			return err
		}
		out = nil
		for _, r := range refs {
			if err := tx.Overtake(ctx, store.FileResource(r.Tenant, r.File)); err != nil {
				return err
			}
			err := doubtRestored(ctx, tx, by, r, reason)
			if hub.CodeOf(err) == hub.CodeNotFound {
				continue // of a tenant whose key was destroyed after the backup was made: it can never be sent
			}
			if err != nil {
				return err
			}
			out = append(out, r)
		}
		return nil
	})
	return out, err
}

func doubtRestored(ctx context.Context, tx *store.Tx, by hub.Actor, r store.FileRef, reason string) error {
	j, found, err := tx.LastSending(ctx, r.Tenant, r.File)
	if err != nil {
		return err
	}
	change := store.Change{Actor: by, Event: hub.EventDetail{Reason: reason}}
	if found && j.Step.Transmitting() && j.OrderID != "" {
		next := j
		next.Step = hub.StepLast
		if err := tx.UpdateSending(ctx, next, j.Step); err != nil {
			return err
		}
		change.Event.OrderID = j.OrderID
		change.Update = func(d *hub.FileDetail) { d.OrderID = j.OrderID }
	}
	return tx.Transit(ctx, r.Tenant, r.File, hub.Doubt(), change)
}
