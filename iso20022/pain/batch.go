package pain

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/finding"
	"kontor/xsd"
)

// nextPossibleDay is written as a date for "as soon as possible": it is no day to
// compare with.
const nextPossibleDay = "1999-01-01"

// batchState is what the rules remember of the open batch.
type batchState struct {
	requested   calendar.Date // zero if not readable, or nextPossibleDay
	timed       bool          // the day has a time
	timedAt     int64
	untimely    bool // and that was reported
	closed      bool // the day is no banking day, and transactions say whether they are instant
	closedTold  bool // and that was reported
	hasType     bool // it has a PmtTpInf
	hasCharges  bool
	ultimate    bool // it has an ultimate owner
	serviceCode bool // the service level is a code
	instant     bool
	ownerBIC    bool
	ownerAgent  bool // the agent has an other identification
	sepa        bool
}

func (d *judge) openBatch(offset int64) {
	ordinal := 0
	if d.batch != nil {
		ordinal = d.batch.Ordinal + 1
	}
	d.batch = &Batch{Ordinal: ordinal, Kind: d.kind, At: location(d.run.Position(offset), d.run.Path())}
	d.state = batchState{sepa: d.isSEPA("", true)}
	d.totals.openBatch()
	d.debit.openBatch()
	if d.chunk != nil {
		d.chunk.segments = append(d.chunk.segments, segment{batch: d.batch, continued: d.found.muted})
	}
}

// endSegment is for the end of a batch, or of its part in a chunk.
func (d *judge) endSegment(closed bool) {
	s := &d.chunk.segments[len(d.chunk.segments)-1]
	s.closed, s.totals, s.count = closed, d.totals, d.batch.Count
}

func (d *judge) closeBatch() error {
	if d.chunk != nil {
		d.endSegment(true)
		return nil
	}
	d.judgeBatchTotals()
	if d.visitor.Batch == nil {
		return nil
	}
	if err := d.visitor.Batch(d.batch); err != nil {
		return fmt.Errorf("handing out batch %d: %w", d.batch.Ordinal, err)
	}
	return nil
}

// isSEPA says whether payments with a service level are SEPA payments in the profile.
func (d *judge) isSEPA(service string, code bool) bool {
	switch {
	case d.sepa == sepaNone:
		return false
	case d.kind == KindDirectDebit && !d.profile.swiss:
		return true
	case service == "":
		return d.sepa == sepaAll
	}
	return code && service == "SEPA" || code && service == "INST" && d.sepa == sepaAll
}

func (d *judge) batchValue(r xsd.Role) {
	b, s, text := d.batch, &d.state, d.value.Text
	switch r {
	case roleBatchID:
		d.reference()
		d.uniqueBatchID()
		b.PaymentInformationID = string(text)
	case roleMethod:
		b.PaymentMethod = string(text)
		d.method()
	case roleBatchCount:
		if d.countForm() {
			d.totals.batch.count.set(text, d.run.Position(d.value.Offset))
		}
	case roleBatchSum:
		if d.sumForm() {
			d.totals.batch.sum.set(text, d.run.Position(d.value.Offset))
		}
	case roleServiceCode, roleServiceProprietary:
		if b.ServiceLevel == "" {
			b.ServiceLevel, s.serviceCode = string(text), r == roleServiceCode
			s.sepa = d.isSEPA(b.ServiceLevel, s.serviceCode)
		}
		d.debitService(r == roleServiceCode)
	case roleInstrumentCode, roleInstrumentProprietary:
		d.instrument(r == roleInstrumentCode, b.ServiceLevel)
		b.LocalInstrument = string(text)
		s.instant = isInstant(text)
	case roleExecutionDate:
		b.RequestedExecutionDate = string(text)
		d.executionDate()
	case roleExecutionDateTime:
		b.RequestedExecutionDate = string(text)
		s.timed, s.timedAt = true, d.value.Offset
		d.executionTime()
	case roleCharges:
		s.hasCharges = true
		d.charges(s.sepa)
	default:
		d.ownerValue(r)
	}
}

// ownerValue is about the party whose account the batch moves.
func (d *judge) ownerValue(r xsd.Role) {
	b, text := d.batch, d.value.Text
	number, agent := &b.DebtorAccount, &b.DebtorAgent
	if b.Kind == KindDirectDebit {
		number, agent = &b.CreditorAccount, &b.CreditorAgent
	}
	switch r {
	case roleOwnerIBAN:
		d.iban()
		*number = string(text)
	case roleOwnerOtherID:
		*number = string(text)
	case roleOwnerCurrency:
		b.Currency = string(text)
	case roleOwnerBIC:
		d.state.ownerBIC = true
		if d.bic("bic") {
			d.affiliation(text, []byte(*number))
		}
		*agent = string(text)
	case roleOwnerAgentOther:
		d.state.ownerAgent = true
		if d.state.sepa && string(text) != string(notProvided) {
			d.fault(ruleAgent, "other")
		}
	default:
		d.debitBatchValue(r)
	}
}

// closeOwnerAgent judges an agent that says nothing.
func (d *judge) closeOwnerAgent(offset int64) {
	if d.state.sepa && !d.profile.swiss && !d.state.ownerBIC && !d.state.ownerAgent && !d.refused && d.may(ruleAgent, offset, "BICFI", "BIC", "FinInstnId") {
		d.tell(ruleAgent, offset, "FinInstnId", "missing")
	}
}

// uniqueBatchID compares the identification of a batch with those before it.
func (d *judge) uniqueBatchID() {
	if d.chunk != nil {
		d.chunk.segments[len(d.chunk.segments)-1].idAt = d.run.Position(d.value.Offset)
		return
	}
	if d.batchIDTwice(string(d.value.Text)) {
		d.fault(ruleBatchIDTwice, "twice")
	}
}

// batchIDTwice remembers 16 bytes of a SHA-256 instead of the text: constant, small,
// and without a chance of a false alarm.
func (d *judge) batchIDTwice(id string) bool {
	hash := sha256.Sum256([]byte(id))
	key := [16]byte(hash[:16])
	if _, twice := d.debit.batchIDs[key]; twice {
		return true
	}
	if d.debit.batchIDs == nil {
		d.debit.batchIDs = map[[16]byte]struct{}{}
	}
	d.debit.batchIDs[key] = struct{}{}
	return false
}

func (d *judge) method() {
	if d.kind == KindDirectDebit && d.batch.PaymentMethod != "DD" {
		d.fault(rulePaymentMethod, "debit")
	}
	if d.kind == KindCreditTransfer && d.batch.PaymentMethod != "TRF" && (!d.profile.swiss || d.batch.PaymentMethod != "TRA") { // SPS treats TRA like TRF
		d.fault(rulePaymentMethod, "transfer")
	}
}

func isInstant(instrument []byte) bool {
	return string(instrument) == "INST" || string(instrument) == "ITP"
}

// instrument judges a local instrument, beside the service level that goes with it.
func (d *judge) instrument(code bool, service string) {
	if d.kind == KindDirectDebit {
		d.debitInstrument(code)
		return
	}
	if !isInstant(d.value.Text) {
		return
	}
	if !code && (!d.profile.swiss || string(d.value.Text) != "ITP") { // SPS has both: the code INST, and ITP as a name of its own
		d.fault(ruleInstant, "proprietary")
	}
	if service != "" && service != "SEPA" && (!d.profile.swiss || service != "INST") {
		d.fault(ruleInstant, "service", finding.Shorten(service))
	}
}

// charges judges ChrgBr.
func (d *judge) charges(sepa bool) {
	if string(d.value.Text) == "SLEV" || !sepa {
		return
	}
	if d.kind == KindDirectDebit {
		d.fault(ruleDebitCharges, "bearer")
	} else {
		d.fault(ruleTransferCharges, "bearer")
	}
}

func (d *judge) executionDate() {
	if date, ok := d.day(ruleExecutionDate, "date"); ok && date != nextPossible {
		d.state.requested = date
		d.requestedDay(maxTransferAhead)
	}
}

// nextPossible is nextPossibleDay.
var nextPossible = day(1999, 1, 1)

// day reads the value at hand as a day of the calendar; what is not one is a fault of the
// case. xs:date allows a zone, which some programs write: banks take the day.
func (d *judge) day(r ruleIndex, c string) (calendar.Date, bool) {
	text := d.value.Text
	date, err := calendar.Parse(string(text))
	if err == nil {
		return date, true
	}
	if isZone(text[min(len("2026-11-12"), len(text)):]) {
		if date, err = calendar.Parse(string(text[:len("2026-11-12")])); err == nil {
			d.faultMildly(r, "zone")
			return date, true
		}
	}
	d.fault(r, c)
	return calendar.Date{}, false
}

// isZone accepts the zones of XML Schema: Z, +01:00.
func isZone(text []byte) bool {
	if len(text) != len("+01:00") || text[3] != ':' {
		return string(text) == "Z"
	}
	for _, i := range []int{1, 2, 4, 5} {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return text[0] == '+' || text[0] == '-'
}

func (d *judge) executionTime() {
	text := string(d.value.Text)
	if !isDateTime(text) {
		d.fault(ruleExecutionDate, "time")
		return
	}
	if date, err := calendar.Parse(text[:10]); err == nil && date != nextPossible {
		d.state.requested = date
		d.requestedDay(maxTransferAhead)
	}
}

// How many days ahead banks take orders.
const (
	maxTransferAhead = 365
	maxDebitAhead    = 14
)

// requestedDay compares the day on which money is to move with today.
func (d *judge) requestedDay(ahead int) {
	on := d.state.requested
	if d.today.IsZero() {
		return
	}
	switch {
	case on.Before(d.today):
		d.fault(ruleDatePast, "past")
		return
	case d.today.AddDays(ahead).Before(on):
		d.fault(ruleDateFar, "far", strconv.Itoa(ahead))
	}
	if d.state.sepa && !d.state.instant && !calendar.TARGET.Open(on) {
		if d.kind == KindCreditTransfer && !d.state.hasType {
			d.state.closed = true // each transaction may be instant
			return
		}
		d.fault(ruleDateClosed, "closed")
	}
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

// iban judges an IBAN and says whether it is one.
func (d *judge) iban() bool {
	text := d.value.Text
	err := account.CheckIBAN(text)
	if err == nil {
		// Germany has no such digits: most numbers need not be judged twice.
		if d.on(ruleNationalDigits) && string(text[:2]) != "DE" && account.CheckNational(text) == account.NationalWrong {
			d.fault(ruleNationalDigits, "digits")
		}
		return true
	}
	c, args := account.CaseOf(err)
	d.fault(ruleIBAN, c, args...)
	return false
}

// bic judges a BIC and says whether it is one. The case is what is said of NOTPROVIDED:
// where to put it depends on whose bank it is.
func (d *judge) bic(c string) bool {
	text := d.value.Text
	if string(text) == string(notProvided) {
		d.fault(ruleAgent, c)
		return false
	}
	check := account.CheckBIC
	if d.classic {
		check = account.CheckClassicBIC
	}
	if err := check(text); err != nil {
		c, args := account.CaseOf(err)
		if padded := bytes.Trim(text, blanks); len(padded) < len(text) && check(padded) == nil {
			c, args = "space", nil
		}
		d.fault(ruleBIC, c, args...)
		return false
	}
	return true
}

// affiliation compares a BIC at hand with the IBAN that it goes with; either may be
// missing or wrong.
func (d *judge) affiliation(bic, iban []byte) {
	if !d.on(ruleAffiliation) || account.CheckIBAN(iban) != nil || len(bic) < 6 {
		return
	}
	if !account.SameCountry(iban, bic) {
		d.fault(ruleAffiliation, "country", string(bic[4:6]), string(iban[:2]))
	} else if of, other := d.otherBank(iban, bic); other {
		d.fault(ruleAffiliation, "bank", string(of), string(bic))
	}
}
