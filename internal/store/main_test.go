package store_test

import (
	"context"
	"database/sql"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashEnv); dir != "" {
		crashChild(dir)
		return
	}
	os.Exit(pgtest.Main(m))
}

const tester = hub.Actor("operator:test")

// patience is how long a test waits for something that happens in another goroutine or process.
const patience = 20 * time.Second

func wantCode(t *testing.T, err error, code hub.Code) {
	t.Helper()
	if hub.CodeOf(err) != code || err == nil {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// tamper runs a statement behind the store's back.
func tamper(t *testing.T, f *storetest.Fixture, query string, args ...any) int64 {
	t.Helper()
	switch db := f.Store.Native().(type) {
	case *pgxpool.Pool:
		tag, err := db.Exec(t.Context(), query, args...)
		must(t, err)
		return tag.RowsAffected()
	case *sql.DB:
		res, err := db.ExecContext(t.Context(), query, args...)
		must(t, err)
		n, err := res.RowsAffected()
		must(t, err)
		return n
	}
	t.Fatal("unknown database")
	return 0
}

// query returns all rows of a query that runs behind the store's back.
func query(t *testing.T, f *storetest.Fixture, query string, args ...any) [][]any {
	t.Helper()
	var out [][]any
	switch db := f.Store.Native().(type) {
	case *pgxpool.Pool:
		rows, err := db.Query(t.Context(), query, args...)
		must(t, err)
		defer rows.Close()
		for rows.Next() {
			row, err := rows.Values()
			must(t, err)
			out = append(out, row)
		}
		must(t, rows.Err())
	case *sql.DB:
		rows, err := db.QueryContext(t.Context(), query, args...)
		must(t, err)
		defer rows.Close() //nolint:errcheck // Err is checked below
		columns, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			row, pointers := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				pointers[i] = &row[i]
			}
			must(t, rows.Scan(pointers...))
			out = append(out, row)
		}
		must(t, rows.Err())
	}
	return out
}

// count returns the number that a COUNT query gives.
func count(t *testing.T, f *storetest.Fixture, q string, args ...any) int64 {
	t.Helper()
	n, ok := query(t, f, q, args...)[0][0].(int64)
	if !ok {
		t.Fatalf("%s gives no number", q)
	}
	return n
}

// waitForBlockedWriter returns when another transaction waits for a lock of an open one. SQLite's writers wait for the one connection,
// which cannot be seen from here: there it returns at once.
func waitForBlockedWriter(t *testing.T, f *storetest.Fixture) {
	t.Helper()
	if f.Store.Engine() == store.SQLite {
		return
	}
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		if count(t, f, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) > 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("no transaction waits for a lock")
		}
	}
}

// background runs work in a goroutine and hands over its result.
func background(t *testing.T, work func(ctx context.Context) error) <-chan error {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- work(t.Context()) }()
	return done
}

// result waits for what background promised.
func result(t *testing.T, done <-chan error) error {
	t.Helper()
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		t.Fatal("the goroutine does not end")
		return nil
	}
}

// updateAll updates the payments of a file, a page at a time.
func updateAll(ctx context.Context, tx *store.Tx, tenant hub.TenantID, file hub.FileID, change func(*hub.Payment) bool) error {
	for page, more := 0, true; more; page++ {
		var err error
		if more, err = tx.UpdatePayments(ctx, tenant, file, page, 1, change); err != nil {
			return err
		}
	}
	return nil
}
