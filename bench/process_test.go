package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/app"
	"kontor/internal/config"
)

// hub is one running `kontor serve`.
type hub struct {
	ready  rig.HubReady
	took   time.Duration // from the start to the ready line
	pid    int
	stop   func() error
	freeze func(stopped bool) error // nobody else shall be disturbed by what it still has to do
}

// startHub starts the hub of an installation and waits for its ready line.
func startHub(t testing.TB, in *installation, profile bool) *hub {
	t.Helper()
	start := startProcess
	if profile {
		start = startInside
	}
	h, err := start(in)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.stop() }) // stopped already, or the figures are worth nothing anyway
	return h
}

func startProcess(in *installation) (*hub, error) {
	args := []string{"serve", "--data", in.Data, "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"}
	if in.Database != "" {
		args = append(args, "--database", in.Database)
	}
	cmd := exec.CommandContext(context.Background(), in.Binary, args...)
	log, err := os.Create(in.Data + ".log") // a file: nobody must be woken for each line
	if err != nil {
		return nil, err
	}
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	begin := time.Now()
	ended, err := launch(cmd)
	if err := errors.Join(err, log.Close()); err != nil { // the process has it open for itself
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadBytes('\n')
	took := time.Since(begin)
	var ready rig.HubReady
	if err = errors.Join(err, json.Unmarshal(line, &ready)); err != nil {
		return nil, errors.Join(fmt.Errorf("the hub is not ready, see %s: %w", log.Name(), err), cmd.Process.Kill(), <-ended)
	}
	h := &hub{ready: ready, took: took, pid: cmd.Process.Pid}
	h.freeze = func(stopped bool) error {
		signal := syscall.SIGCONT
		if stopped {
			signal = syscall.SIGSTOP
		}
		return cmd.Process.Signal(signal)
	}
	h.stop = sync.OnceValue(func() error {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
			return err
		}
		return <-ended
	})
	return h, nil
}

// launch starts a command on a thread that lives as long as the command does: the kernel ends the command when the thread that started it
// ends, so that nothing stays behind when this process is killed.
func launch(cmd *exec.Cmd) (ended <-chan error, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	started, end := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			end <- cmd.Wait()
		}
	}()
	return end, <-started
}

// startInside runs the hub in this process, for the profiler.
func startInside(in *installation) (*hub, error) {
	settings := config.Serve{
		Storage: config.Storage{Data: in.Data, Database: in.Database}, Listen: "127.0.0.1:0", MetricsListen: "127.0.0.1:0",
		MaxFileBytes: 1 << 30, Workers: 8, SegmentSize: 500_000, PollOpen: time.Minute, PollIdle: time.Hour, PollStatements: time.Hour,
		PollAfterSend: time.Minute, Lease: 30 * time.Second, RetryFirst: 30 * time.Second, RetryLimit: 15 * time.Minute,
		Sweep: 2 * time.Second, BankTimeout: time.Minute,
	}
	ctx, end := context.WithCancel(context.Background())
	lines, stdout := io.Pipe()
	ended := make(chan error, 1)
	begin := time.Now()
	go func() {
		err := app.Serve(ctx, settings, stdout, slog.New(slog.NewJSONHandler(io.Discard, nil)))
		_ = stdout.CloseWithError(io.EOF)
		ended <- err
	}()
	line, err := bufio.NewReader(lines).ReadBytes('\n')
	took := time.Since(begin)
	var ready rig.HubReady
	if err = errors.Join(err, json.Unmarshal(line, &ready)); err != nil {
		end()
		return nil, errors.Join(err, <-ended)
	}
	stop := sync.OnceValue(func() error {
		end()
		return <-ended
	})
	return &hub{ready: ready, took: took, pid: os.Getpid(), stop: stop, freeze: func(bool) error { return nil }}, nil
}

// memory returns what the process has in memory, in bytes: resident, and its proportional share of what it shares with others.
func (h *hub) memory() (resident, proportional int64, err error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", h.pid))
	if err != nil {
		return 0, 0, err
	}
	resident, errResident := rig.Kilobytes(string(text), "Rss:")
	proportional, errProportional := rig.Kilobytes(string(text), "Pss:")
	return resident << 10, proportional << 10, errors.Join(errResident, errProportional)
}

// cpu returns the processor time that the process has used: fields 14 and 15 of its stat, in hundredths of a second.
func (h *hub) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", h.pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 13 {
		return 0, errors.New("stat has too few fields")
	}
	user, errUser := strconv.ParseInt(fields[11], 10, 64)
	system, errSystem := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(errUser, errSystem)
}
