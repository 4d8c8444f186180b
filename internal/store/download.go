package store

import (
	"context"

	"kontor/internal/hub"
)

// InsertDownload notes a delivery whose body is published in the same transaction under the download's id.
func (tx *Tx) InsertDownload(ctx context.Context, d hub.Download) error {
	return tx.insert(ctx, "download", []string{"contact_id", "id", "owner", "order_type", "kind", "state", "receipted", "created"},
		string(d.Contact), string(d.ID), string(d.Owner), d.OrderType, string(d.Kind), string(d.State), int64(0), micros(d.Created))
}

// Download returns one delivery; CodeNotFound if there is none.
func (tx *Tx) Download(ctx context.Context, contact hub.ContactID, id hub.DownloadID) (hub.Download, error) {
	d := hub.Download{Contact: contact, ID: id, Body: hub.BodyID(id)}
	var receipted, created int64
	found, err := tx.one(ctx, `SELECT owner, order_type, kind, state, receipted, created FROM download WHERE contact_id = $1 AND id = $2`,
		[]any{string(contact), string(id)}, &d.Owner, &d.OrderType, &d.Kind, &d.State, &receipted, &created)
	if err == nil && !found {
		err = hub.Errorf(hub.CodeNotFound, "no such download")
	}
	d.Receipted, d.Created = receipted == 1, instant(created)
	return d, err
}

// MarkReceipted notes that the bank has our receipt for a delivery.
func (tx *Tx) MarkReceipted(ctx context.Context, contact hub.ContactID, id hub.DownloadID) error {
	_, err := tx.exec(ctx, `UPDATE download SET receipted = 1 WHERE contact_id = $1 AND id = $2`, string(contact), string(id))
	return err
}

// SettleDownload ends the work on a stored delivery. CodeConflict when it was ended already.
func (tx *Tx) SettleDownload(ctx context.Context, contact hub.ContactID, id hub.DownloadID, to hub.DownloadState) error {
	n, err := tx.exec(ctx, `UPDATE download SET state = $1 WHERE contact_id = $2 AND id = $3 AND state = 'stored'`, string(to), string(contact), string(id))
	return oneRow(n, err, hub.CodeConflict, "the download is settled already")
}

// StoredDownloads lists deliveries that are not split yet, oldest first.
func (tx *Tx) StoredDownloads(ctx context.Context) ([]hub.Download, error) {
	return tx.downloads(ctx, `SELECT contact_id, id, owner FROM download WHERE state = 'stored' ORDER BY id`)
}

// OpenDownloads lists the deliveries that are not split, oldest first: those that wait, and those that could not be read.
func (tx *Tx) OpenDownloads(ctx context.Context) ([]hub.Download, error) {
	var out []hub.Download
	err := tx.each(ctx, `SELECT contact_id, id, owner, order_type, kind, state, receipted, created FROM download
		WHERE state IN ('stored', 'undecoded') ORDER BY id`, nil, func(r rows) error {
		var d hub.Download
		var receipted, created int64
		if err := r.Scan(&d.Contact, &d.ID, &d.Owner, &d.OrderType, &d.Kind, &d.State, &receipted, &created); err != nil {
			return err
		}
		d.Body, d.Receipted, d.Created = hub.BodyID(d.ID), receipted == 1, instant(created)
		out = append(out, d)
		return nil
	})
	return out, err
}

// ReopenDownload has a delivery that could not be read wait to be split again. CodeConflict if it is in another state.
func (tx *Tx) ReopenDownload(ctx context.Context, contact hub.ContactID, id hub.DownloadID) error {
	n, err := tx.exec(ctx, `UPDATE download SET state = 'stored' WHERE contact_id = $1 AND id = $2 AND state = 'undecoded'`, string(contact), string(id))
	return oneRow(n, err, hub.CodeConflict, "only a delivery that could not be read is tried again")
}

func (tx *Tx) downloads(ctx context.Context, query string, args ...any) ([]hub.Download, error) {
	var out []hub.Download
	err := tx.each(ctx, query, args, func(r rows) error {
		var d hub.Download
		if err := r.Scan(&d.Contact, &d.ID, &d.Owner); err != nil {
			return err
		}
		d.Body = hub.BodyID(d.ID)
		out = append(out, d)
		return nil
	})
	return out, err
}

// FirstSight notes a protocol event of a contact by its identity; first is false when it was seen before. Reports overlap: banks
// repeat events.
func (tx *Tx) FirstSight(ctx context.Context, contact hub.ContactID, identity string) (first bool, err error) {
	fp, err := tx.fingerprint(ctx, hub.Operator, "protocol", []byte(identity))
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `INSERT INTO protocol_event (contact_id, digest, created) VALUES ($1, $2, $3) ON CONFLICT (contact_id, digest) DO NOTHING`,
		string(contact), fp, micros(tx.s.Now()))
	return n == 1, err
}

// Sighted says whether FirstSight has noted an identity.
func (tx *Tx) Sighted(ctx context.Context, contact hub.ContactID, identity string) (bool, error) {
	fp, err := tx.fingerprint(ctx, hub.Operator, "protocol", []byte(identity))
	if err != nil {
		return false, err
	}
	var one int64
	return tx.one(ctx, `SELECT 1 FROM protocol_event WHERE contact_id = $1 AND digest = $2`, []any{string(contact), fp}, &one)
}

// InsertQuarantined keeps a part that belongs to nobody; known is true when the same bytes of the same contact are there already and nothing
// was done. Equal bytes of two contacts are two parts: each may turn out to belong to another.
func (tx *Tx) InsertQuarantined(ctx context.Context, q hub.Quarantined, digest [32]byte) (known bool, err error) {
	fp, err := tx.fingerprint(ctx, q.Owner, "quarantine", append(digest[:], q.Contact...))
	if err != nil {
		return false, err
	}
	// Earlier programs did not put the contact in: what they have kept is known by the fingerprint without.
	former, err := tx.fingerprint(ctx, q.Owner, "quarantine", digest[:])
	if err != nil {
		return false, err
	}
	var one int64
	known, err = tx.one(ctx, `SELECT 1 FROM quarantine WHERE owner = $1 AND digest = $2 AND contact_id = $3`, []any{string(q.Owner), former, string(q.Contact)}, &one)
	if err != nil || known {
		return known, err
	}
	sealed, err := tx.seal(ctx, q.Owner, "quarantine", q.ID, q.Detail)
	if err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `INSERT INTO quarantine (owner, id, contact_id, download_id, digest, reason, created, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (owner, digest) DO NOTHING`,
		string(q.Owner), q.ID, string(q.Contact), string(q.Download), fp, q.Reason, micros(q.Created), sealed)
	return n == 0, err
}

// DeleteQuarantined takes a part out of the quarantine with its bytes. CodeNotFound if the owner has none of that id.
func (tx *Tx) DeleteQuarantined(ctx context.Context, owner hub.Owner, id string) error {
	n, err := tx.exec(ctx, `DELETE FROM quarantine WHERE owner = $1 AND id = $2`, string(owner), id)
	if err := oneRow(n, err, hub.CodeNotFound, "nothing of that id is in quarantine"); err != nil {
		return err
	}
	return tx.deleteBody(ctx, owner, id)
}

// ForgetSight lets a protocol event or report be taken again, see FirstSight.
func (tx *Tx) ForgetSight(ctx context.Context, contact hub.ContactID, identity string) error {
	fp, err := tx.fingerprint(ctx, hub.Operator, "protocol", []byte(identity))
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `DELETE FROM protocol_event WHERE contact_id = $1 AND digest = $2`, string(contact), fp)
	return err
}

// QuarantineOwners lists the owners of contacts for whom something waits: the operator, and tenants with contacts of their own.
func (tx *Tx) QuarantineOwners(ctx context.Context) ([]hub.Owner, error) {
	var out []hub.Owner
	err := tx.each(ctx, `SELECT DISTINCT owner FROM quarantine ORDER BY owner`, nil, func(r rows) error {
		var o hub.Owner
		if err := r.Scan(&o); err != nil {
			return err
		}
		out = append(out, o)
		return nil
	})
	return out, err
}

// Quarantine lists what waits for the owner, oldest first.
func (tx *Tx) Quarantine(ctx context.Context, owner hub.Owner) ([]hub.Quarantined, error) {
	return tx.quarantine(ctx, owner, ``)
}

// QuarantineOf lists what waits of one contact of the owner for one of two reasons, oldest first.
func (tx *Tx) QuarantineOf(ctx context.Context, owner hub.Owner, contact hub.ContactID, reason, other string) ([]hub.Quarantined, error) {
	return tx.quarantine(ctx, owner, ` AND contact_id = $2 AND reason IN ($3, $4)`, string(contact), reason, other)
}

func (tx *Tx) quarantine(ctx context.Context, owner hub.Owner, and string, args ...any) ([]hub.Quarantined, error) {
	var out []hub.Quarantined
	var sealed [][]byte
	err := tx.each(ctx, `SELECT id, contact_id, download_id, reason, created, sealed FROM quarantine WHERE owner = $1`+and+` ORDER BY id`,
		append([]any{string(owner)}, args...), func(r rows) error {
			q := hub.Quarantined{Owner: owner}
			var created int64
			var s []byte
			if err := r.Scan(&q.ID, &q.Contact, &q.Download, &q.Reason, &created, &s); err != nil {
				return err
			}
			q.Body, q.Created = hub.BodyID(q.ID), instant(created)
			out, sealed = append(out, q), append(sealed, s)
			return nil
		})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := tx.open(ctx, owner, "quarantine", out[i].ID, sealed[i], &out[i].Detail); err != nil {
			return nil, err
		}
	}
	return out, nil
}
