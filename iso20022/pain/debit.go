package pain

import (
	"bytes"

	"kontor/account"
	"kontor/calendar"
	"kontor/xsd"
)

// debit is what the rules for direct debits remember.
type debit struct {
	// of the message
	batchIDs map[[16]byte]struct{}
	scheme   string // the local instrument of the first transaction
	mixed    bool   // and that another differs was reported

	// of the open batch
	collection  calendar.Date // zero if not readable, or nextPossibleDay
	batchScheme bool          // the PmtInf has a CdtrSchmeId
	transaction bool          // there was a transaction before: first is set
	first       struct{ instrument, creditorID string }
	told        [ruleCount]bool // said once per batch: every transaction lacks it

	// of the open transaction
	ownScheme bool // it has a CdtrSchmeId
	indicated bool // AmdmntInd is true
	amendment bool // AmdmntInfDtls is there
	mandateID bool // MndtId is there; a faulty one was reported
	signed    bool // DtOfSgntr is there; a faulty one was reported

	// of the open CdtrSchmeId
	schemeIDs  int
	schemeName bool // SEPA
}

func (s *debit) openBatch() {
	*s = debit{batchIDs: s.batchIDs, scheme: s.scheme, mixed: s.mixed}
}

func (s *debit) openPayment() {
	s.ownScheme, s.indicated, s.amendment, s.mandateID, s.signed = false, false, false, false, false
}

// openDebit begins a part that only direct debits have.
func (d *judge) openDebit(r xsd.Role, offset int64) {
	s := &d.debit
	switch r {
	case roleBatchScheme:
		s.batchScheme, s.schemeIDs, s.schemeName = true, 0, false
	case rolePaymentScheme:
		s.ownScheme, s.schemeIDs, s.schemeName = true, 0, false
		if s.batchScheme {
			d.tell(ruleCreditorScheme, offset, "", "both")
		}
	case roleAmendment:
		s.amendment = true
	}
}

func (d *judge) closeScheme(offset int64) {
	s := &d.debit
	switch {
	case s.schemeIDs != 1 && d.may(ruleCreditorScheme, offset, "Id", "PrvtId", "Othr"):
		d.tell(ruleCreditorScheme, offset, "Id/PrvtId/Othr", "form")
	case !s.schemeName && d.may(ruleCreditorScheme, offset, "SchmeNm", "Prtry"):
		d.tell(ruleCreditorScheme, offset, "Id/PrvtId/Othr/SchmeNm/Prtry", "name")
	}
}

func (d *judge) closeMandate(offset int64) {
	s := &d.debit
	switch {
	case s.indicated && !s.amendment:
		d.tell(ruleAmendment, offset, "AmdmntInfDtls", "details")
	case s.amendment && !s.indicated:
		d.tell(ruleAmendment, offset, "AmdmntInd", "indicator")
	}
}

// debitBatchValue takes the values of a PmtInf that only direct debits have.
func (d *judge) debitBatchValue(r xsd.Role) {
	b, s := d.batch, &d.debit
	switch r {
	case roleCollectionDate:
		b.RequestedCollectionDate = string(d.value.Text)
		if date, ok := d.day(ruleCollectionDate, "date"); ok && date != nextPossible {
			s.collection, d.state.requested = date, date
			d.collectionDay()
		}
	case roleSequence:
		d.sequenceType()
		b.SequenceType = string(d.value.Text)
	}
}

// collectionDay compares the requested day with today.
func (d *judge) collectionDay() {
	d.requestedDay(maxDebitAhead)
	if d.today.IsZero() || d.state.requested.Before(d.today) {
		return
	}
	if earliest := calendar.TARGET.Next(d.today); d.state.requested.Before(earliest) {
		d.fault(ruleCollectionSoon, "soon", earliest.String())
	}
}

// debitValue takes the values of a transaction that only direct debits have, and those
// of a creditor identifier of either level.
func (d *judge) debitValue(r xsd.Role) {
	s, text := &d.debit, d.value.Text
	switch r {
	case rolePaymentSequence:
		d.sequenceType()
		d.fields.set(fieldSequenceType, text)
	case roleMandateID:
		s.mandateID = true
		d.reference()
		if bytes.IndexByte(text, ' ') >= 0 {
			d.fault(ruleMandateBlank, "blank")
		}
		d.fields.set(fieldMandateID, text)
	case roleSignatureDate:
		s.signed = true
		d.fields.set(fieldMandateSigned, text)
		d.signatureDate()
	case roleAmendmentIndicator:
		d.amendmentIndicator()
	case roleOriginalIBAN:
		d.iban()
	case roleOriginalSchemeID:
		if d.on(ruleCreditorID) {
			d.creditorID()
		}
	case roleOriginalAccountOther:
		if string(text) != "SMNDA" {
			d.fault(ruleAmendment, "account")
		}
	case roleOriginalAgentOther:
		if string(text) == "SMNDA" && !d.classic {
			d.fault(ruleAmendment, "agent")
		}
	case roleSchemeID:
		d.schemeID()
	case roleSchemeName:
		s.schemeName = string(text) == "SEPA"
	case roleSchemeNameCode:
		s.schemeName = false
	}
}

// firstDebit is 2009-11-01, when the SEPA direct debit began.
var firstDebit = day(2009, 11, 1)

func (d *judge) signatureDate() {
	date, ok := d.day(ruleMandate, "day")
	if !ok {
		return
	}
	if s := &d.debit; !s.collection.IsZero() && s.collection.Before(date) {
		d.fault(ruleSignedLate, "late")
	} else if !d.today.IsZero() && d.today.Before(date) {
		d.fault(ruleSignatureDate, "future")
	}
	if date.Before(firstDebit) {
		d.fault(ruleSignatureDate, "early")
	}
}

func (d *judge) amendmentIndicator() {
	switch string(d.value.Text) { // xs:boolean
	case "true", "1":
		d.debit.indicated = true
	case "false", "0":
	default:
		d.fault(ruleAmendment, "value")
	}
}

func (d *judge) sequenceType() {
	if d.kind == KindDirectDebit && !isSequenceType(d.value.Text) {
		d.fault(ruleSequenceType, "other")
	}
}

// isSequenceType knows the four of the SEPA rule books; ISO 20022 has RPRE besides.
func isSequenceType(text []byte) bool {
	switch string(text) {
	case "FRST", "RCUR", "FNAL", "OOFF":
		return true
	}
	return false
}

// schemeID judges a creditor identifier; the one that counts is the first of a
// CdtrSchmeId.
func (d *judge) schemeID() {
	s, text := &d.debit, d.value.Text
	s.schemeIDs++
	if d.on(ruleCreditorID) {
		d.creditorID()
	}
	if s.schemeIDs > 1 {
		return
	}
	if s.ownScheme {
		d.fields.set(fieldCreditorID, text)
	} else {
		d.batch.CreditorID = string(text)
	}
}

func (d *judge) creditorID() {
	if err := account.CheckCreditorID(d.value.Text); err != nil {
		c, args := account.CaseOf(err)
		d.fault(ruleCreditorID, c, args...)
	}
}

// debitService judges a service level of a direct debit.
func (d *judge) debitService(code bool) {
	if d.kind == KindDirectDebit && (!code || string(d.value.Text) != "SEPA") {
		d.fault(ruleServiceLevel, "other")
	}
}

// debitInstrument judges a local instrument of a direct debit.
func (d *judge) debitInstrument(code bool) {
	switch text := string(d.value.Text); {
	case text == "COR1":
		d.fault(ruleLocalInstrument, "cor1")
	case !code || text != "CORE" && text != "B2B":
		d.fault(ruleLocalInstrument, "other")
	}
}

// judgeDebit is for the end of a transaction, when it is known what it does not have.
func (d *judge) judgeDebit(offset int64) {
	b, s, f := d.batch, &d.debit, &d.fields
	d.lacking(b.ServiceLevel == "" && !f.has(fieldServiceLevel), ruleServiceLevel, offset, "PmtTpInf/SvcLvl", "SvcLvl")
	d.lacking(b.LocalInstrument == "" && !f.has(fieldLocalInstrument), ruleLocalInstrument, offset, "PmtTpInf/LclInstrm", "LclInstrm")
	d.lacking(b.SequenceType == "" && !f.has(fieldSequenceType), ruleSequenceType, offset, "PmtTpInf/SeqTp", "SeqTp")
	d.lacking(!s.batchScheme && !s.ownScheme, ruleCreditorScheme, offset, "DrctDbtTx/CdtrSchmeId", "CdtrSchmeId")
	if !s.mandateID && d.may(ruleMandate, offset, "MndtId", "MndtRltdInf", "DrctDbtTx") {
		d.tell(ruleMandate, offset, "DrctDbtTx/MndtRltdInf/MndtId", "id")
	}
	if !s.signed && d.may(ruleMandate, offset, "DtOfSgntr") {
		d.tell(ruleMandate, offset, "DrctDbtTx/MndtRltdInf/DtOfSgntr", "date")
	}
	d.payment.MandateAmended = s.indicated
}

// lacking reports once per batch what neither batch nor transaction has: the fault is
// one, however many transactions share it.
func (d *judge) lacking(missing bool, r ruleIndex, offset int64, child, name string) {
	if !missing || d.debit.told[r] {
		return
	}
	d.debit.told[r] = true
	if d.may(r, d.batch.At.Offset, name) {
		d.tell(r, offset, child, "missing")
	}
}
