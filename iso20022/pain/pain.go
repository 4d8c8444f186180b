// Package pain reads and writes payment initiation messages of ISO 20022: the credit
// transfer (pain.001.001.03 and .09) and the payment status report (pain.002.001.03
// and .10).
//
// Read goes through a credit transfer once, holds one payment at a time, and reports
// everything that is wrong with it as findings with permanent codes (see Rules). The
// place of every payment in the raw bytes is handed out, so that the file itself can
// stay the only copy of its contents.
package pain

import (
	"fmt"

	"kontor/finding"
	"kontor/money"
	"kontor/xmlscan"
)

// Message is the group header of a credit transfer, and what was counted in the
// transactions. Texts are as written.
type Message struct {
	Version          string // "pain.001.001.03" or "pain.001.001.09"
	MessageID        string // GrpHdr/MsgId
	CreationDateTime string // GrpHdr/CreDtTm, not judged
	InitiatingParty  string // GrpHdr/InitgPty/Nm
	DeclaredCount    string // GrpHdr/NbOfTxs
	DeclaredSum      string // GrpHdr/CtrlSum, "" if absent
	Count            int    // transactions read
	Sum              money.Total
	Currencies       []money.Currency // of readable amounts, each once, in order of appearance
}

// Batch is one payment information (PmtInf) without its transactions.
type Batch struct {
	Ordinal                int // 0-based over the message
	PaymentInformationID   string
	PaymentMethod          string
	ServiceLevel           string // the first SvcLvl of the PmtInf: code or proprietary; each Payment may have its own
	LocalInstrument        string // of the PmtInf: code or proprietary; "INST" for instant transfers; each Payment may have its own
	RequestedExecutionDate string // date, or date and time in .09, as written
	Debtor                 string // Dbtr/Nm
	DebtorAccount          string // IBAN, or another identification, as written
	DebtorAgent            string // BIC, "" if none
	Currency               string // DbtrAcct/Ccy
	Count                  int    // transactions read
	Sum                    money.Total
	At                     finding.Location // of the PmtInf start tag
}

// Payment is one credit transfer transaction (CdtTrfTxInf). At.Offset and Length give
// its raw bytes, start tag to end tag.
type Payment struct {
	Ordinal         int // 0-based over the message
	Batch           *Batch
	InstructionID   string
	EndToEndID      string
	Amount          money.Amount // zero if it could not be read; then there is a PAIN-F1
	Creditor        string
	CreditorAccount string // IBAN, or another identification, as written
	CreditorAgent   string // BIC, "" if none
	ServiceLevel    string // of the transaction's own PmtTpInf: the first SvcLvl, code or proprietary; "" = that of the Batch, if any
	LocalInstrument string // of the transaction's own PmtTpInf, code or proprietary; "" = that of the Batch, if any
	Remittance      string // all Ustrd joined by line feeds; without any, the structured creditor reference
	At              finding.Location
	Length          int64
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
