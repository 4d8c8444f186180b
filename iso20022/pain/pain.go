// Package pain reads and writes payment initiation messages of ISO 20022: the credit
// transfer (pain.001.001.03 and .09), the direct debit (pain.008.001.02 and .08), and
// the payment status report (pain.002.001.03 and .10).
//
// Read goes through a credit transfer or direct debit once, holds one payment at a
// time, and reports everything that is wrong with it as findings with permanent codes
// (see Rules). The place of every payment in the raw bytes is handed out, so that the
// file itself can stay the only copy of its contents.
package pain

import (
	"fmt"

	"kontor/finding"
	"kontor/money"
	"kontor/xmlscan"
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
	Version          string // "pain.001.001.03", "pain.001.001.09", "pain.008.001.02" or "pain.008.001.08"
	MessageID        string // GrpHdr/MsgId
	CreationDateTime string // GrpHdr/CreDtTm, not judged
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

// Options of Read.
type Options struct {
	Limits      xmlscan.Limits
	MaxFindings int // 0 = 100; one closing PAIN-Z1 tells how many more there were
}

// Visitor receives what Read reads; a nil function is not called. Payment is called at
// the end of each transaction, faulty or not: the *Payment is valid during the call
// only, the strings in it and the *Batch may be kept. Payment.Batch has all fields that
// stood before the transaction. Batch is called at the end of each PmtInf. An error
// ends Read, which returns it wrapped.
type Visitor struct {
	Batch   func(*Batch) error
	Payment func(*Payment) error
}

// UnreadableError says that a well-formed document is not a message that the function
// reads: another document element or namespace. Code is PAIN-A2.
type UnreadableError struct {
	Code    finding.Code
	At      finding.Location
	Message string
}

// Error implements error.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s at %s: %s", e.Code, e.At, e.Message)
}
