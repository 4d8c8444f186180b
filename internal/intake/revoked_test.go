package intake_test

import (
	"io"
	"strings"
	"testing"

	"kontor/internal/access"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// A body may take long to come. Whose key is revoked meanwhile must not have it accepted: the key may be a thief's.
func TestWhoIsRevokedWhileTheBodyComesIsRefused(t *testing.T) {
	for _, row := range []struct {
		name   string
		text   string
		revoke func(d *desk, a *access.Access, key hub.KeyID) error
		code   hub.Code // "" = the file is taken
	}{
		{"nobody is", salaries("M", 1).String(), func(*desk, *access.Access, hub.KeyID) error { return nil }, ""},
		{"the key is deactivated", salaries("M", 1).String(), func(d *desk, a *access.Access, key hub.KeyID) error {
			return a.Deactivate(d.t.Context(), "operator", d.tenant.ID, key)
		}, hub.CodeUnauthenticated},
		{"the key is deactivated, the file is wrong", strings.Replace(salaries("M", 1).String(), "<CtrlSum>1.00<", "<CtrlSum>2.00<", 1), func(d *desk, a *access.Access, key hub.KeyID) error {
			return a.Deactivate(d.t.Context(), "operator", d.tenant.ID, key)
		}, hub.CodeUnauthenticated},
		{"the key has a new secret", salaries("M", 1).String(), func(d *desk, a *access.Access, key hub.KeyID) error {
			_, err := a.Regenerate(d.t.Context(), "operator", d.tenant.ID, key)
			return err
		}, hub.CodeUnauthenticated},
		{"the tenant is destroyed", salaries("M", 1).String(), func(d *desk, _ *access.Access, _ hub.KeyID) error {
			return d.Store.Write(d.t.Context(), func(tx *store.Tx) error { return tx.MarkTenantDestroyed(d.t.Context(), d.tenant.ID) })
		}, hub.CodeUnauthenticated},
	} {
		t.Run(row.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				d := newDesk(t, f)
				a := access.New(f.Store, f.Vault, f.Now)
				key, secret, err := a.CreateKey(t.Context(), "operator", d.tenant.ID, "stolen", hub.Scopes())
				f.Must(err)
				token, err := a.Login(t.Context(), string(secret), "", "")
				f.Must(err)
				principal, payer, err := a.AuthenticatePayer(t.Context(), string(token.Secret))
				f.Must(err)
				body, write := io.Pipe()
				go func() {
					_, err := io.WriteString(write, row.text[:300])
					if err == nil {
						err = row.revoke(d, a, key.ID)
					}
					if err == nil {
						_, err = io.WriteString(write, row.text[300:])
					}
					_ = write.CloseWithError(err) // nil is the end
				}()
				file, err := d.Submit(t.Context(), intake.Submission{Principal: principal, Payer: &payer, Body: body})
				if hub.CodeOf(err) != row.code || (err == nil) != (row.code == "") {
					t.Errorf("%v %s, want code %q", err, shown(file), row.code)
				}
				var files int
				d.Read(func(tx *store.Tx) error {
					refs, err := tx.FilesToSend(t.Context(), 10, hub.States()...)
					files = len(refs)
					return err
				})
				if (files == 1) != (row.code == "") {
					t.Errorf("%d files are there", files)
				}
			})
		})
	}
}
