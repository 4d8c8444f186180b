package bank

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/account"
	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
)

// statements fetches the new statements, by account.
func (r *running) statements(c *client.Client) map[string][]byte {
	r.t.Helper()
	byAccount := map[string][]byte{}
	for name, content := range archive(r.t, c, ebics.C53) {
		byAccount[strings.Split(name, "_")[2]] = content
	}
	return byAccount
}

// collected shows an entry with what direct debits bring.
func collected(e *camt.Entry, direction string) string {
	text := strings.Join([]string{direction, e.Amount.Decimal(), e.TransactionCode, e.ProprietaryCode, e.EndToEndID, e.CounterpartyIBAN, e.ReturnReason}, " ")
	if e.Reversal {
		text += " reversal"
	}
	return strings.Join(strings.Fields(text), " ")
}

// The whole life of a direct debit: collected from accounts here and elsewhere,
// some refused, some given back a day later.
func TestDirectDebitGoesThroughItsWholeLife(t *testing.T) {
	for _, row := range []struct {
		order                           ebics.OrderType
		instrument, reason              string
		creditor, debtor, unpaid, given string // codes of the entries
		batch                           string
	}{
		{ebics.CDD, "CORE", "MD06", "PMNT/IDDT/ESDD NTRF+171+0000", "PMNT/RDDT/ESDD NTRF+105+0000", "PMNT/IDDT/UPDD NTRF+109+0000", "PMNT/RDDT/UPDD NTRF+181+0000", "PMNT/IDDT/ESDD NTRF+192+0000"},
		{ebics.CDB, "B2B", "MS03", "PMNT/IDDT/BBDD NTRF+174+0000", "PMNT/RDDT/BBDD NTRF+104+0000", "PMNT/IDDT/UPDD NTRF+108+0000", "PMNT/RDDT/UPDD NTRF+184+0000", "PMNT/IDDT/BBDD NTRF+196+0000"},
	} {
		t.Run(row.instrument, func(t *testing.T) {
			bank := start(t, t.TempDir(), nil)
			c := bank.initialised()
			creditor := bank.state().Accounts[0]
			holder := string(creditor.HolderPartner)
			angry := iban("0000000409") // here, and given back
			bank.must("POST", "/accounts", fmt.Sprintf(`{"iban":%q,"owner":"Nie GmbH","holderPartner":%q,"bureauPartner":"KONTOR","openingBalance":"100"}`, angry, holder), nil)
			far, farAngry := iban("0000000001"), iban("1111100409")
			data := debitOrder(t, "DEBIT", row.instrument,
				pain.DebitBatch{CreditorAccount: creditor.IBAN, Payments: []pain.Debit{
					collect(1000, far), collect(200, angry), collect(30, farAngry), collect(1, iban("0000000404")), collect(1, iban("0000000410")),
					collect(1, iban("0000000401")), collect(1, iban("0000000402")), collect(1, iban("0000000403")),
				}},
				pain.DebitBatch{CreditorAccount: creditor.IBAN, Payments: []pain.Debit{collect(5, far)}},
			)
			sent, err := send(t, c, client.Order{Type: row.order, Attribute: ebics.AttributeOrder}, data, 0)
			if err != nil {
				t.Fatal(err)
			}
			if lines, _ := protocol(t, c); lines[len(lines)-1] != "VEU_FORWARDING DS06 KONTORT1" {
				t.Fatal(lines)
			}
			var view orderView
			bank.must("POST", "/orders/KONTOR/"+string(sent.OrderID)+"/release", fmt.Sprintf(`{"userId":"%sE1"}`, holder), &view)
			if view.State != "executed" || view.OrderType != row.order || len(view.Accounts) != 1 || view.Accounts[0] != creditor.IBAN || view.Total != "12.40" {
				t.Fatalf("order %+v", view)
			}
			_, events := protocol(t, c)
			if last := events[len(events)-1]; last.Action != "ORDER_HAC_FINAL_POS" || last.OrderType != string(row.order) {
				t.Errorf("final event %+v", last)
			}
			if _, err := fetch(t, c, ebics.CRZ, true); err == nil {
				t.Error("a direct debit is reported as a credit transfer")
			}
			checkReport(t, c, ebics.CDZ, "pain.002.001.10", "PART",
				"DEBIT-P1 PART: ACSC ACSC ACSC RJCT AC01 RJCT AC04 RJCT MD01 RJCT AM04 RJCT MS03 · DEBIT-P2 ACSC: ACSC")
			if got := bank.account(creditor.IBAN).Balance; got != plus(t, creditor.Balance, 1235) {
				t.Errorf("the creditor has %s", got)
			}
			bank.advance("1")
			first := bank.statements(c)
			check := func(of account.IBAN, from map[string][]byte, want ...string) {
				t.Helper()
				_, got := readStatement(t, from[string(of)], collected)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(of, diff)
				}
			}
			check(creditor.IBAN, first, "CRDT 12.30 "+row.batch, "CRDT 0.05 "+row.creditor+" DEBIT-E2a "+string(far))
			check(angry, first, "DBIT 2.00 "+row.debtor+" DEBIT-E1b "+string(creditor.IBAN))
			if got := bank.account(creditor.IBAN).Balance; got != plus(t, creditor.Balance, 1235-230) {
				t.Errorf("after the returns the creditor has %s", got)
			}
			bank.advance("1")
			second := bank.statements(c)
			check(creditor.IBAN, second,
				"DBIT 2.00 "+row.unpaid+" DEBIT-E1b "+string(angry)+" "+row.reason+" reversal",
				"DBIT 0.30 "+row.unpaid+" DEBIT-E1c "+string(farAngry)+" "+row.reason+" reversal")
			check(angry, second, "CRDT 2.00 "+row.given+" DEBIT-E1b "+string(creditor.IBAN)+" "+row.reason+" reversal")
			bank.advance("1")
			check(creditor.IBAN, bank.statements(c))
		})
	}
}

// An older direct debit is reported in the older version.
func TestOlderDirectDebitIsReportedInItsOwnVersion(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	creditor := bank.state().Accounts[0]
	data := string(debitOrder(t, "OLD", "CORE", pain.DebitBatch{CreditorAccount: creditor.IBAN, Payments: []pain.Debit{collect(1, iban("0000000001"))}}))
	if _, err := send(t, c, client.Order{Type: ebics.CDD, Attribute: ebics.AttributeOrder}, []byte(strings.ReplaceAll(data, "pain.008.001.08", "pain.008.001.02")), 0); err != nil {
		t.Fatal(err)
	}
	bank.must("POST", "/orders/KONTOR/A001/release", fmt.Sprintf(`{"userId":"%sE1"}`, creditor.HolderPartner), nil)
	checkReport(t, c, ebics.CDZ, "pain.002.001.03", "ACSC", "OLD-P1 ACSC: ACSC")
}

// The order type says which way the money goes and by which scheme; a file that
// says otherwise is refused in the protocol.
func TestOrderTypeMustFitTheFile(t *testing.T) {
	bank := start(t, t.TempDir(), nil)
	c := bank.initialised()
	own := bank.state().Accounts[0].IBAN
	transfer := order(t, "SCT", pain.TransferBatch{DebtorAccount: own, Payments: []pain.Transfer{pay(1, iban("0000000001"))}})
	debit := func(instrument string, creditor account.IBAN) []byte {
		return debitOrder(t, "SDD", instrument, pain.DebitBatch{CreditorAccount: creditor, Payments: []pain.Debit{collect(1, iban("0000000001"))}})
	}
	core, b2b := debit("CORE", own), debit("B2B", own)
	for _, row := range []struct {
		name   string
		order  ebics.OrderType
		data   []byte
		reason string
	}{
		{"transfer as CDD", ebics.CDD, transfer, "TD03"},
		{"transfer as CDB", ebics.CDB, transfer, "TD03"},
		{"debit as CCT", ebics.CCT, core, "TD03"},
		{"CORE as CDB", ebics.CDB, core, "TD03"},
		{"B2B as CDD", ebics.CDD, b2b, "TD03"},
		{"no XML as CDD", ebics.CDD, []byte("x"), "TD02"},
		{"wrong sum as CDD", ebics.CDD, []byte(strings.Replace(string(core), "<CtrlSum>0.01<", "<CtrlSum>0.02<", 1)), "TD03"},
		{"creditor account of no one", ebics.CDD, debit("CORE", iban("0000000888")), "DS0H"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := send(t, c, client.Order{Type: row.order, Attribute: ebics.AttributeOrder}, row.data, 0); err != nil {
				t.Fatal(err)
			}
			if lines, _ := protocol(t, c); !slices.Contains(lines, "ORDER_HAC_FINAL_NEG "+row.reason) {
				t.Errorf("protocol %v", lines)
			}
		})
	}
	for _, o := range bank.orders() {
		if o.State != "refused" || len(o.Signatures) != 0 {
			t.Errorf("order %+v", o)
		}
	}
}
