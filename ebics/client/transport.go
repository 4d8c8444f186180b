package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	maxAnswer      = 8 << 20 // bytes of an answer, after any content encoding
	defaultTimeout = 2 * time.Minute
)

// checkURL allows https anywhere and http to loopback only.
func checkURL(target *url.URL) error {
	if target.Host == "" || target.User != nil {
		return errors.New("the URL has no host, or carries a password")
	}
	switch strings.ToLower(target.Scheme) {
	case "https":
		return nil
	case "http":
		ip := net.ParseIP(target.Hostname())
		if target.Hostname() == "localhost" || ip != nil && ip.IsLoopback() {
			return nil
		}
		return errors.New("plain HTTP is allowed to loopback addresses only")
	}
	return fmt.Errorf("URL scheme %q: want https", target.Scheme)
}

// hardened copies an HTTP client so that it follows no redirect and speaks at
// least TLS 1.2. traced says that its transport is Go's own, which reports when
// it starts to write; any other is assumed to have sent.
//
// With pins the verified chain must have one of the keys.
func hardened(given *http.Client, pins [][32]byte) (client *http.Client, traced bool, err error) {
	client = &http.Client{Timeout: defaultTimeout}
	if given != nil {
		*client = *given
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	client.Jar = nil
	round := client.Transport
	if round == nil {
		round = http.DefaultTransport
	}
	standard, ok := round.(*http.Transport)
	if !ok {
		if len(pins) > 0 {
			return nil, false, errors.New("the transport is not Go's own, so that keys cannot be pinned")
		}
		return client, false, nil
	}
	own := standard.Clone()
	if own.TLSClientConfig == nil {
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if own.TLSClientConfig.InsecureSkipVerify {
		return nil, false, errors.New("the HTTP client does not check certificates")
	}
	if own.TLSClientConfig.MinVersion < tls.VersionTLS12 {
		own.TLSClientConfig.MinVersion = tls.VersionTLS12
	}
	pin(own.TLSClientConfig, pins)
	own.DisableCompression = true
	if own.IdleConnTimeout == 0 {
		own.IdleConnTimeout = 30 * time.Second
	}
	client.Transport = own
	return client, true, nil
}

// pin adds to what the configuration checks that one of the keys is in the chain
// that was verified.
func pin(config *tls.Config, pins [][32]byte) {
	if len(pins) == 0 {
		return
	}
	before := config.VerifyConnection
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if before != nil {
			if err := before(state); err != nil {
				return err
			}
		}
		for _, chain := range state.VerifiedChains {
			for _, certificate := range chain {
				if slices.Contains(pins, sha256.Sum256(certificate.RawSubjectPublicKeyInfo)) {
					return nil
				}
			}
		}
		return errors.New("none of the bank's TLS keys is one of the pinned ones")
	}
}

// post sends one request and returns the answer's bytes. Every failure is a
// *TransportError.
func (c *Client) post(ctx context.Context, request []byte) ([]byte, error) {
	var sent atomic.Bool
	// Getting a connection is the moment before the first byte may leave. It
	// includes the TLS handshake, so a refused certificate is not "sent".
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }}
	failed := func(err error) error {
		return &TransportError{Sent: sent.Load() || !c.traced, Err: withoutURL(err)}
	}
	if err := ctx.Err(); err != nil {
		return nil, &TransportError{Sent: false, Err: err}
	}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, c.config.URL, bytes.NewReader(request))
	if err != nil {
		return nil, &TransportError{Sent: false, Err: withoutURL(err)}
	}
	r.Header.Set("Content-Type", "text/xml; charset=UTF-8")
	r.Header.Set("User-Agent", c.config.Product)
	response, err := c.http.Do(r)
	if err != nil {
		return nil, failed(err)
	}
	// The body was read to its end or is given up; its Close tells nothing more.
	defer func() { _ = response.Body.Close() }()
	sent.Store(true)
	if response.StatusCode != http.StatusOK {
		return nil, failed(fmt.Errorf("HTTP status %d", response.StatusCode))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer+1))
	if err != nil {
		return nil, failed(err)
	}
	if len(body) > maxAnswer {
		return nil, failed(fmt.Errorf("answer is larger than %d bytes", maxAnswer))
	}
	if c.config.Answered != nil {
		c.config.Answered(body)
	}
	return body, nil
}

// withoutURL drops the address that net/http puts before its errors: it may
// name a path that is nobody's business in a log.
func withoutURL(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err
	}
	return err
}
