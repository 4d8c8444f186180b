package konfipay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/store"
)

// newDocuments lists what nobody has acknowledged yet: GET Document/Camt.
func (s *server) newDocuments(c *call) error {
	q, err := parameters(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	return s.list(c, q, hub.DocumentFilter{Kind: hub.DocumentCamt, OnlyNew: true})
}

// documentHistory lists what was made available in a period of days in Berlin, both included: GET Document/Camt/History.
func (s *server) documentHistory(c *call) error {
	if err := c.principal.Require(hub.ScopeDocumentRead); err != nil { // before the parameters, so that 403 does not depend on them
		return err
	}
	q, err := parameters(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	from, until, err := period(q)
	if err != nil {
		return err
	}
	return s.list(c, q, hub.DocumentFilter{Kind: hub.DocumentCamt, From: from, Until: until})
}

// period reads start and end. All that is wrong with them is told at once.
func period(q url.Values) (from, until time.Time, err error) {
	var wrong refusal
	start, startOK := day(q, "start", InvalidStartDate, &wrong)
	end, endOK := day(q, "end", InvalidEndDate, &wrong)
	if startOK && endOK && end.Before(start) {
		wrong.add(InvalidPeriod, "end lies before start")
	}
	if len(wrong.items) > 0 {
		wrong.status = http.StatusBadRequest
		return from, until, &wrong
	}
	return start.At(0, 0, calendar.Berlin()), end.AddDays(1).At(0, 0, calendar.Berlin()), nil
}

func day(q url.Values, name string, code ErrorCode, wrong *refusal) (calendar.Date, bool) {
	text := q.Get(name)
	if text == "" {
		wrong.add(MissingParameter, name)
		return calendar.Date{}, false
	}
	d, err := calendar.Parse(text)
	if err != nil {
		wrong.add(code, name+" is not a date of the form yyyy-MM-dd")
		return calendar.Date{}, false
	}
	return d, true
}

func (s *server) list(c *call, q url.Values, f hub.DocumentFilter) error {
	var documents []hub.Document
	var err error
	if iban := q.Get("iban"); iban != "" {
		documents, err = s.o.Offer.ListByIBAN(c.r.Context(), c.principal, f, iban)
		if hub.CodeOf(err) == hub.CodeNotFound {
			return refuseWith(http.StatusBadRequest, UnknownBankAccount, "")
		}
	} else {
		documents, err = s.o.Offer.List(c.r.Context(), c.principal, f)
	}
	if err != nil {
		return err
	}
	if len(documents) == 0 {
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	items := make([]object, len(documents))
	for i, d := range documents {
		items[i] = documentItem(d)
	}
	return c.answer(http.StatusOK, "DocumentItemContainer", object{{"documentItems", list{"DocumentItem", items}}})
}

// documentItem tells about one document: GET Document/Camt/{rId}/Item.
func (s *server) documentItem(c *call) error {
	d, err := s.o.Offer.Item(c.r.Context(), c.principal, hub.DocumentID(c.rid))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, "DocumentItem", documentItem(d))
}

// acknowledge marks a document as retrieved: POST Document/Camt/{rId}/Acknowledge. The body is empty; one that is not is ignored.
func (s *server) acknowledge(c *call) error {
	d, err := s.o.Offer.Acknowledge(c.r.Context(), c.principal, hub.DocumentID(c.rid))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, "DocumentItem", documentItem(d))
}

// documentFile returns a document's bytes and, unless ack=false, acknowledges it: GET Document/Camt/{rId}.
//
// The order is: all bytes written and flushed without error, then the acknowledgement. The other way round a cut connection would lose
// the statement for a client that reads only what is new. So a client may see a document as new again that it has, but never miss one.
// Sent bytes are still not processed bytes: a client that must be sure uses ack=false and acknowledges when it is done.
func (s *server) documentFile(c *call) (err error) {
	q, err := parameters(c.r.URL.RawQuery)
	if err != nil {
		return err
	}
	ack := true
	if text := q.Get("ack"); text != "" {
		if ack, err = strconv.ParseBool(strings.ToLower(text)); err != nil {
			return refuseWith(http.StatusBadRequest, InvalidRequest, "ack is true or false")
		}
	}
	open := s.o.Offer.Open
	if ack {
		open = s.o.Offer.OpenForRetrieval
	}
	d, body, err := open(c.r.Context(), c.principal, hub.DocumentID(c.rid))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if err := c.send("text/xml", body); err != nil {
		return err
	}
	if !ack || !d.Retrieved.IsZero() {
		return nil
	}
	// The client has everything and may be gone: what it was given is noted all the same.
	ctx, done := context.WithTimeout(context.WithoutCancel(c.r.Context()), 10*time.Second)
	defer done()
	if _, err := s.o.Offer.Acknowledge(ctx, c.principal, d.ID); err != nil {
		c.failure = fmt.Errorf("acknowledge document %s after it was sent: %w", d.ID, err) // stays new; the answer is whole
	}
	return nil
}

// send writes a stored body as the answer, flushed.
func (c *call) send(contentType string, body *store.Body) error {
	buf := make([]byte, 64<<10)
	n, err := body.Read(buf) // before the header, so that a body that cannot be opened still gets a proper answer
	if err != nil && n == 0 && body.Size() > 0 {
		return fmt.Errorf("read body: %w", err)
	}
	// No charset: it would overrule what the file itself declares (RFC 7303).
	c.w.Header().Set("Content-Type", contentType)
	c.w.Header().Set("Content-Length", strconv.FormatInt(body.Size(), 10))
	c.w.WriteHeader(http.StatusOK)
	for sent := int64(0); ; {
		if _, err := c.w.Write(buf[:n]); err != nil {
			return fmt.Errorf("%w: write: %w", errCut, err)
		}
		if sent += int64(n); sent == body.Size() {
			break
		}
		if n, err = body.Read(buf); err != nil && n == 0 {
			return fmt.Errorf("%w: read body: %w", errCut, err)
		}
	}
	if err := http.NewResponseController(c.w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return fmt.Errorf("%w: flush: %w", errCut, err)
	}
	return nil
}

// parameters reads a query; names count in any case, of repeated ones the first counts.
func parameters(query string) (url.Values, error) {
	raw, err := url.ParseQuery(query)
	if err != nil {
		return nil, refuseWith(http.StatusBadRequest, InvalidRequest, "the query is not well formed")
	}
	q := make(url.Values, len(raw))
	for name, values := range raw {
		if lower := strings.ToLower(name); !q.Has(lower) {
			q[lower] = values
		}
	}
	return q, nil
}
