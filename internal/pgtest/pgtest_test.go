package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// orphan makes the test binary start a server, print its folder and connection string, and wait to be killed.
const orphan = "PGTEST_ORPHAN"

func TestMain(m *testing.M) {
	if os.Getenv(orphan) != "" {
		s, err := start(false)
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("ready", s.dir, s.DSN("postgres"))
		select {}
	}
	os.Exit(Main(m))
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // it may be broken on purpose
	return conn
}

func TestEachDatabaseIsFreshAndDropped(t *testing.T) {
	var first string
	t.Run("used", func(t *testing.T) {
		first = Database(t)
		conn := connect(t, first)
		if _, err := conn.Exec(t.Context(), "CREATE TABLE mark (n bigint)"); err != nil {
			t.Fatal(err)
		}
	})
	second := Database(t)
	if first == second {
		t.Fatal("two calls returned the same database")
	}
	var tables int
	err := connect(t, second).QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&tables)
	if err != nil || tables != 0 {
		t.Errorf("the second database has %d tables, error %v; want an empty one", tables, err)
	}
	if conn, err := pgx.Connect(t.Context(), first); err == nil {
		t.Errorf("the first database is still there after its test: %v", conn.Close(t.Context()))
	}
}

// A commit that was acknowledged is on the standby, whatever happens to the primary.
func TestPromotedStandbyHasEveryCommit(t *testing.T) {
	primary := StartDurable(t)
	dsn := primary.Database(t)
	standby := primary.Standby(t)
	conn := connect(t, dsn)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE mark (n bigint)"); err != nil {
		t.Fatal(err)
	}
	const rows = 50
	for n := range rows {
		if _, err := conn.Exec(t.Context(), "INSERT INTO mark VALUES ($1)", n); err != nil {
			t.Fatal(err)
		}
	}
	primary.Kill(t)
	name := dsn[strings.LastIndexByte(dsn, '/')+1 : strings.LastIndexByte(dsn, '?')]
	standby.Promote(t)
	promoted := connect(t, standby.DSN(name))
	var found int
	if err := promoted.QueryRow(t.Context(), "SELECT count(*) FROM mark").Scan(&found); err != nil || found != rows {
		t.Errorf("the promoted standby has %d rows, error %v; want %d", found, err, rows)
	}
	if _, err := promoted.Exec(t.Context(), "INSERT INTO mark VALUES (-1)"); err != nil {
		t.Errorf("the promoted standby takes no writes: %v", err)
	}
}

// Killed means killed: not one backend lives on that could still write.
func TestKillEndsEveryBackend(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells here which processes are children of another")
	}
	s := Start(t)
	var backend int
	if err := connect(t, s.DSN("postgres")).QueryRow(t.Context(), "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		t.Fatal(err)
	}
	s.Kill(t)
	deadline := time.Now().Add(patience)
	for {
		// A zombie that nobody has waited for yet has no command line any more.
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", backend))
		if err != nil || len(text) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the backend %d lives: %q", backend, text)
		}
		time.Sleep(time.Millisecond)
	}
}

// What was committed before the postmaster was killed is there after the restart, and the old connections are not.
func TestKilledServerRestartsWithItsData(t *testing.T) {
	s := Start(t)
	dsn := s.Database(t)
	conn := connect(t, dsn)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE mark AS SELECT 7 AS n"); err != nil {
		t.Fatal(err)
	}
	s.Kill(t)
	if c, err := pgx.Connect(t.Context(), dsn); err == nil {
		t.Fatalf("the server answers after Kill: %v", c.Close(t.Context()))
	}
	s.Restart(t)
	if err := conn.Ping(t.Context()); err == nil {
		t.Error("a connection survived the death of its server")
	}
	var n int
	if err := connect(t, dsn).QueryRow(t.Context(), "SELECT n FROM mark").Scan(&n); err != nil || n != 7 {
		t.Errorf("read %d, error %v; want the committed 7", n, err)
	}
}

func TestServerEndsWithAKilledTestProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a child that its parent has died")
	}
	Database(t) // skips where there is no PostgreSQL
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), orphan+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) != 3 || fields[0] != "ready" {
		t.Fatalf("the process printed %q, error %v", line, err)
	}
	dir, dsn := fields[1], fields[2]
	connect(t, dsn)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	deadline := time.Now().Add(patience)
	for {
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			break
		}
		if err := conn.Close(t.Context()); err != nil && time.Now().After(deadline) {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatal("the server still answers long after its parent was killed")
		}
		time.Sleep(10 * time.Millisecond)
	}
	// What is left on disk goes with the next sweep, once it has settled; a folder in use stays.
	old := time.Now().Add(-2 * settled)
	for _, d := range []string{dir, shared.server.dir} {
		if err := os.Chtimes(d, old, old); err != nil {
			t.Fatal(err)
		}
	}
	sweep(filepath.Dir(dir))
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the abandoned folder is still there: %v", err)
	}
	if _, err := os.Stat(shared.server.dir); err != nil {
		t.Errorf("the folder of a living server was swept: %v", err)
	}
}

func TestNewestCompleteVersionIsFound(t *testing.T) {
	root := t.TempDir()
	for _, path := range []string{"9/bin/initdb", "9/bin/postgres", "15/bin/initdb", "15/bin/postgres", "16/bin/psql", "x/bin/initdb"} {
		full := filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, row := range []struct{ name, asked, root, want string }{
		{"the newest with a server", "", root, filepath.Join(root, "15/bin")},
		{"the folder asked for", filepath.Join(root, "9/bin"), root, filepath.Join(root, "9/bin")},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got, err := findFolder(row.asked, row.root); err != nil || got != row.want {
				t.Errorf("found %q, error %v; want %q", got, err, row.want)
			}
		})
	}
	t.Run("a wrong KONTOR_PG_BIN is an error, not a reason to skip", func(t *testing.T) {
		if _, err := findFolder(filepath.Join(root, "16/bin"), root); err == nil || errors.Is(err, errMissing) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("nothing anywhere is a reason to skip", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		if _, err := findFolder("", t.TempDir()); !errors.Is(err, errMissing) {
			t.Errorf("error %v, want errMissing", err)
		}
	})
}

// verdict records how giveUp ended a test. The testing package's own methods do not return, so neither do these.
type verdict struct {
	testing.TB
	skipped, failed bool
}

func (v *verdict) Helper()               {}
func (v *verdict) Skipf(string, ...any)  { v.skipped = true; runtime.Goexit() }
func (v *verdict) Fatalf(string, ...any) { v.failed = true; runtime.Goexit() }

func TestMissingServerSkipsButFailsInCI(t *testing.T) {
	for _, row := range []struct {
		name, ci        string
		err             error
		skipped, failed bool
	}{
		{"at home", "", errMissing, true, false},
		{"in CI", "true", errMissing, false, true},
		{"broken server at home", "", errors.New("broken"), false, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("CI", row.ci)
			v := &verdict{}
			done := make(chan struct{})
			go func() {
				defer close(done)
				giveUp(v, row.err)
			}()
			<-done
			if v.skipped != row.skipped || v.failed != row.failed {
				t.Errorf("skipped %v, failed %v; want %v, %v", v.skipped, v.failed, row.skipped, row.failed)
			}
		})
	}
}
