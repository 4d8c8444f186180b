package collect

import (
	"maps"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

// counted is what a metric would show.
func (h *house) counted() map[finding.Code]int {
	out := map[finding.Code]int{}
	h.o.Warned = func(code finding.Code) { out[code]++ }
	return out
}

// Real banks' documents break their schemas: nobody may lose a statement for that, and everybody may know.
func TestADocumentThatBreaksItsSchemaIsOfferedWithWarnings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		told := h.counted()
		text := strings.Replace(camtText(statement{ibanA, "EUR", "A1"}), "<Ntry><Amt Ccy=\"EUR\">1.00</Amt>", "<Ntry><Invented>x</Invented><Amt Ccy=\"EUR\">1.00001</Amt>", 1)
		delivery := container(t, entry{"a.xml", text})
		for range 2 { // the bank delivers it twice: it is one document, with one set of warnings
			if s := h.split(hub.PollStatement, delivery); s != hub.DownloadIndexed {
				t.Fatalf("delivery is %s", s)
			}
		}
		all := h.documents(h.a)
		if len(all) != 1 || all[0].Detail.EntryCount != 1 || h.body(h.a.Owner(), hub.BodyID(all[0].ID)) != text || !all[0].Retrieved.IsZero() {
			t.Fatalf("documents %+v", all)
		}
		d := all[0].Detail
		codes := map[finding.Code]int{}
		for _, x := range d.Findings {
			codes[x.Code]++
			if x.Severity != finding.Warning || x.At.Line != 4 {
				t.Errorf("finding %+v", x)
			}
		}
		if codes["CAMT-A3"] == 0 || codes["CAMT-D1"] != 1 || d.FindingCount != len(d.Findings) || !maps.Equal(codes, told) {
			t.Errorf("%d findings, kept %v, told %v", d.FindingCount, codes, told)
		}
	})
}

func TestWarningsGoToWhomTheyConcern(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		text := camtText(statement{ibanA, "EUR", "A1"}, statement{ibanB, "EUR", "B1"})
		text = strings.Replace(text, "</GrpHdr>", "<Odd>h</Odd></GrpHdr>", 1)
		text = strings.Replace(text, "<Stmt><Id>B1</Id>", "<Stmt><Id>B1</Id><Odd>secret of B</Odd>", 1)
		if s := h.split(hub.PollStatement, container(t, entry{"a.xml", text})); s != hub.DownloadIndexed {
			t.Fatalf("delivery is %s", s)
		}
		a, b := h.documents(h.a)[0].Detail, h.documents(h.b)[0].Detail
		if a.FindingCount != 1 || !strings.Contains(a.Findings[0].At.Path, "GrpHdr") {
			t.Errorf("A has %+v", a.Findings)
		}
		if b.FindingCount != 2 || !strings.Contains(b.Findings[1].At.Path, "Stmt[2]") {
			t.Errorf("B has %+v", b.Findings)
		}
	})
}

func TestManyWarningsAreCountedAndTheFirstKept(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	text := camtText(statement{ibanA, "EUR", "A1"})
	entry1 := text[strings.Index(text, "<Ntry>") : strings.Index(text, "</Ntry>")+len("</Ntry>")]
	text = strings.Replace(text, entry1, strings.Repeat(strings.Replace(entry1, "CRDT", "NONE", 1), 150), 1)
	h.split(hub.PollStatement, container(t, entry{"a.xml", text}))
	if d := h.documents(h.a)[0].Detail; d.FindingCount < 150 || len(d.Findings) != 20 {
		t.Errorf("%d findings, %d kept", d.FindingCount, len(d.Findings))
	}
}
