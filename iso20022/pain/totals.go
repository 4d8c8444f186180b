package pain

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"kontor/finding"
	"kontor/money"
)

// declared is a total that the document states, and the place to report it.
type declared struct {
	text  string // "" if absent or not of the right form
	where finding.Location
}

// totals are the declared totals of the message and of the open batch.
type totals struct {
	group, batch struct{ count, sum declared }
	groupBroken  bool // an amount could not be added: comparing sums would only confuse
	batchBroken  bool
}

func (t *totals) openBatch() {
	t.batch = struct{ count, sum declared }{}
	t.batchBroken = false
}

// declaredCount reads NbOfTxs (Max15NumericText).
func (d *reader) declaredCount() declared {
	for i, ch := range d.text {
		if ch < '0' || ch > '9' || i == 15 {
			d.fault(CodeTotalForm, "the number of transactions is not 1 to 15 digits")
			return declared{}
		}
	}
	if len(d.text) == 0 || (d.text[0] == '0' && len(d.text) > 1) {
		d.fault(CodeTotalForm, "the number of transactions is empty or begins with a zero")
		return declared{}
	}
	return declared{string(d.text), d.here(d.leafPos, "")}
}

// declaredSum reads CtrlSum (DecimalNumber).
func (d *reader) declaredSum() declared {
	text := bytes.Trim(d.text, blanks) // xs:decimal collapses white space
	if len(text) > 1 && text[0] == '0' && text[1] != '.' {
		d.fault(CodeTotalForm, "the control sum begins with a zero")
		return declared{}
	}
	var t money.Total
	if err := t.Add(string(text)); err != nil {
		d.fault(CodeTotalForm, "the control sum is not a decimal number without sign and exponent, with at most 17 decimals")
		return declared{}
	}
	return declared{string(text), d.here(d.leafPos, "")}
}

func (d *reader) judgeBatchTotals() {
	t := &d.totals
	if c := t.batch.count; c.text != "" && c.text != strconv.Itoa(d.batch.Count) {
		d.add(finding.Finding{Code: CodeBatchCount, At: c.where, Text: c.text,
			Message: fmt.Sprintf("the payment information declares %s transactions and has %d", c.text, d.batch.Count)})
	}
	if s := t.batch.sum; s.text != "" && !t.batchBroken {
		if same, err := d.batch.Sum.Equal(s.text); err != nil || !same {
			d.add(finding.Finding{Code: CodeBatchSum, At: s.where, Text: s.text,
				Message: fmt.Sprintf("the payment information declares a sum of %s, its amounts add up to %s", s.text, d.batch.Sum)})
		}
	}
}

// judgeGroupTotals is for the end of the document. These findings are kept beyond the
// limit: they are what a person looks for first.
func (d *reader) judgeGroupTotals() {
	t := &d.totals
	if c := t.group.count; c.text != "" && c.text != strconv.Itoa(d.message.Count) {
		d.found.add(finding.Finding{Code: CodeGroupCount, Severity: finding.Error, At: c.where, Text: c.text,
			Message: fmt.Sprintf("the message declares %s transactions and has %d", c.text, d.message.Count)}, true)
	}
	if s := t.group.sum; s.text != "" && !t.groupBroken {
		if same, err := d.message.Sum.Equal(s.text); err != nil || !same {
			d.found.add(finding.Finding{Code: CodeGroupSum, Severity: finding.Error, At: s.where, Text: s.text,
				Message: fmt.Sprintf("the message declares a sum of %s, its amounts add up to %s", s.text, d.message.Sum)}, true)
		}
	}
}

// maxEuro is 999,999,999.99 euro in cents, the most that a SEPA credit transfer or direct debit carries.
const maxEuro = 99_999_999_999

// amount judges InstdAmt and adds it up.
func (d *reader) amount() {
	text := bytes.Trim(d.text, blanks) // xs:decimal collapses white space
	if err := d.batch.Sum.Add(string(text)); err != nil {
		d.totals.groupBroken, d.totals.batchBroken = true, true
		d.fault(CodeAmount, "the amount is not a decimal number without sign and exponent, or is too large")
		return
	}
	if err := d.message.Sum.Add(string(text)); err != nil {
		d.totals.groupBroken = true
	}
	if !d.hasCcy {
		d.fault(CodeAmount, "the amount has no currency")
		return
	}
	currency := d.currency(d.ccy)
	a, err := money.Parse(string(text), currency)
	switch {
	case errors.Is(err, money.ErrCurrency):
		d.fault(CodeAmount, fmt.Sprintf("the currency %q is not known", finding.Shorten(string(currency))))
		return
	case errors.Is(err, money.ErrDecimals):
		d.fault(CodeAmount, "the amount has more decimals than its currency")
		return
	case err != nil:
		d.fault(CodeAmount, "the amount is too large")
		return
	case a.Minor == 0:
		d.fault(CodeAmount, "the amount is zero")
	case currency == "EUR" && a.Minor > maxEuro:
		d.fault(CodeAmount, "the amount is above 999999999.99 euro")
	case currency != "EUR" && d.version.kind == KindDirectDebit:
		d.fault(CodeAmount, "the amount of a direct debit is not in euro")
	}
	d.payment.Amount = a
	if !slices.Contains(d.message.Currencies, currency) {
		d.message.Currencies = append(d.message.Currencies, currency)
	}
}

// uniqueBatchID remembers 16 bytes of a SHA-256 instead of the text: constant, small,
// and without a chance of a false alarm.
func (d *reader) uniqueBatchID() {
	hash := sha256.Sum256(d.text)
	key := [16]byte(hash[:16])
	if _, twice := d.batchIDs[key]; twice {
		d.fault(CodeBatchIDTwice, "another payment information of the message has the same identification")
	}
	d.batchIDs[key] = struct{}{}
}

// isDateTime accepts xs:dateTime as used for ISODateTime: seconds are mandatory,
// fraction and zone are not.
func isDateTime(text string) bool {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}
