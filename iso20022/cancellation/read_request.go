package cancellation

import (
	"io"

	"kontor/xmlscan"
)

var requestNames = names{
	root: "CstmrPmtCxlReq", message: "camt.055", title: "customer payment cancellation request",
	header:     []string{"Assgnmt", "Case", "CtrlData"},
	underlying: "Undrlyg", group: "OrgnlGrpInfAndCxl", batch: "OrgnlPmtInfAndCxl", transaction: "TxInf",
	ofBatch: []string{"PmtCxlId", "Case", "OrgnlPmtInfId", "OrgnlGrpInf", "NbOfTxs", "CtrlSum", "PmtInfCxl", "CxlRsnInf"},
	reason:  "CxlRsnInf",
}

// ReadRequest reads a camt.055 of any version by its structure, leniently: unknown
// elements are passed over. It holds one transaction at a time, and returns the request
// that it handed out, with the totals that were declared and found. Another root, a
// second message in the document, a statement about the message behind the first group,
// about a group behind its first batch, or about a batch behind its first transaction
// is an *UnreadableError: the schemas forbid it, and what was handed out would have been
// judged without it. Malformed XML is a wrapped *xmlscan.SyntaxError. After an error
// nothing that was handed out may be acted on.
func ReadRequest(r io.Reader, l xmlscan.Limits, v RequestVisitor) (Request, Totals, error) {
	d := &requestReader{visitor: v}
	d.stream = stream{names: &requestNames, sink: d}
	if err := d.stream.read(r, l); err != nil {
		return Request{}, Totals{}, err
	}
	d.tally.end()
	return d.request, d.tally.totals, nil
}

type requestReader struct {
	stream      stream
	visitor     RequestVisitor
	request     Request
	group       RequestGroup
	batch       RequestBatch
	transaction RequestTransaction
	tally       tally
}

func (d *requestReader) open(l level) {
	switch l {
	case levelMessage:
		d.request.Version = d.stream.version
	case levelGroup:
		d.group = RequestGroup{}
	case levelBatch:
		d.batch = RequestBatch{}
	case levelTransaction:
		d.transaction = RequestTransaction{}
	case levelUnderlying:
	}
}

func (d *requestReader) reasons(l level) *[]Reason {
	switch l {
	case levelBatch:
		return &d.batch.Reasons
	case levelTransaction:
		return &d.transaction.Reasons
	case levelGroup, levelMessage, levelUnderlying:
	}
	return &d.group.Reasons
}

func (d *requestReader) hand(l level) error {
	switch l {
	case levelMessage:
		d.tally.totals.DeclaredCount, d.tally.totals.DeclaredSum = d.request.DeclaredCount, d.request.DeclaredSum
		if d.visitor.Request != nil {
			return handed("the request", d.visitor.Request(&d.request))
		}
	case levelGroup:
		d.tally.group(&d.group)
		if d.visitor.Group != nil {
			return handed("a group", d.visitor.Group(&d.group))
		}
	case levelBatch:
		d.tally.batch(&d.batch)
		if d.visitor.Batch != nil {
			return handed("a batch", d.visitor.Batch(&d.group, &d.batch))
		}
	case levelTransaction:
		d.tally.transaction(&d.transaction)
		if d.visitor.Transaction != nil {
			return handed("a transaction", d.visitor.Transaction(&d.group, &d.batch, &d.transaction))
		}
	case levelUnderlying:
	}
	return nil
}

func (d *requestReader) set(l level, v leaf) int {
	switch l {
	case levelMessage:
		d.request.set(v)
	case levelGroup:
		d.group.set(v)
	case levelBatch:
		d.batch.set(v)
	case levelTransaction:
		d.transaction.set(v)
	case levelUnderlying:
	}
	return 0
}

func (q *Request) set(v leaf) {
	switch string(v.path) {
	case "CtrlData/NbOfTxs":
		q.DeclaredCount = v.Value()
	case "CtrlData/CtrlSum":
		q.DeclaredSum = v.Value()
	default:
		if below, ok := cut(v.path, "Assgnmt/"); ok {
			q.Assignment.set(below, v.Cursor)
		} else if below, ok = cut(v.path, "Case/"); ok {
			q.Case.set(below, v.Cursor)
		}
	}
}

func (g *RequestGroup) set(v leaf) {
	switch string(v.path) {
	case "GrpCxlId":
		g.CancellationID = v.Value()
	case "NbOfTxs":
		g.Count = v.Value()
	case "CtrlSum":
		g.Sum = v.Value()
	case "GrpCxl":
		g.Cancel = indicator(v.Value())
	default:
		if below, ok := cut(v.path, "Case/"); ok {
			g.Case.set(below, v.Cursor)
		} else {
			g.Original.set(v.path, v.Cursor)
		}
	}
}

func (b *RequestBatch) set(v leaf) {
	switch string(v.path) {
	case "PmtCxlId":
		b.CancellationID = v.Value()
	case "OrgnlPmtInfId":
		b.OriginalPaymentInformationID = v.Value()
	case "NbOfTxs":
		b.Count = v.Value()
	case "CtrlSum":
		b.Sum = v.Value()
	case "PmtInfCxl":
		b.Cancel = indicator(v.Value())
	default:
		if below, ok := cut(v.path, "Case/"); ok {
			b.Case.set(below, v.Cursor)
		} else if below, ok = cut(v.path, "OrgnlGrpInf/"); ok {
			b.Original.set(below, v.Cursor)
		}
	}
}

func (t *RequestTransaction) set(v leaf) {
	if string(v.path) == "CxlId" {
		t.CancellationID = v.Value()
	} else if below, ok := cut(v.path, "Case/"); ok {
		t.Case.set(below, v.Cursor)
	} else {
		t.Original.set(v)
	}
}
