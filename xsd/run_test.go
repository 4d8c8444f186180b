package xsd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"kontor/xmlscan"
)

// testPlan binds roles to a schema of the core set; every path must exist.
func testPlan(t testing.TB, name string, roles map[string]Role) *Plan {
	t.Helper()
	s, ok := Core(name)
	if !ok {
		t.Fatalf("no schema %s in the core set", name)
	}
	p, without := s.Bind(roles)
	if len(without) > 0 {
		t.Fatalf("%s has not %q", name, without)
	}
	return p
}

// recorder writes events down.
type recorder struct {
	run        *Run
	events     []string
	violations []string // kind, path, name, expected
	failAt     int      // number of the event that fails, from 1
}

var errRecorder = errors.New("the recorder is full")

func (r *recorder) Attach(run *Run) { r.run = run }

func (r *recorder) add(format string, args ...any) error {
	r.events = append(r.events, fmt.Sprintf(format, args...))
	if len(r.events) == r.failAt {
		return errRecorder
	}
	return nil
}

func (r *recorder) place(offset int64) string {
	p := r.run.Position(offset)
	return fmt.Sprintf("%d %d:%d %s", p.Offset, p.Line, p.Column, r.run.Path())
}

func (r *recorder) Open(role Role, offset int64) error {
	return r.add("open %d at %s", role, r.place(offset))
}

func (r *recorder) Close(role Role, offset, end int64) error {
	return r.add("close %d at %s to %d", role, r.place(offset), end)
}

func (r *recorder) Value(role Role, v *Value) error {
	return r.add("value %d at %s to %d valid %t %q attr %q", role, r.place(v.Offset), v.End, v.Valid, v.Text, v.Attr)
}

func (r *recorder) Violation(v *Violation) error {
	r.violations = append(r.violations, fmt.Sprintf("%s %s (%s) %s", v.Kind, v.Path, v.Name, strings.Join(v.Expected, " ")))
	return r.add("violation %s at %d %d:%d %s (%s) %q, expected %q", v.Kind, v.Offset, v.Line, v.Column, v.Path, v.Name, v.Text, v.Expected)
}

// record validates a document; slowly without the fast path.
func record(p *Plan, r io.Reader, o Options, slowly bool) (*recorder, Summary, error) {
	h := &recorder{}
	run := newRun(p, xmlscan.NewScanner(r, o.Limits), o, h)
	run.slowly = slowly
	sum, err := run.document()
	return h, sum, err
}

// sampleRoles give a role to every kind of place: containers, values, attributes.
var sampleRoles = map[string]Role{
	"CstmrCdtTrfInitn":                                             1,
	"CstmrCdtTrfInitn/GrpHdr/MsgId":                                2,
	"CstmrCdtTrfInitn/GrpHdr/NbOfTxs":                              3,
	"CstmrCdtTrfInitn/PmtInf":                                      4,
	"CstmrCdtTrfInitn/PmtInf/DbtrAcct/Id/IBAN":                     5,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf":                          6,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId":         7,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt":                      8,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt":             9,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt/@Ccy":        10,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/Nm":                  11,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN":         12,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAgt/FinInstnId/BICFI": 13,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/RmtInf/Ustrd":             14,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtTpInf":                 15,
}

const gbic5 = "pain.001.001.09_GBIC_5"

// A valid document has no violation, and every role that it has is told.
func TestValidDocument(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	h, sum, err := record(p, bytes.NewReader(made(12, indented)), Options{}, false)
	if err != nil || sum.Violations != 0 {
		t.Fatalf("%v %+v %q", err, sum, h.violations)
	}
	seen := map[string]int{}
	for _, e := range h.events {
		seen[strings.Join(strings.Fields(e)[:2], " ")]++
	}
	want := map[string]int{
		"open 1": 1, "close 1": 1, "value 2": 1, "value 3": 1, "open 4": 1, "close 4": 1, "value 5": 1, "open 6": 12, "close 6": 12,
		"value 7": 12, "open 8": 12, "close 8": 12, "value 9": 12, "value 10": 12, "value 11": 12, "value 12": 12, "value 13": 4, "value 14": 12,
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
	if sum.Encoding != "UTF-8" || sum.Bytes != int64(len(made(12, indented))) || sum.BOM || sum.Empty.Count+sum.Blank.Count+sum.CDATA.Count != 0 {
		t.Errorf("%+v", sum)
	}
}

// An event says where its element stands, in bytes, lines and as a path.
func TestEventsHaveOffsetPositionAndPath(t *testing.T) {
	doc := string(made(3, indented))
	h, _, err := record(testPlan(t, gbic5, sampleRoles), strings.NewReader(doc), Options{}, false)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(doc, `<InstdAmt Ccy="EUR">0.02</InstdAmt>`)
	line := 1 + strings.Count(doc[:at], "\n")
	want := fmt.Sprintf(`value 9 at %d %d:11 CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[2]/Amt/InstdAmt to %d valid true "0.02" attr "EUR"`, at, line, at+35)
	if !contains(h.events, want) {
		t.Errorf("%s is not in\n%s", want, strings.Join(h.events, "\n"))
	}
	begin, end := strings.LastIndex(doc, "<CdtTrfTxInf>"), strings.LastIndex(doc, "</CdtTrfTxInf>")+len("</CdtTrfTxInf>")
	want = fmt.Sprintf("close 6 at %d %d:7 CstmrCdtTrfInitn/PmtInf[1]/CdtTrfTxInf[3] to %d", begin, 1+strings.Count(doc[:begin], "\n"), end)
	if !contains(h.events, want) {
		t.Errorf("%s is not in\n%s", want, strings.Join(h.events, "\n"))
	}
}

func contains(list []string, want string) bool {
	for _, s := range list {
		if s == want {
			return true
		}
	}
	return false
}

// variants are documents of all that a run meets: layouts, prefixes, references, CDATA,
// comments, faults of every kind.
func variants() map[string]string {
	doc := string(made(40, compact))
	pretty := string(made(40, indented))
	prefixed := strings.NewReplacer("</", "</p:", "<?", "<?", "<", "<p:", `Document xmlns=`, `Document xmlns:p=`).Replace(doc[len(`<?xml version="1.0" encoding="UTF-8"?>`):])
	out := map[string]string{
		"compact": doc, "indented": pretty, "prefixed": prefixed,
		"CR LF":      strings.ReplaceAll(pretty, "\n", "\r\n"),
		"apostrophe": strings.ReplaceAll(doc, `"EUR"`, `'EUR'`),
		"comments":   strings.ReplaceAll(doc, "<Cdtr>", "<!-- x --><Cdtr><?p?>"),
		"CDATA":      strings.ReplaceAll(doc, "Rechnung", "Rech<![CDATA[nu]]>ng"),
		"references": strings.ReplaceAll(doc, "Rechnung", "Rech&#110;ung &lt;"),
		"space":      strings.ReplaceAll(doc, "<Cdtr>", "<Cdtr >"),
		"empty tag":  strings.ReplaceAll(doc, "<Nm>Jörg Müller-Größe 4</Nm>", "<Nm/>"),
		"namespace":  strings.Replace(doc, "<Cdtr>", `<Cdtr xmlns="urn:x">`, 1),
		"redeclared": strings.ReplaceAll(doc, "<Cdtr>", `<Cdtr xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">`),
		"xsi":        strings.Replace(doc, "<Document ", `<Document xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" `, 1),
		"cut":        doc[:len(doc)*2/3],
		"long text":  strings.Replace(doc, "Rechnung", strings.Repeat("Rechnung ", 9000), 1),
	}
	for i, change := range [][2]string{
		{"<EndToEndId>E2E", "<EndToEndId>Ä2E"}, {"<Amt>", ""}, {"</Amt>", "</Amt><Amt><InstdAmt Ccy=\"EUR\">1.00</InstdAmt></Amt>"}, {"<Cdtr>", "<Cdtrr>"},
		{"DE2150", "de2150"}, {"Ccy=\"EUR\"", "Ccy=\"USD\""}, {"Ccy=\"EUR\"", ""}, {" Ccy=", " Cyc="}, {">0.0", ">0.00"}, {"<Nm>", "<Nm>x<b/>"},
		{"<RmtInf>", "text<RmtInf>"}, {"<RmtInf>", "<RmtInf/><RmtInf>"}, {"<BICFI>PBNK", "<BICFI>1"}, {"<PmtMtd>TRF", "<PmtMtd>trf"}, {"Z</CreDtTm>", "T</CreDtTm>"},
		{"<ChrgBr>SLEV</ChrgBr>", ""}, {"<Nm>Lasttest GmbH</Nm>", "<Nm>  </Nm>"}, {"<Ustrd>", "<Ustrd>]]>"}, {"<Ustrd>", "<Ustrd>\x01"}, {"<Ustrd>", "<Ustrd>&x;"},
	} {
		out[fmt.Sprintf("change %d", i)] = strings.ReplaceAll(doc, change[0], change[1])
		out[fmt.Sprintf("change %d, indented", i)] = strings.ReplaceAll(pretty, change[0], change[1])
	}
	return out
}

// The fast path and single tokens tell the same events, places, violations and errors,
// however the bytes arrive.
func TestFastPathTellsTheSameEvents(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	events, violations := 0, 0
	for name, doc := range variants() {
		for _, o := range []Options{{}, {Lenient: true, MaxViolations: 10}} {
			want, wantSum, wantErr := record(p, strings.NewReader(doc), o, true)
			events += len(want.events)
			violations += wantSum.Violations
			for how, r := range map[string]io.Reader{
				"at once": strings.NewReader(doc), "by byte": iotest.OneByteReader(strings.NewReader(doc)), "by half": iotest.HalfReader(strings.NewReader(doc)),
			} {
				got, sum, err := record(p, r, o, false)
				if diff := cmp.Diff(want.events, got.events); diff != "" {
					t.Fatalf("%s %s: %s", name, how, diff)
				}
				if diff := cmp.Diff(wantSum, sum); diff != "" || fmt.Sprint(err) != fmt.Sprint(wantErr) {
					t.Fatalf("%s %s: %s %v %v", name, how, diff, err, wantErr)
				}
			}
		}
	}
	if events < 5000 || violations < 500 {
		t.Errorf("only %d events and %d violations", events, violations)
	}
}

// An error of the handler ends the walk at once and comes back wrapped.
func TestErrorOfTheHandlerEndsTheWalk(t *testing.T) {
	p := testPlan(t, gbic5, sampleRoles)
	doc := strings.ReplaceAll(string(made(3, compact)), "DE2150", "xx2150")
	all, _, _ := record(p, strings.NewReader(doc), Options{}, false)
	for n := 1; n <= len(all.events); n++ {
		for _, slowly := range []bool{false, true} {
			h := &recorder{failAt: n}
			run := newRun(p, xmlscan.NewScanner(strings.NewReader(doc), xmlscan.Limits{}), Options{}, h)
			run.slowly = slowly
			if _, err := run.document(); !errors.Is(err, errRecorder) || len(h.events) != n {
				t.Fatalf("event %d: %v after %d events", n, err, len(h.events))
			}
		}
	}
}

// A handler that returns io.EOF has failed: the document is not complete for it.
func TestEndOfFileFromTheHandlerIsAnError(t *testing.T) {
	p := testPlan(t, gbic5, paymentRoles)
	doc := made(3, compact)
	if _, err := p.Validate(bytes.NewReader(doc), Options{}, fails{io.EOF}); !errors.Is(err, io.EOF) {
		t.Errorf("%v", err)
	}
	par := Parallel{
		Split: "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf", Workers: 2,
		Fork: func() Handler { return fails{io.EOF} }, Join: func(Handler, Base) error { return nil },
	}
	if _, err := p.ValidateParallel(bytes.NewReader(doc), Options{}, par); !errors.Is(err, io.EOF) {
		t.Errorf("in parallel: %v", err)
	}
}

// fails is a handler that fails at the first value.
type fails struct{ err error }

func (f fails) Open(Role, int64) error         { return nil }
func (f fails) Close(Role, int64, int64) error { return nil }
func (f fails) Value(Role, *Value) error       { return f.err }
func (f fails) Violation(*Violation) error     { return nil }

// A document element that the schema has not is an error that names both.
func TestOtherDocumentElement(t *testing.T) {
	p := testPlan(t, gbic5, nil)
	for _, row := range []struct{ name, doc, space, local string }{
		{"other message", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"/>`, "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08", "Document"},
		{"no namespace", "<Document/>", "", "Document"},
		{"other name", `<document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>`, "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09", "document"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := p.Validate(strings.NewReader(row.doc), Options{}, &recorder{})
			var root *RootError
			if !errors.As(err, &root) || root.Space != row.space || root.Local != row.local || root.Position.Line != 1 {
				t.Errorf("%v", err)
			}
		})
	}
}
