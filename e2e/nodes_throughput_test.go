package e2e_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// rate is what an installation did, a second.
type rate struct{ submitted, sent float64 }

// How many files one measurement hands in, and by how many clients at a time.
const (
	throughputFiles   = 100
	throughputClients = 8
)

// What two nodes over one database do against one is printed: how fast it is belongs to the machine, which nodes, database, bank and
// clients may share. What does not depend on it is asserted: each file is sent once, and each node does a part of the work. It runs
// beside no other test.
func TestThroughputOfTwoNodesAgainstOne(t *testing.T) {
	base := rig.Ceremony(t, rig.Plan{Database: pgtest.Database(t), PlainHTTP: true, Settings: map[string]string{
		"poll-open": "1m", "poll-after-send": "1m", "lease": "30s", // sending alone is measured
	}})
	rounds := 1
	if rig.Long() {
		rounds = 5
	}
	var one, two []rate
	for range rounds {
		one = append(one, throughput(t, base.CopyTo(t, rig.Folder(t)), 1))
		two = append(two, throughput(t, base.CopyTo(t, rig.Folder(t)), 2))
	}
	a, b := median(one), median(two)
	t.Logf("medians of %d round(s) of %d files by %d clients: submissions a second one node %.0f, two nodes %.0f (%.2f); files sent to the bank a "+
		"second one node %.1f, two nodes %.1f (%.2f)", len(one), throughputFiles, throughputClients, a.submitted, b.submitted,
		b.submitted/a.submitted, a.sent, b.sent, b.sent/a.sent)
}

func median(rates []rate) rate {
	var submitted, sent []float64
	for _, r := range rates {
		submitted, sent = append(submitted, r.submitted), append(sent, r.sent)
	}
	slices.Sort(submitted)
	slices.Sort(sent)
	return rate{submitted[len(submitted)/2], sent[len(sent)/2]}
}

// throughput hands in small files at nodes in turn while the bank is away, then opens the bank and waits until it has them all: what is
// handed in and what is sent do not compete for the machine.
func throughput(t *testing.T, in *rig.Installation, nodes int) rate {
	t.Helper()
	if nodes > 1 {
		addNodes(t, in, nodes)
	}
	in.StartNodes(t)
	in.Bank.Stop(t)
	var erps []*rig.Client
	for _, node := range in.Nodes() {
		erp := node.Client(in.Tenants[0].Key)
		if got, err := erp.Login(t.Context()); err != nil || erp.Token() == "" {
			t.Fatalf("login: HTTP %d, error %v", got.Status, err)
		}
		erps = append(erps, erp)
	}
	files := make([][]byte, throughputFiles)
	for n := range files {
		files[n] = rig.PaymentFile(t, rig.PaymentPlan{MessageID: fmt.Sprintf("RATE-%d", n+1), Account: in.Tenants[0].Accounts[0]})
	}
	begin := time.Now()
	var clients sync.WaitGroup
	for c := range throughputClients {
		clients.Go(func() {
			for n := c; n < len(files); n += throughputClients {
				p, err := erps[n%len(erps)].Submit(t.Context(), files[n], "")
				if err != nil || p.Item.Status != "KON_ACCEPTED_AND_QUEUED" {
					t.Errorf("file %d: %+v, error %v", n+1, p.Item, err)
				}
			}
		})
	}
	clients.Wait()
	submitted := time.Since(begin)
	in.Bank.Start(t)
	rig.Until(t, "the bank to have all files", func() (bool, error) { return len(in.Bank.Orders(t)) == len(files), nil })
	for _, node := range in.Nodes() {
		node.Stop(t)
	}
	first, last := sentOnce(t, in)
	if share := shares(t, in); len(share) != nodes {
		t.Errorf("files were sent by %v: not every one of %d nodes has sent any", share, nodes)
	}
	in.Bank.Stop(t)
	count := float64(len(files))
	return rate{count / submitted.Seconds(), count / last.Sub(first).Seconds()}
}

// sentOnce checks that the bank took each file once. It returns when the first upload began and when the last ended.
func sentOnce(t *testing.T, in *rig.Installation) (first, last time.Time) {
	t.Helper()
	finished := map[string]int{}
	for _, l := range uploads(in.Bank.Log(t)) {
		if l.Finished {
			finished[l.MessageID]++
		}
		if first.IsZero() || l.Time.Before(first) {
			first = l.Time
		}
		if l.Ended.After(last) {
			last = l.Ended
		}
	}
	for n := range throughputFiles {
		if id := fmt.Sprintf("RATE-%d", n+1); finished[id] != 1 {
			t.Errorf("%s was sent %d times", id, finished[id])
		}
	}
	if orders := len(in.Bank.Orders(t)); len(finished) != throughputFiles || orders != throughputFiles {
		t.Errorf("%d different files were sent and the bank has %d orders, want %d of each", len(finished), orders, throughputFiles)
	}
	return first, last
}
