package xsd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"kontor/xmlscan"
)

// Nothing is allocated per payment.
func TestNoAllocationPerPayment(t *testing.T) {
	p := testPlan(t, gbic5, paymentRoles)
	for _, how := range []spacing{compact, indented} {
		cost := func(n int) int {
			doc := batched(n, 50, how)
			return int(testing.AllocsPerRun(5, func() {
				var c tally
				if sum, err := p.Validate(bytes.NewReader(doc), Options{}, &c); err != nil || sum.Violations != 0 || c.closed < n {
					t.Errorf("%v %+v", err, sum)
				}
			}))
		}
		few, many := cost(3000), cost(13_000)
		if many-few > 2 {
			t.Errorf("%d allocations for 3,000 payments, %d for 13,000", few, many)
		}
	}
}

// endless delivers a head and then a body times over, without holding them.
type endless struct {
	head, body string
	times      int
	read       int64
}

func (e *endless) Read(b []byte) (int, error) {
	if len(e.head) == 0 {
		if e.times == 0 {
			return 0, io.EOF
		}
		e.times--
		e.head = e.body
	}
	n := copy(b, e.head)
	e.head = e.head[n:]
	e.read += int64(n)
	return n, nil
}

// Hostile documents are an error or bounded numbers of violations, in bounded memory.
func TestAttacksAreBounded(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	const open = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">`
	const header = open + "<CstmrCdtTrfInitn><GrpHdr><MsgId>"
	const small = 1 << 20
	for _, row := range []struct {
		name   string
		doc    endless
		code   xmlscan.Code
		memory int
	}{
		{"entity bomb", endless{head: `<!DOCTYPE a [<!ENTITY b "bbbbbbbb">]>` + open}, xmlscan.CodeDoctype, small},
		{"depth", endless{head: open, body: "<a>", times: 1_000_000}, xmlscan.CodeLimit, small},
		{"depth of known elements", endless{head: open, body: "<CstmrCdtTrfInitn>", times: 1_000_000}, xmlscan.CodeLimit, small},
		{"giant attribute", endless{head: open + "<CstmrCdtTrfInitn a='", body: strings.Repeat("x", 1024), times: 1_000_000}, xmlscan.CodeLimit, 24 << 20},
		{"giant value", endless{head: header, body: strings.Repeat("x", 1024), times: 100_000}, xmlscan.CodeTruncated, 4 * small},
		{"giant value in CDATA", endless{head: header + "<![CDATA[", body: strings.Repeat("x", 1024), times: 100_000}, xmlscan.CodeTruncated, 4 * small},
		{"giant text between elements", endless{head: open, body: strings.Repeat("x", 1024), times: 100_000}, xmlscan.CodeTruncated, 4 * small},
		{"unknown elements", endless{head: open, body: "<x/>", times: 1_000_000}, xmlscan.CodeTruncated, 4 * small},
		{"elements too often", endless{head: header + "x</MsgId>", body: "<MsgId>x</MsgId>", times: 300_000}, xmlscan.CodeTruncated, 4 * small},
		{"elements out of order", endless{head: header + "x</MsgId>", body: "<InitgPty/><CreDtTm/>", times: 100_000}, xmlscan.CodeTruncated, 4 * small},
		{"NUL", endless{head: header, body: "\x00", times: 1000}, xmlscan.CodeMalformed, small},
	} {
		t.Run(row.name, func(t *testing.T) {
			var before, after runtime.MemStats
			var h tally
			runtime.ReadMemStats(&before)
			_, err := p.Validate(&row.doc, Options{}, &h)
			runtime.ReadMemStats(&after)
			var syntax *xmlscan.SyntaxError
			if !errors.As(err, &syntax) || syntax.Code != row.code {
				t.Errorf("%v, want %s", err, row.code)
			}
			if h.violations > defaultViolations {
				t.Errorf("%d violations told", h.violations)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(row.memory) {
				t.Errorf("%d bytes allocated", used)
			}
		})
	}
}

// Every truncation of a document is an error, and no change of one byte is a panic.
func TestTruncationsAndChangedBytes(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	doc := made(2, indented)
	for n := range len(doc) - 1 {
		if _, err := p.Validate(bytes.NewReader(doc[:n]), Options{}, &recorder{}); err == nil {
			t.Fatalf("the first %d bytes are no error", n)
		}
	}
	accepted := 0
	for i := range doc {
		for _, b := range []byte{0, '<', '>', '&', '"', ' ', 'x', '/', 0xE4} {
			if doc[i] == b {
				continue
			}
			changed := bytes.Clone(doc)
			changed[i] = b
			fast, sum, err := record(p, bytes.NewReader(changed), Options{}, false)
			slow, sum2, err2 := record(p, bytes.NewReader(changed), Options{}, true)
			if fmt.Sprint(err) != fmt.Sprint(err2) || sum != sum2 || len(fast.events) != len(slow.events) {
				t.Fatalf("byte %d to %q: %v %+v, slowly %v %+v", i, b, err, sum, err2, sum2)
			}
			if err == nil && sum.Violations == 0 {
				accepted++
			}
		}
	}
	if accepted == 0 {
		t.Error("no change is harmless, not even within a name")
	}
}

// A reader that fails is an error of its own kind, never a short document.
func TestFailingReader(t *testing.T) {
	p := testPlan(t, gbic5, nil)
	doc := made(3, compact)
	broken := errors.New("the line is dead")
	r := io.MultiReader(bytes.NewReader(doc[:len(doc)/2]), iotest.ErrReader(broken))
	if _, err := p.Validate(r, Options{}, &recorder{}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

// fuzzSeeds are documents to begin with.
func fuzzSeeds() []string {
	var seeds []string
	for _, doc := range variants() {
		seeds = append(seeds, doc[:min(len(doc), 6000)])
	}
	seeds = append(seeds, string(made(1, compact)), string(made(1, indented)), "", "<a/>", "<Document/>")
	return seeds
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if n := len(fuzzSeeds()); n < 50 {
		t.Fatalf("%d seeds", n)
	}
}

// Whatever the document: no panic, and the fast path tells what single tokens tell.
func FuzzValidate(f *testing.F) {
	for _, doc := range fuzzSeeds() {
		f.Add(doc, true)
		f.Add(doc, false)
	}
	p := testPlan(f, gbic5, sampleRoles)
	tree := Structure(sampleRoles)
	f.Fuzz(func(t *testing.T, doc string, lenient bool) {
		o := Options{Lenient: lenient}
		want, wantSum, wantErr := record(p, strings.NewReader(doc), o, true)
		got, sum, err := record(p, iotest.HalfReader(strings.NewReader(doc)), o, false)
		if fmt.Sprint(err) != fmt.Sprint(wantErr) || sum != wantSum || strings.Join(got.events, "\n") != strings.Join(want.events, "\n") {
			t.Errorf("fast: %v %+v\n%s\nslowly: %v %+v\n%s", err, sum, strings.Join(got.events, "\n"), wantErr, wantSum, strings.Join(want.events, "\n"))
		}
		if _, err := tree.Validate(strings.NewReader(doc), Options{}, &recorder{}); (err == nil) != (wantErr == nil) {
			var root *RootError
			if !errors.As(wantErr, &root) {
				t.Errorf("by structure: %v, with the schema: %v", err, wantErr)
			}
		}
	})
}
