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
	fieldCreditor
	fieldCreditorAccount
	fieldCreditorAgent
	fieldRemittance
	fieldReference
	fieldServiceLevel
	fieldLocalInstrument
	fieldPath
	fieldCount
)

// fields gathers the texts of one transaction in one buffer, so that handing them out
// costs one string and not ten.
type fields struct {
	buffer []byte
	from   [fieldCount]int
	to     [fieldCount]int
	cdtr   bool // Cdtr was opened
	acct   bool // CdtrAcct was opened
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
		d.batch = &Batch{Ordinal: ordinal, At: d.here(d.scan.Position(), "")}
		d.totals.openBatch()
	case rolePayment:
		d.fields.reset()
		d.payment = Payment{Ordinal: d.message.Count, Batch: d.batch, At: location(d.scan.Position(), "")}
		d.leafPos = d.scan.Position()
	case roleCreditor:
		d.fields.cdtr = true
	case roleCreditorAccount:
		d.fields.acct = true
	case roleDebtorOther, roleCreditorOther:
		d.add(finding.Finding{Code: CodeIBAN, At: d.here(d.scan.Position(), ""), Message: "the account is not given as an IBAN"})
	case roleEquivalentAmount:
		d.add(finding.Finding{Code: CodeAmount, At: d.here(d.scan.Position(), ""), Message: "the amount is given as an equivalent amount; only an instructed amount is sent"})
	}
}

// closeContainer ends a batch, a transaction or a party.
func (d *reader) closeContainer(f *frame) error {
	switch f.el.role { //nolint:exhaustive // only these containers end something
	case roleBatch:
		return d.closeBatch()
	case rolePayment:
		return d.closePayment()
	case roleDebtor, roleCreditor:
		if f.seen&1 == 0 { // Nm is the first child of a party
			d.nameless()
		}
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
	if !d.fields.cdtr {
		d.add(finding.Finding{Code: CodeName, At: d.here(d.scan.Position(), "Cdtr/Nm"), Message: "the creditor is missing"})
	}
	if !d.fields.acct {
		d.add(finding.Finding{Code: CodeIBAN, At: d.here(d.scan.Position(), "CdtrAcct"), Message: "the creditor's account is missing"})
	}
	d.message.Count++
	d.batch.Count++
	if d.visitor.Payment == nil {
		return nil
	}
	d.fields.from[fieldPath] = len(d.fields.buffer)
	d.fields.buffer = d.appendPath(d.fields.buffer)
	d.fields.to[fieldPath] = len(d.fields.buffer)
	all := string(d.fields.buffer)
	text := func(name field) string { return all[d.fields.from[name]:d.fields.to[name]] }
	p := &d.payment
	p.InstructionID, p.EndToEndID = text(fieldInstructionID), text(fieldEndToEndID)
	p.Creditor, p.CreditorAccount, p.CreditorAgent = text(fieldCreditor), text(fieldCreditorAccount), text(fieldCreditorAgent)
	p.ServiceLevel, p.LocalInstrument = text(fieldServiceLevel), text(fieldLocalInstrument)
	p.Remittance, p.At.Path = text(fieldRemittance), text(fieldPath)
	if !d.fields.has(fieldRemittance) {
		p.Remittance = text(fieldReference)
	}
	p.Length = d.scan.EndOffset() - p.At.Offset
	if err := d.visitor.Payment(p); err != nil {
		return fmt.Errorf("handing out payment %d: %w", p.Ordinal, err)
	}
	return nil
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
		if b.PaymentMethod = string(d.text); b.PaymentMethod != "TRF" {
			d.fault(CodePaymentMethod, "the payment method is not TRF")
		}
	case roleBatchCount:
		d.totals.batch.count = d.declaredCount()
	case roleBatchSum:
		d.totals.batch.sum = d.declaredSum()
	case roleServiceLevel:
		if b.ServiceLevel == "" {
			b.ServiceLevel = string(d.text)
		}
	case roleLocalInstrument:
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
	case roleDebtorName:
		d.name()
		b.Debtor = string(d.text)
	case roleDebtorIBAN:
		d.iban()
		b.DebtorAccount = string(d.text)
	case roleDebtorOtherID:
		b.DebtorAccount = string(d.text)
	case roleDebtorCurrency:
		b.Currency = string(d.text)
	case roleDebtorBIC:
		d.bic()
		b.DebtorAgent = string(d.text)
	}
}

func (d *reader) paymentValue(r role) {
	switch r { //nolint:exhaustive // the roles from rolePayment on
	case rolePaymentServiceLevel:
		if !d.fields.has(fieldServiceLevel) {
			d.fields.set(fieldServiceLevel, d.text)
		}
	case rolePaymentLocalInstrument:
		d.fields.set(fieldLocalInstrument, d.text)
	case roleInstructionID:
		d.reference()
		d.fields.set(fieldInstructionID, d.text)
	case roleEndToEndID:
		d.reference()
		d.fields.set(fieldEndToEndID, d.text)
	case roleAmount:
		d.amount()
	case roleCreditorBIC:
		d.bic()
		d.fields.set(fieldCreditorAgent, d.text)
	case roleCreditorName:
		d.name()
		d.fields.set(fieldCreditor, d.text)
	case roleCreditorIBAN:
		d.iban()
		d.fields.set(fieldCreditorAccount, d.text)
	case roleCreditorOtherID:
		d.fields.set(fieldCreditorAccount, d.text)
	case roleRemittanceText:
		d.remittance()
	case roleRemittanceReference:
		if !d.fields.has(fieldReference) {
			d.fields.set(fieldReference, d.text)
		}
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
