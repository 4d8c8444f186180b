package app

import (
	"net/http"
	"time"
)

// drain goes on answering for a while after the order to stop. Go's server drops what reaches it while it shuts down, and a client cannot
// tell whether a request without an answer was done; with /readyz at 503 a balancer turns to other nodes first, and nothing is left to drop.
func (p *process) drain(d time.Duration) {
	if d <= 0 {
		return
	}
	p.log.Info("draining", "for", d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// leaving ends the connections of a process that is being stopped, each with its next answer.
func (p *process) leaving(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !p.metrics.ready.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
