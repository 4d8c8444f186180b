package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
)

// fakeBank answers everything with one error.
type fakeBank struct {
	bank
	answer error
}

func (b fakeBank) Initialise(context.Context, hub.Link, []byte) (hub.Transaction, []byte, error) {
	return hub.Transaction{}, nil, b.answer
}

func (b fakeBank) Transfer(context.Context, hub.Link, hub.Transaction, int, bool, []byte) ([]byte, error) {
	return nil, b.answer
}

func (b fakeBank) Download(context.Context, hub.Link, string, func(io.Reader) error) error {
	return b.answer
}

// everything makes each counter count once.
func everything(m *metrics) {
	m.FileEntered("", hub.StateQueued)
	m.LeaseTakenOver("file")
	m.LeaseLost("file")
	m.jobFinished("send", nil)
	m.jobFinished("send", errors.New("no"))
	m.uploadTried("bank", "CCT", "delivered")
	m.submissions.WithLabelValues("queued").Inc()
	m.documentWarned("CAMT-A3")
	l := hub.Link{Bank: hub.Bank{ID: "bank"}, Contact: hub.Contact{ID: "contact"}}
	for _, answer := range []error{
		nil, errors.New("ours"), &hub.BankError{Outcome: hub.BankNothing}, &hub.BankError{Outcome: hub.BankRefused, Code: "091005"},
		&hub.BankError{Outcome: hub.BankRefused, Code: "a code that a bank made up"},
	} {
		b := observedBank{fakeBank{answer: answer}, m}
		_, _, _ = b.Initialise(context.Background(), l, nil)
		_, _ = b.Transfer(context.Background(), l, hub.Transaction{}, 1, true, nil)
		_ = b.Download(context.Background(), l, "C53", nil)
	}
}

func TestBanksAnswersAreCounted(t *testing.T) {
	m := newMetrics("test")
	everything(m)
	shown := scrape(t, m)
	for _, want := range []string{
		`kontor_bank_return_codes_total{bank="bank",code="091005"} 3`,
		`kontor_bank_return_codes_total{bank="bank",code="other"} 3`, // a bank cannot make up labels
		`kontor_orders_total{bank="bank",direction="download",order_type="C53",outcome="data"} 1`,
		`kontor_orders_total{bank="bank",direction="download",order_type="C53",outcome="nothing"} 1`,
		`kontor_orders_total{bank="bank",direction="download",order_type="C53",outcome="refused"} 2`,
		`kontor_orders_total{bank="bank",direction="upload",order_type="CCT",outcome="delivered"} 1`,
		`kontor_polls_total{contact="contact",order_type="C53",result="internal"} 1`,
		`kontor_bank_request_duration_seconds_count{bank="bank",outcome="done",step="transfer"} 1`,
		`kontor_jobs_finished_total{kind="send",result="done"} 1`,
		`kontor_jobs_finished_total{kind="send",result="failed"} 1`,
	} {
		if !strings.Contains(shown, want+"\n") {
			t.Errorf("%s is not shown", want)
		}
	}
}

func scrape(t *testing.T, m *metrics) string {
	t.Helper()
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	if len(families) < 10 {
		t.Fatalf("only %d metrics", len(families))
	}
	return shownBy(t, m)
}

func shownBy(t *testing.T, m *metrics) string {
	t.Helper()
	w := &answer{header: http.Header{}}
	m.handler().ServeHTTP(w, &http.Request{Method: http.MethodGet, Header: http.Header{}})
	return w.String()
}

type answer struct {
	bytes.Buffer
	header http.Header
}

func (a *answer) Header() http.Header { return a.header }
func (a *answer) WriteHeader(int)     {}

var shownName = regexp.MustCompile(`(?m)^# TYPE (kontor_\w+) (\w+)$`)

// What is not described is on no page and in no alert; what is described and never shown is a promise.
func TestWhatIsShownIsWhatIsDescribed(t *testing.T) {
	s := settings(t.TempDir())
	h, err := Open(t.Context(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	m := newMetrics("test")
	p, err := newProcess(h, s, intake.Schemas{}, m)
	if err != nil {
		t.Fatal(err)
	}
	everything(m)
	p.metrics.requests.WithLabelValues("GET", "200").Observe(1)
	busy(t, p)
	kinds := map[string]string{}
	for _, found := range shownName.FindAllStringSubmatch(scrape(t, m), -1) {
		kinds[found[1]] = found[2]
	}
	allowed := regexp.MustCompile(`^(bank|contact|order_type|state|from|to|kind|result|code|outcome|step|direction|method|status|version|go_version)$`)
	for _, d := range Metrics() {
		if kinds[d.Name] != d.Kind {
			t.Errorf("%s is described as %s and shown as %q", d.Name, d.Kind, kinds[d.Name])
		}
		delete(kinds, d.Name)
		for _, l := range d.Labels {
			if !allowed.MatchString(l) {
				t.Errorf("%s has the label %s: is it a tenant's?", d.Name, l)
			}
		}
	}
	for name := range kinds {
		t.Errorf("%s is shown and not described", name)
	}
}

// busy makes the database hold something of everything that is counted.
func busy(t *testing.T, p *process) {
	t.Helper()
	ctx := t.Context()
	if err := p.Store.Postpone(ctx, "contact:x", "silent", 1e12, 1e12); err != nil {
		t.Fatal(err)
	}
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.InsertBank(ctx, hub.Bank{ID: "bank", Name: "Bank", URL: "https://localhost:1", HostID: "HOST", Created: p.Store.Now()}); err != nil {
			return err
		}
		c := hub.Contact{
			ID: "contact", Owner: hub.Operator, Bank: "bank", PartnerID: "P", UserID: "U", State: hub.ContactReady, Created: p.Store.Now(), Updated: p.Store.Now(),
		}
		if err := tx.InsertContact(ctx, c); err != nil {
			return err
		}
		if err := tx.InsertPoll(ctx, hub.Poll{Contact: "contact", OrderType: "C53", Kind: hub.PollStatement}); err != nil {
			return err
		}
		if err := tx.FinishPoll(ctx, "contact", "C53", hub.PollNothing, p.Store.Now()); err != nil {
			return err
		}
		return p.jobs.Enqueue(ctx, tx, hub.PollJob{Contact: "contact"})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A scrape must neither hang nor fail when the database does not answer: then of all times somebody looks.
func TestMetricsAreShownWithoutTheDatabase(t *testing.T) {
	s := settings(t.TempDir())
	h, err := Open(t.Context(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	m := newMetrics("test")
	if _, err := newProcess(h, s, intake.Schemas{}, m); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	shown := scrape(t, m)
	if !strings.Contains(shown, "kontor_census_success 0\n") || strings.Contains(shown, "kontor_payment_files{") {
		t.Errorf("without a database:\n%s", shown)
	}
}
