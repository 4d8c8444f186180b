package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"
)

// ended notices that SQLite has ended a transaction by itself, as it does when a statement meets a full disk, a failed read or write, or no
// memory. Whoever goes on after such an error writes outside of any transaction, each statement durable by itself; and who joins the
// transaction begins one that nobody commits.
type ended struct {
	suspected atomic.Bool // an error came since the last look
}

// errEnded fails everything that is tried after SQLite has ended a transaction.
var errEnded = errors.New("SQLite has ended the transaction after an error before")

// watch is given every error of the connection that writes, also those that a caller swallows.
func (e *ended) watch(err error) {
	if code, ok := sqliteCode(err); ok && code&0xff != sqlite3.SQLITE_CONSTRAINT { // a refused row ends nothing
		e.suspected.Store(true)
	}
}

// look fails with errEnded if the transaction is none any more. It costs a statement only after an error.
func (e *ended) look(tx *sql.Tx) error {
	if !e.suspected.Load() {
		return nil
	}
	// A transaction can only be begun where there is none.
	if _, err := tx.ExecContext(context.Background(), "BEGIN"); err != nil {
		e.suspected.Store(false)
		return nil //nolint:nilerr // the refusal is the good answer
	}
	if _, err := tx.ExecContext(context.Background(), "ROLLBACK"); err != nil {
		return fmt.Errorf("%w; %w", errEnded, err)
	}
	return errEnded
}
