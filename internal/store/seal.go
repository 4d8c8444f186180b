package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"kontor/internal/hub"
	"kontor/internal/vault"
)

// CreateOwner makes the owner's certificate (in the key store) and data key (wrapped, in the database). For the operator it is
// called at the first start, for a tenant within the transaction that creates it.
func (tx *Tx) CreateOwner(ctx context.Context, owner hub.Owner) error {
	certificate, err := tx.s.vault.CreateOwner(vault.Owner(owner), tx.s.now())
	if err != nil {
		return fmt.Errorf("create key of owner %s: %w", owner, err)
	}
	wrapped, err := tx.s.vault.NewDataKey(certificate, vault.Owner(owner))
	if err != nil {
		return fmt.Errorf("wrap data key of owner %s: %w", owner, err)
	}
	err = tx.insert(ctx, "owner_key", []string{"owner", "certificate", "wrapped_key", "created"},
		string(owner), certificate, wrapped, micros(tx.s.Now()))
	if err != nil {
		return err
	}
	if tx.created == nil {
		tx.created = map[hub.Owner][]byte{}
	}
	tx.created[owner] = wrapped
	return nil
}

// HasOwner says whether the owner has a key.
func (tx *Tx) HasOwner(ctx context.Context, owner hub.Owner) (bool, error) {
	var n int64
	return tx.one(ctx, `SELECT 1 FROM owner_key WHERE owner = $1`, []any{string(owner)}, &n)
}

// KeyOpens fails unless the owner's key can be used.
func (tx *Tx) KeyOpens(ctx context.Context, owner hub.Owner) error {
	_, err := tx.keys(ctx, owner)
	return err
}

// Certificate returns the owner's certificate (DER).
func (tx *Tx) Certificate(ctx context.Context, owner hub.Owner) ([]byte, error) {
	var der []byte
	found, err := tx.one(ctx, `SELECT certificate FROM owner_key WHERE owner = $1`, []any{string(owner)}, &der)
	if err == nil && !found {
		err = hub.Errorf(hub.CodeNotFound, "no such owner")
	}
	return der, err
}

// keys returns the owner's keys. A destroyed certificate is CodeNotFound: nothing of the owner can be read. Within one transaction the key
// store is asked once for each owner.
func (tx *Tx) keys(ctx context.Context, owner hub.Owner) (*vault.Keys, error) {
	if k := tx.opened[owner]; k != nil {
		return k, nil
	}
	k, err := tx.findKeys(ctx, owner)
	if err != nil {
		return nil, err
	}
	if tx.opened == nil {
		tx.opened = map[hub.Owner]*vault.Keys{}
	}
	tx.opened[owner] = k
	return k, nil
}

func (tx *Tx) findKeys(ctx context.Context, owner hub.Owner) (*vault.Keys, error) {
	// A key that this very transaction made is not for the cache: the transaction may roll back and run again with another one, and what
	// was sealed with the first could be opened by this process only, and only until it ends.
	if own, ok := tx.created[owner]; ok {
		return tx.unwrap(owner, own)
	}
	wrapped, ok := tx.s.wrapped.Load(owner)
	if !ok {
		var w []byte
		found, err := tx.one(ctx, `SELECT wrapped_key FROM owner_key WHERE owner = $1`, []any{string(owner)}, &w)
		if err != nil {
			return nil, fmt.Errorf("read key of owner %s: %w", owner, err)
		}
		if !found {
			return nil, hub.Errorf(hub.CodeNotFound, "no such owner")
		}
		wrapped = w
		tx.s.wrapped.Store(owner, w)
	}
	return tx.unwrap(owner, wrapped.([]byte))
}

func (tx *Tx) unwrap(owner hub.Owner, wrapped []byte) (*vault.Keys, error) {
	k, err := tx.s.vault.Keys(vault.Owner(owner), wrapped)
	if errors.Is(err, vault.ErrDestroyed) {
		return nil, &hub.Error{Code: hub.CodeNotFound, Message: "the owner's key was destroyed", Err: err}
	}
	if err != nil {
		return nil, fmt.Errorf("open key of owner %s: %w", owner, err)
	}
	return k, nil
}

// seal encrypts v as JSON for one row.
func (tx *Tx) seal(ctx context.Context, owner hub.Owner, table, id string, v any) ([]byte, error) {
	k, err := tx.keys(ctx, owner)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", table, err)
	}
	return k.SealRow(table, id, plain), nil
}

// open decrypts what seal made.
func (tx *Tx) open(ctx context.Context, owner hub.Owner, table, id string, sealed []byte, v any) error {
	k, err := tx.keys(ctx, owner)
	if err != nil {
		return err
	}
	plain, err := k.OpenRow(table, id, sealed)
	if err != nil {
		return fmt.Errorf("open %s %s: %w", table, id, err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("decode %s %s: %w", table, id, err)
	}
	return nil
}

// fingerprint returns the owner's keyed fingerprint of a value, for equality look-ups.
func (tx *Tx) fingerprint(ctx context.Context, owner hub.Owner, kind string, value []byte) ([]byte, error) {
	k, err := tx.keys(ctx, owner)
	if err != nil {
		return nil, err
	}
	return k.Fingerprint(kind, value), nil
}
