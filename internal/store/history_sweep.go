package store

import (
	"context"
	"fmt"
	"math"
	"time"

	"kontor/internal/hub"
)

// forgetFile deletes what is kept of one file, in batches. It returns how many prints it deleted.
func (s *Store) forgetFile(ctx context.Context, tenant hub.TenantID, kind hub.HistoryKind, file hub.FileID) (deleted int, err error) {
	for {
		var n int64
		err := s.Write(ctx, func(tx *Tx) (err error) {
			n, err = tx.exec(ctx, `DELETE FROM history_print WHERE tenant_id = $1 AND file_id = $2 AND kind = $3
				AND number = (SELECT MIN(number) FROM history_print WHERE tenant_id = $4 AND file_id = $5 AND kind = $6)`,
				string(tenant), string(file), string(kind), string(tenant), string(file), string(kind))
			if err != nil || n > 0 {
				return err
			}
			_, err = tx.exec(ctx, `DELETE FROM history_file WHERE tenant_id = $1 AND kind = $2 AND file_id = $3`, string(tenant), string(kind), string(file))
			return err
		})
		if err != nil {
			return deleted, fmt.Errorf("forget history: %w", err)
		}
		if n == 0 {
			return deleted, nil
		}
		deleted += int(n)
	}
}

// forget deletes what is kept of files of a kind that are older than a moment, in micros, and staged or not. It stops after about limit
// prints.
func (s *Store) forget(ctx context.Context, tenant hub.TenantID, kind hub.HistoryKind, staged bool, before int64, limit int) (deleted int, err error) {
	state := int64(0)
	if staged {
		state = 1
	}
	for deleted < limit {
		var old []hub.FileID
		err := s.Glance(ctx, func(tx *Tx) error {
			old = nil
			return tx.each(ctx, `SELECT file_id FROM history_file WHERE tenant_id = $1 AND kind = $2 AND staged = $3 AND at < $4 ORDER BY at LIMIT 100`,
				[]any{string(tenant), string(kind), state, before}, func(r rows) error {
					var id hub.FileID
					if err := r.Scan(&id); err != nil {
						return err
					}
					old = append(old, id)
					return nil
				})
		})
		if err != nil || len(old) == 0 {
			return deleted, err
		}
		for _, id := range old {
			n, err := s.forgetFile(ctx, tenant, kind, id)
			deleted += n
			if err != nil {
				return deleted, err
			}
		}
	}
	return deleted, nil
}

// ForgetHistory deletes all that is kept of a tenant's visible files for comparing later ones with.
func (s *Store) ForgetHistory(ctx context.Context, tenant hub.TenantID) error {
	for _, kind := range hub.HistoryKinds() {
		if _, err := s.forget(ctx, tenant, kind, false, math.MaxInt64, math.MaxInt); err != nil {
			return err
		}
	}
	return nil
}

// historySweep is how many prints one sweep deletes at most: the next goes on.
const historySweep = 200_000

// SweepHistory deletes what is past its time: prints of visible files older than the tenant's windows, all of a tenant that wants no history
// any more or whose key is destroyed, and what was staged before the given moment and never counted. It returns how many prints it deleted.
func (s *Store) SweepHistory(ctx context.Context, staged time.Time) (deleted int, err error) {
	var owners []hub.TenantID
	var settings map[hub.TenantID]hub.TenantSettings
	err = s.Read(ctx, func(tx *Tx) (err error) {
		owners = nil
		if settings, err = tx.SettingsOfTenants(ctx); err != nil {
			return err
		}
		return tx.each(ctx, `SELECT id FROM tenant WHERE EXISTS (SELECT 1 FROM history_file h WHERE h.tenant_id = tenant.id)`, nil, func(r rows) error {
			owners = append(owners, "")
			return r.Scan(&owners[len(owners)-1])
		})
	})
	if err != nil {
		return 0, fmt.Errorf("sweep history: %w", err)
	}
	for _, o := range owners {
		for _, kind := range hub.HistoryKinds() {
			before := int64(math.MaxInt64)
			if window := settings[o].Verification.HistoryWindow(kind); window > 0 { // a destroyed tenant has no settings
				before = micros(s.Now().Add(-window))
			}
			n, err := s.forget(ctx, o, kind, false, before, historySweep-deleted)
			if deleted += n; err != nil {
				return deleted, err
			}
			n, err = s.forget(ctx, o, kind, true, micros(staged), historySweep-deleted)
			if deleted += n; err != nil {
				return deleted, err
			}
		}
	}
	return deleted, nil
}
