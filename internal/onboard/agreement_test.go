package onboard_test

import (
	"bytes"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

const iban = "DE28999000010007654321"

// accountOf adds a tenant and an account of it that is reached through the operator's contact, or one of the tenant's own.
func (d *desk) accountOf(handle string, own bool) hub.Account {
	d.t.Helper()
	tenant, err := d.AddTenant(d.t.Context(), by, handle, handle+" GmbH", hub.TenantSettings{})
	d.Must(err)
	owner, number := hub.Operator, iban
	if own {
		owner, number = tenant.ID.Owner(), "DE12999000010001234567"
	}
	c := d.addContact(owner, "USER"+strings.ToUpper(handle))
	a, err := d.AddAccount(d.t.Context(), by, hub.Account{Tenant: tenant.ID, Contact: c.ID, IBAN: number, Currency: "EUR", Holder: handle + " GmbH"})
	d.Must(err)
	return a
}

func (d *desk) agreement(a hub.Account, form hub.AgreementForm) (string, error) {
	var b strings.Builder
	err := d.Agreement(d.t.Context(), &b, a.Tenant, a.ID, form)
	return b.String(), err
}

func TestAgreementSaysHowTheBankReleasesOrders(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	a := d.accountOf("acme", false)
	const signed, note = "[X] durch verteilte elektronische Unterschrift", "[X] durch unterschriebenen Begleitzettel"
	transfers := hub.AgreementForm{Language: "de", CreditTransfers: true, Bureau: "Betrieb GmbH"}
	both := transfers
	both.DirectDebits = true
	for name, row := range map[string]struct {
		attributes hub.Attributes
		form       hub.AgreementForm
		want, not  []string
	}{
		"orders wait for signatures":  {nil, transfers, []string{signed}, []string{note}},
		"released outside EBICS":      {hub.Attributes{"CCT": "DZHNN"}, transfers, []string{note}, []string{signed}},
		"one thing and the other":     {hub.Attributes{"CDB": "DZHNN"}, both, nil, []string{signed, note}},
		"what is not submitted":       {hub.Attributes{"CDB": "DZHNN"}, transfers, []string{signed}, []string{note}},
		"statements need no releases": {nil, hub.AgreementForm{Language: "de", Statements: true}, nil, []string{signed, note, "Begleitzettel"}},
	} {
		t.Run(name, func(t *testing.T) {
			d.Must(d.SetBankProfile(t.Context(), by, "bank", hub.BankProfile{UploadAttributes: row.attributes}))
			got, err := d.agreement(a, row.form)
			d.Must(err)
			for _, part := range append(row.want, "acme GmbH", "DE28\u00a09990\u00a00001\u00a00007\u00a06543\u00a021, EUR", "Invented Bank", "Host-ID HOST, Kunden-ID PARTNERUSERACME, Teilnehmer-ID USERACME") {
				if !strings.Contains(got, part) {
					t.Errorf("no %q in\n%s", part, got)
				}
			}
			for _, part := range row.not {
				if strings.Contains(got, part) {
					t.Errorf("%q in\n%s", part, got)
				}
			}
		})
	}
}

func TestAgreementIsAlsoMadeAsPages(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	got, err := d.agreement(d.accountOf("acme", false), hub.AgreementForm{Language: "fr", Statements: true, PDF: true})
	d.Must(err)
	if !bytes.HasPrefix([]byte(got), []byte("%PDF-")) {
		t.Errorf("no PDF: %.20q", got)
	}
}

func TestAgreementIsRefused(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.addBank()
	acme, own := d.accountOf("acme", false), d.accountOf("own", true)
	stolen := acme
	stolen.Tenant = own.Tenant
	all := hub.AgreementForm{Language: "en", CreditTransfers: true, Statements: true}
	for name, row := range map[string]struct {
		account hub.Account
		form    hub.AgreementForm
		want    hub.Code
	}{
		"the tenant's own contact": {own, all, hub.CodeConflict},
		"another tenant's account": {stolen, all, hub.CodeNotFound},
		"an agreement on nothing":  {acme, hub.AgreementForm{Language: "en"}, hub.CodeInvalid},
		"an unknown language":      {acme, hub.AgreementForm{Language: "nl", Statements: true}, hub.CodeInvalid},
	} {
		if got, err := d.agreement(row.account, row.form); hub.CodeOf(err) != row.want || got != "" {
			t.Errorf("%s: error %v, want code %s; wrote %q", name, err, row.want, got)
		}
	}
}
