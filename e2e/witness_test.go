package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"kontor/e2e/rig"
	"kontor/e2e/witness"
	tools "kontor/ebics/ebicstest/witness"
)

// severalSegments makes an upload of 60 payments take several segments.
var severalSegments = map[string]string{"segment-size": "4000"}

// Every message that hub and bank exchange during the main job is judged by programs that share no code with Kontor: xmllint by the
// official schemas, lxml with OpenSSL and xmlsec1 by the signatures, and OpenSSL opens the encrypted order and verifies its signature.
func TestWitnessesAgreeWithEveryMessage(t *testing.T) {
	t.Parallel()
	embeddedFirst(t, witnessesAgree)
}

func witnessesAgree(t *testing.T, database string) {
	folder := filepath.Join(rig.Folder(t), "messages")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	var proxy *witness.Proxy
	in := rig.Ceremony(t, rig.Plan{Database: database, PlainHTTP: true, Settings: severalSegments, Via: func(b rig.BankReady) (string, string) {
		proxy = witness.StartProxy(t, b.URL, folder)
		return proxy.URL, ""
	}})
	in.Start(t)
	tenant := in.Tenants[0]
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "WITNESS-1", Account: tenant.Accounts[0], Payments: 60, Padding: 100})
	mainJobOf(t, in, tenant, file)
	hashes := in.Bank.State(t).Hashes
	in.Stop(t)

	seen := proxy.Exchanges()
	checkEveryKindWasSeen(t, seen)
	schema := map[string][]byte{}
	for i, x := range seen {
		schema[fmt.Sprintf("%04d request", i)] = x.Raw
		schema[fmt.Sprintf("%04d answer", i)] = x.Answer.Body
	}
	tools.Validate(t, "ebics_H004.xsd", schema)
	w := newJudge(t, folder)
	w.keys(seen, filepath.Join(in.Bank.Data, "bank-keys.json"), hashes)
	w.signatures(seen)
	w.orderData(seen, file)
}

// mainJobOf plays the main job of one file to its end: sent, released by two people, confirmed, on a statement, acknowledged.
func mainJobOf(t *testing.T, in *rig.Installation, tenant rig.Tenant, file []byte) rig.Payment {
	t.Helper()
	ctx, erp, debtor := t.Context(), in.Hub.Client(tenant.Key), tenant.Accounts[0]
	p, err := erp.Submit(ctx, file, "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("submitted: %+v", p)
	}
	p = await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	if err := in.Bank.ReleaseE(ctx, in.Partner, p.Item.OrderID, debtor.Holder, debtor.A[0], debtor.B[0]); err != nil {
		t.Fatal(err)
	}
	p = await(t, erp, p.RID, "FIN_CONFIRMED")
	in.Bank.Advance(t)
	in.PollNow(t, "C53")
	documents := awaitDocuments(t, erp, 1)
	if _, err := erp.Acknowledge(ctx, documents[0].RID); err != nil {
		t.Fatal(err)
	}
	return p
}

// awaitDocuments asks for new documents until there are n.
func awaitDocuments(t *testing.T, erp *rig.Client, n int) (found []rig.Document) {
	t.Helper()
	rig.Until(t, fmt.Sprintf("%d new documents", n), func() (bool, error) {
		all, err := erp.NewDocuments(t.Context())
		found = all
		return len(all) == n, err
	})
	return found
}

// kind names what a message is about: the root, and for signed requests the order type and the phase.
func kind(m witness.Message, order string) string {
	return strings.TrimSpace(strings.Join([]string{m.Root, order, m.Phase}, " "))
}

// orderOf finds the order type of an exchange: later phases name only the transaction.
func orderOf(m witness.Message, types map[string]string) string {
	if m.OrderType != "" {
		return m.OrderType
	}
	return types[m.TransactionID]
}

// orderTypes maps transactions to the order types of the initialisations that opened them.
func orderTypes(seen []witness.Exchange) map[string]string {
	types := map[string]string{}
	for _, x := range seen {
		if x.OrderType != "" && x.Reply.TransactionID != "" {
			types[x.Reply.TransactionID] = x.OrderType
		}
	}
	return types
}

func checkEveryKindWasSeen(t *testing.T, seen []witness.Exchange) {
	t.Helper()
	types, count, receipts, downloads := orderTypes(seen), map[string]int{}, 0, 0
	for _, x := range seen {
		count[kind(x.Message, orderOf(x.Message, types))]++
		if x.Message.Phase == "Receipt" {
			receipts++
		}
		if x.Message.Phase == "Initialisation" && x.Reply.NumSegments > 0 {
			downloads++
		}
	}
	for _, want := range []string{
		"ebicsUnsecuredRequest INI", "ebicsUnsecuredRequest HIA", "ebicsNoPubKeyDigestsRequest HPB", "ebicsRequest CCT Initialisation",
		"ebicsRequest CCT Transfer", "ebicsRequest HAC Initialisation", "ebicsRequest HAC Receipt", "ebicsRequest CRZ Initialisation",
		"ebicsRequest CRZ Receipt", "ebicsRequest C53 Initialisation", "ebicsRequest C53 Receipt",
	} {
		if count[want] == 0 {
			t.Errorf("no %s was exchanged: %v", want, count)
		}
	}
	if n := count["ebicsRequest CCT Transfer"]; n < 3 {
		t.Errorf("the upload had %d segments, want 3 or more", n)
	}
	if receipts != downloads {
		t.Errorf("%d receipts for %d downloads", receipts, downloads)
	}
	t.Logf("%d exchanges: %v", len(seen), count)
}

// judge runs the witnesses.
type judge struct {
	t              *testing.T
	python, script string
	messages, work string
	user, bank     string // public keys (PEM): the user's X002 and the bank's
	bankKeys       string
}

func newJudge(t *testing.T, messages string) *judge {
	t.Helper()
	return &judge{t: t, python: tools.Python(t), script: filepath.Join("witness", "verify.py"), messages: messages, work: t.TempDir()}
}

func (j *judge) run(args ...string) string {
	j.t.Helper()
	out, err := exec.Command(j.python, append([]string{j.script}, args...)...).CombinedOutput()
	if err != nil {
		j.t.Fatalf("%s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

func (j *judge) request(i int) string {
	return filepath.Join(j.messages, fmt.Sprintf("%04d-request.xml", i+1))
}
func (j *judge) answer(i int) string {
	return filepath.Join(j.messages, fmt.Sprintf("%04d-answer.xml", i+1))
}

func indexOf(seen []witness.Exchange, order string) int {
	return slices.IndexFunc(seen, func(x witness.Exchange) bool { return x.OrderType == order })
}

// keys finds the keys to judge by: the user's as sent with HIA, the bank's as in its own files, compared with what it publishes.
func (j *judge) keys(seen []witness.Exchange, bankKeys string, hashes map[string]string) {
	j.t.Helper()
	j.user, j.bank, j.bankKeys = filepath.Join(j.work, "user.pem"), filepath.Join(j.work, "bank.pem"), bankKeys
	j.run("hia", j.request(indexOf(seen, "HIA")), j.user)
	j.run("bank", bankKeys, hashes["X002"], hashes["E002"], j.bank)
}

// signatures has both witnesses verify every signed message, and none of the signed ones with the other side's key.
func (j *judge) signatures(seen []witness.Exchange) {
	j.t.Helper()
	var requests, answers []string
	for i, x := range seen {
		if x.Signed {
			requests = append(requests, j.request(i))
		}
		if x.Reply.Signed {
			answers = append(answers, j.answer(i))
		}
	}
	for _, side := range []struct {
		name, key, wrong string
		files            []string
	}{{"requests", j.user, j.bank, requests}, {"answers", j.bank, j.user, answers}} {
		if len(side.files) < 10 {
			j.t.Errorf("only %d signed %s", len(side.files), side.name)
		}
		out := j.run(append([]string{"signatures", side.key}, side.files...)...)
		if got := strings.Count(out, "right "); got != len(side.files) {
			j.t.Errorf("lxml: %d of %d signed %s are right\n%s", got, len(side.files), side.name, out)
		}
		out = j.run(append([]string{"signatures", side.wrong}, side.files...)...)
		if got := strings.Count(out, "wrong "); got != len(side.files) {
			j.t.Errorf("lxml: with the other side's key only %d of %d %s are wrong", got, len(side.files), side.name)
		}
		j.xmlsec(side.key, side.files)
	}
}

// authSignature is EBICS's name for what XML Signature calls Signature.
var authSignature = regexp.MustCompile(`<(/?)AuthSignature>`)

// xmlsec has xmlsec1 verify messages. It insists on the element's name, so AuthSignature is renamed to ds:Signature, which stands outside of
// what is signed; everything else, the XPointer of the reference included, is judged as it was sent.
func (j *judge) xmlsec(key string, files []string) {
	j.t.Helper()
	xmlsec1 := tools.Tool(j.t, "xmlsec1", "xmlsec1")
	for n, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			j.t.Fatal(err)
		}
		renamed := authSignature.ReplaceAll(content, []byte("<${1}ds:Signature>"))
		if bytes.Equal(renamed, content) {
			j.t.Fatalf("%s has no AuthSignature", file)
		}
		path := filepath.Join(j.work, "renamed.xml")
		if err := os.WriteFile(path, renamed, 0o600); err != nil {
			j.t.Fatal(err)
		}
		out, err := exec.Command(xmlsec1, "--verify", "--pubkey-pem", key, path).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "SignedInfo References (ok/all): 1/1") {
			j.t.Errorf("xmlsec1, %s: %v\n%s", filepath.Base(file), err, out)
		}
		if n > 0 {
			continue
		}
		// The witness can say no: one changed digit of the transaction or host is enough.
		m := witness.Outline(renamed)
		if err := os.WriteFile(path, m.Changed(0), 0o600); err != nil {
			j.t.Fatal(err)
		}
		if out, err := exec.Command(xmlsec1, "--verify", "--pubkey-pem", key, path).CombinedOutput(); err == nil {
			j.t.Errorf("xmlsec1 accepts %s with a changed %s\n%s", filepath.Base(file), m.FieldName(0), out)
		}
	}
}

// orderData has the keys' order data judged by the schemas, and the upload opened: what the bank can read must be what the ERP sent, with
// a right A006 signature.
func (j *judge) orderData(seen []witness.Exchange, file []byte) {
	j.t.Helper()
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(j.work, name))
		if err != nil {
			j.t.Fatal(err)
		}
		return content
	}
	ini := j.request(indexOf(seen, "INI"))
	j.run("orderdata", ini, filepath.Join(j.work, "ini.xml"))
	j.run("orderdata", j.request(indexOf(seen, "HIA")), filepath.Join(j.work, "hia.xml"))
	upload := []string{"upload", j.bankKeys, ini, filepath.Join(j.work, "signature.xml"), filepath.Join(j.work, "order.xml")}
	id := ""
	for i, x := range seen {
		if x.OrderType == "CCT" {
			id = x.Reply.TransactionID
		}
		if x.OrderType == "CCT" || id != "" && x.TransactionID == id {
			upload = append(upload, j.request(i))
		}
	}
	j.run(upload...)
	tools.Validate(j.t, "ebics_signature.xsd", map[string][]byte{"INI": read("ini.xml"), "user signature": read("signature.xml")})
	tools.Validate(j.t, "ebics_H004.xsd", map[string][]byte{"HIA": read("hia.xml")})
	if got := read("order.xml"); !bytes.Equal(got, file) {
		j.t.Errorf("the bank can read %d bytes that are not the %d bytes of the ERP's file", len(got), len(file))
	}
}

// Each signed value of each kind of request, changed alone, makes the bank refuse the request and do nothing; the unchanged request after
// them is accepted. So the signature is checked over everything that it should cover, and a refusal leaves the transaction as it was.
func TestChangedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	embeddedFirst(t, changedRequests)
}

func changedRequests(t *testing.T, database string) {
	var proxy *witness.Proxy
	in := rig.Ceremony(t, rig.Plan{Database: database, PlainHTTP: true, Settings: severalSegments, Via: func(b rig.BankReady) (string, string) {
		proxy = witness.StartProxy(t, b.URL, "")
		return proxy.URL, ""
	}})
	c := &changer{t: t, in: in, types: map[string]string{}, done: map[string]int{}}
	proxy.Intercept(c.requests)
	in.Start(t)
	tenant := in.Tenants[0]
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "CHANGED-1", Account: tenant.Accounts[0], Payments: 60, Padding: 100})
	mainJobOf(t, in, tenant, file)
	checkDeliveredOnce(t, in, "CHANGED-1")
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, want := range []string{
		"ebicsRequest CCT Initialisation", "ebicsRequest CCT Transfer", "ebicsRequest CCT Transfer last", "ebicsRequest HAC Initialisation",
		"ebicsRequest HAC Receipt", "ebicsRequest CRZ Initialisation", "ebicsRequest CRZ Receipt", "ebicsRequest C53 Initialisation",
		"ebicsRequest C53 Receipt",
	} {
		if c.done[want] < 4 {
			t.Errorf("%s: %d values were changed", want, c.done[want])
		}
	}
	t.Logf("values changed: %v", c.done)
}

// changer changes signed values on their way.
type changer struct {
	t  *testing.T
	in *rig.Installation

	mu    sync.Mutex
	types map[string]string // order types by transaction
	done  map[string]int    // changed values by kind of message
}

func (c *changer) kind(m witness.Message) string {
	name := kind(m, orderOf(m, c.types))
	if m.Last {
		name += " last"
	}
	return name
}

// requests sends every variant of the first request of a kind to the bank before the request itself.
func (c *changer) requests(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name := c.kind(m); m.Signed && c.done[name] == 0 {
		before, err := c.bankLog()
		for i := range m.Fields() {
			c.refused(name+", "+m.FieldName(i)+" changed", m.FieldName(i), witness.Outline(ask(m.Changed(i)).Body))
			c.done[name]++
		}
		after, err2 := c.bankLog()
		if err != nil || err2 != nil || before != after {
			c.t.Errorf("%s: the refused requests changed the bank's log (errors %v, %v) from %s to %s", name, err, err2, before, after)
		}
	}
	a := ask(m.Raw)
	if r := witness.Outline(a.Body); m.OrderType != "" && r.TransactionID != "" {
		c.types[r.TransactionID] = m.OrderType
	}
	return a
}

// refused checks the bank's answer to a changed request: 061001, since the signature is wrong, unless the value is what the bank must know
// before it can look for the key.
func (c *changer) refused(what, field string, r witness.Message) {
	codes := []string{"061001"}
	switch field {
	case "HostID":
		codes = append(codes, "091011") // no such bank
	case "TransactionID":
		codes = append(codes, "091101") // no such transaction
	}
	// Values of another type than the schema allows may be refused as such.
	codes = append(codes, "091010", "061002")
	if len(r.ReturnCodes) == 0 || !slices.Contains(codes, r.ReturnCodes[0]) {
		c.t.Errorf("%s: the bank answers %v, want one of %v", what, r.ReturnCodes, codes)
	}
}

// bankLog is what the bank has noted of orders and transactions, save the mere fact that it has refused a request.
func (c *changer) bankLog() (string, error) {
	var log []rig.BankTransaction
	var orders []rig.BankOrder
	err := errors.Join(c.in.Bank.Control(context.Background(), "log", nil, &log), c.in.Bank.Control(context.Background(), "orders", nil, &orders))
	log = slices.DeleteFunc(log, func(l rig.BankTransaction) bool { return l.State == "refused" })
	// The account holder may sign while a request is being tried: what only a signature changes is left aside.
	for i := range orders {
		orders[i].State, orders[i].Complete, orders[i].Signatures = "", false, nil
	}
	return fmt.Sprintf("%+v %+v", log, orders), err
}

// Each signed value of each kind of answer, changed alone, makes the hub treat the answer as silence: nothing is believed, the file never
// fails and is delivered once.
func TestChangedAnswersAreSilence(t *testing.T) {
	t.Parallel()
	embeddedFirst(t, changedAnswers)
}

func changedAnswers(t *testing.T, database string) {
	var proxy *witness.Proxy
	settings := map[string]string{"segment-size": "8000", "retry-first": "150ms", "retry-limit": "150ms", "poll-open": "150ms"}
	in := rig.Ceremony(t, rig.Plan{Database: database, PlainHTTP: true, Settings: settings, Via: func(b rig.BankReady) (string, string) {
		proxy = witness.StartProxy(t, b.URL, "")
		return proxy.URL, ""
	}})
	c := &changer{t: t, in: in, types: map[string]string{}, done: map[string]int{}}
	proxy.Intercept(c.answers)
	in.Start(t)
	tenant := in.Tenants[0]
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "SILENCE-1", Account: tenant.Accounts[0], Payments: 60, Padding: 100})
	p := mainJobOf(t, in, tenant, file)
	checkDeliveredOnce(t, in, "SILENCE-1")
	unclear := false
	for _, e := range in.Events(t, tenant.Handle, p.RID) {
		unclear = unclear || e.To == "unclear"
		if e.To == "failed" {
			t.Errorf("the file failed: %+v", e)
		}
	}
	if !unclear {
		t.Error("a changed answer to the last segment did not leave the upload unclear")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, want := range []string{
		"ebicsRequest CCT Initialisation 000000", "ebicsRequest CCT Transfer 000000", "ebicsRequest CCT Transfer last 000000",
		"ebicsRequest HAC Initialisation 000000", "ebicsRequest HAC Receipt 011000", "ebicsRequest CRZ Initialisation 000000",
		"ebicsRequest C53 Initialisation 000000",
	} {
		if c.done[want] == 0 {
			t.Errorf("%s: no value was changed", want)
		}
	}
	t.Logf("values changed: %v", c.done)
}

// answers changes, in the n-th answer of a kind, the n-th signed value, until all had their turn.
func (c *changer) answers(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
	a := ask(m.Raw)
	r := witness.Outline(a.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if m.OrderType != "" && r.TransactionID != "" {
		c.types[r.TransactionID] = m.OrderType
	}
	if !r.Signed || len(r.ReturnCodes) == 0 {
		return a
	}
	name := c.kind(m) + " " + r.ReturnCodes[0]
	if n := c.done[name]; n < r.Fields() {
		c.done[name]++
		a.Body = r.Changed(n)
	}
	return a
}
