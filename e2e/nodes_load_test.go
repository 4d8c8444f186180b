package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// traffic is an ERP that goes on handing in payment files while things happen to the nodes and to the database, and an account holder who
// signs for them at the bank. Like every good client it repeats the very same request until it gets a definite answer.
type traffic struct {
	t      *testing.T
	in     *rig.Installation
	prefix string // of the message ids
	large  int    // payments of a file; 0 = three

	stopping context.CancelFunc // no new files
	handing  sync.WaitGroup
	signing  sync.WaitGroup
	signed   context.CancelFunc // the account holder goes home

	mu       sync.Mutex
	erps     []*rig.Client
	taken    map[string]string // message id → rId of the file that stands for it
	tries    int               // requests with a file
	troubles map[string]int    // what came instead of a definite answer
	waits    []time.Duration   // from a file's first request to its definite answer
}

// startTraffic has as many clerks as workers hand in files, each through one of the clients in turn, until stop is called, or each has
// handed in files (0 = no end).
func startTraffic(t *testing.T, in *rig.Installation, prefix string, workers, files int, erps ...*rig.Client) *traffic {
	t.Helper()
	tr := &traffic{t: t, in: in, prefix: prefix, erps: erps, taken: map[string]string{}, troubles: map[string]int{}}
	handing, stop := context.WithCancel(t.Context())
	signing, signed := context.WithCancel(t.Context())
	tr.stopping, tr.signed = stop, signed
	for w := range workers {
		tr.handing.Go(func() {
			for n := 0; (files == 0 || n < files) && handing.Err() == nil; n++ {
				tr.handIn(w, fmt.Sprintf("%s-%d-%d", prefix, w+1, n+1))
				if files == 0 && !rig.Pause(t, 4*rig.Often) { // load, but not all that a machine can bear
					return
				}
			}
		})
	}
	tr.signing.Go(func() { tr.sign(signing) })
	t.Cleanup(func() { stop(); signed(); tr.handing.Wait(); tr.signing.Wait() })
	return tr
}

// handIn repeats one file until the hub has definitely taken it.
func (tr *traffic) handIn(worker int, messageID string) {
	plan := rig.PaymentPlan{MessageID: messageID, Account: tr.in.Tenants[0].Accounts[0], Payments: tr.large, Padding: 100}
	file := rig.PaymentFile(tr.t, plan)
	begin, deadline := time.Now(), time.Now().Add(2*rig.Patience)
	for first := true; ; first = false {
		tr.mu.Lock()
		tr.tries++
		erp := tr.erps[worker%len(tr.erps)]
		tr.mu.Unlock()
		p, err := erp.Submit(tr.t.Context(), file, "")
		if err == nil {
			if rID, ok := tr.definite(p, first); ok {
				tr.mu.Lock()
				tr.taken[messageID] = rID
				tr.waits = append(tr.waits, time.Since(begin))
				tr.mu.Unlock()
				return
			}
			tr.t.Errorf("%s was answered %+v", messageID, p)
			return
		}
		tr.trouble(messageID, err)
		if time.Now().After(deadline) {
			tr.t.Errorf("%s got no definite answer for two minutes; the last: %v", messageID, err)
			return
		}
		if !rig.Pause(tr.t, 4*rig.Often) {
			return
		}
	}
}

// redirect has all go on with another address of the hub.
func (tr *traffic) redirect(erps ...*rig.Client) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.erps = erps
}

// definite reads the answer 201: queued, or, for a repeated request, rejected as a double of the first, whose rId it names.
func (tr *traffic) definite(p rig.Payment, first bool) (rID string, ok bool) {
	if p.Item.Status == "KON_ACCEPTED_AND_QUEUED" {
		return p.RID, true
	}
	if first || p.Item.ErrorItem == nil || p.Item.ErrorItem.ErrorCode != "ERR-02-0003" {
		return "", false
	}
	_, named, found := strings.Cut(p.Item.ErrorItem.ErrorDetails, "DuplicateOf: ")
	named, _, _ = strings.Cut(named, " ")
	return strings.TrimRight(named, ".,;"), found
}

// trouble notes what came instead of an answer. Only "try again" and silence are allowed: 503 of the hub, 502 and 503 of a balancer.
func (tr *traffic) trouble(messageID string, err error) {
	kind := "no answer"
	if refused, ok := errors.AsType[*rig.Refused](err); ok {
		kind = fmt.Sprintf("HTTP %d", refused.Status)
		problem := len(refused.Items) > 0 || refused.Header.Get("Content-Type") != "application/json"
		if refused.Status != http.StatusServiceUnavailable && refused.Status != http.StatusBadGateway || !problem {
			tr.t.Errorf("%s: %v", messageID, err)
		}
	}
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.troubles[kind]++
}

// sign is the account holder: a person with a single signature signs whatever waits.
func (tr *traffic) sign(ctx context.Context) {
	holder := tr.in.Tenants[0].Accounts[0]
	for ctx.Err() == nil {
		var orders []rig.BankOrder
		if err := tr.in.Bank.Control(ctx, "orders", nil, &orders); err == nil {
			for _, o := range orders {
				if o.State == "waiting" {
					_, _ = tr.in.Bank.Decide(ctx, o.PartnerID, o.OrderID, "release", holder.Holder, holder.E[0]) // again in a moment
				}
			}
		}
		if !rig.Pause(tr.t, 4*rig.Often) {
			return
		}
	}
}

// taken returns how many files have been definitely taken so far.
func (tr *traffic) count() int {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return len(tr.taken)
}

// awaitCount waits until n more files have been taken than are now.
func (tr *traffic) awaitMore(n int) {
	tr.t.Helper()
	from := tr.count()
	rig.Until(tr.t, fmt.Sprintf("%d more files", n), func() (bool, error) {
		if tr.t.Failed() {
			tr.t.FailNow()
		}
		return tr.count() >= from+n, nil
	})
}

// stop has nobody begin another file and waits for the definite answers of those begun.
func (tr *traffic) stop() {
	tr.stopping()
	tr.handing.Wait()
}

// settle ends the handing in and waits until every file that was taken has reached its final state through the whole line.
func (tr *traffic) settle(erp *rig.Client) {
	tr.t.Helper()
	tr.stop()
	open := maps.Clone(tr.taken)
	deadline := time.Now().Add(2 * rig.Patience)
	var last error
	for len(open) > 0 {
		for messageID, rID := range open {
			p, err := erp.Payment(tr.t.Context(), rID)
			if err != nil {
				last = err
				break
			}
			if p.Item.Status == "FIN_CONFIRMED" {
				delete(open, messageID)
				continue
			}
			last = fmt.Errorf("%s is %s", messageID, p.Item.Status)
		}
		if len(open) > 0 && (time.Now().After(deadline) || !rig.Pause(tr.t, 4*rig.Often)) {
			tr.t.Fatalf("%d of %d acknowledged files have not reached their end; for example %v", len(open), len(tr.taken), last)
		}
	}
	tr.signed()
	tr.signing.Wait()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	slices.Sort(tr.waits)
	if len(tr.waits) > 0 {
		tr.t.Logf("%s: %d files in %d requests, each definitely taken within %s (half of them within %s); instead of an answer came %v", tr.prefix,
			len(tr.taken), tr.tries, tr.waits[len(tr.waits)-1].Round(time.Millisecond), tr.waits[len(tr.waits)/2].Round(time.Millisecond), tr.troubles)
	}
}

// checkBank asserts against the bank's own books that each file was delivered exactly once, and nothing else was.
func (tr *traffic) checkBank() {
	tr.t.Helper()
	delivered, orders := map[string]int{}, map[string]int{}
	for _, l := range uploads(tr.in.Bank.Log(tr.t)) {
		if l.Finished {
			delivered[l.MessageID]++
		}
	}
	for _, o := range tr.in.Bank.Orders(tr.t) {
		orders[o.MessageID]++
	}
	for messageID := range tr.taken {
		if delivered[messageID] != 1 || orders[messageID] != 1 {
			tr.t.Errorf("%s was delivered %d times and is %d orders at the bank, want once", messageID, delivered[messageID], orders[messageID])
		}
	}
	if len(delivered) != len(tr.taken) || len(orders) != len(tr.taken) {
		tr.t.Errorf("the bank got %d files and has %d orders, the hub took %d", len(delivered), len(orders), len(tr.taken))
	}
}

// checkOnePollAtATime asserts that the bank never had two downloads of the contact open at the same moment. One that was never finished,
// because who had begun it died, does not count: another may begin while the bank still waits for it.
func checkOnePollAtATime(t *testing.T, in *rig.Installation) {
	t.Helper()
	var last rig.BankTransaction
	downloads := 0
	log := in.Bank.Log(t)
	slices.SortStableFunc(log, func(a, b rig.BankTransaction) int { return a.Time.Compare(b.Time) })
	for _, l := range log {
		if l.PartnerID != in.Partner || l.UserID != in.User || noDownload(l.OrderType) || !l.Finished && l.ReturnCode != "090005" {
			continue
		}
		downloads++
		if l.Time.Before(last.Ended) {
			t.Errorf("the download %+v began while %+v was open", l, last)
		}
		if l.Ended.After(last.Ended) {
			last = l
		}
	}
	if downloads < 3 {
		t.Errorf("the bank's log has only %d downloads", downloads)
	}
}

// noDownload says that an order type brings something to the bank, or belongs to the exchange of keys.
func noDownload(orderType string) bool {
	return slices.Contains([]string{"CCT", "CDD", "CDB", "INI", "HIA", "HPB"}, orderType)
}

// shares counts the files by the node that had them in hand last.
func shares(t *testing.T, in *rig.Installation) map[string]int {
	t.Helper()
	db, err := in.OpenTables()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // read only
	rows, err := db.QueryContext(t.Context(), "SELECT holder FROM lease WHERE resource LIKE 'file:%'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // read only
	count := map[string]int{}
	for rows.Next() {
		var holder string
		if err := rows.Scan(&holder); err != nil {
			t.Fatal(err)
		}
		node, _, _ := strings.Cut(holder, "/")
		count[node]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return count
}

// awaitSealed waits until no audit row waits to be chained: a killed sealer's lease has to end before another node goes on.
func awaitSealed(t *testing.T, o rig.Operator) {
	t.Helper()
	rig.Until(t, "the sealing of all audit rows", func() (bool, error) {
		for _, c := range o.VerifyAudit(t) {
			if c.Pending > 0 {
				return false, fmt.Errorf("%d rows of %s wait", c.Pending, c.Owner)
			}
		}
		return true, nil
	})
}

// stopNodes ends all nodes and the bank in order and verifies the audit chains that several nodes have written.
func stopNodes(t *testing.T, in *rig.Installation) {
	t.Helper()
	awaitSealed(t, in.Operator)
	for _, node := range in.Nodes() {
		if took := node.Stop(t); took > stopLimit {
			t.Errorf("stopping %s took %s", node.Name(), took)
		}
	}
	in.Bank.Stop(t)
	checkAudit(t, in)
}
