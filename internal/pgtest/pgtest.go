// Package pgtest gives tests a real PostgreSQL of their own: a private server on a free loopback port, with its data in a temporary
// folder, started on first use and stopped at the end. Nothing that runs on the machine already is touched.
//
// A test asks for a fresh, empty database:
//
//	dsn := pgtest.Database(t)
//
// and its package stops the server when all tests have run:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
//
// The programs initdb and postgres are taken from the folder that KONTOR_PG_BIN names, else from the newest version under
// /usr/lib/postgresql, else from PATH. Without them a test is skipped with a sentence that says how to get them; with CI=true it fails.
// The server does not fsync, which survives the death of any process but not of the machine; StartDurable and KONTOR_PG_FSYNC=1 make it.
package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience is how long a server may take to start, stop or answer. It is generous: a busy machine is no reason to fail.
const patience = 60 * time.Second

// shared is the one server of this test binary, started by the first test that needs it.
var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Database returns the connection string of a fresh, empty database on the server that all tests of this binary share. The database is
// dropped when the test ends, connections that are still open included. It skips the test when there is no PostgreSQL, or fails it with
// CI=true.
func Database(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = start(false) })
	if shared.err != nil {
		giveUp(t, shared.err)
	}
	return shared.server.Database(t)
}

// Main runs the tests of a package and stops the shared server, if one was started. It returns the exit status for os.Exit.
func Main(m *testing.M) int {
	status := m.Run()
	if shared.server == nil {
		return status
	}
	if err := shared.server.close(); err != nil {
		fmt.Fprintln(os.Stderr, "pgtest:", err)
		return max(status, 1)
	}
	return status
}

// Start returns a server that belongs to this test alone, so that it may be killed and started again. It is stopped and its data removed
// when the test ends. It skips or fails as Database does.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := start(false)
	return s.owned(t, err)
}

// StartDurable is Start for a server that keeps its promise: what it has committed is on the disk (fsync and synchronous_commit are on).
func StartDurable(t testing.TB) *Server {
	t.Helper()
	s, err := start(true)
	return s.owned(t, err)
}

// owned has a server that was just started end with the test.
func (s *Server) owned(t testing.TB, err error) *Server {
	t.Helper()
	if err != nil {
		giveUp(t, err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s
}

// errMissing says that this machine has no PostgreSQL that a test could start.
var errMissing = errors.New("no PostgreSQL to start")

// giveUp ends the test: by skipping it where PostgreSQL is merely absent, by failing it where it does not work or must be there.
func giveUp(t testing.TB, err error) {
	t.Helper()
	if !errors.Is(err, errMissing) {
		t.Fatalf("pgtest: %v", err)
	}
	const advice = "install the server programs (Debian: make test-deps as root) or name their folder in KONTOR_PG_BIN"
	if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
		t.Fatalf("pgtest: %v: %s", err, advice)
	}
	t.Skipf("pgtest: %v: %s", err, advice)
}

// databases counts across all servers, so that a name never repeats and never meets the rest of an earlier test.
var databases atomic.Int64

// Database returns the connection string of a fresh, empty database on this server, dropped when the test ends.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("kt_%d", databases.Add(1))
	if err := s.admin("CREATE DATABASE " + name); err != nil {
		t.Fatalf("pgtest: creating database %s: %v", name, err)
	}
	t.Cleanup(func() {
		if !s.running() {
			return // the test killed the server and left it so: the data goes with the folder
		}
		if err := s.admin("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: dropping database %s: %v", name, err)
		}
	})
	return s.DSN(name)
}

// admin runs one statement outside a transaction in the maintenance database.
func (s *Server) admin(statement string) error {
	return s.maintain(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, statement)
		return err
	})
}

// ask asks a question that is answered with yes or no.
func (s *Server) ask(question string) (yes bool, err error) {
	err = s.maintain(func(ctx context.Context, conn *pgx.Conn) error { return conn.QueryRow(ctx, question).Scan(&yes) })
	return yes, err
}

func (s *Server) maintain(work func(ctx context.Context, conn *pgx.Conn) error) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.DSN("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	return work(ctx, conn)
}
