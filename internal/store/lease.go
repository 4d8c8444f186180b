package store

import (
	"context"
	"errors"
	"time"

	"kontor/internal/hub"
)

// Acquire takes or renews the lease of a resource for holder until now+ttl. held is false while another holder's lease runs. A new
// holder gets a higher fence; a renewal keeps it.
func (s *Store) Acquire(ctx context.Context, resource, holder string, ttl time.Duration) (l hub.Lease, held bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		now, err := tx.leaseNow(ctx)
		if err != nil {
			return err
		}
		l = hub.Lease{Resource: resource, Holder: holder, Until: now.Add(ttl)}
		var before int64
		if _, err := tx.one(ctx, `SELECT until FROM lease WHERE resource = $1`, []any{resource}, &before); err != nil {
			return err
		}
		held, err = tx.one(ctx, `INSERT INTO lease (resource, holder, until, fence) VALUES ($1, $2, $3, 1)
			ON CONFLICT (resource) DO UPDATE SET holder = excluded.holder, until = excluded.until,
				fence = CASE WHEN lease.holder = excluded.holder AND lease.until >= $4 THEN lease.fence ELSE lease.fence + 1 END
			WHERE lease.until < $5 OR lease.until > $6 OR lease.holder = excluded.holder
			RETURNING fence`, []any{resource, holder, micros(l.Until), micros(now), micros(now), micros(now.Add(leaseAhead))}, &l.Fence)
		if held && before != 0 && before < micros(now) { // given back, it would be 0
			tx.after(func(w Watcher) { w.LeaseTakenOver(leaseKind(resource)) })
		}
		return err
	})
	return l, held && err == nil, err
}

// Renew prolongs a lease that is still held under the same fence; lost is true when it is not.
func (s *Store) Renew(ctx context.Context, l hub.Lease, ttl time.Duration) (lost bool, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		now, err := tx.leaseNow(ctx)
		if err != nil {
			return err
		}
		n, err := tx.exec(ctx, `UPDATE lease SET until = $1 WHERE resource = $2 AND holder = $3 AND fence = $4`,
			micros(now.Add(ttl)), l.Resource, l.Holder, l.Fence)
		lost = n == 0
		return err
	})
	return lost, err
}

// Release gives a lease back. The row stays, so that its fence goes on growing.
func (s *Store) Release(ctx context.Context, l hub.Lease) error {
	return s.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(ctx, `UPDATE lease SET until = 0 WHERE resource = $1 AND holder = $2 AND fence = $3`, l.Resource, l.Holder, l.Fence)
		return err
	})
}

// Leased lists the resources whose leases run.
func (tx *Tx) Leased(ctx context.Context) (map[string]bool, error) {
	out := map[string]bool{}
	now, err := tx.leaseNow(ctx)
	if err != nil {
		return nil, err
	}
	err = tx.each(ctx, `SELECT resource FROM lease WHERE until >= $1 AND until <= $2`, []any{micros(now), micros(now.Add(leaseAhead))}, func(r rows) error {
		var name string
		if err := r.Scan(&name); err != nil {
			return err
		}
		out[name] = true
		return nil
	})
	return out, err
}

// Fenced fails with CodeConflict unless the lease is still held under its fence: the first statement of a transaction that must not
// be written by a holder who was overtaken.
func (tx *Tx) Fenced(ctx context.Context, l hub.Lease) error {
	n, err := tx.exec(ctx, `UPDATE lease SET fence = fence WHERE resource = $1 AND holder = $2 AND fence = $3`, l.Resource, l.Holder, l.Fence)
	return oneRow(n, err, hub.CodeConflict, "the lease was lost")
}

// Overtake refuses every holder that a resource has had, for the rest of the transaction and by the fence for ever: whoever decides about
// a resource without working on it calls it first. CodeConflict while a holder's lease runs.
func (tx *Tx) Overtake(ctx context.Context, resource string) error {
	now, err := tx.leaseNow(ctx)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `INSERT INTO lease (resource, holder, until, fence) VALUES ($1, 'overtaken', 0, 1)
		ON CONFLICT (resource) DO UPDATE SET holder = excluded.holder, until = 0, fence = lease.fence + 1 WHERE lease.until < $2 OR lease.until > $3`,
		resource, micros(now), micros(now.Add(leaseAhead)))
	return oneRow(n, err, hub.CodeConflict, "somebody has this in hand right now: try again in a minute")
}

// WithLease runs work while it holds the lease of a resource, renewed by a heartbeat; if the lease is lost, work's context ends. When
// another holder has it, work does not run and the result is nil.
func (s *Store) WithLease(ctx context.Context, resource, node string, ttl time.Duration, work func(ctx context.Context, l hub.Lease) error) error {
	// Within a node no clock is needed to know that somebody works on it.
	mine := node + "\x00" + resource
	if _, working := s.working.LoadOrStore(mine, true); working {
		return nil
	}
	defer s.working.Delete(mine)
	l, held, err := s.Acquire(ctx, resource, node+"/"+NewID(), ttl)
	if err != nil || !held {
		return err
	}
	working, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	beating := make(chan struct{})
	go func() {
		defer close(beating)
		s.heartbeat(working, l, ttl, cancel)
	}()
	err = work(working, l)
	cancel(nil)
	<-beating
	release, done := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer done()
	return errors.Join(err, s.Release(release, l))
}

// heartbeat renews a lease. How long it still runs is counted by timers and not by the clock, which may be set.
func (s *Store) heartbeat(ctx context.Context, l hub.Lease, ttl time.Duration, cancel context.CancelCauseFunc) {
	ended := time.NewTimer(ttl)
	defer func() { ended.Stop() }()
	tick := time.NewTicker(ttl / 3)
	defer tick.Stop()
	limit := ttl - ttl/3 // for as long a renewal may be waited for, with a database that does not answer: to the lease's end
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			next := time.NewTimer(ttl) // from before the renewal, whenever its answer comes
			lost, err := s.renewInTime(ctx, l, ttl, limit)
			if err == nil && !lost {
				ended.Stop()
				ended, limit = next, ttl-ttl/3
				continue
			}
			next.Stop()
			limit = ttl / 3
			if ctx.Err() != nil {
				return // the work is done
			}
			// Cut off from the database, nobody can tell us that another took over: it may have, as soon as the lease has ended.
			if lost || fired(ended) {
				if s.watch != nil {
					s.watch.LeaseLost(leaseKind(l.Resource))
				}
				cancel(hub.Errorf(hub.CodeConflict, "the lease of %s was lost", l.Resource))
				return
			}
		}
	}
}

func fired(t *time.Timer) bool {
	select {
	case <-t.C:
		return true
	default:
		return false
	}
}

// renewInTime gives up after limit instead of waiting on for a database that does not answer.
func (s *Store) renewInTime(ctx context.Context, l hub.Lease, ttl, limit time.Duration) (lost bool, err error) {
	ctx, done := context.WithTimeout(ctx, limit)
	defer done()
	lost, err = s.Renew(ctx, l, ttl)
	return lost && err == nil, err
}
