package app

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"

	"kontor/account/directory"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// banks keeps the installation's list of banks at hand, and follows when an operator changes it, on this node or another.
type banks struct {
	store *store.Store
	used  atomic.Pointer[directory.Table]
	known string // digest of what was looked at last, whether it could be used or not
}

// table is the list as it was last read; nil if there is none.
func (b *banks) table() *directory.Table { return b.used.Load() }

// follow reads the list anew if it has been changed. One that cannot be used is an error once; nothing is then said about banks, rather
// than by a list that an operator wanted replaced. It is not for use by several at once.
func (b *banks) follow(ctx context.Context) error {
	var d hub.BankDirectory
	var text []byte
	var unusable error
	err := b.store.Read(ctx, func(tx *store.Tx) error {
		found, has, err := tx.BankDirectory(ctx)
		if err != nil {
			return err
		}
		if d = found; !has || d.SHA256 == b.known {
			return nil
		}
		text, unusable = tx.BankDirectoryText(ctx, d.SHA256)
		return ctx.Err()
	})
	if err != nil || d.SHA256 == b.known {
		return err
	}
	var table *directory.Table
	if d.SHA256 != "" && unusable == nil {
		table, unusable = directory.Read(bytes.NewReader(text))
	}
	b.known = d.SHA256
	b.used.Store(table)
	if unusable != nil {
		return fmt.Errorf("payment files are judged without the bank directory: %w", unusable)
	}
	return nil
}
