package app

import (
	"context"
	"net/http"
	"time"
)

// routes is what the API's address serves.
func (p *process) routes(api http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", p.readyz)
	mux.Handle("/", p.metrics.observe(p.leaving(paced(api))))
	return mux
}

// operations is what the metrics address serves.
func (p *process) operations() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", alive)
	mux.HandleFunc("GET /readyz", p.readyz)
	mux.Handle("GET /metrics", p.metrics.handler())
	return mux
}

// alive says that the process runs.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // whoever asked may be gone
}

// readyz says whether the process can do its work: started, not stopping, and the database answers.
func (p *process) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, done := context.WithTimeout(r.Context(), 2*time.Second)
	defer done()
	if !p.metrics.ready.Load() || p.Store.Ping(ctx) != nil {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	alive(w, r)
}
