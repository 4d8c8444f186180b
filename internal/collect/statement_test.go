package collect

import (
	"errors"
	"io"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/iso20022/camt"
)

// ibansOf reads a message and lists its accounts: it is well-formed, or the test fails.
func ibansOf(t *testing.T, text string) string {
	t.Helper()
	var out []string
	_, err := camt.Read(strings.NewReader(text), camt.Options{}, camt.Visitor{Statement: func(s *camt.Statement) error { out = append(out, s.IBAN); return nil }})
	if err != nil {
		t.Errorf("the part is not a message of its own: %v\n%s", err, text)
	}
	return strings.Join(out, " ")
}

func TestStatementsOfSeveralOwnersAreSplit(t *testing.T) {
	unknown := storetest.IBAN(99)
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		second := f.NewAccount(h.a, h.contact.ID, storetest.IBAN(12))
		whole := camtText(statement{ibanA, "EUR", "A1"}, statement{ibanB, "EUR", "B1"}, statement{unknown, "EUR", "X1"},
			statement{ibanA, "", "A2"}, statement{second.IBAN, "EUR", "A3"}, statement{ibanB, "USD", "B2"})
		if s := h.split(hub.PollStatement, container(t, entry{"bank-name.xml", whole})); s != hub.DownloadIndexed {
			t.Fatalf("delivery is %s", s)
		}
		wanted := map[hub.AccountID]struct {
			tenant  hub.TenantID
			ibans   string
			entries int
		}{
			h.accountA.ID: {h.a, ibanA + " " + ibanA, 2}, second.ID: {h.a, second.IBAN, 1}, h.accountB.ID: {h.b, ibanB, 1},
		}
		all := append(h.documents(h.a), h.documents(h.b)...)
		if len(all) != len(wanted) {
			t.Fatalf("%d documents, want %d", len(all), len(wanted))
		}
		for _, d := range all {
			want := wanted[d.Account]
			text := h.body(d.Tenant.Owner(), hub.BodyID(d.ID))
			if got := ibansOf(t, text); got != want.ibans || d.Tenant != want.tenant || d.Detail.EntryCount != want.entries {
				t.Errorf("document of %s holds %s with %d entries, want %s with %d", d.Account, got, d.Detail.EntryCount, want.ibans, want.entries)
			}
			if d.Detail.FileName != "bank-name.xml" || d.Format != "camt.053" || d.Detail.OrderType != "C53" {
				t.Errorf("document %+v", d)
			}
			for _, foreign := range []string{ibanA, ibanB, second.IBAN, unknown} {
				if !strings.Contains(want.ibans, foreign) && strings.Contains(text, foreign) {
					t.Errorf("document of %s names the foreign account %s", d.Account, foreign)
				}
			}
		}
		q := h.quarantine()
		if len(q) != 1 || q[0].Reason != "unknown_account" || q[0].Detail.IBAN != unknown {
			t.Fatalf("quarantine %+v", q)
		}
		text := h.body(hub.Operator, q[0].Body)
		if got := ibansOf(t, text); got != unknown+" "+ibanB { // tenant B's IBAN in a currency nobody has
			t.Errorf("quarantined are the statements of %s", got)
		}
	})
}

func TestMessageOfOneAccountKeepsTheBanksBytes(t *testing.T) {
	for _, tc := range []struct {
		name string
		s    []statement
	}{
		{"one statement", []statement{{ibanA, "EUR", "S"}}},
		{"two of one account", []statement{{ibanA, "EUR", "S"}, {ibanA, "EUR", "T"}}},
		{"without currency it is EUR", []statement{{ibanA, "", "S"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			text := camtText(tc.s...)
			h.split(hub.PollStatement, container(t, entry{"a.xml", text}))
			d := h.documents(h.a)
			if len(d) != 1 || h.body(h.a.Owner(), hub.BodyID(d[0].ID)) != text || d[0].Account != h.accountA.ID {
				t.Errorf("documents %+v", d)
			}
		})
	}
}

func TestStatementOfNobodyWaitsForTheOperator(t *testing.T) {
	good := camtText(statement{ibanA, "EUR", "S"})
	for _, tc := range []struct{ name, reason, text string }{
		{"unknown account", "unknown_account", camtText(statement{storetest.IBAN(99), "EUR", "S"})},
		{"unknown currency of a known account", "unknown_account", camtText(statement{ibanA, "CHF", "S"})},
		{"without any statement", "unreadable", camtText()},
		{"broken XML", "unreadable", good[:len(good)-30]},
		{"no XML", "unreadable", "0123"},
		{"doctype", "unreadable", "<!DOCTYPE a>" + good},
		{"another message", "unreadable", "<Document/>"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			if s := h.split(hub.PollStatement, container(t, entry{"a.xml", tc.text})); s != hub.DownloadIndexed {
				t.Errorf("delivery is %s", s)
			}
			if q := h.quarantine(); len(q) != 1 || q[0].Reason != tc.reason || h.body(hub.Operator, q[0].Body) != tc.text {
				t.Errorf("quarantine %+v, want %s", q, tc.reason)
			}
			if d := h.documents(h.a); len(d) != 0 {
				t.Errorf("documents %+v", d)
			}
		})
	}
}

func TestStatementOfADestroyedTenantWaitsForTheOperator(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.Write(func(tx *store.Tx) error { return tx.MarkTenantDestroyed(t.Context(), h.a) })
	h.Must(h.Store.DestroyKey(h.a))
	h.split(hub.PollStatement, container(t, entry{"a.xml", camtText(statement{ibanA, "EUR", "S"}, statement{ibanB, "EUR", "S"})}))
	if q := h.quarantine(); len(q) != 1 || q[0].Reason != "unknown_account" {
		t.Errorf("quarantine %+v", q)
	}
	if d := h.documents(h.b); len(d) != 1 {
		t.Errorf("the living tenant's documents: %+v", d)
	}
}

func TestAccountBehindAnotherContactGetsNothing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.NewBank("bank-2")
	other := h.NewContact(hub.Operator, "bank-2")
	h.NewAccount(h.b, other.ID, storetest.IBAN(33))
	h.split(hub.PollStatement, container(t, entry{"a.xml", camtText(statement{storetest.IBAN(33), "EUR", "S"})}))
	if d, q := h.documents(h.b), h.quarantine(); len(d) != 0 || len(q) != 1 {
		t.Errorf("documents %+v, quarantine %+v: a bank's word counts for its own accounts", d, q)
	}
}

func TestSameDeliveryTwiceIsOneDocument(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	data := container(t, entry{"a.xml", camtText(statement{ibanA, "EUR", "S"}, statement{ibanB, "EUR", "S"}, statement{storetest.IBAN(99), "EUR", "S"})})
	for range 2 {
		if s := h.split(hub.PollStatement, data); s != hub.DownloadIndexed {
			t.Errorf("delivery is %s", s)
		}
	}
	if a, b, q := h.documents(h.a), h.documents(h.b), h.quarantine(); len(a) != 1 || len(b) != 1 || len(q) != 1 {
		t.Errorf("%d and %d documents, %d in quarantine, want one each", len(a), len(b), len(q))
	}
}

// Splitting may be interrupted anywhere and is simply done again.
func TestInterruptedSplittingIsDoneAgain(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	j := h.arrive(hub.PollStatement, container(t, entry{"a.xml", camtText(statement{ibanA, "EUR", "S"})}, entry{"b.xml", camtText(statement{ibanB, "EUR", "S"})}))
	// The first half, as a process that is killed after it leaves it.
	parts, err := h.parts(t.Context(), h.download(j))
	h.Must(err)
	h.Must(h.statementFile(t.Context(), hub.Link{Contact: h.contact}, h.download(j), parts[0]))
	// A failure in the middle of the second.
	broken := errors.New("the disk is gone")
	parts[1].open = func() (io.ReadCloser, error) { return nil, broken }
	if err := h.statementFile(t.Context(), hub.Link{Contact: h.contact}, h.download(j), parts[1]); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if a, b := h.documents(h.a), h.documents(h.b); len(a) != 1 || len(b) != 0 || h.download(j).State != hub.DownloadStored {
		t.Fatalf("%d and %d documents, delivery %s", len(a), len(b), h.download(j).State)
	}
	h.Must(h.Index(t.Context(), j))
	h.Must(h.Index(t.Context(), j)) // a late hint
	if a, b := h.documents(h.a), h.documents(h.b); len(a) != 1 || len(b) != 1 || h.download(j).State != hub.DownloadIndexed {
		t.Errorf("%d and %d documents, delivery %s", len(a), len(b), h.download(j).State)
	}
}
