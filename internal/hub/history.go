package hub

import "time"

// HistoryKind is what is kept of payment files to compare later ones with, for tenants that want it.
type HistoryKind string

// The kinds of history. What they are for stands in package pain: PAIN-A4, PAIN-K1, PAIN-H8.
const (
	HistoryMessage HistoryKind = "message" // initiating party and message id
	HistoryPayment HistoryKind = "payment" // both accounts, amount, and reference or text
	HistoryMandate HistoryKind = "mandate" // creditor id and mandate id of a collection after which the mandate may not be used
)

// HistoryKinds lists all of them.
func HistoryKinds() []HistoryKind {
	return []HistoryKind{HistoryMessage, HistoryPayment, HistoryMandate}
}

const (
	// MaxHistoryDays is the longest time for which payments are compared.
	MaxHistoryDays = 90
	// defaultHistoryDays is the time if the tenant does not say another.
	defaultHistoryDays = 30
	// messageDays is how long banks at least compare message ids (SPS implementation guidelines).
	messageDays = 90
	// mandateDays is 36 months: a mandate that was not used for so long has expired (EPC016-06, EPC222-07).
	mandateDays = 3 * 366
)

// HistoryWindow returns how long a kind of history is kept and compared with; 0 if the tenant wants no history.
func (v Verification) HistoryWindow(k HistoryKind) time.Duration {
	if !v.History {
		return 0
	}
	days := 0
	switch k {
	case HistoryMessage:
		days = messageDays
	case HistoryPayment:
		if days = v.HistoryDays; days == 0 {
			days = defaultHistoryDays
		}
	case HistoryMandate:
		days = mandateDays
	}
	return time.Duration(days) * 24 * time.Hour
}
