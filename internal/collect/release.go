package collect

import (
	"bytes"
	"context"
	"crypto/sha256"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
)

// Release has a part of the quarantine split again, after the account was set up or whatever else kept it there was mended: it becomes a
// delivery of its own. What still belongs to nobody comes back into the quarantine.
func Release(ctx context.Context, s *store.Store, jobs *job.Client, by hub.Actor, id string) error {
	q, err := Quarantined(ctx, s, id)
	if err != nil {
		return err
	}
	raw, err := s.ReadBody(ctx, q.Owner, q.Body, maxDelivery)
	if err != nil {
		return err
	}
	container, err := repack(q.Detail.FileName, raw)
	if err != nil {
		return err
	}
	digest := sha256.Sum256(raw)
	return s.Write(ctx, func(tx *store.Tx) error {
		from, err := tx.Download(ctx, q.Contact, q.Download)
		if err != nil {
			return err
		}
		if err := tx.DeleteQuarantined(ctx, q.Owner, q.ID); err != nil {
			return err
		}
		if err := tx.ForgetSight(ctx, q.Contact, reportIdentity(digest[:])); err != nil {
			return err
		}
		body, err := tx.PublishBytes(ctx, q.Owner, store.BodyDownload, container)
		if err != nil {
			return err
		}
		d := hub.Download{
			ID: hub.DownloadID(body), Contact: q.Contact, Owner: q.Owner, OrderType: from.OrderType, Kind: from.Kind, State: hub.DownloadStored,
			Created: tx.Now(),
		}
		if err := tx.InsertDownload(ctx, d); err != nil {
			return err
		}
		if err := tx.MarkReceipted(ctx, d.Contact, d.ID); err != nil { // with the delivery that it came in
			return err
		}
		if err := noteQuarantine(ctx, tx, by, q, "quarantine.release", ""); err != nil {
			return err
		}
		return jobs.Enqueue(ctx, tx, hub.IndexJob{Contact: d.Contact, Download: d.ID})
	})
}

// Drop deletes a part of the quarantine for good. The reason becomes an audit row.
func Drop(ctx context.Context, s *store.Store, by hub.Actor, id, reason string) error {
	if len(reason) < 10 || len(reason) > 4000 {
		return hub.Errorf(hub.CodeInvalid, "the reason has 10 to 4000 bytes")
	}
	q, err := Quarantined(ctx, s, id)
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *store.Tx) error {
		if err := tx.DeleteQuarantined(ctx, q.Owner, q.ID); err != nil {
			return err
		}
		return noteQuarantine(ctx, tx, by, q, "quarantine.drop", reason)
	})
}

func noteQuarantine(ctx context.Context, tx *store.Tx, by hub.Actor, q hub.Quarantined, action, reason string) error {
	return tx.Audit(ctx, hub.AuditRow{
		Owner: q.Owner, Actor: by, Action: action, Subject: q.ID, Detail: map[string]string{"was": q.Reason, "reason": reason},
	})
}

// Quarantine lists what waits for a person, of the operator's contacts and of tenants' own, oldest first of each. What waits for a destroyed
// tenant is left out: nobody can read it.
func Quarantine(ctx context.Context, s *store.Store) (out []hub.Quarantined, err error) {
	err = s.Read(ctx, func(tx *store.Tx) error {
		out = nil
		owners, err := tx.QuarantineOwners(ctx)
		if err != nil {
			return err
		}
		for _, o := range owners {
			all, err := tx.Quarantine(ctx, o)
			if hub.CodeOf(err) == hub.CodeNotFound {
				continue
			}
			if err != nil {
				return err
			}
			out = append(out, all...)
		}
		return nil
	})
	return out, err
}

// Quarantined finds one part of the quarantine.
func Quarantined(ctx context.Context, s *store.Store, id string) (hub.Quarantined, error) {
	all, err := Quarantine(ctx, s)
	if err != nil {
		return hub.Quarantined{}, err
	}
	for _, q := range all {
		if q.ID == id {
			return q, nil
		}
	}
	return hub.Quarantined{}, hub.Errorf(hub.CodeNotFound, "nothing of that id is in quarantine")
}

// repack puts a part back into a container, so that it keeps the bank's name.
func repack(name string, raw []byte) ([]byte, error) {
	if name == "" {
		return raw, nil
	}
	var out bytes.Buffer
	if err := zipOne(&out, name, raw); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
