package collect

import (
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
)

func batchOf(id string) hub.Payment {
	p := storetest.Payment(0)
	p.PaymentInformationID = id
	return p
}

func confirmation(t *testing.T, batch string) string {
	return report(t, pain.StatusReport{OriginalMessageID: "SAME", GroupStatus: "ACSC", Batches: []pain.StatusBatch{{OriginalPaymentInformationID: batch, Status: "ACSC"}}})
}

// Two tenants under one contact may number their files alike: a report goes to the one whose batches it names, or to nobody.
func TestReportFindsItsFileAmongTenants(t *testing.T) {
	for _, tc := range []struct {
		name, batchA, batchB, named string
		wantA, wantB                hub.State
		reason                      string
	}{
		{"by its batch", "PMT-A", "PMT-B", "PMT-B", hub.StateAccepted, hub.StateConfirmed, ""},
		{"alike in all", "PMT-X", "PMT-X", "PMT-X", hub.StateAccepted, hub.StateAccepted, "ambiguous_message"},
		{"of neither", "PMT-A", "PMT-B", "PMT-C", hub.StateAccepted, hub.StateAccepted, "unknown_order"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				h := newHouse(t, f)
				a := h.send(h.a, "SAME", hub.StateAccepted, batchOf(tc.batchA))
				b := h.send(h.b, "SAME", hub.StateAccepted, batchOf(tc.batchB))
				text := confirmation(t, tc.named)
				for range 2 {
					if s := h.split(hub.PollStatus, text); s != hub.DownloadIndexed {
						t.Errorf("delivery is %s", s)
					}
				}
				h.wants(a, tc.wantA)
				h.wants(b, tc.wantB)
				q := h.quarantine()
				if tc.reason == "" {
					if len(q) != 0 {
						t.Errorf("quarantine %+v", q)
					}
					return
				}
				if len(q) != 1 || q[0].Reason != tc.reason || q[0].Detail.Key != "SAME" || h.body(hub.Operator, q[0].Body) != text {
					t.Errorf("quarantine %+v, want %s once", q, tc.reason)
				}
			})
		})
	}
}

func TestDebtorAccountTellsTwoTenantsApart(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	payment := func(iban string) hub.Payment {
		p := storetest.Payment(0)
		p.DebtorAccount = iban
		return p
	}
	a := h.send(h.a, "SAME", hub.StateAccepted, payment(ibanA))
	b := h.send(h.b, "SAME", hub.StateAccepted, payment(ibanB))
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "SAME", GroupStatus: "PART", Batches: []pain.StatusBatch{
		{OriginalPaymentInformationID: "PMT-1", Transactions: []pain.StatusTransaction{{OriginalEndToEndID: "E2E-0", Status: "ACSC", DebtorAccount: ibanB}}}}}))
	h.wants(a, hub.StateAccepted)
	h.wants(b, hub.StateConfirmed)
}

func TestReportThatBelongsToNobodyWaitsForTheOperator(t *testing.T) {
	good := pain.StatusReport{OriginalMessageID: "NOBODYS", GroupStatus: "ACSC"}
	for _, tc := range []struct {
		name, reason string
		data         func(t *testing.T) string
	}{
		{"unknown message id", "unknown_order", func(t *testing.T) string { return report(t, good) }},
		{"unreadable", "unreadable", func(*testing.T) string { return "<Document" }},
		{"another message", "unreadable", func(*testing.T) string { return camtText() }},
		{"empty", "unreadable", func(*testing.T) string { return "" }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			data := tc.data(t)
			if s := h.split(hub.PollStatus, data); s != hub.DownloadIndexed {
				t.Errorf("delivery is %s", s)
			}
			if q := h.quarantine(); len(q) != 1 || q[0].Reason != tc.reason || h.body(hub.Operator, q[0].Body) != data {
				t.Errorf("quarantine %+v, want %s", q, tc.reason)
			}
		})
	}
}

// A file that was rejected here never went to the bank: no report is about it.
func TestReportIsNotAboutAFileThatWasNeverSent(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	rejected := h.send(h.a, "SAME", hub.StateRejected, batchOf("PMT-1"))
	sent := h.send(h.a, "SAME", hub.StateAccepted, batchOf("PMT-1"))
	h.split(hub.PollStatus, confirmation(t, "PMT-1"))
	h.wants(rejected, hub.StateRejected)
	h.wants(sent, hub.StateConfirmed)
}

func TestReportOfEachFileInAContainer(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	a, b := h.send(h.a, "MSG-A", hub.StateAccepted), h.send(h.b, "MSG-B", hub.StateAccepted)
	s := h.split(hub.PollStatus, container(t,
		entry{"a.xml", report(t, pain.StatusReport{OriginalMessageID: "MSG-A", GroupStatus: "ACSC"})},
		entry{"junk.xml", "junk"},
		entry{"b.xml", report(t, pain.StatusReport{OriginalMessageID: "MSG-B", GroupStatus: "RJCT"})}))
	if s != hub.DownloadIndexed {
		t.Errorf("delivery is %s", s)
	}
	h.wants(a, hub.StateConfirmed)
	h.wants(b, hub.StateRejectedByBank)
	q := h.quarantine()
	if len(q) != 1 || q[0].Detail.FileName != "junk.xml" {
		t.Errorf("quarantine %+v", q)
	}
	// Nothing of one tenant's report reaches the other.
	for _, e := range h.events(a) {
		if raw := h.body(h.a.Owner(), e.Evidence); strings.Contains(raw, "MSG-B") {
			t.Error("tenant A's evidence holds tenant B's report")
		}
	}
}

// Other software may use the same partner, and message ids are not unique in the world: a report is about a file only if it names that
// file's batches, payments and debtor accounts.
func TestReportWithAnEqualMessageIDAloneIsNotBelieved(t *testing.T) {
	foreign := storetest.IBAN(99)
	for name, batch := range map[string]pain.StatusBatch{
		"another batch":          {OriginalPaymentInformationID: "PMT-9", Status: "RJCT"},
		"another payment":        {OriginalPaymentInformationID: "PMT-1", Transactions: []pain.StatusTransaction{{OriginalEndToEndID: "ELSEWHERE", Status: "RJCT"}}},
		"another debtor account": {OriginalPaymentInformationID: "PMT-1", Transactions: []pain.StatusTransaction{{OriginalEndToEndID: storetest.Payment(0).EndToEndID, Status: "RJCT", DebtorAccount: foreign}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.send(h.a, "MSG", hub.StateAccepted)
			h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", Batches: []pain.StatusBatch{batch}}))
			h.wants(o, hub.StateAccepted)
			if got := h.statuses(o); got != "- - -" {
				t.Errorf("payments %s", got)
			}
			if events := h.events(o); len(events) != 0 {
				t.Errorf("events %+v", events)
			}
		})
	}
}

// A file that the bank rejected is corrected and sent again under the same ids. The late report of the first must not reject the second,
// while the bank executes it.
func TestLateReportIsNotTakenForTheCorrectedFile(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	first, second := h.send(h.a, "MSG", hub.StateRejectedByBank), h.send(h.a, "MSG", hub.StateForwarded)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R1", GroupStatus: "RJCT"}))
	h.wants(first, hub.StateRejectedByBank)
	h.wants(second, hub.StateForwarded)
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", MessageID: "R2", GroupStatus: "ACSC"}))
	h.wants(second, hub.StateConfirmed) // executed can only be the second
}
