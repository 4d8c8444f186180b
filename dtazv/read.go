package dtazv

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"

	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
)

// Read goes through a DTAZV file once, in constant memory, and returns what it counted
// and what is wrong with it, in document order. In a Location, Line is the number of the
// record and Column the position in it, as the specification counts: the lines of a file
// that has line ends after its records. Path names logical file, payment, report and
// field: "Q[1]/T[3]/T12", "Q[1]/T[3]/V[1]/V7", "Q[2]/Z/Z3".
//
// An error means that the input could not be read (wrapped), was longer than
// Options.MaxBytes (ErrTooLarge), is no DTAZV file of a customer (*UnreadableError), or
// that a visitor returned one.
func Read(in io.Reader, options Options, visitor Visitor) (Summary, []finding.Finding, error) {
	r := newReader(in, options, visitor)
	if err := r.begin(); err != nil {
		return Summary{}, nil, err
	}
	for {
		more, err := r.record()
		if err != nil {
			return r.summary, r.sorted(), err
		}
		if !more {
			break
		}
	}
	if err := r.finish(); err != nil {
		return r.summary, r.sorted(), err
	}
	return r.summary, r.sorted(), nil
}

// reader is the state of one Read.
type reader struct {
	collector
	source  *source
	visitor Visitor
	today   calendar.Date
	summary Summary

	current    []byte // the record being judged, whole
	place      place  // of it
	separators bool   // reported already

	open    bool // a logical file is open
	known   bool // its Q was read
	header  *Header
	created calendar.Date // Q6, zero if not readable
	due     calendar.Date // Q8, zero if not readable
	sum     uint64        // of T14a
	full    bool          // the sum does not fit
	count   uint64        // of T

	payment payment
	padded  [longRecord]byte // a record that a line end has cut short
}

// place says where a record stands.
type place struct {
	recordType    byte
	record        int // from 1
	offset        int64
	file, payment int           // from 1, 0 = none
	report        int           // from 1, among those of its type
	due           calendar.Date // of a payment: its execution date, zero if not readable
}

func newReader(in io.Reader, options Options, visitor Visitor) *reader {
	r := &reader{source: newSource(in, options.MaxBytes), visitor: visitor, today: options.Today}
	r.prepare(options)
	return r
}

// begin refuses what is no DTAZV file of a customer.
func (r *reader) begin() error {
	head := r.source.peek(5)
	if r.source.err != nil {
		return r.source.err
	}
	id := ""
	switch {
	case len(head) == 0:
		id = "empty"
	case len(head) == 5 && isLength(head[:4]) && lengthOf(head[4]) > 0, len(head) == 5 && allDigits(head[:4]) && head[4] == 'Q':
		if head[4] == 'Q' && bytes.Equal(head[:4], []byte("0246")) {
			id = "bank"
		}
	case len(head) == 5 && allDigits(head[:4]) && head[4] == 'P':
		id = "bank"
	default:
		id = "other"
	}
	if id == "" {
		r.judgeAge()
		return nil
	}
	f := catalogue[ruleIndex[CodeUnreadable]].New(id)
	return &UnreadableError{Code: f.Code, At: finding.Location{Line: 1, Column: 1}, Message: f.Message, Case: id}
}

// The format was to end in November 2025, and then got another year.
var (
	endAnnounced = calendar.Date{Year: 2025, Month: 11, Day: 1}
	endOfFormat  = calendar.Date{Year: 2026, Month: 11, Day: 1}
)

func (r *reader) judgeAge() {
	r.place = place{recordType: 'Q', record: 1, file: 1}
	switch {
	case r.today.IsZero() || r.today.Before(endAnnounced):
	case r.today.Before(endOfFormat):
		r.add(CodeDiscontinued, "ends", r.at(1, ""), nil)
	default:
		r.add(CodeDiscontinued, "ended", r.at(1, ""), nil)
	}
}

func isLength(text []byte) bool {
	return bytes.Equal(text, []byte("0256")) || bytes.Equal(text, []byte("0768"))
}

// record reads one record; false at the end of what can be read.
func (r *reader) record() (bool, error) {
	length, declared, known := r.measure()
	if r.source.err != nil {
		return false, r.source.err
	}
	if length == 0 {
		return false, r.stop()
	}
	raw := r.source.peek(length)
	if r.source.err != nil {
		return false, r.source.err
	}
	r.step(raw[4])
	whole := r.whole(raw, length)
	used := len(raw)
	if whole == nil { // the end of the file
		r.add(CodeIncomplete, "cut", r.at(1, ""), nil, strconv.Itoa(len(raw)), strconv.Itoa(length))
		r.source.skip(used)
		return false, nil
	}
	if &whole[0] == &r.padded[0] {
		used = bytes.IndexAny(raw, "\r\n")
		r.add(CodeIncomplete, "line", r.at(1, ""), nil, strconv.Itoa(used), strconv.Itoa(length))
	}
	r.current = whole
	if !declared {
		r.add(CodeLength, "length", r.at(1, ""), raw[:4], printable(raw[4:5]), printable(raw[:4]), fmt.Sprintf("%04d", lengthOf(raw[4])))
	}
	var err error
	switch {
	case known:
		err = r.take()
	case declared:
		r.add(CodeOrder, "unknown", r.at(5, ""), nil, printable(raw[4:5]))
	}
	r.source.skip(used)
	if r.source.skipSeparators() && !r.separators {
		r.separators = true
		r.add(CodeSeparator, "line", r.at(min(used+1, length+1), ""), nil)
	}
	return true, err
}

// measure returns the length of the next record, 0 if there is none, whether it says that
// length itself, and whether its type is known.
func (r *reader) measure() (length int, declared, known bool) {
	head := r.source.peek(5)
	if len(head) < 5 {
		return 0, false, false
	}
	says := 0
	switch {
	case bytes.Equal(head[:4], []byte("0256")):
		says = shortRecord
	case bytes.Equal(head[:4], []byte("0768")):
		says = longRecord
	}
	is := lengthOf(head[4])
	switch {
	case is == says && is > 0:
		return is, true, true
	case is == 0 && says == 0:
		return 0, false, false
	case is == 0:
		return says, true, false
	case says == 0, r.beginsAt(is), !r.beginsAt(says):
		return is, false, true
	}
	return says, false, false // the type is wrong rather than the length
}

// beginsAt reports whether a record, or the end of the file, is n bytes ahead.
func (r *reader) beginsAt(n int) bool {
	ahead := r.source.peek(n + 7)
	if len(ahead) <= n {
		return len(ahead) == n
	}
	ahead = bytes.TrimLeft(ahead[n:], "\r\n")
	return len(ahead) == 0 || len(ahead) >= 5 && isLength(ahead[:4]) && lengthOf(ahead[4]) > 0
}

// step moves the place to the next record.
func (r *reader) step(recordType byte) {
	r.summary.Records++
	p := place{recordType: recordType, record: r.summary.Records, offset: r.source.offset, file: r.summary.LogicalFiles}
	count := int(r.count)
	if recordType == 'Q' || !r.open {
		p.file++
		count = 0
	}
	switch recordType {
	case 'T':
		p.payment = count + 1
	case 'V', 'W':
		if r.payment.active {
			p.payment = count
		}
		if p.report = r.payment.transit + 1; recordType == 'W' {
			p.report = r.payment.service + 1
		}
	}
	r.place = p
}

// whole returns the record with all its bytes. One that a line end cuts short, as
// editors leave it that drop blanks, is completed in r.padded; nil if the file ends.
func (r *reader) whole(raw []byte, length int) []byte {
	end := -1
	if classesOf(raw)&classOther != 0 {
		end = bytes.IndexAny(raw, "\r\n")
	}
	if end > 4 {
		rest := bytes.TrimLeft(raw[end:], "\r\n")
		if len(raw) < length && len(rest) == 0 || len(rest) >= 5 && isLength(rest[:4]) && lengthOf(rest[4]) > 0 {
			n := copy(r.padded[:], raw[:end])
			copy(r.padded[n:length], blanks)
			return r.padded[:length]
		}
	}
	if len(raw) < length {
		return nil
	}
	return raw
}

// stop ends the reading where no record begins: the end of the file, an end-of-file
// mark, or something that is neither.
func (r *reader) stop() error {
	rest := r.source.peek(5)
	if len(rest) == 0 {
		return r.source.err
	}
	r.place = place{record: r.summary.Records + 1, offset: r.source.offset, file: r.place.file}
	if len(bytes.TrimLeft(rest, "\x1A")) == 0 {
		r.add(CodeSeparator, "mark", r.at(1, ""), nil)
		return nil
	}
	r.add(CodeIncomplete, "lost", r.at(1, ""), rest)
	return nil
}

// take judges a record of a known type at its place in the order of records.
func (r *reader) take() error {
	if t := r.place.recordType; t != 'V' && t != 'W' {
		if err := r.closePayment(); err != nil {
			return err
		}
	}
	switch r.place.recordType {
	case 'Q':
		return r.takeHeader()
	case 'T':
		r.ensureOpen()
		r.takePayment()
	case 'V', 'W':
		r.takeReport()
	case 'Z':
		r.takeTrailer()
	}
	return nil
}

func (r *reader) takeHeader() error {
	if r.open {
		r.add(CodeOrder, "trailer", r.at(1, ""), nil)
	}
	r.openFile()
	r.known = true
	r.judgeHeader()
	if r.visitor.Header == nil && r.visitor.Payment == nil {
		return nil
	}
	r.header = r.newHeader()
	if r.visitor.Header == nil {
		return nil
	}
	if err := r.visitor.Header(r.header); err != nil {
		return fmt.Errorf("handing out logical file %d: %w", r.header.Ordinal, err)
	}
	return nil
}

// openFile begins a logical file.
func (r *reader) openFile() {
	r.summary.LogicalFiles++
	r.open, r.known, r.header = true, false, nil
	r.created, r.due = calendar.Date{}, calendar.Date{}
	r.sum, r.full, r.count = 0, false, 0
}

// ensureOpen reports a missing Q, once for each logical file.
func (r *reader) ensureOpen() {
	if r.open {
		return
	}
	r.openFile()
	r.add(CodeOrder, "header", r.at(1, ""), nil)
}

func (r *reader) takeTrailer() {
	r.ensureOpen()
	if r.count == 0 {
		r.add(CodeOrder, "payment", r.at(1, ""), nil)
	}
	r.judgeTrailer()
	r.open = false
}

// finish judges what only the end of the file tells.
func (r *reader) finish() error {
	if err := r.closePayment(); err != nil {
		return err
	}
	if r.open {
		r.place = place{record: r.summary.Records + 1, offset: r.source.offset, file: r.place.file}
		r.add(CodeIncomplete, "end", r.at(1, ""), nil)
	}
	return nil
}

// currency returns the code without allocating for one met before.
func (r *reader) currency(code []byte) money.Currency {
	for _, c := range r.summary.Currencies {
		if string(c) == string(code) {
			return c
		}
	}
	return money.Currency(code)
}

// countCurrency remembers the currency of a payment.
func (r *reader) countCurrency(code []byte) {
	c := money.Currency(code)
	if !slices.Contains(r.summary.Currencies, c) {
		r.summary.Currencies = append(r.summary.Currencies, money.Currency(string(code)))
	}
}
