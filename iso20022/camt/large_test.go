package camt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"kontor/money"
)

// writeLarge writes a statement of n entries.
func writeLarge(w io.Writer, n int) error {
	s, entries := sample()
	out := NewStatementWriter(w, s)
	for i := range n {
		e := entries[0]
		e.Ordinal, e.Amount, e.EndToEndID = i, money.Amount{Minor: int64(i + 1), Currency: "EUR"}, fmt.Sprintf("E2E-%d", i)
		out.Entry(&e)
	}
	return out.Close()
}

// A statement goes from the bank's writer to our reader without being whole anywhere.
func TestStatementOfAHundredThousandUsesConstantMemory(t *testing.T) {
	const n = 100_000
	r, w := io.Pipe()
	go func() { w.CloseWithError(writeLarge(w, n)) }()
	var most uint64
	count, ends := 0, 0
	_, err := Read(r, Options{}, Visitor{Statement: func(s *Statement) error { ends += s.EntryCount; return nil }, Entry: func(e *Entry) error {
		if e.EndToEndID != fmt.Sprintf("E2E-%d", count) || e.Amount.Minor != int64(count+1) {
			t.Errorf("entry %d is %+v", count, e)
		}
		if count++; count%20_000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			if most == 0 {
				most = m.HeapAlloc + 4<<20
			}
			if m.HeapAlloc > most {
				t.Errorf("heap grew to %d bytes after %d entries", m.HeapAlloc, count)
			}
		}
		return nil
	}})
	if err != nil || count != n || ends != n {
		t.Errorf("%v: %d entries, the statement counts %d", err, count, ends)
	}
}

// One entry may book a hundred thousand transactions and show them all.
func TestEntryOfAHundredThousandTransactionsUsesConstantMemory(t *testing.T) {
	const n = 100_000
	r, w := io.Pipe()
	go func() {
		_, err := io.WriteString(w, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><NtryDtls>`)
		for i := 0; i < n && err == nil; i++ {
			_, err = fmt.Fprintf(w, `<TxDtls><Refs><MsgId>M</MsgId><EndToEndId>E2E-%d</EndToEndId></Refs><RmtInf><Ustrd>Beitrag von Mitglied %d</Ustrd></RmtInf></TxDtls>`, i, i)
		}
		if err == nil {
			_, err = io.WriteString(w, `</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`)
		}
		w.CloseWithError(err)
	}()
	live := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	_, err := Read(r, Options{}, Visitor{Entry: func(e *Entry) error {
		if e.Transactions != n || e.MessageID != "M" || e.EndToEndID != "" || e.Remittance != "" {
			t.Errorf("entry %+v", e)
		}
		if now := live(); now > before+4<<20 {
			t.Errorf("heap grew from %d to %d bytes", before, now)
		}
		return nil
	}})
	if err != nil {
		t.Error(err)
	}
}

func TestStatementWriterKeepsItsFirstError(t *testing.T) {
	full := errors.New("disk full")
	out := NewStatementWriter(failing{full}, func() Statement { s, _ := sample(); return s }())
	_, entries := sample()
	for range 1000 {
		out.Entry(&entries[0])
	}
	if err := out.Close(); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func BenchmarkRead(b *testing.B) {
	var document bytes.Buffer
	if err := writeLarge(&document, 100_000); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(document.Len()))
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if _, err := Read(bytes.NewReader(document.Bytes()), Options{}, Visitor{Entry: func(*Entry) error { n++; return nil }}); err != nil || n != 100_000 {
			b.Fatal(err, n)
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if err := writeLarge(io.Discard, 100_000); err != nil {
			b.Fatal(err)
		}
	}
}
