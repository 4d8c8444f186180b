// Package server is the bank's side of EBICS 2.4, 2.5 and 3.0 (H003, H004, H005,
// all on one address) on the wire: it parses and verifies requests, keeps
// transactions, decrypts uploads and encrypts downloads, and signs answers. What a
// bank allows and does with orders is the Bank's.
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
	// Keys are the bank's current keys. If they have no certificates, H005 shows them
	// in self-signed ones that the server makes, always the same for the same key.
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

// KeyChanger is an optional ability of a Bank: PUB, HCA and HCS. Without it they
// are unsupported order types (091006).
type KeyChanger interface {
	// ChangeKeys replaces the keys that are not nil, at once and together. The order
	// was rightly signed with the subscriber's old signature key.
	ChangeKeys(ctx context.Context, s ebics.Subscriber, c KeyChange) (ebics.ReturnCode, error)
}

// KeyChange is what PUB, HCA or HCS sends.
type KeyChange struct {
	Order                                 ebics.OrderType
	Signature, Authentication, Encryption *ebics.PublicKey
}

// CertificateTaker is an optional ability of a Bank: H3K. Without it H3K is an
// unsupported order type (091006).
type CertificateTaker interface {
	// StoreCertificates takes all three keys of a subscriber in certificates that
	// are in order but for their issuer, which the bank judges (091214).
	StoreCertificates(ctx context.Context, s ebics.Subscriber, signature, authentication, encryption ebics.PublicKey) (ebics.ReturnCode, error)
}

// Suspender is an optional ability of a Bank: SPR. Without it SPR is an unsupported
// order type (091006).
type Suspender interface {
	// Suspend ends the subscriber's access; the order was rightly signed.
	Suspend(ctx context.Context, s ebics.Subscriber) (ebics.ReturnCode, error)
}

// OrderHeader is what an initialisation says about its order.
type OrderHeader struct {
	Version ebics.Version
	// Type is the order type; in H005 the administrative one, which is BTU or BTD if
	// Service says more.
	Type ebics.OrderType
	// Attribute is OZHNN or DZHNN. H005 has none: it is OZHNN for an upload with a
	// SignatureFlag, which is where the order's signatures count, else DZHNN.
	Attribute string
	Segments  int // of an upload
	// OrderID is the customer's own, of uploads in H003 only: the bank uses it, or
	// answers 091115.
	OrderID ebics.OrderID

	Service        *ebics.BTF          // H005
	Signature      ebics.SignatureFlag // of BTU
	FileFormat     *ebics.FileFormat   // of FUL and FDL
	FileName       string
	Parameters     []ebics.Parameter
	AdditionalInfo string // H005

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
	// DigestNamed says in H005 that DataDigest of the initialisation is Digest. Some
	// clients send others; Options.Strict refuses them.
	DigestNamed bool
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
