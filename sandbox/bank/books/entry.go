package books

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"kontor/account"
	"kontor/calendar"
	"kontor/money"
)

const entryColumns = `iban, day, kind, credit, minor, currency, message_id, payment_information, end_to_end,
	counterparty, counterparty_account, remittance, transactions, return_reason`

const entryValues = `(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (e *Entry) values() []any {
	return []any{
		string(e.IBAN), e.Day.String(), string(e.Kind), e.Credit, e.Amount.Minor, string(e.Amount.Currency), e.MessageID, e.PaymentInformationID, e.EndToEndID,
		e.Counterparty, e.CounterpartyAccount, e.Remittance, e.Transactions, e.ReturnReason,
	}
}

func scanEntry(r row) (e Entry, err error) {
	var date string
	if err := r.Scan(&e.ID, &e.IBAN, &date, &e.Kind, &e.Credit, &e.Amount.Minor, &e.Amount.Currency, &e.MessageID, &e.PaymentInformationID, &e.EndToEndID,
		&e.Counterparty, &e.CounterpartyAccount, &e.Remittance, &e.Transactions, &e.ReturnReason); err != nil {
		return e, err
	}
	e.Day, err = calendar.Parse(date)
	return e, err
}

// Posting books any number of entries. Balances are moved by Close: until then,
// nobody else may book in the same transaction.
type Posting struct {
	tx       *Tx
	insert   *sql.Stmt
	balances map[account.IBAN]money.Amount
}

// Posting begins to book. Close must be called.
func (tx *Tx) Posting(ctx context.Context) (*Posting, error) {
	insert, err := tx.tx.PrepareContext(ctx, `INSERT INTO entries (`+entryColumns+`) VALUES `+entryValues)
	if err != nil {
		return nil, err
	}
	return &Posting{tx: tx, insert: insert, balances: map[account.IBAN]money.Amount{}}, nil
}

// Post books one entry. Its currency must be the account's (money.ErrMixed), the
// balance must fit (money.ErrRange), and the account must exist (ErrConflict);
// an entry that is refused leaves no trace.
func (p *Posting) Post(ctx context.Context, e Entry) error {
	balance, known := p.balances[e.IBAN]
	if !known {
		a, found, err := one(ctx, p.tx, scanAccount, `SELECT `+accountColumns+` FROM accounts WHERE iban = ?`, string(e.IBAN))
		if err != nil {
			return err
		}
		if !found {
			return ErrConflict
		}
		balance = a.Balance
	}
	move := e.Amount
	var err error
	if !e.Credit {
		if move, err = move.Negate(); err != nil {
			return err
		}
	}
	if balance, err = balance.Add(move); err != nil {
		return err
	}
	if _, err := p.insert.ExecContext(ctx, e.values()...); err != nil {
		return err
	}
	p.balances[e.IBAN] = balance
	return nil
}

// Close moves the balances of all accounts that were booked on.
func (p *Posting) Close(ctx context.Context) error {
	for _, iban := range slices.Sorted(maps.Keys(p.balances)) {
		if err := p.tx.guarded(ctx, `UPDATE accounts SET balance = ? WHERE iban = ?`, p.balances[iban].Minor, string(iban)); err != nil {
			return errors.Join(err, p.insert.Close())
		}
	}
	return p.insert.Close()
}

// Post is a Posting of one entry.
func (tx *Tx) Post(ctx context.Context, e Entry) error {
	p, err := tx.Posting(ctx)
	if err != nil {
		return err
	}
	if err := p.Post(ctx, e); err != nil {
		return errors.Join(err, p.insert.Close())
	}
	return p.Close(ctx)
}

// EachEntry hands out the bookings of an account on one day, in the order in
// which they were posted. The books must not be asked for anything meanwhile.
func (tx *Tx) EachEntry(ctx context.Context, iban account.IBAN, day calendar.Date, hand func(Entry) error) (err error) {
	rows, err := tx.tx.QueryContext(ctx, `SELECT id, `+entryColumns+` FROM entries WHERE iban = ? AND day = ? ORDER BY id`, string(iban), day.String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return err
		}
		if err := hand(e); err != nil {
			return err
		}
	}
	return rows.Err()
}

// AddDue keeps an entry whose day has not begun. It moves nothing yet.
func (tx *Tx) AddDue(ctx context.Context, e Entry) error {
	_, err := tx.exec(ctx, `INSERT INTO due (`+entryColumns+`) VALUES `+entryValues, e.values()...)
	return err
}

// PostDue books the kept entries of all days up to day on day. One that the
// books cannot hold is kept for another day.
func (tx *Tx) PostDue(ctx context.Context, day calendar.Date) error {
	const page = 1000
	p, err := tx.Posting(ctx)
	if err != nil {
		return err
	}
	for last := int64(0); ; {
		due, err := all(ctx, tx, scanEntry, `SELECT id, `+entryColumns+` FROM due WHERE day <= ? AND id > ? ORDER BY id LIMIT ?`, day.String(), last, page)
		if err != nil {
			return errors.Join(err, p.insert.Close())
		}
		for _, e := range due {
			last, e.Day = e.ID, day
			err := p.Post(ctx, e)
			if errors.Is(err, money.ErrRange) {
				continue
			}
			if err == nil {
				err = tx.guarded(ctx, `DELETE FROM due WHERE id = ?`, last)
			}
			if err != nil {
				return errors.Join(fmt.Errorf("booking what is due: %w", err), p.insert.Close())
			}
		}
		if len(due) < page {
			return p.Close(ctx)
		}
	}
}
