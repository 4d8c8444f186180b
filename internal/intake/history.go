package intake

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/iso20022/pain"
)

// historyCodes are the rules that compare with earlier files: off until the tenant wants a history, then warnings unless it says otherwise.
var historyCodes = map[hub.HistoryKind]finding.Code{
	hub.HistoryMessage: pain.CodeMessageIDTwice, hub.HistoryPayment: pain.CodePaymentTwice, hub.HistoryMandate: pain.CodeMandateHistory,
}

// comparison compares one file with earlier ones of its tenant and remembers it for later ones. Payments are looked up by the page. It is a
// pain.History for the message alone: the answer about a payment comes after the payment is gone.
type comparison struct {
	ctx      context.Context //nolint:containedctx // pain.History has no place for it; the comparison lives within one call
	store    *store.Store
	staging  *store.Staging
	tenant   hub.TenantID
	fail     func(error) error
	now      time.Time
	settings hub.Verification
	severity map[hub.HistoryKind]finding.Severity // of the kinds that are compared

	waiting map[hub.HistoryKind][]probe
	names   map[hub.FileID]string
	found   []finding.Finding
	most    int // of found
	more    int
	worst   finding.Severity // of those that are not listed
	value   []byte           // used again and again
}

// probe is a payment whose answer is open.
type probe struct {
	print store.Print
	at    finding.Location
}

// compare returns the comparison of a file; nil if the tenant wants none.
func (i *Intake) compare(ctx context.Context, s Submission, r *reading, policies []finding.Policy, most int, fail func(error) error) *comparison {
	verification := r.settings.Verification
	if !verification.History {
		return nil
	}
	c := &comparison{
		ctx: ctx, store: i.o.Store, staging: r.staging, tenant: s.Principal.Tenant, fail: fail, now: i.o.Store.Now(), settings: verification, most: most,
		severity: map[hub.HistoryKind]finding.Severity{}, waiting: map[hub.HistoryKind][]probe{}, names: map[hub.FileID]string{},
	}
	for kind, code := range historyCodes {
		rule, _ := pain.LookupRule(code)
		if severity := rule.Of(policies...); severity != finding.Off {
			c.severity[kind] = severity
		}
	}
	return c
}

// history returns what package pain asks; nil if nothing is compared.
func (c *comparison) history() pain.History {
	if c == nil {
		return nil
	}
	return c
}

// compared has package pain ask for the message alone.
var compared = finding.Policy{pain.CodePaymentTwice: finding.Off, pain.CodeMandateHistory: finding.Off}

// Message implements pain.History.
func (c *comparison) Message(initiatingParty, messageID string) (string, error) {
	c.value = values(c.value, initiatingParty, messageID)
	p := c.staging.Print(hub.HistoryMessage, c.value)
	earlier, err := c.look(hub.HistoryMessage, []store.Print{p})
	if err == nil {
		err = c.staging.Remember(c.ctx, hub.HistoryMessage, p)
	}
	if err != nil {
		return "", c.fail(err)
	}
	return c.name(earlier[p])
}

// Payment implements pain.History; payments are compared by payment.
func (*comparison) Payment(*pain.PaymentView) (string, error) { return "", nil }

// Mandate implements pain.History, likewise.
func (*comparison) Mandate(*pain.PaymentView) (string, error) { return "", nil }

// payment takes one payment in; it is a pain.Visitor.Payment.
func (c *comparison) payment(p *pain.Payment) error {
	if c == nil {
		return nil
	}
	if value := c.paymentValue(p); value != nil && c.severity[hub.HistoryPayment] != "" {
		if err := c.probe(hub.HistoryPayment, value, p.At, true); err != nil {
			return err
		}
	}
	if value := c.mandateValue(p); value != nil && c.severity[hub.HistoryMandate] != "" {
		at := p.At
		at.Path += "/DrctDbtTx/MndtRltdInf"
		sequence := p.SequenceType
		if sequence == "" {
			sequence = p.Batch.SequenceType
		}
		// Only what ends a mandate needs to be known later.
		if err := c.probe(hub.HistoryMandate, value, at, sequence == "OOFF" || sequence == "FNAL"); err != nil {
			return err
		}
	}
	return nil
}

// paymentValue is what equal payments have in common; nil if the payment cannot be compared.
func (c *comparison) paymentValue(p *pain.Payment) []byte {
	if p.Amount.Minor == 0 {
		return nil // not readable: the file is rejected anyway
	}
	other := p.CreditorAccount
	if p.Batch.Kind == pain.KindDirectDebit {
		other = p.DebtorAccount
	}
	reference, text := p.EndToEndID, ""
	if reference == notProvided {
		text = p.Remittance
	}
	c.value = values(c.value, p.Batch.Kind.String(), account.NormaliseIBAN(p.Batch.OwnAccount()), account.NormaliseIBAN(other),
		strconv.FormatInt(p.Amount.Minor, 10), string(p.Amount.Currency), reference, text)
	return c.value
}

// notProvided stands for an end-to-end id that nobody gave (EPC132-08, EPC130-08).
const notProvided = "NOTPROVIDED"

// mandateValue names a mandate; nil if the payment has none.
func (c *comparison) mandateValue(p *pain.Payment) []byte {
	if p.Batch.Kind != pain.KindDirectDebit || p.MandateID == "" {
		return nil
	}
	creditor := p.CreditorID
	if creditor == "" {
		creditor = p.Batch.CreditorID
	}
	// The business code, characters 5 to 7, says nothing about who the creditor is (EPC262-08).
	if len(creditor) > 7 {
		creditor = creditor[:4] + creditor[7:]
	}
	c.value = values(c.value, strings.ToUpper(creditor), p.MandateID)
	return c.value
}

// values joins texts so that different ones never look the same: no text of an XML document has a NUL.
func values(buffer []byte, texts ...string) []byte {
	buffer = buffer[:0]
	for _, t := range texts {
		buffer = append(append(buffer, t...), 0)
	}
	return buffer
}

func (c *comparison) probe(kind hub.HistoryKind, value []byte, at finding.Location, remember bool) error {
	p := c.staging.Print(kind, value)
	c.waiting[kind] = append(c.waiting[kind], probe{p, at})
	if remember {
		if err := c.staging.Remember(c.ctx, kind, p); err != nil {
			return c.fail(err)
		}
	}
	if len(c.waiting[kind]) < hub.PageSize {
		return nil
	}
	return c.answer(kind)
}

// answer looks up what waits and reports what is known.
func (c *comparison) answer(kind hub.HistoryKind) error {
	waiting := c.waiting[kind]
	prints := make([]store.Print, len(waiting))
	for i, p := range waiting {
		prints[i] = p.print
	}
	earlier, err := c.look(kind, prints)
	if err != nil {
		return c.fail(err)
	}
	for _, p := range waiting {
		if file, known := earlier[p.print]; known {
			if err := c.report(kind, p.at, file); err != nil {
				return err
			}
		}
	}
	c.waiting[kind] = waiting[:0]
	return nil
}

func (c *comparison) report(kind hub.HistoryKind, at finding.Location, file hub.FileID) error {
	severity := c.severity[kind]
	if len(c.found) >= c.most {
		c.more++
		c.worst = stricter(c.worst, severity)
		return nil
	}
	name, err := c.name(file)
	if err != nil {
		return err
	}
	sentence := "twice"
	if kind == hub.HistoryMandate {
		sentence = "used"
	}
	rule, _ := pain.LookupRule(historyCodes[kind])
	f := rule.New(sentence, name)
	f.Severity, f.At = severity, at
	c.found = append(c.found, f)
	return nil
}

func (c *comparison) look(kind hub.HistoryKind, prints []store.Print) (earlier map[store.Print]hub.FileID, err error) {
	err = c.store.Glance(c.ctx, func(tx *store.Tx) error {
		earlier, err = tx.EarlierFiles(c.ctx, c.tenant, prints, c.now.Add(-c.settings.HistoryWindow(kind)))
		return err
	})
	return earlier, err
}

// name returns how an earlier file is named in a finding: message id, day and id; "" for none.
func (c *comparison) name(id hub.FileID) (string, error) {
	if name, known := c.names[id]; known || id == "" {
		return name, nil
	}
	var file hub.PaymentFile
	err := c.store.Glance(c.ctx, func(tx *store.Tx) (err error) {
		file, err = tx.File(c.ctx, c.tenant, id)
		return err
	})
	if err != nil {
		return "", c.fail(fmt.Errorf("read earlier file: %w", err))
	}
	name := fmt.Sprintf("%s, %s, %s", file.Detail.MessageID, calendar.Of(file.Created.In(calendar.Berlin())), id)
	c.names[id] = name
	return name, nil
}

// close answers what is still open and adds the findings, at the end of the file.
func (c *comparison) close(found []finding.Finding) ([]finding.Finding, error) {
	if c == nil {
		return found, nil
	}
	for _, kind := range hub.HistoryKinds() {
		if len(c.waiting[kind]) > 0 {
			if err := c.answer(kind); err != nil {
				return nil, err
			}
		}
	}
	found = append(found, c.found...)
	if c.more > 0 {
		rule, _ := pain.LookupRule(pain.CodeMore)
		f := rule.New("more", strconv.Itoa(c.more))
		f.Severity, f.At = c.worst, c.found[len(c.found)-1].At
		found = append(found, f)
	}
	return found, nil
}
