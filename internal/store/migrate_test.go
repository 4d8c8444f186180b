package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestBothEnginesHaveTheSameTables(t *testing.T) {
	names, err := filepath.Glob("migrations/sqlite/*.sql")
	must(t, err)
	others, err := filepath.Glob("migrations/postgres/*.sql")
	must(t, err)
	if len(names) == 0 || len(names) != len(others) {
		t.Fatalf("%d and %d files", len(names), len(others))
	}
	for _, name := range names {
		sqlite, err := os.ReadFile(name)
		must(t, err)
		postgres, err := os.ReadFile(filepath.Join("migrations/postgres", filepath.Base(name)))
		must(t, err)
		want := strings.ReplaceAll(string(sqlite), "BLOB", "BYTEA")
		want = strings.ReplaceAll(want, "The PostgreSQL file is this one with BYTEA for BYTEA", "The SQLite file is this one with BLOB for BYTEA")
		a, b := strings.Split(want, "\n"), strings.Split(string(postgres), "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Errorf("%s, line %d: %q on SQLite, %q on PostgreSQL", filepath.Base(name), i+1, a[i], b[i])
			}
		}
		if len(a) != len(b) {
			t.Errorf("%s: %d lines on SQLite, %d on PostgreSQL", filepath.Base(name), len(a), len(b))
		}
	}
}

func TestMigrationMayBeRepeated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		must(t, f.Store.Migrate(t.Context()))
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Tenant(t.Context(), "alpha")
			if !reflect.DeepEqual(got, tenant) {
				t.Errorf("%+v", got)
			}
			return err
		})
	})
}

// Several nodes of one installation are started at the same moment.
func TestNodesMayMigrateAtOnce(t *testing.T) {
	for range 2 {
		database := pgtest.Database(t)
		var done []<-chan error
		var nodes []*store.Store
		start := make(chan struct{})
		for range 3 {
			s, err := store.Open(t.Context(), store.Options{Database: database})
			must(t, err)
			nodes = append(nodes, s)
			ctx := t.Context()
			d := make(chan error, 1)
			done = append(done, d)
			go func() { <-start; d <- s.Migrate(ctx) }()
		}
		close(start)
		var all error
		for _, d := range done {
			all = errors.Join(all, result(t, d))
		}
		for _, s := range nodes {
			all = errors.Join(all, s.Close())
		}
		must(t, all)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tamper(t, f, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, `+map[store.Engine]string{
			store.SQLite: "1", store.Postgres: "true",
		}[f.Store.Engine()]+`)`)
		err := f.Store.Migrate(t.Context())
		if err == nil || !strings.Contains(err.Error(), "99999") {
			t.Errorf("error %v", err)
		}
	})
}

// A process that runs while a newer program migrates must notice: it would go on by rules that hold no more.
func TestRunningProcessNoticesNewerTables(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		must(t, f.Store.TablesFit(t.Context()))
		tamper(t, f, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, `+map[store.Engine]string{
			store.SQLite: "1", store.Postgres: "true",
		}[f.Store.Engine()]+`)`)
		if err := f.Store.TablesFit(t.Context()); !errors.Is(err, store.ErrNewerTables) {
			t.Errorf("error %v", err)
		}
	})
}

func TestMigrationCanBeTakenBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
		db, embedded := f.Store.Native().(*sql.DB)
		if pool, ok := f.Store.Native().(*pgxpool.Pool); ok {
			dialect, folder, db = goose.DialectPostgres, "migrations/postgres", stdlib.OpenDBFromPool(pool)
		}
		p, err := goose.NewProvider(dialect, db, os.DirFS(folder))
		must(t, err)
		_, err = p.DownTo(t.Context(), 0)
		must(t, err)
		tables := `SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name <> 'goose_db_version'`
		if embedded {
			tables = `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name <> 'goose_db_version'`
		}
		if n := count(t, f, tables); n != 0 {
			t.Errorf("%d tables left", n)
		}
		if !embedded {
			must(t, db.Close())
		}
		must(t, f.Store.Migrate(t.Context()))
		if n := count(t, f, tables); n < 20 {
			t.Errorf("%d tables after migrating again", n)
		}
	})
}
