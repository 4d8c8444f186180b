package pgtest

import (
	"errors"
	"os"
	"path/filepath"
	"time"
)

// folderPattern names the folders of this package in the temporary folder.
const folderPattern = "kontor-pg-*"

// settled is the age from which an unlocked folder is taken to be abandoned; below it, its owner may be about to lock it.
const settled = time.Minute

// makeFolder makes the folder of one server and locks it for the life of this process. The server's user owns it.
func makeFolder(p programs) (dir string, lock *os.File, err error) {
	dir, err = os.MkdirTemp("", folderPattern)
	if err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	if p.user != nil {
		if err := os.Chown(dir, p.user.uid, p.user.gid); err != nil {
			return "", nil, err
		}
	}
	lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", nil, err
	}
	if _, err := tryLock(lock); err != nil {
		return "", nil, errors.Join(err, lock.Close())
	}
	return dir, lock, nil
}

// sweep removes folders that a killed test process left behind: its server has ended with it, its data has not. It does what it can;
// what it cannot remove belongs to another user and is that user's to sweep.
func sweep(root string) {
	found, err := filepath.Glob(filepath.Join(root, folderPattern))
	if err != nil {
		return
	}
	for _, dir := range found {
		if info, err := os.Stat(dir); err != nil || time.Since(info.ModTime()) < settled {
			continue
		}
		lock, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if free, err := tryLock(lock); err == nil && free {
			_ = os.RemoveAll(dir)
		}
		_ = lock.Close()
	}
}
