package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/money"
)

// collection is a payment information of an invented direct debit. The scheme stands in the batch, or in each transaction if inside.
type collection struct {
	id, iban, currency, scheme string
	inside                     bool
	debits                     int
}

// debits is a pain.008 of debits of 1.00 EUR.
func debits(version, id string, batches ...collection) string {
	var b strings.Builder
	bic, count := "BICFI", 0
	if version == "02" {
		bic = "BIC"
	}
	for _, x := range batches {
		count += x.debits
	}
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.%s\"><CstmrDrctDbtInitn>\n", version)
	fmt.Fprintf(&b, "<GrpHdr><MsgId>%s</MsgId><CreDtTm>2026-03-02T10:00:00</CreDtTm><NbOfTxs>%d</NbOfTxs><CtrlSum>%d.00</CtrlSum><InitgPty><Nm>Invented Creditor</Nm></InitgPty></GrpHdr>\n", id, count, count)
	for _, x := range batches {
		scheme := "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>" + x.scheme + "</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"
		outer, inner := scheme, ""
		if x.inside {
			outer, inner = "", scheme
		}
		currency := ""
		if x.currency != "" {
			currency = "<Ccy>" + x.currency + "</Ccy>"
		}
		fmt.Fprintf(&b, "<PmtInf><PmtInfId>%s</PmtInfId><PmtMtd>DD</PmtMtd><NbOfTxs>%d</NbOfTxs><CtrlSum>%d.00</CtrlSum>%s<ReqdColltnDt>2026-03-05</ReqdColltnDt><Cdtr><Nm>Invented Creditor</Nm></Cdtr><CdtrAcct><Id><IBAN>%s</IBAN></Id>%s</CdtrAcct>", x.id, x.debits, x.debits, outer, x.iban, currency)
		fmt.Fprintf(&b, "<CdtrAgt><FinInstnId><%s>BANKDEFFXXX</%s></FinInstnId></CdtrAgt><CdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>\n", bic, bic)
		for i := range x.debits {
			fmt.Fprintf(&b, "<DrctDbtTxInf><PmtId><EndToEndId>%s-%d</EndToEndId></PmtId>%s<InstdAmt Ccy=\"EUR\">1.00</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>M-%d</MndtId><DtOfSgntr>2020-01-02</DtOfSgntr></MndtRltdInf></DrctDbtTx>", x.id, i, inner, i)
			fmt.Fprintf(&b, "<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt><Dbtr><Nm>Debtor %d</Nm></Dbtr><DbtrAcct><Id><IBAN>%s</IBAN></Id></DbtrAcct><RmtInf><Ustrd>fee %d</Ustrd></RmtInf></DrctDbtTxInf>\n", i, storetest.IBAN(2000+i), i)
		}
		b.WriteString("</PmtInf>\n")
	}
	b.WriteString("</CstmrDrctDbtInitn></Document>\n")
	return b.String()
}

// A transaction's own scheme overrules its batch's, in the order type, too.
func TestSchemeOfTheTransactionsDecidesTheOrderType(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	text := debits("08", "DD-1", collection{id: "C-1", iban: storetest.IBAN(1), scheme: "CORE", debits: 2})
	text = strings.ReplaceAll(text, "</PmtId>", "</PmtId><PmtTpInf><LclInstrm><Cd>B2B</Cd></LclInstrm></PmtTpInf>")
	if file := d.taken(text); file.OrderType != hub.OrderDirectDebitB2B {
		t.Errorf("order type %s: %+v", file.OrderType, file.Detail.Findings)
	}
}

// A direct debit collects to the tenant's own account: that one finds the contact, and the scheme finds the order type.
func TestDirectDebitIsQueuedUnderTheOrderTypeOfItsScheme(t *testing.T) {
	for _, tc := range []struct{ version, scheme, orderType string }{
		{"02", "CORE", "CDD"}, {"08", "CORE", "CDD"}, {"02", "B2B", "CDB"}, {"08", "B2B", "CDB"},
	} {
		for _, place := range []struct {
			name   string
			inside bool
		}{{"in the batch", false}, {"in the transactions", true}} {
			t.Run(tc.version+" "+tc.scheme+" "+place.name, func(t *testing.T) {
				storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
					d := newDesk(t, f)
					text := debits(tc.version, "DD-1", collection{id: "C-1", iban: storetest.IBAN(1), scheme: tc.scheme, inside: place.inside, debits: 300},
						collection{id: "C-2", iban: storetest.IBAN(2), currency: "EUR", scheme: tc.scheme, inside: place.inside, debits: 2})
					got := d.file(d.taken(text).ID)
					if got.State != hub.StateQueued || got.OrderType != tc.orderType || got.Count != 302 || got.Contact != d.contact.ID || got.Format != "pain.008.001."+tc.version {
						t.Fatalf("file %+v", got)
					}
					if !got.DirectDebit() || got.Currency != "EUR" || got.Detail.ControlSum != "302.00" || got.Detail.MessageID != "DD-1" {
						t.Errorf("file %+v", got)
					}
					indexed(t, text, d.payments(got.ID))
					if j := next(t, d.sends()); j.File != got.ID {
						t.Errorf("send job for %s, want %s", j.File, got.ID)
					}
				})
			})
		}
	}
}

// indexed checks the index of 300 debits of C-1 and 2 of C-2 against the file.
func indexed(t *testing.T, text string, payments []hub.Payment) {
	t.Helper()
	if len(payments) != 302 {
		t.Fatalf("%d payments in the index, want 302", len(payments))
	}
	for i, p := range payments {
		n, batch, own := i, "C-1", storetest.IBAN(1)
		if i >= 300 {
			n, batch, own = i-300, "C-2", storetest.IBAN(2)
		}
		want := hub.Payment{
			Ordinal: i, PaymentInformationID: batch, EndToEndID: fmt.Sprintf("%s-%d", batch, n), Amount: money.Amount{Minor: 100, Currency: "EUR"},
			Debtor: fmt.Sprintf("Debtor %d", n), DebtorAccount: storetest.IBAN(2000 + n), Creditor: "Invented Creditor", CreditorAccount: own,
			Remittance: fmt.Sprintf("fee %d", n), MandateID: fmt.Sprintf("M-%d", n), Offset: p.Offset, Length: p.Length,
		}
		if p != want {
			t.Fatalf("payment %+v, want %+v", p, want)
		}
		raw := text[p.Offset : p.Offset+p.Length]
		if !strings.HasPrefix(raw, "<DrctDbtTxInf>") || !strings.HasSuffix(raw, "</DrctDbtTxInf>") || !strings.Contains(raw, "<EndToEndId>"+p.EndToEndID+"<") {
			t.Fatalf("payment %d points to %s", i, raw)
		}
	}
}

func TestFaultyDirectDebitIsRejectedWithItsFindings(t *testing.T) {
	core := collection{id: "C-1", iban: storetest.IBAN(1), scheme: "CORE", debits: 2}
	with := func(change func(*collection)) collection {
		c := core
		change(&c)
		return c
	}
	b2b := with(func(c *collection) { c.id, c.scheme = "C-2", "B2B" })
	for _, tc := range []struct {
		name, want, orderType string
		batches               []collection
	}{
		{"CORE and B2B in one file", "PAIN-H14", "CDD", []collection{core, b2b}},
		{"B2B and CORE in one file", "PAIN-H14", "CDB", []collection{b2b, core}},
		{"mixed within the transactions", "PAIN-H14", "CDD", []collection{
			with(func(c *collection) { c.inside = true }), with(func(c *collection) { c.id, c.scheme, c.inside = "C-2", "B2B", true })}},
		{"each batch of the other scheme is named", "PAIN-H14 PAIN-H14", "CDD", []collection{core, b2b, with(func(c *collection) { c.id, c.scheme = "C-3", "B2B" })}},
		{"a scheme that has ended", "PAIN-H1", "CDD", []collection{with(func(c *collection) { c.scheme = "COR1" })}},
		{"creditor account of nobody", "PAIN-E9", "CDD", []collection{with(func(c *collection) { c.iban = storetest.IBAN(77) })}},
		{"debtor's account is no own account", "PAIN-E9 PAIN-E8", "CDD", []collection{with(func(c *collection) { c.iban = storetest.IBAN(2000) })}},
		{"account in another currency", "PAIN-E9", "CDD", []collection{with(func(c *collection) { c.currency = "USD" })}},
		{"accounts of two contacts", "PAIN-E10", "CDD", []collection{core, with(func(c *collection) { c.id, c.iban = "C-2", storetest.IBAN(3) })}},
		{"no batch", "PAIN-A3", "CDD", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			got := d.file(d.taken(debits("08", "DD", tc.batches...)).ID)
			if c := codes(got.Detail.Findings); got.State != hub.StateRejected || c != tc.want || got.OrderType != tc.orderType {
				t.Errorf("%s as %s with %s, want rejected as %s with %s", got.State, got.OrderType, c, tc.orderType, tc.want)
			}
			if tc.want == "PAIN-H14" && !strings.Contains(got.Detail.Findings[0].Message, "CORE and B2B") {
				t.Errorf("the finding does not name the schemes: %s", got.Detail.Findings[0].Message)
			}
		})
	}
}

// What the bank has told of the contact is believed; what it has not told forbids nothing.
func TestFileThatTheBankDoesNotPermitIsRejected(t *testing.T) {
	permits := func(types ...string) *hub.MasterData {
		m := &hub.MasterData{}
		for _, o := range types {
			m.Orders = append(m.Orders, hub.PermittedOrder{Type: o})
		}
		return m
	}
	core := debits("08", "DD", collection{id: "C", iban: storetest.IBAN(1), scheme: "CORE", debits: 1})
	b2b := debits("08", "DD", collection{id: "C", iban: storetest.IBAN(1), scheme: "B2B", debits: 1})
	transfer := salaries("CT", 1).String()
	for _, tc := range []struct {
		name, file, want string
		master           *hub.MasterData
	}{
		{"nothing is known", b2b, "", nil},
		{"transfer permitted", transfer, "", permits("CCT", "HAC")},
		{"transfer not permitted", transfer, "CCT", permits("CDD", "HAC")},
		{"core permitted", core, "", permits("CCT", "CDD")},
		{"core not permitted", core, "CDD", permits("CCT", "CDB")},
		{"b2b permitted", b2b, "", permits("CDB")},
		{"b2b not permitted", b2b, "CDB", permits("CCT", "CDD")},
		{"nothing permitted", transfer, "CCT", permits()},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				d := newDesk(t, f)
				if tc.master != nil {
					d.Write(func(tx *store.Tx) error { return tx.SetMaster(t.Context(), d.contact.ID, *tc.master) })
				}
				got := d.file(d.taken(tc.file).ID)
				if tc.want == "" {
					if got.State != hub.StateQueued {
						t.Errorf("%s with %v, want queued", got.State, got.Detail.Findings)
					}
					return
				}
				if got.State != hub.StateRejected || codes(got.Detail.Findings) != "PAIN-E11" {
					t.Fatalf("%s with %s, want rejected with PAIN-E11", got.State, codes(got.Detail.Findings))
				}
				if message := got.Detail.Findings[0].Message; !strings.Contains(message, "orders of type "+tc.want) || !strings.Contains(message, "bank does not permit") {
					t.Errorf("the finding does not say what is not permitted by whom: %s", message)
				}
			})
		})
	}
}

// Permissions are a contact's: those of another contact of the tenant say nothing.
func TestPermissionsOfAnotherContactDoNotCount(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.Write(func(tx *store.Tx) error { return tx.SetMaster(t.Context(), d.contact.ID, hub.MasterData{}) })
	m := salaries("CT", 1)
	m.batches[0].iban = storetest.IBAN(3)
	if got := d.taken(m.String()); got.State != hub.StateQueued {
		t.Errorf("%s with %v, want queued", got.State, got.Detail.Findings)
	}
}

// A file that was rejected for want of a permission is taken as soon as the bank gives it.
func TestPermissionGivenLaterCounts(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	set := func(types ...string) {
		m := hub.MasterData{Read: d.Now()}
		for _, o := range types {
			m.Orders = append(m.Orders, hub.PermittedOrder{Type: o, Upload: true})
		}
		d.Write(func(tx *store.Tx) error { return tx.SetMaster(t.Context(), d.contact.ID, m) })
	}
	text := debits("08", "DD", collection{id: "C", iban: storetest.IBAN(1), scheme: "B2B", debits: 1})
	set("CCT")
	if got := d.taken(text); got.State != hub.StateRejected {
		t.Fatalf("%s, want rejected", got.State)
	}
	set("CCT", "CDB")
	if got := d.taken(text); got.State != hub.StateQueued {
		t.Errorf("after the bank permitted it: %s with %v", got.State, got.Detail.Findings)
	}
}
