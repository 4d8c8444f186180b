package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"kontor/internal/hub"
)

// outage tells callers of a failed transaction on PostgreSQL to try again when it failed because the database went away, is starting or
// stopping, or takes no writes since another server has become the primary. lost says that the connection is gone. What was being
// committed at that moment may have been committed: whoever repeats a write must recognise it.
func outage(ctx context.Context, err error, lost bool) error {
	if err == nil || ctx.Err() != nil || hub.CodeOf(err) != "" {
		return err
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		if e.Code == "53100" { // disk_full
			return diskFull(err)
		}
		lost = lost || unavailable(e.Code)
	}
	if !lost {
		return err
	}
	return &hub.Error{Code: hub.CodeUnavailable, Message: "the database does not answer: try again", Err: err}
}

// unavailable says whether an SQLSTATE is about the server and not about the statement.
func unavailable(state string) bool {
	switch {
	case strings.HasPrefix(state, "08"): // connection exception
	case strings.HasPrefix(state, "57P"): // shut down, crashed, cannot connect now, database dropped
	case state == "53300": // too many connections
	case state == "58030": // io_error: the statement was fine, the server's disk was not
	case state == "25P03" || state == "25P04": // the session stood still within a transaction, which the server ended
	case state == "25006": // read-only: a standby, or a primary that was demoted
	default:
		return false
	}
	return true
}
