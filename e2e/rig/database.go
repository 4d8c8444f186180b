package rig

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"
)

// copies counts the copied databases, so that a name never repeats.
var copies atomic.Int64

// copyDatabase copies a database that nobody is connected to, on its own server, and returns the copy's postgres:// URL. The copy is
// dropped when the test ends.
func copyDatabase(t testing.TB, dsn string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	original := path.Base(u.Path)
	name := fmt.Sprintf("%s_copy_%d", original, copies.Add(1))
	server := *u
	server.Path = "/postgres"
	run := func(statement string) error {
		ctx, done := context.WithTimeout(context.Background(), Patience)
		defer done()
		conn, err := pgx.Connect(ctx, server.String())
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, statement)
		return errors.Join(err, conn.Close(ctx))
	}
	quote := func(name string) string { return pgx.Identifier{name}.Sanitize() }
	if err := run("CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(original)); err != nil {
		t.Fatalf("copying database %s: %v", original, err)
	}
	t.Cleanup(func() {
		if err := run("DROP DATABASE " + quote(name) + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping database %s: %v", name, err)
		}
	})
	u.Path = "/" + name
	return u.String()
}

// OpenTables opens the hub's database for looking into it, beside the hub. The caller closes it.
func (o Operator) OpenTables() (*sql.DB, error) {
	if o.Database != "" {
		return sql.Open("pgx", o.Database)
	}
	file := (&url.URL{Path: filepath.Join(o.Data, "kontor.db")}).EscapedPath()
	return sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)")
}
