package swiftmt

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
)

// informationLimit is 6*65x, the size of :86:.
const informationLimit = 390

// tag61 is the width of ":61:".
const tag61 = 4

func (r *reader) startEntry(rest []byte) {
	r.flush()
	r.need("61")
	r.settle()
	if r.message.seen&seenClosing != 0 {
		r.report(CodeOrder, "late", r.at, 0, nil, "61")
	}
	r.begin()
	r.hasEntry, r.field, r.overflow = true, entryField, false
	r.foreign = r.decoder.foreign
	r.entryAt, r.entryEnd = r.at, r.in.position()
	r.line61 = append(r.line61[:0], rest...)
	r.extra, r.info, r.nonSWIFT = r.extra[:0], r.info[:0], r.nonSWIFT[:0]
	r.informer.joined = r.informer.joined[:0]
}

// startInformation takes :86:, of the entry if one is open, else of the statement.
// Several after one entry are lines of one text, as some banks write them.
func (r *reader) startInformation(rest []byte) {
	if r.hasEntry {
		if len(r.info) == 0 {
			r.infoAt = r.at
		}
		r.field = entryInformation
		if len(rest) > 0 {
			r.growInformation(rest)
		}
		r.entryEnd = r.in.position()
		return
	}
	r.flush()
	r.need("86")
	r.settle()
	r.field = statementInformation
	r.text = append(r.text[:0], rest...)
	r.st.End = r.in.position()
}

// growInformation appends a line to :86: as it is written, and without line ends.
func (r *reader) growInformation(line []byte) {
	r.info = r.grow(r.info, line)
	if !r.overflow {
		r.informer.joined = append(r.informer.joined, line...)
	}
}

// joined returns :86: without line ends. What was repaired or did not fit in is joined anew.
func (r *reader) joined(text []byte) []byte {
	if r.foreign || r.overflow {
		return r.informer.join(text)
	}
	return r.informer.joined
}

func (r *reader) startNonSWIFT(rest []byte) {
	if r.hasEntry {
		r.field = entryNonSWIFT
		r.nonSWIFT = r.grow(r.nonSWIFT, rest)
		r.entryEnd = r.in.position()
		return
	}
	r.flush()
	r.need("NS")
	r.field = statementNonSWIFT
	r.text = append(r.text[:0], rest...)
}

// flush hands out what is open: an entry, or a text of the statement.
func (r *reader) flush() {
	if len(r.text) > 0 {
		text := string(repair(r.text))
		switch {
		case r.field == statementInformation:
			r.st.Information = joinText(r.st.Information, text)
		case r.message.settled:
			r.st.NonSWIFT = joinText(r.st.NonSWIFT, text)
		default:
			r.message.nonSWIFT = joinText(r.message.nonSWIFT, text)
		}
		r.text = r.text[:0]
	}
	if !r.hasEntry {
		return
	}
	r.readEntry()
	r.count()
	r.hasEntry = false
	r.st.EntryCount++
	if r.err == nil && r.v.Entry != nil {
		r.err = r.v.Entry(&r.entry)
	}
}

// readEntry makes the entry of its collected lines.
func (r *reader) readEntry() {
	e := &r.entry
	*e = Entry{Ordinal: r.st.EntryCount, Line: r.entryAt.line, At: r.entryAt.offset, Length: r.entryEnd - r.entryAt.offset}
	r.st.End = r.entryEnd
	b := r.whole(r.line61)
	at := r.readDates(e, b)
	at = r.readMark(e, b, at)
	at = r.readEntryAmount(e, b, at)
	r.readReferences(e, b, at)
	if len(r.extra) > 0 {
		r.readSupplementary(e)
	}
	if len(r.nonSWIFT) > 0 {
		e.NonSWIFT = r.whole(r.nonSWIFT)
	}
	switch {
	case len(r.info) > 0:
		text := r.whole(r.info)
		if len(text) > informationLimit {
			if n := utf8.RuneCount(text) - bytes.Count(text, []byte("\n")); n > informationLimit {
				r.report(CodeInformation, "length", r.infoAt, tag61, nil, strconv.Itoa(n))
			}
		}
		if r.v.Entry != nil {
			r.informer.read(&e.Information, text, r.joined(text))
		}
	case len(r.nonSWIFT) > 0 && r.v.Entry != nil:
		r.informer.nonSWIFT(&e.Information, e.NonSWIFT)
	}
}

// whole makes sure that a text is UTF-8.
func (r *reader) whole(b []byte) []byte {
	if !r.foreign {
		return b
	}
	fixed := repair(b)
	if bytes.Contains(fixed, replacement) {
		r.report(CodeCharacters, "invalid", r.entryAt, 0, fixed)
	}
	return fixed
}

// readDates reads value date and entry date and returns where the mark begins.
func (r *reader) readDates(e *Entry, b []byte) int {
	if r.dates.value.Year != 0 && len(b) > len(r.dates.text) && string(b[:len(r.dates.text)]) == string(r.dates.text[:]) && (b[len(r.dates.text)] < '0' || b[len(r.dates.text)] > '9') {
		e.ValueDate, e.EntryDate = r.dates.value, r.dates.entry
		return len(r.dates.text)
	}
	value, ok, exact := date(b)
	if !ok {
		r.report(CodeDate, "syntax", r.entryAt, tag61, b)
		at := 0
		for at < len(b) && (b[at] < 'A' || b[at] > 'Z') {
			at++
		}
		return at
	}
	if !exact {
		r.report(CodeDate, "no-day", r.entryAt, tag61, b[:6])
	}
	e.ValueDate = value
	n := 6
	for n < len(b) && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	switch n - 6 {
	case 0:
		return n
	case 4:
		e.EntryDate, ok, exact = entryDate(b[6:], value)
	case 6: // some banks write the year too
		e.EntryDate, ok, exact = date(b[6:])
	default:
		ok = false
	}
	switch {
	case !ok:
		r.report(CodeDate, "syntax", r.entryAt, tag61+6, b[6:n])
	case !exact:
		r.report(CodeDate, "no-day", r.entryAt, tag61+6, b[6:n])
	case n == len(r.dates.text) && e.ValueDate.Day == digits(b[4:], 2): // both are without fault
		copy(r.dates.text[:], b)
		r.dates.value, r.dates.entry = e.ValueDate, e.EntryDate
	}
	return n
}

// dates are those of an entry before: most entries of a statement have them again.
type dates struct {
	text         [10]byte      // value date and entry date as written
	value, entry calendar.Date // zero: none yet
}

// readMark reads debit or credit and the letter of the currency.
func (r *reader) readMark(e *Entry, b []byte, at int) int {
	m, n := mark(b[at:])
	if n == 0 {
		r.report(CodeMark, "entry", r.entryAt, tag61+at, b[at:])
		n = letters(b[at:])
	}
	e.Mark = m
	at += n
	if m.Expected() && r.message.hint == MT940 {
		r.report(CodeMark, "expected", r.entryAt, tag61+at-n, b[at-n:])
	}
	if letters(b[at:]) == 1 {
		e.FundsCode = b[at]
		at++
	}
	return at
}

func (r *reader) readEntryAmount(e *Entry, b []byte, at int) int {
	n := numeric(b[at:])
	e.AmountText = b[at : at+n]
	a, fault := readAmount(e.AmountText, r.message.currency)
	if fault != "" && fault != amountCurrency {
		r.report(CodeAmount, string(fault), r.entryAt, tag61+at, b[at:])
	}
	if fault == amountCurrency && r.message.currency == "" && r.message.seen&seenNoCurrency == 0 {
		r.message.seen |= seenNoCurrency
		r.report(CodeCurrency, "missing", r.entryAt, tag61+at, b[at:])
	}
	e.Amount = a
	return at + n
}

// readReferences reads the type of the transaction and the two references.
func (r *reader) readReferences(e *Entry, b []byte, at int) {
	rest := b[at:]
	switch {
	case len(rest) < 4:
		r.report(CodeType, "short", r.entryAt, tag61+at, rest)
	case rest[0] != 'N' && rest[0] != 'F' && rest[0] != 'S':
		r.report(CodeType, "type", r.entryAt, tag61+at, rest)
	}
	n := min(4, len(rest))
	e.Type, rest, at = rest[:n], rest[n:], at+n
	reference, bank, has := bytes.Cut(rest, []byte("//"))
	if !has && len(reference) > 16 && reference[16] != ' ' && bytes.IndexByte(reference[:16], ' ') >= 0 {
		// Rabobank: the reference, filled to 16 characters, and the name of the other party
		r.extra = appendLine(bytes.Clone(reference[16:]), r.extra)
		reference = reference[:16]
	}
	e.CustomerReference = r.reference(trimEnd(reference), at)
	if has {
		e.BankReference = r.reference(trimEnd(bank), at+len(reference)+2)
	}
}

func (r *reader) reference(b []byte, at int) []byte {
	if len(b) == 0 {
		return nil
	}
	if len(b) > 16 {
		if n := utf8.RuneCount(b); n > 16 {
			r.report(CodeReference, "length", r.entryAt, tag61+at, b, strconv.Itoa(n))
		}
	}
	return b
}

// readSupplementary reads the second line of :61: and the amounts in it.
func (r *reader) readSupplementary(e *Entry) {
	b := r.whole(r.extra)
	if bytes.IndexByte(b, '\n') >= 0 {
		r.report(CodeSupplementary, "lines", r.entryAt, 0, b)
	}
	e.Supplementary = trimEnd(b)
	e.OriginalAmount = r.supplementaryAmount(b, "/OCMT/")
	e.Charges = r.supplementaryAmount(b, "/CHGS/")
}

// supplementaryAmount reads the currency and amount after a code; zero of no currency if
// there are none.
func (r *reader) supplementaryAmount(b []byte, code string) money.Amount {
	at := bytes.Index(b, []byte(code))
	if at < 0 {
		return money.Amount{}
	}
	rest := b[at+len(code):]
	if letters(rest) >= 3 {
		if c := currencyOf(string(rest[:3])); c != "" {
			if a, _ := readAmount(rest[3:3+numeric(rest[3:])], money.Currency(c)); a.Currency != "" {
				return a
			}
		}
	}
	r.report(CodeSupplementary, "amount", r.entryAt, 0, b, code)
	return money.Amount{}
}

// count adds the entry to the sums of its message and statement.
func (r *reader) count() {
	e, m := &r.entry, &r.message
	if e.Mark == "" {
		m.exact, r.st.Exact = false, false
		return
	}
	one, expected, all := &m.debits, &m.expectedDebits, &r.st.DebitSum
	if e.Mark.Credits() {
		one, expected, all = &m.credits, &m.expectedCredits, &r.st.CreditSum
		r.st.CreditCount++
	} else {
		r.st.DebitCount++
	}
	one.count++
	if e.Mark.Expected() {
		expected.count++
	}
	if e.Amount.Currency == "" {
		m.exact, r.st.Exact = false, false
		return
	}
	if all.Currency == "" {
		all.Currency = e.Amount.Currency
	}
	total, err := all.Add(e.Amount)
	if err != nil {
		m.exact, r.st.Exact = false, false
		return
	}
	*all = total
	one.minor += e.Amount.Minor // less than the sum of the statement, which did not overflow
	if e.Mark.Expected() {
		expected.minor += e.Amount.Minor
	}
}

// location makes a place of bytes one of characters.
func (r *reader) location(at place, column int) finding.Location {
	prefix := []byte(nil)
	characters := column
	switch {
	case at.line == r.at.line:
		prefix = r.current[:min(column, len(r.current))]
	case at.line == r.entryAt.line && column > tag61:
		prefix = r.line61[:min(column-tag61, len(r.line61))]
	}
	whole := prefix[:len(prefix)-cutOff(prefix)] // a place within a character is that of the character
	characters -= len(prefix) - utf8.RuneCount(whole)
	l := finding.Location{Line: at.line, Column: characters + 1, Offset: at.offset + int64(column), Path: r.path()}
	if at.single {
		l.Offset = at.offset + int64(characters)
	}
	return l
}

var replacement = []byte("\uFFFD")
