package client_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/server"
)

var (
	now        = func() time.Time { return time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC) }
	subscriber = ebics.Subscriber{Partner: "K1", User: "U1"}
	cct        = client.Order{Type: ebics.CCT, Attribute: ebics.AttributeOrder}
)

// installation is a bank behind TLS and a client that knows it.
type installation struct {
	bank   *ebicstest.Bank
	server *httptest.Server
	config client.Config
}

func install(t *testing.T, options server.Options) installation {
	t.Helper()
	bank := ebicstest.NewBank("HOST1", testkeys.Bank())
	options.Now = now
	s := httptest.NewTLSServer(server.New(bank, options))
	t.Cleanup(s.Close)
	keys := testkeys.Bank().Public()
	return installation{bank: bank, server: s, config: client.Config{
		URL: s.URL + "/ebics", HostID: "HOST1", Subscriber: subscriber, Keys: testkeys.Subscriber(), Bank: &keys, HTTP: s.Client(), Now: now,
	}}
}

func (i installation) client(t *testing.T) *client.Client {
	t.Helper()
	c, err := client.New(i.config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func opener(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}

// noise does not compress, so that its segments are many.
func noise(size int) []byte {
	data, _ := io.ReadAll(io.LimitReader(noiseStream(), int64(size))) // a key stream cannot fail
	return data
}

// noiseStream is the key stream of AES in counter mode: always the same.
func noiseStream() io.Reader {
	block, err := aes.NewCipher(make([]byte, 16))
	if err != nil {
		panic(err) // a key of 16 bytes
	}
	return cipher.StreamReader{S: cipher.NewCTR(block, make([]byte, aes.BlockSize)), R: zeros{}}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// upload sends data completely.
func upload(ctx context.Context, c *client.Client, o client.Order, data []byte) (client.Transaction, error) {
	var spool bytes.Buffer
	p, err := c.Prepare(ctx, o, opener(data), &spool)
	if err != nil {
		return client.Transaction{}, err
	}
	return send(ctx, c, p, spool.Bytes())
}

func send(ctx context.Context, c *client.Client, p client.Prepared, spool []byte) (client.Transaction, error) {
	t, err := c.Initialise(ctx, p)
	if err != nil {
		return t, err
	}
	for n := 1; n <= p.Segments; n++ {
		offset, length := p.Range(n)
		if err := c.Transfer(ctx, t, n, n == p.Segments, spool[offset:offset+length]); err != nil {
			return t, err
		}
	}
	return t, nil
}

// The whole life of a contact, with several segments in both directions.
func TestClientAndServerUnderstandEachOther(t *testing.T) {
	i := install(t, server.Options{SegmentSize: 1000})
	i.bank.AutoActivate = true
	i.config.SegmentSize = 400
	bankKeys := i.config.Bank
	i.config.Bank = nil
	c, ctx := i.client(t), t.Context()
	if err := c.Download(ctx, ebics.HAC, nil); !errors.Is(err, client.ErrNoBankKeys) {
		t.Errorf("download before HPB: %v", err)
	}
	if err := c.INI(ctx); err != nil {
		t.Fatal(err)
	}
	var refused *client.Error
	if _, err := c.HPB(ctx); !errors.As(err, &refused) || refused.Technical != ebics.AuthenticationFailed {
		t.Errorf("HPB before HIA: %v", err)
	}
	if err := c.HIA(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.INI(ctx); !errors.As(err, &refused) || refused.Outcome() != ebics.Refused {
		t.Errorf("second INI: %v", err)
	}
	got, err := c.HPB(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(*bankKeys) {
		t.Fatal("HPB brought other keys")
	}
	i.config.Bank = &got
	c = i.client(t)

	data := append([]byte("line\r\nline\n\x1a"), noise(5000)...)
	transaction, err := upload(ctx, c, cct, data)
	if err != nil {
		t.Fatal(err)
	}
	uploads := i.bank.Uploads()
	if len(uploads) != 1 {
		t.Fatalf("%d uploads", len(uploads))
	}
	u := uploads[0]
	if !bytes.Equal(u.Data, data) || !u.SignatureValid || u.OrderID != transaction.OrderID || u.TransactionID != transaction.ID {
		t.Errorf("upload %s %s valid=%t", u.OrderID, u.TransactionID, u.SignatureValid)
	}
	if u.Order.Segments < 10 || u.Order.Attribute != "OZHNN" || u.Subscriber != subscriber {
		t.Errorf("header %+v", u.Order)
	}

	statement := noise(20_000)
	i.bank.Offer(ebics.C53, statement)
	var stored []byte
	if err := c.Download(ctx, ebics.C53, func(r io.Reader) (err error) {
		stored, err = io.ReadAll(r)
		if len(i.bank.Receipts()) != 0 {
			t.Error("receipt before the data was stored")
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(stored, statement) {
		t.Error("downloaded data differs")
	}
	if r := i.bank.Receipts(); len(r) != 1 || !r[0].Processed {
		t.Errorf("receipts %+v", r)
	}
	if err := c.Download(ctx, ebics.C53, nil); !errors.Is(err, client.ErrNoData) {
		t.Errorf("nothing to fetch: %v", err)
	}
}

// The attribute decides whether an order waits for signatures in the VEU or is
// released outside EBICS: what the caller wants must reach the bank, for every
// order type.
func TestOrderAttributeReachesTheBank(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	c := i.client(t)
	type sent struct {
		orderType ebics.OrderType
		attribute string
	}
	var want []sent
	for _, orderType := range []ebics.OrderType{ebics.CCT, ebics.CDD, ebics.CDB} {
		for _, attribute := range []string{"OZHNN", "DZHNN"} {
			o := client.Order{Type: orderType, Attribute: attribute}
			want = append(want, sent{orderType, attribute})
			if _, err := upload(t.Context(), c, o, []byte("order")); err != nil {
				t.Fatalf("%+v: %v", o, err)
			}
		}
	}
	var begun, finished []sent
	for _, h := range i.bank.Begun() {
		begun = append(begun, sent{h.Type, h.Attribute})
	}
	for _, u := range i.bank.Uploads() {
		finished = append(finished, sent{u.Order.Type, u.Order.Attribute})
		if len(u.Signatures) != 1 || !u.SignatureValid { // DZHNN carries the transport signature all the same
			t.Errorf("%+v: %d signatures, valid %t", u.Order, len(u.Signatures), u.SignatureValid)
		}
	}
	if !slices.Equal(begun, want) || !slices.Equal(finished, want) {
		t.Errorf("begun %v, finished %v", begun, finished)
	}
}

// A contact signs in the version of its key, and tells it to the bank with INI. A
// signature of the other version does not count, although the key is the same.
func TestOrderSignatureHasTheVersionOfTheKey(t *testing.T) {
	a005, a006 := testkeys.A005(), testkeys.Subscriber()
	for _, row := range []struct {
		name     string
		own      ebics.SubscriberKeys
		enrolled *ebics.SubscriberKeys // nil: by INI and HIA
		valid    bool
	}{
		{"A005 by INI", a005, nil, true},
		{"A006 by INI", a006, nil, true},
		{"A005 signature for an A006 key", a005, &a006, false},
		{"A006 signature for an A005 key", a006, &a005, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{})
			i.config.Keys, i.bank.AutoActivate = row.own, true
			c := i.client(t)
			if row.enrolled != nil {
				i.bank.Enrol(subscriber, *row.enrolled)
			} else if err := errors.Join(c.INI(t.Context()), c.HIA(t.Context())); err != nil {
				t.Fatal(err)
			}
			_, err := upload(t.Context(), c, cct, []byte("order\r\n"))
			var refused *client.Error
			if row.valid && err != nil || !row.valid && (!errors.As(err, &refused) || refused.Business != ebics.SignatureVerificationFailed) {
				t.Errorf("upload: %v", err)
			}
			uploads := i.bank.Uploads()
			if len(uploads) != 1 || uploads[0].SignatureValid != row.valid || len(uploads[0].Signatures) != 1 || uploads[0].Signatures[0].Version != row.own.Signature.Version {
				t.Errorf("%d uploads: %+v", len(uploads), uploads)
			}
		})
	}
}

// Until the data is safe, the bank must keep it.
func TestReceiptFollowsTheStore(t *testing.T) {
	broken := errors.New("disk full")
	for _, row := range []struct {
		name      string
		store     func(io.Reader) error
		processed bool
	}{
		{"store fails", func(io.Reader) error { return broken }, false},
		{"store fails after reading", func(r io.Reader) error { _, _ = io.Copy(io.Discard, r); return broken }, false},
		{"store reads nothing", func(io.Reader) error { return nil }, true},
		{"store reads a part", func(r io.Reader) error { _, err := r.Read(make([]byte, 10)); return err }, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{SegmentSize: 1000})
			i.bank.Enrol(subscriber, testkeys.Subscriber())
			i.bank.Offer(ebics.HAC, noise(5000))
			err := i.client(t).Download(t.Context(), ebics.HAC, row.store)
			if row.processed != (err == nil) || !row.processed && !errors.Is(err, broken) {
				t.Errorf("download: %v", err)
			}
			if r := i.bank.Receipts(); len(r) != 1 || r[0].Processed != row.processed {
				t.Errorf("receipts %+v", r)
			}
		})
	}
}

// The receipt that gives data back to the bank is sent even if the caller gave up.
func TestGivenUpDownloadIsEnded(t *testing.T) {
	i := install(t, server.Options{SegmentSize: 1000})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.bank.Offer(ebics.HAC, noise(5000))
	ctx, cancel := context.WithCancel(t.Context())
	err := i.client(t).Download(ctx, ebics.HAC, func(r io.Reader) error {
		cancel()
		_, err := io.ReadAll(r)
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("download: %v", err)
	}
	if r := i.bank.Receipts(); len(r) != 1 || r[0].Processed {
		t.Errorf("receipts %+v", r)
	}
}

func TestInflatedSizeIsLimited(t *testing.T) {
	i := install(t, server.Options{})
	i.config.MaxOrderData = 1 << 20
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.bank.Offer(ebics.HAC, make([]byte, 1<<20+1))
	var read int64
	err := i.client(t).Download(t.Context(), ebics.HAC, func(r io.Reader) error {
		n, err := io.Copy(io.Discard, r)
		read = n
		_ = err // a store that swallows the error must not get a receipt
		return nil
	})
	var untrusted *client.SignatureError
	if !errors.As(err, &untrusted) || read > 1<<20 {
		t.Errorf("%d bytes, %v", read, err)
	}
	if r := i.bank.Receipts(); len(r) != 1 || r[0].Processed {
		t.Errorf("receipts %+v", r)
	}
}

func TestPeriodReachesTheBank(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.bank.Offer(ebics.C53, []byte("statement"))
	store := func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }
	if err := i.client(t).DownloadPeriod(t.Context(), ebics.C53, "2026-11-01", "2026-11-24", store); err != nil {
		t.Fatal(err)
	}
	if h := i.bank.Fetched(); len(h) != 1 || h[0].From != "2026-11-01" || h[0].To != "2026-11-24" || h[0].Type != ebics.C53 {
		t.Errorf("fetched %+v", h)
	}
	if err := i.client(t).DownloadPeriod(t.Context(), ebics.C53, "1.11.2026", "", store); err == nil {
		t.Error("a malformed period was sent")
	}
}

// A journal keeps the prepared upload as JSON; resumed, it sends the same bytes.
func TestPreparedUploadSurvivesStorage(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.config.SegmentSize = 400
	data := noise(2000)
	var spool bytes.Buffer
	p, err := i.client(t).Prepare(t.Context(), cct, opener(data), &spool)
	if err != nil {
		t.Fatal(err)
	}
	if int64(spool.Len()) != p.SpoolSize || p.Segments != (spool.Len()+399)/400 {
		t.Errorf("%d characters in %d segments; spool has %d", p.SpoolSize, p.Segments, spool.Len())
	}
	stored, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var read client.Prepared
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	if _, err := send(t.Context(), i.client(t), read, spool.Bytes()); err != nil {
		t.Fatal(err)
	}
	if u := i.bank.Uploads(); len(u) != 1 || !bytes.Equal(u[0].Data, data) || !u[0].SignatureValid {
		t.Errorf("%d uploads", len(u))
	}
}

func TestPrepareRefusesWhatItCannotSign(t *testing.T) {
	i := install(t, server.Options{})
	calls := 0
	for _, row := range []struct {
		name  string
		order client.Order
		data  func() (io.ReadCloser, error)
	}{
		{"empty data", cct, opener(nil)},
		{"unknown attribute", client.Order{Type: ebics.CCT, Attribute: "UZHNN"}, opener([]byte("x"))},
		{"malformed type", client.Order{Type: "cct", Attribute: "OZHNN"}, opener([]byte("x"))},
		{"data that changes between the readings", cct, func() (io.ReadCloser, error) {
			calls++
			return io.NopCloser(strings.NewReader(strings.Repeat("x", calls))), nil
		}},
		{"data that cannot be opened", cct, func() (io.ReadCloser, error) { return nil, io.ErrClosedPipe }},
	} {
		if _, err := i.client(t).Prepare(t.Context(), row.order, row.data, io.Discard); err == nil {
			t.Errorf("%s was prepared", row.name)
		}
	}
	if calls != 2 {
		t.Errorf("data was opened %d times", calls)
	}
}

// A bank that changed its keys must not get data encrypted for the old ones.
func TestUploadForAnOldBankKeyIsRefused(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	var spool bytes.Buffer
	p, err := i.client(t).Prepare(t.Context(), cct, opener([]byte("order")), &spool)
	if err != nil {
		t.Fatal(err)
	}
	old := i.client(t)
	changed := testkeys.Bank()
	changed.Encryption.Key = testkeys.Other().Encryption.Key
	i.bank.Own = changed
	public := changed.Public()
	i.config.Bank = &public
	if _, err := i.client(t).Initialise(t.Context(), p); !errors.Is(err, client.ErrBankKeyChanged) {
		t.Errorf("new client: %v", err)
	}
	var refused *client.Error
	if _, err := old.Initialise(t.Context(), p); !errors.As(err, &refused) || refused.Outcome() != ebics.BankKeyChanged {
		t.Errorf("old client: %v", err)
	}
}

func TestBusinessRefusalOfTheLastSegmentIsTold(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.bank.FinishCode = ebics.AccountAuthorisationFailed
	_, err := upload(t.Context(), i.client(t), cct, []byte("order"))
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Business != ebics.AccountAuthorisationFailed || refused.Technical != ebics.OK ||
		!refused.Signed || refused.Phase != "Transfer" || refused.Outcome() != ebics.Refused {
		t.Errorf("%+v", err)
	}
}

// After a lost answer the segment is sent again; the bank tells where it is.
func TestRecoveryTellsTheLastSegment(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.config.SegmentSize = 400
	c, ctx := i.client(t), t.Context()
	var spool bytes.Buffer
	p, err := c.Prepare(ctx, cct, opener(noise(1000)), &spool)
	if err != nil {
		t.Fatal(err)
	}
	transaction, err := c.Initialise(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		err = c.Transfer(ctx, transaction, 1, false, spool.Bytes()[:400])
	}
	var told *client.Error
	if !errors.As(err, &told) || told.Outcome() != ebics.Resume || told.Segment != 1 {
		t.Fatalf("%+v", err)
	}
	for n := told.Segment + 1; n <= p.Segments; n++ {
		offset, length := p.Range(n)
		if err := c.Transfer(ctx, transaction, n, n == p.Segments, spool.Bytes()[offset:offset+length]); err != nil {
			t.Fatal(err)
		}
	}
	if len(i.bank.Uploads()) != 1 {
		t.Error("not delivered")
	}
	err = c.Transfer(ctx, transaction, p.Segments, true, spool.Bytes()[:4])
	if !errors.As(err, &told) || told.Technical != ebics.TxUnknownTxid || told.Outcome() != ebics.Unknown {
		t.Errorf("last segment again: %v", err)
	}
	if len(i.bank.Uploads()) != 1 {
		t.Error("delivered twice")
	}
}

// 100 MiB go through in a few MiB of memory: not only what is alive, but all that
// is ever allocated.
func TestPrepareKeepsMemoryConstant(t *testing.T) {
	i := install(t, server.Options{})
	c := i.client(t)
	data := func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(noiseStream(), 100<<20)), nil
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	p, err := c.Prepare(t.Context(), cct, data, io.Discard)
	runtime.ReadMemStats(&after)
	if err != nil {
		t.Fatal(err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 8<<20 {
		t.Errorf("%d bytes were allocated for %d characters", allocated, p.SpoolSize)
	}
}

func TestNewRefusesUnsafeConfigurations(t *testing.T) {
	i := install(t, server.Options{})
	weak := *i.config.Bank
	weak.Encryption.Version = "E001"
	for name, change := range map[string]func(*client.Config){
		"plain HTTP to another host":  func(c *client.Config) { c.URL = "http://bank.example/ebics" },
		"plain HTTP to a private net": func(c *client.Config) { c.URL = "http://10.0.0.1/" },
		"loopback look-alike":         func(c *client.Config) { c.URL = "http://localhost.example/" },
		"other scheme":                func(c *client.Config) { c.URL = "ftp://127.0.0.1/" },
		"password in the URL":         func(c *client.Config) { c.URL = "https://u:p@bank.example/" },
		"no host":                     func(c *client.Config) { c.URL = "https:///ebics" },
		"no clock":                    func(c *client.Config) { c.Now = nil },
		"no keys":                     func(c *client.Config) { c.Keys = ebics.SubscriberKeys{} },
		"bank key version":            func(c *client.Config) { c.Bank = &weak },
		"segment size":                func(c *client.Config) { c.SegmentSize = 401 },
		"segment above 1 MiB":         func(c *client.Config) { c.SegmentSize = 1<<20 + 4 },
		"host id":                     func(c *client.Config) { c.HostID = "A B" },
		"partner":                     func(c *client.Config) { c.Subscriber.Partner = "" },
		"user":                        func(c *client.Config) { c.Subscriber.User = "ü" },
		"certificates not checked": func(c *client.Config) {
			c.HTTP = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
		},
	} {
		config := i.config
		change(&config)
		if _, err := client.New(config); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, url := range []string{"http://127.0.0.1:1/", "http://[::1]:1/", "http://localhost:1/", "https://bank.example/ebics"} {
		config := i.config
		config.URL = url
		if _, err := client.New(config); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
}
