package collect

import (
	"slices"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
	"kontor/money"
)

// transactions is a batch PMT-1 whose payments E2E-0, E2E-1 … have these statuses; "" is not mentioned.
func transactions(statuses ...pain.Status) []pain.StatusBatch {
	b := pain.StatusBatch{OriginalPaymentInformationID: "PMT-1"}
	for i, s := range statuses {
		if s == "" {
			continue
		}
		t := pain.StatusTransaction{OriginalEndToEndID: storetest.Payment(i).EndToEndID, Status: s}
		if s == "RJCT" {
			t.Reasons = []pain.Reason{{Code: "AC04"}}
		}
		b.Transactions = append(b.Transactions, t)
	}
	return []pain.StatusBatch{b}
}

// Only the bank's final word on every payment ends a file; a profile may add ACCP, ACSP and ACWC to it, nothing else.
func TestVerdictOfAStatusReport(t *testing.T) {
	part := func(b []pain.StatusBatch) pain.StatusReport {
		return pain.StatusReport{GroupStatus: "PART", Batches: b}
	}
	group := func(s pain.Status) pain.StatusReport { return pain.StatusReport{GroupStatus: s} }
	batch := func(s pain.Status) pain.StatusReport {
		return pain.StatusReport{Batches: []pain.StatusBatch{{OriginalPaymentInformationID: "PMT-1", Status: s}}}
	}
	for _, tc := range []struct {
		name     string
		profile  []string
		report   pain.StatusReport
		want     hub.State
		statuses string
	}{
		{"group ACSC", nil, group("ACSC"), hub.StateConfirmed, "ACSC ACSC ACSC"},
		{"group ACCC", nil, group("ACCC"), hub.StateConfirmed, "ACCC ACCC ACCC"},
		{"group ACCP without profile", nil, group("ACCP"), hub.StateAccepted, "ACCP ACCP ACCP"},
		{"group ACCP with profile", []string{"ACCP"}, group("ACCP"), hub.StateConfirmed, "ACCP ACCP ACCP"},
		{"group ACSP with profile", []string{"ACSP"}, group("ACSP"), hub.StateConfirmed, "ACSP ACSP ACSP"},
		{"group ACWC with profile", []string{"ACSP", "ACWC"}, group("ACWC"), hub.StateConfirmed, "ACWC ACWC ACWC"},
		{"group ACSP with profile for another", []string{"ACCP"}, group("ACSP"), hub.StateAccepted, "ACSP ACSP ACSP"},
		{"RCVD whatever the profile", []string{"RCVD"}, group("RCVD"), hub.StateAccepted, "RCVD RCVD RCVD"},
		{"ACTC whatever the profile", []string{"ACTC"}, group("ACTC"), hub.StateAccepted, "ACTC ACTC ACTC"},
		{"PDNG whatever the profile", []string{"PDNG"}, group("PDNG"), hub.StateAccepted, "PDNG PDNG PDNG"},
		{"RJCT whatever the profile", []string{"RJCT"}, group("RJCT"), hub.StateRejectedByBank, "RJCT RJCT RJCT"},
		{"batch ACSC", nil, batch("ACSC"), hub.StateConfirmed, "ACSC ACSC ACSC"},
		{"batch RJCT", nil, batch("RJCT"), hub.StateRejectedByBank, "RJCT RJCT RJCT"},
		{"each payment ACSC", nil, part(transactions("ACSC", "ACSC", "ACSC")), hub.StateConfirmed, "ACSC ACSC ACSC"},
		{"each payment RJCT", nil, part(transactions("RJCT", "RJCT", "RJCT")), hub.StateRejectedByBank, "RJCT/AC04 RJCT/AC04 RJCT/AC04"},
		{"mix", nil, part(transactions("ACSC", "RJCT", "ACSC")), hub.StatePartiallyAccepted, "ACSC RJCT/AC04 ACSC"},
		{"mix with one undecided", nil, part(transactions("ACSC", "RJCT", "PDNG")), hub.StateAccepted, "ACSC RJCT/AC04 PDNG"},
		{"silence about some", nil, part(transactions("", "RJCT", "")), hub.StateAccepted, "- RJCT/AC04 -"},
		{"batch PART speaks of those it lists", nil, pain.StatusReport{GroupStatus: "ACSC", Batches: []pain.StatusBatch{
			{OriginalPaymentInformationID: "PMT-1", Status: "PART", Transactions: transactions("RJCT")[0].Transactions}}}, hub.StateAccepted, "RJCT/AC04 - -"},
		{"payment before batch before group", nil, pain.StatusReport{GroupStatus: "RJCT", Batches: []pain.StatusBatch{
			{OriginalPaymentInformationID: "PMT-1", Status: "ACSC", Transactions: transactions("RJCT")[0].Transactions}}}, hub.StatePartiallyAccepted, "RJCT/AC04 ACSC ACSC"},
		{"no status at all", nil, group(""), hub.StateAccepted, "- - -"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t), tc.profile...)
			o := h.send(h.a, "MSG", hub.StateAccepted)
			tc.report.OriginalMessageID = "MSG"
			if s := h.split(hub.PollStatus, report(t, tc.report)); s != hub.DownloadIndexed {
				t.Errorf("delivery is %s", s)
			}
			h.wants(o, tc.want)
			if got := h.statuses(o); got != tc.statuses {
				t.Errorf("payments %s, want %s", got, tc.statuses)
			}
			if e := h.events(o); len(e) != 1 || h.body(h.a.Owner(), e[0].Evidence) == "" {
				t.Errorf("events %+v, want one with the report's bytes", e)
			}
		})
	}
}

// A later report speaks of the rest: what the bank said before still counts.
func TestReportsAddUp(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateAccepted)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", GroupStatus: "PART", Batches: transactions("ACSC", "PDNG", "RJCT")}))
	h.wants(o, hub.StateAccepted)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", GroupStatus: "PART", Batches: transactions("", "ACSC", "")}))
	h.wants(o, hub.StatePartiallyAccepted)
	if got := h.statuses(o); got != "ACSC ACSC RJCT/AC04" {
		t.Errorf("payments %s", got)
	}
}

// NOTPROVIDED is the commonest end-to-end id: one rejected payment of it must not reject the others.
func TestOneWordOfTheBankCountsForOnePayment(t *testing.T) {
	payment := func(i int, instruction string, minor int64, creditor string) hub.Payment {
		return hub.Payment{Ordinal: i, PaymentInformationID: "PMT-1", InstructionID: instruction, EndToEndID: "NOTPROVIDED",
			Amount: money.Amount{Minor: minor, Currency: "EUR"}, CreditorAccount: creditor}
	}
	x, y := storetest.IBAN(501), storetest.IBAN(502)
	rejected := pain.StatusTransaction{OriginalEndToEndID: "NOTPROVIDED", Status: "RJCT", Reasons: []pain.Reason{{Code: "AC04"}}}
	for _, tc := range []struct {
		name     string
		change   func(*pain.StatusTransaction)
		statuses string
	}{
		{"by amount", func(s *pain.StatusTransaction) { s.Amount, s.Currency = "20.00", "EUR" }, "ACSC RJCT/AC04 ACSC"},
		{"by amount with more decimals", func(s *pain.StatusTransaction) { s.Amount, s.Currency = "20.000", "EUR" }, "ACSC RJCT/AC04 ACSC"},
		{"by creditor account", func(s *pain.StatusTransaction) { s.CreditorAccount = y }, "ACSC ACSC RJCT/AC04"},
		{"by instruction id", func(s *pain.StatusTransaction) { s.OriginalInstructionID = "I-3" }, "ACSC ACSC RJCT/AC04"},
		{"about none of them", func(s *pain.StatusTransaction) { s.Amount, s.Currency = "99.00", "EUR" }, "- - -"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateAccepted, payment(0, "I-1", 1000, x), payment(1, "I-2", 2000, x), payment(2, "I-3", 3000, y))
			word := rejected
			tc.change(&word)
			h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", Batches: []pain.StatusBatch{
				{OriginalPaymentInformationID: "PMT-1", Status: "ACSC", Transactions: []pain.StatusTransaction{word}}}}))
			if got := h.statuses(o); got != tc.statuses {
				t.Errorf("payments %s, want %s", got, tc.statuses)
			}
			want := hub.StatePartiallyAccepted
			if tc.statuses == "- - -" { // the report waits for a person
				want = hub.StateAccepted
			}
			h.wants(o, want)
		})
	}
}

func TestReasonOfTheBankIsShownWithTheFile(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateAccepted)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", GroupStatus: "RJCT",
		GroupReasons: []pain.Reason{{Code: "AM04", AdditionalInformation: []string{"not covered"}}}}))
	h.wants(o, hub.StateRejectedByBank)
	if got := h.file(o).Detail; got.ReasonCode != "AM04" || got.Reason != "not covered" {
		t.Errorf("reason %q %q", got.ReasonCode, got.Reason)
	}
}

// Reports may overtake each other: what the bank has said for good is not taken back by an older word, and a file that has ended keeps its
// payments' statuses.
func TestFinalWordOnAPaymentStays(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	o := h.send(h.a, "MSG", hub.StateAccepted)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R1", GroupStatus: "PART", Batches: transactions("ACSC", "", "")}))
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R2", GroupStatus: "ACSP"}))
	if got := h.statuses(o); got != "ACSC ACSP ACSP" {
		t.Errorf("after an older report: payments %s", got)
	}
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R3", GroupStatus: "PART", Batches: transactions("", "ACSC", "ACSC")}))
	h.wants(o, hub.StateConfirmed)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R4", GroupStatus: "RJCT"}))
	h.wants(o, hub.StateConfirmed)
	if got := h.statuses(o); got != "ACSC ACSC ACSC" {
		t.Errorf("after a late report: payments %s", got)
	}
}

// A report in another order than the file, all payments with the same end-to-end id, must not take minutes inside a transaction.
func TestVerdictOfManyEqualReferencesIsLinear(t *testing.T) {
	const n = 20_000
	r := pain.StatusReport{OriginalMessageID: "MSG", GroupStatus: "PART", Batches: []pain.StatusBatch{{OriginalPaymentInformationID: "PMT-1"}}}
	for i := n - 1; i >= 0; i-- {
		p := storetest.Payment(i)
		r.Batches[0].Transactions = append(r.Batches[0].Transactions, pain.StatusTransaction{
			OriginalEndToEndID: "NOTPROVIDED", Status: "ACSC", Amount: p.Amount.Decimal(), Currency: string(p.Amount.Currency), CreditorAccount: p.CreditorAccount,
		})
	}
	v, err := readVerdict(strings.NewReader(report(t, r)), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		p := storetest.Payment(i)
		p.PaymentInformationID, p.EndToEndID = "PMT-1", "NOTPROVIDED"
		if o := v.of(&p); o.status != "ACSC" {
			t.Fatalf("payment %d: status %q", i, o.status)
		}
	}
	if slow := slices.IndexFunc(v.mentions.all, func(m mention) bool { return m.key == v.mentions.all[0].key && !m.used }); slow >= 0 || v.mentions.all[0].next != 0 {
		t.Errorf("mention %d was left over, the slow way was taken up to %d", slow, v.mentions.all[0].next)
	}
}

// A rejected payment stays rejected, whatever the bank says later of its batch or of the file as a whole.
func TestRejectionOfAPaymentIsNotErasedByAWordOnTheWhole(t *testing.T) {
	for name, later := range map[string]pain.StatusReport{
		"group": {OriginalMessageID: "MSG", MessageID: "R2", GroupStatus: "ACSC"},
		"batch": {OriginalMessageID: "MSG", MessageID: "R2", Batches: []pain.StatusBatch{{OriginalPaymentInformationID: "PMT-1", Status: "ACSC"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateAccepted)
			h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R1", GroupStatus: "PART", Batches: transactions("RJCT", "", "")}))
			h.split(hub.PollStatus, report(t, later))
			h.wants(o, hub.StatePartiallyAccepted)
			if got := h.statuses(o); got != "RJCT/AC04 ACSC ACSC" {
				t.Errorf("payments %s", got)
			}
		})
	}
}

// Payments that are alike in everything: each word of the bank is about one of them, in one report or over several, also when a later
// report repeats the earlier.
func TestPaymentsThatAreAlikeOverSeveralReports(t *testing.T) {
	alike := func(statuses ...pain.Status) []pain.StatusBatch {
		b := transactions(statuses...)
		for i := range b[0].Transactions {
			b[0].Transactions[i].OriginalEndToEndID = "NOTPROVIDED"
		}
		return b
	}
	for name, reports := range map[string][][]pain.StatusBatch{
		"one word each":             {alike("RJCT"), alike("ACSC")},
		"the later repeats all":     {alike("RJCT"), alike("RJCT", "ACSC")},
		"in another order":          {alike("RJCT"), alike("ACSC", "RJCT")},
		"the executed one is first": {alike("ACSC"), alike("RJCT")},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			var payments []hub.Payment
			for range 2 {
				p := storetest.Payment(0)
				p.EndToEndID = "NOTPROVIDED"
				payments = append(payments, p)
			}
			payments[1].Ordinal = 1
			o := h.send(h.a, "MSG", hub.StateAccepted, payments...)
			for n, batches := range reports {
				h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R" + string(rune('1'+n)), GroupStatus: "PART", Batches: batches}))
			}
			h.wants(o, hub.StatePartiallyAccepted)
			if got := h.statuses(o); got != "RJCT/AC04 ACSC" && got != "ACSC RJCT/AC04" {
				t.Errorf("payments %s", got)
			}
		})
	}
}
