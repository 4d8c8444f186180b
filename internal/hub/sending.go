package hub

import "time"

// SendStep is how far an upload has come, in the order of the journal. Killed before StepLast, the order is provably not delivered;
// from StepLast on the bank may have it.
type SendStep string

// The steps of the upload journal.
const (
	StepPrepared    SendStep = "prepared"    // encrypted segments are spooled
	StepInitialised SendStep = "initialised" // the bank opened a transaction and gave the order id
	StepSegment     SendStep = "segment"     // Segment segments were acknowledged
	StepLast        SendStep = "last"        // the last segment is about to be sent, or was
	StepDone        SendStep = "done"        // the bank acknowledged the last segment, or its protocol proves the order
	StepAbsent      SendStep = "absent"      // proven: the bank does not have it
	StepRefused     SendStep = "refused"     // the bank refused it
)

// Transmitting says whether an attempt at this step is under way and provably not delivered.
func (s SendStep) Transmitting() bool {
	return s == StepPrepared || s == StepInitialised || s == StepSegment
}

// Sending is the journal of one attempt to upload a payment file.
type Sending struct {
	Tenant        TenantID
	File          FileID
	Attempt       int
	Contact       ContactID
	Step          SendStep
	Segment       int // acknowledged segments
	Segments      int
	OrderID       string
	TransactionID string
	Spool         BodyID
	Prepared      []byte // what the channel needs to go on: no secret in clear
	Fence         int64  // of the lease under which the journal is written
	Started       time.Time
	Updated       time.Time
}

// Transaction is an upload transaction that a bank opened.
type Transaction struct {
	ID      string
	OrderID string
}

// MaxLease is the longest lease: one that seems to run for much longer was written by a clock that has been set back since.
const MaxLease = 5 * time.Minute

// Lease is the right to work on a resource until a moment, renewed by a heartbeat. Fence grows with every new holder: what an old
// holder still writes carries an old fence and is refused.
type Lease struct {
	Resource string
	Holder   string
	Until    time.Time
	Fence    int64
}
