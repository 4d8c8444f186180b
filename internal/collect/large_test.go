package collect

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
	"kontor/money"
)

const (
	manyPayments = 100_000
	// manyMemory is what reading about so many payments may add to the heap, garbage included. Their texts alone are several times that.
	manyMemory = 64 << 20
)

// A report on 100,000 payments passes in little memory, and does not keep others from writing.
func TestLargeReportTakesLittleMemoryAndBlocksNobody(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.sendMany()
	delivery := reportOnMany(t)
	j := h.arrive(hub.PollStatus, delivery)
	stop := h.disturb(t)
	peak := peakDuring(t, func() { h.Must(h.Index(t.Context(), j)) })
	waits := stop()
	h.wants(o, hub.StatePartiallyAccepted)
	rejected := 0
	h.Read(func(tx *store.Tx) error {
		return tx.Payments(t.Context(), o.Tenant, o.ID, func(p hub.Payment) error {
			want := "ACSC"
			if p.Ordinal%1000 == 0 {
				want = "RJCT"
				rejected++
			}
			if p.BankStatus != want {
				return fmt.Errorf("payment %d is %q, want %s", p.Ordinal, p.BankStatus, want)
			}
			return nil
		})
	})
	if rejected != manyPayments/1000 {
		t.Errorf("%d payments are rejected", rejected)
	}
	slices.Sort(waits)
	t.Logf("report of %d MB compressed on %d payments: heap grew by %d MB at most; %d other writes meanwhile, median %s, longest %s",
		len(delivery)>>20, manyPayments, peak>>20, len(waits), waits[len(waits)/2], waits[len(waits)-1])
	if peak > manyMemory {
		t.Errorf("the heap grew by %d MB, want at most %d", peak>>20, manyMemory>>20)
	}
	if len(waits) < 20 {
		t.Errorf("only %d other writes got through", len(waits))
	}
}

// So does a statement of 100,000 entries.
func TestLargeStatementTakesLittleMemory(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	delivery := statementOfMany(t)
	j := h.arrive(hub.PollStatement, delivery)
	peak := peakDuring(t, func() { h.Must(h.Index(t.Context(), j)) })
	d := h.documents(h.a)
	if len(d) != 1 || d[0].Detail.EntryCount != manyPayments {
		t.Fatalf("documents %+v", d)
	}
	var size int64
	serve := peakDuring(t, func() {
		_, body, err := NewOffer(h.Store).Open(t.Context(), hub.Principal{Tenant: h.a, Key: "key", Scopes: hub.Scopes()}, d[0].ID)
		h.Must(err)
		size, err = io.Copy(io.Discard, body)
		h.Must(err)
	})
	t.Logf("statement of %d MB with %d entries: heap grew by %d MB at most while it was split, %d MB while it was read", size>>20, manyPayments, peak>>20, serve>>20)
	if peak > manyMemory || serve > manyMemory {
		t.Errorf("the heap grew by %d and %d MB, want at most %d", peak>>20, serve>>20, manyMemory>>20)
	}
	if size < 20<<20 {
		t.Errorf("the statement has only %d bytes: it proves little", size)
	}
}

// sendMany adds a file of many payments that the bank has accepted.
func (h *house) sendMany() order {
	h.t.Helper()
	payments := make([]hub.Payment, manyPayments)
	for i := range payments {
		payments[i] = storetest.Payment(i)
	}
	return h.send(h.a, "MANY", hub.StateAccepted, payments...)
}

func reportOnMany(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	file, err := archive.Create("report.xml")
	if err != nil {
		t.Fatal(err)
	}
	w := pain.NewStatusWriter(file, pain.StatusReport{
		MessageID: "R", CreationDateTime: "2026-03-02T10:00:00Z", OriginalMessageID: "MANY", OriginalMessageName: "pain.001.001.09", GroupStatus: "PART"})
	w.Batch(pain.StatusBatch{OriginalPaymentInformationID: "PMT-1", Status: "PART"})
	for i := range manyPayments {
		p := storetest.Payment(i)
		x := pain.StatusTransaction{
			OriginalEndToEndID: p.EndToEndID, Status: "ACSC", Amount: p.Amount.Decimal(), Currency: "EUR", DebtorAccount: p.DebtorAccount, CreditorAccount: p.CreditorAccount,
		}
		if i%1000 == 0 {
			x.Status, x.Reasons = "RJCT", []pain.Reason{{Code: "AC04", AdditionalInformation: []string{fmt.Sprintf("account %d is closed", i)}}}
		}
		w.Transaction(&x)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func statementOfMany(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	file, err := archive.Create("statement.xml")
	if err != nil {
		t.Fatal(err)
	}
	balance := func(kind string) camt.Balance {
		return camt.Balance{Type: kind, Amount: money.Amount{Minor: 100, Currency: "EUR"}, Date: "2026-03-02"}
	}
	w := camt.NewStatementWriter(file, camt.Statement{
		MessageID: "M", ID: "S", SequenceNumber: "1", CreationDateTime: "2026-03-02T20:00:00Z", FromDate: "2026-03-02T00:00:00Z", ToDate: "2026-03-02T23:59:59Z",
		IBAN: ibanA, Currency: "EUR", Owner: "Invented", ServicerBIC: "BANKDEFFXXX", Balances: []camt.Balance{balance("OPBD"), balance("CLBD")},
	})
	for i := range manyPayments {
		w.Entry(&camt.Entry{
			Amount: money.Amount{Minor: int64(100 + i), Currency: "EUR"}, Credit: i%2 == 0, Status: "BOOK", BookingDate: "2026-03-02", ValueDate: "2026-03-02",
			AccountServicerReference: fmt.Sprintf("REF-%d", i), TransactionCode: "PMNT/RCDT/ESCT", EndToEndID: fmt.Sprintf("E2E-%d", i), Transactions: 1,
			Counterparty: fmt.Sprintf("Counterparty %d", i), CounterpartyIBAN: storetest.IBAN(5000 + i), Remittance: fmt.Sprintf("invoice %d", i),
		})
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// peakDuring returns by how much the heap grew at most while work was done.
func peakDuring(t *testing.T, work func()) uint64 {
	t.Helper()
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	runtime.GC()
	base, peak := heap(), uint64(0)
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
				peak = max(peak, heap())
			}
		}
	}()
	work()
	close(over)
	<-ended
	return max(peak, base) - base
}

// disturb writes small things until it is stopped, and returns how long each took.
func (h *house) disturb(t *testing.T) (stop func() []time.Duration) {
	var waits []time.Duration
	var wg sync.WaitGroup
	over := make(chan struct{})
	wg.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			begin := time.Now()
			err := h.Store.Write(t.Context(), func(tx *store.Tx) error {
				return tx.SetPollNext(t.Context(), h.contact.ID, "HAC", h.Now())
			})
			if err != nil {
				t.Errorf("another's write: %v", err)
				return
			}
			waits = append(waits, time.Since(begin))
		}
	})
	return func() []time.Duration {
		close(over)
		wg.Wait()
		return waits
	}
}
