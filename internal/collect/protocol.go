package collect

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"kontor/ebics/hac"
	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
	"kontor/xmlscan"
)

// protocol reads a customer protocol (HAC). It is cumulative and overlaps: every event is taken once, by its identity. Events of
// orders that we did not send (other users of the partner, downloads) are left alone.
func (c *Collect) protocol(ctx context.Context, l hub.Link, d hub.Download) error {
	raw, err := c.raw(ctx, d)
	if err != nil {
		return err
	}
	report, err := hac.Read(bytes.NewReader(raw), xmlscan.Limits{})
	if err != nil {
		return fmt.Errorf("%w: %w", errUndecodable, err)
	}
	present := map[string]bool{} // orders that some event of this report proves to be there
	for _, e := range report.Events {
		if ours(e, l.Contact.PartnerID) && provesPresence(e) {
			present[e.OrderID] = true
		}
	}
	for _, e := range report.Events {
		if e.OrderID == "" || !ours(e, l.Contact.PartnerID) {
			continue
		}
		changed := false
		err := c.o.Store.Write(ctx, func(tx *store.Tx) (err error) {
			changed, err = c.protocolEvent(ctx, tx, l, e, raw[e.Offset:e.Offset+e.Length], present[e.OrderID])
			return err
		})
		if err != nil {
			return fmt.Errorf("take protocol event %s of order %s: %w", e.Action, e.OrderID, err)
		}
		if changed {
			killpoint.Reach(killpoint.CollectAfterTransition)
		}
	}
	return nil
}

// ours says whether an event is about an order of our partner. Order ids are a partner's own; only what account holders do to an order that
// waits for their signatures, to sign it or to cancel it, names their partner instead of the order's.
func ours(e hac.Event, partnerID string) bool {
	switch e.Action {
	case hac.VEUVerification, hac.VEUVerificationEnd, hac.VEUCancelOrder:
		return true
	case hac.FileUpload, hac.FileDownload, hac.ESUpload, hac.ESDownload, hac.ESVerification, hac.VEUForwarding, hac.Additional,
		hac.FinalPositive, hac.FinalNegative:
	}
	return e.PartnerID == "" || e.PartnerID == partnerID
}

// provesPresence says whether an event can only be about an order that the bank has whole. A report promises no order of its events, and
// an interrupted transmission that was completed later leaves both words in it: presence wins.
func provesPresence(e hac.Event) bool {
	switch e.Action {
	case hac.FileUpload:
		return e.Reason == "TS01"
	case hac.VEUForwarding, hac.VEUVerification, hac.VEUVerificationEnd, hac.VEUCancelOrder, hac.FinalPositive:
		return true
	case hac.FileDownload, hac.ESUpload, hac.ESDownload, hac.ESVerification, hac.Additional, hac.FinalNegative:
	}
	return false
}

func (c *Collect) protocolEvent(ctx context.Context, tx *store.Tx, l hub.Link, e hac.Event, raw []byte, present bool) (changed bool, err error) {
	j, found, err := tx.SendingByOrder(ctx, l.Contact.ID, e.OrderID)
	if hub.CodeOf(err) == hub.CodeNotFound {
		return false, nil // of a tenant whose key was destroyed: nothing can be noted any more, and others' events must not wait for it
	}
	if err != nil || !found {
		return false, err
	}
	// Order ids repeat over the years: an event from before the sending is about an earlier order of that id. The bank's clock may
	// be behind ours, hence the allowance.
	// An event whose time cannot be read counts: to miss a bank's word is worse than to take an old one.
	if !e.Timestamp.IsZero() && e.Timestamp.Before(j.Started.Add(-clockAllowance)) {
		return false, nil
	}
	identity := strings.Join([]string{
		e.PartnerID, e.UserID, e.OrderID, string(e.Action), e.Reason, e.Timestamp.UTC().Format(time.RFC3339Nano), e.TimestampText,
	}, "\x00")
	first, err := tx.FirstSight(ctx, l.Contact.ID, identity)
	if err != nil || !first {
		return false, err
	}
	known := false
	var t hub.Transition
	// An attempt that a later one has replaced, or whose last segment never left, says nothing about the file: what its bank says of
	// it, for example that the transmission broke off, belongs to the history only.
	last, _, err := tx.LastSending(ctx, j.Tenant, j.File)
	if err != nil {
		return false, err
	}
	if last.Attempt == j.Attempt && mayBeThere(e, j) {
		t, known = transitionOf(e, j)
		known = known && (t.Name != hub.Requeue().Name || !present)
	}
	if known {
		if t.Name == hub.Requeue().Name || j.Step == hub.StepAbsent {
			// A sender who has the file in hand may be about to note the opposite, and a file that is put back into the queue beside
			// it would be sent twice: the delivery is split again later. One who had it is kept off by its fence.
			if err := tx.Overtake(ctx, store.FileResource(j.Tenant, j.File)); err != nil {
				return false, err
			}
		}
		if err := c.settleJournal(ctx, tx, j, t); err != nil {
			return false, err
		}
	}
	evidence, err := tx.PublishBytes(ctx, j.Tenant.Owner(), store.BodyProtocol, raw)
	if err != nil {
		return false, err
	}
	detail := hub.EventDetail{
		OrderID: e.OrderID, Action: string(e.Action), ReasonCode: e.Reason, Reason: hac.ReasonText(e.Reason),
		AdditionalInformation: strings.Join(e.AdditionalInformation, "\n"),
	}
	if known {
		change := store.Change{Actor: actor, Evidence: evidence, Event: detail, Update: update(detail)}
		if t.Name == hub.Deliver().Name {
			if change.Uploaded = e.Timestamp; e.Timestamp.IsZero() {
				change.Uploaded = tx.Now()
			}
		}
		err := tx.Transit(ctx, j.Tenant, j.File, t, change)
		if err == nil {
			return true, c.afterTransition(ctx, tx, l.Contact.ID, t)
		}
		if hub.CodeOf(err) != hub.CodeConflict {
			return false, err
		}
	}
	// A word that changes no state still belongs to the history, with its bytes.
	return false, tx.InsertEvent(ctx, hub.Event{
		Tenant: j.Tenant, Subject: string(j.File), At: tx.Now(), Actor: actor, Name: "protocol", Evidence: evidence, Detail: detail,
	})
}

// mayBeThere says whether the bank may have the order of an attempt: its last segment was announced, or the bank now says that it came
// after it had counted as absent.
func mayBeThere(e hac.Event, j hub.Sending) bool {
	switch j.Step {
	case hub.StepLast, hub.StepDone:
		return true
	case hub.StepAbsent:
		return e.Action == hac.FileUpload && e.Reason == "TS01"
	case hub.StepPrepared, hub.StepInitialised, hub.StepSegment, hub.StepRefused:
		return false
	}
	return false
}

// clockAllowance is how far a bank's clock may be behind ours, which may have been wrong by a day when the order was sent. Order ids come again
// after years.
const clockAllowance = 30 * 24 * time.Hour

func update(detail hub.EventDetail) func(*hub.FileDetail) {
	return func(d *hub.FileDetail) {
		d.OrderID, d.ReasonCode, d.Reason = detail.OrderID, detail.ReasonCode, detail.Reason
		d.AdditionalInformation = detail.AdditionalInformation
	}
}

// transitionOf says what an event means for the file; ok is false for events that change nothing.
func transitionOf(e hac.Event, j hub.Sending) (t hub.Transition, ok bool) {
	switch e.Action {
	case hac.FileUpload:
		switch e.Reason {
		case "TS01":
			return hub.Deliver(), true
		case "TA01": // transmission aborted: the bank says it does not have the order
			return hub.Requeue(), j.Step == hub.StepLast
		}
		return t, false
	case hac.VEUForwarding:
		return hub.Forward(), true
	case hac.VEUCancelOrder:
		return hub.CancelAtBank(), e.Reason == "DS02" // DS03: the cancellation was refused
	case hac.FinalPositive:
		return hub.Accept(), true
	case hac.FinalNegative:
		return hub.RejectByBank(), true
	// A signature file (ES_UPLOAD) is another transmission than the order's: it proves neither its presence nor its absence.
	case hac.ESUpload, hac.ESVerification, hac.VEUVerification, hac.VEUVerificationEnd, hac.FileDownload, hac.ESDownload, hac.Additional:
		return t, false
	}
	return t, false
}

// settleJournal closes the journal of an unclear upload: a word that puts the file back into the queue proves the order's absence, every
// other that moves it proves its presence.
func (c *Collect) settleJournal(ctx context.Context, tx *store.Tx, j hub.Sending, t hub.Transition) error {
	if j.Step != hub.StepLast && j.Step != hub.StepAbsent {
		return nil
	}
	next := j
	next.Step = hub.StepDone
	if t.Name == hub.Requeue().Name {
		next.Step = hub.StepAbsent
	}
	if err := tx.UpdateSending(ctx, next, j.Step); err != nil {
		if hub.CodeOf(err) == hub.CodeConflict {
			return nil // the sender has noted it meanwhile
		}
		return err
	}
	if err := tx.DeleteBody(ctx, j.Tenant.Owner(), j.Spool); err != nil {
		return err
	}
	return tx.ClearBackoff(ctx, store.FileResource(j.Tenant, j.File))
}

// afterTransition plans what the new state calls for.
func (c *Collect) afterTransition(ctx context.Context, tx *store.Tx, contact hub.ContactID, t hub.Transition) error {
	soon := tx.Now().Add(c.o.AfterEvent)
	switch t.To {
	case hub.StateAccepted:
		return tx.HastenPolls(ctx, contact, soon, hub.PollStatus)
	case hub.StateSent, hub.StateForwarded, hub.StateUnclear:
		return tx.HastenPolls(ctx, contact, soon, hub.PollProtocol)
	case hub.StateQueued, hub.StateSending, hub.StateRejected, hub.StateFailed, hub.StateCancelledAtBank, hub.StatePartiallyAccepted,
		hub.StateConfirmed, hub.StateRejectedByBank:
		return nil
	}
	return nil
}
