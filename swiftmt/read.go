package swiftmt

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"kontor/finding"
	"kontor/money"
)

// Read reads the statements and reports of a document, in memory that does not grow
// with it. What is wrong with them are findings; a document without any field of a
// statement is an *UnreadableError, one that is too large ErrTooLarge. Errors of the
// reader are wrapped, those of the visitor end Read and are returned as they are. Lines
// are counted at each line end of the document, "@@" included.
func Read(r io.Reader, o Options, v Visitor) error {
	if !o.Charset.valid() {
		return fmt.Errorf("charset %q is not known", o.Charset)
	}
	d := &reader{in: newLines(r, o.Bytes), o: o, v: v, accounts: map[accountKey]accountState{}}
	d.decoder.charset = o.Charset
	for d.err == nil && d.in.next() {
		d.line()
	}
	if d.err != nil {
		return d.err
	}
	if err := d.in.failure(); err != nil {
		return err
	}
	d.release(true)
	d.endMessage()
	d.endStatement()
	if d.err == nil && d.messages == 0 {
		return &UnreadableError{Message: "the document holds no field of an MT940 or MT942"}
	}
	return d.err
}

// place is where a line begins.
type place struct {
	line   int
	offset int64
	single bool // each byte beyond ASCII became one character of several bytes
}

// field is the kind of field that lines without a tag continue.
type field uint8

const (
	noField field = iota
	entryField
	entryInformation
	statementInformation
	entryNonSWIFT
	statementNonSWIFT
)

type reader struct {
	in      *lines
	decoder decoder
	o       Options
	v       Visitor
	err     error // of the visitor

	messages    int
	message     message
	st          Statement
	open        bool // st has begun, Begin was called or is due
	begun       bool // Begin was called
	field       field
	colon       bool   // the line before was a colon
	held        held   // a :20: within :86:, until the next line says what it is
	page        string // of the open statement, read last
	hint        Format // from a header before the message
	at          place  // of the current line
	current     []byte // the line, decoded
	lastClosing place
	accounts    map[accountKey]accountState

	entry    Entry
	informer informer
	dates    dates
	hasEntry bool
	entryAt  place
	entryEnd int64
	infoAt   place
	line61   []byte // first line of :61:
	extra    []byte // its other lines
	info     []byte // :86:, lines separated by line feeds
	nonSWIFT []byte
	foreign  bool // a line of the entry is not ASCII
	overflow bool // the finding about a long field was given
	text     []byte
}

// line takes the next line to where it belongs.
func (r *reader) line() {
	raw := r.in.line
	for len(raw) > 0 && raw[0] < ' ' {
		raw = raw[1:] // a start of header before the first block
	}
	r.decoder.foreign = false
	line, single := r.decoder.line(raw)
	r.foreign = r.foreign || r.decoder.foreign
	r.at, r.current = place{r.in.number, r.in.offset + int64(len(r.in.line)-len(raw)), single}, line
	if r.in.cut {
		r.report(CodeTooLong, "line", r.at, 0, line, strconv.Itoa(lineLimit))
	}
	r.decoded(line)
}

// decoded takes a line in UTF-8 to where it belongs.
func (r *reader) decoded(line []byte) {
	if blank(line) {
		return
	}
	if r.held.waiting {
		name, _ := tag(line)
		r.release(name == "21" || name == "25" || name == "28" || name == "28C" || name == "NS")
		if r.err != nil {
			return
		}
	}
	if r.colon {
		r.colon = false
		if at := bytes.IndexByte(line[:min(len(line), 4)], ':'); at > 0 && known(line[:at]) != "" {
			r.tagged(known(line[:at]), line[at+1:], at+1)
			return
		}
	}
	switch line[0] {
	case ':':
		if len(line) == 1 { // a bank broke the line inside the tag
			r.colon = true
			return
		}
		name, rest := tag(line)
		if name == "20" && r.field == entryInformation {
			r.hold(line)
			return
		}
		if name != "" && !r.textOf86(name, rest) {
			r.tagged(name, rest, len(line)-len(rest))
			return
		}
		if foreignTag(line) && r.field != entryInformation && r.field != statementInformation {
			r.report(CodeUnknownField, "unknown", r.at, 0, line)
			r.field = noField
			return
		}
	case '-':
		if ends(line) {
			r.flush()
			r.message.ended, r.field = true, noField
			return
		}
	case '{':
		if len(line) > 2 && line[1] >= '1' && line[1] <= '5' && line[2] == ':' {
			r.block(line)
			return
		}
	}
	r.continued(line)
}

func blank(line []byte) bool {
	for _, ch := range line {
		if ch > ' ' {
			return false
		}
	}
	return true
}

// textOf86 reports whether what looks like a tag goes on with the text of :86:, which the
// bank broke there. It may be the rest of a time: "…13" and ":20:11"; fields 13 to 28
// cannot follow an entry. An entry begins with a date; one with a wrong date has at least
// digits and a decimal comma.
func (r *reader) textOf86(name string, rest []byte) bool {
	if r.field != entryInformation {
		return false
	}
	if name == "61" {
		return digits(rest, 6) < 0 && (digits(rest, 1) < 0 || bytes.IndexByte(rest, ',') < 0)
	}
	return len(name) == 2 && name < "60" && timeOfDay(rest)
}

func timeOfDay(rest []byte) bool {
	return digits(rest, 2) >= 0 && (len(rest) == 2 || digits(rest[2:], 1) < 0)
}

// held is a line ":20:…" within :86:. The next line says whether it begins a message, of
// a bank that leaves out what ends the one before, or is text.
type held struct {
	waiting  bool
	line     []byte
	at       place
	position int64 // where the line ends
	foreign  bool
}

func (r *reader) hold(line []byte) {
	r.held = held{true, append(r.held.line[:0], line...), r.at, r.in.position(), r.decoder.foreign}
}

// release takes the line that was held to where it belongs.
func (r *reader) release(begins bool) {
	if !r.held.waiting || r.err != nil {
		return
	}
	r.held.waiting = false
	at, current, foreign := r.at, r.current, r.decoder.foreign
	r.at, r.current, r.decoder.foreign = r.held.at, r.held.line, r.held.foreign
	if name, rest := tag(r.held.line); begins {
		r.tagged(name, rest, len(r.held.line)-len(rest))
	} else {
		r.continued(r.held.line)
		r.entryEnd = r.held.position
	}
	r.at, r.current, r.decoder.foreign = at, current, foreign
}

// block reads "{1:…}{2:I940…}{4:" and the field that may follow on the same line.
func (r *reader) block(line []byte) {
	r.flush()
	r.field = noField
	if at := bytes.Index(line, []byte("{2:")); at >= 0 && len(line) >= at+7 {
		r.hinted(line[at+4 : at+7])
	}
	at := bytes.Index(line, []byte("{4:"))
	if at < 0 {
		return
	}
	if rest := line[at+3:]; len(rest) > 0 {
		if name, value := tag(rest); name != "" {
			r.tagged(name, value, len(line)-len(value))
		}
	}
}

// continued takes a line without tag.
func (r *reader) continued(line []byte) {
	switch r.field {
	case entryField:
		if bytes.IndexByte(r.line61, ',') < 0 && line[0] >= '0' && line[0] <= '9' && len(r.line61) < lineLimit {
			r.line61 = append(r.line61, line...) // broken before the amount
		} else {
			r.extra = r.grow(r.extra, line)
		}
	case entryInformation:
		if len(r.info) == 0 {
			r.infoAt = r.at
		}
		r.growInformation(line)
	case entryNonSWIFT:
		r.nonSWIFT = r.grow(r.nonSWIFT, line)
	case statementInformation, statementNonSWIFT:
		r.text = r.grow(r.text, line)
	case noField:
		if !envelope(line) {
			r.report(CodeOutside, "outside", r.at, 0, line)
		}
		r.hinted(line)
		return
	}
	r.entryEnd = r.in.position()
}

// hinted notes the kind of message that a header names.
func (r *reader) hinted(header []byte) {
	if len(header) >= 3 && (string(header[:3]) == "940" || string(header[:3]) == "942") {
		r.hint = Format("MT" + string(header[:3]))
	}
}

// grow appends a line to a field, as far as the limit allows.
func (r *reader) grow(text, line []byte) []byte {
	if len(text)+len(line) >= fieldLimit {
		if !r.overflow {
			r.overflow = true
			r.report(CodeTooLong, "field", r.at, 0, nil, strconv.Itoa(fieldLimit))
		}
		return text
	}
	return appendLine(text, line)
}

// tagged takes a line that begins a field; column is where its value begins.
func (r *reader) tagged(name string, rest []byte, column int) {
	switch name {
	case "61":
		r.startEntry(rest)
		return
	case "86":
		r.startInformation(rest)
		return
	case "NS":
		r.startNonSWIFT(rest)
		return
	case "940", "942":
		r.flush()
		r.hint = Format("MT" + name)
		r.field = noField
		return
	}
	r.flush()
	r.field = noField
	v := value{rest, column}
	if name == "20" {
		r.startMessage()
	}
	r.need(name)
	switch name {
	case "20":
		r.message.seen |= seenReference
		r.message.reference = string(trimEnd(rest))
		r.checkReference(v)
	case "21":
		r.message.related = string(trimEnd(rest))
		r.checkReference(v)
	case "25":
		if r.once(seenAccount, name) {
			r.message.account = string(trimEnd(rest))
		}
	case "28", "28C":
		if r.once(seenNumber, name) {
			r.number(v)
		}
	case "60F", "60M":
		r.opening(v, name == "60M")
	case "62F", "62M":
		r.closing(v, name == "62M")
	case "64", "65":
		r.settle()
		b := r.balance(v)
		if name == "64" {
			r.st.Available = addBalance(r.st.Available, b)
		} else {
			r.st.Forward = addBalance(r.st.Forward, b)
		}
	case "34F":
		r.floor(v)
	case "13", "13D":
		r.creation(v, name == "13D")
	case "90D", "90C":
		r.total(v, name == "90D")
	}
	r.message.end = r.in.position()
	if r.message.settled {
		r.st.End = r.message.end
	}
}

// balancesMost bounds the repeated balances of one statement; a bank gives a few.
const balancesMost = 400

func addBalance(list []Balance, b Balance) []Balance {
	if len(list) < balancesMost {
		list = append(list, b)
	}
	return list
}

// value is what stands after a tag, and its distance in bytes from the start of the line.
type value struct {
	b      []byte
	column int
}

// report gives a finding, unless its rule is off. column counts bytes of the decoded
// line from 0.
func (r *reader) report(code finding.Code, id string, at place, column int, text []byte, args ...string) {
	rule := catalogue.Lookup(code)
	severity := rule.Of(r.o.Policies...)
	if r.v.Finding == nil || severity == finding.Off || r.err != nil {
		return
	}
	f := rule.New(id, args...)
	f.Severity = severity
	f.Text = finding.Shorten(string(text[:min(len(text), 8*finding.TextLimit)]))
	f.At = r.location(at, column)
	r.err = r.v.Finding(f)
}

// path names the message, and the entry within the statement.
func (r *reader) path() string {
	if r.messages == 0 {
		return ""
	}
	path := fmt.Sprintf("message[%d]", r.messages)
	if r.hasEntry {
		path += fmt.Sprintf("/61[%d]", r.st.EntryCount+1)
	}
	return path
}

func (r *reader) checkReference(v value) {
	if n := len([]rune(string(trimEnd(v.b)))); n > 16 {
		r.report(CodeReference, "length", r.at, v.column, v.b, strconv.Itoa(n))
	}
}

// once reports whether a field is the first of its kind in the message.
func (r *reader) once(s seen, name string) bool {
	if r.message.seen&s != 0 {
		r.report(CodeOrder, "twice", r.at, 0, nil, name)
		return false
	}
	r.message.seen |= s
	return true
}

// need makes sure that there is a message for a field.
func (r *reader) need(name string) {
	switch {
	case name == "20":
		return
	case !r.message.active:
		r.startMessage()
	case r.message.ended:
		r.message.ended = false
		r.report(CodeOrder, "ended", r.at, 0, nil, name)
	}
}

// settle begins the statement that the message belongs to.
func (r *reader) settle() {
	if r.message.settled || r.err != nil {
		return
	}
	r.message.settled = true
	m := &r.message
	if r.open && r.joins() {
		r.st.Pages++
	} else {
		r.endStatement()
		r.st = Statement{Format: m.hint, Reference: m.reference, RelatedReference: m.related, Number: m.number, Page: m.page, Pages: 1, Exact: true, At: m.at, End: m.end}
		r.st.readAccount(m.account)
		r.open, r.begun = true, false
	}
	m.currency, r.page = money.Currency(r.st.Currency), m.page
	if m.nonSWIFT != "" {
		r.st.NonSWIFT = joinText(r.st.NonSWIFT, m.nonSWIFT)
	}
}

func joinText(a, b string) string {
	if a == "" || b == "" || len(a)+len(b) > fieldLimit {
		return a + b[:min(len(b), max(fieldLimit-len(a), 0))]
	}
	return a + "\n" + b
}

// begin tells the visitor about the statement, once.
func (r *reader) begin() {
	r.settle()
	if r.begun || r.err != nil {
		return
	}
	r.begun = true
	if r.st.Format == "" {
		r.st.Format = MT940
	}
	if r.v.Begin != nil {
		r.err = r.v.Begin(&r.st)
	}
}
