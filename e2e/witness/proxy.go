// Package witness stands between the hub and its bank and tells what it saw: a recording reverse proxy that can also misbehave like a bank
// or a network, and scripts by which programs that share no code with Kontor judge the recorded messages.
package witness

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/loopback"
)

// maxMessage limits a message in either direction.
const maxMessage = 32 << 20

// Answer is what the hub gets. With Cut the connection ends without a byte of an answer; with Hang nothing comes until the hub gives up.
type Answer struct {
	Status    int
	Body      []byte
	Cut, Hang bool
	Break     Break // how it goes wrong on the wire
}

// Rule decides about one request. ask forwards a request to the bank and returns its answer; a rule may leave it, or ask more than once,
// also with other bytes.
type Rule func(m Message, ask func(request []byte) Answer) Answer

// Exchange is a request of the hub and what it got for it.
type Exchange struct {
	Message                  // outline of the request
	Reply       Message      // outline of the bank's answer, zero if the bank was not asked
	Answer      Answer       // what the hub got
	BankAnswers []BankAnswer // what was asked of the bank for it
}

// BankAnswer is one request that reached the bank, and its answer.
type BankAnswer struct {
	Request []byte
	Answer  Answer
}

// Proxy is a reverse proxy on loopback, over plain HTTP or TLS. Its methods are safe for concurrent use.
type Proxy struct {
	URL string // what the hub is told as the bank's address
	CA  string // path of the authority to trust; "" over plain HTTP

	t      testing.TB
	target string
	folder string
	client *http.Client

	mu        sync.Mutex
	rule      Rule
	exchanges []Exchange
}

// StartProxy starts a proxy before the EBICS address target, which is plain HTTP too, and stops it with the test. With a folder every
// exchange is written there: 0001-request.xml, 0001-answer.xml.
func StartProxy(t testing.TB, target, folder string) *Proxy {
	t.Helper()
	return start(t, target, folder, false)
}

// StartTLSProxy is StartProxy with TLS towards the hub.
func StartTLSProxy(t testing.TB, target, folder string) *Proxy {
	t.Helper()
	return start(t, target, folder, true)
}

func start(t testing.TB, target, folder string, secured bool) *Proxy {
	t.Helper()
	var listen net.ListenConfig
	listener, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	p := &Proxy{
		URL: "http://" + listener.Addr().String() + "/ebics", t: t, target: target, folder: folder,
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 8}},
	}
	if secured {
		config, ca, err := loopback.TLS(t.TempDir(), "Bank", listener.Addr(), time.Now())
		if err != nil {
			t.Fatalf("TLS: %v", err)
		}
		listener = tls.NewListener(listener, config)
		p.URL, p.CA = "https"+strings.TrimPrefix(p.URL, "http"), ca
	}
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0)} // aborted handshakes are meant
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			_ = server.Close() // what still hangs is cut off
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("proxy: %v", err)
		}
		p.client.CloseIdleConnections()
	})
	return p
}

// Retarget leads the proxy to another address of the bank.
func (p *Proxy) Retarget(target string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = target
}

// Intercept has r decide about every request from now on; nil passes everything.
func (p *Proxy) Intercept(r Rule) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rule = r
}

// Exchanges returns what was exchanged so far, in the order of the answers.
func (p *Proxy) Exchanges() []Exchange {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Exchange(nil), p.exchanges...)
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMessage))
	if err != nil {
		return // the hub is gone, perhaps killed by the test
	}
	p.mu.Lock()
	rule, target := p.rule, p.target
	p.mu.Unlock()
	x := Exchange{Message: Outline(body)}
	// What reached us reaches the bank, whatever becomes of the hub meanwhile: a network does not take bytes back.
	ctx := context.WithoutCancel(r.Context())
	ask := func(request []byte) Answer {
		a := p.forward(ctx, target, request)
		x.BankAnswers = append(x.BankAnswers, BankAnswer{request, a})
		x.Reply = Outline(a.Body)
		return a
	}
	if rule == nil {
		x.Answer = ask(body)
	} else {
		x.Answer = rule(x.Message, ask)
	}
	p.record(x)
	if x.Answer.Hang {
		<-r.Context().Done()
	}
	if x.Answer.Cut || x.Answer.Hang {
		panic(http.ErrAbortHandler)
	}
	if x.Answer.Break != Intact {
		breaks(w, r, x.Answer)
		return
	}
	w.Header().Set("Content-Type", "text/xml; charset=UTF-8")
	w.WriteHeader(x.Answer.Status)
	if _, err := w.Write(x.Answer.Body); err != nil {
		return // as above
	}
}

// forward asks the bank; a bank that cannot be reached is a cut connection.
func (p *Proxy) forward(ctx context.Context, target string, request []byte) Answer {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(request))
	if err != nil {
		p.t.Errorf("proxy: %v", err)
		return Answer{Cut: true}
	}
	r.Header.Set("Content-Type", "text/xml; charset=UTF-8")
	response, err := p.client.Do(r)
	if err != nil {
		return Answer{Cut: true}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxMessage))
	if err != nil {
		return Answer{Cut: true}
	}
	return Answer{Status: response.StatusCode, Body: body}
}

func (p *Proxy) record(x Exchange) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanges = append(p.exchanges, x)
	if p.folder == "" {
		return
	}
	for name, content := range map[string][]byte{"request": x.Raw, "answer": x.Answer.Body} {
		path := filepath.Join(p.folder, fmt.Sprintf("%04d-%s.xml", len(p.exchanges), name))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			p.t.Errorf("record: %v", err)
		}
	}
}
