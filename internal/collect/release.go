package collect

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"errors"
	"io"

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
	container, digest, err := repack(ctx, s, q)
	if err != nil {
		return err
	}
	err = s.Write(ctx, func(tx *store.Tx) error {
		from, err := tx.Download(ctx, q.Contact, q.Download)
		if err != nil {
			return err
		}
		if err := tx.DeleteQuarantined(ctx, q.Owner, q.ID); err != nil {
			return err
		}
		if err := tx.ForgetSight(ctx, q.Contact, reportIdentity(digest)); err != nil {
			return err
		}
		body, err := container.Publish(ctx, tx)
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
	if err != nil {
		container.Discard(ctx)
	}
	return err
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

// repack stages a part as a delivery, in a container so that it keeps the bank's name, and returns the digest of its bytes. It is never held
// whole.
func repack(ctx context.Context, s *store.Store, q hub.Quarantined) (out *store.Staging, digest []byte, err error) {
	from, err := s.OpenBody(ctx, q.Owner, q.Body)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if out, err = s.Stage(ctx, q.Owner, store.BodyDownload); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			out.Discard(ctx)
		}
	}()
	sum := sha256.New()
	if err := pack(stagingWriter{ctx, out}, q.Detail.FileName, io.TeeReader(from, sum)); err != nil {
		return nil, nil, err
	}
	if err := out.Close(ctx); err != nil {
		return nil, nil, err
	}
	if q.Detail.FileName != "" && out.Size() > maxDelivery {
		return nil, nil, hub.Errorf(hub.CodeInvalid, "packed, the part has %d bytes, and containers of more than %d are not read", out.Size(), maxDelivery)
	}
	return out, sum.Sum(nil), nil
}

// pack writes a container with one file, or without a name the bytes as they are.
func pack(w io.Writer, name string, content io.Reader) error {
	if name == "" {
		_, err := io.Copy(w, content)
		return err
	}
	archive := zip.NewWriter(w)
	entry, err := archive.Create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(entry, content); err != nil {
		return err
	}
	return archive.Close()
}

// stagingWriter is a staging as an io.Writer.
type stagingWriter struct {
	ctx context.Context //nolint:containedctx // lives for one call
	to  *store.Staging
}

// Write implements io.Writer.
func (w stagingWriter) Write(p []byte) (int, error) {
	if err := w.to.Write(w.ctx, p); err != nil {
		return 0, err
	}
	return len(p), nil
}
