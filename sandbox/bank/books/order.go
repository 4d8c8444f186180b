package books

import (
	"context"
	"strings"
	"time"

	"kontor/account"
	"kontor/ebics"
	"kontor/sandbox/bank/veu"
)

// OrderState is where an uploaded order stands.
type OrderState string

// The states of an order.
const (
	Waiting   OrderState = "waiting"   // in the VEU; the account holders sign, or someone cancels or rejects
	Executed  OrderState = "executed"  // accepted and booked
	Invalid   OrderState = "refused"   // the bank's checks at receipt refused it
	Rejected  OrderState = "rejected"  // the bank rejected it while it waited
	Cancelled OrderState = "cancelled" // the customer cancelled it while it waited
)

// Order is an uploaded order. Partner and ID are its key.
type Order struct {
	Partner       ebics.PartnerID // who submitted it
	ID            ebics.OrderID
	User          ebics.UserID
	Type          ebics.OrderType
	TransactionID string
	Received      time.Time
	State         OrderState
	Reason        string // code of the protocol, for orders that ended badly
	MessageID     string
	Payments      int
	Total         string // decimal, over all currencies
	DataSHA256    string // hex
	Data          Packed // empty in lists
	Accounts      []account.IBAN
	Holders       []ebics.PartnerID // of Accounts, each once
	Signatures    []Signature
}

// Signature is one that counts towards an order's release.
type Signature struct {
	veu.Signer
	At time.Time
}

const orderColumns = `partner, id, user, order_type, transaction_id, received, state, reason, message_id, payments, total, data_sha256`

// AddOrder adds an order with its own accounts and first signatures.
// Holders are found by the accounts.
func (tx *Tx) AddOrder(ctx context.Context, o Order) error {
	if _, err := tx.exec(ctx, `INSERT INTO orders (`+orderColumns+`, data, data_size, data_crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(o.Partner), string(o.ID), string(o.User), string(o.Type), o.TransactionID, micros(o.Received), string(o.State), o.Reason,
		o.MessageID, o.Payments, o.Total, o.DataSHA256, nonNil(o.Data.Deflated), o.Data.Size, o.Data.CRC); err != nil {
		return err
	}
	for _, iban := range o.Accounts {
		if _, err := tx.exec(ctx, `INSERT INTO order_accounts (partner, order_id, iban) VALUES (?, ?, ?)`, string(o.Partner), string(o.ID), string(iban)); err != nil {
			return err
		}
	}
	for _, s := range o.Signatures {
		if err := tx.AddSignature(ctx, o.Partner, o.ID, s); err != nil {
			return err
		}
	}
	return nil
}

// Order returns one order with its data; false if there is none.
func (tx *Tx) Order(ctx context.Context, partner ebics.PartnerID, id ebics.OrderID) (Order, bool, error) {
	var data Packed
	o, found, err := one(ctx, tx, func(r row) (Order, error) {
		return scanOrder(r, &data.Deflated, &data.Size, &data.CRC)
	}, `SELECT `+orderColumns+`, data, data_size, data_crc FROM orders WHERE partner = ? AND id = ?`, string(partner), string(id))
	if err != nil || !found {
		return Order{}, false, err
	}
	o.Data = data
	err = tx.complete(ctx, &o)
	return o, true, err
}

// OrderIDTaken says whether the partner has an order, or an open upload, of this id.
func (tx *Tx) OrderIDTaken(ctx context.Context, partner ebics.PartnerID, id ebics.OrderID) (bool, error) {
	_, taken, err := one(ctx, tx, scalar[int], `SELECT 1 FROM orders WHERE partner = ? AND id = ?
		UNION ALL SELECT 1 FROM transactions WHERE partner = ? AND order_id = ? AND state = 'open' LIMIT 1`,
		string(partner), string(id), string(partner), string(id))
	return taken, err
}

// Orders lists all orders without their data, oldest first.
func (tx *Tx) Orders(ctx context.Context) ([]Order, error) {
	list, err := all(ctx, tx, func(r row) (Order, error) {
		return scanOrder(r)
	}, `SELECT `+orderColumns+` FROM orders ORDER BY received, partner, id`)
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := tx.complete(ctx, &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// scanOrder scans the columns of orderColumns, and more behind them.
func scanOrder(r row, more ...any) (o Order, err error) {
	var received int64
	dest := []any{&o.Partner, &o.ID, &o.User, &o.Type, &o.TransactionID, &received, &o.State, &o.Reason, &o.MessageID, &o.Payments, &o.Total, &o.DataSHA256}
	err = r.Scan(append(dest, more...)...)
	o.Received = instant(received)
	return o, err
}

func (tx *Tx) complete(ctx context.Context, o *Order) (err error) {
	if o.Accounts, err = all(ctx, tx, scalar[account.IBAN], `SELECT iban FROM order_accounts WHERE partner = ? AND order_id = ? ORDER BY iban`,
		string(o.Partner), string(o.ID)); err != nil {
		return err
	}
	if o.Holders, err = all(ctx, tx, scalar[ebics.PartnerID], `SELECT DISTINCT a.holder FROM order_accounts o JOIN accounts a ON a.iban = o.iban
		WHERE o.partner = ? AND o.order_id = ? ORDER BY a.holder`, string(o.Partner), string(o.ID)); err != nil {
		return err
	}
	o.Signatures, err = all(ctx, tx, func(r row) (s Signature, err error) {
		var at int64
		err = r.Scan(&s.Partner, &s.User, &s.Class, &at)
		s.At = instant(at)
		return s, err
	}, `SELECT signer_partner, signer_user, class, at FROM signatures WHERE partner = ? AND order_id = ? ORDER BY at, rowid`, string(o.Partner), string(o.ID))
	return err
}

// AddSignature notes a signature; each signer signs an order once.
func (tx *Tx) AddSignature(ctx context.Context, partner ebics.PartnerID, id ebics.OrderID, s Signature) error {
	return tx.guarded(ctx, `INSERT INTO signatures (partner, order_id, signer_partner, signer_user, class, at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		string(partner), string(id), string(s.Partner), string(s.User), string(s.Class), micros(s.At))
}

// MoveOrder takes an order out of the VEU. ErrConflict if it does not wait.
func (tx *Tx) MoveOrder(ctx context.Context, partner ebics.PartnerID, id ebics.OrderID, to OrderState, reason string) error {
	return tx.guarded(ctx, `UPDATE orders SET state = ?, reason = ? WHERE partner = ? AND id = ? AND state = 'waiting'`,
		string(to), reason, string(partner), string(id))
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}

func nonNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
