package bank

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/pain"
)

// logLines shows the log as "partner/user order attribute phase state code".
func (r *running) logLines() (lines []string) {
	r.t.Helper()
	for _, l := range r.log() {
		line := string(l.PartnerID) + "/" + string(l.UserID) + " " + string(l.OrderType) + " " + l.OrderAttribute + " " + l.Phase + " " + string(l.State) + " " + string(l.ReturnCode)
		lines = append(lines, strings.Join(strings.Fields(line), " "))
		if ended := l.Ended != nil; ended != (l.State != "open") || l.Finished != (l.State == "finished") {
			r.t.Errorf("log line %+v", l)
		}
	}
	return lines
}

// recorder keeps the latest EBICS request, and loses receipts on demand.
type recorder struct {
	http.RoundTripper
	body         []byte
	loseReceipts bool
	lost         bool
}

func (r *recorder) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err = errors.Join(err, request.Body.Close()); err != nil {
		return nil, err
	}
	if strings.HasSuffix(request.URL.Path, "/ebics") {
		r.body = body
	}
	if r.loseReceipts && bytes.Contains(body, []byte("ReceiptCode")) {
		r.lost = true
		return nil, errors.New("the line is dead")
	}
	request.Body = io.NopCloser(bytes.NewReader(body))
	return r.RoundTripper.RoundTrip(request)
}

// post sends raw bytes to the bank.
func (r *running) post(body []byte) {
	r.t.Helper()
	answer, err := r.http.Post(r.ready.URL, "text/xml", bytes.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil || answer.StatusCode != http.StatusOK {
		r.t.Fatal(answer.Status, err)
	}
}

// The log is what a test looks at to see what a client did, so it must show
// everything, each thing once: also HPB, and what was refused before the bank
// was asked.
func TestLogShowsEveryRequestThatOpenedNoTransaction(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	ctx := t.Context()
	stranger := bank.subscriber("NOBODY", "NOBODY", nil)
	if stranger.INI(ctx) == nil {
		t.Error("INI of a stranger")
	}
	if _, err := stranger.HPB(ctx); err == nil {
		t.Error("HPB of a stranger")
	}
	recorded := &recorder{RoundTripper: bank.http.Transport}
	bank.http.Transport = recorded
	c := bank.initialised()
	bank.post(recorded.body) // HPB again: the nonce is used
	if _, err := fetch(t, c, "C52", true); err == nil {
		t.Error("C52")
	}
	bank.post(recorded.body)
	var failure *client.Error
	if err := c.Transfer(ctx, client.Transaction{ID: strings.Repeat("0", 32)}, 1, true, []byte("AAAA")); !errors.As(err, &failure) || failure.Technical != ebics.TxUnknownTxid {
		t.Errorf("segment of no transaction: %v", err)
	}
	bank.post([]byte("no XML"))
	if diff := cmp.Diff([]string{
		"NOBODY/NOBODY INI DZNNN Initialisation refused 091002",
		"NOBODY/NOBODY HPB Initialisation refused 061001",
		"KONTOR/KONTORT1 INI DZNNN Initialisation finished 000000",
		"KONTOR/KONTORT1 HIA DZNNN Initialisation finished 000000",
		"KONTOR/KONTORT1 HPB DZHNN Initialisation finished 000000",
		"KONTOR/KONTORT1 HPB DZHNN Initialisation refused 091103",
		"KONTOR/KONTORT1 C52 DZHNN Initialisation refused 090003",
		"KONTOR/KONTORT1 C52 DZHNN Initialisation refused 091103",
		"/ Transfer refused 091101",
		"/ Initialisation refused 091010",
	}, bank.logLines()); diff != "" {
		t.Fatal(diff)
	}
	if l := bank.log()[8]; !strings.Contains(l.Reason, strings.Repeat("0", 32)) {
		t.Errorf("which transaction? %+v", l)
	}
}

// What timed out is not open any more, whether or not another request comes in.
func TestLogShowsTimedOutTransactionsAsAborted(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	recorded := &recorder{RoundTripper: bank.http.Transport}
	bank.http.Transport = recorded
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	data := order(t, "LATE", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, iban("0000000001"))}})
	if _, err := upload(t, c, ebics.AttributeOrder, data, 1); err != nil {
		t.Fatal(err)
	}
	recorded.loseReceipts = true
	if _, err := fetch(t, c, ebics.HTD, true); err == nil || !recorded.lost {
		t.Fatalf("the receipt got through: %v", err)
	}
	open := []string{"KONTOR/KONTORT1 CCT OZHNN Transfer open", "KONTOR/KONTORT1 HTD DZHNN Initialisation open"}
	if diff := cmp.Diff(open, bank.logLines()[3:]); diff != "" {
		t.Fatal(diff)
	}
	bank.clock.advance(time.Hour + time.Minute)
	for i := range open {
		open[i] = strings.Replace(open[i], "open", "aborted", 1)
	}
	if diff := cmp.Diff(open, bank.logLines()[3:]); diff != "" {
		t.Fatal(diff)
	}
	for _, l := range bank.log()[3:] {
		if l.Reason != "timed out" {
			t.Errorf("log line %+v", l)
		}
	}
}
