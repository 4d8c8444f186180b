package collect

import (
	"context"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
)

// Deliveries lists the deliveries that are not split, oldest first: those that wait, and those that could not be read.
func Deliveries(ctx context.Context, s *store.Store) (out []hub.Download, err error) {
	err = s.Read(ctx, func(tx *store.Tx) error {
		out, err = tx.OpenDownloads(ctx)
		return err
	})
	return out, err
}

// Delivery finds one of them; CodeNotFound if there is none of that id. What was split is not kept.
func Delivery(ctx context.Context, s *store.Store, id hub.DownloadID) (hub.Download, error) {
	all, err := Deliveries(ctx, s)
	if err != nil {
		return hub.Download{}, err
	}
	for _, d := range all {
		if d.ID == id {
			return d, nil
		}
	}
	return hub.Download{}, hub.Errorf(hub.CodeNotFound, "no delivery of that id waits")
}

// Retry has a delivery that could not be read split again, by a newer version for example, or with another limit. Parts that had reached
// their owners are recognised. CodeConflict if it is not one of those.
func Retry(ctx context.Context, s *store.Store, jobs *job.Client, by hub.Actor, id hub.DownloadID) error {
	d, err := Delivery(ctx, s, id)
	if err != nil {
		return err
	}
	return s.Write(ctx, func(tx *store.Tx) error {
		if err := tx.ReopenDownload(ctx, d.Contact, d.ID); err != nil {
			return err
		}
		if err := tx.Audit(ctx, hub.AuditRow{
			Owner: d.Owner, Actor: by, Action: "download.retry", Subject: string(d.ID), Detail: map[string]string{"orderType": d.OrderType},
		}); err != nil {
			return err
		}
		return jobs.Enqueue(ctx, tx, hub.IndexJob{Contact: d.Contact, Download: d.ID})
	})
}
