package swiftmt

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/finding"
	"kontor/iso20022/camt"
	"kontor/money"
)

// FromCamt converts a camt.053 into MT940 messages, a camt.052 into MT942, in memory
// that grows with the number of statements, not of entries; src is read three times. A
// camt.054 and what has no exact amounts, no balances (MT940) or no dates is ErrContent.
// Breaches of the schema are not among the warnings: they are many, and harm nothing here.
func FromCamt(src io.ReadSeeker, w io.Writer, o ConvertOptions) (Result, error) {
	c := &fromCamt{o: o, w: w}
	if c.o.Charset == Detect {
		c.o.Charset = Latin1
	}
	if err := c.inventory(src); err != nil {
		return Result{}, err
	}
	for i, pass := range []camt.Visitor{
		{Statement: c.learn, Entry: c.count},
		{Statement: c.close, Entry: c.entry},
	} {
		if err := rewind(src); err != nil {
			return Result{}, err
		}
		found, err := camt.Read(src, camt.Options{Limits: o.Limits, Policies: []finding.Policy{{camt.CodeSchema: finding.Off}}}, pass)
		if err != nil {
			return Result{}, fmt.Errorf("converting: %w", err)
		}
		if i == 0 {
			c.source = found // camt limits them, and says how many more there are
		}
	}
	return c.finish(), nil
}

type fromCamt struct {
	notes
	o       ConvertOptions
	w       io.Writer
	known   []*Statement // of the first pass
	own     []string     // their accounts, as the camt document has them
	sums    Statement    // of the open statement of the first pass
	inexact bool         // an entry's amount is not exact
	next    int          // statement of the second pass
	writer  *Writer
}

// learn keeps what the second pass needs of a statement before its entries.
func (c *fromCamt) learn(s *camt.Statement) error {
	at := c.at(s.At, "Stmt", len(c.known))
	m := &Statement{DebitCount: c.sums.DebitCount, CreditCount: c.sums.CreditCount, DebitSum: c.sums.DebitSum, CreditSum: c.sums.CreditSum}
	exact := !c.inexact
	currency := cmp.Or(s.Currency, c.sums.Currency)
	for _, b := range s.Balances {
		currency = cmp.Or(currency, b.Currency)
	}
	c.sums, c.inexact = Statement{}, false
	m.Currency = currency
	m.Reference = c.cut("Stmt/Id", c.clean("Stmt/Id", s.ID, c.o.Charset, at), 16, at)
	if m.Reference == "" {
		m.Reference = "NONREF"
		c.add(CodeDerived, "derived", ":20:", at)
	}
	m.Account = cmp.Or(s.IBAN, c.clean("Acct/Id/Othr/Id", s.OtherAccount, c.o.Charset, at))
	c.number(m, s, at)
	switch s.Format {
	case "camt.053":
		m.Format = MT940
		if err := c.balances(m, s, exact, at); err != nil {
			return err
		}
	case "camt.052":
		m.Format = MT942
		if err := c.report(m, s, at); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%w: a %s has no form in MT940 or MT942", ErrContent, s.Format)
	}
	c.known, c.own = append(c.known, m), append(c.own, s.IBAN)
	return nil
}

// number makes :28C: of the sequence number: five digits.
func (c *fromCamt) number(m *Statement, s *camt.Statement, at finding.Location) {
	digits := strings.TrimLeft(cmp.Or(s.SequenceNumber, s.LegalSequenceNumber), "0")
	if len(digits) > 5 {
		c.add(CodeShortened, "cut", "ElctrncSeqNb", at)
		digits = digits[len(digits)-5:]
	}
	if number(digits) < 0 {
		digits = "0"
		if s.SequenceNumber == "" {
			c.add(CodeDerived, "derived", "ElctrncSeqNb", at)
		}
	}
	m.Number = digits
	if n := number(s.Page); n > 0 && n <= 99999 {
		m.Page = strconv.Itoa(n)
	}
}

// balances chooses those that MT940 knows. Of opening and closing balance one may be
// missing: it is derived from the other and the entries.
func (c *fromCamt) balances(m *Statement, s *camt.Statement, exact bool, at finding.Location) error {
	for i := range s.Balances {
		b := &s.Balances[i]
		mine, err := c.balance(b, m.Currency)
		if err != nil && (b.Type == "OPBD" || b.Type == "PRCD" || b.Type == "CLBD" || b.Type == "ITBD") {
			return err
		}
		switch {
		case err != nil:
			c.lost("Bal "+b.Type, at)
		case (b.Type == "OPBD" || b.Type == "PRCD") && !m.Opening.Present:
			m.Opening = mine
		case b.Type == "CLBD" && !m.Closing.Present:
			m.Closing = mine
		case b.Type == "ITBD" && !m.Opening.Present && !m.Closing.Present:
			m.Opening, m.Opening.Intermediate = mine, true
		case b.Type == "ITBD" && !m.Closing.Present:
			m.Closing, m.Closing.Intermediate = mine, true
		case b.Type == "CLAV":
			m.Available = append(m.Available, mine)
		case b.Type == "FWAV":
			m.Forward = append(m.Forward, mine)
		default:
			c.lost("Bal "+b.Type, at)
		}
	}
	if err := c.derive(m, exact, at); err != nil {
		return err
	}
	if !s.LastPage {
		m.Closing.Intermediate = true
	}
	if number(s.Page) > 1 {
		m.Opening.Intermediate = true
	}
	return nil
}

// derive completes the balances.
func (c *fromCamt) derive(m *Statement, exact bool, at finding.Location) error {
	if m.Opening.Present && m.Closing.Present {
		return nil
	}
	if !exact || !m.Opening.Present && !m.Closing.Present {
		return fmt.Errorf("%w: statement %d has no opening or closing balance", ErrContent, len(c.known)+1)
	}
	derived, from, what, moved := &m.Closing, m.Opening, "Bal CLBD", m.CreditSum.Minor-m.DebitSum.Minor
	if m.Closing.Present {
		derived, from, what, moved = &m.Opening, m.Closing, "Bal OPBD", -moved
	}
	c.add(CodeDerived, "derived", what, at)
	*derived = from
	amount, err := derived.Amount.Add(money.Amount{Minor: moved, Currency: derived.Amount.Currency})
	if err != nil {
		return fmt.Errorf("%w: the derived balance of statement %d: %v", ErrContent, len(c.known)+1, err) //nolint:errorlint // one error to match is enough
	}
	derived.Amount, derived.Debit, derived.Intermediate = amount, amount.Minor < 0, false
	return nil
}

func (c *fromCamt) balance(b *camt.Balance, currency string) (Balance, error) {
	day := dayOf(b.Date)
	if day.IsZero() || b.Amount.Currency == "" || b.DirectionUnknown || b.Currency != currency {
		return Balance{}, fmt.Errorf("%w: balance %s of statement %d has no exact amount in %s, no direction or no date", ErrContent, b.Type, len(c.known)+1, currency)
	}
	return Balance{Present: true, Amount: b.Amount, Debit: b.Amount.Minor < 0, Currency: b.Currency, Date: day}, nil
}

// report makes the header of an MT942. camt has no floor limit: zero says that all
// entries are there.
func (c *fromCamt) report(m *Statement, s *camt.Statement, at finding.Location) error {
	for _, b := range s.Balances {
		c.lost("Bal "+b.Type, at)
	}
	if currencyOf(m.Currency) == "" {
		return fmt.Errorf("%w: the currency of report %d is not known", ErrContent, len(c.known)+1)
	}
	zero := Floor{Present: true, Amount: money.Amount{Currency: money.Currency(m.Currency)}}
	m.DebitFloor, m.CreditFloor = zero, zero
	c.add(CodeDerived, "derived", ":34F:", at)
	t := s.CreationDateTime
	if len(t) < len("2025-03-01T17:30") {
		return fmt.Errorf("%w: report %d has no time of creation", ErrContent, len(c.known)+1)
	}
	zone := "+00:00"
	if last := t[len(t)-min(6, len(t)):]; len(t) > 19 && (last[0] == '+' || last[0] == '-') {
		zone = last
	} else if t[len(t)-1] != 'Z' {
		c.add(CodeDerived, "derived", "CreDtTm offset", at)
	}
	m.CreationDateTime = t[:16] + ":00" + zone
	if m.DebitSum.Currency == "" {
		m.DebitSum.Currency = money.Currency(m.Currency)
	}
	if m.CreditSum.Currency == "" {
		m.CreditSum.Currency = money.Currency(m.Currency)
	}
	m.DeclaredDebits = Total{Present: m.DebitCount <= 99999, Count: m.DebitCount, Sum: m.DebitSum}
	m.DeclaredCredits = Total{Present: m.CreditCount <= 99999, Count: m.CreditCount, Sum: m.CreditSum}
	return nil
}

// count adds up the entries that will be written.
func (c *fromCamt) count(n *camt.Entry) error {
	if n.Status == "INFO" {
		return nil
	}
	c.sums.Currency = cmp.Or(c.sums.Currency, n.Currency)
	sum := &c.sums.DebitSum
	if n.Credit {
		sum = &c.sums.CreditSum
		c.sums.CreditCount++
	} else {
		c.sums.DebitCount++
	}
	if sum.Currency == "" {
		sum.Currency = n.Amount.Currency
	}
	total, err := sum.Add(n.Amount)
	if err != nil || n.Amount.Currency == "" || n.DirectionUnknown {
		c.inexact = true
		return nil //nolint:nilerr // what cannot be added is refused when it is to be written
	}
	*sum = total
	return nil
}

// begin opens the message of the statement whose turn it is.
func (c *fromCamt) begin() error {
	if c.writer != nil {
		return nil
	}
	if c.next >= len(c.known) {
		return errors.New("the document changed while it was read")
	}
	c.writer = NewWriter(c.w, c.o.Charset, c.known[c.next])
	return c.writer.err
}

func (c *fromCamt) close(*camt.Statement) error {
	if err := c.begin(); err != nil {
		return err
	}
	err := c.writer.Close()
	c.writer = nil
	c.next++
	c.result.Statements++
	return err
}

// at names a place in the camt document.
func (c *fromCamt) at(offset int64, element string, index int) finding.Location {
	return finding.Location{Offset: offset, Path: fmt.Sprintf("%s[%d]", element, index+1)}
}
