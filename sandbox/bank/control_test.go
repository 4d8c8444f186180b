package bank

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/pain"
)

// Keys come in once, the letter's hashes must fit, and only then orders are
// taken.
func TestUserIsActivatedByTheLettersHashes(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	ctx := t.Context()
	c := bank.subscriber(BureauPartner, "KONTORT1", nil)
	state := func() string {
		t.Helper()
		for _, p := range bank.state().Partners {
			for _, u := range p.Users {
				if u.UserID == "KONTORT1" {
					return string(u.State)
				}
			}
		}
		return "missing"
	}
	activate := func(body string, want int) {
		t.Helper()
		if status, text := bank.call("POST", "/users/KONTOR/KONTORT1/activate", body); status != want {
			t.Errorf("activate %s: %d %s, want %d", body, status, text, want)
		}
	}
	hpbRefused := func() {
		t.Helper()
		var failure *client.Error
		if _, err := c.HPB(ctx); !errors.As(err, &failure) || failure.Technical != ebics.AuthenticationFailed {
			t.Errorf("HPB before activation: %v", err)
		}
	}
	refused := func(what string, err error) {
		t.Helper()
		var failure *client.Error
		if !errors.As(err, &failure) || failure.Technical != ebics.InvalidUserOrUserState {
			t.Errorf("%s: %v, want 091002", what, err)
		}
	}
	if state() != "NEW" {
		t.Errorf("state %s", state())
	}
	activate("", http.StatusConflict)
	if err := c.INI(ctx); err != nil {
		t.Fatal(err)
	}
	refused("INI again", c.INI(ctx))
	activate("", http.StatusConflict)
	if err := c.HIA(ctx); err != nil || state() != "INITIALIZED" {
		t.Fatal(err, state())
	}
	refused("HIA again", c.HIA(ctx))
	hpbRefused()
	keys := subscriberKeys()
	a006, x002, e002 := keys.Signature.Public().Digest(), keys.Authentication.Public().Digest(), keys.Encryption.Public().Digest()
	activate(fmt.Sprintf(`{"hashes":{"A006":"%x","X002":"%x","E002":"%x"}}`, a006, x002, x002), http.StatusConflict)
	activate(`{"hashes":{"A005":"00"}}`, http.StatusConflict)
	hpbRefused()
	letter := strings.ToUpper(hex.EncodeToString(e002[:]))
	activate(fmt.Sprintf(`{"hashes":{"A006":"%x","X002":"%x","E002":"%s %s"}}`, a006, x002, letter[:32], letter[32:]), http.StatusOK)
	if state() != "READY" {
		t.Errorf("state %s", state())
	}
	bank.again(c)
	refused("INI of a ready user", c.INI(ctx))
	bank.must("POST", "/users/KONTOR/KONTORT1/reset", "", nil)
	if state() != "NEW" {
		t.Errorf("state %s after the reset", state())
	}
	hpbRefused()
	if err := c.INI(ctx); err != nil {
		t.Errorf("INI after the reset: %v", err)
	}
	refused("user unknown", bank.subscriber(BureauPartner, "NOBODY", nil).INI(ctx))
	refused("partner unknown", bank.subscriber("NOBODY", "NOBODY", nil).HIA(ctx))
}

// An open bank takes anyone in, with the class that fits the partner.
func TestOpenBankActivatesNewcomers(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.Open = true })
	holder := string(bank.state().Accounts[0].HolderPartner)
	for _, row := range []struct{ partner, user, class string }{
		{"STRANGER", "S1", "T"}, {BureauPartner, "NEWT", "T"}, {holder, "NEWA", "A"}, {BureauPartner, "KONTORT1", "T"},
	} {
		t.Run(row.partner+"/"+row.user, func(t *testing.T) {
			c := bank.subscriber(row.partner, row.user, nil)
			if err := c.HIA(t.Context()); err != nil { // in this order too
				t.Fatal(err)
			}
			if _, err := c.HPB(t.Context()); err == nil {
				t.Error("HPB before INI")
			}
			if err := c.INI(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := c.HPB(t.Context()); err != nil {
				t.Error(err)
			}
			_, text := bank.call("GET", "/state", "")
			if !strings.Contains(text, fmt.Sprintf(`{"userId":%q,"class":%q,"state":"READY"`, row.user, row.class)) {
				t.Errorf("not READY with class %s", row.class)
			}
		})
	}
}

// Keys cannot be sent twice, so a bank that is opened later must let those work
// who had sent them before.
func TestOpenedBankActivatesWhoWaits(t *testing.T) {
	folder := t.TempDir()
	bank := start(t, folder, nil)
	c := bank.subscriber(BureauPartner, "KONTORT1", nil)
	half := bank.subscriber(BureauPartner, "KONTORT2", nil)
	if err := errors.Join(c.INI(t.Context()), c.HIA(t.Context()), half.INI(t.Context())); err != nil {
		t.Fatal(err)
	}
	bank.stop()
	for _, open := range []bool{false, true} {
		bank = start(t, folder, func(o *Options) { o.Open = open })
		if _, err := bank.subscriber(BureauPartner, "KONTORT1", nil).HPB(t.Context()); (err == nil) != open {
			t.Errorf("open %v: HPB of who waits: %v", open, err)
		}
		if _, err := bank.subscriber(BureauPartner, "KONTORT2", nil).HPB(t.Context()); err == nil {
			t.Errorf("open %v: HPB without HIA", open)
		}
		bank.stop()
	}
}

// A person at the bank's counter needs no keys.
func TestUserWithoutKeysSignsAtTheCounter(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0]
	if _, err := upload(t, c, ebics.AttributeOrder, order(t, "DESK", pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(1, iban("0000000001"))}}), 0); err != nil {
		t.Fatal(err)
	}
	signer := string(debtor.HolderPartner) + "E1"
	if _, text := bank.call("GET", "/state", ""); !strings.Contains(text, fmt.Sprintf(`{"userId":%q,"class":"E","state":"NEW"`, signer)) {
		t.Errorf("%s is not in state NEW", signer)
	}
	var view orderView
	bank.must("POST", "/orders/KONTOR/A001/release", fmt.Sprintf(`{"userId":%q}`, signer), &view)
	if view.State != "executed" {
		t.Errorf("order is %s", view.State)
	}
}

func TestControlRefuses(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	a := bank.state().Accounts[0]
	nobody := iban("0000000001")
	accountBody := func(iban, holder, currency, balance string) string {
		return fmt.Sprintf(`{"iban":%q,"owner":"X","holderPartner":%q,"currency":%q,"openingBalance":%q}`, iban, holder, currency, balance)
	}
	holder := string(a.HolderPartner)
	for _, row := range []struct {
		name, method, path, body string
		status                   int
	}{
		{"unknown field", "POST", "/advance", `{"days":1,"nights":1}`, 400},
		{"two values", "POST", "/advance", `{"days":1}{}`, 400},
		{"an array", "POST", "/advance", `[]`, 400},
		{"no days", "POST", "/advance", ``, 400},
		{"days back", "POST", "/advance", `{"days":-1}`, 400},
		{"too many days", "POST", "/advance", `{"days":367}`, 400},
		{"large body", "POST", "/partners", `{"partnerId":"` + strings.Repeat("A", maxControlBody) + `"}`, 413},
		{"unknown resource", "GET", "/nothing", ``, 404},
		{"wrong method", "DELETE", "/state", ``, 404},
		{"bad partner id", "POST", "/partners", `{"partnerId":"A B"}`, 400},
		{"bad user id", "POST", "/partners", `{"partnerId":"P","users":[{"userId":"","class":"A"}]}`, 400},
		{"bad class", "POST", "/partners", `{"partnerId":"P","users":[{"userId":"U","class":"X"}]}`, 400},
		{"another class", "POST", "/partners", `{"partnerId":"KONTOR","users":[{"userId":"KONTORT1","class":"E"}]}`, 409},
		{"bad IBAN", "POST", "/accounts", accountBody("DE00", holder, "EUR", "1"), 400},
		{"account that must not exist", "POST", "/accounts", accountBody(string(iban("0000000404")), holder, "EUR", "1"), 400},
		{"unknown holder", "POST", "/accounts", accountBody(string(nobody), "NOBODY", "EUR", "1"), 404},
		{"unknown currency", "POST", "/accounts", accountBody(string(nobody), holder, "XXX", "1"), 400},
		{"half cents", "POST", "/accounts", accountBody(string(nobody), holder, "EUR", "1.005"), 400},
		{"another holder", "POST", "/accounts", accountBody(string(a.IBAN), "KONTOR", "EUR", "1"), 409},
		{"another currency", "POST", "/accounts", accountBody(string(a.IBAN), holder, "USD", "1"), 409},
		{"no owner", "POST", "/accounts", fmt.Sprintf(`{"iban":%q,"holderPartner":%q}`, nobody, holder), 400},
		{"credit to no account", "POST", "/credits", fmt.Sprintf(`{"iban":%q,"amount":"1","name":"N"}`, nobody), 404},
		{"credit of nothing", "POST", "/credits", fmt.Sprintf(`{"iban":%q,"amount":"0","name":"N"}`, a.IBAN), 400},
		{"negative credit", "POST", "/credits", fmt.Sprintf(`{"iban":%q,"amount":"-1","name":"N"}`, a.IBAN), 400},
		{"credit without a name", "POST", "/credits", fmt.Sprintf(`{"iban":%q,"amount":"1"}`, a.IBAN), 400},
		{"right to an unknown order type", "POST", "/users/KONTOR/KONTORT1/orders/XYZ/withdraw", ``, 404},
		{"right of an unknown user", "POST", "/users/KONTOR/NOBODY/orders/CCT/withdraw", ``, 404},
		{"neither withdrawn nor granted", "POST", "/users/KONTOR/KONTORT1/orders/CCT/lend", ``, 404},
		{"agreement on a download", "POST", "/partners/KONTOR/orders/C53", `{"attribute":"DZHNN"}`, 400},
		{"agreement on an unknown order type", "POST", "/partners/KONTOR/orders/XYZ", `{"attribute":"DZHNN"}`, 404},
		{"agreement of nobody", "POST", "/partners/NOBODY/orders/CCT", `{"attribute":"DZHNN"}`, 404},
		{"agreement on nothing", "POST", "/partners/KONTOR/orders/CCT", ``, 400},
		{"fault of no kind", "POST", "/faults", ``, 400},
		{"fault of an unknown kind", "POST", "/faults", `{"kind":"flood"}`, 400},
		{"fault in no phase", "POST", "/faults", `{"kind":"reset","phase":"Transport"}`, 400},
		{"fault less than once", "POST", "/faults", `{"kind":"reset","count":-1}`, 400},
		{"fault of days", "POST", "/faults", `{"kind":"silence","milliseconds":172800000}`, 400},
		{"fault that is none", "POST", "/faults", `{"kind":"status","status":200}`, 400},
		{"half of no answer", "POST", "/faults", `{"kind":"truncated","before":true}`, 400},
		{"unknown user", "POST", "/users/KONTOR/NOBODY/reset", ``, 404},
	} {
		t.Run(row.name, func(t *testing.T) {
			status, text := bank.call(row.method, row.path, row.body)
			if status != row.status || !strings.HasPrefix(text, `{`) || !strings.Contains(text, `"error":"`) {
				t.Errorf("%d %s, want %d", status, text, row.status)
			}
		})
	}
	if got := bank.state(); got.BusinessDate.String() != "2026-03-02" || len(got.Accounts) != 4 || len(got.Partners) != 3 {
		t.Errorf("something changed: %+v", got)
	}
}

// What exists may be asked for again; a bureau is added to what is there.
func TestControlIsIdempotent(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	for range 2 {
		bank.must("POST", "/partners", `{"partnerId":"NEW1","users":[{"userId":"N1","class":"E"}]}`, nil)
		bank.must("POST", "/partners", `{"partnerId":"BUREAU2","users":[{"userId":"B1","class":"T"}]}`, nil)
		for _, bureau := range []string{"KONTOR", "BUREAU2"} {
			var a accountView
			bank.must("POST", "/accounts", fmt.Sprintf(`{"iban":%q,"currency":"EUR","owner":"Neu GmbH","holderPartner":"NEW1","bureauPartner":%q,"openingBalance":"1000000.00"}`, iban("0000000005"), bureau), &a)
			if a.Balance != "1000000.00" || a.HolderPartner != "NEW1" {
				t.Errorf("account %+v", a)
			}
		}
	}
	if a := bank.account(iban("0000000005")); fmt.Sprint(a.BureauPartners) != "[BUREAU2 KONTOR]" {
		t.Errorf("bureaus %v", a.BureauPartners)
	}
	bank.advance("2")
	count := map[string]int{}
	var files []fileView
	bank.must("GET", "/files", "", &files)
	for _, f := range files {
		if f.Offered || f.Fetched {
			t.Errorf("nobody has fetched %+v", f)
		}
		count[string(f.PartnerID)]++
	}
	if count["NEW1"] != 2 || count["BUREAU2"] != 2 || count["KONTOR"] != 10 {
		t.Errorf("statements by partner: %v", count)
	}
}

// A web page in somebody's browser must not steer the bank.
func TestControlIsForProgramsOnThisMachine(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	for name, change := range map[string]func(*http.Request){
		"foreign origin": func(r *http.Request) { r.Header.Set("Origin", "https://example.com") },
		"foreign host":   func(r *http.Request) { r.Host = "example.com" },
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, bank.ready.Control+"/state", nil)
		if err != nil {
			t.Fatal(err)
		}
		change(request)
		answer, err := bank.http.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d, %v", name, answer.StatusCode, err)
		}
	}
}
