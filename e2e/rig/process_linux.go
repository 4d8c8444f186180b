package rig

import "syscall"

// attributes puts a process into a group of its own and has the kernel end it should the test binary be killed.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
