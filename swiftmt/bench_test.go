package swiftmt

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"

	"kontor/calendar"
	"kontor/money"
)

// bank writes a statement as a German bank would: SEPA credit transfers and direct
// debits with all keywords. The same number gives the same bytes.
func bank(t testing.TB, entries int) []byte {
	t.Helper()
	var out bytes.Buffer
	s := plainStatement()
	list := make([]*Entry, entries)
	balance := s.Opening.Amount.Minor
	for n := range list {
		list[n] = bankEntry(n)
		if list[n].Mark.Credits() {
			balance += list[n].Amount.Minor
		} else {
			balance -= list[n].Amount.Minor
		}
	}
	s.Closing.Amount.Minor = balance
	s.Closing.Debit = balance < 0
	if err := Write(&out, Latin1, s, list); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func bankEntry(n int) *Entry {
	day := calendar.Date{Year: 2025, Month: time.March, Day: 1 + n%28}
	e := &Entry{ValueDate: day, EntryDate: day, Mark: Credit, FundsCode: 'R', Amount: money.Amount{Minor: int64(n)*7919%1_000_000 + 1, Currency: "EUR"},
		Type: []byte("NTRF"), BankReference: fmt.Appendf(nil, "%016d", n)}
	i := &e.Information
	i.Dialect, i.Code, i.BookingText, i.Primanota = Structured, []byte("166"), []byte("SEPA-GUTSCHRIFT"), []byte("9310")
	if n%3 == 0 {
		e.Mark = Debit
		i.Code, i.BookingText = []byte("105"), []byte("FOLGELASTSCHRIFT")
		i.MandateID, i.CreditorID = fmt.Appendf(nil, "MANDAT-%08d", n), []byte("DE98ZZZ09999999999")
	}
	i.EndToEndID = fmt.Appendf(nil, "RECHNUNG-2025-%08d", n)
	i.Remittance = fmt.Appendf(nil, "Rechnung %d vom 01.03.2025 Kundennummer %d vielen Dank", n, n*13)
	i.BankCode, i.Account = []byte("BYLADEM1001"), []byte("DE02120300000000202051")
	i.Name = fmt.Appendf(nil, "Muster und Beispiel Handelsgesellschaft %d", n%1000)
	return e
}

var largeDocument = sync.OnceValue(func() []byte { return bank(&testing.B{}, 100_000) })

// countingVisitor takes views only.
func countingVisitor(entries *int, bytesSeen *int64) Visitor {
	return Visitor{Entry: func(e *Entry) error {
		*entries++
		*bytesSeen += int64(len(e.Information.Remittance) + len(e.Information.Name))
		return nil
	}}
}

func BenchmarkRead(b *testing.B) {
	document := largeDocument()
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	entries, seen := 0, int64(0)
	for b.Loop() {
		entries = 0
		if err := Read(bytes.NewReader(document), Options{}, countingVisitor(&entries, &seen)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(entries*b.N)/b.Elapsed().Seconds(), "entries/s")
}

// A statement may have a million entries: nothing may be allocated for each.
func TestReadDoesNotAllocatePerEntry(t *testing.T) {
	allocations := func(entries int) float64 {
		document := bank(t, entries)
		return testing.AllocsPerRun(3, func() {
			n, seen := 0, int64(0)
			if err := Read(bytes.NewReader(document), Options{}, countingVisitor(&n, &seen)); err != nil || n != entries {
				t.Fatal(n, err)
			}
		})
	}
	if few, many := allocations(100), allocations(5000); many > few+5 {
		t.Errorf("%v allocations for 100 entries, %v for 5000", few, many)
	}
}
