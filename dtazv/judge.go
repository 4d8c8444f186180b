package dtazv

import (
	"strconv"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
)

// judgeFields judges what holds for all fields of their kind.
func (r *reader) judgeFields() {
	unclean := classesOf(r.current)&^classGood != 0
	for _, f := range fieldsOf(r.place.recordType) {
		text := f.of(r.current)
		switch f.kind {
		case numeric, decimal:
			if !allDigits(text) {
				r.judgeDigits(f, text)
			}
			continue // what is no digit was reported as that
		case alpha, lines:
			r.judgeAlignment(f, text)
		case reserve:
			if !isBlank(text) {
				r.fault(CodeReserve, "reserve", f, f.number)
			}
		}
		if unclean {
			r.judgeCharacters(f, text)
		}
	}
}

func (r *reader) judgeDigits(f *field, text []byte) {
	_, readable := number(text)
	switch {
	case !readable:
		r.fault(CodeNumeric, "digits", f, f.number)
	case isBlank(text):
		r.fault(CodeFilling, "blank", f, f.number)
	default:
		r.fault(CodeFilling, "padded", f, f.number)
	}
}

// judgeAlignment looks at each line of a field.
func (r *reader) judgeAlignment(f *field, text []byte) {
	width := len(text)
	if f.kind == lines {
		width = lineLength
	}
	for at := 0; at < len(text); at += width {
		if text[at] != ' ' || isBlank(text[at:at+width]) {
			continue
		}
		if f.kind == lines && (f == &t15 || f == &w10) && at > 0 && text[at-1] != ' ' {
			continue // running text may break before a blank
		}
		r.add(CodeAlignment, "blank", r.at(f.at+at, f.number), text[at:at+width], f.number)
		return
	}
}

func (r *reader) judgeCharacters(f *field, text []byte) {
	found := classesOf(text)
	if found&classLower != 0 {
		r.fault(CodeUnusual, "lower", f, f.number)
	}
	if found&classUmlaut != 0 {
		r.fault(CodeUnusual, "umlaut", f, f.number)
	}
	if found&classOther == 0 {
		return
	}
	for i, ch := range text {
		if classes[ch] == classOther {
			r.add(CodeCharacter, "character", r.at(f.at+i, f.number), text, f.number, strconv.Itoa(i+1))
			return
		}
	}
}

func (r *reader) judgeHeader() {
	r.judgeFields()
	r.judgeBankCode(&q3)
	if isZero(q4.of(r.current)) {
		r.fault(CodeCustomer, "missing", &q4)
	}
	if isBlank(q5.of(r.current)[:lineLength]) {
		r.fault(CodeOriginator, "missing", &q5)
	}
	r.created = r.judgeDate(&q6)
	if isZero(q7.of(r.current)) {
		r.fault(CodeSequence, "missing", &q7)
	}
	r.due = r.judgeDate(&q8)
	if !r.created.IsZero() && !r.due.IsZero() {
		r.judgeSpan(CodeFileDate, &q8, r.due, r.created)
	}
	switch q9.of(r.current)[0] {
	case 'J':
		if isZero(q10.of(r.current)) {
			r.fault(CodeReporter, "state", &q10)
		}
		if isZero(q11.of(r.current)) {
			r.fault(CodeReporter, "company", &q11)
		}
	case 'N':
	default:
		r.fault(CodeReportFlag, "flag", &q9)
	}
}

// longestAhead is how many calendar days after the creation of the file a payment may be
// executed.
const longestAhead = 15

// judgeSpan checks that a date is not before the earliest, nor too long after creation.
func (r *reader) judgeSpan(code finding.Code, f *field, d, earliest calendar.Date) {
	switch {
	case d.Before(earliest):
		r.fault(code, "before", f)
	case !r.created.IsZero() && r.created.AddDays(longestAhead).Before(d):
		r.fault(code, "after", f)
	}
}

// judgeDate returns the date that must be in a field, the zero value if it is not.
func (r *reader) judgeDate(f *field) calendar.Date {
	d, ok := date(f.of(r.current))
	if !ok {
		r.fault(CodeDate, "invalid", f, f.number)
	}
	return d
}

// judgeBankCode judges a field that must hold a German bank code.
func (r *reader) judgeBankCode(f *field) {
	text := f.of(r.current)
	switch {
	case isZero(text):
		r.fault(CodeBankCode, "missing", f, f.number)
	case !bankCode(text):
		r.fault(CodeBankCode, "form", f, f.number)
	}
}

func bankCode(text []byte) bool {
	return len(text) == 8 && allDigits(text) && text[0] >= '1' && text[0] <= '8'
}

// judgeCurrency judges a field that must hold a currency, and reports whether it does.
func (r *reader) judgeCurrency(f *field) bool {
	text := f.of(r.current)
	if isBlank(text) {
		r.fault(CodeCurrency, "missing", f, f.number)
		return false
	}
	if _, known := money.Currency(text).Digits(); !known {
		r.fault(CodeCurrency, "unknown", f, f.number)
		return false
	}
	return true
}

// judgeCountry judges a country code where there is one: two letters and a blank, in
// reports also three digits.
func (r *reader) judgeCountry(f *field, report bool) {
	text := f.of(r.current)
	if isBlank(text) || text[2] == ' ' && account.KnownCountry(text[:2]) || report && allDigits(text) {
		return
	}
	r.fault(CodeCountry, "unknown", f, f.number)
}

const largestSum = 999_999_999_999_999

func (r *reader) judgeTrailer() {
	r.judgeFields()
	if r.full {
		r.fault(CodeSum, "overflow", &z3)
	} else if sum, ok := number(z3.of(r.current)); ok && sum != r.sum {
		r.fault(CodeSum, "sum", &z3, strconv.FormatUint(sum, 10), strconv.FormatUint(r.sum, 10))
	}
	if count, ok := number(z4.of(r.current)); ok && count != r.count {
		r.fault(CodeCount, "count", &z4, strconv.FormatUint(count, 10), strconv.FormatUint(r.count, 10))
	}
}
