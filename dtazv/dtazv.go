// Package dtazv reads, judges and writes DTAZV, the fixed-length format in which
// German customers sent payments abroad to their bank (order type AZV). The German
// banking industry discontinues it in favour of pain.001 (order type AXZ); package
// iso20022/axz converts.
//
// A file is one or more logical files, each a header Q, payments T with up to eight
// reports to the Bundesbank each (V for transit trade, W for services and capital),
// and a trailer Z. Read goes through it once in constant memory and reports everything
// that is wrong with it as findings with permanent codes (see Rules). Fields are named
// by their number in the specification, such as T12; FieldName says what that is.
package dtazv

import (
	"fmt"

	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
)

// Header is record Q: who sends a logical file. Texts are without the blanks that fill
// the field; 8-bit characters are decoded as ISO 8859-1, or as code page 850 where that
// is an umlaut and ISO 8859-1 has a control character.
type Header struct {
	Ordinal       int              // 0-based over the file
	BankCode      string           // Q3: Bankleitzahl of the bank that gets the file
	Account       string           // Q4: account or customer number, 10 digits
	Originator    [4]string        // Q5: name, name, street, town
	Created       calendar.Date    // Q6
	Sequence      int              // Q7: number of the file of that day, 1 to 99
	ExecutionDate calendar.Date    // Q8: for payments without a date of their own
	Report        bool             // Q9: the payments are to be reported to the Bundesbank
	FederalState  string           // Q10: 2 digits, "" if none
	Company       string           // Q11: 8 digits, company number or Bankleitzahl, "" if none
	At            finding.Location // of the record
}

// Payment is record T with its reports. At.Offset and Length give the raw bytes from
// the first byte of T to the last of its last report. Texts are as in Header; a numeric
// field without a value is "".
type Payment struct {
	Ordinal              int              // 0-based over the file
	Header               *Header          // of the logical file; nil after a missing Q
	BankCode             string           // T3: of the account that is debited
	AccountCurrency      money.Currency   // T4a
	Account              string           // T4b: 10 digits
	ExecutionDate        calendar.Date    // T5; zero = that of the Header
	ChargesBankCode      string           // T6, "" = charges go to the same account
	ChargesCurrency      money.Currency   // T7a
	ChargesAccount       string           // T7b: 10 digits
	CreditorAgent        string           // T8: BIC, or "///" and a Bankleitzahl, or ""
	CreditorAgentCountry string           // T9a: ISO 3166
	CreditorAgentAddress [4]string        // T9b: name and address
	CreditorCountry      string           // T10a: ISO 3166
	Creditor             [4]string        // T10b: name, name, street, town and country
	OrderRemark          [2]string        // T11: cheques only
	CreditorAccount      string           // T12 without its slash: IBAN or another number
	Currency             money.Currency   // T13: in which the creditor is paid
	Amount               money.Amount     // T14; zero if it could not be read. In euro if Equivalent
	Equivalent           bool             // T19 is 91: Amount is to be converted into Currency
	Remittance           [4]string        // T15
	Instructions         [4]string        // T16 to T19: instruction keys of 2 digits, "" for none
	InstructionInfo      string           // T20
	Charges              string           // T21: "00" shared, "01" all to the originator, "02" all to the beneficiary
	Type                 string           // T22: 2 digits, "00" is an ordinary payment
	StatementText        string           // T23: for the originator's statement
	Contact              string           // T24
	ReportKey            string           // T25: "0" or "1"
	Reports              []Report         // at most MaxReports
	At                   finding.Location // of the record
	Length               int64            // bytes of T and its reports, with separators between them
}

// MaxReports is how many reports may follow a payment.
const MaxReports = 8

// Date returns the day on which the payment is to be executed.
func (p *Payment) Date() calendar.Date {
	if p.ExecutionDate.IsZero() && p.Header != nil {
		return p.Header.ExecutionDate
	}
	return p.ExecutionDate
}

// Cheque reports whether the creditor is paid by cheque (T22 is 20 to 23 or 30 to 33).
func (p *Payment) Cheque() bool { return chequeType(p.Type) }

// Report is record V or W: one of the two is set.
type Report struct {
	Transit *Transit // V
	Service *Service // W
}

// Transit is record V, transit trade: goods bought abroad and sold abroad. Prices are
// whole units as written, without leading zeros.
type Transit struct {
	Goods              string // V3
	Chapter            string // V4a: chapter of the register of goods, 2 digits
	Country            string // V5: of the purchase
	CountryCode        string // V6
	Price              string // V7
	SoldToNonResidents bool   // V8
	SoldToResidents    bool   // V9
	UnsoldAbroad       bool   // V11
	SoldGoods          string // V12; this and what follows only if SoldToNonResidents
	SoldChapter        string // V13a
	Due                string // V14: YYMM
	BuyerCountry       string // V15
	BuyerCountryCode   string // V16
	SalePrice          string // V17
	Note               string // V18
}

// Service is record W, services and capital.
type Service struct {
	Kind                  string // W3: "2" services, "4" capital
	Code                  string // W4: code number of the register of services
	Country               string // W5
	CountryCode           string // W6
	InvestmentCountry     string // W7, only if Kind is "4"
	InvestmentCountryCode string // W8, only if Kind is "4"
	Amount                string // W9: whole units, without leading zeros
	Details               string // W10
}

// Summary is what Read counted.
type Summary struct {
	LogicalFiles int
	Payments     int
	Records      int
	Sum          money.Total      // of the readable T14, irrespective of currency
	Currencies   []money.Currency // T13 of the payments, each once, in order of appearance
}

// Options of Read.
type Options struct {
	// Today turns the dated rules on (end of the format); the zero value leaves them off.
	Today calendar.Date
	// Policies change the severity of rules; a later one wins.
	Policies []finding.Policy
	// MaxFindings is the number of findings listed, 0 = 100; one closing AZV-Z1 tells how
	// many more there were.
	MaxFindings int
	// MaxBytes limits the input, 0 = 4 GiB; beyond it Read returns ErrTooLarge.
	MaxBytes int64
}

// Visitor receives what Read reads; a nil function is not called. The *Payment and its
// Reports are valid during the call only, strings in it and the *Header may be kept.
// Payment is called after the reports of the payment, faulty or not. An error ends Read,
// which returns it wrapped.
type Visitor struct {
	Header  func(*Header) error
	Payment func(*Payment) error
}

// UnreadableError says that the input is no DTAZV file of a customer. Code is AZV-A1.
type UnreadableError struct {
	Code    finding.Code
	At      finding.Location
	Message string
	Case    string // of the rule, for finding.Rule.Sentence
}

// Error implements error.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("%s at %s: %s", e.Code, e.At, e.Message)
}
