package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"kontor/internal/dispatch/banktest"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// The order arrived, the answer did not: nothing may be sent again; the bank's protocol is asked soon.
func TestLostReplyMakesTheFileUnclearAndIsNeverSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		w := newTower(t, f, 4, banktest.LosesReply{})
		if err := w.send(t.Context()); err == nil {
			t.Error("the lost reply was swallowed")
		}
		w.is(hub.StateUnclear, hub.StepLast, 1)
		if got := w.record().Detail.OrderID; got != "A001" {
			t.Errorf("order id %q: the protocol is asked by it", got)
		}
		for range 3 {
			f.Forward(time.Hour)
			err := w.send(t.Context())
			if be, ok := errors.AsType[*hub.BankError](err); !ok || be.Outcome != hub.BankUnknownTransaction {
				t.Errorf("error %v, want the bank's unknown transaction", err)
			}
			w.is(hub.StateUnclear, hub.StepLast, 1)
			if w.postponed() != string(hub.BankUnknownTransaction) {
				t.Errorf("back-off %q", w.postponed())
			}
		}
		want := []string{"prepare", "initialise", "segment 1", "segment 2", "last 3", "last 3", "last 3", "last 3"}
		if got := w.bank.Calls(); !slices.Equal(got, want) {
			t.Errorf("the bank was asked for %v, want %v", got, want)
		}
		if got := w.nextProtocol(); got.After(f.Now().Add(time.Minute)) {
			t.Errorf("the protocol is asked at %v, now is %v", got, f.Now())
		}
	})
}

// The last segment did not arrive: repeating it within its own transaction completes the order and cannot double it.
func TestLostLastSegmentIsRepeatedWithinItsTransaction(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, banktest.LosesLastSegment{})
	if err := w.send(t.Context()); err == nil {
		t.Error("the silence was swallowed")
	}
	w.is(hub.StateUnclear, hub.StepLast, 0)
	w.Must(w.send(t.Context()))
	w.is(hub.StateSent, hub.StepDone, 1)
	want := []string{"prepare", "initialise", "segment 1", "segment 2", "last 3", "last 3"}
	if got := w.bank.Calls(); !slices.Equal(got, want) {
		t.Errorf("the bank was asked for %v, want %v", got, want)
	}
	w.spoolGone(w.journal())
	if w.postponed() != "" {
		t.Errorf("back-off %q of a delivered file", w.postponed())
	}
}

// forgets loses the first last segment and, when it is repeated, says up to which one it has the order.
type forgets struct {
	banktest.Honest
	upTo int
}

func (b forgets) Before(_ context.Context, c banktest.Call) error {
	switch {
	case c.Step == banktest.Last && c.Attempt == 1:
		return &hub.BankError{Outcome: hub.BankSilent}
	case c.Step == banktest.Last && c.Attempt == 2:
		return &hub.BankError{Outcome: hub.BankResume, Segment: b.upTo}
	}
	return nil
}

func TestResumeSendsWhatTheBankLacks(t *testing.T) {
	for _, tc := range []struct {
		name string
		upTo int
		want []string
	}{
		{"all", 0, []string{"last 3", "segment 1", "segment 2", "last 3"}},
		{"the second and the last", 1, []string{"last 3", "segment 2", "last 3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newTower(t, storetest.SQLite(t), 4, forgets{upTo: tc.upTo})
			if err := w.send(t.Context()); err == nil {
				t.Error("the silence was swallowed")
			}
			w.bank.Rewind(tc.upTo)
			before := len(w.bank.Calls())
			w.Must(w.send(t.Context()))
			w.is(hub.StateSent, hub.StepDone, 1)
			if got := w.bank.Calls()[before:]; !slices.Equal(got, tc.want) {
				t.Errorf("the bank was asked for %v, want %v", got, tc.want)
			}
		})
	}
}

// A refusal of the repeated last segment is no proof of absence: the first one may have been taken.
func TestRefusedRepeatOfTheLastSegmentStaysUnclear(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, banktest.LosesReply{})
	if err := w.send(t.Context()); err == nil {
		t.Error("the lost reply was swallowed")
	}
	w.bank.Behaviour = banktest.Refuses{Step: banktest.Last, Code: "091101"}
	if err := w.send(t.Context()); err == nil {
		t.Error("the refusal was swallowed")
	}
	w.is(hub.StateUnclear, hub.StepLast, 1)
}

// The bank's protocol may prove the order while its answer to the last segment is still under way.
func TestProtocolThatIsFasterThanTheAnswerIsNoFailure(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, nil)
	w.bank.Behaviour = after{func(c banktest.Call) {
		if c.Step != banktest.Last {
			return
		}
		j := w.journal()
		next := j
		next.Step = hub.StepDone
		w.Write(func(tx *store.Tx) error {
			if err := tx.UpdateSending(t.Context(), next, hub.StepLast); err != nil {
				return err
			}
			if err := tx.DeleteBody(t.Context(), w.tenant.Owner(), j.Spool); err != nil {
				return err
			}
			return tx.Transit(t.Context(), w.tenant, w.file, hub.Forward(), store.Change{Actor: "system:collect"})
		})
	}}
	w.Must(w.send(t.Context()))
	w.is(hub.StateForwarded, hub.StepDone, 1)
	if w.postponed() != "" {
		t.Errorf("back-off %q", w.postponed())
	}
}

type after struct{ then func(banktest.Call) }

func (after) Before(context.Context, banktest.Call) error { return nil }

func (a after) After(_ context.Context, c banktest.Call) error { a.then(c); return nil }

// Once the last segment was announced, no failure proves absence: not even one that says that nothing was sent, since the announcement
// may be that of an earlier, killed sender.
func TestNoFailureOfTheLastSegmentPutsTheFileBack(t *testing.T) {
	for _, outcome := range []hub.BankOutcome{
		hub.BankUnreachable, hub.BankSilent, hub.BankBusy, hub.BankMisconfigured, hub.BankKeyChanged, hub.BankUnknownTransaction, hub.BankResume,
	} {
		t.Run(string(outcome), func(t *testing.T) {
			w := newTower(t, storetest.SQLite(t), 4, banktest.Fails{Step: banktest.Last, Times: 2, Outcome: outcome})
			for range 2 {
				if err := w.send(t.Context()); err == nil {
					t.Error("the failure was swallowed")
				}
				w.is(hub.StateUnclear, hub.StepLast, 0)
			}
			if outcome == hub.BankResume {
				return // the bank said that it lacks all of it and then refused what came: the protocol decides
			}
			w.Must(w.send(t.Context()))
			w.is(hub.StateSent, hub.StepDone, 1)
		})
	}
}
