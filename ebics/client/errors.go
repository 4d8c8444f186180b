package client

import (
	"errors"
	"fmt"

	"kontor/ebics"
)

// ErrNoData says that the bank has nothing to download (090005).
var ErrNoData = errors.New("no download data available")

// ErrNoBankKeys says that an order needs the bank's keys and the Config has none.
var ErrNoBankKeys = errors.New("the bank's keys are not known or not confirmed yet")

// ErrBankKeyChanged says that an upload was prepared for a bank key that is no
// longer the configured one. Prepare it anew.
var ErrBankKeyChanged = errors.New("the upload was prepared for another bank key")

// ErrVersionChanged says that an upload was prepared for another protocol version
// than the configured one. Prepare it anew.
var ErrVersionChanged = errors.New("the upload was prepared for another version of EBICS")

// KeyChangedError is the bank's answer 091008: it has other keys than the
// configured ones, or wants them named by the other kind of digest
// (Config.BankDigest). Nothing was carried out. What to do: fetch the keys with
// HPB, let a person compare their hashes with what the bank publishes, and go on
// with the new ones; if HPB brings the same keys, it is the kind of digest.
type KeyChangedError struct{ Answer *Error }

func (e *KeyChangedError) Error() string {
	return e.Answer.Error() + "; fetch the bank's keys (HPB) and let a person compare them, nothing is sent before"
}

// Unwrap gives the answer.
func (e *KeyChangedError) Unwrap() error { return e.Answer }

// Error is a bank's answer that is not a success.
type Error struct {
	Technical, Business ebics.ReturnCode // of header and body
	ReportText          string           // the bank's own words, for a person; at most 256 characters
	Phase               string           // Initialisation, Transfer, Receipt, or "" in key management
	// Signed says whether the bank's signature stands behind the answer. Banks
	// answer unsigned to what they cannot make sense of.
	Signed bool
	// Segment is the last segment that the bank has, told with 061101, else 0.
	Segment int
}

// Error names both codes with their symbols.
func (e *Error) Error() string {
	return fmt.Sprintf("bank answered %s in header, %s in body: %s", named(e.Technical), named(e.Business), e.ReportText)
}

func named(c ebics.ReturnCode) string {
	if symbol := c.Symbol(); symbol != "" {
		return string(c) + " " + symbol
	}
	return string(c)
}

// Outcome is what the answer means for the order: the header's code, or the
// body's if the header's is good. An unsigned answer to a segment of an upload
// proves nothing about the upload, so it is Unknown.
func (e *Error) Outcome() ebics.Outcome {
	if !e.Signed && e.Phase == "Transfer" {
		return ebics.Unknown
	}
	return outcome(e.Technical, e.Business)
}

func outcome(technical, business ebics.ReturnCode) ebics.Outcome {
	if o := technical.Outcome(); o != ebics.Done {
		return o
	}
	return business.Outcome()
}

// SignatureError says that the bank's answer cannot be trusted or used: its
// signature or structure is wrong, it does not belong to the request, or its
// content does not decrypt. What the bank did with the request is not known.
type SignatureError struct{ Err error }

func (e *SignatureError) Error() string { return "bank's answer is not trustworthy: " + e.Err.Error() }

// Unwrap gives the reason.
func (e *SignatureError) Unwrap() error { return e.Err }

// TransportError covers everything before an answer that could be verified:
// no connection, a time limit, a reset, an HTTP status other than 200, an
// answer that is too large or not XML.
type TransportError struct {
	// Sent is false only if provably no byte of the request reached the bank.
	Sent bool
	Err  error
}

func (e *TransportError) Error() string { return "transport: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// ReceiptError says that a download was stored but the bank did not confirm
// the receipt. The bank may deliver the same data again.
type ReceiptError struct{ Err error }

func (e *ReceiptError) Error() string { return "data stored, receipt not confirmed: " + e.Err.Error() }

// Unwrap gives the cause.
func (e *ReceiptError) Unwrap() error { return e.Err }
