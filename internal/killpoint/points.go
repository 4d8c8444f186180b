// Package killpoint names the moments at which a process may die without losing a payment or sending it twice, and lets a test kill the
// process exactly there.
//
// In a normal build Reach does nothing and costs nothing. Built with the tag killpoints, a process kills itself with SIGKILL at the point
// that the environment variable KONTOR_KILLPOINT names ("dispatch.before_segment", or "dispatch.before_segment#3" for the third time it
// is reached), and appends the name of every point it passes to the file named by KONTOR_KILLPOINT_LOG. SIGKILL cannot be caught: no
// deferred call runs, no buffer is flushed, no lease is given back. That is what a power cut or the kernel's out-of-memory killer does,
// as far as the process is concerned.
//
// A point that is listed here must be reached by the end-to-end test, or that test fails: a list with dead entries proves less than it
// claims.
package killpoint

// Name is one point of the list below. Code passes the constants only, never a text of its own.
type Name string

// The points, in the order in which a payment file meets them. "Before" and "after" refer to the step in the name: before its commit or
// its request, and after it.
const (
	IntakeMidStage      Name = "intake.mid_stage"      // some chunks of the body are committed, invisible
	IntakeBeforePublish Name = "intake.before_publish" // everything is staged; the commit that makes it visible is next
	IntakeAfterPublish  Name = "intake.after_publish"  // committed, the caller has no answer yet

	DispatchBeforePrepare          Name = "dispatch.before_prepare"           // the file is being sent, nothing is encrypted yet
	DispatchAfterSpool             Name = "dispatch.after_spool"              // the segments are on disk, the journal does not say so yet
	DispatchBeforeInitialise       Name = "dispatch.before_initialise"        // journal: prepared
	DispatchAfterInitialise        Name = "dispatch.after_initialise"         // the bank has opened the transaction, the journal does not know its id
	DispatchAfterInitialiseJournal Name = "dispatch.after_initialise_journal" // journal: initialised, with the order id
	DispatchBeforeSegment          Name = "dispatch.before_segment"           // about to transfer a segment that is not the last
	DispatchAfterSegment           Name = "dispatch.after_segment"            // the bank has that segment
	DispatchBeforeLastJournal      Name = "dispatch.before_last_journal"      // the last segment is next; provably not delivered
	DispatchAfterLastJournal       Name = "dispatch.after_last_journal"       // journal: last segment under way; from here on it is unclear
	DispatchAfterLastSent          Name = "dispatch.after_last_sent"          // the bank has the whole order, we have not noted it
	DispatchAfterSentCommit        Name = "dispatch.after_sent_commit"        // noted; the next job may not be taken up yet
	CollectAfterFetch              Name = "collect.after_fetch"               // a delivery is in memory only
	CollectAfterStore              Name = "collect.after_store"               // it is stored, the bank has no receipt
	CollectBeforeReceipt           Name = "collect.before_receipt"            // the receipt is next
	CollectAfterReceipt            Name = "collect.after_receipt"             // the bank will not offer it again, we have not noted that
	CollectBeforeIndex             Name = "collect.before_index"              // about to split the delivery to its owners
	CollectAfterIndexCommit        Name = "collect.after_index_commit"        // split and committed
	CollectAfterTransition         Name = "collect.after_transition"          // a status from the bank is committed
	AuditBeforeSeal                Name = "audit.before_seal"                 // rows are committed, not chained
	AuditAfterSeal                 Name = "audit.after_seal"                  // chained
	DocumentAfterAcknowledge       Name = "document.after_acknowledge"        // acknowledged in our books, the client has no answer yet
	SweepAfterEnqueue              Name = "sweep.after_enqueue"               // open work has a job again
)

// All returns every point, in the order of the list above. The slice is the caller's own.
func All() []Name {
	return []Name{
		IntakeMidStage, IntakeBeforePublish, IntakeAfterPublish,
		DispatchBeforePrepare, DispatchAfterSpool, DispatchBeforeInitialise, DispatchAfterInitialise, DispatchAfterInitialiseJournal,
		DispatchBeforeSegment, DispatchAfterSegment, DispatchBeforeLastJournal, DispatchAfterLastJournal, DispatchAfterLastSent,
		DispatchAfterSentCommit,
		CollectAfterFetch, CollectAfterStore, CollectBeforeReceipt, CollectAfterReceipt, CollectBeforeIndex, CollectAfterIndexCommit,
		CollectAfterTransition,
		AuditBeforeSeal, AuditAfterSeal,
		DocumentAfterAcknowledge,
		SweepAfterEnqueue,
	}
}
