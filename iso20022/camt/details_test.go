package camt

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kontor/finding"
)

const (
	ourIBAN   = "DE89370400440532013000"
	theirIBAN = "DE02120300000000202051"
)

// onAccount wraps entries into a statement of ourIBAN.
func onAccount(entries string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-11-05T20:00:00</CreDtTm></GrpHdr>` +
		`<Stmt><Id>S</Id><CreDtTm>2026-11-05T20:00:00</CreDtTm><Acct><Id><IBAN>` + ourIBAN + `</IBAN></Id><Ccy>EUR</Ccy></Acct>` +
		`<Bal><Tp><CdOrPrtry><Cd>PRCD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-05</Dt></Dt></Bal>` + entries + `</Stmt></BkToCstmrStmt></Document>`
}

// ntry is an entry with something before and in its details.
func ntry(amount, direction, before, details string) string {
	return `<Ntry><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/>` + before + `<NtryDtls>` + details + `</NtryDtls></Ntry>`
}

func partyXML(role, name, iban string) (party, account string) {
	if name != "" {
		party = "<" + role + "><Pty><Nm>" + name + "</Nm></Pty></" + role + ">"
	}
	if iban != "" {
		account = "<" + role + "Acct><Id><IBAN>" + iban + "</IBAN></Id></" + role + "Acct>"
	}
	return party, account
}

// entriesOf reads statements and their entries, with what belongs to the only transaction.
func entriesOf(document string) (statements []Statement, entries []Entry, err error) {
	_, err = Read(strings.NewReader(document), Options{}, Visitor{
		Statement: func(s *Statement) error { statements = append(statements, *s); return nil },
		Entry: func(e *Entry) error {
			kept := *e
			if e.Single != nil {
				single := *e.Single
				kept.Single = &single
			}
			entries = append(entries, kept)
			return nil
		},
	})
	return statements, entries, err
}

// The other side of a return must be the customer, not ourselves: the import books the
// return to that account.
func TestCounterpartyOfAReturnIsTheOtherSide(t *testing.T) {
	const reason = `<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>`
	for _, row := range []struct {
		name, direction              string
		debtor, debtorIBAN           string
		creditor, creditorIBAN, more string
		want                         string // name, IBAN, own name, OriginalParties
	}{
		{"direct debit returned, parties of the collection", "DBIT", "Kunde", theirIBAN, "Wir", ourIBAN, reason, "Kunde " + theirIBAN + " Wir true"},
		{"direct debit returned, parties of the return", "DBIT", "Wir", ourIBAN, "Kunde", theirIBAN, reason, "Kunde " + theirIBAN + " Wir false"},
		{"transfer returned, parties of the transfer", "CRDT", "Wir", ourIBAN, "Kunde", theirIBAN, reason, "Kunde " + theirIBAN + " Wir true"},
		{"transfer returned, only the creditor", "CRDT", "", "", "Kunde", theirIBAN, reason, "Kunde " + theirIBAN + "  true"},
		{"direct debit returned, only the debtor", "DBIT", "Kunde", theirIBAN, "", "", reason, "Kunde " + theirIBAN + "  true"},
		{"direct debit returned, our account is left out", "DBIT", "Kunde", theirIBAN, "Wir", "", reason, "Kunde " + theirIBAN + " Wir true"},
		{"direct debit returned, only a name", "DBIT", "Kunde", "", "", "", reason, "Kunde   true"},
		{"our account on the other side without a reason", "DBIT", "Kunde", theirIBAN, "Wir", ourIBAN, "", "Kunde " + theirIBAN + " Wir true"},
		{"a transfer between two of our accounts that are one", "DBIT", "Wir", ourIBAN, "Wir", ourIBAN, reason, "Wir " + ourIBAN + " Wir false"},
		{"a payment", "DBIT", "Wir", ourIBAN, "Kunde", theirIBAN, "", "Kunde " + theirIBAN + " Wir false"},
		{"a payment without the other side", "DBIT", "Kunde", theirIBAN, "", "", "", "  Kunde false"},
		{"only ourselves", "DBIT", "", "", "Wir", ourIBAN, reason, "Wir " + ourIBAN + "  false"},
	} {
		t.Run(row.name, func(t *testing.T) {
			debtor, debtorAccount := partyXML("Dbtr", row.debtor, row.debtorIBAN)
			creditor, creditorAccount := partyXML("Cdtr", row.creditor, row.creditorIBAN)
			details := `<TxDtls><RltdPties>` + debtor + debtorAccount + creditor + creditorAccount + `</RltdPties>` + row.more + `</TxDtls>`
			_, entries, err := entriesOf(onAccount(ntry("10.00", row.direction, "", details)))
			if err != nil {
				t.Fatal(err)
			}
			e := entries[0]
			if got := fmt.Sprint(e.Single.Counterparty, " ", e.Single.CounterpartyIBAN, " ", e.Single.Own, " ", e.Single.OriginalParties); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
			if e.Counterparty != e.Single.Counterparty || e.CounterpartyIBAN != e.Single.CounterpartyIBAN {
				t.Errorf("the entry says %q %q", e.Counterparty, e.CounterpartyIBAN)
			}
		})
	}
}

// A false warning about sums makes people look for money that is not missing.
func TestChargesAndBatchesAreAllowedFor(t *testing.T) {
	tx := func(amount, more string) string {
		return `<TxDtls><Amt Ccy="EUR">` + amount + `</Amt>` + more + `</TxDtls>`
	}
	batch := func(n string) string { return `<Btch><NbOfTxs>` + n + `</NbOfTxs></Btch>` }
	record := func(amount, currency string) string {
		return `<Rcrd><Amt Ccy="` + currency + `">` + amount + `</Amt></Rcrd>`
	}
	total := func(amount string) string { return `<TtlChrgsAndTaxAmt Ccy="EUR">` + amount + `</TtlChrgsAndTaxAmt>` }
	charges := func(inside string) string { return `<Chrgs>` + inside + `</Chrgs>` }
	for _, row := range []struct {
		name, entry string
		want        string // codes
	}{
		{"two batches add up", ntry("30.00", "CRDT", "", batch("1")+tx("10.00", "")+`</NtryDtls><NtryDtls>`+batch("1")+tx("20.00", "")), ""},
		{"two batches with one transaction too few", ntry("30.00", "CRDT", "", batch("2")+tx("10.00", "")+`</NtryDtls><NtryDtls>`+batch("1")+tx("20.00", "")), "CAMT-B4"},
		{"net of the transaction's charge record", ntry("98.00", "CRDT", "", tx("100.00", charges(record("2.00", "EUR")))), ""},
		{"net of two records and their total", ntry("97.00", "CRDT", "", tx("100.00", charges(total("3.00")+record("2.00", "EUR")+record("1.00", "EUR")))), ""},
		{"charges on top", ntry("102.00", "DBIT", "", tx("100.00", charges(total("2.00")))), ""},
		{"net of the charges of two transactions", ntry("27.00", "CRDT", "", tx("10.00", charges(total("1.00")))+tx("20.00", charges(total("2.00")))), ""},
		{"net of the entry's charges", ntry("98.00", "CRDT", charges(total("2.00")), tx("100.00", "")), ""},
		{"net of the entry's records", ntry("97.00", "CRDT", charges(total("3.00")+record("2.00", "EUR")+record("1.00", "EUR")), tx("100.00", "")), ""},
		{"charges in another currency prove nothing", ntry("98.00", "CRDT", "", tx("100.00", charges(record("2.20", "USD")))), ""},
		{"charges that do not explain it", ntry("97.00", "CRDT", "", tx("100.00", charges(record("2.00", "EUR")))), "CAMT-B3"},
		{"no charges", ntry("98.00", "CRDT", "", tx("100.00", "")), "CAMT-B3"},
		{"charges of zero explain nothing", ntry("98.00", "CRDT", "", tx("100.00", charges(total("0.00")))), "CAMT-B3"},
	} {
		t.Run(row.name, func(t *testing.T) {
			var codes []string
			for _, f := range findingsOf(t, onAccount(row.entry), Options{}) {
				codes = append(codes, string(f.Code))
			}
			if got := strings.Join(codes, " "); got != row.want {
				t.Errorf("found %q, want %q", got, row.want)
			}
		})
	}
	_, entries, err := entriesOf(onAccount(ntry("30.00", "CRDT", "", batch("3")+`</NtryDtls><NtryDtls>`+batch("4"))))
	if err != nil || entries[0].Transactions != 7 {
		t.Errorf("%d transactions of two batches of 3 and 4, %v", entries[0].Transactions, err)
	}
	_, entries, err = entriesOf(onAccount(ntry("97.00", "CRDT", "", tx("100.00", charges(record("2.00", "EUR")+record("1.00", "EUR"))))))
	if one := entries[0].Single; err != nil || one.ChargesText != "3.00" || one.ChargesCurrency != "EUR" {
		t.Errorf("charges of two records are %q %q, %v", one.ChargesText, one.ChargesCurrency, err)
	}
}

// An entry of two batches must not settle one of them with the amount of both.
func TestEntryOfSeveralBatchesBelongsToNone(t *testing.T) {
	batch := func(id string) string {
		return `<Btch><MsgId>M</MsgId><PmtInfId>` + id + `</PmtInfId><NbOfTxs>1</NbOfTxs></Btch>`
	}
	for _, row := range []struct{ name, ids, want string }{{"one", "P1", "P1"}, {"the same", "P1 P1", "P1"}, {"two", "P1 P2", ""}, {"back to the first", "P1 P2 P2", ""}} {
		t.Run(row.name, func(t *testing.T) {
			var details []string
			for id := range strings.FieldsSeq(row.ids) {
				details = append(details, batch(id))
			}
			_, entries, err := entriesOf(onAccount(ntry("30.00", "DBIT", "", strings.Join(details, `</NtryDtls><NtryDtls>`))))
			if err != nil || entries[0].PaymentInformationID != row.want || entries[0].MessageID != "M" || entries[0].Transactions != len(details) {
				t.Errorf("%+v %v", entries, err)
			}
		})
	}
}

// The invoice number is what a payment is matched by.
func TestStructuredRemittanceIsReadWhole(t *testing.T) {
	const structured = `<Strd><RfrdDocInf><Nb>INV1</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>` +
		`<Strd><RfrdDocInf><Nb>INV2</Nb></RfrdDocInf><CdtrRefInf><Ref>RF2</Ref></CdtrRefInf><AddtlRmtInf>more</AddtlRmtInf><AddtlRmtInf>still more</AddtlRmtInf></Strd>`
	statements, entries, err := entriesOf(onAccount(ntry("10.00", "CRDT", "", `<TxDtls><RmtInf>`+structured+`</RmtInf></TxDtls>`)))
	if err != nil {
		t.Fatal(err)
	}
	e := entries[0]
	got := []string{e.Single.CreditorReference, e.Single.DocumentNumber, e.Single.StructuredInformation, e.Remittance}
	want := []string{"RF18539007547034\nRF2", "INV1\nINV2", "more\nstill more", "RF18539007547034\nRF2\nINV1\nINV2\nmore\nstill more"}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %q, want %q", got, want)
	}
	e.ProprietaryCode = "NTRF"
	statements[0].MessageID = "M"
	var out bytes.Buffer
	if err := WriteStatement(&out, statements[0], []Entry{e}); err != nil {
		t.Fatal(err)
	}
	if found := findingsOf(t, out.String(), Options{}); len(found) > 0 {
		t.Errorf("what is written has findings: %v", found)
	}
	_, again, err := entriesOf(out.String())
	if err != nil || again[0].Remittance != e.Remittance {
		t.Errorf("written and read again: %q, %v", again[0].Remittance, err)
	}
}

// A policy must not hide that there is more, nor give a finding the severity "off".
func TestTheClosingFindingIsAsBadAsWhatItHides(t *testing.T) {
	entry := `<Ntry><Amt Ccy="EUR">1.001</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd/></Ntry>`
	document := onAccount(strings.Repeat(entry, 5))
	for _, row := range []struct {
		name   string
		policy finding.Policy
		want   finding.Severity
	}{
		{"warnings", finding.Policy{}, finding.Warning},
		{"off", finding.Policy{CodeMore: finding.Off}, finding.Warning},
		{"not raised", finding.Policy{CodeMore: finding.Error}, finding.Warning},
		{"errors", finding.Policy{CodeAmount: finding.Error, CodeMore: finding.Off}, finding.Error},
	} {
		t.Run(row.name, func(t *testing.T) {
			found := findingsOf(t, document, Options{MaxFindings: 2, Policies: []finding.Policy{row.policy}})
			if last := found[len(found)-1]; len(found) != 3 || last.Code != CodeMore || last.Severity != row.want || last.Args[0] != "3" {
				t.Errorf("%d findings, the last is %+v", len(found), last)
			}
		})
	}
}

// Checking a statement must not cost memory for each entry, charges and returns included.
func TestCheckingAnEntryAllocatesNothing(t *testing.T) {
	one := ntry("98.00", "CRDT", `<Chrgs><Rcrd><Amt Ccy="EUR">1.00</Amt></Rcrd></Chrgs>`, `<Btch><NbOfTxs>1</NbOfTxs></Btch><TxDtls><Amt Ccy="EUR">100.00</Amt><Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">1.00</TtlChrgsAndTaxAmt></Chrgs>`+
		`<RltdPties><Dbtr><Pty><Nm>Kunde</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>`+theirIBAN+`</IBAN></Id></DbtrAcct></RltdPties>`+
		`<RmtInf><Strd><RfrdDocInf><Nb>INV1</Nb></RfrdDocInf><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>`)
	allocations := func(entries int) float64 {
		document := onAccount(strings.Repeat(one, entries))
		return testing.AllocsPerRun(5, func() {
			if found := findingsOf(t, document, Options{}); len(found) > 0 {
				t.Fatal(found)
			}
		})
	}
	if few, many := allocations(10), allocations(1010); many-few > 100 {
		t.Errorf("%.0f allocations for 1000 entries more", many-few)
	}
}
