package dtazv

import (
	"bytes"
	"slices"

	"kontor/account"
	"kontor/calendar"
)

// Types of payment (T22) that have rules of their own.
const (
	typeEuroExpress = "11"
	typeEUTransfer  = "13"
)

// chequeType reports whether the creditor gets a cheque.
func chequeType(t string) bool {
	return len(t) == 2 && (t[0] == '2' || t[0] == '3') && t[1] >= '0' && t[1] <= '3'
}

// judgeType judges T22, T21, and what depends on them: agent, account, remark.
func (r *reader) judgeType() {
	kind := string(t22.of(r.current))
	switch n, ok := number(t22.of(r.current)); {
	case !ok: // AZV-B3 says so
	case n >= 34:
		r.fault(CodeBankType, "agreed", &t22)
	case n != 0 && n != 10 && n != 11 && n != 13 && n != 15 && !chequeType(kind):
		r.fault(CodeType, "unknown", &t22)
	}
	charges, ok := number(t21.of(r.current))
	if ok && charges > 2 {
		r.fault(CodeCharges, "unknown", &t21)
	}
	if chequeType(kind) {
		r.judgeCheque(charges)
		return
	}
	r.judgeAgent()
	otherNumber := r.judgeCreditorAccount()
	if !isBlank(t11.of(r.current)) {
		r.fault(CodeRemark, "remark", &t11)
	}
	switch kind {
	case typeEuroExpress:
		for _, f := range []*field{&t4a, &t13} {
			if string(f.of(r.current)) != "EUR" {
				r.fault(CodeEuroExpress, "euro", f, f.number)
			}
		}
	case typeEUTransfer:
		r.judgeEUTransfer(charges, otherNumber)
		return // its charges are judged more strictly
	}
	if (charges == 1 || charges == 2) && r.withinEEA() {
		r.fault(CodeEEACharges, "shared", &t21)
	}
}

// euTransferLimit is the largest EU standard transfer, in cents.
const euTransferLimit = 50_000_00

func (r *reader) judgeEUTransfer(charges uint64, otherNumber bool) {
	if string(t13.of(r.current)) != "EUR" {
		r.fault(CodeEUTransfer, "currency", &t13)
	} else if r.payment.amount.Minor > euTransferLimit {
		r.fault(CodeEUTransfer, "amount", &t14a)
	}
	bic := trimEnd(t8.of(r.current))
	switch {
	case len(bic) == 0 || bic[0] == '/':
		r.fault(CodeEUTransfer, "bic", &t8)
	case account.CheckBIC(bic) == nil && !account.EEA(bic[4:6], r.day()):
		r.fault(CodeEUTransfer, "country", &t8)
	}
	if otherNumber {
		r.fault(CodeEUTransfer, "iban", &t12)
	}
	if charges != 0 {
		r.fault(CodeEUTransfer, "charges", &t21)
	}
	for _, f := range keyFields {
		if !isZero(f.of(r.current)) {
			r.fault(CodeEUTransfer, "empty", f, f.number)
		}
	}
	if !isBlank(t20.of(r.current)) {
		r.fault(CodeEUTransfer, "empty", &t20, t20.number)
	}
}

func (r *reader) judgeCheque(charges uint64) {
	for _, f := range []*field{&t8, &t9a, &t9b, &t12, &t20} {
		if !isBlank(f.of(r.current)) {
			r.fault(CodeCheque, "empty", f, f.number)
		}
	}
	for _, f := range keyFields[:3] {
		if !isZero(f.of(r.current)) {
			r.fault(CodeCheque, "empty", f, f.number)
		}
	}
	if !isZero(t19.of(r.current)) && !r.counterValue() {
		r.fault(CodeCheque, "key", &t19)
	}
	if charges != 0 {
		r.fault(CodeCheque, "charges", &t21)
	}
}

// eeaCurrencies are the currencies of the members of the EEA, that of Liechtenstein
// among them.
var eeaCurrencies = [][]byte{
	[]byte("EUR"), []byte("BGN"), []byte("CHF"), []byte("CZK"), []byte("DKK"), []byte("HUF"), []byte("ISK"),
	[]byte("NOK"), []byte("PLN"), []byte("RON"), []byte("SEK"),
}

// withinEEA reports whether a payment goes without conversion, in a currency of the EEA,
// to a bank there.
func (r *reader) withinEEA() bool {
	currency := t13.of(r.current)
	if !bytes.Equal(currency, t4a.of(r.current)) || r.counterValue() {
		return false
	}
	if !slices.ContainsFunc(eeaCurrencies, func(c []byte) bool { return bytes.Equal(c, currency) }) {
		return false
	}
	bic := trimEnd(t8.of(r.current))
	switch {
	case len(bic) == 0:
		return account.EEA(t9a.of(r.current)[:2], r.day())
	case bic[0] == '/':
		return true // a bank in Germany
	}
	return account.CheckBIC(bic) == nil && account.EEA(bic[4:6], r.day())
}

// day is the day for which lists of countries are asked: that of execution.
func (r *reader) day() calendar.Date {
	if r.place.due.IsZero() {
		return r.today
	}
	return r.place.due
}

var keyFields = [...]*field{&t16, &t17, &t18, &t19}

// conflicts lists the instruction keys that a key does not go with.
var conflicts = map[uint64][]uint64{
	2: {4, 11, 12}, 4: {2, 11, 12}, 6: {7}, 7: {6}, 9: {10}, 10: {9}, 11: {2, 4}, 12: {2, 4}, keyCounterValue: nil,
}

// keyCounterValue asks for the counter-value of a euro amount.
const keyCounterValue = 91

// judgeKeys judges T16 to T19.
func (r *reader) judgeKeys() {
	var keys [len(keyFields)]uint64 // those before, 0 = none
	for i, f := range keyFields {
		key, ok := number(f.of(r.current))
		if !ok || key == 0 {
			continue
		}
		if _, known := conflicts[key]; !known {
			r.fault(CodeKey, "unknown", f, f.number)
			continue
		}
		if key == keyCounterValue && f != &t19 {
			r.fault(CodeKey, "place", f)
			continue
		}
		for j, earlier := range keys {
			if slices.Contains(conflicts[key], earlier) {
				r.fault(CodeKeyPair, "pair", f, string(keyFields[j].of(r.current)), string(f.of(r.current)))
			}
		}
		keys[i] = key
	}
	if !r.counterValue() {
		return
	}
	if string(t4a.of(r.current)) != "EUR" {
		r.fault(CodeCounterValue, "account", &t4a)
	}
	for _, kind := range []string{typeEuroExpress, typeEUTransfer} {
		if string(t22.of(r.current)) == kind {
			r.fault(CodeCounterValue, "type", &t19, kind)
		}
	}
}
