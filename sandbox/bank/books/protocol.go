package books

import (
	"context"
	"strings"
	"time"

	"kontor/calendar"
	"kontor/ebics"
	"kontor/ebics/hac"
)

// eventStep keeps the times of two events apart, so that time and action tell
// events of one order apart and their order is the order of what happened.
const eventStep = time.Millisecond

// AddEvent writes a line of a partner's customer protocol. Its Timestamp is the
// wish: an event is always later than those before it, by a millisecond at
// least.
func (tx *Tx) AddEvent(ctx context.Context, partner ebics.PartnerID, e hac.Event) error {
	latest, _, err := one(ctx, tx, scalar[int64], `SELECT coalesce(max(at), 0) FROM events WHERE id = (SELECT max(id) FROM events)`)
	if err != nil {
		return err
	}
	at := e.Timestamp.UTC().Truncate(eventStep)
	if next := instant(latest).Add(eventStep); latest != 0 && at.Before(next) {
		at = next
	}
	_, err = tx.exec(ctx, `INSERT INTO events (partner, at, action, reason, actor_partner, actor_user, order_id, order_type, information)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`, string(partner), micros(at), string(e.Action), e.Reason, e.PartnerID, e.UserID, e.OrderID, e.OrderType,
		strings.Join(e.AdditionalInformation, "\n"))
	return err
}

const eventColumns = `at, action, reason, actor_partner, actor_user, order_id, order_type, information`

func scanEvent(r row) (e hac.Event, err error) {
	var at int64
	var information string
	err = r.Scan(&at, &e.Action, &e.Reason, &e.PartnerID, &e.UserID, &e.OrderID, &e.OrderType, &information)
	e.Timestamp, e.AdditionalInformation = instant(at), lines(information)
	return e, err
}

// NewEvents lists a partner's events that were never offered.
func (tx *Tx) NewEvents(ctx context.Context, partner ebics.PartnerID) ([]hac.Event, error) {
	return all(ctx, tx, scanEvent, `SELECT `+eventColumns+` FROM events WHERE partner = ? AND offer IS NULL ORDER BY id`, string(partner))
}

// EventsBetween lists a partner's events from one instant to before another,
// fetched or not.
func (tx *Tx) EventsBetween(ctx context.Context, partner ebics.PartnerID, from, to time.Time) ([]hac.Event, error) {
	return all(ctx, tx, scanEvent, `SELECT `+eventColumns+` FROM events WHERE partner = ? AND at >= ? AND at < ? ORDER BY id`,
		string(partner), micros(from), micros(to))
}

// Document is a file for download: a status report or a statement.
type Document struct {
	Partner   ebics.PartnerID // for whom
	OrderType ebics.OrderType
	Name      string
	Day       calendar.Date
	Content   Packed // empty in the list of Documents
	Offered   bool
	Fetched   bool
}

// AddDocument makes a file available for download.
func (tx *Tx) AddDocument(ctx context.Context, d Document) error {
	_, err := tx.exec(ctx, `INSERT INTO documents (partner, order_type, name, day, content, size, crc) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		string(d.Partner), string(d.OrderType), d.Name, d.Day.String(), nonNil(d.Content.Deflated), d.Content.Size, d.Content.CRC)
	return err
}

func scanDocument(r row) (d Document, err error) {
	var day string
	if err := r.Scan(&d.Partner, &d.OrderType, &d.Name, &day, &d.Content.Deflated, &d.Content.Size, &d.Content.CRC, &d.Offered, &d.Fetched); err != nil {
		return d, err
	}
	d.Day, err = calendar.Parse(day)
	return d, err
}

// NewDocuments lists the files of an order type that were never offered to the
// partner.
func (tx *Tx) NewDocuments(ctx context.Context, partner ebics.PartnerID, o ebics.OrderType) ([]Document, error) {
	return all(ctx, tx, scanDocument, `SELECT partner, order_type, name, day, content, size, crc, 0, 0 FROM documents
		WHERE partner = ? AND order_type = ? AND offer IS NULL ORDER BY id`, string(partner), string(o))
}

// DocumentsBetween lists the files of business days from one to another,
// including both, fetched or not.
func (tx *Tx) DocumentsBetween(ctx context.Context, partner ebics.PartnerID, o ebics.OrderType, from, to calendar.Date) ([]Document, error) {
	return all(ctx, tx, scanDocument, `SELECT partner, order_type, name, day, content, size, crc, 0, 0 FROM documents
		WHERE partner = ? AND order_type = ? AND day >= ? AND day <= ? ORDER BY id`, string(partner), string(o), from.String(), to.String())
}

// Documents lists all files without their content, oldest first.
func (tx *Tx) Documents(ctx context.Context) ([]Document, error) {
	return all(ctx, tx, scanDocument, `SELECT d.partner, d.order_type, d.name, d.day, x'', 0, 0, d.offer IS NOT NULL, coalesce(o.fetched, 0) <> 0
		FROM documents d LEFT JOIN offers o ON o.token = d.offer ORDER BY d.id`)
}

// Offer is what a partner is given for an order type until they confirm it.
type Offer struct {
	Token     string
	Partner   ebics.PartnerID
	OrderType ebics.OrderType
	Created   time.Time
	Content   []byte
}

// OpenOffer returns the offer that is not confirmed yet; false if there is none.
func (tx *Tx) OpenOffer(ctx context.Context, partner ebics.PartnerID, o ebics.OrderType) (Offer, bool, error) {
	return one(ctx, tx, func(r row) (offer Offer, err error) {
		var created int64
		err = r.Scan(&offer.Token, &offer.Partner, &offer.OrderType, &created, &offer.Content)
		offer.Created = instant(created)
		return offer, err
	}, `SELECT token, partner, order_type, created, content FROM offers WHERE partner = ? AND order_type = ? AND fetched = 0`, string(partner), string(o))
}

// HasNews says whether a partner would get something of an order type now: what was
// offered and not confirmed, or what is new.
func (tx *Tx) HasNews(ctx context.Context, partner ebics.PartnerID, o ebics.OrderType) (bool, error) {
	news := `SELECT 1 FROM documents WHERE partner = ? AND order_type = ? AND offer IS NULL`
	args := []any{string(partner), string(o), string(partner), string(o)}
	if o == ebics.HAC {
		news, args = `SELECT 1 FROM events WHERE partner = ? AND offer IS NULL`, args[:3]
	}
	_, found, err := one(ctx, tx, scalar[int], `SELECT 1 FROM offers WHERE partner = ? AND order_type = ? AND fetched = 0 UNION ALL `+news+` LIMIT 1`, args...)
	return found, err
}

// AddOffer keeps what is offered, and marks the partner's new events (HAC) or
// new files (other order types) as part of it.
func (tx *Tx) AddOffer(ctx context.Context, offer Offer) error {
	if _, err := tx.exec(ctx, `INSERT INTO offers (token, partner, order_type, created, content) VALUES (?, ?, ?, ?, ?)`,
		offer.Token, string(offer.Partner), string(offer.OrderType), micros(offer.Created), nonNil(offer.Content)); err != nil {
		return err
	}
	if offer.OrderType == ebics.HAC {
		_, err := tx.exec(ctx, `UPDATE events SET offer = ? WHERE partner = ? AND offer IS NULL`, offer.Token, string(offer.Partner))
		return err
	}
	_, err := tx.exec(ctx, `UPDATE documents SET offer = ? WHERE partner = ? AND order_type = ? AND offer IS NULL`,
		offer.Token, string(offer.Partner), string(offer.OrderType))
	return err
}

// ConfirmOffer marks an offer as fetched; a second time changes nothing.
func (tx *Tx) ConfirmOffer(ctx context.Context, token string, at time.Time) error {
	_, err := tx.exec(ctx, `UPDATE offers SET fetched = ? WHERE token = ? AND fetched = 0`, micros(at), token)
	return err
}
