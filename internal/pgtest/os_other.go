//go:build !linux

package pgtest

import (
	"errors"
	"os"
	"syscall"
)

// attributes has nothing to say here: without Linux's parent-death signal a server outlives a killed test process.
func attributes(*user) *syscall.SysProcAttr { return nil }

func lookupUser(string) (*user, error) {
	return nil, errors.New("run the tests as an ordinary user on this system")
}

// tryLock never finds a folder abandoned, so that none is removed under a living server.
func tryLock(*os.File) (bool, error) { return false, nil }

// killFamily kills the process alone: this system's process table is not known here, and PostgreSQL's backends end with their parent.
func killFamily(parent *os.Process) error { return parent.Kill() }
