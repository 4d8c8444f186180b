package rig

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Paths of the API.
const (
	PathLogin     = "/api/v4/Auth/Login/Token"
	PathPayment   = "/api/v4/Payment/Sepa/Pain"
	PathDocuments = "/api/v4/Document/Camt"
)

// Client is an ERP: it speaks the konfipay API version 4 with one API key, logs in when it must, and again after a 401. It goes on
// working over restarts of the hub. It is safe for concurrent use.
type Client struct {
	Key string

	hub endpoint

	mu    sync.Mutex
	token string
}

// endpoint is where the API is: one hub, or a balancer before several.
type endpoint interface {
	HTTP() (client *http.Client, url string, err error)
}

// Client returns a client with an API key.
func (h *Hub) Client(key string) *Client { return &Client{Key: key, hub: h} }

// Refused is an answer of the API other than the success that was expected.
type Refused struct {
	Request string
	Answer
	Items []ErrorItem
}

// Error implements error.
func (r *Refused) Error() string {
	return fmt.Sprintf("%s: HTTP %d: %s", r.Request, r.Status, cutShort(r.Body))
}

// ErrorItem is one error of the API.
type ErrorItem struct {
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
	ErrorDetails string `json:"errorDetails"`
	Timestamp    string `json:"timestamp"`
}

// Payment is the API's answer about a payment file.
type Payment struct {
	RID       string        `json:"rId"`
	Timestamp string        `json:"timestamp"`
	Type      string        `json:"type"`
	Item      PaymentStatus `json:"paymentStatusItem"`
}

// PaymentStatus is how far a payment file has come.
type PaymentStatus struct {
	Status                string     `json:"status"`
	UploadTimestamp       string     `json:"uploadTimestamp"`
	OrderID               string     `json:"orderID"`
	ReasonCode            string     `json:"reasonCode"`
	Reason                string     `json:"reason"`
	AdditionalInformation string     `json:"additionalInformation"`
	ErrorItem             *ErrorItem `json:"errorItem"`
}

// Document is the API's description of a document.
type Document struct {
	RID       string `json:"rId"`
	Href      string `json:"href"`
	Timestamp string `json:"timestamp"`
	IBAN      string `json:"iban"`
	IsNew     bool   `json:"isNew"`
	Format    string `json:"format"`
	FileName  string `json:"fileName"`
}

// Login gets a new token and returns the whole answer.
func (c *Client) Login(ctx context.Context) (Answer, error) {
	body, err := json.Marshal(map[string]any{"apiKey": c.Key, "client": map[string]string{"name": "e2e", "version": "1"}})
	if err != nil {
		return Answer{}, err
	}
	web, base, err := c.hub.HTTP()
	if err != nil {
		return Answer{}, err
	}
	got, err := send(ctx, web, http.MethodPost, base+PathLogin, http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil || got.Status != http.StatusOK {
		return got, err
	}
	var token struct {
		AccessToken string `json:"accessToken"`
	}
	if err := got.Decode(&token); err != nil {
		return got, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token.AccessToken
	return got, nil
}

// Token returns the current access token, "" before the first login.
func (c *Client) Token() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}

// Adopt makes the client use a token that it did not get itself.
func (c *Client) Adopt(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// Do sends a request with the access token, logging in first if there is none, and once more if the token is refused. path begins with a
// slash. An error means that there is no complete answer; every answer is returned as it is.
func (c *Client) Do(ctx context.Context, method, path string, header http.Header, body []byte) (Answer, error) {
	fresh := false
	for {
		if c.Token() == "" {
			if got, err := c.Login(ctx); err != nil || got.Status != http.StatusOK {
				return got, err
			}
			fresh = true
		}
		web, base, err := c.hub.HTTP()
		if err != nil {
			return Answer{}, err
		}
		header = header.Clone()
		if header == nil {
			header = http.Header{}
		}
		header.Set("Authorization", "Bearer "+c.Token())
		if header.Get("Accept") == "" {
			header.Set("Accept", "application/json")
		}
		got, err := send(ctx, web, method, base+path, header, body)
		if err != nil || got.Status != http.StatusUnauthorized || fresh {
			return got, err
		}
		c.mu.Lock()
		c.token = ""
		c.mu.Unlock()
	}
}

// call is Do for one expected status, decoding into. Another status is a *Refused.
func (c *Client) call(ctx context.Context, method, path string, header http.Header, body []byte, status int, into any) error {
	got, err := c.Do(ctx, method, path, header, body)
	if err != nil {
		return err
	}
	if got.Status != status {
		refused := &Refused{Request: method + " " + path, Answer: got}
		var items struct {
			ErrorItems []ErrorItem `json:"errorItems"`
		}
		if json.Unmarshal(got.Body, &items) == nil { // other bodies have no items
			refused.Items = items.ErrorItems
		}
		return refused
	}
	if into == nil {
		return nil
	}
	return got.Decode(into)
}

// Submit sends a payment file. fileName may be "".
func (c *Client) Submit(ctx context.Context, file []byte, fileName string) (p Payment, err error) {
	header := http.Header{"Content-Type": {"application/xml"}}
	if fileName != "" {
		header.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", fileName))
	}
	err = c.call(ctx, http.MethodPost, PathPayment, header, file, http.StatusCreated, &p)
	return p, err
}

// Payment asks how far a payment file has come.
func (c *Client) Payment(ctx context.Context, rID string) (p Payment, err error) {
	err = c.call(ctx, http.MethodGet, PathPayment+"/"+url.PathEscape(rID)+"/Item", nil, nil, http.StatusOK, &p)
	if err == nil && !strings.EqualFold(p.RID, rID) {
		err = fmt.Errorf("asked for %s, got %s", rID, p.RID)
	}
	return p, err
}

// PaymentFile fetches the bytes of a payment file.
func (c *Client) PaymentFile(ctx context.Context, rID string) ([]byte, error) {
	return c.file(ctx, PathPayment+"/"+url.PathEscape(rID))
}

func (c *Client) file(ctx context.Context, path string) ([]byte, error) {
	got, err := c.Do(ctx, http.MethodGet, path, http.Header{"Accept": {"*/*"}}, nil)
	if err == nil && got.Status != http.StatusOK {
		err = &Refused{Request: "GET " + path, Answer: got}
	}
	return got.Body, err
}

// NewDocuments lists what was not acknowledged yet; none is an empty list (HTTP 204).
func (c *Client) NewDocuments(ctx context.Context) ([]Document, error) {
	return c.list(ctx, PathDocuments)
}

// History lists all documents that were made available from yesterday to tomorrow: everything of a test.
func (c *Client) History(ctx context.Context) ([]Document, error) {
	day := func(n int) string { return time.Now().AddDate(0, 0, n).Format(time.DateOnly) }
	return c.list(ctx, PathDocuments+"/History?start="+day(-1)+"&end="+day(1))
}

func (c *Client) list(ctx context.Context, path string) ([]Document, error) {
	got, err := c.Do(ctx, http.MethodGet, path, nil, nil)
	if err != nil || got.Status == http.StatusNoContent {
		return nil, err
	}
	if got.Status != http.StatusOK {
		return nil, &Refused{Request: "GET " + path, Answer: got}
	}
	var found struct {
		DocumentItems []Document `json:"documentItems"`
	}
	err = got.Decode(&found)
	return found.DocumentItems, err
}

// DocumentFile fetches the bytes of a document without acknowledging it.
func (c *Client) DocumentFile(ctx context.Context, rID string) ([]byte, error) {
	return c.file(ctx, PathDocuments+"/"+url.PathEscape(rID)+"?ack=false")
}

// Acknowledge says that a document has been processed.
func (c *Client) Acknowledge(ctx context.Context, rID string) (d Document, err error) {
	err = c.call(ctx, http.MethodPost, PathDocuments+"/"+url.PathEscape(rID)+"/Acknowledge", nil, []byte{}, http.StatusOK, &d)
	return d, err
}
