package cancellation

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"kontor/xmlscan"
	"kontor/xsd"
)

// dice makes random messages; the same seed makes the same ones.
type dice struct{ *rand.Rand }

func roll(seed uint64) dice { return dice{rand.New(rand.NewPCG(seed, 55))} }

func (d dice) maybe() bool { return d.IntN(2) == 0 }

// text has 1 to n characters, of those that XML treats specially too, and no blank at
// either end, as readers take that away.
func (d dice) text(n int) string {
	const alphabet = `abzABZ019-.,:'()+?/&<>"ÄößÅ€ ]`
	runes := []rune(alphabet)
	var b strings.Builder
	b.WriteByte('x')
	for range d.IntN(n - 1) {
		b.WriteRune(runes[d.IntN(len(runes))])
	}
	return strings.TrimRight(b.String(), " ")
}

func (d dice) maybeText(n int) string {
	if d.maybe() {
		return ""
	}
	return d.text(n)
}

func pick[T any](d dice, from ...T) T { return from[d.IntN(len(from))] }

func (d dice) party() Party {
	p := Party{Agent: d.maybe(), Name: d.maybeText(140), BIC: pick(d, "", "BANKDEFFXXX", "PBNKDEFF"), Identification: d.maybeText(35)}
	if p.isEmpty() {
		p.Name = d.text(140)
	}
	return p
}

func (d dice) investigation() Case {
	if d.maybe() {
		return Case{}
	}
	return Case{ID: d.text(35), Creator: d.party(), Reopened: pick(d, Absent, Yes, No)}
}

func (d dice) assignment() Assignment {
	return Assignment{ID: d.text(35), Assigner: d.party(), Assignee: d.party(), CreationDateTime: pick(d, "2026-11-05T09:00:00+01:00", "2026-11-05T09:00:00.5Z", "2026-11-05T09:00:00")}
}

func (d dice) reasons(codes ...string) []Reason {
	var list []Reason
	for range d.IntN(3) {
		r := Reason{}
		if d.maybe() {
			r.Originator = d.party()
			r.Originator.Agent = false
		}
		switch d.IntN(3) {
		case 0:
			r.Code = pick(d, codes...)
		case 1:
			r.Proprietary = d.text(35)
		}
		for range d.IntN(3) {
			r.AdditionalInformation = append(r.AdditionalInformation, d.text(105))
		}
		list = append(list, r)
	}
	return list
}

func (d dice) requestReasons() []Reason { return d.reasons("DUPL", "AGNT", "CUST", "UPAY") }
func (d dice) statusReasons() []Reason  { return d.reasons("LEGL", "AGNT", "CUST", "ARDT") }

func (d dice) message() OriginalMessage {
	return OriginalMessage{ID: d.text(35), Name: pick(d, "pain.001.001.09", "pain.008"), CreationDateTime: pick(d, "", "2026-11-04T08:00:00Z")}
}

func (d dice) maybeMessage() OriginalMessage {
	if d.maybe() {
		return OriginalMessage{}
	}
	return d.message()
}

func (d dice) original() OriginalTransaction {
	o := OriginalTransaction{InstructionID: d.maybeText(35), EndToEndID: d.maybeText(35), UETR: pick(d, "", "0b9ec1a1-3d6c-4a55-9b0e-27d4f07a9c11"),
		RequestedExecutionDate: pick(d, "", "2026-11-06", "2026-11-06T10:00:00+01:00"), RequestedCollectionDate: pick(d, "", "2026-11-07"),
		MandateID: d.maybeText(35), DebtorAccount: pick(d, "", "DE87200500001234567890", "4711-0815"), CreditorAccount: pick(d, "", "NO9386011117947", "DE00200500001234567890")}
	if d.maybe() {
		o.Amount, o.Currency = fmt.Sprintf("%d.%02d", d.IntN(1e6), d.IntN(100)), pick(d, "EUR", "SEK")
	}
	return o
}

func (d dice) count() string { return pick(d, "", "1", "15", "000000000000012") }
func (d dice) sum() string   { return pick(d, "", "0", "12.5", "1234567890.12345") }

func (d dice) request() Request {
	q := Request{Version: requestVersion, Assignment: d.assignment(), Case: d.investigation()}
	for range 1 + d.IntN(3) {
		var g RequestGroup
		if d.maybe() {
			g = RequestGroup{CancellationID: d.maybeText(35), Case: d.investigation(), Original: d.message(), Count: d.count(), Sum: d.sum(), Cancel: pick(d, Absent, Yes, No), Reasons: d.requestReasons()}
		}
		for range d.IntN(3) {
			b := RequestBatch{CancellationID: d.maybeText(35), Case: d.investigation(), OriginalPaymentInformationID: d.text(35), Original: d.maybeMessage(), Count: d.count(), Sum: d.sum(), Cancel: pick(d, Absent, Yes, No), Reasons: d.requestReasons()}
			for range d.IntN(4) {
				b.Transactions = append(b.Transactions, RequestTransaction{CancellationID: d.maybeText(35), Case: d.investigation(), Original: d.original(), Reasons: d.requestReasons()})
			}
			g.Batches = append(g.Batches, b)
		}
		q.Groups = append(q.Groups, g)
	}
	return q
}

func (d dice) outcome() Outcome {
	switch d.IntN(5) {
	case 0:
		return Outcome{RejectedModifications: []Reason{{Code: "UM01"}, {Proprietary: d.text(35)}}}
	case 1:
		return Outcome{DuplicateOf: Case{ID: d.text(35), Creator: d.party(), Reopened: No}}
	case 2:
		return Outcome{AssignmentCancelled: pick(d, Yes, No)}
	}
	return Outcome{Confirmation: pick(d, ConfirmationCNCL, ConfirmationRJCR, ConfirmationPDCR, ConfirmationPECR, ConfirmationUWFW, ConfirmationCWFW, ConfirmationINFO)}
}

func (d dice) counts(status ...Status) []StatusCount {
	var list []StatusCount
	for range d.IntN(3) {
		list = append(list, StatusCount{Status: pick(d, status...), Count: "3", Sum: d.sum()})
	}
	return list
}

func (d dice) status() ResolutionTransaction {
	return ResolutionTransaction{StatusID: d.maybeText(35), Case: d.investigation(), Original: d.original(), Status: pick(d, "", StatusACCR, StatusPDCR, StatusRJCR), Reasons: d.statusReasons()}
}

func (d dice) resolution() Resolution {
	s := Resolution{Version: resolutionVersion, Assignment: d.assignment(), Case: d.investigation(), Outcome: d.outcome()}
	for range d.IntN(3) {
		var g ResolutionGroup
		if d.maybe() {
			g = ResolutionGroup{CancellationID: d.maybeText(35), Case: d.investigation(), Original: d.message(), Count: d.count(), Sum: d.sum(), Status: pick(d, "", StatusPACR, StatusRJCR, StatusACCR, StatusPDCR), Reasons: d.statusReasons(), Counts: d.counts("ACCR", "RJCT", "PDNG")}
		}
		for range d.IntN(3) {
			b := ResolutionBatch{CancellationID: d.maybeText(35), Case: d.investigation(), OriginalPaymentInformationID: d.text(35), Original: d.maybeMessage(), Count: d.count(), Sum: d.sum(), Status: pick(d, "", StatusPACR, StatusRJCR), Reasons: d.statusReasons(), Counts: d.counts(StatusACCR, StatusRJCR)}
			for range d.IntN(4) {
				b.Transactions = append(b.Transactions, d.status())
			}
			g.Batches = append(g.Batches, b)
		}
		for range d.IntN(3) {
			t := d.status()
			t.OriginalMessage, t.OriginalTransactionID = d.maybeMessage(), d.maybeText(35)
			g.Transactions = append(g.Transactions, t)
		}
		s.Groups = append(s.Groups, g)
	}
	return s
}

// readRequest gathers the whole request.
func readRequest(r io.Reader) (Request, Totals, error) {
	var groups []RequestGroup
	q, totals, err := ReadRequest(r, xmlscan.Limits{}, RequestVisitor{
		Group: func(g *RequestGroup) error { groups = append(groups, *g); return nil },
		Batch: func(_ *RequestGroup, b *RequestBatch) error {
			g := &groups[len(groups)-1]
			g.Batches = append(g.Batches, *b)
			return nil
		},
		Transaction: func(_ *RequestGroup, _ *RequestBatch, t *RequestTransaction) error {
			g := &groups[len(groups)-1]
			b := &g.Batches[len(g.Batches)-1]
			b.Transactions = append(b.Transactions, *t)
			return nil
		},
	})
	q.Groups = groups
	return q, totals, err
}

// readResolution gathers the whole resolution.
func readResolution(r io.Reader) (Resolution, error) {
	var groups []ResolutionGroup
	s, err := ReadResolution(r, xmlscan.Limits{}, ResolutionVisitor{
		Group: func(g *ResolutionGroup) error { groups = append(groups, *g); return nil },
		Batch: func(_ *ResolutionGroup, b *ResolutionBatch) error {
			g := &groups[len(groups)-1]
			g.Batches = append(g.Batches, *b)
			return nil
		},
		Transaction: func(_ *ResolutionGroup, b *ResolutionBatch, t *ResolutionTransaction) error {
			g := &groups[len(groups)-1]
			if b == nil {
				g.Transactions = append(g.Transactions, *t)
				return nil
			}
			last := &g.Batches[len(g.Batches)-1]
			last.Transactions = append(last.Transactions, *t)
			return nil
		},
	})
	s.Groups = groups
	return s, err
}

func written(t testing.TB, q Request) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteRequest(&b, &q); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writtenResolution(t testing.TB, s Resolution) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteResolution(&b, &s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// mustKeepSchema checks a document against the schema in the binary.
func mustKeepSchema(t testing.TB, version string, document []byte) {
	t.Helper()
	schema, ok := xsd.Core(version)
	if !ok {
		t.Fatalf("no schema %s", version)
	}
	plan, _ := schema.Bind(nil)
	if _, err := plan.Validate(bytes.NewReader(document), xsd.Options{}, violations{t}); err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	if t.Failed() {
		t.Fatalf("%s", document)
	}
}

// violations fails the test on each.
type violations struct{ testing.TB }

func (violations) Open(xsd.Role, int64) error         { return nil }
func (violations) Value(xsd.Role, *xsd.Value) error   { return nil }
func (violations) Close(xsd.Role, int64, int64) error { return nil }
func (f violations) Violation(v *xsd.Violation) error {
	f.Errorf("line %d, %s: kind %v, %s, expected %q", v.Line, v.Path, v.Kind, v.Name, v.Expected)
	return nil
}
