package cancellation

// Confirmation is a code of ExternalInvestigationExecutionConfirmation1Code, as banks
// send it; a value may be none of the constants.
type Confirmation string

// The confirmations that concern cancellations. None of them says which payments are
// meant when only some are: that is in the cancellation details.
const (
	ConfirmationCNCL Confirmation = "CNCL" // cancelled as requested
	ConfirmationCWFW Confirmation = "CWFW" // cancellation will follow
	ConfirmationPDCR Confirmation = "PDCR" // pending: the final word comes later
	ConfirmationPECR Confirmation = "PECR" // partially executed
	ConfirmationRJCR Confirmation = "RJCR" // rejected
	ConfirmationUWFW Confirmation = "UWFW" // unable to apply will follow: the request could not be matched
	ConfirmationINFO Confirmation = "INFO" // additional information sent
)

// Status is the cancellation status of a group, batch or transaction
// (GroupCancellationStatus1Code, CancellationIndividualStatus1Code); a value may be none
// of the constants.
type Status string

// The cancellation statuses.
const (
	StatusACCR Status = "ACCR" // cancelled
	StatusPACR Status = "PACR" // partially cancelled; of a group or batch only
	StatusPDCR Status = "PDCR" // pending: the final word comes later
	StatusRJCR Status = "RJCR" // not cancelled
)

// Resolution is a resolution of investigation (camt.029). ReadResolution hands groups
// out one by one and leaves Groups empty; WriteResolution writes them. Details of
// modifications, claims, statements and corrections are passed over: they do not answer
// a cancellation request.
type Resolution struct {
	Version    string // "camt.029.001.10"
	Assignment Assignment
	Case       Case // RslvdCase
	Outcome    Outcome
	Groups     []ResolutionGroup // for WriteResolution only
}

// Outcome is Sts: exactly one of its fields is set in a valid message.
type Outcome struct {
	Confirmation          Confirmation
	RejectedModifications []Reason  // Code or Proprietary only
	DuplicateOf           Case      // the case that is pursued instead of this one
	AssignmentCancelled   Indicator // Yes = the assignment, not the payment, is cancelled
}

// ResolutionGroup is one CxlDtls with its OrgnlGrpInfAndSts. It is zero if there is no
// OrgnlGrpInfAndSts.
type ResolutionGroup struct {
	CancellationID string // OrgnlGrpCxlId
	Case           Case
	Original       OriginalMessage
	Count          string // OrgnlNbOfTxs, as written
	Sum            string // OrgnlCtrlSum, as written
	Status         Status // "" if given at lower levels only
	Reasons        []Reason
	Counts         []StatusCount
	Transactions   []ResolutionTransaction // outside any batch; for WriteResolution only
	Batches        []ResolutionBatch       // for WriteResolution only
}

// ResolutionBatch is the cancellation status of one payment information.
type ResolutionBatch struct {
	CancellationID               string // OrgnlPmtInfCxlId
	Case                         Case
	OriginalPaymentInformationID string
	Original                     OriginalMessage // zero if the group names it
	Count                        string          // OrgnlNbOfTxs, as written
	Sum                          string          // OrgnlCtrlSum, as written
	Status                       Status          // "" if given for transactions only
	Reasons                      []Reason
	Counts                       []StatusCount
	Transactions                 []ResolutionTransaction // for WriteResolution only
}

// StatusCount says how many transactions have a status (NbOfTxsPerCxlSts). All is as
// written.
type StatusCount struct {
	Status Status
	Count  string
	Sum    string // "" if absent
}

// ResolutionTransaction is the cancellation status of one transaction.
type ResolutionTransaction struct {
	StatusID              string // CxlStsId
	Case                  Case
	OriginalMessage       OriginalMessage // outside a batch only
	OriginalTransactionID string          // OrgnlTxId, outside a batch only: the bank's own
	Original              OriginalTransaction
	Status                Status
	Reasons               []Reason
}

// ResolutionVisitor receives what ReadResolution reads, in document order: Resolution
// once, before the first group; Group once for each CxlDtls; Batch before the first
// transaction of each; Transaction for each, its batch is nil if the transaction stands
// outside any. All are complete when handed out. A nil function is not called. Pointers
// are valid during the call only, strings and reasons may be kept. An error ends
// ReadResolution, which returns it wrapped.
type ResolutionVisitor struct {
	Resolution  func(*Resolution) error
	Group       func(*ResolutionGroup) error
	Batch       func(*ResolutionGroup, *ResolutionBatch) error
	Transaction func(*ResolutionGroup, *ResolutionBatch, *ResolutionTransaction) error
}

func (g *ResolutionGroup) isZero() bool {
	return g.CancellationID+g.Count+g.Sum+string(g.Status) == "" && g.Case == Case{} && g.Original.isZero() && len(g.Reasons)+len(g.Counts) == 0
}
