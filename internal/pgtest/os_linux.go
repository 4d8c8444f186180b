package pgtest

import (
	"errors"
	"fmt"
	"os"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// attributes makes a child run as u (nil = as we do) and end when the thread that started it ends. SIGQUIT is PostgreSQL's immediate
// shutdown: the backends are told and go.
func attributes(u *user) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Pdeathsig: syscall.SIGQUIT}
	if u != nil {
		a.Credential = &syscall.Credential{Uid: uint32(u.uid), Gid: uint32(u.gid)}
	}
	return a
}

func lookupUser(name string) (*user, error) {
	found, err := osuser.Lookup(name)
	if err != nil {
		return nil, fmt.Errorf("root needs the account %q to run it: %w", name, err)
	}
	uid, err := strconv.Atoi(found.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(found.Gid)
	if err != nil {
		return nil, err
	}
	return &user{uid: uid, gid: gid}, nil
}

// killFamily kills a process and its children with SIGKILL. Stopped first, it cannot have more children meanwhile.
func killFamily(parent *os.Process) error {
	if err := parent.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	children, err := childrenOf(parent.Pid)
	err = errors.Join(err, parent.Kill())
	for _, pid := range children {
		if kerr := syscall.Kill(pid, syscall.SIGKILL); kerr != nil && !errors.Is(kerr, syscall.ESRCH) {
			err = errors.Join(err, fmt.Errorf("killing %d: %w", pid, kerr))
		}
	}
	return err
}

// childrenOf lists the processes whose parent is pid, as the system's process table tells: pid (name) state parent …
func childrenOf(pid int) ([]int, error) {
	found, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		return nil, err
	}
	var children []int
	for _, path := range found {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended meanwhile
		}
		// The name may hold blanks and parentheses, so what follows its last one.
		_, rest, _ := strings.Cut(string(text[max(0, strings.LastIndexByte(string(text), ')')):]), " ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[1] != strconv.Itoa(pid) {
			continue
		}
		child, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			return nil, err
		}
		children = append(children, child)
	}
	return children, nil
}

// tryLock takes the file's lock if it is free. The kernel gives it back when this process ends, however it ends.
func tryLock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
