// Package ebics is the channel to banks over EBICS: it turns links, orders and outcomes of the hub into those of kontor/ebics and its
// client. It serves the ports of onboard, dispatch and collect.
package ebics

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/internal/hub"
)

// Options of New.
type Options struct {
	Now         func() time.Time
	Timeout     time.Duration // of one request; 0 = 2 minutes
	SegmentSize int           // base64 characters of an upload segment; 0 = the client's default
	KeyBits     int           // of new contacts' keys; 0 = 2,048
	Product     string        // named to the bank
}

// Channel speaks EBICS. It is safe for concurrent use and keeps connections open between requests, one pool per bank.
type Channel struct {
	o Options

	mu    sync.Mutex
	pools map[pool]*http.Client
}

// pool tells apart what must not share connections.
type pool struct{ url, ca string }

// New returns a channel.
func New(o Options) *Channel {
	if o.Timeout == 0 {
		o.Timeout = 2 * time.Minute
	}
	if o.KeyBits == 0 {
		o.KeyBits = 2048
	}
	return &Channel{o: o, pools: map[pool]*http.Client{}}
}

func (c *Channel) httpClient(b hub.Bank) (*http.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := pool{b.URL, b.CA}
	if h, ok := c.pools[key]; ok {
		return h, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if b.CA != "" {
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM([]byte(b.CA)) {
			return nil, hub.Errorf(hub.CodeInvalid, "the bank's CA is no PEM certificate")
		}
	}
	h := &http.Client{Timeout: c.o.Timeout, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: config, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		DialContext:         (&net.Dialer{Timeout: 20 * time.Second}).DialContext,
		TLSHandshakeTimeout: 20 * time.Second,
	}}
	c.pools[key] = h
	return h, nil
}

// session is a client for one link, with the last answer it got.
type session struct {
	*client.Client
	ways   ways
	answer []byte
}

func (c *Channel) session(l hub.Link) (*session, error) {
	h, err := c.httpClient(l.Bank)
	if err != nil {
		return nil, err
	}
	w, err := waysOf(l.Bank.Profile)
	if err != nil {
		return nil, err
	}
	s := &session{ways: w}
	config := client.Config{
		URL: l.Bank.URL, HostID: ebics.HostID(l.Bank.HostID), Now: c.o.Now, HTTP: h, Product: c.o.Product, SegmentSize: w.segmentSize(c.o.SegmentSize),
		Subscriber: ebics.Subscriber{Partner: ebics.PartnerID(l.Contact.PartnerID), User: ebics.UserID(l.Contact.UserID)},
		Answered:   func(answer []byte) { s.answer = bytes.Clone(answer) },
		Version:    w.version, BankDigest: w.digest, Certificates: w.certificates,
	}
	if config.PinnedKeys, err = pins(l.Bank.Profile); err != nil {
		return nil, err
	}
	if config.Keys, err = contactKeys(l, w); err != nil {
		return nil, err
	}
	if l.Contact.State == hub.ContactReady { // before, a person has not compared them
		config.Bank = &ebics.BankPublicKeys{}
		if err := config.Bank.UnmarshalBinary(l.Contact.BankKeys); err != nil {
			return nil, fmt.Errorf("read bank keys of contact %s: %w", l.Contact.ID, err)
		}
	}
	s.Client, err = client.New(config)
	return s, err
}

// Prepare implements dispatch.Bank.
func (c *Channel) Prepare(ctx context.Context, l hub.Link, o hub.UploadOrder, data func() (io.ReadCloser, error), spool io.Writer) (hub.Prepared, error) {
	s, err := c.session(l)
	if err != nil {
		return hub.Prepared{}, err
	}
	order, err := s.ways.upload(o)
	if err != nil {
		return hub.Prepared{}, err
	}
	p, err := s.Client.Prepare(ctx, order, data, spool)
	if err != nil {
		return hub.Prepared{}, outcomeOf(err)
	}
	channel, err := json.Marshal(p)
	return hub.Prepared{Segments: p.Segments, SegmentSize: p.SegmentSize, Channel: channel}, err
}

// Initialise implements dispatch.Bank.
func (c *Channel) Initialise(ctx context.Context, l hub.Link, channel []byte) (hub.Transaction, []byte, error) {
	s, err := c.session(l)
	if err != nil {
		return hub.Transaction{}, nil, err
	}
	var p client.Prepared
	if err := json.Unmarshal(channel, &p); err != nil {
		return hub.Transaction{}, nil, fmt.Errorf("read prepared order: %w", err)
	}
	t, err := s.Client.Initialise(ctx, p)
	if err != nil {
		return hub.Transaction{}, s.answer, outcomeOf(err)
	}
	return hub.Transaction{ID: t.ID, OrderID: string(t.OrderID)}, s.answer, nil
}

// Transfer implements dispatch.Bank.
func (c *Channel) Transfer(ctx context.Context, l hub.Link, t hub.Transaction, number int, last bool, segment []byte) ([]byte, error) {
	s, err := c.session(l)
	if err != nil {
		return nil, err
	}
	err = s.Client.Transfer(ctx, client.Transaction{ID: t.ID, OrderID: ebics.OrderID(t.OrderID)}, number, last, segment)
	return s.answer, outcomeOf(err)
}

// Download implements collect.Bank.
func (c *Channel) Download(ctx context.Context, l hub.Link, orderType string, keep func(data io.Reader) error) error {
	s, err := c.session(l)
	if err != nil {
		return err
	}
	order, err := s.ways.order(orderType)
	if err != nil {
		return err
	}
	var kept error
	err = s.Client.DownloadOrder(ctx, order, "", "", func(data io.Reader) error {
		kept = keep(data)
		return kept
	})
	if kept != nil {
		return kept // our own failure, not the bank's
	}
	return outcomeOf(err)
}

// outcomeOf says in the hub's words what went wrong with a bank.
func outcomeOf(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, client.ErrNoData) {
		return &hub.BankError{Outcome: hub.BankNothing, Err: err}
	}
	if errors.Is(err, client.ErrBankKeyChanged) || errors.Is(err, client.ErrVersionChanged) || errors.Is(err, client.ErrNoBankKeys) {
		return &hub.BankError{Outcome: hub.BankKeyChanged, Err: err}
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		code := e.Technical
		if code.Outcome() == ebics.Done {
			code = e.Business
		}
		out := &hub.BankError{Outcome: meaning(e), Code: string(code), Text: text(code, e.ReportText), Segment: e.Segment}
		return out
	}
	if e, ok := errors.AsType[*client.TransportError](err); ok {
		outcome := hub.BankUnreachable
		if e.Sent {
			outcome = hub.BankSilent
		}
		return &hub.BankError{Outcome: outcome, Err: err}
	}
	if _, ok := errors.AsType[*client.SignatureError](err); ok {
		return &hub.BankError{Outcome: hub.BankSilent, Err: err}
	}
	return err
}

// text is what a person reads: the code's symbol and the bank's own words.
func text(code ebics.ReturnCode, report string) string {
	if symbol := code.Symbol(); symbol != "" && report == "" {
		return symbol
	}
	return report
}

// subscriberState says whether the bank refuses us and not the order: a locked or half-made access is mended by people, and what waits
// for it goes on then.
func subscriberState(e *client.Error) bool {
	switch e.Technical { //nolint:exhaustive // these four of them
	case ebics.AuthenticationFailed, ebics.InvalidUserOrUserState, ebics.UserUnknown, ebics.InvalidUserState:
		return true
	}
	return false
}

// meaning says what a bank's answer means. A refusal without its signature may come from anybody and ends nothing for good.
func meaning(e *client.Error) hub.BankOutcome {
	if e.Technical == ebics.TxUnknownTxid {
		return hub.BankUnknownTransaction
	}
	if subscriberState(e) || (!e.Signed && e.Outcome() == ebics.Refused) {
		return hub.BankMisconfigured
	}
	switch e.Outcome() {
	case ebics.Nothing:
		return hub.BankNothing
	case ebics.Resume:
		return hub.BankResume
	case ebics.Retry, ebics.Replayed:
		return hub.BankBusy
	case ebics.BankKeyChanged:
		return hub.BankKeyChanged
	case ebics.Refused:
		return hub.BankRefused
	case ebics.Broken:
		return hub.BankMisconfigured
	case ebics.Done, ebics.Unknown:
		return hub.BankSilent // an answer that says nothing we may rely on
	}
	return hub.BankSilent
}

func hexOf(digest [32]byte) string { return hex.EncodeToString(digest[:]) }
