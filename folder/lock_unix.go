//go:build unix

package folder

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// Lock keeps a second process off: it fails when another holds the lock at path. The system releases the lock of a killed process.
func Lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another process uses it: %w", err), file.Close())
	}
	return func() { _ = file.Close() }, nil // closing releases the lock; nothing was written
}
