//go:build linux || darwin

package verify

import (
	"os"
	"syscall"
	"unsafe"
)

// columns is the width of a terminal, 0 if it is not known.
func columns(f *os.File) int {
	var size struct{ rows, columns, width, height uint16 }                                                         // struct winsize of ioctl_tty(2)
	_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size))) //nolint:gosec // the kernel writes a struct winsize there
	if failed != 0 {
		return 0
	}
	return int(size.columns)
}
