package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"kontor/iso20022/camt"
	"kontor/money"
	"kontor/xmlscan"
)

// statementLimit is how many bytes of one statement are read.
const statementLimit = 256 << 20

// booking is what statements say about our message.
type booking struct {
	Entries  int
	Payments int
	Sum      money.Total
	Opening  string
	Closing  string
}

// readStatements ends the bank's day, waits for the statements of all debtor accounts, reads them without acknowledging, checks
// that they book our message, and only then acknowledges.
func (s *story) readStatements(ctx context.Context) error {
	if err := s.bank.advance(ctx, 1); err != nil {
		return fmt.Errorf("ending the bank's day: %w", err)
	}
	s.screen.done(textDayEnds)
	if err := s.command(ctx, nil, "poll", "now", "--contact", s.contactID, "--order-type", "C53"); err != nil {
		return err
	}
	items, err := s.awaitStatements(ctx)
	if err != nil {
		return err
	}
	var all booking
	for _, item := range items {
		s.screen.done(textStatementFound, clean(item.Format), clean(item.IBAN), clean(item.FileName))
		if err := s.readStatement(ctx, item, &all); err != nil {
			return err
		}
	}
	if err := s.judge(all); err != nil {
		return err
	}
	for _, item := range items {
		if _, err := s.hub.acknowledge(ctx, item.RID); err != nil {
			return fmt.Errorf("acknowledging a statement: %w", err)
		}
	}
	left, err := s.hub.documents(ctx)
	if err != nil {
		return fmt.Errorf("listing new statements: %w", err)
	}
	if len(left) > 0 {
		return fmt.Errorf("after the acknowledgement there are still %d new documents", len(left))
	}
	s.screen.done(textAcknowledged)
	return nil
}

// awaitStatements waits until the list of new documents has one for every debtor account.
func (s *story) awaitStatements(ctx context.Context) ([]documentItem, error) {
	ctx, cancel := s.within(ctx, "the statements of all debtor accounts")
	defer cancel()
	defer s.screen.wait(textWaitStatement)()
	for {
		items, err := s.hub.documents(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing new statements: %w", err)
		}
		missing := slices.ContainsFunc(s.file.Debtors, func(d debtor) bool {
			return !slices.ContainsFunc(items, func(i documentItem) bool { return i.IBAN == d.IBAN && i.IsNew })
		})
		if !missing {
			return items, nil
		}
		if err := pause(ctx, lookOften); err != nil {
			return nil, err
		}
	}
}

// readStatement reads one document to its end, checks its arithmetic, and adds what it books of our message.
func (s *story) readStatement(ctx context.Context, item documentItem, all *booking) error {
	body, err := s.hub.document(ctx, item.RID)
	if err != nil {
		return fmt.Errorf("reading a statement: %w", err)
	}
	defer body.Close()
	found := 0
	b := *all
	moved := map[string]money.Amount{} // by currency, since the last statement's end
	_, err = camt.Read(body, camt.Options{Limits: xmlscan.Limits{Bytes: statementLimit}}, camt.Visitor{Statement: func(st *camt.Statement) error {
		found++
		opening, closing, err := balances(st, moved)
		if err != nil {
			return err
		}
		clear(moved)
		s.screen.note(textBalances, opening, closing)
		return nil
	}, Entry: func(e *camt.Entry) error {
		if err := move(moved, e); err != nil {
			return err
		}
		if e.MessageID != s.file.MessageID || e.Credit {
			return nil
		}
		b.Entries++
		b.Payments += e.Transactions
		return b.Sum.Add(e.AmountText)
	}})
	if err != nil {
		return fmt.Errorf("reading the statement %s: %w", item.RID, err)
	}
	if found == 0 {
		return fmt.Errorf("reading the statement %s: it has none", item.RID)
	}
	if _, err := io.Copy(io.Discard, body); err != nil {
		return fmt.Errorf("reading the statement %s: %w", item.RID, err)
	}
	*all = b
	return nil
}

// move adds an entry to what has moved on the account.
func move(moved map[string]money.Amount, e *camt.Entry) error {
	if e.Amount.Currency == "" {
		return fmt.Errorf("entry %d has no exact amount", e.Ordinal+1)
	}
	a := e.Amount
	if !e.Credit {
		a.Minor = -a.Minor
	}
	sum, ok := moved[e.Currency]
	if !ok {
		sum.Currency = a.Currency
	}
	sum, err := sum.Add(a)
	if err != nil {
		return fmt.Errorf("adding entry %d: %w", e.Ordinal+1, err)
	}
	moved[e.Currency] = sum
	return nil
}

// balances checks that opening balance and entries make the closing balance, and returns both as text.
func balances(st *camt.Statement, moved map[string]money.Amount) (opening, closing string, err error) {
	from, okFrom := balance(st, "OPBD", "PRCD")
	to, okTo := balance(st, "CLBD")
	if !okFrom || !okTo {
		return "", "", errors.New("the statement lacks an opening or a closing balance")
	}
	sum := from
	for _, a := range moved {
		if sum, err = sum.Add(a); err != nil {
			return "", "", fmt.Errorf("adding entries to the opening balance: %w", err)
		}
	}
	if sum != to {
		return "", "", fmt.Errorf("opening balance and entries make %s, the closing balance is %s", sum, to)
	}
	return from.String(), to.String(), nil
}

func balance(st *camt.Statement, types ...string) (money.Amount, bool) {
	for _, b := range st.Balances {
		if slices.Contains(types, b.Type) && b.Amount.Currency != "" {
			return b.Amount, true
		}
	}
	return money.Amount{}, false
}

// judge compares what was booked with the file: equal if the bank confirmed all of it, nothing if it rejected it.
func (s *story) judge(b booking) error {
	amount := withCurrency(b.Sum, s.file.Currency)
	switch {
	case s.journey.reached(finConfirmed):
		if b.Sum != s.file.Sum || b.Payments != s.file.Count {
			return fmt.Errorf("the statements book %d payments, %s, of message %s; the file has %d, %s",
				b.Payments, amount, s.file.MessageID, s.file.Count, s.file.amount())
		}
		s.screen.done(textBooked, clean(s.file.MessageID), b.Payments, amount, b.Entries)
	case s.journey.reached(finRejected) && b.Entries > 0:
		return fmt.Errorf("the bank rejected message %s and booked %s of it", s.file.MessageID, amount)
	default:
		s.screen.done(textBookedNothing, clean(s.file.MessageID), b.Payments, amount)
	}
	return nil
}
