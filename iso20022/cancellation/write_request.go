package cancellation

import "io"

// requestVersion is the version that is written.
const requestVersion = "camt.055.001.09"

// WriteRequest writes a small request whole, with its groups, batches and transactions.
// Its errors are those of RequestWriter.Close.
func WriteRequest(w io.Writer, q *Request) error {
	out := NewRequestWriter(w, q)
	for i := range q.Groups {
		g := &q.Groups[i]
		out.Group(g)
		for j := range g.Batches {
			b := &g.Batches[j]
			out.Batch(b)
			for k := range b.Transactions {
				out.Transaction(&b.Transactions[k])
			}
		}
	}
	return out.Close()
}

// RequestWriter writes a cancellation request of any size in constant memory. The first
// error stays: every later call does nothing, and Close returns it; part of the document
// may have been written by then.
type RequestWriter struct {
	out    writer
	groups int
	tally  tally
}

// NewRequestWriter begins a camt.055.001.09; another q.Version than that or "" is
// ErrContent. q.Groups is not written. What the schema makes mandatory must be there,
// and values must have the form that it asks for: lengths and patterns are not checked
// here.
func NewRequestWriter(w io.Writer, q *Request) *RequestWriter {
	s := &RequestWriter{out: begin(w, q.Version, requestVersion, requestNames.root)}
	s.tally.totals.DeclaredCount, s.tally.totals.DeclaredSum = q.DeclaredCount, q.DeclaredSum
	e := &s.out
	e.assignment(&q.Assignment)
	e.optionalCase("Case", &q.Case)
	if q.DeclaredCount+q.DeclaredSum != "" {
		e.Open("CtrlData")
		e.mandatory("NbOfTxs", q.DeclaredCount)
		e.Optional("CtrlSum", q.DeclaredSum)
		e.Close(1)
	}
	return s
}

// Group begins an underlying, with g in front unless that is zero; g.Batches is not
// written.
func (s *RequestWriter) Group(g *RequestGroup) {
	e := &s.out
	e.openUnderlying(requestNames.underlying)
	s.groups++
	s.tally.group(g)
	if g.isZero() {
		return
	}
	e.Open(requestNames.group)
	e.Optional("GrpCxlId", g.CancellationID)
	e.optionalCase("Case", &g.Case)
	e.original("", &g.Original)
	e.Optional("NbOfTxs", g.Count)
	e.Optional("CtrlSum", g.Sum)
	e.indicator("GrpCxl", g.Cancel)
	e.reasons(requestNames.reason, g.Reasons)
	e.Close(1)
}

// Batch begins a payment information of the group begun last; without one it is
// ErrContent. b.Transactions is not written.
func (s *RequestWriter) Batch(b *RequestBatch) {
	e := &s.out
	if !e.underlying {
		e.fail("a batch stands before the first group")
	}
	e.endBatch()
	e.batch = true
	s.tally.batch(b)
	e.Open(requestNames.batch)
	e.Optional("PmtCxlId", b.CancellationID)
	e.optionalCase("Case", &b.Case)
	e.mandatory("OrgnlPmtInfId", b.OriginalPaymentInformationID)
	e.original("OrgnlGrpInf", &b.Original)
	e.Optional("NbOfTxs", b.Count)
	e.Optional("CtrlSum", b.Sum)
	e.indicator("PmtInfCxl", b.Cancel)
	e.reasons(requestNames.reason, b.Reasons)
}

// Transaction writes a transaction of the batch begun last; without one it is
// ErrContent.
func (s *RequestWriter) Transaction(t *RequestTransaction) {
	e := &s.out
	if !e.batch {
		e.fail("a transaction stands before the first batch")
	}
	s.tally.transaction(t)
	o := &t.Original
	e.Open(requestNames.transaction)
	e.Optional("CxlId", t.CancellationID)
	e.optionalCase("Case", &t.Case)
	e.Optional("OrgnlInstrId", o.InstructionID)
	e.Optional("OrgnlEndToEndId", o.EndToEndID)
	e.Optional("OrgnlUETR", o.UETR)
	e.amount("OrgnlInstdAmt", o)
	e.date("OrgnlReqdExctnDt", o.RequestedExecutionDate)
	e.Optional("OrgnlReqdColltnDt", o.RequestedCollectionDate)
	e.reasons(requestNames.reason, t.Reasons)
	e.reference(o, false)
	e.Close(1)
}

// Close ends the request. Declared totals that differ from what was written are
// ErrContent: the document must not be sent. It does not close the io.Writer.
func (s *RequestWriter) Close() error {
	e := &s.out
	e.endUnderlying()
	s.tally.end()
	if s.groups == 0 {
		e.fail("a request cancels nothing")
	}
	if t := &s.tally.totals; t.CompareCount() == Differs {
		e.fail("the request declares %s transactions and lists %d", t.DeclaredCount, t.Count)
	} else if t.CompareSum() == Differs {
		e.fail("the request declares another sum than its transactions add up to")
	}
	return e.Finish()
}
