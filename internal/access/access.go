// Package access says who is calling: API keys with scopes, and the short-lived access tokens that a key is exchanged for.
//
// Neither a key nor a token is stored. The database holds SHA-256(pepper ‖ secret), where the pepper derives from the installation's
// root key and so lies outside the database and its backups. One round of a fast hash is right here: the secrets are random, not chosen
// by people, so there is nothing to guess that a slow hash would protect, and a token is hashed on every request. Looking a hash up by
// equality leaks no useful timing, since a caller who does not know the pepper cannot choose a hash.
//
// Nothing is cached. A key that is deactivated or regenerated, or a tenant that is destroyed, is without access at once on every node.
package access

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/vault"
)

// TokenLife is how long an access token is good for.
const TokenLife = 30 * time.Minute

// Secret is an API key or access token in clear. It is shown once, to its owner: string(s) is the only way to see it.
type Secret string

const redacted = "[redacted]"

// Format hides the secret from every verb of package fmt, also from those that do not fit a text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// String hides the secret.
func (Secret) String() string { return redacted }

// GoString hides the secret.
func (Secret) GoString() string { return redacted }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON hides the secret.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Token is an access token as the caller gets it.
type Token struct {
	Secret    Secret
	ExpiresIn time.Duration
}

// Access is the registry of API keys and tokens. It is safe for concurrent use.
type Access struct {
	store       *store.Store
	keyPepper   []byte
	tokenPepper []byte
	now         func() time.Time
}

// New returns the registry kept in s.
func New(s *store.Store, v *vault.Vault, now func() time.Time) *Access {
	return &Access{store: s, keyPepper: v.Pepper("api-key"), tokenPepper: v.Pepper("access-token"), now: now}
}

func hash(pepper []byte, secret string) []byte {
	h := sha256.New()
	h.Write(pepper)
	h.Write([]byte(secret))
	return h.Sum(nil)
}

// Login exchanges an API key for an access token and notes it in the audit with the name and version of the calling software, of which
// at most 100 characters each are kept. Whatever is wrong with the key is CodeUnauthenticated, without telling which.
func (a *Access) Login(ctx context.Context, apiKey, clientName, clientVersion string) (Token, error) {
	refused := hub.Errorf(hub.CodeUnauthenticated, "the API key is unknown or not active")
	if len(apiKey) != keyLength {
		return Token{}, refused
	}
	keyHash := hash(a.keyPepper, apiKey)
	tenant, key, found, err := a.keyByHash(ctx, keyHash)
	if err != nil {
		return Token{}, err
	}
	if !found { // found out by a read, so that guessing callers do not queue for the write lock
		return Token{}, refused
	}
	secret := generateToken()
	detail := map[string]string{"client": clip(clientName), "version": clip(clientVersion)}
	err = a.store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertToken(ctx, hash(a.tokenPepper, string(secret)), tenant, key, a.now().Add(TokenLife)); err != nil {
			return err
		}
		// InsertToken has locked the key's row. Looked up again under the lock, a key that was given a new secret between the read and
		// here is not found by its old one.
		_, _, still, err := tx.KeyByHash(ctx, keyHash)
		if err != nil {
			return err
		}
		if !still {
			return refused
		}
		actor := hub.Principal{Tenant: tenant, Key: key}.Actor()
		return tx.Audit(ctx, hub.AuditRow{Owner: tenant.Owner(), Actor: actor, Action: "api_key.login", Subject: string(key), Detail: detail})
	})
	if code := hub.CodeOf(err); code == hub.CodeNotFound || code == hub.CodeUnauthenticated {
		return Token{}, refused // the tenant's key is gone, or the API key died meanwhile
	}
	if err != nil {
		return Token{}, err
	}
	return Token{Secret: secret, ExpiresIn: TokenLife}, nil
}

func (a *Access) keyByHash(ctx context.Context, keyHash []byte) (tenant hub.TenantID, key hub.KeyID, found bool, err error) {
	err = a.store.Glance(ctx, func(tx *store.Tx) error {
		tenant, key, found, err = tx.KeyByHash(ctx, keyHash)
		return err
	})
	return tenant, key, found, err
}

// Authenticate says for whom a token stands, by one read. CodeUnauthenticated for a token that is unknown or has expired, or whose key
// or tenant is not active any more.
func (a *Access) Authenticate(ctx context.Context, token string) (p hub.Principal, err error) {
	err = a.look(ctx, token, func(tx *store.Tx, hash []byte) (found bool, err error) {
		p, found, err = tx.PrincipalByToken(ctx, hash)
		return found, err
	})
	if err != nil {
		return hub.Principal{}, err
	}
	return p, nil
}

// AuthenticatePayer is Authenticate, and reads by the same look what is needed to judge a payment file of the token's tenant. It says
// nothing about whether the key may submit one.
func (a *Access) AuthenticatePayer(ctx context.Context, token string) (p hub.Principal, payer store.Payer, err error) {
	err = a.look(ctx, token, func(tx *store.Tx, hash []byte) (found bool, err error) {
		p, payer, found, err = tx.PayerByToken(ctx, hash)
		return found, err
	})
	if err != nil {
		return hub.Principal{}, store.Payer{}, err
	}
	return p, payer, nil
}

func (a *Access) look(ctx context.Context, token string, find func(tx *store.Tx, hash []byte) (found bool, err error)) error {
	refused := hub.Errorf(hub.CodeUnauthenticated, "the access token is missing, unknown or has expired")
	if len(token) != tokenLength {
		return refused
	}
	var found bool
	err := a.store.Glance(ctx, func(tx *store.Tx) (err error) {
		found, err = find(tx, hash(a.tokenPepper, token))
		return err
	})
	if hub.CodeOf(err) == hub.CodeNotFound { // the tenant was destroyed a moment ago
		return refused
	}
	if err == nil && !found {
		return refused
	}
	return err
}
