//go:build killpoints

package e2e_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/pgtest"
)

// R9: a clock that is set while the hub works neither stops the work nor has it done twice. What the clock decides by itself is decided
// as it says: the bank refuses messages from another day, so files wait, and go on within seconds after the clock is right again.
func TestR9ClockJumps(t *testing.T) {
	t.Parallel()
	settings := maps.Clone(severalSegments)
	settings["plain-http"] = "true" // the clients' clocks stay right: they would not believe a certificate of another day
	base := rig.Ceremony(t, rig.Plan{Tags: []string{"killpoints"}, Settings: settings})
	for _, c := range []struct {
		name string
		run  func(t *testing.T, in *rig.Installation, clock *testClock)
	}{
		{"15 minutes backwards in steps", backInSteps},
		{"26 hours forward and back", func(t *testing.T, in *rig.Installation, clock *testClock) { awayAndBack(t, in, clock, 26*time.Hour) }},
		{"26 hours backwards and forward again", func(t *testing.T, in *rig.Installation, clock *testClock) { awayAndBack(t, in, clock, -26*time.Hour) }},
		{"26 hours forward, and back while the hub does not run", backWhileStopped},
		{"26 hours forward do not make a repeat a second payment", repeatAfterJump},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := base.CopyTo(t, rig.Folder(t))
			clock := newTestClock(t, in.Hub)
			in.Start(t)
			c.run(t, in, clock)
			in.Hub.Stop(t)
			checkAudit(t, in)
		})
	}
	t.Run("a node whose clock is wrong takes nothing from the others", nodeWithWrongClock)
}

// testClock is by how much a hub's wall clock is wrong.
type testClock struct {
	t    *testing.T
	path string
}

func newTestClock(t *testing.T, h *rig.Hub) *testClock {
	c := &testClock{t, filepath.Join(t.TempDir(), "clock")}
	c.set(0)
	h.Env = append(h.Env, "KONTOR_TEST_CLOCK="+c.path)
	return c
}

// set moves the clock at once: the hub reads the file at every look at its clock, so it must never be half written.
func (c *testClock) set(off time.Duration) {
	c.t.Helper()
	if err := os.WriteFile(c.path+".new", []byte(off.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(c.path+".new", c.path); err != nil {
		c.t.Fatal(err)
	}
}

// clockNoticed waits until a hub has noticed n settings of its clock.
func clockNoticed(t *testing.T, h *rig.Hub, n int) {
	t.Helper()
	rig.Until(t, "the hub to notice that its clock was set", func() (bool, error) {
		log, err := os.ReadFile(h.LogPath())
		return bytes.Count(log, []byte(`"msg":"the clock was set"`)) >= n, err
	})
}

// recovery is how long after the clock is right again a waiting file may take.
const recovery = 30 * time.Second

func backInSteps(t *testing.T, in *rig.Installation, clock *testClock) {
	erp := in.Hub.Client(in.Tenants[0].Key)
	for step := range 4 {
		clock.set(-5 * time.Minute * time.Duration(step))
		id := fmt.Sprintf("STEP-%d", step)
		begin := time.Now()
		rID, _ := submit(t, in, id, 60)
		await(t, erp, rID, "FIN_VEU_FORWARDED")
		if took := time.Since(begin); took > recovery {
			t.Errorf("%d steps back, a file took %s", step, took)
		}
		deliveredOnce(t, in, id)
	}
	clockNoticed(t, in.Hub, 3)
}

// awayAndBack sets the clock wrong while a file is on its way and another comes, and then right again.
func awayAndBack(t *testing.T, in *rig.Installation, clock *testClock, off time.Duration) {
	erp := in.Hub.Client(in.Tenants[0].Key)
	before, file := submit(t, in, "BEFORE", 200)
	clock.set(off)
	clockNoticed(t, in.Hub, 1)
	during, _ := submit(t, in, "DURING", 60) // by a client that logs in again if its token has expired
	// The same file again is known, whatever the day is.
	if p, err := erp.Submit(t.Context(), file, ""); err != nil || p.Item.ErrorItem == nil || namedFirst(p.Item.ErrorItem.ErrorDetails) != before {
		t.Errorf("the same file on another day: %+v, %v", p, err)
	}
	rig.Until(t, "two tries that the bank refuses", func() (bool, error) {
		requeued := 0
		for _, e := range in.Events(t, in.Tenants[0].Handle, during) {
			if e.To == "failed" {
				t.Fatalf("because of the clock the file has failed: %+v", e)
			}
			if e.Name == "requeue" {
				requeued++
			}
		}
		return requeued >= 2, nil
	})
	clock.set(0)
	begin := time.Now()
	for rID, id := range map[string]string{before: "BEFORE", during: "DURING"} {
		await(t, erp, rID, "FIN_VEU_FORWARDED")
		deliveredOnce(t, in, id)
	}
	took := time.Since(begin)
	t.Logf("%s after the clock was right again everything was done", took.Round(time.Millisecond))
	if took > recovery {
		t.Errorf("after the clock was right again it took %s", took)
	}
	clockNoticed(t, in.Hub, 2)
}

// backWhileStopped leaves plans of a wrong clock behind that nobody sees being set right.
func backWhileStopped(t *testing.T, in *rig.Installation, clock *testClock) {
	erp := in.Hub.Client(in.Tenants[0].Key)
	clock.set(26 * time.Hour)
	clockNoticed(t, in.Hub, 1)
	rID, _ := submit(t, in, "STOPPED", 60)
	rig.Until(t, "a try that the bank refuses", func() (bool, error) {
		for _, e := range in.Events(t, in.Tenants[0].Handle, rID) {
			if e.Name == "requeue" {
				return true, nil
			}
		}
		return false, nil
	})
	in.Hub.Kill()
	clock.set(0)
	in.Hub.Start(t)
	begin := time.Now()
	await(t, erp, rID, "FIN_VEU_FORWARDED")
	if took := time.Since(begin); took > recovery {
		t.Errorf("after the restart it took %s", took)
	}
	deliveredOnce(t, in, "STOPPED")
}

// repeatAfterJump hands in again what the bank has executed, when by the clock the window of double submissions is over: while the hub
// runs, after it was killed and started on the wrong clock, and after a start on a clock that was set while it did not run.
func repeatAfterJump(t *testing.T, in *rig.Installation, clock *testClock) {
	erp := in.Hub.Client(in.Tenants[0].Key)
	first, file := submit(t, in, "SALARIES", 3)
	p := await(t, erp, first, "FIN_VEU_FORWARDED")
	account := in.Tenants[0].Accounts[0]
	if err := in.Bank.ReleaseE(t.Context(), in.Partner, p.Item.OrderID, account.Holder, account.E[0]); err != nil {
		t.Fatal(err)
	}
	await(t, erp, first, "FIN_CONFIRMED")
	refused := func(when string) {
		t.Helper()
		p, err := erp.Submit(t.Context(), file, "")
		if err != nil || p.Item.ErrorItem == nil || namedFirst(p.Item.ErrorItem.ErrorDetails) != first {
			t.Errorf("%s the repeat was answered %+v, %v", when, p, err)
		}
	}
	refused("at once")
	clock.set(26 * time.Hour)
	clockNoticed(t, in.Hub, 1)
	refused("26 hours ahead")
	in.Hub.Kill()
	in.Hub.Start(t)
	refused("started again, 26 hours ahead,")
	in.Hub.Stop(t)
	clock.set(3 * 26 * time.Hour)
	in.Hub.Start(t)
	refused("on a clock that was set while the hub did not run")
	clock.set(0)
	clockNoticed(t, in.Hub, 2) // forward, and back in the process of now
	refused("on the right clock")
	other, _ := submit(t, in, "OTHER", 3)
	await(t, erp, other, "FIN_VEU_FORWARDED")
	deliveredOnce(t, in, "SALARIES")
}

// nodeWithWrongClock has two nodes of which one goes 26 hours ahead: by its own clock all leases of the other would have ended.
func nodeWithWrongClock(t *testing.T) {
	t.Parallel()
	in := rig.Ceremony(t, rig.Plan{Tags: []string{"killpoints"}, Database: pgtest.Database(t), Settings: severalSegments})
	wrong := in.AddNode(t)
	clock := newTestClock(t, wrong)
	in.StartNodes(t)
	erp := in.Hub.Client(in.Tenants[0].Key)
	rIDs := map[string]string{}
	for n := range 8 {
		id := fmt.Sprintf("NODES-%d", n)
		rID, _ := submit(t, in, id, 100)
		rIDs[rID] = id
		if n == 4 {
			clock.set(26 * time.Hour)
		}
	}
	select {
	case <-wrong.Exited():
	case <-time.After(rig.Patience):
		t.Fatal("a node whose clock is 26 hours ahead goes on")
	}
	for rID, id := range rIDs {
		await(t, erp, rID, "FIN_VEU_FORWARDED")
		deliveredOnce(t, in, id)
	}
	checkOnePollAtATime(t, in)
	// It is not let in again until its clock is right.
	if err := wrong.StartE(); err == nil {
		t.Error("a node whose clock is 26 hours ahead was started")
	}
	clock.set(0)
	wrong.Start(t)
}
