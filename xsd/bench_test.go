package xsd

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"kontor/xmlscan"
)

// spacing is how a generated document is laid out.
type spacing int

const (
	compact  spacing = iota // no white space between elements
	indented                // a line per element, as most programs write
)

// transfers writes a pain.001.001.09 as GBIC_5 has it, with n payments in batches. The same arguments give the same bytes. Names, accounts and texts are invented;
// every fifth name has letters beyond ASCII and every tenth an &amp;.
func transfers(w io.Writer, n, batch int, how spacing) {
	var b bytes.Buffer
	depth := 0
	line := func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if strings.HasPrefix(text, "</") {
			depth--
		}
		if how == indented {
			b.WriteByte('\n')
			b.WriteString(strings.Repeat("  ", depth))
		}
		b.WriteString(text)
		if strings.HasPrefix(text, "<") && !strings.Contains(text, "</") {
			depth++
		}
	}
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	line(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">`)
	line("<CstmrCdtTrfInitn>")
	line("<GrpHdr>")
	line("<MsgId>LARGE-%d</MsgId>", n)
	line("<CreDtTm>2026-11-25T09:00:00Z</CreDtTm>")
	line("<NbOfTxs>%d</NbOfTxs>", n)
	line("<CtrlSum>%s</CtrlSum>", cents(sumOf(0, n)))
	line("<InitgPty>")
	line("<Nm>Lasttest GmbH</Nm>")
	line("</InitgPty>")
	line("</GrpHdr>")
	for done := 0; done < n; done += batch {
		end := min(done+batch, n)
		line("<PmtInf>")
		line("<PmtInfId>BATCH-%d</PmtInfId>", done/batch)
		line("<PmtMtd>TRF</PmtMtd>")
		line("<NbOfTxs>%d</NbOfTxs>", end-done)
		line("<CtrlSum>%s</CtrlSum>", cents(sumOf(done, end)))
		for _, s := range []string{"<PmtTpInf>", "<SvcLvl>", "<Cd>SEPA</Cd>", "</SvcLvl>", "</PmtTpInf>", "<ReqdExctnDt>", "<Dt>2026-12-01</Dt>", "</ReqdExctnDt>",
			"<Dbtr>", "<Nm>Lasttest GmbH</Nm>", "</Dbtr>", "<DbtrAcct>", "<Id>", "<IBAN>DE87200500001234567890</IBAN>", "</Id>", "</DbtrAcct>",
			"<DbtrAgt>", "<FinInstnId>", "<BICFI>BANKDEFFXXX</BICFI>", "</FinInstnId>", "</DbtrAgt>", "<ChrgBr>SLEV</ChrgBr>"} {
			line("%s", s)
		}
		for i := done; i < end; i++ {
			transfer(line, i)
		}
		line("</PmtInf>")
		if _, err := w.Write(b.Bytes()); err != nil {
			panic(err)
		}
		b.Reset()
	}
	line("</CstmrCdtTrfInitn>")
	line("</Document>")
	b.WriteByte('\n')
	if _, err := w.Write(b.Bytes()); err != nil {
		panic(err)
	}
}

// transfer writes one payment.
func transfer(line func(string, ...any), i int) {
	name := fmt.Sprintf("Empfaenger Nummer %d", i%5000)
	switch {
	case i%5 == 4:
		name = fmt.Sprintf("Jörg Müller-Größe %d", i%5000)
	case i%10 == 7:
		name = fmt.Sprintf("Muster &amp; Soehne %d", i%5000)
	}
	line("<CdtTrfTxInf>")
	line("<PmtId>")
	line("<EndToEndId>E2E-2026-11-%08d</EndToEndId>", i)
	line("</PmtId>")
	line("<Amt>")
	line(`<InstdAmt Ccy="EUR">%s</InstdAmt>`, cents(amountOf(i)))
	line("</Amt>")
	if i%3 == 0 {
		for _, s := range []string{"<CdtrAgt>", "<FinInstnId>", "<BICFI>PBNKDEFF370</BICFI>", "</FinInstnId>", "</CdtrAgt>"} {
			line("%s", s)
		}
	}
	line("<Cdtr>")
	line("<Nm>%s</Nm>", name)
	line("</Cdtr>")
	line("<CdtrAcct>")
	line("<Id>")
	line("<IBAN>DE21500500009876543210</IBAN>")
	line("</Id>")
	line("</CdtrAcct>")
	line("<RmtInf>")
	line("<Ustrd>Rechnung 4711/%d vom 25.11.2026, Kundennummer %d</Ustrd>", i, i%977)
	line("</RmtInf>")
	line("</CdtTrfTxInf>")
}

func amountOf(i int) int64 { return int64(i%99_999 + 1) }

func sumOf(from, to int) (sum int64) {
	for i := from; i < to; i++ {
		sum += amountOf(i)
	}
	return sum
}

func cents(n int64) string { return fmt.Sprintf("%d.%02d", n/100, n%100) }

// benchPayments is the size of the documents of the benchmarks.
const benchPayments = 100_000

var benchDocument = [...]func() []byte{
	compact:  sync.OnceValue(func() []byte { return made(benchPayments, compact) }),
	indented: sync.OnceValue(func() []byte { return made(benchPayments, indented) }),
}

// made returns a document of n payments in batches of 10,000.
func made(n int, how spacing) []byte { return batched(n, 10_000, how) }

func batched(n, batch int, how spacing) []byte {
	var b bytes.Buffer
	transfers(&b, n, batch, how)
	return b.Bytes()
}

// paymentRoles are what a reader of payments asks for.
var paymentRoles = map[string]Role{
	"CstmrCdtTrfInitn/GrpHdr/MsgId":                                1,
	"CstmrCdtTrfInitn/GrpHdr/NbOfTxs":                              2,
	"CstmrCdtTrfInitn/GrpHdr/CtrlSum":                              3,
	"CstmrCdtTrfInitn/PmtInf":                                      4,
	"CstmrCdtTrfInitn/PmtInf/PmtInfId":                             5,
	"CstmrCdtTrfInitn/PmtInf/DbtrAcct/Id/IBAN":                     6,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf":                          7,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/PmtId/EndToEndId":         8,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt":             9,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Cdtr/Nm":                  10,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAcct/Id/IBAN":         11,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/CdtrAgt/FinInstnId/BICFI": 12,
	"CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/RmtInf/Ustrd":             13,
}

// tally is a handler that only counts.
type tally struct {
	opened, closed, values, bytes, violations int
	first                                     *Violation
}

func (c *tally) Open(Role, int64) error         { c.opened++; return nil }
func (c *tally) Close(Role, int64, int64) error { c.closed++; return nil }
func (c *tally) Value(_ Role, v *Value) error {
	c.values++
	c.bytes += len(v.Text)
	return nil
}

func (c *tally) Violation(v *Violation) error {
	if c.violations++; c.first == nil {
		c.first = v
	}
	return nil
}

// onCPU reports the speed per second of processor time, which other work on the machine
// disturbs less than that of the clock. It is called at the start of a benchmark that
// passes over bytes of a document, and what it returns at the end.
func onCPU(b *testing.B, bytes int) (report func()) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	begin := used()
	return func() { b.ReportMetric(float64(bytes)*float64(b.N)/1e6/(used()-begin).Seconds(), "cpuMB/s") }
}

// BenchmarkValidate reads 100,000 payments with schema and events.
func BenchmarkValidate(b *testing.B) {
	p := testPlan(b, "pain.001.001.09_GBIC_5", paymentRoles)
	for _, how := range []spacing{compact, indented} {
		b.Run([]string{"compact", "indented"}[how], func(b *testing.B) {
			doc := benchDocument[how]()
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			defer onCPU(b, len(doc))()
			for b.Loop() {
				var c tally
				sum, err := p.Validate(bytes.NewReader(doc), Options{}, &c)
				if err != nil || sum.Violations > 0 || c.closed != benchPayments+benchPayments/10_000 {
					b.Fatalf("%+v %+v %v %+v", sum, c, err, c.first)
				}
			}
		})
	}
}

// BenchmarkHop is the measure of reach: only hop from < to > and on.
func BenchmarkHop(b *testing.B) {
	for _, how := range []spacing{compact, indented} {
		b.Run([]string{"compact", "indented"}[how], func(b *testing.B) {
			doc := benchDocument[how]()
			b.SetBytes(int64(len(doc)))
			defer onCPU(b, len(doc))()
			for b.Loop() {
				if hopTags(doc) < 10*benchPayments {
					b.Fatal("too few tags")
				}
			}
		})
	}
}

func hopTags(doc []byte) (tags int) {
	for {
		i := bytes.IndexByte(doc, '<')
		if i < 0 {
			return tags
		}
		doc = doc[i:]
		if i = bytes.IndexByte(doc, '>'); i < 0 {
			return tags
		}
		doc = doc[i:]
		tags++
	}
}

// BenchmarkNext reads the same by single tokens.
func BenchmarkNext(b *testing.B) {
	doc := benchDocument[compact]()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		s := xmlscan.NewScanner(bytes.NewReader(doc), xmlscan.Limits{})
		for {
			if _, err := s.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkXmllint is the peer: xmllint --stream --schema of the same file, CPU time.
func BenchmarkXmllint(b *testing.B) {
	lint, err := exec.LookPath("xmllint")
	if err != nil {
		b.Skip("xmllint is not installed (scripts/test-deps)")
	}
	for _, how := range []spacing{compact, indented} {
		b.Run([]string{"compact", "indented"}[how], func(b *testing.B) {
			doc := benchDocument[how]()
			file := filepath.Join(b.TempDir(), "large.xml")
			if err := os.WriteFile(file, doc, 0o600); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(doc)))
			var used time.Duration
			for b.Loop() {
				cmd := exec.Command(lint, "--stream", "--noout", "--schema", filepath.Join(sharedSchemas(b), "pain.001.001.09_GBIC_5.xsd"), file)
				if out, err := cmd.CombinedOutput(); err != nil {
					b.Fatalf("%v %s", err, out)
				}
				used += cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
			}
			b.ReportMetric(float64(len(doc))*float64(b.N)/1e6/used.Seconds(), "cpuMB/s")
		})
	}
}
