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
	q, err := quarantined(ctx, s, id)
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
	q, err := quarantined(ctx, s, id)
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

func quarantined(ctx context.Context, s *store.Store, id string) (found hub.Quarantined, err error) {
	err = s.Read(ctx, func(tx *store.Tx) error {
		all, err := tx.Quarantine(ctx, hub.Operator)
		for _, q := range all {
			if q.ID == id {
				found = q
			}
		}
		return err
	})
	if err == nil && found.ID == "" {
		err = hub.Errorf(hub.CodeNotFound, "nothing of that id is in quarantine")
	}
	return found, err
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
