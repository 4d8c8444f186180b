package access

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kontor/internal/hub"
	"kontor/internal/store"
)

// CreateKey makes an API key for a tenant and returns its record and, for this one time, its secret. CodeInvalid for a name that is not
// 1 to 100 printable characters, for no scope at all or an unknown one; CodeNotFound for an unknown tenant; CodeConflict for a
// destroyed one.
func (a *Access) CreateKey(ctx context.Context, actor hub.Actor, tenant hub.TenantID, name string, scopes []hub.Scope) (hub.APIKey, Secret, error) {
	if err := checkName(name); err != nil {
		return hub.APIKey{}, "", err
	}
	scopes, err := checkScopes(scopes)
	if err != nil {
		return hub.APIKey{}, "", err
	}
	secret := Generate()
	key := hub.APIKey{ID: hub.KeyID(store.NewID()), Tenant: tenant, Name: name, Scopes: scopes, Active: true, Created: a.store.Now()}
	err = a.change(ctx, actor, tenant, key.ID, "api_key.create", map[string]string{"name": name, "scopes": join(scopes)}, func(tx *store.Tx) error {
		return tx.InsertKey(ctx, key, hash(a.keyPepper, string(secret)))
	})
	if err != nil {
		return hub.APIKey{}, "", err
	}
	return key, secret, nil
}

// Deactivate switches a key off. Its tokens die at once. CodeNotFound if the tenant has no such key.
func (a *Access) Deactivate(ctx context.Context, actor hub.Actor, tenant hub.TenantID, key hub.KeyID) error {
	return a.change(ctx, actor, tenant, key, "api_key.deactivate", nil, func(tx *store.Tx) error {
		return tx.SetKeyActive(ctx, tenant, key, false)
	})
}

// Activate switches a key on again; the secret is the one it had. CodeNotFound if the tenant has no such key, CodeConflict if the
// tenant is destroyed.
func (a *Access) Activate(ctx context.Context, actor hub.Actor, tenant hub.TenantID, key hub.KeyID) error {
	return a.change(ctx, actor, tenant, key, "api_key.activate", nil, func(tx *store.Tx) error {
		return tx.SetKeyActive(ctx, tenant, key, true)
	})
}

// Regenerate gives a key a new secret and returns it, for this one time. The old secret and all tokens die at once; whether the key is
// active does not change. CodeNotFound if the tenant has no such key, CodeConflict if the tenant is destroyed.
func (a *Access) Regenerate(ctx context.Context, actor hub.Actor, tenant hub.TenantID, key hub.KeyID) (Secret, error) {
	secret := Generate()
	err := a.change(ctx, actor, tenant, key, "api_key.regenerate", nil, func(tx *store.Tx) error {
		return tx.ReplaceKeyHash(ctx, tenant, key, hash(a.keyPepper, string(secret)))
	})
	if err != nil {
		return "", err
	}
	return secret, nil
}

// Keys lists a tenant's keys in order of creation, without secrets: those are known to nobody but their owners.
func (a *Access) Keys(ctx context.Context, tenant hub.TenantID) ([]hub.APIKey, error) {
	var keys []hub.APIKey
	err := a.store.Read(ctx, func(tx *store.Tx) (err error) {
		keys, err = tx.Keys(ctx, tenant)
		return err
	})
	return keys, err
}

// change runs one change of a key of an active tenant and commits its audit row with it.
func (a *Access) change(ctx context.Context, actor hub.Actor, tenant hub.TenantID, key hub.KeyID, action string, detail map[string]string, f func(tx *store.Tx) error) error {
	return a.store.Write(ctx, func(tx *store.Tx) error {
		t, err := tx.Tenant(ctx, string(tenant))
		if err != nil {
			return err
		}
		if t.State != hub.TenantActive {
			return hub.Errorf(hub.CodeConflict, "the tenant is destroyed")
		}
		if err := f(tx); err != nil {
			return err
		}
		return tx.Audit(ctx, hub.AuditRow{Owner: tenant.Owner(), Actor: actor, Action: action, Subject: string(key), Detail: detail})
	})
}

func checkName(name string) error {
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	n := utf8.RuneCountInString(name)
	if n == 0 || n > 100 || strings.ContainsFunc(name, unprintable) || strings.TrimSpace(name) == "" {
		return hub.Errorf(hub.CodeInvalid, "the name of an API key is 1 to 100 printable characters")
	}
	return nil
}

// checkScopes returns the scopes once each, in the order in which they are shown.
func checkScopes(scopes []hub.Scope) ([]hub.Scope, error) {
	for _, s := range scopes {
		if !slices.Contains(hub.Scopes(), s) {
			return nil, hub.Errorf(hub.CodeInvalid, "there is no scope %q; the scopes are %s", s, join(hub.Scopes()))
		}
	}
	if len(scopes) == 0 {
		return nil, hub.Errorf(hub.CodeInvalid, "an API key needs at least one of the scopes %s", join(hub.Scopes()))
	}
	var out []hub.Scope
	for _, s := range hub.Scopes() {
		if slices.Contains(scopes, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

func join(scopes []hub.Scope) string {
	text := make([]string, len(scopes))
	for i, s := range scopes {
		text[i] = string(s)
	}
	return strings.Join(text, " ")
}
