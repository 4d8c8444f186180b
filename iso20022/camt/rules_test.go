package camt

import (
	"strings"
	"testing"

	"kontor/finding"
)

// good is a statement without findings; the samples change one thing of it.
const good = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-05T20:00:00+01:00</CreDtTm>` +
	`<MsgPgntn><PgNb>1</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr><Stmt><Id>S</Id><CreDtTm>2026-11-05T20:00:00+01:00</CreDtTm>` +
	`<Acct><Id><IBAN>DE87200500001234567890</IBAN></Id><Ccy>EUR</Ccy></Acct>` +
	`<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-04</Dt></Dt></Bal>` +
	`<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">80.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-05</Dt></Dt></Bal>` +
	`<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>40</Sum></TtlNtries><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>10.00</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>30.00</Sum></TtlDbtNtries></TxsSummry>` +
	`<Ntry><Amt Ccy="EUR">30.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/><NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>` +
	`<TxDtls><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><RltdPties><CdtrAcct><Id><IBAN>DE21500500009876543210</IBAN></Id></CdtrAcct></RltdPties></TxDtls>` +
	`<TxDtls><Amt Ccy="EUR">20.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls></Ntry>` +
	`<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry></Stmt></BkToCstmrStmt></Document>`

// faults has, for each rule and each of its sentences, a change that breaks the rule and nothing else that is not named.
var faults = []struct {
	code     finding.Code
	id       string
	old, new string
	besides  string // codes that cannot but come with it
}{
	{CodeSchema, "element", `<BkTxCd/></Ntry></Stmt>`, `<BkTxCd/><Nonsense/></Ntry></Stmt>`, ""},
	{CodeSchema, "missing", `<Stmt><Id>S</Id>`, `<Stmt>`, ""},
	{CodeSchema, "incomplete", `<Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>`, `<Sts><Cd>BOOK</Cd></Sts></Ntry>`, ""},
	{CodeSchema, "value", `<MsgId>M</MsgId>`, `<MsgId></MsgId>`, ""},
	{CodeBalance, "balance", `>80.00<`, `>81.00<`, ""},
	{CodeSummary, "count", `<NbOfNtries>2<`, `<NbOfNtries>3<`, ""},
	{CodeSummary, "sum", `<Sum>40<`, `<Sum>40.01<`, ""},
	{CodeDetailsSum, "sum", `>20.00<`, `>20.01<`, ""},
	{CodeDetailsCount, "count", `<NbOfTxs>2<`, `<NbOfTxs>3<`, ""},
	{CodeAccount, "missing", `<IBAN>DE87200500001234567890</IBAN>`, `<Othr><Id> </Id></Othr>`, ""},
	{CodeAccount, "iban", `DE87200500001234567890`, `DE88200500001234567890`, ""},
	{CodeCounterparty, "iban", `DE21500500009876543210`, `DE22500500009876543210`, ""},
	{CodeAmount, "missing", `<Ntry><Amt Ccy="EUR">10.00</Amt>`, `<Ntry>`, "CAMT-A3"},
	{CodeAmount, "inexact", `<Ntry><Amt Ccy="EUR">10.00</Amt>`, `<Ntry><Amt Ccy="EUR">10.001</Amt>`, ""},
	{CodeDirection, "unknown", `<Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>`, `<Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRED</CdtDbtInd><Sts>`, "CAMT-A3"},
	{CodeCurrency, "currency", `<Ntry><Amt Ccy="EUR">10.00</Amt>`, `<Ntry><Amt Ccy="USD">10.00</Amt>`, ""},
	{CodePages, "more", `<LastPgInd>true<`, `<LastPgInd>false<`, ""},
}

func findingsOf(t *testing.T, document string, o Options) []finding.Finding {
	t.Helper()
	found, err := Read(strings.NewReader(document), o, Visitor{})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAGoodStatementHasNoFindings(t *testing.T) {
	if found := findingsOf(t, good, Options{}); len(found) > 0 {
		t.Error(found)
	}
}

func TestEachRuleOnItsSample(t *testing.T) {
	for _, row := range faults {
		t.Run(string(row.code)+" "+row.id, func(t *testing.T) {
			if strings.Count(good, row.old) == 0 {
				t.Fatalf("the sample has no %s", row.old)
			}
			found := findingsOf(t, strings.Replace(good, row.old, row.new, 1), Options{})
			hit := false
			for _, f := range found {
				switch {
				case f.Code == row.code && f.Case == row.id:
					hit = true
					if f.Severity != finding.Warning || f.At.Line != 1 || f.At.Column < 2 || f.At.Path == "" || strings.ContainsAny(f.Message, "{}") {
						t.Errorf("%+v", f)
					}
				case !strings.Contains(row.besides, string(f.Code)):
					t.Errorf("besides: %s", f)
				}
			}
			if !hit {
				t.Errorf("not found: %v", found)
			}
		})
	}
}

// A rule or sentence without a sample would never be tried; these two never come as a list of findings, and the last one has its own test.
func TestEveryRuleHasASampleAndThreeLanguages(t *testing.T) {
	sampled := map[string]bool{"CAMT-A1 syntax": true, "CAMT-A2 unknown": true, "CAMT-Z1 more": true}
	for _, row := range faults {
		sampled[string(row.code)+" "+row.id] = true
	}
	for _, r := range Catalogue().Rules() {
		if r.Meaning == "" || r.Source == "" || r.Example == "" || r.Advice.EN == "" || r.Advice.DE == "" || r.Advice.SV == "" {
			t.Errorf("%s lacks a text", r.Code)
		}
		for _, c := range r.Cases {
			if !sampled[string(r.Code)+" "+c.ID] {
				t.Errorf("%s %s has no sample", r.Code, c.ID)
			}
			for n := range 3 {
				place := "{" + string(rune('0'+n)) + "}"
				if has := strings.Contains(c.Text.EN, place); has != strings.Contains(c.Text.DE, place) || has != strings.Contains(c.Text.SV, place) {
					t.Errorf("%s %s: %s is not in every language", r.Code, c.ID, place)
				}
			}
			if c.Text.EN == "" || c.Text.DE == "" || c.Text.SV == "" {
				t.Errorf("%s %s lacks a language", r.Code, c.ID)
			}
		}
	}
}

func TestFindingsAreLimitedAndPoliciesHold(t *testing.T) {
	entry := `<Ntry><Amt Ccy="EUR">1.001</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>`
	document := strings.Replace(good, "</Stmt>", strings.Repeat(entry, 200)+"</Stmt>", 1)
	found := findingsOf(t, document, Options{Policies: []finding.Policy{{CodeSummary: finding.Off}}})
	if len(found) != 101 || found[100].Code != CodeMore || found[100].Args[0] != "100" {
		t.Errorf("%d findings, the last is %v", len(found), found[len(found)-1])
	}
	found = findingsOf(t, document, Options{Policies: []finding.Policy{{CodeAmount: finding.Error}, {CodeAmount: finding.Off, CodeSummary: finding.Off}}})
	if len(found) != 0 {
		t.Errorf("findings of rules that are off: %v", found)
	}
}

// An entry's page, currency of another account or a reversed transaction must not make sums that cannot be compared look wrong.
func TestSumsThatProveNothingAreNotJudged(t *testing.T) {
	for name, change := range map[string][2]string{
		"pages":                             {`<PgNb>1</PgNb>`, `<PgNb>2</PgNb>`},
		"a pending entry":                   {`<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>`, `<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>PDNG</Cd></Sts>`},
		"a transaction in another currency": {`<TxDtls><Amt Ccy="EUR">20.00</Amt>`, `<TxDtls><Amt Ccy="USD">21.00</Amt>`},
	} {
		found := findingsOf(t, strings.Replace(good, change[0], change[1], 1), Options{})
		for _, f := range found {
			if f.Code != CodeBalance || name != "a pending entry" { // its amount is in no balance, so the balance sample does not add up
				t.Errorf("%s: %s", name, f)
			}
		}
	}
}

func TestEveryTruncationAndChangedByteOfAStatementIsSurvived(t *testing.T) {
	for i := range len(good) {
		if _, err := Read(strings.NewReader(good[:i]), Options{}, Visitor{}); err == nil {
			t.Errorf("the first %d bytes are taken for a statement", i)
		}
		for _, b := range []byte{0, '<', '&', 0x80, good[i] ^ 1} {
			changed := good[:i] + string([]byte{b}) + good[i+1:]
			_, _ = Read(strings.NewReader(changed), Options{}, Visitor{Entry: func(*Entry) error { return nil }}) // must return
		}
	}
}

// What stands in details is handed out whole, for each transaction.
func TestTransactionsAreHandedOut(t *testing.T) {
	s, entries := sample()
	var b strings.Builder
	entries[0].Single = &Transaction{
		Amount: entries[0].Amount, AmountText: "1234.56", Currency: "EUR", MessageID: "MSG-1", PaymentInformationID: "B-1", AccountServicerReference: "BANK-1",
		InstructionID: "I-1", EndToEndID: "E-1", TransactionID: "T-1", UETR: "8a562c67-ca16-48ba-b074-65581be6f001", MandateID: "MND-1", CreditorID: "DE98ZZZ09999999999",
		ChequeNumber: "77", ClearingReference: "C-1", TransactionCode: "PMNT/ICDT/ESCT", ProprietaryCode: "NTRF+116", OriginalAmountText: "1230.00", OriginalCurrency: "EUR",
		ChargesText: "4.56", ChargesCurrency: "EUR", Counterparty: "Erika Beispiel", CounterpartyIBAN: "DE21500500009876543210", CounterpartyBIC: "PBNKDEFFXXX",
		CounterpartyUltimate: "Ultima", OwnUltimate: "Prima", Purpose: "SALA", Remittance: "eins\nzwei", CreditorReference: "RF18539007547034",
		ReturnReason: "AC04", ReturnInformation: "closed\nsince May", AdditionalInformation: "mehr",
	}
	if err := WriteStatement(&b, s, entries); err != nil {
		t.Fatal(err)
	}
	var got []Transaction
	if _, err := Read(strings.NewReader(b.String()), Options{}, Visitor{Transaction: func(x *Transaction) error { got = append(got, *x); return nil }}); err != nil {
		t.Fatal(err)
	}
	got[0].At, got[0].Length = 0, 0
	if len(got) != 3 || got[0] != *entries[0].Single {
		t.Errorf("got  %+v\nwant %+v", got[0], *entries[0].Single)
	}
}
