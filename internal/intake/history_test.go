package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// behind runs a statement behind the store's back and returns the one number it gives, 0 if it gives none.
func (d *desk) behind(statement string) int64 {
	d.t.Helper()
	n, err := storetest.Behind(d.t.Context(), d.Store, statement)
	d.Must(err)
	return n
}

// remembers counts what is kept for later files.
func (d *desk) remembers() int64 {
	d.t.Helper()
	return d.behind(`SELECT COUNT(*) FROM history_print`) + d.behind(`SELECT COUNT(*) FROM history_file`)
}

// Nothing is analysed unless asked: without the tables any row and any look-up would fail.
func TestWithoutTheTenantsWishNothingIsKeptOrLookedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		// A severity alone is no wish.
		d.verify(hub.Verification{Rules: finding.Policy{"PAIN-K1": finding.Error, "PAIN-A4": finding.Error, "PAIN-H8": finding.Error}})
		d.taken(salaries("MSG-1", 300).String())
		if n := d.remembers(); n != 0 {
			t.Errorf("%d rows are kept", n)
		}
		d.behind(`DROP TABLE history_print`)
		d.behind(`DROP TABLE history_file`)
		if file := d.taken(salaries("MSG-2", 300).String()); file.State != hub.StateQueued || len(file.Detail.Findings) != 0 {
			t.Errorf("file %+v", file)
		}
		if file := d.taken(debits("08", "DD-1", collection{id: "C-1", iban: storetest.IBAN(1), scheme: "CORE", debits: 2})); file.State != hub.StateQueued {
			t.Errorf("file %+v", file)
		}
		d.verify(hub.Verification{History: true})
		if _, err := d.submit(salaries("MSG-3", 1).String()); err == nil {
			t.Error("with the wish, too, nothing was looked up: this test sees nothing")
		}
	})
}

// of counts the findings of a rule.
func of(file hub.PaymentFile, code finding.Code) (n int) {
	for _, f := range file.Detail.Findings {
		if f.Code == code {
			n++
		}
	}
	return n
}

func TestEarlierPaymentsAreNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		d.verify(hub.Verification{History: true})
		first := d.taken(salaries("SALARY-02", 300).String())
		if len(first.Detail.Findings) != 0 || first.State != hub.StateQueued {
			t.Fatalf("the first file has findings: %+v", first)
		}
		if n := d.remembers(); n != 300+1+2 {
			t.Errorf("%d rows are kept of 300 payments and a message", n)
		}
		d.Forward(24 * time.Hour)
		text := strings.Replace(salaries("SALARY-03", 300).String(), "<EndToEndId>PMT-1-7<", "<EndToEndId>OTHER<", 1)
		second := d.file(d.taken(text).ID)
		if second.State != hub.StateQueued || of(second, "PAIN-K1") != 100 || of(second, "PAIN-A4") != 0 || of(second, "PAIN-Z1") != 1 {
			t.Fatalf("file is %s: %s", second.State, codes(second.Detail.Findings))
		}
		k, last := second.Detail.Findings[0], second.Detail.Findings[100]
		want := fmt.Sprintf("SALARY-02, 2026-03-02, %s", first.ID)
		if k.Severity != finding.Warning || k.At.Path != "CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[1]" || k.At.Line != 5 || len(k.Args) != 1 || k.Args[0] != want {
			t.Errorf("finding %+v, want one that names %s", k, want)
		}
		if last.Code != "PAIN-Z1" || last.Severity != finding.Warning || last.Args[0] != "199" {
			t.Errorf("the closing finding is %+v", last)
		}
		for _, x := range second.Detail.Findings {
			if strings.HasSuffix(x.At.Path, "CdtTrfTxInf[8]") {
				t.Errorf("a payment with another reference is %+v", x)
			}
		}
		// The same message id once more, from the same party.
		third := d.taken(strings.ReplaceAll(salaries("SALARY-02", 1).String(), "PMT-1-0", "NEW"))
		if third.State != hub.StateQueued || codes(third.Detail.Findings) != "PAIN-A4" || third.Detail.Findings[0].At.Line != 3 {
			t.Errorf("file %+v", third)
		}
		if strings.Contains(codes(d.taken(strings.Replace(salaries("SALARY-02", 1).String(), "<InitgPty><Nm>Invented", "<InitgPty><Nm>Other", 1)).Detail.Findings), "PAIN-A4") {
			t.Error("another party's message id is the same")
		}
	})
}

func TestEqualPaymentsAreToldByTheirText(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.verify(hub.Verification{History: true})
	base := strings.Replace(salaries("MSG-0", 1).String(), "PMT-1-0", "NOTPROVIDED", 1)
	d.taken(base)
	for i, row := range []struct {
		name, from, to string
		equal          bool
	}{
		{"all equal", "MSG-0", "MSG-X", true},
		{"another text without reference", "invoice 0", "invoice 1", false},
		{"another amount", ">1.00<", ">2.00<", false},
		{"another creditor account", storetest.IBAN(1000), storetest.IBAN(1001), false},
		{"another own account", storetest.IBAN(1), storetest.IBAN(2), false},
		{"a reference", "NOTPROVIDED", "E-1", false},
		{"another name of the creditor", "Invented Creditor", "Somebody", true},
	} {
		text := strings.ReplaceAll(strings.Replace(base, "MSG-0", fmt.Sprintf("MSG-%d", i+1), 1), row.from, row.to)
		if file := d.taken(text); of(file, "PAIN-K1") == 1 != row.equal || file.State != hub.StateQueued {
			t.Errorf("%s: %s, %+v", row.name, file.State, file.Detail.Findings)
		}
	}
}

func TestPaymentsAreComparedForTheDaysThatTheTenantSays(t *testing.T) {
	for _, row := range []struct {
		name  string
		v     hub.Verification
		after time.Duration
		want  int
	}{
		{"default, on the last day", hub.Verification{History: true}, 30 * 24 * time.Hour, 1},
		{"default, after it", hub.Verification{History: true}, 30*24*time.Hour + time.Second, 0},
		{"five days, after them", hub.Verification{History: true, HistoryDays: 5}, 6 * 24 * time.Hour, 0},
		{"ninety days", hub.Verification{History: true, HistoryDays: 90}, 80 * 24 * time.Hour, 1},
		{"rule off", hub.Verification{History: true, Rules: finding.Policy{"PAIN-K1": finding.Off}}, time.Hour, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			d.verify(row.v)
			d.taken(salaries("MSG-1", 1).String())
			d.Forward(row.after)
			if file := d.taken(salaries("MSG-2", 1).String()); of(file, "PAIN-K1") != row.want {
				t.Errorf("findings %s", codes(file.Detail.Findings))
			}
		})
	}
}

func TestATenantMayMakeHistoryAnErrorForAnAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		var accounts []hub.Account
		d.Read(func(tx *store.Tx) (err error) { accounts, err = tx.Accounts(t.Context(), d.tenant.ID); return err })
		of := map[string]hub.AccountID{}
		for _, a := range accounts {
			of[a.IBAN] = a.ID
		}
		d.verify(hub.Verification{History: true, Accounts: map[hub.AccountID]finding.Policy{of[storetest.IBAN(1)]: {"PAIN-K1": finding.Error}}})
		for _, row := range []struct {
			iban int
			want hub.State
		}{{1, hub.StateRejected}, {2, hub.StateQueued}} {
			file := func(id string) message {
				return message{version: "09", id: fmt.Sprintf("%s-%d", id, row.iban), batches: []batch{{id: "P", iban: storetest.IBAN(row.iban), payments: 1}}}
			}
			d.taken(file("A").String())
			before := d.remembers()
			if again := d.taken(file("B").String()); again.State != row.want || codes(again.Detail.Findings) != "PAIN-K1" {
				t.Errorf("account %d: %s, %s", row.iban, again.State, codes(again.Detail.Findings))
			}
			if kept := d.remembers() > before; kept != (row.want == hub.StateQueued) {
				t.Errorf("account %d: a file that is %s is remembered: %t", row.iban, row.want, kept)
			}
		}
	})
}

func TestAMandateThatHasEndedIsTold(t *testing.T) {
	for _, row := range []struct {
		name, first, second string
		business            bool // the creditor id has another business code
		want                int
	}{
		{"recurrent after recurrent", "RCUR", "RCUR", false, 0},
		{"recurrent after the only one", "OOFF", "RCUR", true, 1},
		{"the only one twice", "OOFF", "OOFF", false, 1},
		{"recurrent after the last one", "FNAL", "RCUR", false, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			d.verify(hub.Verification{History: true, Rules: finding.Policy{"PAIN-K1": finding.Off}})
			text := func(id, sequence string) string {
				return strings.ReplaceAll(debits("08", id, collection{id: "C-1", iban: storetest.IBAN(1), scheme: "CORE", debits: 1}), "<SeqTp>RCUR<", "<SeqTp>"+sequence+"<")
			}
			first := d.taken(text("DD-1", row.first))
			d.Forward(400 * 24 * time.Hour)
			later := text("DD-2", row.second)
			if row.business {
				later = strings.ReplaceAll(later, "DE98ZZZ0", "DE98ABC0")
			}
			second := d.taken(later)
			if first.State != hub.StateQueued || second.State != hub.StateQueued || of(second, "PAIN-H8") != row.want {
				t.Fatalf("%s, %s: %s", first.State, second.State, codes(second.Detail.Findings))
			}
			for _, x := range second.Detail.Findings {
				if x.Code == "PAIN-H8" && (x.At.Path != "CstmrDrctDbtInitn/PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf" || !strings.Contains(x.Args[0], string(first.ID))) {
					t.Errorf("finding %+v", x)
				}
			}
		})
	}
}

// A file that breaks off in the middle leaves nothing that a later file could meet.
func TestABrokenUploadIsNotRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		d.verify(hub.Verification{History: true})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		_, err := d.Submit(ctx, intake.Submission{Principal: d.principal, Body: &stopping{newPump(20_000), 2 << 20, stop}})
		if err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v", err)
		}
		if n := d.remembers(); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// What history costs is printed: 20,000 payments with it, and again when each of them is known.
func TestHistoryOfALargeFile(t *testing.T) {
	const payments = 20_000
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		took := map[string]time.Duration{}
		for i, name := range []string{"off", "on", "on, each payment known"} {
			d.verify(hub.Verification{History: i > 0})
			d.Forward(48 * time.Hour) // past the window of equal files
			d.behind(`UPDATE payment_file SET state = 'confirmed'`)
			d.behind(`DELETE FROM submission`)
			p := newPump(payments)
			begin := time.Now()
			file, err := d.Submit(t.Context(), intake.Submission{Principal: d.principal, Body: p})
			took[name] = time.Since(begin)
			d.Must(err)
			if file.State != hub.StateQueued || p.peak > 40<<20 {
				t.Fatalf("%s: %s, memory grew by %d MiB: %s", name, file.State, p.peak>>20, codes(file.Detail.Findings))
			}
			// The list has 100 warnings, and a few are about other things.
			if n, listed := of(file, "PAIN-K1"), len(file.Detail.Findings)-of(file, "PAIN-Z1"); i < 2 && n != 0 || i == 2 && (n < 90 || listed != 100) {
				t.Errorf("%s: %d findings of %d", name, n, listed)
			}
			if rows := d.behind(`SELECT COUNT(*) FROM history_print WHERE kind = 'payment'`); rows != int64(i*payments) {
				t.Errorf("%s: %d rows", name, rows)
			}
		}
		t.Logf("%d payments: history off %v, on %v, on with each payment known %v", payments, took["off"].Round(1e6), took["on"].Round(1e6), took["on, each payment known"].Round(1e6))
	})
}
