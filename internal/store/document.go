package store

import (
	"context"

	"kontor/internal/hub"
)

// InsertDocument adds a document; its body is published in the same transaction under its id. known is true when the tenant has the
// same bytes already (a bank delivered them twice) and nothing was done.
func (tx *Tx) InsertDocument(ctx context.Context, d hub.Document, digest [32]byte) (known bool, err error) {
	fp, err := tx.fingerprint(ctx, d.Tenant.Owner(), "document", digest[:])
	if err != nil {
		return false, err
	}
	sealed, err := tx.seal(ctx, d.Tenant.Owner(), "document", string(d.ID), d.Detail)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `INSERT INTO document (tenant_id, id, account_id, kind, format, digest, created, retrieved, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, digest) DO NOTHING`,
		string(d.Tenant), string(d.ID), string(d.Account), string(d.Kind), d.Format, fp, micros(d.Created), int64(0), sealed)
	return n == 0, err
}

// Documents lists a tenant's documents, newest first.
func (tx *Tx) Documents(ctx context.Context, tenant hub.TenantID, f hub.DocumentFilter) ([]hub.Document, error) {
	query := `SELECT id, account_id, kind, format, created, retrieved, sealed FROM document WHERE tenant_id = $1 AND kind = $2 AND created >= $3`
	args := []any{string(tenant), string(f.Kind), micros(f.From)}
	if f.OnlyNew {
		query += ` AND retrieved = 0`
	}
	if !f.Until.IsZero() {
		query, args = query+` AND created < $4`, append(args, micros(f.Until))
	}
	all, err := tx.documents(ctx, tenant, query+` ORDER BY created DESC, id DESC`, args...)
	if err != nil || f.Account == "" {
		return all, err
	}
	var out []hub.Document
	for _, d := range all {
		if d.Account == f.Account {
			out = append(out, d)
		}
	}
	return out, nil
}

// Document returns one document of the tenant; CodeNotFound if it has none of that id.
func (tx *Tx) Document(ctx context.Context, tenant hub.TenantID, id hub.DocumentID) (hub.Document, error) {
	found, err := tx.documents(ctx, tenant, `SELECT id, account_id, kind, format, created, retrieved, sealed FROM document
		WHERE tenant_id = $1 AND id = $2`, string(tenant), string(id))
	if err != nil {
		return hub.Document{}, err
	}
	if len(found) == 0 {
		return hub.Document{}, hub.Errorf(hub.CodeNotFound, "no such document")
	}
	return found[0], nil
}

func (tx *Tx) documents(ctx context.Context, tenant hub.TenantID, query string, args ...any) ([]hub.Document, error) {
	var out []hub.Document
	var sealed [][]byte
	err := tx.each(ctx, query, args, func(r rows) error {
		d := hub.Document{Tenant: tenant}
		var created, retrieved int64
		var s []byte
		if err := r.Scan(&d.ID, &d.Account, &d.Kind, &d.Format, &created, &retrieved, &s); err != nil {
			return err
		}
		d.Created, d.Retrieved = instant(created), instant(retrieved)
		out, sealed = append(out, d), append(sealed, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := tx.open(ctx, tenant.Owner(), "document", string(out[i].ID), sealed[i], &out[i].Detail); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// MarkRetrieved acknowledges a document; first is false when it was acknowledged before, which is no error.
func (tx *Tx) MarkRetrieved(ctx context.Context, tenant hub.TenantID, id hub.DocumentID, by hub.Actor) (first bool, err error) {
	now := tx.s.Now()
	n, err := tx.exec(ctx, `UPDATE document SET retrieved = $1 WHERE tenant_id = $2 AND id = $3 AND retrieved = 0`, micros(now), string(tenant), string(id))
	if err != nil || n == 0 {
		return false, err
	}
	if err := tx.InsertEvent(ctx, hub.Event{Tenant: tenant, Subject: string(id), At: now, Actor: by, Name: "retrieve", Evidence: hub.BodyID(id)}); err != nil {
		return false, err
	}
	return true, tx.Audit(ctx, hub.AuditRow{Owner: tenant.Owner(), At: now, Actor: by, Action: "document.retrieve", Subject: string(id)})
}
