package cancellation

// Request is a customer payment cancellation request (camt.055). ReadRequest hands
// groups out one by one and leaves Groups empty; WriteRequest writes them.
type Request struct {
	Version       string // "camt.055.001.09"
	Assignment    Assignment
	Case          Case
	DeclaredCount string         // CtrlData/NbOfTxs, "" if absent
	DeclaredSum   string         // CtrlData/CtrlSum, "" if absent
	Groups        []RequestGroup // for WriteRequest only
}

// RequestGroup is one Undrlyg with its OrgnlGrpInfAndCxl: a message that is to be
// cancelled, or of which parts are. It is zero if there is no OrgnlGrpInfAndCxl; then
// each batch names its message.
type RequestGroup struct {
	CancellationID string // GrpCxlId
	Case           Case
	Original       OriginalMessage
	Count          string    // NbOfTxs, as written
	Sum            string    // CtrlSum, as written
	Cancel         Indicator // GrpCxl: Yes = the whole message
	Reasons        []Reason
	Batches        []RequestBatch // for WriteRequest only
}

// RequestBatch is a payment information that is to be cancelled, or of which
// transactions are.
type RequestBatch struct {
	CancellationID               string // PmtCxlId
	Case                         Case
	OriginalPaymentInformationID string
	Original                     OriginalMessage // zero if the group names it
	Count                        string          // NbOfTxs, as written
	Sum                          string          // CtrlSum, as written
	Cancel                       Indicator       // PmtInfCxl: Yes = the whole payment information
	Reasons                      []Reason
	Transactions                 []RequestTransaction // for WriteRequest only
}

// RequestTransaction is a transaction that is to be cancelled.
type RequestTransaction struct {
	CancellationID string // CxlId
	Case           Case
	Original       OriginalTransaction
	Reasons        []Reason
}

// RequestVisitor receives what ReadRequest reads, in document order: Request once,
// before the first group; Group once for each Undrlyg; Batch before the first
// transaction of each; Transaction for each. All are complete when handed out. A nil
// function is not called. Pointers are valid during the call only, strings and reasons
// may be kept. An error ends ReadRequest, which returns it wrapped.
type RequestVisitor struct {
	Request     func(*Request) error
	Group       func(*RequestGroup) error
	Batch       func(*RequestGroup, *RequestBatch) error
	Transaction func(*RequestGroup, *RequestBatch, *RequestTransaction) error
}

func (g *RequestGroup) isZero() bool {
	return g.CancellationID+g.Count+g.Sum == "" && g.Case == Case{} && g.Original.isZero() && g.Cancel == Absent && len(g.Reasons) == 0
}
