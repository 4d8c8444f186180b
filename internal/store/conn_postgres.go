package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connections is how many connections a process holds at most unless its URL says pool_max_conns: enough that commits wait for the disk
// together, few enough for a server that allows 100 in all.
func connections() int32 { return int32(min(16+4*runtime.GOMAXPROCS(0), 40)) }

// A process that stands still, or whose machine is gone, in the middle of a transaction holds its locks: the server gives up on it after
// this time, so that other nodes go on. No transaction of ours waits for anything outside the database.
const (
	idleLimitName = "idle_in_transaction_session_timeout"
	idleLimit     = "30s"
)

// keepAlive is how often an idle connection is tried, so that one to a server that vanished ends.
const keepAlive = 5 * time.Second

func openPool(ctx context.Context, url string) (*pgxpool.Pool, error) {
	settings, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(url, "pool_max_conns") {
		settings.MaxConns = connections()
	}
	if _, chosen := settings.ConnConfig.RuntimeParams[idleLimitName]; !chosen {
		settings.ConnConfig.RuntimeParams[idleLimitName] = idleLimit
	}
	dialer := &net.Dialer{Timeout: settings.ConnConfig.ConnectTimeout, KeepAlive: keepAlive, Control: dialControl}
	settings.ConnConfig.DialFunc = dialer.DialContext
	return pgxpool.NewWithConfig(ctx, settings)
}

// pgConn is one transaction on PostgreSQL, or single look-ups without one. What costs there is the round trip, so the transaction begins
// with its first statement, statements whose answer nobody needs wait for the next one that is needed, and the last of them go out with the
// commit: what only inserts is one round trip in all.
type pgConn struct {
	conn    *pgx.Conn
	begin   string // the statement that begins the transaction; "" for single look-ups, which write nothing
	begun   bool
	asks    bool // nothing is presumed any more, see changesOne
	waiting []waitingStatement
}

// waitingStatement is an insert into a table, or a statement that is presumed to return one row.
type waitingStatement struct {
	statement string
	args      []any
	table     string // "" unless the statement is an insert of ours
	presumed  bool
}

// errPresumed ends a transaction that took for granted that a statement changes or finds a row when it does not. It runs again, and asks.
var errPresumed = errors.New("a row that was to be changed or found is not there")

// failure makes the error of a waiting statement ours.
func (w waitingStatement) failure(err error) error {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && w.presumed && e.Code == "22P02" { // invalid_text_representation
		return errPresumed
	}
	if w.table == "" {
		return err
	}
	return conflict(w.table, err)
}

const (
	beginWrite = "begin"
	beginRead  = "begin isolation level repeatable read read only"
)

// fewRows is up to how many rows are inserted one by one, within one round trip. COPY takes three.
const fewRows = 16

var errReadOnly = errors.New("a look-up cannot write")

func (c *pgConn) native() any { return pgTx{c} }

func (c *pgConn) insert(_ context.Context, table string, columns []string, values []any) error {
	if c.begin == "" {
		return errReadOnly
	}
	c.waiting = append(c.waiting, waitingStatement{statement: insertStatement(table, columns), args: values, table: table})
	return nil
}

// presume has a statement wait that is thought to return one row. If it does not, it fails, and with it the transaction: a number is asked
// of a text that is none. The text is for those who read the server's log.
func (c *pgConn) presume(statement string, args []any) error {
	if c.begin == "" {
		return errReadOnly
	}
	c.waiting = append(c.waiting, waitingStatement{
		statement: "WITH presumed AS (" + statement + ") SELECT (CASE count(*) WHEN 1 THEN '1' " +
			"ELSE 'nothing is wrong: kontor runs this transaction again and asks first' END)::integer FROM presumed",
		args: args, presumed: true,
	})
	return nil
}

// direct says whether a statement can be sent alone.
func (c *pgConn) direct() bool { return len(c.waiting) == 0 && (c.begun || c.begin == "") }

// flush begins the transaction, if it has not begun, and sends what waits.
func (c *pgConn) flush(ctx context.Context) error {
	if c.direct() {
		return nil
	}
	results, err := c.send(ctx, &pgx.Batch{})
	if cerr := results.Close(); err == nil {
		err = cerr
	}
	return err
}

// commit sends what waits and commits. Nothing was begun when there was no statement.
func (c *pgConn) commit(ctx context.Context) error {
	if !c.begun && len(c.waiting) == 0 {
		return nil
	}
	tag, err := c.run(ctx, "commit")
	if err == nil && tag.String() == "ROLLBACK" { // PostgreSQL's answer after a statement that failed
		err = pgx.ErrTxCommitRollback
	}
	return err
}

// rollback ends the transaction after an error. A connection on which that does not work is thrown away by its pool.
func (c *pgConn) rollback(ctx context.Context) {
	if !c.begun || c.conn.IsClosed() {
		return
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
	defer done()
	_, _ = c.conn.Exec(ctx, "rollback")
}

// rollbackTime is how long a rollback may take.
const rollbackTime = 5 * time.Second

// send puts what waits before the statements of a batch and sends all at once; the results that it returns begin with those of the
// batch's own statements. They are to be closed also when there is an error.
func (c *pgConn) send(ctx context.Context, own *pgx.Batch) (pgx.BatchResults, error) {
	var all pgx.Batch
	waiting := c.waiting
	c.waiting = nil
	begins := c.begin != "" && !c.begun
	if begins {
		all.Queue(c.begin)
		c.begun = true
	}
	for _, w := range waiting {
		all.Queue(w.statement, w.args...)
	}
	for _, q := range own.QueuedQueries {
		all.Queue(q.SQL, q.Arguments...)
	}
	results := c.conn.SendBatch(ctx, &all)
	if begins {
		if _, err := results.Exec(); err != nil {
			return results, fmt.Errorf("begin transaction: %w", err)
		}
	}
	for _, w := range waiting {
		if _, err := results.Exec(); err != nil {
			return results, w.failure(err)
		}
	}
	return results, nil
}

// run executes one statement, after what waits.
func (c *pgConn) run(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	if c.direct() {
		return c.conn.Exec(ctx, query, args...)
	}
	var b pgx.Batch
	b.Queue(query, args...)
	results, err := c.send(ctx, &b)
	if err != nil {
		_ = results.Close() // says the same again
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if cerr := results.Close(); err == nil {
		err = cerr
	}
	return tag, err
}

func (c *pgConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.run(ctx, query, args...)
	return tag.RowsAffected(), err
}

// pgRows ends its batch, if it came in one.
type pgRows struct {
	pgx.Rows
	batch pgx.BatchResults
}

func (r pgRows) close() error {
	r.Rows.Close()
	err := r.Rows.Err()
	if r.batch != nil {
		if cerr := r.batch.Close(); err == nil {
			err = cerr
		}
	}
	return err
}

func (c *pgConn) query(ctx context.Context, query string, args ...any) (rows, error) {
	if c.direct() {
		r, err := c.conn.Query(ctx, query, args...)
		if err != nil {
			return nil, err
		}
		return pgRows{Rows: r}, nil
	}
	var b pgx.Batch
	b.Queue(query, args...)
	results, err := c.send(ctx, &b)
	if err != nil {
		_ = results.Close() // says the same again
		return nil, err
	}
	r, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return pgRows{Rows: r, batch: results}, nil
}

func (c *pgConn) several(ctx context.Context, all []lookup) (err error) {
	var b pgx.Batch
	for _, l := range all {
		b.Queue(l.query, l.args...)
	}
	results, err := c.send(ctx, &b)
	defer func() {
		if cerr := results.Close(); err == nil {
			err = cerr
		}
	}()
	for _, l := range all {
		if err != nil {
			return err
		}
		r, qerr := results.Query()
		if qerr != nil {
			return qerr
		}
		err = scanAll(pgRows{Rows: r}, l.scan)
		r.Close()
	}
	return err
}

func (c *pgConn) bulk(ctx context.Context, table string, columns []string, values [][]any) error {
	if len(values) <= fewRows {
		for _, v := range values {
			if err := c.insert(ctx, table, columns, v); err != nil {
				return err
			}
		}
		return nil
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	_, err := c.conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(values))
	return err
}

// alive says whether a connection on which nothing was sent yet can be used. It costs no round trip as long as the server has said nothing
// since: what a dead one leaves is the end of the stream, and its last words before it.
func (c *pgConn) alive(ctx context.Context) bool {
	return silent(c.conn.PgConn().Conn()) || c.conn.Ping(ctx) == nil
}

// pgTx is the transaction as package job sees it. It may not end it, nor begin another within. What is asked for by Exec and Query waits as
// inserts do, and the answers are never seen: package job only inserts.
type pgTx struct{ c *pgConn }

var _ pgx.Tx = pgTx{}

var errNotYours = errors.New("the store begins and ends the transaction")

// Begin implements pgx.Tx.
func (pgTx) Begin(context.Context) (pgx.Tx, error) { return nil, errNotYours }

// Commit implements pgx.Tx.
func (pgTx) Commit(context.Context) error { return errNotYours }

// Rollback implements pgx.Tx.
func (pgTx) Rollback(context.Context) error { return errNotYours }

// LargeObjects implements pgx.Tx; there are none.
func (pgTx) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

// Conn implements pgx.Tx.
func (t pgTx) Conn() *pgx.Conn { return t.c.conn }

func (t pgTx) wait(statement string, args []any) error {
	if t.c.begin == "" {
		return errReadOnly
	}
	t.c.waiting = append(t.c.waiting, waitingStatement{statement: statement, args: args})
	return nil
}

// Exec implements pgx.Tx: the statement waits.
func (t pgTx) Exec(_ context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, t.wait(query, args)
}

// Query implements pgx.Tx: the statement waits, and no rows are returned.
func (t pgTx) Query(_ context.Context, query string, args ...any) (pgx.Rows, error) {
	if err := t.wait(query, args); err != nil {
		return nil, err
	}
	return noRows{}, nil
}

// QueryRow implements pgx.Tx.
func (t pgTx) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	if err := t.c.flush(ctx); err != nil {
		return failedRow{err}
	}
	return t.c.conn.QueryRow(ctx, query, args...)
}

type failedRow struct{ err error }

// Scan implements pgx.Row.
func (r failedRow) Scan(...any) error { return r.err }

// noRows is the result of a statement that waits.
type noRows struct{}

var _ pgx.Rows = noRows{}

func (noRows) Close()                                       {}
func (noRows) Err() error                                   { return nil }
func (noRows) CommandTag() pgconn.CommandTag                { return pgconn.CommandTag{} }
func (noRows) FieldDescriptions() []pgconn.FieldDescription { return nil }
func (noRows) Next() bool                                   { return false }
func (noRows) Scan(...any) error                            { return pgx.ErrNoRows }
func (noRows) Values() ([]any, error)                       { return nil, pgx.ErrNoRows }
func (noRows) RawValues() [][]byte                          { return nil }
func (noRows) Conn() *pgx.Conn                              { return nil }
func (noRows) TypeMap() *pgtype.Map                         { return nil }

// SendBatch implements pgx.Tx.
func (t pgTx) SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults {
	if err := t.c.flush(ctx); err != nil {
		// What cannot begin must not run outside: an ended context has the batch fail unsent.
		ended, end := context.WithCancelCause(ctx)
		end(err)
		ctx = ended
	}
	return t.c.conn.SendBatch(ctx, b)
}

// CopyFrom implements pgx.Tx.
func (t pgTx) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, source pgx.CopyFromSource) (int64, error) {
	if err := t.c.flush(ctx); err != nil {
		return 0, err
	}
	return t.c.conn.CopyFrom(ctx, table, columns, source)
}

// Prepare implements pgx.Tx.
func (t pgTx) Prepare(ctx context.Context, name, query string) (*pgconn.StatementDescription, error) {
	return t.c.conn.Prepare(ctx, name, query)
}
