package konfipay

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"
	"unicode"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
)

// submit takes a payment file in: POST Payment/Sepa/Pain. 201 says that the file is kept, queued or rejected; what could not even be read
// is 400 and leaves nothing behind.
func (s *server) submit(c *call) error {
	if err := c.principal.Require(hub.ScopePaymentSubmit); err != nil { // intake checks it too; here it spares the transfer
		return err
	}
	if err := checkContentType(c.r.Header.Get("Content-Type")); err != nil {
		return err
	}
	encoding, err := contentEncoding(c.r.Header.Values("Content-Encoding"))
	if err != nil {
		return err
	}
	tooLarge := refuseWith(http.StatusRequestEntityTooLarge, FileTooLarge, fmt.Sprintf("a file is at most %d bytes as transferred", s.o.MaxBody))
	if c.r.ContentLength > s.o.MaxBody {
		return tooLarge
	}
	file, err := s.o.Intake.Submit(c.r.Context(), intake.Submission{
		Principal:       c.principal,
		Payer:           &c.payer,
		Body:            http.MaxBytesReader(c.w.ResponseWriter, c.r.Body, s.o.MaxBody),
		ContentEncoding: encoding,
		FileName:        fileName(c.r.Header.Get("Content-Disposition")),
	})
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		return tooLarge
	}
	if hub.CodeOf(err) == hub.CodeInvalid {
		return refuseWith(http.StatusBadRequest, UnreadableFile, hub.MessageOf(err))
	}
	if hub.CodeOf(err) == hub.CodeNotFound { // the tenant was destroyed since its token was checked
		return &hub.Error{Code: hub.CodeUnauthenticated, Message: "the access token is missing, unknown or has expired", Err: err}
	}
	if err != nil {
		return fmt.Errorf("submit payment file: %w", err)
	}
	return c.answer(http.StatusCreated, "PaymentItem", paymentItem(file))
}

// checkContentType accepts XML and nothing. A charset parameter is ignored: the bytes go to the bank as they are, so what counts is what
// they themselves declare.
func checkContentType(header string) error {
	if header == "" {
		return nil
	}
	t, _, err := mime.ParseMediaType(header)
	if (err == nil || errors.Is(err, mime.ErrInvalidMediaParameter)) && (t == "application/xml" || t == "text/xml") {
		return nil
	}
	return refuseWith(http.StatusBadRequest, UnsupportedContent, "the content type must be application/xml or text/xml")
}

// contentEncoding returns "" or "gzip".
func contentEncoding(values []string) (string, error) {
	switch strings.ToLower(strings.TrimSpace(strings.Join(values, ","))) {
	case "", "identity":
		return "", nil
	case "gzip", "x-gzip":
		return "gzip", nil
	}
	return "", refuseWith(http.StatusBadRequest, UnsupportedContent, "the content encoding must be gzip or none")
}

// fileName returns the name that a client gives its file in Content-Disposition, without folders, or "".
func fileName(disposition string) string {
	if disposition == "" {
		return ""
	}
	_, parameters, err := mime.ParseMediaType(disposition)
	if err != nil {
		return ""
	}
	name := path.Base(strings.ReplaceAll(parameters["filename"], `\`, "/"))
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	if name == "." || name == ".." || name == "/" || len(name) > 255 || strings.ContainsFunc(name, unprintable) {
		return ""
	}
	return name
}

// paymentItem tells how far a payment file has come: GET Payment/Sepa/Pain/{rId}/Item.
func (s *server) paymentItem(c *call) error {
	file, err := s.file(c)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, "PaymentItem", paymentItem(file))
}

// paymentFile returns the bytes of a payment file as they were received, after decompression: GET Payment/Sepa/Pain/{rId}.
func (s *server) paymentFile(c *call) (err error) {
	file, err := s.file(c)
	if err != nil {
		return err
	}
	body, err := s.o.Store.OpenBody(c.r.Context(), file.Tenant.Owner(), hub.BodyID(file.ID))
	if err != nil {
		//nolint:errorlint // without its code: a file whose bytes are missing is damage, not an unknown file
		return fmt.Errorf("open body of payment file %s: %v", file.ID, err)
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	return c.send("application/xml", body)
}

func (s *server) file(c *call) (hub.PaymentFile, error) {
	if err := c.principal.Require(hub.ScopePaymentRead); err != nil {
		return hub.PaymentFile{}, err
	}
	var file hub.PaymentFile
	err := s.o.Store.Read(c.r.Context(), func(tx *store.Tx) (err error) {
		file, err = tx.File(c.r.Context(), c.principal.Tenant, hub.FileID(c.rid))
		return err
	})
	return file, err
}
