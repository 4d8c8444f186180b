package camt

import (
	"errors"
	"strconv"

	"kontor/account"
	"kontor/finding"
	"kontor/money"
	"kontor/xsd"
)

// currencyOf returns a currency without making a new string for one that was just met.
func (d *reader) currencyOf(text []byte) money.Currency {
	if string(text) != string(d.currency) {
		d.currency = money.Currency(text)
	}
	return d.currency
}

// exact makes an exact amount of what is written, or the zero Amount.
func (d *reader) exact(text, currency []byte) money.Amount {
	a, err := money.ParseReported(string(text), d.currencyOf(currency))
	if err != nil {
		return money.Amount{}
	}
	return a
}

// judgeAmount reports an amount that is missing or not exact.
func (d *reader) judgeAmount(text, currency string, a money.Amount, offset int64) {
	switch {
	case text == "":
		d.report(CodeAmount, "missing", offset, "")
	case a.Currency == "":
		d.report(CodeAmount, "inexact", offset, text, finding.Shorten(currency))
	case d.account != "" && a.Currency != d.account:
		d.report(CodeCurrency, "currency", offset, currency, currency, string(d.account))
	}
}

// judgeEntry judges what an entry says of itself and adds it up.
func (d *reader) judgeEntry(offset int64) {
	e, t := &d.entry, &d.details
	text, currency := e.get(roleAmount), e.bytes(e.currency)
	e.amount = d.exact(text, currency)
	if e.amount.Currency == "" || d.account != "" && e.amount.Currency != d.account {
		d.judgeAmount(string(text), string(currency), e.amount, offset)
	}
	direction := e.get(roleDirection)
	if !known(direction) {
		d.report(CodeDirection, "unknown", offset, string(direction))
	}
	d.addEntry(e.amount, string(direction) == "CRDT", known(direction), string(e.get(roleStatus)))
	if said := e.get(roleBatchCount); len(said) > 0 && t.count > 0 {
		if n := count(string(said)); n != t.count {
			d.report(CodeDetailsCount, "count", offset, string(said), string(said), strconv.Itoa(t.count))
		}
	}
	if t.count > 0 && !t.partly && e.amount.Currency != "" && t.sum.Minor != e.amount.Minor && !d.charged(e.amount.Minor-t.sum.Minor) {
		d.report(CodeDetailsSum, "sum", offset, string(text), t.sum.Decimal(), e.amount.Decimal())
	}
}

// charges are those of an entry or its transactions, added up.
type charges struct {
	sum     money.Amount
	records bool // the sum is that of records: a total beside them says the same
	inexact bool // nothing can be concluded from the sum
}

func (c *charges) exact() bool { return !c.inexact && c.sum.Currency != "" }

// add adds an amount, of no currency if it is not exact.
func (c *charges) add(a money.Amount) {
	if c.sum.Currency == "" {
		c.sum, c.inexact = a, c.inexact || a.Currency == ""
		return
	}
	sum, err := c.sum.Add(a)
	c.sum, c.inexact = sum, c.inexact || err != nil
}

// charge takes an amount of charges.
func (d *reader) charge(role xsd.Role, text, currency []byte) {
	a := d.exact(text, currency)
	switch role {
	case roleTxChargeRecord:
		d.details.records.add(a)
	case roleChargeRecord:
		if !d.entry.charges.records {
			d.entry.charges = charges{records: true}
		}
		d.entry.charges.add(a)
	case roleCharges:
		if !d.entry.charges.records {
			d.entry.charges.add(a)
		}
	}
}

// charged reports whether charges explain why an entry and its transactions differ, the
// one before, the other after them; what is not known explains everything.
func (d *reader) charged(difference int64) bool {
	e, t := &d.entry, &d.details
	foreign := func(c *charges) bool { return c.inexact || c.sum.Currency != "" && c.sum.Currency != e.amount.Currency }
	if foreign(&e.charges) || foreign(&t.charges) {
		return true
	}
	if difference < 0 {
		difference = -difference
	}
	own, theirs := e.charges.sum.Minor, t.charges.sum.Minor
	return difference != 0 && (difference == own || difference == theirs || difference-own == theirs)
}

// addUp adds the amount of a transaction, if it can stand beside that of its entry.
func (d *reader) addUp(t *detailState) {
	text, currency := t.get(roleTxAmount), t.bytes(t.currencies[0])
	t.amount = money.Amount{}
	if len(text) > 0 {
		t.amount = d.exact(text, currency)
	}
	if t.records.sum.Currency == "" && !t.records.inexact {
		if said := t.get(roleTxCharges); len(said) > 0 {
			t.charges.add(d.exact(said, t.bytes(t.currencies[2])))
		}
	} else {
		t.charges.add(t.records.sum)
		t.charges.inexact = t.charges.inexact || t.records.inexact
	}
	direction := t.get(roleTxDirection)
	if t.amount.Currency == "" || string(currency) != string(d.entry.bytes(d.entry.currency)) ||
		len(direction) > 0 && string(direction) != string(d.entry.get(roleDirection)) {
		t.partly = true
		return
	}
	if t.sum.Currency == "" {
		t.sum = t.amount
		return
	}
	sum, err := t.sum.Add(t.amount)
	if err != nil {
		t.partly = true
		return
	}
	t.sum = sum
}

// checkIBANs judges the accounts of a transaction.
func (d *reader) checkIBANs(t *detailState, offset int64) {
	for _, role := range []xsd.Role{roleDebtorIBAN, roleCreditorIBAN} {
		if iban := t.get(role); len(iban) > 0 && string(iban) != d.rightIBAN { // one of the two is nearly always the account itself
			d.checkIBAN(CodeCounterparty, iban, offset)
		}
	}
}

func (d *reader) checkIBAN(code finding.Code, iban []byte, offset int64) {
	err := account.CheckIBAN(iban)
	if err == nil {
		return
	}
	if code == CodeAccount {
		d.rightIBAN = ""
	}
	reason := err.Error()
	if wrong, ok := errors.AsType[*account.IBANError](err); ok {
		reason = wrong.Detail
	}
	d.report(code, "iban", offset, string(iban), reason)
}

// sums are what entries add up to.
type sums struct {
	count         int
	credit, debit int // numbers of entries
	total         money.Total
	credits       money.Total
	debits        money.Total
	moved         money.Amount // booked: credits less debits
	overflow      bool
}

// summary is what a statement says of its entries, and what they are.
type summary struct {
	said [6]declared // by role, from roleTotalCount on
	any  bool        // one of said is there
	sums sums
}

func (s *summary) declared() bool { return s.any }

// declared is a number of the summary and its place.
type declared struct {
	text string
	at   finding.Location
}

func (s *summary) value(d *reader, role xsd.Role, text []byte, offset int64) {
	if i := int(role) - int(roleTotalCount); i >= 0 && i < len(s.said) && len(text) > 0 {
		s.any = true
		s.said[i] = declared{string(text), d.found.location(d.run.Position(offset), d.run.Path())}
	}
}

func (d *reader) addEntry(a money.Amount, credit, direction bool, status string) {
	s := &d.summary.sums
	s.count++
	if a.Currency == "" || !direction {
		d.broken = true
		return
	}
	sum := &s.debits
	if credit {
		sum, s.credit = &s.credits, s.credit+1
	} else {
		s.debit++
	}
	if d.summary.declared() { // it stands before the entries
		decimal := a.Decimal()
		if s.total.Add(decimal) != nil || sum.Add(decimal) != nil {
			s.overflow = true
		}
	}
	if status != "BOOK" && status != "" {
		return
	}
	if !credit {
		a.Minor = -a.Minor
	}
	if s.moved.Currency == "" {
		s.moved = a
		return
	}
	moved, err := s.moved.Add(a)
	if err != nil {
		s.overflow = true
		return
	}
	s.moved = moved
}

// judgeBalances compares opening, entries and closing of a statement that is whole.
func (d *reader) judgeBalances(offset int64) {
	s := &d.statement
	if s.Format != "camt.053" || d.broken || d.summary.sums.overflow || !s.LastPage || s.Page != "" && s.Page != "1" {
		return
	}
	opening, closing := pick(s.Balances, "OPBD", "PRCD"), pick(s.Balances, "CLBD")
	if opening == nil || closing == nil || opening.Amount.Currency == "" || closing.Amount.Currency != opening.Amount.Currency {
		return
	}
	expected := opening.Amount
	if moved := d.summary.sums.moved; moved.Currency != "" {
		if moved.Currency != expected.Currency {
			return
		}
		var err error
		if expected, err = expected.Add(moved); err != nil {
			return
		}
	}
	if expected != closing.Amount {
		d.report(CodeBalance, "balance", offset, "", expected.String(), closing.Amount.String())
	}
}

// pick returns the only balance of the first type that occurs, nil if it occurs twice.
func pick(balances []Balance, types ...string) *Balance {
	for _, kind := range types {
		var found *Balance
		for i := range balances {
			if balances[i].Type != kind {
				continue
			}
			if found != nil {
				return nil
			}
			found = &balances[i]
		}
		if found != nil {
			return found
		}
	}
	return nil
}

// judgeSummary compares what the statement says of its entries with what they are.
func (d *reader) judgeSummary() {
	s := &d.summary
	counts := [3]int{s.sums.count, s.sums.credit, s.sums.debit}
	totals := [3]money.Total{s.sums.total, s.sums.credits, s.sums.debits}
	if !d.statement.LastPage || d.statement.Page != "" && d.statement.Page != "1" {
		return
	}
	for i := range 3 {
		if d.broken && i > 0 {
			return // which ones are credits is not known
		}
		if c := s.said[2*i]; c.text != "" && count(c.text) != counts[i] {
			d.found.addAt(CodeSummary, "count", c.at, c.text, c.text, strconv.Itoa(counts[i]))
		}
		if c := s.said[2*i+1]; c.text != "" && !d.broken && !s.sums.overflow {
			if same, err := totals[i].Equal(c.text); err != nil || !same {
				d.found.addAt(CodeSummary, "sum", c.at, c.text, c.text, totals[i].String())
			}
		}
	}
}
