package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"kontor/internal/hub"
)

// ClaimSubmission notes that file brings the bytes with this digest. If the same bytes came before, it returns that first file and
// changes nothing, unless the first is known not to be executed (rejected by us or the bank, failed, cancelled), or is through and
// came before the window. The window is measured by counted time, see CountTime: a clock that is set does not end it. A first file whose
// fate is open blocks for as long as it is open: a bank that is down over a weekend must not turn a repeated file into a second payment.
func (tx *Tx) ClaimSubmission(ctx context.Context, tenant hub.TenantID, digest [32]byte, file hub.FileID, window time.Duration) (first hub.FileID, err error) {
	fp, err := tx.fingerprint(ctx, tenant.Owner(), "submission", digest[:])
	if err != nil {
		return "", err
	}
	counted, err := tx.s.counted()
	if err != nil {
		return "", err
	}
	// The upsert takes the row's lock, so that of two equal files at once one sees the other.
	won, err := tx.changesOne(ctx, `INSERT INTO submission (tenant_id, digest, file_id, at, counted) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, digest) DO UPDATE SET file_id = excluded.file_id, at = excluded.at, counted = excluded.counted
		WHERE EXISTS (SELECT 1 FROM payment_file f WHERE f.tenant_id = submission.tenant_id AND f.id = submission.file_id
			AND (f.state IN ('rejected', 'failed', 'cancelled_at_bank', 'rejected_by_bank')
				OR (submission.counted < $6 AND f.state IN ('accepted', 'partially_accepted', 'confirmed'))))`,
		string(tenant), fp, string(file), micros(tx.s.Now()), counted.Microseconds(), (counted - window).Microseconds())
	if err != nil || won {
		return "", err
	}
	_, err = tx.one(ctx, `SELECT file_id FROM submission WHERE tenant_id = $1 AND digest = $2`, []any{string(tenant), fp}, &first)
	return first, err
}

// NoteSubmission is ClaimSubmission for a tenant who does not want double submissions to be refused: file becomes the one that later files of
// the same bytes are compared with, whatever came before. Switched on again, the check knows of it.
func (tx *Tx) NoteSubmission(ctx context.Context, tenant hub.TenantID, digest [32]byte, file hub.FileID) error {
	fp, err := tx.fingerprint(ctx, tenant.Owner(), "submission", digest[:])
	if err != nil {
		return err
	}
	counted, err := tx.s.counted()
	if err != nil {
		return err
	}
	_, err = tx.changesOne(ctx, `INSERT INTO submission (tenant_id, digest, file_id, at, counted) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, digest) DO UPDATE SET file_id = excluded.file_id, at = excluded.at, counted = excluded.counted`,
		string(tenant), fp, string(file), micros(tx.s.Now()), counted.Microseconds())
	return err
}

// InsertFile adds a payment file; its body and pages are published in the same transaction.
func (tx *Tx) InsertFile(ctx context.Context, f hub.PaymentFile) error {
	sealed, err := tx.seal(ctx, f.Tenant.Owner(), "payment_file", string(f.ID), f.Detail)
	if err != nil {
		return err
	}
	fp, err := tx.fingerprint(ctx, f.Tenant.Owner(), "message", []byte(f.Detail.MessageID))
	if err != nil {
		return err
	}
	tx.after(func(w Watcher) { w.FileEntered("", f.State) })
	return tx.insert(ctx, "payment_file",
		[]string{"tenant_id", "id", "contact_id", "key_id", "state", "format", "order_type", "count", "currency", "message_fp", "created", "updated", "uploaded", "sealed"},
		string(f.Tenant), string(f.ID), string(f.Contact), string(f.Key), string(f.State), f.Format, f.OrderType, int64(f.Count), f.Currency, fp,
		micros(f.Created), micros(f.Updated), micros(f.Uploaded), sealed)
}

// File returns a payment file of the tenant; CodeNotFound if it has none of that id.
func (tx *Tx) File(ctx context.Context, tenant hub.TenantID, id hub.FileID) (hub.PaymentFile, error) {
	f := hub.PaymentFile{ID: id, Tenant: tenant}
	var count, created, updated, uploaded int64
	var sealed []byte
	found, err := tx.one(ctx, `SELECT contact_id, key_id, state, format, order_type, count, currency, created, updated, uploaded, sealed
		FROM payment_file WHERE tenant_id = $1 AND id = $2`, []any{string(tenant), string(id)},
		&f.Contact, &f.Key, &f.State, &f.Format, &f.OrderType, &count, &f.Currency, &created, &updated, &uploaded, &sealed)
	if err != nil {
		return f, fmt.Errorf("read payment file: %w", err)
	}
	if !found {
		return f, hub.Errorf(hub.CodeNotFound, "no such payment file")
	}
	f.Count, f.Created, f.Updated, f.Uploaded = int(count), instant(created), instant(updated), instant(uploaded)
	err = tx.open(ctx, tenant.Owner(), "payment_file", string(id), sealed, &f.Detail)
	return f, err
}

// Change is what a transition carries.
type Change struct {
	Actor    hub.Actor
	Evidence hub.BodyID
	Event    hub.EventDetail
	Uploaded time.Time                    // set when not zero
	Update   func(detail *hub.FileDetail) // adjusts the sealed part; nil leaves it
}

// Transit executes a transition: guarded UPDATE, event and audit row in one. CodeConflict if the file is not in one of t.From; the
// caller decides whether that matters.
func (tx *Tx) Transit(ctx context.Context, tenant hub.TenantID, id hub.FileID, t hub.Transition, c Change) error {
	// Lock, then look: a bank's word that meets another writer's must be judged on what that one leaves, not on what was before.
	if _, err := tx.exec(ctx, `UPDATE payment_file SET updated = updated WHERE tenant_id = $1 AND id = $2`, string(tenant), string(id)); err != nil {
		return err
	}
	f, err := tx.File(ctx, tenant, id)
	if err != nil {
		return err
	}
	if !slices.Contains(t.From, f.State) {
		return hub.Errorf(hub.CodeConflict, "a file that is %s cannot %s", f.State, t.Name)
	}
	if c.Update != nil {
		c.Update(&f.Detail)
	}
	if !c.Uploaded.IsZero() {
		f.Uploaded = c.Uploaded
	}
	sealed, err := tx.seal(ctx, tenant.Owner(), "payment_file", string(id), f.Detail)
	if err != nil {
		return err
	}
	now := tx.s.Now()
	n, err := tx.exec(ctx, `UPDATE payment_file SET state = $1, updated = $2, uploaded = $3, sealed = $4
		WHERE tenant_id = $5 AND id = $6 AND state = $7`,
		string(t.To), micros(now), micros(f.Uploaded), sealed, string(tenant), string(id), string(f.State))
	if err := oneRow(n, err, hub.CodeConflict, "the file has changed meanwhile"); err != nil {
		return err
	}
	tx.after(func(w Watcher) { w.FileEntered(f.State, t.To) })
	e := hub.Event{
		Tenant: tenant, Subject: string(id), At: now, Actor: c.Actor, Name: t.Name, From: f.State, To: t.To, Evidence: c.Evidence, Detail: c.Event,
	}
	if err := tx.InsertEvent(ctx, e); err != nil {
		return err
	}
	return tx.Audit(ctx, hub.AuditRow{
		Owner: tenant.Owner(), At: now, Actor: c.Actor, Action: "payment_file." + t.Name, Subject: string(id),
		Detail: map[string]string{"from": string(f.State), "to": string(t.To), "orderId": c.Event.OrderID, "reasonCode": c.Event.ReasonCode},
	})
}

// FileResource names the lease and the back-off of a file.
func FileResource(tenant hub.TenantID, file hub.FileID) string {
	return "file:" + string(tenant) + "/" + string(file)
}

// FileRef names a payment file of any tenant.
type FileRef struct {
	Tenant  hub.TenantID
	File    hub.FileID
	Contact hub.ContactID
	Updated time.Time
}

// FilesToSend lists up to limit files of active tenants in one of the states that nobody has in hand and whose next try is due, oldest
// change first. What waits for its next try is left out here and not by the caller: many files for a bank that is down must not hide
// the others.
func (tx *Tx) FilesToSend(ctx context.Context, limit int, states ...hub.State) ([]FileRef, error) {
	now := micros(tx.s.Now())
	leaseNow, err := tx.leaseNow(ctx)
	if err != nil {
		return nil, err
	}
	var out []FileRef
	for _, s := range states {
		err := tx.each(ctx, `SELECT f.tenant_id, f.id, f.contact_id, f.updated FROM payment_file f JOIN tenant t ON t.id = f.tenant_id
			WHERE f.state = $1 AND t.state = 'active'
			AND NOT EXISTS (SELECT 1 FROM backoff b WHERE b.resource = 'file:' || f.tenant_id || '/' || f.id AND b.next_at > $2)
			AND NOT EXISTS (SELECT 1 FROM backoff b WHERE b.resource = 'bank:' || f.contact_id AND b.next_at > $3)
			AND NOT EXISTS (SELECT 1 FROM lease l WHERE l.resource = 'file:' || f.tenant_id || '/' || f.id AND l.until >= $4 AND l.until <= $5)
			ORDER BY f.updated LIMIT $6`, []any{string(s), now, now, micros(leaseNow), micros(leaseNow.Add(leaseAhead)), int64(limit)}, func(r rows) error { return scanRef(r, &out) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FilesInState lists the files of active tenants in one of the states, whoever has them in hand.
func (tx *Tx) FilesInState(ctx context.Context, states ...hub.State) ([]FileRef, error) {
	var out []FileRef
	for _, s := range states {
		err := tx.each(ctx, `SELECT f.tenant_id, f.id, f.contact_id, f.updated FROM payment_file f JOIN tenant t ON t.id = f.tenant_id
			WHERE f.state = $1 AND t.state = 'active' ORDER BY f.id`, []any{string(s)}, func(r rows) error { return scanRef(r, &out) })
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanRef(r rows, out *[]FileRef) error {
	var f FileRef
	var updated int64
	if err := r.Scan(&f.Tenant, &f.File, &f.Contact, &updated); err != nil {
		return err
	}
	f.Updated = instant(updated)
	*out = append(*out, f)
	return nil
}

// ContactHasOpenOrders says whether the bank of a contact owes us a word about some file in one of these states.
func (tx *Tx) ContactHasOpenOrders(ctx context.Context, contact hub.ContactID, states ...hub.State) (bool, error) {
	for _, s := range states {
		var one int64
		found, err := tx.one(ctx, `SELECT 1 FROM payment_file WHERE state = $1 AND contact_id = $2 LIMIT 1`, []any{string(s), string(contact)}, &one)
		if found || err != nil {
			return found, err
		}
	}
	return false, nil
}

// FilesByMessage lists the tenant's files that went through a contact with this message id, newest first.
func (tx *Tx) FilesByMessage(ctx context.Context, tenant hub.TenantID, contact hub.ContactID, messageID string) ([]hub.PaymentFile, error) {
	fp, err := tx.fingerprint(ctx, tenant.Owner(), "message", []byte(messageID))
	if err != nil {
		return nil, err
	}
	var ids []hub.FileID
	err = tx.each(ctx, `SELECT id FROM payment_file WHERE tenant_id = $1 AND message_fp = $2 AND contact_id = $3 AND state <> 'rejected' ORDER BY id DESC`,
		[]any{string(tenant), fp, string(contact)}, func(r rows) error {
			var id hub.FileID
			if err := r.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
			return nil
		})
	if err != nil {
		return nil, err
	}
	out := make([]hub.PaymentFile, 0, len(ids))
	for _, id := range ids {
		f, err := tx.File(ctx, tenant, id)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}
