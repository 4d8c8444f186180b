package books

import (
	"context"
	"time"

	"kontor/ebics"
)

// TransactionState says what became of an EBICS transaction.
type TransactionState string

// The states of a transaction.
const (
	Begun    TransactionState = "open"     // begun; the bank does not have the order
	Finished TransactionState = "finished" // the bank has the whole order, or the receipt of a download, or has answered INI, HIA or HPB well
	Aborted  TransactionState = "aborted"  // timed out, broken off, or the bank stopped meanwhile: nothing was taken
	Refused  TransactionState = "refused"  // never begun; also a segment or receipt that belongs to no open transaction
)

// Transaction is one line of the bank's log. It is written when the transaction
// begins and again when it ends. A request that never became a transaction has a
// line too.
type Transaction struct {
	ID         string
	Started    time.Time
	Ended      time.Time // zero while open
	Subscriber ebics.Subscriber
	OrderType  ebics.OrderType
	Attribute  string
	OrderID    ebics.OrderID // uploads
	Phase      string        // reached: Initialisation, Transfer, Receipt
	State      TransactionState
	Announced  int // segments
	Received   int
	ReturnCode ebics.ReturnCode
	Reason     string // why it was aborted or refused
	DataSHA256 string // hex; of the order data, finished uploads only
	MessageID  string
	Payments   int
}

const transactionColumns = `id, started, ended, partner, user, order_type, attribute, order_id, phase, state, announced, received,
	return_code, reason, data_sha256, message_id, payments`

func scanTransaction(r row) (t Transaction, err error) {
	var started, ended int64
	err = r.Scan(&t.ID, &started, &ended, &t.Subscriber.Partner, &t.Subscriber.User, &t.OrderType, &t.Attribute, &t.OrderID, &t.Phase, &t.State,
		&t.Announced, &t.Received, &t.ReturnCode, &t.Reason, &t.DataSHA256, &t.MessageID, &t.Payments)
	t.Started, t.Ended = instant(started), instant(ended)
	return t, err
}

// AddTransaction writes the first line about a transaction; its id must be new.
func (tx *Tx) AddTransaction(ctx context.Context, t Transaction) error {
	_, err := tx.exec(ctx, `INSERT INTO transactions (`+transactionColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		t.ID, micros(t.Started), micros(t.Ended), string(t.Subscriber.Partner), string(t.Subscriber.User), string(t.OrderType), t.Attribute,
		string(t.OrderID), t.Phase, string(t.State), t.Announced, t.Received, string(t.ReturnCode), t.Reason, t.DataSHA256, t.MessageID, t.Payments)
	return err
}

// Transaction returns one transaction; false if the log does not have it.
func (tx *Tx) Transaction(ctx context.Context, id string) (Transaction, bool, error) {
	return one(ctx, tx, scanTransaction, `SELECT `+transactionColumns+` FROM transactions WHERE id = ?`, id)
}

// Transactions lists the whole log, oldest first.
func (tx *Tx) Transactions(ctx context.Context) ([]Transaction, error) {
	return all(ctx, tx, scanTransaction, `SELECT `+transactionColumns+` FROM transactions ORDER BY number`)
}

// OpenTransactions lists what has begun and not ended.
func (tx *Tx) OpenTransactions(ctx context.Context) ([]Transaction, error) {
	return all(ctx, tx, scanTransaction, `SELECT `+transactionColumns+` FROM transactions WHERE state = 'open' ORDER BY number`)
}

// SegmentReceived notes the latest accepted segment of an open transaction.
func (tx *Tx) SegmentReceived(ctx context.Context, id string, number int) error {
	return tx.guarded(ctx, `UPDATE transactions SET phase = 'Transfer', received = ? WHERE id = ? AND state = 'open'`, number, id)
}

// EndTransaction writes the last line about an open transaction: everything of
// t but what was known at its beginning. ErrConflict if it is not open.
func (tx *Tx) EndTransaction(ctx context.Context, t Transaction) error {
	return tx.guarded(ctx, `UPDATE transactions SET ended = ?, phase = ?, state = ?, received = ?, return_code = ?, reason = ?,
		data_sha256 = ?, message_id = ?, payments = ? WHERE id = ? AND state = 'open'`,
		micros(t.Ended), t.Phase, string(t.State), t.Received, string(t.ReturnCode), t.Reason, t.DataSHA256, t.MessageID, t.Payments, t.ID)
}

// UseNonce notes a nonce of a subscriber and says whether it was new. Nonces
// from before forget are dropped.
func (tx *Tx) UseNonce(ctx context.Context, s ebics.Subscriber, nonce string, at, forget time.Time) (fresh bool, err error) {
	if _, err := tx.exec(ctx, `DELETE FROM nonces WHERE at < ?`, micros(forget)); err != nil {
		return false, err
	}
	n, err := tx.exec(ctx, `INSERT INTO nonces (partner, user, nonce, at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(s.Partner), string(s.User), nonce, micros(at))
	return n == 1, err
}
