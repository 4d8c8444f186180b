package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
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
	planMargin = time.Hour
	// masterInterval is the interval of the one poll that has no setting.
	masterInterval = 24 * time.Hour
)

// clockWatch notices that the wall clock was set while the process runs, and keeps what was planned by it from being late by as much.
type clockWatch struct {
	store   *store.Store
	log     *slog.Logger
	horizon time.Duration // no plan is made for later
	wall    time.Time     // at the last look, by the clock that may be set
	steady  time.Time     // at the last look, with its monotonic part
	forward time.Time     // when it was set forward last; zero = never
	offset  atomic.Int64  // nanoseconds ahead of the database's clock, as last seen
}

func newClockWatch(s *store.Store, settings config.Serve, log *slog.Logger) *clockWatch {
	longest := max(settings.PollOpen, settings.PollIdle, settings.PollStatements, settings.PollAfterSend, settings.RetryFirst, settings.RetryLimit, masterInterval)
	return &clockWatch{store: s, log: log, horizon: longest + planMargin, wall: now().Round(0), steady: time.Now()}
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
	return nil
}

// trusts says whether the clock has not been set forward for so long: ages measured by it are ages.
func (c *clockWatch) trusts(d time.Duration) bool {
	return c.forward.IsZero() || time.Since(c.forward) >= d
}

// compare fails when the clock is too far from the database's.
func (c *clockWatch) compare(ctx context.Context) error {
	offset, err := c.store.ClockOffset(ctx)
	if err != nil {
		return err
	}
	c.offset.Store(int64(offset))
	if offset.Abs() > nodeTolerance {
		return fmt.Errorf("this node's clock is %s ahead of the database's: set it right", offset.Round(time.Millisecond))
	}
	return nil
}
