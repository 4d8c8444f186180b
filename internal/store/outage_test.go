package store

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"kontor/internal/hub"
	"kontor/internal/pgtest"
)

// A caller who may try again must be told so; a mistake of ours must not hide behind "try again".
func TestOutagesAreToldFromMistakes(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	for _, tc := range []struct {
		name string
		ctx  context.Context
		err  error
		lost bool
		want hub.Code
	}{
		{"nothing failed", t.Context(), nil, true, ""},
		{"the connection was lost", t.Context(), io.ErrUnexpectedEOF, true, hub.CodeUnavailable},
		{"the caller hung up, which closes the connection", ended, context.Canceled, true, ""},
		{"killed by an administrator", t.Context(), &pgconn.PgError{Code: "57P01"}, true, hub.CodeUnavailable},
		{"another process of the server crashed", t.Context(), &pgconn.PgError{Code: "57P02"}, true, hub.CodeUnavailable},
		{"starting up", t.Context(), &pgconn.PgError{Code: "57P03"}, false, hub.CodeUnavailable},
		{"too many connections", t.Context(), &pgconn.PgError{Code: "53300"}, false, hub.CodeUnavailable},
		{"its disk is full", t.Context(), &pgconn.PgError{Code: "53100"}, false, hub.CodeStorageFull},
		{"its disk fails", t.Context(), &pgconn.PgError{Code: "58030"}, false, hub.CodeUnavailable},
		{"the server is a standby", t.Context(), &pgconn.PgError{Code: "25006"}, false, hub.CodeUnavailable},
		{"a mistake in a statement", t.Context(), &pgconn.PgError{Code: "42601"}, false, ""},
		{"our own refusal", t.Context(), hub.Errorf(hub.CodeConflict, "no"), true, hub.CodeConflict},
		{"another failure", t.Context(), errors.New("no"), false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := hub.CodeOf(outage(tc.ctx, tc.err, tc.lost)); got != tc.want {
				t.Errorf("code %q, want %q", got, tc.want)
			}
		})
	}
}

// Connections that died with the server are not given to callers after it is up again.
func TestRestartedServerIsUsedAtOnce(t *testing.T) {
	server := pgtest.Start(t)
	s, err := Open(t.Context(), Options{Database: server.Database(t), Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Kill(t)
	for _, do := range []func(context.Context, func(*Tx) error) error{s.Read, s.Write} {
		err := do(t.Context(), func(tx *Tx) error {
			var one int64
			if found, err := tx.one(t.Context(), `SELECT 1`, nil, &one); found || err != nil {
				return err
			}
			t.Error("a dead server has answered")
			return nil
		})
		if hub.CodeOf(err) != hub.CodeUnavailable {
			t.Errorf("without a server: %v", err)
		}
	}
	server.Restart(t)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}

// A node that stands still in the middle of a transaction must not hold up the others for ever with its locks.
func TestStandingTransactionLosesItsLocks(t *testing.T) {
	url := pgtest.Database(t)
	open := func(url string) *Store {
		t.Helper()
		s, err := Open(t.Context(), Options{Database: url, Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		return s
	}
	standing, other := open(url+"&"+idleLimitName+"=200ms"), open(url)
	if err := other.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, held, err := standing.Acquire(t.Context(), "thing", "standing", time.Nanosecond); err != nil || !held {
		t.Fatalf("held %t, error %v", held, err)
	}
	err := standing.Write(t.Context(), func(tx *Tx) error {
		if err := tx.Overtake(t.Context(), "thing"); err != nil { // the row is locked now
			return err
		}
		// The other's statement waits for the row until the server has ended this transaction, in which nothing happens.
		ctx, done := context.WithTimeout(t.Context(), time.Minute)
		defer done()
		if _, held, err := other.Acquire(ctx, "thing", "other", time.Minute); err != nil || !held {
			t.Errorf("the other node: held %t, error %v", held, err)
		}
		_, err := tx.exec(t.Context(), "SELECT 1")
		return err
	})
	// It is run again, since nothing of it was committed, and finds that it was overtaken.
	if hub.CodeOf(err) != hub.CodeConflict {
		t.Errorf("the transaction that stood still: %v", err)
	}
	var limit string
	if err := other.pool.QueryRow(t.Context(), "SHOW "+idleLimitName).Scan(&limit); err != nil || limit != idleLimit {
		t.Errorf("by default the limit is %q, error %v", limit, err)
	}
}
