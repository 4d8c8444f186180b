package collect

import (
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/iso20022/pain"
)

var operator = hub.OperatorActor("test")

// splitStored splits every delivery that waits for it.
func (h *house) splitStored() {
	h.t.Helper()
	for _, d := range h.stored() {
		if d.State == hub.DownloadStored {
			h.Must(h.Index(h.t.Context(), hub.IndexJob{Contact: d.Contact, Download: d.ID}))
		}
	}
}

// An account that is set up late gets the statements that came before it, byte for byte and under the bank's name.
func TestReleasedStatementReachesItsNewOwner(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		late := storetest.IBAN(99)
		text := camtText(statement{late, "EUR", "S"})
		h.split(hub.PollStatement, container(t, entry{"2026-03-02_C53.xml", text}))
		waiting := h.quarantine()
		if len(waiting) != 1 {
			t.Fatalf("quarantine %+v", waiting)
		}
		// Too early it comes back.
		h.Must(Release(t.Context(), h.Store, h.o.Jobs, operator, waiting[0].ID))
		h.splitStored()
		if waiting = h.quarantine(); len(waiting) != 1 || h.body(hub.Operator, waiting[0].Body) != text {
			t.Fatalf("after an early release: quarantine %+v", waiting)
		}
		h.NewAccount(h.b, h.contact.ID, late)
		h.Must(Release(t.Context(), h.Store, h.o.Jobs, operator, waiting[0].ID))
		h.splitStored()
		d := h.documents(h.b)
		if len(d) != 1 || d[0].Detail.FileName != "2026-03-02_C53.xml" || h.body(h.b.Owner(), hub.BodyID(d[0].ID)) != text {
			t.Errorf("documents %+v", d)
		}
		if waiting = h.quarantine(); len(waiting) != 0 {
			t.Errorf("quarantine %+v", waiting)
		}
		if got := Release(t.Context(), h.Store, h.o.Jobs, operator, "none"); hub.CodeOf(got) != hub.CodeNotFound {
			t.Errorf("release of nothing: %v", got)
		}
	})
}

// A report that came before its file was known is believed when it is released.
func TestReleasedReportIsJudgedAgain(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.split(hub.PollStatus, report(t, pain.StatusReport{OriginalMessageID: "MSG", GroupStatus: "ACSC"}))
	waiting := h.quarantine()
	if len(waiting) != 1 || waiting[0].Reason != "unknown_order" {
		t.Fatalf("quarantine %+v", waiting)
	}
	o := h.send(h.a, "MSG", hub.StateAccepted)
	h.Must(Release(t.Context(), h.Store, h.o.Jobs, operator, waiting[0].ID))
	h.splitStored()
	h.wants(o, hub.StateConfirmed)
}

// What came in can be released: a statement is not held whole, however large it is.
func TestPartOverTheLimitOfContainersIsReleased(t *testing.T) {
	if testing.Short() {
		t.Skip("it stores 130 MB three times: run without -short")
	}
	h := newHouse(t, storetest.SQLite(t))
	late := storetest.IBAN(99)
	text := camtText(statement{late, "EUR", "S"})
	space := strings.Repeat(strings.Repeat(" ", 99)+"\n", maxDelivery/100+1)
	text = strings.Replace(text, "<GrpHdr>", space+"<GrpHdr>", 1)
	h.split(hub.PollStatement, container(t, entry{"2026-03-02_C53.xml", text}))
	waiting := h.quarantine()
	if len(waiting) != 1 || waiting[0].Reason != "unknown_account" || len(text) <= maxDelivery {
		t.Fatalf("quarantine %+v", waiting)
	}
	h.NewAccount(h.b, h.contact.ID, late)
	h.Must(Release(t.Context(), h.Store, h.o.Jobs, operator, waiting[0].ID))
	h.splitStored()
	d := h.documents(h.b)
	if len(d) != 1 || d[0].Detail.FileName != "2026-03-02_C53.xml" || h.body(h.b.Owner(), hub.BodyID(d[0].ID)) != text {
		t.Errorf("documents %+v", d)
	}
	if left := h.quarantine(); len(left) != 0 {
		t.Errorf("quarantine %+v", left)
	}
}

func TestDroppedPartIsGoneAndAudited(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.split(hub.PollStatement, container(t, entry{"a.xml", camtText(statement{storetest.IBAN(99), "EUR", "S"})}))
	q := h.quarantine()[0]
	if err := Drop(t.Context(), h.Store, operator, q.ID, "no"); hub.CodeOf(err) != hub.CodeInvalid {
		t.Errorf("without a reason: %v", err)
	}
	h.Must(Drop(t.Context(), h.Store, operator, q.ID, "account was closed years ago"))
	if left := h.quarantine(); len(left) != 0 {
		t.Errorf("quarantine %+v", left)
	}
	if _, err := h.Store.OpenBody(t.Context(), hub.Operator, q.Body); hub.CodeOf(err) != hub.CodeNotFound {
		t.Errorf("its bytes are still there: %v", err)
	}
	h.Read(func(tx *store.Tx) error {
		owners, err := tx.AuditOwnersToSeal(t.Context())
		if len(owners) == 0 {
			t.Error("no audit row")
		}
		return err
	})
}
