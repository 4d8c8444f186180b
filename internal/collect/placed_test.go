package collect

import (
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
	"kontor/money"
)

// payIn is an invented payment of batch PMT-1.
func payIn(ordinal int, id string, minor int64) hub.Payment {
	return hub.Payment{Ordinal: ordinal, PaymentInformationID: "PMT-1", EndToEndID: id, Amount: money.Amount{Minor: minor, Currency: "EUR"},
		CreditorAccount: storetest.IBAN(501)}
}

// onBatch is a report on batch PMT-1.
func onBatch(id string, batch pain.Status, words ...pain.StatusTransaction) pain.StatusReport {
	return pain.StatusReport{MessageID: id, OriginalMessageID: "MSG", Batches: []pain.StatusBatch{
		{OriginalPaymentInformationID: "PMT-1", Status: batch, Transactions: words}}}
}

// A last word that fits no payment waits for a person: were it dropped, a payment that the bank has executed would count as rejected with the
// rest of its batch, and its repeat would be paid at once (docs/decisions/0010).
func TestLastWordThatFitsNoPaymentWaits(t *testing.T) {
	type word = pain.StatusTransaction
	by := func(id string, s pain.Status, change func(w *word)) word {
		w := word{OriginalEndToEndID: id, Status: s}
		if change != nil {
			change(&w)
		}
		return w
	}
	amount := func(a string) func(w *word) { return func(w *word) { w.Amount, w.Currency = a, "EUR" } }
	reason := func(code string) func(w *word) { return func(w *word) { w.Reasons = []pain.Reason{{Code: code}} } }
	named := []hub.Payment{payIn(0, "A", 1000), payIn(1, "B", 2000)}
	unnamed := []hub.Payment{payIn(0, "NOTPROVIDED", 1000), payIn(1, "NOTPROVIDED", 2000)}
	for _, row := range []struct {
		name     string
		payments []hub.Payment
		batch    pain.Status
		words    []word
		statuses string // "" = it waits
	}{
		{"executed, an amount after charges", named, "RJCT", []word{by("A", "ACSC", amount("9.90"))}, ""},
		{"rejected, then executed", named, "RJCT", []word{by("A", "RJCT", nil), by("A", "ACSC", nil)}, ""},
		{"executed, then rejected", named, "ACSC", []word{by("A", "ACSC", nil), by("A", "RJCT", nil)}, ""},
		{"rejected, another amount", named, "ACSC", []word{by("A", "RJCT", amount("9.90"))}, ""},
		{"rejected, another account", named, "ACSC", []word{by("A", "RJCT", func(w *word) { w.CreditorAccount = storetest.IBAN(777) })}, ""},
		{"one of several, an amount that none has", unnamed, "ACSC", []word{by("NOTPROVIDED", "RJCT", amount("15.00"))}, ""},
		{"one of several has the word, another amount beside it", unnamed, "RJCT", []word{by("NOTPROVIDED", "ACSC", amount("10.00")), by("NOTPROVIDED", "ACSC", amount("15.00"))}, ""},
		{"not the last word, another amount", named, "RJCT", []word{by("A", "ACTC", amount("9.90"))}, "RJCT RJCT"},
		{"the same word twice", named, "ACSC", []word{by("A", "RJCT", nil), by("A", "RJCT", nil)}, "RJCT ACSC"},
		{"executed and credited", named, "RJCT", []word{by("A", "ACSC", nil), by("A", "ACCC", nil)}, "ACSC RJCT"},
		{"all are rejected, nobody knows which for what reason", unnamed, "", []word{by("NOTPROVIDED", "RJCT", reason("AC01")), by("NOTPROVIDED", "RJCT", reason("AC04"))}, "RJCT RJCT"},
		{"all are rejected, each for its reason", unnamed, "", []word{
			by("NOTPROVIDED", "RJCT", func(w *word) { reason("AC01")(w); amount("20.00")(w) }), by("NOTPROVIDED", "RJCT", func(w *word) { reason("AC04")(w); amount("10.00")(w) })}, "RJCT/AC04 RJCT/AC01"},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateAccepted, row.payments...)
			h.split(hub.PollStatus, report(t, onBatch("R", row.batch, row.words...)))
			waiting := h.quarantine()
			if row.statuses != "" {
				if got := h.statuses(o); got != row.statuses || len(waiting) != 0 {
					t.Errorf("payments %s, want %s; quarantine %+v", got, row.statuses, waiting)
				}
				return
			}
			if len(waiting) != 1 || waiting[0].Reason != "ambiguous_payment" || h.statuses(o) != "- -" {
				t.Errorf("payments %s, quarantine %+v", h.statuses(o), waiting)
			}
			h.wants(o, hub.StateAccepted)
		})
	}
}

// While a report waits that says that something of a file is executed, no other makes the file a rejected one, which may be sent again.
func TestFileIsNotRejectedWhileAnExecutedWordWaits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		o := h.send(h.a, "MSG", hub.StateAccepted, payIn(0, "A", 1000), payIn(1, "B", 2000))
		h.split(hub.PollStatus, report(t, onBatch("R1", "RJCT", pain.StatusTransaction{OriginalEndToEndID: "A", Status: "ACSC", Amount: "9.90", Currency: "EUR"})))
		h.split(hub.PollStatus, report(t, onBatch("R2", "RJCT")))
		waiting := h.quarantine()
		if len(waiting) != 2 || h.statuses(o) != "- -" {
			t.Fatalf("payments %s, quarantine %+v", h.statuses(o), waiting)
		}
		h.wants(o, hub.StateAccepted)
		// A person finds out that nothing was executed.
		h.Must(Drop(t.Context(), h.Store, operator, waiting[0].ID, "the bank says on the phone that it was not executed"))
		h.Must(Release(t.Context(), h.Store, h.o.Jobs, operator, waiting[1].ID))
		h.splitStored()
		h.wants(o, hub.StateRejectedByBank)
		if got := h.statuses(o); got != "RJCT RJCT" || len(h.quarantine()) != 0 {
			t.Errorf("payments %s, quarantine %+v", got, h.quarantine())
		}
	})
}

// What was rejected first and executed then is one payment, whichever reports say so: the second waits.
func TestExecutedAfterRejectedWaits(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateAccepted, payIn(0, "A", 1000), payIn(1, "B", 2000))
	h.split(hub.PollStatus, report(t, onBatch("R1", "", pain.StatusTransaction{OriginalEndToEndID: "A", Status: "RJCT"})))
	h.split(hub.PollStatus, report(t, onBatch("R2", "", pain.StatusTransaction{OriginalEndToEndID: "A", Status: "ACSC"})))
	h.split(hub.PollStatus, report(t, onBatch("R3", "RJCT")))
	if got := h.statuses(o); got != "RJCT -" || len(h.quarantine()) != 2 {
		t.Errorf("payments %s, quarantine %+v", got, h.quarantine())
	}
	h.wants(o, hub.StateAccepted)
}
