package collect

import (
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
	"kontor/money"
)

// A word that may be meant for several payments waits for a person; it is applied if it makes no difference for whom it is meant.
func TestWordThatMayBeMeantForSeveralPaymentsWaits(t *testing.T) {
	x, y := storetest.IBAN(501), storetest.IBAN(502)
	type word = pain.StatusTransaction
	pay := func(instruction string, minor int64, creditor string) hub.Payment {
		return hub.Payment{PaymentInformationID: "PMT-1", InstructionID: instruction, EndToEndID: "NOTPROVIDED",
			Amount: money.Amount{Minor: minor, Currency: "EUR"}, CreditorAccount: creditor}
	}
	rejected := func(change func(w *word)) word {
		w := word{OriginalEndToEndID: "NOTPROVIDED", Status: "RJCT"}
		if change != nil {
			change(&w)
		}
		return w
	}
	executed := func(change func(w *word)) word {
		w := rejected(change)
		w.Status = "ACSC"
		return w
	}
	amount := func(a string) func(w *word) { return func(w *word) { w.Amount, w.Currency = a, "EUR" } }
	several := []hub.Payment{pay("", 1000, x), pay("", 2000, x), pay("", 3000, y)}
	for _, row := range []struct {
		name     string
		payments []hub.Payment
		batch    pain.Status // of those that are not named
		words    []word
		statuses string // "" = it waits
	}{
		{"one of several, by nothing", several, "ACSC", []word{rejected(nil)}, ""},
		{"one of several, by an account that two have", several, "ACSC", []word{rejected(func(w *word) { w.CreditorAccount = x })}, ""},
		{"one of several, by an account that one has", several, "ACSC", []word{rejected(func(w *word) { w.CreditorAccount = y })}, "ACSC ACSC RJCT"},
		{"each of several, by nothing, the same word", several, "", []word{rejected(nil), rejected(nil), rejected(nil)}, "RJCT RJCT RJCT"},
		{"each of several, by nothing, different words", several, "", []word{rejected(nil), executed(nil), executed(nil)}, ""},
		{"the same word as for the others", several, "RJCT", []word{rejected(nil)}, "RJCT RJCT RJCT"},
		{"fewer than there are, of the others nothing is said", several, "PART", []word{executed(nil)}, ""},
		{"only one is left for the word that names nothing", several, "", []word{executed(amount("10.00")), rejected(nil), executed(amount("30.00"))}, "ACSC RJCT ACSC"},
		{"two are left for the word that names nothing", several, "ACSC", []word{executed(amount("10.00")), rejected(nil)}, ""},
		{"payments that are alike", []hub.Payment{pay("", 1000, x), pay("", 1000, x)}, "ACSC", []word{rejected(nil)}, "RJCT ACSC"},
		{"two alike and one that is not", []hub.Payment{pay("", 1000, x), pay("", 1000, x), pay("", 2000, x)}, "ACSC", []word{rejected(amount("10.00"))}, "RJCT ACSC ACSC"},
		{"alike but for an instruction id that the bank does not repeat", []hub.Payment{pay("I-1", 1000, x), pay("I-2", 1000, x)}, "ACSC", []word{rejected(amount("10.00"))}, ""},
		{"an amount of another currency, that says nothing", several, "ACSC", []word{rejected(func(w *word) { w.Amount, w.Currency = "11.00", "USD" })}, ""},
		{"an amount of another currency, and an account", several, "ACSC", []word{rejected(func(w *word) { w.Amount, w.Currency, w.CreditorAccount = "11.00", "USD", y })}, "ACSC ACSC RJCT"},
		{"an instruction that no payment has, and an account", several, "ACSC", []word{rejected(func(w *word) { w.OriginalInstructionID, w.CreditorAccount = "BANK-1", y })}, "ACSC ACSC RJCT"},
		{"an instruction that no payment has", several, "ACSC", []word{rejected(func(w *word) { w.OriginalInstructionID = "BANK-1" })}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			payments := make([]hub.Payment, len(row.payments))
			for i, p := range row.payments {
				p.Ordinal = i
				payments[i] = p
			}
			o := h.send(h.a, "MSG", hub.StateAccepted, payments...)
			h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", Batches: []pain.StatusBatch{
				{OriginalPaymentInformationID: "PMT-1", Status: row.batch, Transactions: row.words}}}))
			waiting := h.quarantine()
			if row.statuses != "" {
				if got := h.statuses(o); got != row.statuses || len(waiting) != 0 {
					t.Errorf("payments %s, want %s; quarantine %+v", got, row.statuses, waiting)
				}
				return
			}
			if len(waiting) != 1 || waiting[0].Reason != "ambiguous_payment" || waiting[0].Detail.Key != "MSG" {
				t.Errorf("quarantine %+v", waiting)
			}
			h.wants(o, hub.StateAccepted)
			for _, p := range h.statuses(o) {
				if p != '-' && p != ' ' {
					t.Fatalf("payments %s", h.statuses(o))
				}
			}
		})
	}
}

// What cannot be told apart may be later: of payments one of which has its last word, the next word is for the other.
func TestLastWordOfOnePaymentMakesTheNextUnambiguous(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	pay := func(ordinal int, minor int64) hub.Payment {
		return hub.Payment{Ordinal: ordinal, PaymentInformationID: "PMT-1", EndToEndID: "NOTPROVIDED", Amount: money.Amount{Minor: minor, Currency: "EUR"},
			CreditorAccount: storetest.IBAN(501)}
	}
	o := h.send(h.a, "MSG", hub.StateAccepted, pay(0, 1000), pay(1, 2000))
	say := func(id string, w pain.StatusTransaction) {
		w.OriginalEndToEndID = "NOTPROVIDED"
		h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: id, GroupStatus: "PART", Batches: []pain.StatusBatch{
			{OriginalPaymentInformationID: "PMT-1", Transactions: []pain.StatusTransaction{w}}}}))
	}
	say("R1", pain.StatusTransaction{Status: "ACSC"})
	if q := h.quarantine(); len(q) != 1 || q[0].Reason != "ambiguous_payment" {
		t.Fatalf("quarantine %+v", q)
	}
	say("R2", pain.StatusTransaction{Status: "RJCT", Amount: "10.00", Currency: "EUR"})
	h.Must(Release(t.Context(), h.Store, h.o.Jobs, operator, h.quarantine()[0].ID))
	h.splitStored()
	if got := h.statuses(o); got != "RJCT ACSC" || len(h.quarantine()) != 0 {
		t.Errorf("payments %s, quarantine %+v", got, h.quarantine())
	}
	h.wants(o, hub.StatePartiallyAccepted)
	// A file that has ended is not changed by a report, so it does not matter whom that means.
	say("R3", pain.StatusTransaction{Status: "RJCT"})
	if q := h.quarantine(); len(q) != 0 {
		t.Errorf("quarantine %+v", q)
	}
}
