package store

import (
	"context"
	"encoding/json"
	"fmt"

	"kontor/internal/hub"
)

// Payments hands the file's payments to visit in order, page by page.
func (tx *Tx) Payments(ctx context.Context, tenant hub.TenantID, file hub.FileID, visit func(hub.Payment) error) error {
	return tx.pages(ctx, tenant, file, func(_ int, page []hub.Payment) error {
		for _, p := range page {
			if err := visit(p); err != nil {
				return err
			}
		}
		return nil
	})
}

// UpdatePayments hands every payment of the file to change, which may alter it and says whether it did; changed pages are written
// back in the same transaction.
func (tx *Tx) UpdatePayments(ctx context.Context, tenant hub.TenantID, file hub.FileID, change func(*hub.Payment) bool) error {
	keys, err := tx.keys(ctx, tenant.Owner())
	if err != nil {
		return err
	}
	// The file's lock: of two reports about one file at once, the second must read what the first wrote.
	if _, err := tx.exec(ctx, `UPDATE payment_file SET updated = updated WHERE tenant_id = $1 AND id = $2`, string(tenant), string(file)); err != nil {
		return err
	}
	return tx.pages(ctx, tenant, file, func(number int, page []hub.Payment) error {
		changed := false
		for i := range page {
			changed = change(&page[i]) || changed
		}
		if !changed {
			return nil
		}
		plain, err := json.Marshal(page)
		if err != nil {
			return err
		}
		_, err = tx.exec(ctx, `UPDATE payment_page SET sealed = $1 WHERE tenant_id = $2 AND file_id = $3 AND number = $4`,
			keys.SealPage(string(file), number, plain), string(tenant), string(file), int64(number))
		return err
	})
}

func (tx *Tx) pages(ctx context.Context, tenant hub.TenantID, file hub.FileID, visit func(number int, page []hub.Payment) error) error {
	keys, err := tx.keys(ctx, tenant.Owner())
	if err != nil {
		return err
	}
	for number := 0; ; number++ {
		var sealed []byte
		found, err := tx.one(ctx, `SELECT sealed FROM payment_page WHERE tenant_id = $1 AND file_id = $2 AND number = $3`,
			[]any{string(tenant), string(file), int64(number)}, &sealed)
		if err != nil || !found {
			return err
		}
		plain, err := keys.OpenPage(string(file), number, sealed)
		if err != nil {
			return fmt.Errorf("open page %d of file %s: %w", number, file, err)
		}
		var page []hub.Payment
		if err := json.Unmarshal(plain, &page); err != nil {
			return fmt.Errorf("decode page %d of file %s: %w", number, file, err)
		}
		if err := visit(number, page); err != nil {
			return err
		}
	}
}
