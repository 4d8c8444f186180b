package pain

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/iso20022/internal/sharedtest"
	"kontor/xmlscan"
)

// readStatus gathers the whole report.
func readStatus(r io.Reader) (StatusReport, error) {
	var batches []StatusBatch
	s, err := ReadStatus(r, xmlscan.Limits{}, StatusVisitor{
		Batch: func(b *StatusBatch) error { batches = append(batches, *b); return nil },
		Transaction: func(_ *StatusBatch, t *StatusTransaction) error {
			last := &batches[len(batches)-1]
			last.Transactions = append(last.Transactions, *t)
			return nil
		},
	})
	s.Batches = batches
	return s, err
}

func report(version string) StatusReport {
	return StatusReport{Version: version, MessageID: "ST-1", CreationDateTime: "2026-11-05T09:00:00+01:00", OriginalMessageID: "MSG-2026-1", OriginalMessageName: "pain.001.001.09", GroupStatus: StatusPART,
		GroupReasons: []Reason{{Proprietary: "some of it", Originator: "Sandbox & Bank"}},
		Batches: []StatusBatch{
			{OriginalPaymentInformationID: "B-1", Status: StatusACSC},
			{OriginalPaymentInformationID: "B-2", Status: StatusPART, Reasons: []Reason{{Code: "AC01", Originator: "PBNKDEFFXXX"}}, Transactions: []StatusTransaction{
				{OriginalInstructionID: "I-1", OriginalEndToEndID: "E-3", Status: StatusRJCT, Amount: "999999999.99", Currency: "EUR", DebtorAccount: "DE21500500001234567897", CreditorAccount: "NO9386011117947",
					Reasons: []Reason{{Code: "AC04", AdditionalInformation: []string{"account <closed>", "since 2025"}}, {Code: "MS03"}}},
				{OriginalEndToEndID: "E-4", Status: StatusACSC},
			}},
		}}
}

func TestStatusComesBackAndIsValid(t *testing.T) {
	for _, row := range []struct{ version, original string }{
		{"pain.002.001.03", "pain.001.001.03"}, {"pain.002.001.10", "pain.001.001.09"}, {"pain.002.001.03", "pain.008.001.02"}, {"pain.002.001.10", "pain.008.001.08"},
	} {
		t.Run(row.version+" about "+row.original, func(t *testing.T) {
			want := report(row.version)
			want.OriginalMessageName = row.original
			if strings.HasPrefix(row.original, "pain.008") {
				want.Batches[1].Transactions[0].MandateID = "M-1"
				want.Batches[1].Transactions[1].MandateID = "M-2"
			}
			var b bytes.Buffer
			if err := WriteStatus(&b, want); err != nil {
				t.Fatal(err)
			}
			got, err := readStatus(bytes.NewReader(b.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			sharedtest.MustValidate(t, row.version+".xsd", b.Bytes())
		})
	}
	if err := WriteStatus(&bytes.Buffer{}, report("pain.002.001.99")); !errors.Is(err, ErrContent) {
		t.Errorf("unknown version: %v", err)
	}
}

// A visitor sees the report before its batches and each batch before its transactions,
// complete.
func TestStatusIsHandedOutInOrder(t *testing.T) {
	var b bytes.Buffer
	if err := WriteStatus(&b, report("")); err != nil {
		t.Fatal(err)
	}
	var seen []string
	_, err := ReadStatus(&b, xmlscan.Limits{}, StatusVisitor{
		Report: func(r *StatusReport) error {
			seen = append(seen, string(r.GroupStatus)+" "+r.GroupReasons[0].Proprietary)
			return nil
		},
		Batch: func(b *StatusBatch) error {
			seen = append(seen, fmt.Sprintf("%s %s %d", b.OriginalPaymentInformationID, b.Status, len(b.Reasons)))
			return nil
		},
		Transaction: func(b *StatusBatch, x *StatusTransaction) error {
			seen = append(seen, fmt.Sprintf("%s %s %s %d", b.OriginalPaymentInformationID, x.OriginalEndToEndID, x.Status, len(x.Reasons)))
			return nil
		},
	})
	want := []string{"PART some of it", "B-1 ACSC 0", "B-2 PART 1", "B-2 E-3 RJCT 2", "B-2 E-4 ACSC 0"}
	if diff := cmp.Diff(want, seen); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

func TestStatusWithoutBatchIsHandedOutOnce(t *testing.T) {
	var b bytes.Buffer
	if err := WriteStatus(&b, StatusReport{MessageID: "S", CreationDateTime: "2026-11-05T09:00:00", OriginalMessageID: "M", OriginalMessageName: "pain.008.001.02", GroupStatus: StatusRJCT}); err != nil {
		t.Fatal(err)
	}
	count := 0
	got, err := ReadStatus(&b, xmlscan.Limits{}, StatusVisitor{Report: func(r *StatusReport) error {
		if count++; r.GroupStatus != StatusRJCT || r.OriginalMessageName != "pain.008.001.02" {
			t.Errorf("%+v", r)
		}
		return nil
	}})
	if err != nil || count != 1 || got.GroupStatus != StatusRJCT {
		t.Errorf("%d times: %+v %v", count, got, err)
	}
}

// What was handed out would have been judged without it.
func TestStatementsThatComeTooLateAreUnreadable(t *testing.T) {
	for name, body := range map[string]string{
		"group status after a batch":           `<OrgnlPmtInfAndSts/><OrgnlGrpInfAndSts><GrpSts>ACSC</GrpSts></OrgnlGrpInfAndSts>`,
		"group header after a batch":           `<OrgnlPmtInfAndSts/><GrpHdr><MsgId>M</MsgId></GrpHdr>`,
		"batch status after a transaction":     `<OrgnlPmtInfAndSts><TxInfAndSts/><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>`,
		"batch reason after a transaction":     `<OrgnlPmtInfAndSts><TxInfAndSts/><StsRsnInf/></OrgnlPmtInfAndSts>`,
		"batch's identification after its own": `<OrgnlPmtInfAndSts><TxInfAndSts/><OrgnlPmtInfId>B</OrgnlPmtInfId></OrgnlPmtInfAndSts>`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadStatus(strings.NewReader(`<Document><CstmrPmtStsRpt>`+body+`</CstmrPmtStsRpt></Document>`), xmlscan.Limits{}, StatusVisitor{})
			if unreadable, ok := errors.AsType[*UnreadableError](err); !ok || unreadable.At.Line != 1 {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestStatusVisitorErrorsComeThrough(t *testing.T) {
	var b bytes.Buffer
	if err := WriteStatus(&b, report("")); err != nil {
		t.Fatal(err)
	}
	full := errors.New("disk full")
	for name, v := range map[string]StatusVisitor{
		"report":      {Report: func(*StatusReport) error { return full }},
		"batch":       {Batch: func(*StatusBatch) error { return full }},
		"transaction": {Transaction: func(*StatusBatch, *StatusTransaction) error { return full }},
	} {
		if _, err := ReadStatus(bytes.NewReader(b.Bytes()), xmlscan.Limits{}, v); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A hostile report must not fill the memory with reasons.
func TestReasonsAreLimited(t *testing.T) {
	many := strings.Repeat(`<StsRsnInf><Rsn><Cd>AC01</Cd></Rsn>`+strings.Repeat("<AddtlInf>x</AddtlInf>", 2)+`</StsRsnInf>`, maxReasons+5)
	lines := `<StsRsnInf>` + strings.Repeat("<AddtlInf>x</AddtlInf>", maxReasons+5) + `</StsRsnInf>`
	got, err := readStatus(strings.NewReader(`<Document><CstmrPmtStsRpt><OrgnlGrpInfAndSts>` + lines + `</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>` + many + `</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`))
	if err != nil || len(got.Batches) != 1 || len(got.Batches[0].Reasons) != maxReasons || len(got.GroupReasons[0].AdditionalInformation) != maxReasons {
		t.Fatalf("%v, %d batches", err, len(got.Batches))
	}
	if last := got.Batches[0].Reasons[maxReasons-1]; len(last.AdditionalInformation) != 2 {
		t.Errorf("the last reason took what belongs to dropped ones: %+v", last)
	}
}

func TestTransactionBeforeABatchIsNotWritten(t *testing.T) {
	out := NewStatusWriter(&bytes.Buffer{}, report(""))
	out.Transaction(&StatusTransaction{})
	out.Batch(StatusBatch{})
	if err := out.Close(); !errors.Is(err, ErrContent) {
		t.Errorf("got %v", err)
	}
}

func TestReadStatusIsLenientButNotBlind(t *testing.T) {
	unknown := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.14"><CstmrPmtStsRpt><New/><GrpHdr><MsgId> M </MsgId></GrpHdr><OrgnlPmtInfAndSts><TxInfAndSts><TxSts>NEWS</TxSts><New><TxSts>X</TxSts></New></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`
	got, err := readStatus(strings.NewReader(unknown))
	if err != nil || got.Version != "pain.002.001.14" || got.MessageID != "M" || len(got.Batches) != 1 || got.Batches[0].Transactions[0].Status != "NEWS" {
		t.Errorf("%+v %v", got, err)
	}
	var unreadable *UnreadableError
	for _, document := range []string{base, "<Document/>", "<CstmrPmtStsRpt/>", `<Document><CstmrPmtStsRpt/><Other/></Document>`} {
		if _, err := readStatus(strings.NewReader(document)); !errors.As(err, &unreadable) {
			t.Errorf("%.40s: %v", document, err)
		}
	}
	var syntax *xmlscan.SyntaxError
	if _, err := readStatus(strings.NewReader(unknown[:200])); !errors.As(err, &syntax) {
		t.Errorf("truncated: %v", err)
	}
}

var statusSeeds = func() []string {
	var list []string
	for _, version := range []string{"pain.002.001.03", "pain.002.001.10"} {
		var b bytes.Buffer
		if err := WriteStatus(&b, report(version)); err == nil {
			list = append(list, b.String(), b.String()[:b.Len()/2])
		}
	}
	return append(list, "", "<Document/>", `<Document><CstmrPmtStsRpt><OrgnlPmtInfAndSts><StsRsnInf><Rsn><Cd/></Rsn></StsRsnInf></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`)
}()

func FuzzReadStatus(f *testing.F) {
	if len(statusSeeds) < 5 {
		f.Fatal("seeds are missing")
	}
	for _, s := range statusSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		s, err := readStatus(bytes.NewReader(document))
		if err != nil {
			return
		}
		s.Version = ""
		if err := WriteStatus(&bytes.Buffer{}, s); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
