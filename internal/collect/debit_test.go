package collect

import (
	"fmt"
	"testing"

	"kontor/ebics/hac"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
	"kontor/money"
)

// debit is a payment of a direct debit that collects to the own account.
func debit(i int, own string) hub.Payment {
	return hub.Payment{
		Ordinal: i, PaymentInformationID: "C-1", EndToEndID: fmt.Sprintf("E2E-%d", i), Amount: money.Amount{Minor: 100, Currency: "EUR"},
		Debtor: fmt.Sprintf("Debtor %d", i), DebtorAccount: storetest.IBAN(2000 + i), CreditorAccount: own, MandateID: fmt.Sprintf("M-%d", i),
	}
}

// collects adds a direct debit file.
func (h *house) collects(tenant hub.TenantID, messageID string, state hub.State, payments ...hub.Payment) order {
	h.t.Helper()
	h.format, h.orderType = "pain.008.001.08", "CDD"
	defer func() { h.format, h.orderType = "", "" }()
	return h.send(tenant, messageID, state, payments...)
}

// A direct debit goes the same way as a credit transfer: the bank's protocol takes it to accepted, its report to the end.
func TestDirectDebitIsFollowedToItsEnd(t *testing.T) {
	for _, tc := range []struct {
		name     string
		events   []hac.Event // of the protocol, in order
		statuses []pain.Status
		want     hub.State
		payments string
	}{
		{"waits for signatures, then is executed", []hac.Event{{Action: hac.VEUForwarding}, {Action: hac.FinalPositive}}, []pain.Status{"ACSC", "ACSC"}, hub.StateConfirmed, "ACSC ACSC"},
		{"is released outside EBICS", []hac.Event{{Action: hac.FinalPositive}}, []pain.Status{"ACSC", "RJCT"}, hub.StatePartiallyAccepted, "ACSC RJCT/MD01"},
		{"is rejected whole", []hac.Event{{Action: hac.FinalPositive}}, []pain.Status{"RJCT", "RJCT"}, hub.StateRejectedByBank, "RJCT/MD01 RJCT/MD01"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				h := newHouse(t, f)
				o := h.collects(h.a, "DD", hub.StateSent, debit(0, ibanA), debit(1, ibanA))
				for i := range tc.events {
					tc.events[i].OrderID = o.orderID
				}
				h.split(hub.PollProtocol, h.protocol(tc.events...))
				h.wants(o, hub.StateAccepted)
				r := pain.StatusReport{OriginalMessageID: "DD", OriginalMessageName: "pain.008.001.08", GroupStatus: "PART",
					MessageID: "R", CreationDateTime: "2026-03-02T10:00:00Z", Batches: []pain.StatusBatch{{OriginalPaymentInformationID: "C-1"}}}
				for i, s := range tc.statuses {
					x := pain.StatusTransaction{OriginalEndToEndID: fmt.Sprintf("E2E-%d", i), Status: s, CreditorAccount: ibanA, DebtorAccount: storetest.IBAN(2000 + i), MandateID: fmt.Sprintf("M-%d", i)}
					if s == "RJCT" {
						x.Reasons = []pain.Reason{{Code: "MD01"}}
					}
					r.Batches[0].Transactions = append(r.Batches[0].Transactions, x)
				}
				if s := h.split(hub.PollStatus, container(t, entry{"report.xml", report(t, r)})); s != hub.DownloadIndexed {
					t.Errorf("delivery is %s", s)
				}
				h.wants(o, tc.want)
				if got := h.statuses(o); got != tc.payments {
					t.Errorf("payments %s, want %s", got, tc.payments)
				}
			})
		})
	}
}

// A software may number its credit transfers and direct debits alike: the report says which message it is about.
func TestReportIsAboutAMessageOfItsKind(t *testing.T) {
	for _, tc := range []struct {
		name, original string
		wantDebit      hub.State
		wantTransfer   hub.State
		quarantined    int
	}{
		{"about the direct debit", "pain.008.001.08", hub.StateConfirmed, hub.StateAccepted, 0},
		{"about a direct debit, in short", "pain.008", hub.StateConfirmed, hub.StateAccepted, 0},
		{"about a direct debit of another version", "pain.008.001.02", hub.StateConfirmed, hub.StateAccepted, 0},
		{"about the credit transfer", "pain.001.001.09", hub.StateAccepted, hub.StateConfirmed, 0},
		{"about a name that says nothing", "XCT", hub.StateAccepted, hub.StateAccepted, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			d := h.collects(h.a, "SAME", hub.StateAccepted, debit(0, ibanA))
			c := h.send(h.a, "SAME", hub.StateAccepted)
			h.split(hub.PollStatus, report(t, pain.StatusReport{
				OriginalMessageID: "SAME", OriginalMessageName: tc.original, MessageID: "R", CreationDateTime: "2026-03-02T10:00:00Z", GroupStatus: "ACSC"}))
			h.wants(d, tc.wantDebit)
			h.wants(c, tc.wantTransfer)
			if q := h.quarantine(); len(q) != tc.quarantined {
				t.Errorf("quarantine %+v, want %d", q, tc.quarantined)
			}
		})
	}
}

// The creditor account is the own one of a direct debit: it tells two tenants apart who number alike, the debtors' accounts do not.
func TestCreditorAccountTellsTwoTenantsDebitsApart(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	a := h.collects(h.a, "SAME", hub.StateAccepted, debit(0, ibanA))
	b := h.collects(h.b, "SAME", hub.StateAccepted, debit(0, ibanB))
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "SAME", OriginalMessageName: "pain.008.001.08", MessageID: "R", CreationDateTime: "2026-03-02T10:00:00Z", GroupStatus: "PART",
		Batches: []pain.StatusBatch{{OriginalPaymentInformationID: "C-1", Transactions: []pain.StatusTransaction{
			{OriginalEndToEndID: "E2E-0", Status: "ACSC", CreditorAccount: ibanB, DebtorAccount: storetest.IBAN(2000)}}}}}))
	h.wants(a, hub.StateAccepted)
	h.wants(b, hub.StateConfirmed)
}

// All debits of a batch share the creditor account, and often the end-to-end id and the amount: what else a report repeats tells them apart.
func TestOneRejectedDebitIsTheOneThatIsMeant(t *testing.T) {
	anonymous := func(i int) hub.Payment {
		p := debit(i, ibanA)
		p.EndToEndID = "NOTPROVIDED"
		return p
	}
	for _, tc := range []struct {
		name   string
		change func(*pain.StatusTransaction)
		want   string
	}{
		{"by debtor account", func(s *pain.StatusTransaction) { s.DebtorAccount = storetest.IBAN(2001) }, "ACSC RJCT/MD01 ACSC"},
		{"by debtor account and amount", func(s *pain.StatusTransaction) {
			s.DebtorAccount, s.Amount, s.Currency = storetest.IBAN(2002), "1.00", "EUR"
		}, "ACSC ACSC RJCT/MD01"},
		{"by mandate", func(s *pain.StatusTransaction) { s.MandateID = "M-1" }, "ACSC RJCT/MD01 ACSC"},
		{"by mandate and amount", func(s *pain.StatusTransaction) { s.MandateID, s.Amount, s.Currency = "M-2", "1.00", "EUR" }, "ACSC ACSC RJCT/MD01"},
		{"by all", func(s *pain.StatusTransaction) {
			s.MandateID, s.DebtorAccount, s.CreditorAccount, s.Amount, s.Currency = "M-2", storetest.IBAN(2002), ibanA, "1.00", "EUR"
		}, "ACSC ACSC RJCT/MD01"},
		{"about a mandate of none of them", func(s *pain.StatusTransaction) { s.MandateID = "M-9" }, "- - -"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			o := h.collects(h.a, "DD", hub.StateAccepted, anonymous(0), anonymous(1), anonymous(2))
			word := pain.StatusTransaction{OriginalEndToEndID: "NOTPROVIDED", Status: "RJCT", Reasons: []pain.Reason{{Code: "MD01"}}}
			tc.change(&word)
			h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "DD", OriginalMessageName: "pain.008.001.08", MessageID: "R", CreationDateTime: "2026-03-02T10:00:00Z",
				Batches: []pain.StatusBatch{{OriginalPaymentInformationID: "C-1", Status: "ACSC", Transactions: []pain.StatusTransaction{word}}}}))
			if got := h.statuses(o); got != tc.want {
				t.Errorf("payments %s, want %s", got, tc.want)
			}
		})
	}
}

// Reports on direct debits come under an order type of their own. Not every bank has it: without being named it is asked for only where the
// bank says that the contact may.
func TestReportsOnDirectDebitsArePolledWhereTheyAreToBeHad(t *testing.T) {
	for _, tc := range []struct {
		name     string
		statuses []string // of the profile
		permits  []string // nil = the bank has not told
		unasked  string   // why it is not asked for
	}{
		{"nothing is known", nil, nil, "not_told"},
		{"the bank permits it", nil, []string{"HAC", "CDZ"}, ""},
		{"the bank does not", nil, []string{"HAC", "CRZ"}, "not_permitted"},
		{"the profile names it", []string{"CRZ", "CDZ"}, nil, ""},
		{"the profile names it, the bank does not permit it", []string{"CDZ"}, []string{"HAC"}, "not_permitted"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				h := newHouse(t, f)
				h.Write(func(tx *store.Tx) error {
					err := tx.SetBankProfile(t.Context(), "bank", hub.BankProfile{StatusOrders: tc.statuses})
					if err != nil {
						return err
					}
					return tx.ReplacePolls(t.Context(), h.contact.ID, []hub.Poll{{Contact: h.contact.ID, OrderType: "CDZ", Kind: hub.PollStatus, Next: h.Now()}})
				})
				if tc.permits != nil {
					var m hub.MasterData
					for _, o := range tc.permits {
						m.Orders = append(m.Orders, hub.PermittedOrder{Type: o})
					}
					h.Write(func(tx *store.Tx) error { return tx.SetMaster(t.Context(), h.contact.ID, m) })
				}
				o := h.collects(h.a, "DD", hub.StateAccepted, debit(0, ibanA))
				h.mail.offers["CDZ"] = []string{container(t, entry{"report.xml", report(t, pain.StatusReport{
					OriginalMessageID: "DD", OriginalMessageName: "pain.008.001.08", MessageID: "R", CreationDateTime: "2026-03-02T10:00:00Z", GroupStatus: "ACSC"})})}
				h.Must(h.ask())
				for _, d := range h.stored() {
					h.Must(h.Index(t.Context(), hub.IndexJob{Contact: h.contact.ID, Download: d.ID}))
				}
				if tc.unasked != "" {
					h.wants(o, hub.StateAccepted)
					if p := h.poll("CDZ"); len(h.mail.asked) != 0 || p.LastResult != tc.unasked || !p.Next.After(h.Now()) {
						t.Errorf("asked for %v, poll %+v", h.mail.asked, p)
					}
					return
				}
				h.wants(o, hub.StateConfirmed)
			})
		})
	}
}
