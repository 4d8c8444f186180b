package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// maxSocketPath is the longest folder in which PostgreSQL can make its Unix socket (sun_path has 107 bytes, the file's name takes 16).
const maxSocketPath = 90

// Server is one private PostgreSQL. Its methods are for the goroutine of the test that owns it; the databases it holds may be used by
// anybody.
type Server struct {
	programs programs
	dir      string // everything: data, log, socket, lock
	lock     *os.File
	port     int
	durable  bool          // what is committed survives the machine, not only the process
	exited   chan struct{} // closed when the postmaster has ended; nil while none was started
	process  *os.Process
}

// start makes a data folder and starts a server in it. An error that is errMissing means that this machine has no PostgreSQL.
func start(durable bool) (*Server, error) {
	return fill(durable, func(s *Server) error {
		return s.program("initdb", "--pgdata", s.data(), "--username", "kontor", "--auth", "trust",
			"--encoding", "UTF8", "--locale", "C", "--no-sync", "--no-instructions")
	})
}

// fill makes a folder, has populate fill the data folder in it, and starts a server on it.
func fill(durable bool, populate func(s *Server) error) (s *Server, err error) {
	p, err := find()
	if err != nil {
		return nil, err
	}
	sweep(os.TempDir())
	dir, lock, err := makeFolder(p)
	if err != nil {
		return nil, err
	}
	s = &Server{programs: p, dir: dir, lock: lock, durable: durable}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := populate(s); err != nil {
		return nil, err
	}
	// Another process may take the free port before the server does, so a few tries.
	for range 5 {
		if s.port, err = freePort(); err != nil {
			return nil, err
		}
		if err = s.run(); err == nil {
			return s, nil
		}
	}
	return nil, err
}

// program runs one of PostgreSQL's programs to its end, in the server's folder and as its user.
func (s *Server) program(name string, args ...string) error {
	cmd := s.programs.command(name, args...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("running %s: %w\n%s", name, err, out)
	}
	return nil
}

// DSN returns the connection string of a database on this server, over loopback TCP, as the superuser.
func (s *Server) DSN(database string) string {
	return fmt.Sprintf("postgres://kontor@%s/%s?sslmode=disable", s.Address(), database)
}

// Address is where the server listens: host and port.
func (s *Server) Address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

// Kill ends the postmaster and, where the system tells them, its backends with SIGKILL: no checkpoint, no goodbye. Elsewhere the backends
// notice within moments and end as well. Kill returns when the postmaster is gone.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if !s.running() {
		t.Fatal("pgtest: the server does not run")
	}
	if err := killFamily(s.process); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	if err := s.wait(); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
}

// Stop ends the server in order, without waiting for its clients: their transactions are rolled back.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if !s.running() {
		t.Fatal("pgtest: the server does not run")
	}
	if err := s.stop(); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
}

// Restart starts the server again after Kill or Stop, on the same port and data, and returns when it has recovered and answers.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if s.running() {
		t.Fatal("pgtest: the server runs")
	}
	// Until the last backend of the killed postmaster has gone, a new one refuses to start on the same data.
	deadline := time.Now().Add(patience)
	for {
		err := s.run()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("pgtest: %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// run starts the postmaster and returns when it answers, or with the end of its log if it does not.
func (s *Server) run() error {
	fsync := "off"
	if on, _ := strconv.ParseBool(os.Getenv("KONTOR_PG_FSYNC")); on || s.durable {
		fsync = "on"
	}
	socket := s.dir
	if len(socket) > maxSocketPath {
		socket = "" // loopback TCP is what DSN names anyway
	}
	logPath := filepath.Join(s.dir, "log")
	log, err := os.OpenFile(logPath, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	cmd := s.programs.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1",
		"-c", "unix_socket_directories="+socket, "-c", "max_connections=200", "-c", "shared_buffers=32MB", "-c", "fsync="+fsync)
	cmd.Dir, cmd.Stdout, cmd.Stderr = s.dir, log, log
	err = s.launch(cmd)
	if err := errors.Join(err, log.Close()); err != nil {
		return fmt.Errorf("starting postgres: %w", err)
	}
	if err := s.ready(); err != nil {
		_ = s.process.Kill() // an error means that it has ended already, which wait finds out
		return errors.Join(fmt.Errorf("starting postgres: %w\n%s", err, tail(logPath)), s.wait())
	}
	return nil
}

// launch starts the command from a thread that lives as long as the command does: the kernel sends the parent-death signal when the
// *thread* that started a child ends, and Go gives no promise about any other thread.
func (s *Server) launch(cmd *exec.Cmd) error {
	started := make(chan error, 1)
	exited := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the status says only how it was told to end
		}
		close(exited)
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.exited = cmd.Process, exited
	return nil
}

// ready waits until the server answers a query.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.DSN("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-s.exited:
			return errors.New("it ended at once")
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (s *Server) running() bool {
	if s.exited == nil {
		return false
	}
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

func (s *Server) wait() error {
	select {
	case <-s.exited:
		return nil
	case <-time.After(patience):
		return fmt.Errorf("postgres (process %d) does not end", s.process.Pid)
	}
}

// close stops the server if it runs and removes its folder.
func (s *Server) close() error {
	var failed error
	if s.running() {
		failed = s.stop()
	}
	return errors.Join(failed, os.RemoveAll(s.dir), s.lock.Close())
}

// stop is PostgreSQL's fast shutdown, SIGINT: it does not wait for clients.
func (s *Server) stop() error {
	if err := s.process.Signal(os.Interrupt); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return errors.Join(err, s.wait())
	}
	return s.wait()
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// freePort returns a port of the loopback interface that nobody listened on a moment ago.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// tail returns the end of a log, enough to see why a server did not start.
func tail(path string) string {
	const most = 4 << 10
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-most):])
}
