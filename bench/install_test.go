package bench_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	_ "modernc.org/sqlite"             // driver "sqlite"

	"kontor/e2e/rig"
	"kontor/internal/store/prepared"
)

const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// installation is a hub's data with one tenant, one account and one API key; its bank is never asked.
type installation struct {
	rig.Operator
	engine   string
	key      string
	iban     string // of the account
	template []byte // a payment file; the placeholder stands for what makes it unique
}

const placeholder = "BENCH-000000000000"

// install sets an installation up on the command line, as people do.
func install(t testing.TB, binary, engine, dsn string) *installation {
	t.Helper()
	in := &installation{Operator: rig.Operator{Binary: binary, Data: filepath.Join(t.TempDir(), "hub"), Database: dsn}, engine: engine}
	var made struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
	in.Admin(t, nil, "bank", "add", "bank", "--name", "Bank", "--url", "https://127.0.0.1:1/ebics", "--host-id", "BENCH")
	in.Admin(t, &made, "contact", "add", "--bank", "bank", "--partner", "PARTNER1", "--user", "USER1")
	contact := made.ID
	in.Admin(t, nil, "tenant", "add", "acme", "--name", "Acme GmbH")
	in.iban = rig.InventIBAN(1_234_567)
	in.Admin(t, nil, "account", "add", "--tenant", "acme", "--contact", contact, "--iban", in.iban)
	in.Admin(t, &made, "key", "add", "--tenant", "acme", "--name", "ERP")
	in.key = made.Secret
	in.postpone(t, contact)
	in.template = rig.PaymentFile(t, rig.PaymentPlan{
		MessageID: placeholder, Account: rig.Account{IBAN: in.iban, Currency: "EUR", Owner: "Acme GmbH"}, Payments: 1, Padding: 100,
	})
	return in
}

// file returns a payment file like all others but for its ids.
func (in *installation) file(number int64) []byte {
	return bytes.ReplaceAll(in.template, []byte(placeholder), fmt.Appendf(nil, "BENCH-%012d", number))
}

// postpone has the contact look ready and its bank unreachable a moment ago: files are queued, jobs find nothing to do.
func (in *installation) postpone(t testing.TB, contact string) {
	t.Helper()
	db := in.open(t)
	defer closeDB(t, db)
	run := func(query string, args ...any) {
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
	}
	run(`UPDATE contact SET state = 'ready' WHERE id = $1`, contact)
	run(`INSERT INTO backoff (resource, failures, next_at, code) VALUES ($1, 5, $2, 'unreachable')`,
		"bank:"+contact, time.Now().Add(14*time.Minute).UnixMicro()) // less than the longest wait of the default settings
}

// open opens the database beside the hub, for reading and writing.
func (in *installation) open(t testing.TB) *sql.DB {
	t.Helper()
	return open(t, in.engine, in.address())
}

// address is what Open takes: the connection string, or the path of the file.
func (in *installation) address() string {
	if in.engine == postgres {
		return in.Database
	}
	return filepath.Join(in.Data, "kontor.db")
}

// open opens a database with the drivers as they come.
func open(t testing.TB, engine, address string) *sql.DB {
	t.Helper()
	driver, name := "pgx", address
	if engine == sqlite {
		driver, name = "sqlite", sqliteName(address)
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	if engine == sqlite {
		db.SetMaxOpenConns(1)
	}
	return db
}

// openPrepared opens an SQLite database as the hub does: with all statements kept prepared.
func openPrepared(t testing.TB, address string) *sql.DB {
	t.Helper()
	db, err := prepared.Open(sqliteName(address))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	return db
}

// sqliteName has the settings of the hub.
func sqliteName(address string) string {
	return "file:" + (&url.URL{Path: address}).EscapedPath() + "?_txlock=immediate&_pragma=busy_timeout(15000)" +
		"&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=temp_store(2)&_pragma=secure_delete(1)"
}

func closeDB(t testing.TB, db *sql.DB) {
	t.Helper()
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// copyDatabase copies the database of an installation that does not run, and returns the copy's address.
func (in *installation) copyDatabase(t testing.TB) string {
	t.Helper()
	if in.engine == sqlite {
		content, err := os.ReadFile(in.address())
		if err != nil {
			t.Fatal(err)
		}
		if left, err := os.Stat(in.address() + "-wal"); err == nil && left.Size() > 0 {
			t.Fatal("the database was not closed: its log is not empty")
		}
		copied := filepath.Join(t.TempDir(), "ceiling.db")
		if err := os.WriteFile(copied, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return copied
	}
	u, err := url.Parse(in.Database)
	if err != nil {
		t.Fatal(err)
	}
	original := path.Base(u.Path)
	u.Path = "/postgres"
	conn, err := pgx.Connect(t.Context(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	name := original + "_ceiling"
	_, err = conn.Exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+strings.TrimSpace(original))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
