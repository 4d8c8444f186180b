package pain

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/finding"
	"kontor/money"
)

// faulty damages a large document here and there, in ways that need a look at more than
// one transaction, and in ways that do not.
func faulty(t *testing.T, document []byte, k Kind) []byte {
	t.Helper()
	s := string(document)
	n := 0
	s = regexp.MustCompile(`<EndToEndId>E2E-(\d+)</EndToEndId>`).ReplaceAllStringFunc(s, func(m string) string {
		switch n++; {
		case n%1777 == 0: // as another, mostly of another part
			return fmt.Sprintf("<InstrId>I-%d</InstrId><EndToEndId>E2E-%d</EndToEndId>", n%3, n/2)
		case n%2222 == 0:
			return "<EndToEndId>E2E_" + fmt.Sprint(n) + "</EndToEndId>"
		}
		return m
	})
	if k == KindCreditTransfer { // a Sunday for whatever of the second batch is not instant, and that begins late
		second := strings.Index(s, "<PmtInfId>LARGE-10000<")
		batch := regexp.MustCompile(`(?s)<PmtTpInf>.*?</PmtTpInf>\s*`).ReplaceAllString(s[second:], "")
		batch = edit(t, batch, "2026-11-05", "2026-11-08")
		batch = strings.Replace(batch, "</PmtId>", "</PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>", 3_000)
		s = s[:second] + batch
	}
	s = edit(t, s, "<PmtInfId>LARGE-10000<", "<PmtInfId>LARGE-0<")
	at := strings.Index(s, "<PmtInfId>LARGE-20000<")
	tail := s[at:]
	tail = regexp.MustCompile(`<CtrlSum>[0-9.]+<`).ReplaceAllString(tail, "<CtrlSum>1.00<")
	if k == KindDirectDebit {
		tail = regexp.MustCompile(`(?s)<PmtTpInf>.*?</PmtTpInf>\s*`).ReplaceAllString(tail, "")
		n = 0
		tail = regexp.MustCompile(`</PmtId>`).ReplaceAllStringFunc(tail, func(m string) string {
			if n++; n%2500 == 0 {
				return m + "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>B2B</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"
			}
			return m
		})
		tail = regexp.MustCompile(`<DtOfSgntr>2026`).ReplaceAllString(tail, "<DtOfSgntr>2099")
	} else {
		tail = edit(t, tail, "<ReqdExctnDt>", "<ReqdExctnDt>", "<Dt>2026-11-05</Dt>", "<DtTm>2026-11-05T08:00:00</DtTm>")
		tail = strings.Replace(tail, "</Cdtr>", "</Cdtr><Cdtr/>", 1)
	}
	return []byte(s[:at] + tail)
}

// What is told does not depend on the number of workers.
func TestWorkersTellTheSame(t *testing.T) {
	type told struct {
		Message  Message
		Findings []finding.Finding
		Batches  []Batch
		Payments []Payment
		In       []string // their batches
	}
	sums := cmp.Comparer(func(a, b money.Total) bool { return a == b })
	for _, row := range kinds {
		whole := row.large(t, 22_000)
		for name, document := range map[string][]byte{"whole": whole, "faulty": faulty(t, whole, row.kind), "small": []byte(german), "cut": whole[:len(whole)*2/3]} {
			t.Run(row.kind.String()+" "+name, func(t *testing.T) {
				read := func(workers int) (x told, failure string) {
					var err error
					x.Message, x.Findings, err = Read(bytes.NewReader(document), Options{Workers: workers, MaxFindings: 1_000_000, Today: day(2026, 11, 3)}, Visitor{
						Batch: func(b *Batch) error { x.Batches = append(x.Batches, *b); return nil },
						Payment: func(p *Payment) error {
							x.In = append(x.In, fmt.Sprint(p.Batch.Ordinal, p.Batch.PaymentInformationID, p.Batch.OwnAccount(), p.Batch.RequestedDate()))
							q := *p
							q.Batch = nil
							x.Payments = append(x.Payments, q)
							return nil
						},
					})
					if err != nil {
						failure = err.Error()
					}
					return x, failure
				}
				want, failure := read(1)
				if name == "faulty" && (len(want.Findings) < 30 || row.kind == KindCreditTransfer && strings.Count(codesOf(want.Findings), string(CodeDateClosed)+" ") != 1) {
					t.Fatalf("%d findings: %s", len(want.Findings), codesOf(want.Findings))
				}
				for _, workers := range []int{3} {
					got, other := read(workers)
					if failure != other {
						t.Errorf("%d workers: %s, one: %s", workers, other, failure)
					}
					if diff := cmp.Diff(want, got, sums); diff != "" {
						t.Errorf("%d workers: %.3000s", workers, diff)
					}
				}
			})
		}
	}
}

// An error of the visitor ends the reading, whoever works.
func TestAVisitorEndsTheWorkers(t *testing.T) {
	document, full := large(t, 12_000), errors.New("disk full")
	for name, v := range map[string]Visitor{
		"payment": {Payment: func(p *Payment) error {
			if p.Ordinal == 7_000 {
				return full
			}
			return nil
		}},
		"batch": {Batch: func(*Batch) error { return full }},
	} {
		if _, _, err := Read(bytes.NewReader(document), Options{Workers: 2}, v); !errors.Is(err, full) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func BenchmarkVerifyByTwo(b *testing.B) {
	document := large(b, 300_000)
	for _, workers := range []int{1, 2} {
		b.Run(fmt.Sprint(workers), func(b *testing.B) {
			b.SetBytes(int64(len(document)))
			b.ReportAllocs()
			for b.Loop() {
				m, findings, err := Read(bytes.NewReader(document), Options{Workers: workers}, Visitor{})
				if err != nil || m.Count != 300_000 || len(findings) != 0 {
					b.Fatalf("%v %d %v", err, m.Count, findings)
				}
			}
		})
	}
}
