package pain

import (
	"bytes"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
)

// nextPossibleDay is written as a date of collection for "as soon as possible": it is
// no day to compare with.
const nextPossibleDay = "1999-01-01"

// debit is what the rules for direct debits remember.
type debit struct {
	// of the open batch
	collection  calendar.Date // zero if not readable, or nextPossibleDay
	batchScheme bool          // the PmtInf has a CdtrSchmeId
	transaction bool          // there was a transaction before: first is set
	first       struct{ instrument, creditorID string }
	told        map[finding.Code]bool // said once per batch: every transaction lacks it

	// of the open transaction
	ownScheme bool // it has a CdtrSchmeId
	indicated bool // AmdmntInd is true
	amendment bool // AmdmntInfDtls is there
	mandate   bool // MndtId is there; a faulty one was reported
	signed    bool // DtOfSgntr is there; a faulty one was reported

	// of the open CdtrSchmeId
	schemeIDs  int
	schemeName string
}

func (s *debit) openBatch() { *s = debit{} }

func (s *debit) openPayment() {
	s.ownScheme, s.indicated, s.amendment, s.mandate, s.signed = false, false, false, false, false
}

// openDebit begins a container that only direct debits have.
func (d *reader) openDebit(r role) {
	s := &d.debit
	switch r { //nolint:exhaustive // only these containers begin something
	case roleBatchScheme:
		s.batchScheme, s.schemeIDs, s.schemeName = true, 0, ""
	case rolePaymentScheme:
		s.ownScheme, s.schemeIDs, s.schemeName = true, 0, ""
		if s.batchScheme {
			d.faultHere(CodeCreditorScheme, "", "the payment information has a creditor identifier already")
		}
	case roleAmendment:
		s.amendment = true
	}
}

// closeDebit ends a container that only direct debits have.
func (d *reader) closeDebit(r role) {
	s := &d.debit
	switch r { //nolint:exhaustive // only these containers end something
	case roleBatchScheme, rolePaymentScheme:
		switch {
		case s.schemeIDs != 1:
			d.faultHere(CodeCreditorScheme, "Id/PrvtId/Othr", "the creditor identifier is not given as exactly one private identification")
		case s.schemeName != "SEPA":
			d.faultHere(CodeCreditorScheme, "Id/PrvtId/Othr/SchmeNm/Prtry", "the scheme name of the creditor identifier is not SEPA")
		}
	case roleMandate:
		switch {
		case s.indicated && !s.amendment:
			d.faultHere(CodeAmendment, "AmdmntInfDtls", "the amendment indicator is true, and the details of the amendment are missing")
		case s.amendment && !s.indicated:
			d.faultHere(CodeAmendment, "AmdmntInd", "there are details of an amendment, and the amendment indicator is not true")
		}
	}
}

// faultHere reports something at the tag being read, about a child if one is named.
func (d *reader) faultHere(code finding.Code, child, message string) {
	d.add(finding.Finding{Code: code, At: d.here(d.scan.Position(), child), Message: message})
}

// debitBatchValue takes the values of a PmtInf that only direct debits have.
func (d *reader) debitBatchValue(r role) {
	b, s := d.batch, &d.debit
	switch r { //nolint:exhaustive // what batchValue does not know
	case roleCollectionDate:
		text := string(bytes.Trim(d.text, blanks)) // xs:date collapses white space
		b.RequestedCollectionDate = text
		day, err := calendar.Parse(text)
		switch {
		case err != nil:
			d.fault(CodeCollectionDate, "the requested collection date is not a day of the calendar in the form YYYY-MM-DD")
		case text != nextPossibleDay:
			s.collection = day
		}
	case roleBatchSequence:
		d.sequenceType()
		b.SequenceType = string(d.text)
	case roleBatchSchemeID:
		if d.schemeID() {
			b.CreditorID = string(d.text)
		}
	case roleBatchSchemeName:
		s.schemeName = d.proprietarySchemeName()
	}
}

// debitValue takes the values of a transaction that only direct debits have.
func (d *reader) debitValue(r role) {
	s := &d.debit
	switch r { //nolint:exhaustive // what paymentValue does not know
	case rolePaymentSequence:
		d.sequenceType()
		d.fields.set(fieldSequenceType, d.text)
	case roleMandateID:
		s.mandate = true
		d.reference()
		d.fields.set(fieldMandateID, d.text)
	case roleSignatureDate:
		s.signed = true
		text := bytes.Trim(d.text, blanks)
		d.fields.set(fieldMandateSigned, text)
		d.signatureDate(text)
	case roleAmendmentIndicator:
		d.amendmentIndicator()
	case rolePaymentSchemeID:
		if d.schemeID() {
			d.fields.set(fieldCreditorID, d.text)
		}
	case rolePaymentSchemeName:
		s.schemeName = d.proprietarySchemeName()
	}
}

func (d *reader) signatureDate(text []byte) {
	day, err := calendar.Parse(string(text))
	if err != nil {
		d.fault(CodeMandate, "the date of signature is not a day of the calendar in the form YYYY-MM-DD")
		return
	}
	if s := &d.debit; !s.collection.IsZero() && s.collection.Before(day) {
		d.fault(CodeSignedLate, "the mandate is signed after the requested collection date")
	}
}

func (d *reader) amendmentIndicator() {
	switch string(bytes.Trim(d.text, blanks)) { // xs:boolean
	case "true", "1":
		d.debit.indicated = true
	case "false", "0":
	default:
		d.fault(CodeAmendment, "the amendment indicator is neither true nor false")
	}
}

func (d *reader) sequenceType() {
	if !isSequenceType(d.text) {
		d.fault(CodeSequenceType, "the sequence type is not FRST, RCUR, FNAL or OOFF")
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

// schemeID judges a creditor identifier and says whether it is the one that counts:
// the first of a CdtrSchmeId.
func (d *reader) schemeID() bool {
	d.debit.schemeIDs++
	if err := account.CheckCreditorID(d.text); err != nil {
		d.fault(CodeCreditorID, err.Error())
	}
	return d.debit.schemeIDs == 1
}

// proprietarySchemeName returns the scheme name, "" for one given as a code. The usual
// one costs no allocation.
func (d *reader) proprietarySchemeName() string {
	switch {
	case d.leafIsCode():
		return ""
	case string(d.text) == "SEPA":
		return "SEPA"
	}
	return string(d.text)
}

// leafIsCode tells the two leaves of a choice of code and proprietary text apart.
func (d *reader) leafIsCode() bool { return d.frames[d.depth-1].el.name == "Cd" }

// debitService judges a service level of a direct debit.
func (d *reader) debitService() {
	if d.version.kind == KindDirectDebit && (!d.leafIsCode() || string(d.text) != "SEPA") {
		d.fault(CodeServiceLevel, "the service level of a direct debit is not the code SEPA")
	}
}

// debitInstrument judges a local instrument of a direct debit.
func (d *reader) debitInstrument() {
	if d.version.kind != KindDirectDebit {
		return
	}
	switch text := string(d.text); {
	case text == "COR1":
		d.fault(CodeLocalInstrument, "COR1 ended in November 2016: what it was for is part of CORE")
	case !d.leafIsCode() || (text != "CORE" && text != "B2B"):
		d.fault(CodeLocalInstrument, "the local instrument of a direct debit is not the code CORE or B2B")
	}
}

// judgeDebit is for the end of a transaction, when it is known what it does not have.
func (d *reader) judgeDebit() {
	b, s, f := d.batch, &d.debit, &d.fields
	d.lacking(b.ServiceLevel == "" && !f.has(fieldServiceLevel), CodeServiceLevel, "PmtTpInf/SvcLvl", "the service level")
	d.lacking(b.LocalInstrument == "" && !f.has(fieldLocalInstrument), CodeLocalInstrument, "PmtTpInf/LclInstrm", "the local instrument")
	d.lacking(b.SequenceType == "" && !f.has(fieldSequenceType), CodeSequenceType, "PmtTpInf/SeqTp", "the sequence type")
	d.lacking(!s.batchScheme && !s.ownScheme, CodeCreditorScheme, "DrctDbtTx/CdtrSchmeId", "the creditor identifier")
	if !s.mandate {
		d.faultHere(CodeMandate, "DrctDbtTx/MndtRltdInf/MndtId", "the mandate identification is missing")
	}
	if !s.signed {
		d.faultHere(CodeMandate, "DrctDbtTx/MndtRltdInf/DtOfSgntr", "the date of signature of the mandate is missing")
	}
	d.payment.MandateAmended = s.indicated
	d.judgeHomogeneity()
}

// lacking reports once per batch what neither batch nor transaction has: the fault is
// one, however many transactions share it.
func (d *reader) lacking(missing bool, code finding.Code, child, what string) {
	if !missing || d.debit.told[code] {
		return
	}
	if d.debit.told == nil {
		d.debit.told = map[finding.Code]bool{}
	}
	d.debit.told[code] = true
	d.faultHere(code, child, what+" is missing, both of the payment information and of the transaction")
}

// judgeHomogeneity compares a transaction with the first of its batch: they are booked
// as one sum, and go one way.
func (d *reader) judgeHomogeneity() {
	s, f := &d.debit, &d.fields
	effective := func(name field, batch string) []byte {
		if f.has(name) {
			return f.buffer[f.from[name]:f.to[name]]
		}
		return []byte(batch)
	}
	instrument, creditorID := effective(fieldLocalInstrument, d.batch.LocalInstrument), effective(fieldCreditorID, d.batch.CreditorID)
	if !s.transaction {
		s.transaction = true
		s.first.instrument, s.first.creditorID = string(instrument), string(creditorID)
		return
	}
	if string(instrument) != s.first.instrument {
		d.faultHere(CodeHomogeneous, "PmtTpInf/LclInstrm", "the local instrument is not that of the first transaction of the payment information")
	}
	if string(creditorID) != s.first.creditorID {
		d.faultHere(CodeHomogeneous, "DrctDbtTx/CdtrSchmeId", "the creditor identifier is not that of the first transaction of the payment information")
	}
}
