// Package books keeps what the sandbox bank knows in an SQLite file of its own:
// partners and users, accounts and their entries, orders and their signatures,
// the customer protocol, what is offered for download, and a log of every EBICS
// transaction. It stores rows and says nothing about what they mean; the bank's
// behaviour is in package bank.
//
// Everything happens in transactions of Do; a committed one survives kill -9
// and power loss (WAL, synchronous=FULL). Times are UTC with microseconds.
package books

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"time"

	_ "modernc.org/sqlite" // the books' only engine
)

//go:embed schema.sql
var schema string

// schemaVersion is kept in SQLite's user_version; books of another version are
// refused, since a sandbox is rebuilt more easily than converted.
const schemaVersion = 2

// ErrConflict says that a row exists already, or is no longer in the state that
// a change expects.
var ErrConflict = errors.New("conflict with what the books say")

// Books are open books. Safe for concurrent use; one transaction at a time.
type Books struct{ db *sql.DB }

// Tx is one transaction of Do; not for use after Do has returned.
type Tx struct{ tx *sql.Tx }

// Open opens the file at path, making it if it is missing. Only one process may
// have it open; the caller sees to that.
func Open(ctx context.Context, path string) (*Books, error) {
	query := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+query.Encode())
	if err != nil {
		return nil, fmt.Errorf("opening books: %w", err)
	}
	db.SetMaxOpenConns(1) // one writer at a time is all that SQLite has; it also orders the readers
	b := &Books{db: db}
	if err := b.Do(ctx, func(tx *Tx) error { return tx.prepare(ctx) }); err != nil {
		return nil, errors.Join(fmt.Errorf("opening books: %w", err), db.Close())
	}
	return b, nil
}

// Close closes the file.
func (b *Books) Close() error {
	if err := b.db.Close(); err != nil {
		return fmt.Errorf("closing books: %w", err)
	}
	return nil
}

// Do runs do in a transaction: committed if it returns nil, otherwise undone,
// and its error returned as it is.
func (b *Books) Do(ctx context.Context, do func(*Tx) error) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := do(&Tx{tx}); err != nil {
		if undo := tx.Rollback(); undo != nil && !errors.Is(undo, sql.ErrTxDone) {
			return errors.Join(err, undo)
		}
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (tx *Tx) prepare(ctx context.Context) error {
	version, _, err := one(ctx, tx, scalar[int], `PRAGMA user_version`)
	if err != nil {
		return err
	}
	switch version {
	case schemaVersion:
		return nil
	case 0:
		if _, err := tx.exec(ctx, schema); err != nil {
			return err
		}
		_, err := tx.exec(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion))
		return err
	}
	return fmt.Errorf("books have version %d: this program keeps version %d; start with a new data folder", version, schemaVersion)
}

// Fact returns a fact about the bank itself, "" if it is not set.
func (tx *Tx) Fact(ctx context.Context, name string) (string, error) {
	value, _, err := one(ctx, tx, scalar[string], `SELECT value FROM facts WHERE name = ?`, name)
	return value, err
}

// SetFact sets or changes a fact.
func (tx *Tx) SetFact(ctx context.Context, name, value string) error {
	_, err := tx.exec(ctx, `INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// exec returns the number of changed rows.
func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := tx.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// guarded is exec for changes that must touch exactly one row.
func (tx *Tx) guarded(ctx context.Context, query string, args ...any) error {
	n, err := tx.exec(ctx, query, args...)
	if err != nil {
		return err
	}
	if n != 1 {
		return ErrConflict
	}
	return nil
}

// row is what sql.Rows and sql.Row have in common.
type row interface{ Scan(dest ...any) error }

// all reads every row before it returns: there is one connection only.
func all[T any](ctx context.Context, tx *Tx, scan func(row) (T, error), query string, args ...any) (list []T, err error) {
	rows, err := tx.tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		item, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, rows.Err()
}

func one[T any](ctx context.Context, tx *Tx, scan func(row) (T, error), query string, args ...any) (T, bool, error) {
	item, err := scan(tx.tx.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		var none T
		return none, false, nil
	}
	return item, err == nil, err
}

func scalar[T any](r row) (value T, err error) {
	err = r.Scan(&value)
	return value, err
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}
