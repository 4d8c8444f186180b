package collect

import (
	"slices"
	"strings"

	"kontor/account"
	"kontor/internal/hub"
	"kontor/iso20022/pain"
	"kontor/money"
)

// verdict is what a status report says of each payment of a file: the status of the transaction, else of its batch, else of the group.
type verdict struct {
	report    pain.StatusReport
	profile   []string
	payments  map[paymentKey]*pool
	batches   map[string]pain.StatusBatch
	confirmed int
	rejected  int
	undecided int
}

// pool holds the report's transactions of one batch and end-to-end id, which may be many (NOTPROVIDED).
type pool struct {
	all   []pain.StatusTransaction
	used  []bool
	first int             // all before it are used
	exact map[exact][]int // those that repeat amount and creditor account
}

// exact is what tells payments of one end-to-end id apart.
type exact struct {
	instruction string
	amount      money.Amount
	creditor    string
}

func newVerdict(report pain.StatusReport, profile []string) *verdict {
	v := &verdict{report: report, profile: profile, payments: map[paymentKey]*pool{}, batches: map[string]pain.StatusBatch{}}
	for _, b := range report.Batches {
		v.batches[b.OriginalPaymentInformationID] = b
		for _, t := range b.Transactions {
			k := paymentKey{b.OriginalPaymentInformationID, t.OriginalEndToEndID}
			if v.payments[k] == nil {
				v.payments[k] = &pool{exact: map[exact][]int{}}
			}
			v.payments[k].add(t)
		}
	}
	return v
}

func (p *pool) add(t pain.StatusTransaction) {
	i := len(p.all)
	p.all, p.used = append(p.all, t), append(p.used, false)
	if amount, err := money.ParseReported(t.Amount, money.Currency(t.Currency)); err == nil && t.CreditorAccount != "" {
		k := exact{t.OriginalInstructionID, amount, account.NormaliseIBAN(t.CreditorAccount)}
		p.exact[k] = append(p.exact[k], i)
	}
}

// take returns the next transaction that speaks of a payment, at most once.
func (p *pool) take(payment *hub.Payment) (pain.StatusTransaction, bool) {
	creditor := account.NormaliseIBAN(payment.CreditorAccount)
	for _, instruction := range []string{payment.InstructionID, ""} {
		k := exact{instruction, payment.Amount, creditor}
		for list := p.exact[k]; len(list) > 0; list = p.exact[k] {
			p.exact[k] = list[1:]
			if i := list[0]; !p.used[i] {
				p.used[i] = true
				return p.all[i], true
			}
		}
	}
	for p.first < len(p.all) && p.used[p.first] {
		p.first++
	}
	for i := p.first; i < len(p.all); i++ {
		if !p.used[i] && speaksOf(p.all[i], payment) {
			p.used[i] = true
			return p.all[i], true
		}
	}
	return pain.StatusTransaction{}, false
}

// saysExecuted says whether the report confirms execution of anything.
func (v *verdict) saysExecuted() bool {
	if confirming(v.report.GroupStatus, v.profile) {
		return true
	}
	for _, b := range v.report.Batches {
		if confirming(b.Status, v.profile) || slices.ContainsFunc(b.Transactions, func(t pain.StatusTransaction) bool { return confirming(t.Status, v.profile) }) {
			return true
		}
	}
	return false
}

// last says whether a status is a bank's final word on a payment.
func (v *verdict) last(s pain.Status) bool { return s == pain.StatusRJCT || confirming(s, v.profile) }

// of returns a payment's status in the report, "" if the report says nothing of it. PART speaks of the payments it lists, not of a
// payment that it does not.
func (v *verdict) of(p *hub.Payment) (pain.Status, string) {
	if t, ok := v.take(p); ok && t.Status != "" {
		return t.Status, firstReason(t.Reasons)
	}
	if b, ok := v.batches[p.PaymentInformationID]; ok && b.Status != "" {
		if b.Status == "PART" {
			return "", ""
		}
		return b.Status, firstReason(b.Reasons)
	}
	if v.report.GroupStatus == "PART" {
		return "", ""
	}
	return v.report.GroupStatus, firstReason(v.report.GroupReasons)
}

// take finds the transaction of the report that is about a payment. End-to-end ids need not be unique (NOTPROVIDED), hence whatever else
// the report repeats of the payment must agree, and one word of the bank counts for one payment.
func (v *verdict) take(p *hub.Payment) (pain.StatusTransaction, bool) {
	of, named := v.payments[paymentKey{p.PaymentInformationID, p.EndToEndID}]
	if !named {
		return pain.StatusTransaction{}, false
	}
	return of.take(p)
}

// speaksOf says whether what a transaction of a report repeats of the original agrees with the payment.
func speaksOf(t pain.StatusTransaction, p *hub.Payment) bool {
	if t.OriginalInstructionID != "" && p.InstructionID != "" && t.OriginalInstructionID != p.InstructionID {
		return false
	}
	if t.CreditorAccount != "" && account.NormaliseIBAN(t.CreditorAccount) != account.NormaliseIBAN(p.CreditorAccount) {
		return false
	}
	if t.Amount == "" || t.Currency != string(p.Amount.Currency) {
		return true // nothing to compare, or the equivalent amount of another currency
	}
	amount, err := money.ParseReported(t.Amount, p.Amount.Currency)
	return err != nil || amount == p.Amount
}

// count adds one payment: its status in this report, or the one the bank gave it before.
func (v *verdict) count(status pain.Status, before string) {
	if status == "" {
		status = pain.Status(before)
	}
	switch {
	case confirming(status, v.profile):
		v.confirmed++
	case status == "RJCT":
		v.rejected++
	default:
		v.undecided++
	}
}

// transition says where the file goes once every payment has the bank's final word; final is false before that.
func (v *verdict) transition() (t hub.Transition, final bool) {
	switch {
	case v.undecided > 0 || v.confirmed+v.rejected == 0:
		return t, false
	case v.rejected == 0:
		return hub.Confirm(), true
	case v.confirmed == 0:
		return hub.RejectByBank(), true
	}
	return hub.AcceptPartially(), true
}

// reason returns the first reason of the report, group before batch before transaction.
func (v *verdict) reason() (code, text string) {
	all := append([]pain.Reason{}, v.report.GroupReasons...)
	for _, b := range v.report.Batches {
		all = append(all, b.Reasons...)
		for _, t := range b.Transactions {
			all = append(all, t.Reasons...)
		}
	}
	for _, r := range all {
		if c := reasonCode(r); c != "" {
			return c, strings.Join(r.AdditionalInformation, "\n")
		}
	}
	return "", ""
}

func firstReason(reasons []pain.Reason) string {
	for _, r := range reasons {
		if c := reasonCode(r); c != "" {
			return c
		}
	}
	return ""
}

func reasonCode(r pain.Reason) string {
	if r.Code != "" {
		return r.Code
	}
	return r.Proprietary
}
