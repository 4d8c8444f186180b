package collect

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"kontor/ebics/hac"
	"kontor/internal/hub"
	"kontor/internal/job"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// house is a collect over a real store: two tenants with an account each under one contact of the operator, and a bank in memory.
type house struct {
	*storetest.Fixture
	*Collect
	t        *testing.T
	mail     *mailbox
	contact  hub.Contact
	a, b     hub.TenantID
	accountA hub.Account
	accountB hub.Account
	orders   int

	format, orderType string // of the files sent; "" = a credit transfer
}

var (
	ibanA = storetest.IBAN(11)
	ibanB = storetest.IBAN(22)
)

func newHouse(t *testing.T, f *storetest.Fixture, confirming ...string) *house {
	t.Helper()
	f.Must(job.Migrate(t.Context(), f.Store))
	jobs, err := job.New(f.Store, nil, 0)
	f.Must(err)
	h := &house{Fixture: f, t: t, mail: &mailbox{offers: map[string][]string{}, fails: map[string]error{}, receipts: map[string]int{}}}
	h.a, h.b = f.NewTenant("tenant-a").ID, f.NewTenant("tenant-b").ID
	f.Write(func(tx *store.Tx) error {
		return tx.InsertBank(t.Context(), hub.Bank{ID: "bank", URL: "https://localhost:1", HostID: "H", Profile: hub.BankProfile{ConfirmingStatuses: confirming}})
	})
	h.contact = f.NewContact(hub.Operator, "bank")
	h.accountA = f.NewAccount(h.a, h.contact.ID, ibanA)
	h.accountB = f.NewAccount(h.b, h.contact.ID, ibanB)
	for _, p := range []hub.Poll{{OrderType: "HAC", Kind: hub.PollProtocol}, {OrderType: "CRZ", Kind: hub.PollStatus}, {OrderType: "C53", Kind: hub.PollStatement}} {
		p.Contact, p.Next = h.contact.ID, f.Now()
		f.Write(func(tx *store.Tx) error { return tx.InsertPoll(t.Context(), p) })
	}
	h.Collect = New(Options{Store: f.Store, Jobs: jobs, Bank: h.mail, Log: slog.New(slog.DiscardHandler), Node: "node-1"})
	return h
}

// arrive stores a delivery as a poll does and returns it.
func (h *house) arrive(kind hub.PollKind, data string) hub.IndexJob {
	h.t.Helper()
	orderType := map[hub.PollKind]string{hub.PollProtocol: "HAC", hub.PollStatus: "CRZ", hub.PollStatement: "C53"}[kind]
	id, err := h.keep(h.t.Context(), h.contact, hub.Poll{OrderType: orderType, Kind: kind}, strings.NewReader(data))
	h.Must(err)
	return hub.IndexJob{Contact: h.contact.ID, Download: id}
}

// split stores a delivery and splits it, and returns the state it ends in.
func (h *house) split(kind hub.PollKind, data string) hub.DownloadState {
	h.t.Helper()
	j := h.arrive(kind, data)
	h.Must(h.Index(h.t.Context(), j))
	return h.download(j).State
}

func (h *house) download(j hub.IndexJob) hub.Download {
	h.t.Helper()
	var out hub.Download
	h.Read(func(tx *store.Tx) (err error) {
		out, err = tx.Download(h.t.Context(), j.Contact, j.Download)
		return err
	})
	return out
}

// order is a file with the journal of its upload.
type order struct {
	hub.PaymentFile
	orderID string
}

// send adds a file in a state, with the journal such a file has; without payments given it has three of PMT-1.
func (h *house) send(tenant hub.TenantID, messageID string, state hub.State, payments ...hub.Payment) order {
	h.t.Helper()
	ctx := h.t.Context()
	if payments == nil {
		for i := range 3 {
			payments = append(payments, storetest.Payment(i))
		}
	}
	staging, err := h.Store.Stage(ctx, tenant.Owner(), store.BodyPaymentFile)
	h.Must(err)
	for _, p := range payments {
		h.Must(staging.AddPayment(ctx, p))
	}
	h.Must(staging.Close(ctx))
	h.orders++
	out := order{orderID: fmt.Sprintf("N%03d", h.orders), PaymentFile: hub.PaymentFile{
		ID: hub.FileID(staging.ID()), Tenant: tenant, Contact: h.contact.ID, Key: "key", State: state, Format: cmp.Or(h.format, "pain.001.001.09"), OrderType: cmp.Or(h.orderType, "CCT"),
		Count: len(payments), Currency: "EUR", Created: h.Now(), Updated: h.Now(), Detail: hub.FileDetail{MessageID: messageID},
	}}
	step := hub.StepDone
	switch state {
	case hub.StateSending, hub.StateUnclear:
		step = hub.StepLast
	case hub.StateQueued:
		step = hub.StepAbsent
	case hub.StateFailed:
		step = hub.StepRefused
	case hub.StateRejected, hub.StateSent, hub.StateForwarded, hub.StateCancelledAtBank, hub.StateAccepted, hub.StatePartiallyAccepted,
		hub.StateConfirmed, hub.StateRejectedByBank:
	}
	h.Write(func(tx *store.Tx) error {
		if _, err := staging.Publish(ctx, tx); err != nil {
			return err
		}
		if err := tx.InsertFile(ctx, out.PaymentFile); err != nil || state == hub.StateRejected {
			return err
		}
		spool, err := tx.PublishBytes(ctx, tenant.Owner(), store.BodySpool, []byte("spool"))
		if err != nil {
			return err
		}
		return tx.InsertSending(ctx, hub.Sending{
			Tenant: tenant, File: out.ID, Attempt: 1, Contact: h.contact.ID, Step: step, Segments: 1, OrderID: out.orderID, TransactionID: "T",
			Spool: spool, Started: h.Now(), Updated: h.Now(),
		})
	})
	return out
}

func (h *house) file(o order) hub.PaymentFile {
	h.t.Helper()
	var out hub.PaymentFile
	h.Read(func(tx *store.Tx) (err error) { out, err = tx.File(h.t.Context(), o.Tenant, o.ID); return err })
	return out
}

func (h *house) journal(o order) hub.Sending {
	h.t.Helper()
	var out hub.Sending
	h.Read(func(tx *store.Tx) (err error) {
		out, _, err = tx.LastSending(h.t.Context(), o.Tenant, o.ID)
		return err
	})
	return out
}

func (h *house) events(o order) (out []hub.Event) {
	h.t.Helper()
	h.Read(func(tx *store.Tx) (err error) {
		out, err = tx.Events(h.t.Context(), o.Tenant, string(o.ID))
		return err
	})
	return out
}

func (h *house) statuses(o order) string {
	h.t.Helper()
	var out []string
	h.Read(func(tx *store.Tx) error {
		return tx.Payments(h.t.Context(), o.Tenant, o.ID, func(p hub.Payment) error {
			s := p.BankStatus
			if s == "" {
				s = "-"
			}
			if p.BankReason != "" {
				s += "/" + p.BankReason
			}
			out = append(out, s)
			return nil
		})
	})
	return strings.Join(out, " ")
}

func (h *house) wants(o order, state hub.State) {
	h.t.Helper()
	if got := h.file(o).State; got != state {
		h.t.Errorf("file %s is %s, want %s", o.orderID, got, state)
	}
}

func (h *house) quarantine() (out []hub.Quarantined) {
	h.t.Helper()
	h.Read(func(tx *store.Tx) (err error) { out, err = tx.Quarantine(h.t.Context(), hub.Operator); return err })
	return out
}

func (h *house) documents(tenant hub.TenantID) (out []hub.Document) {
	h.t.Helper()
	h.Read(func(tx *store.Tx) (err error) {
		out, err = tx.Documents(h.t.Context(), tenant, hub.DocumentFilter{Kind: hub.DocumentCamt})
		return err
	})
	return out
}

func (h *house) body(owner hub.Owner, id hub.BodyID) string {
	h.t.Helper()
	raw, err := h.Store.ReadBody(h.t.Context(), owner, id, 1<<30)
	h.Must(err)
	return string(raw)
}

func (h *house) poll(orderType string) hub.Poll {
	h.t.Helper()
	var out hub.Poll
	h.Read(func(tx *store.Tx) error {
		all, err := tx.Polls(h.t.Context(), h.contact.ID)
		for _, p := range all {
			if p.OrderType == orderType {
				out = p
			}
		}
		return err
	})
	return out
}

func (h *house) postponed(resource string) string {
	h.t.Helper()
	var out string
	h.Read(func(tx *store.Tx) error {
		all, err := tx.Postponed(h.t.Context())
		out = all[resource].Code
		return err
	})
	return out
}

// protocol is a customer protocol of these events; missing partner, user and time are filled in.
func (h *house) protocol(events ...hac.Event) string {
	h.t.Helper()
	for i := range events {
		if events[i].PartnerID == "" {
			events[i].PartnerID, events[i].UserID = h.contact.PartnerID, h.contact.UserID
		}
		events[i].OrderType = "CCT"
		if events[i].Timestamp.IsZero() {
			events[i].Timestamp = h.Now()
		}
	}
	var b bytes.Buffer
	h.Must(hac.Write(&b, hac.Report{MessageID: "HAC", CreationDateTime: h.Now().Format(time.RFC3339), HostID: "H", Events: events}))
	return b.String()
}

// report is a pain.002.
func report(t *testing.T, r pain.StatusReport) string {
	t.Helper()
	if r.OriginalMessageName == "" {
		r.MessageID, r.CreationDateTime, r.OriginalMessageName = "REPORT", "2026-03-02T10:00:00Z", "pain.001.001.09"
	}
	var b bytes.Buffer
	if err := pain.WriteStatus(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// entry is one file of a container.
type entry struct{ name, text string }

func container(t *testing.T, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		f, err := w.Create(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// statement is one statement of a camt message.
type statement struct{ iban, currency, id string }

func camtText(statements ...statement) string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>\n<GrpHdr><MsgId>M</MsgId><CreDtTm>2026-03-02T10:00:00Z</CreDtTm></GrpHdr>\n")
	for _, s := range statements {
		currency := ""
		if s.currency != "" {
			currency = "<Ccy>" + s.currency + "</Ccy>"
		}
		fmt.Fprintf(&b, "<Stmt><Id>%s</Id><Acct><Id><IBAN>%s</IBAN></Id>%s</Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>"+
			"<Ntry><Amt Ccy=\"EUR\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BkTxCd><Prtry><Cd>N</Cd></Prtry></BkTxCd></Ntry></Stmt>\n<!-- between -->\n", s.id, s.iban, currency)
	}
	b.WriteString("</BkToCstmrStmt></Document>\n")
	return b.String()
}

// mailbox is a bank that delivers: each offer again and again until its receipt is in.
type mailbox struct {
	offers   map[string][]string
	fails    map[string]error
	receipts map[string]int
	asked    []string
	noAnswer bool // the receipt's answer is lost
	onAsk    func(orderType string)
}

// Download implements Bank.
func (m *mailbox) Download(_ context.Context, _ hub.Link, orderType string, keep func(data io.Reader) error) error {
	m.asked = append(m.asked, orderType)
	if m.onAsk != nil {
		m.onAsk(orderType)
	}
	if err := m.fails[orderType]; err != nil {
		return err
	}
	if len(m.offers[orderType]) == 0 {
		return &hub.BankError{Outcome: hub.BankNothing, Code: "090005"}
	}
	if err := keep(strings.NewReader(m.offers[orderType][0])); err != nil {
		return err
	}
	if m.noAnswer {
		return &hub.BankError{Outcome: hub.BankSilent}
	}
	m.receipts[orderType]++
	m.offers[orderType] = m.offers[orderType][1:]
	return nil
}
