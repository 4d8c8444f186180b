package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kontor/e2e/rig"
)

// numbers makes every payment file of this process unique.
var numbers atomic.Int64

// load submits payment files to one hub. It speaks HTTP on connections of its own instead of through http.Client, which would cost the
// two processors more than the hub's side of HTTP does: what is measured is the hub.
type load struct {
	in    *installation
	host  string
	tls   *tls.Config
	token string
	idle  chan *line // connections nobody uses now; their number is the limit
}

// connections is how many connections the clients keep open together at most, as clients and proxies do that send many files. A request
// that finds none free waits for one, and its waiting counts.
const connections = 64

// line is one kept connection.
type line struct {
	conn net.Conn // nil until its first use
	in   *bufio.Reader
}

// newLoad logs in.
func newLoad(t testing.TB, in *installation, h *hub) *load {
	t.Helper()
	pem, err := os.ReadFile(h.ready.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	l := &load{
		in: in, host: strings.TrimPrefix(h.ready.URL, "https://"), tls: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
		idle: make(chan *line, connections),
	}
	for range connections {
		l.idle <- &line{}
	}
	t.Cleanup(func() {
		for range connections {
			if c := <-l.idle; c.conn != nil {
				_ = c.conn.Close() // the hub may have closed it first
			}
		}
	})
	body, err := json.Marshal(map[string]any{"apiKey": in.key, "client": map[string]string{"name": "bench", "version": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := l.post(t.Context(), rig.PathLogin, "application/json", body, http.StatusOK)
	if err != nil {
		t.Fatal(err)
	}
	var login struct {
		AccessToken string `json:"accessToken"`
	}
	if err := json.Unmarshal(answer, &login); err != nil || login.AccessToken == "" {
		t.Fatalf("login: %v", err)
	}
	l.token = login.AccessToken
	return l
}

func (l *load) post(ctx context.Context, path, contentType string, body []byte, want int) ([]byte, error) {
	c := <-l.idle
	defer func() { l.idle <- c }()
	if c.conn == nil {
		dialer := tls.Dialer{Config: l.tls}
		conn, err := dialer.DialContext(ctx, "tcp", l.host)
		if err != nil {
			return nil, err
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
	}
	if err := c.conn.SetDeadline(time.Now().Add(rig.Patience)); err != nil {
		return nil, err
	}
	message := fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n",
		path, l.host, l.token, contentType, len(body))
	if _, err := c.conn.Write(append(message, body...)); err != nil {
		return nil, err
	}
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if cerr := res.Body.Close(); err == nil {
		err = cerr
	}
	if err == nil && res.StatusCode != want {
		err = fmt.Errorf("HTTP %d: %s", res.StatusCode, answer)
	}
	return answer, err
}

// submit sends one file that nobody has sent before; anything but its acceptance is an error.
func (l *load) submit(ctx context.Context) error {
	answer, err := l.post(ctx, rig.PathPayment, "application/xml", l.in.file(numbers.Add(1)), http.StatusCreated)
	if err == nil && !bytes.Contains(answer, []byte("KON_ACCEPTED_AND_QUEUED")) {
		err = fmt.Errorf("the file was not queued: %s", answer)
	}
	return err
}

// outcome is what one run has seen.
type outcome struct {
	perSecond float64
	latencies []time.Duration // sorted
}

// closed has so many clients do one thing after the other for a time.
func closed(t testing.TB, clients int, d time.Duration, one func(ctx context.Context) error) outcome {
	t.Helper()
	var mu sync.Mutex
	var out outcome
	var wait sync.WaitGroup
	begin := time.Now()
	for range clients {
		wait.Go(func() {
			var mine []time.Duration
			for time.Since(begin) < d {
				start := time.Now()
				if err := one(t.Context()); err != nil {
					t.Error(err)
					return
				}
				mine = append(mine, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			out.latencies = append(out.latencies, mine...)
		})
	}
	wait.Wait()
	if t.Failed() {
		t.FailNow()
	}
	slices.Sort(out.latencies)
	out.perSecond = float64(len(out.latencies)) / time.Since(begin).Seconds()
	return out
}

// arriving has requests arrive by chance at a mean rate, whether earlier ones were answered or not. A latency counts from the planned
// moment, so that a hub that stands still is charged for all who would have come meanwhile.
func arriving(t testing.TB, perSecond float64, d time.Duration, one func(ctx context.Context) error) outcome {
	t.Helper()
	chance := rand.New(rand.NewPCG(1, 2))
	var mu sync.Mutex
	var out outcome
	var wait sync.WaitGroup
	begin := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for next := time.Duration(0); next < d; next += time.Duration(chance.ExpFloat64() / perSecond * float64(time.Second)) {
		if early := next - time.Since(begin); early > 0 {
			timer.Reset(early)
			<-timer.C
		}
		wait.Go(func() {
			if err := one(t.Context()); err != nil {
				t.Error(err)
				return
			}
			took := time.Since(begin) - next
			mu.Lock()
			defer mu.Unlock()
			out.latencies = append(out.latencies, took)
		})
	}
	wait.Wait()
	if t.Failed() {
		t.FailNow()
	}
	slices.Sort(out.latencies)
	out.perSecond = float64(len(out.latencies)) / time.Since(begin).Seconds()
	return out
}
