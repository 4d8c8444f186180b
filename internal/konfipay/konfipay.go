// Package konfipay speaks the konfipay API version 4, so that software written for konfipay works against this hub unchanged. It parses
// requests, calls the flows, and projects what they return into the version's words; it decides nothing about payments.
//
// What is known of the API, and every place where we had to choose because nothing is known, is in docs/reference/konfipay-v4.md and
// docs/divergences/konfipay.md.
package konfipay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"kontor/internal/access"
	"kontor/internal/collect"
	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
)

// Intake takes payment files in.
type Intake interface {
	Submit(ctx context.Context, s intake.Submission) (hub.PaymentFile, error)
}

// Options of New. All fields without a default are needed.
type Options struct {
	Access *access.Access
	Intake Intake
	Offer  *collect.Offer
	Store  *store.Store
	Now    func() time.Time
	Logger *slog.Logger
	// MaxBody limits a payment file as transferred, compressed or not, in bytes; 0 means 1 GiB. The flow limits what comes out of
	// the compression.
	MaxBody int64
	// PublicURL is scheme and host under which clients reach the hub, without a slash at the end; "" means what the request says.
	PublicURL string
	// DocumentationURL is told to callers of unknown endpoints; "" means the page's place in the distribution.
	DocumentationURL string
}

type server struct{ o Options }

// New returns the handler of everything below /api/. Paths that it does not know get the API's own 404, so it may also be given the rest
// of the paths of its host.
func New(o Options) http.Handler {
	if o.MaxBody == 0 {
		o.MaxBody = 1 << 30
	}
	if o.DocumentationURL == "" {
		o.DocumentationURL = "docs/reference/konfipay-v4.md"
	}
	return &server{o}
}

// call is one request on its way through the server.
type call struct {
	w         *recorder
	r         *http.Request
	route     *route
	rid       string // lower case; "" when the route has none
	principal hub.Principal
	payer     store.Payer // of a route whose caller is a payer
	failure   error       // internal: for the log
}

// ServeHTTP answers one request and writes one line about it.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{w: &recorder{ResponseWriter: w}, r: r}
	start := s.o.Now()
	defer func() {
		cut := s.recovered(c, recover())
		s.log(c, s.o.Now().Sub(start), cut)
		if cut {
			panic(http.ErrAbortHandler) // the one way to let the client see that the answer is not whole
		}
	}()
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("X-Content-Type-Options", "nosniff")
	s.serve(c)
}

func (s *server) serve(c *call) {
	var allowed []string
	c.route, c.rid, allowed = match(c.r.Method, c.r.URL.Path)
	switch {
	case c.route != nil:
	case allowed != nil:
		c.w.Header().Set("Allow", strings.Join(allowed, ", "))
		c.w.WriteHeader(http.StatusMethodNotAllowed)
		return
	default:
		s.unknownEndpoint(c)
		return
	}
	if err := s.authenticate(c); err != nil {
		s.fail(c, err)
		return
	}
	if err := c.route.serve(s, c); err != nil {
		s.fail(c, err)
	}
}

func (s *server) authenticate(c *call) (err error) {
	switch c.route.caller {
	case anybody:
	case keyHolder:
		c.principal, err = s.o.Access.Authenticate(c.r.Context(), bearer(c.r.Header))
	case payer:
		c.principal, c.payer, err = s.o.Access.AuthenticatePayer(c.r.Context(), bearer(c.r.Header))
	}
	return err
}

// recovered turns a panic into an answer. It reports whether the answer had begun, so that only cutting it off tells the truth.
func (s *server) recovered(c *call, value any) (cut bool) {
	if value == nil {
		return errors.Is(c.failure, errCut)
	}
	if err, ok := value.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	// Of the value only its type is kept, since its text may hold what was being worked on.
	c.failure = fmt.Errorf("panic of type %T at %s", value, panicPlace())
	if c.w.started() {
		return true
	}
	s.refuse(c, http.StatusInternalServerError, errorItem{InternalError, "", s.o.Now()})
	return false
}

// panicPlace names the function and line that panicked: the first frame above the runtime's own.
func panicPlace() string {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		if f.Function != "" && !strings.HasPrefix(f.Function, "runtime.") && !strings.Contains(f.Function, "ServeHTTP.func") {
			return fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		if !more {
			return "unknown"
		}
	}
}

// log writes the request's one line: never its path, query or content, which may name accounts.
func (s *server) log(c *call, took time.Duration, cut bool) {
	pattern := "unknown"
	if c.route != nil {
		pattern = c.route.pattern
	}
	attributes := []slog.Attr{
		slog.String("method", c.r.Method), slog.String("route", pattern), slog.Int("status", c.w.status), slog.Duration("duration", took),
		slog.String("tenant", string(c.principal.Tenant)),
	}
	level := slog.LevelInfo
	if cut {
		attributes = append(attributes, slog.Bool("cut", true))
	}
	if c.failure != nil {
		level = slog.LevelError
		if c.r.Context().Err() != nil {
			level = slog.LevelInfo // the caller hung up: nobody needs to act
		}
		attributes = append(attributes, slog.Any("error", c.failure))
	}
	s.o.Logger.LogAttrs(context.WithoutCancel(c.r.Context()), level, "request", attributes...)
}

// bearer returns the access token of a request, or "".
func bearer(h http.Header) string {
	scheme, token, found := strings.Cut(h.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) started() bool { return w.status != 0 }

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the status that a write without one implies.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
