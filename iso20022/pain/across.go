package pain

import (
	"kontor/finding"
	"kontor/xmlscan"
)

// trace is what the rules that compare transactions keep of one. Texts are nil where
// the transaction says nothing of its own.
type trace struct {
	at                    xmlscan.Position // of the start tag; without line, the run knows it
	instruction, endToEnd uint64           // hashes; 0 = none, or not compared
	instructionID         []byte
	endToEndID            []byte
	instrument            []byte
	creditorID            []byte
}

// trace makes the trace of the open transaction, which is at its end. Its texts are
// valid until the next one.
func (d *judge) trace(offset int64) trace {
	f := &d.fields
	t := trace{at: xmlscan.Position{Offset: offset}}
	if d.on(ruleInstructionIDTwice) && f.has(fieldInstructionID) {
		t.instructionID = f.get(fieldInstructionID)
		t.instruction = d.seen.hash(t.instructionID)
	}
	if id := f.get(fieldEndToEndID); d.on(ruleEndToEndIDTwice) && len(id) > 0 && string(id) != string(notProvided) {
		t.endToEndID = id
		t.endToEnd = d.seen.hash(id)
	}
	if d.kind == KindDirectDebit {
		t.instrument, t.creditorID = f.get(fieldLocalInstrument), f.get(fieldCreditorID)
	}
	return t
}

// across judges a transaction beside those before it. It belongs to the open batch and
// is not counted yet.
func (d *judge) across(t *trace) {
	if t.instruction != 0 && d.seen.add(uint64(d.batch.Ordinal)+1, t.instruction) {
		d.tellAcross(ruleInstructionIDTwice, t, "/PmtId/InstrId", t.instructionID, "twice")
	}
	if t.endToEnd != 0 && d.seen.add(0, t.endToEnd) {
		d.tellAcross(ruleEndToEndIDTwice, t, "/PmtId/EndToEndId", t.endToEndID, "twice")
	}
	if d.kind == KindDirectDebit {
		d.homogeneous(t)
	}
}

// homogeneous compares a direct debit with the first of its batch, which is booked as
// one sum and goes one way, and that with the first of the message.
func (d *judge) homogeneous(t *trace) {
	s := &d.debit
	same := func(own []byte, batch, first string) bool {
		if len(own) > 0 {
			return string(own) == first
		}
		return batch == first
	}
	if s.transaction {
		if !same(t.instrument, d.batch.LocalInstrument, s.first.instrument) {
			d.tellAcross(ruleHomogeneous, t, "/PmtTpInf/LclInstrm", nil, "instrument")
		}
		if !same(t.creditorID, d.batch.CreditorID, s.first.creditorID) {
			d.tellAcross(ruleHomogeneous, t, "/DrctDbtTx/CdtrSchmeId", nil, "creditor")
		}
		return
	}
	s.transaction = true
	s.first.instrument, s.first.creditorID = d.batch.LocalInstrument, d.batch.CreditorID
	if len(t.instrument) > 0 {
		s.first.instrument = string(t.instrument)
	}
	if len(t.creditorID) > 0 {
		s.first.creditorID = string(t.creditorID)
	}
	switch {
	case s.scheme == "":
		s.scheme = s.first.instrument
	case s.scheme != s.first.instrument && s.first.instrument != "" && !s.mixed:
		s.mixed = true
		d.tellAcross(ruleOneScheme, t, "/PmtTpInf/LclInstrm", nil, "mixed")
	}
}

// tellAcross reports something at the start tag of a transaction.
func (d *judge) tellAcross(r ruleIndex, t *trace, child string, text []byte, c string) {
	s := d.severity[r]
	if s == finding.Off || !d.found.room(s) {
		return
	}
	at := t.at
	if at.Line == 0 && d.run != nil {
		at = d.run.Position(at.Offset)
	}
	d.add(r, s, location(at, string(d.appendPath(nil))+child), text, c, nil)
}
