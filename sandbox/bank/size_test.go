package bank

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
	"kontor/xmlscan"
)

const (
	manyPayments = 100_000
	// manyPatience is for each step with so many payments, on a busy machine.
	manyPatience = 30 * time.Second
	// manyMemory is how much the bank may have in memory at most.
	manyMemory = 200 << 20
)

// A hundred thousand payments go through the bank: taken, executed, reported and
// booked one by one in a statement, each step in seconds.
func TestHundredThousandPayments(t *testing.T) {
	if testing.Short() {
		t.Skip("takes about 6 seconds; run without -short")
	}
	t.Parallel() // most of it is waiting for the bank
	folder := t.TempDir()
	prepare(t, folder)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), bankProcess+"="+folder)
	command.Stderr = os.Stderr
	bank := attach(t, command)
	bank.http.Timeout = 2 * manyPatience
	c := bank.large(bank.initialised())
	from, to := bank.state().Accounts[0], bank.state().Accounts[1]
	payments := make([]pain.Transfer, manyPayments)
	for i := range payments {
		payments[i] = pain.Transfer{
			InstructionID: fmt.Sprintf("I-%d", i), EndToEndID: fmt.Sprintf("E2E-%d", i), Amount: euro(int64(i%500 + 1)), Creditor: fmt.Sprintf("Erika Muster %d", i),
			CreditorAccount: to.IBAN, Remittance: fmt.Sprintf("Lohn und Gehalt fuer Monat %d, Personalnummer %09d", i%12+1, i*7),
		}
	}
	var file bytes.Buffer
	if err := pain.WriteCreditTransfer(&file, pain.CreditTransfer{
		MessageID: "MANY", Created: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC), InitiatingParty: "Beispiel GmbH",
		Batches: []pain.TransferBatch{{
			PaymentInformationID: "MANY-1", RequestedExecutionDate: calendar.Date{Year: 2026, Month: 3, Day: 3}, Debtor: "Beispiel GmbH",
			DebtorAccount: from.IBAN, Payments: payments,
		}},
	}); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	step := func(name string) {
		t.Helper()
		took := time.Since(begin)
		t.Logf("%-9s %5.1f s, peak of the bank's memory %3d MB", name, took.Seconds(), peak(t, command.Process.Pid)>>20)
		if took > manyPatience {
			t.Errorf("%s took %s", name, took)
		}
		begin = time.Now()
	}
	t.Logf("the file has %d MB", file.Len()>>20)
	sent, err := upload(t, c, ebics.AttributeOrder, file.Bytes(), 0)
	if err != nil {
		t.Fatal(err)
	}
	step("sent")
	var view orderView
	bank.must("POST", "/orders/KONTOR/"+string(sent.OrderID)+"/release", fmt.Sprintf(`{"userId":"%sE1"}`, from.HolderPartner), &view)
	if view.State != "executed" || view.Payments != manyPayments {
		t.Fatalf("order %+v", view)
	}
	step("executed")
	settled := 0
	for _, content := range archive(t, c, ebics.CRZ) {
		if _, err := pain.ReadStatus(bytes.NewReader(content), xmlscan.Limits{}, pain.StatusVisitor{Transaction: func(_ *pain.StatusBatch, x *pain.StatusTransaction) error {
			if x.Status == pain.StatusACSC {
				settled++
			}
			return nil
		}}); err != nil {
			t.Fatal(err)
		}
	}
	step("reported")
	bank.advance("1")
	step("day over")
	entries := bank.countEntries(c, to.IBAN)
	step("fetched")
	if settled != manyPayments || entries != manyPayments {
		t.Errorf("%d settled, %d entries", settled, entries)
	}
	if got := peak(t, command.Process.Pid); got > manyMemory {
		t.Errorf("the bank had %d MB in memory, want at most %d", got>>20, manyMemory>>20)
	}
}

// large is the same client with segments of a usual size.
func (r *running) large(c *client.Client) *client.Client {
	r.t.Helper()
	keys, err := c.HPB(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	c, err = client.New(client.Config{
		URL: r.ready.URL, HostID: ebics.HostID(r.ready.HostID), Subscriber: ebics.Subscriber{Partner: BureauPartner, User: "KONTORT1"},
		Keys: subscriberKeys(), Bank: &keys, HTTP: r.http, Now: r.clock.now,
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return c
}

// countEntries counts the entries of one account in its new statements.
func (r *running) countEntries(c *client.Client, iban account.IBAN) (n int) {
	r.t.Helper()
	for name, content := range archive(r.t, c, ebics.C53) {
		if !strings.Contains(name, string(iban)) {
			continue
		}
		if err := readCamt(content, nil, func(*camt.Entry) error { n++; return nil }); err != nil {
			r.t.Fatal(err)
		}
	}
	return n
}

// peak is how much memory a process had at most, in bytes; 0 where the system
// does not tell.
func peak(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if os.IsNotExist(err) {
		return 0
	}
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "VmHWM:")
	number, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
	kilobytes, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil {
		t.Fatalf("peak memory %q: %v", number, err)
	}
	return kilobytes << 10
}
