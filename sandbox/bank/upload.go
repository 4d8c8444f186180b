package bank

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/ebics/server"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// Phases of a transaction, as the log names them.
const (
	phaseInitialisation = "Initialisation"
	phaseTransfer       = "Transfer"
	phaseReceipt        = "Receipt"
)

// orderDigits count order ids: a letter, then three of these.
const orderDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// orderID turns a partner's order number, from 1, into A001, A002 … A009, A00A
// … AZZZ, B001; false when all are used up.
func orderID(number int) (ebics.OrderID, bool) {
	const perLetter = 36*36*36 - 1 // A000 is left out
	letter, rest := (number-1)/perLetter, (number-1)%perLetter+1
	if number < 1 || letter >= 26 {
		return "", false
	}
	return ebics.OrderID([]byte{byte('A' + letter), orderDigits[rest/1296], orderDigits[rest/36%36], orderDigits[rest%36]}), true
}

// newID names a line of the log or an offer: 128 random bits.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never returns an error since Go 1.24
	return strings.ToUpper(hex.EncodeToString(id[:]))
}

// permitted says whether a user may use an order type that the bank has.
func permitted(ctx context.Context, tx *books.Tx, s ebics.Subscriber, o ebics.OrderType) (ebics.ReturnCode, error) {
	withdrawn, err := tx.Withdrawn(ctx, s)
	if err == nil && slices.Contains(withdrawn, o) {
		return ebics.AuthorisationOrderTypeFailed, nil
	}
	return ebics.OK, err
}

// mayUpload judges an initialisation. The attribute must be the one that was
// agreed: with OZHNN a bank has a VEU and refuses DZHNN (091121), without it is
// the other way round.
func mayUpload(ctx context.Context, tx *books.Tx, s ebics.Subscriber, h server.OrderHeader) (ebics.ReturnCode, error) {
	if _, taken := uploads[h.Type]; !taken {
		return ebics.UnsupportedOrderType, nil
	}
	if code, err := permitted(ctx, tx, s, h.Type); err != nil || code != ebics.OK {
		return code, err
	}
	agreed, err := tx.Agreement(ctx, s.Partner, h.Type)
	if err == nil && h.Attribute != agreed {
		return ebics.IncompatibleOrderAttribute, nil
	}
	return ebics.OK, err
}

// BeginUpload implements server.Bank.
func (b *bank) BeginUpload(ctx context.Context, s ebics.Subscriber, h server.OrderHeader) (id ebics.OrderID, code ebics.ReturnCode, err error) {
	h.Type = classic(h)
	err = b.books.Do(ctx, func(tx *books.Tx) (err error) {
		id = ""
		if code, err = mayUpload(ctx, tx, s, h); err != nil {
			return err
		}
		if code != ebics.OK {
			return b.logAtOnce(ctx, tx, s, h, code)
		}
		if id, code, err = newOrderID(ctx, tx, s.Partner, h); err != nil {
			return err
		}
		if code != ebics.OK {
			id = ""
			return b.logAtOnce(ctx, tx, s, h, code)
		}
		return tx.AddTransaction(ctx, books.Transaction{
			ID: h.TransactionID, Started: b.now(), Subscriber: s, OrderType: h.Type, Attribute: h.Attribute, OrderID: id,
			Phase: phaseInitialisation, State: books.Begun, Announced: h.Segments,
		})
	})
	return id, code, err
}

// newOrderID is the customer's own (H003), or the partner's next that is free.
func newOrderID(ctx context.Context, tx *books.Tx, partner ebics.PartnerID, h server.OrderHeader) (ebics.OrderID, ebics.ReturnCode, error) {
	if h.OrderID != "" {
		taken, err := tx.OrderIDTaken(ctx, partner, h.OrderID)
		if taken {
			return "", ebics.OrderIDAlreadyExists, err
		}
		return h.OrderID, ebics.OK, err
	}
	for {
		number, err := tx.NextOrderNumber(ctx, partner)
		if err != nil {
			return "", "", err
		}
		id, left := orderID(number)
		if !left {
			return "", ebics.ProcessingError, nil
		}
		if taken, err := tx.OrderIDTaken(ctx, partner, id); err != nil || !taken {
			return id, ebics.OK, err
		}
	}
}

// logAtOnce writes a line about what begins and ends in one request.
func (b *bank) logAtOnce(ctx context.Context, tx *books.Tx, s ebics.Subscriber, h server.OrderHeader, code ebics.ReturnCode) error {
	state, id := books.Finished, h.TransactionID
	if code != ebics.OK {
		state = books.Refused
	}
	if id == "" {
		id = newID()
	}
	return tx.AddTransaction(ctx, books.Transaction{
		ID: id, Started: b.now(), Ended: b.now(), Subscriber: s, OrderType: h.Type, Attribute: h.Attribute,
		Phase: phaseInitialisation, State: state, Announced: h.Segments, ReturnCode: code,
	})
}

// RequestAnswered implements server.RequestLog: a line of the log for what never
// became a transaction, under the subscriber that the request named. HPB is
// finished with its answer.
func (b *bank) RequestAnswered(ctx context.Context, r server.AnsweredRequest) error {
	line := books.Transaction{
		ID: newID(), Started: b.now(), Ended: b.now(), Subscriber: r.Subscriber, OrderType: r.Type, Attribute: r.Attribute,
		Phase: cmp.Or(r.Phase, phaseInitialisation), State: books.Finished, ReturnCode: r.Technical,
	}
	if line.ReturnCode == ebics.OK {
		line.ReturnCode = r.Business
	}
	if line.ReturnCode != ebics.OK {
		line.State = books.Refused
	}
	if r.TransactionID != "" {
		line.Reason = "the request names transaction " + r.TransactionID
	}
	return b.books.Do(ctx, func(tx *books.Tx) error { return tx.AddTransaction(ctx, line) })
}

// SegmentAccepted notes the progress of an upload in the log.
func (b *bank) SegmentAccepted(ctx context.Context, transactionID string, number int) error {
	return b.books.Do(ctx, func(tx *books.Tx) error { return tx.SegmentReceived(ctx, transactionID, number) })
}

// AbortUpload implements server.Bank.
func (b *bank) AbortUpload(ctx context.Context, transactionID, reason string) error {
	return b.books.Do(ctx, func(tx *books.Tx) error {
		t, found, err := tx.Transaction(ctx, transactionID)
		if err != nil || !found || t.State != books.Begun {
			return err
		}
		return b.abort(ctx, tx, t, reason)
	})
}

// abort ends an open transaction. Of an upload the protocol tells that nothing
// has arrived: that is the customer's proof.
func (b *bank) abort(ctx context.Context, tx *books.Tx, t books.Transaction, reason string) error {
	t.State, t.Ended, t.Reason = books.Aborted, b.now(), reason
	if err := tx.EndTransaction(ctx, t); err != nil {
		return err
	}
	if t.OrderID == "" {
		return nil
	}
	return b.event(ctx, tx, books.Order{Partner: t.Subscriber.Partner, ID: t.OrderID, Type: t.OrderType}, hac.FileUpload, "TA01", t.Subscriber)
}

// abortOpen ends what was open when the bank stopped: nobody can continue it.
func (b *bank) abortOpen(ctx context.Context, tx *books.Tx) error {
	open, err := tx.OpenTransactions(ctx)
	if err != nil {
		return err
	}
	for _, t := range open {
		if err := b.abort(ctx, tx, t, "the bank was restarted"); err != nil {
			return err
		}
	}
	return nil
}

// received is an order that is completely there, before the books know it.
type received struct {
	server.Upload
	data    books.Packed
	digest  string // SHA-256, hex
	content content
}

// FinishUpload implements server.Bank: the order is checked, and then waits,
// is executed, or is refused, which the protocol tells. If it cannot be
// recorded it was not received.
func (b *bank) FinishUpload(ctx context.Context, u server.Upload) (code ebics.ReturnCode, err error) {
	u.Order.Type = classic(u.Order)
	r, err := take(u)
	if err == nil {
		err = b.books.Do(ctx, func(tx *books.Tx) (err error) {
			code, err = b.receive(ctx, tx, r)
			return err
		})
	}
	if err != nil {
		return "", errors.Join(err, b.AbortUpload(ctx, u.TransactionID, "the order could not be recorded"))
	}
	return code, nil
}

// take packs and reads an order. That takes time if it is large, so it happens
// before the books are locked.
func take(u server.Upload) (received, error) {
	packer, digest := books.NewPacker(), sha256.New()
	if _, err := io.Copy(io.MultiWriter(packer, digest), u.Open()); err != nil {
		return received{}, fmt.Errorf("reading the order: %w", err)
	}
	data, err := packer.Packed()
	if err != nil {
		return received{}, err
	}
	return received{u, data, hex.EncodeToString(digest.Sum(nil)), examine(data, u.Order.Type)}, nil
}

func (b *bank) receive(ctx context.Context, tx *books.Tx, r received) (ebics.ReturnCode, error) {
	t, found, err := tx.Transaction(ctx, r.TransactionID)
	if err != nil {
		return "", err
	}
	user, known, err := tx.User(ctx, r.Subscriber)
	if err != nil {
		return "", err
	}
	if !found || !known {
		return "", fmt.Errorf("upload %s: %w", r.TransactionID, books.ErrConflict)
	}
	order, err := b.judge(ctx, tx, r, user)
	if err != nil {
		return "", err
	}
	code := ebics.OK
	if !r.SignatureValid {
		code = ebics.SignatureVerificationFailed
	}
	t.Ended, t.Phase, t.State, t.Received, t.ReturnCode = b.now(), phaseTransfer, books.Finished, t.Announced, code
	t.DataSHA256, t.MessageID, t.Payments = order.DataSHA256, order.MessageID, order.Payments
	return code, tx.EndTransaction(ctx, t)
}

// judge checks a received order, stores it, and tells the protocol.
func (b *bank) judge(ctx context.Context, tx *books.Tx, r received, user books.User) (books.Order, error) {
	by, content := user.Subscriber, r.content
	order := books.Order{
		Partner: r.Subscriber.Partner, ID: r.OrderID, User: r.Subscriber.User, Type: r.Order.Type, TransactionID: r.TransactionID,
		Received: b.now(), State: books.Waiting, DataSHA256: r.digest, Data: r.data,
	}
	if err := b.event(ctx, tx, order, hac.FileUpload, "TS01", by); err != nil {
		return order, err
	}
	if !r.SignatureValid {
		if err := b.event(ctx, tx, order, hac.ESVerification, "DS17", by); err != nil {
			return order, err
		}
		err := b.refuse(ctx, tx, &order, "DS17")
		return order, err
	}
	if err := b.event(ctx, tx, order, hac.ESVerification, "DS01", by); err != nil {
		return order, err
	}
	if content.reason == "" {
		accounts, err := tx.Accounts(ctx)
		if err != nil {
			return order, err
		}
		content.assign(by.Partner, accounts)
	}
	order.MessageID, order.Payments, order.Total = content.messageID, content.payments, content.total
	if content.reason != "" {
		err := b.refuse(ctx, tx, &order, content.reason, content.lines...)
		return order, err
	}
	order.Accounts, order.Holders = content.accounts, content.holders
	err := b.dispose(ctx, tx, &order, veu.Signer{Subscriber: by, Class: user.Class}, r.Order.Attribute)
	return order, err
}

// refuse stores an order that the bank's checks refuse.
func (b *bank) refuse(ctx context.Context, tx *books.Tx, order *books.Order, reason string, lines ...string) error {
	order.State, order.Reason = books.Invalid, reason
	if err := tx.AddOrder(ctx, *order); err != nil {
		return err
	}
	return b.final(ctx, tx, *order, hac.FinalNegative, reason, lines...)
}

// dispose stores an order that is in order. Released outside EBICS (DZHNN) it
// needs no signature. Else the submitter's own counts if the submitter may sign;
// a transport user's does not, so the order waits.
func (b *bank) dispose(ctx context.Context, tx *books.Tx, order *books.Order, submitter veu.Signer, attribute string) error {
	complete := attribute == ebics.AttributeData
	if !complete {
		var refused error
		if complete, refused = veu.Sign(order.Holders, nil, submitter); refused == nil {
			order.Signatures = []books.Signature{{Signer: submitter, At: order.Received}}
		}
	}
	if err := tx.AddOrder(ctx, *order); err != nil {
		return err
	}
	if complete {
		return b.accept(ctx, tx, order)
	}
	return b.event(ctx, tx, *order, hac.VEUForwarding, "DS06", submitter.Subscriber)
}

// event tells the protocol of the order's partner what somebody did.
func (b *bank) event(ctx context.Context, tx *books.Tx, o books.Order, action hac.Action, reason string, by ebics.Subscriber) error {
	return tx.AddEvent(ctx, o.Partner, hac.Event{
		Action: action, Reason: reason, PartnerID: string(by.Partner), UserID: string(by.User),
		OrderID: string(o.ID), OrderType: string(o.Type), Timestamp: b.now(),
	})
}

// final tells the protocol how the order ended, in the bank's own name and with
// the lines that German banks add.
func (b *bank) final(ctx context.Context, tx *books.Tx, o books.Order, action hac.Action, reason string, lines ...string) error {
	if o.MessageID != "" {
		lines = append([]string{"Datei-ID : " + o.MessageID, fmt.Sprintf("Anzahl : %d", o.Payments), "Summe : " + o.Total}, lines...)
	}
	for i := range lines {
		lines[i] = line(lines[i])
	}
	return tx.AddEvent(ctx, o.Partner, hac.Event{
		Action: action, Reason: reason, PartnerID: string(o.Partner), OrderID: string(o.ID), OrderType: string(o.Type),
		Timestamp: b.now(), AdditionalInformation: lines,
	})
}

// line fits text into one line of the protocol: 105 characters.
func line(text string) string {
	const most = 105
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		runes = append(runes[:most-1], '…')
	}
	return string(runes)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
