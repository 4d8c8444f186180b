package pain

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"kontor/calendar"
	"kontor/finding"
	"kontor/iso20022/internal/emit"
	"kontor/iso20022/internal/sharedtest"
	"kontor/money"
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
	m, batches, payments, findings := readAs(t, b.String(), Options{})
	if finding.HasError(findings) || m.Profile != ProfileDK || m.InitiatingParty != `Müller & "Töchter" <GmbH>` || m.Count != 3 || m.Sum.String() != "1000001234.56" || m.DeclaredSum != "1000001234.56" || m.CreationDateTime != "2026-11-02T10:00:00+01:00" {
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
