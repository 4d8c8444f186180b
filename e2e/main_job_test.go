package e2e_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
	"kontor/iso20022/camt"
)

// The main job: a payment file goes from the ERP to the bank and its fate comes back, on both databases, with an upload of several
// segments and an orderly restart in the middle.
func TestMainJob(t *testing.T) {
	t.Run("on SQLite", func(t *testing.T) { mainJob(t, "", "") })
	t.Run("on PostgreSQL", func(t *testing.T) { mainJob(t, pgtest.Database(t), "") })
	for _, protocol := range []string{"H003", "H005"} {
		t.Run("in "+protocol, func(t *testing.T) { mainJob(t, "", protocol) })
	}
}

// stopLimit is how long an orderly stop may take.
const stopLimit = 10 * time.Second

func mainJob(t *testing.T, database, protocol string) {
	in := rig.Ceremony(t, rig.Plan{Database: database, Protocol: protocol, Settings: map[string]string{"segment-size": "4000"}})
	in.Start(t)
	ctx, tenant := t.Context(), in.Tenants[0]
	debtor := tenant.Accounts[0]
	erp := in.Hub.Client(tenant.Key)
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "MAIN-JOB-1", Account: debtor, Payments: 60, Padding: 100})

	p, err := erp.Submit(ctx, file, "salaries.xml")
	if err != nil {
		t.Fatal(err)
	}
	if p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("submitted: %+v", p)
	}
	p = await(t, erp, p.RID, "FIN_VEU_FORWARDED")
	stored, err := erp.PaymentFile(ctx, p.RID)
	if err != nil || !bytes.Equal(stored, file) {
		t.Errorf("the stored file differs from the one sent (%d and %d bytes, error %v)", len(stored), len(file), err)
	}

	// An orderly restart keeps everything, and the client goes on with its token.
	if took := in.Hub.Stop(t); took > stopLimit {
		t.Errorf("stopping took %s", took)
	}
	in.Hub.Start(t)

	if err := in.Bank.ReleaseE(ctx, in.Partner, p.Item.OrderID, debtor.Holder, debtor.B[0], debtor.A[0]); err != nil {
		t.Fatal(err)
	}
	await(t, erp, p.RID, "FIN_CONFIRMED")
	in.Bank.Advance(t)
	in.PollNow(t, "C53")
	var document rig.Document
	rig.Until(t, "the statement", func() (bool, error) {
		all, err := erp.NewDocuments(ctx)
		if len(all) > 0 {
			document = all[0]
		}
		return len(all) == 1, err
	})
	statement, err := erp.DocumentFile(ctx, document.RID)
	if err != nil {
		t.Fatal(err)
	}
	if document.IBAN != debtor.IBAN || !slices.Contains(namesOfBank(in.Bank.Files(t)), document.FileName) {
		t.Errorf("document %+v: want account %s and a file name of the bank's", document, debtor.IBAN)
	}
	if n := booked(t, statement, "MAIN-JOB-1"); n != 60 {
		t.Errorf("the statement books %d payments of the file, want 60", n)
	}
	if d, err := erp.Acknowledge(ctx, document.RID); err != nil || d.IsNew {
		t.Errorf("acknowledged: %+v, error %v", d, err)
	}
	if left, err := erp.NewDocuments(ctx); err != nil || len(left) != 0 {
		t.Errorf("after the acknowledgement %d documents are new, error %v", len(left), err)
	}
	checkDeliveredOnce(t, in, "MAIN-JOB-1")
	checkHistory(t, in.Events(t, tenant.Handle, p.RID))
	if took := in.Hub.Stop(t); took > stopLimit {
		t.Errorf("stopping took %s", took)
	}
	checkAudit(t, in)
}

// await asks for a file's status until it is the wanted one.
func await(t *testing.T, erp *rig.Client, rID, status string) (p rig.Payment) {
	t.Helper()
	rig.Until(t, status, func() (bool, error) {
		var err error
		if p, err = erp.Payment(t.Context(), rID); err == nil && p.Item.Status != status {
			err = fmt.Errorf("it is %s", p.Item.Status)
		}
		return err == nil, err
	})
	return p
}

func namesOfBank(files []rig.BankFile) []string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return names
}

// readEntries hands out the entries of a statement that has no findings.
func readEntries(statement []byte, entry func(*camt.Entry) error) error {
	findings, err := camt.Read(bytes.NewReader(statement), camt.Options{}, camt.Visitor{Entry: entry})
	if err == nil && len(findings) > 0 {
		err = fmt.Errorf("findings: %v", findings)
	}
	return err
}

// booked counts the payments of a message that a statement books as debits.
func booked(t *testing.T, statement []byte, messageID string) int {
	t.Helper()
	payments := 0
	err := readEntries(statement, func(e *camt.Entry) error {
		if e.MessageID == messageID && !e.Credit {
			payments += e.Transactions
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return payments
}

// checkDeliveredOnce asserts what matters most: of all transactions that the bank has ever seen, finished or not, exactly one delivered
// the message, in several segments, and the bank has made one order of it.
func checkDeliveredOnce(t *testing.T, in *rig.Installation, messageID string) {
	t.Helper()
	finished := 0
	for _, l := range in.Bank.Log(t) {
		if l.OrderType != "CCT" {
			continue
		}
		if l.Finished {
			finished++
			if l.MessageID != messageID || l.SegmentsAnnounced < 2 || l.SegmentsReceived != l.SegmentsAnnounced {
				t.Errorf("a finished upload: %+v; want message %s in two segments or more", l, messageID)
			}
		}
	}
	if finished != 1 {
		t.Errorf("the bank's log has %d finished uploads, want 1: %+v", finished, uploads(in.Bank.Log(t)))
	}
	if orders := in.Bank.Orders(t); len(orders) != 1 || orders[0].MessageID != messageID {
		t.Errorf("the bank has %d orders, want 1 with message %s: %+v", len(orders), messageID, orders)
	}
}

func uploads(log []rig.BankTransaction) []rig.BankTransaction {
	return slices.DeleteFunc(log, func(l rig.BankTransaction) bool { return l.OrderType != "CCT" })
}

// checkHistory asserts that every step has a time and an actor, and every word of the bank its bytes.
func checkHistory(t *testing.T, events []rig.Event) {
	t.Helper()
	var path []string
	for _, e := range events {
		if e.At == "" || e.Actor == "" {
			t.Errorf("an event without time or actor: %+v", e)
		}
		if e.To == "" {
			continue
		}
		path = append(path, e.To)
		fromBank := slices.Contains([]string{"forwarded", "accepted", "confirmed"}, e.To)
		if fromBank && (e.Evidence == "" || len(e.EvidenceSHA256) != 64) {
			t.Errorf("an event without its evidence: %+v", e)
		}
	}
	if got, want := strings.Join(path, " "), "queued sending sent forwarded accepted confirmed"; got != want {
		t.Errorf("the file went %s, want %s", got, want)
	}
}

// checkAudit asserts that every chain of a stopped installation is whole, and no row waits to be chained.
func checkAudit(t *testing.T, in *rig.Installation) {
	t.Helper()
	rows := int64(0)
	for _, c := range in.VerifyAudit(t) {
		rows += c.Chained
		if c.Fault != "" || c.Pending != 0 {
			t.Errorf("audit chain of %s: %d rows are not chained, fault %q", c.Owner, c.Pending, c.Fault)
		}
	}
	if rows < 5 {
		t.Errorf("the audit chains have %d rows in all", rows)
	}
}
