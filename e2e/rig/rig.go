// Package rig is the machinery of the end-to-end tests: it builds the binary, runs it as hub and as sandbox bank, plays the operator at
// the command line, the account holder at the bank and the ERP at the API. It knows the hub only from outside: through processes, HTTP
// and files.
//
// Methods that take a testing.TB end the test when something fails; methods that return an error are for tests in which failing is part
// of the plan, such as those that kill a process while it is asked.
package rig

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Patience is how long anything may take that a test waits for. It is generous: a busy machine is no reason to fail.
const Patience = 60 * time.Second

// Often is the pause between two looks at something that is waited for.
const Often = 25 * time.Millisecond

// Long says whether the long form of the tests is asked for, by KONTOR_LONG=1: more cases of what the short form shows once.
func Long() bool {
	long, _ := strconv.ParseBool(os.Getenv("KONTOR_LONG"))
	return long
}

// binaries holds what Binary has built, by tags.
var binaries struct {
	mu     sync.Mutex
	folder string
	built  map[string]*build
}

type build struct {
	once sync.Once
	path string
	err  error
}

// Binary builds cmd/kontor without cgo, once per test binary and set of tags, and returns its path.
func Binary(t testing.TB, tags ...string) string {
	t.Helper()
	list := strings.Join(tags, ",")
	b, err := planned(list)
	if err != nil {
		t.Fatal(err)
	}
	b.once.Do(func() { b.err = compile(t.Context(), b.path, list) })
	if b.err != nil {
		t.Fatal(b.err)
	}
	return b.path
}

func planned(tags string) (*build, error) {
	binaries.mu.Lock()
	defer binaries.mu.Unlock()
	if binaries.folder == "" {
		folder, err := os.MkdirTemp("", "kontor-e2e-")
		if err != nil {
			return nil, err
		}
		binaries.folder, binaries.built = folder, map[string]*build{}
	}
	b := binaries.built[tags]
	if b == nil {
		b = &build{path: filepath.Join(binaries.folder, fmt.Sprintf("kontor%d", len(binaries.built)))}
		binaries.built[tags] = b
	}
	return b, nil
}

func compile(ctx context.Context, path, tags string) error {
	root, err := Root()
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", tags, "-o", path, "./cmd/kontor") //nolint:gosec // our own tags
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building kontor: %w\n%s", err, out)
	}
	return nil
}

// RemoveBinaries removes what Binary has built. TestMain calls it at the end.
func RemoveBinaries() error {
	binaries.mu.Lock()
	defer binaries.mu.Unlock()
	if binaries.folder == "" {
		return nil
	}
	folder := binaries.folder
	binaries.folder, binaries.built = "", nil
	return os.RemoveAll(folder)
}

// Root returns the folder of the module: the one with go.mod, here or above.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("no go.mod above the working folder")
		}
		dir = parent
	}
}

// Folder returns a fresh folder of the test: a temporary one, or one that stays below the folder that KONTOR_E2E_KEEP names.
func Folder(t testing.TB) string {
	t.Helper()
	keep := os.Getenv("KONTOR_E2E_KEEP")
	if keep == "" {
		return t.TempDir()
	}
	if err := os.MkdirAll(keep, 0o700); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(keep, strings.NewReplacer("/", "_", "#", "_").Replace(t.Name())+"-")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// Until looks again and again until look says that it is done, and ends the test when that takes longer than Patience. what says in the
// failure what was waited for.
func Until(t testing.TB, what string, look func() (done bool, err error)) {
	t.Helper()
	deadline := time.Now().Add(Patience)
	for {
		done, err := look()
		if done && err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("waited %s for %s; last error: %v", Patience, what, err)
		}
		if !Pause(t, Often) {
			t.Fatalf("the test ended while it waited for %s; last error: %v", what, err)
		}
	}
}

// Pause waits a short interval between two looks; it is false when the test has ended.
func Pause(t testing.TB, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-t.Context().Done():
		return false
	}
}

// Ports of the processes lie below the range from which systems take ports for outgoing connections, so that a process that was killed
// finds its port free again.
const (
	firstPort = 20_000
	portRange = 10_000
)

var portsGiven atomic.Int64

// freePort returns a loopback address that nobody listens on, and that this test binary gives to nobody else.
func freePort() (string, error) {
	start := os.Getpid() * 97
	for range portRange {
		port := firstPort + (start+int(portsGiven.Add(1)))%portRange
		address := net.JoinHostPort("127.0.0.1", fmt.Sprint(port))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		return address, l.Close()
	}
	return "", fmt.Errorf("no free port from %d to %d", firstPort, firstPort+portRange)
}
