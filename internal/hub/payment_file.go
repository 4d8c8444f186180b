package hub

import (
	"time"

	"kontor/finding"
	"kontor/money"
)

// PaymentFile is one file of payments on its way to a bank. Fields marked sealed are encrypted with the tenant's key at rest.
type PaymentFile struct {
	ID        FileID
	Tenant    TenantID
	Contact   ContactID // "" when the file was rejected before its contact was known
	Key       KeyID     // the API key that brought it
	State     State
	Format    string // message version, e.g. pain.001.001.09
	OrderType string // EBICS order type, e.g. CCT
	Count     int    // payments found
	Currency  string // of the payments; "" when mixed or none
	Created   time.Time
	Updated   time.Time
	Uploaded  time.Time // zero until the bank has it
	Detail    FileDetail
}

// DirectDebit says whether the file collects money: the creditor accounts are the tenant's then, not the debtor accounts.
func (f PaymentFile) DirectDebit() bool {
	return f.OrderType == OrderDirectDebitCore || f.OrderType == OrderDirectDebitB2B
}

// FileDetail is the sealed part of a PaymentFile.
type FileDetail struct {
	MessageID             string            `json:"messageId,omitempty"`
	FileName              string            `json:"fileName,omitempty"`
	ControlSum            string            `json:"controlSum,omitempty"` // as counted
	Findings              []finding.Finding `json:"findings,omitempty"`
	DuplicateOf           FileID            `json:"duplicateOf,omitempty"` // the first submission of the same bytes
	OrderID               string            `json:"orderId,omitempty"`     // of the EBICS order
	ReasonCode            string            `json:"reasonCode,omitempty"`
	Reason                string            `json:"reason,omitempty"`
	AdditionalInformation string            `json:"additionalInformation,omitempty"`
}

// PageSize is how many payments one sealed page of the index holds.
const PageSize = 256

// Payment is one payment of a file, as indexed. All of it is sealed.
type Payment struct {
	Ordinal              int          `json:"n"` // 0-based in the file
	PaymentInformationID string       `json:"pmtInfId,omitempty"`
	InstructionID        string       `json:"instrId,omitempty"`
	EndToEndID           string       `json:"e2e,omitempty"`
	Amount               money.Amount `json:"amount"`
	Debtor               string       `json:"dbtr,omitempty"` // of a direct debit
	DebtorAccount        string       `json:"dbtrAcct,omitempty"`
	Creditor             string       `json:"cdtr,omitempty"`
	CreditorAccount      string       `json:"cdtrAcct,omitempty"`
	Remittance           string       `json:"rmtInf,omitempty"`
	MandateID            string       `json:"mndtId,omitempty"` // of a direct debit
	Offset               int64        `json:"at"`               // of the transaction's element in the body
	Length               int64        `json:"len"`
	BankStatus           string       `json:"bankStatus,omitempty"` // the bank's last ISO status of this payment
	BankReason           string       `json:"bankReason,omitempty"` // the bank's ISO reason code
}

// Event is one step in the life of a payment file or document: when, who, what changed, and the bytes it rests on.
type Event struct {
	ID       string
	Tenant   TenantID
	Subject  string // FileID or DocumentID
	At       time.Time
	Actor    Actor
	Name     string // of the transition, or "receive", "reject", "retrieve"
	From, To State  // "" where no state changed
	Evidence BodyID // the tenant's body that shows it; "" if none
	Detail   EventDetail
}

// EventDetail is the sealed part of an Event.
type EventDetail struct {
	OrderID               string `json:"orderId,omitempty"`
	Action                string `json:"action,omitempty"` // HAC action
	ReasonCode            string `json:"reasonCode,omitempty"`
	Reason                string `json:"reason,omitempty"`
	AdditionalInformation string `json:"additionalInformation,omitempty"`
}
