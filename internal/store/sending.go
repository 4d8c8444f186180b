package store

import (
	"context"

	"kontor/internal/hub"
)

type sealedSending struct {
	Prepared []byte `json:"prepared"`
}

// InsertSending opens the journal of an upload attempt.
func (tx *Tx) InsertSending(ctx context.Context, j hub.Sending) error {
	sealed, err := tx.seal(ctx, j.Tenant.Owner(), "sending", string(j.File), sealedSending{j.Prepared})
	if err != nil {
		return err
	}
	return tx.insert(ctx, "sending",
		[]string{"tenant_id", "file_id", "attempt", "contact_id", "step", "segment", "segments", "order_id", "transaction_id", "spool", "fence", "started", "updated", "sealed"},
		string(j.Tenant), string(j.File), int64(j.Attempt), string(j.Contact), string(j.Step), int64(j.Segment), int64(j.Segments),
		j.OrderID, j.TransactionID, string(j.Spool), j.Fence, micros(j.Started), micros(j.Updated), sealed)
}

// UpdateSending writes the next step of the journal. from is the step it must be in: CodeConflict otherwise, also when another holder
// has taken the journal over.
func (tx *Tx) UpdateSending(ctx context.Context, j hub.Sending, from hub.SendStep) error {
	n, err := tx.exec(ctx, `UPDATE sending SET step = $1, segment = $2, order_id = $3, transaction_id = $4, fence = $5, updated = $6
		WHERE tenant_id = $7 AND file_id = $8 AND attempt = $9 AND step = $10 AND fence <= $11`,
		string(j.Step), int64(j.Segment), j.OrderID, j.TransactionID, j.Fence, micros(tx.s.Now()),
		string(j.Tenant), string(j.File), int64(j.Attempt), string(from), j.Fence)
	return oneRow(n, err, hub.CodeConflict, "the sending has changed meanwhile")
}

const sendingColumns = `SELECT tenant_id, file_id, attempt, contact_id, step, segment, segments, order_id, transaction_id, spool, fence, started, updated, sealed FROM sending`

// LastSending returns the newest attempt for a file; found is false when there is none.
func (tx *Tx) LastSending(ctx context.Context, tenant hub.TenantID, file hub.FileID) (j hub.Sending, found bool, err error) {
	return tx.sending(ctx, sendingColumns+` WHERE tenant_id = $1 AND file_id = $2 ORDER BY attempt DESC LIMIT 1`, string(tenant), string(file))
}

// SendingByOrder returns the newest attempt through a contact that the bank knows under an order id. Order ids repeat over the years:
// only the newest counts.
func (tx *Tx) SendingByOrder(ctx context.Context, contact hub.ContactID, orderID string) (j hub.Sending, found bool, err error) {
	return tx.sending(ctx, sendingColumns+` WHERE contact_id = $1 AND order_id = $2 ORDER BY started DESC, attempt DESC LIMIT 1`, string(contact), orderID)
}

func (tx *Tx) sending(ctx context.Context, query string, args ...any) (j hub.Sending, found bool, err error) {
	var attempt, segment, segments, started, updated int64
	var sealed []byte
	found, err = tx.one(ctx, query, args, &j.Tenant, &j.File, &attempt, &j.Contact, &j.Step, &segment, &segments, &j.OrderID, &j.TransactionID,
		&j.Spool, &j.Fence, &started, &updated, &sealed)
	if err != nil || !found {
		return j, found, err
	}
	j.Attempt, j.Segment, j.Segments, j.Started, j.Updated = int(attempt), int(segment), int(segments), instant(started), instant(updated)
	var s sealedSending
	if err := tx.open(ctx, j.Tenant.Owner(), "sending", string(j.File), sealed, &s); err != nil {
		return j, true, err
	}
	j.Prepared = s.Prepared
	return j, true, nil
}
