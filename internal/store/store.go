package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"kontor/internal/hub"
	"kontor/internal/store/prepared"
	"kontor/internal/vault"
)

// Engine is the database below.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Options opens a store.
type Options struct {
	// Database is a postgres:// URL, or the path of the SQLite file.
	Database string
	Vault    *vault.Vault
	Now      func() time.Time
	// DatabaseClock has leases judged by the database's clock where it has one (PostgreSQL): nodes' own clocks differ.
	DatabaseClock bool
	// Steady is a clock that cannot be set, from any beginning: then double submissions are judged by counted time, see CountTime. nil takes
	// Now at its word.
	Steady func() time.Duration
	// Watcher is told what operators count; may be nil.
	Watcher Watcher
}

// Store is the memory of one installation. It is safe for concurrent use.
type Store struct {
	engine Engine
	write  *sql.DB // SQLite: one connection, every transaction takes the write lock at its begin
	group  group   // SQLite: callers of Write who share a commit
	read   *sql.DB // SQLite: many connections, each sees the last commit
	disk   disk    // SQLite: what it has said about the medium
	ended  ended   // SQLite: whether it has ended the transaction of group
	pool   *pgxpool.Pool
	vault  *vault.Vault
	now    func() time.Time
	watch  Watcher

	steady func() time.Duration // nil: now is taken at its word
	count  counter              // by steady

	databaseClock bool     // leases go by it
	working       sync.Map // resources whose lease this process works under

	wrapped sync.Map // hub.Owner → []byte: wrapped data keys never change
	masters masters
}

// Tx is one transaction. It must not outlive the function it was given to.
type Tx struct {
	c conn
	s *Store

	created map[hub.Owner][]byte      // wrapped data keys of owners made by this transaction
	opened  map[hub.Owner]*vault.Keys // keys that this transaction has used
	told    []func(w Watcher)         // what the watcher is told after the commit
}

// Open connects to the database. It neither creates nor migrates tables: Migrate does.
func Open(ctx context.Context, o Options) (*Store, error) {
	s := &Store{vault: o.Vault, now: o.Now, steady: o.Steady, watch: o.Watcher}
	if strings.HasPrefix(o.Database, "postgres://") || strings.HasPrefix(o.Database, "postgresql://") {
		s.engine = Postgres
		s.databaseClock = o.DatabaseClock
		pool, err := openPool(ctx, o.Database)
		if err != nil {
			return nil, fmt.Errorf("open database: %w", err)
		}
		if err := pool.Ping(ctx); err != nil {
			pool.Close()
			return nil, fmt.Errorf("reach database: %w", err)
		}
		s.pool = pool
		return s, nil
	}
	if strings.Contains(o.Database, "://") {
		return nil, errors.New("open database: want a postgres:// URL or the path of an SQLite file")
	}
	s.engine = SQLite
	s.disk.failed = make(chan error, 1)
	// The file is made here, readable for its owner only; the driver's own would be readable for others, and so would WAL and index.
	file, err := os.OpenFile(o.Database, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	// busy_timeout comes first: the other pragmas may already meet another process's lock.
	pragmas := "_pragma=busy_timeout(15000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)" +
		"&_pragma=secure_delete(1)" // what is deleted, for example a raw delivery, must not stay readable in free pages
	name := "file:" + (&url.URL{Path: o.Database}).EscapedPath() + "?" + pragmas
	write, err := prepared.OpenWatched(name+"&_txlock=immediate", func(err error) {
		s.disk.watch(err)
		s.ended.watch(err)
	})
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), write.Close())
	}
	read, err := prepared.OpenWatched(name+"&_pragma=query_only(1)", s.disk.watch)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), write.Close())
	}
	read.SetMaxOpenConns(8)
	read.SetMaxIdleConns(8)
	s.write, s.read = write, read
	s.group = group{db: write, now: o.Now, trusted: s.disk.trusted}
	return s, nil
}

// closeTime is for how long Close waits for connections that are in use.
const closeTime = 5 * time.Second

// Close closes the connections. On PostgreSQL it fails when one is still in use after closeTime, by a caller who waits for a server that
// does not answer for example: the process must end nevertheless.
func (s *Store) Close() error {
	if s.engine == Postgres {
		closed := make(chan struct{})
		go func() {
			defer close(closed)
			s.pool.Close()
		}()
		patience := time.NewTimer(closeTime)
		defer patience.Stop()
		select {
		case <-closed:
			return nil
		case <-patience.C:
			return errors.New("close database: connections are still in use")
		}
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Engine says which database is below.
func (s *Store) Engine() Engine { return s.engine }

// Native returns the connection pool for package job alone: *pgxpool.Pool or the writing *sql.DB.
func (s *Store) Native() any {
	if s.engine == Postgres {
		return s.pool
	}
	return s.write
}

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.disk.trusted(); err != nil {
		return err
	}
	return s.Read(ctx, func(tx *Tx) error {
		var one int64
		_, err := tx.one(ctx, `SELECT 1`, nil, &one)
		return err
	})
}

// Write runs f in a transaction that commits when f returns nil. f may run again, on PostgreSQL after a serialisation failure, a deadlock
// or a presumption that was wrong (see changesOne), on SQLite when another's failure ended a transaction they shared: so it must have no effect outside the transaction. When
// Write returns nil, what f did is durable. A context that ends while f runs does not undo what f has done; f may look at it.
func (s *Store) Write(ctx context.Context, f func(tx *Tx) error) error {
	var last *Tx // of several attempts the one that was committed, if any was
	err := s.commit(ctx, func(tx *Tx) error {
		last = tx
		return f(tx)
	})
	if err == nil {
		s.tell(last)
	}
	return err
}

func (s *Store) commit(ctx context.Context, f func(tx *Tx) error) error {
	if s.engine == Postgres {
		asks := false
		for attempt := 0; ; attempt++ {
			err := s.inPostgres(ctx, beginWrite, asks, f)
			if !asks && errors.Is(err, errPresumed) {
				asks = true
				continue
			}
			if attempt < 5 && retryable(err) {
				continue
			}
			return err
		}
	}
	if err := s.disk.trusted(); err != nil {
		return err
	}
	return diskFault(s.group.do(ctx, func(tx *sql.Tx) error {
		if err := f(&Tx{c: sharedConn{sqlConn{tx}, tx, &s.ended}, s: s}); err != nil {
			return err
		}
		return s.ended.look(tx) // f may have swallowed the error that ended it
	}))
}

// Read runs f in a read-only transaction that sees one state of the database.
func (s *Store) Read(ctx context.Context, f func(tx *Tx) error) error {
	if s.engine == Postgres {
		return s.inPostgres(ctx, beginRead, true, f)
	}
	return diskFault(s.inSQLite(ctx, s.read, f))
}

// Glance runs f for a single look-up, without a transaction around it: two statements of f may see two states of the database. It is what
// a request may cost that has not shown yet that it is worth more: on PostgreSQL one round trip instead of three.
func (s *Store) Glance(ctx context.Context, f func(tx *Tx) error) error {
	if s.engine == SQLite {
		return diskFault(f(&Tx{c: sqlConn{s.read}, s: s}))
	}
	for attempt := 0; ; attempt++ {
		lost, err := s.glancePostgres(ctx, f)
		if lost && ctx.Err() == nil && attempt < staleConnections { // nothing was written, so it may be asked again
			continue
		}
		return outage(ctx, err, lost)
	}
}

func (s *Store) glancePostgres(ctx context.Context, f func(tx *Tx) error) (lost bool, err error) {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, &hub.Error{Code: hub.CodeUnavailable, Message: "the database does not answer: try again", Err: err}
	}
	defer c.Release()
	err = f(&Tx{c: &pgConn{conn: c.Conn()}, s: s})
	return c.Conn().IsClosed(), err
}

func (s *Store) inPostgres(ctx context.Context, begin string, asks bool, f func(tx *Tx) error) error {
	for attempt := 0; ; attempt++ {
		committing, lost, err := s.onePostgres(ctx, begin, asks, f)
		// A pooled connection may have died with a server that is up again: before the commit nothing has been done on it.
		if lost && !committing && ctx.Err() == nil && attempt < staleConnections {
			continue
		}
		return outage(ctx, err, lost)
	}
}

// errDead is a pooled connection that died before it was used.
var errDead = errors.New("the connection to the database has ended")

// staleConnections is how many dead connections a transaction may meet before it gives up.
const staleConnections = 4

// onePostgres runs f in one transaction on one connection. committing says that the commit was sent, lost that the connection is gone.
func (s *Store) onePostgres(ctx context.Context, begin string, asks bool, f func(tx *Tx) error) (committing, lost bool, err error) {
	c, err := s.pool.Acquire(ctx)
	if err != nil {
		return false, false, &hub.Error{Code: hub.CodeUnavailable, Message: "the database does not answer: try again", Err: err}
	}
	defer c.Release()
	own := &pgConn{conn: c.Conn(), begin: begin, asks: asks}
	done := false
	defer func() { // also when f panics: the connection goes back to its pool
		if !done {
			own.rollback(ctx)
		}
	}()
	if err := f(&Tx{c: own, s: s}); err != nil {
		return false, c.Conn().IsClosed(), err
	}
	// All of it may go out with the commit. What was sent to a dead server might have been committed, so it must not be sent at all.
	if !own.begun && len(own.waiting) > 0 && !own.alive(ctx) {
		return false, true, errDead
	}
	err = own.commit(ctx)
	done = err == nil
	return true, c.Conn().IsClosed(), err
}

func (s *Store) inSQLite(ctx context.Context, db *sql.DB, f func(tx *Tx) error) (err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	defer func() { // also when f panics: there is one connection to write with, and it must come back
		if rerr := tx.Rollback(); rerr != nil && !errors.Is(rerr, sql.ErrTxDone) {
			err = errors.Join(err, rerr)
		}
	}()
	if err := f(&Tx{c: sqlConn{tx}, s: s}); err != nil {
		return err
	}
	return tx.Commit()
}

func retryable(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01"
	}
	return false
}

// Native returns the transaction for package job alone: pgx.Tx or *sql.Tx.
func (tx *Tx) Native() any { return tx.c.native() }

// NewID returns a new UUIDv7 in text form: ids of one process sort by the moment of their making.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Now returns the moment of the store's clock at the precision it keeps.
func (s *Store) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}

func insertStatement(table string, columns []string) string {
	var b strings.Builder
	b.Grow(64 + len(table) + 24*len(columns))
	b.WriteString("INSERT INTO ")
	b.WriteString(table)
	for i, c := range columns {
		b.WriteString([]string{" (", ", "}[min(i, 1)])
		b.WriteString(c)
	}
	b.WriteString(") VALUES ")
	for i := range columns {
		b.WriteString([]string{"($", ", $"}[min(i, 1)])
		b.WriteString(strconv.Itoa(i + 1))
	}
	b.WriteByte(')')
	return b.String()
}

// insert inserts one row; one that is there already is CodeConflict. On PostgreSQL the row may go out with the next statement, or before
// the commit at the latest, and that is where the error then shows: a transaction is void after its first error anyway.
func (tx *Tx) insert(ctx context.Context, table string, columns []string, values ...any) error {
	return tx.c.insert(ctx, table, columns, values)
}

// conflict makes the error of an insert ours.
func conflict(table string, err error) error {
	if err != nil && isUnique(err) {
		return &hub.Error{Code: hub.CodeConflict, Message: "this " + strings.ReplaceAll(table, "_", " ") + " exists already", Err: err}
	}
	return err
}

// isUnique recognises a violated unique constraint by the engines' own codes.
func isUnique(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "23505"
	}
	type coded interface{ Code() int }
	var c coded
	if errors.As(err, &c) {
		return c.Code() == 2067 || c.Code() == 1555 // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY
	}
	return false
}

// Now is Store.Now.
func (tx *Tx) Now() time.Time { return tx.s.Now() }
