package app

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"kontor/internal/config"
	"kontor/internal/hub"
)

func settings(data string) config.Serve {
	return config.Serve{
		Storage: config.Storage{Data: data}, Listen: "127.0.0.1:0", MetricsListen: "127.0.0.1:0", MaxFileBytes: 1 << 30, Workers: 4, SegmentSize: 500_000,
		PollOpen: time.Minute, PollIdle: time.Hour, PollStatements: time.Hour, PollAfterSend: time.Second, Lease: 5 * time.Second,
		RetryFirst: time.Second, RetryLimit: time.Minute, Sweep: 100 * time.Millisecond, BankTimeout: 5 * time.Second, Node: "node-1",
	}
}

// serving is a running process of the hub within this one.
type serving struct {
	t     *testing.T
	ready Ready
	stop  context.CancelFunc
	ended chan error
}

// serve starts one and waits for its ready line.
func serve(t *testing.T, s config.Serve) *serving {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	p := &serving{t: t, stop: stop, ended: make(chan error, 1)}
	go func() {
		err := Serve(ctx, s, w, quiet)
		_ = w.CloseWithError(io.EOF) // a pipe's writer always closes
		p.ended <- err
	}()
	t.Cleanup(func() { stop() })
	line, err := bufio.NewReader(r).ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v", <-p.ended)
	}
	if err := json.Unmarshal(line, &p.ready); err != nil {
		t.Fatalf("ready line %q: %v", line, err)
	}
	return p
}

// end stops the process as SIGTERM does and returns how long that took.
func (p *serving) end() time.Duration {
	p.t.Helper()
	begin := time.Now()
	p.stop()
	select {
	case err := <-p.ended:
		if err != nil {
			p.t.Errorf("serve ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		p.t.Fatal("serve does not end")
	}
	return time.Since(begin)
}

// client trusts the authority that the ready line names.
func (p *serving) client() *http.Client {
	p.t.Helper()
	pool := x509.NewCertPool()
	if p.ready.CA != "" {
		pem, err := os.ReadFile(p.ready.CA)
		if err != nil || !pool.AppendCertsFromPEM(pem) {
			p.t.Fatalf("authority %s: %v", p.ready.CA, err)
		}
	}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: pool}}}
}

func (p *serving) get(url string) (status int, body string) {
	p.t.Helper()
	answer, err := p.client().Get(url)
	if err != nil {
		p.t.Fatal(err)
	}
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		p.t.Fatal(err)
	}
	return answer.StatusCode, string(raw)
}

func TestServeFromStartToStop(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := settings(filepath.Join(t.TempDir(), "data"))
	p := serve(t, s)
	if !strings.HasPrefix(p.ready.URL, "https://127.0.0.1:") || !strings.HasPrefix(p.ready.Metrics, "http://127.0.0.1:") || p.ready.CA == "" {
		t.Fatalf("ready line %+v", p.ready)
	}
	for _, url := range []string{p.ready.URL, p.ready.Metrics} {
		for _, path := range []string{"/healthz", "/readyz"} {
			if status, body := p.get(url + path); status != http.StatusOK || body != "ok\n" {
				t.Errorf("%s%s: %d %q", url, path, status, body)
			}
		}
	}
	if status, _ := p.get(p.ready.URL + "/api/v4/Payment/Sepa/Pain/item"); status != http.StatusUnauthorized {
		t.Errorf("without a token: %d", status)
	}
	status, metrics := p.get(p.ready.Metrics + "/metrics")
	for _, want := range []string{`kontor_http_request_duration_seconds_count{method="GET",status="401"} 1`, "go_goroutines"} {
		if status != http.StatusOK || !strings.Contains(metrics, want) {
			t.Errorf("metrics (%d) lack %s", status, want)
		}
	}
	if status, _ := p.get(p.ready.URL + "/metrics"); status == http.StatusOK {
		t.Error("metrics are shown on the API's address")
	}
	// A second process must not work on the same folder.
	if err := Serve(t.Context(), s, io.Discard, quiet); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second process: %v", err)
	}
	if took := p.end(); took > 5*time.Second {
		t.Errorf("an idle process took %v to stop", took)
	}
	again := serve(t, s) // what was left is good for another start
	if took := again.end(); took > 5*time.Second {
		t.Errorf("an idle process took %v to stop", took)
	}
}

// A client that holds a connection open and says nothing must not keep the process from stopping.
func TestSilentClientDoesNotKeepTheProcess(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	p := serve(t, settings(t.TempDir()))
	address := strings.TrimPrefix(p.ready.URL, "https://")
	tlsConfig := p.client().Transport.(*http.Transport).TLSClientConfig
	tlsConfig.ServerName = "127.0.0.1"
	c, err := tls.Dial("tcp", address, tlsConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close() //nolint:errcheck // the server has closed it
	if _, err := io.WriteString(c, "POST /api/v4/Payment/Sepa/Pain HTTP/1.1\r\nHost: "+address+"\r\nContent-Length: 1000000\r\n"); err != nil {
		t.Fatal(err)
	}
	if took := p.end(); took > 10*time.Second {
		t.Errorf("it took %v to stop", took)
	}
}

func TestStoppedProcessLeavesASealedChain(t *testing.T) {
	s := settings(t.TempDir())
	p := serve(t, s)
	h, err := Open(t.Context(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	tenant, err := h.Onboard.AddTenant(t.Context(), hub.OperatorActor("eva"), "acme", "Acme", hub.TenantSettings{})
	if err != nil {
		t.Fatal(err)
	}
	p.end()
	all, err := h.VerifyAudit(t.Context(), tenant.ID.Owner())
	if err != nil || len(all) != 1 || all[0].Chained != 1 || all[0].Pending != 0 || all[0].Fault != "" {
		t.Errorf("chain %+v (%v)", all, err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

func TestServeRefuses(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close() //nolint:errcheck // nothing was sent
	for _, tc := range []struct {
		name   string
		change func(*config.Serve)
		want   string
	}{
		{"unsafe settings", func(s *config.Serve) { s.PlainHTTP, s.Listen = true, "0.0.0.0:0" }, "loopback"},
		{"address in use", func(s *config.Serve) { s.Listen = taken.Addr().String() }, "listen"},
		{"metrics address in use", func(s *config.Serve) { s.MetricsListen = taken.Addr().String() }, "listen"},
		{"certificate that is not there", func(s *config.Serve) { s.TLSCert, s.TLSKey = "none.pem", "none.key" }, "TLS"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			s := settings(t.TempDir())
			tc.change(&s)
			if err := Serve(t.Context(), s, io.Discard, quiet); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestPlainHTTPOnLoopback(t *testing.T) {
	s := settings(t.TempDir())
	s.PlainHTTP = true
	p := serve(t, s)
	defer p.end()
	if !strings.HasPrefix(p.ready.URL, "http://127.0.0.1:") || p.ready.CA != "" {
		t.Errorf("ready line %+v", p.ready)
	}
	if status, _ := p.get(p.ready.URL + "/healthz"); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
}

// What a process left in hand when it was killed is taken up at the next start: leases of a dead process must not be waited for.
func TestLeasesOfADeadProcessAreReleasedAtTheStart(t *testing.T) {
	s := settings(t.TempDir())
	h, err := Open(t.Context(), s.Storage, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if _, held, err := h.Store.Acquire(t.Context(), "file:t/f", "dead", time.Hour); err != nil || !held {
		t.Fatal(held, err)
	}
	p := serve(t, s)
	defer p.end()
	_, held, err := h.Store.Acquire(t.Context(), "file:t/f", "living", time.Second)
	if err != nil || !held {
		t.Errorf("the dead process's lease still holds (%v)", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
}

// Files would be judged by another schema than the operator means.
func TestASchemaThatCannotBeUsedStopsTheStart(t *testing.T) {
	s := settings(t.TempDir())
	s.SchemaFolder = t.TempDir()
	text := "<xs:schema xmlns=\"urn:x\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:x\" elementFormDefault=\"qualified\">\n<xs:element name=\"Document\" type=\"Nowhere\"/>\n</xs:schema>\n"
	if err := os.WriteFile(filepath.Join(s.SchemaFolder, "house.xsd"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Serve(t.Context(), s, io.Discard, quiet); err == nil || !strings.Contains(err.Error(), "house.xsd:2") || !strings.Contains(err.Error(), "schema-folder") {
		t.Errorf("serve ended with %v", err)
	}
	if err := os.WriteFile(filepath.Join(s.SchemaFolder, "house.xsd"), []byte(strings.Replace(text, "Nowhere", "xs:string", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	serve(t, s).end()
	s.SchemaFolder = filepath.Join(s.SchemaFolder, "missing")
	if err := Serve(t.Context(), s, io.Discard, quiet); err == nil || !strings.Contains(err.Error(), "schema-folder") {
		t.Errorf("serve ended with %v", err)
	}
}
