package swiftmt

import (
	"strconv"
	"strings"

	"kontor/money"
)

// seen is a set of fields of a message.
type seen uint16

const (
	seenReference seen = 1 << iota
	seenAccount
	seenNumber
	seenOpening
	seenClosing
	seenFloor
	seenCreation
	seenDebitTotal
	seenCreditTotal
	seenNoCurrency // the finding about it was given
)

// message is the message that is being read: a statement, or a page of one.
type message struct {
	active    bool
	ended     bool // its "-" was read
	settled   bool // its statement is known
	seen      seen
	hint      Format
	reference string
	related   string
	account   string
	number    string
	page      string
	nonSWIFT  string
	at, end   int64 // raw offsets of its fields so far
	place     place
	currency  money.Currency

	openingBalance  Balance
	closingBalance  Balance
	openingAt       place
	closingAt       place
	exact           bool // the sums are right
	debits          sum
	credits         sum
	expectedDebits  sum
	expectedCredits sum
	declaredDebit   declared
	declaredCredit  declared
}

// sum counts and adds entries.
type sum struct {
	count int
	minor int64
}

// declared is a total of :90D: or :90C: and where it stands.
type declared struct {
	Total
	at place
}

// startMessage begins a message, with or without its :20:.
func (r *reader) startMessage() {
	r.endMessage()
	r.messages++
	r.message = message{active: true, at: r.at.offset, end: r.in.position(), place: r.at, exact: true, hint: r.hint}
	r.hint = ""
}

// endMessage completes a message and judges it.
func (r *reader) endMessage() {
	if !r.message.active {
		return
	}
	r.flush()
	r.begin()
	r.checkMandatory()
	r.checkBalance()
	r.checkTotals()
	r.field, r.message.active = noField, false
}

// joins reports whether the message is the next page of the open statement.
func (r *reader) joins() bool {
	m := &r.message
	if m.account != r.st.Account || m.number != r.st.Number || m.number == "" || m.hint != r.st.Format && m.hint != "" {
		return false
	}
	before, page := number(r.page), number(m.page)
	follows := before >= 0 && page == before+1
	continues := m.openingBalance.Intermediate && r.st.Closing.Intermediate
	if r.st.Format == MT942 {
		return follows
	}
	if continues || follows && (r.st.Closing.Intermediate || m.openingBalance.Intermediate) {
		if !follows && before >= 0 && page >= 0 {
			r.report(CodeGap, "page", r.at, 0, nil, m.page, r.page)
		}
		return true
	}
	return false
}

// number reads a number of at most nine digits, -1 if the text is none.
func number(text string) int {
	if text == "" || len(text) > 9 {
		return -1
	}
	n, err := strconv.Atoi(text)
	if err != nil || text[0] == '+' || text[0] == '-' {
		return -1
	}
	return n
}

// number reads :28C:.
func (r *reader) number(v value) {
	m := &r.message
	var hasPage bool
	m.number, m.page, hasPage = strings.Cut(string(trimEnd(v.b)), "/")
	if number(m.number) < 0 || len(m.number) > 5 || hasPage && (number(m.page) < 0 || len(m.page) > 5) {
		r.report(CodeNumber, "number", r.at, v.column, v.b)
	}
}

// balance reads "C250301EUR1234,56".
func (r *reader) balance(v value) Balance {
	b := Balance{Present: true}
	rest, column := v.b, v.column
	advance := func(n int) { rest, column = rest[n:], column+n }
	switch {
	case len(rest) > 0 && (rest[0] == 'C' || rest[0] == 'D'):
		b.Debit = rest[0] == 'D'
		advance(1)
	default:
		r.report(CodeMark, "balance", r.at, column, v.b)
		return b
	}
	day, ok, exact := date(rest)
	switch {
	case !ok:
		r.report(CodeDate, "syntax", r.at, column, rest)
	case !exact:
		r.report(CodeDate, "no-day", r.at, column, rest[:6])
	}
	b.Date = day
	advance(min(6, len(rest)))
	if n := letters(rest); n >= 3 {
		b.Currency = string(rest[:3])
		advance(3)
	}
	amount := rest[:numeric(rest)]
	b.AmountText = string(amount)
	c := r.balanceCurrency(b.Currency, column-len(b.Currency))
	b.Amount = r.amount(amount, c, column, rest)
	if b.Debit {
		b.Amount.Minor = -b.Amount.Minor // from ParseReported, never the smallest int64
	}
	return b
}

// balanceCurrency returns the currency of a balance; one that a bank left out is that of
// the statement.
func (r *reader) balanceCurrency(written string, column int) money.Currency {
	of := r.message.currency
	switch {
	case written == "":
		r.report(CodeCurrency, "missing", r.at, column, nil)
		return of
	case currencyOf(written) == "":
		r.report(CodeCurrency, "unknown", r.at, column, []byte(written))
	case of != "" && string(of) != written && r.message.seen&(seenOpening|seenFloor) != 0:
		r.report(CodeCurrency, "differs", r.at, column, []byte(written), string(of))
	}
	return money.Currency(written)
}

// amount reads an amount and reports what is wrong with it.
func (r *reader) amount(b []byte, c money.Currency, column int, text []byte) money.Amount {
	a, fault := readAmount(b, c)
	if fault != "" && fault != amountCurrency { // the currency has its own rule
		r.report(CodeAmount, string(fault), r.at, column, text)
	}
	return a
}

func (r *reader) opening(v value, intermediate bool) {
	m := &r.message
	if m.seen&seenOpening != 0 {
		r.report(CodeOrder, "twice", r.at, 0, nil, "60a")
		return
	}
	b := r.balance(v)
	b.Intermediate = intermediate
	m.openingBalance, m.openingAt, m.hint = b, r.at, MT940
	m.seen |= seenOpening
	r.settle()
	if b.Currency != "" {
		m.currency = money.Currency(b.Currency)
		r.st.Currency = b.Currency
	}
	r.st.Format = MT940
	if r.st.Pages > 1 {
		r.checkPage(b)
		r.st.Closing = Balance{} // that of the page before closes the statement no more
	} else {
		r.st.Opening = b
		r.checkContinuity(b)
	}
}

func (r *reader) closing(v value, intermediate bool) {
	m := &r.message
	r.settle()
	if m.seen&seenClosing != 0 {
		r.report(CodeOrder, "twice", r.at, 0, nil, "62a")
		return
	}
	b := r.balance(v)
	b.Intermediate = intermediate
	m.closingBalance, m.closingAt, r.lastClosing = b, r.at, r.at
	m.seen |= seenClosing
	if r.st.Format == "" {
		r.st.Format = MT940
	}
	r.st.Closing = b
}

// floor reads :34F: "EUR0," or "EURD0,".
func (r *reader) floor(v value) {
	m := &r.message
	m.hint = MT942
	m.seen |= seenFloor
	r.settle()
	r.st.Format = MT942
	if letters(v.b) < 3 {
		r.report(CodeTotal, "floor", r.at, v.column, v.b)
		return
	}
	c, rest, column := string(v.b[:3]), v.b[3:], v.column+3
	both := true
	debit := false
	if len(rest) > 0 && (rest[0] == 'D' || rest[0] == 'C') {
		both, debit = false, rest[0] == 'D'
		rest, column = rest[1:], column+1
	}
	if currencyOf(c) == "" {
		r.report(CodeCurrency, "unknown", r.at, v.column, []byte(c))
	}
	m.currency, r.st.Currency = money.Currency(c), c
	a, fault := readAmount(rest[:numeric(rest)], money.Currency(c))
	if fault != "" && fault != amountCurrency && (fault != amountComma || a.Minor != 0) {
		r.report(CodeTotal, "floor", r.at, column, rest)
	}
	f := Floor{Present: true, Amount: a}
	if both || debit {
		r.st.DebitFloor = f
	}
	if both || !debit {
		r.st.CreditFloor = f
	}
}

// creation reads :13D: "2503011730+0100".
func (r *reader) creation(v value, zoned bool) {
	m := &r.message
	m.seen |= seenCreation
	r.settle()
	b := trimEnd(v.b)
	if r.st.Format == "" {
		r.st.Format, m.hint = MT942, MT942
	}
	day, ok, exact := date(b)
	hour, minute := -1, -1
	if len(b) >= 10 {
		hour, minute = digits(b[6:], 2), digits(b[8:], 2)
	}
	if !ok || !exact || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		r.report(CodeCreation, "time", r.at, v.column, v.b)
		return
	}
	text := day.String() + "T" + string(b[6:8]) + ":" + string(b[8:10]) + ":00"
	if offset := b[10:]; zoned || len(offset) > 0 {
		if len(offset) != 5 || offset[0] != '+' && offset[0] != '-' || digits(offset[1:], 4) < 0 || digits(offset[1:], 2) > 14 || digits(offset[3:], 2) > 59 {
			r.report(CodeCreation, "time", r.at, v.column+10, v.b)
		} else {
			text += string(offset[:3]) + ":" + string(offset[3:])
		}
	}
	r.st.CreationDateTime = text
}

// total reads :90D: and :90C: "5EUR1234,56".
func (r *reader) total(v value, debit bool) {
	m := &r.message
	r.settle()
	if r.st.Format == "" {
		r.st.Format = MT942
	}
	n := 0
	for n < len(v.b) && v.b[n] >= '0' && v.b[n] <= '9' {
		n++
	}
	rest := v.b[n:]
	count := number(string(v.b[:n]))
	if count < 0 || letters(rest) < 3 {
		r.report(CodeTotal, "total", r.at, v.column, v.b)
		return
	}
	c := string(rest[:3])
	if m.currency == "" {
		m.currency, r.st.Currency = money.Currency(c), c
	}
	t := Total{Present: true, Count: count}
	t.Sum = r.amount(rest[3:3+numeric(rest[3:])], r.balanceCurrency(c, v.column+n), v.column+n+3, rest[3:])
	if debit {
		if r.once(seenDebitTotal, "90D") {
			m.declaredDebit = declared{t, r.at}
			r.st.DeclaredDebits = r.st.DeclaredDebits.plus(t)
		}
		return
	}
	if r.once(seenCreditTotal, "90C") {
		m.declaredCredit = declared{t, r.at}
		r.st.DeclaredCredits = r.st.DeclaredCredits.plus(t)
	}
}

// plus adds the totals of two pages.
func (t Total) plus(o Total) Total {
	if !t.Present {
		return o
	}
	sum, err := t.Sum.Add(o.Sum)
	if err != nil {
		sum = money.Amount{}
	}
	return Total{Present: true, Count: t.Count + o.Count, Sum: sum}
}
