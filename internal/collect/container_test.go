package collect

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

func TestContainerThatCannotBeReadIsKept(t *testing.T) {
	good := container(t, entry{"a.xml", camtText(statement{ibanA, "EUR", "S1"})})
	many := make([]entry, maxEntries+1)
	for i := range many {
		many[i] = entry{fmt.Sprintf("%d.xml", i), ""}
	}
	for _, tc := range []struct{ name, data string }{
		{"cut", good[:len(good)/2]},
		{"head only", good[:30]},
		{"too many files", container(t, many...)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			for _, kind := range []hub.PollKind{hub.PollStatement, hub.PollStatus} {
				j := h.arrive(kind, tc.data)
				h.Must(h.Index(t.Context(), j))
				if d := h.download(j); d.State != hub.DownloadUndecoded || h.body(hub.Operator, d.Body) != tc.data {
					t.Errorf("%s delivery is %s", kind, d.State)
				}
			}
		})
	}
}

// A damaged file of a container must not keep its neighbours from their owners.
func TestDamagedFileDoesNotKeepTheOthers(t *testing.T) {
	text := camtText(statement{ibanA, "EUR", "DAMAGED"})
	data := []byte(container(t, entry{"1-damaged.xml", text}, entry{"2-good.xml", camtText(statement{ibanB, "EUR", "GOOD"})}))
	at := bytes.Index(data, []byte("1-damaged.xml")) + len("1-damaged.xml")
	for i := at + 20; i < at+60; i++ { // inside its compressed bytes
		data[i] ^= 0xff
	}
	h := newHouse(t, storetest.SQLite(t))
	if s := h.split(hub.PollStatement, string(data)); s != hub.DownloadUndecoded {
		t.Errorf("delivery is %s: a person must look at it", s)
	}
	if d := h.documents(h.b); len(d) != 1 || d[0].Detail.StatementID != "GOOD" {
		t.Errorf("the other tenant's documents: %+v", d)
	}
	if d := h.documents(h.a); len(d) != 0 {
		t.Errorf("a damaged statement was offered: %+v", d)
	}
}

func TestFileThatInflatesWithoutEndIsStopped(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.o.MaxBytes = 1 << 20
	text := camtText(statement{ibanA, "EUR", "S1"})
	bomb := strings.Replace(text, "<GrpHdr>", "<!--"+strings.Repeat(" ", 8<<20)+"--><GrpHdr>", 1)
	if s := h.split(hub.PollStatement, container(t, entry{"bomb.xml", bomb}, entry{"good.xml", text})); s != hub.DownloadUndecoded {
		t.Errorf("delivery is %s: it must be kept for a person", s)
	}
	if d := h.documents(h.a); len(d) != 1 || d[0].Detail.FileName != "good.xml" {
		t.Errorf("documents %+v", d)
	}
	if q := h.quarantine(); len(q) != 0 {
		t.Errorf("quarantine %+v", q)
	}
}

func TestDeliveryOverTheLimitIsKeptForAPerson(t *testing.T) {
	for _, kind := range []hub.PollKind{hub.PollProtocol, hub.PollStatus, hub.PollStatement} {
		t.Run(string(kind), func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			h.o.MaxBytes = 1000
			if s := h.split(kind, strings.Repeat("x", 1001)); s != hub.DownloadUndecoded {
				t.Errorf("delivery is %s", s)
			}
		})
	}
}

// Names in a container are labels: nobody may take them for paths.
func TestNamesLoseTheirFolders(t *testing.T) {
	for _, tc := range []struct{ name, want string }{
		{"statement.xml", "statement.xml"},
		{"folder/statement.xml", "statement.xml"},
		{"../../etc/passwd", "passwd"},
		{"/etc/passwd", "passwd"},
		{`C:\Windows\system.ini`, "system.ini"},
		{`..\..\x.xml`, "x.xml"},
		{"a/../b.xml", "b.xml"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			h.split(hub.PollStatement, container(t, entry{tc.name, camtText(statement{ibanA, "EUR", "S1"})}))
			if d := h.documents(h.a); len(d) != 1 || d[0].Detail.FileName != tc.want {
				t.Errorf("documents %+v, want the name %q", d, tc.want)
			}
		})
	}
}

func TestFoldersInAContainerAreNoFiles(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.split(hub.PollStatement, container(t, entry{"folder/", ""}, entry{"folder/a.xml", camtText(statement{ibanA, "EUR", "S1"})}))
	if len(h.documents(h.a)) != 1 || len(h.quarantine()) != 0 {
		t.Errorf("documents %+v, quarantine %+v", h.documents(h.a), h.quarantine())
	}
}
