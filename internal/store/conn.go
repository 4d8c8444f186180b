package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
)

// conn is the seam between the two engines: what a transaction of either can do. Placeholders are $1…$n, each used in order of
// appearance and once, arguments and results are int64, string, []byte.
type conn interface {
	exec(ctx context.Context, query string, args ...any) (affected int64, err error)
	query(ctx context.Context, query string, args ...any) (rows, error)
	// bulk inserts many rows: prepared statement on SQLite, COPY on PostgreSQL.
	bulk(ctx context.Context, table string, columns []string, values [][]any) error
	native() any
}

type rows interface {
	Next() bool
	Scan(dest ...any) error
	Err() error
	close() error
}

type sqlConn struct{ tx *sql.Tx }

func (c sqlConn) native() any { return c.tx }

func (c sqlConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := c.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

type sqlRows struct{ *sql.Rows }

func (r sqlRows) close() error { return r.Rows.Close() }

func (c sqlConn) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := c.tx.QueryContext(ctx, query, args...) //nolint:rowserrcheck // the caller of the seam closes and checks
	if err != nil {
		return nil, err
	}
	return sqlRows{r}, nil
}

func (c sqlConn) bulk(ctx context.Context, table string, columns []string, values [][]any) (err error) {
	if len(values) == 0 {
		return nil
	}
	stmt, err := c.tx.PrepareContext(ctx, insertStatement(table, columns))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	for _, v := range values {
		if _, err := stmt.ExecContext(ctx, v...); err != nil {
			return err
		}
	}
	return nil
}

// sharedConn is a transaction that several callers may share. When a statement is interrupted, SQLite rolls the whole transaction back,
// so the end of one caller's context must not interrupt: it is noticed before a statement.
type sharedConn struct{ sqlConn }

func (c sharedConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return c.sqlConn.exec(context.WithoutCancel(ctx), query, args...)
}

func (c sharedConn) query(ctx context.Context, query string, args ...any) (rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return c.sqlConn.query(context.WithoutCancel(ctx), query, args...)
}

func (c sharedConn) bulk(ctx context.Context, table string, columns []string, values [][]any) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.sqlConn.bulk(context.WithoutCancel(ctx), table, columns, values)
}

type pgConn struct{ tx pgx.Tx }

func (c pgConn) native() any { return c.tx }

func (c pgConn) exec(ctx context.Context, query string, args ...any) (int64, error) {
	tag, err := c.tx.Exec(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return tag.RowsAffected(), nil
}

type pgRows struct{ pgx.Rows }

func (r pgRows) close() error { r.Rows.Close(); return r.Rows.Err() }

func (c pgConn) query(ctx context.Context, query string, args ...any) (rows, error) {
	r, err := c.tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgRows{r}, nil
}

func (c pgConn) bulk(ctx context.Context, table string, columns []string, values [][]any) error {
	if len(values) == 0 {
		return nil
	}
	_, err := c.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(values))
	return err
}

// each runs a query and hands every row to scan.
func (tx *Tx) each(ctx context.Context, query string, args []any, scan func(r rows) error) (err error) {
	r, err := tx.c.query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	for r.Next() {
		if err := scan(r); err != nil {
			return err
		}
	}
	return r.Err()
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
