package vault

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tempPattern is the pattern, for os.CreateTemp and filepath.Glob, of the files in which writeNew prepares the file of this name.
func tempPattern(name string) string { return "." + name + ".*.tmp" }

// writeNew writes a new file of mode 0600, whole or not at all: the bytes go to a temporary file in the same folder, which gets its name
// only when they are on disk. A process killed in between leaves a temporary file that nobody reads. The name is given by a hard link
// and not by a rename, because a rename would replace an existing file: here that is an error that wraps fs.ErrExist.
func writeNew(path string, content []byte) (err error) {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	f, err := os.CreateTemp(dir, tempPattern(name)) // O_EXCL, mode 0600
	if err != nil {
		return err
	}
	temp := f.Name()
	defer func() {
		if removeErr := os.Remove(temp); err == nil && removeErr != nil {
			err = removeErr
		}
		if err == nil {
			err = syncDir(dir)
		}
	}()
	if err := writeSync(f, content); err != nil {
		return err
	}
	return os.Link(temp, path)
}

// writeSync writes content to f from its start, brings it to disk and closes f.
func writeSync(f *os.File, content []byte) error {
	_, err := f.WriteAt(content, 0)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// erase overwrites a file with zeros, brings that to disk and removes the name. A missing file is no error. On a copying file system
// or behind a flash controller the old blocks may live on for a while; what they hold is sealed by the root key.
func erase(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	if err := writeSync(f, make([]byte, info.Size())); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir brings the names in a folder to disk: without it a power cut can undo a link or a removal.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := d.Sync(); err != nil {
		return errors.Join(fmt.Errorf("sync %s: %w", dir, err), d.Close())
	}
	return d.Close()
}
