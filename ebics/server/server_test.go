package server_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/server"
)

var (
	alice = ebics.Subscriber{Partner: "K1", User: "ALICE"}
	bob   = ebics.Subscriber{Partner: "K1", User: "BOB"}
)

// wire is a server, and raw requests to it.
type wire struct {
	t      *testing.T
	bank   *ebicstest.Bank
	server *server.Server
	mu     sync.Mutex
	at     time.Time
	nonce  int
	// version is what the wire speaks.
	version ebics.Version
	// answers keeps every answer, for the witnesses.
	answers [][]byte
}

func newWire(t *testing.T, options server.Options) *wire {
	w := &wire{t: t, bank: ebicstest.NewBank("HOST1", testkeys.Bank()), at: time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC), version: ebics.H004}
	options.Now = w.now
	w.server = server.New(w.bank, options)
	w.bank.Enrol(alice, testkeys.Subscriber())
	w.bank.Enrol(bob, testkeys.Other())
	return w
}

func suspend(t *testing.T, b *ebicstest.Bank, who ebics.Subscriber) {
	t.Helper()
	if code, err := b.Suspend(t.Context(), who); err != nil || code != ebics.OK {
		t.Fatalf("%s, %v", code, err)
	}
}

func (w *wire) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *wire) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func (w *wire) post(doc []byte) *envelope.Message {
	w.t.Helper()
	recorder := httptest.NewRecorder()
	w.server.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/ebics", bytes.NewReader(doc)))
	if recorder.Code != http.StatusOK {
		w.t.Fatalf("HTTP status %d", recorder.Code)
	}
	w.answers = append(w.answers, bytes.Clone(recorder.Body.Bytes()))
	m, err := envelope.Read(recorder.Body.Bytes())
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

// ask sends a signed request and returns the verified response.
func (w *wire) ask(r envelope.Request, key ebics.KeyPair) envelope.Response {
	w.t.Helper()
	r.Version = w.version
	doc, err := r.Sign(key)
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := w.post(doc).VerifyResponse(testkeys.Bank().Authentication.Public())
	if err != nil {
		w.t.Fatal(err)
	}
	return response
}

// unsigned sends a document and returns the codes of the unsigned answer.
func (w *wire) unsigned(doc []byte) (technical, business ebics.ReturnCode) {
	w.t.Helper()
	r, err := w.post(doc).ReadKeyManagementResponse()
	if err != nil {
		w.t.Fatal(err)
	}
	return r.Technical, r.Business
}

func (w *wire) order(who ebics.Subscriber, t ebics.OrderType, attribute string) *envelope.Order {
	w.nonce++
	authentication, encryption := testkeys.Bank().Authentication.Public().Digest(), testkeys.Bank().Encryption.Public().Digest()
	return &envelope.Order{
		Nonce: fmt.Sprintf("%032X", w.nonce), Timestamp: w.now(), Subscriber: who, Type: t, Attribute: attribute,
		Authentication: authentication[:], Encryption: encryption[:],
	}
}

// upload is an initialisation for data, and the segments to transfer.
type upload struct {
	request  envelope.Request
	segments [][]byte
}

// signer signs order data; tests put wrong ones here.
type signer func(data []byte) []envelope.OrderSignature

func a006(t *testing.T, who ebics.Subscriber, keys ebics.SubscriberKeys) signer {
	return func(data []byte) []envelope.OrderSignature {
		hash := crypto.NewOrderHash()
		_, _ = hash.Write(data)
		value, err := crypto.SignOrder(ebics.A006, keys.Signature.Key, hash.Normalised())
		if err != nil {
			t.Fatal(err)
		}
		return []envelope.OrderSignature{{Version: ebics.A006, Subscriber: who, Value: value}}
	}
}

func (w *wire) prepare(data []byte, segments int, sign signer) upload {
	w.t.Helper()
	key := crypto.NewTransactionKey()
	ciphertext, err := crypto.Encrypt(key, data)
	if err != nil {
		w.t.Fatal(err)
	}
	return w.prepareRaw(key, envelope.WriteSignatures(w.version, sign(data)...), base64.StdEncoding.EncodeToString(ciphertext), segments)
}

// prepareRaw cuts any text into segments.
func (w *wire) prepareRaw(key, signatures []byte, text string, segments int) upload {
	w.t.Helper()
	bank := testkeys.Bank().Encryption.Public()
	wrapped, err := crypto.WrapKey(bank.Key, key)
	if err != nil {
		w.t.Fatal(err)
	}
	encrypted, err := crypto.Encrypt(key, signatures)
	if err != nil {
		w.t.Fatal(err)
	}
	digest := bank.Digest()
	order := w.order(alice, ebics.CCT, ebics.AttributeOrder)
	order.Segments = &segments
	switch w.version {
	case ebics.H003:
		order.ID = ebics.OrderID(fmt.Sprintf("C%03d", w.nonce%1000))
	case ebics.H005:
		order.Type, order.Attribute = ebics.BTU, ""
		order.Service, order.Signature = &ebics.BTF{ServiceName: "SCT", MsgName: "pain.001"}, ebics.SignatureFlagSet
	case ebics.H004:
	}
	u := upload{request: envelope.Request{
		Version: w.version, Host: "HOST1", Phase: envelope.Initialisation, Order: order, SignatureData: encrypted,
		Encryption: &envelope.EncryptionInfo{KeyVersion: ebics.E002, KeyDigest: digest[:], TransactionKey: wrapped},
	}}
	size := (len(text) + segments - 1) / segments
	for i := 0; i < len(text); i += size {
		u.segments = append(u.segments, []byte(text[i:min(i+size, len(text))]))
	}
	return u
}

func transfer(id string, number int, last bool, data []byte) envelope.Request {
	return envelope.Request{
		Version: ebics.H004, Host: "HOST1", Phase: envelope.Transfer, TransactionID: id, OrderData: data,
		Segment: &envelope.Segment{Number: number, Last: last},
	}
}

// send sends a whole upload as Alice and returns the last response.
func (w *wire) send(u upload) envelope.Response {
	w.t.Helper()
	key := testkeys.Subscriber().Authentication
	r := w.ask(u.request, key)
	if r.Technical != ebics.OK || r.Business != ebics.OK {
		return r
	}
	id := r.TransactionID
	for i, segment := range u.segments {
		r = w.ask(transfer(id, i+1, i+1 == len(u.segments), segment), key)
	}
	return r
}

func receipt(id string, code int) envelope.Request {
	return envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Receipt, TransactionID: id, Receipt: &code}
}

// Whoever is not authenticated learns nothing but that.
func TestAuthenticationFailuresLookAlike(t *testing.T) {
	w := newWire(t, server.Options{})
	w.bank.Enrol(ebics.Subscriber{Partner: "K1", User: "CAROL"}, testkeys.Subscriber())
	suspend(t, w.bank, ebics.Subscriber{Partner: "K1", User: "CAROL"})
	var first string
	for name, who := range map[string]ebics.Subscriber{
		"unknown user":    {Partner: "K1", User: "MALLORY"},
		"unknown partner": {Partner: "K2", User: "ALICE"},
		"not ready":       {Partner: "K1", User: "CAROL"},
		"another's key":   bob,
	} {
		r := w.ask(envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(who, ebics.HAC, "DZHNN")}, testkeys.Subscriber().Authentication)
		if r.Technical != ebics.AuthenticationFailed || r.Business != ebics.OK || r.TransactionID != "" {
			t.Errorf("%s: %+v", name, r)
		}
		if look := fmt.Sprintf("%+v", r); first == "" {
			first = look
		} else if look != first {
			t.Errorf("%s: %s instead of %s", name, look, first)
		}
		hpb := w.order(who, ebics.HPB, "DZHNN")
		hpb.Authentication, hpb.Encryption = nil, nil
		doc, err := envelope.Request{Version: ebics.H004, Host: "HOST1", Order: hpb}.Sign(testkeys.Subscriber().Authentication)
		if err != nil {
			t.Fatal(err)
		}
		if technical, _ := w.unsigned(doc); technical != ebics.AuthenticationFailed {
			t.Errorf("HPB, %s: %s", name, technical)
		}
	}
	if n := len(w.bank.Fetched()); n != 0 {
		t.Errorf("the bank was asked for %d downloads", n)
	}
}

// What is no request of ours gets an unsigned answer with a code.
func TestMalformedRequests(t *testing.T) {
	w := newWire(t, server.Options{})
	good, err := envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.HAC, "DZHNN")}.Sign(testkeys.Subscriber().Authentication)
	if err != nil {
		t.Fatal(err)
	}
	replace := func(old, fresh string) []byte { return bytes.ReplaceAll(good, []byte(old), []byte(fresh)) }
	for _, row := range []struct {
		name string
		doc  []byte
		want ebics.ReturnCode
	}{
		{"nothing", nil, ebics.InvalidXML},
		{"not XML", []byte("hello"), ebics.InvalidXML},
		{"truncated", good[:len(good)-5], ebics.InvalidXML},
		{"document type", replace("?>", "?><!DOCTYPE a>"), ebics.InvalidXML},
		{"another root", []byte("<a/>"), ebics.InvalidXML},
		{"an answer to HEV", []byte(`<ebicsHEVResponse xmlns="http://www.ebics.org/H000"/>`), ebics.InvalidRequest},
		{"unsigned", append(bytes.Clone(good[:bytes.Index(good, []byte("<AuthSignature>"))]), "<body/></ebicsRequest>"...), ebics.InvalidXML},
		{"an unknown version", replace("urn:org:ebics:H004", "urn:org:ebics:H006"), ebics.InvalidXML},
		{"another host", replace(">HOST1<", ">HOST2<"), ebics.InvalidHostID},
		{"an answer", []byte(`<ebicsKeyManagementResponse xmlns="urn:org:ebics:H004"><header authenticate="true"><static><HostID>HOST1</HostID></static></header><body/></ebicsKeyManagementResponse>`), ebics.InvalidRequest},
	} {
		if technical, _ := w.unsigned(row.doc); technical != row.want {
			t.Errorf("%s: %s, want %s", row.name, technical, row.want)
		}
	}
}

func TestHTTPLevelRefusals(t *testing.T) {
	w := newWire(t, server.Options{MaxBody: 1000})
	for name, row := range map[string]struct {
		request *http.Request
		status  int
	}{
		"GET":            {httptest.NewRequest(http.MethodGet, "/", nil), http.StatusMethodNotAllowed},
		"body too large": {httptest.NewRequest(http.MethodPost, "/", io.LimitReader(zeros{}, 1001)), http.StatusRequestEntityTooLarge},
	} {
		recorder := httptest.NewRecorder()
		w.server.ServeHTTP(recorder, row.request)
		if recorder.Code != row.status {
			t.Errorf("%s: %d", name, recorder.Code)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// A recorded request must not work a second time, nor much later.
func TestReplaysAreRefused(t *testing.T) {
	w := newWire(t, server.Options{})
	w.bank.Offer(ebics.HAC, []byte("protocol"))
	key := testkeys.Subscriber().Authentication
	order := w.order(alice, ebics.HAC, "DZHNN")
	request := envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: order}
	if r := w.ask(request, key); r.Technical != ebics.OK {
		t.Fatalf("%+v", r)
	}
	if r := w.ask(request, key); r.Technical != ebics.TxMessageReplay {
		t.Errorf("same nonce: %s", r.Technical)
	}
	for offset, want := range map[time.Duration]ebics.ReturnCode{
		server.Window: ebics.OK, -server.Window: ebics.OK,
		server.Window + time.Second: ebics.TxMessageReplay, -server.Window - time.Second: ebics.TxMessageReplay,
	} {
		order := w.order(alice, ebics.HAC, "DZHNN")
		order.Timestamp = order.Timestamp.Add(offset)
		if r := w.ask(envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: order}, key); r.Technical != want {
			t.Errorf("%s off: %s, want %s", offset, r.Technical, want)
		}
	}
	// A forged request must not use up the nonce of an honest one.
	forged := w.order(alice, ebics.HAC, "DZHNN")
	w.ask(envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: forged}, testkeys.Other().Authentication)
	if r := w.ask(envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: forged}, key); r.Technical != ebics.OK {
		t.Errorf("honest request after a forged one: %s", r.Technical)
	}
}

func TestInitialisationsThatAreRefused(t *testing.T) {
	sign := func(w *wire) signer { return a006(w.t, alice, testkeys.Subscriber()) }
	for _, row := range []struct {
		name                string
		build               func(w *wire) envelope.Request
		technical, business ebics.ReturnCode
	}{
		{"old bank key", func(w *wire) envelope.Request {
			o := w.order(alice, ebics.HAC, "DZHNN")
			o.Encryption = bytes.Repeat([]byte{1}, 32)
			return envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: o}
		}, ebics.BankPubkeyUpdateRequired, ebics.OK},
		{"upload for an old bank key", func(w *wire) envelope.Request {
			u := w.prepare([]byte("order"), 1, sign(w))
			u.request.Encryption.KeyDigest = bytes.Repeat([]byte{1}, 32)
			return u.request
		}, ebics.BankPubkeyUpdateRequired, ebics.OK},
		{"download with upload's attribute", func(w *wire) envelope.Request {
			return envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.HAC, "OZHNN")}
		}, ebics.IncompatibleOrderAttribute, ebics.OK},
		{"upload of signatures", func(w *wire) envelope.Request {
			u := w.prepare([]byte("order"), 1, sign(w))
			u.request.Order.Attribute = ebics.AttributeSigned
			return u.request
		}, ebics.IncompatibleOrderAttribute, ebics.OK},
		{"no segments", func(w *wire) envelope.Request {
			u := w.prepare([]byte("order"), 1, sign(w))
			*u.request.Order.Segments = 0
			return u.request
		}, ebics.UnsupportedOrderType, ebics.OK},
		{"too many segments", func(w *wire) envelope.Request {
			u := w.prepare([]byte("order"), 1, sign(w))
			*u.request.Order.Segments = 10_001
			return u.request
		}, ebics.MaxSegmentsExceeded, ebics.OK},
		{"garbled signature data", func(w *wire) envelope.Request {
			u := w.prepare([]byte("order"), 1, sign(w))
			u.request.SignatureData[0] ^= 1
			return u.request
		}, ebics.OK, ebics.InvalidSignatureFileFormat},
		{"garbled transaction key", func(w *wire) envelope.Request {
			u := w.prepare([]byte("order"), 1, sign(w))
			u.request.Encryption.TransactionKey[9] ^= 1
			return u.request
		}, ebics.OK, ebics.InvalidSignatureFileFormat},
		{"signature of another partner", func(w *wire) envelope.Request {
			return w.prepare([]byte("order"), 1, a006(w.t, ebics.Subscriber{Partner: "K2", User: "ALICE"}, testkeys.Subscriber())).request
		}, ebics.PartnerIDMismatch, ebics.OK},
		{"the bank does not allow it", func(w *wire) envelope.Request {
			w.bank.BeginCode = ebics.AuthorisationOrderTypeFailed
			return w.prepare([]byte("order"), 1, sign(w)).request
		}, ebics.OK, ebics.AuthorisationOrderTypeFailed},
		{"nothing to fetch", func(w *wire) envelope.Request {
			return envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.HAC, "DZHNN")}
		}, ebics.OK, ebics.NoDownloadDataAvailable},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWire(t, server.Options{})
			r := w.ask(row.build(w), testkeys.Subscriber().Authentication)
			if r.Technical != row.technical || r.Business != row.business || r.TransactionID != "" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestSegmentSequence(t *testing.T) {
	w := newWire(t, server.Options{})
	u := w.prepare([]byte(strings.Repeat("order ", 100)), 3, a006(t, alice, testkeys.Subscriber()))
	key := testkeys.Subscriber().Authentication
	begun := w.ask(u.request, key)
	id := begun.TransactionID
	big := bytes.Repeat([]byte("A"), 1<<20+4)
	for _, row := range []struct {
		name    string
		number  int
		last    bool
		data    []byte
		want    ebics.ReturnCode
		segment int // told in the answer
	}{
		{"second before first", 2, false, u.segments[1], ebics.TxRecoverySync, 0},
		{"beyond the announced number", 4, true, u.segments[0], ebics.TxSegmentNumberExceeded, 0},
		{"last too early", 1, true, u.segments[0], ebics.TxSegmentNumberUnderrun, 0},
		{"larger than 1 MiB", 1, false, big, ebics.SegmentSizeExceeded, 0},
		{"without data", 1, false, nil, ebics.InvalidRequestContent, 0},
		{"first", 1, false, u.segments[0], ebics.OK, 1},
		{"first again", 1, false, u.segments[0], ebics.TxRecoverySync, 1},
		{"third before second", 3, true, u.segments[2], ebics.TxRecoverySync, 1},
		{"second", 2, false, u.segments[1], ebics.OK, 2},
		{"third not marked as last", 3, false, u.segments[2], ebics.TxSegmentNumberExceeded, 0},
		{"third", 3, true, u.segments[2], ebics.OK, 3},
		{"third again", 3, true, u.segments[2], ebics.TxUnknownTxid, 0},
	} {
		r := w.ask(transfer(id, row.number, row.last, row.data), key)
		if r.Technical != row.want || r.Business != ebics.OK {
			t.Errorf("%s: %s %s", row.name, r.Technical, r.Business)
		}
		if told := r.Segment; row.segment == 0 != (told == nil) || told != nil && told.Number != row.segment {
			t.Errorf("%s: told segment %+v", row.name, told)
		}
		if row.want == ebics.TxRecoverySync && row.segment == 0 && r.Phase != envelope.Initialisation {
			t.Errorf("%s: last valid phase %s", row.name, r.Phase)
		}
	}
	if n := len(w.bank.Uploads()); n != 1 {
		t.Errorf("%d orders delivered", n)
	}
	if got := w.bank.Segments(); len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("segments %v were logged", got)
	}
}

func TestTransactionsBelongToTheirSubscriber(t *testing.T) {
	w := newWire(t, server.Options{})
	u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
	id := w.ask(u.request, testkeys.Subscriber().Authentication).TransactionID
	if r := w.ask(transfer(id, 1, true, u.segments[0]), testkeys.Other().Authentication); r.Technical != ebics.AuthenticationFailed {
		t.Errorf("another subscriber's segment: %s", r.Technical)
	}
	if r := w.ask(transfer(strings.Repeat("0", 32), 1, true, u.segments[0]), testkeys.Subscriber().Authentication); r.Technical != ebics.TxUnknownTxid {
		t.Errorf("unknown transaction: %s", r.Technical)
	}
	if r := w.ask(receipt(id, 0), testkeys.Subscriber().Authentication); r.Technical != ebics.InvalidRequest {
		t.Errorf("receipt for an upload: %s", r.Technical)
	}
	suspend(t, w.bank, alice)
	if r := w.ask(transfer(id, 1, true, u.segments[0]), testkeys.Subscriber().Authentication); r.Technical != ebics.AuthenticationFailed {
		t.Errorf("segment of a suspended subscriber: %s", r.Technical)
	}
	if n := len(w.bank.Uploads()); n != 0 {
		t.Errorf("%d orders delivered", n)
	}
}

// Two last segments at the same moment deliver one order.
func TestConcurrentLastSegmentsDeliverOnce(t *testing.T) {
	w := newWire(t, server.Options{})
	u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
	id := w.ask(u.request, testkeys.Subscriber().Authentication).TransactionID
	doc, err := transfer(id, 1, true, u.segments[0]).Sign(testkeys.Subscriber().Authentication)
	if err != nil {
		t.Fatal(err)
	}
	entered, release := make(chan struct{}, 8), make(chan struct{})
	w.bank.OnFinish = func(server.Upload) { entered <- struct{}{}; <-release }
	codes := make(chan ebics.ReturnCode, 8)
	for range 8 {
		go func() {
			recorder := httptest.NewRecorder()
			w.server.ServeHTTP(recorder, httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(doc)))
			var code ebics.ReturnCode
			if m, err := envelope.Read(recorder.Body.Bytes()); err == nil {
				if r, err := m.VerifyResponse(testkeys.Bank().Authentication.Public()); err == nil {
					code = r.Technical
				}
			}
			codes <- code
		}()
	}
	<-entered // one is being delivered while the others come in
	close(release)
	got := map[ebics.ReturnCode]int{}
	for range 8 {
		got[<-codes]++
	}
	if got[ebics.OK] != 1 || got[ebics.TxUnknownTxid] != 7 || len(w.bank.Uploads()) != 1 {
		t.Errorf("%v, %d delivered", got, len(w.bank.Uploads()))
	}
}

func TestAbandonedTransactionsAreAborted(t *testing.T) {
	w := newWire(t, server.Options{TransactionTimeout: time.Hour})
	u := w.prepare([]byte("order"), 1, a006(t, alice, testkeys.Subscriber()))
	id := w.ask(u.request, testkeys.Subscriber().Authentication).TransactionID
	w.advance(time.Hour)
	w.unsigned([]byte("any request"))
	if len(w.bank.Aborted()) != 0 {
		t.Fatal("aborted too early")
	}
	w.advance(time.Second)
	if r := w.ask(transfer(id, 1, true, u.segments[0]), testkeys.Subscriber().Authentication); r.Technical != ebics.TxUnknownTxid {
		t.Errorf("segment after the time limit: %s", r.Technical)
	}
	if a := w.bank.Aborted(); len(a) != 1 || a[0] != id || w.bank.Begun()[0].TransactionID != id {
		t.Errorf("aborted %v", a)
	}
}

func TestOrdersThatCannotBeRead(t *testing.T) {
	key := crypto.NewTransactionKey()
	signatures := envelope.WriteSignatures(ebics.H004, envelope.OrderSignature{Version: "A006", Subscriber: alice, Value: []byte("x")})
	encrypt := func(plain []byte) string {
		c, err := crypto.Encrypt(key, plain)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(c)
	}
	otherKey, err := crypto.Encrypt(crypto.NewTransactionKey(), []byte("order"))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name                string
		text                string
		technical, business ebics.ReturnCode
	}{
		{"not base64", "####", ebics.OK, ebics.InvalidOrderDataFormat},
		{"half a base64 group", "QUJDQQ", ebics.OK, ebics.InvalidOrderDataFormat},
		{"not whole blocks", "QUJD", ebics.OK, ebics.InvalidOrderDataFormat},
		{"another key", base64.StdEncoding.EncodeToString(otherKey), ebics.OK, ebics.InvalidOrderDataFormat},
		{"more than 64 MiB inflated", encrypt(make([]byte, 64<<20+1)), ebics.MaxOrderDataSizeExceeded, ebics.OK},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWire(t, server.Options{})
			r := w.send(w.prepareRaw(key, signatures, row.text, 1))
			if r.Technical != row.technical || r.Business != row.business {
				t.Errorf("%s %s", r.Technical, r.Business)
			}
			if len(w.bank.Uploads()) != 0 || len(w.bank.Aborted()) != 1 {
				t.Errorf("%d delivered, %d aborted", len(w.bank.Uploads()), len(w.bank.Aborted()))
			}
		})
	}
}

// The bank learns whether the submitter's signature is right; what follows
// from a wrong one is the bank's business.
func TestOrderSignatureIsJudged(t *testing.T) {
	data := []byte("order\r\nwith lines\n")
	raw := func(t *testing.T) signer {
		return func(data []byte) []envelope.OrderSignature {
			hash := crypto.NewOrderHash()
			_, _ = hash.Write(data)
			value, err := crypto.SignOrder(ebics.A006, testkeys.Subscriber().Signature.Key, hash.Raw())
			if err != nil {
				t.Fatal(err)
			}
			return []envelope.OrderSignature{{Version: ebics.A006, Subscriber: alice, Value: value}}
		}
	}
	for _, row := range []struct {
		name  string
		sign  func(*testing.T) signer
		valid bool
	}{
		{"own", func(t *testing.T) signer { return a006(t, alice, testkeys.Subscriber()) }, true},
		{"over raw bytes", raw, true},
		{"with another's key", func(t *testing.T) signer { return a006(t, alice, testkeys.Other()) }, false},
		{"of another user", func(t *testing.T) signer { return a006(t, bob, testkeys.Other()) }, false},
		{"of other data", func(t *testing.T) signer {
			return func([]byte) []envelope.OrderSignature { return a006(t, alice, testkeys.Subscriber())([]byte("other")) }
		}, false},
		{"own beside another's", func(t *testing.T) signer {
			return func(data []byte) []envelope.OrderSignature {
				return append(a006(t, bob, testkeys.Other())(data), a006(t, alice, testkeys.Subscriber())(data)...)
			}
		}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := newWire(t, server.Options{})
			r := w.send(w.prepare(data, 2, row.sign(t)))
			uploads := w.bank.Uploads()
			if len(uploads) != 1 || uploads[0].SignatureValid != row.valid || !bytes.Equal(uploads[0].Data, data) {
				t.Fatalf("%+v", uploads)
			}
			if (r.Business == ebics.OK) != row.valid {
				t.Errorf("answered %s", r.Business)
			}
		})
	}
}

// What counts is the version of the key that the bank has: neither another
// version's signature counts, nor one that only says to be of the right version.
func TestOrderSignatureOfTheKeysVersionCounts(t *testing.T) {
	data := []byte("order\r\n")
	keys := testkeys.A005() // the same key as Subscriber's
	for _, row := range []struct {
		key, signed, said string
		valid             bool
	}{
		{"A005", "A005", "A005", true},
		{"A006", "A006", "A006", true},
		{"A005", "A006", "A006", false},
		{"A006", "A005", "A005", false},
		{"A005", "A006", "A005", false},
		{"A006", "A005", "A006", false},
		{"A006", "A006", "A004", false},
	} {
		t.Run(row.key+" key, "+row.signed+" as "+row.said, func(t *testing.T) {
			w := newWire(t, server.Options{})
			enrolled := keys
			enrolled.Signature.Version = row.key
			w.bank.Enrol(alice, enrolled)
			r := w.send(w.prepare(data, 1, func(data []byte) []envelope.OrderSignature {
				hash := crypto.NewOrderHash()
				_, _ = hash.Write(data)
				value, err := crypto.SignOrder(row.signed, keys.Signature.Key, hash.Normalised())
				if err != nil {
					t.Fatal(err)
				}
				return []envelope.OrderSignature{{Version: row.said, Subscriber: alice, Value: value}}
			}))
			uploads := w.bank.Uploads()
			if len(uploads) != 1 || uploads[0].SignatureValid != row.valid || (r.Business == ebics.OK) != row.valid {
				t.Errorf("%d uploads, answered %s", len(uploads), r.Business)
			}
		})
	}
}

func TestDownloadSegmentsAndReceipts(t *testing.T) {
	w := newWire(t, server.Options{SegmentSize: 100})
	w.bank.Offer(ebics.C53, testkeys.Bank().Encryption.Key.N.Bytes()) // does not compress
	key := testkeys.Subscriber().Authentication
	first := w.ask(envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.C53, "DZHNN")}, key)
	if first.Segments < 2 || first.Segment.Number != 1 || first.Segment.Last || first.Encryption == nil || len(first.OrderData) != 100 {
		t.Fatalf("%+v", first)
	}
	id := first.TransactionID
	if r := w.ask(receipt(id, 0), key); r.Technical != ebics.InvalidRequestContent {
		t.Errorf("receipt before the last segment: %s", r.Technical)
	}
	for n := 2; n <= first.Segments; n++ {
		for range 2 { // a repeat is harmless
			r := w.ask(transfer(id, n, n == first.Segments, nil), key)
			if r.Technical != ebics.OK || r.Segment.Number != n || r.Segment.Last != (n == first.Segments) || r.Encryption != nil {
				t.Fatalf("%+v", r)
			}
		}
	}
	if r := w.ask(transfer(id, first.Segments+1, true, nil), key); r.Technical != ebics.TxSegmentNumberExceeded {
		t.Errorf("beyond the last: %s", r.Technical)
	}
	if r := w.ask(receipt(id, 1), key); r.Technical != ebics.DownloadPostprocessSkipped || r.Business != ebics.OK {
		t.Errorf("negative receipt: %s %s", r.Technical, r.Business)
	}
	if r := w.ask(receipt(id, 0), key); r.Technical != ebics.TxUnknownTxid {
		t.Errorf("second receipt: %s", r.Technical)
	}
	again := w.ask(envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.C53, "DZHNN")}, key)
	for n := 2; n <= again.Segments; n++ {
		w.ask(transfer(again.TransactionID, n, n == again.Segments, nil), key)
	}
	if r := w.ask(receipt(again.TransactionID, 0), key); r.Technical != ebics.DownloadPostprocessDone || r.Business != ebics.OK {
		t.Errorf("receipt: %s %s", r.Technical, r.Business)
	}
	if r := w.bank.Receipts(); len(r) != 2 || r[0].Processed || !r[1].Processed {
		t.Errorf("receipts %+v", r)
	}
}

// ini writes the order data of INI in H004.
func ini(who ebics.Subscriber, key ebics.PublicKey) []byte {
	return keyData(ebics.INI, envelope.KeyOrderData{Subscriber: who, Signature: &key})
}

func hia(who ebics.Subscriber, authentication, encryption ebics.PublicKey) []byte {
	return keyData(ebics.HIA, envelope.KeyOrderData{Subscriber: who, Authentication: &authentication, Encryption: &encryption})
}

func keyData(t ebics.OrderType, k envelope.KeyOrderData) []byte {
	data, err := envelope.WriteKeys(ebics.H004, t, k, time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err) // bare keys in H004 are always written
	}
	return data
}

func TestKeysOfINIAndHIAAreJudged(t *testing.T) {
	keys := testkeys.Subscriber()
	stranger := ebics.Subscriber{Partner: "K9", User: "NEW"}
	wrongVersion := keys.Encryption.Public()
	wrongVersion.Version = "E001"
	short := strings.Replace(string(ini(stranger, keys.Signature.Public())),
		base64.StdEncoding.EncodeToString(keys.Signature.Key.N.Bytes()), base64.StdEncoding.EncodeToString(keys.Signature.Key.N.Bytes()[:128]), 1)
	w := newWire(t, server.Options{})
	send := func(order ebics.OrderType, data []byte) (ebics.ReturnCode, ebics.ReturnCode) {
		compressed, err := crypto.Deflate(data)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := envelope.UnsecuredRequest{Version: ebics.H004, Host: "HOST1", Subscriber: stranger, Type: order, OrderData: compressed}.Write()
		if err != nil {
			t.Fatal(err)
		}
		return w.unsigned(doc)
	}
	for _, row := range []struct {
		name                string
		order               ebics.OrderType
		data                []byte
		technical, business ebics.ReturnCode
	}{
		{"INI of another partner", ebics.INI, ini(alice, keys.Signature.Public()), ebics.PartnerIDMismatch, ebics.OK},
		{"INI of another user", ebics.INI, ini(ebics.Subscriber{Partner: "K9", User: "OLD"}, keys.Signature.Public()), ebics.InvalidRequestContent, ebics.OK},
		{"INI with HIA's content", ebics.INI, hia(stranger, keys.Authentication.Public(), keys.Encryption.Public()), ebics.OK, ebics.InvalidOrderDataFormat},
		{"INI with an X002 key", ebics.INI, ini(stranger, keys.Authentication.Public()), ebics.OK, ebics.KeymgmtUnsupportedSignatureVersion},
		{"INI with 1,024 bits", ebics.INI, []byte(short), ebics.OK, ebics.KeymgmtKeylengthErrorSignature},
		{"HIA with one key for both", ebics.HIA, hia(stranger, keys.Authentication.Public(), ebics.PublicKey{Version: "E002", Key: &keys.Authentication.Key.PublicKey}), ebics.OK, ebics.KeymgmtDuplicateKey},
		{"HIA with E001", ebics.HIA, hia(stranger, keys.Authentication.Public(), wrongVersion), ebics.OK, ebics.KeymgmtUnsupportedEncryptionVersion},
		{"another order", "HSA", nil, ebics.UnsupportedOrderType, ebics.OK},
		{"right INI", ebics.INI, ini(stranger, keys.Signature.Public()), ebics.OK, ebics.OK},
		{"second INI", ebics.INI, ini(stranger, keys.Signature.Public()), ebics.InvalidUserOrUserState, ebics.OK},
	} {
		technical, business := send(row.order, row.data)
		if technical != row.technical || business != row.business {
			t.Errorf("%s: %s %s", row.name, technical, business)
		}
	}
}
