package pain

import (
	"kontor/account"
	"kontor/finding"
)

// swissType is a payment type of the Swiss Payment Standards.
type swissType uint8

const (
	swissDomestic swissType = iota + 1 // D: CHF or EUR to an account in Switzerland or Liechtenstein
	swissSEPA                          // S
	swissForeign                       // X: everything else
	swissCheque                        // C
)

func isSwiss(country []byte) bool { return string(country) == "CH" || string(country) == "LI" }

// swissKind classifies the open transaction, which is at its end. A payment to an account
// that is not an IBAN is domestic if its bank is, by clearing number or BIC.
func (d *judge) swissKind() swissType {
	iban, bic := d.fields.get(fieldAccount), d.fields.get(fieldAgent)
	currency := d.payment.Amount.Currency
	switch {
	case d.batch.PaymentMethod == "CHK":
		return swissCheque
	case d.pay.sepa:
		return swissSEPA
	case currency != "CHF" && currency != "EUR":
		return swissForeign
	case !d.pay.accountOther && len(iban) > 2:
		if isSwiss(iban[:2]) {
			return swissDomestic
		}
	case d.pay.clearing, len(bic) > 6 && isSwiss(bic[4:6]), !d.pay.agent:
		return swissDomestic
	}
	return swissForeign
}

// judgeSwiss is for the end of a Swiss credit transfer.
func (d *judge) judgeSwiss(offset int64) {
	p := &d.pay
	switch d.swissKind() {
	case swissDomestic:
		d.judgeQR(offset)
		if p.chargesAt > 0 {
			d.tell(ruleSwissCharges, p.chargesAt, "ChrgBr", "bearer")
		}
		if p.accountOther && !p.clearing && !d.fields.has(fieldAgent) {
			d.tell(ruleSwissAgent, offset, "CdtrAgt", "missing")
		}
	case swissSEPA:
		if c := d.payment.Amount.Currency; c != "" && c != "EUR" {
			d.tellText(ruleSwissEuro, p.amountAt, "Amt/InstdAmt", []byte(c), "currency", finding.Shorten(string(c)))
		}
		if p.accountOther || !p.account {
			d.tell(ruleSwissEuro, offset, "CdtrAcct/Id/IBAN", "account")
		}
	case swissForeign:
		d.judgeQR(offset)
		if !p.address.full() && (p.address.lines == 0 || p.address.structure) {
			d.tell(ruleForeignCreditor, offset, "Cdtr/PstlAdr", "address")
		}
		if !d.fields.has(fieldAgent) && (!p.agentName || !p.agentAddress) {
			d.tell(ruleForeignCreditor, offset, "CdtrAgt", "agent")
		}
	case swissCheque:
	}
}

// judgeQR is about the kinds of accounts and references of QR-bills.
func (d *judge) judgeQR(offset int64) {
	p := &d.pay
	iban := d.fields.get(fieldAccount)
	if !p.ibanRight {
		return
	}
	if !account.QRIBAN(iban) {
		if p.reference == referenceQRR {
			d.tell(ruleQRReference, p.referenceAt, "RmtInf/Strd/CdtrRefInf", "ordinary")
		}
		return
	}
	switch p.reference {
	case referenceQRR:
	case referenceSCOR:
		d.tell(ruleQRReference, p.referenceAt, "RmtInf/Strd/CdtrRefInf", "scor")
	case referenceNone, referenceOther:
		d.tell(ruleQRReference, offset, "RmtInf/Strd/CdtrRefInf", "no-reference")
	}
	if c := d.payment.Amount.Currency; c != "" && c != "CHF" && c != "EUR" {
		d.tell(ruleQRReference, p.amountAt, "Amt/InstdAmt", "currency")
	}
}

// swissCharges is for ChrgBr of a transaction: what it pays is known only at its end, so
// the place is kept.
func (d *judge) swissCharges() {
	if d.profile.swiss {
		d.pay.chargesAt = d.value.Offset
	}
}
