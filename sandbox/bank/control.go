package bank

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"kontor/calendar"
	"kontor/ebics"
	"kontor/money"
	"kontor/sandbox/bank/books"
	"kontor/sandbox/bank/veu"
)

// The control API steers the bank. It is JSON over HTTP on the bank's own
// loopback address, below /control; unknown fields are refused (400), errors
// are {"error":…} with "code" where EBICS has one.
//
//	GET  state · orders · log · files · faults
//	POST partners {partnerId, users:[{userId, class}]}
//	POST accounts {iban, currency, owner, holderPartner, bureauPartner, openingBalance}
//	POST credits  {iban, amount, name, remittance}
//	POST users/{partner}/{user}/activate {hashes:{"A006":hex,"X002":hex,"E002":hex}}   hashes optional
//	POST users/{partner}/{user}/reset
//	POST users/{partner}/{user}/orders/{orderType}/withdraw|grant {}
//	POST partners/{partner}/orders/{orderType} {attribute}                             OZHNN (VEU) or DZHNN (released outside EBICS)
//	POST orders/{partner}/{orderId}/release|cancel|reject {userId, partnerId}          partnerId optional
//	POST advance {days}
//	POST faults {kind, before, orderType, phase, segment, count, milliseconds, status} all but kind optional
//	POST faults/clear {}
//
// Who releases, cancels or rejects here stands at the bank's counter: the bank
// sees who it is, so the user's state and keys do not matter. A user in state
// NEW, who has never sent INI and HIA, may sign.

// maxControlBody limits a request's body.
const maxControlBody = 1 << 20

// maxDays limits how far one request advances the business date.
const maxDays = 366

// controlError is an answer other than success.
type controlError struct {
	Status  int
	Code    ebics.ReturnCode // "" if EBICS has none
	Message string
}

func (e *controlError) Error() string { return e.Message }

func invalid(format string, args ...any) error {
	return &controlError{http.StatusBadRequest, "", fmt.Sprintf(format, args...)}
}

func notFound(format string, args ...any) error {
	return &controlError{http.StatusNotFound, "", fmt.Sprintf(format, args...)}
}

func conflict(format string, args ...any) error {
	return &controlError{http.StatusConflict, "", fmt.Sprintf(format, args...)}
}

func (b *bank) controlRoutes(mux *http.ServeMux) {
	read := func(path string, view func(context.Context) (any, error)) {
		mux.HandleFunc("GET /control/"+path, func(w http.ResponseWriter, r *http.Request) {
			answer, err := view(r.Context())
			b.answer(w, r, answer, err)
		})
	}
	read("state", b.viewState)
	read("orders", b.viewOrders)
	read("log", b.viewLog)
	read("files", b.viewFiles)
	read("faults", func(context.Context) (any, error) { return list(b.faults.list()), nil })
	post(b, mux, "faults", b.postFault)
	post(b, mux, "faults/clear", b.postFaultsClear)
	post(b, mux, "partners", b.postPartner)
	post(b, mux, "accounts", b.postAccount)
	post(b, mux, "credits", b.postCredit)
	post(b, mux, "users/{partner}/{user}/activate", b.postActivate)
	post(b, mux, "users/{partner}/{user}/reset", b.postReset)
	post(b, mux, "users/{partner}/{user}/orders/{type}/{action}", b.postRight)
	post(b, mux, "partners/{partner}/orders/{type}", b.postAgreement)
	post(b, mux, "orders/{partner}/{order}/{action}", b.postDecision)
	post(b, mux, "advance", b.postAdvance)
	mux.HandleFunc("/control/", func(w http.ResponseWriter, r *http.Request) {
		b.answer(w, r, nil, notFound("no such resource, or not with method %s", r.Method))
	})
}

// post decodes a request into Body, strictly, and answers.
func post[Body any](b *bank, mux *http.ServeMux, path string, handle func(*http.Request, Body) (any, error)) {
	mux.HandleFunc("POST /control/"+path, func(w http.ResponseWriter, r *http.Request) {
		var body Body
		if err := decode(http.MaxBytesReader(w, r.Body, maxControlBody), &body); err != nil {
			b.answer(w, r, nil, err)
			return
		}
		answer, err := handle(r, body)
		b.answer(w, r, answer, err)
	})
}

// decode takes exactly one JSON object, or nothing at all.
func decode(r io.Reader, body any) error {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	err := decoder.Decode(body)
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err == nil {
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("more than one JSON value")
		}
	}
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &controlError{http.StatusRequestEntityTooLarge, "", fmt.Sprintf("the body is larger than %d bytes", maxControlBody)}
	}
	return invalid("the body is not the JSON expected here: %v", err)
}

// answer writes a success (200) or an error.
func (b *bank) answer(w http.ResponseWriter, r *http.Request, body any, err error) {
	status := http.StatusOK
	if err != nil {
		var failure struct {
			Code  ebics.ReturnCode `json:"code,omitempty"`
			Error string           `json:"error"`
		}
		status, failure.Code, failure.Error = b.failure(r, err)
		body = failure
	}
	text, err := json.Marshal(body)
	if err != nil {
		b.logger.ErrorContext(r.Context(), "control answer", "error", err)
		http.Error(w, `{"error":"internal error"}`, http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if _, err := w.Write(append(text, '\n')); err != nil {
		b.logger.InfoContext(r.Context(), "control answer was not taken", "path", r.URL.Path)
	}
}

// failure maps errors to answers; what is not meant for the caller stays in the
// log.
func (b *bank) failure(r *http.Request, err error) (status int, code ebics.ReturnCode, message string) {
	if known, ok := errors.AsType[*controlError](err); ok {
		return known.Status, known.Code, known.Message
	}
	if refusal, ok := errors.AsType[*veu.Refusal](err); ok {
		return http.StatusConflict, refusal.Code, refusal.Message
	}
	if errors.Is(err, books.ErrConflict) {
		return http.StatusConflict, "", books.ErrConflict.Error()
	}
	if errors.Is(err, money.ErrRange) {
		return http.StatusBadRequest, "", "the amount does not fit into the bank's books"
	}
	b.logger.ErrorContext(r.Context(), "control request", "path", r.URL.Path, "error", err)
	return http.StatusInternalServerError, "", "internal error"
}

// signerRequest names the user who acts on an order.
type signerRequest struct {
	UserID    string `json:"userId"`
	PartnerID string `json:"partnerId"`
}

func (b *bank) postDecision(r *http.Request, body signerRequest) (any, error) {
	action := r.PathValue("action")
	if body.UserID == "" && action != "reject" {
		return nil, invalid("userId is missing: who does it?")
	}
	order, err := b.decide(r.Context(), ebics.PartnerID(r.PathValue("partner")), ebics.OrderID(r.PathValue("order")), action, body)
	if err != nil {
		return nil, err
	}
	return newOrderView(order), nil
}

type advanceRequest struct {
	Days int `json:"days"`
}

func (b *bank) postAdvance(r *http.Request, body advanceRequest) (any, error) {
	if body.Days < 1 || body.Days > maxDays {
		return nil, invalid("days is %d: want 1 to %d", body.Days, maxDays)
	}
	day, err := b.advance(r.Context(), body.Days)
	if err != nil {
		return nil, err
	}
	return map[string]calendar.Date{"businessDate": day}, nil
}
