package onboard_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/onboard"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

const by = hub.Actor("operator:eva")

// bank answers the ceremony from memory.
type bank struct {
	initialised, fetched int
	fails                error
	signature            string // of the last keys
}

const (
	hashX = "aa00000000000000000000000000000000000000000000000000000000000001"
	hashE = "bb00000000000000000000000000000000000000000000000000000000000002"
)

func (b *bank) Initialise(context.Context, hub.Link) error { b.initialised++; return b.fails }

func (b *bank) FetchKeys(context.Context, hub.Link) ([]byte, error) {
	b.fetched++
	return []byte("bank keys"), b.fails
}

func (b *bank) GenerateKeys(_ hub.Link, signature string) (hub.Secret, error) {
	b.signature = signature
	return hub.Secret("keys"), nil
}

func (b *bank) Letter(w io.Writer, l hub.Link, form hub.LetterForm, at time.Time) error {
	_, err := fmt.Fprintf(w, "letter %s %s %s %s", l.Contact.PartnerID, l.Bank.HostID, form.Language, at.Format(time.DateOnly))
	return err
}

func (b *bank) ContactHashes(keys hub.Secret) (map[string]string, error) {
	return map[string]string{"A006": string([]byte(keys))}, nil
}

func (b *bank) Certificates(l hub.Link) (hub.CertificateFacts, error) {
	if l.Bank.Profile.Version() != hub.VersionH005 {
		return hub.CertificateFacts{}, nil
	}
	return hub.CertificateFacts{Hashes: map[string]string{"A006": hashX}, Expires: l.Contact.Created.AddDate(5, 0, 0)}, nil
}

func (b *bank) BankHashes(_ hub.Bank, keys []byte) (authentication, encryption string, err error) {
	if string(keys) != "bank keys" {
		return "", "", errors.New("no keys")
	}
	return hashX, hashE, nil
}

type desk struct {
	*storetest.Fixture
	*onboard.Onboard
	t    *testing.T
	bank *bank
}

func newDesk(t *testing.T, f *storetest.Fixture) *desk {
	d := &desk{Fixture: f, t: t, bank: &bank{}}
	d.Onboard = onboard.New(f.Store, d.bank)
	return d
}

// audited lists the actions in an owner's chain.
func (d *desk) audited(owner hub.Owner) string {
	d.t.Helper()
	l := d.Lease("audit:"+string(owner)+store.NewID(), "test", time.Minute)
	_, err := d.Store.SealAudit(d.t.Context(), owner, l, 1000)
	d.Must(err)
	var b strings.Builder
	d.Must(d.Store.ExportAudit(d.t.Context(), owner, &b))
	var out []string
	for line := range strings.Lines(b.String()) {
		if _, rest, ok := strings.Cut(line, `"action":"`); ok {
			action, _, _ := strings.Cut(rest, `"`)
			out = append(out, action)
		}
	}
	return strings.Join(out, " ")
}

func (d *desk) addBank() hub.Bank {
	d.t.Helper()
	b, err := d.AddBank(d.t.Context(), by, hub.Bank{ID: "bank", Name: "Invented Bank", URL: "https://bank.example/ebics", HostID: "HOST"})
	d.Must(err)
	return b
}

func (d *desk) addContact(owner hub.Owner, user string) hub.Contact {
	d.t.Helper()
	c, err := d.AddContact(d.t.Context(), by, hub.NewContact{Owner: owner, Bank: "bank", PartnerID: "PARTNER" + user, UserID: user})
	d.Must(err)
	return c
}

func (d *desk) state(id hub.ContactID) hub.ContactState {
	d.t.Helper()
	var out hub.ContactState
	d.Read(func(tx *store.Tx) error {
		c, err := tx.Contact(d.t.Context(), id)
		out = c.State
		return err
	})
	return out
}

func TestCeremonyStepsAndTheirAuditRows(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	ctx := t.Context()
	d.addBank()
	c := d.addContact(hub.Operator, "USER")
	if c.State != hub.ContactNew {
		t.Errorf("new contact is %s", c.State)
	}
	_, err := d.InitialiseContact(ctx, by, c.ID)
	d.Must(err)
	_, x, e, err := d.FetchBankKeys(ctx, by, c.ID)
	d.Must(err)
	if x != hashX || e != hashE {
		t.Errorf("hashes %s %s", x, e)
	}
	ready, err := d.ConfirmBankKeys(ctx, by, c.ID, hashX, hashE)
	d.Must(err)
	if ready.State != hub.ContactReady || d.state(c.ID) != hub.ContactReady || string(ready.BankKeys) != "bank keys" {
		t.Errorf("contact %s with bank keys %q", ready.State, ready.BankKeys)
	}
	d.Must(d.PollNow(ctx, by, c.ID, "C53", false))
	want := "bank.add contact.add contact.initialise contact.fetch_keys contact.confirm_keys contact.poll_now"
	if got := d.audited(hub.Operator); got != want {
		t.Errorf("audited %s, want %s", got, want)
	}
}

// Every step in every state: what the order of the ceremony does not allow changes nothing and does not reach the bank.
func TestCeremonyStateTable(t *testing.T) {
	steps := []struct {
		name string
		do   func(d *desk, id hub.ContactID) error
		from map[hub.ContactState]hub.ContactState
	}{
		{"initialise", func(d *desk, id hub.ContactID) error {
			_, err := d.InitialiseContact(d.t.Context(), by, id)
			return err
		},
			map[hub.ContactState]hub.ContactState{hub.ContactNew: hub.ContactInitialised}},
		// From new, too: we may have been killed after the bank's yes to INI and HIA. From ready: the bank has new keys.
		{"fetch keys", func(d *desk, id hub.ContactID) error {
			_, _, _, err := d.FetchBankKeys(d.t.Context(), by, id)
			return err
		},
			map[hub.ContactState]hub.ContactState{hub.ContactNew: hub.ContactKeysFetched, hub.ContactInitialised: hub.ContactKeysFetched, hub.ContactKeysFetched: hub.ContactKeysFetched, hub.ContactReady: hub.ContactKeysFetched}},
		{"confirm keys", func(d *desk, id hub.ContactID) error {
			_, err := d.ConfirmBankKeys(d.t.Context(), by, id, hashX, hashE)
			return err
		}, map[hub.ContactState]hub.ContactState{hub.ContactKeysFetched: hub.ContactReady}},
	}
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	for i, s := range steps {
		for j, state := range []hub.ContactState{hub.ContactNew, hub.ContactInitialised, hub.ContactKeysFetched, hub.ContactReady} {
			t.Run(s.name+" "+string(state), func(t *testing.T) {
				c := d.addContact(hub.Operator, fmt.Sprintf("U%d%d", i, j))
				c.State, c.BankKeys = state, []byte("bank keys")
				d.Write(func(tx *store.Tx) error { return tx.AdvanceContact(t.Context(), c, hub.ContactNew) })
				asked := d.bank.initialised + d.bank.fetched
				err := s.do(d, c.ID)
				want, allowed := s.from[state]
				if !allowed {
					want = state
					if hub.CodeOf(err) != hub.CodeConflict {
						t.Errorf("error %v, want conflict", err)
					}
					if d.bank.initialised+d.bank.fetched != asked {
						t.Error("the bank was asked")
					}
				} else if err != nil {
					t.Error(err)
				}
				if got := d.state(c.ID); got != want {
					t.Errorf("contact is %s, want %s", got, want)
				}
			})
		}
	}
}

func TestBankThatRefusesLeavesTheContactWhereItIs(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	c := d.addContact(hub.Operator, "USER")
	d.bank.fails = &hub.BankError{Outcome: hub.BankRefused, Code: "091002"}
	_, err := d.InitialiseContact(t.Context(), by, c.ID)
	if be, ok := errors.AsType[*hub.BankError](err); !ok || be.Code != "091002" {
		t.Errorf("error %v", err)
	}
	if _, _, _, err := d.FetchBankKeys(t.Context(), by, c.ID); err == nil {
		t.Error("the refusal was swallowed")
	}
	if got := d.state(c.ID); got != hub.ContactNew {
		t.Errorf("contact is %s", got)
	}
	if got := d.audited(hub.Operator); got != "bank.add contact.add" {
		t.Errorf("audited %s", got)
	}
}

// Wrong hashes mean that somebody stands between us and the bank.
func TestOnlyTheRightHashesConfirm(t *testing.T) {
	spaced := strings.ToUpper(strings.Join(strings.Split(hashX, ""), " "))
	for _, tc := range []struct {
		name, x, e string
		want       hub.Code
	}{
		{"right", hashX, hashE, ""},
		{"as copied from a letter", spaced, "BB:00" + hashE[4:], ""},
		{"wrong authentication", hashE, hashE, hub.CodeConflict},
		{"wrong encryption", hashX, hashX, hub.CodeConflict},
		{"swapped", hashE, hashX, hub.CodeConflict},
		{"one digit", hashX[:63] + "2", hashE, hub.CodeConflict},
		{"cut", hashX[:32], hashE[:32], hub.CodeConflict},
		{"empty", "", "", hub.CodeConflict},
		{"no hex", strings.Repeat("z", 64), hashE, hub.CodeConflict},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			d.addBank()
			c := d.addContact(hub.Operator, "USER")
			_, _, _, err := d.FetchBankKeys(t.Context(), by, c.ID)
			d.Must(err)
			if _, err := d.ConfirmBankKeys(t.Context(), by, c.ID, tc.x, tc.e); hub.CodeOf(err) != tc.want {
				t.Errorf("error %v, want code %q", err, tc.want)
			}
			want := hub.ContactReady
			if tc.want != "" {
				want = hub.ContactKeysFetched
			}
			if got := d.state(c.ID); got != want {
				t.Errorf("contact is %s, want %s", got, want)
			}
		})
	}
}

func TestTenantIsValidated(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	for _, tc := range []struct {
		name, handle, full string
		hours              int
		want               hub.Code
	}{
		{"good", "acme-2", "Acme", 48, ""},
		{"taken", "acme-2", "Acme again", 0, hub.CodeConflict},
		{"empty handle", "", "Acme", 0, hub.CodeInvalid},
		{"capitals", "Acme", "Acme", 0, hub.CodeInvalid},
		{"blank", "ac me", "Acme", 0, hub.CodeInvalid},
		{"the operator's name", "operator", "Acme", 0, hub.CodeInvalid},
		{"hyphen at the end", "acme-", "Acme", 0, hub.CodeInvalid},
		{"long handle", strings.Repeat("a", 41), "Acme", 0, hub.CodeInvalid},
		{"no name", "noname", "", 0, hub.CodeInvalid},
		{"long name", "longname", strings.Repeat("a", 141), 0, hub.CodeInvalid},
		{"window over two days", "window", "Acme", 49, hub.CodeInvalid},
		{"negative window", "negative", "Acme", -1, hub.CodeInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			added, err := d.AddTenant(t.Context(), by, tc.handle, tc.full, hub.TenantSettings{DoubleSubmissionHours: tc.hours})
			if hub.CodeOf(err) != tc.want || (err != nil) != (tc.want != "") {
				t.Fatalf("error %v, want code %q", err, tc.want)
			}
			if err == nil {
				if got := d.audited(added.ID.Owner()); got != "tenant.add" {
					t.Errorf("audited %s", got)
				}
			}
		})
	}
}

func TestBankIsValidated(t *testing.T) {
	good := hub.Bank{ID: "good", Name: "Good", URL: "https://bank.example/ebics", HostID: "HOST"}
	with := func(change func(*hub.Bank)) hub.Bank { b := good; b.ID = "other"; change(&b); return b }
	d := newDesk(t, storetest.SQLite(t))
	for _, tc := range []struct {
		name string
		bank hub.Bank
		want hub.Code
	}{
		{"https", good, ""},
		{"taken", good, hub.CodeConflict},
		{"http on this machine", with(func(b *hub.Bank) { b.ID, b.URL = "local", "http://127.0.0.1:8080/ebics" }), ""},
		{"http elsewhere", with(func(b *hub.Bank) { b.URL = "http://bank.example/ebics" }), hub.CodeInvalid},
		{"http to a name that only looks local", with(func(b *hub.Bank) { b.URL = "http://localhost.bank.example/ebics" }), hub.CodeInvalid},
		{"no address", with(func(b *hub.Bank) { b.URL = "" }), hub.CodeInvalid},
		{"another scheme", with(func(b *hub.Bank) { b.URL = "ftp://bank.example" }), hub.CodeInvalid},
		{"password in the address", with(func(b *hub.Bank) { b.URL = "https://user:secret@bank.example" }), hub.CodeInvalid},
		{"no host", with(func(b *hub.Bank) { b.URL = "https:///ebics" }), hub.CodeInvalid},
		{"id with capitals", with(func(b *hub.Bank) { b.ID = "Bank" }), hub.CodeInvalid},
		{"no host id", with(func(b *hub.Bank) { b.HostID = "" }), hub.CodeInvalid},
		{"long host id", with(func(b *hub.Bank) { b.HostID = strings.Repeat("H", 36) }), hub.CodeInvalid},
		{"unknown attribute", with(func(b *hub.Bank) { b.Profile.UploadAttributes = hub.Attributes{"CCT": "XXHNN"} }), hub.CodeInvalid},
		{"profile with ACSP", with(func(b *hub.Bank) { b.ID, b.Profile.ConfirmingStatuses = "profiled", []string{"ACSP", "ACCP", "ACWC"} }), ""},
		{"H005 with pins", with(func(b *hub.Bank) {
			b.ID, b.Profile = "pinned", hub.BankProfile{ProtocolVersion: "H005", BankDigest: "certificate", Ways: "ubs", Pins: []string{strings.Repeat("ab", 32)}}
		}), ""},
		{"H002", with(func(b *hub.Bank) { b.Profile.ProtocolVersion = "H002" }), hub.CodeInvalid},
		{"unknown digest", with(func(b *hub.Bank) { b.Profile = hub.BankProfile{ProtocolVersion: "H005", BankDigest: "md5"} }), hub.CodeInvalid},
		{"digest of certificates in H004", with(func(b *hub.Bank) { b.Profile.BankDigest = "certificate" }), hub.CodeInvalid},
		{"unknown ways", with(func(b *hub.Bank) { b.Profile.Ways = "nobody" }), hub.CodeInvalid},
		{"short pin", with(func(b *hub.Bank) { b.Profile.Pins = []string{"abcd"} }), hub.CodeInvalid},
		{"pin in capitals", with(func(b *hub.Bank) { b.Profile.Pins = []string{strings.Repeat("AB", 32)} }), hub.CodeInvalid},
		{"too many pins", with(func(b *hub.Bank) { b.Profile.Pins = slices.Repeat([]string{strings.Repeat("ab", 32)}, 9) }), hub.CodeInvalid},
		{"profile with RCVD", with(func(b *hub.Bank) { b.Profile.ConfirmingStatuses = []string{"RCVD"} }), hub.CodeInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := d.AddBank(t.Context(), by, tc.bank); hub.CodeOf(err) != tc.want || (err != nil) != (tc.want != "") {
				t.Errorf("error %v, want code %q", err, tc.want)
			}
		})
	}
	if err := d.MoveBank(t.Context(), by, "good", "http://bank.example", ""); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("moved to plain http: %v", err)
	}
	if err := d.MoveBank(t.Context(), by, "nobody", "https://bank.example", ""); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("moved a bank that is none: %v", err)
	}
	d.Must(d.MoveBank(t.Context(), by, "good", "https://new.example", ""))
	if got := d.audited(hub.Operator); got != "bank.add bank.add bank.add bank.add bank.move" {
		t.Errorf("audited %s", got)
	}
}

func TestContactIsValidated(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	tenant, err := d.AddTenant(t.Context(), by, "acme", "Acme", hub.TenantSettings{})
	d.Must(err)
	for _, tc := range []struct {
		name          string
		owner         hub.Owner
		bank          hub.BankID
		partner, user string
		want          hub.Code
	}{
		{"the operator's", hub.Operator, "bank", "P1", "U1", ""},
		{"same subscriber again", hub.Operator, "bank", "P1", "U1", hub.CodeConflict},
		{"another user of the partner", hub.Operator, "bank", "P1", "U9", hub.CodeConflict},
		{"same subscriber for a tenant", tenant.ID.Owner(), "bank", "P1", "U1", hub.CodeConflict},
		{"a tenant's own", tenant.ID.Owner(), "bank", "P2", "U2", ""},
		{"unknown bank", hub.Operator, "nobody", "P1", "U3", hub.CodeNotFound},
		{"unknown tenant", "nobody", "bank", "P1", "U4", hub.CodeNotFound},
		{"no partner", hub.Operator, "bank", "", "U5", hub.CodeInvalid},
		{"no user", hub.Operator, "bank", "P1", "", hub.CodeInvalid},
		{"long user", hub.Operator, "bank", "P1", strings.Repeat("U", 36), hub.CodeInvalid},
		{"blank in the id", hub.Operator, "bank", "P 1", "U6", hub.CodeInvalid},
		{"markup in the id", hub.Operator, "bank", "P1", "<U>", hub.CodeInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := d.AddContact(t.Context(), by, hub.NewContact{Owner: tc.owner, Bank: tc.bank, PartnerID: tc.partner, UserID: tc.user})
			if hub.CodeOf(err) != tc.want || (err != nil) != (tc.want != "") {
				t.Fatalf("error %v, want code %q", err, tc.want)
			}
			if err != nil {
				return
			}
			var polls []hub.Poll
			d.Read(func(tx *store.Tx) (err error) { polls, err = tx.Polls(t.Context(), c.ID); return err })
			var types []string
			for _, p := range polls {
				types = append(types, p.OrderType+" "+string(p.Kind))
			}
			if got := strings.Join(types, ", "); got != "C53 statement, CDZ status, CRZ status, HAC protocol, HTD master" {
				t.Errorf("polls %s", got)
			}
		})
	}
	if got := d.audited(tenant.ID.Owner()); got != "tenant.add contact.add" {
		t.Errorf("audited for the tenant: %s", got)
	}
}

func TestAccountIsValidated(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	tenant, err := d.AddTenant(t.Context(), by, "acme", "Acme", hub.TenantSettings{})
	d.Must(err)
	other, err := d.AddTenant(t.Context(), by, "other", "Other", hub.TenantSettings{})
	d.Must(err)
	operators, own, others := d.addContact(hub.Operator, "U1"), d.addContact(tenant.ID.Owner(), "U2"), d.addContact(other.ID.Owner(), "U3")
	good := hub.Account{Tenant: tenant.ID, Contact: operators.ID, Currency: "EUR", IBAN: storetest.IBAN(1), Holder: "Acme"}
	with := func(change func(*hub.Account)) hub.Account {
		a := good
		a.IBAN = storetest.IBAN(5)
		change(&a)
		return a
	}
	for _, tc := range []struct {
		name string
		a    hub.Account
		want hub.Code
	}{
		{"the operator's contact", good, ""},
		{"the same account again", good, hub.CodeConflict},
		{"the same account for another tenant", func() hub.Account { a := good; a.Tenant = other.ID; return a }(), hub.CodeConflict},
		{"the same IBAN in another currency", func() hub.Account { a := good; a.Currency = "USD"; return a }(), ""},
		{"own contact", with(func(a *hub.Account) { a.IBAN, a.Contact = storetest.IBAN(2), own.ID }), ""},
		{"IBAN with blanks", with(func(a *hub.Account) { a.IBAN = storetest.IBAN(3)[:4] + " " + storetest.IBAN(3)[4:] }), ""},
		{"another tenant's own contact", with(func(a *hub.Account) { a.Contact = others.ID }), hub.CodeNotFound},
		{"unknown contact", with(func(a *hub.Account) { a.Contact = "nobody" }), hub.CodeNotFound},
		{"unknown tenant", with(func(a *hub.Account) { a.Tenant = "nobody" }), hub.CodeNotFound},
		{"wrong check digits", with(func(a *hub.Account) { a.IBAN = "DE00" + a.IBAN[4:] }), hub.CodeInvalid},
		{"no IBAN", with(func(a *hub.Account) { a.IBAN = "" }), hub.CodeInvalid},
		{"unknown currency", with(func(a *hub.Account) { a.Currency = "XYZ" }), hub.CodeInvalid},
		{"no currency", with(func(a *hub.Account) { a.Currency = "" }), hub.CodeInvalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := d.AddAccount(t.Context(), by, tc.a)
			if hub.CodeOf(err) != tc.want || (err != nil) != (tc.want != "") {
				t.Fatalf("error %v, want code %q", err, tc.want)
			}
			if err == nil && strings.Contains(a.IBAN, " ") {
				t.Errorf("kept as %q", a.IBAN)
			}
		})
	}
	if got := d.audited(tenant.ID.Owner()); got != "tenant.add contact.add account.add account.add account.add account.add" {
		t.Errorf("audited %s", got)
	}
}

func TestDestroyedKeyEndsTheTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		ctx := t.Context()
		d.addBank()
		gone, err := d.AddTenant(ctx, by, "gone", "Gone", hub.TenantSettings{})
		d.Must(err)
		stays, err := d.AddTenant(ctx, by, "stays", "Stays", hub.TenantSettings{})
		d.Must(err)
		d.Must(d.DestroyTenantKey(ctx, by, gone.ID))
		d.Must(d.DestroyTenantKey(ctx, by, gone.ID)) // it may be repeated until it succeeds
		f.Reopen()
		d.Onboard = onboard.New(f.Store, d.bank)
		d.Read(func(tx *store.Tx) error {
			all, err := tx.Tenants(ctx)
			if len(all) != 2 || all[0].State != hub.TenantDestroyed || all[0].Name != "" || all[1].Name != "Stays" {
				t.Errorf("tenants %+v", all)
			}
			return err
		})
		if got := d.audited(hub.Operator); got != "bank.add tenant.destroy_key" {
			t.Errorf("audited %s", got)
		}
		if _, err := d.AddContact(ctx, by, hub.NewContact{Owner: gone.ID.Owner(), Bank: "bank", PartnerID: "P", UserID: "U"}); hub.CodeOf(err) != hub.CodeNotFound {
			t.Errorf("a destroyed tenant got a contact: %v", err)
		}
		d.Must(setWindow(d, stays.ID, 1))
	})
}

// The one key that must never go is the operator's: everything that is not exactly a tenant's id is refused.
func TestOnlyATenantsKeyIsDestroyed(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	tenant, err := d.AddTenant(t.Context(), by, "acme", "Acme", hub.TenantSettings{})
	d.Must(err)
	for _, id := range []hub.TenantID{hub.TenantID(hub.Operator), "", "nobody", "acme", "../operator"} {
		if err := d.DestroyTenantKey(t.Context(), by, id); hub.CodeOf(err) != hub.CodeNotFound {
			t.Errorf("destroying %q: %v, want not found", id, err)
		}
	}
	d.Reopen()
	d.Read(func(tx *store.Tx) error {
		return errors.Join(tx.KeyOpens(t.Context(), hub.Operator), tx.KeyOpens(t.Context(), tenant.ID.Owner()))
	})
}

// setWindow changes one setting of a tenant.
func setWindow(d *desk, id hub.TenantID, hours int) error {
	_, err := d.ChangeTenantSettings(d.t.Context(), by, id, func(s *hub.TenantSettings) error {
		s.DoubleSubmissionHours = hours
		return nil
	})
	return err
}

func TestSettingsOfATenantAreValidated(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	tenant, err := d.AddTenant(t.Context(), by, "acme", "Acme", hub.TenantSettings{})
	d.Must(err)
	if err := setWindow(d, tenant.ID, 49); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("error %v", err)
	}
	d.Must(setWindow(d, tenant.ID, 2))
	if got := d.audited(tenant.ID.Owner()); got != "tenant.add tenant.settings" {
		t.Errorf("audited %s", got)
	}
}

// Whoever wants no comparison any more wants nothing kept for it either, at once and not when a sweep comes by.
func TestWithoutHistoryWhatWasKeptForItIsDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		ctx := t.Context()
		tenant, err := d.AddTenant(ctx, by, "acme", "Acme", hub.TenantSettings{Verification: hub.Verification{History: true}})
		d.Must(err)
		st, err := d.Store.Stage(ctx, tenant.ID.Owner(), store.BodyPaymentFile)
		d.Must(err)
		p := st.Print(hub.HistoryPayment, []byte("rent"))
		d.Must(st.Remember(ctx, hub.HistoryPayment, p))
		d.Must(st.Close(ctx))
		d.Must(d.Store.Write(ctx, func(tx *store.Tx) error {
			if _, err := st.Publish(ctx, tx); err != nil {
				return err
			}
			if err := st.PublishHistory(ctx, tx); err != nil {
				return err
			}
			return tx.InsertFile(ctx, hub.PaymentFile{ID: hub.FileID(st.ID()), Tenant: tenant.ID, Contact: "contact", State: hub.StateConfirmed, Created: f.Now(), Updated: f.Now()})
		}))
		known := func() (n int) {
			d.Read(func(tx *store.Tx) error {
				found, err := tx.EarlierFiles(ctx, tenant.ID, []store.Print{p}, time.Time{})
				n = len(found)
				return err
			})
			return n
		}
		if known() != 1 {
			t.Fatal("nothing is kept")
		}
		for _, wanted := range []bool{true, false} {
			_, err := d.ChangeTenantSettings(ctx, by, tenant.ID, func(s *hub.TenantSettings) error { s.Verification.History = wanted; return nil })
			d.Must(err)
			if got := known() == 1; got != wanted {
				t.Errorf("history wanted: %t, kept: %t", wanted, got)
			}
		}
	})
}

func TestLetterAndHashesComeFromTheBanksChannel(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	c := d.addContact(hub.Operator, "USER")
	var b strings.Builder
	d.Must(d.Letter(t.Context(), &b, c.ID, hub.LetterForm{Language: "de"}))
	if got := b.String(); got != "letter PARTNERUSER HOST de 2026-03-02" {
		t.Errorf("letter %q", got)
	}
	h, err := d.ContactHashes(t.Context(), c.ID)
	if err != nil || h["A006"] != "keys" {
		t.Errorf("hashes %v (%v)", h, err)
	}
	if err := d.Letter(t.Context(), &b, "nobody", hub.LetterForm{Language: "de"}); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("letter of nobody: %v", err)
	}
	if err := d.PollNow(t.Context(), by, c.ID, "XXX", false); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("poll of an order type that is not asked for: %v", err)
	}
}

func TestBankProfileIsReplacedAndItsPollsWithIt(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	c := d.addContact(hub.Operator, "USER")
	polls := func() string {
		var out []string
		d.Read(func(tx *store.Tx) error {
			all, err := tx.Polls(t.Context(), c.ID)
			for _, p := range all {
				out = append(out, p.OrderType)
			}
			return err
		})
		return strings.Join(out, " ")
	}
	d.Must(d.SetBankProfile(t.Context(), by, "bank", hub.BankProfile{
		UploadAttributes: hub.Attributes{"CDD": "DZHNN"}, StatusOrders: []string{"CDZ"}, StatementOrders: []string{"C52"}, MasterOrder: "-",
	}))
	if got := polls(); got != "C52 CDZ HAC" {
		t.Errorf("polls %s", got)
	}
	d.Read(func(tx *store.Tx) error {
		b, err := tx.Bank(t.Context(), "bank")
		if b.Profile.Attribute("CDD") != "DZHNN" || b.Profile.Attribute("CCT") != "OZHNN" || b.Profile.Master() != "" {
			t.Errorf("profile %+v", b.Profile)
		}
		return err
	})
	for name, p := range map[string]hub.BankProfile{
		"unknown order type": {UploadAttributes: hub.Attributes{"XXX": "OZHNN"}}, "unknown attribute": {UploadAttributes: hub.Attributes{"CCT": "UZHNN"}},
		"unknown signature": {SignatureVersion: "A004"}, "a status that never confirms": {ConfirmingStatuses: []string{"RCVD"}}, "no order type": {StatementOrders: []string{"camt"}},
	} {
		if err := d.SetBankProfile(t.Context(), by, "bank", p); hub.CodeOf(err) != hub.CodeInvalid {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if err := d.SetBankProfile(t.Context(), by, "nobody", hub.BankProfile{}); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("error %v", err)
	}
	if got := d.audited(hub.Operator); !strings.HasSuffix(got, "bank.profile") {
		t.Errorf("audited %s", got)
	}
}

func TestContactSignsAsTheBankWants(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	for n, row := range []struct{ profile, asked, want string }{{"", "", "A006"}, {"A005", "", "A005"}, {"A005", "A006", "A006"}, {"", "A005", "A005"}} {
		d.Must(d.SetBankProfile(t.Context(), by, "bank", hub.BankProfile{SignatureVersion: row.profile}))
		_, err := d.AddContact(t.Context(), by, hub.NewContact{Owner: hub.Operator, Bank: "bank", PartnerID: fmt.Sprintf("P%d", n), UserID: "U", Signature: row.asked})
		d.Must(err)
		if d.bank.signature != row.want {
			t.Errorf("profile %q, asked for %q: keys for %s, want %s", row.profile, row.asked, d.bank.signature, row.want)
		}
	}
	if _, err := d.AddContact(t.Context(), by, hub.NewContact{Owner: hub.Operator, Bank: "bank", PartnerID: "P", UserID: "U", Signature: "A004"}); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("error %v", err)
	}
}

// A bank whose list is wrong must not keep good files out for ever: when it is not asked any more, what it said is forgotten.
func TestBankThatIsNotAskedAnyMoreIsNotBelieved(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	c := d.addContact(hub.Operator, "USER")
	d.Write(func(tx *store.Tx) error { return tx.SetMaster(t.Context(), c.ID, hub.MasterData{}) })
	permits := func() (yes bool) {
		d.Read(func(tx *store.Tx) error {
			c, err := tx.Contact(t.Context(), c.ID)
			yes = c.Permits("CCT")
			return err
		})
		return yes
	}
	d.Must(d.SetBankProfile(t.Context(), by, "bank", hub.BankProfile{}))
	if permits() {
		t.Error("another profile made the hub forget what the bank permits")
	}
	d.Must(d.SetBankProfile(t.Context(), by, "bank", hub.BankProfile{MasterOrder: "-"}))
	if !permits() {
		t.Error("what the bank said is still believed")
	}
}
