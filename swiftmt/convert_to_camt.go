package swiftmt

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"kontor/calendar"
	"kontor/finding"
	"kontor/iso20022/camt"
	"kontor/money"
)

// ToCamt converts the MT940 statements of a document into camt.053.001.08, one document
// for each statement: next is called with each statement before its entries and returns
// where the document goes; ToCamt closes that. src is read twice, in memory that grows
// with the number of statements, not of entries. MT942 reports are left out with a
// warning. Statements without exact closing balance, which may be cut off, and entries
// without exact amount or mark, are ErrContent.
func ToCamt(src io.ReadSeeker, next func(*camt.Statement) (io.WriteCloser, error), o ConvertOptions) (Result, error) {
	c := &toCamt{o: o, create: next}
	read := Options{Charset: o.Charset, Bytes: o.Bytes}
	if err := Read(src, read, Visitor{End: c.learn, Finding: c.fault}); err != nil {
		return Result{}, fmt.Errorf("converting: %w", err)
	}
	if err := rewind(src); err != nil {
		return Result{}, err
	}
	if err := Read(src, read, Visitor{Begin: c.begin, Entry: c.entry, End: c.end}); err != nil {
		if c.out != nil {
			err = errors.Join(err, c.out.Close())
		}
		return Result{}, fmt.Errorf("converting: %w", err)
	}
	return c.finish(), nil
}

type toCamt struct {
	notes
	o      ConvertOptions
	create func(*camt.Statement) (io.WriteCloser, error)
	known  []Statement // of the first pass
	next   int
	out    io.WriteCloser
	writer *camt.StatementWriter // nil while a report is passed over
}

// learn refuses what is cut off before anything is written: entries may be missing, and
// nobody would see it in a camt.053 without closing balance.
func (c *toCamt) learn(s *Statement) error {
	if b := s.Closing; s.Format == MT940 && (!b.Present || b.Amount.Currency == "" || b.Date.IsZero()) {
		return fmt.Errorf("%w: statement %d has no exact closing balance with a date; it may be cut off", ErrContent, len(c.known)+1)
	}
	c.known = append(c.known, *s)
	return nil
}

func (c *toCamt) begin(*Statement) error {
	if c.next >= len(c.known) {
		return errors.New("the document changed while it was read")
	}
	s := &c.known[c.next]
	c.next++
	at := finding.Location{Offset: s.At, Path: "statement[" + strconv.Itoa(c.next) + "]"}
	if s.Format != MT940 {
		c.lost(string(s.Format), at)
		return nil
	}
	m := c.statement(s, at)
	out, err := c.create(m)
	if err != nil {
		return err
	}
	c.out, c.writer = out, camt.NewStatementWriter(out, *m)
	return nil
}

// end closes the document of a statement.
func (c *toCamt) end(*Statement) error {
	if c.writer == nil {
		return nil
	}
	err := c.writer.Close()
	c.writer = nil
	if closeErr := c.out.Close(); err == nil {
		err = closeErr
	}
	c.out = nil
	c.result.Statements++
	return err
}

// statement makes the header. Where camt demands what MT940 has not, it is derived.
func (c *toCamt) statement(s *Statement, at finding.Location) *camt.Statement {
	m := &camt.Statement{Format: "camt.053", Version: "camt.053.001.08", Currency: s.Currency, IBAN: s.IBAN, CreationDateTime: c.o.CreationDateTime}
	m.ID = c.printable(":20:", []byte(s.Reference), at)
	if m.ID == "" {
		m.ID = "NOTPROVIDED"
		c.add(CodeDerived, "derived", ":20:", at)
	}
	m.ID = c.cut(":20:", m.ID, 35, at)
	m.MessageID = m.ID
	if len(c.known) > 1 && len(m.ID) < 29 {
		m.MessageID += "-" + strconv.Itoa(c.next)
	}
	if number(s.Number) > 0 {
		m.SequenceNumber = s.Number
	} else if number(s.Number) < 0 {
		c.lostIf(at, ":28C:", s.Number)
	}
	if m.IBAN == "" {
		m.OtherAccount = c.cut(":25:", c.printable(":25:", []byte(strings.TrimSuffix(s.Account, s.Currency)), at), 34, at)
	} else if s.BankCode != "" {
		if isBIC([]byte(s.BankCode)) {
			m.ServicerBIC = s.BankCode
		} else {
			c.lost("bank code of :25:", at)
		}
	}
	if m.OtherAccount == "" && m.IBAN == "" {
		m.OtherAccount = "NOTPROVIDED"
		c.add(CodeDerived, "derived", ":25:", at)
	}
	c.balance(m, s.Opening, "OPBD", at)
	c.balance(m, s.Closing, "CLBD", at)
	for _, b := range s.Available {
		c.balance(m, b, "CLAV", at)
	}
	for _, b := range s.Forward {
		c.balance(m, b, "FWAV", at)
	}
	if m.CreationDateTime == "" {
		day := cmp.Or(s.Closing.Date, s.Opening.Date, calendar.Date{Year: 1980, Month: 1, Day: 1})
		m.CreationDateTime = day.String() + "T00:00:00"
		c.add(CodeDerived, "derived", "CreDtTm", at)
	}
	if number(s.Page) > 1 {
		c.lost("page of :28C:", at)
	}
	c.lostIf(at, ":21:", s.RelatedReference, ":86: of the statement", s.Information, ":NS: of the statement", s.NonSWIFT)
	return m
}

// balance adds one; that of a page is an interim balance.
func (c *toCamt) balance(m *camt.Statement, b Balance, kind string, at finding.Location) {
	switch {
	case !b.Present:
		return
	case b.Amount.Currency == "" || b.Date.IsZero():
		c.lost("balance that is not exact or has no date", at)
		return
	case b.Intermediate:
		kind = "ITBD"
	}
	m.Balances = append(m.Balances, camt.Balance{Type: kind, Amount: b.Amount, Date: b.Date.String()})
}

// entry converts and writes one entry.
func (c *toCamt) entry(e *Entry) error {
	if c.writer == nil {
		return nil
	}
	at := finding.Location{Line: e.Line, Column: 1, Offset: e.At, Path: "statement[" + strconv.Itoa(c.next) + "]/61[" + strconv.Itoa(e.Ordinal+1) + "]"}
	if e.Mark == "" || e.Amount.Currency == "" {
		return fmt.Errorf("%w: the entry in line %d has no exact amount or no mark", ErrContent, e.Line)
	}
	n := &camt.Entry{Ordinal: e.Ordinal, Amount: e.Amount, Credit: e.Mark.Credits(), Reversal: e.Mark.Reverses(), Status: "BOOK",
		BookingDate: e.EntryDate.String(), ValueDate: e.ValueDate.String(), Transactions: 1}
	if e.Mark.Expected() {
		n.Status = "PDNG"
	}
	if e.ValueDate.IsZero() {
		c.lost("value date that cannot be read", at)
	}
	t := &camt.Transaction{Amount: e.Amount, Credit: n.Credit}
	n.Single = t
	n.AccountServicerReference = c.text("bank reference", e.BankReference, 35, at)
	c.code(n, e, at)
	c.references(t, e, at)
	c.amounts(t, e, at)
	c.parties(n, t, e, at)
	i := &e.Information
	n.AdditionalInformation = c.text("?00", i.BookingText, 500, at)
	reason := string(i.ReturnReason)
	t.ReturnReason = c.text("return reason", i.ReturnReason, 4, at)
	t.Remittance = lines140(splitReturn(c.printable("remittance", i.Remittance, at), reason))
	if purpose := c.text("PURP+", i.Purpose, 35, at); len(purpose) <= 4 {
		t.Purpose = purpose
	} else {
		c.lost("PURP+", at)
	}
	if i.Dialect == Slashed {
		c.lostIf(at, "codes of :86: beyond those of SEPA", unclaimed(i))
	}
	c.lostIf(at, "subfields that DK does not name", string(i.Other))
	if i.Dialect != NonSWIFT {
		c.lostIf(at, ":NS:", string(e.NonSWIFT))
	}
	c.writer.Entry(n)
	c.result.Entries++
	return nil
}

// text takes a view over.
func (c *toCamt) text(what string, v []byte, most int, at finding.Location) string {
	if len(v) == 0 {
		return ""
	}
	return c.cut(what, c.printable(what, v, at), most, at)
}

// code makes "NTRF+166+9310+992" and, where the code of DK has one, that of ISO 20022.
func (c *toCamt) code(n *camt.Entry, e *Entry, at finding.Location) {
	i := &e.Information
	parts := []string{c.text("type", e.Type, 4, at), string(i.Code), c.text("?10", i.Primanota, 12, at), c.text("?34", i.Extension, 12, at)}
	last := len(parts)
	for last > 0 && parts[last-1] == "" {
		last--
	}
	if n.ProprietaryCode = c.cut("code", strings.Join(parts[:last], "+"), 35, at); n.ProprietaryCode == "" {
		n.ProprietaryCode = "NMSC"
		c.add(CodeDerived, "derived", "BkTxCd", at)
	}
	n.TransactionCode = domainOf(string(i.Code))
}

// references: a customer reference that is none, or stands behind KREF+, is not taken.
func (c *toCamt) references(t *camt.Transaction, e *Entry, at finding.Location) {
	i := &e.Information
	customer := c.text("customer reference", e.CustomerReference, 35, at)
	if customer == "NONREF" || customer == "KREF+" || customer == "EREF" {
		customer = ""
	}
	t.PaymentInformationID = c.text("KREF+", i.CustomerReference, 35, at)
	switch {
	case t.PaymentInformationID == "":
		t.PaymentInformationID = customer
	case customer != t.PaymentInformationID:
		t.MessageID = customer
	}
	t.EndToEndID = c.text("EREF+", i.EndToEndID, 35, at)
	t.MandateID = c.text("MREF+", i.MandateID, 35, at)
	t.CreditorID = c.text("CRED+", i.CreditorID, 35, at)
	c.lostIf(at, "DEBT+", string(i.OriginatorID))
}

// amounts takes OCMT and CHGS, else OAMT+; what else the second line of :61: holds has no
// place.
func (c *toCamt) amounts(t *camt.Transaction, e *Entry, at finding.Location) {
	rest := string(e.Supplementary)
	take := func(code string, a money.Amount) (text, currency string) {
		if a.Currency == "" {
			return "", ""
		}
		before, after, _ := strings.Cut(rest, "/"+code+"/")
		after = strings.TrimLeft(after[min(3, len(after)):], "0123456789,.")
		rest = strings.Trim(before, "/") + strings.TrimPrefix(after, "/")
		return a.Decimal(), string(a.Currency)
	}
	t.OriginalAmountText, t.OriginalCurrency = take("OCMT", e.OriginalAmount)
	t.ChargesText, t.ChargesCurrency = take("CHGS", e.Charges)
	c.lostIf(at, "second line of :61:", strings.TrimSpace(rest), "COAM+", string(e.Information.InterchangeAmount))
	written := strings.TrimPrefix(string(e.Information.OriginalAmount), "EUR")
	if written == "" || t.OriginalAmountText != "" {
		c.lostIf(at, "OAMT+", written)
		return
	}
	a, fault := readAmount([]byte(written), e.Amount.Currency)
	if fault != "" && fault != amountComma {
		c.lost("OAMT+", at)
		return
	}
	t.OriginalAmountText, t.OriginalCurrency = a.Decimal(), string(a.Currency)
}

// parties fills the other side, and the ultimate parties of both.
func (c *toCamt) parties(n *camt.Entry, t *camt.Transaction, e *Entry, at finding.Location) {
	i := &e.Information
	t.Counterparty = c.text("name", i.Name, 140, at)
	bic, own := i.BIC, i.Account
	switch {
	case len(i.IBAN) > 0 && isIBAN(i.IBAN):
		t.CounterpartyIBAN = string(i.IBAN)
		if string(own) != string(i.IBAN) {
			c.lostIf(at, "?31", string(own))
		}
	case isIBAN(own):
		t.CounterpartyIBAN = string(own)
		c.lostIf(at, "IBAN that is none", string(i.IBAN))
	default:
		t.CounterpartyAccount = c.text("account", cmpOr(own, i.IBAN), 34, at)
	}
	if len(i.BankCode) > 0 {
		if isBIC(i.BankCode) && len(bic) == 0 {
			bic = i.BankCode
		} else if string(i.BankCode) != string(bic) {
			c.lost("?30", at)
		}
	}
	if isBIC(bic) {
		t.CounterpartyBIC = string(bic)
	} else {
		c.lostIf(at, "BIC+", string(bic))
	}
	debtor, creditor := c.text("ABWA+", i.UltimateOriginator, 140, at), c.text("ABWE+", i.UltimateRecipient, 140, at)
	t.CounterpartyUltimate, t.OwnUltimate = debtor, creditor
	if n.Credit == n.Reversal { // the other side is the creditor
		t.CounterpartyUltimate, t.OwnUltimate = creditor, debtor
	}
}

func cmpOr(a, b []byte) []byte {
	if len(a) > 0 {
		return a
	}
	return b
}

// unclaimed returns what a slashed text says in codes that have no field of their own.
func unclaimed(i *Information) string {
	joined := []byte(strings.TrimLeft(strings.ReplaceAll(string(i.Text), "\n", ""), " "))
	code, width := slashCode(joined)
	for b := joined[width:]; ; {
		n, next, width := nextSlash(b)
		if code == slashIgnored && len(trim(b[:n])) > 0 {
			return string(b[:n])
		}
		if next == noSlash {
			return ""
		}
		code, b = next, b[n+width:]
	}
}
