package app

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A body that comes at the rate may take as long as it needs; one that stands still has what the grace gives it, from its begin.
func TestDeadlinesMoveWithTheBytes(t *testing.T) {
	var last time.Time
	begin := time.Now()
	p := pace{begin: begin, deadline: func(at time.Time) error { last = at; return nil }}
	p.move(0)
	if got := last.Sub(begin); got != paceGrace {
		t.Errorf("before the first byte: %v, want %v", got, paceGrace)
	}
	p.move(1)
	p.move(paceBytes - 2)
	if got := last.Sub(begin); got != paceGrace {
		t.Errorf("after a drip: %v, want %v", got, paceGrace)
	}
	p.move(1 + 59*paceBytes)
	if got := last.Sub(begin); got != paceGrace+time.Minute {
		t.Errorf("after a minute's worth of bytes: %v, want %v", got, paceGrace+time.Minute)
	}
}

func TestPacedHandlerPassesBodyAndAnswer(t *testing.T) {
	server := httptest.NewServer(paced(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if _, err := w.Write(body); err != nil {
			t.Error(err)
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Errorf("flush through the wrapper: %v", err)
		}
	})))
	defer server.Close()
	for range 2 { // the second request goes over the same connection
		answer, err := http.Post(server.URL, "text/plain", io.LimitReader(repeat('x'), 1<<20))
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, answer.Body)
		if err != nil || n != 1<<20 {
			t.Errorf("%d bytes came back, %v", n, err)
		}
		_ = answer.Body.Close()
	}
}

type repeat byte

func (r repeat) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(r)
	}
	return len(p), nil
}

// Many clients send all of a body before they look at the answer. A refusal must reach them all the same.
func TestRefusalReachesAClientThatSendsFirst(t *testing.T) {
	server := httptest.NewTLSServer(paced(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized) // without a look at the body
	})))
	defer server.Close()
	const size = 5 << 20
	for range 10 {
		c, err := tls.Dial("tcp", server.Listener.Addr().String(), &tls.Config{RootCAs: server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n", size); err != nil {
			t.Fatal(err)
		}
		if _, err := io.CopyN(c, repeat('x'), size); err != nil {
			t.Fatalf("sending: %v", err)
		}
		answer, err := http.ReadResponse(bufio.NewReader(c), nil) //nolint:bodyclose // its connection is closed below
		if err != nil || answer.StatusCode != http.StatusUnauthorized {
			t.Fatalf("answer %v, %v; want 401", answer, err)
		}
		_ = c.Close()
	}
}
