package dispatch_test

import (
	"context"
	"testing"
	"time"

	"kontor/internal/dispatch"
	"kontor/internal/dispatch/banktest"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

const word = "the bank's hotline said so on 2 March"

func (w *tower) settle(proof dispatch.Proof, reason string) error {
	return dispatch.SettleByHand(w.t.Context(), w.Store, hub.OperatorActor("eva"), w.tenant, w.file, proof, reason)
}

func TestUnclearFileIsSettledByAPersonsWord(t *testing.T) {
	t.Run("delivered", func(t *testing.T) {
		w := newTower(t, storetest.SQLite(t), 4, banktest.LosesReply{})
		if err := w.send(t.Context()); err == nil {
			t.Fatal("the lost reply was swallowed")
		}
		w.Must(w.settle(dispatch.ProofDelivered, word))
		w.is(hub.StateSent, hub.StepDone, 1)
		w.spoolGone(w.journal())
	})
	t.Run("absent", func(t *testing.T) {
		w := newTower(t, storetest.SQLite(t), 4, banktest.LosesLastSegment{})
		if err := w.send(t.Context()); err == nil {
			t.Fatal("the silence was swallowed")
		}
		w.bank.Forget()
		w.Must(w.settle(dispatch.ProofAbsent, word))
		w.is(hub.StateQueued, hub.StepAbsent, 0)
		if w.postponed() != "" {
			t.Error("the file still waits")
		}
		w.Forward(time.Minute) // the bank was silent: its files wait a little
		w.Must(w.send(t.Context()))
		w.is(hub.StateSent, hub.StepDone, 1)
	})
}

func TestSettlingByHandIsRefused(t *testing.T) {
	unclear := func(t *testing.T) *tower {
		w := newTower(t, storetest.SQLite(t), 4, banktest.LosesReply{})
		if err := w.send(t.Context()); err == nil {
			t.Fatal("the lost reply was swallowed")
		}
		return w
	}
	for _, tc := range []struct {
		name   string
		tower  func(t *testing.T) *tower
		proof  dispatch.Proof
		reason string
		want   hub.Code
		state  hub.State
	}{
		{"queued file", func(t *testing.T) *tower { return newTower(t, storetest.SQLite(t), 4, nil) }, dispatch.ProofAbsent, word, hub.CodeConflict, hub.StateQueued},
		{"no reason", unclear, dispatch.ProofAbsent, "because", hub.CodeInvalid, hub.StateUnclear},
		{"unknown proof", unclear, "perhaps", word, hub.CodeInvalid, hub.StateUnclear},
		{"while the bank is being asked", func(t *testing.T) *tower {
			w := unclear(t)
			w.Lease("file:"+string(w.tenant)+"/"+string(w.file), "sender", time.Minute)
			return w
		}, dispatch.ProofAbsent, word, hub.CodeConflict, hub.StateUnclear},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := tc.tower(t)
			if err := w.settle(tc.proof, tc.reason); hub.CodeOf(err) != tc.want {
				t.Errorf("error %v, want %s", err, tc.want)
			}
			if got := w.record().State; got != tc.state {
				t.Errorf("file is %s, want %s", got, tc.state)
			}
		})
	}
}

// A refusal and its twin in the protocol end in one final state, whichever comes first.
func TestRefusalAfterTheProtocolsOwnNoIsNoFailure(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, nil)
	w.bank.Behaviour = banktest.Calls{Func: func(_ context.Context, c banktest.Call) error {
		if c.Step != banktest.Last {
			return nil
		}
		j := w.journal()
		next := j
		next.Step = hub.StepDone
		w.Write(func(tx *store.Tx) error { return tx.UpdateSending(t.Context(), next, j.Step) })
		w.transit(hub.RejectByBank())
		return &hub.BankError{Outcome: hub.BankRefused, Code: "091301"}
	}}
	w.Must(w.send(t.Context()))
	w.is(hub.StateRejectedByBank, hub.StepDone, 0)
	w.spoolGone(w.journal())
}
