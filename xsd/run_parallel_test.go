package xsd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"kontor/xmlscan"
)

// part is the handler of a chunk: it writes events down, but no repeated ones.
type part struct {
	recorder
	replaying bool
	repeated  int
}

func (p *part) Replay(on bool) { p.replaying = on }

func (p *part) add(format string, args ...any) error {
	if p.replaying {
		p.repeated++
		return nil
	}
	return p.recorder.add(format, args...)
}

func (p *part) Open(role Role, offset int64) error {
	return p.add("open %d at %s", role, p.place(offset))
}

func (p *part) Close(role Role, offset, end int64) error {
	return p.add("close %d at %s to %d", role, p.place(offset), end)
}

func (p *part) Value(role Role, v *Value) error {
	return p.add("value %d at %s to %d valid %t %q attr %q", role, p.place(v.Offset), v.End, v.Valid, v.Text, v.Attr)
}

func (p *part) Violation(v *Violation) error {
	return p.add("violation %s at %d %d:%d %s (%s) %q, expected %q", v.Kind, v.Offset, v.Line, v.Column, v.Path, v.Name, v.Text, v.Expected)
}

// placed finds "offset line:column path" in an event.
var placed = regexp.MustCompile(`at (\d+) (\d+):(\d+) (\S*)`)

// translate makes the places of an event those of the document.
func translate(t *testing.T, event string, b Base) string {
	t.Helper()
	m := placed.FindStringSubmatch(event)
	if m == nil {
		t.Fatalf("no place in %s", event)
	}
	p := xmlscan.Position{Offset: number64(m[1]), Line: int(number64(m[2])), Column: int(number64(m[3]))}
	p = b.Position(p)
	return strings.Replace(event, m[0], fmt.Sprintf("at %d %d:%d %s", p.Offset, p.Line, p.Column, b.Path(m[4])), 1)
}

func number64(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err)
	}
	return n
}

// inParts validates in parallel and puts the events together.
func inParts(t *testing.T, p *Plan, r io.Reader, o Options, size int) (events []string, chunks int, sum Summary, err error) {
	t.Helper()
	v := &parallel{plan: p, options: o, size: size, par: Parallel{
		Split: "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf", Workers: 2,
		Fork: func() Handler { return &part{} },
		Join: func(h Handler, b Base) error {
			chunks++
			c := h.(*part)
			if (c.repeated == 0) != (chunks == 1) {
				t.Errorf("chunk %d has %d repeated events", chunks, c.repeated)
			}
			for _, e := range c.events {
				events = append(events, translate(t, e, b))
			}
			return nil
		},
	}}
	sum, err = v.validate(r)
	return events, chunks, sum, err
}

// unplaced drops what a chunk no more knows: the line of a start tag in a chunk before.
func unplaced(want, got []string) []string {
	out := append([]string(nil), want...)
	for i := range min(len(out), len(got)) {
		g, w := placed.FindStringSubmatch(got[i]), placed.FindStringSubmatch(out[i])
		if g != nil && w != nil && g[2] == "0" && g[1] == w[1] && strings.HasPrefix(got[i], "close") {
			out[i] = strings.Replace(out[i], w[1]+" "+w[2]+":"+w[3], w[1]+" 0:0", 1)
		}
	}
	return out
}

// In chunks of any size, a document has the same events, violations, summary and error
// as in one.
func TestChunksTellTheSameDocument(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	docs := variants()
	big := batched(330, 60, compact)
	docs["batches"] = string(big)
	docs["batches, faults"] = strings.ReplaceAll(strings.ReplaceAll(string(big), "E2E-2026-11-000002", "E2E_2026-11-000002"), "<ChrgBr>SLEV</ChrgBr>", "")
	docs["split in a comment"] = strings.Replace(docs["indented"], "<Cdtr>", "<!-- <CdtTrfTxInf>"+strings.Repeat("<CdtTrfTxInf>", 400)+" --><Cdtr>", 1)
	docs["split in CDATA"] = strings.Replace(docs["indented"], "<Nm>E", "<Nm><![CDATA["+strings.Repeat("<CdtTrfTxInf>", 400)+"]]>E", 1)
	docs["disorder"] = strings.Replace(docs["indented"], "</CdtTrfTxInf>", "</CdtTrfTxInf><x/><PmtMtd>TRF</PmtMtd>", 20)
	many := 0
	for name, doc := range docs {
		o := Options{MaxViolations: 1 << 30}
		want, wantSum, wantErr := record(p, strings.NewReader(doc), o, false)
		for _, size := range []int{700, 3000, 20_000, 1 << 20} {
			events, chunks, sum, err := inParts(t, p, iotest.HalfReader(strings.NewReader(doc)), o, size)
			if chunks > 3 {
				many++
			}
			if diff := cmp.Diff(unplaced(want.events, events), events); diff != "" {
				t.Fatalf("%s, chunks of %d: %s", name, size, diff)
			}
			if diff := cmp.Diff(wantSum, sum); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%s, chunks of %d: %s %v, want %v", name, size, diff, err, wantErr)
			}
		}
	}
	if many < 20 {
		t.Errorf("only %d runs with more than 3 chunks", many)
	}
}

// Errors of the reader, of a chunk's handler and of Join end the walk.
func TestErrorsOfChunks(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	doc := made(2000, compact)
	broken := errors.New("broken")
	t.Run("reader", func(t *testing.T) {
		r := io.MultiReader(bytes.NewReader(doc[:len(doc)/2]), iotest.ErrReader(broken))
		if _, _, _, err := inParts(t, p, r, Options{}, 5000); !errors.Is(err, broken) {
			t.Errorf("%v", err)
		}
	})
	t.Run("bytes", func(t *testing.T) {
		var syntax *xmlscan.SyntaxError
		o := Options{Limits: xmlscan.Limits{Bytes: int64(len(doc) / 2)}}
		if _, _, _, err := inParts(t, p, bytes.NewReader(doc), o, 5000); !errors.As(err, &syntax) || syntax.Code != xmlscan.CodeLimit || syntax.Position.Offset != int64(len(doc)/2) {
			t.Errorf("%v", err)
		}
	})
	for _, at := range []int{1, 20, 100} {
		joined := 0
		v := &parallel{plan: p, size: 5000, par: Parallel{
			Split: "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf", Workers: 2,
			Fork: func() Handler { return &tally{} },
			Join: func(Handler, Base) error {
				if joined++; joined == at {
					return broken
				}
				return nil
			},
		}}
		if _, err := v.validate(bytes.NewReader(doc)); !errors.Is(err, broken) || joined != at {
			t.Errorf("join %d: %v", at, err)
		}
	}
	v := &parallel{plan: p, size: 5000, par: Parallel{
		Split: "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf", Workers: 2,
		Fork: func() Handler { return &recorder{failAt: 30} },
		Join: func(Handler, Base) error { return nil },
	}}
	if _, err := v.validate(bytes.NewReader(doc)); !errors.Is(err, errRecorder) {
		t.Errorf("handler: %v", err)
	}
}

// BenchmarkParallel reads 1,000,000 payments with one worker and with two.
func BenchmarkParallel(b *testing.B) {
	p := testPlan(b, gbic5, paymentRoles)
	doc := made(10*benchPayments, compact)
	for _, workers := range []int{1, 2} {
		b.Run(strconv.Itoa(workers), func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			defer onCPU(b, len(doc))()
			for b.Loop() {
				closed := 0
				sum, err := p.ValidateParallel(bytes.NewReader(doc), Options{}, Parallel{
					Split: "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf", Workers: workers,
					Fork: func() Handler { return &tallyOnce{} },
					Join: func(h Handler, _ Base) error { closed += h.(*tallyOnce).closed; return nil },
				})
				if err != nil || sum.Violations > 0 || closed != 10*benchPayments+100 {
					b.Fatalf("%+v %d %v", sum, closed, err)
				}
			}
		})
	}
}

// tallyOnce is a tally that leaves repeated events out.
type tallyOnce struct {
	tally
	replaying bool
}

func (c *tallyOnce) Replay(on bool) { c.replaying = on }

func (c *tallyOnce) Close(r Role, offset, end int64) error {
	if c.replaying {
		return nil
	}
	return c.tally.Close(r, offset, end)
}

// The quick search finds what the slow one finds.
func TestSeekerFindsTheLastOccurrence(t *testing.T) {
	needle := []byte("<PmtInf>")
	s := newSeeker(needle)
	pieces := []string{"<PmtInf>", "<PmtInf", "PmtInf>", "<", "<<", "nf>", "<Pm", "x", "<PmtInfId>", "</PmtInf>", "ttttttttt"}
	found := 0
	for i := range 20_000 {
		var b []byte
		for n, k := i%7, i; n >= 0; n-- {
			b = append(b, pieces[k%len(pieces)]...)
			k = k*7/3 + 5
		}
		want := bytes.LastIndex(b, needle)
		if got := s.last(b); got != want {
			t.Fatalf("%q: %d, want %d", b, got, want)
		}
		if want >= 0 {
			found++
		}
	}
	if found < 1000 {
		t.Errorf("found only %d times", found)
	}
}

// BenchmarkSeeker is the part of the work on several cores that cannot be divided.
func BenchmarkSeeker(b *testing.B) {
	doc := benchDocument[compact]()
	from := bytes.LastIndex(doc, []byte("<PmtInf>")) + 1
	s := newSeeker([]byte("<PmtInf>"))
	b.SetBytes(int64(len(doc) - from))
	for b.Loop() {
		if s.last(doc[from:]) >= 0 {
			b.Fatal("found")
		}
	}
}
