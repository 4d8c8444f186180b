package hub

import "slices"

// State is the life of a payment file in the hub; BankStatus, on each payment, is the bank's ISO code. The comment of each state says
// who acts next.
type State string

// The states of a payment file.
const (
	StateRejected          State = "rejected"           // final: our own checks found errors, or it is a double submission
	StateQueued            State = "queued"             // we: dispatch sends it
	StateSending           State = "sending"            // we: an upload is under way, its journal tells how far
	StateUnclear           State = "unclear"            // we: the bank may or may not have it; it is asked, never sent again without proof of absence
	StateFailed            State = "failed"             // final: the bank refused the upload
	StateSent              State = "sent"               // the bank: it has the whole order
	StateForwarded         State = "forwarded"          // the account holder: signatures are missing in the VEU
	StateCancelledAtBank   State = "cancelled_at_bank"  // final: cancelled in the VEU
	StateAccepted          State = "accepted"           // the bank: all EBICS steps are done, execution is not promised
	StatePartiallyAccepted State = "partially_accepted" // final: the bank executes some of the payments
	StateConfirmed         State = "confirmed"          // final: the bank confirmed execution
	StateRejectedByBank    State = "rejected_by_bank"   // final: the bank does not execute it
)

// States returns all states in the order of a file's life.
func States() []State {
	return []State{
		StateRejected, StateQueued, StateSending, StateUnclear, StateFailed, StateSent, StateForwarded, StateCancelledAtBank,
		StateAccepted, StatePartiallyAccepted, StateConfirmed, StateRejectedByBank,
	}
}

// Final says whether a file in this state never changes again.
func (s State) Final() bool {
	switch s {
	case StateRejected, StateFailed, StateCancelledAtBank, StatePartiallyAccepted, StateConfirmed, StateRejectedByBank:
		return true
	case StateQueued, StateSending, StateUnclear, StateSent, StateForwarded, StateAccepted:
		return false
	}
	return false
}

// Open says whether the hub still has work with a file in this state: to send it, or to ask the bank for its fate.
func (s State) Open() bool { return !s.Final() }

// Transition is a named change of state. The store executes it as a guarded UPDATE: only from one of From, else CodeConflict.
type Transition struct {
	Name string
	From []State
	To   State
}

// The bank may tell about an order before the sender has noted its success, hence sending and unclear among the sources.
var atBank = []State{StateSending, StateUnclear, StateSent, StateForwarded}

// Send: dispatch takes a queued file in hand.
func Send() Transition { return Transition{"send", []State{StateQueued}, StateSending} }

// Requeue: it is proven that the bank does not have the order; it starts anew.
func Requeue() Transition {
	return Transition{"requeue", []State{StateSending, StateUnclear}, StateQueued}
}

// Doubt: the last segment may have arrived, the answer did not; or the database is a backup from before a sending that it cannot know of.
func Doubt() Transition {
	return Transition{"doubt", []State{StateQueued, StateSending}, StateUnclear}
}

// Deliver: the bank answered for the last segment, or its protocol names the order. Also from queued: when an order that counted as absent
// turns out to be there before it was sent again.
func Deliver() Transition {
	return Transition{"deliver", []State{StateQueued, StateSending, StateUnclear}, StateSent}
}

// Fail: the bank refused the upload.
func Fail() Transition { return Transition{"fail", []State{StateSending}, StateFailed} }

// Forward: HAC VEU_FORWARDING.
func Forward() Transition {
	return Transition{"forward", []State{StateSending, StateUnclear, StateSent}, StateForwarded}
}

// CancelAtBank: HAC VEU_CANCEL_ORDER DS02.
func CancelAtBank() Transition { return Transition{"cancel_at_bank", atBank, StateCancelledAtBank} }

// Accept: HAC ORDER_HAC_FINAL_POS.
func Accept() Transition { return Transition{"accept", atBank, StateAccepted} }

// RejectByBank: HAC ORDER_HAC_FINAL_NEG, or a pain.002 that rejects every payment.
func RejectByBank() Transition {
	return Transition{"reject_by_bank", append(slices.Clone(atBank), StateAccepted), StateRejectedByBank}
}

// Confirm: a pain.002 that confirms execution of every payment.
func Confirm() Transition {
	return Transition{"confirm", append(slices.Clone(atBank), StateAccepted), StateConfirmed}
}

// AcceptPartially: a pain.002 that confirms some payments and rejects others.
func AcceptPartially() Transition {
	return Transition{"accept_partially", append(slices.Clone(atBank), StateAccepted), StatePartiallyAccepted}
}

// Transitions returns all transitions; docs/states.md is generated from them.
func Transitions() []Transition {
	return []Transition{
		Send(), Requeue(), Doubt(), Deliver(), Fail(), Forward(), CancelAtBank(), Accept(), RejectByBank(), Confirm(), AcceptPartially(),
	}
}
