package collect

import (
	"cmp"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"kontor/internal/hub"
	"kontor/iso20022/pain"
	"kontor/xmlscan"
)

// verdict is what a status report says of each payment of a file: the status of the transaction, else of its batch, else of the group.
//
// A report may speak of 100,000 payments. Of each transaction the verdict keeps some numbers (mentions), not its texts: ids and accounts as
// hashes of 64 bits, which a report could confuse with a probability of one in a billion.
type verdict struct {
	report   pain.StatusReport // without its batches
	profile  []string
	mentions mentions
	batches  map[uint64]opinion // by the hash of the batch's id
	seed     maphash.Seed
	executed bool // something in the report confirms execution
	code     string
	text     string // of the first reason
}

// opinion is a status and its reason.
type opinion struct {
	status pain.Status
	reason string
}

// readVerdict reads a report once, to its end.
func readVerdict(r io.Reader, profile []string) (*verdict, error) {
	v := &verdict{profile: profile, batches: map[uint64]opinion{}, seed: maphash.MakeSeed()}
	report, err := pain.ReadStatus(r, xmlscan.Limits{}, pain.StatusVisitor{
		Report: func(s *pain.StatusReport) error {
			v.hear(s.GroupStatus, s.GroupReasons)
			return nil
		},
		Batch: func(b *pain.StatusBatch) error {
			v.hear(b.Status, b.Reasons)
			v.batches[v.hash(b.OriginalPaymentInformationID)] = opinion{b.Status, firstReason(b.Reasons)}
			v.mentions.name(v.hash(b.OriginalPaymentInformationID), 0, 0)
			return nil
		},
		Transaction: func(b *pain.StatusBatch, t *pain.StatusTransaction) error {
			v.hear(t.Status, t.Reasons)
			return v.mentions.add(v, b.OriginalPaymentInformationID, t)
		},
	})
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return nil, err
	}
	v.report = report
	v.mentions.sort()
	return v, nil
}

// hear notes what is asked of the report as a whole: whether anything is executed, and the first reason, in document order.
func (v *verdict) hear(s pain.Status, reasons []pain.Reason) {
	v.executed = v.executed || confirming(s, v.profile)
	if v.code != "" {
		return
	}
	for _, r := range reasons {
		if c := reasonCode(r); c != "" {
			v.code, v.text = c, cut(strings.Join(r.AdditionalInformation, "\n"), maxReasonText)
			return
		}
	}
}

// hash is never 0: that stands for what is not named.
func (v *verdict) hash(parts ...string) uint64 {
	var h maphash.Hash
	h.SetSeed(v.seed)
	for _, p := range parts {
		_, _ = h.WriteString(p) // it never fails
		_ = h.WriteByte(0)
	}
	return max(1, h.Sum64())
}

// speaksOf says whether the report can be about a file of this format. Banks write the original's name in several ways, some none: it counts
// as far as it tells credit transfers and direct debits apart, which may have equal message ids.
func (v *verdict) speaksOf(format string) bool {
	for _, kind := range []string{"pain.001", "pain.008"} {
		if strings.Contains(v.report.OriginalMessageName, kind) {
			return strings.HasPrefix(format, kind)
		}
	}
	return true
}

// last says whether a status is a bank's final word on a payment.
func (v *verdict) last(s pain.Status) bool { return s == pain.StatusRJCT || confirming(s, v.profile) }

// of returns a payment's status in the report, "" if the report says nothing of it. PART speaks of the payments it lists, not of a payment
// that it does not. Each word of the report counts for one payment: of is asked once for each, in order.
func (v *verdict) of(p *hub.Payment) opinion {
	like := v.like(p)
	if _, named := v.mentions.names(like.key); !named {
		return v.onTheWhole(p)
	}
	repetitions := like.repetitions()
	o, tried, found := v.mentions.take(v, like, repetitions)
	if !found || o.status == "" {
		o = v.onTheWhole(p)
	}
	v.mentions.note(v, like, repetitions[:tried], o)
	return o
}

// onTheWhole is what a report says of a payment's batch, or else of the group.
func (v *verdict) onTheWhole(p *hub.Payment) opinion {
	o, found := v.batches[v.hash(p.PaymentInformationID)]
	if !found || o.status == "" {
		o = opinion{v.report.GroupStatus, firstReason(v.report.GroupReasons)}
	}
	if o.status == "PART" {
		return opinion{}
	}
	return o
}

// settled says whether a payment has a word that no other replaces: rejected, or executed by the standard's own words. What counts as executed
// only by the bank's profile gives way to these.
func settled(p *hub.Payment) bool {
	s := pain.Status(p.BankStatus)
	return s == pain.StatusRJCT || s == pain.StatusACSC || s == pain.StatusACCC
}

// heard returns what a payment's status becomes: the opinion of a report, unless it was given the bank's final word before. Reports may
// overtake each other.
func (v *verdict) heard(p *hub.Payment, o opinion) opinion {
	if settled(p) || (v.last(pain.Status(p.BankStatus)) && !v.last(o.status)) {
		return opinion{}
	}
	return o
}

// alike is equal for payments that a report cannot tell apart.
func (v *verdict) alike(p *hub.Payment) uint64 { return v.alikeTo(v.like(p)) }

// alikeTo is alike of the payment that a mention repeats in everything; never 0.
func (v *verdict) alikeTo(like mention) uint64 { return max(1, like.key^v.exact(like)) }

// tally counts payments by what the bank has said of them, in this report or before.
type tally struct{ confirmed, rejected, undecided int }

func (t *tally) add(o tally) {
	t.confirmed += o.confirmed
	t.rejected += o.rejected
	t.undecided += o.undecided
}

func (t *tally) count(v *verdict, status pain.Status) {
	switch {
	case confirming(status, v.profile):
		t.confirmed++
	case status == pain.StatusRJCT:
		t.rejected++
	default:
		t.undecided++
	}
}

// transition says where the file goes once every payment has the bank's final word; final is false before that.
func (t tally) transition() (to hub.Transition, final bool) {
	switch {
	case t.undecided > 0 || t.confirmed+t.rejected == 0:
		return to, false
	case t.rejected == 0:
		return hub.Confirm(), true
	case t.confirmed == 0:
		return hub.RejectByBank(), true
	}
	return hub.AcceptPartially(), true
}

func firstReason(reasons []pain.Reason) string {
	for _, r := range reasons {
		if c := reasonCode(r); c != "" {
			return c
		}
	}
	return ""
}

// What is kept of a reason: its code (Max35Text) and its lines (Max105Text each, the first of them).
const (
	maxReasonCode = 35
	maxReasonText = 4096
)

func reasonCode(r pain.Reason) string { return cut(cmp.Or(r.Code, r.Proprietary), maxReasonCode) }

// cut shortens a text to whole characters. What it returns does not hold on to the rest.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return strings.Clone(text[:most])
}

// confirming says whether a status is the bank's word that a payment is executed: ACSC and ACCC always, ACCP, ACSP and ACWC by the
// bank's profile, no other ever, whatever a profile says.
func confirming(s pain.Status, profile []string) bool {
	if s == pain.StatusACSC || s == pain.StatusACCC {
		return true
	}
	mayMean := s == pain.StatusACCP || s == pain.StatusACSP || s == pain.StatusACWC
	return mayMean && slices.Contains(profile, string(s))
}
