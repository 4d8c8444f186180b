package store

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"io"
	"os"

	"kontor/internal/hub"
)

// Queued is how many callers wait for the turn to write.
func (s *Store) Queued() int {
	s.group.mu.Lock()
	defer s.group.mu.Unlock()
	return len(s.group.queue)
}

// LoseTransaction ends the transaction behind everybody's back, as SQLite does when it meets a full disk.
func LoseTransaction(tx *Tx) error {
	if native, ok := tx.c.native().(*sql.Tx); ok {
		if _, err := native.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			return err
		}
	}
	return errors.New("the disk is full")
}

// CommitFrames counts the frames of a write-ahead log that end a transaction (file format of SQLite, section 4: a frame header's second
// number is the size of the database for commit records, otherwise zero).
func CommitFrames(path string) (n int, err error) {
	log, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	const header, frameHeader = 32, 24
	if len(log) < header {
		return 0, io.ErrUnexpectedEOF
	}
	page := int(binary.BigEndian.Uint32(log[8:]))
	for at := header; at+frameHeader+page <= len(log); at += frameHeader + page {
		if binary.BigEndian.Uint32(log[at+4:]) != 0 {
			n++
		}
	}
	return n, nil
}

// FailStatement runs a statement that the database refuses.
func FailStatement(ctx context.Context, tx *Tx) error {
	_, err := tx.exec(ctx, "SELECT this_is_no_column")
	return err
}

// Distrust is what happens when SQLite reports that an fsync failed.
func (s *Store) Distrust() { s.disk.distrusted.Store(true) }

// MakeQuarantinedFormer gives a part the fingerprint that earlier programs made.
func MakeQuarantinedFormer(ctx context.Context, tx *Tx, q hub.Quarantined, digest [32]byte) error {
	fp, err := tx.fingerprint(ctx, q.Owner, "quarantine", digest[:])
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `UPDATE quarantine SET digest = $1 WHERE id = $2`, fp, q.ID)
	return err
}
