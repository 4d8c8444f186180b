package pain

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"sync"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/finding"
	"kontor/money"
	"kontor/xsd"
)

// judge is the state of one Read: a handler of the events of package xsd.
type judge struct {
	run       *xsd.Run
	visitor   Visitor
	history   History
	profile   *Profile
	sepa      sepaMode // see peeked.sepa
	kind      Kind
	classic   bool // a message of 2009: BIC instead of BICFI, narrower BIC form, addresses of country and lines
	severity  [ruleCount]finding.Severity
	contested [ruleCount]bool // see Options.Contested
	today     calendar.Date
	reach     calendar.Date // the day for lists of countries: today, or the end of time
	inner     [2]byte       // a country of SEPA and of the EEA on that day, met last
	banks     *directory.Table
	bankDay   calendar.Date

	chunk   *chunk // of a judge of a part of a document; nil for the whole
	begun   bool   // the first chunk is joined
	told    [ruleCount]bool
	version string

	found    collector
	value    *xsd.Value       // of the event at hand, nil for others
	said     finding.Severity // the worst that was said about value
	held     *xsd.Violation   // about the value that comes next
	lacked   lacking          // elements that are missing
	refused  bool             // the schema refused what identifies the open agent
	reported int              // violations that reached the handler

	message     Message
	messageIDAt finding.Location
	batch       *Batch
	state       batchState
	pay         payment
	debit       debit
	party       party
	fields      fields
	totals      totals
	seen        identifications
	payment     Payment
	view        PaymentView
}

// Read reads one credit transfer or direct debit in one pass and judges it: by the
// schema of its message in the profile, and by the rules of Catalogue. It holds one
// payment at a time, 16 bytes per PmtInf and per identification of a transaction to find
// equal ones, and no more. What cannot be read at all is an error: XML that is not
// well-formed (*xmlscan.SyntaxError), another root or namespace, or a profile without a
// schema for the message (*UnreadableError), a read error, or an error of visitor or
// history. Everything else is a finding, in document order. With an error, message and
// findings are those of the part before it.
func Read(r io.Reader, o Options, v Visitor) (Message, []finding.Finding, error) {
	head, r, err := peek(r, o.Limits)
	if err != nil {
		return Message{}, nil, err
	}
	profile, plan, err := choose(&head, &o)
	if err != nil {
		return Message{}, nil, err
	}
	d := newJudge(&head, profile, plan, &o, v)
	summary, err := d.validate(r, plan, &o)
	if root, ok := errors.AsType[*xsd.RootError](err); ok {
		unreadable := head.unreadable("unknown", strconv.Quote(finding.Shorten(root.Local)), strconv.Quote(finding.Shorten(root.Space)))
		unreadable.At = location(root.Position, "")
		return d.message, nil, unreadable
	}
	d.flush()
	d.settle()
	if err == nil {
		d.finish(&summary)
	} else {
		err = fmt.Errorf("reading payment initiation: %w", err)
	}
	if d.on(ruleStructure) {
		d.found.drop(summary.Violations-d.reported, d.severity[ruleStructure])
	}
	return d.message, d.found.sorted(), err
}

func (d *judge) validate(r io.Reader, plan *xsd.Plan, o *Options) (xsd.Summary, error) {
	options := xsd.Options{Limits: o.Limits, MaxViolations: d.found.max + 1}
	if o.Workers < 2 || d.visitor.View != nil || d.history != nil {
		return plan.Validate(r, options, d)
	}
	return d.validateParallel(func(p xsd.Parallel) (xsd.Summary, error) { return plan.ValidateParallel(r, options, p) }, o.Workers)
}

// choose finds profile and plan of a document.
func choose(head *peeked, o *Options) (*Profile, *xsd.Plan, error) {
	if !head.message() && !head.adopt(o) {
		return nil, nil, head.unreadable("unknown", strconv.Quote(finding.Shorten(head.local)), strconv.Quote(finding.Shorten(head.space)))
	}
	profile := head.profile(o.reach())
	if o.Profile != ProfileDetect {
		var ok bool
		if profile, ok = LookupProfile(o.Profile); !ok {
			return nil, nil, fmt.Errorf("there is no profile %q", o.Profile)
		}
	}
	if o.Schema != nil {
		if o.Schema.Namespace() != head.space {
			return nil, nil, head.unreadable("profile", head.name(), o.Schema.Name())
		}
		plan, _ := o.Schema.Bind(rolePaths(head.kind()))
		return profile, plan, nil
	}
	name, ok := profile.schemas[head.name()]
	if ok || head.adopted.kind != 0 {
		if s := o.chosen(head.space, name); s != nil {
			return profile, bind(s, head.kind()).plan, nil
		}
	}
	if !ok {
		return nil, nil, head.unreadable("profile", head.name(), string(profile.ID))
	}
	plan, err := corePlan(name, head.kind())
	return profile, plan, err
}

func rolePaths(k Kind) paths {
	if k == KindDirectDebit {
		return directDebitPaths()
	}
	return creditTransferPaths()
}

// plans are the bound schemas by name: binding takes longer than reading a small file.
var plans sync.Map // name → *xsd.Plan

func corePlan(name string, k Kind) (*xsd.Plan, error) {
	if plan, ok := plans.Load(name); ok {
		return plan.(*xsd.Plan), nil
	}
	schema, ok := xsd.Core(name)
	if !ok {
		return nil, fmt.Errorf("the schema %s is not part of this binary", name)
	}
	plan, _ := schema.Bind(rolePaths(k))
	plans.Store(name, plan)
	return plan, nil
}

func newJudge(head *peeked, profile *Profile, plan *xsd.Plan, o *Options, v Visitor) *judge {
	name := head.name()
	d := &judge{visitor: v, history: o.History, profile: profile, sepa: head.sepa(profile, o.reach()), kind: head.kind(), classic: head.classic(), today: o.Today, reach: o.reach(), banks: o.Directory, bankDay: o.bankDay(), version: name,
		severity: severities(append([]finding.Policy{profile.Policy}, o.Policies...)...)}
	fixed(&d.severity)
	for i := range rules {
		d.contested[i] = slices.Contains(o.Contested, rules[i].Code)
	}
	d.found.max = o.MaxFindings
	if d.found.max <= 0 {
		d.found.max = defaultMaxFindings
	}
	d.message = Message{Kind: d.kind, Version: name, Profile: profile.ID, Schema: plan.Schema().Name()}
	d.seen.init()
	d.lacked.list = d.lacked.room[:0]
	if v.Payment != nil || v.View != nil || o.History != nil {
		d.fields.buffer = make([]byte, 0, 1024)
	}
	d.judgeFormat(location(head.at, ""))
	return d
}

// classicVersion says whether a message is one of 2009, or derived from one.
func classicVersion(name string) bool {
	switch name {
	case "pain.001.001.09", "pain.001.001.10", "pain.001.001.13", "pain.008.001.08", "pain.008.001.09", "pain.008.001.12":
		return false
	}
	return true
}

// Attach implements xsd.Attacher.
func (d *judge) Attach(r *xsd.Run) { d.run = r }

// Open implements xsd.Handler.
func (d *judge) Open(r xsd.Role, offset int64) error {
	d.flush()
	if r >= roleParties {
		d.openParty(r, offset)
		return nil
	}
	switch r {
	case roleBatch:
		d.openBatch(offset)
	case roleBatchType:
		d.state.hasType = true
	case roleOwnerOther:
		if d.state.sepa {
			d.tell(ruleIBAN, offset, "", "other")
		}
	case rolePayment:
		d.openPayment(offset)
	case rolePaymentType:
		d.bothLevels(d.state.hasType, offset, "PmtTpInf")
	case roleCategory:
	case roleOwnerAgent:
		d.refused = false
	case rolePaymentCategory:
		d.tell(ruleCategoryPurpose, offset, "", "level")
	case roleAgent:
		d.pay.agent, d.pay.agentAt, d.refused = true, offset, false
	case roleAgentAddress:
		d.pay.agentAddress = true
	case roleAccount:
		d.pay.account = true
	case roleAccountOther:
		d.pay.accountOther, d.pay.accountAt = true, offset
		if d.pay.sepa {
			d.tell(ruleIBAN, offset, "", "other")
		}
	case roleEquivalentAmount:
		d.tell(ruleAmount, offset, "", "equivalent")
		d.totals.groupBroken, d.totals.batchBroken = true, true
	case roleStructured:
		d.openStructured(offset)
	default:
		d.openDebit(r, offset)
	}
	return nil
}

// Close implements xsd.Handler.
func (d *judge) Close(r xsd.Role, offset, end int64) error {
	d.flush()
	if r >= roleParties {
		d.closeParty(r, offset)
		return nil
	}
	switch r {
	case roleBatch:
		return d.closeBatch()
	case roleOwnerAgent:
		d.closeOwnerAgent(offset)
	case rolePayment:
		return d.closePayment(offset, end)
	case roleAgent:
		d.closeAgent(offset)
	case roleStructured:
		d.closeStructured(offset)
	case roleBatchScheme, rolePaymentScheme:
		d.closeScheme(offset)
	case roleMandate:
		d.closeMandate(offset)
	}
	return nil
}

// Value implements xsd.Handler.
func (d *judge) Value(r xsd.Role, v *xsd.Value) error {
	if d.held != nil && d.held.Offset != v.Offset {
		d.flush()
	}
	d.value, d.said = v, finding.Off
	switch {
	case r >= roleParties:
		d.partyValue(r)
	case r < roleBatch:
		d.headerValue(r)
	case r < rolePayment:
		d.batchValue(r)
	default:
		d.paymentValue(r)
	}
	d.value = nil
	if d.held != nil {
		if outranks(d.said, d.severity[ruleStructure]) {
			d.held = nil // the rule says it better than the schema
		}
		d.flush()
	}
	return nil
}

// outranks reports whether a finding of severity a makes one of severity b superfluous.
func outranks(a, b finding.Severity) bool {
	return a == finding.Error || a == finding.Warning && b != finding.Error
}

// on reports whether a rule is judged.
func (d *judge) on(r ruleIndex) bool { return d.severity[r] != finding.Off }

// add keeps a finding of a rule at a place.
func (d *judge) add(r ruleIndex, s finding.Severity, at finding.Location, text []byte, c string, args []string) {
	f := rules[r].New(c, args...)
	f.Severity, f.At, f.Text = s, at, string(text)
	d.found.keep(f)
}

// fault reports something about the value at hand.
func (d *judge) fault(r ruleIndex, c string, args ...string) {
	d.faultAs(d.severity[r], r, c, args...)
}

// faultMildly is fault with a warning at most.
func (d *judge) faultMildly(r ruleIndex, c string, args ...string) {
	if d.on(r) {
		d.faultAs(finding.Warning, r, c, args...)
	}
}

func (d *judge) faultAs(s finding.Severity, r ruleIndex, c string, args ...string) {
	if s == finding.Off {
		return
	}
	if outranks(s, d.said) && !d.contested[r] {
		d.said = s
	}
	if d.found.room(s) {
		d.add(r, s, location(d.run.Position(d.value.Offset), d.run.Path()), d.value.Text, c, args)
	}
}

// tell reports something at a start tag, about a child that is named if it is not the
// element at hand itself.
func (d *judge) tell(r ruleIndex, offset int64, child, c string, args ...string) {
	d.tellText(r, offset, child, nil, c, args...)
}

// tellText is tell of an offending text.
func (d *judge) tellText(r ruleIndex, offset int64, child string, text []byte, c string, args ...string) {
	d.tellAs(d.severity[r], r, offset, child, text, c, args...)
}

// tellMildly is tell with a warning at most.
func (d *judge) tellMildly(r ruleIndex, offset int64, child, c string, args ...string) {
	if d.on(r) {
		d.tellAs(finding.Warning, r, offset, child, nil, c, args...)
	}
}

func (d *judge) tellAs(s finding.Severity, r ruleIndex, offset int64, child string, text []byte, c string, args ...string) {
	if s == finding.Off || !d.found.room(s) {
		return
	}
	path := d.run.Path()
	if child != "" {
		path += "/" + child
	}
	d.add(r, s, location(d.run.Position(offset), path), text, c, args)
}

// currency returns the code without allocating for one met before.
func (d *judge) currency(code []byte) money.Currency {
	for _, c := range d.message.Currencies {
		if string(c) == string(code) {
			return c
		}
	}
	return money.Currency(code)
}

// finish is for the end of the document.
func (d *judge) finish(s *xsd.Summary) {
	d.judgeGroupTotals()
	if s.BOM {
		d.once(ruleByteOrderMark, finding.Location{Line: 1, Column: 1}, "bom")
	}
	if s.CDATA.Count > 0 {
		d.once(ruleCDATA, location(s.CDATA.At, s.CDATA.Path), "cdata")
	}
	if s.Empty.Count > 0 && !d.found.at(s.Empty.At.Offset) {
		d.once(ruleEmptyElement, location(s.Empty.At, s.Empty.Path), "empty", strconv.Itoa(s.Empty.Count))
	}
	if s.Blank.Count > 0 && !d.found.at(s.Blank.At.Offset) {
		d.once(ruleEmptyElement, location(s.Blank.At, s.Blank.Path), "blank")
	}
	if d.message.Count > maxTransactions {
		d.once(ruleManyTransactions, d.totals.group.count.where, "many", strconv.Itoa(d.message.Count))
	}
}

// maxTransactions is how many a file has at most by recommendation.
const maxTransactions = 500_000

// once reports something about the whole document, at a known place.
func (d *judge) once(r ruleIndex, at finding.Location, c string, args ...string) {
	if !d.on(r) || !d.found.room(d.severity[r]) {
		return
	}
	if at.Line == 0 {
		at.Line, at.Column = 1, 1
	}
	d.add(r, d.severity[r], at, nil, c, args)
}

// judgeFormat is rule PAIN-A10.
func (d *judge) judgeFormat(at finding.Location) {
	l, known := lives[d.message.Schema]
	if !known || d.today.IsZero() {
		return
	}
	switch {
	case !l.until.IsZero() && l.until.Before(d.today):
		d.once(ruleFormatEnd, at, "ended", d.message.Schema, l.until.String())
	case !l.until.IsZero() && l.until.Before(d.today.AddDays(noticeDays)):
		d.once(ruleFormatEnd, at, "ending", d.message.Schema, l.until.String())
	case d.today.Before(l.from):
		d.once(ruleFormatEnd, at, "early", d.message.Schema, l.from.String())
	}
}

// noticeDays is how long before an end it is told.
const noticeDays = 180

// reach is the day for lists of countries.
func (o *Options) reach() calendar.Date {
	if o.Today.IsZero() {
		return day(9999, 12, 31)
	}
	return o.Today
}
