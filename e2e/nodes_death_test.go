package e2e_test

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"kontor/e2e/rig"
	"kontor/e2e/witness"
)

// nodesKilled kills one node after the other while both work, and starts it again.
func nodesKilled(t *testing.T, in *rig.Installation) {
	addNodes(t, in, 2)
	in.StartNodes(t)
	erp := rig.NewBalancer(t, in.Nodes()...).Client(in.Tenants[0].Key)
	deaths := 4
	if rig.Long() {
		deaths = 40
	}
	tr := startTraffic(t, in, "NODE-KILLED", 3, 0, erp)
	for n := range deaths {
		node := in.Nodes()[n%2]
		tr.awaitMore(3 + n%3)
		node.Kill()
		tr.awaitMore(2) // of the other
		node.Start(t)
	}
	tr.settle(erp)
	tr.checkBank()
	checkOnePollAtATime(t, in)
	t.Logf("files by the node that had them last: %v", shares(t, in))
	stopNodes(t, in)
}

// holding is a rule of the proxy that lets one exchange with the bank stand still until it is released.
type holding struct {
	which func(m witness.Message) bool
	early bool // the request is held, not the answer

	once     sync.Once
	held     chan struct{} // closed when it stands still
	let      sync.Once
	released chan struct{}       // closed when it may go on
	passed   chan witness.Answer // what the bank answered to it
}

func (h *holding) rule(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
	if !h.which(m) {
		return ask(m.Raw)
	}
	first := false
	h.once.Do(func() { first = true })
	if !first {
		return ask(m.Raw)
	}
	var a witness.Answer
	if !h.early {
		a = ask(m.Raw)
	}
	close(h.held)
	<-h.released
	if h.early {
		a = ask(m.Raw)
	}
	h.passed <- a
	return a
}

func (h *holding) release() { h.let.Do(func() { close(h.released) }) }

func hold(early bool, which func(m witness.Message) bool) *holding {
	return &holding{
		which: which, early: early, held: make(chan struct{}), released: make(chan struct{}), passed: make(chan witness.Answer, 1),
	}
}

func segmentOfUpload(m witness.Message) bool { return m.Phase == "Transfer" && m.OrderData != "" }

func holdSegmentAnswer() *holding {
	return hold(false, func(m witness.Message) bool { return segmentOfUpload(m) && !m.Last })
}

func holdLastAnswer() *holding {
	return hold(false, func(m witness.Message) bool { return segmentOfUpload(m) && m.Last })
}

func holdLastRequest() *holding {
	return hold(true, func(m witness.Message) bool { return segmentOfUpload(m) && m.Last })
}

// standsStill starts two nodes before a bank whose one exchange stands still, has do bring it about, and freezes the node that works on
// the resource with the prefix. The other one takes over when the lease has ended; the exchange is released, unheard.
func standsStill(t *testing.T, in *rig.Installation, h *holding, prefix string, do func(erp *rig.Client)) (frozen, other *rig.Hub) {
	t.Helper()
	addNodes(t, in, 2)
	in.Bank.Start(t)
	proxy := witness.StartProxy(t, in.Bank.Ready().URL, "")
	t.Cleanup(h.release)
	in.MoveBank(t, proxy.URL, "")
	proxy.Intercept(h.rule)
	in.StartNodes(t)
	do(in.Hub.Client(in.Tenants[0].Key))
	select {
	case <-h.held:
	case <-t.Context().Done():
		t.Fatal("the test ended before the exchange was held")
	}
	db, err := in.OpenTables()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // read only
	first, err := holder(t.Context(), db, prefix)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range in.Nodes() {
		if node.Name() == first {
			frozen = node
		} else {
			other = node
		}
	}
	frozen.Freeze(t)
	rig.Until(t, "the other node to take over", func() (bool, error) {
		now, err := holder(t.Context(), db, prefix)
		return now == other.Name(), err
	})
	if !h.early { // what is held on its way to the bank leaves when the sender lives again
		h.release()
	}
	return frozen, other
}

// holder returns the node that holds, or has held last, the lease of the one resource with a prefix.
func holder(ctx context.Context, db *sql.DB, prefix string) (node string, err error) {
	err = db.QueryRowContext(ctx, "SELECT holder FROM lease WHERE resource LIKE $1 ORDER BY until DESC LIMIT 1", prefix+"%").Scan(&node)
	node, _, _ = strings.Cut(node, "/")
	return node, err
}

// frozenUpload freezes a node in the middle of an upload for longer than its lease.
func frozenUpload(newHolding func() *holding) func(t *testing.T, in *rig.Installation) {
	return func(t *testing.T, in *rig.Installation) {
		h, id := newHolding(), "FROZEN-UPLOAD"
		var rID string
		frozen, other := standsStill(t, in, h, "file:", func(*rig.Client) { rID, _ = submit(t, in, id, 60) })
		erp := other.Client(in.Tenants[0].Key)
		await(t, erp, rID, "FIN_VEU_FORWARDED")
		deliveredOnce(t, in, id)
		before := len(uploads(in.Bank.Log(t)))
		frozen.Thaw(t)
		if h.early {
			h.release()
			late := witness.Outline((<-h.passed).Body)
			if len(late.ReturnCodes) == 0 || late.ReturnCodes[0] == "000000" {
				t.Errorf("the bank answered the late segment with %v", late.ReturnCodes)
			}
		} else {
			noticed(t, frozen)
		}
		// Both nodes know the same, and the late one works again as before.
		for _, node := range in.Nodes() {
			await(t, node.Client(in.Tenants[0].Key), rID, "FIN_VEU_FORWARDED")
		}
		deliveredOnce(t, in, id)
		if after := len(uploads(in.Bank.Log(t))); after != before {
			t.Errorf("after it lived again the bank has seen %d uploads, before %d", after, before)
		}
		tr := startTraffic(t, in, "AFTER-THAW", 2, 3, frozen.Client(in.Tenants[0].Key), erp)
		tr.handing.Wait()
		tr.settle(erp)
		stopNodes(t, in)
	}
}

// noticed waits until a node that was overtaken has found that out by itself, and says so in its log.
func noticed(t *testing.T, late *rig.Hub) {
	t.Helper()
	rig.Until(t, "the late node to notice", func() (bool, error) {
		text, err := os.ReadFile(late.LogPath())
		if err == nil && !strings.Contains(string(text), "was lost") {
			err = errors.New("its log does not speak of the lease")
		}
		return err == nil, err
	})
}

// frozenDownload freezes a node between the bank's delivery of statements and its storing, for longer than its lease. The other one fetches
// the same statements and has the bank forget them; then the late one comes with its copy.
func frozenDownload(t *testing.T, in *rig.Installation) {
	account := in.Tenants[0].Accounts[0]
	h := hold(false, func(m witness.Message) bool { return m.OrderType == "C53" && m.Phase == "Initialisation" })
	frozen, other := standsStill(t, in, h, "contact:", func(erp *rig.Client) {
		rID, _ := submit(t, in, "FROZEN-DOWNLOAD", 3)
		p := await(t, erp, rID, "FIN_VEU_FORWARDED")
		if err := in.Bank.ReleaseE(t.Context(), in.Partner, p.Item.OrderID, account.Holder, account.E[0]); err != nil {
			t.Fatal(err)
		}
		await(t, erp, rID, "FIN_CONFIRMED")
		in.Bank.Advance(t)
		in.PollNow(t, "C53")
	})
	erp := other.Client(in.Tenants[0].Key)
	documents := func(erp *rig.Client) int {
		all, err := erp.History(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	rig.Until(t, "the statement", func() (bool, error) { return documents(erp) == 1, nil })
	frozen.Thaw(t)
	<-h.passed
	frozen.Stop(t) // which waits for what it has in hand
	frozen.Start(t)
	db, err := in.OpenTables()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // read only
	rig.Until(t, "the splitting of all deliveries", func() (bool, error) {
		var open int
		err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM download WHERE state <> 'indexed'").Scan(&open)
		return open == 0, err
	})
	if n := documents(erp); n != 1 {
		t.Errorf("the statement is offered %d times", n)
	}
	if q := len(in.Quarantine(t)); q != statementsOfOthers(in.Bank.Files(t), in.Partner, account.IBAN) {
		t.Errorf("%d parts are in quarantine, the bank has delivered %d statements of other accounts", q,
			statementsOfOthers(in.Bank.Files(t), in.Partner, account.IBAN))
	}
	stopNodes(t, in)
}

// statementsOfOthers counts the statements that the contact got for accounts that the hub does not know.
func statementsOfOthers(files []rig.BankFile, partner, iban string) (n int) {
	for _, f := range files {
		if f.OrderType == "C53" && f.PartnerID == partner && !strings.Contains(f.Name, iban) {
			n++
		}
	}
	return n
}

// rollingRestart restarts one node after the other, in order, while files are handed in and asked about through a balancer.
func rollingRestart(t *testing.T, in *rig.Installation) {
	in.Hub.Settings["drain"] = "500ms" // the balancer looks at the nodes' health every tenth of a second
	addNodes(t, in, 2)
	in.StartNodes(t)
	balancer := rig.NewBalancer(t, in.Nodes()...)
	erp := balancer.Client(in.Tenants[0].Key)
	rounds := 2
	if rig.Long() {
		rounds = 20
	}
	tr := startTraffic(t, in, "ROLLING", 3, 0, erp)
	var asking sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	asked, unanswered := 0, 0
	asking.Go(func() {
		for ctx.Err() == nil {
			got, err := erp.Do(t.Context(), http.MethodGet, rig.PathDocuments, nil, nil)
			asked++
			if err != nil || got.Status != http.StatusNoContent {
				unanswered++
				t.Errorf("a question was answered %d %s, error %v", got.Status, got.Body, err)
			}
			if !rig.Pause(t, rig.Often) {
				return
			}
		}
	})
	for round := range rounds {
		for _, node := range in.Nodes() {
			tr.awaitMore(2)
			if took := node.Stop(t); took > stopLimit {
				t.Errorf("round %d: stopping %s took %s", round+1, node.Name(), took)
			}
			tr.awaitMore(2) // of the other
			node.Start(t)
			rig.Until(t, node.Name()+" to be ready", func() (bool, error) { return balancer.Ready(node), nil })
		}
	}
	stop()
	asking.Wait()
	tr.settle(erp)
	served, hidden, refused := balancer.Counts()
	t.Logf("%d restarts: %d files handed in and %d questions, %d of the requests failed; answers by node %v, tries hidden by the balancer %d",
		2*rounds, len(tr.taken), asked, len(tr.troubles)+unanswered+refused, served, hidden)
	if len(tr.troubles) != 0 || refused != 0 {
		t.Errorf("requests failed: %v, %d refused by the balancer: %q", tr.troubles, refused, balancer.Reasons())
	}
	tr.checkBank()
	checkOnePollAtATime(t, in)
	stopNodes(t, in)
}
