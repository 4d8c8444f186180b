package swiftmt

import (
	"strconv"

	"kontor/calendar"
	"kontor/money"
)

// accountsMost bounds the accounts of one document whose numbers and balances are
// followed from statement to statement.
const accountsMost = 10000

// accountLength bounds what is kept of each; :25: has 35 characters.
const accountLength = 64

// accountKey is an account within the kind of message.
type accountKey struct {
	format  Format
	account string
}

// accountState is how the last statement of an account ended.
type accountState struct {
	number  string
	day     calendar.Date
	closing Balance
}

// checkMandatory reports fields that are missing.
func (r *reader) checkMandatory() {
	m := &r.message
	wanted := []struct {
		s    seen
		name string
	}{{seenReference, "20"}, {seenAccount, "25"}, {seenNumber, "28C"}, {seenOpening, "60a"}, {seenClosing, "62a"}}
	if r.st.Format == MT942 {
		wanted[3].s, wanted[3].name = seenFloor, "34F"
		wanted[4].s, wanted[4].name = seenCreation, "13D"
	}
	for _, w := range wanted {
		if m.seen&w.s == 0 {
			r.report(CodeMissing, "field", m.place, 0, nil, w.name)
		}
	}
}

// checkBalance compares the closing balance of a message with what its entries give.
// Expected entries are not booked and do not count.
func (r *reader) checkBalance() {
	m := &r.message
	from, to := m.openingBalance, m.closingBalance
	if !from.Present || !to.Present || !m.exact || from.Amount.Currency == "" || to.Amount.Currency != from.Amount.Currency {
		return
	}
	credits := money.Amount{Minor: m.credits.minor - m.expectedCredits.minor, Currency: from.Amount.Currency}
	debits := money.Amount{Minor: m.expectedDebits.minor - m.debits.minor, Currency: from.Amount.Currency}
	sum, err := from.Amount.Add(credits)
	if err == nil {
		sum, err = sum.Add(debits)
	}
	if err == nil && sum != to.Amount {
		r.report(CodeBalance, "sum", m.closingAt, 0, nil, written(sum), written(to.Amount))
	}
}

// written is an amount as MT940 writes it.
func written(a money.Amount) string { return comma(a.Decimal()) }

// checkTotals compares the declared totals with the entries. Banks count expected
// entries or leave them out: either is right.
func (r *reader) checkTotals() {
	m := &r.message
	r.checkTotal(m.declaredDebit, m.debits, m.expectedDebits, "debits")
	r.checkTotal(m.declaredCredit, m.credits, m.expectedCredits, "credits")
}

func (r *reader) checkTotal(d declared, all, expected sum, id string) {
	if !d.Present {
		return
	}
	if d.Count != all.count && d.Count != all.count-expected.count {
		r.report(CodeCount, id, d.at, 0, nil, strconv.Itoa(d.Count), strconv.Itoa(all.count))
	}
	if d.Sum.Currency == "" || !r.message.exact {
		return
	}
	if d.Sum.Minor != all.minor && d.Sum.Minor != all.minor-expected.minor {
		r.report(CodeSum, id, d.at, 0, nil, written(d.Sum), written(money.Amount{Minor: all.minor, Currency: d.Sum.Currency}))
	}
}

// checkPage compares the opening of a page with the end of the page before.
func (r *reader) checkPage(b Balance) {
	before := r.st.Closing
	if before.Present && before.Amount.Currency != "" && b.Amount.Currency != "" && before.Amount != b.Amount {
		r.report(CodePageBalance, "page", r.at, 0, nil, written(b.Amount), written(before.Amount))
	}
}

// checkContinuity compares a statement with the one before of the same account.
func (r *reader) checkContinuity(b Balance) {
	last, ok := r.accounts[accountKey{r.st.Format, r.st.Account}]
	if !ok {
		return
	}
	if r.st.Number == last.number && last.number != "" && number(last.number) > 0 {
		return // the same statement again
	}
	if last.closing.Present && !last.closing.Intermediate && last.closing.Amount.Currency != "" && last.closing.Amount.Currency == b.Amount.Currency &&
		last.closing.Amount != b.Amount {
		r.report(CodeContinuity, "opening", r.at, 0, nil, written(b.Amount), written(last.closing.Amount))
	}
	before, now := number(last.number), number(r.st.Number)
	newYear := now == 1 && b.Date.Year >= last.day.Year
	if before > 0 && now > 0 && now != before+1 && !newYear {
		r.report(CodeGap, "statement", r.at, 0, nil, r.st.Number, last.number)
	}
}

// endStatement hands out the open statement.
func (r *reader) endStatement() {
	if !r.open || r.err != nil {
		return
	}
	r.open = false
	if r.st.Closing.Intermediate {
		r.report(CodeGap, "unfinished", r.lastClosing, 0, nil)
	}
	key := accountKey{r.st.Format, r.st.Account}
	short := len(key.account) <= accountLength && len(r.st.Number) <= accountLength
	if _, ok := r.accounts[key]; short && (ok || len(r.accounts) < accountsMost) {
		r.accounts[key] = accountState{r.st.Number, r.st.Closing.Date, r.st.Closing}
	}
	if r.err == nil && r.v.End != nil {
		r.err = r.v.End(&r.st)
	}
}
