package intake_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store/storetest"
)

// pump generates a message as it is read, and looks at the memory in use while it goes.
type pump struct {
	left     int
	buffer   bytes.Buffer
	payments int
	base     uint64
	peak     uint64
	total    int64
}

func newPump(payments int) *pump {
	p := &pump{left: payments, payments: payments}
	text := message{version: "09", id: "MSG-BIG", batches: []batch{{id: "PMT-1", iban: storetest.IBAN(1), payments: 0}}}.String()
	text = strings.Replace(text, "<NbOfTxs>0<", fmt.Sprintf("<NbOfTxs>%d<", payments), 2)
	text = strings.Replace(text, "<CtrlSum>0.00<", fmt.Sprintf("<CtrlSum>%d.00<", payments), 2)
	p.buffer.WriteString(text[:strings.Index(text, "</PmtInf>")])
	p.base = inUse()
	return p
}

func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (p *pump) Read(b []byte) (int, error) {
	for p.buffer.Len() < len(b) && p.left > 0 {
		n := p.payments - p.left
		fmt.Fprintf(&p.buffer, "<CdtTrfTxInf><PmtId><EndToEndId>E-%d</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1.00</InstdAmt></Amt><Cdtr><Nm>Creditor %d</Nm></Cdtr><CdtrAcct><Id><IBAN>%s</IBAN></Id></CdtrAcct><RmtInf><Ustrd>%s</Ustrd></RmtInf></CdtTrfTxInf>\n",
			n, n, storetest.IBAN(n), strings.Repeat("x", 120))
		if p.left--; p.left == 0 {
			p.buffer.WriteString("</PmtInf></CstmrCdtTrfInitn></Document>")
		}
		if p.left%2000 == 0 {
			if now := inUse(); now > p.base {
				p.peak = max(p.peak, now-p.base)
			}
		}
	}
	n, err := p.buffer.Read(b)
	p.total += int64(n)
	return n, err
}

// A payroll of any size must pass without being held in memory.
func TestLargeFileTakesConstantMemory(t *testing.T) {
	const payments = 20_000
	d := newDesk(t, storetest.SQLite(t))
	p := newPump(payments)
	file, err := d.Submit(t.Context(), intake.Submission{Principal: d.principal, Body: p})
	d.Must(err)
	if file.State != hub.StateQueued || file.Count != payments {
		t.Fatalf("file is %s with %d payments: %s", file.State, file.Count, codes(file.Detail.Findings))
	}
	if p.peak > 40<<20 {
		t.Errorf("memory grew by %d MiB for a file of %d MiB", p.peak>>20, p.total>>20)
	}
	if got := len(d.payments(file.ID)); got != payments {
		t.Errorf("%d payments in the index", got)
	}
	body, err := d.Store.OpenBody(t.Context(), d.tenant.ID.Owner(), hub.BodyID(file.ID))
	d.Must(err)
	if n, err := io.Copy(io.Discard, body); err != nil || n != p.total || p.total < 5<<20 {
		t.Errorf("body has %d bytes (%v), %d were sent", n, err, p.total)
	}
}

// stopping ends a context in the middle of a body that goes on.
type stopping struct {
	from io.Reader
	left int
	stop func()
}

func (s *stopping) Read(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		s.stop()
	}
	return s.from.Read(p)
}

func TestStoreThatGivesUpInTheMiddleIsUnavailable(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	_, err := d.Submit(ctx, intake.Submission{Principal: d.principal, Body: &stopping{newPump(20_000), 2 << 20, stop}})
	if hub.CodeOf(err) != hub.CodeUnavailable {
		t.Errorf("error %v, want unavailable", err)
	}
	d.nothingKept()
}
