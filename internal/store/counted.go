package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"kontor/internal/hub"
)

// Counted time measures what a clock that may be set must not decide: how long a file keeps its repeats off. It is the time for which
// processes of the installation have run, counted by their monotonic clocks, and while none ran, the time for which the machine has been up
// since, if it is known. It never runs faster than real time and never backwards; while the machine is off it stands.
//
// The table holds one count for all nodes. Each node reads it, counts on by itself, and puts in what is more: nothing is counted twice.

// Uptime is what a machine knows of time besides its clock. The zero value knows nothing.
type Uptime struct {
	Witness string        // names the node and this start of its machine; durations of another cannot be compared
	Up      time.Duration // since the machine was started, in whole seconds
}

// upPrecision is by how much the difference of two Uptimes may be too much.
const upPrecision = time.Second

// counter is a process's own count.
type counter struct {
	mu    sync.Mutex
	known bool
	total time.Duration // at the moment at
	at    time.Duration // by the steady clock
}

// now is the count by now; since is for how long it has not been compared with the table's.
func (c *counter) now(steady time.Duration) (total, since time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.total + steady - c.at, steady - c.at, c.known
}

// raise takes over a count that is further on than our own.
func (c *counter) raise(total, steady time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if own := c.total + steady - c.at; c.known && own > total {
		total = own
	}
	c.known, c.total, c.at = true, total, steady
}

var errNotCounting = errors.New("the process has not begun to count time")

// countValid is for how long a count that is not compared with the table's is good to judge by: other nodes may be further on, and what they
// have claimed would seem to be older or younger than it is.
const countValid = 10 * time.Minute

// counted is the counted time by now; CodeUnavailable when it has not been compared with the table's for countValid. A store without a steady
// clock takes its clock at its word.
func (s *Store) counted() (time.Duration, error) {
	if s.steady == nil {
		return time.Duration(s.Now().UnixMicro()) * time.Microsecond, nil
	}
	total, since, known := s.count.now(s.steady())
	if !known {
		return 0, errNotCounting
	}
	if since > countValid {
		return 0, &hub.Error{Code: hub.CodeUnavailable, Message: "this node does not know whether the file came before: try again",
			Err: fmt.Errorf("time was counted last %s ago", since.Round(time.Second))}
	}
	return total, nil
}

// CountTime compares the count of this process with the table's and keeps what is more in both. It is called before the first submission
// is claimed and then now and then: what is not in the table yet is lost with the process. leap is how much further the clock has gone
// since the last call, whoever's it was, than time was counted: a machine that was off, or a clock that was set.
func (s *Store) CountTime(ctx context.Context, machine Uptime) (leap time.Duration, err error) {
	if s.steady == nil {
		return 0, nil
	}
	var total time.Duration
	err = s.Write(ctx, func(tx *Tx) error {
		now := tx.Now()
		// Makes the row, or takes its lock.
		_, err := tx.exec(ctx, `INSERT INTO counted_time (id, counted, witness, up, wall) VALUES (1, 0, '', 0, $1)
			ON CONFLICT (id) DO UPDATE SET id = excluded.id`, micros(now))
		if err != nil {
			return err
		}
		var counted, up, wall int64
		var witness string
		if _, err := tx.one(ctx, `SELECT counted, witness, up, wall FROM counted_time WHERE id = 1`, nil, &counted, &witness, &up, &wall); err != nil {
			return err
		}
		before := time.Duration(counted) * time.Microsecond
		passed := now.Sub(instant(wall))
		total = before
		if machine.Witness != "" && machine.Witness == witness {
			// Of the machine's word and the clock's the smaller: a container's uptime need not be its machine's.
			total += max(0, min(machine.Up-time.Duration(up)*time.Microsecond-upPrecision, passed))
		}
		if own, _, known := s.count.now(s.steady()); known {
			total = max(total, own)
		}
		leap = passed - (total - before)
		_, err = tx.exec(ctx, `UPDATE counted_time SET counted = $1, witness = $2, up = $3, wall = $4 WHERE id = 1`,
			total.Microseconds(), machine.Witness, machine.Up.Microseconds(), micros(now))
		return err
	})
	if err != nil {
		return 0, err
	}
	s.count.raise(total, s.steady())
	return leap, nil
}
