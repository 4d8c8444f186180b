package pain

import (
	"bytes"
	"fmt"
	"strconv"

	"kontor/account"
	"kontor/xsd"
)

// field names a text of the current transaction inside fields.
type field uint8

const (
	fieldInstructionID field = iota
	fieldEndToEndID
	fieldCounterparty
	fieldAccount
	fieldAgent
	fieldRemittance
	fieldReference
	fieldServiceLevel
	fieldLocalInstrument
	fieldSequenceType
	fieldMandateID
	fieldMandateSigned
	fieldCreditorID
	fieldPath
	fieldCount
)

// fields gathers the texts of one transaction in one buffer, so that handing them out
// costs one string and not ten.
type fields struct {
	buffer []byte
	from   [fieldCount]int
	to     [fieldCount]int
}

func (f *fields) reset() { *f = fields{buffer: f.buffer[:0]} }

func (f *fields) set(name field, text []byte) {
	f.from[name] = len(f.buffer)
	f.buffer = append(f.buffer, text...)
	f.to[name] = len(f.buffer)
}

func (f *fields) has(name field) bool { return f.to[name] > f.from[name] }

func (f *fields) get(name field) []byte { return f.buffer[f.from[name]:f.to[name]:f.to[name]] }

// payment is what the rules remember of the open transaction.
type payment struct {
	sepa    bool
	service bool // it has a service level of its own
	instant bool

	party        bool // the counterparty is there
	address      address
	agent        bool
	agentAt      int64
	agentBIC     bool // a well-formed one
	agentOther   bool
	clearing     bool
	agentName    bool
	agentAddress bool
	account      bool
	accountOther bool
	accountAt    int64
	ibanRight    bool
	bicAt        int64
	amountAt     int64
	chargesAt    int64 // Switzerland only

	texts        int // unstructured remittance informations
	structured   bool
	structuredAt int64
	reference    referenceType
	referenceAt  int64
	issued       bool // by ISO
	size         int  // of the texts in the structured remittance information
}

func (d *judge) openPayment(offset int64) {
	d.fields.reset()
	d.debit.openPayment()
	d.pay = payment{sepa: d.state.sepa, instant: d.state.instant}
	d.payment = Payment{Ordinal: d.message.Count, Batch: d.batch}
	d.payment.At.Offset = offset
	if d.visitor.Payment != nil {
		d.payment.At = location(d.run.Position(offset), "")
	}
}

func (d *judge) closePayment(offset, end int64) error {
	d.judgePayment(offset)
	if d.kind == KindDirectDebit {
		d.judgeDebit(offset)
	} else {
		d.judgeTransfer(offset)
	}
	d.settle()
	d.payment.Length = end - offset
	t := d.trace(offset)
	if d.chunk != nil {
		t.at = d.run.Position(offset)
		if d.visitor.Payment == nil {
			d.chunk.keep(&t, nil)
		} else {
			d.fill(&d.payment)
			d.chunk.keep(&t, &d.payment)
		}
		d.batch.Count++
		return nil
	}
	d.across(&t)
	if err := d.compare(offset); err != nil {
		return err
	}
	if d.visitor.View != nil {
		d.fillView()
		if err := d.visitor.View(&d.view); err != nil {
			return fmt.Errorf("handing out payment %d: %w", d.payment.Ordinal, err)
		}
	}
	if d.visitor.Payment != nil {
		d.fill(&d.payment)
		if err := d.handOut(&d.payment); err != nil {
			return err
		}
	}
	d.message.Count++
	d.batch.Count++
	return nil
}

func (d *judge) handOut(p *Payment) error {
	if err := d.visitor.Payment(p); err != nil {
		return fmt.Errorf("handing out payment %d: %w", p.Ordinal, err)
	}
	return nil
}

// names of the parts of the counterparty in both kinds of message.
func (d *judge) other() (party, agent, number string) {
	if d.kind == KindDirectDebit {
		return "Dbtr", "DbtrAgt", "DbtrAcct"
	}
	return "Cdtr", "CdtrAgt", "CdtrAcct"
}

func (d *judge) bicPath() string {
	_, agent, _ := d.other()
	if d.classic {
		return agent + "/FinInstnId/BIC"
	}
	return agent + "/FinInstnId/BICFI"
}

// judgePayment is for the end of a transaction of either kind, when all of it is known.
func (d *judge) judgePayment(offset int64) {
	p, f := &d.pay, &d.fields
	iban, bic := f.get(fieldAccount), f.get(fieldAgent)
	if p.ibanRight && p.agentBIC {
		d.judgeAffiliation(iban, bic)
	}
	if p.ibanRight && d.banks != nil {
		d.judgeBank(iban)
	}
	if d.on(ruleSameAccount) && len(iban) > 0 && string(iban) == d.batch.OwnAccount() {
		_, _, number := d.other()
		d.tell(ruleSameAccount, p.accountAt, number+"/Id", "same")
	}
	if p.sepa && p.ibanRight {
		d.judgeReach(iban)
	}
	if d.state.timed && !d.state.untimely && !p.instant {
		d.state.untimely = true
		d.tell(ruleTimeOfDay, offset, "", "time")
	}
	if d.state.closed && !d.state.closedTold && p.sepa && !p.instant {
		d.state.closedTold = true
		d.tell(ruleDateClosed, offset, "", "closed")
	}
}

// judgeReach is about the country of the other party's account in a SEPA payment.
func (d *judge) judgeReach(iban []byte) {
	country := iban[:2]
	if string(country) == string(d.inner[:]) {
		return // as the account before: within the EEA
	}
	_, agent, number := d.other()
	if !account.SEPA(country, d.reach) {
		d.tellText(ruleNotSEPACountry, d.pay.accountAt, number+"/Id/IBAN", iban, "country", string(country))
		return
	}
	if account.EEA(country, d.reach) {
		copy(d.inner[:], country)
		return
	}
	if own := d.batch.OwnAccount(); !d.fields.has(fieldAgent) && (len(own) < 2 || own[:2] != string(country)) {
		// A credit transfer need not name a bank that the directory knows; a direct debit must, and is told which.
		of, known := d.knownBank(iban)
		switch {
		case d.kind == KindDirectDebit && known:
			d.tell(ruleBICRequired, d.pay.accountAt, agent, "known", string(country), string(of))
		case d.kind == KindDirectDebit:
			d.tell(ruleBICRequired, d.pay.accountAt, agent, "missing", string(country))
		case !known:
			d.tellMildly(ruleBICRequired, d.pay.accountAt, agent, "missing", string(country))
		}
	}
	if a := &d.pay.address; d.kind == KindDirectDebit && !a.full() && (!d.classic || !a.country && a.lines == 0) {
		d.tell(ruleDebtorAddress, d.pay.accountAt, "Dbtr/PstlAdr", "missing", string(country))
	}
}

// judgeTransfer reports a creditor and account missing in a credit transfer, where the
// schema may not ask for them.
func (d *judge) judgeTransfer(offset int64) {
	p := &d.pay
	if !p.party && d.may(ruleName, offset, "Cdtr") {
		d.tell(ruleName, offset, "Cdtr/Nm", "party")
	}
	if !p.account && p.sepa && d.may(ruleIBAN, offset, "CdtrAcct") {
		d.tell(ruleIBAN, offset, "CdtrAcct", "missing")
	}
	if d.profile.swiss {
		d.judgeSwiss(offset)
	}
}

func (d *judge) paymentValue(r xsd.Role) {
	p, f, text := &d.pay, &d.fields, d.value.Text
	switch r {
	case rolePaymentServiceCode, rolePaymentServiceProprietary:
		if code := r == rolePaymentServiceCode; !p.service {
			p.service = true
			f.set(fieldServiceLevel, text)
			p.sepa = d.isSEPA(string(text), code)
		}
		d.debitService(r == rolePaymentServiceCode)
	case rolePaymentInstrumentCode, rolePaymentInstrumentProprietary:
		d.instrument(r == rolePaymentInstrumentCode, d.serviceLevel())
		f.set(fieldLocalInstrument, text)
		p.instant = isInstant(text)
	case roleInstructionID:
		d.reference()
		f.set(fieldInstructionID, text)
	case roleEndToEndID:
		d.reference()
		f.set(fieldEndToEndID, text)
	case roleAmount:
		d.amount()
	case rolePaymentCharges:
		d.charges(p.sepa)
		d.swissCharges()
		d.bothLevels(d.state.hasCharges, d.value.Offset, "ChrgBr")
	default:
		d.counterpartyValue(r)
	}
}

// serviceLevel of the open transaction, "" if none.
func (d *judge) serviceLevel() string {
	if d.pay.service {
		return string(d.fields.get(fieldServiceLevel))
	}
	return d.batch.ServiceLevel
}

// bothLevels reports what the payment information has already.
func (d *judge) bothLevels(already bool, offset int64, what string) {
	if already {
		d.tell(ruleBothLevels, offset, "", "both", what)
	}
}

// counterpartyValue is about the other party's bank and account.
func (d *judge) counterpartyValue(r xsd.Role) {
	p, f, text := &d.pay, &d.fields, d.value.Text
	switch r {
	case roleBIC:
		p.agentBIC, p.bicAt = d.bic(d.agentCase("bic", "creditor-bic")), d.value.Offset
		f.set(fieldAgent, text)
	case roleAgentOther:
		p.agentOther = true
		if p.sepa && !bytes.Equal(text, notProvided) {
			d.fault(ruleAgent, "other")
		}
	case roleAgentClearing:
		p.clearing = true
	case roleAgentName:
		p.agentName = true
	case roleIBAN:
		p.ibanRight, p.accountAt = d.iban(), d.value.Offset
		f.set(fieldAccount, text)
	case roleAccountOtherID:
		p.accountAt = d.value.Offset
		f.set(fieldAccount, text)
	case roleRemittanceText, roleReferenceType, roleReferenceProprietary, roleReferenceIssuer, roleReference:
		d.remittanceValue(r)
	default:
		d.debitValue(r)
	}
}

// closeAgent judges the other party's agent that says nothing. A credit transfer may
// have none at all, and then no element either.
func (d *judge) closeAgent(offset int64) {
	p := &d.pay
	if p.sepa && !d.profile.swiss && !d.fields.has(fieldAgent) && !p.agentOther && !d.refused && d.may(ruleAgent, offset, "BICFI", "BIC", "FinInstnId") {
		d.tell(ruleAgent, offset, "FinInstnId", d.agentCase("missing", "creditor-missing"))
	}
}

// agentCase chooses what to say of the other party's agent: that of a direct debit must
// be there, the other is better left out.
func (d *judge) agentCase(debit, transfer string) string {
	if d.kind == KindDirectDebit {
		return debit
	}
	return transfer
}

// fill makes one string of all texts of the transaction and hands out parts of it.
func (d *judge) fill(p *Payment) {
	f := &d.fields
	f.from[fieldPath] = len(f.buffer)
	f.buffer = d.appendPath(f.buffer)
	f.to[fieldPath] = len(f.buffer)
	all := string(f.buffer)
	text := func(name field) string { return all[f.from[name]:f.to[name]] }
	p.InstructionID, p.EndToEndID = text(fieldInstructionID), text(fieldEndToEndID)
	p.ServiceLevel, p.LocalInstrument, p.SequenceType = text(fieldServiceLevel), text(fieldLocalInstrument), text(fieldSequenceType)
	p.Remittance, p.At.Path = text(fieldRemittance), text(fieldPath)
	if !f.has(fieldRemittance) {
		p.Remittance = text(fieldReference)
	}
	name, number, agent := text(fieldCounterparty), text(fieldAccount), text(fieldAgent)
	if d.kind == KindDirectDebit {
		p.Debtor, p.DebtorAccount, p.DebtorAgent = name, number, agent
		p.MandateID, p.MandateSigned, p.CreditorID = text(fieldMandateID), text(fieldMandateSigned), text(fieldCreditorID)
	} else {
		p.Creditor, p.CreditorAccount, p.CreditorAgent = name, number, agent
	}
}

// appendPath appends the path of the transaction that is not counted yet: that of its
// batch is known.
func (d *judge) appendPath(path []byte) []byte {
	name := "/CdtTrfTxInf["
	if d.kind == KindDirectDebit {
		name = "/DrctDbtTxInf["
	}
	path = append(append(path, d.batch.At.Path...), name...)
	return append(strconv.AppendInt(path, int64(d.batch.Count+1), 10), ']')
}

// fillView points into the texts of the transaction.
func (d *judge) fillView() {
	f := &d.fields
	d.view = PaymentView{
		Ordinal: d.payment.Ordinal, Batch: d.batch, Amount: d.payment.Amount, Offset: d.payment.At.Offset, Length: d.payment.Length,
		InstructionID: f.get(fieldInstructionID), EndToEndID: f.get(fieldEndToEndID), ServiceLevel: f.get(fieldServiceLevel), LocalInstrument: f.get(fieldLocalInstrument),
		Party: f.get(fieldCounterparty), Account: f.get(fieldAccount), Agent: f.get(fieldAgent), Remittance: f.get(fieldRemittance), Reference: f.get(fieldReference),
		SequenceType: f.get(fieldSequenceType), MandateID: f.get(fieldMandateID), MandateSigned: f.get(fieldMandateSigned), CreditorID: f.get(fieldCreditorID), MandateAmended: d.payment.MandateAmended,
	}
}
