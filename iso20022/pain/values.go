package pain

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
)

// field names a text of the current transaction inside fields.
type field uint8

const (
	fieldInstructionID field = iota
	fieldEndToEndID
	fieldCounterparty
	fieldCounterpartyAccount
	fieldCounterpartyAgent
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
	party  bool // the counterparty was opened
	acct   bool // its account was opened
}

func (f *fields) reset() { *f = fields{buffer: f.buffer[:0]} }

func (f *fields) set(name field, text []byte) {
	f.from[name] = len(f.buffer)
	f.buffer = append(f.buffer, text...)
	f.to[name] = len(f.buffer)
}

func (f *fields) has(name field) bool { return f.to[name] > f.from[name] }

// openContainer begins a batch, a transaction or a party.
func (d *reader) openContainer(el *element) {
	switch el.role { //nolint:exhaustive // only these containers begin something
	case roleBatch:
		ordinal := 0
		if d.batch != nil {
			ordinal = d.batch.Ordinal + 1
		}
		d.batch = &Batch{Ordinal: ordinal, Kind: d.version.kind, At: d.here(d.scan.Position(), "")}
		d.totals.openBatch()
		d.debit.openBatch()
	case rolePayment:
		d.fields.reset()
		d.debit.openPayment()
		d.payment = Payment{Ordinal: d.message.Count, Batch: d.batch, At: location(d.scan.Position(), "")}
		d.leafPos = d.scan.Position()
	case roleCounterparty:
		d.fields.party = true
	case roleCounterpartyAccount:
		d.fields.acct = true
	case roleOwnerOther, roleCounterpartyOther:
		d.add(finding.Finding{Code: CodeIBAN, At: d.here(d.scan.Position(), ""), Message: "the account is not given as an IBAN"})
	case roleEquivalentAmount:
		d.add(finding.Finding{Code: CodeAmount, At: d.here(d.scan.Position(), ""), Message: "the amount is given as an equivalent amount; only an instructed amount is sent"})
	default:
		d.openDebit(el.role)
	}
}

// closeContainer ends a batch, a transaction or a party.
func (d *reader) closeContainer(f *frame) error {
	switch f.el.role { //nolint:exhaustive // only these containers end something
	case roleBatch:
		return d.closeBatch()
	case rolePayment:
		return d.closePayment()
	case roleOwner, roleCounterparty:
		if f.seen&1 == 0 { // Nm is the first child of a party
			d.nameless()
		}
	default:
		d.closeDebit(f.el.role)
	}
	return nil
}

func (d *reader) nameless() {
	d.add(finding.Finding{Code: CodeName, At: d.here(d.scan.Position(), "Nm"), Message: "the name is missing"})
}

func (d *reader) closeBatch() error {
	d.judgeBatchTotals()
	if d.visitor.Batch == nil {
		return nil
	}
	if err := d.visitor.Batch(d.batch); err != nil {
		return fmt.Errorf("handing out batch %d: %w", d.batch.Ordinal, err)
	}
	return nil
}

func (d *reader) closePayment() error {
	d.judgeParties()
	if d.version.kind == KindDirectDebit {
		d.judgeDebit()
	}
	d.message.Count++
	d.batch.Count++
	if d.visitor.Payment == nil {
		return nil
	}
	d.fill(&d.payment)
	if err := d.visitor.Payment(&d.payment); err != nil {
		return fmt.Errorf("handing out payment %d: %w", d.payment.Ordinal, err)
	}
	return nil
}

// judgeParties reports a creditor and account missing in a credit transfer, where the
// schema does not ask for them.
func (d *reader) judgeParties() {
	if d.version.kind != KindCreditTransfer {
		return
	}
	if !d.fields.party {
		d.add(finding.Finding{Code: CodeName, At: d.here(d.scan.Position(), "Cdtr/Nm"), Message: "the creditor is missing"})
	}
	if !d.fields.acct {
		d.add(finding.Finding{Code: CodeIBAN, At: d.here(d.scan.Position(), "CdtrAcct"), Message: "the creditor's account is missing"})
	}
}

// fill makes one string of all texts of the transaction and hands out parts of it.
func (d *reader) fill(p *Payment) {
	d.fields.from[fieldPath] = len(d.fields.buffer)
	d.fields.buffer = d.appendPath(d.fields.buffer)
	d.fields.to[fieldPath] = len(d.fields.buffer)
	all := string(d.fields.buffer)
	text := func(name field) string { return all[d.fields.from[name]:d.fields.to[name]] }
	p.InstructionID, p.EndToEndID = text(fieldInstructionID), text(fieldEndToEndID)
	p.ServiceLevel, p.LocalInstrument, p.SequenceType = text(fieldServiceLevel), text(fieldLocalInstrument), text(fieldSequenceType)
	p.Remittance, p.At.Path = text(fieldRemittance), text(fieldPath)
	if !d.fields.has(fieldRemittance) {
		p.Remittance = text(fieldReference)
	}
	name, account, agent := text(fieldCounterparty), text(fieldCounterpartyAccount), text(fieldCounterpartyAgent)
	if d.version.kind == KindDirectDebit {
		p.Debtor, p.DebtorAccount, p.DebtorAgent = name, account, agent
		p.MandateID, p.MandateSigned, p.CreditorID = text(fieldMandateID), text(fieldMandateSigned), text(fieldCreditorID)
	} else {
		p.Creditor, p.CreditorAccount, p.CreditorAgent = name, account, agent
	}
	p.Length = d.scan.EndOffset() - p.At.Offset
}

// closeLeaf judges a value and keeps it.
func (d *reader) closeLeaf(el *element) {
	if d.cut {
		d.add(finding.Finding{Code: CodeStructure, At: d.here(d.scan.Position(), ""), Message: fmt.Sprintf("the value is longer than %d bytes", maxValue), Text: string(d.text)})
	}
	switch r := el.role; {
	case r == roleNone:
	case r < roleBatch:
		d.headerValue(r)
	case r < rolePayment:
		d.batchValue(r)
	default:
		d.paymentValue(r)
	}
}

func (d *reader) headerValue(r role) {
	switch r { //nolint:exhaustive // the roles before roleBatch
	case roleMessageID:
		d.reference()
		d.message.MessageID = string(d.text)
	case roleCreationDateTime:
		d.message.CreationDateTime = string(d.text)
	case roleGroupCount:
		d.message.DeclaredCount = string(d.text)
		d.totals.group.count = d.declaredCount()
	case roleGroupSum:
		d.message.DeclaredSum = string(d.text)
		d.totals.group.sum = d.declaredSum()
	case roleInitiatingParty:
		d.name()
		d.message.InitiatingParty = string(d.text)
	}
}

func (d *reader) batchValue(r role) {
	b := d.batch
	switch r { //nolint:exhaustive // the roles from roleBatch to before rolePayment
	case roleBatchID:
		d.reference()
		d.uniqueBatchID()
		b.PaymentInformationID = string(d.text)
	case roleMethod:
		if b.PaymentMethod = string(d.text); b.PaymentMethod != d.version.method {
			d.fault(CodePaymentMethod, "the payment method of a "+d.version.kind.String()+" is not "+d.version.method)
		}
	case roleBatchCount:
		d.totals.batch.count = d.declaredCount()
	case roleBatchSum:
		d.totals.batch.sum = d.declaredSum()
	case roleServiceLevel:
		if b.ServiceLevel == "" {
			b.ServiceLevel = string(d.text)
		}
		d.debitService()
	case roleLocalInstrument:
		d.debitInstrument()
		b.LocalInstrument = string(d.text)
	case roleExecutionDate:
		text := string(bytes.Trim(d.text, blanks)) // xs:date collapses white space
		if b.RequestedExecutionDate = text; !isDate(text) {
			d.fault(CodeExecutionDate, "the requested execution date is not a day of the calendar in the form YYYY-MM-DD")
		}
	case roleExecutionDateTime:
		text := string(bytes.Trim(d.text, blanks))
		if b.RequestedExecutionDate = text; !isDateTime(text) {
			d.fault(CodeExecutionDate, "the requested execution time is not a date and time in the form YYYY-MM-DDThh:mm:ss, with or without zone")
		}
	case roleOwnerCurrency:
		b.Currency = string(d.text)
	case roleOwnerName, roleOwnerIBAN, roleOwnerOtherID, roleOwnerBIC:
		d.ownerValue(r)
	default:
		d.debitBatchValue(r)
	}
}

// ownerValue is about the party whose account the batch moves.
func (d *reader) ownerValue(r role) {
	b := d.batch
	name, account, agent := &b.Debtor, &b.DebtorAccount, &b.DebtorAgent
	if b.Kind == KindDirectDebit {
		name, account, agent = &b.Creditor, &b.CreditorAccount, &b.CreditorAgent
	}
	switch r { //nolint:exhaustive // the four that batchValue passes on
	case roleOwnerName:
		d.name()
		*name = string(d.text)
	case roleOwnerIBAN:
		d.iban()
		*account = string(d.text)
	case roleOwnerOtherID:
		*account = string(d.text)
	case roleOwnerBIC:
		d.bic()
		*agent = string(d.text)
	}
}

func (d *reader) paymentValue(r role) {
	switch r { //nolint:exhaustive // the roles from rolePayment on
	case rolePaymentServiceLevel:
		if !d.fields.has(fieldServiceLevel) {
			d.fields.set(fieldServiceLevel, d.text)
		}
		d.debitService()
	case rolePaymentLocalInstrument:
		d.debitInstrument()
		d.fields.set(fieldLocalInstrument, d.text)
	case roleInstructionID:
		d.reference()
		d.fields.set(fieldInstructionID, d.text)
	case roleEndToEndID:
		d.reference()
		d.fields.set(fieldEndToEndID, d.text)
	case roleAmount:
		d.amount()
	case roleCounterpartyBIC:
		d.bic()
		d.fields.set(fieldCounterpartyAgent, d.text)
	case roleCounterpartyName:
		d.name()
		d.fields.set(fieldCounterparty, d.text)
	case roleCounterpartyIBAN:
		d.iban()
		d.fields.set(fieldCounterpartyAccount, d.text)
	case roleCounterpartyOtherID:
		d.fields.set(fieldCounterpartyAccount, d.text)
	case roleRemittanceText:
		d.remittance()
	case roleRemittanceReference:
		if !d.fields.has(fieldReference) {
			d.fields.set(fieldReference, d.text)
		}
	default:
		d.debitValue(r)
	}
}

// reference judges an identification that comes back from the bank (EPC230-15).
func (d *reader) reference() {
	if !isReference(d.text) {
		d.fault(CodeReference, "the reference is not 1 to 35 characters of A-Z, a-z, 0-9, blank and + ? / - : ( ) . , '")
	}
	if hasLooseSlash(d.text) {
		d.fault(CodeReferenceSlashes, "the reference begins or ends with a slash or has two in a row")
	}
}

func isReference(text []byte) bool {
	if len(text) == 0 || len(text) > 35 {
		return false
	}
	for _, ch := range text {
		switch {
		case ch >= 'A' && ch <= 'Z', ch >= 'a' && ch <= 'z', ch >= '0' && ch <= '9':
		case bytes.IndexByte([]byte(" +?/-:().,'"), ch) >= 0:
		default:
			return false
		}
	}
	return true
}

func hasLooseSlash(text []byte) bool {
	return bytes.HasPrefix(text, []byte("/")) || bytes.HasSuffix(text, []byte("/")) || bytes.Contains(text, []byte("//"))
}

// name judges the name of a party.
func (d *reader) name() {
	switch {
	case len(bytes.Trim(d.text, blanks)) == 0:
		d.fault(CodeName, "the name is empty")
	case utf8.RuneCount(d.text) > 140:
		d.fault(CodeName, "the name is longer than 140 characters")
	}
}

// remittance joins the unstructured lines; any other field that came between moves
// nothing, since the text so far is copied to the end of the buffer.
func (d *reader) remittance() {
	if n := utf8.RuneCount(d.text); n == 0 || n > 140 {
		d.fault(CodeRemittance, fmt.Sprintf("the remittance information has %d characters instead of 1 to 140", n))
	}
	f := &d.fields
	if !f.has(fieldRemittance) {
		f.set(fieldRemittance, d.text)
		return
	}
	if f.to[fieldRemittance] != len(f.buffer) {
		f.set(fieldRemittance, f.buffer[f.from[fieldRemittance]:f.to[fieldRemittance]])
	}
	f.buffer = append(append(f.buffer, '\n'), d.text...)
	f.to[fieldRemittance] = len(f.buffer)
}

func (d *reader) iban() {
	if err := account.CheckIBAN(d.text); err != nil {
		d.fault(CodeIBAN, err.Error())
	}
}

func (d *reader) bic() {
	check := account.CheckClassicBIC
	if d.version.modern {
		check = account.CheckBIC
	}
	if err := check(d.text); err != nil {
		d.fault(CodeBIC, err.Error())
	}
}

func isDate(text string) bool {
	_, err := calendar.Parse(text)
	return err == nil
}
