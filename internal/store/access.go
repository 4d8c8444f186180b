package store

import (
	"context"
	"strings"
	"time"

	"kontor/internal/hub"
)

type sealedKey struct {
	Name string `json:"name"`
}

func joinScopes(scopes []hub.Scope) string {
	text := make([]string, len(scopes))
	for i, s := range scopes {
		text[i] = string(s)
	}
	return strings.Join(text, " ")
}

func splitScopes(text string) []hub.Scope {
	var out []hub.Scope
	for s := range strings.FieldsSeq(text) {
		out = append(out, hub.Scope(s))
	}
	return out
}

// InsertKey adds an API key by its peppered hash.
func (tx *Tx) InsertKey(ctx context.Context, k hub.APIKey, hash []byte) error {
	sealed, err := tx.seal(ctx, k.Tenant.Owner(), "api_key", string(k.ID), sealedKey{k.Name})
	if err != nil {
		return err
	}
	return tx.insert(ctx, "api_key", []string{"tenant_id", "id", "hash", "scopes", "active", "created", "last_used", "sealed"},
		string(k.Tenant), string(k.ID), hash, joinScopes(k.Scopes), int64(1), micros(k.Created), int64(0), sealed)
}

// Keys lists a tenant's API keys in order of creation.
func (tx *Tx) Keys(ctx context.Context, tenant hub.TenantID) ([]hub.APIKey, error) {
	var out []hub.APIKey
	var sealed [][]byte
	err := tx.each(ctx, `SELECT id, scopes, active, created, last_used, sealed FROM api_key WHERE tenant_id = $1 ORDER BY id`,
		[]any{string(tenant)}, func(r rows) error {
			k := hub.APIKey{Tenant: tenant}
			var scopes string
			var active, created, used int64
			var s []byte
			if err := r.Scan(&k.ID, &scopes, &active, &created, &used, &s); err != nil {
				return err
			}
			k.Scopes, k.Active, k.Created, k.LastUsed = splitScopes(scopes), active == 1, instant(created), instant(used)
			out, sealed = append(out, k), append(sealed, s)
			return nil
		})
	if err != nil {
		return nil, err
	}
	for i := range out {
		var s sealedKey
		if err := tx.open(ctx, tenant.Owner(), "api_key", string(out[i].ID), sealed[i], &s); err != nil {
			return nil, err
		}
		out[i].Name = s.Name
	}
	return out, nil
}

// KeyByHash finds an active key; found is false for an unknown or inactive one.
func (tx *Tx) KeyByHash(ctx context.Context, hash []byte) (tenant hub.TenantID, key hub.KeyID, found bool, err error) {
	found, err = tx.one(ctx, `SELECT tenant_id, id FROM api_key WHERE hash = $1 AND active = 1`, []any{hash}, &tenant, &key)
	return tenant, key, found, err
}

// SetKeyActive switches a key on or off; switching off kills its tokens at once.
func (tx *Tx) SetKeyActive(ctx context.Context, tenant hub.TenantID, key hub.KeyID, active bool) error {
	var on int64
	if active {
		on = 1
	}
	n, err := tx.exec(ctx, `UPDATE api_key SET active = $1 WHERE tenant_id = $2 AND id = $3`, on, string(tenant), string(key))
	if err := oneRow(n, err, hub.CodeNotFound, "no such API key"); err != nil || active {
		return err
	}
	return tx.deleteTokens(ctx, tenant, key)
}

// ReplaceKeyHash gives a key a new secret; the old one and its tokens die at once.
func (tx *Tx) ReplaceKeyHash(ctx context.Context, tenant hub.TenantID, key hub.KeyID, hash []byte) error {
	n, err := tx.exec(ctx, `UPDATE api_key SET hash = $1 WHERE tenant_id = $2 AND id = $3`, hash, string(tenant), string(key))
	if err := oneRow(n, err, hub.CodeNotFound, "no such API key"); err != nil {
		return err
	}
	return tx.deleteTokens(ctx, tenant, key)
}

func (tx *Tx) deleteTokens(ctx context.Context, tenant hub.TenantID, key hub.KeyID) error {
	_, err := tx.exec(ctx, `DELETE FROM access_token WHERE tenant_id = $1 AND key_id = $2`, string(tenant), string(key))
	return err
}

// InsertToken adds an access token by its hash and notes the key's use. CodeUnauthenticated if the key died meanwhile.
func (tx *Tx) InsertToken(ctx context.Context, hash []byte, tenant hub.TenantID, key hub.KeyID, expires time.Time) error {
	now := micros(tx.s.Now())
	n, err := tx.exec(ctx, `UPDATE api_key SET last_used = $1 WHERE tenant_id = $2 AND id = $3 AND active = 1`, now, string(tenant), string(key))
	if err := oneRow(n, err, hub.CodeUnauthenticated, "the API key is not active"); err != nil {
		return err
	}
	return tx.insert(ctx, "access_token", []string{"hash", "tenant_id", "key_id", "created", "expires"},
		hash, string(tenant), string(key), now, micros(expires))
}

// tokenAhead is further in the future than nodes' clocks may differ. A token that seems to be younger was made by a clock that has been set
// back since: it would live on for as long as that clock was wrong.
const tokenAhead = 3 * time.Minute

// PrincipalByToken finds whom a token stands for: its row must have neither expired nor come from the future, and its key must be active.
func (tx *Tx) PrincipalByToken(ctx context.Context, hash []byte) (p hub.Principal, found bool, err error) {
	caller, look := tx.callerOf(hash)
	if err := tx.each(ctx, look.query, look.args, look.scan); err != nil {
		return p, false, err
	}
	return caller.principal, caller.found, nil
}

// PayerByToken is PrincipalByToken and, of whom was found, Payer, in one look. Of a token that is not good nothing is returned.
func (tx *Tx) PayerByToken(ctx context.Context, hash []byte) (p hub.Principal, payer Payer, found bool, err error) {
	const tenant = `(SELECT tenant_id FROM access_token WHERE hash = $1)`
	caller, callers := tx.callerOf(hash)
	owned, accounts := accountsBy(tenant, hash)
	reached, contacts := contactsBy(contactColumns+` WHERE id IN (SELECT contact_id FROM account WHERE tenant_id = `+tenant+`)`, hash)
	if err := tx.several(ctx, callers, accounts, contacts); err != nil || !caller.found {
		return p, payer, false, err
	}
	payer, err = tx.openPayer(ctx, caller.principal.Tenant, caller.settings, owned, reached)
	payer.KeyHash = caller.keyHash
	return caller.principal, payer, true, err
}

// StillAdmitted fails with CodeUnauthenticated when the caller's key or tenant is not active any more, or the key has got another secret since
// the caller was found: keyHash is Payer.KeyHash, nil when it is not known. On PostgreSQL it costs no round trip of its own.
func (tx *Tx) StillAdmitted(ctx context.Context, p hub.Principal, keyHash []byte) error {
	query, args := `SELECT 1 FROM api_key k JOIN tenant n ON n.id = k.tenant_id
		WHERE k.tenant_id = $1 AND k.id = $2 AND k.active = 1 AND n.state = 'active'`, []any{string(p.Tenant), string(p.Key)}
	if keyHash != nil {
		query, args = query+` AND k.hash = $3`, append(args, keyHash)
	}
	admitted, err := tx.holds(ctx, query, args...)
	if err == nil && !admitted {
		err = hub.Errorf(hub.CodeUnauthenticated, "the API key is not active any more")
	}
	return err
}

// foundCaller is whom a token stands for, as it is stored.
type foundCaller struct {
	found     bool
	principal hub.Principal
	keyHash   []byte
	settings  string // "" unless the tenant is active
}

func (tx *Tx) callerOf(hash []byte) (*foundCaller, lookup) {
	out := &foundCaller{}
	return out, lookup{`SELECT t.tenant_id, t.key_id, k.hash, k.scopes, COALESCE(n.settings, '') FROM access_token t
		JOIN api_key k ON k.tenant_id = t.tenant_id AND k.id = t.key_id
		LEFT JOIN tenant n ON n.id = t.tenant_id AND n.state = 'active'
		WHERE t.hash = $1 AND t.expires > $2 AND t.created < $3 AND k.active = 1`,
		[]any{hash, micros(tx.s.Now()), micros(tx.s.Now().Add(tokenAhead))}, func(r rows) error {
			var scopes string
			if err := r.Scan(&out.principal.Tenant, &out.principal.Key, &out.keyHash, &scopes, &out.settings); err != nil {
				return err
			}
			out.found, out.principal.Scopes = true, splitScopes(scopes)
			return nil
		}}
}

// DeleteExpiredTokens forgets tokens that expired before the given moment.
func (tx *Tx) DeleteExpiredTokens(ctx context.Context, before time.Time) error {
	_, err := tx.exec(ctx, `DELETE FROM access_token WHERE expires < $1`, micros(before))
	return err
}

// DeleteTokensFromTheFuture forgets tokens that were made later than now by a clock that was wrong: nobody could use them before their
// time comes, and then anybody who has one.
func (tx *Tx) DeleteTokensFromTheFuture(ctx context.Context, now time.Time) error {
	_, err := tx.exec(ctx, `DELETE FROM access_token WHERE created > $1`, micros(now.Add(tokenAhead)))
	return err
}
