package store

import (
	"context"
	"time"

	"kontor/internal/hub"
)

// Backoff says that work on a resource failed and when it is tried next.
type Backoff struct {
	Failures int
	Next     time.Time
	Code     string // of the last failure: a code, never a text
}

// Postpone notes a failure of work on a resource; the next try waits first, then twice as long each time, at most limit.
func (s *Store) Postpone(ctx context.Context, resource, code string, first, limit time.Duration) error {
	return s.Write(ctx, func(tx *Tx) error {
		var failures int64
		if _, err := tx.one(ctx, `SELECT failures FROM backoff WHERE resource = $1`, []any{resource}, &failures); err != nil {
			return err
		}
		delay := min(first, limit)
		for n := int64(0); n < failures && delay < limit; n++ {
			delay = min(2*delay, limit)
		}
		_, err := tx.exec(ctx, `INSERT INTO backoff (resource, failures, next_at, code) VALUES ($1, 1, $2, $3)
			ON CONFLICT (resource) DO UPDATE SET failures = backoff.failures + 1, next_at = excluded.next_at, code = excluded.code`,
			resource, micros(s.Now().Add(delay)), code)
		return err
	})
}

// ClearBackoff forgets the failures of a resource.
func (tx *Tx) ClearBackoff(ctx context.Context, resource string) error {
	_, err := tx.exec(ctx, `DELETE FROM backoff WHERE resource = $1`, resource)
	return err
}

// ClearContactBackoff has a contact and the files that are queued for it tried at once.
func (tx *Tx) ClearContactBackoff(ctx context.Context, contact hub.ContactID) error {
	_, err := tx.exec(ctx, `DELETE FROM backoff WHERE resource = $1 OR resource = $2 OR resource IN
		(SELECT 'file:' || tenant_id || '/' || id FROM payment_file WHERE state = 'queued' AND contact_id = $3)`,
		ContactResource(contact), BankResource(contact), string(contact))
	return err
}

// ContactResource names the lease and the back-off of a contact's polls.
func ContactResource(id hub.ContactID) string { return "contact:" + string(id) }

// BankResource names the back-off of sending through a contact: a bank that does not answer is not asked by every file in turn.
func BankResource(id hub.ContactID) string { return "bank:" + string(id) }

// DownloadResource names the lease and the back-off of the splitting of a delivery.
func DownloadResource(id hub.DownloadID) string { return "download:" + string(id) }

// IsPostponed says whether the next try of a resource lies in the future.
func (tx *Tx) IsPostponed(ctx context.Context, resource string) (bool, error) {
	var one int64
	return tx.one(ctx, `SELECT 1 FROM backoff WHERE resource = $1 AND next_at > $2`, []any{resource, micros(tx.s.Now())}, &one)
}

// IsHeld says whether a file is queued and its bank is not to be tried yet. It is one look-up by primary keys, for hints that come while a
// bank is down.
func (tx *Tx) IsHeld(ctx context.Context, tenant hub.TenantID, file hub.FileID) (bool, error) {
	var state string
	var next int64
	found, err := tx.one(ctx, `SELECT f.state, COALESCE((SELECT b.next_at FROM backoff b WHERE b.resource = 'bank:' || f.contact_id), 0)
		FROM payment_file f WHERE f.tenant_id = $1 AND f.id = $2`, []any{string(tenant), string(file)}, &state, &next)
	return found && state == string(hub.StateQueued) && next > micros(tx.s.Now()), err
}

// Postponed lists the resources whose next try lies in the future.
func (tx *Tx) Postponed(ctx context.Context) (map[string]Backoff, error) {
	out := map[string]Backoff{}
	err := tx.each(ctx, `SELECT resource, failures, next_at, code FROM backoff WHERE next_at > $1`, []any{micros(tx.s.Now())}, func(r rows) error {
		var b Backoff
		var resource string
		var failures, next int64
		if err := r.Scan(&resource, &failures, &next, &b.Code); err != nil {
			return err
		}
		b.Failures, b.Next = int(failures), instant(next)
		out[resource] = b
		return nil
	})
	return out, err
}

// ReleaseAllLeases ends every lease. Only a process that knows itself alone with the database may call it: the embedded engine's, at
// its start, under the data folder's lock. Fences go on growing.
func (s *Store) ReleaseAllLeases(ctx context.Context) error {
	if s.engine != SQLite {
		return hub.Errorf(hub.CodeConflict, "leases of a shared database end by themselves")
	}
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE lease SET until = 0 WHERE until > 0`)
		return err
	})
}
