package konfipay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/internal/access"
	"kontor/internal/collect"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/job"
	"kontor/internal/store"
	"kontor/internal/vault"
	"kontor/iso20022/pain"
	"kontor/money"
)

// world is a whole hub without banks: real store on SQLite, real access, intake and offer, two tenants with an account each.
type world struct {
	t       *testing.T
	store   *store.Store
	access  *access.Access
	options Options
	handler http.Handler
	log     *bytes.Buffer
	clock   atomic.Int64
	first   member
	second  member
}

// member is a tenant with its account and a token for everything.
type member struct {
	tenant  hub.TenantID
	account hub.AccountID
	iban    string
	key     hub.APIKey
	secret  access.Secret
	token   string
}

// The invented accounts: bank code 99999999 is nobody's.
var (
	firstIBAN  = "DE" + account.CheckDigits("DE", "999999990000000001") + "999999990000000001"
	secondIBAN = "DE" + account.CheckDigits("DE", "999999990000000002") + "999999990000000002"
	otherIBAN  = "DE" + account.CheckDigits("DE", "999999990000000003") + "999999990000000003"
)

func (w *world) now() time.Time { return time.UnixMicro(w.clock.Load()) }

func (w *world) at(text string) {
	w.t.Helper()
	moment, err := time.Parse(time.RFC3339Nano, text)
	must(w.t, err)
	w.clock.Store(moment.UnixMicro())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, log: &bytes.Buffer{}}
	w.at("2026-03-02T09:00:00Z")
	root, err := vault.ParseRootKey(strings.Repeat("5a", 32))
	must(t, err)
	keys, err := vault.OpenKeyStore(filepath.Join(t.TempDir(), "keys"), root)
	must(t, err)
	v := vault.New(keys, root)
	w.store, err = store.Open(t.Context(), store.Options{Database: filepath.Join(t.TempDir(), "kontor.db"), Vault: v, Now: w.now})
	must(t, err)
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Error(err)
		}
	})
	must(t, w.store.Migrate(t.Context()))
	must(t, job.Migrate(t.Context(), w.store))
	jobs, err := job.New(w.store, nil, 0)
	must(t, err)
	w.access = access.New(w.store, v, w.now)
	contact := w.newContact()
	w.first = w.newMember("first", firstIBAN, contact)
	w.second = w.newMember("second", secondIBAN, contact)
	w.options = Options{
		Access: w.access, Intake: intake.New(intake.Options{Store: w.store, Jobs: jobs, MaxBytes: 2 << 20}), Offer: collect.NewOffer(w.store),
		Store: w.store, Now: w.now, Logger: slog.New(slog.NewJSONHandler(w.log, nil)), MaxBody: 1 << 20, PublicURL: "https://hub.example",
	}
	w.handler = New(w.options)
	return w
}

func (w *world) write(f func(ctx context.Context, tx *store.Tx) error) {
	w.t.Helper()
	must(w.t, w.store.Write(w.t.Context(), func(tx *store.Tx) error { return f(w.t.Context(), tx) }))
}

func (w *world) newContact() hub.ContactID {
	id := hub.ContactID(store.NewID())
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.CreateOwner(ctx, hub.Operator); err != nil {
			return err
		}
		if err := tx.InsertBank(ctx, hub.Bank{ID: "sandbox", Name: "Sandbox", URL: "https://bank.example/ebics", HostID: "HOST", Created: w.now()}); err != nil {
			return err
		}
		return tx.InsertContact(ctx, hub.Contact{
			ID: id, Owner: hub.Operator, Bank: "sandbox", PartnerID: "PARTNER", UserID: "USER", State: hub.ContactReady, Created: w.now(), Updated: w.now(),
		})
	})
	return id
}

func (w *world) newMember(handle, iban string, contact hub.ContactID) member {
	w.t.Helper()
	m := member{tenant: hub.TenantID(store.NewID()), account: hub.AccountID(store.NewID()), iban: iban}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.InsertTenant(ctx, hub.Tenant{ID: m.tenant, Handle: handle, Name: handle, State: hub.TenantActive, Created: w.now()}); err != nil {
			return err
		}
		return tx.InsertAccount(ctx, hub.Account{
			ID: m.account, Tenant: m.tenant, Contact: contact, Currency: "EUR", IBAN: iban, Holder: handle, Created: w.now(),
		})
	})
	m.key, m.secret, m.token = w.newToken(m.tenant, hub.Scopes()...)
	return m
}

func (w *world) newToken(tenant hub.TenantID, scopes ...hub.Scope) (hub.APIKey, access.Secret, string) {
	w.t.Helper()
	key, secret, err := w.access.CreateKey(w.t.Context(), "operator:test", tenant, "erp", scopes)
	must(w.t, err)
	token, err := w.access.Login(w.t.Context(), string(secret), "test", "1")
	must(w.t, err)
	return key, secret, string(token.Secret)
}

// document stores a statement of a member as collecting would, made available now.
func (w *world) document(m member, fileName, content string) hub.DocumentID {
	w.t.Helper()
	ctx := w.t.Context()
	st, err := w.store.Stage(ctx, m.tenant.Owner(), store.BodyDocument)
	must(w.t, err)
	must(w.t, st.Write(ctx, []byte(content)))
	must(w.t, st.Close(ctx))
	d := hub.Document{
		ID: hub.DocumentID(st.ID()), Tenant: m.tenant, Account: m.account, Kind: hub.DocumentCamt, Format: "camt.053", Created: w.now(),
		Detail: hub.DocumentDetail{IBAN: m.iban, FileName: fileName, EntryCount: 1, OrderType: "C53"},
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if _, err := st.Publish(ctx, tx); err != nil {
			return err
		}
		known, err := tx.InsertDocument(ctx, d, sha256.Sum256([]byte(content)))
		if known {
			w.t.Error("the document is known already")
		}
		return err
	})
	return d.ID
}

// transfer is a valid pain.001 of a debtor account.
func transfer(t *testing.T, messageID, debtor string) string {
	t.Helper()
	amount, err := money.Parse("12.34", "EUR")
	must(t, err)
	day, err := calendar.Parse("2026-03-03")
	must(t, err)
	var b bytes.Buffer
	must(t, pain.WriteCreditTransfer(&b, pain.CreditTransfer{
		MessageID: messageID, Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), InitiatingParty: "Muster GmbH",
		Batches: []pain.TransferBatch{{
			PaymentInformationID: "P-" + messageID, RequestedExecutionDate: day, Debtor: "Muster GmbH", DebtorAccount: account.IBAN(debtor),
			Payments: []pain.Transfer{{EndToEndID: "E-" + messageID, Amount: amount, Creditor: "Beispiel AG", CreditorAccount: account.IBAN(otherIBAN)}},
		}},
	}))
	return b.String()
}

// answer is what a request brought.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request with optional headers "Name: value".
func (w *world) do(token, method, path string, body io.Reader, headers ...string) answer {
	w.t.Helper()
	return send(w.t, w.handler, token, method, path, body, headers...)
}

func send(t *testing.T, h http.Handler, token, method, path string, body io.Reader, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

func (w *world) get(token, path string, headers ...string) answer {
	w.t.Helper()
	return w.do(token, http.MethodGet, path, nil, headers...)
}

func (w *world) post(token, path, body string, headers ...string) answer {
	w.t.Helper()
	return w.do(token, http.MethodPost, path, strings.NewReader(body), headers...)
}

// submit sends a file and returns its rId.
func (w *world) submit(m member, body string) string {
	w.t.Helper()
	a := w.post(m.token, "/api/v4/Payment/Sepa/Pain", body)
	var item struct {
		RID string `json:"rId"`
	}
	must(w.t, json.Unmarshal([]byte(a.body), &item))
	if a.status != http.StatusCreated || item.RID == "" {
		w.t.Fatalf("submit: %d %s", a.status, a.body)
	}
	return item.RID
}

// errorCodes are the codes of a JSON error body.
func (a answer) errorCodes(t *testing.T) []string {
	t.Helper()
	var body struct {
		ErrorItems []struct {
			ErrorCode    string `json:"errorCode"`
			ErrorMessage string `json:"errorMessage"`
			Timestamp    string `json:"timestamp"`
		} `json:"errorItems"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil {
		t.Fatalf("%d %q is no error body: %v", a.status, a.body, err)
	}
	var out []string
	for _, e := range body.ErrorItems {
		if e.ErrorMessage == "" || e.Timestamp == "" {
			t.Errorf("incomplete error item in %s", a.body)
		}
		out = append(out, e.ErrorCode)
	}
	return out
}

func (a answer) want(t *testing.T, what string, status int, codes ...string) {
	t.Helper()
	if a.status != status {
		t.Errorf("%s: status %d (%s), want %d", what, a.status, a.body, status)
		return
	}
	if len(codes) == 0 {
		return
	}
	if got := a.errorCodes(t); fmt.Sprint(got) != fmt.Sprint(codes) {
		t.Errorf("%s: codes %v, want %v", what, got, codes)
	}
}
