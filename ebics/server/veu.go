package server

import (
	"context"

	"kontor/ebics"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/veu"
)

// VEU is an optional ability of a Bank: the distributed electronic signature.
// Without it its order types are unsupported (091006). Which orders a subscriber
// sees, and who may sign, is the bank's rule; 091007 answers who may not look,
// 090003 who may not sign, 091114 an order that is not there.
type VEU interface {
	// Waiting lists the orders that the subscriber may see (HVU and HVZ, which tells
	// also what is marked with Detailed). None is answered with 090005.
	Waiting(ctx context.Context, s ebics.Subscriber, filter veu.Filter) ([]veu.Order, ebics.ReturnCode, error)
	// Details tells the state of one order (HVD).
	Details(ctx context.Context, s ebics.Subscriber, r veu.Reference) (veu.Details, ebics.ReturnCode, error)
	// Transactions lists payments of one order (HVT); Limit 0 is all.
	Transactions(ctx context.Context, s ebics.Subscriber, r veu.Reference, w veu.Window) (veu.Transactions, ebics.ReturnCode, error)
	// File gives the order data as it was submitted (HVT with completeOrderData).
	File(ctx context.Context, s ebics.Subscriber, r veu.Reference) ([]byte, ebics.ReturnCode, error)
	// Sign adds a signature to an order (HVE). The bank calls Verify with the
	// digest of the order that it has, before it counts the signature.
	Sign(ctx context.Context, s VEUSignature) (ebics.ReturnCode, error)
	// Cancel takes an order out of the VEU (HVS); as Sign.
	Cancel(ctx context.Context, s VEUSignature) (ebics.ReturnCode, error)
}

// VEUSignature is a signature on an order that waits.
type VEUSignature struct {
	Subscriber ebics.Subscriber
	Reference  veu.Reference
	Signature  Signature
	// Verify says whether it is the subscriber's signature on an order of this
	// digest.
	Verify func(digest [32]byte) bool
}

// waits says whether an order type fetches something from the VEU.
func waits(t ebics.OrderType) bool {
	switch t {
	case ebics.HVU, ebics.HVZ, ebics.HVD, ebics.HVT:
		return true
	}
	return false
}

// veuDownload asks the bank and writes the answer in the words of the version.
func (s *Server) veuDownload(ctx context.Context, r envelope.Request) (Download, ebics.ReturnCode, error) {
	var none Download
	bank, able := s.bank.(VEU)
	if !able {
		return none, ebics.UnsupportedOrderType, nil
	}
	who, params := r.Order.Subscriber, r.Order.Params
	if r.Order.Type == ebics.HVU || r.Order.Type == ebics.HVZ {
		var filter veu.Filter
		if params.Filter != nil {
			filter = *params.Filter
		}
		orders, code, err := bank.Waiting(ctx, who, filter)
		if err != nil || code != ebics.OK {
			return none, code, err
		}
		if len(orders) == 0 {
			return none, ebics.NoDownloadDataAvailable, nil
		}
		data, err := veu.WriteOrders(r.Version, r.Order.Type, orders)
		return Download{Data: data}, ebics.OK, err
	}
	if params.Reference == nil || (r.Order.Type == ebics.HVT) != (params.Window != nil) {
		return none, ebics.InvalidOrderParams, nil
	}
	if r.Order.Type == ebics.HVD {
		details, code, err := bank.Details(ctx, who, *params.Reference)
		if err != nil || code != ebics.OK {
			return none, code, err
		}
		data, err := veu.WriteDetails(r.Version, details)
		return Download{Data: data}, ebics.OK, err
	}
	if params.Window.Complete {
		data, code, err := bank.File(ctx, who, *params.Reference)
		return Download{Data: data}, code, err
	}
	transactions, code, err := bank.Transactions(ctx, who, *params.Reference, *params.Window)
	if err != nil || code != ebics.OK {
		return none, code, err
	}
	data, err := veu.WriteTransactions(r.Version, transactions)
	return Download{Data: data}, ebics.OK, err
}

// signaturesOnly answers an order that is nothing but a signature: HVE, HVS, SPR.
// It begins and ends with its initialisation.
func (s *Server) signaturesOnly(ctx context.Context, x *exchange, r envelope.Request, state SubscriberState) ([]byte, error) {
	code := s.takeSignature(ctx, x, r, state)
	return s.respond(x, envelope.Response{Phase: envelope.Initialisation}, code)
}

func (s *Server) takeSignature(ctx context.Context, x *exchange, r envelope.Request, state SubscriberState) ebics.ReturnCode {
	bank, veuAble := s.bank.(VEU)
	suspender, sprAble := s.bank.(Suspender)
	switch r.Order.Type {
	case ebics.HVE, ebics.HVS:
		if !veuAble {
			return ebics.UnsupportedOrderType
		}
		if r.Order.Reference == nil {
			return ebics.InvalidOrderParams
		}
	case ebics.SPR:
		if !sprAble {
			return ebics.UnsupportedOrderType
		}
	default:
		return ebics.UnsupportedOrderType
	}
	if r.Version.Classic() && r.Order.Attribute != ebics.AttributeSigned {
		return ebics.IncompatibleOrderAttribute
	}
	x.attribute = ebics.AttributeSigned
	_, signatures, code := s.openSignatures(r)
	if code != ebics.OK {
		return code
	}
	if len(signatures) != 1 || signatures[0].Subscriber != r.Order.Subscriber {
		return ebics.InvalidSignatureFileFormat
	}
	own := signatures[0]
	verify := func(digest [32]byte) bool {
		return own.Version == state.Signature.Version && crypto.VerifyOrder(own.Version, state.Signature.Key, digest, own.Value) == nil
	}
	signature := VEUSignature{Subscriber: own.Subscriber, Verify: verify, Signature: Signature{
		Version: own.Version, Partner: own.Subscriber.Partner, User: own.Subscriber.User, Value: own.Value,
	}}
	if r.Order.Reference != nil {
		signature.Reference = *r.Order.Reference
	}
	var err error
	ctx = context.WithoutCancel(ctx)
	switch r.Order.Type {
	case ebics.HVE:
		code, err = bank.Sign(ctx, signature)
	case ebics.HVS:
		code, err = bank.Cancel(ctx, signature)
	default: // SPR signs one blank
		hash := crypto.NewOrderHash()
		_, _ = hash.Write([]byte{' '}) // never fails
		if !verify(hash.Normalised()) && !verify(hash.Raw()) {
			return ebics.SignatureVerificationFailed
		}
		code, err = suspender.Suspend(ctx, own.Subscriber)
	}
	if err != nil {
		return x.failed(err)
	}
	x.told = true
	return code
}
