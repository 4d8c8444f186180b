package cancellation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"kontor/iso20022/internal/emit"
	"kontor/xmlscan"
)

// both reads a document as either message; neither must panic. It returns the request's
// error.
func both(document []byte) error {
	_, _, err := readRequest(bytes.NewReader(document))
	_, other := readResolution(bytes.NewReader(document))
	if err != nil && other != nil {
		return err
	}
	return nil
}

// samples are small documents of both messages.
func samples(t testing.TB) [][]byte {
	q := valid()
	q.DeclaredCount = "2"
	q.Groups[0].Reasons = []Reason{{Code: "CUST", AdditionalInformation: []string{"Ärger & <Not>"}}}
	s := Resolution{Assignment: q.Assignment, Outcome: Outcome{Confirmation: ConfirmationPECR}, Groups: []ResolutionGroup{{Counts: []StatusCount{{Status: "ACCR", Count: "1"}},
		Original: q.Groups[0].Original, Batches: []ResolutionBatch{{OriginalPaymentInformationID: "B-1", Transactions: []ResolutionTransaction{{Status: StatusRJCR, Reasons: []Reason{{Code: "ARDT"}}}}}}}}}
	return [][]byte{written(t, q), writtenResolution(t, s)}
}

// A document that is cut short must not look complete.
func TestEveryTruncationIsAnError(t *testing.T) {
	for _, whole := range samples(t) {
		whole = bytes.TrimSpace(whole)
		for n := range len(whole) {
			if err := both(whole[:n]); err == nil {
				t.Fatalf("%d of %d bytes are read without error", n, len(whole))
			}
		}
		if err := both(whole); err != nil {
			t.Fatal(err)
		}
	}
}

func TestEveryChangeOfAByteIsSurvived(t *testing.T) {
	for _, whole := range samples(t) {
		failed := 0
		for i := range whole {
			for _, with := range []byte{0, '<', '>', '&', '/', '"', ' ', 'x', 0xFF} {
				changed := bytes.Clone(whole)
				changed[i] = with
				if both(changed) != nil {
					failed++
				}
			}
		}
		if failed == 0 || failed == 9*len(whole) {
			t.Errorf("%d of %d changed documents are errors", failed, 9*len(whole))
		}
	}
}

// A hostile document must not fill the memory with what may repeat, and what stands
// behind it is still read.
func TestRepeatedValuesAreLimited(t *testing.T) {
	many := func(text string) string { return strings.Repeat(text, 20_000) }
	line := "<AddtlInf>" + strings.Repeat("y", 90) + "</AddtlInf>"
	document := fmt.Sprintf(resolutionForm, `<Sts>`+many(`<RjctdMod><Cd>UM01</Cd></RjctdMod>`)+`<Conf>CNCL</Conf></Sts><CxlDtls><OrgnlGrpInfAndSts>`+
		`<CxlStsRsnInf>`+many(line)+`</CxlStsRsnInf>`+many(`<NbOfTxsPerCxlSts><DtldSts>ACCR</DtldSts></NbOfTxsPerCxlSts>`)+`<GrpCxlSts>PACR</GrpCxlSts></OrgnlGrpInfAndSts>`+
		`<OrgnlPmtInfAndSts>`+many(`<CxlStsRsnInf><Rsn><Cd>LEGL</Cd></Rsn></CxlStsRsnInf>`)+many(`<NbOfTxsPerCxlSts><DtldSts>ACCR</DtldSts></NbOfTxsPerCxlSts>`)+`<PmtInfCxlSts>RJCR</PmtInfCxlSts>`+
		`<TxInfAndSts>`+many(`<CxlStsRsnInf><Rsn><Cd>LEGL</Cd></Rsn></CxlStsRsnInf>`)+`<OrgnlInstdAmt Ccy="EUR">1</OrgnlInstdAmt></TxInfAndSts><TxInfAndSts><CxlStsRsnInf/></TxInfAndSts></OrgnlPmtInfAndSts></CxlDtls>`)
	s, err := readResolution(strings.NewReader(document))
	if err != nil {
		t.Fatal(err)
	}
	g := s.Groups[0]
	b := g.Batches[0]
	for name, n := range map[string]int{"modifications": len(s.Outcome.RejectedModifications), "lines": len(g.Reasons[0].AdditionalInformation), "reasons of the batch": len(b.Reasons), "reasons": len(b.Transactions[0].Reasons)} {
		if n < 500 || n > maxKept/100 {
			t.Errorf("%s: %d are kept", name, n)
		}
	}
	if len(g.Counts) > 0 || len(b.Counts) > 0 {
		t.Errorf("%d and %d counts are kept beyond the limit", len(g.Counts), len(b.Counts))
	}
	if s.Outcome.Confirmation != ConfirmationCNCL || g.Status != StatusPACR || b.Status != StatusRJCR || b.Transactions[0].Original.Amount != "1" || len(b.Transactions[1].Reasons) != 1 {
		t.Error("what stands behind dropped values is lost")
	}
}

// large writes a request of n transactions into a pipe.
func large(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		q := valid()
		q.DeclaredCount = fmt.Sprint(n)
		out := NewRequestWriter(w, &q)
		out.Group(&q.Groups[0])
		out.Batch(&q.Groups[0].Batches[0])
		x := q.Groups[0].Batches[0].Transactions[0]
		x.Reasons = []Reason{{Code: "DUPL", AdditionalInformation: []string{"paid twice"}}}
		for i := range n {
			x.Original.EndToEndID = fmt.Sprintf("E2E-%d", i)
			out.Transaction(&x)
		}
		w.CloseWithError(out.Close()) // nil is the end of the document
	}()
	return r
}

// A file of any size passes in constant memory.
func TestLargeRequestPassesInConstantMemory(t *testing.T) {
	const n = 100_000
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, count := heap(), 0
	_, totals, err := ReadRequest(large(n), xmlscan.Limits{}, RequestVisitor{Transaction: func(*RequestGroup, *RequestBatch, *RequestTransaction) error {
		if count++; count%25_000 == 0 {
			if now := heap(); now > before+2<<20 {
				t.Errorf("after %d transactions the heap has grown from %d to %d bytes", count, before, now)
			}
		}
		return nil
	}})
	if err != nil || count != n || totals.CompareCount() != Agrees || totals.Sum.String() != "1000000.00" {
		t.Errorf("%v, %d transactions, %+v", err, count, totals)
	}
}

func seeds(t testing.TB) [][]byte {
	list := samples(t)
	for seed := range uint64(5) {
		list = append(list, written(t, roll(seed).request()), writtenResolution(t, roll(seed).resolution()))
	}
	for _, s := range []string{"", "<Document/>", oldRequest("camt.055.001.01"), fmt.Sprintf(requestForm, "<Undrlyg><OrgnlPmtInfAndCxl><CxlRsnInf><Rsn><Cd/></Rsn></CxlRsnInf></OrgnlPmtInfAndCxl></Undrlyg>"),
		fmt.Sprintf(resolutionForm, "<Sts><RjctdMod/></Sts><CxlDtls><TxInfAndSts/><OrgnlPmtInfAndSts/></CxlDtls>")} {
		list = append(list, []byte(s))
	}
	return list
}

// What is read and can be written is read again as it was.
func FuzzRead(f *testing.F) {
	list := seeds(f)
	if len(list) < 15 {
		f.Fatal("seeds are missing")
	}
	for _, s := range list {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		if q, _, err := readRequest(bytes.NewReader(document)); err == nil {
			q.Version = ""
			var b, again bytes.Buffer
			if err := WriteRequest(&b, &q); refused(t, err) {
				return
			}
			q, _, err = readRequest(bytes.NewReader(b.Bytes()))
			if err == nil {
				err = WriteRequest(&again, &q)
			}
			if err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Fatalf("%v\n%s\n%s", err, b.Bytes(), again.Bytes())
			}
		}
		if s, err := readResolution(bytes.NewReader(document)); err == nil {
			s.Version = ""
			var b, again bytes.Buffer
			if err := WriteResolution(&b, &s); refused(t, err) {
				return
			}
			s, err = readResolution(bytes.NewReader(b.Bytes()))
			if err == nil {
				err = WriteResolution(&again, &s)
			}
			if err != nil || !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Fatalf("%v\n%s\n%s", err, b.Bytes(), again.Bytes())
			}
		}
	})
}

// refused says whether a document is one that may be read but not written; there is no
// other reason not to write into memory.
func refused(t *testing.T, err error) bool {
	if err == nil {
		return false
	}
	if !errors.Is(err, ErrContent) || errors.Is(err, emit.ErrCharacter) {
		t.Fatalf("what was read cannot be written: %v", err)
	}
	return true
}
