package rig

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// answerLimit is how many bytes of an answer are read.
const answerLimit = 256 << 20

// Answer is a complete HTTP answer.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Decode reads the body as JSON.
func (a Answer) Decode(into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return fmt.Errorf("answer %d is not the JSON expected: %w: %s", a.Status, err, cutShort(a.Body))
	}
	return nil
}

// trusting returns a client that believes only the certificate in a file; "" is for plain HTTP. It follows no redirect, uses no proxy
// and keeps no more than a few connections.
func trusting(caFile string) (*http.Client, error) {
	transport := &http.Transport{TLSHandshakeTimeout: 20 * time.Second, IdleConnTimeout: 20 * time.Second, MaxIdleConnsPerHost: 4}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, fmt.Errorf("reading the CA: %w", err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("reading the CA: no certificate in %s", caFile)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{
		Transport: transport, Timeout: Patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// send sends one request and reads the whole answer. An error means that there is no complete answer.
func send(ctx context.Context, c *http.Client, method, address string, header http.Header, body []byte) (Answer, error) {
	var reader io.Reader
	if body != nil {
		// Not a *bytes.Reader: the client would silently send the request again on another connection, and tests count requests.
		reader = struct{ io.Reader }{bytes.NewReader(body)}
	}
	req, err := http.NewRequestWithContext(ctx, method, address, reader)
	if err != nil {
		return Answer{}, err
	}
	if body != nil {
		req.ContentLength = int64(len(body))
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := c.Do(req)
	if err != nil {
		return Answer{}, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	if err != nil {
		return Answer{}, fmt.Errorf("%s %s: reading the answer: %w", method, address, err)
	}
	return Answer{res.StatusCode, res.Header, content}, nil
}
