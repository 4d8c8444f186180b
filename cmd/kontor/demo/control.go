package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// bankReady is the line with which the sandbox bank says that it is ready.
type bankReady struct {
	URL     string    `json:"url"`
	Control string    `json:"control"`
	HostID  string    `json:"hostId"`
	CA      string    `json:"ca"`
	Parties []partner `json:"partners"`
}

// partner is a customer of the bank.
type partner struct {
	PartnerID string `json:"partnerId"`
	Users     []user `json:"users"`
}

// user is a subscriber of a partner: class E signs alone, A and B together, T only transports.
type user struct {
	UserID string `json:"userId"`
	Class  string `json:"class"`
	State  string `json:"state"`
}

// bankState is what the bank tells about itself. Hashes are those that it publishes of its keys, by version (X002, E002); Certificates are
// those of the certificates that the keys come in in H005.
type bankState struct {
	HostID       string            `json:"hostId"`
	BusinessDate string            `json:"businessDate"`
	Hashes       map[string]string `json:"hashes"`
	Certificates map[string]string `json:"certificateHashes"`
	Partners     []partner         `json:"partners"`
	Accounts     []bankAccount     `json:"accounts"`
}

// bankAccount is an account at the bank: held by one partner; bureau partners may submit orders for it.
type bankAccount struct {
	IBAN           string   `json:"iban"`
	Currency       string   `json:"currency"`
	Owner          string   `json:"owner"`
	HolderPartner  string   `json:"holderPartner"`
	BureauPartners []string `json:"bureauPartners"`
}

// newAccount asks the bank to open an account.
type newAccount struct {
	IBAN           string `json:"iban"`
	Currency       string `json:"currency"`
	Owner          string `json:"owner"`
	HolderPartner  string `json:"holderPartner"`
	BureauPartner  string `json:"bureauPartner"`
	OpeningBalance string `json:"openingBalance"`
}

// bankOrder is the bank's answer about an order.
type bankOrder struct {
	OrderID   string `json:"orderId"`
	State     string `json:"state"`
	MessageID string `json:"messageId"`
	Complete  bool   `json:"complete"` // the signatures are sufficient
}

// bankRefusal is the bank's refusal of an action: an EBICS return code and a sentence.
type bankRefusal struct {
	HTTP int    `json:"-"`
	Code string `json:"code"`
	Text string `json:"error"`
}

// Error implements error.
func (r *bankRefusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the bank refuses (HTTP %d): %s %s", r.HTTP, r.Code, oneLine(r.Text)))
}

// control speaks the bank's control API: what happens at a real bank at the counter, in its portal and at night.
type control struct {
	base string // https://127.0.0.1:PORT/control
	http *http.Client
}

// state asks for customers, accounts, keys and the business date.
func (c *control) state(ctx context.Context) (bankState, error) {
	var s bankState
	got, err := do(ctx, c.http, http.MethodGet, c.base+"/state", nil, nil, 0)
	if err != nil {
		return s, err
	}
	err = c.accept(got, &s)
	return s, err
}

// openAccount opens an account; the same one twice is the same account.
func (c *control) openAccount(ctx context.Context, a newAccount) error {
	return c.post(ctx, "/accounts", a, nil)
}

// activate is the bank clerk who has the initialisation letter in hand: the hashes must be those of the keys received.
func (c *control) activate(ctx context.Context, partnerID, userID string, hashes map[string]string) error {
	return c.post(ctx, "/users/"+url.PathEscape(partnerID)+"/"+url.PathEscape(userID)+"/activate", map[string]any{"hashes": hashes}, nil)
}

// release signs a waiting order as a user of a partner; a signature that does not count is a *bankRefusal.
func (c *control) release(ctx context.Context, orderPartner, orderID string, by signer) (bankOrder, error) {
	var order bankOrder
	path := "/orders/" + url.PathEscape(orderPartner) + "/" + url.PathEscape(orderID) + "/release"
	err := c.post(ctx, path, map[string]string{"partnerId": by.Partner, "userId": by.User}, &order)
	return order, err
}

// orders lists all orders that ever reached the bank.
func (c *control) orders(ctx context.Context) ([]bankOrder, error) {
	got, err := do(ctx, c.http, http.MethodGet, c.base+"/orders", nil, nil, 0)
	if err != nil {
		return nil, err
	}
	var orders []bankOrder
	err = c.accept(got, &orders)
	return orders, err
}

// advance ends the bank's day: it writes the statements of the day and begins the next.
func (c *control) advance(ctx context.Context, days int) error {
	return c.post(ctx, "/advance", map[string]int{"days": days}, nil)
}

func (c *control) post(ctx context.Context, path string, body, into any) error {
	got, err := doJSON(ctx, c.http, http.MethodPost, c.base+path, nil, body)
	if err != nil {
		return err
	}
	return c.accept(got, into)
}

// accept decodes a success and makes a *bankRefusal of anything else.
func (c *control) accept(got answer, into any) error {
	if got.Code < 200 || got.Code > 299 {
		refused := &bankRefusal{}
		if err := got.decode(refused); err != nil {
			refused = &bankRefusal{Text: "no reason given"}
		}
		refused.HTTP = got.Code
		return refused
	}
	if into == nil {
		return nil
	}
	return got.decode(into)
}

// signer is a user who signs at the bank.
type signer struct {
	Partner, User, Class string
}
