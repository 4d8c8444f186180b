package cancellation

import "io"

// resolutionVersion is the version that is written.
const resolutionVersion = "camt.029.001.10"

// WriteResolution writes a small resolution whole, with its groups, batches and
// transactions. Its errors are those of ResolutionWriter.Close. Transactions outside
// batches are written behind the batches, as the schema has it.
func WriteResolution(w io.Writer, s *Resolution) error {
	out := NewResolutionWriter(w, s)
	for i := range s.Groups {
		g := &s.Groups[i]
		out.Group(g)
		for j := range g.Batches {
			b := &g.Batches[j]
			out.Batch(b)
			for k := range b.Transactions {
				out.Transaction(&b.Transactions[k])
			}
		}
		for k := range g.Transactions {
			out.Direct(&g.Transactions[k])
		}
	}
	return out.Close()
}

// ResolutionWriter writes a resolution of any size in constant memory. The first error
// stays: every later call does nothing, and Close returns it.
type ResolutionWriter struct {
	out    writer
	direct bool // the open underlying has a transaction outside batches
}

// NewResolutionWriter begins a camt.029.001.10; another s.Version than that or "" is
// ErrContent, and so is an outcome that is not exactly one thing. s.Groups is not
// written. What the schema makes mandatory must be there, and values must have the form
// that it asks for: lengths and patterns are not checked here.
func NewResolutionWriter(w io.Writer, s *Resolution) *ResolutionWriter {
	r := &ResolutionWriter{out: begin(w, s.Version, resolutionVersion, resolutionNames.root)}
	e := &r.out
	e.assignment(&s.Assignment)
	e.optionalCase("RslvdCase", &s.Case)
	e.outcome(&s.Outcome)
	return r
}

func (w *writer) outcome(o *Outcome) {
	said := 0
	for _, is := range []bool{o.Confirmation != "", len(o.RejectedModifications) > 0, o.DuplicateOf != Case{}, o.AssignmentCancelled != Absent} {
		if is {
			said++
		}
	}
	if said != 1 {
		w.fail("the outcome says %d things instead of one", said)
	}
	w.Open("Sts")
	w.Optional("Conf", string(o.Confirmation))
	for i := range o.RejectedModifications {
		w.Open("RjctdMod")
		w.codeOrProprietary(&o.RejectedModifications[i])
		w.Close(1)
	}
	w.optionalCase("DplctOf", &o.DuplicateOf)
	w.indicator("AssgnmtCxlConf", o.AssignmentCancelled)
	w.Close(1)
}

// Group begins cancellation details, with g in front unless that is zero; g.Batches and
// g.Transactions are not written.
func (s *ResolutionWriter) Group(g *ResolutionGroup) {
	e := &s.out
	e.openUnderlying(resolutionNames.underlying)
	s.direct = false
	if g.isZero() {
		return
	}
	e.Open(resolutionNames.group)
	e.Optional("OrgnlGrpCxlId", g.CancellationID)
	e.optionalCase("RslvdCase", &g.Case)
	e.original("", &g.Original)
	e.Optional("OrgnlNbOfTxs", g.Count)
	e.Optional("OrgnlCtrlSum", g.Sum)
	e.Optional("GrpCxlSts", string(g.Status))
	e.reasons(resolutionNames.reason, g.Reasons)
	e.counts(g.Counts)
	e.Close(1)
}

// Batch begins the status of a payment information of the group begun last; without one,
// or behind a transaction outside batches, it is ErrContent. b.Transactions is not
// written.
func (s *ResolutionWriter) Batch(b *ResolutionBatch) {
	e := &s.out
	if !e.underlying || s.direct {
		e.fail("a batch stands before the first group, or behind a transaction outside batches")
	}
	e.endBatch()
	e.batch = true
	e.Open(resolutionNames.batch)
	e.Optional("OrgnlPmtInfCxlId", b.CancellationID)
	e.optionalCase("RslvdCase", &b.Case)
	e.mandatory("OrgnlPmtInfId", b.OriginalPaymentInformationID)
	e.original("OrgnlGrpInf", &b.Original)
	e.Optional("OrgnlNbOfTxs", b.Count)
	e.Optional("OrgnlCtrlSum", b.Sum)
	e.Optional("PmtInfCxlSts", string(b.Status))
	e.reasons(resolutionNames.reason, b.Reasons)
	e.counts(b.Counts)
}

// Transaction writes the status of a transaction of the batch begun last; without one,
// or with what only a transaction outside batches has, it is ErrContent.
func (s *ResolutionWriter) Transaction(t *ResolutionTransaction) {
	e := &s.out
	if !e.batch {
		e.fail("a transaction stands before the first batch")
	}
	if t.OriginalTransactionID != "" || !t.OriginalMessage.isZero() {
		e.fail("a transaction in a batch names neither its message nor a transaction identification")
	}
	o := &t.Original
	e.Open(resolutionNames.transaction)
	e.Optional("CxlStsId", t.StatusID)
	e.optionalCase("RslvdCase", &t.Case)
	e.Optional("OrgnlInstrId", o.InstructionID)
	e.Optional("OrgnlEndToEndId", o.EndToEndID)
	e.Optional("UETR", o.UETR)
	e.Optional("TxCxlSts", string(t.Status))
	e.reasons(resolutionNames.reason, t.Reasons)
	e.amount("OrgnlInstdAmt", o)
	e.date("OrgnlReqdExctnDt", o.RequestedExecutionDate)
	e.Optional("OrgnlReqdColltnDt", o.RequestedCollectionDate)
	e.reference(o, false)
	e.Close(1)
}

// Direct ends the open batch and writes the status of a transaction outside batches;
// before the first group it is ErrContent.
func (s *ResolutionWriter) Direct(t *ResolutionTransaction) {
	e := &s.out
	if !e.underlying {
		e.fail("a transaction stands before the first group")
	}
	e.endBatch()
	s.direct = true
	o := &t.Original
	e.Open(resolutionNames.transaction)
	e.Optional("CxlStsId", t.StatusID)
	e.optionalCase("RslvdCase", &t.Case)
	e.original("OrgnlGrpInf", &t.OriginalMessage)
	e.Optional("OrgnlInstrId", o.InstructionID)
	e.Optional("OrgnlEndToEndId", o.EndToEndID)
	e.Optional("OrgnlTxId", t.OriginalTransactionID)
	e.Optional("OrgnlUETR", o.UETR)
	e.Optional("TxCxlSts", string(t.Status))
	e.reasons(resolutionNames.reason, t.Reasons)
	e.reference(o, true)
	e.Close(1)
}

func (w *writer) counts(counts []StatusCount) {
	for _, n := range counts {
		w.Open(countName)
		w.mandatory("DtldNbOfTxs", n.Count)
		w.mandatory("DtldSts", string(n.Status))
		w.Optional("DtldCtrlSum", n.Sum)
		w.Close(1)
	}
}

// Close ends the resolution. It does not close the io.Writer.
func (s *ResolutionWriter) Close() error {
	s.out.endUnderlying()
	return s.out.Finish()
}
