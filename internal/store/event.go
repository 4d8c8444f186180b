package store

import (
	"context"

	"kontor/internal/hub"
)

// InsertEvent adds one step of a file's or document's history; its id is made here.
func (tx *Tx) InsertEvent(ctx context.Context, e hub.Event) error {
	e.ID = NewID()
	sealed, err := tx.seal(ctx, e.Tenant.Owner(), "event", e.ID, e.Detail)
	if err != nil {
		return err
	}
	return tx.insert(ctx, "event", []string{"tenant_id", "id", "subject", "at", "actor", "name", "from_state", "to_state", "evidence", "sealed"},
		string(e.Tenant), e.ID, e.Subject, micros(e.At), string(e.Actor), e.Name, string(e.From), string(e.To), string(e.Evidence), sealed)
}

// Events lists the history of a file or document, oldest first.
func (tx *Tx) Events(ctx context.Context, tenant hub.TenantID, subject string) ([]hub.Event, error) {
	var out []hub.Event
	var sealed [][]byte
	err := tx.each(ctx, `SELECT id, at, actor, name, from_state, to_state, evidence, sealed FROM event
		WHERE tenant_id = $1 AND subject = $2 ORDER BY at, id`, []any{string(tenant), subject}, func(r rows) error {
		e := hub.Event{Tenant: tenant, Subject: subject}
		var at int64
		var s []byte
		if err := r.Scan(&e.ID, &at, &e.Actor, &e.Name, &e.From, &e.To, &e.Evidence, &s); err != nil {
			return err
		}
		e.At = instant(at)
		out, sealed = append(out, e), append(sealed, s)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := tx.open(ctx, tenant.Owner(), "event", out[i].ID, sealed[i], &out[i].Detail); err != nil {
			return nil, err
		}
	}
	return out, nil
}
