package access

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/vault"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const admin = hub.Actor("operator:test")

// fixture is a store with one tenant, a clock that moves when told, and the registry under test.
type fixture struct {
	*Access
	store  *store.Store
	vault  *vault.Vault
	tenant hub.TenantID
	clock  atomic.Int64 // microseconds
}

func (f *fixture) now() time.Time             { return time.UnixMicro(f.clock.Load()) }
func (f *fixture) forward(d time.Duration)    { f.clock.Add(d.Microseconds()) }
func (f *fixture) must(t *testing.T, e error) { t.Helper(); mustNot(t, e) }

func mustNot(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// each runs a test on both engines.
func each(t *testing.T, f func(t *testing.T, f *fixture)) {
	t.Run("sqlite", func(t *testing.T) { f(t, open(t, filepath.Join(t.TempDir(), "kontor.db"))) })
	t.Run("postgres", func(t *testing.T) { f(t, open(t, pgtest.Database(t))) })
}

func open(t *testing.T, database string) *fixture {
	t.Helper()
	f := &fixture{}
	f.clock.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMicro())
	root, err := vault.ParseRootKey(strings.Repeat("5a", 32))
	mustNot(t, err)
	keys, err := vault.OpenKeyStore(filepath.Join(t.TempDir(), "keys"), root)
	mustNot(t, err)
	f.vault = vault.New(keys, root)
	f.store, err = store.Open(t.Context(), store.Options{Database: database, Vault: f.vault, Now: f.now})
	mustNot(t, err)
	t.Cleanup(func() {
		if err := f.store.Close(); err != nil {
			t.Error(err)
		}
	})
	mustNot(t, f.store.Migrate(t.Context()))
	f.Access = New(f.store, f.vault, f.now)
	f.tenant = f.newTenant(t, "first")
	return f
}

func (f *fixture) newTenant(t *testing.T, handle string) hub.TenantID {
	t.Helper()
	id := hub.TenantID(store.NewID())
	mustNot(t, f.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.InsertTenant(t.Context(), hub.Tenant{ID: id, Handle: handle, Name: handle, State: hub.TenantActive, Created: f.now()})
	}))
	return id
}

func (f *fixture) newKey(t *testing.T, scopes ...hub.Scope) (hub.APIKey, Secret) {
	t.Helper()
	key, secret, err := f.CreateKey(t.Context(), admin, f.tenant, "erp", scopes)
	mustNot(t, err)
	return key, secret
}

func (f *fixture) login(t *testing.T, secret Secret) string {
	t.Helper()
	token, err := f.Login(t.Context(), string(secret), "ERP", "1.0")
	mustNot(t, err)
	return string(token.Secret)
}

// audited lists the audited actions on a subject, oldest first.
func (f *fixture) audited(t *testing.T, subject string) []string {
	t.Helper()
	var out bytes.Buffer
	lease, held, err := f.store.Acquire(t.Context(), "audit/"+string(f.tenant), "test", time.Minute)
	mustNot(t, err)
	if !held {
		t.Fatal("no lease")
	}
	_, err = f.store.SealAudit(t.Context(), f.tenant.Owner(), lease, 1000)
	mustNot(t, err)
	mustNot(t, f.store.ExportAudit(t.Context(), f.tenant.Owner(), &out))
	var actions []string
	for line := range strings.Lines(out.String()) {
		var rec store.AuditRecord
		mustNot(t, json.Unmarshal([]byte(line), &rec))
		if rec.Row != nil && rec.Row.Subject == subject {
			actions = append(actions, rec.Row.Actor+" "+rec.Row.Action)
		}
	}
	return actions
}

func wantCode(t *testing.T, err error, code hub.Code) {
	t.Helper()
	if hub.CodeOf(err) != code {
		t.Errorf("error %v, want code %q", err, code)
	}
}

func TestLoginGivesATokenForTheKeysTenantAndScopes(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		key, secret := f.newKey(t, hub.ScopeDocumentRead, hub.ScopePaymentSubmit, hub.ScopeDocumentRead)
		token, err := f.Login(t.Context(), string(secret), "ERP", "1.0")
		mustNot(t, err)
		if token.ExpiresIn != 30*time.Minute {
			t.Errorf("expires in %v", token.ExpiresIn)
		}
		p, err := f.Authenticate(t.Context(), string(token.Secret))
		mustNot(t, err)
		want := []hub.Scope{hub.ScopePaymentSubmit, hub.ScopeDocumentRead}
		if p.Tenant != f.tenant || p.Key != key.ID || !slices.Equal(p.Scopes, want) {
			t.Errorf("principal %+v", p)
		}
		keys, err := f.Keys(t.Context(), f.tenant)
		mustNot(t, err)
		if len(keys) != 1 || keys[0].Name != "erp" || !keys[0].Active || !keys[0].LastUsed.Equal(f.store.Now()) {
			t.Errorf("keys %+v", keys)
		}
	})
}

// Whoever tries keys must not learn whether one exists.
func TestEveryWrongKeyIsRefusedAlike(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		key, secret := f.newKey(t, hub.ScopePaymentRead)
		mustNot(t, f.Deactivate(t.Context(), admin, f.tenant, key.ID))
		_, reference := f.Login(t.Context(), strings.Repeat("x", 64), "", "")
		wantCode(t, reference, hub.CodeUnauthenticated)
		for name, wrong := range map[string]string{
			"empty": "", "short": "abc", "unknown": string(Generate()), "inactive": string(secret), "long": string(secret) + "x",
			"wrong case": swapCase(string(secret)), "key id": string(key.ID),
		} {
			_, err := f.Login(t.Context(), wrong, "", "")
			if err == nil || err.Error() != reference.Error() {
				t.Errorf("%s: %v, want %v", name, err, reference)
			}
		}
	})
}

func swapCase(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r >= 'A' && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}

// A token must die at once, in this process and in every other: nothing may be cached. The second registry stands for another node.
func TestTokensDieWithWhatTheyStandOn(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		other := New(f.store, f.vault, f.now)
		cases := []struct {
			name string
			kill func(t *testing.T, key hub.APIKey)
		}{
			{"deactivated", func(t *testing.T, key hub.APIKey) { f.must(t, f.Deactivate(t.Context(), admin, f.tenant, key.ID)) }},
			{"deactivated and activated again", func(t *testing.T, key hub.APIKey) {
				f.must(t, f.Deactivate(t.Context(), admin, f.tenant, key.ID))
				f.must(t, f.Activate(t.Context(), admin, f.tenant, key.ID))
			}},
			{"regenerated", func(t *testing.T, key hub.APIKey) {
				_, err := f.Regenerate(t.Context(), admin, f.tenant, key.ID)
				f.must(t, err)
			}},
			{"expired", func(*testing.T, hub.APIKey) { f.forward(30 * time.Minute) }},
			{"tenant destroyed", func(t *testing.T, _ hub.APIKey) {
				f.must(t, f.store.Write(t.Context(), func(tx *store.Tx) error { return tx.MarkTenantDestroyed(t.Context(), f.tenant) }))
			}},
		}
		for _, c := range cases {
			key, secret := f.newKey(t, hub.ScopePaymentRead)
			token := f.login(t, secret)
			f.forward(29*time.Minute + 59*time.Second)
			for _, node := range []*Access{f.Access, other} {
				p, err := node.Authenticate(t.Context(), token)
				if err != nil {
					t.Fatalf("%s: before: %v", c.name, err)
				}
				same, _, err := node.AuthenticatePayer(t.Context(), token)
				if err != nil || !reflect.DeepEqual(same, p) {
					t.Fatalf("%s: before: %v, error %v", c.name, same, err)
				}
			}
			c.kill(t, key)
			for _, node := range []*Access{f.Access, other} {
				if _, err := node.Authenticate(t.Context(), token); hub.CodeOf(err) != hub.CodeUnauthenticated {
					t.Errorf("%s: the token still works: %v", c.name, err)
				}
				if _, _, err := node.AuthenticatePayer(t.Context(), token); hub.CodeOf(err) != hub.CodeUnauthenticated {
					t.Errorf("%s: the token can still pay: %v", c.name, err)
				}
			}
		}
	})
}

func TestRegeneratedKeyHasANewSecretAlone(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		key, before := f.newKey(t, hub.ScopePaymentRead)
		after, err := f.Regenerate(t.Context(), admin, f.tenant, key.ID)
		mustNot(t, err)
		_, err = f.Login(t.Context(), string(before), "", "")
		wantCode(t, err, hub.CodeUnauthenticated)
		f.login(t, after)
		mustNot(t, f.Deactivate(t.Context(), admin, f.tenant, key.ID))
		again, err := f.Regenerate(t.Context(), admin, f.tenant, key.ID)
		mustNot(t, err)
		_, err = f.Login(t.Context(), string(again), "", "")
		wantCode(t, err, hub.CodeUnauthenticated) // a new secret does not switch a key on
	})
}

// Regenerating is what one does after a secret leaked: no token of the old secret may survive it, whichever commits first.
func TestLoginRacingRegenerationLeavesNoToken(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		for range 10 {
			key, secret := f.newKey(t, hub.ScopePaymentRead)
			tokens := make([]Token, 8)
			var all sync.WaitGroup
			for i := range tokens {
				all.Go(func() {
					token, err := f.Login(context.WithoutCancel(t.Context()), string(secret), "", "")
					if err != nil && hub.CodeOf(err) != hub.CodeUnauthenticated {
						t.Error(err)
					}
					tokens[i] = token
				})
			}
			all.Go(func() {
				if _, err := f.Regenerate(context.WithoutCancel(t.Context()), admin, f.tenant, key.ID); err != nil {
					t.Error(err)
				}
			})
			all.Wait()
			for _, token := range tokens {
				if _, err := f.Authenticate(t.Context(), string(token.Secret)); hub.CodeOf(err) != hub.CodeUnauthenticated {
					t.Fatalf("a token of the old secret works: %v", err)
				}
			}
		}
	})
}

func TestEveryChangeIsAudited(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		key, secret := f.newKey(t, hub.ScopePaymentRead)
		f.login(t, secret)
		mustNot(t, f.Deactivate(t.Context(), admin, f.tenant, key.ID))
		mustNot(t, f.Activate(t.Context(), admin, f.tenant, key.ID))
		_, err := f.Regenerate(t.Context(), admin, f.tenant, key.ID)
		mustNot(t, err)
		_, err = f.Login(t.Context(), string(secret), "", "") // refused: no row
		wantCode(t, err, hub.CodeUnauthenticated)
		want := []string{
			"operator:test api_key.create", "key:" + string(key.ID) + " api_key.login", "operator:test api_key.deactivate",
			"operator:test api_key.activate", "operator:test api_key.regenerate",
		}
		got := f.audited(t, string(key.ID))
		if !slices.Equal(got, want) {
			t.Errorf("audited %q, want %q", got, want)
		}
	})
}

func TestKeysAreRefusedWithTheRightCode(t *testing.T) {
	each(t, func(t *testing.T, f *fixture) {
		second := f.newTenant(t, "second")
		key, _ := f.newKey(t, hub.ScopePaymentRead)
		one := []hub.Scope{hub.ScopePaymentRead}
		create := func(tenant hub.TenantID, name string, scopes []hub.Scope) error {
			_, _, err := f.CreateKey(t.Context(), admin, tenant, name, scopes)
			return err
		}
		regenerate := func(tenant hub.TenantID, key hub.KeyID) error {
			_, err := f.Regenerate(t.Context(), admin, tenant, key)
			return err
		}
		destroyed := f.newTenant(t, "third")
		mustNot(t, f.store.Write(t.Context(), func(tx *store.Tx) error { return tx.MarkTenantDestroyed(t.Context(), destroyed) }))
		for _, c := range []struct {
			name string
			err  error
			want hub.Code
		}{
			{"unknown scope", create(f.tenant, "erp", []hub.Scope{"payment.everything"}), hub.CodeInvalid},
			{"no scope", create(f.tenant, "erp", nil), hub.CodeInvalid},
			{"no name", create(f.tenant, "", one), hub.CodeInvalid},
			{"blank name", create(f.tenant, "  ", one), hub.CodeInvalid},
			{"long name", create(f.tenant, strings.Repeat("ä", 101), one), hub.CodeInvalid},
			{"control character", create(f.tenant, "a\nb", one), hub.CodeInvalid},
			{"longest name", create(f.tenant, strings.Repeat("ä", 100), one), ""},
			{"unknown tenant", create("0190a0b0-0000-7000-8000-000000000000", "erp", one), hub.CodeNotFound},
			{"tenant by its handle", create("first", "erp", one), hub.CodeNotFound},
			{"destroyed tenant", create(destroyed, "erp", one), hub.CodeConflict},
			{"unknown key", f.Deactivate(t.Context(), admin, f.tenant, "0190a0b0-0000-7000-8000-000000000000"), hub.CodeNotFound},
			{"deactivate another tenant's key", f.Deactivate(t.Context(), admin, second, key.ID), hub.CodeNotFound},
			{"activate another tenant's key", f.Activate(t.Context(), admin, second, key.ID), hub.CodeNotFound},
			{"regenerate another tenant's key", regenerate(second, key.ID), hub.CodeNotFound},
		} {
			if hub.CodeOf(c.err) != c.want || (c.want == "") != (c.err == nil) {
				t.Errorf("%s: %v, want code %q", c.name, c.err, c.want)
			}
		}
		keys, err := f.Keys(t.Context(), second)
		mustNot(t, err)
		if len(keys) != 0 {
			t.Errorf("the second tenant sees %+v", keys)
		}
	})
}

// What is stored must not let anybody in: neither secrets nor hashes that another installation's pepper would also make.
func TestAnotherRootKeyMakesAnotherHash(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "kontor.db"))
	_, secret := f.newKey(t, hub.ScopePaymentRead)
	root, err := vault.ParseRootKey(strings.Repeat("a5", 32))
	mustNot(t, err)
	keys, err := vault.OpenKeyStore(filepath.Join(t.TempDir(), "keys"), root)
	mustNot(t, err)
	stranger := New(f.store, vault.New(keys, root), f.now)
	_, err = stranger.Login(t.Context(), string(secret), "", "")
	wantCode(t, err, hub.CodeUnauthenticated)
	if bytes.Equal(hash(f.keyPepper, "x"), hash(f.tokenPepper, "x")) {
		t.Error("keys and tokens share a pepper")
	}
}

func TestSecretsHaveTheirFormAndDiffer(t *testing.T) {
	key, token := regexp.MustCompile(`^[A-Za-z0-9]{64}$`), regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)
	seen := map[Secret]bool{}
	var counts [256]int
	for range 2000 {
		k, tok := Generate(), generateToken()
		if !key.MatchString(string(k)) || !token.MatchString(string(tok)) || seen[k] || seen[tok] {
			t.Fatalf("bad or repeated secret of length %d, %d", len(k), len(tok))
		}
		seen[k], seen[tok] = true, true
		for _, c := range []byte(string(k)) {
			counts[c]++
		}
	}
	// 128,000 characters over 62: 2,065 each on average, 45 standard deviation. A modulo bias would give eight of them a quarter more.
	for _, c := range []byte(alphabet) {
		if counts[c] < 1750 || counts[c] > 2380 {
			t.Errorf("%c occurs %d times", c, counts[c])
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	token := Token{Secret: "hush-hush", ExpiresIn: TokenLife}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", token, "secret", token.Secret)
	encoded, err := json.Marshal(token)
	mustNot(t, err)
	text := log.String() + string(encoded)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		text += fmt.Sprintf(verb+verb, token, token.Secret)
	}
	text += fmt.Sprint(token.Secret.String(), token.Secret.GoString())
	if strings.Contains(text, "hush") || strings.Contains(text, fmt.Sprintf("%x", "hush")) {
		t.Errorf("printed: %s", text)
	}
	if !strings.Contains(text, redacted) {
		t.Errorf("nothing printed: %s", text)
	}
}

func TestWhatAClientSaysOfItselfIsShortened(t *testing.T) {
	if got := clip("a\x00b\r\nc" + strings.Repeat("ü", 200)); got != "a b  c"+strings.Repeat("ü", 94) {
		t.Errorf("%q", got)
	}
}
