package collect

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"
	"time"

	"kontor/account"
	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
	"kontor/iso20022/pain"
	"kontor/xmlscan"
)

// status reads payment status reports (pain.002), each for one file that we sent.
func (c *Collect) status(ctx context.Context, l hub.Link, d hub.Download) error {
	parts, err := c.parts(ctx, d)
	if err != nil {
		return err
	}
	var broken error // a part that cannot be read must not keep the others from their owners
	for _, p := range parts {
		var raw []byte
		err := p.read(func(r io.Reader) (err error) { raw, err = io.ReadAll(io.LimitReader(r, maxDelivery)); return err })
		if err != nil {
			broken = fmt.Errorf("%w: %w", errUndecodable, err)
			continue
		}
		report, err := pain.ReadStatus(bytes.NewReader(raw), xmlscan.Limits{})
		if err != nil {
			if err := c.quarantine(ctx, d, p.name, raw, "unreadable", hub.QuarantineDetail{FileName: p.name}); err != nil {
				return err
			}
			continue
		}
		if err := c.report(ctx, l, d, p.name, raw, report); err != nil {
			return err
		}
		killpoint.Reach(killpoint.CollectAfterTransition)
	}
	return broken
}

func (c *Collect) report(ctx context.Context, l hub.Link, d hub.Download, name string, raw []byte, report pain.StatusReport) error {
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		first, err := tx.FirstSight(ctx, l.Contact.ID, reportIdentity(raw))
		if err != nil || !first {
			return err // the bank delivered it again: its receipt was lost
		}
		file, reason, err := c.match(ctx, tx, l, report)
		if err != nil {
			return err
		}
		if reason != "" {
			detail := hub.QuarantineDetail{FileName: name, Key: report.OriginalMessageID}
			return c.quarantineIn(ctx, tx, d, raw, reason, detail)
		}
		return c.apply(ctx, tx, l, file, raw, report)
	})
}

// match finds the file a report is about: by message id among the files that went through the contact, by the ids of batches and payments
// and the debtor accounts it names. It never guesses: no or several matches are a reason to wait for a person.
func (c *Collect) match(ctx context.Context, tx *store.Tx, l hub.Link, report pain.StatusReport) (file hub.PaymentFile, reason string, err error) {
	tenants, err := tx.TenantsOfContact(ctx, l.Contact.ID)
	if err != nil {
		return file, "", err
	}
	var candidates []hub.PaymentFile
	for _, t := range tenants {
		files, err := tx.FilesByMessage(ctx, t, l.Contact.ID, report.OriginalMessageID)
		if err != nil {
			return file, "", err
		}
		for _, f := range files {
			if c.mayBeMeant(tx.Now(), f, newVerdict(report, l.Bank.Profile.ConfirmingStatuses)) {
				candidates = append(candidates, f)
			}
		}
	}
	if candidates, err = c.narrow(ctx, tx, candidates, report); err != nil {
		return file, "", err
	}
	switch len(candidates) {
	case 0:
		return file, "unknown_order", nil
	case 1:
		return candidates[0], "", nil
	}
	return file, "ambiguous_message", nil
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
		return now.Sub(f.Updated) < lateWord && !v.saysExecuted()
	case hub.StatePartiallyAccepted, hub.StateConfirmed:
		return now.Sub(f.Updated) < lateWord
	}
	return false
}

// narrow keeps the candidates that hold every batch and payment the report names, debited to the account it names if it does. The account
// tells apart two tenants who number their files and payments alike.
func (c *Collect) narrow(ctx context.Context, tx *store.Tx, candidates []hub.PaymentFile, report pain.StatusReport) ([]hub.PaymentFile, error) {
	named := map[paymentKey]string{} // with the debtor account, "" where the report names none
	for _, b := range report.Batches {
		for _, t := range b.Transactions {
			named[paymentKey{b.OriginalPaymentInformationID, t.OriginalEndToEndID}] = account.NormaliseIBAN(t.DebtorAccount)
		}
		if len(b.Transactions) == 0 {
			named[paymentKey{b.OriginalPaymentInformationID, ""}] = ""
		}
	}
	var out []hub.PaymentFile
	for _, f := range candidates {
		missing := len(named)
		seen := map[paymentKey]bool{}
		err := tx.Payments(ctx, f.Tenant, f.ID, func(p hub.Payment) error {
			for _, k := range []paymentKey{{p.PaymentInformationID, p.EndToEndID}, {p.PaymentInformationID, ""}} {
				debtor, wanted := named[k]
				if wanted && !seen[k] && (debtor == "" || debtor == account.NormaliseIBAN(p.DebtorAccount)) {
					seen[k] = true
					missing--
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if missing == 0 {
			out = append(out, f)
		}
	}
	return out, nil
}

type paymentKey struct{ batch, endToEnd string }

// apply notes each payment's own status and moves the file on if the report is the bank's final word.
func (c *Collect) apply(ctx context.Context, tx *store.Tx, l hub.Link, file hub.PaymentFile, raw []byte, report pain.StatusReport) error {
	verdict := newVerdict(report, l.Bank.Profile.ConfirmingStatuses)
	err := tx.UpdatePayments(ctx, file.Tenant, file.ID, func(p *hub.Payment) bool {
		status, reason := verdict.of(p)
		if file.State.Final() || (verdict.last(pain.Status(p.BankStatus)) && !verdict.last(status)) {
			status = "" // reports may overtake each other: a final word stays
		}
		verdict.count(status, p.BankStatus)
		if status == "" || (p.BankStatus == string(status) && p.BankReason == reason) {
			return false
		}
		p.BankStatus, p.BankReason = string(status), reason
		return true
	})
	if err != nil {
		return err
	}
	evidence, err := tx.PublishBytes(ctx, file.Tenant.Owner(), store.BodyStatus, raw)
	if err != nil {
		return err
	}
	code, text := verdict.reason()
	detail := hub.EventDetail{OrderID: file.Detail.OrderID, Action: string(report.GroupStatus), ReasonCode: code, Reason: text}
	t, final := verdict.transition()
	if final {
		change := store.Change{Actor: actor, Evidence: evidence, Event: detail, Update: func(d *hub.FileDetail) {
			if code != "" {
				d.ReasonCode, d.Reason = code, text
			}
		}}
		err := tx.Transit(ctx, file.Tenant, file.ID, t, change)
		if hub.CodeOf(err) != hub.CodeConflict {
			return err
		}
	}
	return tx.InsertEvent(ctx, hub.Event{
		Tenant: file.Tenant, Subject: string(file.ID), At: tx.Now(), Actor: actor, Name: "status", Evidence: evidence, Detail: detail,
	})
}

// quarantine keeps a part that belongs to nobody for the operator.
func (c *Collect) quarantine(ctx context.Context, d hub.Download, name string, raw []byte, reason string, detail hub.QuarantineDetail) error {
	return c.o.Store.Write(ctx, func(tx *store.Tx) error {
		detail.FileName = name
		return c.quarantineIn(ctx, tx, d, raw, reason, detail)
	})
}

func (c *Collect) quarantineIn(ctx context.Context, tx *store.Tx, d hub.Download, raw []byte, reason string, detail hub.QuarantineDetail) error {
	body, err := tx.PublishBytes(ctx, d.Owner, store.BodyQuarantine, raw)
	if err != nil {
		return err
	}
	q := hub.Quarantined{
		ID: string(body), Owner: d.Owner, Contact: d.Contact, Download: d.ID, Body: body, Reason: reason, Created: tx.Now(), Detail: detail,
	}
	known, err := tx.InsertQuarantined(ctx, q, sha256.Sum256(raw))
	if err != nil {
		return err
	}
	if known {
		return tx.DeleteBody(ctx, d.Owner, body)
	}
	return tx.Audit(ctx, hub.AuditRow{
		Owner: d.Owner, Actor: actor, Action: "quarantine.add", Subject: q.ID, Detail: map[string]string{"reason": reason, "download": string(d.ID)},
	})
}

// confirming says whether a status is the bank's word that a payment is executed: ACSC and ACCC always, ACCP, ACSP and ACWC by the
// bank's profile, no other ever, whatever a profile says.
func confirming(s pain.Status, profile []string) bool {
	if s == pain.StatusACSC || s == pain.StatusACCC {
		return true
	}
	mayMean := s == pain.StatusACCP || s == pain.StatusACSP || s == pain.StatusACWC
	return mayMean && slices.Contains(profile, string(s))
}
