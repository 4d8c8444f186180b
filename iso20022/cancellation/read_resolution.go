package cancellation

import (
	"io"

	"kontor/xmlscan"
)

var resolutionNames = names{
	root: "RsltnOfInvstgtn", message: "camt.029", title: "resolution of investigation",
	header:     []string{"Assgnmt", "RslvdCase", "Sts"},
	underlying: "CxlDtls", group: "OrgnlGrpInfAndSts", batch: "OrgnlPmtInfAndSts", transaction: "TxInfAndSts",
	ofBatch: []string{"OrgnlPmtInfCxlId", "RslvdCase", "OrgnlPmtInfId", "OrgnlGrpInf", "OrgnlNbOfTxs", "OrgnlCtrlSum", "PmtInfCxlSts", "CxlStsRsnInf", "NbOfTxsPerCxlSts"},
	reason:  "CxlStsRsnInf",
	direct:  true,
}

// ReadResolution reads a camt.029 of any version by its structure, leniently: unknown
// elements are passed over. It holds one transaction at a time, and returns the
// resolution that it handed out. Its errors are those of ReadRequest. After an error
// nothing that was handed out may be acted on.
func ReadResolution(r io.Reader, l xmlscan.Limits, v ResolutionVisitor) (Resolution, error) {
	d := &resolutionReader{visitor: v}
	d.stream = stream{names: &resolutionNames, sink: d}
	if err := d.stream.read(r, l); err != nil {
		return Resolution{}, err
	}
	return d.resolution, nil
}

type resolutionReader struct {
	stream      stream
	visitor     ResolutionVisitor
	resolution  Resolution
	group       ResolutionGroup
	batch       ResolutionBatch
	inBatch     bool // the open transaction stands in the batch
	transaction ResolutionTransaction
	count       StatusCount // the open one
}

func (d *resolutionReader) open(l level) {
	switch l {
	case levelMessage:
		d.resolution.Version = d.stream.version
	case levelGroup:
		d.group = ResolutionGroup{}
	case levelBatch:
		d.batch = ResolutionBatch{}
	case levelTransaction:
		d.transaction = ResolutionTransaction{}
		d.inBatch = d.stream.level == levelBatch
	case levelUnderlying:
	}
	d.count = StatusCount{}
}

func (d *resolutionReader) reasons(l level) *[]Reason {
	switch l {
	case levelBatch:
		return &d.batch.Reasons
	case levelTransaction:
		return &d.transaction.Reasons
	case levelGroup, levelMessage, levelUnderlying:
	}
	return &d.group.Reasons
}

func (d *resolutionReader) hand(l level) error {
	switch l {
	case levelMessage:
		if d.visitor.Resolution != nil {
			return handed("the resolution", d.visitor.Resolution(&d.resolution))
		}
	case levelGroup:
		if d.visitor.Group != nil {
			return handed("a group", d.visitor.Group(&d.group))
		}
	case levelBatch:
		if d.visitor.Batch != nil {
			return handed("a batch", d.visitor.Batch(&d.group, &d.batch))
		}
	case levelTransaction:
		if d.visitor.Transaction == nil {
			return nil
		}
		var batch *ResolutionBatch
		if d.inBatch {
			batch = &d.batch
		}
		return handed("a transaction", d.visitor.Transaction(&d.group, batch, &d.transaction))
	case levelUnderlying:
	}
	return nil
}

func (d *resolutionReader) set(l level, v leaf) int {
	switch l {
	case levelMessage:
		return d.resolution.set(v)
	case levelGroup:
		return d.group.set(v, &d.count)
	case levelBatch:
		return d.batch.set(v, &d.count)
	case levelTransaction:
		d.transaction.set(v)
	case levelUnderlying:
	}
	return 0
}

func (s *Resolution) set(v leaf) int {
	if below, ok := cut(v.path, "Assgnmt/"); ok {
		s.Assignment.set(below, v.Cursor)
	} else if below, ok = cut(v.path, "RslvdCase/"); ok {
		s.Case.set(below, v.Cursor)
	} else if below, ok = cut(v.path, "Sts/"); ok {
		v.path = below
		return s.Outcome.set(v)
	}
	return 0
}

// set takes the choice; in older versions a rejected modification is a code without an
// element around it.
func (o *Outcome) set(v leaf) int {
	var rejected Reason
	switch string(v.path) {
	case "Conf":
		o.Confirmation = Confirmation(v.Value())
		return 0
	case "AssgnmtCxlConf":
		o.AssignmentCancelled = indicator(v.Value())
		return 0
	case "RjctdMod", "RjctdMod/Cd":
		rejected.Code = v.Value()
	case "RjctdMod/Prtry":
		rejected.Proprietary = v.Value()
	default:
		if below, ok := cut(v.path, "DplctOf/"); ok {
			o.DuplicateOf.set(below, v.Cursor)
		}
		return 0
	}
	if !v.room || rejected.Code+rejected.Proprietary == "" {
		return 0
	}
	o.RejectedModifications = append(o.RejectedModifications, rejected)
	return reasonCost + len(rejected.Code) + len(rejected.Proprietary)
}

func (g *ResolutionGroup) set(v leaf, count *StatusCount) int {
	switch string(v.path) {
	case "OrgnlGrpCxlId":
		g.CancellationID = v.Value()
	case "OrgnlNbOfTxs":
		g.Count = v.Value()
	case "OrgnlCtrlSum":
		g.Sum = v.Value()
	case "GrpCxlSts":
		g.Status = Status(v.Value())
	default:
		if below, ok := cut(v.path, "RslvdCase/"); ok {
			g.Case.set(below, v.Cursor)
		} else if below, ok = cut(v.path, countName); ok {
			v.path = below
			return count.set(v, &g.Counts)
		} else {
			g.Original.set(v.path, v.Cursor)
		}
	}
	return 0
}

func (b *ResolutionBatch) set(v leaf, count *StatusCount) int {
	switch string(v.path) {
	case "OrgnlPmtInfCxlId":
		b.CancellationID = v.Value()
	case "OrgnlPmtInfId":
		b.OriginalPaymentInformationID = v.Value()
	case "OrgnlNbOfTxs":
		b.Count = v.Value()
	case "OrgnlCtrlSum":
		b.Sum = v.Value()
	case "PmtInfCxlSts":
		b.Status = Status(v.Value())
	default:
		if below, ok := cut(v.path, "RslvdCase/"); ok {
			b.Case.set(below, v.Cursor)
		} else if below, ok = cut(v.path, "OrgnlGrpInf/"); ok {
			b.Original.set(below, v.Cursor)
		} else if below, ok = cut(v.path, countName); ok {
			v.path = below
			return count.set(v, &b.Counts)
		}
	}
	return 0
}

const countName = "NbOfTxsPerCxlSts"

// set gathers one NbOfTxsPerCxlSts and appends it when that ends, if there is room.
func (n *StatusCount) set(v leaf, list *[]StatusCount) int {
	switch string(v.path) {
	case "/DtldNbOfTxs":
		n.Count = v.Value()
	case "/DtldSts":
		n.Status = Status(v.Value())
	case "/DtldCtrlSum":
		n.Sum = v.Value()
	case "":
		done := *n
		if *n = (StatusCount{}); v.room && done != (StatusCount{}) {
			*list = append(*list, done)
			return 3*textCost + len(done.Count) + len(done.Status) + len(done.Sum)
		}
	}
	return 0
}

func (t *ResolutionTransaction) set(v leaf) {
	switch string(v.path) {
	case "CxlStsId":
		t.StatusID = v.Value()
	case "OrgnlTxId":
		t.OriginalTransactionID = v.Value()
	case "TxCxlSts":
		t.Status = Status(v.Value())
	default:
		if below, ok := cut(v.path, "RslvdCase/"); ok {
			t.Case.set(below, v.Cursor)
		} else if below, ok = cut(v.path, "OrgnlGrpInf/"); ok {
			t.OriginalMessage.set(below, v.Cursor)
		} else {
			t.Original.set(v)
		}
	}
}
