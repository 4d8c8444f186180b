package e2e_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/e2e/witness"
	"kontor/xmlscan"
)

// Whatever goes wrong, the answer is clear and coded, and nothing is lost or sent twice.
func TestFaults(t *testing.T) {
	t.Parallel()
	engines(t, faults)
}

func faults(t *testing.T, database string) {
	base := rig.Ceremony(t, rig.Plan{Database: database, PlainHTTP: true, Settings: severalSegments})
	for _, c := range []struct {
		name string
		run  func(t *testing.T, in *rig.Installation)
	}{
		{"a wrong key is 401 without a body", wrongKey},
		{"what cannot be read is 400 and leaves nothing behind", unreadable},
		{"a body over the limit is 413, packed or not", tooLarge},
		{"an upload that is cut off leaves nothing and may be repeated", cutOff},
		{"a declared encoding is taken and the bytes go to the bank as they came", encodings},
		{"the same file again is rejected and names the first", duplicate},
		{"while the bank is down files wait", bankDown},
		{"an answer that is lost on the last segment is unclear until the bank proves the order", lastAnswerLost},
		{"a last segment that never arrives is delivered by recovery", lastSegmentLost},
		{"an unclear order that the bank does not have is sent again", unclearAndAbsent},
		{"order data changed on their way are refused by the bank and the file fails", changedOrderData},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, base.CopyTo(t, rig.Folder(t)))
		})
	}
}

// submit sends a file of the first tenant's and expects that it is queued.
func submit(t *testing.T, in *rig.Installation, messageID string, payments int) (rID string, file []byte) {
	t.Helper()
	tenant := in.Tenants[0]
	file = rig.PaymentFile(t, rig.PaymentPlan{MessageID: messageID, Account: tenant.Accounts[0], Payments: payments, Padding: 100})
	p, err := in.Hub.Client(tenant.Key).Submit(t.Context(), file, "")
	if err != nil {
		t.Fatal(err)
	}
	if p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("submitted: %+v", p)
	}
	return p.RID, file
}

// post sends a payment file with chosen headers and returns whatever the answer is.
func post(t *testing.T, in *rig.Installation, body []byte, header http.Header) rig.Answer {
	t.Helper()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/xml")
	}
	got, err := in.Hub.Client(in.Tenants[0].Key).Do(t.Context(), http.MethodPost, rig.PathPayment, header, body)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// wantItem expects an error answer of a status whose first item has a code and whose details contain a text.
func wantItem(t *testing.T, what string, got rig.Answer, status int, code, details string) {
	t.Helper()
	var body struct {
		ErrorItems []rig.ErrorItem `json:"errorItems"`
	}
	if err := json.Unmarshal(got.Body, &body); err != nil || len(body.ErrorItems) == 0 {
		t.Errorf("%s: HTTP %d without errorItems: %s", what, got.Status, got.Body)
		return
	}
	item := body.ErrorItems[0]
	if got.Status != status || item.ErrorCode != code || !strings.Contains(item.ErrorDetails, details) || item.ErrorMessage == "" || item.Timestamp == "" {
		t.Errorf("%s: HTTP %d %+v, want HTTP %d %s with %q", what, got.Status, item, status, code, details)
	}
}

// rows counts rows of the hub's database by what their columns hold: the only place where "nothing was kept" can be seen.
func rows(t *testing.T, in *rig.Installation, table string, where map[string]string) int {
	t.Helper()
	read, database := witness.PostgresCells, in.Database
	if database == "" {
		read, database = witness.SQLiteCells, filepath.Join(in.Hub.Data, "kontor.db")
	}
	cells, err := read(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	found, seen := map[int]int{}, map[int]bool{}
	for _, c := range cells {
		if c.Table != table {
			continue
		}
		seen[c.Row] = true
		if want, asked := where[c.Column]; asked && want == string(c.Value) {
			found[c.Row]++
		}
	}
	n := 0
	for row := range seen {
		if found[row] == len(where) {
			n++
		}
	}
	return n
}

// nothingKept expects that the hub has neither a payment file nor a visible body of one.
func nothingKept(t *testing.T, in *rig.Installation) {
	t.Helper()
	if n := rows(t, in, "payment_file", nil); n != 0 {
		t.Errorf("%d payment files were kept", n)
	}
	if n := rows(t, in, "body", map[string]string{"kind": "payment_file", "state": "visible"}); n != 0 {
		t.Errorf("%d bodies are visible", n)
	}
}

// deliveredOnce expects that of all uploads at the bank exactly one delivered the message, and that it is one order.
func deliveredOnce(t *testing.T, in *rig.Installation, messageID string) {
	t.Helper()
	finished, orders := 0, 0
	for _, l := range in.Bank.Log(t) {
		if l.OrderType == "CCT" && l.Finished && l.MessageID == messageID {
			finished++
		}
	}
	for _, o := range in.Bank.Orders(t) {
		if o.MessageID == messageID {
			orders++
		}
	}
	if finished != 1 || orders != 1 {
		t.Errorf("%s: the bank has %d finished uploads and %d orders, want one of each: %+v", messageID, finished, orders, uploads(in.Bank.Log(t)))
	}
}

func wrongKey(t *testing.T, in *rig.Installation) {
	in.Start(t)
	for name, key := range map[string]string{
		"unknown": strings.Repeat("x", 64), "cut": in.Tenants[0].Key[:63], "longer": in.Tenants[0].Key + "x",
	} {
		got, err := in.Hub.Client(key).Login(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got.Status != http.StatusUnauthorized || len(got.Body) != 0 || !strings.HasPrefix(got.Header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("login with the %s key: HTTP %d, WWW-Authenticate %q, body %q", name, got.Status, got.Header.Get("WWW-Authenticate"), got.Body)
		}
	}
	web, base, err := in.Hub.HTTP()
	if err != nil {
		t.Fatal(err)
	}
	for name, authorization := range map[string]string{
		"no token": "", "unknown token": "Bearer " + strings.Repeat("y", 64), "the key as token": "Bearer " + in.Tenants[0].Key, "basic": "Basic eDp5",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+rig.PathPayment, strings.NewReader("<x/>"))
		if err != nil {
			t.Fatal(err)
		}
		if authorization != "" {
			req.Header.Set("Authorization", authorization)
		}
		res, err := web.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if cerr := res.Body.Close(); err != nil || cerr != nil {
			t.Fatal(err, cerr)
		}
		if res.StatusCode != http.StatusUnauthorized || len(body) != 0 || res.Header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: HTTP %d, body %q", name, res.StatusCode, body)
		}
	}
	nothingKept(t, in)
}

func unreadable(t *testing.T, in *rig.Installation) {
	in.Start(t)
	good := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "UNREADABLE", Account: in.Tenants[0].Accounts[0]})
	prolog := bytes.Index(good, []byte("<Document"))
	doctype := slices.Concat(good[:prolog], []byte(`<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/hostname">]>`), good[prolog:])
	packed := pack(t, good)
	damaged := bytes.Clone(packed)
	damaged[len(damaged)-5] ^= 0xff // in the checksum
	gzipped := http.Header{"Content-Encoding": {"gzip"}}
	for _, c := range []struct {
		name    string
		body    []byte
		header  http.Header
		details string
	}{
		{"DOCTYPE", doctype, nil, "PAIN-A1 line 2, column 1: a document type declaration"},
		{"no XML", []byte("hello"), nil, "PAIN-A1 line 1, column 1"},
		{"empty", []byte{}, nil, "PAIN-A1"},
		{"cut in the middle", good[:len(good)/2], nil, "PAIN-A1"},
		{"another document", []byte(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt/></Document>`), nil, "PAIN-A2"},
		{"unknown encoding", []byte(`<?xml version="1.0" encoding="EBCDIC-CP-DE"?><Document/>`), nil, "PAIN-A1"},
		{"bytes that are no UTF-8", bytes.Replace(good, []byte("Person 1"), []byte("Pers\xf6n 1"), 1), nil, "PAIN-A1"},
		{"gzip that is none", good, gzipped, "gzip"},
		{"gzip with a wrong checksum", damaged, gzipped, "gzip data is damaged"},
		{"gzip cut in the middle", packed[:len(packed)/2], gzipped, "ended before it was complete"},
		{"gzip with a block of no type", slices.Concat(packed[:10], []byte{7}, packed[10:]), gzipped, "gzip data is damaged"},
	} {
		wantItem(t, c.name, post(t, in, c.body, c.header), http.StatusBadRequest, "ERR-02-0001", c.details)
	}
	wantItem(t, "another content type", post(t, in, good, http.Header{"Content-Type": {"application/json"}}), http.StatusBadRequest, "ERR-02-0005", "")
	wantItem(t, "another content encoding", post(t, in, good, http.Header{"Content-Encoding": {"br"}}), http.StatusBadRequest, "ERR-02-0005", "")
	nothingKept(t, in)
}

func pack(t *testing.T, content []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func tooLarge(t *testing.T, in *rig.Installation) {
	const limit = 200_000
	in.Hub.Settings["max-file-bytes"] = fmt.Sprint(limit)
	in.Start(t)
	good := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "LARGE", Account: in.Tenants[0].Accounts[0]})
	end := bytes.LastIndex(good, []byte("</Document>"))
	stretched := func(size int) []byte { // the same message with blanks before its last tag
		return slices.Concat(good[:end], bytes.Repeat([]byte(" "), size-len(good)), good[end:])
	}
	wantItem(t, "one byte too many", post(t, in, stretched(limit+1), nil), http.StatusRequestEntityTooLarge, "ERR-02-0004", "")
	// 100 MB of blanks in 100 kB: the packed bytes pass the limit of the transfer, what comes out does not.
	bomb := pack(t, stretched(100_000_000))
	if len(bomb) > limit {
		t.Fatalf("the bomb has %d bytes", len(bomb))
	}
	wantItem(t, "a gzip bomb", post(t, in, bomb, http.Header{"Content-Encoding": {"gzip"}}), http.StatusRequestEntityTooLarge, "ERR-02-0004", "")
	nothingKept(t, in)
	if got := post(t, in, stretched(limit), nil); got.Status != http.StatusCreated || !bytes.Contains(got.Body, []byte("KON_ACCEPTED_AND_QUEUED")) {
		t.Errorf("a file of exactly the limit: HTTP %d %s", got.Status, got.Body)
	}
}

func cutOff(t *testing.T, in *rig.Installation) {
	in.Start(t)
	tenant := in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	if got, err := erp.Login(t.Context()); err != nil || got.Status != http.StatusOK {
		t.Fatalf("login: %v, HTTP %d", err, got.Status)
	}
	// More than two chunks of the staging, so that parts of it are in the database when the connection breaks.
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "CUT-OFF", Account: tenant.Accounts[0], Payments: 2500, Padding: 100})
	for _, cut := range []int{len(file) / 3, len(file) - 1} {
		t.Run(fmt.Sprintf("after %d of %d bytes", cut, len(file)), func(t *testing.T) { sendPart(t, in, erp.Token(), file, cut) })
	}
	rig.Until(t, "the hub to notice that the connections are gone", func() (bool, error) {
		log, err := os.ReadFile(in.Hub.LogPath())
		return strings.Count(string(log), `"method":"POST","route":"/Payment/Sepa/Pain"`) >= 2, err
	})
	nothingKept(t, in)
	p, err := erp.Submit(t.Context(), file, "")
	if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("the repeated upload: %+v, %v", p, err)
	}
	await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "CUT-OFF")
}

// sendPart begins an upload and breaks the connection.
func sendPart(t *testing.T, in *rig.Installation, token string, file []byte, cut int) {
	t.Helper()
	ca, err := os.ReadFile(in.Hub.Ready().CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		t.Fatal("no CA")
	}
	address, err := url.Parse(in.Hub.Ready().URL)
	if err != nil {
		t.Fatal(err)
	}
	dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: 10 * time.Second}, Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	conn, err := dialer.DialContext(t.Context(), "tcp", address.Host)
	if err != nil {
		t.Fatal(err)
	}
	head := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n",
		rig.PathPayment, address.Host, token, len(file))
	if _, err := conn.Write(append([]byte(head), file[:cut]...)); err != nil {
		t.Fatal(err)
	}
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
}

func encodings(t *testing.T, in *rig.Installation) {
	in.Start(t)
	tenant := in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	for _, c := range []struct{ encoding, umlauts string }{
		{"ISO-8859-1", "M\xfcller & S\xf6hne \xdf"}, {"ISO-8859-15", "M\xfcller & S\xf6hne \xdf"}, {"windows-1252", "M\xfcller \x96 S\xf6hne"},
		{"UTF-8", "Müller & Söhne ß"},
	} {
		id := "ENC-" + strings.ToUpper(c.encoding)
		file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: id, Account: tenant.Accounts[0], Payments: 40, Padding: 100, Creditor: "CREDITOR"})
		file = bytes.ReplaceAll(file, []byte("CREDITOR"), []byte(strings.ReplaceAll(c.umlauts, "&", "&amp;")))
		file = declare(t, file, c.encoding)
		p, err := erp.Submit(t.Context(), file, "")
		if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
			t.Errorf("%s: %+v %v", c.encoding, p, err)
			continue
		}
		await(t, erp, p.RID, "FIN_VEU_FORWARDED")
		stored, err := erp.PaymentFile(t.Context(), p.RID)
		if err != nil || !bytes.Equal(stored, file) {
			t.Errorf("%s: the hub gives back %d other bytes than the %d it got (%v)", c.encoding, len(stored), len(file), err)
		}
		deliveredOnce(t, in, id)
		for _, o := range in.Bank.Orders(t) {
			if o.MessageID == id && o.DataSHA256 != fmt.Sprintf("%x", sha256.Sum256(file)) {
				t.Errorf("%s: the bank has other bytes than the ERP sent", c.encoding)
			}
		}
	}
}

// declare replaces the declared encoding of a document.
func declare(t *testing.T, file []byte, encoding string) []byte {
	t.Helper()
	end := bytes.Index(file, []byte("?>"))
	if end < 0 {
		t.Fatal("no XML declaration")
	}
	out := append([]byte(`<?xml version="1.0" encoding="`+encoding+`"`), file[end:]...)
	s := xmlscan.NewScanner(bytes.NewReader(out), xmlscan.Limits{})
	if _, err := s.Next(); err != nil || !strings.EqualFold(s.Encoding(), encoding) {
		t.Fatalf("%s: read as %s, %v", encoding, s.Encoding(), err)
	}
	return out
}

func duplicate(t *testing.T, in *rig.Installation) {
	in.Start(t)
	tenant := in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	first, file := submit(t, in, "DUPLICATE", 40)
	for name, send := range map[string]func() rig.Answer{
		"the same bytes": func() rig.Answer { return post(t, in, file, nil) },
		"the same bytes packed": func() rig.Answer {
			return post(t, in, pack(t, file), http.Header{"Content-Encoding": {"gzip"}})
		},
		"the same bytes under a name": func() rig.Answer {
			return post(t, in, file, http.Header{"Content-Disposition": {`attachment; filename="again.xml"`}})
		},
	} {
		var p rig.Payment
		if got := send(); got.Status != http.StatusCreated || got.Decode(&p) != nil {
			t.Fatalf("%s: HTTP %d %s", name, got.Status, got.Body)
		}
		e := p.Item.ErrorItem
		if p.Item.Status != "KON_REJECTED" || e == nil || e.ErrorCode != "ERR-02-0003" || !strings.Contains(e.ErrorDetails, first) {
			t.Errorf("%s: %+v %+v, want KON_REJECTED naming %s", name, p, e, first)
		}
		again, err := erp.Payment(t.Context(), p.RID)
		if err != nil || again.Item.Status != "KON_REJECTED" || again.Item.ErrorItem == nil || *again.Item.ErrorItem != *e {
			t.Errorf("%s: asked again, it is %+v (%v)", name, again, err)
		}
	}
	await(t, erp, first, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "DUPLICATE")

	// A rejected file is no first submission: corrected circumstances let the very same bytes through.
	fresh := tenant.Accounts[0]
	fresh.IBAN = rig.InventIBAN(77_000_001)
	in.Bank.OpenAccount(t, rig.NewAccount{
		IBAN: fresh.IBAN, Currency: "EUR", Owner: fresh.Owner, HolderPartner: fresh.Holder, BureauPartner: in.Partner, OpeningBalance: "1000000.00",
	})
	file = rig.PaymentFile(t, rig.PaymentPlan{MessageID: "AFTER-REJECTION", Account: fresh, Payments: 40, Padding: 100})
	p, err := erp.Submit(t.Context(), file, "")
	if err != nil || p.Item.Status != "KON_REJECTED" || p.Item.ErrorItem == nil || !strings.Contains(p.Item.ErrorItem.ErrorDetails, "PAIN-E9") {
		t.Fatalf("a file of an account that is not set up: %+v %v", p, err)
	}
	in.Admin(t, nil, "account", "add", "--tenant", tenant.Handle, "--contact", in.Contact, "--iban", fresh.IBAN)
	p, err = erp.Submit(t.Context(), file, "")
	if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("the same file after the account was set up: %+v %v", p, err)
	}
	await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "AFTER-REJECTION")
}

func bankDown(t *testing.T, in *rig.Installation) {
	in.Start(t)
	in.Bank.Stop(t)
	tenant := in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	rID, _ := submit(t, in, "BANK-DOWN", 60)
	rig.Until(t, "two attempts in vain", func() (bool, error) {
		requeued := 0
		for _, e := range in.Events(t, tenant.Handle, rID) {
			if e.Name == "requeue" {
				requeued++
			}
		}
		p, err := erp.Payment(t.Context(), rID)
		if err == nil && p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
			t.Fatalf("while the bank is down the file is %s", p.Item.Status)
		}
		return requeued >= 2, err
	})
	in.Bank.Start(t)
	await(t, erp, rID, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "BANK-DOWN")
}

// wentThrough checks a history: never failed, every bank step once, and in doubt or not as expected. What should have been in doubt may
// also have been proven by the bank's protocol before the sender gave up waiting.
func wentThrough(t *testing.T, events []rig.Event, doubt bool) {
	t.Helper()
	count, proven := map[string]int{}, false
	for _, e := range events {
		count[e.To]++
		proven = proven || e.To == "sent" && e.Action == "FILE_UPLOAD"
	}
	if count["failed"] != 0 || count["sent"] > 1 || count["forwarded"] != 1 {
		t.Errorf("the file went through %v", count)
	}
	if doubted := count["unclear"] > 0; doubted && !doubt || doubt && !doubted && !proven {
		t.Errorf("the file went through %v, proven by the protocol: %t; doubt: want %t", count, proven, doubt)
	}
}

// holdsBack is a proxy rule for an upload whose fate stays in the dark until released: requests for the last segment go as last says, and
// nothing else that could tell is answered.
type holdsBack struct {
	mu       sync.Mutex
	last     func(m witness.Message, ask func([]byte) witness.Answer) witness.Answer
	released bool
	lasts    int // requests with a last segment
}

func (h *holdsBack) rule(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
	h.mu.Lock()
	released := h.released
	if m.Last {
		h.lasts++
	}
	first := h.lasts == 1 && m.Last
	h.mu.Unlock()
	switch {
	case released:
		return ask(m.Raw)
	case first:
		return h.last(m, ask)
	case m.Last, m.OrderType == "HAC":
		return witness.Answer{Status: http.StatusServiceUnavailable}
	}
	return ask(m.Raw)
}

func (h *holdsBack) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.released = true
}

// unclearFirst submits a file whose upload becomes unclear, as the API says.
func unclearFirst(t *testing.T, in *rig.Installation, id string, h *holdsBack) (*rig.Client, string) {
	t.Helper()
	proxy := witness.StartProxy(t, in.Bank.Ready().URL, "")
	in.MoveBank(t, proxy.URL, "")
	proxy.Intercept(h.rule)
	in.Start(t)
	erp := in.Hub.Client(in.Tenants[0].Key)
	rID, file := submit(t, in, id, 60)
	await(t, erp, rID, "FIN_UPLOAD_UNCLEAR")
	// While it is unclear, the ERP gets no second chance to send the same.
	var p rig.Payment
	if got := post(t, in, file, nil); got.Decode(&p) != nil || p.Item.Status != "KON_REJECTED" {
		t.Errorf("the same file while the first is unclear: HTTP %d %s", got.Status, got.Body)
	}
	return erp, rID
}

func lastAnswerLost(t *testing.T, in *rig.Installation) {
	h := &holdsBack{last: func(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
		ask(m.Raw) // the bank has the order
		return witness.Answer{Cut: true}
	}}
	erp, rID := unclearFirst(t, in, "ANSWER-LOST", h)
	// Recovery is tried meanwhile and stays without an answer.
	rig.Until(t, "recovery to be tried", func() (bool, error) { h.mu.Lock(); defer h.mu.Unlock(); return h.lasts >= 2, nil })
	p, err := erp.Payment(t.Context(), rID)
	if err != nil || p.Item.Status != "FIN_UPLOAD_UNCLEAR" {
		t.Errorf("while the bank is silent: %+v %v", p, err)
	}
	h.release()
	await(t, erp, rID, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "ANSWER-LOST")
	wentThrough(t, in.Events(t, in.Tenants[0].Handle, rID), true)
}

func lastSegmentLost(t *testing.T, in *rig.Installation) {
	h := &holdsBack{last: func(witness.Message, func([]byte) witness.Answer) witness.Answer { return witness.Answer{Cut: true} }}
	erp, rID := unclearFirst(t, in, "SEGMENT-LOST", h)
	h.release()
	await(t, erp, rID, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "SEGMENT-LOST")
	if n := len(uploads(in.Bank.Log(t))); n != 1 {
		t.Errorf("the bank has seen %d uploads; recovery goes on with the first", n)
	}
	wentThrough(t, in.Events(t, in.Tenants[0].Handle, rID), true)
}

// unclearAndAbsent restarts the bank while the upload is unclear: the transaction is lost there, and its protocol says so.
func unclearAndAbsent(t *testing.T, in *rig.Installation) {
	h := &holdsBack{last: func(witness.Message, func([]byte) witness.Answer) witness.Answer { return witness.Answer{Cut: true} }}
	erp, rID := unclearFirst(t, in, "ABSENT", h)
	in.Bank.Kill()
	in.Bank.Start(t)
	h.release()
	await(t, erp, rID, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "ABSENT")
	if n := len(uploads(in.Bank.Log(t))); n != 2 {
		t.Errorf("the bank has seen %d uploads, want the lost one and another", n)
	}
	requeued := slices.ContainsFunc(in.Events(t, in.Tenants[0].Handle, rID), func(e rig.Event) bool { return e.Name == "requeue" && e.Evidence != "" })
	if !requeued {
		t.Error("nothing in the history says on what proof the file was sent again")
	}
}

// changedOrderData changes a segment's order data, which the authentication signature does not cover: what protects them is the encryption's
// checksum and the order signature, and the bank's no is final.
func changedOrderData(t *testing.T, in *rig.Installation) {
	proxy := witness.StartProxy(t, in.Bank.Ready().URL, "")
	in.MoveBank(t, proxy.URL, "")
	var once sync.Once
	proxy.Intercept(func(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
		request := m.Raw
		if m.Phase == "Transfer" && m.Segment == 1 {
			once.Do(func() {
				at := bytes.Index(request, []byte(m.OrderData)) + len(m.OrderData)/2
				request = bytes.Clone(request)
				if request[at] == 'A' {
					request[at] = 'B'
				} else {
					request[at] = 'A'
				}
			})
		}
		return ask(request)
	})
	in.Start(t)
	tenant := in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	rID, file := submit(t, in, "CHANGED-DATA", 60)
	p := await(t, erp, rID, "FIN_UPLOAD_FAILED")
	if e := p.Item.ErrorItem; e == nil || e.ErrorCode != "ERR-03-0001" || !strings.Contains(e.ErrorDetails, "09") {
		t.Errorf("the failed file: %+v %+v", p, p.Item.ErrorItem)
	}
	if orders := in.Bank.Orders(t); len(orders) != 0 {
		t.Errorf("the bank has %+v", orders)
	}
	// The ERP may send the same file again: the first is known not to be at the bank.
	p, err := erp.Submit(t.Context(), file, "")
	if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("the same file after the upload has failed: %+v %+v %v", p, p.Item.ErrorItem, err)
	}
	await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	if orders := in.Bank.Orders(t); len(orders) != 1 || orders[0].MessageID != "CHANGED-DATA" {
		t.Errorf("the bank has %+v", orders)
	}
}
