package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// api speaks the konfipay API version 4 as any ERP would.
type api struct {
	base   string // https://127.0.0.1:PORT
	http   *http.Client
	key    string
	token  string
	expiry int // seconds a token lives, as the login said
}

// Where the API's resources are.
const (
	pathLogin     = "/api/v4/Auth/Login/Token"
	pathPayment   = "/api/v4/Payment/Sepa/Pain"
	pathDocuments = "/api/v4/Document/Camt"
)

// paymentItem is the API's answer about one payment file.
type paymentItem struct {
	RID               string `json:"rId"`
	Timestamp         string `json:"timestamp"`
	Type              string `json:"type"`
	PaymentStatusItem struct {
		Status                status     `json:"status"`
		UploadTimestamp       string     `json:"uploadTimestamp"`
		OrderID               string     `json:"orderID"`
		ReasonCode            string     `json:"reasonCode"`
		Reason                string     `json:"reason"`
		AdditionalInformation string     `json:"additionalInformation"`
		ErrorItem             *errorItem `json:"errorItem"`
	} `json:"paymentStatusItem"`
}

// sighting makes a sighting of an answer that has just arrived.
func (p paymentItem) sighting(source string) sighting {
	s := p.PaymentStatusItem
	return sighting{
		At: time.Now(), Status: s.Status, OrderID: s.OrderID, ReasonCode: s.ReasonCode, Reason: s.Reason, Text: s.AdditionalInformation,
		Source: source,
	}
}

// errorItem is one error of the API.
type errorItem struct {
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	ErrorDetails string `json:"errorDetails"`
}

// apiError is an answer other than success, with what the API says about it.
type apiError struct {
	Request string
	Code    int
	Items   []errorItem
}

// Error implements error.
func (e *apiError) Error() string {
	texts := make([]string, 0, len(e.Items))
	for _, item := range e.Items {
		texts = append(texts, strings.TrimSpace(item.ErrorCode+" "+item.ErrorMessage+" "+oneLine(item.ErrorDetails)))
	}
	return strings.TrimSpace(fmt.Sprintf("%s: HTTP %d %s", e.Request, e.Code, strings.Join(texts, "; ")))
}

// documentItem is the API's description of one statement.
type documentItem struct {
	RID       string `json:"rId"`
	Href      string `json:"href"`
	Timestamp string `json:"timestamp"`
	IBAN      string `json:"iban"`
	IsNew     bool   `json:"isNew"`
	Format    string `json:"format"`
	FileName  string `json:"fileName"`
}

// login exchanges the API key for a token of half an hour.
func (a *api) login(ctx context.Context) error {
	body := map[string]any{"apiKey": a.key, "client": map[string]string{"name": "kontor demo", "version": "1"}}
	got, err := doJSON(ctx, a.http, http.MethodPost, a.base+pathLogin, nil, body)
	if err != nil {
		return err
	}
	if got.Code != http.StatusOK {
		return refusal(http.MethodPost, pathLogin, got)
	}
	var token struct {
		AccessToken string `json:"accessToken"`
		ExpiresIn   int    `json:"expiresIn"`
	}
	if err := got.decode(&token); err != nil {
		return err
	}
	if token.AccessToken == "" {
		return errors.New("the login answered without a token")
	}
	a.token, a.expiry = token.AccessToken, token.ExpiresIn
	return nil
}

// submit sends a payment file. Other answers than 200 and 201 are an *apiError.
func (a *api) submit(ctx context.Context, path string) (paymentItem, error) {
	file, err := os.Open(path)
	if err != nil {
		return paymentItem{}, fmt.Errorf("opening the payment file: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	info, err := file.Stat()
	if err != nil {
		return paymentItem{}, fmt.Errorf("opening the payment file: %w", err)
	}
	header := a.header()
	header.Set("Content-Type", "application/xml")
	got, err := do(ctx, a.http, http.MethodPost, a.base+pathPayment, header, file, info.Size())
	if err != nil {
		return paymentItem{}, err
	}
	if got.Code != http.StatusCreated && got.Code != http.StatusOK {
		return paymentItem{}, refusal(http.MethodPost, pathPayment, got)
	}
	return decodePayment(got)
}

// payment asks for a payment file's status.
func (a *api) payment(ctx context.Context, rID string) (paymentItem, error) {
	got, err := a.get(ctx, pathPayment+"/"+url.PathEscape(rID)+"/Item")
	if err != nil {
		return paymentItem{}, err
	}
	return decodePayment(got)
}

func decodePayment(got answer) (paymentItem, error) {
	var item paymentItem
	if err := got.decode(&item); err != nil {
		return paymentItem{}, err
	}
	if item.RID == "" || item.PaymentStatusItem.Status == "" {
		return paymentItem{}, fmt.Errorf("%w: a payment without rId or status", errNotJSON)
	}
	return item, nil
}

// documents lists the new statements; none is an empty list (HTTP 204).
func (a *api) documents(ctx context.Context) ([]documentItem, error) {
	got, err := a.get(ctx, pathDocuments)
	if err != nil || got.Code == http.StatusNoContent {
		return nil, err
	}
	var list struct {
		DocumentItems []documentItem `json:"documentItems"`
	}
	if err := got.decode(&list); err != nil {
		return nil, err
	}
	if len(list.DocumentItems) == 0 {
		return nil, fmt.Errorf("%w: an empty list of documents, where HTTP 204 is promised", errNotJSON)
	}
	return list.DocumentItems, nil
}

// document reads a statement without acknowledging it; the caller closes it.
func (a *api) document(ctx context.Context, rID string) (io.ReadCloser, error) {
	path := pathDocuments + "/" + url.PathEscape(rID) + "?ack=false"
	res, err := send(ctx, a.http, http.MethodGet, a.base+path, a.header(), nil, 0)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		body, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
		if err != nil {
			return nil, fmt.Errorf("GET %s: reading the answer: %w", path, err)
		}
		return nil, refusal(http.MethodGet, path, answer{Code: res.StatusCode, Body: body})
	}
	return res.Body, nil
}

// acknowledge says that a statement has been processed; it is not new any more.
func (a *api) acknowledge(ctx context.Context, rID string) (documentItem, error) {
	path := pathDocuments + "/" + url.PathEscape(rID) + "/Acknowledge"
	got, err := do(ctx, a.http, http.MethodPost, a.base+path, a.header(), nil, 0)
	if err != nil {
		return documentItem{}, err
	}
	if got.Code != http.StatusOK {
		return documentItem{}, refusal(http.MethodPost, path, got)
	}
	var item documentItem
	if err := got.decode(&item); err != nil {
		return documentItem{}, err
	}
	if !strings.EqualFold(item.RID, rID) || item.IsNew {
		return documentItem{}, fmt.Errorf("%w: the acknowledged document is still new", errNotJSON)
	}
	return item, nil
}

func (a *api) get(ctx context.Context, path string) (answer, error) {
	got, err := do(ctx, a.http, http.MethodGet, a.base+path, a.header(), nil, 0)
	if err != nil {
		return answer{}, err
	}
	if got.Code != http.StatusOK && got.Code != http.StatusNoContent {
		return answer{}, refusal(http.MethodGet, path, got)
	}
	return got, nil
}

func (a *api) header() http.Header {
	return http.Header{"Accept": {"application/json"}, "Authorization": {"Bearer " + a.token}}
}

// refusal makes an error of an answer that is no success; a body that is not the API's error body is left out.
func refusal(method, path string, got answer) error {
	var body struct {
		ErrorItems []errorItem `json:"errorItems"`
	}
	if err := got.decode(&body); err != nil {
		body.ErrorItems = nil
	}
	return &apiError{Request: method + " " + path, Code: got.Code, Items: body.ErrorItems}
}
