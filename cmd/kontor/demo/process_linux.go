package demo

import "syscall"

// ownGroup puts a started process into a group of its own, so that Ctrl-C reaches the demo alone, which then ends the others in
// order; should the demo be killed, the kernel ends them.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
