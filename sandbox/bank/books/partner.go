package books

import (
	"context"

	"kontor/ebics"
	"kontor/sandbox/bank/veu"
)

// UserState is how far a user has come; READY users may send orders.
type UserState string

// The states of a user, as EBICS names them.
const (
	New         UserState = "NEW"                    // the user sends INI and HIA
	PartlyINI   UserState = "PARTLY_INITIALIZED_INI" // the user sends HIA
	PartlyHIA   UserState = "PARTLY_INITIALIZED_HIA" // the user sends INI
	Initialized UserState = "INITIALIZED"            // the bank compares the letter and activates
	Ready       UserState = "READY"                  // orders are accepted
	Suspended   UserState = "SUSPENDED"              // by the user (SPR); the bank would have to reset it
)

// User is a subscriber of a partner. Keys are stored as the caller encodes
// them; nil if not sent yet.
type User struct {
	ebics.Subscriber
	Class          veu.Class
	State          UserState
	Signature      []byte
	Authentication []byte
	Encryption     []byte
}

// AddPartner adds a partner unless it exists.
func (tx *Tx) AddPartner(ctx context.Context, id ebics.PartnerID) error {
	_, err := tx.exec(ctx, `INSERT INTO partners (id) VALUES (?) ON CONFLICT DO NOTHING`, string(id))
	return err
}

// Partners lists all partners by id.
func (tx *Tx) Partners(ctx context.Context) ([]ebics.PartnerID, error) {
	return all(ctx, tx, scalar[ebics.PartnerID], `SELECT id FROM partners ORDER BY id`)
}

// HasPartner says whether the bank knows the partner.
func (tx *Tx) HasPartner(ctx context.Context, id ebics.PartnerID) (bool, error) {
	_, found, err := one(ctx, tx, scalar[string], `SELECT id FROM partners WHERE id = ?`, string(id))
	return found, err
}

// NextOrderNumber counts the partner's orders: 1, 2, 3 …
func (tx *Tx) NextOrderNumber(ctx context.Context, id ebics.PartnerID) (int, error) {
	number, found, err := one(ctx, tx, scalar[int], `UPDATE partners SET orders = orders + 1 WHERE id = ? RETURNING orders`, string(id))
	if err == nil && !found {
		err = ErrConflict
	}
	return number, err
}

const userColumns = `partner, id, class, state, signature, authentication, encryption`

func scanUser(r row) (u User, err error) {
	err = r.Scan(&u.Partner, &u.User, &u.Class, &u.State, &u.Signature, &u.Authentication, &u.Encryption)
	return u, err
}

// User returns one user; false if there is none.
func (tx *Tx) User(ctx context.Context, s ebics.Subscriber) (User, bool, error) {
	return one(ctx, tx, scanUser, `SELECT `+userColumns+` FROM users WHERE partner = ? AND id = ?`, string(s.Partner), string(s.User))
}

// Users lists all users by partner and id.
func (tx *Tx) Users(ctx context.Context) ([]User, error) {
	return all(ctx, tx, scanUser, `SELECT `+userColumns+` FROM users ORDER BY partner, id`)
}

// SaveUser adds a user or replaces what is stored about them.
func (tx *Tx) SaveUser(ctx context.Context, u User) error {
	_, err := tx.exec(ctx, `INSERT INTO users (`+userColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (partner, id) DO UPDATE SET class = excluded.class, state = excluded.state, signature = excluded.signature,
			authentication = excluded.authentication, encryption = excluded.encryption`,
		string(u.Partner), string(u.User), string(u.Class), string(u.State), u.Signature, u.Authentication, u.Encryption)
	return err
}

// Agreement returns the order attribute that a partner and the bank agreed for
// an order type.
func (tx *Tx) Agreement(ctx context.Context, id ebics.PartnerID, o ebics.OrderType) (attribute string, err error) {
	attribute, found, err := one(ctx, tx, scalar[string], `SELECT attribute FROM agreements WHERE partner = ? AND order_type = ?`, string(id), string(o))
	if err == nil && !found {
		attribute = ebics.AttributeOrder
	}
	return attribute, err
}

// Agree sets the order attribute for a partner's orders of a type. The partner
// must exist.
func (tx *Tx) Agree(ctx context.Context, id ebics.PartnerID, o ebics.OrderType, attribute string) error {
	_, err := tx.exec(ctx, `INSERT INTO agreements (partner, order_type, attribute) VALUES (?, ?, ?)
		ON CONFLICT (partner, order_type) DO UPDATE SET attribute = excluded.attribute`, string(id), string(o), attribute)
	return err
}

// Withdrawn lists the order types that the bank has taken away from a user.
func (tx *Tx) Withdrawn(ctx context.Context, s ebics.Subscriber) ([]ebics.OrderType, error) {
	return all(ctx, tx, scalar[ebics.OrderType], `SELECT order_type FROM withdrawals WHERE partner = ? AND user = ? ORDER BY order_type`, string(s.Partner), string(s.User))
}

// Withdraw takes an order type away from a user; a second time changes nothing.
// The user must exist.
func (tx *Tx) Withdraw(ctx context.Context, s ebics.Subscriber, o ebics.OrderType) error {
	_, err := tx.exec(ctx, `INSERT INTO withdrawals (partner, user, order_type) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, string(s.Partner), string(s.User), string(o))
	return err
}

// Grant gives back what was withdrawn; nothing happens if nothing was.
func (tx *Tx) Grant(ctx context.Context, s ebics.Subscriber, o ebics.OrderType) error {
	_, err := tx.exec(ctx, `DELETE FROM withdrawals WHERE partner = ? AND user = ? AND order_type = ?`, string(s.Partner), string(s.User), string(o))
	return err
}
