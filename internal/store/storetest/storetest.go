// Package storetest runs a test on a real store over each of the engines: SQLite in a file, and PostgreSQL where the machine has one.
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
//	func TestTheRule(t *testing.T) {
//		storetest.Each(t, func(t *testing.T, f *storetest.Fixture) { … })
//	}
//
// Everything a Fixture makes is invented: names, account numbers, keys.
package storetest

import (
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/vault"
)

// RootKey is the root key of every fixture, in hexadecimal.
var RootKey = strings.Repeat("5a", 32)

// Fixture is an open, migrated store that has the operator's key, with a clock that stands still until it is moved.
type Fixture struct {
	Store *store.Store
	Vault *vault.Vault
	// Dir holds the key store ("keys") and, on SQLite, the database ("kontor.db").
	Dir string
	// Database is what store.Options wants.
	Database string

	t      testing.TB
	clock  atomic.Int64 // microseconds since 1970 UTC
	serial atomic.Int64
}

// Each runs test as one subtest per engine, each on a fresh database.
func Each(t *testing.T, test func(t *testing.T, f *Fixture)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { test(t, Postgres(t)) })
}

// SQLite returns a fixture on a new SQLite file.
func SQLite(t testing.TB) *Fixture {
	t.Helper()
	dir := t.TempDir()
	return At(t, dir, filepath.Join(dir, "kontor.db"))
}

// Postgres returns a fixture on a new PostgreSQL database. It skips or fails the test where there is no PostgreSQL, as pgtest does.
func Postgres(t testing.TB) *Fixture {
	t.Helper()
	return At(t, t.TempDir(), pgtest.Database(t))
}

// At returns a fixture over a given folder and database, new or used before.
func At(t testing.TB, dir, database string) *Fixture {
	t.Helper()
	f := &Fixture{Dir: dir, Database: database, t: t}
	f.SetNow(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	f.open()
	t.Cleanup(func() {
		if err := f.Store.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	f.Must(f.Store.Migrate(t.Context()))
	f.Write(func(tx *store.Tx) error {
		has, err := tx.HasOwner(t.Context(), hub.Operator)
		if err != nil || has {
			return err
		}
		return tx.CreateOwner(t.Context(), hub.Operator)
	})
	return f
}

func (f *Fixture) open() {
	f.t.Helper()
	f.Store, f.Vault = f.Another()
}

// Another opens the same database and key store once more, with a vault of its own, as a second process would. The caller closes it.
func (f *Fixture) Another() (*store.Store, *vault.Vault) {
	f.t.Helper()
	root, err := vault.ParseRootKey(RootKey)
	f.Must(err)
	keys, err := vault.OpenKeyStore(filepath.Join(f.Dir, "keys"), root)
	f.Must(err)
	v := vault.New(keys, root)
	s, err := store.Open(f.t.Context(), store.Options{Database: f.Database, Vault: v, Now: f.Now})
	f.Must(err)
	return s, v
}

// Reopen closes the store and opens it again with a new vault: nothing that was held in memory is left.
func (f *Fixture) Reopen() {
	f.t.Helper()
	f.Must(f.Store.Close())
	f.open()
}

// Now is the store's clock.
func (f *Fixture) Now() time.Time { return time.UnixMicro(f.clock.Load()).UTC() }

// SetNow sets the clock.
func (f *Fixture) SetNow(at time.Time) { f.clock.Store(at.UnixMicro()) }

// Forward moves the clock.
func (f *Fixture) Forward(d time.Duration) { f.clock.Add(d.Microseconds()) }

// Must ends the test when err is not nil.
func (f *Fixture) Must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// Write runs a transaction that must commit.
func (f *Fixture) Write(do func(tx *store.Tx) error) {
	f.t.Helper()
	f.Must(f.Store.Write(f.t.Context(), do))
}

// Read runs a read-only transaction that must succeed.
func (f *Fixture) Read(do func(tx *store.Tx) error) {
	f.t.Helper()
	f.Must(f.Store.Read(f.t.Context(), do))
}
