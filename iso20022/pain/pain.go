// Package pain reads, judges and writes payment initiation messages of ISO 20022: the
// credit transfer (pain.001), the direct debit (pain.008) in the versions and national
// forms that Profiles lists, and the payment status report (pain.002).
//
// Read goes through a credit transfer or direct debit once, holds one payment at a
// time, and reports everything that is wrong with it as findings with permanent codes
// (see Catalogue): what its official schema forbids, which package xsd tells, and what
// the rules of a profile say beyond that. The place of every payment in the raw bytes is
// handed out, so that the file itself can stay the only copy of its contents.
package pain

import (
	"fmt"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
	"kontor/xmlscan"
	"kontor/xsd"
)

// Kind says which way the money of a message goes.
type Kind uint8

// The kinds of messages that Read reads. The zero Kind is none: nothing was read.
const (
	KindCreditTransfer Kind = iota + 1 // pain.001: each batch has one debtor, each payment a creditor
	KindDirectDebit                    // pain.008: each batch has one creditor, each payment a debtor
)

// String returns "credit transfer", "direct debit" or "".
func (k Kind) String() string {
	switch k {
	case KindCreditTransfer:
		return "credit transfer"
	case KindDirectDebit:
		return "direct debit"
	}
	return ""
}

// Message is the group header of a credit transfer or direct debit, and what was
// counted in the transactions. Texts are as written.
type Message struct {
	Kind             Kind
	Version          string // as the namespace names it, such as "pain.001.001.09" or "pain.008.001.02.chsdd.02"
	Profile          ProfileID
	Schema           string // name of the schema by which it was judged, such as "pain.001.001.09_GBIC_5"
	MessageID        string // GrpHdr/MsgId
	CreationDateTime string // GrpHdr/CreDtTm
	InitiatingParty  string // GrpHdr/InitgPty/Nm
	DeclaredCount    string // GrpHdr/NbOfTxs
	DeclaredSum      string // GrpHdr/CtrlSum, "" if absent
	Count            int    // transactions read
	Sum              money.Total
	Currencies       []money.Currency // of readable amounts, each once, in order of appearance
}

// Batch is one payment information (PmtInf) without its transactions. It has one own
// account, that of whoever sends the message: the debtor's in a credit transfer, the
// creditor's in a direct debit. Fields of the other kind are "".
type Batch struct {
	Ordinal              int // 0-based over the message
	Kind                 Kind
	PaymentInformationID string
	PaymentMethod        string
	ServiceLevel         string // the first SvcLvl of the PmtInf: code or proprietary; each Payment may have its own
	LocalInstrument      string // of the PmtInf: code or proprietary; "INST" for instant transfers, "CORE" or "B2B" for direct debits; each Payment may have its own
	Currency             string // of the own account (DbtrAcct/Ccy or CdtrAcct/Ccy)
	Count                int    // transactions read
	Sum                  money.Total
	At                   finding.Location // of the PmtInf start tag

	// of a credit transfer
	RequestedExecutionDate string // date, or date and time in .09, as written
	Debtor                 string // Dbtr/Nm
	DebtorAccount          string // IBAN, or another identification, as written
	DebtorAgent            string // BIC, "" if none

	// of a direct debit
	RequestedCollectionDate string // as written; 1999-01-01 asks for the next possible day
	Creditor                string // Cdtr/Nm
	CreditorAccount         string // IBAN, or another identification, as written
	CreditorAgent           string // BIC, "" if none
	CreditorID              string // creditor identifier (CdtrSchmeId) of the PmtInf; each Payment may have its own instead
	SequenceType            string // SeqTp of the PmtInf: "FRST", "RCUR", "FNAL" or "OOFF"; each Payment may have its own
}

// OwnAccount returns the account of whoever sends the message, as written: the
// debtor's of a credit transfer, the creditor's of a direct debit.
func (b *Batch) OwnAccount() string {
	if b.Kind == KindDirectDebit {
		return b.CreditorAccount
	}
	return b.DebtorAccount
}

// RequestedDate returns the day on which the own account is to be moved, as written:
// RequestedExecutionDate or RequestedCollectionDate.
func (b *Batch) RequestedDate() string {
	if b.Kind == KindDirectDebit {
		return b.RequestedCollectionDate
	}
	return b.RequestedExecutionDate
}

// Payment is one transaction (CdtTrfTxInf or DrctDbtTxInf). At.Offset and Length give
// its raw bytes, start tag to end tag. Fields of the other kind are "".
type Payment struct {
	Ordinal         int // 0-based over the message
	Batch           *Batch
	InstructionID   string
	EndToEndID      string
	Amount          money.Amount // zero if it could not be read; then there is a PAIN-F1
	ServiceLevel    string       // of the transaction's own PmtTpInf: the first SvcLvl, code or proprietary; "" = that of the Batch, if any
	LocalInstrument string       // of the transaction's own PmtTpInf, code or proprietary; "" = that of the Batch, if any
	Remittance      string       // all Ustrd joined by line feeds; without any, the structured creditor reference
	At              finding.Location
	Length          int64

	// of a credit transfer
	Creditor        string
	CreditorAccount string // IBAN, or another identification, as written
	CreditorAgent   string // BIC, "" if none

	// of a direct debit
	Debtor         string
	DebtorAccount  string // IBAN, or another identification, as written
	DebtorAgent    string // BIC, "" if none
	MandateID      string // MndtId
	MandateSigned  string // DtOfSgntr, as written
	MandateAmended bool   // AmdmntInd is true
	CreditorID     string // of the transaction itself; "" = that of the Batch, if any
	SequenceType   string // of the transaction's own PmtTpInf; "" = that of the Batch, if any
}

// PaymentView is one transaction without strings of its own: texts are as written and
// valid during the call only. Party, Account and Agent are the other party's: the
// creditor's of a credit transfer, the debtor's of a direct debit.
type PaymentView struct {
	Ordinal         int // 0-based over the message
	Batch           *Batch
	Amount          money.Amount // zero if it could not be read
	Offset, Length  int64        // raw bytes, start tag to end tag
	InstructionID   []byte
	EndToEndID      []byte
	ServiceLevel    []byte // its own; empty = that of the Batch, if any
	LocalInstrument []byte // its own; empty = that of the Batch, if any
	Party           []byte
	Account         []byte // IBAN, or another identification
	Agent           []byte // BIC, empty if none
	Remittance      []byte // all Ustrd joined by line feeds
	Reference       []byte // structured creditor reference

	// of a direct debit
	SequenceType   []byte // its own; empty = that of the Batch, if any
	MandateID      []byte
	MandateSigned  []byte
	CreditorID     []byte // its own; empty = that of the Batch, if any
	MandateAmended bool
}

// Options of Read. The zero value is ready for use: the profile is found in the
// document, rules that need a day are not judged.
type Options struct {
	Limits      xmlscan.Limits
	MaxFindings int              // of errors, and as many warnings; 0 = 100; one closing PAIN-Z1 tells how many more there were
	Profile     ProfileID        // ProfileDetect = by namespace, a national schema location, the country of the first own account, and whether the first payment is one of SEPA
	Schema      *xsd.Schema      // instead of the profile's; it must be of the document's namespace
	Policies    []finding.Policy // after the profile's own; a later one wins

	// Contested are rules whose findings the caller may drop afterwards. Such a finding does not take the place of the schema's about the same
	// value, as a rule's otherwise does.
	Contested []finding.Code

	// Choose returns the schema to judge a document by, given its namespace and the name of the core schema that the profile has for it, ""
	// when no profile knows the namespace: then the message is read as far as it has the elements of one that is known. nil, or a schema of
	// another namespace, leaves it to the profile. Its schemas are few and always the same: what is made of them is kept. Schema comes first.
	Choose func(namespace, name string) *xsd.Schema

	Directory *directory.Table // which banks exist; nil = nothing is said about that

	Today   calendar.Date // the day of judgement; zero = rules about time are not judged
	History History       // nil = nothing is compared with earlier files
	Workers int           // goroutines that judge parts of one document; below 2, or with a History or a View, there is one
}

// Visitor receives what Read reads; a nil function is not called. Payment and View are
// called at the end of each transaction, faulty or not: the *Payment and the
// *PaymentView are valid during the call only, as is what a view points to; the strings
// in a *Payment and the *Batch may be kept. Payment.Batch has all fields that stood
// before the transaction, but Count and Sum. Batch is called at the end of each PmtInf.
// An error ends Read, which returns it wrapped. Without Payment nothing is allocated per
// transaction.
type Visitor struct {
	Batch   func(*Batch) error
	Payment func(*Payment) error
	View    func(*PaymentView) error
}

// UnreadableError says that a well-formed document is not a message that the function
// reads: another document element or namespace, or none of the profile. Code is PAIN-A2;
// Case and Args are those of its finding.
type UnreadableError struct {
	Code    finding.Code
	At      finding.Location
	Message string
	Case    string
	Args    []string
}

// Error implements error.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s at %s: %s", e.Code, e.At, e.Message)
}
