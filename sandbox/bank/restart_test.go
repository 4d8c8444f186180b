package bank

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/hac"
	"kontor/iso20022/pain"
	"kontor/xmlscan"
)

// What was offered and not confirmed is offered again, byte for byte, whatever
// has happened since; what is new waits for the next time.
func TestUnconfirmedDataAreOfferedAgainUnchanged(t *testing.T) {
	folder := t.TempDir()
	bank := start(t, folder, nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	send := func(id string) {
		t.Helper()
		if _, err := upload(t, c, ebics.AttributeOrder, order(t, id, pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, iban("0000000001"))}}), 0); err != nil {
			t.Fatal(err)
		}
	}
	send("ONE")
	bank.advance("1")
	first := map[ebics.OrderType][]byte{}
	for _, o := range []ebics.OrderType{ebics.HAC, ebics.C53} {
		data, err := fetch(t, c, o, false)
		if err != nil {
			t.Fatal(err)
		}
		first[o] = data
	}
	send("TWO")
	bank.advance("1")
	bank.stop()
	bank = start(t, folder, nil)
	c = bank.again(bank.subscriber(BureauPartner, "KONTORT1", nil))
	for o, before := range first {
		for range 2 { // refused once more, then confirmed
			data, err := fetch(t, c, o, false)
			if err != nil || !bytes.Equal(data, before) {
				t.Errorf("%s: error %v, same bytes %v", o, err, bytes.Equal(data, before))
			}
		}
		if data, err := fetch(t, c, o, true); err != nil || !bytes.Equal(data, before) {
			t.Errorf("%s: error %v at the confirmed time", o, err)
		}
		if data, err := fetch(t, c, o, true); err != nil || bytes.Equal(data, before) {
			t.Errorf("%s: error %v, or the old data instead of the new", o, err)
		}
		if _, err := fetch(t, c, o, true); !errors.Is(err, client.ErrNoData) {
			t.Errorf("%s: %v after everything was fetched", o, err)
		}
	}
	// The period gives all of it once more and marks nothing.
	if got := eventsOf(t, c, "2026-03-02", "2026-03-02"); len(got) != 6 {
		t.Errorf("%d events in the period: %v", len(got), got)
	}
	if err := c.DownloadPeriod(t.Context(), ebics.C53, "2026-03-03", "2026-03-03", func(r io.Reader) error {
		data, err := io.ReadAll(r)
		for name := range unzip(t, data) {
			if !strings.HasPrefix(name, "2026-03-03_C53_") {
				t.Errorf("%s is not of the period", name)
			}
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	if err := c.DownloadPeriod(t.Context(), ebics.C53, "2020-01-01", "2020-01-02", func(io.Reader) error { return nil }); !errors.Is(err, client.ErrNoData) {
		t.Errorf("period without statements: %v", err)
	}
}

func eventsOf(t *testing.T, c *client.Client, from, to string) (lines []string) {
	t.Helper()
	if err := c.DownloadPeriod(t.Context(), ebics.HAC, from, to, func(r io.Reader) error {
		report, err := hac.Read(r, xmlscan.Limits{})
		for _, e := range report.Events {
			lines = append(lines, string(e.Action)+" "+e.Reason+" "+e.OrderID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}

// An upload that a restart cut off is in the log as not finished, and the
// protocol proves that nothing arrived.
func TestUploadCutOffByRestartIsAborted(t *testing.T) {
	folder := t.TempDir()
	bank := start(t, folder, nil)
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	data := order(t, "CUT", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, iban("0000000001")), pay(2, iban("0000000002"))}})
	sent, err := upload(t, c, ebics.AttributeOrder, data, 1)
	if err != nil {
		t.Fatal(err)
	}
	find := func() logView {
		t.Helper()
		log := bank.log()
		i := slices.IndexFunc(log, func(l logView) bool { return l.TransactionID == sent.ID })
		if i < 0 {
			t.Fatal("the upload is not in the log")
		}
		return log[i]
	}
	if l := find(); l.Finished || l.State != "open" || l.OrderID != sent.OrderID || l.SegmentsAnnounced < 2 || l.DataSHA256 != "" {
		t.Errorf("while open: %+v", l)
	}
	bank.stop()
	bank = start(t, folder, nil)
	if l := find(); l.Finished || l.State != "aborted" || l.Ended == nil || l.Reason == "" {
		t.Errorf("after the restart: %+v", l)
	}
	c = bank.again(bank.subscriber(BureauPartner, "KONTORT1", nil))
	var failure *client.Error
	if err := c.Transfer(t.Context(), sent, 2, true, []byte("AAAA")); !errors.As(err, &failure) || failure.Technical != ebics.TxUnknownTxid {
		t.Errorf("a segment of the lost transaction: %v", err)
	}
	_, events := protocol(t, c)
	if len(events) != 1 || events[0].Action != hac.FileUpload || events[0].Reason != "TA01" || events[0].OrderID != string(sent.OrderID) {
		t.Errorf("protocol %+v", events)
	}
	if len(bank.orders()) != 0 {
		t.Error("there is an order")
	}
	again, err := upload(t, c, ebics.AttributeOrder, data, 0)
	if err != nil || again.OrderID == sent.OrderID {
		t.Errorf("the next order: %s, %v", again.OrderID, err)
	}
}

// bankProcess is set in the process of TestKilledBankKeepsWhatItAnswered.
const bankProcess = "KONTOR_TEST_BANK_FOLDER"

func TestMain(m *testing.M) {
	if folder := os.Getenv(bankProcess); folder != "" {
		c := &clock{}
		if err := Run(context.Background(), Options{Data: folder, Seed: 7, Stdout: os.Stdout, Now: c.now}); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// What the bank has answered survives SIGKILL: an order, a fetched and an
// unconfirmed protocol.
func TestKilledBankKeepsWhatItAnswered(t *testing.T) {
	folder := t.TempDir()
	prepare(t, folder)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), bankProcess+"="+folder)
	command.Stderr = os.Stderr
	bank := attach(t, command)
	c := bank.initialised()
	debtor := bank.state().Accounts[0].IBAN
	if _, err := upload(t, c, ebics.AttributeOrder, order(t, "KILL", pain.TransferBatch{DebtorAccount: debtor, Payments: []pain.Transfer{pay(1, iban("0000000001"))}}), 0); err != nil {
		t.Fatal(err)
	}
	before, err := fetch(t, c, ebics.HAC, false)
	if err != nil {
		t.Fatal(err)
	}
	orders, state := bank.orders(), bank.state()
	if err := command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = command.Wait() // "signal: killed" is what was asked for
	bank = start(t, folder, nil)
	if diff := cmp.Diff(orders, bank.orders()); diff != "" || len(orders) != 1 {
		t.Error(len(orders), diff)
	}
	if diff := cmp.Diff(state, bank.state()); diff != "" {
		t.Error(diff)
	}
	c = bank.again(bank.subscriber(BureauPartner, "KONTORT1", nil))
	if after, err := fetch(t, c, ebics.HAC, true); err != nil || !bytes.Equal(before, after) {
		t.Errorf("protocol after the kill: %v, same %v", err, bytes.Equal(before, after))
	}
	for _, l := range bank.log() {
		if l.OrderType == ebics.CCT && !l.Finished {
			t.Errorf("log %+v", l)
		}
	}
}

// A second bank must not get at the same books.
func TestDataFolderBelongsToOneBank(t *testing.T) {
	folder := t.TempDir()
	bank := start(t, folder, nil)
	err := Run(t.Context(), Options{Data: folder, Stdout: io.Discard, Now: bank.clock.now})
	if err == nil || !strings.Contains(err.Error(), "another bank") {
		t.Errorf("second bank: %v", err)
	}
	bank.stop()
	err = Run(t.Context(), Options{Data: folder, HostID: "OTHER", Stdout: io.Discard, Now: bank.clock.now})
	if err == nil || !strings.Contains(err.Error(), DefaultHostID) {
		t.Errorf("another host id on the same folder: %v", err)
	}
}

func TestOnlyLoopbackIsListenedOn(t *testing.T) {
	folder := t.TempDir()
	prepare(t, folder)
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "example.com:0", "nonsense"} {
		err := Run(t.Context(), Options{Listen: address, Data: folder, Stdout: io.Discard, Now: time.Now})
		if err == nil || !strings.Contains(err.Error(), "address") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
