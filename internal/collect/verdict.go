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
	payments  map[paymentKey][]pain.StatusTransaction // not assigned to a payment yet
	batches   map[string]pain.StatusBatch
	confirmed int
	rejected  int
	undecided int
}

func newVerdict(report pain.StatusReport, profile []string) *verdict {
	v := &verdict{report: report, profile: profile, payments: map[paymentKey][]pain.StatusTransaction{}, batches: map[string]pain.StatusBatch{}}
	for _, b := range report.Batches {
		v.batches[b.OriginalPaymentInformationID] = b
		for _, t := range b.Transactions {
			k := paymentKey{b.OriginalPaymentInformationID, t.OriginalEndToEndID}
			v.payments[k] = append(v.payments[k], t)
		}
	}
	return v
}

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
	k := paymentKey{p.PaymentInformationID, p.EndToEndID}
	i := slices.IndexFunc(v.payments[k], func(t pain.StatusTransaction) bool { return speaksOf(t, p) })
	if i < 0 {
		return pain.StatusTransaction{}, false
	}
	t := v.payments[k][i]
	v.payments[k] = slices.Delete(v.payments[k], i, i+1)
	return t, true
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
