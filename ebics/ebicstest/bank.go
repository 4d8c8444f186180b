// Package ebicstest has a bank for tests of EBICS clients and servers: it keeps
// everything in memory, allows every order of a subscriber it knows, and lets
// the test look at what it got.
package ebicstest

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"kontor/ebics"
	"kontor/ebics/server"
)

// Upload is an order that came in, with its data.
type Upload struct {
	server.Upload
	Data []byte
}

// Bank is a server.Bank in memory. Set its exported fields before use.
type Bank struct {
	Host ebics.HostID
	Own  ebics.BankKeys
	// AutoActivate makes a subscriber ready as soon as INI and HIA are in.
	AutoActivate bool
	// BeginCode and FinishCode, if set, are what uploads are answered with.
	BeginCode, FinishCode ebics.ReturnCode
	// OnFinish, if set, runs while an order is taken, before the answer.
	OnFinish func(server.Upload)
	// AfterSubscriber, if set, runs after each look-up of a subscriber.
	AfterSubscriber func()

	mu          sync.Mutex
	subscribers map[ebics.Subscriber]server.SubscriberState
	nonces      map[string]bool
	downloads   map[string][][]byte // by order type or service
	waiting     []Waiting
	signed      []server.VEUSignature
	cancelled   []server.VEUSignature
	orders      int
	begun       []server.OrderHeader
	uploads     []Upload
	aborted     []string
	receipts    []Receipt
	fetched     []server.OrderHeader
	segments    []int
}

// Receipt is one receipt that came in.
type Receipt struct {
	Token     string
	Processed bool
}

// NewBank returns a bank that knows nobody.
func NewBank(host ebics.HostID, keys ebics.BankKeys) *Bank {
	return &Bank{
		Host: host, Own: keys, subscribers: map[ebics.Subscriber]server.SubscriberState{},
		nonces: map[string]bool{}, downloads: map[string][][]byte{},
	}
}

// Enrol makes a subscriber known and ready with these keys.
func (b *Bank) Enrol(s ebics.Subscriber, keys ebics.SubscriberKeys) {
	signature, authentication, encryption := keys.Signature.Public(), keys.Authentication.Public(), keys.Encryption.Public()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.subscribers[s] = server.SubscriberState{
		Known: true, Ready: true, Signature: &signature, Authentication: &authentication, Encryption: &encryption,
	}
}

// Suspend makes a subscriber not ready; it implements server.Suspender (SPR).
func (b *Bank) Suspend(_ context.Context, s ebics.Subscriber) (ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.subscribers[s]
	state.Ready = false
	b.subscribers[s] = state
	return ebics.OK, nil
}

// Offer adds order data to fetch; each is offered until a receipt takes it away.
func (b *Bank) Offer(t ebics.OrderType, data []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.downloads[string(t)] = append(b.downloads[string(t)], data)
}

// OfferService is Offer for what H005 names by its service.
func (b *Bank) OfferService(f ebics.BTF, data []byte) { b.Offer(ebics.OrderType(f.String()), data) }

// Begun returns the headers of the uploads that were begun.
func (b *Bank) Begun() []server.OrderHeader {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]server.OrderHeader(nil), b.begun...)
}

// Uploads returns the orders that came in completely.
func (b *Bank) Uploads() []Upload {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Upload(nil), b.uploads...)
}

// Aborted returns the ids of the transactions that were given up.
func (b *Bank) Aborted() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.aborted...)
}

// Receipts returns the receipts that came in.
func (b *Bank) Receipts() []Receipt {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Receipt(nil), b.receipts...)
}

// Fetched returns the headers of the downloads that were asked for.
func (b *Bank) Fetched() []server.OrderHeader {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]server.OrderHeader(nil), b.fetched...)
}

// HostID implements server.Bank, as the following methods do.
func (b *Bank) HostID() ebics.HostID { return b.Host }

// Keys returns the bank's own keys.
func (b *Bank) Keys() ebics.BankKeys { return b.Own }

// Subscriber tells what is known.
func (b *Bank) Subscriber(_ context.Context, s ebics.Subscriber) (server.SubscriberState, error) {
	if b.AfterSubscriber != nil {
		defer b.AfterSubscriber()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.subscribers[s], nil
}

// StoreSignatureKey takes the first INI; another is 091002.
func (b *Bank) StoreSignatureKey(_ context.Context, s ebics.Subscriber, key ebics.PublicKey) (ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.subscribers[s]
	if state.Signature != nil {
		return ebics.InvalidUserOrUserState, nil
	}
	state.Known, state.Signature = true, &key
	b.keep(s, state)
	return ebics.OK, nil
}

// StoreKeys takes the first HIA; another is 091002.
func (b *Bank) StoreKeys(_ context.Context, s ebics.Subscriber, authentication, encryption ebics.PublicKey) (ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	state := b.subscribers[s]
	if state.Authentication != nil {
		return ebics.InvalidUserOrUserState, nil
	}
	state.Known, state.Authentication, state.Encryption = true, &authentication, &encryption
	b.keep(s, state)
	return ebics.OK, nil
}

func (b *Bank) keep(s ebics.Subscriber, state server.SubscriberState) {
	state.Ready = b.AutoActivate && state.Signature != nil && state.Authentication != nil
	b.subscribers[s] = state
}

// UseNonce remembers nonces for ever.
func (b *Bank) UseNonce(_ context.Context, s ebics.Subscriber, nonce string, _ time.Time) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := s.String() + " " + nonce
	fresh := !b.nonces[key]
	b.nonces[key] = true
	return fresh, nil
}

// BeginUpload assigns A000, A001 and so on.
func (b *Bank) BeginUpload(_ context.Context, _ ebics.Subscriber, h server.OrderHeader) (ebics.OrderID, ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.BeginCode != "" {
		return "", b.BeginCode, nil
	}
	id := ebics.OrderID(fmt.Sprintf("A%03d", b.orders))
	if h.OrderID != "" { // H003
		id = h.OrderID
	}
	b.orders++
	b.begun = append(b.begun, h)
	return id, ebics.OK, nil
}

// SegmentAccepted implements server.SegmentLog.
func (b *Bank) SegmentAccepted(_ context.Context, _ string, number int) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.segments = append(b.segments, number)
	return nil
}

// Segments returns the numbers of the segments that were accepted before the
// last of their upload.
func (b *Bank) Segments() []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]int(nil), b.segments...)
}

// FinishUpload keeps the order; one with a wrong signature is kept, too, and
// answered with 091301.
func (b *Bank) FinishUpload(_ context.Context, u server.Upload) (ebics.ReturnCode, error) {
	if b.OnFinish != nil {
		b.OnFinish(u)
	}
	data, err := io.ReadAll(u.Open())
	if err != nil {
		return "", err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.uploads = append(b.uploads, Upload{u, data})
	switch {
	case b.FinishCode != "":
		return b.FinishCode, nil
	case !u.SignatureValid:
		return ebics.SignatureVerificationFailed, nil
	}
	return ebics.OK, nil
}

// AbortUpload notes the transaction.
func (b *Bank) AbortUpload(_ context.Context, transactionID, _ string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.aborted = append(b.aborted, transactionID)
	return nil
}

// Download gives the oldest data on offer.
func (b *Bank) Download(_ context.Context, _ ebics.Subscriber, h server.OrderHeader) (server.Download, ebics.ReturnCode, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fetched = append(b.fetched, h)
	key := string(h.Type)
	if h.Service != nil {
		key = h.Service.String()
	}
	offered := b.downloads[key]
	if len(offered) == 0 {
		return server.Download{}, ebics.NoDownloadDataAvailable, nil
	}
	return server.Download{Data: offered[0], Token: key + " " + strconv.Itoa(len(offered))}, ebics.OK, nil
}

// Receipt takes processed data off the offer.
func (b *Bank) Receipt(_ context.Context, _ ebics.Subscriber, token string, processed bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.receipts = append(b.receipts, Receipt{Token: token, Processed: processed})
	key, count, _ := strings.Cut(token, " ")
	if processed && count == strconv.Itoa(len(b.downloads[key])) {
		b.downloads[key] = b.downloads[key][1:]
	}
	return nil
}
