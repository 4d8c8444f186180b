package pain

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"kontor/account"
	"kontor/xsd"
)

// referenceType is what a structured creditor reference says it is.
type referenceType uint8

const (
	referenceNone  referenceType = iota
	referenceSCOR                // ISO 11649
	referenceQRR                 // Swiss QR reference
	referenceOther               // anything else
)

func (d *judge) remittanceValue(r xsd.Role) {
	p, f, text := &d.pay, &d.fields, d.value.Text
	switch r {
	case roleRemittanceText:
		d.remittance()
		d.sepaText()
	case roleReferenceType:
		p.reference = referenceOther
		if string(text) == "SCOR" {
			p.reference = referenceSCOR
		}
		p.size += len("<Cd></Cd>") + len(text)
		d.sepaReferenceType()
	case roleReferenceProprietary:
		p.reference = referenceOther
		if string(text) == "QRR" {
			p.reference = referenceQRR
		}
		p.size += len("<Prtry></Prtry>") + len(text)
		d.sepaReferenceType()
	case roleReferenceIssuer:
		p.issued = string(text) == "ISO"
		p.size += len("<Issr></Issr>") + utf8.RuneCount(text)
	case roleReference:
		p.referenceAt = d.value.Offset
		p.size += len("<Ref></Ref>") + utf8.RuneCount(text)
		if !f.has(fieldReference) {
			f.set(fieldReference, text)
		}
		d.creditorReference()
	}
}

// sepaText judges the characters of a text of a SEPA payment.
func (d *judge) sepaText() {
	if d.pay.sepa {
		d.text()
	}
}

// remittance joins the unstructured lines; any other field that came between moves
// nothing, since the text so far is copied to the end of the buffer.
func (d *judge) remittance() {
	text, f := d.value.Text, &d.fields
	if len(text) == 0 || len(text) > 140 {
		if n := utf8.RuneCount(text); n == 0 || n > 140 {
			d.fault(ruleRemittance, "length", strconv.Itoa(n))
		}
	}
	if d.pay.texts++; d.pay.texts == 2 && d.pay.sepa {
		d.fault(ruleRemittance, "several")
	}
	if !f.has(fieldRemittance) {
		f.set(fieldRemittance, text)
		return
	}
	if f.to[fieldRemittance] != len(f.buffer) {
		f.set(fieldRemittance, f.get(fieldRemittance))
	}
	f.buffer = append(append(f.buffer, '\n'), text...)
	f.to[fieldRemittance] = len(f.buffer)
}

func (d *judge) openStructured(offset int64) {
	d.pay.structured, d.pay.structuredAt, d.pay.size, d.pay.issued = true, offset, 0, false
	d.pay.reference = referenceNone
}

func (d *judge) sepaReferenceType() {
	if d.pay.sepa && d.pay.reference != referenceSCOR {
		d.fault(ruleStructuredReference, "type")
	}
}

// creditorReference judges a reference that says it is one of ISO 11649, or looks so.
func (d *judge) creditorReference() {
	text, p := d.value.Text, &d.pay
	switch p.reference {
	case referenceSCOR, referenceNone:
		if (p.issued || d.profile.swiss && p.reference == referenceSCOR || bytes.HasPrefix(text, []byte("RF"))) && !account.CheckRF(text) {
			d.fault(ruleStructuredReference, "check-digits")
		}
	case referenceQRR:
		if d.profile.swiss && !account.CheckQRR(text) {
			d.fault(ruleQRReferenceForm, "form")
		}
	case referenceOther:
	}
}

// wrapping is the length of the tags around the texts of a creditor reference.
const wrapping = len("<CdtrRefInf><Tp><CdOrPrtry></CdOrPrtry></Tp></CdtrRefInf>")

const maxStructured = 140

func (d *judge) closeStructured(offset int64) {
	p := &d.pay
	if !p.sepa {
		return
	}
	if p.size > 0 && p.size+wrapping > maxStructured {
		d.tell(ruleStructuredReference, offset, "", "long")
	}
	if p.texts > 0 {
		d.tell(ruleStructuredReference, offset, "", "both")
	}
}
