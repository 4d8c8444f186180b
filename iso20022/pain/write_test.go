package pain

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kontor/calendar"
	"kontor/iso20022/internal/emit"
	"kontor/iso20022/internal/sharedtest"
	"kontor/money"
	"kontor/xmlscan"
)

func transfer() CreditTransfer {
	day := calendar.Date{Year: 2026, Month: time.November, Day: 5}
	return CreditTransfer{
		MessageID: "MSG-2026-1", Created: time.Date(2026, 11, 2, 10, 0, 0, 0, calendar.Berlin()), InitiatingParty: `Müller & "Töchter" <GmbH>`,
		Batches: []TransferBatch{
			{PaymentInformationID: "B-1", Instant: true, RequestedExecutionDate: day, Debtor: "Müller & Töchter", DebtorAccount: "DE87200500001234567890", DebtorAgent: "BANKDEFFXXX", Payments: []Transfer{
				{InstructionID: "I-1", EndToEndID: "E-1", Amount: money.Amount{Minor: 123456, Currency: "EUR"}, Creditor: "O'Hara > Söhne", CreditorAccount: "DE21500500009876543210", CreditorAgent: "PBNKDEFF370", Remittance: "Rechnung 1 & 2 <3>"},
				{Amount: money.Amount{Minor: 1, Currency: "EUR"}, Creditor: "Max Probe", CreditorAccount: "NO9386011117947"},
			}},
			{PaymentInformationID: "B-2", RequestedExecutionDate: day, Debtor: "Zweites Konto", DebtorAccount: "DE21500500001234567897", Payments: []Transfer{
				{EndToEndID: "E-3", Amount: money.Amount{Minor: 99_999_999_999, Currency: "EUR"}, Creditor: "Max Probe", CreditorAccount: "NO9386011117947"},
			}},
		},
	}
}

func TestWrittenTransferComesBack(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCreditTransfer(&b, transfer()); err != nil {
		t.Fatal(err)
	}
	m, batches, payments, findings := read(t, b.String())
	if len(findings) != 0 || m.InitiatingParty != `Müller & "Töchter" <GmbH>` || m.Count != 3 || m.Sum.String() != "1000001234.56" || m.DeclaredSum != "1000001234.56" || m.CreationDateTime != "2026-11-02T10:00:00+01:00" {
		t.Errorf("%+v %v", m, findings)
	}
	if batches[0].LocalInstrument != "INST" || batches[1].LocalInstrument != "" || batches[0].RequestedExecutionDate != "2026-11-05" || batches[1].DebtorAgent != "" {
		t.Errorf("%+v", batches)
	}
	if payments[0].Remittance != "Rechnung 1 & 2 <3>" || payments[0].Creditor != "O'Hara > Söhne" || payments[1].EndToEndID != "NOTPROVIDED" || payments[2].Amount.Minor != 99_999_999_999 {
		t.Errorf("%+v", payments)
	}
}

func TestWrittenTransferIsValidAgainstOfficialSchemas(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCreditTransfer(&b, transfer()); err != nil {
		t.Fatal(err)
	}
	for _, schema := range []string{"pain.001.001.09_GBIC_5.xsd", "pain.001.001.09.xsd"} {
		sharedtest.MustValidate(t, schema, b.Bytes())
	}
	if ok, _ := sharedtest.Validate(t, "pain.001.001.03.xsd", b.Bytes()); ok {
		t.Error("the witness accepts anything")
	}
}

func TestWriteRefusesWhatTheFormForbids(t *testing.T) {
	for name, change := range map[string]func(*CreditTransfer){
		"message identification": func(c *CreditTransfer) { c.MessageID = "a_b" },
		"slashes":                func(c *CreditTransfer) { c.MessageID = "a//b" },
		"creation time":          func(c *CreditTransfer) { c.Created = time.Time{} },
		"no batch":               func(c *CreditTransfer) { c.Batches = nil },
		"no transaction":         func(c *CreditTransfer) { c.Batches[0].Payments = nil },
		"no date":                func(c *CreditTransfer) { c.Batches[0].RequestedExecutionDate = calendar.Date{} },
		"debtor account":         func(c *CreditTransfer) { c.Batches[0].DebtorAccount = "DE00" },
		"debtor agent":           func(c *CreditTransfer) { c.Batches[0].DebtorAgent = "BANK" },
		"creditor agent":         func(c *CreditTransfer) { c.Batches[0].Payments[0].CreditorAgent = "bankdeff" },
		"creditor account":       func(c *CreditTransfer) { c.Batches[0].Payments[0].CreditorAccount = "" },
		"name of 71 characters":  func(c *CreditTransfer) { c.Batches[0].Payments[0].Creditor = strings.Repeat("x", 71) },
		"remittance":             func(c *CreditTransfer) { c.Batches[0].Payments[0].Remittance = strings.Repeat("x", 141) },
		"zero":                   func(c *CreditTransfer) { c.Batches[0].Payments[0].Amount.Minor = 0 },
		"too much":               func(c *CreditTransfer) { c.Batches[0].Payments[0].Amount.Minor = 100_000_000_000 },
		"dollars":                func(c *CreditTransfer) { c.Batches[0].Payments[0].Amount.Currency = "USD" },
	} {
		t.Run(name, func(t *testing.T) {
			c := transfer()
			change(&c)
			if err := WriteCreditTransfer(&bytes.Buffer{}, c); !errors.Is(err, ErrContent) {
				t.Errorf("got %v", err)
			}
		})
	}
	c := transfer()
	c.Batches[0].Payments[0].Creditor = "bell \a"
	if err := WriteCreditTransfer(&bytes.Buffer{}, c); !errors.Is(err, emit.ErrCharacter) {
		t.Errorf("control character: %v", err)
	}
	c.Batches[0].Payments[0].Creditor = "M\xfcller"
	if err := WriteCreditTransfer(&bytes.Buffer{}, c); !errors.Is(err, emit.ErrCharacter) {
		t.Errorf("not UTF-8: %v", err)
	}
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
	for _, version := range []string{"pain.002.001.03", "pain.002.001.10"} {
		t.Run(version, func(t *testing.T) {
			want := report(version)
			if version == "pain.002.001.03" { // its enumeration has no PART for a batch's payments only, and no ACCC
				want.Batches[0].Status = StatusACSC
			}
			var b bytes.Buffer
			if err := WriteStatus(&b, want); err != nil {
				t.Fatal(err)
			}
			got, err := ReadStatus(bytes.NewReader(b.Bytes()), xmlscan.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			sharedtest.MustValidate(t, version+".xsd", b.Bytes())
		})
	}
	if err := WriteStatus(&bytes.Buffer{}, report("pain.002.001.99")); !errors.Is(err, ErrContent) {
		t.Errorf("unknown version: %v", err)
	}
}

func TestReadStatusIsLenientButNotBlind(t *testing.T) {
	unknown := `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.14"><CstmrPmtStsRpt><New/><GrpHdr><MsgId> M </MsgId></GrpHdr><OrgnlPmtInfAndSts><TxInfAndSts><TxSts>NEWS</TxSts><New><TxSts>X</TxSts></New></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>`
	got, err := ReadStatus(strings.NewReader(unknown), xmlscan.Limits{})
	if err != nil || got.Version != "pain.002.001.14" || got.MessageID != "M" || len(got.Batches) != 1 || got.Batches[0].Transactions[0].Status != "NEWS" {
		t.Errorf("%+v %v", got, err)
	}
	var unreadable *UnreadableError
	for _, document := range []string{base, "<Document/>", "<CstmrPmtStsRpt/>", `<Document><CstmrPmtStsRpt/><Other/></Document>`} {
		if _, err := ReadStatus(strings.NewReader(document), xmlscan.Limits{}); !errors.As(err, &unreadable) {
			t.Errorf("%.40s: %v", document, err)
		}
	}
	var syntax *xmlscan.SyntaxError
	if _, err := ReadStatus(strings.NewReader(unknown[:200]), xmlscan.Limits{}); !errors.As(err, &syntax) {
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
		s, err := ReadStatus(bytes.NewReader(document), xmlscan.Limits{})
		if err != nil {
			return
		}
		s.Version = ""
		if err := WriteStatus(&bytes.Buffer{}, s); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
