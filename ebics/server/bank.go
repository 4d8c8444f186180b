// Package server is the bank's side of EBICS 2.5 (H004) on the wire: it parses
// and verifies requests, keeps transactions, decrypts uploads and encrypts
// downloads, and signs answers. What a bank allows and does with orders is the
// Bank's.
package server

import (
	"context"
	"io"
	"time"

	"kontor/ebics"
)

// Bank decides and keeps. Its methods are called concurrently. A ReturnCode is
// the bank's answer, placed into header or body by the server; an error means
// that the bank could not decide: it is logged and answered with 061099.
type Bank interface { //nolint:interfacebloat // one method per decision of a bank; it has one implementation and one fake
	// HostID is the one host this bank answers for.
	HostID() ebics.HostID
	// Keys are the bank's current keys.
	Keys() ebics.BankKeys
	// Subscriber tells what is known about a subscriber.
	Subscriber(ctx context.Context, s ebics.Subscriber) (SubscriberState, error)
	// StoreSignatureKey takes the key of an INI, which nothing authenticates.
	StoreSignatureKey(ctx context.Context, s ebics.Subscriber, key ebics.PublicKey) (ebics.ReturnCode, error)
	// StoreKeys takes the keys of an HIA, which nothing authenticates.
	StoreKeys(ctx context.Context, s ebics.Subscriber, authentication, encryption ebics.PublicKey) (ebics.ReturnCode, error)
	// UseNonce records a nonce and says whether it is new; at is the request's
	// own time. It must remember nonces for at least twice Window.
	UseNonce(ctx context.Context, s ebics.Subscriber, nonce string, at time.Time) (fresh bool, err error)
	// BeginUpload decides whether the subscriber may upload this and assigns the
	// order id. With ebics.OK the transaction has begun.
	BeginUpload(ctx context.Context, s ebics.Subscriber, h OrderHeader) (ebics.OrderID, ebics.ReturnCode, error)
	// FinishUpload takes a completely received order, exactly once per transaction.
	FinishUpload(ctx context.Context, u Upload) (ebics.ReturnCode, error)
	// AbortUpload is told of a transaction that will never finish; reason is for
	// a log. After a restart of the server it is told nothing.
	AbortUpload(ctx context.Context, transactionID, reason string) error
	// Download gives the order data, or a code such as NoDownloadDataAvailable.
	Download(ctx context.Context, s ebics.Subscriber, h OrderHeader) (Download, ebics.ReturnCode, error)
	// Receipt tells what the subscriber made of a download.
	Receipt(ctx context.Context, s ebics.Subscriber, token string, processed bool) error
}

// SegmentLog is an optional ability of a Bank: it is told of every segment of an
// upload that was accepted and is not the last. Its error is only logged.
type SegmentLog interface {
	SegmentAccepted(ctx context.Context, transactionID string, number int) error
}

// RequestLog is an optional ability of a Bank: it is told of every answered
// request that belongs to no transaction and that the bank itself was not asked
// about, or could not decide. These are HPB, what is refused before
// StoreSignatureKey, StoreKeys, BeginUpload or Download, and segments and
// receipts of unknown transactions or with a wrong signature. Its error is only
// logged.
type RequestLog interface {
	RequestAnswered(ctx context.Context, r AnsweredRequest) error
}

// DownloadLog is an optional ability of a Bank: it is told of a download that
// Download has given and that will never get its receipt. Its error is only
// logged. After a restart of the server it is told nothing.
type DownloadLog interface {
	// AbortDownload gets the token of Download. Code is the answer that ended
	// the transaction, or "" if it timed out; reason is for a log.
	AbortDownload(ctx context.Context, token string, code ebics.ReturnCode, reason string) error
}

// AnsweredRequest is what a request says about itself, mostly without proof,
// and how it was answered. What it does not say, or not readably, is empty.
type AnsweredRequest struct {
	Subscriber    ebics.Subscriber
	TransactionID string // of a segment or receipt
	Phase         string // Initialisation, Transfer or Receipt; of ebicsRequest only
	Type          ebics.OrderType
	Attribute     string // known only if the signature was right
	Technical     ebics.ReturnCode
	Business      ebics.ReturnCode
}

// SubscriberState is what a bank knows about a subscriber.
type SubscriberState struct {
	Known bool
	Ready bool // both INI and HIA are in, and the letters were checked
	// Keys that are in, or nil.
	Signature, Authentication, Encryption *ebics.PublicKey
}

// OrderHeader is what an initialisation says about its order.
type OrderHeader struct {
	Type      ebics.OrderType
	Attribute string // OZHNN or DZHNN
	Segments  int    // of an upload
	// TransactionID is set on uploads: 32 hexadecimal digits.
	TransactionID string
	// From and To are the period of a download ("2006-01-02"), or empty for what
	// is new.
	From, To string
}

// Upload is a completely received order.
type Upload struct {
	TransactionID string
	Subscriber    ebics.Subscriber
	Order         OrderHeader
	OrderID       ebics.OrderID
	// Open reads the order data from its beginning, as the client sent it. It
	// decrypts and inflates on the way, so that an order of any size takes no more
	// memory than what was received; what it yields was read through once before.
	Open       func() io.Reader
	Signatures []Signature
	// SignatureValid says that the submitter's own order signature (A005 or
	// A006) is among Signatures and fits the data.
	SignatureValid bool
	// Digest is the SHA-256 that was signed: of the data without CR, LF and
	// Ctrl-Z, or of all of it if only that fits the signature.
	Digest [32]byte
}

// Signature is one order signature of an upload.
type Signature struct {
	Version string // A005 or A006
	Partner ebics.PartnerID
	User    ebics.UserID
	Value   []byte
}

// Download is order data for a subscriber. Token comes back with the receipt.
type Download struct {
	Data  []byte
	Token string
}
