package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"kontor/calendar"
	"kontor/internal/hub"
)

const (
	// maxDirectory is the largest list of banks, as text: package account/directory reads no larger one.
	maxDirectory = 64 << 20
	// directoryPart is how much of the compressed list is in one row.
	directoryPart = 256 << 10
)

// BankDirectory says which list of banks the installation has; false if it has none.
func (tx *Tx) BankDirectory(ctx context.Context) (d hub.BankDirectory, has bool, err error) {
	var date string
	var banks, participants, at int64
	has, err = tx.one(ctx, `SELECT version, date, sha256, banks, participants, at FROM bank_directory WHERE id = 1`, nil,
		&d.Version, &date, &d.SHA256, &banks, &participants, &at)
	if err != nil || !has {
		return d, false, err
	}
	if d.Date, err = calendar.Parse(date); err != nil {
		return d, false, fmt.Errorf("read date of the bank directory: %w", err)
	}
	d.Banks, d.Participants, d.At = int(banks), int(participants), instant(at)
	return d, true, nil
}

// BankDirectoryText returns the text of the list whose digest BankDirectory gave in the same transaction. It fails if the text is not that.
func (tx *Tx) BankDirectoryText(ctx context.Context, sha string) ([]byte, error) {
	var packed bytes.Buffer
	err := tx.each(ctx, `SELECT content FROM bank_directory_part ORDER BY number`, nil, func(r rows) error {
		var part []byte
		if err := r.Scan(&part); err != nil {
			return err
		}
		packed.Write(part)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the bank directory: %w", err)
	}
	unpacked, err := gzip.NewReader(&packed)
	if err != nil {
		return nil, fmt.Errorf("unpack the bank directory: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(unpacked, maxDirectory+1))
	if err != nil {
		return nil, fmt.Errorf("unpack the bank directory: %w", err)
	}
	if digest := sha256.Sum256(text); hex.EncodeToString(digest[:]) != sha {
		return nil, fmt.Errorf("the stored bank directory is damaged: its digest is not %s", sha)
	}
	return text, nil
}

// SetBankDirectory replaces the list whose digest is was, "" for none, and sets digest and time of d. CodeConflict if another has been stored
// meanwhile, CodeTooLarge beyond 64 MiB.
func (tx *Tx) SetBankDirectory(ctx context.Context, was string, d *hub.BankDirectory, text []byte) error {
	if len(text) > maxDirectory {
		return hub.Errorf(hub.CodeTooLarge, "the bank directory is larger than 64 MiB")
	}
	digest := sha256.Sum256(text)
	d.SHA256, d.At = hex.EncodeToString(digest[:]), tx.Now()
	values := []any{d.Version, d.Date.String(), d.SHA256, int64(d.Banks), int64(d.Participants), micros(d.At)}
	statement := `INSERT INTO bank_directory (id, version, date, sha256, banks, participants, at) VALUES (1, $1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING`
	if was != "" {
		values = append(values, was)
		statement = `UPDATE bank_directory SET version = $1, date = $2, sha256 = $3, banks = $4, participants = $5, at = $6 WHERE id = 1 AND sha256 = $7`
	}
	changed, err := tx.changesOne(ctx, statement, values...)
	if err != nil {
		return err
	}
	if !changed {
		return errDirectoryChanged()
	}
	return tx.replaceDirectoryParts(ctx, text)
}

func (tx *Tx) replaceDirectoryParts(ctx context.Context, text []byte) error {
	if _, err := tx.exec(ctx, `DELETE FROM bank_directory_part`); err != nil {
		return err
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil {
		return fmt.Errorf("pack the bank directory: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("pack the bank directory: %w", err)
	}
	for number := 0; packed.Len() > 0; number++ {
		if err := tx.insert(ctx, "bank_directory_part", []string{"number", "content"}, int64(number), packed.Next(directoryPart)); err != nil {
			return err
		}
	}
	return nil
}

// ClearBankDirectory removes the list whose digest is was. CodeConflict if there is another, or none.
func (tx *Tx) ClearBankDirectory(ctx context.Context, was string) error {
	changed, err := tx.changesOne(ctx, `DELETE FROM bank_directory WHERE id = 1 AND sha256 = $1`, was)
	if err != nil {
		return err
	}
	if !changed {
		return errDirectoryChanged()
	}
	_, err = tx.exec(ctx, `DELETE FROM bank_directory_part`)
	return err
}

func errDirectoryChanged() error {
	return hub.Errorf(hub.CodeConflict, "the bank directory has been changed meanwhile")
}
