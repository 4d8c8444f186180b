package swiftmt

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"kontor/calendar"
	"kontor/money"
)

// ErrContent says that a value has no form in MT940 or MT942 that would be read as the
// same value again.
var ErrContent = errors.New("content cannot be written")

// Write writes a small statement whole, in the charset; see NewWriter.
func Write(w io.Writer, charset Charset, s *Statement, entries []*Entry) error {
	out := NewWriter(w, charset, s)
	for _, e := range entries {
		out.Entry(e)
	}
	return out.Close()
}

// Writer writes one statement or report as one message, with any number of entries in
// constant memory. The first error stays: every later call does nothing, and Close
// returns it.
type Writer struct {
	out     *bufio.Writer
	charset Charset
	s       *Statement
	err     error
	entry   []byte // composed, UTF-8
	encoded []byte
	back    reader // reads what was composed
	read    *Entry
}

// NewWriter begins a message in ISO-8859-1 (if charset is Detect), UTF-8, CP850 or
// windows-1252. An MT940 needs both balances, an MT942 CreationDateTime; all need
// Reference, Account, Number and Currency. Balances and declared totals must be exact.
// Pages, EntryCount, counts, sums and offsets are ignored, and s must not change before
// Close.
func NewWriter(w io.Writer, charset Charset, s *Statement) *Writer {
	if charset == Detect {
		charset = Latin1
	}
	out := &Writer{out: bufio.NewWriter(w), charset: charset, s: s}
	if !charset.valid() {
		out.fail("charset %q", charset)
	}
	out.back.v.Entry = func(e *Entry) error {
		out.read = e
		return nil
	}
	out.back.message = message{active: true, settled: true, exact: true, hint: s.Format, currency: money.Currency(s.Currency)}
	out.back.begun, out.back.open = true, true
	out.back.in = &lines{}
	out.header()
	return out
}

func (w *Writer) fail(format string, args ...any) {
	w.keep(fmt.Errorf("%w: "+format, append([]any{ErrContent}, args...)...))
}

// header writes the fields before the entries.
func (w *Writer) header() {
	s := w.s
	w.field("20", s.Reference, 16)
	if s.RelatedReference != "" {
		w.field("21", s.RelatedReference, 16)
	}
	w.field("25", s.Account, 35)
	page := ""
	if s.Page != "" {
		page = "/" + s.Page
	}
	if number(s.Number) < 0 || page != "" && number(s.Page) < 0 {
		w.fail("statement number %q, page %q", s.Number, s.Page)
	}
	w.field("28C", s.Number+page, 11)
	if s.NonSWIFT != "" {
		w.text("NS", s.NonSWIFT)
	}
	switch s.Format {
	case MT940:
		w.balance("60", s.Opening, true)
	case MT942:
		w.floors()
		w.creation()
	default:
		w.fail("format %q", s.Format)
	}
}

// field writes a field of one line.
func (w *Writer) field(tag, value string, most int) {
	if value == "" || utf8.RuneCountInString(value) > most || strings.TrimSpace(value) != value || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' }) {
		w.fail("field :%s: is empty, longer than %d characters or not one line", tag, most)
		return
	}
	w.put([]byte(":" + tag + ":" + value + "\r\n"))
}

// balance writes :60F: and its like; only the first letter of the mark may vary.
func (w *Writer) balance(tag string, b Balance, variants bool) {
	if variants {
		tag += map[bool]string{false: "F", true: "M"}[b.Intermediate]
	}
	minor := b.Amount.Minor
	if !b.Present || string(b.Amount.Currency) != w.s.Currency || b.Debit && minor > 0 || !b.Debit && minor < 0 {
		w.fail("balance :%s: is missing, not exact, in another currency, or its sign contradicts its mark", tag)
		return
	}
	mark := "C"
	if b.Debit {
		mark = "D"
	}
	w.field(tag, mark+w.day(b.Date)+string(b.Amount.Currency)+w.amount(b.Amount), 25)
}

// amount is writtenAmount; what cannot be written ends the message.
func (w *Writer) amount(a money.Amount) string {
	text, err := writtenAmount(a)
	w.keep(err)
	return text
}

// day is writtenDay; what cannot be written ends the message.
func (w *Writer) day(d calendar.Date) string {
	text, err := writtenDay(d)
	w.keep(err)
	return text
}

func (w *Writer) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// writtenAmount writes an amount without its sign.
func writtenAmount(a money.Amount) (string, error) {
	text := strings.TrimPrefix(written(a), "-")
	if len(text) > amountLimit {
		return "", fmt.Errorf("%w: amount of more than %d characters", ErrContent, amountLimit)
	}
	return text, nil
}

// writtenDay writes YYMMDD.
func writtenDay(d calendar.Date) (string, error) {
	if d.Year < 1900+centuryPivot || d.Year >= 2000+centuryPivot {
		return "", fmt.Errorf("%w: date %v is not between 1980 and 2079", ErrContent, d)
	}
	text := d.String()
	return text[2:4] + text[5:7] + text[8:], nil
}

func (w *Writer) floors() {
	d, c := w.s.DebitFloor, w.s.CreditFloor
	if !d.Present || string(d.Amount.Currency) != w.s.Currency || d.Amount.Minor < 0 || c.Present && c.Amount.Currency != d.Amount.Currency || c.Amount.Minor < 0 {
		w.fail("floor limit is missing or in another currency")
		return
	}
	switch {
	case d == c:
		w.field("34F", w.s.Currency+w.amount(d.Amount), 19)
	case !c.Present:
		w.field("34F", w.s.Currency+"D"+w.amount(d.Amount), 19)
	default:
		w.field("34F", w.s.Currency+"D"+w.amount(d.Amount), 19)
		w.field("34F", w.s.Currency+"C"+w.amount(c.Amount), 19)
	}
}

// creation writes "2025-03-01T17:30:00+01:00" as "2503011730+0100".
func (w *Writer) creation() {
	t := w.s.CreationDateTime
	day, err := calendar.Parse(t[:min(len(t), 10)])
	if err != nil || len(t) != len("2025-03-01T17:30:00+01:00") || t[16:19] != ":00" {
		w.fail("creation time %q is not of the form 2025-03-01T17:30:00+01:00, seconds zero", t)
		return
	}
	w.field("13D", w.day(day)+t[11:13]+t[14:16]+t[19:22]+t[23:], 15)
}

// Entry writes one entry: the dates, Mark, Amount, Type and references of :61:, and its
// Information. A missing CustomerReference is written NONREF. Structured information is
// composed of its fields, any other is written as Text has it, or Remittance. AmountText,
// OriginalAmount, Charges, ReturnReason, Ordinal and offsets follow from the rest.
func (w *Writer) Entry(e *Entry) {
	if w.err != nil {
		return
	}
	if err := w.compose(e); err != nil {
		w.err = err
		return
	}
	w.put(w.entry)
}

// Check reports what Entry would refuse, wrapping ErrContent, and writes nothing.
func (w *Writer) Check(e *Entry) error {
	if err := w.compose(e); err != nil {
		return err
	}
	return w.encode(w.entry)
}

// Close ends the message and flushes. It does not close the io.Writer.
func (w *Writer) Close() error {
	s := w.s
	if s.Format == MT940 {
		w.balance("62", s.Closing, true)
		for _, b := range s.Available {
			w.balance("64", b, false)
		}
		for _, b := range s.Forward {
			w.balance("65", b, false)
		}
	} else {
		w.total("90D", s.DeclaredDebits)
		w.total("90C", s.DeclaredCredits)
	}
	if s.Information != "" {
		w.text("86", s.Information)
	}
	w.put([]byte("-\r\n"))
	if w.err != nil {
		return w.err
	}
	if err := w.out.Flush(); err != nil {
		return fmt.Errorf("writing the statement: %w", err)
	}
	return nil
}

func (w *Writer) total(tag string, t Total) {
	if !t.Present {
		return
	}
	if string(t.Sum.Currency) != w.s.Currency || t.Sum.Minor < 0 || t.Count < 0 || t.Count > 99999 {
		w.fail("total :%s: is not exact or counts more than 99999 entries", tag)
		return
	}
	w.field(tag, fmt.Sprint(t.Count)+string(t.Sum.Currency)+w.amount(t.Sum), 23)
}

// text writes a field of several lines as they are.
func (w *Writer) text(tag, text string) {
	for i, line := range strings.Split(text, "\n") {
		if utf8.RuneCountInString(line) > lineWidth || i > 0 && !continues([]byte(line)) || strings.ContainsFunc(line, func(r rune) bool { return r < ' ' }) {
			w.fail("a line of :%s: is too long, blank, or would be read as a field", tag)
			return
		}
	}
	w.put([]byte(":" + tag + ":" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"))
}

// continues reports whether a line would be read as the continuation of a text.
func continues(line []byte) bool {
	if blank(line) || ends(line) || line[0] == '{' || len(line) == 1 && line[0] == ':' {
		return false
	}
	name, _ := tag(line)
	return name == "" && !foreignTag(line)
}

// put encodes and writes.
func (w *Writer) put(b []byte) {
	if w.err != nil {
		return
	}
	if err := w.encode(b); err != nil {
		w.err = err
		return
	}
	if _, err := w.out.Write(w.encoded); err != nil {
		w.err = fmt.Errorf("writing the statement: %w", err)
	}
}

// encode puts text into the charset.
func (w *Writer) encode(b []byte) error {
	w.encoded = w.encoded[:0]
	table := w.charset.single()
	if table == nil || isASCII(b) {
		if !utf8.Valid(b) {
			return fmt.Errorf("%w: text is no UTF-8", ErrContent)
		}
		w.encoded = append(w.encoded, b...)
		return nil
	}
	for _, r := range string(b) {
		ch, ok := table.EncodeRune(r)
		if !ok || r >= utf8.RuneSelf && ch < utf8.RuneSelf {
			return fmt.Errorf("%w: a character that %s lacks", ErrContent, w.charset)
		}
		w.encoded = append(w.encoded, ch)
	}
	return nil
}

// readBack reads a composed entry and compares it with the original.
func (w *Writer) readBack(e *Entry) error {
	w.read = nil
	r := &w.back
	r.hasEntry, r.field, r.decoder.foreign = false, noField, true
	for line := range bytes.SplitSeq(bytes.TrimSuffix(w.entry, []byte("\r\n")), []byte("\r\n")) {
		r.at.line++
		r.decoded(line)
	}
	r.release(false) // what follows an entry here is never the account of a next message
	r.flush()
	if w.read == nil || r.err != nil {
		return fmt.Errorf("%w: the entry would not be read again", ErrContent)
	}
	if what := differs(e, w.read); what != "" {
		return fmt.Errorf("%w: %s would be read as something else", ErrContent, what)
	}
	return nil
}

// differs names the first field in which two entries differ, among those that Entry
// writes.
func differs(a, b *Entry) string {
	i, j := &a.Information, &b.Information
	reference := a.CustomerReference
	if len(reference) == 0 {
		reference = []byte("NONREF")
	}
	for _, pair := range []struct {
		name string
		a, b []byte
	}{
		{"Type", a.Type, b.Type}, {"CustomerReference", reference, b.CustomerReference}, {"BankReference", a.BankReference, b.BankReference},
		{"Supplementary", a.Supplementary, b.Supplementary}, {"Code", i.Code, j.Code}, {"BookingText", i.BookingText, j.BookingText},
		{"Primanota", i.Primanota, j.Primanota}, {"Extension", i.Extension, j.Extension}, {"BankCode", i.BankCode, j.BankCode},
		{"Account", i.Account, j.Account}, {"IBAN", i.IBAN, j.IBAN}, {"Name", i.Name, j.Name}, {"EndToEndID", i.EndToEndID, j.EndToEndID},
		{"Information.CustomerReference", i.CustomerReference, j.CustomerReference}, {"MandateID", i.MandateID, j.MandateID},
		{"CreditorID", i.CreditorID, j.CreditorID}, {"OriginatorID", i.OriginatorID, j.OriginatorID},
		{"InterchangeAmount", i.InterchangeAmount, j.InterchangeAmount}, {"OriginalAmount", i.OriginalAmount, j.OriginalAmount},
		{"UltimateOriginator", i.UltimateOriginator, j.UltimateOriginator}, {"UltimateRecipient", i.UltimateRecipient, j.UltimateRecipient},
		{"BIC", i.BIC, j.BIC}, {"Purpose", i.Purpose, j.Purpose}, {"Remittance", i.Remittance, j.Remittance}, {"Other", i.Other, j.Other},
	} {
		if !bytes.Equal(pair.a, pair.b) {
			return pair.name
		}
	}
	switch {
	case a.ValueDate != b.ValueDate || a.EntryDate != b.EntryDate:
		return "a date"
	case a.Mark != b.Mark || a.FundsCode != b.FundsCode:
		return "the mark"
	case a.Amount != b.Amount:
		return "the amount"
	case i.Dialect != j.Dialect && !(len(i.Text) == 0 && len(j.Text) == 0):
		return "the dialect"
	}
	return ""
}
