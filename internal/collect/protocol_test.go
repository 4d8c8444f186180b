package collect

import (
	"strings"
	"testing"
	"time"

	"kontor/ebics/hac"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// word is an event's action and reason.
type word struct {
	action hac.Action
	reason string
}

// Every word of the standard meets a file in every state. What is not in the table changes nothing but the history.
func TestEveryActionInEveryState(t *testing.T) {
	type move struct{ from, to hub.State }
	moves := map[word][]move{}
	allow := func(w word, to hub.State, from ...hub.State) {
		for _, f := range from {
			moves[w] = append(moves[w], move{f, to})
		}
	}
	allow(word{hac.FileUpload, "TS01"}, hub.StateSent, hub.StateSending, hub.StateUnclear, hub.StateQueued)
	allow(word{hac.FileUpload, "TA01"}, hub.StateQueued, hub.StateSending, hub.StateUnclear)
	allow(word{hac.VEUForwarding, "DS06"}, hub.StateForwarded, hub.StateSending, hub.StateUnclear, hub.StateSent)
	allow(word{hac.VEUCancelOrder, "DS02"}, hub.StateCancelledAtBank, hub.StateSending, hub.StateUnclear, hub.StateSent, hub.StateForwarded)
	allow(word{hac.FinalPositive, ""}, hub.StateAccepted, hub.StateSending, hub.StateUnclear, hub.StateSent, hub.StateForwarded)
	allow(word{hac.FinalNegative, "DS04"}, hub.StateRejectedByBank, hub.StateSending, hub.StateUnclear, hub.StateSent, hub.StateForwarded, hub.StateAccepted)
	words := []word{
		{hac.FileUpload, "TS01"}, {hac.FileUpload, "TA01"}, {hac.FileUpload, "TD02"}, {hac.ESUpload, "TS01"}, {hac.ESUpload, "TA01"},
		{hac.FileDownload, "TS01"}, {hac.ESDownload, "TS01"}, {hac.ESVerification, "DS01"}, {hac.VEUForwarding, "DS06"},
		{hac.VEUVerification, "DS01"}, {hac.VEUVerificationEnd, "DS05"}, {hac.VEUCancelOrder, "DS02"}, {hac.VEUCancelOrder, "DS03"},
		{hac.Additional, ""}, {hac.FinalPositive, ""}, {hac.FinalNegative, "DS04"}, {"SOMETHING_NEW", "TS01"},
	}
	seen := map[hac.Action]bool{}
	for _, w := range words {
		seen[w.action] = true
	}
	for _, a := range hac.Actions() {
		if !seen[a] {
			t.Errorf("the table lacks %s", a)
		}
	}
	h := newHouse(t, storetest.SQLite(t))
	for _, w := range words {
		for _, state := range hub.States() {
			t.Run(string(w.action)+" "+w.reason+" "+string(state), func(t *testing.T) {
				o := h.send(h.a, "MSG", state)
				want := state
				for _, m := range moves[w] {
					if m.from == state {
						want = m.to
					}
				}
				h.split(hub.PollProtocol, h.protocol(hac.Event{Action: w.action, Reason: w.reason, OrderID: o.orderID}))
				h.wants(o, want)
				all := h.events(o)
				if state == hub.StateRejected { // was never sent: no order of ours has that id
					if len(all) != 0 {
						t.Errorf("events %+v", all)
					}
					return
				}
				if len(all) != 1 || all[0].Detail.Action != string(w.action) || (all[0].Name == "protocol") != (want == state) {
					t.Fatalf("events %+v", all)
				}
				if raw := h.body(h.a.Owner(), all[0].Evidence); !strings.Contains(raw, o.orderID) || !strings.HasPrefix(raw, "<OrgnlPmtInfAndSts>") {
					t.Errorf("evidence %q is not the bank's words about the order", raw)
				}
			})
		}
	}
}

func TestProtocolSequences(t *testing.T) {
	at := func(minutes int) time.Time { return time.Date(2026, 3, 2, 9, minutes, 0, 0, time.UTC) }
	upload := hac.Event{Action: hac.FileUpload, Reason: "TS01", Timestamp: at(0)}
	forward := hac.Event{Action: hac.VEUForwarding, Reason: "DS06", Timestamp: at(1)}
	verified := hac.Event{Action: hac.VEUVerification, Reason: "DS01", Timestamp: at(2)}
	final := hac.Event{Action: hac.FinalPositive, Timestamp: at(3)}
	negative := hac.Event{Action: hac.FinalNegative, Reason: "DS04", Timestamp: at(3)}
	cancel := hac.Event{Action: hac.VEUCancelOrder, Reason: "DS02", Timestamp: at(2)}
	for _, tc := range []struct {
		name   string
		from   hub.State
		events []hac.Event
		want   hub.State
		names  string
	}{
		{"in order", hub.StateSent, []hac.Event{upload, forward, verified, final}, hub.StateAccepted, "protocol forward protocol accept"},
		{"order unclear before", hub.StateUnclear, []hac.Event{upload, forward, final}, hub.StateAccepted, "deliver forward accept"},
		{"last first", hub.StateSent, []hac.Event{final, forward, upload}, hub.StateAccepted, "accept protocol protocol"},
		{"without the first", hub.StateUnclear, []hac.Event{forward, final}, hub.StateAccepted, "forward accept"},
		{"repeated", hub.StateSent, []hac.Event{forward, forward, final, forward, final}, hub.StateAccepted, "forward accept"},
		{"cancelled", hub.StateForwarded, []hac.Event{cancel, negative}, hub.StateCancelledAtBank, "cancel_at_bank protocol"},
		{"refused", hub.StateForwarded, []hac.Event{verified, negative}, hub.StateRejectedByBank, "protocol reject_by_bank"},
		{"cancelled by another partner's signer", hub.StateForwarded, []hac.Event{{Action: hac.VEUCancelOrder, Reason: "DS02", Timestamp: at(2), PartnerID: "OTHER"}}, hub.StateCancelledAtBank, "cancel_at_bank"},
		{"signer of another partner", hub.StateForwarded, []hac.Event{{Action: hac.VEUVerification, Reason: "DS01", Timestamp: at(2), PartnerID: "OTHER"}, final}, hub.StateAccepted, "protocol accept"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				h := newHouse(t, f)
				o := h.send(h.a, "MSG", tc.from)
				events := append([]hac.Event(nil), tc.events...)
				for i := range events {
					events[i].OrderID = o.orderID
				}
				for range 2 { // the whole protocol comes twice, as banks that do not see our receipt deliver it
					h.split(hub.PollProtocol, h.protocol(events...))
				}
				h.wants(o, tc.want)
				var names []string
				for _, e := range h.events(o) {
					names = append(names, e.Name)
				}
				if got := strings.Join(names, " "); got != tc.names {
					t.Errorf("history %q, want %q", got, tc.names)
				}
			})
		})
	}
}

func TestEventsThatAreNotOursChangeNothing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateSent)
	final := hac.Event{Action: hac.FinalPositive, OrderID: o.orderID}
	for _, tc := range []struct {
		name   string
		change func(*hac.Event)
	}{
		{"unknown order id", func(e *hac.Event) { e.OrderID = "ZZZZ" }},
		{"no order id", func(e *hac.Event) { e.OrderID = "" }},
		{"another partner", func(e *hac.Event) { e.PartnerID = "SOMEBODY" }},
		{"an order of that id years ago", func(e *hac.Event) { e.Timestamp = h.Now().AddDate(-3, 0, 0) }},
		{"longer ago than clocks differ", func(e *hac.Event) { e.Timestamp = h.Now().Add(-31 * 24 * time.Hour) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := final
			tc.change(&e)
			if s := h.split(hub.PollProtocol, h.protocol(e)); s != hub.DownloadIndexed {
				t.Errorf("delivery is %s", s)
			}
			h.wants(o, hub.StateSent)
			if all := h.events(o); len(all) != 0 {
				t.Errorf("events %+v", all)
			}
		})
	}
	h.split(hub.PollProtocol, h.protocol(final))
	h.wants(o, hub.StateAccepted)
}

func TestReusedOrderIDMeansTheNewestOrder(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	old := h.send(h.a, "OLD", hub.StateSent)
	h.Forward(3 * 365 * 24 * time.Hour)
	h.orders-- // the bank's ids have come round
	young := h.send(h.a, "YOUNG", hub.StateSent)
	h.split(hub.PollProtocol, h.protocol(hac.Event{Action: hac.FinalPositive, OrderID: young.orderID}))
	h.wants(young, hub.StateAccepted)
	h.wants(old, hub.StateSent)
}

func TestProtocolSettlesAnUnclearUpload(t *testing.T) {
	for _, tc := range []struct {
		name  string
		word  word
		state hub.State
		step  hub.SendStep
	}{
		{"present", word{hac.FileUpload, "TS01"}, hub.StateSent, hub.StepDone},
		{"present since it waits in the VEU", word{hac.VEUForwarding, "DS06"}, hub.StateForwarded, hub.StepDone},
		{"present since it was accepted", word{hac.FinalPositive, ""}, hub.StateAccepted, hub.StepDone},
		{"present since it was refused", word{hac.FinalNegative, "DS04"}, hub.StateRejectedByBank, hub.StepDone},
		{"absent", word{hac.FileUpload, "TA01"}, hub.StateQueued, hub.StepAbsent},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateUnclear)
			resource := store.FileResource(o.Tenant, o.ID)
			h.Must(h.Store.Postpone(t.Context(), resource, "silent", time.Hour, time.Hour))
			h.split(hub.PollProtocol, h.protocol(hac.Event{Action: tc.word.action, Reason: tc.word.reason, OrderID: o.orderID}))
			h.wants(o, tc.state)
			j := h.journal(o)
			if j.Step != tc.step {
				t.Errorf("journal stands at %s, want %s", j.Step, tc.step)
			}
			if _, err := h.Store.OpenBody(t.Context(), o.Tenant.Owner(), j.Spool); hub.CodeOf(err) != hub.CodeNotFound {
				t.Errorf("the spool is still there (%v)", err)
			}
			if h.postponed(resource) != "" {
				t.Error("the file still waits")
			}
		})
	}
}

// A sender may be about to complete the very order that the bank calls broken off: putting the file back into the queue beside it would
// send it twice.
func TestAbsenceIsNotBelievedWhileASenderIsAtWork(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for _, state := range []hub.State{hub.StateSending, hub.StateUnclear} {
		t.Run(string(state), func(t *testing.T) {
			o := h.send(h.a, "MSG", state)
			l := h.Lease(store.FileResource(o.Tenant, o.ID), "sender", time.Minute)
			j := h.arrive(hub.PollProtocol, h.protocol(hac.Event{Action: hac.FileUpload, Reason: "TA01", OrderID: o.orderID}))
			if err := h.Index(t.Context(), j); err == nil {
				t.Error("the delivery counts as split, its word would be lost")
			}
			h.wants(o, state)
			if h.journal(o).Step != hub.StepLast || h.download(j).State != hub.DownloadStored {
				t.Errorf("journal at %s, delivery %s", h.journal(o).Step, h.download(j).State)
			}
			h.Must(h.Store.Release(t.Context(), l))
			h.Must(h.Index(t.Context(), j))
			h.wants(o, hub.StateQueued)
		})
	}
}

// An attempt that broke off before its last segment was started anew. The bank's words about its old order id must not touch the file.
func TestWordsAboutAReplacedAttemptAreHistory(t *testing.T) {
	for _, w := range []word{{hac.FileUpload, "TA01"}, {hac.FinalNegative, "DS04"}, {hac.VEUCancelOrder, "DS02"}} {
		t.Run(string(w.action), func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateSent)
			second := h.journal(o)
			second.Attempt, second.OrderID = 2, "NEW2"
			h.Write(func(tx *store.Tx) error {
				first := h.journal(o)
				first.Step = hub.StepAbsent
				if err := tx.UpdateSending(t.Context(), first, hub.StepDone); err != nil {
					return err
				}
				return tx.InsertSending(t.Context(), second)
			})
			h.split(hub.PollProtocol, h.protocol(hac.Event{Action: w.action, Reason: w.reason, OrderID: o.orderID}))
			h.wants(o, hub.StateSent)
			if all := h.events(o); len(all) != 1 || all[0].Name != "protocol" {
				t.Errorf("events %+v", all)
			}
			h.split(hub.PollProtocol, h.protocol(hac.Event{Action: hac.FinalPositive, OrderID: "NEW2"}))
			h.wants(o, hub.StateAccepted)
		})
	}
}

func TestProtocolThatIsNoneIsKeptForAPerson(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for _, tc := range []struct{ name, data string }{
		{"no XML", "PK is not a protocol"}, {"empty", ""}, {"other XML", "<Document/>"}, {"broken off", h.protocol()[:80]},
	} {
		t.Run(tc.name, func(t *testing.T) {
			j := h.arrive(hub.PollProtocol, tc.data)
			h.Must(h.Index(t.Context(), j))
			d := h.download(j)
			if d.State != hub.DownloadUndecoded || h.body(hub.Operator, d.Body) != tc.data {
				t.Errorf("delivery is %s", d.State)
			}
		})
	}
}

func TestEventsCallForTheNextReport(t *testing.T) {
	for _, tc := range []struct {
		name      string
		event     word
		orderType string
	}{
		{"accepted asks for the status report", word{hac.FinalPositive, ""}, "CRZ"},
		{"forwarded asks for the protocol", word{hac.VEUForwarding, "DS06"}, "HAC"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			h.Write(func(tx *store.Tx) error {
				return tx.FinishPoll(t.Context(), h.contact.ID, tc.orderType, "nothing", h.Now().Add(2*time.Hour))
			})
			o := h.send(h.a, "MSG", hub.StateSent)
			h.split(hub.PollProtocol, h.protocol(hac.Event{Action: tc.event.action, Reason: tc.event.reason, OrderID: o.orderID}))
			if got, want := h.poll(tc.orderType).Next, h.Now().Add(30*time.Second); !got.Equal(want) {
				t.Errorf("%s is asked for at %v, want %v", tc.orderType, got, want)
			}
		})
	}
}

// An order counted as absent, wrongly, and waits to be sent again: the bank's word that it came stops that, unless a sender has begun.
func TestOrderThatTurnsOutToBeThereIsNotSentAgain(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateQueued)
	l := h.Lease(store.FileResource(o.Tenant, o.ID), "sender", time.Minute)
	j := h.arrive(hub.PollProtocol, h.protocol(hac.Event{Action: hac.FileUpload, Reason: "TS01", OrderID: o.orderID}))
	if err := h.Index(t.Context(), j); err == nil {
		t.Error("the delivery counts as split, its word would be lost")
	}
	h.wants(o, hub.StateQueued)
	h.Must(h.Store.Release(t.Context(), l))
	h.Must(h.Index(t.Context(), j))
	h.wants(o, hub.StateSent)
	if got := h.journal(o).Step; got != hub.StepDone {
		t.Errorf("journal stands at %s", got)
	}
}

// The late word that a replaced attempt had arrived changes nothing by itself: the file goes by the attempt that is under way.
func TestLateProofOfAReplacedAttemptIsHistory(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateSending)
	h.Write(func(tx *store.Tx) error {
		first := h.journal(o)
		second := first
		first.Step = hub.StepAbsent
		second.Attempt, second.OrderID, second.Step = 2, "NEW2", hub.StepSegment
		if err := tx.UpdateSending(t.Context(), first, hub.StepLast); err != nil {
			return err
		}
		return tx.InsertSending(t.Context(), second)
	})
	h.split(hub.PollProtocol, h.protocol(hac.Event{Action: hac.FileUpload, Reason: "TS01", OrderID: o.orderID}))
	h.wants(o, hub.StateSending)
	if all := h.events(o); len(all) != 1 || all[0].Name != "protocol" || h.journal(o).Step != hub.StepSegment {
		t.Errorf("events %+v, journal at %s", all, h.journal(o).Step)
	}
}

// A report promises no order: an interrupted upload that was completed later leaves both words in it, and presence wins.
func TestPresenceWinsOverAbsenceInOneReport(t *testing.T) {
	absent, there := hac.Event{Action: hac.FileUpload, Reason: "TA01"}, hac.Event{Action: hac.FileUpload, Reason: "TS01"}
	for name, events := range map[string][]hac.Event{
		"absence first":  {absent, there, {Action: hac.FinalPositive}},
		"presence first": {there, absent, {Action: hac.FinalPositive}},
		"no TS01 at all": {absent, {Action: hac.VEUForwarding}, {Action: hac.FinalPositive}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateUnclear)
			for i := range events {
				events[i].OrderID = o.orderID
			}
			h.split(hub.PollProtocol, h.protocol(events...))
			h.wants(o, hub.StateAccepted)
			for _, e := range h.events(o) {
				if e.To == hub.StateQueued {
					t.Error("the file was queued in between: a sender could have taken it")
				}
			}
		})
	}
}
