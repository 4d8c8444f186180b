package bank

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/account"
	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/xmlscan"
)

// The whole life of an order over HTTPS: key ceremony, upload, release by two,
// protocol, status report, statement.
func TestOrderGoesThroughItsWholeLife(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	state := bank.state()
	debtor := state.Accounts[0]
	holder := string(debtor.HolderPartner)
	inHouse := state.Accounts[slices.IndexFunc(state.Accounts, func(a accountView) bool { return a.HolderPartner != debtor.HolderPartner })]
	data := order(t, "LIFE1",
		pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(10_000, iban("0000000001")), pay(250, inHouse.IBAN), pay(777, iban("0000000404"))}},
		pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(5_005, iban("0000000002"))}},
		pain.TransferBatch{DebtorAccount: debtor.IBAN, Payments: []pain.Transfer{pay(1, iban("1111100404"))}},
	)
	sent, err := upload(t, c, ebics.AttributeOrder, data, 0)
	if err != nil {
		t.Fatal(err)
	}
	if sent.OrderID != "A001" {
		t.Errorf("order id %s, want A001", sent.OrderID)
	}
	lines, _ := protocol(t, c)
	if diff := cmp.Diff([]string{"FILE_UPLOAD TS01 KONTORT1", "ES_VERIFICATION DS01 KONTORT1", "VEU_FORWARDING DS06 KONTORT1"}, lines); diff != "" {
		t.Error(diff)
	}
	if lines, _ := protocol(t, c); lines != nil {
		t.Errorf("a fetched protocol is offered again: %v", lines)
	}

	release := func(user string) (int, string) {
		return bank.call("POST", "/orders/KONTOR/A001/release", `{"userId":"`+user+`"}`)
	}
	refused := func(body, code string) {
		t.Helper()
		if status, text := bank.call("POST", "/orders/KONTOR/A001/release", body); status != http.StatusConflict || !strings.Contains(text, `"code":"`+code+`"`) {
			t.Errorf("%s: %d %s, want 409 with %s", body, status, text, code)
		}
	}
	refused(`{"userId":"KONTORT1"}`, "090003")
	refused(`{"userId":"`+string(inHouse.HolderPartner)+`E1","partnerId":"`+string(inHouse.HolderPartner)+`"}`, "090003")
	if status, text := release(holder + "B1"); status != http.StatusOK || !strings.Contains(text, `"state":"waiting"`) || !strings.Contains(text, `"complete":false`) {
		t.Fatalf("first signature: %d %s", status, text)
	}
	refused(`{"userId":"`+holder+`B1"}`, "091306")
	refused(`{"userId":"`+holder+`B2"}`, "091305")
	if debtor.Balance != bank.account(debtor.IBAN).Balance {
		t.Error("money moved before the release")
	}
	if status, text := release(holder + "A1"); status != http.StatusOK || !strings.Contains(text, `"state":"executed"`) || !strings.Contains(text, `"complete":true`) {
		t.Fatalf("second signature: %d %s", status, text)
	}
	refused(`{"userId":"`+holder+`A2"}`, "091114")

	lines, events := protocol(t, c)
	if diff := cmp.Diff([]string{"VEU_VERIFICATION DS01 " + holder + "B1", "VEU_VERIFICATION DS01 " + holder + "A1", "VEU_VERIFICATION_END DS05 " + holder + "A1", "ORDER_HAC_FINAL_POS"}, lines); diff != "" {
		t.Error(diff)
	}
	final := events[len(events)-1]
	if diff := cmp.Diff([]string{"Datei-ID : LIFE1", "Anzahl : 5", "Summe : 160.33", "Sammlerreferenz : LIFE1-P1", "Sammlerreferenz : LIFE1-P2", "Sammlerreferenz : LIFE1-P3"}, final.AdditionalInformation); diff != "" || final.PartnerID != BureauPartner || final.OrderID != "A001" {
		t.Error(final.PartnerID, final.OrderID, diff)
	}
	for i := 1; i < len(events); i++ {
		if !events[i].Timestamp.After(events[i-1].Timestamp) {
			t.Error("two events have the same time")
		}
	}

	checkStatus(t, c, "pain.002.001.10", "LIFE1-P1 PART: ACSC ACSC RJCT AC01 · LIFE1-P2 ACSC: ACSC · LIFE1-P3 RJCT: RJCT AC01")
	if got := bank.account(inHouse.IBAN); got.Balance != plus(t, inHouse.Balance, 250) {
		t.Errorf("creditor at this bank has %s", got.Balance)
	}
	if _, err := fetch(t, c, ebics.C53, true); !errors.Is(err, client.ErrNoData) {
		t.Errorf("statement before the day has ended: %v", err)
	}
	bank.must("POST", "/credits", fmt.Sprintf(`{"iban":%q,"amount":"12.50","name":"Kunde","remittance":"Danke"}`, debtor.IBAN), nil)
	if day := bank.advance("1"); day != "2026-03-03" {
		t.Errorf("business date %s", day)
	}
	checkStatements(t, bank, c, debtor, []string{
		"DBIT 102.50 LIFE1 LIFE1-P1  2", "DBIT 50.05 LIFE1 LIFE1-P2 LIFE1-E2a 1", "CRDT 12.50    1",
	})
	checkLog(t, bank)
}

// checkStatus fetches the one status report on a credit transfer and compares
// "batch status: transactions".
func checkStatus(t *testing.T, c *client.Client, version, want string) {
	t.Helper()
	checkReport(t, c, ebics.CRZ, version, "PART", want)
}

func checkReport(t *testing.T, c *client.Client, order ebics.OrderType, version, group, want string) {
	t.Helper()
	files := archive(t, c, order)
	if len(files) != 1 {
		t.Fatalf("%d status reports", len(files))
	}
	for name, content := range files {
		validate(t, version, content)
		var got []string
		report, err := pain.ReadStatus(bytes.NewReader(content), xmlscan.Limits{}, pain.StatusVisitor{
			Batch: func(b *pain.StatusBatch) error {
				got = append(got, b.OriginalPaymentInformationID+" "+string(b.Status)+":")
				return nil
			},
			Transaction: func(_ *pain.StatusBatch, x *pain.StatusTransaction) error {
				got[len(got)-1] += " " + string(x.Status)
				for _, r := range x.Reasons {
					got[len(got)-1] += " " + r.Code
				}
				return nil
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if joined := strings.Join(got, " · "); joined != want || string(report.GroupStatus) != group || report.Version != version {
			t.Errorf("%s: %s %s %s, want %s %s", name, report.Version, report.GroupStatus, joined, group, want)
		}
	}
}

// checkStatements fetches the statements of all accounts and looks at one.
func checkStatements(t *testing.T, bank *running, c *client.Client, a accountView, want []string) {
	t.Helper()
	files := archive(t, c, ebics.C53)
	if len(files) != len(bank.state().Accounts) {
		t.Errorf("%d statements, want one per account", len(files))
	}
	name := fmt.Sprintf("2026-03-02_C53_%s_EUR_000001.xml", a.IBAN)
	content, ok := files[name]
	if !ok {
		t.Fatalf("no %s", name)
	}
	statement, got := readStatement(t, content, func(e *camt.Entry, direction string) string {
		return fmt.Sprintf("%s %s %s %s %s %d", direction, e.Amount.Decimal(), e.MessageID, e.PaymentInformationID, e.EndToEndID, e.Transactions)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if statement.Balances[0].Amount.Decimal() != a.Balance || statement.Balances[1].Amount.Decimal() != bank.account(a.IBAN).Balance {
		t.Errorf("balances %v", statement.Balances)
	}
	if statement.IBAN != string(a.IBAN) || statement.SequenceNumber != "1" {
		t.Errorf("statement %s of %s", statement.SequenceNumber, statement.IBAN)
	}
}

// readCamt hands out the statements and entries of a document that keeps its schema and adds up.
func readCamt(content []byte, statement func(*camt.Statement) error, entry func(*camt.Entry) error) error {
	findings, err := camt.Read(bytes.NewReader(content), camt.Options{}, camt.Visitor{Statement: statement, Entry: entry})
	if err == nil && len(findings) > 0 {
		err = fmt.Errorf("findings: %v", findings)
	}
	return err
}

// readStatement shows the entries of a valid statement that adds up.
func readStatement(t *testing.T, content []byte, show func(e *camt.Entry, direction string) string) (statement camt.Statement, got []string) {
	t.Helper()
	validate(t, "camt.053.001.08", content)
	sum := euro(0)
	if err := readCamt(content, func(s *camt.Statement) error { statement = *s; return nil }, func(e *camt.Entry) error {
		direction, move := "CRDT", e.Amount
		if !e.Credit {
			direction, move.Minor = "DBIT", -move.Minor
		}
		var err error
		sum, err = sum.Add(move)
		got = append(got, show(e, direction))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if len(statement.Balances) != 2 || statement.Balances[0].Amount.Minor+sum.Minor != statement.Balances[1].Amount.Minor {
		t.Errorf("balances %v do not add up with %s", statement.Balances, sum)
	}
	return statement, got
}

// checkLog expects every transaction of the life above, all finished.
func checkLog(t *testing.T, bank *running) {
	t.Helper()
	uploads := 0
	for _, l := range bank.log() {
		noData := l.ReturnCode == ebics.NoDownloadDataAvailable && l.State == "refused"
		if !l.Finished && !noData || l.TransactionID == "" || l.Ended == nil {
			t.Errorf("log line %+v", l)
		}
		if l.OrderType == ebics.CCT {
			uploads++
			if l.MessageID != "LIFE1" || l.Payments != 5 || len(l.DataSHA256) != 64 || l.SegmentsAnnounced < 2 || l.SegmentsReceived != l.SegmentsAnnounced || l.OrderID != "A001" {
				t.Errorf("upload in the log: %+v", l)
			}
		}
	}
	if uploads != 1 {
		t.Errorf("%d uploads in the log", uploads)
	}
}

// archive fetches a ZIP and unpacks it.
func archive(t *testing.T, c *client.Client, o ebics.OrderType) map[string][]byte {
	t.Helper()
	data, err := fetch(t, c, o, true)
	if err != nil {
		t.Fatal(err)
	}
	return unzip(t, data)
}

func unzip(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	reader, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range reader.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			t.Fatal(err)
		}
		files[f.Name] = content
	}
	return files
}

func plus(t *testing.T, balance string, cents int64) string {
	t.Helper()
	a, err := money.Parse(balance, "EUR")
	if err != nil {
		t.Fatal(err)
	}
	return euro(a.Minor + cents).Decimal()
}

// An order in the older version is reported in the older version, and a third
// signature rule: one E is enough.
func TestOlderVersionIsReportedInItsOwn(t *testing.T) {
	bank := start(t, t.TempDir(), func(o *Options) { o.PlainHTTP = true })
	if bank.ready.CA != "" || !strings.HasPrefix(bank.ready.URL, "http://127.0.0.1:") {
		t.Errorf("ready line %+v", bank.ready)
	}
	c := bank.initialised()
	debtor := bank.state().Accounts[0]
	if _, err := upload(t, c, ebics.AttributeOrder, older(debtor.IBAN, iban("0000000001"), iban("2222200404")), 0); err != nil {
		t.Fatal(err)
	}
	bank.must("POST", "/orders/KONTOR/A001/release", fmt.Sprintf(`{"userId":"%sE1","partnerId":%q}`, debtor.HolderPartner, debtor.HolderPartner), nil)
	checkStatus(t, c, "pain.002.001.03", "OLD-P PART: ACSC RJCT AC01")
}

func older(debtor, good, bad account.IBAN) []byte {
	payment := func(id, amount string, to account.IBAN) string {
		return `<CdtTrfTxInf><PmtId><EndToEndId>` + id + `</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">` + amount + `</InstdAmt></Amt><Cdtr><Nm>Erika</Nm></Cdtr><CdtrAcct><Id><IBAN>` + string(to) + `</IBAN></Id></CdtrAcct></CdtTrfTxInf>`
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"><CstmrCdtTrfInitn><GrpHdr><MsgId>OLD</MsgId><CreDtTm>2026-03-02T08:00:00</CreDtTm><NbOfTxs>2</NbOfTxs><CtrlSum>3.00</CtrlSum><InitgPty><Nm>Beispiel</Nm></InitgPty></GrpHdr>` +
		`<PmtInf><PmtInfId>OLD-P</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>2</NbOfTxs><CtrlSum>3.00</CtrlSum><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt>2026-03-03</ReqdExctnDt><Dbtr><Nm>Beispiel</Nm></Dbtr><DbtrAcct><Id><IBAN>` + string(debtor) + `</IBAN></Id></DbtrAcct><DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>` +
		payment("E1", "1.00", good) + payment("E2", "2.00", bad) + `</PmtInf></CstmrCdtTrfInitn></Document>`)
}
