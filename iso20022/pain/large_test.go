package pain

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"kontor/calendar"
	"kontor/money"
	"kontor/xmlscan"
)

// large is a generated message of n payments, ten thousand to a batch.
func large(t testing.TB, n int) []byte {
	t.Helper()
	transfer := CreditTransfer{MessageID: "LARGE", Created: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), InitiatingParty: "Lasttest GmbH"}
	for done := 0; done < n; {
		batch := TransferBatch{PaymentInformationID: fmt.Sprintf("LARGE-%d", done), RequestedExecutionDate: calendar.Date{Year: 2026, Month: 11, Day: 5},
			Debtor: "Lasttest GmbH", DebtorAccount: "DE87200500001234567890", DebtorAgent: "BANKDEFFXXX"}
		for ; done < n && len(batch.Payments) < 10_000; done++ {
			batch.Payments = append(batch.Payments, Transfer{EndToEndID: fmt.Sprintf("E2E-%d", done), Amount: money.Amount{Minor: int64(done%99_999 + 1), Currency: "EUR"},
				Creditor: "Empfängerin Beispiel", CreditorAccount: "DE21500500009876543210", CreditorAgent: "PBNKDEFF370", Remittance: fmt.Sprintf("Gehalt November 2026, Personalnummer %d", done)})
		}
		transfer.Batches = append(transfer.Batches, batch)
	}
	var b bytes.Buffer
	if err := WriteCreditTransfer(&b, transfer); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// largeDebit is the same as a direct debit.
func largeDebit(t testing.TB, n int) []byte {
	t.Helper()
	day := calendar.Date{Year: 2026, Month: 11, Day: 5}
	debit := DirectDebit{MessageID: "LARGE", Created: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), InitiatingParty: "Lasttest GmbH", LocalInstrument: "CORE"}
	for done := 0; done < n; {
		batch := DebitBatch{PaymentInformationID: fmt.Sprintf("LARGE-%d", done), SequenceType: "RCUR", RequestedCollectionDate: day,
			Creditor: "Lasttest GmbH", CreditorAccount: "DE87200500001234567890", CreditorAgent: "BANKDEFFXXX", CreditorID: "DE98ZZZ09999999999"}
		for ; done < n && len(batch.Payments) < 10_000; done++ {
			batch.Payments = append(batch.Payments, Debit{EndToEndID: fmt.Sprintf("E2E-%d", done), Amount: money.Amount{Minor: int64(done%99_999 + 1), Currency: "EUR"},
				MandateID: fmt.Sprintf("MANDATE-%d", done), MandateSigned: day.AddDays(-done % 3000), Debtor: "Zahlerin Beispiel", DebtorAccount: "DE21500500009876543210", DebtorAgent: "PBNKDEFF370", Remittance: fmt.Sprintf("Beitrag November 2026, Mitglied %d", done)})
		}
		debit.Batches = append(debit.Batches, batch)
	}
	var b bytes.Buffer
	if err := WriteDirectDebit(&b, debit); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// kinds are the large documents by kind.
var kinds = []struct {
	kind  Kind
	large func(testing.TB, int) []byte
}{{KindCreditTransfer, large}, {KindDirectDebit, largeDebit}}

// heap fails the test when the live heap has grown by more than 4 MiB since its first
// call.
func heap(t testing.TB) func() {
	var most uint64
	return func() {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		if most == 0 {
			most = m.HeapAlloc + 4<<20
		}
		if m.HeapAlloc > most {
			t.Errorf("heap grew to %d bytes, allowed are %d", m.HeapAlloc, most)
		}
	}
}

// A file of any size passes in constant memory.
func TestReadUsesConstantMemory(t *testing.T) {
	for _, row := range kinds {
		t.Run(row.kind.String(), func(t *testing.T) {
			document, look, payments := row.large(t, 20_000), heap(t), 0
			m, findings, err := Read(bytes.NewReader(document), Options{}, Visitor{Payment: func(*Payment) error {
				if payments++; payments%5000 == 0 {
					look()
				}
				return nil
			}})
			if err != nil || len(findings) != 0 || payments != 20_000 || m.Kind != row.kind {
				t.Fatalf("%v %v %d", err, findings, payments)
			}
		})
	}
}

// The one allocation per payment is the string that is handed out; beside it the tables of two sets of identifications double five times.
func TestReadAllocatesOncePerPayment(t *testing.T) {
	for _, row := range kinds {
		t.Run(row.kind.String(), func(t *testing.T) {
			document := row.large(t, 5_000)
			visit := Visitor{Payment: func(*Payment) error { return nil }}
			n := testing.AllocsPerRun(3, func() {
				if _, _, err := Read(bytes.NewReader(document), Options{}, visit); err != nil {
					t.Fatal(err)
				}
			})
			if n > 5_000+2*5*tableCount+200 {
				t.Errorf("%.0f allocations for 5000 payments", n)
			}
		})
	}
}

// writeLargeStatus writes a report of n transactions in ten batches.
func writeLargeStatus(w io.Writer, n int) error {
	out := NewStatusWriter(w, StatusReport{MessageID: "ST", CreationDateTime: "2026-11-05T09:00:00+01:00", OriginalMessageID: "LARGE", OriginalMessageName: "pain.008.001.08", GroupStatus: StatusPART})
	for i := range n {
		if i%max(n/10, 1) == 0 {
			out.Batch(StatusBatch{OriginalPaymentInformationID: fmt.Sprintf("LARGE-%d", i), Status: StatusPART})
		}
		t := StatusTransaction{OriginalEndToEndID: fmt.Sprintf("E2E-%d", i), Status: StatusACSC, Amount: "12.34", Currency: "EUR", DebtorAccount: "DE21500500009876543210", CreditorAccount: "DE87200500001234567890"}
		if i%7 == 0 {
			t.Status, t.Reasons = StatusRJCT, []Reason{{Code: "MD01", Originator: "Sandbox"}}
		}
		out.Transaction(&t)
	}
	return out.Close()
}

// A report goes from the bank's writer to our reader without being whole anywhere.
func TestStatusOfAHundredThousandUsesConstantMemory(t *testing.T) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeLargeStatus(w, 100_000)) }()
	look, batches, transactions, rejected := heap(t), 0, 0, 0
	report, err := ReadStatus(r, xmlscan.Limits{}, StatusVisitor{
		Batch: func(*StatusBatch) error { batches++; return nil },
		Transaction: func(b *StatusBatch, x *StatusTransaction) error {
			if transactions++; transactions%20_000 == 0 {
				look()
			}
			if x.Status == StatusRJCT && x.Reasons[0].Code == "MD01" {
				rejected++
			}
			if want := fmt.Sprintf("E2E-%d", transactions-1); x.OriginalEndToEndID != want || b.Status != StatusPART {
				t.Errorf("transaction %s of batch %s, want %s", x.OriginalEndToEndID, b.OriginalPaymentInformationID, want)
			}
			return nil
		},
	})
	if err != nil || report.GroupStatus != StatusPART || batches != 10 || transactions != 100_000 || rejected != 14_286 {
		t.Errorf("%v: %d batches, %d transactions, %d rejected, %+v", err, batches, transactions, rejected, report)
	}
}

func BenchmarkRead(b *testing.B) {
	for _, row := range kinds {
		b.Run(row.kind.String(), func(b *testing.B) {
			document := row.large(b, 100_000)
			b.SetBytes(int64(len(document)))
			b.ReportAllocs()
			visit := Visitor{Payment: func(*Payment) error { return nil }}
			for b.Loop() {
				m, findings, err := Read(bytes.NewReader(document), Options{}, visit)
				if err != nil || m.Count != 100_000 || len(findings) != 0 {
					b.Fatalf("%v %d %v", err, m.Count, findings)
				}
			}
		})
	}
}

func BenchmarkReadStatus(b *testing.B) {
	var document bytes.Buffer
	if err := writeLargeStatus(&document, 100_000); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(document.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		_, err := ReadStatus(bytes.NewReader(document.Bytes()), xmlscan.Limits{}, StatusVisitor{Transaction: func(*StatusBatch, *StatusTransaction) error { n++; return nil }})
		if err != nil || n != 100_000 {
			b.Fatal(err, n)
		}
	}
}

func BenchmarkWriteStatus(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := writeLargeStatus(io.Discard, 100_000); err != nil {
			b.Fatal(err)
		}
	}
}
