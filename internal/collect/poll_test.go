package collect

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func (h *house) ask() error { return h.Poll(h.t.Context(), hub.PollJob{Contact: h.contact.ID}) }

func (h *house) stored() (out []hub.Download) {
	h.t.Helper()
	h.Read(func(tx *store.Tx) (err error) {
		refs, err := tx.StoredDownloads(h.t.Context())
		for _, r := range refs {
			d, derr := tx.Download(h.t.Context(), r.Contact, r.ID)
			out, err = append(out, d), errors.Join(err, derr)
		}
		return err
	})
	return out
}

func TestDeliveryIsStoredThenReceiptedThenSplit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		h.mail.offers["C53"] = []string{container(t, entry{"a.xml", camtText(statement{ibanA, "EUR", "S"})})}
		f.Must(h.ask())
		if !slices.Equal(slices.Sorted(slices.Values(h.mail.asked)), []string{"C53", "CRZ", "HAC"}) {
			t.Errorf("the bank was asked for %v", h.mail.asked)
		}
		d := h.stored()
		if len(d) != 1 || !d[0].Receipted || d[0].OrderType != "C53" || h.mail.receipts["C53"] != 1 {
			t.Fatalf("stored %+v, receipts %v", d, h.mail.receipts)
		}
		if h.poll("C53").LastResult != "data" || h.poll("HAC").LastResult != "nothing" {
			t.Errorf("results %q, %q", h.poll("C53").LastResult, h.poll("HAC").LastResult)
		}
		// The job that splits it was enqueued with it.
		indexed := make(chan hub.IndexJob, 10)
		w := job.NewWorkers(slog.New(slog.DiscardHandler))
		job.Handle(w, func(_ context.Context, j hub.IndexJob) error { indexed <- j; return nil })
		c, err := job.New(f.Store, w, 1)
		f.Must(err)
		f.Must(c.Start(context.WithoutCancel(t.Context())))
		defer func() { f.Must(c.Stop(t.Context())) }()
		select {
		case j := <-indexed:
			if j.Download != d[0].ID || j.Contact != h.contact.ID {
				t.Errorf("index job %+v, want of %s", j, d[0].ID)
			}
		case <-time.After(20 * time.Second):
			t.Error("no index job")
		}
	})
}

// The bank may forget what it has a receipt for: without durable storage there must be none.
func TestWithoutStorageNoReceipt(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.mail.offers["C53"] = []string{"data"}
	ctx, stop := context.WithCancel(t.Context())
	h.mail.onAsk = func(orderType string) {
		if orderType == "C53" {
			stop() // the store takes nothing any more
		}
	}
	if err := h.Poll(ctx, hub.PollJob{Contact: h.contact.ID}); err == nil {
		t.Error("the failure was swallowed")
	}
	if len(h.stored()) != 0 || h.mail.receipts["C53"] != 0 {
		t.Fatalf("stored %v, receipts %v", h.stored(), h.mail.receipts)
	}
	h.mail.onAsk = nil
	h.Must(h.ask())
	if len(h.stored()) != 1 || h.mail.receipts["C53"] != 1 {
		t.Errorf("stored %v, receipts %v", h.stored(), h.mail.receipts)
	}
}

func TestLostAnswerToTheReceiptKeepsTheDelivery(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.mail.offers["C53"], h.mail.noAnswer = []string{container(t, entry{"a.xml", camtText(statement{ibanA, "EUR", "S"})})}, true
	if err := h.ask(); err == nil {
		t.Error("the silence was swallowed")
	}
	d := h.stored()
	if len(d) != 1 || d[0].Receipted {
		t.Fatalf("stored %+v", d)
	}
	h.mail.noAnswer = false
	h.Forward(5 * time.Hour)
	h.Must(h.ask())
	all := h.stored()
	if len(all) != 2 {
		t.Fatalf("stored %+v", all)
	}
	for _, d := range all {
		h.Must(h.Index(t.Context(), hub.IndexJob{Contact: h.contact.ID, Download: d.ID}))
	}
	if got := h.documents(h.a); len(got) != 1 {
		t.Errorf("%d documents of one statement", len(got))
	}
}

func TestOrderTypeThatTheBankRefusesDoesNotKeepTheOthers(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for _, bad := range []string{"C53", "CRZ", "HAC"} {
		h.mail.fails[bad] = &hub.BankError{Outcome: hub.BankRefused, Code: "090003"}
		for _, good := range []string{"C53", "CRZ", "HAC"} {
			if good != bad {
				h.mail.offers[good] = []string{"data of " + good}
			}
		}
		before := len(h.stored())
		if err := h.ask(); err == nil {
			t.Error("the refusal was swallowed")
		}
		if got := len(h.stored()) - before; got != 2 {
			t.Errorf("with %s refused %d deliveries came, want 2", bad, got)
		}
		if got := h.poll(bad); got.LastResult != "refused" || !got.Next.After(h.Now()) {
			t.Errorf("poll of the refused type %+v", got)
		}
		delete(h.mail.fails, bad)
		h.Forward(5 * time.Hour)
	}
}

// A bank that is down is asked again after the back-off, not after the hours of a regular poll.
func TestPollOfABankThatIsDownStaysDue(t *testing.T) {
	for _, outcome := range []hub.BankOutcome{hub.BankUnreachable, hub.BankSilent, hub.BankBusy} {
		t.Run(string(outcome), func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			for _, o := range []string{"C53", "CRZ", "HAC"} {
				h.mail.fails[o] = &hub.BankError{Outcome: outcome}
			}
			resource := store.ContactResource(h.contact.ID)
			for _, wait := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute} {
				if err := h.ask(); err == nil {
					t.Error("the failure was swallowed")
				}
				h.Forward(wait - time.Second)
				if h.postponed(resource) != string(outcome) {
					t.Errorf("back-off of %v is over", wait)
				}
				h.Forward(2 * time.Second)
				if h.postponed(resource) != "" {
					t.Errorf("back-off still runs after %v", wait)
				}
			}
			for _, o := range []string{"C53", "CRZ", "HAC"} {
				if p := h.poll(o); p.Next.After(h.Now()) || p.LastResult != string(outcome) {
					t.Errorf("poll %+v is not due", p)
				}
			}
			clear(h.mail.fails)
			h.mail.offers["C53"] = []string{"data"}
			h.Must(h.ask())
			if len(h.stored()) != 1 || !h.poll("C53").Next.After(h.Now()) {
				t.Errorf("stored %v, next %v", h.stored(), h.poll("C53").Next)
			}
		})
	}
}

// A person must act first: asking every minute would not help.
func TestPollThatAPersonMustMendWaitsForItsTurn(t *testing.T) {
	for _, outcome := range []hub.BankOutcome{hub.BankRefused, hub.BankMisconfigured, hub.BankKeyChanged} {
		h := newHouse(t, storetest.SQLite(t))
		h.mail.fails["C53"] = &hub.BankError{Outcome: outcome}
		if err := h.ask(); err == nil {
			t.Error("the failure was swallowed")
		}
		if got, want := h.poll("C53").Next, h.Now().Add(4*time.Hour); !got.Equal(want) {
			t.Errorf("%s: next poll at %v, want %v", outcome, got, want)
		}
	}
}

func TestNextPollDependsOnWhatTheBankOwesUs(t *testing.T) {
	const open, idle, statements = 5 * time.Minute, 2 * time.Hour, 4 * time.Hour
	for _, state := range hub.States() {
		t.Run(string(state), func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			h.send(h.a, "MSG", state)
			h.Must(h.ask())
			want := map[string]time.Duration{"HAC": idle, "CRZ": idle, "C53": statements}
			switch state {
			case hub.StateUnclear, hub.StateSent, hub.StateForwarded:
				want["HAC"] = open
			case hub.StateAccepted:
				want["CRZ"] = open
			case hub.StateRejected, hub.StateQueued, hub.StateSending, hub.StateFailed, hub.StateCancelledAtBank, hub.StatePartiallyAccepted,
				hub.StateConfirmed, hub.StateRejectedByBank:
			}
			for orderType, d := range want {
				if got := h.poll(orderType).Next.Sub(h.Now()); got != d {
					t.Errorf("%s is asked for in %v, want %v", orderType, got, d)
				}
			}
		})
	}
}

func TestOnlyDuePollsOfReadyContactsAreAsked(t *testing.T) {
	t.Run("not due", func(t *testing.T) {
		h := newHouse(t, storetest.SQLite(t))
		h.Must(h.ask())
		h.mail.asked = nil
		h.Must(h.ask())
		if len(h.mail.asked) != 0 {
			t.Errorf("asked for %v", h.mail.asked)
		}
		h.Forward(2*time.Hour + time.Second)
		h.Must(h.ask())
		if got := strings.Join(h.mail.asked, " "); got != "CRZ HAC" {
			t.Errorf("asked for %v", got)
		}
	})
	t.Run("contact not ready", func(t *testing.T) {
		h := newHouse(t, storetest.SQLite(t))
		c := h.contact
		c.State = hub.ContactKeysFetched
		h.Write(func(tx *store.Tx) error { return tx.AdvanceContact(t.Context(), c, hub.ContactReady) })
		h.Must(h.ask())
		if len(h.mail.asked) != 0 {
			t.Errorf("asked for %v", h.mail.asked)
		}
	})
	t.Run("another poll is under way", func(t *testing.T) {
		h := newHouse(t, storetest.SQLite(t))
		h.Lease(store.ContactResource(h.contact.ID), "other", time.Minute)
		h.Must(h.ask())
		if len(h.mail.asked) != 0 {
			t.Errorf("asked for %v", h.mail.asked)
		}
	})
}
