package hub

import "fmt"

// BankOutcome says what a bank's answer, or its silence, means for the request in hand.
type BankOutcome string

// The outcomes of a failed request.
const (
	BankUnreachable        BankOutcome = "unreachable"         // provably nothing reached the bank
	BankSilent             BankOutcome = "silent"              // the request may have reached it; there is no answer we can trust
	BankBusy               BankOutcome = "busy"                // it asks to come back later; nothing was done
	BankRefused            BankOutcome = "refused"             // it will not do this, now or later
	BankMisconfigured      BankOutcome = "misconfigured"       // access, keys or our request are wrong; a person must act
	BankKeyChanged         BankOutcome = "key_changed"         // its keys are new; a person must compare and confirm them
	BankResume             BankOutcome = "resume"              // it has segments up to Segment of this transaction
	BankUnknownTransaction BankOutcome = "unknown_transaction" // it has no open transaction of this id: completed, or lost
	BankNothing            BankOutcome = "nothing"             // no data to fetch: not a failure
)

// OfTheBank says whether the trouble is the bank's, or our access to it, whatever is sent: other requests would meet it, too.
func (o BankOutcome) OfTheBank() bool {
	switch o {
	case BankUnreachable, BankSilent, BankBusy, BankMisconfigured, BankKeyChanged:
		return true
	case BankRefused, BankResume, BankUnknownTransaction, BankNothing:
		return false
	}
	return false
}

// BankError is a bank's answer that is not success. Code is the bank's own return code, "" if there was none.
type BankError struct {
	Outcome BankOutcome
	Code    string
	Text    string // the bank's words, for people
	Segment int    // with BankResume: the last segment the bank has
	Err     error
}

// Error returns outcome and code. The bank's words may quote an order: they stay in Text, and Err must not repeat them.
func (e *BankError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("bank: %s %s: %v", e.Outcome, e.Code, e.Err)
	}
	return fmt.Sprintf("bank: %s %s", e.Outcome, e.Code)
}

// Unwrap returns the cause.
func (e *BankError) Unwrap() error { return e.Err }

// UploadOrder is what is uploaded.
type UploadOrder struct {
	Type      string // CCT
	Attribute string // OZHNN
}

// Prepared is an order ready to be transmitted: its segments are in the spool.
type Prepared struct {
	Segments    int
	SegmentSize int    // bytes of every segment but the last
	Channel     []byte // what the channel needs besides the spool; no secret in clear
}

// Link is a contact with its bank: all a channel needs to speak.
type Link struct {
	Bank    Bank
	Contact Contact
}
