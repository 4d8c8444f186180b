package store

import (
	"errors"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"

	"kontor/internal/hub"
)

// disk is what SQLite has said about the medium below it.
type disk struct {
	distrusted atomic.Bool
	failed     chan error // receives the failure once; buffered
}

// ErrDistrusted says that a write could not be made durable: the system has reported once that an fsync failed, and may have thrown away
// what it could not write. To sync again would report success without the data.
var ErrDistrusted = errors.New("the disk did not keep what was written")

// Failed receives an error that is ErrDistrusted once the database's files cannot be trusted any more by this process. It must end then:
// a new one finds in the files what the disk has really kept. Nothing is written from that moment on.
func (s *Store) Failed() <-chan error { return s.disk.failed }

// watch is given every error of every SQLite connection, those of the job queue included.
func (d *disk) watch(err error) {
	if code, ok := sqliteCode(err); ok && unsynced(code) && d.distrusted.CompareAndSwap(false, true) {
		d.failed <- errors.Join(ErrDistrusted, err)
	}
}

// trusted is an error once nothing may be written any more.
func (d *disk) trusted() error {
	if d.distrusted.Load() {
		return &hub.Error{Code: hub.CodeUnavailable, Message: "the service is being stopped: try again", Err: ErrDistrusted}
	}
	return nil
}

// diskFault tells callers of a failed transaction on SQLite what they can do about it when the medium, not the statement, was the reason.
func diskFault(err error) error {
	code, ok := sqliteCode(err)
	if !ok || hub.CodeOf(err) != "" {
		return err
	}
	switch {
	case code == sqlite3.SQLITE_FULL, code == sqlite3.SQLITE_IOERR_SHMSIZE:
		return diskFull(err)
	case unsynced(code):
		return &hub.Error{Code: hub.CodeUnavailable, Message: "the service is being stopped: try again", Err: err}
	}
	switch code & 0xff { // the primary code
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN:
		return &hub.Error{Code: hub.CodeUnavailable, Message: "the disk does not answer as it should: try again", Err: err}
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED: // an administrator's command may hold it
		return &hub.Error{Code: hub.CodeUnavailable, Message: "the database is busy: try again", Err: err}
	}
	return err
}

func diskFull(err error) error {
	return &hub.Error{Code: hub.CodeStorageFull, Message: "there is no room to store this; nothing was done, try again later", Err: err}
}

// unsynced says whether a code means that written data may be lost although later calls succeed.
func unsynced(code int) bool {
	return code == sqlite3.SQLITE_IOERR_FSYNC || code == sqlite3.SQLITE_IOERR_DIR_FSYNC
}

func sqliteCode(err error) (code int, ok bool) {
	type coded interface{ Code() int }
	c, ok := errors.AsType[interface {
		error
		coded
	}](err)
	if !ok {
		return 0, false
	}
	return c.Code(), true
}
