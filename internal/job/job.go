// Package job carries hints: "there may be work on this". River keeps them, in the same transaction as the state that calls for the
// work; workers take a lease first and look at the tables, so a lost, doubled or late job harms nothing. What is open and has no job
// any more, because a process was killed, is found by the sweep in package app.
package job

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"kontor/internal/hub"
	"kontor/internal/store"
)

// Args are the arguments of a job: ids alone, never data of a tenant, since River stores them in clear.
type Args interface{ Kind() string }

// Workers is the set of functions that work on jobs.
type Workers struct {
	river    *river.Workers
	log      *slog.Logger
	finished func(kind string, err error)
}

// NewWorkers returns an empty set. Failures are logged to log; River sees only their codes.
func NewWorkers(log *slog.Logger) *Workers {
	return &Workers{river: river.NewWorkers(), log: log, finished: func(string, error) {}}
}

// Observe has f told of every job that ended, with nil when it was done or was stopped with its process. It is called before Handle.
func (w *Workers) Observe(f func(kind string, err error)) { w.finished = f }

// Handle registers the function for one kind of job. A kind that is registered twice panics: it is a mistake in the wiring.
func Handle[T Args](w *Workers, work func(ctx context.Context, args T) error) {
	log, finished := w.log, w.finished
	river.AddWorker(w.river, river.WorkFunc(func(ctx context.Context, j *river.Job[T]) error {
		err := guarded(ctx, work, j.Args)
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		finished(j.Args.Kind(), err)
		if err == nil {
			return nil
		}
		log.WarnContext(ctx, "job failed", "job", j.Args.Kind(), "id", j.ID, "error", err)
		if code := hub.CodeOf(err); code != "" {
			return errors.New(string(code))
		}
		return errors.New("internal")
	}))
}

// guarded makes an error of a panic: River would write what the panic says, which may quote a tenant's data, into its table.
func guarded[T Args](ctx context.Context, work func(ctx context.Context, args T) error, args T) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return work(ctx, args)
}

// Client enqueues jobs and, once started, works on them.
type Client struct {
	postgres *river.Client[pgx.Tx]
	sqlite   *river.Client[*sql.Tx]
	database any // *pgxpool.Pool or *sql.DB
}

// Migrate brings River's own tables to the version of this program.
func Migrate(ctx context.Context, s *store.Store) error {
	switch db := s.Native().(type) {
	case *pgxpool.Pool:
		return alone(ctx, db, func() error { return migrate(ctx, riverpgxv5.New(db)) })
	case *sql.DB:
		return migrate(ctx, riversqlite.New(db))
	}
	return errors.New("unknown database")
}

// migrationLock is the number of the advisory lock under which the tables of jobs are migrated: the first bytes of "kontor job".
const migrationLock = 0x6b6f6e746f72206a

// alone runs work while no other node of the installation does: River's migrator has no lock of its own, and nodes that are started at
// the same moment would make the same tables.
func alone(ctx context.Context, db *pgxpool.Pool, work func() error) (err error) {
	held, err := db.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("migrate jobs: %w", err)
	}
	defer held.Release()
	if _, err := held.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(migrationLock)); err != nil {
		return fmt.Errorf("wait for another node's migration of jobs: %w", err)
	}
	defer func() {
		_, uerr := held.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, int64(migrationLock))
		err = errors.Join(err, uerr)
	}()
	return work()
}

func migrate[T any](ctx context.Context, driver riverdriver.Driver[T]) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet()})
	if err != nil {
		return fmt.Errorf("prepare migration of jobs: %w", err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate jobs: %w", err)
	}
	return nil
}

// New returns a client. With nil workers it only enqueues.
func New(s *store.Store, w *Workers, maxWorkers int) (*Client, error) {
	config := &river.Config{
		Logger: quiet(),
		// A job is one try: what is still open afterwards is found by the sweep, with the back-off that our own tables keep.
		MaxAttempts: 1,
		// An upload may take hours; River's time-out would cancel it in the middle.
		JobTimeout:                  -1,
		CompletedJobRetentionPeriod: time.Hour,
		DiscardedJobRetentionPeriod: 24 * time.Hour,
		FetchCooldown:               50 * time.Millisecond,
		FetchPollInterval:           500 * time.Millisecond,
	}
	if w != nil {
		config.Workers = w.river
		config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: maxWorkers}}
	}
	c := &Client{database: s.Native()}
	var err error
	switch db := s.Native().(type) {
	case *pgxpool.Pool:
		c.postgres, err = river.NewClient(riverpgxv5.New(db), config)
	case *sql.DB:
		c.sqlite, err = river.NewClient(riversqlite.New(db), config)
	default:
		err = errors.New("unknown database")
	}
	if err != nil {
		return nil, fmt.Errorf("make job client: %w", err)
	}
	return c, nil
}

// Enqueue adds a job within the transaction; it exists if and only if the transaction commits. On PostgreSQL a refused insert may show only
// there.
func (c *Client) Enqueue(ctx context.Context, tx *store.Tx, args Args) error {
	var err error
	switch native := tx.Native().(type) {
	case pgx.Tx:
		// The store sends the insert with what comes after it: there is no result yet, of which InsertTx would take the first.
		_, err = c.postgres.InsertManyTx(ctx, native, []river.InsertManyParams{{Args: args}})
	case *sql.Tx:
		// Others may share the transaction: an interrupted statement would end it for them, too.
		_, err = c.sqlite.InsertTx(context.WithoutCancel(ctx), native, args, nil)
	default:
		err = errors.New("unknown transaction")
	}
	if err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// Count is how many jobs of a kind are in one of River's states.
type Count struct {
	Kind, State string // State is available (waits for a worker) or running
	Jobs        int64
}

// Counts counts the jobs that wait or are being worked on, of all nodes together.
func (c *Client) Counts(ctx context.Context) ([]Count, error) {
	const query = `SELECT kind, state, COUNT(*) FROM river_job WHERE state IN ('available', 'running') GROUP BY kind, state ORDER BY kind, state`
	var out []Count
	add := func(scan func(dest ...any) error) error {
		var n Count
		if err := scan(&n.Kind, &n.State, &n.Jobs); err != nil {
			return err
		}
		out = append(out, n)
		return nil
	}
	if err := c.each(ctx, query, add); err != nil {
		return nil, fmt.Errorf("count jobs: %w", err)
	}
	return out, nil
}

func (c *Client) each(ctx context.Context, query string, row func(scan func(dest ...any) error) error) (err error) {
	switch db := c.database.(type) {
	case *pgxpool.Pool:
		rows, err := db.Query(ctx, query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	case *sql.DB:
		rows, qerr := db.QueryContext(ctx, query)
		if qerr != nil {
			return qerr
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			if err := row(rows.Scan); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	return errors.New("unknown database")
}

// Waiting is how many jobs wait for a worker, of all nodes together. What a clock that was set back since has written as a job of the
// future is not among them: nobody can take it up yet.
func (c *Client) Waiting(ctx context.Context) (int, error) {
	const query = `SELECT COUNT(*) FROM river_job WHERE state = 'available' AND scheduled_at <= `
	var n int64
	var err error
	switch db := c.database.(type) {
	case *pgxpool.Pool:
		err = db.QueryRow(ctx, query+`now()`).Scan(&n)
	case *sql.DB:
		err = db.QueryRowContext(ctx, query+`datetime('now', 'subsec')`).Scan(&n)
	default:
		err = errors.New("unknown database")
	}
	if err != nil {
		return 0, fmt.Errorf("count waiting jobs: %w", err)
	}
	return int(n), nil
}

// Start begins to work on jobs; the context's end cancels the work in hand.
func (c *Client) Start(ctx context.Context) error {
	if c.postgres != nil {
		return c.postgres.Start(ctx)
	}
	return c.sqlite.Start(ctx)
}

// jobCancelTime is how long cancelled work may take to note where it stands.
const jobCancelTime = 2 * time.Second

// Stop takes no more jobs and waits for those in hand until ctx ends; then it cancels them.
func (c *Client) Stop(ctx context.Context) error {
	stop, cancel := c.stoppers()
	err := stop(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		last, done := context.WithTimeout(context.WithoutCancel(ctx), jobCancelTime)
		defer done()
		return cancel(last)
	}
	return err
}

func (c *Client) stoppers() (stop, cancel func(context.Context) error) {
	if c.postgres != nil {
		return c.postgres.Stop, c.postgres.StopAndCancel
	}
	return c.sqlite.Stop, c.sqlite.StopAndCancel
}

// quiet silences River: what a job did is logged by the worker, in our words.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }
