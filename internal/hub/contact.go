package hub

import (
	"log/slog"
	"time"
)

// Secret is bytes that must not be printed: every way of printing it shows [redacted].
type Secret []byte

const redacted = "[redacted]"

// String hides the secret.
func (Secret) String() string { return redacted }

// GoString hides the secret.
func (Secret) GoString() string { return redacted }

// LogValue hides the secret.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Bank is a bank's EBICS server as the operator set it up.
type Bank struct {
	ID      BankID
	Name    string
	URL     string // https, or http on loopback only
	HostID  string
	CA      string // PEM of the authority that signed the server's certificate; "" means the system's
	Profile BankProfile
	Created time.Time
}

// BankProfile is what differs from bank to bank. Zero values are the defaults named at each field.
type BankProfile struct {
	UploadAttribute    string   `json:"uploadAttribute,omitempty"`    // H004 order attribute of payment uploads; "" = OZHNN: the order waits in the VEU
	ProtocolOrder      string   `json:"protocolOrder,omitempty"`      // customer protocol; "" = HAC
	StatusOrders       []string `json:"statusOrders,omitempty"`       // pain.002 order types; empty = CRZ; ["-"] = the bank has none
	StatementOrders    []string `json:"statementOrders,omitempty"`    // statement order types; empty = C53
	ConfirmingStatuses []string `json:"confirmingStatuses,omitempty"` // ISO statuses beyond ACSC and ACCC that this bank means as final (ACCP, ACSP, ACWC)
}

// Attribute returns the order attribute of payment uploads.
func (p BankProfile) Attribute() string {
	if p.UploadAttribute == "" {
		return "OZHNN"
	}
	return p.UploadAttribute
}

// Protocol returns the order type of the customer protocol.
func (p BankProfile) Protocol() string {
	if p.ProtocolOrder == "" {
		return "HAC"
	}
	return p.ProtocolOrder
}

// Statuses returns the order types that deliver payment status reports.
func (p BankProfile) Statuses() []string {
	switch {
	case len(p.StatusOrders) == 0:
		return []string{"CRZ"}
	case p.StatusOrders[0] == "-":
		return nil
	}
	return p.StatusOrders
}

// Statements returns the order types that deliver statements.
func (p BankProfile) Statements() []string {
	if len(p.StatementOrders) == 0 {
		return []string{"C53"}
	}
	return p.StatementOrders
}

// ContactState tells how far the key ceremony with the bank has come, and who acts next.
type ContactState string

// The states of a contact.
const (
	ContactNew         ContactState = "new"          // keys made; we send INI and HIA
	ContactInitialised ContactState = "initialised"  // INI and HIA are in; a person sends the letter, the bank activates
	ContactKeysFetched ContactState = "keys_fetched" // HPB answered; a person compares the bank's key hashes
	ContactReady       ContactState = "ready"        // orders may be sent and fetched
)

// Contact is one subscriber of a bank: partner, user and keys. It belongs to the operator (service bureau) or to one tenant.
type Contact struct {
	ID        ContactID
	Owner     Owner
	Bank      BankID
	PartnerID string
	UserID    string
	State     ContactState
	Keys      Secret // the subscriber's key pairs as ebics.SubscriberKeys marshals them
	BankKeys  []byte // the bank's public keys as ebics.BankPublicKeys marshals them; nil before HPB
	Created   time.Time
	Updated   time.Time
}

// PollKind says what a bank is asked for, each with an interval of its own.
type PollKind string

// The kinds of poll.
const (
	PollProtocol  PollKind = "protocol"  // HAC
	PollStatus    PollKind = "status"    // pain.002
	PollStatement PollKind = "statement" // camt
)

// Poll is when a contact asks its bank for an order type next.
type Poll struct {
	Contact    ContactID
	OrderType  string
	Kind       PollKind
	Next       time.Time
	Last       time.Time
	LastResult string // "data", "nothing", or a coded failure; every run has one
}
