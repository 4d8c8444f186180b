package store

import (
	"context"
	"encoding/json"
	"fmt"

	"kontor/internal/hub"
	"kontor/internal/vault"
)

type sealedTenant struct {
	Name string `json:"name"`
}

// InsertTenant creates a tenant with its certificate and data key. CodeConflict if the handle is taken.
func (tx *Tx) InsertTenant(ctx context.Context, t hub.Tenant) error {
	var one int64
	taken, err := tx.one(ctx, `SELECT 1 FROM tenant WHERE handle = $1`, []any{t.Handle}, &one)
	if err != nil {
		return err
	}
	if taken { // before the key is made: a key file without tenant would stay behind
		return hub.Errorf(hub.CodeConflict, "a tenant %q exists already", t.Handle)
	}
	if err := tx.CreateOwner(ctx, t.ID.Owner()); err != nil {
		return err
	}
	sealed, err := tx.seal(ctx, t.ID.Owner(), "tenant", string(t.ID), sealedTenant{t.Name})
	if err != nil {
		return err
	}
	settings, err := json.Marshal(t.Settings)
	if err != nil {
		return err
	}
	return tx.insert(ctx, "tenant", []string{"id", "handle", "state", "settings", "created", "sealed"},
		string(t.ID), t.Handle, string(t.State), string(settings), micros(t.Created), sealed)
}

const tenantColumns = `SELECT id, handle, state, settings, created, sealed FROM tenant`

// Tenants lists all tenants in order of creation. A destroyed tenant has no name.
func (tx *Tx) Tenants(ctx context.Context) ([]hub.Tenant, error) {
	return tx.tenants(ctx, tenantColumns+` ORDER BY id`)
}

// Tenant returns the tenant with this id or handle; CodeNotFound if there is none.
func (tx *Tx) Tenant(ctx context.Context, idOrHandle string) (hub.Tenant, error) {
	found, err := tx.tenants(ctx, tenantColumns+` WHERE id = $1 OR handle = $2`, idOrHandle, idOrHandle)
	if err != nil {
		return hub.Tenant{}, err
	}
	if len(found) != 1 {
		return hub.Tenant{}, hub.Errorf(hub.CodeNotFound, "no tenant %q", idOrHandle)
	}
	return found[0], nil
}

// settingsOf looks the settings of an active tenant up; they stay "" if there is none.
func settingsOf(id hub.TenantID) (*string, lookup) {
	var text string
	return &text, lookup{`SELECT settings FROM tenant WHERE id = $1 AND state = 'active'`, []any{string(id)}, func(r rows) error { return r.Scan(&text) }}
}

// SettingsOfTenants returns the settings of all active tenants. Nothing sealed is opened for it.
func (tx *Tx) SettingsOfTenants(ctx context.Context) (map[hub.TenantID]hub.TenantSettings, error) {
	out := map[hub.TenantID]hub.TenantSettings{}
	err := tx.each(ctx, `SELECT id, settings FROM tenant WHERE state = 'active'`, nil, func(r rows) error {
		var id hub.TenantID
		var text string
		if err := r.Scan(&id, &text); err != nil {
			return err
		}
		var err error
		out[id], err = parseSettings(id, text)
		return err
	})
	return out, err
}

func parseSettings(id hub.TenantID, text string) (settings hub.TenantSettings, err error) {
	if text == "" {
		return settings, hub.Errorf(hub.CodeNotFound, "no tenant %q", id)
	}
	if err := json.Unmarshal([]byte(text), &settings); err != nil {
		return settings, fmt.Errorf("decode settings of tenant %s: %w", id, err)
	}
	return settings, nil
}

func (tx *Tx) tenants(ctx context.Context, query string, args ...any) ([]hub.Tenant, error) {
	var out []hub.Tenant
	var sealed [][]byte
	err := tx.each(ctx, query, args, func(r rows) error {
		var t hub.Tenant
		var settings string
		var created int64
		var s []byte
		if err := r.Scan(&t.ID, &t.Handle, &t.State, &settings, &created, &s); err != nil {
			return err
		}
		t.Created = instant(created)
		out, sealed = append(out, t), append(sealed, s)
		return json.Unmarshal([]byte(settings), &out[len(out)-1].Settings)
	})
	if err != nil {
		return nil, fmt.Errorf("read tenants: %w", err)
	}
	for i := range out {
		if out[i].State == hub.TenantDestroyed {
			continue
		}
		var s sealedTenant
		err := tx.open(ctx, out[i].ID.Owner(), "tenant", string(out[i].ID), sealed[i], &s)
		if hub.CodeOf(err) == hub.CodeNotFound { // the key file is gone, the row does not know it yet
			out[i].State = hub.TenantDestroyed
			continue
		}
		if err != nil {
			return nil, err
		}
		out[i].Name = s.Name
	}
	return out, nil
}

// LockTenant keeps others from changing a tenant until the transaction ends: what is read after it is not changed meanwhile. CodeNotFound if
// there is none of this id or handle.
func (tx *Tx) LockTenant(ctx context.Context, idOrHandle string) error {
	n, err := tx.exec(ctx, `UPDATE tenant SET settings = settings WHERE id = $1 OR handle = $2`, idOrHandle, idOrHandle)
	return oneRow(n, err, hub.CodeNotFound, "no such tenant")
}

// SetTenantSettings replaces a tenant's settings.
func (tx *Tx) SetTenantSettings(ctx context.Context, id hub.TenantID, s hub.TenantSettings) error {
	settings, err := json.Marshal(s)
	if err != nil {
		return err
	}
	n, err := tx.exec(ctx, `UPDATE tenant SET settings = $1 WHERE id = $2`, string(settings), string(id))
	return oneRow(n, err, hub.CodeNotFound, "no such tenant")
}

// MarkTenantDestroyed notes that the tenant's key is about to go, ends its access and forgets where its accounts' statements went.
func (tx *Tx) MarkTenantDestroyed(ctx context.Context, id hub.TenantID) error {
	n, err := tx.exec(ctx, `UPDATE tenant SET state = 'destroyed' WHERE id = $1 AND state = 'active'`, string(id))
	if err := oneRow(n, err, hub.CodeConflict, "the tenant is destroyed already"); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM access_token WHERE tenant_id = $1`,
		`UPDATE api_key SET active = 0 WHERE tenant_id = $1`,
		`DELETE FROM poll WHERE contact_id IN (SELECT id FROM contact WHERE owner = $1)`, // its own contacts have no keys any more
		`DELETE FROM account WHERE tenant_id = $1`,                                       // sealed for ever anyway, and its holder may come back as another tenant
	} {
		if _, err := tx.exec(ctx, q, string(id)); err != nil {
			return err
		}
	}
	return nil
}

// DestroyKey removes the private key of the tenant's certificate from the key store: nothing of the tenant can be read from then on,
// here and in every backup.
func (s *Store) DestroyKey(id hub.TenantID) error {
	return s.vault.DestroyOwner(vault.Owner(id.Owner()))
}

// oneRow turns "no row was changed" into a coded error.
func oneRow(n int64, err error, code hub.Code, message string) error {
	if err != nil {
		return err
	}
	if n == 0 {
		return hub.Errorf(code, "%s", message)
	}
	return nil
}
