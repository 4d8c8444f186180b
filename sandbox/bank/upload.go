package bank

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
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

// BeginUpload implements server.Bank. Only CCT with OZHNN is taken: a bank with
// a VEU refuses DZHNN of transport users (091121).
func (b *bank) BeginUpload(ctx context.Context, s ebics.Subscriber, h server.OrderHeader) (id ebics.OrderID, code ebics.ReturnCode, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		id, code = "", ebics.OK
		switch {
		case h.Type != ebics.CCT:
			code = ebics.UnsupportedOrderType
		case h.Attribute != ebics.AttributeOrder:
			code = ebics.IncompatibleOrderAttribute
		}
		if code != ebics.OK {
			return b.logAtOnce(ctx, tx, s, h, code)
		}
		number, err := tx.NextOrderNumber(ctx, s.Partner)
		if err != nil {
			return err
		}
		var free bool
		if id, free = orderID(number); !free {
			code = ebics.ProcessingError
			return b.logAtOnce(ctx, tx, s, h, code)
		}
		return tx.AddTransaction(ctx, books.Transaction{
			ID: h.TransactionID, Started: b.now(), Subscriber: s, OrderType: h.Type, Attribute: h.Attribute, OrderID: id,
			Phase: phaseInitialisation, State: books.Begun, Announced: h.Segments,
		})
	})
	return id, code, err
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

// FinishUpload implements server.Bank: the order is checked, and then waits,
// is executed, or is refused, which the protocol tells. If it cannot be
// recorded it was not received.
func (b *bank) FinishUpload(ctx context.Context, u server.Upload) (code ebics.ReturnCode, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) (err error) {
		code, err = b.receive(ctx, tx, u)
		return err
	})
	if err != nil {
		return "", errors.Join(err, b.AbortUpload(ctx, u.TransactionID, "the order could not be recorded"))
	}
	return code, nil
}

func (b *bank) receive(ctx context.Context, tx *books.Tx, u server.Upload) (ebics.ReturnCode, error) {
	t, found, err := tx.Transaction(ctx, u.TransactionID)
	if err != nil {
		return "", err
	}
	user, known, err := tx.User(ctx, u.Subscriber)
	if err != nil {
		return "", err
	}
	if !found || !known {
		return "", fmt.Errorf("upload %s: %w", u.TransactionID, books.ErrConflict)
	}
	digest := sha256.Sum256(u.Data)
	order := books.Order{
		Partner: u.Subscriber.Partner, ID: u.OrderID, User: u.Subscriber.User, Type: u.Order.Type, TransactionID: u.TransactionID,
		Received: b.now(), State: books.Waiting, DataSHA256: hex.EncodeToString(digest[:]), Data: u.Data,
	}
	code := ebics.OK
	if !u.SignatureValid {
		code = ebics.SignatureVerificationFailed
	}
	if err := b.judge(ctx, tx, &order, user, u.SignatureValid); err != nil {
		return "", err
	}
	t.Ended, t.Phase, t.State, t.Received, t.ReturnCode = b.now(), phaseTransfer, books.Finished, t.Announced, code
	t.DataSHA256, t.MessageID, t.Payments = order.DataSHA256, order.MessageID, order.Payments
	return code, tx.EndTransaction(ctx, t)
}

// judge checks a received order, stores it, and tells the protocol.
func (b *bank) judge(ctx context.Context, tx *books.Tx, order *books.Order, user books.User, signed bool) error {
	by := user.Subscriber
	if err := b.event(ctx, tx, *order, hac.FileUpload, "TS01", by); err != nil {
		return err
	}
	if !signed {
		order.State, order.Reason = books.Invalid, "DS17"
		if err := tx.AddOrder(ctx, *order); err != nil {
			return err
		}
		if err := b.event(ctx, tx, *order, hac.ESVerification, "DS17", by); err != nil {
			return err
		}
		return b.final(ctx, tx, *order, hac.FinalNegative, "DS17")
	}
	if err := b.event(ctx, tx, *order, hac.ESVerification, "DS01", by); err != nil {
		return err
	}
	accounts, err := tx.Accounts(ctx)
	if err != nil {
		return err
	}
	content := examine(order.Data, by.Partner, accounts)
	order.MessageID, order.Payments, order.Total = content.messageID, content.payments, content.total
	if content.reason != "" {
		order.State, order.Reason = books.Invalid, content.reason
		if err := tx.AddOrder(ctx, *order); err != nil {
			return err
		}
		return b.final(ctx, tx, *order, hac.FinalNegative, content.reason, content.lines...)
	}
	order.Accounts, order.Holders = content.accounts, content.holders
	// The submitter's own signature counts if the submitter may sign; a
	// transport user's does not, so the order waits.
	signer := veu.Signer{Subscriber: by, Class: user.Class}
	complete, refused := veu.Sign(order.Holders, nil, signer)
	if refused == nil {
		order.Signatures = []books.Signature{{Signer: signer, At: order.Received}}
	}
	if err := tx.AddOrder(ctx, *order); err != nil {
		return err
	}
	if complete {
		return b.accept(ctx, tx, order)
	}
	return b.event(ctx, tx, *order, hac.VEUForwarding, "DS06", by)
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
