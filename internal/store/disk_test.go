package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	sqlite3 "modernc.org/sqlite/lib"

	"kontor/internal/hub"
)

// says is an error as SQLite's driver makes them.
type says int

func (s says) Error() string { return fmt.Sprintf("sqlite says %d", int(s)) }
func (s says) Code() int     { return int(s) }

// Who gets the code knows whether to try again; a mistake of ours stays internal.
func TestWhatTheDiskSaysHasACode(t *testing.T) {
	for _, row := range []struct {
		name string
		err  error
		want hub.Code
	}{
		{"no room", says(sqlite3.SQLITE_FULL), hub.CodeStorageFull},
		{"no room for the index of the log", says(sqlite3.SQLITE_IOERR_SHMSIZE), hub.CodeStorageFull},
		{"a failed write", says(sqlite3.SQLITE_IOERR_WRITE), hub.CodeUnavailable},
		{"a failed read", says(sqlite3.SQLITE_IOERR_READ), hub.CodeUnavailable},
		{"a failed fsync", says(sqlite3.SQLITE_IOERR_FSYNC), hub.CodeUnavailable},
		{"no descriptor left", says(sqlite3.SQLITE_CANTOPEN), hub.CodeUnavailable},
		{"locked by a command", says(sqlite3.SQLITE_BUSY), hub.CodeUnavailable},
		{"wrapped", fmt.Errorf("begin transaction: %w", says(sqlite3.SQLITE_FULL)), hub.CodeStorageFull},
		{"a violated constraint", says(sqlite3.SQLITE_CONSTRAINT_UNIQUE), ""},
		{"a damaged file", says(sqlite3.SQLITE_CORRUPT), ""},
		{"our own refusal", &hub.Error{Code: hub.CodeConflict, Message: "no", Err: says(sqlite3.SQLITE_FULL)}, hub.CodeConflict},
		{"no error", nil, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := diskFault(row.err)
			if hub.CodeOf(got) != row.want || !errors.Is(got, row.err) {
				t.Errorf("%v, want code %q", got, row.want)
			}
		})
	}
}

// R5: after a failed fsync nothing may be written any more, whoever it failed for, since the next one would report success without the data.
func TestR5FailedSyncEndsAllWriting(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, Options{Database: t.TempDir() + "/kontor.db", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	works := func(*Tx) error { return nil }
	s.disk.watch(says(sqlite3.SQLITE_FULL))
	s.disk.watch(sql.ErrNoRows)
	if err := s.Write(ctx, works); err != nil {
		t.Fatalf("after errors that say nothing about what was written: %v", err)
	}
	s.disk.watch(says(sqlite3.SQLITE_IOERR_FSYNC))
	s.disk.watch(says(sqlite3.SQLITE_IOERR_FSYNC)) // said once is enough
	for what, do := range map[string]func(context.Context) error{
		"write": func(ctx context.Context) error { return s.Write(ctx, works) }, "readiness": s.Ping,
	} {
		if err := do(ctx); hub.CodeOf(err) != hub.CodeUnavailable || !errors.Is(err, ErrDistrusted) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Read(ctx, works); err != nil {
		t.Errorf("reading what is there: %v", err)
	}
	select {
	case err := <-s.Failed():
		if !errors.Is(err, ErrDistrusted) {
			t.Error(err)
		}
	default:
		t.Error("the process was not told")
	}
}
