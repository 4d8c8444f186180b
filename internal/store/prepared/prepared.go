// Package prepared opens SQLite databases whose connections keep the statements they are given prepared. To parse and plan a statement
// takes SQLite longer than to execute it when it writes one row, and the job queue's statements, which are not ours to prepare, are long.
//
// A statement is recognised by its text. It is prepared when the text comes for the second time, and dropped after an error, or when
// others were used more lately. Callers notice nothing: database/sql works as ever, schema changes included, for SQLite itself prepares a
// statement anew when the tables have changed.
package prepared

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
)

// Limit is how many texts of statements a connection remembers. A program has some hundred; texts that are built at run time push each
// other out.
const Limit = 256

// Open opens the database that a driver name describes: "file:…" with its parameters. As sql.Open does, it connects later.
func Open(name string) (*sql.DB, error) { return OpenWatched(name, func(error) {}) }

// OpenWatched is Open; watch is given every error of the driver's before the caller gets it, by any goroutine.
func OpenWatched(name string, watch func(error)) (*sql.DB, error) {
	inner, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{inner, watch}), nil
}

type connector struct {
	driver.Connector
	watch func(error)
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	inner, ok := opened.(innerConn)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's connection is a %T, which lacks methods", opened), opened.Close())
	}
	return &conn{innerConn: inner, watch: c.watch, known: map[string]*statement{}}, nil
}

// innerConn is what the driver's connections can do.
type innerConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is used by one goroutine at a time, as database/sql promises.
type conn struct {
	innerConn
	watch func(error)
	known map[string]*statement // by text
	clock int64                 // counts uses
}

// statement is a text that was seen. It has a driver's statement from its second use on.
type statement struct {
	inner innerStatement
	used  int64 // clock of the last use
	busy  bool  // its rows are being read: the same text needs another statement meanwhile
}

type innerStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// Close implements driver.Conn.
func (c *conn) Close() error {
	var errs []error
	for text := range c.known {
		errs = append(errs, c.drop(text))
	}
	return errors.Join(append(errs, c.innerConn.Close())...)
}

func (c *conn) drop(text string) error {
	s := c.known[text]
	delete(c.known, text)
	if s == nil || s.inner == nil {
		return nil
	}
	return s.inner.Close()
}

// statement returns the prepared statement of a text, nil when there is none to be used now.
func (c *conn) statement(ctx context.Context, text string) (*statement, error) {
	c.clock++
	s := c.known[text]
	if s == nil {
		if err := c.makeRoom(); err != nil {
			return nil, err
		}
		c.known[text] = &statement{used: c.clock}
		return nil, nil
	}
	s.used = c.clock
	if s.busy {
		return nil, nil
	}
	if s.inner == nil {
		prepared, err := c.innerConn.PrepareContext(ctx, text)
		if err != nil {
			return nil, err
		}
		inner, ok := prepared.(innerStatement)
		if !ok {
			return nil, errors.Join(fmt.Errorf("the driver's statement is a %T, which lacks methods", prepared), prepared.Close())
		}
		s.inner = inner
	}
	return s, nil
}

// makeRoom forgets the text whose last use is longest ago when there are too many.
func (c *conn) makeRoom() error {
	if len(c.known) < Limit {
		return nil
	}
	oldest, at := "", c.clock
	for text, s := range c.known {
		if !s.busy && s.used < at {
			oldest, at = text, s.used
		}
	}
	return c.drop(oldest)
}

// seen shows an error to who watches.
func (c *conn) seen(err error) {
	if err != nil {
		c.watch(err)
	}
}

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	t, err := c.innerConn.BeginTx(ctx, o)
	if err != nil {
		c.seen(err)
		return nil, err
	}
	return tx{t, c}, nil
}

type tx struct {
	driver.Tx
	on *conn
}

// Commit implements driver.Tx.
func (t tx) Commit() error {
	err := t.Tx.Commit()
	t.on.seen(err)
	return err
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (_ driver.Result, err error) {
	defer func() { c.seen(err) }()
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.innerConn.ExecContext(ctx, text, args)
	}
	result, err := s.inner.ExecContext(ctx, args)
	if err != nil {
		// It may have stopped half way; closing it is the surest way to leave nothing open. Its own error is this one again.
		_ = c.drop(text)
		return nil, err
	}
	return result, nil
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (_ driver.Rows, err error) {
	defer func() { c.seen(err) }()
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.innerConn.QueryContext(ctx, text, args)
	}
	found, err := s.inner.QueryContext(ctx, args)
	if err != nil {
		_ = c.drop(text) // see ExecContext
		return nil, err
	}
	inner, ok := found.(innerRows)
	if !ok {
		return nil, errors.Join(fmt.Errorf("the driver's rows are a %T, which lacks methods", found), found.Close(), c.drop(text))
	}
	s.busy = true
	return &rows{innerRows: inner, of: s}, nil
}

type innerRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

type rows struct {
	innerRows
	of *statement
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	r.of.busy = false
	return r.innerRows.Close()
}
