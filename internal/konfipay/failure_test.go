package konfipay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
)

// behaves is an intake that does what a test wants.
type behaves func(s intake.Submission) (hub.PaymentFile, error)

func (b behaves) Submit(_ context.Context, s intake.Submission) (hub.PaymentFile, error) { return b(s) }

func fails(err error) behaves {
	return func(intake.Submission) (hub.PaymentFile, error) { return hub.PaymentFile{}, err }
}

func TestEveryKindOfFailureHasItsAnswer(t *testing.T) {
	w := newWorld(t)
	const canary = "DE02120300000000202051"
	for _, c := range []struct {
		name   string
		intake behaves
		status int
		code   string
		told   bool // the message reaches the caller
	}{
		{"invalid", fails(hub.Errorf(hub.CodeInvalid, "line 1: %s", canary)), 400, "ERR-02-0001", true},
		{"forbidden", fails(hub.Errorf(hub.CodeForbidden, "%s", canary)), 403, "ERR-05-0001", true},
		{"tenant gone", fails(hub.Errorf(hub.CodeNotFound, "%s", canary)), 401, "", false},
		{"too large", fails(hub.Errorf(hub.CodeTooLarge, "%s", canary)), 413, "ERR-02-0004", true},
		{"unavailable", fails(fmt.Errorf("wrapped: %w", hub.Errorf(hub.CodeUnavailable, "%s", canary))), 503, "ERR-09-0002", true},
		{"storage full", fails(fmt.Errorf("wrapped: %w", hub.Errorf(hub.CodeStorageFull, "%s", canary))), 507, "ERR-09-0004", true},
		{"conflict", fails(hub.Errorf(hub.CodeConflict, "%s", canary)), 500, "ERR-09-0001", false},
		{"internal", fails(errors.New(canary)), 500, "ERR-09-0001", false},
		{"panic", func(intake.Submission) (hub.PaymentFile, error) { panic(canary) }, 500, "ERR-09-0001", false},
		{"panic of the runtime", func(s intake.Submission) (hub.PaymentFile, error) {
			var none []hub.PaymentFile
			return none[len(s.FileName)], nil
		}, 500, "ERR-09-0001", false},
	} {
		w.log.Reset()
		o := w.options
		o.Intake = c.intake
		for _, accept := range []string{"application/json", "application/xml"} {
			a := send(t, New(o), w.first.token, "POST", "/api/v4/Payment/Sepa/Pain", strings.NewReader("x"), "Accept: "+accept)
			if a.status != c.status || !strings.Contains(a.body, c.code) || strings.Contains(a.body, canary) != c.told {
				t.Errorf("%s: %d %s, want %d %s", c.name, a.status, a.body, c.status, c.code)
			}
			if (a.header.Get("Retry-After") != "") != (c.status == 503 || c.status == 507) {
				t.Errorf("%s: Retry-After %q", c.name, a.header.Get("Retry-After"))
			}
		}
		log := w.log.String()
		if level := strings.Contains(log, `"level":"ERROR"`); level != (c.status >= 500) {
			t.Errorf("%s: logged %s", c.name, log)
		}
		if strings.HasPrefix(c.name, "panic") && (strings.Contains(log, canary) || !strings.Contains(log, "failure_test.go") && !strings.Contains(log, "TestEveryKindOfFailure")) {
			t.Errorf("%s: logged %s", c.name, log)
		}
	}
}

// What can be refused by its headers is refused without reading its body.
func TestRefusalsByHeaderDoNotReadTheBody(t *testing.T) {
	w := newWorld(t)
	o := w.options
	o.Intake = behaves(func(intake.Submission) (hub.PaymentFile, error) {
		t.Error("intake was called")
		return hub.PaymentFile{}, nil
	})
	handler := New(o)
	_, _, reader := w.newToken(w.first.tenant, hub.ScopePaymentRead)
	unread := func() io.Reader { return io.MultiReader(unreadable{t}) }
	send(t, handler, reader, "POST", "/api/v4/Payment/Sepa/Pain", unread()).want(t, "scope", 403, "ERR-05-0001")
	send(t, handler, w.first.token, "POST", "/api/v4/Payment/Sepa/Pain", unread(), "Content-Type: text/plain").want(t, "type", 400, "ERR-02-0005")
	send(t, handler, "", "POST", "/api/v4/Payment/Sepa/Pain", unread()).want(t, "token", 401)
	large := strings.NewReader(strings.Repeat(" ", 1<<20+1))
	send(t, handler, w.first.token, "POST", "/api/v4/Payment/Sepa/Pain", large).want(t, "length", 413, "ERR-02-0004")
}

type unreadable struct{ t *testing.T }

func (u unreadable) Read([]byte) (int, error) {
	u.t.Error("the body was read")
	return 0, io.EOF
}

// A panic after the answer has begun must not look like a complete answer.
func TestAPanicInTheMiddleCutsTheAnswer(t *testing.T) {
	w := newWorld(t)
	s := server{w.options}
	rec := httptest.NewRecorder()
	c := &call{w: &recorder{ResponseWriter: rec}, r: httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)}
	must(t, c.write(200, "text/xml", []byte("half")))
	if !s.recovered(c, "anything") || rec.Body.String() != "half" {
		t.Errorf("not cut: %q", rec.Body.String())
	}
	if s.recovered(&call{w: &recorder{ResponseWriter: rec}, r: c.r}, nil) {
		t.Error("no panic is no cut")
	}
}

// Bytes that are missing or damaged are a 500: neither half a statement nor an unknown document, and nothing is acknowledged.
func TestMissingBytesAreAnInternalError(t *testing.T) {
	w := newWorld(t)
	id := w.document(w.first, "a", "content")
	payment := w.submit(w.first, transfer(t, "MSG-1", w.first.iban))
	w.write(func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeleteBody(ctx, w.first.tenant.Owner(), hub.BodyID(payment)); err != nil {
			return err
		}
		return tx.DeleteBody(ctx, w.first.tenant.Owner(), hub.BodyID(id))
	})
	w.get(w.first.token, "/api/v4/Document/Camt/"+string(id)).want(t, "document", 500, "ERR-09-0001")
	w.get(w.first.token, "/api/v4/Payment/Sepa/Pain/"+payment).want(t, "payment file", 500, "ERR-09-0001")
	if !w.isNew(id) {
		t.Error("acknowledged without being sent")
	}
}

// When the database is gone nobody is told that their token is wrong: clients would throw it away.
func TestALostDatabaseIsNotA401(t *testing.T) {
	w := newWorld(t)
	lost, err := store.Open(t.Context(), store.Options{Database: filepath.Join(t.TempDir(), "empty.db"), Now: w.now})
	must(t, err)
	must(t, lost.Close())
	o := w.options
	o.Store = lost
	send(t, New(o), w.first.token, "GET", "/api/v4/Payment/Sepa/Pain/"+someID+"/Item", nil).want(t, "item", 500, "ERR-09-0001")
}

// One line a request, and nothing in it that names a person, an account, a file or a secret.
func TestTheLogNamesNobody(t *testing.T) {
	w := newWorld(t)
	id := w.document(w.first, "canary-file.xml", "canary-content")
	requests := []answer{
		w.post("", "/api/v4/Auth/Login/Token", loginBody(string(w.first.secret))),
		w.post("", "/api/v4/Auth/Login/Token", `{"apiKey":"`+strings.Repeat("c", 64)+`","client":{"name":"canary-client"}}`),
		w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", transfer(t, "CANARY-MSG", w.first.iban), `Content-Disposition: attachment; filename="canary-upload.xml"`),
		w.get(w.first.token, "/api/v4/document/camt/"+strings.ToUpper(string(id))+"?canary-query=1"),
		w.get(w.first.token, "/api/v4/Document/Camt?iban="+otherIBAN),
		w.get(w.first.token, "/api/v4/canary-path"),
		w.get("canary-token", "/api/v4/Document/Camt"),
	}
	log := w.log.String()
	if n := strings.Count(log, "\n"); n != len(requests) {
		t.Errorf("%d lines for %d requests", n, len(requests))
	}
	for _, want := range []string{
		`"method":"GET","route":"/Document/Camt/{rId}","status":200`, `"route":"unknown","status":404`, `"status":401`, `"tenant":"` + string(w.first.tenant) + `"`,
		`"route":"/Payment/Sepa/Pain","status":201`, `"route":"/Auth/Login/Token","status":200`, `"duration":`,
	} {
		if !strings.Contains(log, want) {
			t.Errorf("no %s in\n%s", want, log)
		}
	}
	lower := strings.ToLower(log)
	for _, secret := range []string{"canary", string(w.first.secret), w.first.token, firstIBAN, otherIBAN, string(id), strings.Repeat("c", 64), "Muster"} {
		if strings.Contains(lower, strings.ToLower(secret)) {
			t.Errorf("%q is in the log", secret)
		}
	}
}

// A request that ends in the middle of the body is the client's to repeat; nothing of it may be kept.
func TestATruncatedUploadIsRefused(t *testing.T) {
	w := newWorld(t)
	body := io.MultiReader(strings.NewReader(transfer(t, "MSG-1", w.first.iban)[:300]), ended{})
	a := w.do(w.first.token, http.MethodPost, "/api/v4/Payment/Sepa/Pain", body)
	a.want(t, "truncated", 400, "ERR-02-0001")
	w.submit(w.first, transfer(t, "MSG-1", w.first.iban)) // and is no double submission afterwards
}

type ended struct{}

func (ended) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
