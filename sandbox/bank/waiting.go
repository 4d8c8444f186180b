package bank

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/ebics/server"
	wire "kontor/ebics/veu"
	"kontor/iso20022/pain"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
	"kontor/xmlscan"
)

// sees says whether a user may look at an order that waits: users of the holders of
// its accounts, and of the partner who submitted it.
func sees(o books.Order, s ebics.Subscriber) bool {
	return o.State == books.Waiting && (s.Partner == o.Partner || slices.Contains(o.Holders, s.Partner))
}

// Waiting implements server.VEU, as the following methods do: HVU and HVZ.
func (b *bank) Waiting(ctx context.Context, s ebics.Subscriber, f wire.Filter) (orders []wire.Order, code ebics.ReturnCode, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		orders = nil
		if code, err = permitted(ctx, tx, s, ebics.HVZ); err != nil || code != ebics.OK {
			return err
		}
		users, err := tx.Users(ctx)
		if err != nil {
			return err
		}
		list, err := tx.Orders(ctx)
		if err != nil {
			return err
		}
		for _, o := range list {
			if !sees(o, s) || !matches(f, o.Type) {
				continue
			}
			full, _, err := tx.Order(ctx, o.Partner, o.ID) // with its data, for the digest
			if err != nil {
				return err
			}
			one, err := waitingOrder(full, s, users)
			if err != nil {
				return err
			}
			orders = append(orders, one)
		}
		return nil
	})
	return orders, code, err
}

// matches says whether a filter lets an order type through. A filter of services
// may leave any part out.
func matches(f wire.Filter, t ebics.OrderType) bool {
	if len(f.Types) == 0 && len(f.Services) == 0 {
		return true
	}
	if slices.Contains(f.Types, t) {
		return true
	}
	_, service := serviceOf(t)
	same := func(wanted, has string) bool { return wanted == "" || wanted == has }
	return service != nil && slices.ContainsFunc(f.Services, func(w ebics.BTF) bool {
		return same(w.ServiceName, service.ServiceName) && same(w.Scope, service.Scope) && same(w.Option, service.Option) &&
			same(w.Container, service.Container) && same(w.MsgName, service.MsgName)
	})
}

// waitingOrder is what HVZ says about an order to one user.
func waitingOrder(o books.Order, s ebics.Subscriber, users []books.User) (wire.Order, error) {
	digest, err := wire.Digest(o.Data.Open())
	if err != nil {
		return wire.Order{}, fmt.Errorf("reading order %s: %w", o.ID, err)
	}
	_, service := serviceOf(o.Type)
	submitter := wire.Person{Subscriber: ebics.Subscriber{Partner: o.Partner, User: o.User}, At: o.Received}
	out := wire.Order{
		Reference: wire.Reference{Partner: o.Partner, OrderID: o.ID, Type: o.Type, Service: service}, DataSize: o.Data.Size,
		Originator: submitter, Detailed: true, Digest: digest[:], SignatureVersion: ebics.A006, DataAvailable: true, DetailsAvailable: true,
		Transactions: o.Payments, Total: o.Total, Signing: signing(o, s, users),
	}
	signed := false
	for _, signature := range o.Signatures {
		signed = signed || signature.Subscriber == submitter.Subscriber
		out.Signers = append(out.Signers, wire.Signer{Person: wire.Person{Subscriber: signature.Subscriber, At: signature.At}, Class: string(signature.Class)})
	}
	if !signed { // the transport signature is shown, and does not count
		out.Signers = append([]wire.Signer{{Person: submitter, Class: string(veu.Transport)}}, out.Signers...)
	}
	return out, nil
}

// signing counts by the rule of package veu: a holder with a user of class E needs
// one signature, any other needs two.
func signing(o books.Order, s ebics.Subscriber, users []books.User) wire.Signing {
	out := wire.Signing{Done: len(o.Signatures)}
	for _, holder := range o.Holders {
		need := 2
		for _, u := range users {
			if u.Partner == holder && u.Class == veu.Single {
				need = 1
			}
		}
		out.Required += need
	}
	out.Required = max(out.Required, out.Done+1) // it waits, so one at least is missing
	for _, u := range users {
		if u.Subscriber == s {
			_, err := veu.Sign(o.Holders, signers(o), veu.Signer{Subscriber: s, Class: u.Class})
			out.Ready = err == nil
		}
	}
	return out
}

func signers(o books.Order) []veu.Signer {
	done := make([]veu.Signer, len(o.Signatures))
	for i, s := range o.Signatures {
		done[i] = s.Signer
	}
	return done
}

// look finds an order that a user may look at: 091114 if it does not wait here,
// 091007 if it is none of the user's business.
func (b *bank) look(ctx context.Context, s ebics.Subscriber, r wire.Reference, t ebics.OrderType, use func(books.Order, []books.User) error) (code ebics.ReturnCode, err error) {
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		if code, err = permitted(ctx, tx, s, t); err != nil || code != ebics.OK {
			return err
		}
		o, found, err := tx.Order(ctx, r.Partner, r.OrderID)
		if err != nil {
			return err
		}
		switch {
		case !found || o.State != books.Waiting:
			code = ebics.OrderIDUnknown
			return nil
		case !sees(o, s):
			code = ebics.DistributedSignatureNotAuthorised
			return nil
		}
		users, err := tx.Users(ctx)
		if err != nil {
			return err
		}
		return use(o, users)
	})
	return code, err
}

// Details is HVD.
func (b *bank) Details(ctx context.Context, s ebics.Subscriber, r wire.Reference) (details wire.Details, code ebics.ReturnCode, err error) {
	code, err = b.look(ctx, s, r, ebics.HVD, func(o books.Order, users []books.User) error {
		one, err := waitingOrder(o, s, users)
		details = wire.Details{
			Digest: one.Digest, SignatureVersion: one.SignatureVersion, DataAvailable: true, DataSize: one.DataSize, DetailsAvailable: true, Signers: one.Signers,
			Display: fmt.Appendf(nil, "%s\r\nDatei-ID : %s\r\nAnzahl : %d\r\nSumme : %s\r\n", uploads[o.Type].what, o.MessageID, o.Payments, o.Total),
		}
		return err
	})
	return details, code, err
}

// File is HVT with completeOrderData.
func (b *bank) File(ctx context.Context, s ebics.Subscriber, r wire.Reference) (data []byte, code ebics.ReturnCode, err error) {
	code, err = b.look(ctx, s, r, ebics.HVT, func(o books.Order, _ []books.User) error {
		data, err = io.ReadAll(o.Data.Open())
		return err
	})
	return data, code, err
}

// Transactions is HVT without it: the payments of the window.
func (b *bank) Transactions(ctx context.Context, s ebics.Subscriber, r wire.Reference, w wire.Window) (list wire.Transactions, code ebics.ReturnCode, err error) {
	code, err = b.look(ctx, s, r, ebics.HVT, func(o books.Order, _ []books.User) error {
		list = wire.Transactions{Total: o.Payments}
		number := 0
		_, _, err := pain.Read(o.Data.Open(), pain.Options{Limits: xmlscan.Limits{Bytes: o.Data.Size + 1}}, pain.Visitor{Payment: func(p *pain.Payment) error {
			number++
			if number > w.Offset && (w.Limit == 0 || number <= w.Offset+w.Limit) {
				list.List = append(list.List, transaction(p))
			}
			return nil
		}})
		return err
	})
	if err == nil && code == ebics.OK && len(list.List) == 0 {
		code = ebics.InvalidOrderParams // a window beyond the order
	}
	return list, code, err
}

func transaction(p *pain.Payment) wire.Transaction {
	// The schemas before H005 want a bank with each account.
	const noAgent = "NOTPROVIDED"
	own := wire.Account{Role: "Originator", IBAN: p.Batch.OwnAccount(), Holder: p.Batch.Debtor, BIC: bankBIC}
	other := wire.Account{Role: "Recipient", IBAN: p.CreditorAccount, Holder: p.Creditor, BIC: cmp.Or(p.CreditorAgent, noAgent)}
	collects := p.Batch.Kind == pain.KindDirectDebit
	if collects {
		own.Holder = p.Batch.Creditor
		other.IBAN, other.Holder, other.BIC = p.DebtorAccount, p.Debtor, cmp.Or(p.DebtorAgent, noAgent)
	}
	credit := !collects
	t := wire.Transaction{
		Accounts: []wire.Account{own, other}, Amount: p.Amount.Decimal(), Currency: string(p.Amount.Currency), Credit: &credit,
	}
	if p.Remittance != "" {
		t.Descriptions = []wire.Description{{Type: "Purpose", Text: p.Remittance}}
	}
	return t
}

// Sign is HVE.
func (b *bank) Sign(ctx context.Context, s server.VEUSignature) (ebics.ReturnCode, error) {
	return b.act(ctx, ebics.HVE, s, b.release)
}

// Cancel is HVS.
func (b *bank) Cancel(ctx context.Context, s server.VEUSignature) (ebics.ReturnCode, error) {
	return b.act(ctx, ebics.HVS, s, b.cancel)
}

// act lets a user decide about an order that waits, if the signature is one on
// this order's data. All of it happens, or nothing.
func (b *bank) act(ctx context.Context, t ebics.OrderType, s server.VEUSignature, decide func(context.Context, *books.Tx, *books.Order, books.User) error) (code ebics.ReturnCode, err error) {
	header := server.OrderHeader{Type: t, Attribute: ebics.AttributeSigned}
	var refused error
	err = b.books.Do(ctx, func(tx *books.Tx) error {
		refused = nil
		if code, err = permitted(ctx, tx, s.Subscriber, t); err != nil || code != ebics.OK {
			return err
		}
		order, found, err := tx.Order(ctx, s.Reference.Partner, s.Reference.OrderID)
		if err != nil {
			return err
		}
		user, known, err := tx.User(ctx, s.Subscriber)
		if err != nil {
			return err
		}
		if !found || !known || order.State != books.Waiting {
			code = ebics.OrderIDUnknown
			return nil
		}
		digest, err := wire.Digest(order.Data.Open())
		if err != nil {
			return err
		}
		if !s.Verify(digest) {
			code = ebics.SignatureVerificationFailed
			return b.event(ctx, tx, order, hac.VEUVerification, "DS17", s.Subscriber)
		}
		if refused = decide(ctx, tx, &order, user); refused != nil {
			return refused // what decide wrote is taken back
		}
		return b.logAtOnce(ctx, tx, s.Subscriber, header, code)
	})
	if reason, ok := errors.AsType[*veu.Refusal](refused); ok {
		code, err = reason.Code, nil
	} else if reason, ok := errors.AsType[*controlError](refused); ok {
		code, err = reason.Code, nil
	}
	if err == nil && code != ebics.OK {
		err = b.books.Do(ctx, func(tx *books.Tx) error { return b.logAtOnce(ctx, tx, s.Subscriber, header, code) })
	}
	return code, err
}
