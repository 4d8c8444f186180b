// Package cancellation reads and writes what a customer and a bank say to each other
// about taking payments back: the customer payment cancellation request (camt.055) and
// the resolution of investigation that answers it (camt.029).
//
// Both messages may have as many transactions as the payment files they speak of. The
// readers hand them out one by one and the writers take them one by one, in constant
// memory. Reading goes by structure, whatever the version; whether a document keeps its
// schema is for package xsd to say.
package cancellation

import (
	"errors"
	"fmt"
	"strings"

	"kontor/finding"
)

// ErrContent says that what should be written would not be a valid message.
var ErrContent = errors.New("content not valid in the message")

// UnreadableError says that a well-formed document is not the message that the function
// reads, or states something so late that what was handed out before would have been
// judged without it.
type UnreadableError struct {
	At      finding.Location
	Message string
}

// Error implements error.
func (e *UnreadableError) Error() string { return fmt.Sprintf("unreadable at %s: %s", e.At, e.Message) }

// Indicator is a true or false that may be missing.
type Indicator uint8

// The indicators. What is neither true nor false as XML Schema writes them is Absent.
const (
	Absent Indicator = iota
	Yes
	No
)

// String returns "true", "false" or "".
func (i Indicator) String() string {
	switch i {
	case Yes:
		return "true"
	case No:
		return "false"
	case Absent:
	}
	return ""
}

func indicator(text string) Indicator {
	switch text {
	case "true", "1":
		return Yes
	case "false", "0":
		return No
	}
	return Absent
}

// Party is a bank or somebody else. All fields are as written, "" if absent.
type Party struct {
	Agent          bool   // it stands as a financial institution (Agt); never of a reason's originator
	Name           string // Nm
	BIC            string // BICFI or AnyBIC, in older versions BIC or BICOrBEI
	Identification string // the first Othr/Id; of a person too, but written as that of an organisation
}

// Assignment says who gives a case to whom. All of it is mandatory.
type Assignment struct {
	ID               string // the message's own identification
	Assigner         Party  // who sends it
	Assignee         Party  // who is to act on it
	CreationDateTime string // as written
}

// Case is an investigation as its creator knows it; the zero Case is none.
type Case struct {
	ID       string
	Creator  Party
	Reopened Indicator // ReopCaseIndctn
}

// Reason says why: Code of ExternalCancellationReason1Code (DUPL, AGNT, CUST, …) in a
// request, of ExternalPaymentCancellationRejection1Code (LEGL, AGNT, CUST, ARDT, …) in a
// resolution, or Proprietary.
type Reason struct {
	Originator            Party
	Code                  string
	Proprietary           string
	AdditionalInformation []string
}

// OriginalMessage names the payment initiation that is to be cancelled.
type OriginalMessage struct {
	ID               string // OrgnlMsgId
	Name             string // OrgnlMsgNmId: "pain.001.001.09", or shorter: banks differ
	CreationDateTime string // OrgnlCreDtTm, as written
}

// OriginalTransaction names the payment that is to be cancelled. All is as written.
type OriginalTransaction struct {
	InstructionID           string // OrgnlInstrId
	EndToEndID              string // OrgnlEndToEndId
	UETR                    string // OrgnlUETR, or UETR in a batch of a resolution
	Amount                  string // OrgnlInstdAmt, else OrgnlTxRef/Amt/InstdAmt
	Currency                string
	RequestedExecutionDate  string // date, or date and time
	RequestedCollectionDate string
	MandateID               string // OrgnlTxRef, of a direct debit
	DebtorAccount           string // OrgnlTxRef IBAN or other identification
	CreditorAccount         string
}

func (o *OriginalMessage) isZero() bool { return *o == OriginalMessage{} }

func (p *Party) isEmpty() bool { return p.Name+p.BIC+p.Identification == "" }

// dateTime tells a date with a time from one without.
func dateTime(text string) bool { return strings.Contains(text, "T") }
