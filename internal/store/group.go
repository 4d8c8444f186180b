package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Group commit on SQLite: callers of Write that come while another one's transaction runs share its commit, and so its one fsync. Nobody
// waits for company: a caller who is alone commits at once.
//
// A turn goes from caller to caller. Whoever has it runs its function, on its own goroutine, in the transaction that the turn carries,
// then hands it on; who finds nobody behind it, or the limits reached, commits for all and tells them. The first function of a
// transaction needs no savepoint, each later one has one, so that its failure undoes only its own work.
const (
	// groupSize is how many functions one transaction carries at most.
	groupSize = 64
	// groupTime is for how long a transaction takes in further functions: those that are in it wait for its commit.
	groupTime = 20 * time.Millisecond
)

// group hands the turn to write from caller to caller.
type group struct {
	db      *sql.DB
	now     func() time.Time
	trusted func() error // an error once nothing may be written any more

	mu    sync.Mutex
	taken bool // somebody has the turn
	queue []*ticket
}

// ticket is a caller in the queue, then in a transaction.
type ticket struct {
	turn chan *shared // receives the turn once; buffered
	done chan error   // receives how the commit went; buffered
}

// shared is an open transaction of several callers; nil stands for one that is yet to begin.
type shared struct {
	tx      *sql.Tx
	end     context.CancelFunc
	since   time.Time
	members []*ticket // whose functions have succeeded in it and wait for the commit
}

// errAgain tells a member that the transaction was lost before its commit, by another's failure: nothing was written, it runs again.
var errAgain = errors.New("the shared transaction was lost")

// do runs f in a transaction that is committed when do returns nil. f must use the transaction only until it returns, and may run again.
func (g *group) do(ctx context.Context, f func(tx *sql.Tx) error) error {
	for {
		err := g.once(ctx, f)
		if !errors.Is(err, errAgain) {
			return err
		}
	}
}

func (g *group) once(ctx context.Context, f func(tx *sql.Tx) error) error {
	t := &ticket{turn: make(chan *shared, 1), done: make(chan error, 1)}
	g.mu.Lock()
	if g.taken {
		g.queue = append(g.queue, t)
	} else {
		g.taken = true
		t.turn <- nil
	}
	g.mu.Unlock()
	select {
	case s := <-t.turn:
		return g.run(ctx, t, s, f)
	case <-ctx.Done():
	}
	if !g.leave(t) { // the turn is here already, and must not be lost
		g.pass(<-t.turn)
	}
	return fmt.Errorf("begin transaction: %w", ctx.Err())
}

// leave takes a ticket out of the queue; false if it has been given the turn.
func (g *group) leave(t *ticket) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := slices.Index(g.queue, t)
	if at < 0 {
		return false
	}
	g.queue = slices.Delete(g.queue, at, at+1)
	return true
}

// run is one caller's turn.
func (g *group) run(ctx context.Context, t *ticket, s *shared, f func(tx *sql.Tx) error) (err error) {
	if s == nil {
		if s, err = g.begin(ctx); err != nil {
			g.pass(nil)
			return err
		}
	}
	first := len(s.members) == 0
	if !first {
		if err := savepoint(s.tx, "SAVEPOINT member"); err != nil {
			g.pass(s.lost())
			return errAgain
		}
	}
	succeeded := false
	defer func() { // also when f panics or ends its goroutine: the turn must go on
		if !succeeded {
			g.pass(s.without(first))
		}
	}()
	if err := f(s.tx); err != nil {
		if first {
			return err
		}
		// What it saw may have been another member's: whether that becomes true is known after the commit.
		succeeded = true
		return g.failed(t, s, err)
	}
	if !first {
		if err := savepoint(s.tx, "RELEASE member"); err != nil {
			return err
		}
	}
	succeeded = true
	s.members = append(s.members, t)
	g.pass(s)
	return <-t.done
}

// failed takes back what a member did that found a reason not to go on, and lets it wait for the commit with the others.
func (g *group) failed(t *ticket, s *shared, reason error) error {
	if s = s.without(false); s == nil {
		g.pass(nil)
		return reason // the transaction ended with it
	}
	s.members = append(s.members, t)
	g.pass(s)
	if err := <-t.done; err != nil {
		return err
	}
	return reason
}

// begin opens a transaction, which takes the write lock: another process may have it for a while. The caller's end ends the waiting for
// it, but not the transaction, which others will share.
func (g *group) begin(ctx context.Context) (*shared, error) {
	if err := g.trusted(); err != nil {
		return nil, err
	}
	own, end := context.WithCancel(context.WithoutCancel(ctx))
	detach := context.AfterFunc(ctx, end)
	tx, err := g.db.BeginTx(own, nil)
	if !detach() { // the caller ended meanwhile, and the transaction with it
		if err == nil {
			err = errors.Join(ctx.Err(), ignoreDone(tx.Rollback()))
		}
	}
	if err != nil {
		end()
		return nil, fmt.Errorf("begin transaction: %w", err)
	}
	return &shared{tx: tx, end: end, since: g.now()}, nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// pass hands the turn on: to the next caller if the transaction takes one more, otherwise after its commit.
func (g *group) pass(s *shared) {
	if s != nil && g.full(s) {
		g.commit(s)
		s = nil
	}
	for {
		g.mu.Lock()
		if len(g.queue) > 0 {
			next := g.queue[0]
			g.queue = slices.Delete(g.queue, 0, 1)
			g.mu.Unlock()
			next.turn <- s
			return
		}
		if s == nil {
			g.taken = false
			g.mu.Unlock()
			return
		}
		g.mu.Unlock()
		g.commit(s) // there is nobody else; but somebody may come during the commit
		s = nil
	}
}

func (g *group) full(s *shared) bool {
	open := g.now().Sub(s.since)
	return len(s.members) >= groupSize || open >= groupTime || open < 0 // a clock that was set back must not keep it open
}

// commit ends the transaction and tells its members how. What a failed commit left is not known for certain; it is not tried again.
func (g *group) commit(s *shared) {
	err := s.tx.Commit()
	if err == nil {
		err = g.trusted() // a checkpoint that could not be synced ends in success
	}
	s.end()
	s.tell(err)
}

func (s *shared) tell(err error) {
	for _, m := range s.members {
		m.done <- err
	}
	s.members = nil
}

// without takes back what the caller that has the turn did; nil if no transaction is left.
func (s *shared) without(first bool) *shared {
	if first {
		_ = s.tx.Rollback() // nobody else is in it; an error means that SQLite has ended it
		s.end()
		return nil
	}
	if err := savepoint(s.tx, "ROLLBACK TO member; RELEASE member"); err != nil {
		return s.lost()
	}
	return s
}

// lost gives up a transaction: SQLite rolls the whole of it back by itself when, for example, the disk is full.
func (s *shared) lost() *shared {
	_ = s.tx.Rollback() // it is gone already, or goes now
	s.end()
	s.tell(errAgain)
	return nil
}

func savepoint(tx *sql.Tx, statement string) error {
	_, err := tx.ExecContext(context.Background(), statement)
	return err
}
