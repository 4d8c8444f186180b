package bank

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// decide carries out release, reject or cancel on a waiting order.
func (b *bank) decide(ctx context.Context, partner ebics.PartnerID, id ebics.OrderID, action string, signer signerRequest) (order books.Order, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		var found bool
		if order, found, err = tx.Order(ctx, partner, id); err != nil {
			return err
		}
		if !found {
			return &controlError{http.StatusNotFound, ebics.OrderIDUnknown, fmt.Sprintf("partner %s has no order %s", partner, id)}
		}
		if order.State != books.Waiting {
			return &controlError{http.StatusConflict, ebics.OrderIDUnknown, fmt.Sprintf("order %s does not wait for signatures: it is %s", id, order.State)}
		}
		var user books.User
		if action != "reject" || signer.UserID != "" { // the bank itself may reject
			if user, err = findSigner(ctx, tx, order, signer); err != nil {
				return err
			}
		}
		switch action {
		case "release":
			err = b.release(ctx, tx, &order, user)
		case "cancel":
			err = b.cancel(ctx, tx, &order, user)
		case "reject":
			err = b.reject(ctx, tx, &order)
		default:
			return &controlError{http.StatusNotFound, "", "an order can be released, rejected or cancelled"}
		}
		if err != nil {
			return err
		}
		order, _, err = tx.Order(ctx, partner, id) // as it is now
		return err
	})
	return order, err
}

// findSigner finds the user who acts. Without a partner the user id must be
// unique among the order's partner and the holders of its accounts.
func findSigner(ctx context.Context, tx *books.Tx, order books.Order, r signerRequest) (books.User, error) {
	users, err := tx.Users(ctx)
	if err != nil {
		return books.User{}, err
	}
	var candidates []books.User
	for _, u := range users {
		if string(u.User) != r.UserID {
			continue
		}
		near := u.Partner == order.Partner || slices.Contains(order.Holders, u.Partner)
		if r.PartnerID == "" && near || r.PartnerID == string(u.Partner) {
			candidates = append(candidates, u)
		}
	}
	switch len(candidates) {
	case 1:
		return candidates[0], nil
	case 0:
		return books.User{}, &controlError{http.StatusNotFound, ebics.SignerUnknown, fmt.Sprintf("no user %.35q belongs to the order's partner or to a holder of its accounts", r.UserID)}
	}
	return books.User{}, &controlError{http.StatusBadRequest, "", fmt.Sprintf("several partners have a user %.35q: name the partnerId too", r.UserID)}
}

// release adds a signature by the rule of package veu.
func (b *bank) release(ctx context.Context, tx *books.Tx, order *books.Order, user books.User) error {
	done := make([]veu.Signer, len(order.Signatures))
	for i, s := range order.Signatures {
		done[i] = s.Signer
	}
	signer := veu.Signer{Subscriber: user.Subscriber, Class: user.Class}
	complete, err := veu.Sign(order.Holders, done, signer)
	if err != nil {
		return err
	}
	if err := tx.AddSignature(ctx, order.Partner, order.ID, books.Signature{Signer: signer, At: b.now()}); err != nil {
		return err
	}
	if err := b.event(ctx, tx, *order, hac.VEUVerification, "DS01", user.Subscriber); err != nil || !complete {
		return err
	}
	if err := b.event(ctx, tx, *order, hac.VEUVerificationEnd, "DS05", user.Subscriber); err != nil {
		return err
	}
	return b.accept(ctx, tx, order)
}

// cancel is the customer's: users of the holders, save transport users, and the
// user who submitted the order.
func (b *bank) cancel(ctx context.Context, tx *books.Tx, order *books.Order, user books.User) error {
	submitter := user.Partner == order.Partner && user.User == order.User
	if !submitter && (user.Class == veu.Transport || !slices.Contains(order.Holders, user.Partner)) {
		return &controlError{http.StatusConflict, ebics.AuthorisationOrderTypeFailed, fmt.Sprintf("user %s may not cancel this order", user.User)}
	}
	if err := tx.MoveOrder(ctx, order.Partner, order.ID, books.Cancelled, "DS02"); err != nil {
		return err
	}
	return b.event(ctx, tx, *order, hac.VEUCancelOrder, "DS02", user.Subscriber)
}

// reject is the bank's own decision.
func (b *bank) reject(ctx context.Context, tx *books.Tx, order *books.Order) error {
	if err := tx.MoveOrder(ctx, order.Partner, order.ID, books.Rejected, "DS04"); err != nil {
		return err
	}
	return b.final(ctx, tx, *order, hac.FinalNegative, "DS04")
}
