package konfipay

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kontor/internal/hub"
)

// names lists the file names of a document list.
func (a answer) names(t *testing.T) string {
	t.Helper()
	if a.status == http.StatusNoContent {
		return ""
	}
	var body struct {
		DocumentItems []struct {
			FileName string `json:"fileName"`
		} `json:"documentItems"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || a.status != 200 {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
	var names []string
	for _, d := range body.DocumentItems {
		names = append(names, d.FileName)
	}
	return strings.Join(names, " ")
}

func TestListsAreNewestFirst(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"a", "b", "c"} {
		w.document(w.first, name, name)
		w.clock.Add(time.Second.Microseconds())
	}
	if got := w.get(w.first.token, "/api/v4/Document/Camt").names(t); got != "c b a" {
		t.Errorf("new: %s", got)
	}
	if got := w.get(w.first.token, "/api/v4/Document/Camt/History?start=2026-03-01&end=2026-03-03").names(t); got != "c b a" {
		t.Errorf("history: %s", got)
	}
}

// A day is a day in Berlin, whole, on both ends of the period; it is the day on which the document was made available.
func TestHistoryCountsWholeDaysInBerlin(t *testing.T) {
	w := newWorld(t)
	for _, at := range []string{
		"2026-03-28T22:59:59Z", // Saturday before the clocks change, 23:59:59
		"2026-03-28T23:00:00Z", // Sunday 00:00, a day of 23 hours
		"2026-03-29T21:59:59Z", // Sunday 23:59:59
		"2026-03-29T22:00:00Z", // Monday 00:00
	} {
		w.at(at)
		w.document(w.first, at, at)
	}
	_, _, token := w.newToken(w.first.tenant, hub.ScopeDocumentRead)
	for _, c := range []struct{ name, query, want string }{
		{"the Sunday", "start=2026-03-29&end=2026-03-29", "2026-03-29T21:59:59Z 2026-03-28T23:00:00Z"},
		{"names in any case", "Start=2026-03-30&END=2026-03-30", "2026-03-29T22:00:00Z"},
		{"the Saturday", "start=2026-03-01&end=2026-03-28", "2026-03-28T22:59:59Z"},
		{"none", "start=2026-03-31&end=2026-03-31", ""},
		{"all time", "start=0001-01-01&end=9999-12-31", "2026-03-29T22:00:00Z 2026-03-29T21:59:59Z 2026-03-28T23:00:00Z 2026-03-28T22:59:59Z"},
		{"of an account", "start=2026-03-30&end=2026-03-30&iban=" + firstIBAN, "2026-03-29T22:00:00Z"},
	} {
		if got := w.get(token, "/api/v4/Document/Camt/History?"+c.query).names(t); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestHistoryTellsEverythingThatIsWrong(t *testing.T) {
	w := newWorld(t)
	for query, codes := range map[string][]string{
		"":                                          {"ERR-01-0012", "ERR-01-0012"},
		"start=2026-03-01":                          {"ERR-01-0012"},
		"start=&end=2026-03-01":                     {"ERR-01-0012"},
		"start=01.03.2026&end=2026-02-29":           {"ERR-01-0004", "ERR-01-0005"},
		"start=x":                                   {"ERR-01-0004", "ERR-01-0012"},
		"start=2026-03-02&end=2026-03-01":           {"ERR-01-0006"},
		"start=2026-03-01T00:00&end=0000-1-1":       {"ERR-01-0004", "ERR-01-0005"},
		"start=%zz&end=2026-03-01":                  {"ERR-09-0003"},
		"start=2026-03-01&end=2026-03-01&iban=DE00": {"ERR-04-0009"},
	} {
		w.get(w.first.token, "/api/v4/Document/Camt/History?"+query).want(t, query, 400, codes...)
	}
}

func TestTheIBANFilterKnowsTheTenantsAccounts(t *testing.T) {
	w := newWorld(t)
	w.document(w.first, "a", "a")
	spaced := w.first.iban[:4] + "%20" + strings.ToLower(w.first.iban[4:])
	for _, iban := range []string{w.first.iban, spaced, ""} {
		if got := w.get(w.first.token, "/api/v4/Document/Camt?iban="+iban).names(t); got != "a" {
			t.Errorf("%q: %s", iban, got)
		}
	}
	w.get(w.first.token, "/api/v4/Document/Camt?iban="+otherIBAN).want(t, "unknown", 400, "ERR-04-0009")
}

func (w *world) isNew(id hub.DocumentID) bool {
	w.t.Helper()
	return strings.Contains(w.get(w.first.token, "/api/v4/Document/Camt/"+string(id)+"/Item").body, `"isNew":true`)
}

func TestReadingAcknowledgesUnlessToldNotTo(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct {
		query string
		isNew bool
	}{
		{"?ack=false", true}, {"?Ack=False", true}, {"?ack=0", true}, {"", false}, {"?ack=true", false}, {"?ack=", false}, {"?other=false", false},
	} {
		id := w.document(w.first, "a", "content of "+c.query)
		for range 2 { // the second time is no different
			a := w.get(w.first.token, "/api/v4/Document/Camt/"+string(id)+c.query)
			if a.status != 200 || a.body != "content of "+c.query || a.header.Get("Content-Type") != "text/xml" {
				t.Errorf("%q: %d %q", c.query, a.status, a.body)
			}
		}
		if w.isNew(id) != c.isNew {
			t.Errorf("%q: new %v", c.query, !c.isNew)
		}
	}
	// A value that is neither must not be taken for either.
	id := w.document(w.first, "a", "z")
	w.get(w.first.token, "/api/v4/Document/Camt/"+string(id)+"?ack=no").want(t, "ack=no", 400, "ERR-09-0003")
	if !w.isNew(id) {
		t.Error("a refused request has acknowledged")
	}
}

// broken is a connection that ends after some bytes, or when it is flushed.
type broken struct {
	header http.Header
	left   int
}

var errBroken = errors.New("broken pipe")

func (b *broken) Header() http.Header { return b.header }
func (b *broken) WriteHeader(int)     {}
func (b *broken) FlushError() error   { return errBroken }
func (b *broken) Write(p []byte) (int, error) {
	if len(p) > b.left {
		return b.left, errBroken
	}
	b.left -= len(p)
	return len(p), nil
}

// A statement that was cut off on its way must be offered again: acknowledging it would lose it for a client that reads only what is new.
func TestACutAnswerIsNotAcknowledged(t *testing.T) {
	w := newWorld(t)
	content := strings.Repeat("statement ", 100_000) // several chunks
	id := w.document(w.first, "a", content)
	for _, left := range []int{0, 70_000, len(content)} { // the last one takes all and fails at the flush
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/api/v4/Document/Camt/"+string(id), nil)
		r.Header.Set("Authorization", "Bearer "+w.first.token)
		func() {
			defer func() {
				if v := recover(); v != http.ErrAbortHandler {
					t.Errorf("after %d bytes: recovered %v, want the connection aborted", left, v)
				}
			}()
			w.handler.ServeHTTP(&broken{http.Header{}, left}, r)
		}()
		if !w.isNew(id) {
			t.Fatalf("acknowledged though the connection broke after %d bytes", left)
		}
	}
	if a := w.get(w.first.token, "/api/v4/Document/Camt/"+string(id)); a.body != content {
		t.Error("the document is not whole afterwards")
	}
}

// Over a real connection with TLS, HTTP/1.1 and HTTP/2: what was read completely is not new in the next answer.
func TestARetrievedDocumentIsNotNewInTheNextAnswer(t *testing.T) {
	for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
		t.Run(protocol, func(t *testing.T) {
			w := newWorld(t)
			s := httptest.NewUnstartedServer(w.handler)
			s.EnableHTTP2 = protocol == "HTTP/2.0"
			s.StartTLS()
			t.Cleanup(s.Close)
			get := func(path string) (int, string) {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
				must(t, err)
				r.Header.Set("Authorization", "Bearer "+w.first.token)
				response, err := s.Client().Do(r)
				must(t, err)
				if response.Proto != protocol {
					t.Fatalf("spoke %s", response.Proto)
				}
				body, err := io.ReadAll(response.Body)
				must(t, err)
				must(t, response.Body.Close())
				return response.StatusCode, string(body)
			}
			for i := range 20 {
				content := strings.Repeat("x", i*20_000) + string(rune('a'+i))
				id := w.document(w.first, "a", content)
				if status, body := get("/api/v4/Document/Camt/" + string(id)); status != 200 || body != content {
					t.Fatalf("file %d: %d, %d bytes", i, status, len(body))
				}
				if status, body := get("/api/v4/Document/Camt"); status != 204 {
					t.Fatalf("after file %d: %d %s", i, status, body)
				}
			}
		})
	}
}
