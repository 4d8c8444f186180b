package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/internal/collect"
	"kontor/internal/dispatch"
	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
)

// read runs one reading transaction and returns what it yields.
func read[T any](ctx context.Context, h *Hub, f func(tx *store.Tx) (T, error)) (out T, err error) {
	err = h.Store.Read(ctx, func(tx *store.Tx) error {
		out, err = f(tx)
		return err
	})
	return out, err
}

// Tenant finds a tenant by id or handle.
func (h *Hub) Tenant(ctx context.Context, idOrHandle string) (hub.Tenant, error) {
	return read(ctx, h, func(tx *store.Tx) (hub.Tenant, error) { return tx.Tenant(ctx, idOrHandle) })
}

// Tenants lists all tenants.
func (h *Hub) Tenants(ctx context.Context) ([]hub.Tenant, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Tenant, error) { return tx.Tenants(ctx) })
}

// Accounts lists a tenant's accounts.
func (h *Hub) Accounts(ctx context.Context, tenant hub.TenantID) ([]hub.Account, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Account, error) { return tx.Accounts(ctx, tenant) })
}

// Banks lists all banks.
func (h *Hub) Banks(ctx context.Context) ([]hub.Bank, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Bank, error) { return tx.Banks(ctx) })
}

// Contacts lists all contacts.
func (h *Hub) Contacts(ctx context.Context) ([]hub.Contact, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Contact, error) { return tx.Contacts(ctx) })
}

// Polls lists the polls of a contact.
func (h *Hub) Polls(ctx context.Context, contact hub.ContactID) ([]hub.Poll, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Poll, error) { return tx.Polls(ctx, contact) })
}

// QuarantineRelease has a part of the quarantine split again.
func (h *Hub) QuarantineRelease(ctx context.Context, by hub.Actor, id string) error {
	jobs, err := job.New(h.Store, nil, 0)
	if err != nil {
		return err
	}
	return collect.Release(ctx, h.Store, jobs, by, id)
}

// QuarantineDrop deletes a part of the quarantine for good.
func (h *Hub) QuarantineDrop(ctx context.Context, by hub.Actor, id, reason string) error {
	return collect.Drop(ctx, h.Store, by, id, reason)
}

// QuarantineBytes copies the bytes of a part of the quarantine.
func (h *Hub) QuarantineBytes(ctx context.Context, id string, w io.Writer) error {
	q, err := collect.Quarantined(ctx, h.Store, id)
	if err != nil {
		return err
	}
	return h.copyBody(ctx, q.Owner, q.Body, w)
}

// Quarantine lists what waits for a person.
func (h *Hub) Quarantine(ctx context.Context) ([]hub.Quarantined, error) {
	return collect.Quarantine(ctx, h.Store)
}

// Deliveries lists what banks have delivered and is not split: it waits, or could not be read.
func (h *Hub) Deliveries(ctx context.Context) ([]hub.Download, error) {
	return collect.Deliveries(ctx, h.Store)
}

// DeliveryBytes copies the bytes of such a delivery, as the bank sent them.
func (h *Hub) DeliveryBytes(ctx context.Context, id hub.DownloadID, w io.Writer) error {
	d, err := collect.Delivery(ctx, h.Store, id)
	if err != nil {
		return err
	}
	return h.copyBody(ctx, d.Owner, d.Body, w)
}

// DeliveryRetry has a delivery that could not be read split again.
func (h *Hub) DeliveryRetry(ctx context.Context, by hub.Actor, id hub.DownloadID) error {
	jobs, err := job.New(h.Store, nil, 0)
	if err != nil {
		return err
	}
	return collect.Retry(ctx, h.Store, jobs, by, id)
}

// File returns a payment file with its history.
func (h *Hub) File(ctx context.Context, tenant hub.TenantID, id hub.FileID) (file hub.PaymentFile, events []hub.Event, err error) {
	err = h.Store.Read(ctx, func(tx *store.Tx) error {
		if file, err = tx.File(ctx, tenant, id); err != nil {
			return err
		}
		events, err = tx.Events(ctx, tenant, string(id))
		return err
	})
	return file, events, err
}

// Documents lists the documents of banks that a tenant has, newest first.
func (h *Hub) Documents(ctx context.Context, tenant hub.TenantID) ([]hub.Document, error) {
	return read(ctx, h, func(tx *store.Tx) ([]hub.Document, error) {
		return tx.Documents(ctx, tenant, hub.DocumentFilter{Kind: hub.DocumentCamt})
	})
}

// Document returns one document of a tenant.
func (h *Hub) Document(ctx context.Context, tenant hub.TenantID, id hub.DocumentID) (hub.Document, error) {
	return read(ctx, h, func(tx *store.Tx) (hub.Document, error) { return tx.Document(ctx, tenant, id) })
}

// Evidence copies the bytes that an event rests on.
func (h *Hub) Evidence(ctx context.Context, tenant hub.TenantID, id hub.BodyID, w io.Writer) error {
	return h.copyBody(ctx, tenant.Owner(), id, w)
}

func (h *Hub) copyBody(ctx context.Context, owner hub.Owner, id hub.BodyID, w io.Writer) (err error) {
	b, err := h.Store.OpenBody(ctx, owner, id)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	_, err = io.Copy(w, b)
	return err
}

// SettleByHand ends an unclear upload on a person's word: delivered says whether the bank has the order.
func (h *Hub) SettleByHand(ctx context.Context, by hub.Actor, tenant hub.TenantID, file hub.FileID, delivered bool, reason string) error {
	proof := dispatch.ProofAbsent
	if delivered {
		proof = dispatch.ProofDelivered
	}
	return dispatch.SettleByHand(ctx, h.Store, by, tenant, file, proof, reason)
}

// AuditResult is what verifying one chain found.
type AuditResult struct {
	Owner   hub.Owner `json:"owner"`
	Chained int64     `json:"chained"`
	Pending int64     `json:"pending"` // committed a moment ago, not chained yet
	Fault   string    `json:"fault,omitempty"`
}

// VerifyAudit verifies every owner's chain, or one.
func (h *Hub) VerifyAudit(ctx context.Context, only hub.Owner) ([]AuditResult, error) {
	owners, err := read(ctx, h, func(tx *store.Tx) ([]hub.Owner, error) { return tx.AuditOwners(ctx) })
	if err != nil {
		return nil, err
	}
	var out []AuditResult
	for _, o := range owners {
		if only != "" && o != only {
			continue
		}
		r := AuditResult{Owner: o}
		r.Chained, r.Pending, err = h.Store.VerifyAudit(ctx, o)
		if fault, ok := errors.AsType[*store.AuditFault](err); ok {
			r.Fault, err = fault.Error(), nil
		}
		if err == nil && r.Fault == "" {
			r.Fault, err = read(ctx, h, func(tx *store.Tx) (string, error) { return h.anchors.check(ctx, tx, o) })
		}
		if err != nil {
			return nil, fmt.Errorf("verify chain of %s: %w", o, err)
		}
		out = append(out, r)
	}
	return out, nil
}

// ExportAudit writes an owner's chain as JSON lines.
func (h *Hub) ExportAudit(ctx context.Context, owner hub.Owner, w io.Writer) error {
	return h.Store.ExportAudit(ctx, owner, w)
}

// VerifyExport verifies an exported chain without an installation; the head's seal, which needs the root key, is not checked.
func VerifyExport(r io.Reader) (AuditResult, error) {
	owner, links, err := store.VerifyExport(r)
	return AuditResult{Owner: owner, Chained: links}, err
}
