package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"kontor/internal/hub"
)

// Payments hands the file's payments to visit in order, page by page.
func (tx *Tx) Payments(ctx context.Context, tenant hub.TenantID, file hub.FileID, visit func(hub.Payment) error) error {
	_, err := tx.pages(ctx, tenant, file, 0, math.MaxInt, func(_ int, page []hub.Payment) error {
		for _, p := range page {
			if err := visit(p); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}

// UpdatePayments hands the payments of up to count pages, from page first on, to change, which may alter a payment and says whether it
// did; changed pages are written back in the same transaction. more says that there may be further pages. A file of 100,000 payments is
// updated in several transactions, so that nobody waits for all of it.
func (tx *Tx) UpdatePayments(ctx context.Context, tenant hub.TenantID, file hub.FileID, first, count int, change func(*hub.Payment) bool) (more bool, err error) {
	keys, err := tx.keys(ctx, tenant.Owner())
	if err != nil {
		return false, err
	}
	// The file's lock: of two reports about one file at once, the second must read what the first wrote.
	if _, err := tx.exec(ctx, `UPDATE payment_file SET updated = updated WHERE tenant_id = $1 AND id = $2`, string(tenant), string(file)); err != nil {
		return false, err
	}
	return tx.pages(ctx, tenant, file, first, count, func(number int, page []hub.Payment) error {
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

func (tx *Tx) pages(ctx context.Context, tenant hub.TenantID, file hub.FileID, first, count int, visit func(number int, page []hub.Payment) error) (more bool, err error) {
	keys, err := tx.keys(ctx, tenant.Owner())
	if err != nil {
		return false, err
	}
	for number := first; number-first < count; number++ {
		var sealed []byte
		found, err := tx.one(ctx, `SELECT sealed FROM payment_page WHERE tenant_id = $1 AND file_id = $2 AND number = $3`,
			[]any{string(tenant), string(file), int64(number)}, &sealed)
		if err != nil || !found {
			return false, err
		}
		plain, err := keys.OpenPage(string(file), number, sealed)
		if err != nil {
			return false, fmt.Errorf("open page %d of file %s: %w", number, file, err)
		}
		var page []hub.Payment
		if err := json.Unmarshal(plain, &page); err != nil {
			return false, fmt.Errorf("decode page %d of file %s: %w", number, file, err)
		}
		if err := visit(number, page); err != nil {
			return false, err
		}
	}
	return true, nil
}
