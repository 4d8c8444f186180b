package pgtest

import (
	"errors"
	"fmt"
	"os"
	osuser "os/user"
	"strconv"
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

// tryLock takes the file's lock if it is free. The kernel gives it back when this process ends, however it ends.
func tryLock(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}
