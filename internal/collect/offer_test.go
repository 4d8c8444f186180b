package collect

import (
	"crypto/sha256"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/account"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/vault"
)

// shelf is a store with two tenants, of which the first has one IBAN in two currencies and another IBAN.
type shelf struct {
	*Offer
	t      *testing.T
	first  hub.Principal
	second hub.Principal
	euro   hub.Account
	dollar hub.Account
	other  hub.Account
	clock  time.Time
}

func shelfIBAN(number string) string {
	bban := "99999999" + number
	return "DE" + account.CheckDigits("DE", bban) + bban
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{t: t, clock: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}
	now := func() time.Time { return s.clock }
	root, err := vault.ParseRootKey(strings.Repeat("5a", 32))
	s.must(err)
	keys, err := vault.OpenKeyStore(filepath.Join(t.TempDir(), "keys"), root)
	s.must(err)
	db, err := store.Open(t.Context(), store.Options{Database: filepath.Join(t.TempDir(), "kontor.db"), Vault: vault.New(keys, root), Now: now})
	s.must(err)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	s.must(db.Migrate(t.Context()))
	s.Offer = NewOffer(db)
	s.first = hub.Principal{Tenant: hub.TenantID(store.NewID()), Key: "k1", Scopes: hub.Scopes()}
	s.second = hub.Principal{Tenant: hub.TenantID(store.NewID()), Key: "k2", Scopes: hub.Scopes()}
	contact := hub.Contact{ID: hub.ContactID(store.NewID()), Owner: hub.Operator, Bank: "sandbox", PartnerID: "P", UserID: "U", State: hub.ContactReady}
	account := func(iban, currency string) hub.Account {
		return hub.Account{ID: hub.AccountID(store.NewID()), Tenant: s.first.Tenant, Contact: contact.ID, Currency: currency, IBAN: iban}
	}
	s.euro, s.dollar = account(shelfIBAN("0000000001"), "EUR"), account(shelfIBAN("0000000001"), "USD")
	s.other = account(shelfIBAN("0000000002"), "EUR")
	s.must(db.Write(t.Context(), func(tx *store.Tx) error {
		s.must(tx.CreateOwner(t.Context(), hub.Operator))
		s.must(tx.InsertTenant(t.Context(), hub.Tenant{ID: s.first.Tenant, Handle: "first", State: hub.TenantActive}))
		s.must(tx.InsertTenant(t.Context(), hub.Tenant{ID: s.second.Tenant, Handle: "second", State: hub.TenantActive}))
		s.must(tx.InsertBank(t.Context(), hub.Bank{ID: "sandbox"}))
		s.must(tx.InsertContact(t.Context(), contact))
		for _, a := range []hub.Account{s.euro, s.dollar, s.other} {
			s.must(tx.InsertAccount(t.Context(), a))
		}
		return nil
	}))
	return s
}

func (s *shelf) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// put stores a document of an account; each is a second younger than the one before.
func (s *shelf) put(a hub.Account, name string) hub.DocumentID {
	s.t.Helper()
	ctx := s.t.Context()
	s.clock = s.clock.Add(time.Second)
	st, err := s.store.Stage(ctx, a.Tenant.Owner(), store.BodyDocument)
	s.must(err)
	s.must(st.Write(ctx, []byte(name)))
	s.must(st.Close(ctx))
	s.must(s.store.Write(ctx, func(tx *store.Tx) error {
		if _, err := st.Publish(ctx, tx); err != nil {
			return err
		}
		_, err := tx.InsertDocument(ctx, hub.Document{
			ID: hub.DocumentID(st.ID()), Tenant: a.Tenant, Account: a.ID, Kind: hub.DocumentCamt, Format: "camt.053", Created: s.clock,
			Detail: hub.DocumentDetail{IBAN: a.IBAN, FileName: name},
		}, sha256.Sum256([]byte(name)))
		return err
	}))
	return hub.DocumentID(st.ID())
}

func fileNames(documents []hub.Document) string {
	var names []string
	for _, d := range documents {
		names = append(names, d.Detail.FileName)
	}
	return strings.Join(names, " ")
}

func TestOfferListsByIBANInAllItsCurrencies(t *testing.T) {
	s := newShelf(t)
	s.put(s.euro, "euro")
	s.put(s.other, "other")
	s.put(s.dollar, "dollar")
	all := hub.DocumentFilter{Kind: hub.DocumentCamt}
	got, err := s.List(t.Context(), s.first, all)
	s.must(err)
	if fileNames(got) != "dollar other euro" {
		t.Errorf("all: %s", fileNames(got))
	}
	got, err = s.ListByIBAN(t.Context(), s.first, all, " "+strings.ToLower(s.euro.IBAN))
	s.must(err)
	if fileNames(got) != "dollar euro" {
		t.Errorf("by IBAN: %s", fileNames(got))
	}
	got, err = s.List(t.Context(), s.first, hub.DocumentFilter{Kind: hub.DocumentCamt, Account: s.other.ID})
	s.must(err)
	if fileNames(got) != "other" {
		t.Errorf("by account: %s", fileNames(got))
	}
	for name, iban := range map[string]string{"nobody's": shelfIBAN("0000000009"), "none": "", "odd": "DE"} {
		if _, err := s.ListByIBAN(t.Context(), s.first, all, iban); hub.CodeOf(err) != hub.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ListByIBAN(t.Context(), s.second, all, s.euro.IBAN); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("another tenant's IBAN: %v", err)
	}
}

// An acknowledged document is no longer new, for good; who did it is noted once.
func TestOfferAcknowledgesOnce(t *testing.T) {
	s := newShelf(t)
	id := s.put(s.euro, "a")
	s.clock = s.clock.Add(time.Hour)
	first, err := s.Acknowledge(t.Context(), s.first, id)
	s.must(err)
	if !first.Retrieved.Equal(s.clock) || first.Detail.FileName != "a" {
		t.Errorf("%+v", first)
	}
	s.clock = s.clock.Add(time.Hour)
	again, err := s.Acknowledge(t.Context(), s.first, id)
	s.must(err)
	if !again.Retrieved.Equal(first.Retrieved) {
		t.Errorf("retrieved again at %v", again.Retrieved)
	}
	fresh, err := s.List(t.Context(), s.first, hub.DocumentFilter{Kind: hub.DocumentCamt, OnlyNew: true})
	s.must(err)
	if len(fresh) != 0 {
		t.Errorf("still new: %s", fileNames(fresh))
	}
	var events []hub.Event
	s.must(s.store.Read(t.Context(), func(tx *store.Tx) (err error) {
		events, err = tx.Events(t.Context(), s.first.Tenant, string(id))
		return err
	}))
	if len(events) != 1 || events[0].Name != "retrieve" || events[0].Actor != "key:k1" {
		t.Errorf("events %+v", events)
	}
}

func TestOfferShowsATenantItsOwnDocumentsAlone(t *testing.T) {
	s := newShelf(t)
	id := s.put(s.euro, "a")
	documents, err := s.List(t.Context(), s.second, hub.DocumentFilter{Kind: hub.DocumentCamt})
	s.must(err)
	if len(documents) != 0 {
		t.Errorf("the second tenant sees %s", fileNames(documents))
	}
	for name, err := range s.attempts(s.second, id) {
		if hub.CodeOf(err) != hub.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	mine, err := s.Item(t.Context(), s.first, id)
	s.must(err)
	if !mine.Retrieved.IsZero() {
		t.Error("another tenant has acknowledged it")
	}
}

// attempts are all ways to one document.
func (s *shelf) attempts(p hub.Principal, id hub.DocumentID) map[string]error {
	ctx := s.t.Context()
	_, item := s.Item(ctx, p, id)
	_, _, open := s.Open(ctx, p, id)
	_, _, retrieve := s.OpenForRetrieval(ctx, p, id)
	_, acknowledge := s.Acknowledge(ctx, p, id)
	return map[string]error{"item": item, "open": open, "retrieve": retrieve, "acknowledge": acknowledge}
}

func TestOfferChecksScopes(t *testing.T) {
	s := newShelf(t)
	id := s.put(s.euro, "a")
	for _, c := range []struct {
		scopes  []hub.Scope
		allowed string
	}{
		{nil, ""},
		{[]hub.Scope{hub.ScopePaymentRead, hub.ScopePaymentSubmit}, ""},
		{[]hub.Scope{hub.ScopeDocumentRead}, "item open"},
		{[]hub.Scope{hub.ScopeDocumentAcknowledge}, "acknowledge"},
		{hub.Scopes(), "item open retrieve acknowledge"},
	} {
		p := s.first
		p.Scopes = c.scopes
		for name, err := range s.attempts(p, id) {
			if allowed := strings.Contains(c.allowed, name); allowed != (err == nil) || (!allowed && hub.CodeOf(err) != hub.CodeForbidden) {
				t.Errorf("%v %s: %v", c.scopes, name, err)
			}
		}
		_, lists := s.List(t.Context(), p, hub.DocumentFilter{Kind: hub.DocumentCamt})
		_, accounts := s.AccountsByIBAN(t.Context(), p, s.euro.IBAN)
		if may := strings.Contains(c.allowed, "item"); may != (lists == nil) || may != (accounts == nil) {
			t.Errorf("%v: list %v, accounts %v", c.scopes, lists, accounts)
		}
	}
}

func TestOfferOpensTheBytesOfTheBank(t *testing.T) {
	s := newShelf(t)
	id := s.put(s.euro, "bytes as delivered")
	d, body, err := s.Open(t.Context(), s.first, id)
	s.must(err)
	got, err := io.ReadAll(body)
	s.must(err)
	s.must(body.Close())
	if string(got) != "bytes as delivered" || d.ID != id || !d.Retrieved.IsZero() {
		t.Errorf("%q of %+v", got, d)
	}
}
