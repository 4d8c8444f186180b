//go:build killpoints

package e2e_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/e2e/rig"
	"kontor/internal/killpoint"
	"kontor/internal/pgtest"
)

// Whatever dies, at whatever moment: after a restart the payment file reaches its final state, and the bank got it exactly once.
//
// The hub kills itself with SIGKILL at every named point, in the phases of the job in which the point does different work, and is killed
// at random moments; in half of these cases the bank is killed as well. The key ceremony is done once, its data folders are copied for
// each case.

// phase is where in the job a hub with a kill point is started.
type phase string

const (
	phaseSubmit    phase = "submit"    // from the beginning
	phaseRelease   phase = "release"   // before the account holder signs
	phaseStatement phase = "statement" // before the bank's day ends
)

// Who dies at a point.
const (
	hubAlone    = false
	withTheBank = true
)

// randomMoments is how many cases are killed at random moments; fewer with -short, and on PostgreSQL unless the long form is asked for.
const (
	randomMoments      = 50
	randomMomentsShort = 5
	randomMomentsLong  = 200
	randomStorms       = 6 // cases in which both are killed again and again
)

// bigBody says that a point is reached only within a body of several megabytes.
func bigBody(point killpoint.Name) bool { return point == killpoint.IntakeMidStage }

// phasesOf says in which phases a point is tried. What collects does the same steps for protocols, status reports and statements, with
// other work between them.
func phasesOf(point killpoint.Name) []phase {
	switch point {
	case killpoint.CollectAfterFetch, killpoint.CollectAfterStore, killpoint.CollectBeforeReceipt, killpoint.CollectAfterReceipt,
		killpoint.CollectBeforeIndex, killpoint.CollectAfterIndexCommit:
		return []phase{phaseSubmit, phaseRelease, phaseStatement}
	case killpoint.CollectAfterTransition:
		return []phase{phaseSubmit, phaseRelease}
	case killpoint.AuditBeforeSeal, killpoint.AuditAfterSeal, killpoint.SweepAfterEnqueue:
		return []phase{phaseSubmit, phaseRelease}
	default:
		return []phase{phaseSubmit}
	}
}

// again are points that are cheaply passed more than once, with the passage at which to die.
func again() []string {
	return []string{
		string(killpoint.DispatchBeforeSegment) + "#2", string(killpoint.DispatchAfterSegment) + "#2", string(killpoint.CollectAfterStore) + "#2",
		string(killpoint.CollectAfterTransition) + "#2", string(killpoint.CollectAfterIndexCommit) + "#2", string(killpoint.AuditAfterSeal) + "#3",
		string(killpoint.SweepAfterEnqueue) + "#3",
	}
}

// withBank are points at which the bank dies together with the hub. It forgets its open transactions: repeating the last segment does not
// help then, and only what its protocol says, TS01 or TA01, tells a delivered order from a lost one.
func withBank() []killpoint.Name {
	return []killpoint.Name{
		killpoint.DispatchAfterInitialise, killpoint.DispatchAfterSegment, killpoint.DispatchBeforeLastJournal, killpoint.DispatchAfterLastJournal,
		killpoint.DispatchAfterLastSent, killpoint.DispatchAfterSentCommit, killpoint.CollectAfterStore, killpoint.CollectAfterReceipt,
	}
}

// R2: killed at each named point of its work.
func TestR2KilledAtEveryNamedPoint(t *testing.T) {
	begin := time.Now()
	plan := rig.Plan{Tags: []string{"killpoints"}}
	var count tally
	t.Run("on SQLite", func(t *testing.T) { killAtPoints(t, rig.Ceremony(t, plan), phasesOf, &count) })
	// On a shared database nothing may be assumed about who else is alive: what a killed node had in hand waits for its leases to end.
	t.Run("on PostgreSQL", func(t *testing.T) {
		plan.Database = pgtest.Database(t)
		firstPhase := func(point killpoint.Name) []phase { return phasesOf(point)[:1] }
		killAtPoints(t, rig.Ceremony(t, plan), firstPhase, &count)
	})
	t.Logf("%d cases in %s: the hub died %d times, the bank %d times", count.cases, time.Since(begin).Round(time.Second), count.hub, count.banks)
}

// R1: killed at random moments, hub and bank.
func TestR1KilledAtRandomMoments(t *testing.T) {
	begin := time.Now()
	plan := rig.Plan{Tags: []string{"killpoints"}}
	original := rig.Ceremony(t, plan)
	t.Logf("the key ceremony took %s", time.Since(begin).Round(time.Millisecond))
	undisturbed := newStory(t, original.CopyTo(t, rig.Folder(t)), "KILL-NONE", longBody)
	whole := undisturbed.play()
	t.Logf("an undisturbed job takes %s", whole.Round(time.Millisecond))

	var count tally
	t.Run("on SQLite", func(t *testing.T) {
		n, storms := randomMoments, randomStorms
		switch {
		case rig.Long():
			n, storms = randomMomentsLong, randomStorms
		case testing.Short():
			n, storms = randomMomentsShort, 1
		}
		killAtMoments(t, original, whole, n, storms, &count)
	})
	t.Run("on PostgreSQL", func(t *testing.T) {
		n, storms := randomMomentsShort, 1
		if rig.Long() {
			n, storms = randomMoments, randomStorms
		}
		plan.Database = pgtest.Database(t)
		killAtMoments(t, rig.Ceremony(t, plan), whole, n, storms, &count)
	})
	t.Logf("%d cases in %s: the hub died %d times, the bank %d times", count.cases, time.Since(begin).Round(time.Second), count.hub, count.banks)
	t.Logf("deaths, by the last point passed:%s", count.where())
}

// tally counts over all cases.
type tally struct {
	mu                sync.Mutex
	cases, hub, banks int
	at                map[string]int // deaths of the hub by the last point that it had passed
}

func (c *tally) add(s *story) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cases++
	c.hub += len(s.deaths)
	c.banks += s.bankDeaths
	if c.at == nil {
		c.at = map[string]int{}
	}
	for _, point := range s.deaths {
		c.at[point]++
	}
}

// where lists after which points the hub died, and how often.
func (c *tally) where() string {
	var out strings.Builder
	for _, point := range slices.Sorted(maps.Keys(c.at)) {
		fmt.Fprintf(&out, "\n%5d  %s", c.at[point], point)
	}
	return out.String()
}

func killAtPoints(t *testing.T, original *rig.Installation, phases func(killpoint.Name) []phase, count *tally) {
	all := killpoint.All()
	if len(all) < 20 {
		t.Fatalf("the list has only %d points", len(all))
	}
	try := func(point string, in phase, size body, bankToo bool) {
		name := point + " in " + string(in)
		if bankToo {
			name += " with the bank"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, original.CopyTo(t, rig.Folder(t)), "KILL-POINT", size)
			s.point, s.armedIn, s.bankToo = point, in, bankToo
			s.play()
			count.add(s)
		})
	}
	for _, point := range all {
		size := smallBody
		if bigBody(point) {
			size = largeBody
		}
		for _, in := range phases(point) {
			try(string(point), in, size, hubAlone)
		}
	}
	for _, point := range again() {
		try(point, phaseSubmit, smallBody, hubAlone)
	}
	for _, point := range withBank() {
		try(string(point), phaseSubmit, smallBody, withTheBank)
	}
}

func killAtMoments(t *testing.T, original *rig.Installation, whole time.Duration, n, storms int, count *tally) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("KONTOR_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("KONTOR_SEED: %v", err)
		}
	}
	t.Logf("KONTOR_SEED=%d repeats these %d moments and %d storms", seed, n, storms)
	for i := range n + storms {
		hubTimes, bankTimes := 1, i%2
		name := fmt.Sprintf("%02d", i+1)
		if i >= n {
			hubTimes, bankTimes, name = 6, 3, fmt.Sprintf("storm %d", i-n+1)
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStory(t, original.CopyTo(t, rig.Folder(t)), "KILL-MOMENT", longBody)
			chance := rand.New(rand.NewPCG(seed, uint64(i)))
			// With several cases at once everything takes longer, so moments up to twice the undisturbed time.
			s.hubAt, s.bankAt = moments(chance, hubTimes, 2*whole), moments(chance, bankTimes, 2*whole)
			t.Logf("the hub dies after %v, the bank after %v", s.hubAt, s.bankAt)
			s.play()
			count.add(s)
		})
	}
}

func moments(chance *rand.Rand, n int, limit time.Duration) []time.Duration {
	out := make([]time.Duration, n)
	for i := range out {
		out[i] = time.Duration(chance.Int64N(int64(limit)))
	}
	return out
}

// killers kills hub and bank at their moments, counted from now. The returned function waits for both.
func (s *story) killers() (wait func()) {
	var group sync.WaitGroup
	at := func(moments []time.Duration, kill func()) {
		for _, m := range moments {
			group.Go(func() {
				if rig.Pause(s.t, m) {
					kill()
				}
			})
		}
	}
	at(s.hubAt, s.in.Hub.Kill)
	at(s.bankAt, s.in.Bank.Kill)
	return group.Wait
}

// passed returns the points that the hub has passed in all its lives.
func (s *story) passed() []string {
	text, err := os.ReadFile(s.reachedLog)
	if err != nil && !errors.Is(err, os.ErrNotExist) { // it may have died before the first
		s.t.Fatal(err)
	}
	return strings.Fields(string(text))
}

func (s *story) lastPoint() string {
	if all := s.passed(); len(all) > 0 {
		return all[len(all)-1]
	}
	return "(none)"
}

// checkReached asserts that the hub has died at its point and nowhere else, and that the bank has then seen what the point's name says.
func (s *story) checkReached() {
	s.t.Helper()
	name, _, _ := strings.Cut(s.point, "#")
	if s.lastPoint() != name {
		s.t.Fatalf("the hub died, but not at %s; it passed %v", s.point, s.passed())
	}
	log := s.in.Bank.Log(s.t)
	var begun, whole int
	var newest rig.BankTransaction // of the downloads
	for _, l := range log {
		switch {
		case l.OrderType != "CCT" && !l.Time.Before(newest.Time):
			newest = l
		case l.OrderType == "CCT":
			begun++
			if l.Finished {
				whole++
			}
		}
	}
	ok := true
	switch killpoint.Name(name) {
	case killpoint.IntakeMidStage, killpoint.IntakeBeforePublish, killpoint.IntakeAfterPublish, killpoint.DispatchBeforePrepare,
		killpoint.DispatchAfterSpool, killpoint.DispatchBeforeInitialise:
		ok = begun == 0 || name == string(killpoint.IntakeAfterPublish) // the sending may have begun before the answer
	case killpoint.DispatchAfterInitialise, killpoint.DispatchAfterInitialiseJournal, killpoint.DispatchBeforeSegment,
		killpoint.DispatchAfterSegment, killpoint.DispatchBeforeLastJournal, killpoint.DispatchAfterLastJournal:
		ok = begun == 1 && whole == 0
	case killpoint.DispatchAfterLastSent, killpoint.DispatchAfterSentCommit:
		ok = begun == 1 && whole == 1
	case killpoint.CollectAfterFetch, killpoint.CollectAfterStore, killpoint.CollectBeforeReceipt:
		ok = newest.State == "open" // a receipt before the commit would lose what the bank then forgets
	case killpoint.CollectAfterReceipt:
		ok = newest.State == "finished" || newest.ReturnCode == "090005"
	case killpoint.CollectBeforeIndex, killpoint.CollectAfterIndexCommit, killpoint.CollectAfterTransition, killpoint.AuditBeforeSeal,
		killpoint.AuditAfterSeal, killpoint.DocumentAfterAcknowledge, killpoint.SweepAfterEnqueue: // nothing that the bank could see
	}
	if !ok {
		s.t.Fatalf("at %s the bank has seen %d uploads begun, %d of them whole, and last %+v", s.point, begun, whole, newest)
	}
}
