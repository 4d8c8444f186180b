package camt

import (
	"strconv"

	"kontor/finding"
	"kontor/money"
	"kontor/xsd"
)

// reader is the state of one Read. It is the handler of the schema's events.
type reader struct {
	visitor Visitor
	found   *findings
	run     *xsd.Run
	failure error // of the visitor: returned as it is

	version            string
	messageID, created string
	page               string
	currency           money.Currency // the last one met
	lastPage           bool

	within    bool // a statement is open
	statement Statement
	summary   summary
	account   money.Currency
	rightIBAN string // of the account; "" if it has none without fault
	broken    bool   // an amount or direction of an entry is not known: sums prove nothing
	balance   Balance
	debit     bool // of the open balance
	entry     entryState
	details   detailState
}

// Attach implements xsd's way to hand out the run.
func (d *reader) Attach(run *xsd.Run) { d.run = run }

// Open implements xsd.Handler.
func (d *reader) Open(role xsd.Role, offset int64) error {
	switch role {
	case roleStatement:
		d.openStatement(offset)
	case roleBalance:
		d.balance, d.debit = Balance{DirectionUnknown: true}, false
	case roleEntry:
		d.entry.open(offset)
		d.details.begin()
	case roleDetails:
		d.details.open(offset)
	}
	return nil
}

// Close implements xsd.Handler.
func (d *reader) Close(role xsd.Role, offset, end int64) error {
	switch role {
	case roleStatement:
		d.failure = d.closeStatement(offset, end)
	case roleBalance:
		d.closeBalance(offset)
	case roleEntry:
		d.failure = d.closeEntry(offset, end)
	case roleDetails:
		d.failure = d.closeDetails(offset, end)
	}
	return d.failure
}

// Value implements xsd.Handler.
func (d *reader) Value(role xsd.Role, v *xsd.Value) error {
	text := trim(v.Text)
	switch {
	case role > roleDetailValues:
		d.details.value(role, text, v.Attr)
	case role > roleEntryValues:
		if len(text) > 0 || role != roleStatus { // Sts is an element with children in later versions
			d.entry.value(role, text, v.Attr)
		}
	case role >= roleCharges:
		d.charge(role, text, v.Attr)
	case role >= roleBalanceType:
		d.balanceValue(role, text, v.Attr)
	default:
		d.statementValue(role, text, v.Offset)
	}
	return nil
}

// Violation implements xsd.Handler.
func (d *reader) Violation(v *xsd.Violation) error {
	d.found.schema(v)
	return nil
}

func (d *reader) openStatement(offset int64) {
	d.within = true
	d.statement = Statement{
		Format: formats[lastElement(d.run.Path())], Version: d.version, MessageID: d.messageID, Page: d.page, LastPage: d.lastPage, At: offset,
	}
	d.summary, d.account, d.rightIBAN, d.broken = summary{}, "", "", false
}

func (d *reader) statementValue(role xsd.Role, text []byte, offset int64) {
	s := &d.statement
	switch role {
	case roleMessageID:
		d.messageID = string(text)
	case roleCreated:
		d.created = string(text)
	case rolePage:
		d.page = string(text)
	case roleLastPage:
		d.lastPage = isTrue(text)
	case roleStatementID:
		s.ID = string(text)
	case roleSequence:
		s.SequenceNumber = string(text)
	case roleLegalSequence:
		s.LegalSequenceNumber = string(text)
	case roleStatementCreated:
		s.CreationDateTime = string(text)
	case roleStatementPage:
		s.Page = string(text)
	case roleStatementLastPage:
		s.LastPage = isTrue(text)
	case roleFrom:
		s.FromDate = string(text)
	case roleTo:
		s.ToDate = string(text)
	case roleIBAN:
		s.IBAN = string(text)
		d.rightIBAN = s.IBAN
		d.checkIBAN(CodeAccount, text, offset)
	case roleOtherAccount:
		s.OtherAccount = string(text)
	case roleAccountCurrency:
		s.Currency = string(text)
		d.account = money.Currency(s.Currency)
	case roleOwner:
		s.Owner = string(text)
	case roleServicer:
		s.ServicerBIC = string(text)
	default:
		d.summary.value(d, role, text, offset)
	}
}

func isTrue(text []byte) bool { return string(text) == "true" || string(text) == "1" }

func (d *reader) balanceValue(role xsd.Role, text, currency []byte) {
	b := &d.balance
	switch role {
	case roleBalanceType:
		b.Type = string(text)
	case roleBalanceAmount:
		b.AmountText, b.Currency = string(text), string(currency)
	case roleBalanceDirection:
		d.debit = string(text) == "DBIT"
		b.DirectionUnknown = !known(text)
	case roleBalanceDate:
		b.Date = string(text)
	}
}

// known says whether CdtDbtInd is one of its two values.
func known(text []byte) bool { return string(text) == "CRDT" || string(text) == "DBIT" }

func (d *reader) closeBalance(offset int64) {
	b := &d.balance
	b.Amount = amount(b.AmountText, b.Currency)
	d.judgeAmount(b.AmountText, b.Currency, b.Amount, offset)
	switch {
	case b.DirectionUnknown && b.Amount.Minor != 0: // without its sign it is not exact
		b.Amount = money.Amount{}
	case d.debit:
		b.Amount.Minor = -b.Amount.Minor // from ParseReported, hence never the smallest int64
	}
	if b.DirectionUnknown {
		d.report(CodeDirection, "unknown", offset, "")
	}
	d.statement.Balances = append(d.statement.Balances, *b)
}

func (d *reader) closeStatement(offset, end int64) error {
	s := &d.statement
	if s.CreationDateTime == "" {
		s.CreationDateTime = d.created
	}
	s.End = end
	d.within = false
	if s.IBAN+s.OtherAccount == "" {
		d.report(CodeAccount, "missing", offset, "")
	}
	if !s.LastPage {
		d.report(CodePages, "more", offset, s.Page, s.Page)
	}
	d.judgeBalances(offset)
	d.judgeSummary()
	if d.visitor.Statement == nil {
		return nil
	}
	return d.visitor.Statement(s)
}

// report adds a finding at an offset that the run still knows.
func (d *reader) report(code finding.Code, id string, offset int64, text string, args ...string) {
	d.found.add(code, id, d.run.Position(offset), d.run.Path(), text, args...)
}

// count makes a number of what is written; -1 for anything else.
func count(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return -1
	}
	return n
}
