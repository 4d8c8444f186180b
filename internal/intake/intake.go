// Package intake takes a payment file in: one pass over the body from the socket, which limits, unpacks, digests, reads, checks and
// indexes it while the sealed bytes are staged in short batches; then one small transaction that makes the file visible, or nothing.
//
// What was read but fails a check is kept as a rejected file with its findings. What cannot be read at all is refused with CodeInvalid
// and leaves nothing behind.
package intake

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/killpoint"
	"kontor/internal/store"
	"kontor/iso20022/pain"
	"kontor/xmlscan"
)

// Submission is one payment file as an edge received it.
type Submission struct {
	Principal       hub.Principal
	Payer           *store.Payer // the principal's tenant as it was read for this very request; nil has it read now
	Body            io.Reader
	ContentEncoding string // "" or "gzip"
	FileName        string // "" when the caller gave none
}

// Options of New. MaxBytes limits the decompressed body; 0 means 1 GiB.
type Options struct {
	Store    *store.Store
	Jobs     *job.Client
	MaxBytes int64
	Schemas  Schemas // beside those of the program

	Banks func() *directory.Table // the list of banks at hand, asked once a file; may be nil and may return nil: then nothing is said about banks
}

// Intake takes payment files in. It is safe for concurrent use.
type Intake struct{ o Options }

// New returns an Intake.
func New(o Options) *Intake {
	if o.MaxBytes == 0 {
		o.MaxBytes = 1 << 30
	}
	if o.Banks == nil {
		o.Banks = func() *directory.Table { return nil }
	}
	return &Intake{o}
}

// Submit takes one file in and returns it, queued or rejected, after it was committed. Errors: CodeForbidden without the scope
// payment.submit, CodeInvalid for what cannot be read (the message says where and why) and for a body that ended early, CodeTooLarge,
// CodeUnauthenticated when the key was revoked or the tenant destroyed while the body came, CodeUnavailable when the store does not take it.
func (i *Intake) Submit(ctx context.Context, s Submission) (hub.PaymentFile, error) {
	if err := s.Principal.Require(hub.ScopePaymentSubmit); err != nil {
		return hub.PaymentFile{}, err
	}
	r, err := i.read(ctx, s)
	if err != nil {
		return hub.PaymentFile{}, err
	}
	file, err := i.publish(ctx, s, r)
	if err != nil {
		return hub.PaymentFile{}, err
	}
	killpoint.Reach(killpoint.IntakeAfterPublish)
	return file, nil
}

// reading is what one pass over a body found.
type reading struct {
	staging  *store.Staging
	digest   [32]byte
	message  pain.Message
	findings []finding.Finding
	routing  routing
	settings hub.TenantSettings
	keyHash  []byte // see store.Payer
}

func (i *Intake) read(ctx context.Context, s Submission) (_ *reading, err error) {
	r := &reading{}
	defer func() {
		if err != nil && r.staging != nil { // nothing of a refused body stays behind
			r.staging.Discard(ctx)
		}
	}()
	payer, err := i.payer(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	contacts := map[hub.ContactID]hub.Contact{}
	for _, c := range payer.Contacts {
		contacts[c.ID] = c
	}
	r.routing, r.settings, r.keyHash = newRouting(payer.Accounts, contacts), payer.Settings, payer.KeyHash
	choose, err := i.o.Schemas.chooser(r.settings.Verification)
	if err != nil {
		return nil, err
	}
	if r.staging, err = i.o.Store.Stage(ctx, s.Principal.Tenant.Owner(), store.BodyPaymentFile); err != nil {
		return nil, fmt.Errorf("stage payment file: %w", err)
	}
	source := sources.Get().(*bufio.Reader)
	source.Reset(s.Body)
	defer func() {
		source.Reset(nil)
		sources.Put(source)
	}()
	body, err := unpack(source, s.ContentEncoding, i.o.MaxBytes)
	if err != nil {
		return nil, err
	}
	digest := sha256.New()
	t := &tee{ctx: ctx, from: body, staging: r.staging, digest: digest}
	judged := &checks{verification: r.settings.Verification}
	policies := judged.policies()
	compare := i.compare(ctx, s, r, policies, judged.most(), func(err error) error {
		t.failure = notStored(err)
		return t.failure
	})
	visitor := pain.Visitor{Batch: func(b *pain.Batch) error {
		judged.accounts = append(judged.accounts, r.routing.account(b))
		return r.routing.batch(b)
	}, Payment: func(p *pain.Payment) error {
		r.routing.payment(p)
		if err := r.staging.AddPayment(ctx, index(p)); err != nil {
			t.failure = notStored(err)
			return t.failure
		}
		return compare.payment(p)
	}}
	r.message, r.findings, err = pain.Read(t, pain.Options{
		Profile: pain.ProfileID(r.settings.Verification.Profile), Policies: append(policies, compared), Contested: judged.contested(), MaxFindings: judged.most(),
		History: compare.history(), Choose: choose, Directory: i.o.Banks(), Today: calendar.Of(i.o.Store.Now().In(calendar.Berlin())),
	}, visitor)
	if err != nil {
		return nil, refusal(t, err)
	}
	if r.findings, err = compare.close(r.findings); err != nil {
		return nil, err
	}
	if err := r.staging.Close(ctx); err != nil {
		return nil, notStored(err)
	}
	digest.Sum(r.digest[:0])
	profile, _ := pain.LookupProfile(r.message.Profile)
	r.findings = judged.settle(r.findings, profile)
	inOrder := func(a, b finding.Finding) int { return cmp.Compare(a.At.Offset, b.At.Offset) }
	slices.SortStableFunc(r.findings, inOrder)
	r.findings = shorten(r.findings)
	r.routing.close(&r.message)
	// One list in document order. A finding about a whole batch stands at its start, after an equal offset of the message's own.
	r.findings = append(r.findings, r.routing.findings()...)
	slices.SortStableFunc(r.findings, inOrder)
	return r, nil
}

func (i *Intake) payer(ctx context.Context, s Submission) (payer store.Payer, err error) {
	if s.Payer != nil {
		return *s.Payer, nil
	}
	err = i.o.Store.Glance(ctx, func(tx *store.Tx) (err error) {
		payer, err = tx.Payer(ctx, s.Principal.Tenant)
		return err
	})
	return payer, err
}

// refusal says why a body could not be read: the source's own failure first, since a broken stream also looks like broken XML.
func refusal(t *tee, err error) error {
	if t.failure != nil {
		return t.failure
	}
	if syntax, ok := errors.AsType[*xmlscan.SyntaxError](err); ok {
		return &hub.Error{Code: hub.CodeInvalid, Err: err,
			Message: fmt.Sprintf("PAIN-A1 line %d, column %d: %s", syntax.Position.Line, syntax.Position.Column, syntax.Message)}
	}
	if unreadable, ok := errors.AsType[*pain.UnreadableError](err); ok {
		return &hub.Error{Code: hub.CodeInvalid, Err: err,
			Message: fmt.Sprintf("%s line %d, column %d: %s", unreadable.Code, unreadable.At.Line, unreadable.At.Column, unreadable.Message)}
	}
	return fmt.Errorf("read payment file: %w", err)
}

func index(p *pain.Payment) hub.Payment {
	out := hub.Payment{
		Ordinal: p.Ordinal, PaymentInformationID: p.Batch.PaymentInformationID, InstructionID: p.InstructionID, EndToEndID: p.EndToEndID,
		Amount: p.Amount, DebtorAccount: p.Batch.DebtorAccount, Creditor: p.Creditor, CreditorAccount: p.CreditorAccount,
		Remittance: p.Remittance, Offset: p.At.Offset, Length: p.Length,
	}
	if p.Batch.Kind == pain.KindDirectDebit {
		out.Debtor, out.DebtorAccount, out.MandateID = p.Debtor, p.DebtorAccount, p.MandateID
		out.Creditor, out.CreditorAccount = p.Batch.Creditor, p.Batch.CreditorAccount
	}
	return out
}

func (i *Intake) publish(ctx context.Context, s Submission, r *reading) (hub.PaymentFile, error) {
	file := hub.PaymentFile{
		ID: hub.FileID(r.staging.ID()), Tenant: s.Principal.Tenant, Contact: r.routing.contact, Key: s.Principal.Key, State: hub.StateQueued,
		Format: r.message.Version, OrderType: r.routing.orderType, Count: r.message.Count,
		Detail: hub.FileDetail{
			MessageID: r.message.MessageID, FileName: s.FileName, ControlSum: r.message.Sum.String(), Findings: r.findings,
		},
	}
	if len(r.message.Currencies) == 1 {
		file.Currency = string(r.message.Currencies[0])
	}
	if hasErrors(r.findings) {
		file.State = hub.StateRejected
	}
	// The caller may hang up now: what is staged whole is taken in whole.
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer done()
	killpoint.Reach(killpoint.IntakeBeforePublish)
	err := i.o.Store.Write(ctx, func(tx *store.Tx) error { return i.commit(ctx, tx, s, r, &file) })
	if err != nil {
		r.staging.Discard(ctx)
		if hub.CodeOf(err) == "" {
			err = notStored(err)
		}
		return file, fmt.Errorf("publish payment file: %w", err)
	}
	if file.State == hub.StateRejected {
		r.staging.DropHistory(ctx)
	}
	return file, nil
}

// commit may run twice on PostgreSQL, hence it sets every field it touches.
func (i *Intake) commit(ctx context.Context, tx *store.Tx, s Submission, r *reading, file *hub.PaymentFile) error {
	file.Created = i.o.Store.Now()
	file.Updated = file.Created
	file.Detail.DuplicateOf = ""
	if !hasErrors(r.findings) {
		file.State = hub.StateQueued
		first, err := i.claim(ctx, tx, r, file)
		if err != nil {
			return err
		}
		if first != "" {
			file.State, file.Detail.DuplicateOf = hub.StateRejected, first
		}
	}
	// The body may have taken long to come: whose key was revoked meanwhile is not served.
	if err := tx.StillAdmitted(ctx, s.Principal, r.keyHash); err != nil {
		return err
	}
	body, err := r.staging.Publish(ctx, tx)
	if err != nil {
		return err
	}
	if file.State == hub.StateQueued { // what is rejected has not been paid
		if err := r.staging.PublishHistory(ctx, tx); err != nil {
			return err
		}
	}
	if err := tx.InsertFile(ctx, *file); err != nil {
		return err
	}
	event, action := "receive", "payment_file.receive"
	if file.State == hub.StateRejected {
		event, action = "reject", "payment_file.reject"
	}
	err = tx.InsertEvent(ctx, hub.Event{
		Tenant: file.Tenant, Subject: string(file.ID), At: file.Created, Actor: s.Principal.Actor(), Name: event, To: file.State, Evidence: body,
	})
	if err != nil {
		return err
	}
	err = tx.Audit(ctx, hub.AuditRow{
		Owner: file.Tenant.Owner(), At: file.Created, Actor: s.Principal.Actor(), Action: action, Subject: string(file.ID),
		Detail: map[string]string{"sha256": fmt.Sprintf("%x", r.digest), "state": string(file.State), "count": fmt.Sprint(file.Count), "duplicateOf": string(file.Detail.DuplicateOf)},
	})
	if err != nil || file.State != hub.StateQueued {
		return err
	}
	return i.o.Jobs.Enqueue(ctx, tx, hub.SendJob{Tenant: file.Tenant, File: file.ID})
}

// claim notes that a file brings these bytes, and returns the file that brought them first if they are a double submission.
func (i *Intake) claim(ctx context.Context, tx *store.Tx, r *reading, file *hub.PaymentFile) (first hub.FileID, err error) {
	window := r.settings.DoubleSubmissionWindow()
	if window == 0 {
		return "", tx.NoteSubmission(ctx, file.Tenant, r.digest, file.ID)
	}
	return tx.ClaimSubmission(ctx, file.Tenant, r.digest, file.ID, window)
}

func hasErrors(findings []finding.Finding) bool {
	for _, f := range findings {
		if f.Severity == finding.Error {
			return true
		}
	}
	return false
}
