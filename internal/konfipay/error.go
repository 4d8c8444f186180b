package konfipay

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"kontor/internal/hub"
)

// ErrorCode is what an error item says: a permanent number and its symbolic name.
type ErrorCode struct{ Number, Name string }

// konfipay's own codes, as far as they are known.
var (
	RIdNotFound        = ErrorCode{"ERR-01-0001", "RIdNotFound"}
	InvalidStartDate   = ErrorCode{"ERR-01-0004", "InvalidStartDate"}
	InvalidEndDate     = ErrorCode{"ERR-01-0005", "InvalidEndDate"}
	InvalidPeriod      = ErrorCode{"ERR-01-0006", "InvalidPeriod"}
	MissingParameter   = ErrorCode{"ERR-01-0012", "MissingParameter"}
	UnknownBankAccount = ErrorCode{"ERR-04-0009", "UnknownBankAccount"}
)

// The codes of our choice, since konfipay's are not known: docs/divergences/konfipay.md.
var (
	UnreadableFile     = ErrorCode{"ERR-02-0001", "UnreadableFile"}
	ValidationFailed   = ErrorCode{"ERR-02-0002", "ValidationFailed"}
	DoubleSubmission   = ErrorCode{"ERR-02-0003", "DoubleSubmission"}
	FileTooLarge       = ErrorCode{"ERR-02-0004", "FileTooLarge"}
	UnsupportedContent = ErrorCode{"ERR-02-0005", "UnsupportedContent"}
	UploadFailed       = ErrorCode{"ERR-03-0001", "UploadFailed"}
	MissingScope       = ErrorCode{"ERR-05-0001", "MissingScope"}
	InternalError      = ErrorCode{"ERR-09-0001", "InternalError"}
	Unavailable        = ErrorCode{"ERR-09-0002", "Unavailable"}
	InvalidRequest     = ErrorCode{"ERR-09-0003", "InvalidRequest"}
	StorageFull        = ErrorCode{"ERR-09-0004", "StorageFull"}
)

// errorItem is one error with its time.
type errorItem struct {
	code    ErrorCode
	details string
	at      time.Time
}

func (e errorItem) object() object {
	return object{
		{"errorCode", e.code.Number}, {"errorMessage", e.code.Name}, {"errorDetails", text(e.details)}, {"timestamp", timestamp(e.at)},
	}
}

// refusal is an answer with error items that a handler has decided on.
type refusal struct {
	status int
	items  []errorItem // times are set when it is answered
}

// Error names the codes alone: details may hold what the caller sent.
func (r *refusal) Error() string {
	if len(r.items) == 0 {
		return fmt.Sprintf("refused with status %d", r.status)
	}
	return fmt.Sprintf("refused with status %d, %s", r.status, r.items[0].code.Number)
}

func (r *refusal) add(code ErrorCode, details string) {
	r.items = append(r.items, errorItem{code: code, details: details})
}

func refuseWith(status int, code ErrorCode, details string) *refusal {
	return &refusal{status: status, items: []errorItem{{code: code, details: details}}}
}

// errCut marks a failure after the answer has begun.
var errCut = errors.New("the answer was cut off")

// retryAfter is how many seconds a client should wait when we cannot serve it now.
const retryAfter = "5"

// fail answers an error: the one place where codes become statuses. Versions up to 5 know neither 202 nor 404 for resources nor 409 nor
// 422, so an unknown rId is 400.
func (s *server) fail(c *call, err error) {
	if errors.Is(err, errCut) || c.w.started() {
		c.failure = err
		if !errors.Is(err, errCut) {
			c.failure = fmt.Errorf("%w: %w", errCut, err)
		}
		return
	}
	if r, ok := errors.AsType[*refusal](err); ok {
		for i := range r.items {
			r.items[i].at = s.o.Now()
		}
		s.refuse(c, r.status, r.items...)
		return
	}
	item := func(code ErrorCode, details string) errorItem { return errorItem{code, details, s.o.Now()} }
	switch hub.CodeOf(err) {
	case hub.CodeUnauthenticated:
		unauthenticated(c, hub.MessageOf(err))
	case hub.CodeForbidden:
		s.refuse(c, http.StatusForbidden, item(MissingScope, hub.MessageOf(err)))
	case hub.CodeNotFound: // the same for an unknown rId and another tenant's
		s.refuse(c, http.StatusBadRequest, item(RIdNotFound, ""))
	case hub.CodeInvalid:
		s.refuse(c, http.StatusBadRequest, item(InvalidRequest, hub.MessageOf(err)))
	case hub.CodeTooLarge:
		s.refuse(c, http.StatusRequestEntityTooLarge, item(FileTooLarge, hub.MessageOf(err)))
	case hub.CodeUnavailable:
		c.failure = err
		c.w.Header().Set("Retry-After", retryAfter)
		s.refuse(c, http.StatusServiceUnavailable, item(Unavailable, hub.MessageOf(err)))
	case hub.CodeStorageFull:
		c.failure = err
		c.w.Header().Set("Retry-After", retryAfter)
		s.refuse(c, http.StatusInsufficientStorage, item(StorageFull, hub.MessageOf(err)))
	case hub.CodeConflict: // no route of this version can lose a race that its caller could do something about
		c.failure = err
		s.refuse(c, http.StatusInternalServerError, item(InternalError, ""))
	default:
		c.failure = err
		s.refuse(c, http.StatusInternalServerError, item(InternalError, ""))
	}
}

// refuse answers with error items.
func (s *server) refuse(c *call, status int, items ...errorItem) {
	objects := make([]object, len(items))
	for i, e := range items {
		objects[i] = e.object()
	}
	if err := c.answer(status, "ErrorItemContainer", object{{"errorItems", list{"ErrorItem", objects}}}); err != nil && c.failure == nil {
		c.failure = err
	}
}

// unauthenticated is the API's 401: no body, the reason in a header. The description is one of our own sentences and needs no quoting.
func unauthenticated(c *call, description string) {
	c.w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer error="invalid_token", error_description="%s"`, description))
	c.w.Header().Set("Content-Type", "text/plain")
	c.w.Header().Set("Content-Length", "0")
	c.w.WriteHeader(http.StatusUnauthorized)
}

// unknownEndpoint is the API's 404: JSON whatever was asked for, and the one body with keys in Pascal case. Clients recognise it by the
// beginning of its message.
func (s *server) unknownEndpoint(c *call) {
	base := s.o.PublicURL
	if base == "" {
		scheme := "http"
		if c.r.TLS != nil {
			scheme = "https"
		}
		base = scheme + "://" + c.r.Host
	}
	uri := c.r.URL.RequestURI()
	if len(uri) > 2000 {
		uri = uri[:2000] + "…"
	}
	message := "Welcome to konfipay. There is no API-Endpoint defined for '" + base + uri +
		"'. This is Kontor, which serves version 4 of that API below /api/v4/. Please take a look at the documentation."
	body := object{{"Message", message}, {"ApiDocumentationLink", s.o.DocumentationURL}}
	if err := c.write(http.StatusNotFound, contentJSON, appendJSON(nil, body)); err != nil {
		c.failure = err
	}
}
