package hub

import (
	"time"

	"kontor/finding"
)

// DocumentKind is the group under which the compatible API offers a document.
type DocumentKind string

// The kinds of documents.
const (
	DocumentCamt DocumentKind = "camt"
)

// Document is a file that a bank delivered for one account of a tenant.
type Document struct {
	ID        DocumentID
	Tenant    TenantID
	Account   AccountID
	Kind      DocumentKind
	Format    string // camt.052, camt.053, camt.054
	Created   time.Time
	Retrieved time.Time // zero = new: not acknowledged yet
	Detail    DocumentDetail
}

// DocumentDetail is the sealed part of a Document.
type DocumentDetail struct {
	IBAN        string `json:"iban"`
	FileName    string `json:"fileName"` // the bank's own name: that of the ZIP entry
	StatementID string `json:"statementId,omitempty"`
	EntryCount  int    `json:"entryCount"`
	OrderType   string `json:"orderType,omitempty"`

	FindingCount int               `json:"findingCount,omitempty"` // what was found to be wrong with it
	Findings     []finding.Finding `json:"findings,omitempty"`     // the first of them; line and column are those in the message as the bank sent it
}

// DocumentFilter selects documents of one tenant.
type DocumentFilter struct {
	Kind    DocumentKind
	OnlyNew bool
	Account AccountID // "" = all
	From    time.Time // made available at or after; zero = unbounded
	Until   time.Time // made available before; zero = unbounded
}

// DownloadState says what has been done with a bank's delivery.
type DownloadState string

// The states of a download.
const (
	DownloadStored    DownloadState = "stored"    // durable here; the bank has, or has not yet, its receipt
	DownloadIndexed   DownloadState = "indexed"   // split to its owners
	DownloadUndecoded DownloadState = "undecoded" // could not be read; kept for a person
)

// Download is one delivery of a bank, kept raw under the contact's owner.
type Download struct {
	ID        DownloadID
	Contact   ContactID
	Owner     Owner
	OrderType string
	Kind      PollKind
	Body      BodyID
	State     DownloadState
	Receipted bool
	Created   time.Time
}

// Quarantined is a part of a delivery that belongs to no known account or order: it waits for the operator.
type Quarantined struct {
	ID       string
	Owner    Owner
	Contact  ContactID
	Download DownloadID
	Body     BodyID
	Reason   string // coded: unknown_account, unknown_order, ambiguous_message, ambiguous_payment, unreadable
	Created  time.Time
	Detail   QuarantineDetail
}

// QuarantineDetail is the sealed part of a Quarantined.
type QuarantineDetail struct {
	IBAN     string `json:"iban,omitempty"`
	FileName string `json:"fileName,omitempty"`
	Key      string `json:"key,omitempty"`      // order id or message id that did not match
	Executed bool   `json:"executed,omitempty"` // a status report that says that something is executed
}
