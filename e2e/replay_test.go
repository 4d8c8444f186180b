package e2e_test

import (
	"fmt"
	"net/http"
	"regexp"
	"sync"
	"testing"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

var firstOf = regexp.MustCompile(`^DuplicateOf: ([0-9a-fA-F-]{36})\b`)

// namedFirst is the rId that the refusal of a double submission names, "" if it names none.
func namedFirst(details string) string {
	if found := firstOf.FindStringSubmatch(details); found != nil {
		return found[1]
	}
	return ""
}

// R8: of the same file, sent 64 times at the same moment, one is taken, and all others are rejected and name it, however they are packed or
// named; another file under the same message id is a file of its own.
func TestR8SameFileInParallelIsOnePayment(t *testing.T) {
	t.Parallel()
	rounds := 2
	if rig.Long() {
		rounds = 1000
	}
	t.Run("on SQLite", func(t *testing.T) { t.Parallel(); sameFile(t, "", rounds) })
	t.Run("on PostgreSQL", func(t *testing.T) { t.Parallel(); sameFile(t, pgtest.Database(t), rounds) })
}

// together is how many clients send at the same moment.
const together = 64

func sameFile(t *testing.T, database string, rounds int) {
	in := rig.Ceremony(t, rig.Plan{Database: database})
	in.Start(t)
	erp := in.Hub.Client(in.Tenants[0].Key)
	if got, err := erp.Login(t.Context()); err != nil || got.Status != http.StatusOK {
		t.Fatalf("login: HTTP %d, %v", got.Status, err)
	}
	for round := range rounds {
		id := fmt.Sprintf("REPLAY-%d", round)
		file := rig.PaymentFile(t, rig.PaymentPlan{MessageID: id, Account: in.Tenants[0].Accounts[0]})
		first := oneOfMany(t, in, erp, file)
		await(t, erp, first, "FIN_VEU_FORWARDED")
		deliveredOnce(t, in, id)
	}
	// The message id says nothing: another body is another file.
	other := rig.PaymentFile(t, rig.PaymentPlan{MessageID: "REPLAY-0", Account: in.Tenants[0].Accounts[0], Payments: 4})
	if p, err := erp.Submit(t.Context(), other, ""); err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
		t.Errorf("another file with the message id of the first: %+v, %v", p, err)
	}
}

// oneOfMany sends a file many times at once and returns the rId of the one that was taken.
func oneOfMany(t *testing.T, in *rig.Installation, erp *rig.Client, file []byte) (first string) {
	t.Helper()
	answers := make([]rig.Payment, together)
	packed := pack(t, file)
	begin := make(chan struct{})
	var group sync.WaitGroup
	for n := range together {
		group.Go(func() {
			<-begin
			header, body := http.Header{"Content-Type": {"application/xml"}}, file
			switch n % 3 {
			case 1:
				header.Set("Content-Encoding", "gzip")
				body = packed
			case 2:
				header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fmt.Sprintf("copy-%d.xml", n)))
			}
			got, err := erp.Do(t.Context(), http.MethodPost, rig.PathPayment, header, body)
			if err != nil || got.Status != http.StatusCreated {
				t.Errorf("submission %d: HTTP %d %s, %v", n, got.Status, got.Body, err)
				return
			}
			if err := got.Decode(&answers[n]); err != nil {
				t.Error(err)
			}
		})
	}
	close(begin)
	group.Wait()
	for _, p := range answers {
		if p.Item.Status == "KON_ACCEPTED_AND_QUEUED" {
			if first != "" {
				t.Errorf("both %s and %s were taken", first, p.RID)
			}
			first = p.RID
		}
	}
	for _, p := range answers {
		if p.RID == first {
			continue
		}
		if e := p.Item.ErrorItem; p.Item.Status != "KON_REJECTED" || e == nil || e.ErrorCode != "ERR-02-0003" || namedFirst(e.ErrorDetails) != first {
			t.Errorf("the same file: %+v %+v, want a rejection that names %s", p, e, first)
		}
	}
	return first
}
