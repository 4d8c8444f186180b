package server_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kontor/ebics"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/server"
)

// loggingBank has the abilities RequestLog and DownloadLog, and fails on demand.
type loggingBank struct {
	*ebicstest.Bank
	beginFails, downloadFails bool

	mu      sync.Mutex
	answers []server.AnsweredRequest
	aborted []string
}

func (b *loggingBank) BeginUpload(ctx context.Context, s ebics.Subscriber, h server.OrderHeader) (ebics.OrderID, ebics.ReturnCode, error) {
	if b.beginFails {
		return "", "", errors.New("books are closed")
	}
	return b.Bank.BeginUpload(ctx, s, h)
}

func (b *loggingBank) Download(ctx context.Context, s ebics.Subscriber, h server.OrderHeader) (server.Download, ebics.ReturnCode, error) {
	if b.downloadFails {
		return server.Download{}, "", errors.New("books are closed")
	}
	return b.Bank.Download(ctx, s, h)
}

func (b *loggingBank) RequestAnswered(_ context.Context, r server.AnsweredRequest) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answers = append(b.answers, r)
	return nil
}

func (b *loggingBank) AbortDownload(_ context.Context, token string, code ebics.ReturnCode, reason string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.aborted = append(b.aborted, token+": "+string(code)+" "+reason)
	return nil
}

// taken returns and forgets what was logged.
func (b *loggingBank) taken() (answers []server.AnsweredRequest, aborted []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	answers, aborted, b.answers, b.aborted = b.answers, b.aborted, nil, nil
	return answers, aborted
}

func newLoggingWire(t *testing.T, options server.Options) (*wire, *loggingBank) {
	w := newWire(t, options)
	b := &loggingBank{Bank: w.bank}
	options.Now = w.now
	w.server = server.New(b, options)
	return w, b
}

func (w *wire) download(t ebics.OrderType) envelope.Request {
	return envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, t, "DZHNN")}
}

// What the bank is not asked about it is told of, and nothing twice.
func TestRequestLogIsToldWhatTheBankWasNotAsked(t *testing.T) {
	w, b := newLoggingWire(t, server.Options{})
	key, other := testkeys.Subscriber().Authentication, testkeys.Other().Authentication
	sign := a006(t, alice, testkeys.Subscriber())
	w.bank.Offer(ebics.HAC, []byte("protocol"))
	refused := func(r server.AnsweredRequest) []server.AnsweredRequest { return []server.AnsweredRequest{r} }
	hpb := func(key ebics.KeyPair) func() {
		return func() {
			o := w.order(alice, ebics.HPB, "DZHNN")
			o.Authentication, o.Encryption = nil, nil
			doc, err := envelope.Request{Version: ebics.H004, Host: "HOST1", Order: o}.Sign(key)
			if err != nil {
				t.Fatal(err)
			}
			w.unsigned(doc)
		}
	}
	open := w.prepare([]byte("order"), 2, sign)
	var id string
	for _, row := range []struct {
		name string
		do   func()
		want []server.AnsweredRequest
	}{
		{"HPB", hpb(key), refused(server.AnsweredRequest{Subscriber: alice, Type: ebics.HPB, Attribute: "DZHNN", Technical: ebics.OK, Business: ebics.OK})},
		{"HPB with another's key", hpb(other), refused(server.AnsweredRequest{Subscriber: alice, Type: ebics.HPB, Technical: ebics.AuthenticationFailed, Business: ebics.OK})},
		{"old bank key", func() {
			r := w.download(ebics.HAC)
			r.Order.Encryption = bytes.Repeat([]byte{1}, 32)
			w.ask(r, key)
		}, refused(server.AnsweredRequest{Subscriber: alice, Phase: "Initialisation", Type: ebics.HAC, Attribute: "DZHNN", Technical: ebics.BankPubkeyUpdateRequired, Business: ebics.OK})},
		{"another's key", func() { w.ask(w.download(ebics.HAC), other) },
			refused(server.AnsweredRequest{Subscriber: alice, Phase: "Initialisation", Type: ebics.HAC, Technical: ebics.AuthenticationFailed, Business: ebics.OK})},
		{"garbled signature data", func() {
			u := w.prepare([]byte("order"), 1, sign)
			u.request.SignatureData[0] ^= 1
			w.ask(u.request, key)
		}, refused(server.AnsweredRequest{Subscriber: alice, Phase: "Initialisation", Type: ebics.CCT, Attribute: "OZHNN", Technical: ebics.OK, Business: ebics.InvalidSignatureFileFormat})},
		{"unreadable", func() { w.unsigned([]byte("no XML")) }, refused(server.AnsweredRequest{Technical: ebics.InvalidXML, Business: ebics.OK})},
		{"the bank could not begin", func() {
			b.beginFails = true
			w.ask(w.prepare([]byte("order"), 1, sign).request, key)
			b.beginFails = false
		}, []server.AnsweredRequest{{Subscriber: alice, Phase: "Initialisation", Type: ebics.CCT, Attribute: "OZHNN", Technical: ebics.InternalError, Business: ebics.OK}}},
		{"the bank could not look", func() {
			b.downloadFails = true
			w.ask(w.download(ebics.HAC), key)
			b.downloadFails = false
		}, []server.AnsweredRequest{{Subscriber: alice, Phase: "Initialisation", Type: ebics.HAC, Attribute: "DZHNN", Technical: ebics.InternalError, Business: ebics.OK}}},
		{"upload begun", func() { id = w.ask(open.request, key).TransactionID }, nil},
		{"segment with another's key", func() { w.ask(transfer(id, 1, false, open.segments[0]), other) },
			[]server.AnsweredRequest{{Subscriber: alice, TransactionID: "open", Phase: "Transfer", Technical: ebics.AuthenticationFailed, Business: ebics.OK}}},
		{"segment too early", func() { w.ask(transfer(id, 2, true, open.segments[1]), key) }, nil},
		{"both segments", func() {
			w.ask(transfer(id, 1, false, open.segments[0]), key)
			w.ask(transfer(id, 2, true, open.segments[1]), key)
		}, nil},
		{"last segment again", func() { w.ask(transfer(id, 2, true, open.segments[1]), key) },
			[]server.AnsweredRequest{{TransactionID: "open", Phase: "Transfer", Technical: ebics.TxUnknownTxid, Business: ebics.OK}}},
		{"the bank refuses", func() {
			w.bank.BeginCode = ebics.AuthorisationOrderTypeFailed
			w.ask(w.prepare([]byte("order"), 1, sign).request, key)
		}, nil},
		{"nothing to fetch", func() { w.ask(w.download(ebics.C53), key) }, nil},
		{"download and receipt", func() { w.ask(receipt(w.ask(w.download(ebics.HAC), key).TransactionID, 0), key) }, nil},
	} {
		row.do()
		got, aborted := b.taken()
		for i := range row.want {
			if row.want[i].TransactionID == "open" {
				row.want[i].TransactionID = id
			}
		}
		if diff := cmp.Diff(row.want, got); diff != "" || aborted != nil {
			t.Errorf("%s: %s aborted %v", row.name, diff, aborted)
		}
	}
}

// A download that nobody will finish is told, whatever ends it.
func TestAbandonedDownloadsAreTold(t *testing.T) {
	key := testkeys.Subscriber().Authentication
	t.Run("timed out", func(t *testing.T) {
		w, b := newLoggingWire(t, server.Options{TransactionTimeout: time.Hour})
		w.bank.Offer(ebics.HAC, []byte("protocol"))
		id := w.ask(w.download(ebics.HAC), key).TransactionID
		w.advance(time.Hour + time.Second)
		w.server.Expire(t.Context())
		w.server.Expire(t.Context()) // once is enough
		if _, aborted := b.taken(); len(aborted) != 1 || aborted[0] != "HAC 1:  timed out" {
			t.Errorf("told %q", aborted)
		}
		if r := w.ask(receipt(id, 0), key); r.Technical != ebics.TxUnknownTxid {
			t.Errorf("receipt after the time limit: %s", r.Technical)
		}
	})
	t.Run("too many", func(t *testing.T) {
		w, b := newLoggingWire(t, server.Options{MaxBuffered: 1})
		w.bank.Offer(ebics.HAC, []byte("protocol"))
		if r := w.ask(w.download(ebics.HAC), key); r.Technical != ebics.MaxTransactionsExceeded || r.OrderData != nil {
			t.Errorf("%+v", r)
		}
		answers, aborted := b.taken()
		if answers != nil || len(aborted) != 1 || !strings.HasPrefix(aborted[0], "HAC 1: 091119") {
			t.Errorf("told %+v %q", answers, aborted)
		}
	})
}

// All transactions together hold no more than the server has room for; what ends
// gives its room back.
func TestBufferedOrderDataIsLimited(t *testing.T) {
	key := testkeys.Subscriber().Authentication
	data := testkeys.Bank().Encryption.Key.N.Bytes() // does not compress
	w := newWire(t, server.Options{MaxBuffered: 600, TransactionTimeout: time.Hour})
	w.bank.Offer(ebics.C53, data)
	first := w.ask(w.download(ebics.C53), key)
	if first.Technical != ebics.OK || len(first.OrderData) <= 300 {
		t.Fatalf("%s with %d characters", first.Technical, len(first.OrderData))
	}
	if r := w.ask(w.download(ebics.C53), key); r.Technical != ebics.MaxTransactionsExceeded {
		t.Errorf("second download: %s", r.Technical)
	}
	u := w.prepare(data, 2, a006(t, alice, testkeys.Subscriber()))
	id := w.ask(u.request, key).TransactionID
	if r := w.ask(transfer(id, 1, false, u.segments[0]), key); r.Technical != ebics.OK {
		t.Fatalf("first segment: %s", r.Technical)
	}
	last := transfer(id, 2, true, u.segments[1])
	if r := w.ask(last, key); r.Technical != ebics.MaxTransactionsExceeded {
		t.Errorf("second segment: %s", r.Technical)
	}
	if r := w.ask(receipt(first.TransactionID, 1), key); r.Technical != ebics.DownloadPostprocessSkipped {
		t.Fatal(r.Technical)
	}
	// The segment comes again, into the same transaction.
	if r := w.ask(last, key); r.Technical != ebics.OK || len(w.bank.Uploads()) != 1 {
		t.Fatalf("second segment again: %s", r.Technical)
	}
	// Nothing is left behind: the room is whole, again and again.
	for range 3 {
		r := w.ask(w.download(ebics.C53), key)
		if r.Technical != ebics.OK {
			t.Fatalf("download into the empty server: %s", r.Technical)
		}
		w.advance(time.Hour + time.Second)
		w.server.Expire(t.Context())
	}
}
