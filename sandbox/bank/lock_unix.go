//go:build unix

package bank

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// lock keeps a second bank off the data folder; the system releases the lock of
// a killed process.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another bank uses it: %w", err), file.Close())
	}
	return func() { _ = file.Close() }, nil // closing releases the lock; nothing was written
}
