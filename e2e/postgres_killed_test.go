package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// leaseOutage is longer than any lease of a hub under test: whatever was in hand is nobody's when the database is back.
const leaseOutage = 4 * time.Second

// R3: PostgreSQL is killed (postmaster and backends, kill -9) under load and started again, again and again. Meanwhile the hubs say "try
// again"; afterwards they go on by themselves, without a restart, and nothing that was acknowledged is lost or sent twice.
func TestR3PostgreSQLKilledUnderLoad(t *testing.T) {
	t.Parallel()
	server := pgtest.StartDurable(t)
	in := rig.Ceremony(t, rig.Plan{Database: server.Database(t), PlainHTTP: true, Settings: severalSegments})
	addNodes(t, in, 2)
	in.StartNodes(t)
	// Each worker has a node of its own: no balancer hides what a node answers.
	var erps []*rig.Client
	for _, node := range in.Nodes() {
		erps = append(erps, node.Client(in.Tenants[0].Key))
	}
	kills := 4
	if rig.Long() {
		kills = 30
	}
	tr := startTraffic(t, in, "PG-KILLED", 4, 0, erps...)
	var healed []time.Duration
	for n := range kills {
		tr.awaitMore(4 + n%5)
		orderly := n%4 == 3
		if orderly {
			server.Stop(t)
		} else {
			server.Kill(t)
		}
		for _, node := range in.Nodes() {
			unavailable(t, node, in.Tenants[0].Key)
		}
		if n == 1 && !rig.Pause(t, leaseOutage) {
			t.Fatal("the test ended")
		}
		server.Restart(t)
		begin := time.Now()
		tr.awaitMore(1)
		healed = append(healed, time.Since(begin).Round(time.Millisecond))
	}
	for _, node := range in.Nodes() {
		rig.Until(t, node.Name()+" to be ready", func() (bool, error) {
			status, err := readiness(t, node)
			return status == http.StatusOK, err
		})
	}
	tr.settle(erps[0])
	t.Logf("PostgreSQL died %d times; after each restart a file was acknowledged within %v", kills, healed)
	if tr.troubles["HTTP 503"] == 0 {
		t.Errorf("no request met the dead database: %v", tr.troubles)
	}
	tr.checkBank()
	checkOnePollAtATime(t, in)
	t.Logf("files by the node that had them last: %v", shares(t, in))
	stopNodes(t, in)
}

// readiness asks a node whether it is ready.
func readiness(t *testing.T, node *rig.Hub) (status int, err error) {
	t.Helper()
	client, base, err := node.HTTP()
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+"/readyz", nil)
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// unavailable asserts what a node says while there is no database: that it lives, that it is not ready, and 503 with an error item to
// questions, files and logins alike.
func unavailable(t *testing.T, node *rig.Hub, key string) {
	t.Helper()
	if status, err := readiness(t, node); err != nil || status != http.StatusServiceUnavailable {
		t.Errorf("%s without a database: /readyz says %d, error %v", node.Name(), status, err)
	}
	known := node.Client(key)
	known.Adopt("made-up-token") // whether it is a good one, only the database knows
	for what, ask := range map[string]func() (rig.Answer, error){
		"a login":    func() (rig.Answer, error) { return node.Client(key).Login(t.Context()) },
		"a question": func() (rig.Answer, error) { return known.Do(t.Context(), http.MethodGet, rig.PathDocuments, nil, nil) },
		"a file": func() (rig.Answer, error) {
			return known.Do(t.Context(), http.MethodPost, rig.PathPayment, http.Header{"Content-Type": {"application/xml"}}, []byte("<Document/>"))
		},
	} {
		begin := time.Now()
		got, err := ask()
		if err != nil {
			t.Errorf("%s, %s without a database: %v", node.Name(), what, err)
			continue
		}
		wantItem(t, node.Name()+" without a database, "+what, got, http.StatusServiceUnavailable, "ERR-09-0002", "")
		if got.Header.Get("Retry-After") == "" {
			t.Errorf("%s, %s without a database: no Retry-After", node.Name(), what)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s, %s without a database was answered after %s", node.Name(), what, took)
		}
	}
}
