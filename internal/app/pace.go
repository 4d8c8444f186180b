package app

import (
	"io"
	"net/http"
	"time"
)

// A client may be slow, but not standing: within the grace, and from then on, its body must come, and our answer must go, at this rate.
// A file of a gigabyte may take hours; a connection that drips a byte now and then is cut.
const (
	paceGrace = 20 * time.Second
	paceBytes = 8 << 10 // bytes a second
)

// paced gives every request deadlines that move on with the bytes that pass.
func paced(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		begin := time.Now()
		out := &pacedWriter{ResponseWriter: w, pace: pace{deadline: control.SetWriteDeadline}}
		if r.Body != nil && r.Body != http.NoBody {
			body := &pacedBody{from: r.Body, pace: pace{begin: begin, deadline: control.SetReadDeadline}}
			r.Body = body
			if r.Header.Get("Expect") == "" { // who waits for our word has not begun to send
				out.body = body
			}
		}
		next.ServeHTTP(out, r)
		// The next request on this connection starts with deadlines of the server's own.
		_ = control.SetReadDeadline(time.Time{})
		_ = control.SetWriteDeadline(time.Time{})
	})
}

type pace struct {
	begin    time.Time // of the transfer; zero until its first byte
	passed   int64
	deadline func(time.Time) error
}

func (p *pace) move(n int) {
	if p.begin.IsZero() {
		p.begin = time.Now()
	}
	p.passed += int64(n)
	allowed := paceGrace + time.Duration(p.passed/paceBytes)*time.Second
	_ = p.deadline(p.begin.Add(allowed)) // where deadlines are not supported, the server's own limits remain
}

type pacedBody struct {
	from io.ReadCloser
	pace
}

// Read implements io.Reader.
func (b *pacedBody) Read(p []byte) (int, error) {
	b.move(0)
	n, err := b.from.Read(p)
	b.passed += int64(n)
	return n, err
}

// Close implements io.Closer.
func (b *pacedBody) Close() error { return b.from.Close() }

type pacedWriter struct {
	http.ResponseWriter
	pace
	body *pacedBody // of the request, while it may have to be drained; nil = not
}

// What is read of a body whose request is refused: clients that send all before they read would otherwise get a reset connection instead
// of the answer, and an ERP would not learn that its token has expired.
const (
	drainBytes = 64 << 20
	drainTime  = 10 * time.Second
)

// WriteHeader lets the client finish before it is refused.
func (w *pacedWriter) WriteHeader(status int) {
	if body := w.body; body != nil && status >= http.StatusBadRequest {
		w.body = nil
		_ = body.deadline(time.Now().Add(drainTime))
		_, _ = io.CopyN(io.Discard, body.from, drainBytes) // whatever is left, the answer goes out
	}
	w.body = nil
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *pacedWriter) Write(p []byte) (int, error) {
	w.move(len(p))
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach what is below.
func (w *pacedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
