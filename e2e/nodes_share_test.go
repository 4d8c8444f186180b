package e2e_test

import (
	"fmt"
	"testing"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// Several `kontor serve` over one database are one hub: they share the work by leases, so that each order has one sender and each contact
// is asked by one node at a time.
func TestNodes(t *testing.T) {
	t.Parallel()
	base := rig.Ceremony(t, rig.Plan{Database: pgtest.Database(t), PlainHTTP: true, Settings: severalSegments})
	for _, c := range []struct {
		name string
		run  func(t *testing.T, in *rig.Installation)
	}{
		{"two share the work", func(t *testing.T, in *rig.Installation) { shareTheWork(t, in, 2) }},
		{"three share the work", func(t *testing.T, in *rig.Installation) { shareTheWork(t, in, 3) }},
		{"a node killed again and again loses and repeats nothing", nodesKilled},
		{"a node frozen in the middle of an upload is overtaken and its late write refused", frozenUpload(holdSegmentAnswer)},
		{"a node frozen while the bank takes the last segment is overtaken and nothing is sent twice", frozenUpload(holdLastAnswer)},
		{"a last segment that leaves a node late is refused by the bank", frozenUpload(holdLastRequest)},
		{"a node frozen in the middle of a download is overtaken and nothing is offered twice", frozenDownload},
		{"a rolling restart answers throughout", rollingRestart},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, base.CopyTo(t, rig.Folder(t)))
		})
	}
}

// addNodes plans nodes until there are n, and a balancer before them all.
func addNodes(t *testing.T, in *rig.Installation, n int) {
	t.Helper()
	for range n - 1 {
		in.AddNode(t)
	}
}

func shareTheWork(t *testing.T, in *rig.Installation, n int) {
	addNodes(t, in, n)
	in.StartNodes(t)
	balancer := rig.NewBalancer(t, in.Nodes()...)
	erp := balancer.Client(in.Tenants[0].Key)
	files := 10
	if rig.Long() {
		files = 100
	}
	tr := startTraffic(t, in, fmt.Sprintf("SHARE-%d", n), 4, files, erp)
	tr.handing.Wait()
	tr.settle(erp)
	tr.checkBank()
	checkOnePollAtATime(t, in)
	// Nothing happened to anybody, so every transaction that was begun was ended by who had begun it.
	for _, l := range uploads(in.Bank.Log(t)) {
		if !l.Finished {
			t.Errorf("an upload was begun and not finished: %+v", l)
		}
	}
	share := shares(t, in)
	served, hidden, refused := balancer.Counts()
	t.Logf("%d nodes: files sent %v, requests answered %v, hidden %d, refused %d", n, share, served, hidden, refused)
	for _, node := range in.Nodes() {
		if share[node.Name()] == 0 || served[node.Name()] == 0 {
			t.Errorf("%s did nothing of the work", node.Name())
		}
	}
	if len(tr.troubles) != 0 || refused != 0 {
		t.Errorf("with all nodes up some requests failed: %v", tr.troubles)
	}
	stopNodes(t, in)
}
