package pain

import (
	"bytes"
	"errors"
	"strconv"

	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
	"kontor/xmlscan"
	"kontor/xsd"
)

// declared is a total that the document states, and the place to report it.
type declared struct {
	text  string // "" if absent or not of the right form
	where finding.Location
}

// batchDeclared is declared of a batch: the path is made only when something is wrong.
type batchDeclared struct {
	text  [40]byte
	n     int // 0 = absent or not of the right form
	where xmlscan.Position
}

func (b *batchDeclared) set(text []byte, where xmlscan.Position) {
	b.n, b.where = copy(b.text[:], text), where
}

func (b *batchDeclared) bytes() []byte { return b.text[:b.n] }

// totals are the declared totals of the message and of the open batch, and the sum of
// what was read.
type totals struct {
	group struct{ count, sum declared }
	batch struct{ count, sum batchDeclared }

	minor       int64 // amounts of the batch in currencies of two decimals, in minor units
	rest        money.Total
	groupBroken bool // an amount could not be added: comparing sums would only confuse
	batchBroken bool
}

func (t *totals) openBatch() {
	t.batch.count.n, t.batch.sum.n = 0, 0
	t.minor, t.rest, t.batchBroken = 0, money.Total{}, false
}

func (d *judge) headerValue(r xsd.Role) {
	v := d.value
	switch r {
	case roleMessageID:
		d.reference()
		d.message.MessageID, d.messageIDAt = string(v.Text), location(d.run.Position(v.Offset), d.run.Path())
	case roleCreationDateTime:
		d.message.CreationDateTime = string(v.Text)
		d.creationTime()
	case roleGroupCount:
		d.message.DeclaredCount = string(v.Text)
		if d.countForm() {
			d.totals.group.count = declared{string(v.Text), location(d.run.Position(v.Offset), d.run.Path())}
		}
	case roleGroupSum:
		d.message.DeclaredSum = string(v.Text)
		if d.sumForm() {
			d.totals.group.sum = declared{string(v.Text), location(d.run.Position(v.Offset), d.run.Path())}
		}
	}
}

// oldFile is after how many days a file is suspicious.
const oldFile = 90

func (d *judge) creationTime() {
	text := d.value.Text
	if d.today.IsZero() || len(text) < 10 {
		return
	}
	created, err := calendar.Parse(string(text[:10]))
	switch {
	case err != nil: // the schema says so
	case d.today.AddDays(1).Before(created):
		d.fault(ruleCreationTime, "future")
	case created.Before(d.today.AddDays(-oldFile)):
		d.fault(ruleCreationTime, "old")
	}
}

// countForm judges NbOfTxs (Max15NumericText).
func (d *judge) countForm() bool {
	text := d.value.Text
	if bytes.ContainsAny(text, blanks) {
		d.fault(ruleTotalForm, "space")
		return false
	}
	for i, ch := range text {
		if ch < '0' || ch > '9' || i == 15 {
			d.fault(ruleTotalForm, "count")
			return false
		}
	}
	switch {
	case len(text) == 0:
		d.fault(ruleTotalForm, "count")
		return false
	case text[0] == '0' && len(text) > 1:
		d.fault(ruleTotalForm, "count-zero")
		return false
	}
	return true
}

// sumForm judges CtrlSum (DecimalNumber).
func (d *judge) sumForm() bool {
	text := d.value.Text
	if len(text) > 1 && text[0] == '0' && text[1] != '.' {
		d.fault(ruleTotalForm, "sum-zero")
		return false
	}
	var t money.Total
	if err := t.Add(string(text)); err != nil || len(text) > len(batchDeclared{}.text) {
		d.fault(ruleTotalForm, "sum")
		return false
	}
	return true
}

func (d *judge) judgeBatchTotals() {
	t := &d.totals
	if err := t.rest.Add(minorDecimal(t.minor)); err != nil {
		t.batchBroken = true
	}
	d.batch.Sum = t.rest
	if err := d.message.Sum.Add(t.rest.String()); err != nil {
		t.groupBroken = true
	}
	if c := &t.batch.count; c.n > 0 && !isNumber(c.bytes(), d.batch.Count) {
		d.batchTotal(ruleBatchCount, c, "NbOfTxs", "count", strconv.Itoa(d.batch.Count))
	}
	if s := &t.batch.sum; s.n > 0 && !t.batchBroken {
		if same, err := d.batch.Sum.Equal(string(s.bytes())); err != nil || !same {
			d.batchTotal(ruleBatchSum, s, "CtrlSum", "sum", d.batch.Sum.String())
		}
	}
}

func (d *judge) batchTotal(r ruleIndex, b *batchDeclared, child, c, counted string) {
	if s := d.severity[r]; s != finding.Off && d.found.room(s) {
		d.add(r, s, location(b.where, d.batch.At.Path+"/"+child), b.bytes(), c, []string{string(b.bytes()), counted})
	}
}

// judgeGroupTotals is for the end of the document. These findings are kept beyond the
// limit: they are what a person looks for first.
func (d *judge) judgeGroupTotals() {
	t := &d.totals
	if c := t.group.count; c.text != "" && c.text != strconv.Itoa(d.message.Count) && d.on(ruleGroupCount) {
		d.add(ruleGroupCount, d.severity[ruleGroupCount], c.where, []byte(c.text), "count", []string{c.text, strconv.Itoa(d.message.Count)})
	}
	if s := t.group.sum; s.text != "" && !t.groupBroken && d.on(ruleGroupSum) {
		if same, err := d.message.Sum.Equal(s.text); err != nil || !same {
			d.add(ruleGroupSum, d.severity[ruleGroupSum], s.where, []byte(s.text), "sum", []string{s.text, d.message.Sum.String()})
		}
	}
}

// minorDecimal writes minor units of two decimals as a decimal.
func minorDecimal(minor int64) string {
	return money.Amount{Minor: minor, Currency: "EUR"}.Decimal()
}

// isNumber reports whether digits are a number.
func isNumber(digits []byte, n int) bool {
	var b [20]byte
	return bytes.Equal(strconv.AppendInt(b[:0], int64(n), 10), digits)
}

// maxEuro is 999,999,999.99 euro in cents, the most that a SEPA credit transfer or direct debit carries.
const maxEuro = 99_999_999_999

// amount judges InstdAmt and adds it up.
func (d *judge) amount() {
	v := d.value
	d.pay.amountAt = v.Offset
	currency := d.currency(v.Attr)
	a, err := money.Parse(string(v.Text), currency)
	if !d.sumUp(a, err) {
		d.fault(ruleAmount, "form")
		return
	}
	if len(v.Attr) == 0 {
		d.fault(ruleAmount, "no-currency")
		return
	}
	switch {
	case errors.Is(err, money.ErrCurrency):
		d.fault(ruleAmount, "currency", finding.Shorten(string(v.Attr)))
		return
	case errors.Is(err, money.ErrDecimals):
		d.fault(ruleAmount, "decimals")
		return
	case err != nil:
		d.fault(ruleAmount, "form")
		return
	case a.Minor == 0:
		d.fault(ruleAmount, "zero")
	case currency == "EUR" && a.Minor > maxEuro:
		d.fault(ruleAmount, "large")
	case currency != "EUR" && d.pay.sepa && !d.profile.swiss:
		d.fault(ruleAmount, "euro")
	}
	d.payment.Amount = a
	for _, c := range d.message.Currencies {
		if c == currency {
			return
		}
	}
	d.message.Currencies = append(d.message.Currencies, currency)
}

// sumUp adds the amount at hand to the sums, which ignore currencies; false if it is no
// number.
func (d *judge) sumUp(a money.Amount, err error) bool {
	t := &d.totals
	if n, _ := a.Currency.Digits(); err == nil && n == 2 {
		if sum := t.minor + a.Minor; sum >= t.minor {
			t.minor = sum
			return true
		}
	}
	if err := t.rest.Add(string(d.value.Text)); err != nil {
		t.groupBroken, t.batchBroken = true, true
		return false
	}
	return true
}
