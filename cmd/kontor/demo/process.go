package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// Limits on what a started process may say.
const (
	readyLineLimit = 1 << 20 // bytes of the ready line
	adminLimit     = 4 << 20 // bytes of one admin command's answer
	tailBytes      = 4 << 20
	tailLines      = 15
)

// process is one running kontor of this demo: the bank or the hub. It is ended by its own handle, never by name.
type process struct {
	name     string
	cmd      *exec.Cmd
	logPath  string // what it writes to stderr, and to stdout after the ready line
	ready    chan []byte
	done     chan struct{} // closed when the process has ended and was waited for
	exit     error         // valid after done
	stopping atomic.Bool
}

// start runs the binary. ended is called once, after the process has ended without having been asked to. The caller must call
// stop, also after an unexpected end.
func start(name, binary string, env []string, logPath string, ended func(error), args ...string) (*process, error) {
	log, err := os.OpenFile(logPath, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the log of %s: %w", name, err)
	}
	p := &process{name: name, logPath: logPath, ready: make(chan []byte, 1), done: make(chan struct{})}
	p.cmd = exec.Command(binary, args...) //nolint:gosec,noctx // kontor itself; it is ended in order by stopAll, not by a context
	p.cmd.Env = env
	p.cmd.Stderr = log
	p.cmd.SysProcAttr = ownGroup()
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting %s: %w", name, err), log.Close())
	}
	go p.follow(out, log, ended)
	return p, nil
}

// follow reads stdout to its end, then waits for the process. It is the only one that calls Wait.
func (p *process) follow(out io.Reader, log *os.File, ended func(error)) {
	lines := bufio.NewReaderSize(out, 64<<10)
	if line, err := readLine(lines, readyLineLimit); err == nil {
		p.ready <- line
	}
	_, copyErr := io.Copy(log, lines)
	p.exit = errors.Join(p.cmd.Wait(), copyErr, log.Close())
	close(p.done)
	if !p.stopping.Load() {
		ended(fmt.Errorf("%s ended unexpectedly: %s", p.name, exitText(p.exit)))
	}
}

// awaitReady decodes the one JSON line with which the process says that it is ready.
func (p *process) awaitReady(ctx context.Context, into any) error {
	select {
	case line := <-p.ready:
		if err := json.Unmarshal(line, into); err != nil {
			return fmt.Errorf("reading the ready line of %s: %w", p.name, err)
		}
		return nil
	case <-p.done:
		return fmt.Errorf("%s ended before it was ready: %s", p.name, exitText(p.exit))
	case <-ctx.Done():
		return fmt.Errorf("waiting for %s to be ready: %w", p.name, context.Cause(ctx))
	}
}

// terminate asks the process to end (SIGTERM); it does not wait.
func (p *process) terminate() {
	p.stopping.Store(true)
	select {
	case <-p.done:
	default:
		if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			_ = p.cmd.Process.Kill() // a system without SIGTERM; the process is being ended anyway
		}
	}
}

// wait waits for the end until the deadline and reports whether it came.
func (p *process) wait(deadline time.Time) bool {
	timer := time.NewTimer(time.Until(deadline))
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// stopAll ends processes in the given order, each before the next as long as that takes less than its share, and all of them
// within grace: what still runs then is killed. It returns after the last one has been waited for, with the names of the killed.
func stopAll(grace time.Duration, processes ...*process) []string {
	deadline := time.Now().Add(grace)
	share := grace / time.Duration(len(processes)+1)
	for _, p := range processes {
		p.terminate()
		p.wait(time.Now().Add(share))
	}
	var killed []string
	for _, p := range processes {
		if p.wait(deadline) {
			continue
		}
		killed = append(killed, p.name)
		if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			continue // not ours to end any more; there is nothing to wait for
		}
		<-p.done
	}
	return killed
}

// tail returns the last lines of the process's log, without those of the requests that went well: they are mostly this demo's own
// questions, and would push out what matters.
func (p *process) tail() ([]string, error) {
	file, err := os.Open(p.logPath)
	if err != nil {
		return nil, fmt.Errorf("reading the log of %s: %w", p.name, err)
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading the log of %s: %w", p.name, err)
	}
	from := max(0, info.Size()-tailBytes)
	text, err := io.ReadAll(io.NewSectionReader(file, from, tailBytes))
	if err != nil {
		return nil, fmt.Errorf("reading the log of %s: %w", p.name, err)
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if from > 0 {
		lines = lines[1:] // begins in the middle of a line
	}
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, `"level":"INFO","msg":"request"`) })
	return lines[max(0, len(lines)-tailLines):], nil
}

// admin runs `kontor admin …` commands on the hub's data folder.
type admin struct {
	binary string
	env    []string
	data   string
}

// run executes one command with --json and decodes its answer; into may be nil. The error carries what the command said.
func (a *admin) run(ctx context.Context, into any, args ...string) error {
	what := "kontor admin " + strings.Join(args[:min(2, len(args))], " ")
	args = append(append([]string{"admin"}, args...), "--data", a.data, "--json")
	cmd := exec.CommandContext(ctx, a.binary, args...) //nolint:gosec // kontor itself, or what the caller of Run names
	cmd.Env = a.env
	cmd.SysProcAttr = ownGroup()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopGrace
	out, said := &limited{limit: adminLimit}, &limited{limit: adminLimit}
	cmd.Stdout, cmd.Stderr = out, said
	if err := cmd.Run(); err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return fmt.Errorf("%s: %w", what, cause)
		}
		return fmt.Errorf("%s: %w: %s", what, err, oneLine(said.String()))
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(out.Bytes(), into); err != nil {
		return fmt.Errorf("reading the answer of %s: %w", what, err)
	}
	return nil
}

// limited is a buffer that refuses more than limit bytes.
type limited struct {
	bytes.Buffer
	limit int
}

// Write implements io.Writer.
func (l *limited) Write(b []byte) (int, error) {
	if l.Len()+len(b) > l.limit {
		return 0, fmt.Errorf("more than %d bytes of output", l.limit)
	}
	return l.Buffer.Write(b)
}

// readLine reads up to a line feed; longer lines are an error.
func readLine(r *bufio.Reader, limit int) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > limit {
			return nil, fmt.Errorf("line longer than %d bytes", limit)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSpace(line), nil
		case errors.Is(err, bufio.ErrBufferFull):
		default:
			return nil, err
		}
	}
}

// exitText says how a process ended; a clean exit is no error of its own.
func exitText(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// oneLine makes what a command said fit into an error.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 600 {
		return strings.ToValidUTF8(text[:600], "") + "…"
	}
	return text
}

// environment returns the environment for the demo's processes: that of this one without KONTOR_ variables, which could point
// the demo at a real installation.
func environment(all []string) []string {
	env := make([]string, 0, len(all))
	for _, entry := range all {
		if !strings.HasPrefix(strings.ToUpper(entry), "KONTOR_") {
			env = append(env, entry)
		}
	}
	return env
}
