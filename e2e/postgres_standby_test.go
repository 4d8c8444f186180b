package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// A second site by streaming replication with synchronous commit: when the primary is gone and the standby is promoted, no file that was
// acknowledged is missing, none is sent twice, and the audit chains fit their anchors.
func TestSecondSite(t *testing.T) {
	t.Parallel()
	t.Run("the nodes fail over by themselves", func(t *testing.T) { t.Parallel(); failOver(t) })
	t.Run("the whole first site is lost", func(t *testing.T) { t.Parallel(); siteLost(t) })
}

// site is an installation whose database has a standby.
type site struct {
	*rig.Installation
	primary, standby *pgtest.Server
	database         string // name
}

func newSite(t *testing.T) *site {
	t.Helper()
	primary := pgtest.StartDurable(t)
	url := primary.Database(t)
	in := rig.Ceremony(t, rig.Plan{Database: url, PlainHTTP: true, Settings: severalSegments})
	_, name, _ := strings.Cut(strings.TrimPrefix(url, "postgres://"), "/")
	name, _, _ = strings.Cut(name, "?")
	s := &site{Installation: in, primary: primary, standby: primary.Standby(t), database: name}
	return s
}

// eitherServer names both servers; connections go to the one that takes writes.
func (s *site) eitherServer() string {
	return "postgres://kontor@" + s.primary.Address() + "," + s.standby.Address() + "/" + s.database + "?sslmode=disable&" + eitherOptions
}

// eitherOptions are the part of the URL that docs/how-to/second-site.md names, too.
const eitherOptions = "connect_timeout=5&target_session_attrs=read-write"

func failOver(t *testing.T) {
	s := newSite(t)
	s.SetDatabase(s.eitherServer())
	addNodes(t, s.Installation, 2)
	s.StartNodes(t)
	erp := rig.NewBalancer(t, s.Nodes()...).Client(s.Tenants[0].Key)
	tr := startTraffic(t, s.Installation, "FAIL-OVER", 4, 0, erp)
	tr.awaitMore(10)
	s.primary.Kill(t)
	before := tr.count()
	begin := time.Now()
	s.standby.Promote(t)
	promoted := time.Since(begin)
	tr.awaitMore(5)
	t.Logf("the standby took %s to be promoted; %s after the order five more files were acknowledged", promoted.Round(time.Millisecond),
		time.Since(begin).Round(time.Millisecond))
	tr.settle(erp)
	if len(tr.taken) <= before {
		t.Errorf("%d files were acknowledged before, %d at the end", before, len(tr.taken))
	}
	tr.checkBank()
	checkOnePollAtATime(t, s.Installation)
	// Started anew on the promoted server alone, the nodes still find every chain as long as it was.
	stopNodes(t, s.Installation)
	s.SetDatabase(s.standby.DSN(s.database))
	s.StartNodes(t)
	stopNodes(t, s.Installation)
}

func siteLost(t *testing.T) {
	s := newSite(t)
	addNodes(t, s.Installation, 2)
	// What the second site has: the key folder as it was copied when the last tenant was added, and nothing else of the hub.
	keys := filepath.Join(rig.Folder(t), "keys")
	if err := os.CopyFS(keys, os.DirFS(filepath.Join(s.Data, "keys"))); err != nil {
		t.Fatal(err)
	}
	if err := rig.OnlyForOwner(keys); err != nil {
		t.Fatal(err)
	}
	s.StartNodes(t)
	erp := rig.NewBalancer(t, s.Nodes()...).Client(s.Tenants[0].Key)
	tr := startTraffic(t, s.Installation, "SITE-LOST", 4, 0, erp)
	tr.awaitMore(12)
	s.primary.Kill(t)
	for _, node := range s.Nodes() {
		node.Kill()
	}
	s.standby.Promote(t)
	second := rig.NewHub(t, s.Binary, filepath.Join(rig.Folder(t), "second"), s.standby.DSN(s.database))
	second.Settings["keys"], second.Settings["node"] = keys, "second"
	second.Settings["segment-size"] = s.Hub.Settings["segment-size"]
	tr.redirect(second.Client(s.Tenants[0].Key))
	second.Start(t)
	tr.awaitMore(5)
	tr.settle(second.Client(s.Tenants[0].Key))
	tr.checkBank()
	checkOnePollAtATime(t, s.Installation)
	s.Operator = rig.Operator{Binary: s.Binary, Data: second.Data, Database: second.Database, Keys: keys}
	awaitSealed(t, s.Operator)
	second.Stop(t)
	s.Bank.Stop(t)
	checkAudit(t, s.Installation)
}
