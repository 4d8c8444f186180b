package books

import (
	"errors"
	"math"
	"path/filepath"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/money"
	"kontor/sandbox/bank/veu"
)

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func open(t *testing.T, path string) *Books {
	t.Helper()
	b, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// do runs a transaction that must succeed.
func do(t *testing.T, b *Books, f func(*Tx) error) {
	t.Helper()
	if err := b.Do(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// want runs a transaction that must fail with an error.
func want(t *testing.T, b *Books, wanted error, f func(*Tx) error) {
	t.Helper()
	if err := b.Do(t.Context(), f); !errors.Is(err, wanted) {
		t.Errorf("error %v, want %v", err, wanted)
	}
}

func filled(t *testing.T) *Books {
	t.Helper()
	b := open(t, filepath.Join(t.TempDir(), "with blank ?#%.sqlite"))
	do(t, b, func(tx *Tx) error {
		return errors.Join(tx.AddPartner(t.Context(), "P"), tx.AddPartner(t.Context(), "Q"),
			tx.AddAccount(t.Context(), Account{IBAN: "DE1", Owner: "O", Holder: "P", Opening: money.Amount{Minor: 100, Currency: "EUR"}}))
	})
	return b
}

// A failed transaction leaves nothing behind.
func TestFailedTransactionIsUndone(t *testing.T) {
	b := filled(t)
	failure := errors.New("no")
	want(t, b, failure, func(tx *Tx) error {
		return errors.Join(tx.SetFact(t.Context(), "x", "y"), failure)
	})
	do(t, b, func(tx *Tx) error {
		value, err := tx.Fact(t.Context(), "x")
		if value != "" {
			t.Errorf("fact is %q", value)
		}
		return err
	})
}

// The promises about power loss rest on these settings.
func TestBooksAreDurable(t *testing.T) {
	b := filled(t)
	for pragma, wanted := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "10000"} {
		var got string
		if err := b.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != wanted {
			t.Errorf("%s is %s (%v), want %s", pragma, got, err, wanted)
		}
	}
}

func TestBooksOfAnotherVersionAreRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "books.sqlite")
	b, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if b, err := Open(t.Context(), path); err == nil {
		t.Errorf("version 99 was opened: %v", b.Close())
	}
}

func TestChangesThatTheBooksContradictAreConflicts(t *testing.T) {
	b, ctx := filled(t), t.Context()
	signature := Signature{Signer: veu.Signer{Subscriber: ebics.Subscriber{Partner: "P", User: "U"}, Class: veu.First}, At: monday}
	do(t, b, func(tx *Tx) error {
		return errors.Join(
			tx.AddTransaction(ctx, Transaction{ID: "T", Started: monday, State: Begun}),
			tx.AddOrder(ctx, Order{Partner: "P", ID: "A001", State: Waiting, Accounts: []account.IBAN{"DE1"}, Signatures: []Signature{signature}}),
		)
	})
	end := func(tx *Tx) error { return tx.EndTransaction(ctx, Transaction{ID: "T", State: Finished}) }
	move := func(tx *Tx) error { return tx.MoveOrder(ctx, "P", "A001", Cancelled, "DS02") }
	do(t, b, end)
	do(t, b, move)
	for name, f := range map[string]func(*Tx) error{
		"end twice":           end,
		"segment after end":   func(tx *Tx) error { return tx.SegmentReceived(ctx, "T", 1) },
		"move twice":          move,
		"sign twice":          func(tx *Tx) error { return tx.AddSignature(ctx, "P", "A001", signature) },
		"number of no one":    func(tx *Tx) error { _, err := tx.NextOrderNumber(ctx, "X"); return err },
		"entry of no account": func(tx *Tx) error { return tx.Post(ctx, Entry{IBAN: "DE2"}) },
		"close no account":    func(tx *Tx) error { return tx.CloseDay(ctx, "DE2") },
	} {
		t.Run(name, func(t *testing.T) { want(t, b, ErrConflict, f) })
	}
}

func TestPostMovesTheBalanceExactly(t *testing.T) {
	b, ctx := filled(t), t.Context()
	day := calendar.Date{Year: 2026, Month: 3, Day: 2}
	do(t, b, func(tx *Tx) error {
		return errors.Join(
			tx.Post(ctx, Entry{IBAN: "DE1", Day: day, Amount: money.Amount{Minor: 250, Currency: "EUR"}}),
			tx.Post(ctx, Entry{IBAN: "DE1", Day: day, Credit: true, Amount: money.Amount{Minor: 30, Currency: "EUR"}}),
		)
	})
	want(t, b, money.ErrMixed, func(tx *Tx) error {
		return tx.Post(ctx, Entry{IBAN: "DE1", Day: day, Amount: money.Amount{Minor: 1, Currency: "USD"}})
	})
	want(t, b, money.ErrRange, func(tx *Tx) error {
		return tx.Post(ctx, Entry{IBAN: "DE1", Day: day, Amount: money.Amount{Minor: math.MaxInt64, Currency: "EUR"}})
	})
	do(t, b, func(tx *Tx) error {
		a, found, err := tx.Account(ctx, "DE1")
		if !found || a.Opening.Minor != 100 || a.Balance.Minor != -120 {
			t.Errorf("account %+v", a)
		}
		entries, err2 := entriesOf(t, tx, "DE1", day)
		if len(entries) != 2 || entries[0].Credit || !entries[1].Credit || entries[0].ID >= entries[1].ID {
			t.Errorf("entries %+v", entries)
		}
		other, err3 := entriesOf(t, tx, "DE1", day.AddDays(1))
		if len(other) != 0 {
			t.Error("entries on another day")
		}
		return errors.Join(err, err2, err3, tx.CloseDay(ctx, "DE1"))
	})
	do(t, b, func(tx *Tx) error {
		a, _, err := tx.Account(ctx, "DE1")
		if a.Opening.Minor != -120 || a.Statements != 1 {
			t.Errorf("account %+v after the day", a)
		}
		return err
	})
}

func entriesOf(t *testing.T, tx *Tx, iban account.IBAN, day calendar.Date) (list []Entry, err error) {
	t.Helper()
	err = tx.EachEntry(t.Context(), iban, day, func(e Entry) error { list = append(list, e); return nil })
	return list, err
}

// What is due is booked once, on the day that begins, and what the books cannot
// hold then waits.
func TestDueEntriesAreBookedOnTheirDay(t *testing.T) {
	b, ctx := filled(t), t.Context()
	day := calendar.Date{Year: 2026, Month: 3, Day: 2}
	due := Entry{IBAN: "DE1", Kind: CoreReturn, Day: day.AddDays(1), Amount: money.Amount{Minor: 70, Currency: "EUR"}, ReturnReason: "MD06"}
	full := Entry{IBAN: "DE1", Kind: CoreReturn, Credit: true, Day: day.AddDays(1), Amount: money.Amount{Minor: math.MaxInt64, Currency: "EUR"}}
	later := due
	later.Day = day.AddDays(2)
	do(t, b, func(tx *Tx) error {
		return errors.Join(tx.AddDue(ctx, due), tx.AddDue(ctx, later), tx.AddDue(ctx, full))
	})
	for i, row := range []struct{ entries, balance int64 }{{0, 100}, {1, 30}, {2, math.MaxInt64 - 40}, {0, math.MaxInt64 - 40}} {
		day := day.AddDays(i)
		do(t, b, func(tx *Tx) error {
			if err := tx.PostDue(ctx, day); err != nil {
				return err
			}
			entries, err := entriesOf(t, tx, "DE1", day)
			a, _, err2 := tx.Account(ctx, "DE1")
			if int64(len(entries)) != row.entries || a.Balance.Minor != row.balance {
				t.Errorf("%s: %d entries, balance %d, want %+v", day, len(entries), a.Balance.Minor, row)
			}
			if i == 1 && (entries[0].ReturnReason != "MD06" || entries[0].Kind != CoreReturn || entries[0].Day != day) {
				t.Errorf("entry %+v", entries[0])
			}
			return errors.Join(err, err2)
		})
	}
}

// Rights and agreements are the user's and partner's own.
func TestWithdrawalsAndAgreements(t *testing.T) {
	b, ctx := filled(t), t.Context()
	who, other := ebics.Subscriber{Partner: "P", User: "U"}, ebics.Subscriber{Partner: "P", User: "V"}
	do(t, b, func(tx *Tx) error {
		return errors.Join(tx.SaveUser(ctx, User{Subscriber: who, Class: veu.First}), tx.SaveUser(ctx, User{Subscriber: other, Class: veu.First}),
			tx.Withdraw(ctx, who, ebics.C53), tx.Withdraw(ctx, who, ebics.CCT), tx.Withdraw(ctx, who, ebics.C53), tx.Grant(ctx, who, ebics.HAC),
			tx.Agree(ctx, "P", ebics.CCT, ebics.AttributeOrder), tx.Agree(ctx, "P", ebics.CCT, ebics.AttributeData))
	})
	do(t, b, func(tx *Tx) error {
		withdrawn, err := tx.Withdrawn(ctx, who)
		others, err2 := tx.Withdrawn(ctx, other)
		if len(withdrawn) != 2 || withdrawn[0] != ebics.C53 || len(others) != 0 {
			t.Errorf("withdrawn %v, of the other %v", withdrawn, others)
		}
		agreed, err3 := tx.Agreement(ctx, "P", ebics.CCT)
		none, err4 := tx.Agreement(ctx, "Q", ebics.CCT)
		if agreed != ebics.AttributeData || none != ebics.AttributeOrder {
			t.Errorf("agreed %s, %s", agreed, none)
		}
		return errors.Join(err, err2, err3, err4)
	})
	do(t, b, func(tx *Tx) error {
		err := errors.Join(tx.Grant(ctx, who, ebics.CCT), tx.Grant(ctx, who, ebics.C53))
		if withdrawn, _ := tx.Withdrawn(ctx, who); len(withdrawn) != 0 {
			t.Errorf("still withdrawn: %v", withdrawn)
		}
		return err
	})
}

// A nonce counts once per subscriber, and is forgotten only after its time.
func TestNonceCountsOnce(t *testing.T) {
	b, ctx := filled(t), t.Context()
	use := func(user ebics.UserID, nonce string, at time.Time) (fresh bool) {
		t.Helper()
		do(t, b, func(tx *Tx) (err error) {
			fresh, err = tx.UseNonce(ctx, ebics.Subscriber{Partner: "P", User: user}, nonce, at, at.Add(-time.Hour))
			return err
		})
		return fresh
	}
	if !use("U", "N1", monday) || use("U", "N1", monday) || use("U", "N1", monday.Add(59*time.Minute)) {
		t.Error("a nonce counted twice, or never")
	}
	if !use("V", "N1", monday) || !use("U", "N2", monday) {
		t.Error("nonces of others are in the way")
	}
	if !use("U", "N1", monday.Add(2*time.Hour)) {
		t.Error("a nonce is remembered for ever")
	}
}

// Time and action must tell the events of an order apart, whatever the clock
// does.
func TestEventsHaveAscendingTimes(t *testing.T) {
	b, ctx := filled(t), t.Context()
	for _, at := range []time.Time{monday, monday, monday.Add(-time.Hour), monday.Add(1500 * time.Microsecond), monday.Add(time.Hour)} {
		do(t, b, func(tx *Tx) error {
			return tx.AddEvent(ctx, "P", hac.Event{Action: hac.FileUpload, Timestamp: at, AdditionalInformation: []string{"one", "two"}})
		})
	}
	do(t, b, func(tx *Tx) error {
		events, err := tx.NewEvents(ctx, "P")
		if len(events) != 5 || len(events[0].AdditionalInformation) != 2 {
			t.Fatalf("events %+v", events)
		}
		for i, after := range []time.Duration{0, time.Millisecond, 2 * time.Millisecond, 3 * time.Millisecond, time.Hour} {
			if got := events[i].Timestamp.Sub(monday); got != after {
				t.Errorf("event %d is %s after the first, want %s", i, got, after)
			}
		}
		return err
	})
}

// Order numbers are the partner's own.
func TestOrderNumbersCountByPartner(t *testing.T) {
	b, ctx := filled(t), t.Context()
	for _, row := range []struct {
		partner ebics.PartnerID
		want    int
	}{{"P", 1}, {"P", 2}, {"Q", 1}, {"P", 3}} {
		do(t, b, func(tx *Tx) error {
			got, err := tx.NextOrderNumber(ctx, row.partner)
			if got != row.want {
				t.Errorf("%s: %d, want %d", row.partner, got, row.want)
			}
			return err
		})
	}
}
