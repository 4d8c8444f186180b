package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kontor/account"
	"kontor/e2e/rig"
)

// neighbours is an installation with two tenants under one contact of the operator, and an account at the bank that the contact may see and
// the hub does not know.
type neighbours struct {
	*rig.Installation
	alpha, beta       rig.Tenant
	alphaERP, betaERP *rig.Client
	unknown           string // IBAN
}

func newNeighbours(t *testing.T, database string) *neighbours {
	t.Helper()
	in := rig.Ceremony(t, rig.Plan{
		Database: database,
		Tenants:  []rig.TenantPlan{{Handle: "alpha", Name: "Alpha GmbH", Accounts: 1}, {Handle: "beta", Name: "Beta AG", Accounts: 1}},
		Settings: severalSegments,
	})
	in.Start(t)
	n := &neighbours{Installation: in, alpha: in.Tenants[0], beta: in.Tenants[1]}
	n.alphaERP, n.betaERP = in.Hub.Client(n.alpha.Key), in.Hub.Client(n.beta.Key)
	for _, a := range in.Bank.State(t).Accounts {
		if a.IBAN != n.alpha.Accounts[0].IBAN && a.IBAN != n.beta.Accounts[0].IBAN && slices.Contains(a.BureauPartners, in.Partner) {
			n.unknown = a.IBAN
		}
	}
	if n.unknown == "" {
		t.Fatal("the bank has no third account of the contact")
	}
	return n
}

// sameFile has both tenants send files with the same message id, batch ids and end-to-end ids, and waits until both wait at the bank.
func (n *neighbours) sameFile(t *testing.T, messageID, creditorOfBeta string) (alpha, beta rig.Payment) {
	t.Helper()
	send := func(erp *rig.Client, p rig.PaymentPlan) string {
		p.MessageID, p.Payments, p.Padding = messageID, 40, 100
		sent, err := erp.Submit(t.Context(), rig.PaymentFile(t, p), "salaries.xml")
		if err != nil || sent.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
			t.Fatalf("%s: %+v %v", messageID, sent, err)
		}
		return sent.RID
	}
	a := send(n.alphaERP, rig.PaymentPlan{Account: n.alpha.Accounts[0]})
	b := send(n.betaERP, rig.PaymentPlan{Account: n.beta.Accounts[0], IBAN: creditorOfBeta})
	alpha, beta = await(t, n.alphaERP, a, "FIN_VEU_FORWARDED"), await(t, n.betaERP, b, "FIN_VEU_FORWARDED")
	if alpha.Item.OrderID == beta.Item.OrderID {
		t.Fatalf("%s: both tenants see order %s", messageID, alpha.Item.OrderID)
	}
	return alpha, beta
}

func (n *neighbours) release(t *testing.T, p rig.Payment, a rig.Account) {
	t.Helper()
	if err := n.Bank.ReleaseE(t.Context(), n.Partner, p.Item.OrderID, a.Holder, a.A[0], a.B[0]); err != nil {
		t.Fatal(err)
	}
}

// Two tenants whose files pass through one contact of the operator, with the same numbers on everything, see only their own.
func TestNeighboursUnderOneContactSeeOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	engines(t, keepToThemselves)
}

func keepToThemselves(t *testing.T, database string) {
	n := newNeighbours(t, database)
	ctx := t.Context()
	// One is released, the other cancelled by its account holder.
	a, b := n.sameFile(t, "SAME-1", "")
	if _, err := n.Bank.Decide(ctx, n.Partner, b.Item.OrderID, "cancel", n.beta.Accounts[0].Holder, n.beta.Accounts[0].A[0]); err != nil {
		t.Fatal(err)
	}
	n.release(t, a, n.alpha.Accounts[0])
	await(t, n.alphaERP, a.RID, "FIN_CONFIRMED")
	await(t, n.betaERP, b.RID, "FIN_VEU_CANCELED")
	// Both are executed: the reports differ only in the debtor's account.
	a2, b2 := n.sameFile(t, "SAME-2", "")
	n.release(t, b2, n.beta.Accounts[0])
	n.release(t, a2, n.alpha.Accounts[0])
	await(t, n.alphaERP, a2.RID, "FIN_CONFIRMED")
	await(t, n.betaERP, b2.RID, "FIN_CONFIRMED")
	// One is executed, the other refused by the bank in every payment.
	a3, b3 := n.sameFile(t, "SAME-3", noSuchAccount())
	n.release(t, b3, n.beta.Accounts[0])
	n.release(t, a3, n.alpha.Accounts[0])
	await(t, n.alphaERP, a3.RID, "FIN_CONFIRMED")
	await(t, n.betaERP, b3.RID, "FIN_REJECTED")
	for _, q := range n.Quarantine(t) {
		t.Errorf("the operator's quarantine has %+v, though every report has an owner", q)
	}
	n.statements(t)
	n.foreignDebtor(t)
	n.routes(t, a, b)
	n.keys(t)
}

// noSuchAccount is an IBAN that does not exist at any bank: the sandbox refuses payments to it with AC01.
func noSuchAccount() string {
	const bban = "999000100000000404"
	return "DE" + account.CheckDigits("DE", bban) + bban
}

// statements checks that what arrives in one delivery is split: each tenant gets the statement of its account, the unknown account's one
// waits for the operator.
func (n *neighbours) statements(t *testing.T) {
	t.Helper()
	n.Bank.Credit(t, n.unknown, "17.00", "Somebody", "for an account that the hub does not know")
	n.Bank.Advance(t)
	n.PollNow(t, "C53")
	ibans := []string{n.alpha.Accounts[0].IBAN, n.beta.Accounts[0].IBAN, n.unknown}
	for i, erp := range []*rig.Client{n.alphaERP, n.betaERP} {
		document := awaitDocuments(t, erp, 1)[0]
		content, err := erp.DocumentFile(t.Context(), document.RID)
		if err != nil {
			t.Fatal(err)
		}
		if document.IBAN != ibans[i] {
			t.Errorf("a statement of %s, want %s", document.IBAN, ibans[i])
		}
		for j, iban := range ibans {
			if bytes.Contains(content, []byte(iban)) != (i == j) {
				t.Errorf("the statement of %s: contains %s is %t", ibans[i], iban, i != j)
			}
		}
	}
	rig.Until(t, "the unknown account in the quarantine", func() (bool, error) {
		found := false
		for _, q := range n.Quarantine(t) {
			if q.Reason != "unknown_account" || q.Detail.FileName == "" || slices.Contains(ibans[:2], q.Detail.IBAN) {
				t.Fatalf("in the quarantine is %+v", q)
			}
			found = found || q.Detail.IBAN == n.unknown
		}
		return found, nil
	})
}

// foreignDebtor checks that nobody can pay from another's account, nor from one that the hub does not know, and that the answer does not
// tell the two apart.
func (n *neighbours) foreignDebtor(t *testing.T) {
	t.Helper()
	var details []string
	for i, iban := range []string{n.beta.Accounts[0].IBAN, n.unknown} {
		debtor := n.alpha.Accounts[0]
		debtor.IBAN = iban
		id := fmt.Sprintf("FOREIGN-%d", i)
		p, err := n.alphaERP.Submit(t.Context(), rig.PaymentFile(t, rig.PaymentPlan{MessageID: id, Account: debtor}), "")
		if err != nil || p.Item.Status != "KON_REJECTED" || p.Item.ErrorItem == nil || !strings.Contains(p.Item.ErrorItem.ErrorDetails, "PAIN-E9") {
			t.Fatalf("a file that debits %s: %+v %v", iban, p, err)
		}
		details = append(details, p.Item.ErrorItem.ErrorDetails)
		if slices.ContainsFunc(n.Bank.Log(t), func(l rig.BankTransaction) bool { return l.MessageID == id }) {
			t.Errorf("%s reached the bank", id)
		}
	}
	if details[0] != details[1] {
		t.Errorf("the answers tell another tenant's account from an unknown one:\n%s\n%s", details[0], details[1])
	}
}

var timestamps = regexp.MustCompile(`"timestamp":"[^"]*"`)

// routes checks that on every route another tenant's id is answered exactly as an id that does not exist, and changes nothing.
func (n *neighbours) routes(t *testing.T, a, b rig.Payment) {
	t.Helper()
	const nobody = "019abcde-0000-7000-8000-000000000000"
	own, foreign := awaitDocuments(t, n.alphaERP, 1)[0], awaitDocuments(t, n.betaERP, 1)[0]
	ask := func(method, path string) string {
		var body []byte
		if method == http.MethodPost {
			body = []byte{}
		}
		got, err := n.alphaERP.Do(t.Context(), method, path, nil, body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("HTTP %d %s", got.Status, timestamps.ReplaceAll(got.Body, nil))
	}
	for _, r := range []struct{ method, path, own, foreign string }{
		{http.MethodGet, rig.PathPayment + "/%s/Item", a.RID, b.RID},
		{http.MethodGet, rig.PathPayment + "/%s", a.RID, b.RID},
		{http.MethodGet, rig.PathDocuments + "/%s/Item", own.RID, foreign.RID},
		{http.MethodGet, rig.PathDocuments + "/%s?ack=false", own.RID, foreign.RID},
		{http.MethodGet, rig.PathDocuments + "/%s", own.RID, foreign.RID},
		{http.MethodPost, rig.PathDocuments + "/%s/Acknowledge", own.RID, foreign.RID},
	} {
		missing := ask(r.method, fmt.Sprintf(r.path, nobody))
		if !strings.HasPrefix(missing, "HTTP 400 ") || !strings.Contains(missing, "ERR-01-0001") {
			t.Errorf("%s %s for an unknown id: %s", r.method, r.path, missing)
		}
		for _, id := range []string{r.foreign, strings.ToUpper(r.foreign)} {
			if got := ask(r.method, fmt.Sprintf(r.path, id)); got != missing {
				t.Errorf("%s %s: another tenant's id is answered %s, an unknown one %s", r.method, r.path, got, missing)
			}
		}
	}
	// An own id on the route of the other kind is unknown too.
	for _, path := range []string{rig.PathPayment + "/" + own.RID + "/Item", rig.PathDocuments + "/" + a.RID + "/Item"} {
		if got := ask(http.MethodGet, path); !strings.HasPrefix(got, "HTTP 400 ") {
			t.Errorf("GET %s: %s", path, got)
		}
	}
	strange := rig.InventIBAN(88_000_001)
	for _, path := range []string{rig.PathDocuments + "?iban=", rig.PathDocuments + "/History?start=2000-01-01&end=2099-12-31&iban="} {
		missing := ask(http.MethodGet, path+strange)
		if got := ask(http.MethodGet, path+url.QueryEscape(n.beta.Accounts[0].IBAN)); got != missing {
			t.Errorf("%s: another tenant's IBAN is answered %s, an unknown one %s", path, got, missing)
		}
		if got := ask(http.MethodGet, path+n.alpha.Accounts[0].IBAN); !strings.Contains(got, own.RID) || strings.Contains(got, foreign.RID) {
			t.Errorf("%s with the own IBAN: %s", path, got)
		}
	}
	for _, path := range []string{rig.PathDocuments, rig.PathDocuments + "/History?start=2000-01-01&end=2099-12-31"} {
		if got := ask(http.MethodGet, path); !strings.Contains(got, own.RID) || strings.Contains(got, foreign.RID) {
			t.Errorf("%s: %s", path, got)
		}
	}
	if again := awaitDocuments(t, n.betaERP, 1)[0]; again != foreign {
		t.Errorf("the neighbour's attempts changed the document from %+v to %+v", foreign, again)
	}
	// The same questions with own ids are answered, so it is the id that made the difference.
	for _, r := range []struct{ method, path string }{
		{http.MethodGet, rig.PathPayment + "/" + a.RID + "/Item"}, {http.MethodGet, rig.PathPayment + "/" + a.RID},
		{http.MethodGet, rig.PathDocuments + "/" + own.RID + "/Item"}, {http.MethodGet, rig.PathDocuments + "/" + own.RID},
		{http.MethodPost, rig.PathDocuments + "/" + own.RID + "/Acknowledge"},
	} {
		if got := ask(r.method, r.path); !strings.HasPrefix(got, "HTTP 200 ") {
			t.Errorf("%s %s with an own id: %.200s", r.method, r.path, got)
		}
	}
	for _, args := range [][]string{{"file", "events", "--tenant", "beta", a.RID}, {"file", "evidence", "--tenant", "beta", a.RID}} {
		if err := n.RunE(t.Context(), nil, append([]string{"admin"}, args...)...); err == nil {
			t.Errorf("kontor admin %v shows another tenant's file", args)
		}
	}
}

// keys checks that a key works for its tenant alone, and that it dies with all its tokens at once.
func (n *neighbours) keys(t *testing.T) {
	t.Helper()
	var list struct {
		Keys []struct {
			ID     string `json:"id"`
			Active bool   `json:"active"`
		} `json:"keys"`
	}
	n.Admin(t, &list, "key", "list", "--tenant", "alpha")
	if len(list.Keys) != 1 || !list.Keys[0].Active {
		t.Fatalf("keys of alpha: %+v", list)
	}
	id := list.Keys[0].ID
	for _, action := range []string{"deactivate", "regenerate"} {
		if err := n.RunE(t.Context(), nil, "admin", "key", action, "--tenant", "beta", id); err == nil {
			t.Errorf("a key was %sd as another tenant's", action)
		}
	}
	alpha, beta := n.token(t, n.alphaERP), n.token(t, n.betaERP)
	expect := func(when, token string, status int) {
		t.Helper()
		if got := n.withToken(t, token); got != status {
			t.Errorf("%s: HTTP %d, want %d", when, got, status)
		}
	}
	expect("a fresh token", alpha, http.StatusNoContent)
	n.Admin(t, nil, "key", "deactivate", "--tenant", "alpha", id)
	expect("a token of a deactivated key", alpha, http.StatusUnauthorized)
	expect("the neighbour's token", beta, http.StatusOK)
	if got, err := n.Hub.Client(n.alpha.Key).Login(t.Context()); err != nil || got.Status != http.StatusUnauthorized {
		t.Errorf("login with a deactivated key: HTTP %d %v", got.Status, err)
	}
	n.Admin(t, nil, "key", "activate", "--tenant", "alpha", id)
	expect("the old token of a key that was activated again", alpha, http.StatusUnauthorized)
	alpha = n.token(t, n.Hub.Client(n.alpha.Key))
	var made struct {
		Secret string `json:"secret"`
	}
	n.Admin(t, &made, "key", "regenerate", "--tenant", "alpha", id)
	expect("a token of the key before it was regenerated", alpha, http.StatusUnauthorized)
	if got, err := n.Hub.Client(n.alpha.Key).Login(t.Context()); err != nil || got.Status != http.StatusUnauthorized {
		t.Errorf("login with the old secret: HTTP %d %v", got.Status, err)
	}
	expect("a token of the new secret", n.token(t, n.Hub.Client(made.Secret)), http.StatusNoContent)
	// A key that may only read cannot send, and one that may only send cannot read.
	for scope, want := range map[string][2]int{"document.read": {http.StatusNoContent, http.StatusForbidden}, "payment.submit": {http.StatusForbidden, http.StatusCreated}} {
		n.Admin(t, &made, "key", "add", "--tenant", "alpha", "--name", scope, "--scope", scope)
		erp := n.Hub.Client(made.Secret)
		reading, err := erp.Do(t.Context(), http.MethodGet, rig.PathDocuments, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "SCOPE", Account: n.alpha.Accounts[0]})
		sending, err := erp.Do(t.Context(), http.MethodPost, rig.PathPayment, http.Header{"Content-Type": {"application/xml"}}, file)
		if err != nil {
			t.Fatal(err)
		}
		if got := [2]int{reading.Status, sending.Status}; got != want {
			t.Errorf("a key with scope %s: reading is HTTP %d, sending HTTP %d, want %v", scope, got[0], got[1], want)
		}
	}
}

// token logs in and returns the access token.
func (n *neighbours) token(t *testing.T, erp *rig.Client) string {
	t.Helper()
	got, err := erp.Login(t.Context())
	if err != nil || got.Status != http.StatusOK {
		t.Fatalf("login: HTTP %d %v", got.Status, err)
	}
	var answer struct {
		AccessToken string `json:"accessToken"`
	}
	if err := json.Unmarshal(got.Body, &answer); err != nil || answer.AccessToken == "" {
		t.Fatalf("login: %s %v", got.Body, err)
	}
	return answer.AccessToken
}

// withToken lists new documents with a token, without logging in again, and returns the status.
func (n *neighbours) withToken(t *testing.T, token string) int {
	t.Helper()
	web, base, err := n.Hub.HTTP()
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+rig.PathDocuments, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}
