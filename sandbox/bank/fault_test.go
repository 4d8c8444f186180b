package bank

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/pain"
)

// download fetches and confirms the protocol, for as long as the patience lasts.
func (r *running) download(t *testing.T, c *client.Client, patience time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return c.Download(ctx, ebics.HAC, func(data io.Reader) error { _, err := io.Copy(io.Discard, data); return err })
}

// Every fault is one that a client must bear: it gets no answer to trust, and the
// next request finds the bank in order.
func TestFaultHitsOneRequest(t *testing.T) {
	for _, row := range []struct {
		name  string
		plain bool
	}{{"over TLS", false}, {"over plain HTTP", true}} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel() // most of the time is waiting
			faultsHitOneRequest(t, start(t, t.TempDir(), func(o *Options) { o.PlainHTTP = row.plain }))
		})
	}
}

func faultsHitOneRequest(t *testing.T, bank *running) {
	c := bank.initialised()
	for _, row := range []struct {
		name, fault string
		succeeds    bool
		cause       error
	}{
		{"reset before", `{"kind":"reset","before":true}`, false, syscall.ECONNRESET},
		{"reset", `{"kind":"reset"}`, false, syscall.ECONNRESET},
		{"silence, then the end", `{"kind":"silence","milliseconds":20}`, false, io.EOF},
		{"silence for longer than the client waits", `{"kind":"silence","milliseconds":60000}`, false, context.DeadlineExceeded},
		{"half of the answer, and nothing more", `{"kind":"halfOpen","milliseconds":60000}`, false, context.DeadlineExceeded},
		{"half of the answer, and the end", `{"kind":"truncated"}`, false, io.ErrUnexpectedEOF},
		{"slow", `{"kind":"slow","milliseconds":100}`, true, nil},
		{"too slow", `{"kind":"slow","milliseconds":60000}`, false, context.DeadlineExceeded},
		{"status", `{"kind":"status"}`, false, nil},
		{"another status, before", `{"kind":"status","status":502,"before":true}`, false, nil},
		{"garbage", `{"kind":"garbage"}`, false, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := upload(t, c, ebics.AttributeOrder, []byte("no XML"), 0); err != nil { // so that there is a protocol
				t.Fatal(err)
			}
			patience := 10 * time.Second
			if errors.Is(row.cause, context.DeadlineExceeded) {
				patience = 500 * time.Millisecond
			}
			bank.must("POST", "/faults", row.fault, nil)
			before := len(bank.log())
			err := bank.download(t, c, patience)
			var transport *client.TransportError
			switch {
			case row.succeeds:
				if err != nil {
					t.Fatal(err)
				}
				return
			case !errors.As(err, &transport) || row.cause != nil && !errors.Is(err, row.cause):
				t.Fatalf("the client says %v", err)
			}
			if seen := len(bank.log()) > before; seen == strings.Contains(row.fault, `"before":true`) {
				t.Errorf("the bank has seen the request: %v", seen)
			}
			if err := bank.download(t, c, 10*time.Second); err != nil {
				t.Errorf("the next request: %v", err)
			}
		})
	}
	var left []fault
	bank.must("GET", "/faults", "", &left)
	if len(left) != 0 {
		t.Errorf("faults are left: %+v", left)
	}
}

// A fault waits for its request, by order type, phase and segment, and others
// pass.
func TestFaultWaitsForItsRequest(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	data := order(t, "FAULT", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, iban("0000000001")), pay(2, iban("0000000002"))}})
	bank.must("POST", "/faults", `{"kind":"status","orderType":"C53"}`, nil)
	bank.must("POST", "/faults", `{"kind":"status","orderType":"HAC","phase":"Receipt","before":true,"count":2}`, nil)
	bank.must("POST", "/faults", `{"kind":"status","orderType":"CCT","phase":"Transfer","segment":2,"before":true}`, nil)
	left := func(want int) {
		t.Helper()
		var waiting []fault
		if bank.must("GET", "/faults", "", &waiting); len(waiting) != want {
			t.Errorf("%d faults wait, want %d: %+v", len(waiting), want, waiting)
		}
	}
	left(3)
	sent, err := upload(t, c, ebics.AttributeOrder, data, 0)
	if transport := (*client.TransportError)(nil); !errors.As(err, &transport) {
		t.Fatalf("upload: %v", err)
	}
	left(2)
	log := bank.log()
	if l := log[len(log)-1]; l.TransactionID != sent.ID || l.State != "open" || l.SegmentsReceived != 1 {
		t.Errorf("log %+v", l)
	}
	if _, err := upload(t, c, ebics.AttributeOrder, data, 0); err != nil {
		t.Errorf("another upload: %v", err)
	}
	for range 2 {
		if err := bank.download(t, c, 10*time.Second); err == nil {
			t.Error("the receipt was answered")
		}
	}
	left(1)
	bank.must("POST", "/faults/clear", "", nil)
	left(0)
	if _, err := fetch(t, c, ebics.C53, true); !errors.Is(err, client.ErrNoData) {
		t.Errorf("download after the faults were cleared: %v", err)
	}
}

// A bank that keeps somebody waiting stops in time all the same.
func TestWaitingFaultEndsWithTheBank(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.PlainHTTP = true })
	bank.must("POST", "/faults", `{"kind":"silence","milliseconds":600000,"before":true}`, nil)
	asked, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, bank.ready.URL, io.MultiReader(strings.NewReader("x"), signal{asked}))
		if err == nil {
			var answer *http.Response
			if answer, err = (&http.Client{Transport: &http.Transport{}}).Do(request); err == nil {
				err = answer.Body.Close()
			}
		}
		ended <- err
	}()
	<-asked
	begin := time.Now()
	bank.stop()
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("stopping took %s", took)
	}
	if err := <-ended; err == nil {
		t.Error("the request was answered")
	}
}

// signal is an empty reader that tells when it is read.
type signal struct{ read chan struct{} }

func (s signal) Read([]byte) (int, error) { close(s.read); return 0, io.EOF }
