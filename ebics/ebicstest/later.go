package ebicstest

import (
	"bytes"
	"context"
	"slices"

	"kontor/ebics"
	"kontor/ebics/server"
	"kontor/ebics/veu"
)

// Waiting is an order in the bank's VEU folder.
type Waiting struct {
	veu.Order
	Data         []byte
	Transactions []veu.Transaction
}

// Put puts an order into the VEU folder; its digest is taken from its data. Any
// subscriber sees it, and one signature takes it out.
func (b *Bank) Put(w Waiting) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, w)
}

// Decided returns what was signed (HVE) and cancelled (HVS) in the VEU.
func (b *Bank) Decided() (signed, cancelled []server.VEUSignature) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.signed), slices.Clone(b.cancelled)
}

// find returns the place of an order, or -1; the caller holds the lock.
func (b *Bank) find(r veu.Reference) int {
	return slices.IndexFunc(b.waiting, func(w Waiting) bool { return w.OrderID == r.OrderID && w.Partner == r.Partner })
}

// Waiting implements server.VEU, as the following methods do.
func (b *Bank) Waiting(_ context.Context, _ ebics.Subscriber, f veu.Filter) ([]veu.Order, ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var orders []veu.Order
	for _, w := range b.waiting {
		if len(f.Types) == 0 || slices.Contains(f.Types, w.Type) {
			orders = append(orders, w.Order)
		}
	}
	return orders, ebics.OK, nil
}

// Details tells the digest, and the id as what is displayed.
func (b *Bank) Details(_ context.Context, _ ebics.Subscriber, r veu.Reference) (veu.Details, ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(r)
	if i < 0 {
		return veu.Details{}, ebics.OrderIDUnknown, nil
	}
	o := b.waiting[i].Order
	return veu.Details{
		Digest: o.Digest, SignatureVersion: o.SignatureVersion, Display: []byte("order " + o.OrderID), DataAvailable: true,
		DataSize: o.DataSize, DetailsAvailable: true, Signers: o.Signers,
	}, ebics.OK, nil
}

// Transactions gives the window of what was put.
func (b *Bank) Transactions(_ context.Context, _ ebics.Subscriber, r veu.Reference, w veu.Window) (veu.Transactions, ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(r)
	if i < 0 {
		return veu.Transactions{}, ebics.OrderIDUnknown, nil
	}
	all := b.waiting[i].Transactions
	from := min(w.Offset, len(all))
	to := len(all)
	if w.Limit > 0 {
		to = min(from+w.Limit, to)
	}
	return veu.Transactions{Total: len(all), List: all[from:to]}, ebics.OK, nil
}

// File gives the order data.
func (b *Bank) File(_ context.Context, _ ebics.Subscriber, r veu.Reference) ([]byte, ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(r)
	if i < 0 {
		return nil, ebics.OrderIDUnknown, nil
	}
	return b.waiting[i].Data, ebics.OK, nil
}

// Sign takes an order out of the folder if the signature is right.
func (b *Bank) Sign(_ context.Context, s server.VEUSignature) (ebics.ReturnCode, error) {
	return b.decide(s, &b.signed)
}

// Cancel is as Sign.
func (b *Bank) Cancel(_ context.Context, s server.VEUSignature) (ebics.ReturnCode, error) {
	return b.decide(s, &b.cancelled)
}

func (b *Bank) decide(s server.VEUSignature, to *[]server.VEUSignature) (ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := b.find(s.Reference)
	if i < 0 {
		return ebics.OrderIDUnknown, nil
	}
	digest, err := digestOf(b.waiting[i].Data)
	if err != nil {
		return "", err
	}
	if !s.Verify(digest) {
		return ebics.SignatureVerificationFailed, nil
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	*to = append(*to, s)
	return ebics.OK, nil
}

// ChangeKeys implements server.KeyChanger.
func (b *Bank) ChangeKeys(_ context.Context, s ebics.Subscriber, c server.KeyChange) (ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.subscribers[s]
	if c.Signature != nil {
		state.Signature = c.Signature
	}
	if c.Authentication != nil {
		state.Authentication = c.Authentication
	}
	if c.Encryption != nil {
		state.Encryption = c.Encryption
	}
	b.subscribers[s] = state
	return ebics.OK, nil
}

// StoreCertificates implements server.CertificateTaker: the subscriber is ready at
// once. Whoever issued the certificates is trusted.
func (b *Bank) StoreCertificates(_ context.Context, s ebics.Subscriber, signature, authentication, encryption ebics.PublicKey) (ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscribers[s].Known {
		return ebics.InvalidUserOrUserState, nil
	}
	b.subscribers[s] = server.SubscriberState{Known: true, Ready: true, Signature: &signature, Authentication: &authentication, Encryption: &encryption}
	return ebics.OK, nil
}

func digestOf(data []byte) ([32]byte, error) { return veu.Digest(bytes.NewReader(data)) }
