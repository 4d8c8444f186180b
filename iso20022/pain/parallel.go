package pain

import (
	"slices"
	"strings"
	"sync"

	"kontor/finding"
	"kontor/xmlscan"
	"kontor/xsd"
)

// chunk is what the judge of a part of a document keeps for the judge of the whole: what
// must be compared with or added to other parts, and what is handed out in order.
type chunk struct {
	segments []segment
	traces   []kept
	payments []Payment
	text     []byte // of the traces
}

// kept is a trace whose texts stand in the chunk, one after another.
type kept struct {
	at                    xmlscan.Position
	instruction, endToEnd uint64
	from                  int
	size                  [4]int32
}

// segment is a batch, or the part of one, in a chunk.
type segment struct {
	batch     *Batch
	continued bool // it began in an earlier chunk
	closed    bool
	idAt      xmlscan.Position // of PmtInfId
	totals    totals
	count     int
}

// validateParallel is Plan.Validate with several workers, for documents that are only
// verified or handed out as Payments.
func (d *judge) validateParallel(validate func(xsd.Parallel) (xsd.Summary, error), workers int) (xsd.Summary, error) {
	split := "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf"
	if d.kind == KindDirectDebit {
		split = "CstmrDrctDbtInitn/PmtInf/DrctDbtTxInf"
	}
	f := &forker{judge: judge{visitor: Visitor{Payment: d.visitor.Payment}, profile: d.profile, sepa: d.sepa, kind: d.kind, classic: d.classic, severity: d.severity, contested: d.contested, today: d.today, reach: d.reach, banks: d.banks, bankDay: d.bankDay}}
	f.judge.found.max, f.judge.seen.seed = d.found.max, d.seen.seed
	return validate(xsd.Parallel{Split: split, Workers: workers, Fork: f.fork, Join: func(h xsd.Handler, b xsd.Base) error {
		err := d.join(h.(*judge), b)
		f.spare.Put(h)
		return err
	}})
}

// forker makes judges of chunks, on any goroutine: it has what they share, and what
// changes while chunks are joined is not in it.
type forker struct {
	judge judge     // what a new one begins with
	spare sync.Pool // of judges whose chunk was joined
}

// fork makes a judge for a chunk. It takes the memory of one that was joined.
func (f *forker) fork() xsd.Handler {
	d, ok := f.spare.Get().(*judge)
	if !ok {
		d = &judge{chunk: &chunk{}}
	}
	own, buffer := d.chunk, d.fields.buffer
	*d = f.judge
	d.chunk, d.fields.buffer = own, buffer
	d.chunk.reset()
	d.lacked.list = d.lacked.room[:0]
	return d
}

// reset empties a chunk. Strings in payments may be kept by the visitor, their structs
// not.
func (c *chunk) reset() {
	c.segments, c.traces, c.payments, c.text = c.segments[:0], c.traces[:0], c.payments[:0], c.text[:0]
}

// Replay implements xsd.Replayer: what is repeated is context, and was judged before.
func (d *judge) Replay(on bool) { d.found.muted = on }

// keep stores what the chunk's judge knows of the transaction at its end.
func (c *chunk) keep(t *trace, p *Payment) {
	from := len(c.text)
	c.text = append(append(append(append(c.text, t.instructionID...), t.endToEndID...), t.instrument...), t.creditorID...)
	c.traces = append(c.traces, kept{t.at, t.instruction, t.endToEnd, from,
		[4]int32{int32(len(t.instructionID)), int32(len(t.endToEndID)), int32(len(t.instrument)), int32(len(t.creditorID))}})
	if p != nil {
		c.payments = append(c.payments, *p)
	}
}

// trace makes of k what it was. Its texts are those of the chunk.
func (c *chunk) trace(k *kept) trace {
	t := trace{at: k.at, instruction: k.instruction, endToEnd: k.endToEnd}
	from := k.from
	for i, to := range []*[]byte{&t.instructionID, &t.endToEndID, &t.instrument, &t.creditorID} {
		if n := int(k.size[i]); n > 0 {
			*to = c.text[from : from+n : from+n]
			from += n
		}
	}
	return t
}

// join takes over what the judge of a chunk has found. Chunks come in document order.
func (d *judge) join(c *judge, b xsd.Base) error {
	c.flush()
	c.settle()
	if !d.begun {
		d.begun = true
		count, currencies := d.message.Count, d.message.Currencies
		profile, schema := d.message.Profile, d.message.Schema
		d.message, d.totals.group, d.messageIDAt = c.message, c.totals.group, c.messageIDAt
		d.message.Count, d.message.Currencies, d.message.Profile, d.message.Schema = count, currencies, profile, schema
		d.message.Kind, d.message.Version = d.kind, d.version
	}
	for _, currency := range c.message.Currencies {
		if !slices.Contains(d.message.Currencies, currency) {
			d.message.Currencies = append(d.message.Currencies, currency)
		}
	}
	d.reported += c.reported
	kept := d.found
	d.found = collector{max: kept.max}
	err := d.joinSegments(c, b)
	own := d.found
	d.found = kept
	d.joinFindings(c, &own, b)
	return err
}

func (d *judge) joinSegments(c *judge, b xsd.Base) error {
	if n := len(c.chunk.segments); n > 0 && !c.chunk.segments[n-1].closed {
		c.endSegment(false)
	}
	traces, payments := c.chunk.traces, c.chunk.payments
	for i := range c.chunk.segments {
		s := &c.chunk.segments[i]
		if !s.continued {
			d.joinBatch(s, b)
		}
		for j := range s.count {
			t := c.chunk.trace(&traces[j])
			t.at = b.Position(t.at)
			d.across(&t)
			if d.visitor.Payment != nil {
				p := &payments[j]
				p.Ordinal, p.Batch, p.At = d.message.Count, d.batch, location(t.at, string(d.appendPath(nil)))
				if err := d.handOut(p); err != nil {
					return err
				}
			}
			d.message.Count++
			d.batch.Count++
		}
		traces = traces[s.count:]
		if d.visitor.Payment != nil {
			payments = payments[s.count:]
		}
		d.totals.join(&s.totals)
		if s.closed {
			if err := d.closeBatch(); err != nil {
				return err
			}
		}
	}
	return nil
}

// joinBatch begins a batch of the document.
func (d *judge) joinBatch(s *segment, b xsd.Base) {
	ordinal := 0
	if d.batch != nil {
		ordinal = d.batch.Ordinal + 1
	}
	d.batch = s.batch
	d.batch.Ordinal, d.batch.Count = ordinal, 0
	at := b.Position(xmlscan.Position{Offset: s.batch.At.Offset, Line: s.batch.At.Line, Column: s.batch.At.Column})
	d.batch.At = location(at, b.Path(s.batch.At.Path))
	d.totals.openBatch()
	d.debit.openBatch()
	d.state = batchState{}
	d.totals.batch = s.totals.batch
	for _, x := range []*batchDeclared{&d.totals.batch.count, &d.totals.batch.sum} {
		x.where = b.Position(x.where)
	}
	if s.idAt.Offset > 0 && d.batchIDTwice(d.batch.PaymentInformationID) {
		if severity := d.severity[ruleBatchIDTwice]; severity != finding.Off && d.found.room(severity) {
			d.add(ruleBatchIDTwice, severity, location(b.Position(s.idAt), d.batch.At.Path+"/PmtInfId"), []byte(d.batch.PaymentInformationID), "twice", nil)
		}
	}
}

// join adds the sums of another part of the batch.
func (t *totals) join(x *totals) {
	t.groupBroken, t.batchBroken = t.groupBroken || x.groupBroken, t.batchBroken || x.batchBroken
	for _, text := range []string{x.rest.String(), minorDecimal(x.minor)} {
		if t.rest.Add(text) != nil {
			t.groupBroken, t.batchBroken = true, true
		}
	}
}

// joinFindings takes over the findings of a chunk and of the comparison of its
// transactions, in document order.
func (d *judge) joinFindings(c *judge, own *collector, b xsd.Base) {
	first := ""
	if len(c.chunk.segments) > 0 && c.chunk.segments[0].continued {
		first = c.chunk.segments[0].batch.At.Path + "/"
	}
	all := own.list
	for _, f := range c.found.list {
		if first != "" && strings.HasPrefix(f.At.Path, first) && d.toldBefore(&f) {
			continue
		}
		f.At = location(b.Position(xmlscan.Position{Offset: f.At.Offset, Line: f.At.Line, Column: f.At.Column}), b.Path(f.At.Path))
		all = append(all, f)
	}
	slices.SortStableFunc(all, byOffset)
	for _, f := range all {
		if d.found.room(f.Severity) {
			d.found.keep(f)
		}
	}
	for _, x := range []*collector{own, &c.found} {
		d.found.dropped += x.dropped
		d.found.droppedError = d.found.droppedError || x.droppedError
	}
	if first != "" && len(c.chunk.segments) == 1 {
		for r := range d.told {
			d.told[r] = d.told[r] || c.debit.told[r]
		}
		d.told[ruleTimeOfDay] = d.told[ruleTimeOfDay] || c.state.untimely
		d.told[ruleDateClosed] = d.told[ruleDateClosed] || c.state.closedTold
		return
	}
	if len(c.chunk.segments) > 0 {
		d.told = c.debit.told
		d.told[ruleTimeOfDay] = c.state.untimely
		d.told[ruleDateClosed] = c.state.closedTold
	}
}

// toldBefore reports whether a finding that is told once per batch was told by an
// earlier chunk.
func (d *judge) toldBefore(f *finding.Finding) bool {
	for _, r := range []ruleIndex{ruleServiceLevel, ruleLocalInstrument, ruleSequenceType, ruleCreditorScheme, ruleTimeOfDay, ruleDateClosed} {
		if f.Code == codes[r] && (f.Case == "missing" || r == ruleTimeOfDay || r == ruleDateClosed) {
			return d.told[r]
		}
	}
	return false
}
