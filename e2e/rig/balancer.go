package rig

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bodyLimit is how many bytes of a request the balancer takes.
const bodyLimit = 64 << 20

// healthEvery is the pause between two questions of the balancer whether a node is ready.
const healthEvery = 100 * time.Millisecond

// Balancer spreads requests over nodes as the balancers do that people put before them: in turn over those whose /readyz says that they are
// ready. What did not reach a node, because there was no connection, goes to the next one. What may have reached it goes to the next one
// only if it can be repeated without harm, as a GET can; a POST's failure is passed on to the client as 502.
type Balancer struct {
	server *httptest.Server
	nodes  []*Hub
	ready  []atomic.Bool
	missed []int // looks without an answer in a row; each node's watcher has its own
	next   atomic.Int64

	mu      sync.Mutex
	served  map[string]int // answers by node
	hidden  int            // tries on a node that the client did not notice, since another node answered
	refused int            // 502 and 503 of the balancer's own
	reasons []string       // for the refusals
	doubts  []string       // by node: what the last look at its health found
}

// NewBalancer starts a balancer on loopback, which knows already which nodes are ready. It ends with the test.
func NewBalancer(t testing.TB, nodes ...*Hub) *Balancer {
	t.Helper()
	b := &Balancer{nodes: nodes, ready: make([]atomic.Bool, len(nodes)), missed: make([]int, len(nodes)), served: map[string]int{}, doubts: make([]string, len(nodes))}
	ctx, stop := context.WithCancel(context.Background())
	var watching sync.WaitGroup
	for n := range nodes {
		b.look(ctx, n)
		watching.Go(func() { b.watch(ctx, n) })
	}
	b.server = httptest.NewServer(b)
	t.Cleanup(func() {
		stop()
		watching.Wait()
		b.server.Close()
	})
	return b
}

// HTTP returns a client for the balancer and its address.
func (b *Balancer) HTTP() (client *http.Client, address string, err error) {
	return b.server.Client(), b.server.URL, nil
}

// Client returns an ERP that reaches the hub through the balancer.
func (b *Balancer) Client(key string) *Client { return &Client{Key: key, hub: b} }

// Counts says how many answers each node gave, how many failed tries were hidden from clients, and how many were not.
func (b *Balancer) Counts() (served map[string]int, hidden, refused int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	served = map[string]int{}
	for node, n := range b.served {
		served[node] = n
	}
	return served, b.hidden, b.refused
}

// watch asks a node again and again whether it is ready.
func (b *Balancer) watch(ctx context.Context, n int) {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			b.look(ctx, n)
		}
	}
}

func (b *Balancer) look(ctx context.Context, n int) {
	ctx, done := context.WithTimeout(ctx, 2*time.Second)
	defer done()
	begin := time.Now()
	got, err := b.try(ctx, b.nodes[n], http.MethodGet, "/readyz", nil, nil)
	switch {
	case err == nil && got.Status == http.StatusOK:
		b.missed[n] = 0
		b.ready[n].Store(true)
	case err == nil: // it says so itself
		b.ready[n].Store(false)
	default: // one question without an answer may be the network's fault
		if b.missed[n]++; b.missed[n] > 1 {
			b.ready[n].Store(false)
		}
	}
	b.count(func() {
		b.doubts[n] = fmt.Sprintf("%s: HTTP %d, error %v, after %s", b.nodes[n].Name(), got.Status, err, time.Since(begin).Round(time.Millisecond))
	})
}

// Ready says whether the balancer sends requests to a node.
func (b *Balancer) Ready(node *Hub) bool {
	for n := range b.nodes {
		if b.nodes[n] == node {
			return b.ready[n].Load()
		}
	}
	return false
}

// ServeHTTP implements http.Handler.
func (b *Balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, bodyLimit))
	if err != nil {
		return // the client is gone
	}
	if r.Method == http.MethodGet {
		body = nil
	}
	header := r.Header.Clone()
	header.Del("Connection")
	// A GET may be tried on each node twice: a node may die between two looks at its health.
	for range 2 * len(b.nodes) {
		node := b.pick()
		if node == nil {
			break
		}
		got, err := b.try(r.Context(), node, r.Method, r.URL.RequestURI(), header, body)
		if err == nil {
			b.count(func() { b.served[node.Name()]++ })
			answer(w, got)
			return
		}
		if _, unsent := errors.AsType[*unsentError](err); !unsent && r.Method != http.MethodGet {
			b.refuse(node.Name() + " did not answer: " + err.Error())
			http.Error(w, "the node did not answer", http.StatusBadGateway)
			return
		}
		b.count(func() { b.hidden++ })
	}
	b.refuse("no node is ready")
	http.Error(w, "no node is ready", http.StatusServiceUnavailable)
}

func (b *Balancer) refuse(reason string) {
	b.count(func() {
		b.refused++
		b.reasons = append(b.reasons, reason+"; seen last: "+strings.Join(b.doubts, ", "))
	})
}

// Reasons says why the balancer refused requests.
func (b *Balancer) Reasons() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.reasons)
}

func (b *Balancer) count(note func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	note()
}

// pick returns the next node that was ready a moment ago; nil if there is none. It counts on from one place by itself: when every step took
// the next number from all requests at once, one of two requests could be shown a node that is not ready twice, and the other never.
func (b *Balancer) pick() *Hub {
	from := int(b.next.Add(1))
	for step := range b.nodes {
		n := (from + step) % len(b.nodes)
		if b.ready[n].Load() {
			return b.nodes[n]
		}
	}
	return nil
}

// unsentError says that no connection came about: nothing of the request has left.
type unsentError struct{ err error }

// Error implements error.
func (e *unsentError) Error() string { return "nothing was sent: " + e.err.Error() }

// try sends a request to a node over a connection of its own, so that no request meets a connection that is being closed.
func (b *Balancer) try(ctx context.Context, node *Hub, method, path string, header http.Header, body []byte) (Answer, error) {
	client, base, err := node.HTTP()
	if err != nil {
		return Answer{}, &unsentError{err}
	}
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	request, err := http.NewRequestWithContext(ctx, method, base+path, io.NopCloser(bytes.NewReader(body))) //nolint:gosec // forwarding is what a balancer does
	if err != nil {
		return Answer{}, err
	}
	if body == nil {
		request.Body = http.NoBody
	}
	request.ContentLength, request.Close = int64(len(body)), true
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := client.Do(request) //nolint:gosec // as above
	if err != nil {
		if _, failed := errors.AsType[*url.Error](err); failed && !connected.Load() {
			return Answer{}, &unsentError{err}
		}
		return Answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, answerLimit))
	return Answer{response.StatusCode, response.Header, content}, err
}

// answer passes a node's answer on.
func answer(w http.ResponseWriter, a Answer) {
	for name, values := range a.Header {
		if name != "Connection" {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // the client may be gone
}
