package storetest

import "github.com/jackc/pgx/v5/pgxpool"

// LockAwaited says whether anybody waits for a lock of the fixture's database, which is PostgreSQL.
func (f *Fixture) LockAwaited() bool {
	f.t.Helper()
	pool, ok := f.Store.Native().(*pgxpool.Pool)
	if !ok {
		f.t.Fatal("the database is not PostgreSQL")
	}
	var awaited bool
	f.Must(pool.QueryRow(f.t.Context(), `SELECT COUNT(*) > 0 FROM pg_locks WHERE NOT granted`).Scan(&awaited))
	return awaited
}
