package store

import (
	"context"
	"database/sql"
	"errors"
)

// conn is the seam between the two engines: what a transaction of either can do. Placeholders are $1…$n, each used in order of
// appearance and once, arguments and results are int64, string, []byte.
type conn interface {
	exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	query(ctx context.Context, query string, args ...any) (rows, error)
	// insert inserts one row, see Tx.insert.
	insert(ctx context.Context, table string, columns []string, values []any) error
	// bulk inserts many rows.
	bulk(ctx context.Context, table string, columns []string, values [][]any) error
	native() any
}

type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	close() error
}

// sqlRunner is *sql.Tx, or for single look-ups *sql.DB.
type sqlRunner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// sqlConn is SQLite. Statements are kept prepared by the connection below, see package prepared.
type sqlConn struct{ on sqlRunner }

func (c sqlConn) native() any { return c.on }

func (c sqlConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := c.on.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

type sqlRows struct{ *sql.Rows }

func (r sqlRows) close() error { return r.Rows.Close() }

func (c sqlConn) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := c.on.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the caller of the seam closes and checks
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

func (c sqlConn) insert(ctx context.Context, table string, columns []string, values []any) error {
	_, err := c.on.ExecContext(ctx, insertStatement(table, columns), values...)
	return conflict(table, err)
}

func (c sqlConn) bulk(ctx context.Context, table string, columns []string, values [][]any) error {
	if len(values) == 0 {
		return nil
	}
	statement := insertStatement(table, columns)
	for _, v := range values {
		if _, err := c.on.ExecContext(ctx, statement, v...); err != nil {
			return err
		}
	}
	return nil
}

// sharedConn is a transaction that several callers may share. When a statement is interrupted, SQLite rolls the whole transaction back,
// so the end of one caller's context must not interrupt: it is noticed before a statement. So is that SQLite has ended the transaction by
// itself.
type sharedConn struct {
	sqlConn
	tx    *sql.Tx
	ended *ended
}

// usable fails when no further statement may run.
func (c sharedConn) usable(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.ended.look(c.tx)
}

func (c sharedConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := c.usable(ctx); err != nil {
		return 0, err
	}
	return c.sqlConn.exec(context.WithoutCancel(ctx), query, args...)
}

func (c sharedConn) query(ctx context.Context, query string, args ...any) (rows, error) {
	if err := c.usable(ctx); err != nil {
		return nil, err
	}
	return c.sqlConn.query(context.WithoutCancel(ctx), query, args...)
}

func (c sharedConn) insert(ctx context.Context, table string, columns []string, values []any) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	return c.sqlConn.insert(context.WithoutCancel(ctx), table, columns, values)
}

func (c sharedConn) bulk(ctx context.Context, table string, columns []string, values [][]any) error {
	if err := c.usable(ctx); err != nil {
		return err
	}
	return c.sqlConn.bulk(context.WithoutCancel(ctx), table, columns, values)
}

// each runs a query and hands every row to scan.
func (tx *Tx) each(ctx context.Context, query string, args []any, scan func(r rows) error) (err error) {
	r, err := tx.c.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	return scanAll(r, scan)
}

func scanAll(r rows, scan func(r rows) error) error {
	for r.Next() {
		if err := scan(r); err != nil {
			return err
		}
	}
	return r.Err()
}

// lookup is a query whose rows are handed to scan.
type lookup struct {
	query string
	args  []any
	scan  func(r rows) error
}

// several runs look-ups that do not need one another's results: on PostgreSQL in one round trip.
func (tx *Tx) several(ctx context.Context, all ...lookup) error {
	if p, ok := tx.c.(*pgConn); ok {
		return p.several(ctx, all)
	}
	for _, l := range all {
		if err := tx.each(ctx, l.query, l.args, l.scan); err != nil {
			return err
		}
	}
	return nil
}

// one runs a query that yields at most one row; found is false when there is none.
func (tx *Tx) one(ctx context.Context, query string, args []any, dest ...any) (found bool, err error) {
	err = tx.each(ctx, query, args, func(r rows) error {
		found = true
		return r.Scan(dest...)
	})
	return found && err == nil, err
}

func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	return tx.c.exec(ctx, query, args...)
}

// changesOne executes a statement that changes one row or none, and says which. On PostgreSQL it waits as inserts do, and the transaction
// takes for granted, the first time, that it changes one; when it does not, the function of the transaction runs again and gets the answer.
// So it is for what changes a row nearly always.
func (tx *Tx) changesOne(ctx context.Context, query string, args ...any) (bool, error) {
	if p, ok := tx.c.(*pgConn); ok && !p.asks {
		return true, p.presume(query+" RETURNING 1", args)
	}
	n, err := tx.exec(ctx, query, args...)
	return n == 1, err
}

// holds says whether a look-up finds one row. Within Write it is for what nearly always holds: on PostgreSQL that is presumed as by changesOne.
func (tx *Tx) holds(ctx context.Context, query string, args ...any) (bool, error) {
	if p, ok := tx.c.(*pgConn); ok && !p.asks && p.begin == beginWrite {
		return true, p.presume(query, args)
	}
	var one int64
	return tx.one(ctx, query, args, &one)
}
