package e2e_test

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"kontor/e2e/rig"
	"kontor/e2e/witness"
)

// R7: whatever happens to the connection with the bank, in whatever phase of an upload or a download, the order is done once, and the hub
// knows what it does not know: it is in doubt when the last segment may have arrived, and only then.
func TestR7BankCutInEveryPhase(t *testing.T) {
	t.Parallel()
	base := rig.Ceremony(t, rig.Plan{PlainHTTP: true, Settings: severalSegments})
	rounds := 1
	if rig.Long() {
		rounds = 10
	}
	for _, w := range wrongs() {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			cutEverywhere(t, base.CopyTo(t, rig.Folder(t)), w, rounds)
		})
	}
}

// wrong is a way in which an exchange with the bank goes wrong. answer is given what the bank would have said.
type wrong struct {
	name    string
	secured bool // the hub speaks TLS to the proxy
	answer  func(honest []byte) witness.Answer
}

func wrongs() []wrong {
	page := []byte("<html><body><p>Wartung<br></body></html>")
	status := func(code int, body []byte) func([]byte) witness.Answer {
		return func([]byte) witness.Answer { return witness.Answer{Status: code, Body: body} }
	}
	broken := func(b witness.Break) func([]byte) witness.Answer {
		return func(honest []byte) witness.Answer {
			return witness.Answer{Status: http.StatusOK, Body: honest, Break: b}
		}
	}
	return []wrong{
		{"the connection is reset", false, broken(witness.Reset)},
		{"the connection ends", false, func([]byte) witness.Answer { return witness.Answer{Cut: true} }},
		{"silence", false, func([]byte) witness.Answer { return witness.Answer{Hang: true} }},
		{"half an answer, then silence", false, broken(witness.HalfOpen)},
		{"one byte a second", false, broken(witness.Drip)},
		{"a TLS alert", true, broken(witness.Alert)},
		{"an answer shorter than announced", false, broken(witness.TooShort)},
		{"an answer longer than announced", false, broken(witness.TooLong)},
		{"a maintenance page and 503", false, status(http.StatusServiceUnavailable, page)},
		{"500 without a word", false, status(http.StatusInternalServerError, nil)},
		{"a page and 200", false, status(http.StatusOK, append([]byte("<!DOCTYPE html>"), page...))},
		{"half of an answer, whole by its length", false, func(honest []byte) witness.Answer {
			return witness.Answer{Status: http.StatusOK, Body: honest[:len(honest)/2]}
		}},
		{"nothing and 200", false, status(http.StatusOK, nil)},
		{"another document", false, status(http.StatusOK, []byte(`<?xml version="1.0"?><receipt xmlns="urn:example:other"><ok>true</ok></receipt>`))},
		{"an unsigned success", false, status(http.StatusOK, []byte(`<?xml version="1.0" encoding="UTF-8"?><ebicsKeyManagementResponse `+
			`xmlns="urn:org:ebics:H004" Version="H004" Revision="1"><header authenticate="true"><static/><mutable><ReturnCode>000000</ReturnCode>`+
			`<ReportText>[EBICS_OK] OK</ReportText></mutable></header><body><ReturnCode authenticate="true">000000</ReturnCode></body></ebicsKeyManagementResponse>`))},
		{"a redirection", false, status(http.StatusTemporaryRedirect, nil)},
	}
}

// cut is one place in the exchange with the bank.
type cut struct {
	phase   string // init, segment, last of an upload; fetch, part, receipt of a download
	reached bool   // the bank gets the request, and what goes wrong is its answer
}

func uploadCuts() []cut {
	return []cut{{"init", false}, {"init", true}, {"segment", false}, {"segment", true}, {"last", false}, {"last", true}}
}

func downloadCuts() []cut {
	return []cut{{"fetch", false}, {"fetch", true}, {"part", false}, {"part", true}, {"receipt", false}, {"receipt", true}}
}

// saboteur goes wrong once at each of its cuts. Every upload gets one cut, and every download the next that it comes by.
type saboteur struct {
	wrong wrong

	mu        sync.Mutex
	uploads   []cut          // not given to an upload yet
	given     map[string]cut // by transaction: uploads whose cut lies ahead
	downloads []cut          // those that lie ahead
	done      []cut
}

func (s *saboteur) rule(m witness.Message, ask func([]byte) witness.Answer) witness.Answer {
	c, found := s.take(m)
	if found && !c.reached {
		return s.wrong.answer(honestly(`<?xml version="1.0"?><ebicsResponse xmlns="urn:org:ebics:H004"/>`))
	}
	a := ask(m.Raw)
	if !found {
		s.opened(m, witness.Outline(a.Body))
		return a
	}
	return s.wrong.answer(a.Body)
}

func honestly(text string) []byte { return []byte(text) }

// take finds the cut at which a request is.
func (s *saboteur) take(m witness.Message) (cut, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := slices.IndexFunc(s.downloads, func(c cut) bool {
		return c.phase == "fetch" && m.OrderType == "HAC" || c.phase == "receipt" && m.Phase == "Receipt" || c.phase == "part" && m.Phase == "Transfer" && m.OrderData == ""
	}); at >= 0 {
		c := s.downloads[at]
		s.downloads = slices.Delete(s.downloads, at, at+1)
		s.done = append(s.done, c)
		return c, true
	}
	if m.OrderType == "CCT" {
		if at := slices.IndexFunc(s.uploads, func(c cut) bool { return c.phase == "init" }); at >= 0 {
			c := s.uploads[at]
			s.uploads = slices.Delete(s.uploads, at, at+1)
			s.done = append(s.done, c)
			return c, true
		}
		return cut{}, false
	}
	c, waits := s.given[m.TransactionID]
	if !waits || (c.phase == "last") != m.Last || m.Phase != "Transfer" {
		return cut{}, false
	}
	delete(s.given, m.TransactionID)
	s.done = append(s.done, c)
	return c, true
}

// opened gives the upload that a bank's answer has opened its cut.
func (s *saboteur) opened(request, reply witness.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if request.OrderType != "CCT" || reply.TransactionID == "" || len(s.uploads) == 0 {
		return
	}
	s.given[reply.TransactionID] = s.uploads[0]
	s.uploads = s.uploads[1:]
}

func (s *saboteur) left() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.uploads) + len(s.given) + len(s.downloads)
}

func cutEverywhere(t *testing.T, in *rig.Installation, w wrong, rounds int) {
	in.Bank.Segment = "400" // so that a protocol comes in several
	start := witness.StartProxy
	if w.secured {
		start = witness.StartTLSProxy
	}
	proxy := start(t, in.Bank.Ready().URL, "")
	in.MoveBank(t, proxy.URL, proxy.CA)
	in.Hub.Settings["bank-timeout"] = "2s" // for the bank that is silent; an honest answer takes less on a busy machine, too
	in.Hub.Settings["retry-limit"] = "500ms"
	in.Start(t)
	erp, tenant := in.Hub.Client(in.Tenants[0].Key), in.Tenants[0]
	for round := range rounds {
		s := &saboteur{wrong: w, uploads: uploadCuts(), given: map[string]cut{}, downloads: downloadCuts()}
		proxy.Intercept(s.rule)
		var rIDs, ids []string
		for range uploadCuts() {
			id := "CUT-" + strings.ToUpper(string(rune('A'+len(ids)))) + "-" + string(rune('0'+round))
			rID, _ := submit(t, in, id, 60)
			rIDs, ids = append(rIDs, rID), append(ids, id)
		}
		rig.Until(t, "every cut", func() (bool, error) { return s.left() == 0, nil })
		doubts, proofs := 0, 0
		for i, rID := range rIDs {
			await(t, erp, rID, "FIN_VEU_FORWARDED")
			deliveredOnce(t, in, ids[i])
			doubted, proven := bankSteps(t, in.Events(t, tenant.Handle, rID))
			doubts, proofs = doubts+doubted, proofs+proven
		}
		// Two uploads were cut at their last segment; the bank's protocol may prove one before its sender gave up waiting.
		if doubts > 2 || doubts+proofs < 2 {
			t.Errorf("%d files were in doubt and %d were proven by the protocol, want two in all", doubts, proofs)
		}
		if len(s.done) != len(uploadCuts())+len(downloadCuts()) {
			t.Errorf("went wrong at %v", s.done)
		}
	}
}

// bankSteps checks a history, never failed and every bank step once, and says whether the file was in doubt, and whether it is known from
// the bank's protocol alone that it was delivered.
func bankSteps(t *testing.T, events []rig.Event) (doubted, proven int) {
	t.Helper()
	count := map[string]int{}
	for _, e := range events {
		count[e.To]++
		if e.To == "sent" && e.Action == "FILE_UPLOAD" {
			proven = 1
		}
	}
	if count["failed"] != 0 || count["sent"] > 1 || count["forwarded"] != 1 {
		t.Errorf("the file went through %v", count)
	}
	if count["unclear"] > 0 {
		return 1, 0
	}
	return 0, proven
}
