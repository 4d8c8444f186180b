package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
	"kontor/iso20022/camt"
)

// Direct debits go the same line as credit transfers: by their own order types, released by the creditor's users or outside EBICS, reported by
// CDZ, and what a debtor takes back stands in a later statement.
func TestDirectDebits(t *testing.T) {
	t.Run("on SQLite", func(t *testing.T) { directDebits(t, "") })
	t.Run("on PostgreSQL", func(t *testing.T) { directDebits(t, pgtest.Database(t)) })
}

func directDebits(t *testing.T, database string) {
	in := rig.Ceremony(t, rig.Plan{Database: database})
	in.Start(t)
	ctx, tenant := t.Context(), in.Tenants[0]
	creditor := tenant.Accounts[0]
	erp := in.Hub.Client(tenant.Key)
	good, back := rig.DebtorEnding("00001"), rig.DebtorEnding(rig.GivenBack)
	submit := func(id, instrument string, debtors ...string) rig.Payment {
		t.Helper()
		p, err := erp.Submit(ctx, rig.DebitFile(t, rig.DebitPlan{MessageID: id, Account: creditor, Instrument: instrument, Debtors: debtors}), id+".xml")
		if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
			t.Fatalf("%s submitted: %+v, error %v", id, p, err)
		}
		return p
	}

	core := await(t, erp, submit("DEBIT-CORE", "CORE", good, back).RID, "FIN_VEU_FORWARDED")
	partly := await(t, erp, submit("DEBIT-PART", "B2B", good, rig.DebtorEnding(rig.NoAccount)).RID, "FIN_VEU_FORWARDED")
	for _, p := range []rig.Payment{core, partly} {
		if err := in.Bank.ReleaseE(ctx, in.Partner, p.Item.OrderID, creditor.Holder, creditor.B[0], creditor.A[0]); err != nil {
			t.Fatal(err)
		}
	}
	await(t, erp, core.RID, "FIN_CONFIRMED")
	await(t, erp, partly.RID, "FIN_PARTIALLY_ACCEPTED")

	// What partner and bank have agreed to release outside EBICS waits for nobody.
	in.Bank.Agree(t, in.Partner, "CDB", "DZHNN")
	in.Admin(t, nil, "bank", "set", rig.BankHandle, "--upload", "CDB=DZHNN")
	note := submit("DEBIT-NOTE", "B2B", good)
	await(t, erp, note.RID, "FIN_CONFIRMED")

	in.Bank.Advance(t)
	if diff := cmp.Diff([]string{
		"CRDT 20.01 PMNT/IDDT/ESDD DEBIT-CORE", "CRDT 10.00 PMNT/IDDT/BBDD DEBIT-PART", "CRDT 10.00 PMNT/IDDT/BBDD DEBIT-NOTE",
	}, nextStatement(t, in, erp)); diff != "" {
		t.Error(diff)
	}
	in.Bank.Advance(t)
	if diff := cmp.Diff([]string{"DBIT 10.01 PMNT/IDDT/UPDD DEBIT-CORE MD06"}, nextStatement(t, in, erp)); diff != "" {
		t.Error(diff)
	}
	var types []string
	for _, o := range in.Bank.Orders(t) {
		types = append(types, o.OrderType+" "+o.MessageID+" "+o.State)
	}
	if diff := cmp.Diff([]string{"CDD DEBIT-CORE executed", "CDB DEBIT-PART executed", "CDB DEBIT-NOTE executed"}, types); diff != "" {
		t.Error(diff)
	}
	in.Stop(t)
	checkAudit(t, in)
}

// What the bank takes away from the contact, the hub notices: it refuses such files itself, shows what is left, and goes on when the bank
// gives it back.
func TestBankWithdrawsAnOrderType(t *testing.T) {
	in := rig.Ceremony(t, rig.Plan{})
	in.Start(t)
	tenant := in.Tenants[0]
	erp := in.Hub.Client(tenant.Key)
	submit := func(id string) rig.PaymentStatus {
		t.Helper()
		p, err := erp.Submit(t.Context(), rig.DebitFile(t, rig.DebitPlan{
			MessageID: id, Account: tenant.Accounts[0], Instrument: "CORE", Debtors: []string{rig.DebtorEnding("00001")},
		}), "")
		if err != nil {
			t.Fatal(err)
		}
		return p.Item
	}
	bankPermits := func(orderType string, permitted bool) {
		t.Helper()
		in.Admin(t, nil, "contact", "refresh", in.Contact)
		rig.Until(t, fmt.Sprintf("%s permitted: %v", orderType, permitted), func() (bool, error) {
			var contact struct {
				Orders []struct {
					Type string `json:"type"`
				} `json:"orders"`
			}
			in.Admin(t, &contact, "contact", "show", in.Contact)
			found := false
			for _, o := range contact.Orders {
				found = found || o.Type == orderType
			}
			return len(contact.Orders) > 0 && found == permitted, nil
		})
	}
	bankPermits("CDD", true)
	in.Bank.Withdraw(t, in.Partner, in.User, "CDD")
	bankPermits("CDD", false)
	if s := submit("RIGHT-1"); s.Status != "KON_REJECTED" || s.ErrorItem == nil || !strings.Contains(s.ErrorItem.ErrorDetails, "CDD") {
		t.Errorf("without the right: %+v %+v, want KON_REJECTED naming CDD", s, s.ErrorItem)
	}
	in.Bank.Grant(t, in.Partner, in.User, "CDD")
	bankPermits("CDD", true)
	if s := submit("RIGHT-2"); s.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Errorf("with the right again: %+v %+v", s, s.ErrorItem)
	}
	rig.Until(t, "the order at the bank", func() (bool, error) {
		orders := in.Bank.Orders(t)
		return len(orders) == 1 && orders[0].MessageID == "RIGHT-2", nil
	})
}

// nextStatement waits for one new statement, acknowledges it, and shows its entries.
func nextStatement(t *testing.T, in *rig.Installation, erp *rig.Client) (lines []string) {
	t.Helper()
	in.PollNow(t, "C53")
	var document rig.Document
	rig.Until(t, "the statement", func() (bool, error) {
		all, err := erp.NewDocuments(t.Context())
		if len(all) > 0 {
			document = all[0]
		}
		return len(all) == 1, err
	})
	statement, err := erp.DocumentFile(t.Context(), document.RID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := erp.Acknowledge(t.Context(), document.RID); err != nil {
		t.Fatal(err)
	}
	if err := readEntries(statement, func(e *camt.Entry) error {
		direction := "DBIT"
		if e.Credit {
			direction = "CRDT"
		}
		lines = append(lines, strings.TrimSpace(strings.Join([]string{direction, e.Amount.Decimal(), e.TransactionCode, e.MessageID, e.ReturnReason}, " ")))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return lines
}
