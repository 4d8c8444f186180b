package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/job"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// desk is an intake on a real store with a tenant that has two accounts at one contact and a third at another.
type desk struct {
	*storetest.Fixture
	*intake.Intake
	t         *testing.T
	jobs      *job.Client
	tenant    hub.Tenant
	principal hub.Principal
	contact   hub.Contact
}

func newDesk(t *testing.T, f *storetest.Fixture) *desk {
	t.Helper()
	f.Must(job.Migrate(t.Context(), f.Store))
	d := &desk{Fixture: f, t: t, tenant: f.NewTenant("invented")}
	f.NewBank("bank-a")
	f.NewBank("bank-b")
	d.contact = f.NewContact(hub.Operator, "bank-a")
	other := f.NewContact(hub.Operator, "bank-b")
	f.NewAccount(d.tenant.ID, d.contact.ID, storetest.IBAN(1))
	f.NewAccount(d.tenant.ID, d.contact.ID, storetest.IBAN(2))
	f.NewAccount(d.tenant.ID, other.ID, storetest.IBAN(3))
	d.principal = hub.Principal{Tenant: d.tenant.ID, Key: f.NewKey(d.tenant.ID, []byte("an invented hash")).ID, Scopes: hub.Scopes()}
	var err error
	d.jobs, err = job.New(f.Store, nil, 0)
	f.Must(err)
	d.Intake = intake.New(intake.Options{Store: f.Store, Jobs: d.jobs})
	return d
}

func (d *desk) submit(body string) (hub.PaymentFile, error) {
	return d.Submit(d.t.Context(), intake.Submission{Principal: d.principal, Body: strings.NewReader(body), FileName: "salaries.xml"})
}

func (d *desk) taken(body string) hub.PaymentFile {
	d.t.Helper()
	file, err := d.submit(body)
	d.Must(err)
	return file
}

// file reads a payment file back.
func (d *desk) file(id hub.FileID) hub.PaymentFile {
	d.t.Helper()
	var out hub.PaymentFile
	d.Read(func(tx *store.Tx) (err error) {
		out, err = tx.File(d.t.Context(), d.tenant.ID, id)
		return err
	})
	return out
}

func (d *desk) payments(id hub.FileID) []hub.Payment {
	d.t.Helper()
	var out []hub.Payment
	d.Read(func(tx *store.Tx) error {
		return tx.Payments(d.t.Context(), d.tenant.ID, id, func(p hub.Payment) error { out = append(out, p); return nil })
	})
	return out
}

func (d *desk) body(id hub.FileID) []byte {
	d.t.Helper()
	raw, err := d.Store.ReadBody(d.t.Context(), d.tenant.ID.Owner(), hub.BodyID(id), 1<<30)
	d.Must(err)
	return raw
}

// nothingKept asserts that a refused body left no file, no audit row and nothing staged.
func (d *desk) nothingKept() {
	d.t.Helper()
	if n, err := d.Store.SweepStaged(d.t.Context(), d.Now().Add(time.Microsecond)); err != nil || n != 0 {
		d.t.Errorf("the sweep finds %d bodies that were left behind (%v)", n, err)
	}
	var files []store.FileRef
	d.Read(func(tx *store.Tx) (err error) {
		files, err = tx.FilesToSend(d.t.Context(), 10, hub.States()...)
		return err
	})
	if len(files) != 0 {
		d.t.Errorf("%d files are visible, want none", len(files))
	}
	var sealed bytes.Buffer
	d.Must(d.Store.ExportAudit(d.t.Context(), d.tenant.ID.Owner(), &sealed))
	if strings.Contains(sealed.String(), "payment_file.") {
		d.t.Error("an audit row tells of a file that was refused")
	}
}

// sends starts a worker and returns the send jobs as they are worked on.
func (d *desk) sends() <-chan hub.SendJob {
	d.t.Helper()
	out := make(chan hub.SendJob, 1000)
	w := job.NewWorkers(slog.New(slog.DiscardHandler))
	job.Handle(w, func(_ context.Context, j hub.SendJob) error { out <- j; return nil })
	c, err := job.New(d.Store, w, 4)
	d.Must(err)
	d.Must(c.Start(context.WithoutCancel(d.t.Context())))
	d.t.Cleanup(func() {
		stop, done := context.WithTimeout(context.Background(), 20*time.Second)
		defer done()
		if err := c.Stop(stop); err != nil {
			d.t.Errorf("stop jobs: %v", err)
		}
	})
	return out
}

func next(t *testing.T, jobs <-chan hub.SendJob) hub.SendJob {
	t.Helper()
	select {
	case j := <-jobs:
		return j
	case <-time.After(20 * time.Second):
		t.Fatal("no send job arrived")
		return hub.SendJob{}
	}
}

// batch is a payment information of an invented message.
type batch struct {
	id, iban, type3, currency string
	payments                  int
}

// message is a pain.001 of 1.00 EUR payments.
type message struct {
	version  string // 03 or 09
	id       string
	encoding string
	creditor string
	declared int // number of transactions; 0 = the true one
	batches  []batch
}

func (m message) String() string {
	var b strings.Builder
	date, bic := "<ReqdExctnDt><Dt>2026-03-05</Dt></ReqdExctnDt>", "BICFI"
	if m.version == "03" {
		date, bic = "<ReqdExctnDt>2026-03-05</ReqdExctnDt>", "BIC"
	}
	if m.encoding == "" {
		m.encoding = "UTF-8"
	}
	if m.creditor == "" {
		m.creditor = "Invented Creditor"
	}
	count := 0
	for _, x := range m.batches {
		count += x.payments
	}
	if m.declared == 0 {
		m.declared = count
	}
	fmt.Fprintf(&b, "<?xml version=\"1.0\" encoding=\"%s\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.%s\"><CstmrCdtTrfInitn>\n", m.encoding, m.version)
	fmt.Fprintf(&b, "<GrpHdr><MsgId>%s</MsgId><CreDtTm>2026-03-02T10:00:00</CreDtTm><NbOfTxs>%d</NbOfTxs><CtrlSum>%d.00</CtrlSum><InitgPty><Nm>Invented Debtor</Nm></InitgPty></GrpHdr>\n",
		m.id, m.declared, count)
	for _, x := range m.batches {
		currency := ""
		if x.currency != "" {
			currency = "<Ccy>" + x.currency + "</Ccy>"
		}
		fmt.Fprintf(&b, "<PmtInf><PmtInfId>%s</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>%d</NbOfTxs><CtrlSum>%d.00</CtrlSum>%s%s<Dbtr><Nm>Invented Debtor</Nm></Dbtr><DbtrAcct><Id><IBAN>%s</IBAN></Id>%s</DbtrAcct>",
			x.id, x.payments, x.payments, x.type3, date, x.iban, currency)
		fmt.Fprintf(&b, "<DbtrAgt><FinInstnId><%s>BANKDEFFXXX</%s></FinInstnId></DbtrAgt>\n", bic, bic)
		for i := range x.payments {
			fmt.Fprintf(&b, "<CdtTrfTxInf><PmtId><InstrId>I-%d</InstrId><EndToEndId>%s-%d</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1.00</InstdAmt></Amt><Cdtr><Nm>%s</Nm></Cdtr><CdtrAcct><Id><IBAN>%s</IBAN></Id></CdtrAcct><RmtInf><Ustrd>invoice %d</Ustrd></RmtInf></CdtTrfTxInf>\n",
				i, x.id, i, m.creditor, storetest.IBAN(1000+i), i)
		}
		b.WriteString("</PmtInf>\n")
	}
	b.WriteString("</CstmrCdtTrfInitn></Document>\n")
	return b.String()
}

// salaries is a faultless message.
func salaries(id string, payments int) message {
	return message{version: "09", id: id, batches: []batch{{id: "PMT-1", iban: storetest.IBAN(1), payments: payments}}}
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		panic(err) // a buffer takes everything
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

func codes(found []finding.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, string(f.Code))
	}
	return strings.Join(out, " ")
}
