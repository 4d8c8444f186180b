package rig

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// ErrEnded says that a process ended before it was ready: it was killed, or it could not start.
var ErrEnded = errors.New("the process ended before it was ready")

// readyLimit is how many bytes a ready line may have.
const readyLimit = 1 << 20

// process is one kontor that can be started, killed and started again on the same data. Its methods may be called from several
// goroutines, but only one of them may start it.
type process struct {
	name   string
	binary string
	log    string   // path; stderr, and stdout after the ready line
	under  []string // a program and its arguments that start the binary, by exec

	mu     sync.Mutex
	run    *run // the current or last one; nil before the first
	starts int
}

// run is one life of a process.
type run struct {
	cmd    *exec.Cmd
	ready  chan []byte
	exited chan struct{}
	state  *os.ProcessState // valid after exited
}

// start starts the process with env added to the environment and returns its ready line. An error that is ErrEnded means that it ended
// instead of becoming ready.
func (p *process) start(env []string, args ...string) ([]byte, error) {
	if p.running() {
		return nil, fmt.Errorf("%s runs already", p.name)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	// It outlives the call that starts it, and ends with the test.
	command := append(append(slices.Clone(p.under), p.binary), args...)
	r := &run{cmd: exec.CommandContext(context.Background(), command[0], command[1:]...), ready: make(chan []byte, 1), exited: make(chan struct{})} //nolint:gosec // the binary under test
	r.cmd.Env = append(environment(), env...)
	r.cmd.Stderr = log
	r.cmd.SysProcAttr = attributes()
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, errors.Join(err, log.Close())
	}
	started := make(chan error, 1)
	go r.live(out, log, started)
	if err := <-started; err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.name, err)
	}
	p.mu.Lock()
	p.run = r
	p.starts++
	p.mu.Unlock()
	select {
	case line := <-r.ready:
		return line, nil
	case <-r.exited:
		return nil, fmt.Errorf("%s: %w: %s", p.name, ErrEnded, r.state)
	case <-time.After(Patience):
		p.kill()
		return nil, fmt.Errorf("%s was not ready within %s", p.name, Patience)
	}
}

// live starts the command and stays with it to its end, on a thread of its own: the kernel sends the parent-death signal when the thread
// that started a child ends.
func (r *run) live(out io.Reader, log *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := r.cmd.Start()
	started <- err
	if err == nil {
		lines := bufio.NewReaderSize(out, 64<<10)
		// A line that is cut off or too long is no ready line; the end of the process tells the rest.
		if line, err := lines.ReadBytes('\n'); err == nil && len(line) <= readyLimit {
			r.ready <- line
		}
		_, _ = io.Copy(log, lines) // a broken pipe is the end of the process
		_ = r.cmd.Wait()           // how it ended is in the state
		r.state = r.cmd.ProcessState
	}
	_ = log.Close() // everything is written unbuffered
	close(r.exited)
}

// exited is closed when the current life has ended; nil before the first start.
func (p *process) exited() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run == nil {
		return nil
	}
	return p.run.exited
}

func (p *process) running() bool {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil {
		return false
	}
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// killed says whether the last life has ended by SIGKILL.
func (p *process) killed() bool {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil || p.running() {
		return false
	}
	status, ok := r.state.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// stopped says whether the last life has ended with status 0.
func (p *process) stopped() bool {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	return r != nil && !p.running() && r.state.Success()
}

// signal sends a signal to the running process.
func (p *process) signal(s syscall.Signal) error {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil || !p.running() {
		return fmt.Errorf("%s does not run", p.name)
	}
	return r.cmd.Process.Signal(s)
}

// kill ends the process with SIGKILL and waits for its end. One that does not run is left alone.
func (p *process) kill() {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil {
		return
	}
	_ = r.cmd.Process.Kill() // an error means that it has ended
	<-r.exited
}

// stop asks the process to end (SIGTERM), and returns how long that took and an error unless it ended with status 0 in time.
func (p *process) stop() (time.Duration, error) {
	p.mu.Lock()
	r := p.run
	p.mu.Unlock()
	if r == nil || !p.running() {
		return 0, fmt.Errorf("%s does not run", p.name)
	}
	begin := time.Now()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return 0, fmt.Errorf("stopping %s: %w", p.name, err)
	}
	select {
	case <-r.exited:
	case <-time.After(Patience):
		p.kill()
		return time.Since(begin), fmt.Errorf("%s did not stop within %s", p.name, Patience)
	}
	if !r.state.Success() {
		return time.Since(begin), fmt.Errorf("%s ended with %s", p.name, r.state)
	}
	return time.Since(begin), nil
}

// endWith kills the process when the test ends, and shows the end of its log when the test has failed.
func (p *process) endWith(t testing.TB) {
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the last lines of the log of %s (started %d times):\n%s", p.name, p.starts, tail(p.log))
		}
	})
}

// environment is that of this process without KONTOR_ variables, which would be settings of the processes under test.
func environment() []string {
	return slices.DeleteFunc(os.Environ(), func(entry string) bool { return strings.HasPrefix(strings.ToUpper(entry), "KONTOR_") })
}

// tail returns the last lines of a log that are not about requests that went well.
func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, `"level":"INFO","msg":"request"`) })
	return strings.Join(lines[max(0, len(lines)-40):], "\n")
}

// cutShort shortens what a process said for a failure message.
func cutShort(text []byte) string {
	const most = 2000
	if len(text) > most {
		text = text[:most]
	}
	return strings.TrimSpace(string(text))
}
