package dtazv

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"kontor/account"
	"kontor/calendar"
	"kontor/money"
)

// payment is the payment whose reports are being read.
type payment struct {
	active    bool
	text      [longRecord]byte // copied only for a visitor
	place     place
	announced uint64 // T27
	counted   bool   // T27 could be read
	reports   int
	transit   int // among the reports
	service   int
	end       int64 // offset behind its last record
	amount    money.Amount
	handed    Payment
}

// takePayment judges a T, and opens it for its reports.
func (r *reader) takePayment() {
	r.count++
	r.judgePayment()
	p := &r.payment
	p.active, p.place, p.reports, p.transit, p.service = true, r.place, 0, 0, 0
	p.announced, p.counted = number(t27.of(r.current))
	p.end = r.place.offset + longRecord
	r.summary.Payments++
	if r.visitor.Payment != nil {
		copy(p.text[:], r.current)
		p.handed.Reports = p.handed.Reports[:0]
	}
}

// takeReport judges a V or W.
func (r *reader) takeReport() {
	p := &r.payment
	if !p.active {
		r.ensureOpen()
		r.add(CodeOrder, "report", r.at(1, ""), nil)
	}
	p.reports++
	if r.place.recordType == 'V' {
		p.transit++
		r.judgeTransit()
	} else {
		p.service++
		r.judgeService()
	}
	p.end = r.place.offset + shortRecord
	if p.active && p.reports == MaxReports+1 {
		r.add(CodeOrder, "reports", r.at(1, ""), nil, strconv.Itoa(MaxReports))
	}
	if r.visitor.Payment != nil && p.active && p.reports <= MaxReports {
		p.handed.Reports = append(p.handed.Reports, newReport(r.current, r.place.recordType))
	}
}

// closePayment judges what the reports of a payment tell, and hands it out.
func (r *reader) closePayment() error {
	p := &r.payment
	if !p.active {
		p.reports, p.transit, p.service = 0, 0, 0
		return nil
	}
	p.active = false
	if p.counted && p.announced != uint64(p.reports) {
		r.add(CodeReportCount, "count", p.place.at(t27.at, t27.number), nil, strconv.FormatUint(p.announced, 10), strconv.Itoa(p.reports))
	}
	if p.reports == 0 {
		r.judgeThreshold()
	}
	if r.visitor.Payment == nil {
		return nil
	}
	fill(&p.handed, p.text[:])
	p.handed.Ordinal = r.summary.Payments - 1
	p.handed.Header = r.header
	p.handed.AccountCurrency = r.currency(trimEnd(t4a.of(p.text[:])))
	p.handed.ChargesCurrency = r.currency(trimEnd(t7a.of(p.text[:])))
	p.handed.Currency = r.currency(trimEnd(t13.of(p.text[:])))
	p.handed.Amount = p.amount
	p.handed.At = p.place.at(1, "")
	p.handed.Length = p.end - p.place.offset
	if err := r.visitor.Payment(&p.handed); err != nil {
		return fmt.Errorf("handing out payment %d: %w", p.handed.Ordinal, err)
	}
	return nil
}

// Amounts above which a payment has to be reported, in cents, by execution date.
const (
	thresholdUntil2024 = 12_500_00
	thresholdSince2025 = 50_000_00
)

var firstOf2025 = calendar.Date{Year: 2025, Month: 1, Day: 1}

// judgeThreshold judges a payment without reports.
func (r *reader) judgeThreshold() {
	p := &r.payment
	limit, text := int64(thresholdSince2025), "50000"
	if !p.place.due.IsZero() && p.place.due.Before(firstOf2025) {
		limit, text = thresholdUntil2024, "12500"
	}
	if p.amount.Currency == "EUR" && p.amount.Minor > limit {
		r.add(CodeThreshold, "due", p.place.at(t14a.at, t14a.number), nil, text)
	}
}

func (r *reader) judgePayment() {
	r.judgeFields()
	r.judgeBankCode(&t3)
	r.judgeCurrency(&t4a)
	if isZero(t4b.of(r.current)) {
		r.fault(CodeAccount, "missing", &t4b)
	}
	r.judgePaymentDate()
	r.judgeChargesAccount()
	r.judgeCountry(&t10a, false)
	if isBlank(t10a.of(r.current)) {
		r.fault(CodeNoCountry, "missing", &t10a)
	}
	if isBlank(t10b.of(r.current)[:lineLength]) {
		r.fault(CodeBeneficiary, "missing", &t10b)
	}
	currency := r.judgeCurrency(&t13)
	r.judgeKeys()
	r.judgeAmount(currency)
	r.judgeType()
	if key := t25.of(r.current)[0]; key > '1' && key <= '9' {
		r.fault(CodeReportKey, "key", &t25)
	}
	r.judgeContact()
}

// judgePaymentDate judges T5; the place remembers the day of execution.
func (r *reader) judgePaymentDate() {
	r.place.due = r.due
	if isZero(t5.of(r.current)) {
		return
	}
	d := r.judgeDate(&t5)
	if d.IsZero() {
		return
	}
	r.place.due = d
	r.judgeSpan(CodePaymentDate, &t5, d, r.due)
}

func (r *reader) judgeChargesAccount() {
	code, currency, number := t6.of(r.current), t7a.of(r.current), t7b.of(r.current)
	if isZero(code) && isBlank(currency) && isZero(number) {
		return
	}
	switch {
	case isZero(code):
		r.fault(CodeChargesPart, "missing", &t6, t6.number)
	case !bankCode(code):
		r.fault(CodeBankCode, "form", &t6, t6.number)
	}
	if isBlank(currency) {
		r.fault(CodeChargesPart, "missing", &t7a, t7a.number)
	} else {
		r.judgeCurrency(&t7a)
	}
	if isZero(number) {
		r.fault(CodeChargesPart, "missing", &t7b, t7b.number)
	}
	if bytes.Equal(code, t3.of(r.current)) && bytes.Equal(currency, t4a.of(r.current)) && bytes.Equal(number, t4b.of(r.current)) {
		r.fault(CodeChargesSame, "same", &t7b)
	}
}

// judgeAmount judges T14 and adds it up. The decimals that count are those of the
// currency in which the amount is given: that of the payment, or euro if its
// counter-value is asked for.
func (r *reader) judgeAmount(currency bool) {
	r.payment.amount = money.Amount{}
	whole, readable := number(t14a.of(r.current))
	if readable {
		if r.sum += whole; r.sum > largestSum {
			r.sum, r.full = 0, true
		}
	}
	decimals := trimEnd(t14b.of(r.current))
	if !readable || !allDigits(decimals) {
		return // AZV-B3 or AZV-B4 says so
	}
	if whole == 0 && isZero(decimals) {
		r.fault(CodeAmount, "zero", &t14a)
		return
	}
	if currency {
		r.countCurrency(t13.of(r.current))
	}
	code := money.Currency("EUR")
	if !r.counterValue() {
		if !currency {
			return
		}
		code = r.currency(t13.of(r.current))
	}
	var space [24]byte
	text := strconv.AppendUint(space[:0], whole, 10)
	if decimals = bytes.TrimRight(decimals, "0"); len(decimals) > 0 {
		text = append(append(text, '.'), decimals...)
	}
	amount, err := money.Parse(string(text), code)
	if errors.Is(err, money.ErrDecimals) {
		r.fault(CodeAmount, "decimals", &t14b, string(code))
	}
	if err != nil {
		return
	}
	r.payment.amount = amount
	if err := r.summary.Sum.Add(string(text)); err != nil {
		r.full = true
	}
}

// counterValue reports whether T14 is a euro amount that is to be converted.
func (r *reader) counterValue() bool { return string(t19.of(r.current)) == "91" }

// judgeAgent judges T8 and T9 of a payment that is not a cheque.
func (r *reader) judgeAgent() {
	bic := trimEnd(t8.of(r.current))
	r.judgeCountry(&t9a, false)
	switch {
	case len(bic) == 0:
		if isBlank(t9a.of(r.current)) {
			r.fault(CodeBankCountry, "missing", &t9a)
		}
		if isBlank(t9b.of(r.current)) {
			r.fault(CodeBankName, "missing", &t9b)
		}
	case bytes.HasPrefix(bic, []byte("///")):
		if !bankCode(bic[3:]) {
			r.fault(CodeBankCode, "form", &t8, t8.number)
		}
	case bic[0] == '/', len(bic) == 8 && allDigits(bic):
		r.fault(CodeBIC, "slashes", &t8)
	case account.CheckBIC(bic) != nil:
		r.fault(CodeBIC, "bic", &t8)
	}
}

// judgeCreditorAccount judges T12 of a payment that is not a cheque, and reports whether
// it holds a number that is not meant to be an IBAN.
func (r *reader) judgeCreditorAccount() (other bool) {
	text := trimEnd(t12.of(r.current))
	switch {
	case len(text) == 0 || len(text) == 1 && text[0] == '/':
		r.fault(CodeBeneficiaryNo, "missing", &t12)
		return false
	case text[0] != '/':
		r.fault(CodeBeneficiaryNo, "slash", &t12)
	default:
		text = text[1:]
	}
	if !looksLikeIBAN(text) {
		return true
	}
	err := account.CheckIBAN(text)
	if err == nil {
		return false
	}
	fault, ok := errors.AsType[*account.IBANError](err)
	if !ok {
		return false
	}
	switch fault.Reason {
	case account.ReasonCountry: // numbers of countries without IBANs may begin like one
		return true
	case account.ReasonLength:
		r.fault(CodeIBAN, "length", &t12)
	case account.ReasonStructure:
		r.fault(CodeIBAN, "structure", &t12)
	case account.ReasonCheckDigits:
		r.fault(CodeIBAN, "digits", &t12)
	}
	return false
}

// looksLikeIBAN reports whether a number begins with two letters and two digits.
func looksLikeIBAN(text []byte) bool {
	return len(text) >= 5 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z' && allDigits(text[2:4])
}

// judgeContact looks for INVF, by which a payment is reported for another party.
func (r *reader) judgeContact() {
	text := t24.of(r.current)
	at := bytes.Index(text, []byte("INVF"))
	if at < 0 || at > 0 && text[at-1] != ' ' {
		return
	}
	if rest := text[at+4:]; len(rest) < 10 || !allDigits(rest[:10]) {
		r.fault(CodeReporting, "form", &t24)
	}
}
