package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"kontor/internal/config"
	"kontor/internal/store"
)

const (
	// clockTolerance is how far the wall clock may run from the monotonic one between two looks without counting as set.
	clockTolerance = 2 * time.Second
	// nodeTolerance is how far a node's clock may be from its database's: the bank's patience with our clock, the order of what nodes
	// write and the plans they make for each other all suffer long after.
	nodeTolerance = time.Minute
	// planMargin is added to the longest interval of the settings: what is planned for later was planned by a wrong clock.
	planMargin = 2 * nodeTolerance
	// pullEvery is how often such plans are looked for.
	pullEvery = 10 * time.Second
	// countEvery is how often the time that this process has counted goes into the database.
	countEvery = time.Minute
	// masterInterval is the interval of the one poll that has no setting.
	masterInterval = 24 * time.Hour
)

// clockWatch notices that the wall clock was set while the process runs, and keeps what was planned by it from being late by as much.
type clockWatch struct {
	store   *store.Store
	log     *slog.Logger
	node    string
	polls   time.Duration // no poll is planned for later
	retries time.Duration // no further try is planned for later
	wall    time.Time     // at the last look, by the clock that may be set
	steady  time.Time     // at the last look, with its monotonic part
	forward time.Time     // when it was set forward last; zero = never
	pulled  time.Time     // when plans were pulled in last
}

func newClockWatch(s *store.Store, settings config.Serve, log *slog.Logger) *clockWatch {
	return &clockWatch{
		store: s, log: log, node: settings.NodeName(), wall: now().Round(0), steady: time.Now(), retries: settings.RetryLimit + planMargin,
		polls: max(settings.PollOpen, settings.PollIdle, settings.PollStatements, settings.PollAfterSend, masterInterval) + planMargin,
	}
}

// look compares the clocks. What fails is tried again at the next look.
func (c *clockWatch) look(ctx context.Context) error {
	wall, passed := now().Round(0), time.Since(c.steady)
	jump := wall.Sub(c.wall) - passed
	if jump.Abs() >= clockTolerance {
		c.log.Warn("the clock was set", "by", jump.Round(time.Millisecond).String())
		if jump < 0 {
			if err := c.store.ClockSetBack(ctx, -jump); err != nil {
				return fmt.Errorf("plan anew after the clock was set back: %w", err)
			}
		} else {
			c.forward = time.Now()
		}
	}
	c.wall, c.steady = wall, c.steady.Add(passed)
	if jump.Abs() >= clockTolerance {
		if err := c.compare(ctx); err != nil {
			return err
		}
	}
	if !c.pulled.IsZero() && time.Since(c.pulled) < pullEvery {
		return nil
	}
	if err := c.store.PullIn(ctx, c.polls, c.retries); err != nil {
		return err
	}
	c.pulled = time.Now()
	return nil
}

// begin starts to count time, before anything is judged by it. What the clock has gone further since the last process counted, while the
// machine does not vouch for it, may be a clock that was set: then ages are not trusted, as after a jump that was seen.
func (c *clockWatch) begin(ctx context.Context) error {
	leap, err := c.store.CountTime(ctx, uptime(c.node))
	if err != nil {
		return fmt.Errorf("begin to count time: %w", err)
	}
	if leap > nodeTolerance {
		c.log.Warn("the clock has gone further since a process ran than time was counted: the machine was off, its clock was set, or it does not say how long it was up", "by", leap.Round(time.Second).String())
		c.forward = time.Now()
	}
	return nil
}

// count has the database know how much time has been counted.
func (c *clockWatch) count(ctx context.Context) error {
	if _, err := c.store.CountTime(ctx, uptime(c.node)); err != nil {
		return fmt.Errorf("count time: %w", err)
	}
	return nil
}

// run counts until the context ends. It does nothing else and waits for no other work: a node that does not count cannot judge submissions.
func (c *clockWatch) run(ctx context.Context, report func(error)) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		limited, done := context.WithTimeout(ctx, countEvery)
		err := c.count(limited)
		done()
		if err != nil && ctx.Err() == nil {
			report(err)
		}
	}
}

// trusts says whether the clock has not been set forward for so long: ages measured by it are ages.
func (c *clockWatch) trusts(d time.Duration) bool {
	return c.forward.IsZero() || time.Since(c.forward) >= d
}

// errNodeClock says that a node must not work: what it plans would mean another time to the others, and a file that it takes up and the
// bank refuses because of its clock would come back to nobody but itself.
var errNodeClock = errors.New("this node's clock differs from the database's")

// compare fails with errNodeClock when the clock is too far from the database's.
func (c *clockWatch) compare(ctx context.Context) error {
	offset, err := c.store.ClockOffset(ctx)
	if err != nil {
		return err
	}
	if offset.Abs() > nodeTolerance {
		return fmt.Errorf("%w: it is %s ahead, at most %s are allowed", errNodeClock, offset.Round(time.Millisecond), nodeTolerance)
	}
	return nil
}
