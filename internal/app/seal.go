package app

import (
	"context"
	"errors"
	"time"

	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

const (
	sealEvery = 500 * time.Millisecond // rows are chained within a second of their commit
	sealBatch = 200                    // for some milliseconds nobody else can write
	sealLease = 10 * time.Second
)

// sealer chains committed audit rows, one sealer per owner at a time among all nodes.
type sealer struct {
	store   *store.Store
	anchors *anchors
	node    string
}

func (s *sealer) run(ctx context.Context, report func(error)) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.sealAll(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
	}
}

// sealAll chains what is there, and moves the anchors after the chains.
func (s *sealer) sealAll(ctx context.Context) error {
	var owners []hub.Owner
	err := s.store.Read(ctx, func(tx *store.Tx) (err error) {
		owners, err = tx.AuditOwnersToSeal(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var errs []error
	for _, owner := range owners {
		err := s.store.WithLease(ctx, "audit:"+string(owner), s.node, sealLease, func(ctx context.Context, l hub.Lease) error {
			for {
				killpoint.Reach(killpoint.AuditBeforeSeal)
				n, err := s.store.SealAudit(ctx, owner, l, sealBatch)
				killpoint.Reach(killpoint.AuditAfterSeal)
				if err != nil {
					return err
				}
				if n > 0 {
					s.anchors.behind[owner] = true
				}
				if n < sealBatch {
					return nil
				}
			}
		})
		if err != nil { // one owner's trouble must not leave the others unchained
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, s.anchors.follow(ctx, s.store, s.store.Now(), false))...)
}
