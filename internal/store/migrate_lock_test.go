package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"kontor/internal/store/storetest"
)

// A backup of an old node runs while the first new node migrates: the migration waits for the backup, and nobody waits behind the migration.
func TestMigrationThatWaitsForATableHoldsUpNobody(t *testing.T) {
	f := storetest.Postgres(t)
	ctx := t.Context()
	backTo(t, f, 3)
	pool := f.Store.Native().(*pgxpool.Pool)
	backup, err := pool.Begin(ctx)
	must(t, err)
	defer func() { _ = backup.Rollback(context.WithoutCancel(ctx)) }() // it has ended unless the test failed
	_, err = backup.Exec(ctx, "SELECT count(*) FROM submission")
	must(t, err)
	var migration sync.WaitGroup
	var migrated error
	migration.Go(func() { migrated = f.Store.Migrate(ctx) })
	waiting := func() (n int) {
		must(t, pool.QueryRow(ctx, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'submission'::regclass").Scan(&n))
		return n
	}
	deadline := time.Now().Add(20 * time.Second)
	for waiting() == 0 {
		if time.Now().After(deadline) {
			t.Fatal("the migration does not wait for the table")
		}
		time.Sleep(5 * time.Millisecond)
	}
	limited, done := context.WithTimeout(ctx, 10*time.Second)
	defer done()
	if _, err := pool.Exec(limited, "SELECT count(*) FROM submission"); err != nil { // a statement of an old node
		t.Errorf("a statement waits behind the migration: %v", err)
	}
	must(t, backup.Rollback(ctx))
	migration.Wait()
	must(t, migrated)
	must(t, f.Store.TablesFit(ctx))
}
