package cancellation

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/iso20022/internal/sharedtest"
	"kontor/iso20022/internal/walk"
	"kontor/xmlscan"
)

// What is written keeps its schema and is read back as it was.
func TestRandomMessagesComeBackAndKeepTheirSchema(t *testing.T) {
	for seed := range uint64(200) {
		q := roll(seed).request()
		document := written(t, q)
		mustKeepSchema(t, requestVersion, document)
		if got, _, err := readRequest(bytes.NewReader(document)); err != nil || !cmp.Equal(q, got) {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, cmp.Diff(q, got), document)
		}
		s := roll(seed).resolution()
		document = writtenResolution(t, s)
		mustKeepSchema(t, resolutionVersion, document)
		if got, err := readResolution(bytes.NewReader(document)); err != nil || !cmp.Equal(s, got) {
			t.Fatalf("seed %d: %v\n%s\n%s", seed, err, cmp.Diff(s, got), document)
		}
	}
}

// xmllint is the witness that our own schema check is not blind.
func TestRandomMessagesKeepTheOfficialSchema(t *testing.T) {
	for seed := range uint64(15) {
		sharedtest.MustValidate(t, requestVersion+".xsd", written(t, roll(seed).request()))
		sharedtest.MustValidate(t, resolutionVersion+".xsd", writtenResolution(t, roll(seed).resolution()))
	}
}

func oldRequest(version string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:` + version + `"><CstmrPmtCxlReq>
<Assgnmt><Id> A-1 </Id><Assgnr><Pty><Nm>Beispiel GmbH</Nm><Id><OrgId><BICOrBEI>BANKDEFF</BICOrBEI></OrgId></Id></Pty></Assgnr><Assgne><Agt><FinInstnId><BIC>BANKDEFFXXX</BIC></FinInstnId></Agt></Assgne><CreDtTm>2026-11-05T09:00:00</CreDtTm></Assgnmt>
<Case><Id>C-1</Id><Cretr><Pty><Id><PrvtId><Othr><Id>P-1</Id></Othr><Othr><Id>P-2</Id></Othr></PrvtId></Id></Pty></Cretr></Case>
<CtrlData><NbOfTxs>1</NbOfTxs><CtrlSum>10</CtrlSum></CtrlData>
<Undrlyg><OrgnlPmtInfAndCxl><OrgnlPmtInfId>B-1</OrgnlPmtInfId><OrgnlGrpInf><OrgnlMsgId>M-1</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId></OrgnlGrpInf><PmtInfCxl>0</PmtInfCxl>
<TxInf><OrgnlEndToEndId>E-1</OrgnlEndToEndId><OrgnlReqdExctnDt>2026-11-06</OrgnlReqdExctnDt><New><OrgnlInstdAmt Ccy="XXX">9</OrgnlInstdAmt></New><CxlRsnInf><Rsn><Cd>DUPL</Cd></Rsn></CxlRsnInf><OrgnlTxRef><Amt><InstdAmt Ccy="EUR">10.00</InstdAmt></Amt><ReqdColltnDt>2026-11-07</ReqdColltnDt><MndtRltdInf><MndtId>MA-1</MndtId></MndtRltdInf></OrgnlTxRef></TxInf>
</OrgnlPmtInfAndCxl></Undrlyg></CstmrPmtCxlReq></Document>`
}

func TestOtherVersionsOfARequestAreReadByStructure(t *testing.T) {
	for _, version := range []string{"camt.055.001.01", "camt.055.001.05", "camt.055.001.08", "camt.055.001.12"} {
		t.Run(version, func(t *testing.T) {
			want := Request{Version: version, DeclaredCount: "1", DeclaredSum: "10",
				Assignment: Assignment{ID: "A-1", Assigner: Party{Name: "Beispiel GmbH", BIC: "BANKDEFF"}, Assignee: Party{Agent: true, BIC: "BANKDEFFXXX"}, CreationDateTime: "2026-11-05T09:00:00"},
				Case:       Case{ID: "C-1", Creator: Party{Identification: "P-1"}},
				Groups: []RequestGroup{{Batches: []RequestBatch{{OriginalPaymentInformationID: "B-1", Original: OriginalMessage{ID: "M-1", Name: "pain.008.001.02"}, Cancel: No,
					Transactions: []RequestTransaction{{Reasons: []Reason{{Code: "DUPL"}},
						Original: OriginalTransaction{EndToEndID: "E-1", Amount: "10.00", Currency: "EUR", RequestedExecutionDate: "2026-11-06", RequestedCollectionDate: "2026-11-07", MandateID: "MA-1"}}}}}}}}
			got, totals, err := readRequest(strings.NewReader(oldRequest(version)))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
			if totals.CompareCount() != Agrees || totals.CompareSum() != Agrees {
				t.Errorf("%+v", totals)
			}
		})
	}
}

func TestOtherVersionsOfAResolutionAreReadByStructure(t *testing.T) {
	const form = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:%s"><RsltnOfInvstgtn><Assgnmt><Id>R-1</Id></Assgnmt><RslvdCase><Id>C-1</Id></RslvdCase><Sts>%s</Sts>
<CxlDtls><TxInfAndSts><OrgnlGrpInf><OrgnlMsgId>M-1</OrgnlMsgId></OrgnlGrpInf><OrgnlTxId>T-1</OrgnlTxId><TxCxlSts>RJCR</TxCxlSts><OrgnlIntrBkSttlmAmt Ccy="EUR">9.50</OrgnlIntrBkSttlmAmt></TxInfAndSts></CxlDtls>
<ModDtls><OrgnlEndToEndId>no part of it</OrgnlEndToEndId></ModDtls></RsltnOfInvstgtn></Document>`
	for _, row := range []struct {
		version, status string
		want            Outcome
	}{
		{"camt.029.001.03", "<Conf>RJCR</Conf>", Outcome{Confirmation: ConfirmationRJCR}},
		{"camt.029.001.03", "<RjctdMod>UM01</RjctdMod>", Outcome{RejectedModifications: []Reason{{Code: "UM01"}}}},
		{"camt.029.001.06", "<Conf>PDCR</Conf>", Outcome{Confirmation: ConfirmationPDCR}},
		{"camt.029.001.09", "<AssgnmtCxlConf>1</AssgnmtCxlConf>", Outcome{AssignmentCancelled: Yes}},
		{"camt.029.001.13", "<Conf>NEWS</Conf>", Outcome{Confirmation: "NEWS"}},
		{"camt.029.001.13", "<RjctdMod><Prtry>no</Prtry></RjctdMod><RjctdMod><Cd>UM02</Cd></RjctdMod>", Outcome{RejectedModifications: []Reason{{Proprietary: "no"}, {Code: "UM02"}}}},
	} {
		t.Run(row.version+" "+row.status, func(t *testing.T) {
			want := Resolution{Version: row.version, Assignment: Assignment{ID: "R-1"}, Case: Case{ID: "C-1"}, Outcome: row.want,
				Groups: []ResolutionGroup{{Transactions: []ResolutionTransaction{{OriginalMessage: OriginalMessage{ID: "M-1"}, OriginalTransactionID: "T-1", Status: StatusRJCR}}}}}
			got, err := readResolution(strings.NewReader(fmt.Sprintf(form, row.version, row.status)))
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Error(err, diff)
			}
		})
	}
}

// OrgnlTxRef repeats the original payment; what the transaction itself says counts.
func TestTransactionsOwnValuesComeFirst(t *testing.T) {
	q, _, err := readRequest(strings.NewReader(fmt.Sprintf(requestForm, `<Undrlyg><OrgnlPmtInfAndCxl><TxInf><OrgnlInstdAmt Ccy="EUR">1</OrgnlInstdAmt><OrgnlReqdExctnDt><Dt>2026-11-06</Dt></OrgnlReqdExctnDt><OrgnlReqdColltnDt>2026-11-07</OrgnlReqdColltnDt>`+
		`<OrgnlTxRef><IntrBkSttlmAmt Ccy="USD">3</IntrBkSttlmAmt><Amt><InstdAmt Ccy="SEK">2</InstdAmt></Amt><ReqdColltnDt>2027-01-01</ReqdColltnDt><ReqdExctnDt><Dt>2027-01-02</Dt></ReqdExctnDt></OrgnlTxRef></TxInf></OrgnlPmtInfAndCxl></Undrlyg>`)))
	if err != nil {
		t.Fatal(err)
	}
	want := OriginalTransaction{Amount: "1", Currency: "EUR", RequestedExecutionDate: "2026-11-06", RequestedCollectionDate: "2026-11-07"}
	if diff := cmp.Diff(want, q.Groups[0].Batches[0].Transactions[0].Original); diff != "" {
		t.Error(diff)
	}
}

// A visitor sees the message before its groups, a group before its batches and a batch
// before its transactions, complete.
func TestPartsAreHandedOutInOrder(t *testing.T) {
	q := roll(1).request()
	q.Assignment.ID = "A-1"
	q.Groups = []RequestGroup{
		{Original: OriginalMessage{ID: "M-1", Name: "pain.001"}, Cancel: Yes, Reasons: []Reason{{Code: "CUST"}}},
		{Batches: []RequestBatch{{OriginalPaymentInformationID: "B-1", Cancel: Yes}, {OriginalPaymentInformationID: "B-2", Reasons: []Reason{{Code: "DUPL"}}, Transactions: []RequestTransaction{{CancellationID: "T-1"}, {CancellationID: "T-2"}}}}},
	}
	var seen []string
	see := func(format string, a ...any) error { seen = append(seen, fmt.Sprintf(format, a...)); return nil }
	_, _, err := ReadRequest(bytes.NewReader(written(t, q)), xmlscan.Limits{}, RequestVisitor{
		Request: func(q *Request) error { return see("request %s", q.Assignment.ID) },
		Group: func(g *RequestGroup) error {
			return see("group %s %v %d reasons", g.Original.ID, g.Cancel, len(g.Reasons))
		},
		Batch: func(g *RequestGroup, b *RequestBatch) error {
			return see("batch %s/%s %v %d reasons", g.Original.ID, b.OriginalPaymentInformationID, b.Cancel, len(b.Reasons))
		},
		Transaction: func(_ *RequestGroup, b *RequestBatch, x *RequestTransaction) error {
			return see("transaction %s/%s", b.OriginalPaymentInformationID, x.CancellationID)
		},
	})
	want := []string{"request A-1", "group M-1 true 1 reasons", "group   0 reasons", "batch /B-1 true 0 reasons", "batch /B-2  1 reasons", "transaction B-2/T-1", "transaction B-2/T-2"}
	if diff := cmp.Diff(want, seen); err != nil || diff != "" {
		t.Error(err, diff)
	}
}

// A message that says nothing about payments is handed out too.
func TestResolutionWithoutDetailsIsHandedOutOnce(t *testing.T) {
	s := roll(1).resolution()
	s.Groups, s.Outcome = nil, Outcome{Confirmation: ConfirmationCNCL}
	times := 0
	got, err := ReadResolution(bytes.NewReader(writtenResolution(t, s)), xmlscan.Limits{}, ResolutionVisitor{
		Resolution: func(r *Resolution) error {
			if times++; r.Outcome.Confirmation != ConfirmationCNCL {
				t.Errorf("%+v", r.Outcome)
			}
			return nil
		},
	})
	if err != nil || times != 1 || !cmp.Equal(s, got) {
		t.Errorf("%d times, %v, %s", times, err, cmp.Diff(s, got))
	}
}

var (
	requestForm    = "<Document><CstmrPmtCxlReq>%s</CstmrPmtCxlReq></Document>"
	resolutionForm = "<Document><RsltnOfInvstgtn>%s</RsltnOfInvstgtn></Document>"
)

// What was handed out would have been judged without it.
func TestStatementsThatComeTooLateAreUnreadable(t *testing.T) {
	for name, document := range map[string]string{
		"another message":                         `<Document><FIToFIPmtCxlReq/></Document>`,
		"no message":                              `<Document/>`,
		"no document":                             `<CstmrPmtCxlReq/>`,
		"two messages":                            `<Document><CstmrPmtCxlReq/><CstmrPmtCxlReq/></Document>`,
		"declared totals after a group":           fmt.Sprintf(requestForm, `<Undrlyg/><CtrlData><NbOfTxs>1</NbOfTxs></CtrlData>`),
		"assignment after a group":                fmt.Sprintf(requestForm, `<Undrlyg/><Assgnmt/>`),
		"message's indicator after a batch":       fmt.Sprintf(requestForm, `<Undrlyg><OrgnlPmtInfAndCxl/><OrgnlGrpInfAndCxl><GrpCxl>true</GrpCxl></OrgnlGrpInfAndCxl></Undrlyg>`),
		"message's indicator twice":               fmt.Sprintf(requestForm, `<Undrlyg><OrgnlGrpInfAndCxl/><OrgnlGrpInfAndCxl/></Undrlyg>`),
		"batch's indicator after its transaction": fmt.Sprintf(requestForm, `<Undrlyg><OrgnlPmtInfAndCxl><TxInf/><PmtInfCxl>true</PmtInfCxl></OrgnlPmtInfAndCxl></Undrlyg>`),
		"batch's reason after its transaction":    fmt.Sprintf(requestForm, `<Undrlyg><OrgnlPmtInfAndCxl><TxInf/><CxlRsnInf/></OrgnlPmtInfAndCxl></Undrlyg>`),
		"a request's name where its answer is":    fmt.Sprintf(resolutionForm, ``),
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readRequest(strings.NewReader(document))
			if unreadable, ok := errors.AsType[*UnreadableError](err); !ok || unreadable.At.Line != 1 {
				t.Errorf("got %v", err)
			}
		})
	}
	for name, body := range map[string]string{
		"outcome after details":                `<CxlDtls/><Sts><Conf>CNCL</Conf></Sts>`,
		"group's status after a transaction":   `<CxlDtls><TxInfAndSts/><OrgnlGrpInfAndSts/></CxlDtls>`,
		"batch's status after its transaction": `<CxlDtls><OrgnlPmtInfAndSts><TxInfAndSts/><PmtInfCxlSts>ACCR</PmtInfCxlSts></OrgnlPmtInfAndSts></CxlDtls>`,
		"batch's counts after its transaction": `<CxlDtls><OrgnlPmtInfAndSts><TxInfAndSts/><NbOfTxsPerCxlSts/></OrgnlPmtInfAndSts></CxlDtls>`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readResolution(strings.NewReader(fmt.Sprintf(resolutionForm, body)))
			if _, ok := errors.AsType[*UnreadableError](err); !ok {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What the list of a batch's elements lacks would be dropped silently when it comes late.
func TestListsOfLateStatementsAreComplete(t *testing.T) {
	for _, n := range []*names{&requestNames, &resolutionNames} {
		prefix, seen := "Document/"+n.root+"/"+n.underlying+"/"+n.batch+"/", 0
		start := func(c *walk.Cursor) error {
			name, ok := strings.CutPrefix(string(c.Path()), prefix)
			if !ok || strings.Contains(name, "/") || name == n.transaction {
				return nil
			}
			if seen++; !slices.Contains(n.ofBatch, name) {
				t.Errorf("%s of %s is not in the list", name, n.batch)
			}
			return nil
		}
		for seed := range uint64(50) {
			document := written(t, roll(seed).request())
			if n == &resolutionNames {
				document = writtenResolution(t, roll(seed).resolution())
			}
			if err := walk.Walk(bytes.NewReader(document), xmlscan.Limits{}, walk.Handler{Start: start, End: func(*walk.Cursor) error { return nil }}); err != nil {
				t.Fatal(err)
			}
		}
		if seen < 10*len(n.ofBatch) {
			t.Errorf("only %d elements of %s were met", seen, n.batch)
		}
	}
}

func TestVisitorErrorsComeThrough(t *testing.T) {
	full := errors.New("disk full")
	q := []byte(oldRequest("camt.055.001.08"))
	for name, v := range map[string]RequestVisitor{
		"request":     {Request: func(*Request) error { return full }},
		"group":       {Group: func(*RequestGroup) error { return full }},
		"batch":       {Batch: func(*RequestGroup, *RequestBatch) error { return full }},
		"transaction": {Transaction: func(*RequestGroup, *RequestBatch, *RequestTransaction) error { return full }},
	} {
		if _, _, err := ReadRequest(bytes.NewReader(q), xmlscan.Limits{}, v); !errors.Is(err, full) {
			t.Errorf("%s of a request: %v", name, err)
		}
	}
	s := fmt.Sprintf(resolutionForm, "<CxlDtls><OrgnlPmtInfAndSts><TxInfAndSts/></OrgnlPmtInfAndSts></CxlDtls>")
	for name, v := range map[string]ResolutionVisitor{
		"resolution":  {Resolution: func(*Resolution) error { return full }},
		"group":       {Group: func(*ResolutionGroup) error { return full }},
		"batch":       {Batch: func(*ResolutionGroup, *ResolutionBatch) error { return full }},
		"transaction": {Transaction: func(*ResolutionGroup, *ResolutionBatch, *ResolutionTransaction) error { return full }},
	} {
		if _, err := ReadResolution(strings.NewReader(s), xmlscan.Limits{}, v); !errors.Is(err, full) {
			t.Errorf("%s of a resolution: %v", name, err)
		}
	}
}
