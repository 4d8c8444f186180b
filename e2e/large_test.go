package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
	"kontor/iso20022/camt"
)

const (
	largePayments = 100_000
	// largeMemory is what the hub may have in memory at most, whatever it carries.
	largeMemory = 200 << 20
	// largePatience is how long a step with the large file may take on a busy machine.
	largePatience = 5 * time.Minute
)

// A file of 100,000 payments goes through the whole line and comes back as a statement of 100,000 entries: in little memory, and without
// making anybody else wait.
func TestLarge(t *testing.T) {
	t.Run("on SQLite", func(t *testing.T) { large(t, "") })
	t.Run("on PostgreSQL", func(t *testing.T) { large(t, pgtest.Database(t)) })
}

func large(t *testing.T, database string) {
	in := rig.Ceremony(t, rig.Plan{Database: database, Tenants: []rig.TenantPlan{{Handle: "payer", Accounts: 1}, {Handle: "paid", Accounts: 1}}})
	in.Start(t)
	payer, paid := in.Tenants[0], in.Tenants[1]
	from, to := payer.Accounts[0], paid.Accounts[0]
	in.Bank.Credit(t, from.IBAN, "50000000.00", "Bank loan", "to pay with")
	file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "LARGE-1", Account: from, Payments: largePayments, IBAN: to.IBAN})
	others := disturbNobody(t, in, paid)
	begin := time.Now()
	step := func(name string) {
		t.Logf("%-10s after %5.1f s, hub's peak %3d MB", name, time.Since(begin).Seconds(), in.Hub.PeakMemory(t)>>20)
	}
	t.Logf("the file has %d MB", len(file)>>20)

	erp := in.Hub.Client(payer.Key)
	p, err := erp.Submit(t.Context(), file, "large.xml")
	if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Fatalf("submitted: %+v, error %v", p, err)
	}
	step("submitted")
	p = awaitLong(t, erp, p.RID, "FIN_VEU_FORWARDED")
	step("forwarded")
	if err := in.Bank.ReleaseE(t.Context(), in.Partner, p.Item.OrderID, from.Holder, from.B[0], from.A[0]); err != nil {
		t.Fatal(err)
	}
	awaitLong(t, erp, p.RID, "FIN_CONFIRMED")
	step("confirmed")
	in.Bank.Advance(t)
	in.PollNow(t, "C53")
	statement := receiveStatement(t, in.Hub.Client(paid.Key))
	step("served")
	if n := credits(t, statement); n < largePayments {
		t.Errorf("the statement has %d entries of the file, want %d", n, largePayments)
	}
	stored, err := erp.PaymentFile(t.Context(), p.RID)
	if err != nil || !bytes.Equal(stored, file) {
		t.Errorf("the stored file differs from the one sent (%d and %d bytes, error %v)", len(stored), len(file), err)
	}
	others.report(t)
	if peak := in.Hub.PeakMemory(t); peak > largeMemory {
		t.Errorf("the hub had %d MB in memory, want at most %d", peak>>20, largeMemory>>20)
	}
	step("the end")
	in.Stop(t)
	checkAudit(t, in)
}

func awaitLong(t *testing.T, erp *rig.Client, rID, status string) (p rig.Payment) {
	t.Helper()
	deadline := time.Now().Add(largePatience)
	for {
		p, err := erp.Payment(t.Context(), rID)
		if err == nil && p.Item.Status == status {
			return p
		}
		if time.Now().After(deadline) || !rig.Pause(t, 4*rig.Often) {
			t.Fatalf("waited %s for %s: %+v, error %v", largePatience, status, p, err)
		}
	}
}

// receiveStatement waits for the large statement and fetches it.
func receiveStatement(t *testing.T, erp *rig.Client) []byte {
	t.Helper()
	deadline := time.Now().Add(largePatience)
	for {
		documents, err := erp.NewDocuments(t.Context())
		if err == nil && len(documents) > 0 {
			body, err := erp.DocumentFile(t.Context(), documents[0].RID)
			if err != nil {
				t.Fatal(err)
			}
			return body
		}
		if time.Now().After(deadline) || !rig.Pause(t, 4*rig.Often) {
			t.Fatalf("waited %s for the statement, error %v", largePatience, err)
		}
	}
}

// credits counts the incoming payments that a statement books one by one.
func credits(t *testing.T, statement []byte) (n int) {
	t.Helper()
	err := readEntries(statement, func(e *camt.Entry) error {
		if e.Credit {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// bystander is a client that uses the hub while the large file passes.
type bystander struct {
	stop func()
	wait sync.WaitGroup

	mu            sync.Mutex
	reads, writes []time.Duration
	failures      []error
}

// disturbNobody starts a client of another tenant that asks for documents all the time, and submits a small file now and then.
func disturbNobody(t *testing.T, in *rig.Installation, tenant rig.Tenant) *bystander {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	b := &bystander{stop: stop}
	erp := in.Hub.Client(tenant.Key)
	if _, err := erp.Login(ctx); err != nil {
		t.Fatal(err)
	}
	const small = 2000
	files := make([][]byte, small)
	for n := range files {
		files[n] = rig.PaymentFile(t, rig.PaymentPlan{MessageID: fmt.Sprintf("SMALL-%d", n), Account: tenant.Accounts[0], Payments: 1})
	}
	b.wait.Go(func() {
		for rig.Pause(t, 50*time.Millisecond) && ctx.Err() == nil {
			b.note(ctx, &b.reads, func() error {
				_, err := erp.NewDocuments(ctx)
				return err
			})
		}
	})
	b.wait.Go(func() {
		for n := 0; n < small && rig.Pause(t, 250*time.Millisecond) && ctx.Err() == nil; n++ {
			b.note(ctx, &b.writes, func() error {
				_, err := erp.Submit(ctx, files[n], "")
				return err
			})
		}
	})
	t.Cleanup(func() { b.stop(); b.wait.Wait() })
	return b
}

func (b *bystander) note(ctx context.Context, into *[]time.Duration, request func() error) {
	begin := time.Now()
	err := request()
	took := time.Since(begin)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil && ctx.Err() == nil {
		b.failures = append(b.failures, err)
	}
	*into = append(*into, took)
}

// report ends the client and prints how long it was made to wait.
func (b *bystander) report(t *testing.T) {
	t.Helper()
	b.stop()
	b.wait.Wait()
	if len(b.failures) > 0 {
		t.Errorf("%d requests of others failed: %v", len(b.failures), errors.Join(b.failures[:min(3, len(b.failures))]...))
	}
	if len(b.reads) < 20 || len(b.writes) < 5 {
		t.Errorf("others made %d reads and %d writes only", len(b.reads), len(b.writes))
		return
	}
	for name, took := range map[string][]time.Duration{"reads": b.reads, "writes": b.writes} {
		slices.Sort(took)
		t.Logf("others meanwhile: %4d %-6s p50 %s, p99 %s, longest %s", len(took), name, took[len(took)/2].Round(time.Millisecond/10),
			took[len(took)*99/100].Round(time.Millisecond/10), took[len(took)-1].Round(time.Millisecond/10))
	}
}
