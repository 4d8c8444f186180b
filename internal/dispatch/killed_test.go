package dispatch_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/internal/dispatch/banktest"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// Whoever finds a file in sending goes by the journal: before its last step the order is provably not at the bank and starts anew; at
// its last step it is asked about.
func TestInterruptedSendingGoesOnByItsJournal(t *testing.T) {
	for _, tc := range []struct {
		name    string
		arrange func(w *tower)
		step    hub.SendStep // that the journal has then
		want    []string     // what the bank is asked for afterwards
		state   hub.State
		attempt int
		after   hub.SendStep
	}{
		{"no journal", func(w *tower) {
			w.Write(func(tx *store.Tx) error {
				return tx.Transit(w.t.Context(), w.tenant, w.file, hub.Send(), store.Change{Actor: "test"})
			})
		}, "", []string{"prepare", "initialise", "segment 1", "segment 2", "last 3"}, hub.StateSent, 1, hub.StepDone},
		{"prepared", func(w *tower) { w.killedAt(banktest.Initialise, 0) }, hub.StepPrepared,
			[]string{"initialise", "segment 1", "segment 2", "last 3"}, hub.StateSent, 2, hub.StepDone},
		{"initialised", func(w *tower) { w.killedAt(banktest.Segment, 1) }, hub.StepInitialised,
			[]string{"initialise", "segment 1", "segment 2", "last 3"}, hub.StateSent, 2, hub.StepDone},
		{"one segment", func(w *tower) { w.killedAt(banktest.Segment, 2) }, hub.StepSegment,
			[]string{"initialise", "segment 1", "segment 2", "last 3"}, hub.StateSent, 2, hub.StepDone},
		{"last announced, not sent", func(w *tower) { w.killedBeforeLast() }, hub.StepLast,
			[]string{"last 3"}, hub.StateSent, 1, hub.StepDone},
		{"last sent", func(w *tower) { w.killedBeforeLast(); w.deliverLast() }, hub.StepLast,
			[]string{"last 3"}, hub.StateUnclear, 1, hub.StepLast},
		{"an earlier attempt was absent", func(w *tower) {
			w.killedAt(banktest.Segment, 1)
			j := w.journal()
			next := j
			next.Step = hub.StepAbsent
			w.Write(func(tx *store.Tx) error { return tx.UpdateSending(w.t.Context(), next, j.Step) })
		}, hub.StepAbsent, []string{"prepare", "initialise", "segment 1", "segment 2", "last 3"}, hub.StateSent, 2, hub.StepDone},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				w := newTower(t, f, 4, nil)
				tc.arrange(w)
				if got := w.record().State; got != hub.StateSending {
					t.Fatalf("the killed sender left the file %s, want sending", got)
				}
				if got := w.journal().Step; got != tc.step {
					t.Fatalf("the killed sender left the journal at %q, want %q", got, tc.step)
				}
				before := len(w.bank.Calls())
				err := w.send(t.Context())
				if (err == nil) != (tc.state == hub.StateSent) {
					t.Errorf("error %v", err)
				}
				w.is(tc.state, tc.after, 1)
				if got := w.bank.Calls()[before:]; !slices.Equal(got, tc.want) {
					t.Errorf("the bank was asked for %v, want %v", got, tc.want)
				}
				if got := w.journal().Attempt; got != tc.attempt {
					t.Errorf("attempt %d, want %d", got, tc.attempt)
				}
			})
		})
	}
}

// killedBeforeLast leaves the journal at its last step and the file in sending, with all segments but the last at the bank.
func (w *tower) killedBeforeLast() {
	w.t.Helper()
	w.killedAt(banktest.Segment, 2)
	j := w.journal()
	body, err := w.Store.ReadBody(w.t.Context(), w.tenant.Owner(), j.Spool, 100)
	w.Must(err)
	if _, err := w.bank.Transfer(w.t.Context(), hub.Link{}, hub.Transaction{ID: j.TransactionID}, 2, false, body[4:8]); err != nil {
		w.t.Fatal(err)
	}
	next := j
	next.Step, next.Segment = hub.StepLast, 2
	w.Write(func(tx *store.Tx) error { return tx.UpdateSending(w.t.Context(), next, hub.StepSegment) })
}

// deliverLast gives the bank the last segment of the journal's order.
func (w *tower) deliverLast() {
	w.t.Helper()
	j := w.journal()
	body, err := w.Store.ReadBody(w.t.Context(), w.tenant.Owner(), j.Spool, 100)
	w.Must(err)
	if _, err := w.bank.Transfer(w.t.Context(), hub.Link{}, hub.Transaction{ID: j.TransactionID}, 3, true, body[8:]); err != nil {
		w.t.Fatal(err)
	}
}

func TestStoppedSenderLeavesTheFileToTheNext(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, nil)
	w.killedAt(banktest.Segment, 2)
	w.is(hub.StateSending, hub.StepSegment, 0)
	if w.postponed() != "" {
		t.Error("a sender that was stopped put its file off: the next start must take it up at once")
	}
	w.Must(w.send(t.Context()))
	w.is(hub.StateSent, hub.StepDone, 1)
}

// A resumed upload sends byte for byte the same segments: the bank may have some of them.
func TestNextAttemptUsesTheSameSpool(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, nil)
	w.killedAt(banktest.Segment, 2)
	first := w.journal()
	w.Must(w.send(t.Context()))
	if second := w.journal(); second.Spool != first.Spool || string(second.Prepared) != string(first.Prepared) || second.OrderID == first.OrderID {
		t.Errorf("first %+v\nsecond %+v", first, second)
	}
}

// A sender that was thought dead and overtaken must not write, nor send the last segment.
func TestOvertakenSenderIsRefused(t *testing.T) {
	for _, tc := range []struct {
		name   string
		step   banktest.Step
		number int
	}{{"while it initialises", banktest.Initialise, 0}, {"in the first segment", banktest.Segment, 1}, {"before the last", banktest.Segment, 2}} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				w := newTower(t, f, 4, nil)
				overtaken := false
				w.bank.Behaviour = banktest.Calls{Func: func(_ context.Context, c banktest.Call) error {
					if c.Step != tc.step || c.Number != tc.number || overtaken {
						return nil
					}
					overtaken = true
					f.Forward(31 * time.Second) // the first sender's lease has run out
					return w.node("node-2").Send(t.Context(), hub.SendJob{Tenant: w.tenant, File: w.file})
				}}
				err := w.send(t.Context())
				if hub.CodeOf(err) != hub.CodeConflict {
					t.Errorf("the overtaken sender got %v, want conflict", err)
				}
				w.is(hub.StateSent, hub.StepDone, 1)
				if got := w.journal().Attempt; got != 2 {
					t.Errorf("delivered by attempt %d, want that of the second sender", got)
				}
				if n := strings.Count(strings.Join(w.bank.Calls(), ","), "last"); n != 1 {
					t.Errorf("the last segment was sent %d times", n)
				}
			})
		})
	}
}

func TestTwoSendersAtOnceSendOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		w := newTower(t, f, 4, nil)
		var second error
		w.bank.Behaviour = banktest.Calls{Func: func(_ context.Context, c banktest.Call) error {
			if c.Step == banktest.Initialise {
				second = w.node("node-2").Send(t.Context(), hub.SendJob{Tenant: w.tenant, File: w.file})
			}
			return nil
		}}
		f.Must(w.send(t.Context()))
		if second != nil {
			t.Errorf("the second sender got %v: without the lease it does nothing", second)
		}
		w.is(hub.StateSent, hub.StepDone, 1)
		if n := len(w.bank.Calls()); n != 5 {
			t.Errorf("%d calls, want those of one sender: %v", n, w.bank.Calls())
		}
	})
}
