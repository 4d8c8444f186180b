package books

import (
	"context"

	"kontor/account"
	"kontor/calendar"
	"kontor/ebics"
	"kontor/money"
)

// Account is an account at the bank.
type Account struct {
	IBAN       account.IBAN
	Owner      string            // the holder's name
	Holder     ebics.PartnerID   // whose users release orders on it
	Bureaus    []ebics.PartnerID // who else may submit orders for it and gets its statements
	Opening    money.Amount      // at the start of the business day
	Balance    money.Amount      // now; may be negative
	Statements int               // written so far
}

// EntryKind says what a booking is.
type EntryKind string

// The kinds of bookings. Each may be a debit or a credit: of the two sides of
// one payment, each account at this bank gets its own entry.
const (
	Transfer   EntryKind = "transfer"    // credit transfer
	Core       EntryKind = "core"        // direct debit of the scheme CORE
	B2B        EntryKind = "b2b"         // direct debit of the scheme B2B
	CoreReturn EntryKind = "core return" // takes back an entry of Core
	B2BReturn  EntryKind = "b2b return"  // takes back an entry of B2B
)

// Entry is one booking. Amount is positive; Credit says in which direction.
type Entry struct {
	ID                   int64 // given by Post; ascending over the bank
	IBAN                 account.IBAN
	Day                  calendar.Date
	Kind                 EntryKind
	Credit               bool
	Amount               money.Amount
	MessageID            string
	PaymentInformationID string
	EndToEndID           string
	Counterparty         string
	CounterpartyAccount  string
	Remittance           string
	Transactions         int    // payments behind a batch booking; 0 or 1 otherwise
	ReturnReason         string // of returns: a code of ISO 20022
}

const accountColumns = `iban, owner, holder, opening, balance, statements, currency`

func scanAccount(r row) (a Account, err error) {
	err = r.Scan(&a.IBAN, &a.Owner, &a.Holder, &a.Opening.Minor, &a.Balance.Minor, &a.Statements, &a.Opening.Currency)
	a.Balance.Currency = a.Opening.Currency
	return a, err
}

// Account returns one account; false if the bank does not have it.
func (tx *Tx) Account(ctx context.Context, iban account.IBAN) (Account, bool, error) {
	a, found, err := one(ctx, tx, scanAccount, `SELECT `+accountColumns+` FROM accounts WHERE iban = ?`, string(iban))
	if err != nil || !found {
		return Account{}, false, err
	}
	a.Bureaus, err = tx.bureaus(ctx, iban)
	return a, err == nil, err
}

// Accounts lists all accounts by IBAN.
func (tx *Tx) Accounts(ctx context.Context) ([]Account, error) {
	list, err := all(ctx, tx, scanAccount, `SELECT `+accountColumns+` FROM accounts ORDER BY iban`)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Bureaus, err = tx.bureaus(ctx, list[i].IBAN); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (tx *Tx) bureaus(ctx context.Context, iban account.IBAN) ([]ebics.PartnerID, error) {
	return all(ctx, tx, scalar[ebics.PartnerID], `SELECT partner FROM account_bureaus WHERE iban = ? ORDER BY partner`, string(iban))
}

// AddAccount opens an account with its opening balance; its bureaus are added
// too.
func (tx *Tx) AddAccount(ctx context.Context, a Account) error {
	if _, err := tx.exec(ctx, `INSERT INTO accounts (iban, currency, owner, holder, opening, balance) VALUES (?, ?, ?, ?, ?, ?)`,
		string(a.IBAN), string(a.Opening.Currency), a.Owner, string(a.Holder), a.Opening.Minor, a.Opening.Minor); err != nil {
		return err
	}
	for _, bureau := range a.Bureaus {
		if err := tx.AddBureau(ctx, a.IBAN, bureau); err != nil {
			return err
		}
	}
	return nil
}

// AddBureau lets a partner submit orders for an account, if it may not yet.
func (tx *Tx) AddBureau(ctx context.Context, iban account.IBAN, partner ebics.PartnerID) error {
	_, err := tx.exec(ctx, `INSERT INTO account_bureaus (iban, partner) VALUES (?, ?) ON CONFLICT DO NOTHING`, string(iban), string(partner))
	return err
}

// CloseDay makes the balance the next day's opening balance and counts a
// statement.
func (tx *Tx) CloseDay(ctx context.Context, iban account.IBAN) error {
	return tx.guarded(ctx, `UPDATE accounts SET opening = balance, statements = statements + 1 WHERE iban = ?`, string(iban))
}
