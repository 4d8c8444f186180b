package app

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// Go's server drops a request that arrives while it shuts down. A balancer that asks /readyz learns before that where not to send any.
func TestStoppingProcessAnswersWhileItDrains(t *testing.T) {
	s := settings(t.TempDir())
	s.Drain = time.Second
	p := serve(t, s)
	p.stop()
	deadline := time.Now().Add(10 * time.Second)
	for {
		if status, _ := p.get(p.ready.URL + "/readyz"); status == http.StatusServiceUnavailable {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("a process that is stopped calls itself ready")
		}
	}
	answer, err := p.client().Get(p.ready.URL + "/api/v4/Payment/Sepa/Pain/item")
	if err != nil {
		t.Fatalf("a request while it drains: %v", err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	if answer.StatusCode != http.StatusUnauthorized || !answer.Close {
		t.Errorf("while it drains: %d, connection closed: %t", answer.StatusCode, answer.Close)
	}
	if err := <-p.ended; err != nil {
		t.Errorf("serve ended with %v", err)
	}
}

func TestDrainHasALimit(t *testing.T) {
	for _, tc := range []struct {
		drain time.Duration
		want  string // part of the reason; "" = accepted
	}{
		{0, ""}, {time.Minute, ""}, {-time.Second, "drain"}, {time.Minute + 1, "drain"},
	} {
		s := settings(t.TempDir())
		s.Drain = tc.drain
		if err := s.Validate(); (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("drain %s: %v", tc.drain, err)
		}
	}
}
