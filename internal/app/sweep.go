package app

import (
	"context"
	"time"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

const (
	// sweepBatch is how many files one sweep hints at: more are found by the next.
	sweepBatch = 500
	// backlog is how many jobs may wait before the sweep gives no more hints.
	backlog = 200
	// hintedFor is how long a hint is trusted to be taken up before it is repeated.
	hintedFor = 15 * time.Second
	// stagedFor is how long an upload may take to be staged before it counts as given up.
	stagedFor = 6 * time.Hour
	// tidyEvery is how often the sweep also clears what is past its time.
	tidyEvery = 10 * time.Minute
)

// sweeper finds open work that nobody has in hand: after a start everything a killed process left, later what a lost job left.
type sweeper struct {
	store  *store.Store
	jobs   *job.Client
	clock  *clockWatch       // nil in tests whose clock is moved on purpose
	banks  *banks            // nil in tests of hints
	hinted map[string]hinted // by resource: hints that may not have been taken up yet
	tidied time.Time
}

func (s *sweeper) run(ctx context.Context, every time.Duration, report func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := s.sweep(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		if err := s.banks.follow(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// hint is open work and the resource that whoever works on it leases. since tells one piece of work on the resource from the next.
type hint struct {
	resource string
	since    time.Time
	args     job.Args
}

// hinted is a hint that was given.
type hinted struct {
	since, at time.Time
}

func (s *sweeper) sweep(ctx context.Context) error {
	if err := s.store.TablesFit(ctx); err != nil {
		return err
	}
	if s.clock != nil {
		if err := s.clock.look(ctx); err != nil {
			return err
		}
	}
	// Hints are given again and again while they are not taken up: when the workers lag behind, more of them would only be in the way.
	waiting, err := s.jobs.Waiting(ctx)
	if err != nil {
		return err
	}
	var open []hint
	if waiting <= backlog {
		err = s.store.Read(ctx, func(tx *store.Tx) (err error) {
			open, err = s.open(ctx, tx)
			return err
		})
		if err != nil {
			return err
		}
	}
	if len(open) > 0 {
		err := s.store.Write(ctx, func(tx *store.Tx) error {
			for _, h := range open {
				if err := s.jobs.Enqueue(ctx, tx, h.args); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		for _, h := range open {
			s.hinted[h.resource] = hinted{h.since, s.store.Now()}
		}
		killpoint.Reach(killpoint.SweepAfterEnqueue)
	}
	if age := s.store.Now().Sub(s.tidied); age >= 0 && age < tidyEvery { // below 0 the clock has been set back
		return nil
	}
	s.tidied = s.store.Now()
	return s.tidy(ctx)
}

// open lists the work that is neither leased, nor postponed, nor hinted at a moment ago.
func (s *sweeper) open(ctx context.Context, tx *store.Tx) ([]hint, error) {
	all, err := s.all(ctx, tx)
	if err != nil {
		return nil, err
	}
	leased, err := tx.Leased(ctx)
	if err != nil {
		return nil, err
	}
	postponed, err := tx.Postponed(ctx)
	if err != nil {
		return nil, err
	}
	var out []hint
	pending := map[string]hinted{} // hints for this very work that nobody has taken up yet
	for _, h := range all {
		_, waits := postponed[h.resource]
		given, known := s.hinted[h.resource]
		age := s.store.Now().Sub(given.at)
		switch {
		case leased[h.resource] || waits:
		case known && given.since.Equal(h.since) && age >= 0 && age < hintedFor:
			pending[h.resource] = given
		default:
			out = append(out, h)
		}
	}
	s.hinted = pending
	return out, nil
}

func (s *sweeper) all(ctx context.Context, tx *store.Tx) ([]hint, error) {
	var out []hint
	files, err := tx.FilesToSend(ctx, sweepBatch, hub.StateQueued, hub.StateSending, hub.StateUnclear)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		out = append(out, hint{store.FileResource(f.Tenant, f.File), f.Updated, hub.SendJob{Tenant: f.Tenant, File: f.File}})
	}
	contacts, err := tx.ContactsToPoll(ctx)
	if err != nil {
		return nil, err
	}
	for contact, due := range contacts {
		out = append(out, hint{store.ContactResource(contact), due, hub.PollJob{Contact: contact}})
	}
	downloads, err := tx.StoredDownloads(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range downloads {
		out = append(out, hint{store.DownloadResource(d.ID), d.Created, hub.IndexJob{Contact: d.Contact, Download: d.ID}})
	}
	return out, nil
}

// tidy clears what is past its time.
func (s *sweeper) tidy(ctx context.Context) error {
	now, trusted := s.store.Now(), true
	if s.clock != nil {
		if err := s.clock.compare(ctx); err != nil {
			return err
		}
		now, trusted = s.clock.wall, s.clock.trusts(stagedFor) // of one look: the clock may have been set since
	}
	// By a clock that was set forward, what is being staged right now may look old, and a token that lives may look expired.
	if trusted {
		if err := s.clear(ctx, now); err != nil {
			return err
		}
	}
	return s.store.Write(ctx, func(tx *store.Tx) error { return tx.DeleteTokensFromTheFuture(ctx, now) })
}

// clear removes what was staged and given up, history past its time, and tokens that have expired.
func (s *sweeper) clear(ctx context.Context, now time.Time) error {
	for {
		n, err := s.store.SweepStaged(ctx, now.Add(-stagedFor))
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
	}
	if _, err := s.store.SweepHistory(ctx, now.Add(-stagedFor)); err != nil {
		return err
	}
	return s.store.Write(ctx, func(tx *store.Tx) error { return tx.DeleteExpiredTokens(ctx, now) })
}
