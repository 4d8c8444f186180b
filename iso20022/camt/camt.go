// Package camt reads account reports, statements and notifications of banks
// (camt.052, .053, .054 of ISO 20022) in all versions, and writes statements.
//
// Banks' documents often break their schemas; what is asked of them is only that the
// XML is well-formed and that they look like a camt. Everything else is taken as
// written and reported as warnings (see Rules), so that nothing of what a bank sends is
// lost. Amounts are exact or absent.
package camt

import (
	"fmt"

	"kontor/finding"
	"kontor/money"
)

// Statement is one statement (Stmt), report (Rpt) or notification (Ntfctn) without its
// entries. Texts are as written.
type Statement struct {
	Format              string // "camt.052", "camt.053" or "camt.054", by the element
	Version             string // "camt.053.001.08", by the namespace; "" if that says nothing
	MessageID           string // GrpHdr/MsgId
	ID                  string
	SequenceNumber      string // ElctrncSeqNb
	LegalSequenceNumber string // LglSeqNb
	Page                string // PgNb, of the statement, else of the message; "" = it is whole
	LastPage            bool   // LastPgInd; true without pages
	CreationDateTime    string // of the statement; if absent, of the group header
	FromDate            string // date, or date and time
	ToDate              string
	IBAN                string
	OtherAccount        string // identification of an account without IBAN
	Currency            string // Acct/Ccy
	Owner               string // Acct/Ownr/Nm
	ServicerBIC         string // Acct/Svcr
	Balances            []Balance
	EntryCount          int
	At, End             int64 // raw offsets of the element: start of its start tag, end of its end tag
}

// Balance is one balance.
type Balance struct {
	Type       string       // Cd of CdOrPrtry ("OPBD", "PRCD", "CLBD", "CLAV", …) or its Prtry
	Amount     money.Amount // negative for a debit balance; zero of no currency if not exact, or if its sign is not known
	AmountText string       // as written, without sign
	Currency   string       // as written
	Date       string       // date, or date and time

	DirectionUnknown bool // CdtDbtInd is missing or neither CRDT nor DBIT
}

// Entry is one entry (Ntry). What belongs to a single transaction (EndToEndID,
// counterparty, remittance) is empty when the entry has details of several. Without a
// known direction there is no counterparty either: it could be debtor or creditor.
type Entry struct {
	Ordinal                  int          // 0-based within the statement
	Amount                   money.Amount // unsigned; zero of no currency if not exact
	AmountText               string       // as written
	Currency                 string       // as written
	Credit                   bool         // CdtDbtInd CRDT: booked to the account's favour; DBIT if false, unless DirectionUnknown
	DirectionUnknown         bool         // CdtDbtInd is missing or neither CRDT nor DBIT: nothing may be concluded from Credit
	Reversal                 bool         // RvslInd: the entry takes back an earlier one of the opposite direction
	Status                   string       // "BOOK", "PDNG", "INFO", …
	BookingDate              string       // date, or date and time
	ValueDate                string
	Reference                string // NtryRef
	AccountServicerReference string // of the entry, else of its only transaction
	TransactionCode          string // domain, family, sub-family: "PMNT/RCDT/ESCT"
	ProprietaryCode          string // "NTRF+166+…"
	MessageID                string // of the batches, else of the transactions, if they agree
	PaymentInformationID     string // likewise
	EndToEndID               string
	Transactions             int // NbOfTxs of the batches, else the number of details, at least 1
	Counterparty             string
	CounterpartyIBAN         string
	CounterpartyBIC          string
	Remittance               string       // all Ustrd joined by line feeds; without any, see Transaction.RemittanceText
	ReturnReason             string       // RtrInf/Rsn
	AdditionalInformation    string       // AddtlNtryInf
	Single                   *Transaction // the details of the only transaction, nil if the entry has none or several
	At, Length               int64        // raw bytes of the Ntry
}

// Transaction is one TxDtls of an entry. Texts are as written.
type Transaction struct {
	Ordinal                  int          // 0-based within the entry
	Amount                   money.Amount // unsigned; zero of no currency if there is none or it is not exact
	AmountText               string       // as written; "" if there is none: then it is that of the entry
	Currency                 string
	Credit                   bool   // its own CdtDbtInd, else that of the entry
	DirectionUnknown         bool   // of both
	MessageID                string // Refs
	PaymentInformationID     string
	AccountServicerReference string
	InstructionID            string
	EndToEndID               string
	TransactionID            string
	UETR                     string
	MandateID                string
	CreditorID               string // creditor identifier of a direct debit
	ChequeNumber             string
	ClearingReference        string
	TransactionCode          string // of the transaction, else of the entry
	ProprietaryCode          string
	OriginalAmountText       string // AmtDtls/InstdAmt: of a return, the amount that was collected or sent
	OriginalCurrency         string
	ChargesText              string // TtlChrgsAndTaxAmt; without it the sum of the records
	ChargesCurrency          string
	Counterparty             string
	CounterpartyIBAN         string
	CounterpartyAccount      string // without IBAN
	CounterpartyBIC          string
	CounterpartyUltimate     string // UltmtDbtr or UltmtCdtr of the other side
	Own                      string // the other one of debtor and creditor: our side, if the bank names it
	OwnIBAN                  string
	OwnAccount               string // without IBAN
	OwnUltimate              string // that of our side
	OriginalParties          bool   // of a return: debtor and creditor are those of the payment that comes back, as some banks write it
	Purpose                  string
	Remittance               string // all Ustrd joined by line feeds
	CreditorReference        string // Strd/CdtrRefInf/Ref; several joined by line feeds
	DocumentNumber           string // Strd/RfrdDocInf/Nb, likewise
	StructuredInformation    string // Strd/AddtlRmtInf, likewise
	ReturnReason             string // RtrInf/Rsn
	ReturnInformation        string // RtrInf/AddtlInf
	AdditionalInformation    string // AddtlTxInf
	At, Length               int64  // raw bytes of the TxDtls
}

// RemittanceText is what the transaction was paid for: the unstructured remittance;
// without one the lines of the structured one, creditor references first.
func (t *Transaction) RemittanceText() string {
	if t.Remittance != "" {
		return t.Remittance
	}
	text := t.CreditorReference
	for _, more := range []string{t.DocumentNumber, t.StructuredInformation} {
		if text != "" && more != "" {
			text += "\n"
		}
		text += more
	}
	return text
}

// UnreadableError says that a well-formed document is no camt.052, .053 or .054. Code is
// CAMT-A2.
type UnreadableError struct {
	Code    finding.Code
	At      finding.Location
	Message string
	Begins  string // the first elements, such as "Document/CstmrCdtTrfInitn", for the sentence of the finding
}

// Error implements error.
func (e *UnreadableError) Error() string { return fmt.Sprintf("%s at %s: %s", e.Code, e.At, e.Message) }

// formats maps the repeated element to the message it belongs to.
var formats = map[string]string{"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}

// amount makes an exact amount of what is written, or the zero Amount.
func amount(text, currency string) money.Amount {
	a, err := money.ParseReported(text, money.Currency(currency))
	if err != nil {
		return money.Amount{}
	}
	return a
}
