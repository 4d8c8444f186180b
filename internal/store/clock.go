package store

import (
	"context"
	"fmt"
	"time"

	"kontor/internal/hub"
)

// leaseAhead is further in the future than any lease can end: one that seems to end later was written by a clock that has been set back
// since, and counts as ended.
const leaseAhead = 2 * hub.MaxLease

// leaseNow is the moment by which leases are judged: where several nodes share a database, its clock and not their own, so that a node
// whose clock is wrong neither takes the others' work from them nor keeps it.
func (tx *Tx) leaseNow(ctx context.Context) (time.Time, error) {
	if !tx.s.databaseClock {
		return tx.Now(), nil
	}
	return tx.databaseNow(ctx)
}

func (tx *Tx) databaseNow(ctx context.Context) (time.Time, error) {
	var us int64
	_, err := tx.one(ctx, `SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000000)::bigint`, nil, &us)
	return instant(us), err
}

// ClockOffset is how far this process's clock is ahead of the database's, to about the time that asking takes. The embedded engine has no
// clock of its own: 0.
func (s *Store) ClockOffset(ctx context.Context) (offset time.Duration, err error) {
	if s.engine != Postgres {
		return 0, nil
	}
	err = s.Glance(ctx, func(tx *Tx) error {
		before := tx.Now()
		theirs, err := tx.databaseNow(ctx)
		if err != nil {
			return err
		}
		// The answer was given between the two looks at our clock.
		offset = before.Add(tx.Now().Sub(before) / 2).Sub(theirs)
		return nil
	})
	return offset, err
}

// ClockSetBack moves what was planned by this process's clock, which has been set back by d, to where it was meant. Where other nodes
// plan too, some of their work becomes due early, which does no harm.
func (s *Store) ClockSetBack(ctx context.Context, d time.Duration) error {
	return s.replan(ctx, func(table string) (string, []any) {
		return fmt.Sprintf(`UPDATE %s SET next_at = next_at - $1 WHERE next_at > $2`, table), []any{d.Microseconds(), micros(s.Now())}
	})
}

// PullIn makes due what is planned for later from now than anything is ever planned, polls and further tries: a clock was wrong when it was
// planned.
func (s *Store) PullIn(ctx context.Context, polls, retries time.Duration) error {
	now := s.Now()
	return s.replan(ctx, func(table string) (string, []any) {
		horizon := polls
		if table == "backoff" {
			horizon = retries
		}
		return fmt.Sprintf(`UPDATE %s SET next_at = $1 WHERE next_at > $2`, table), []any{micros(now), micros(now.Add(horizon))}
	})
}

func (s *Store) replan(ctx context.Context, statement func(table string) (string, []any)) error {
	return s.Write(ctx, func(tx *Tx) error {
		for _, table := range []string{"poll", "backoff"} {
			query, args := statement(table)
			if _, err := tx.exec(ctx, query, args...); err != nil {
				return err
			}
		}
		return nil
	})
}
