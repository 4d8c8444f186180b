package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"time"
)

// Limits on what is read from the two servers.
const (
	answerLimit = 8 << 20 // bytes of a JSON answer
	caLimit     = 1 << 20 // bytes of a CA file
)

// answer is a complete HTTP answer with a short body.
type answer struct {
	Code        int
	ContentType string
	Body        []byte
}

// errNotJSON says that a body should have been JSON.
var errNotJSON = errors.New("answer is not the JSON expected")

// decode reads the body as JSON.
func (a answer) decode(into any) error {
	if err := json.Unmarshal(a.Body, into); err != nil {
		return fmt.Errorf("%w (HTTP %d): %w", errNotJSON, a.Code, err)
	}
	return nil
}

// trusting returns a client that believes only the CA of the file named in a ready line, follows no redirect and uses no proxy.
func trusting(caFile string) (*http.Client, error) {
	file, err := os.Open(caFile)
	if err != nil {
		return nil, fmt.Errorf("reading the CA: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read
	pem, err := io.ReadAll(io.LimitReader(file, caLimit))
	if err != nil {
		return nil, fmt.Errorf("reading the CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading the CA: no certificate in %s", caFile)
	}
	return &http.Client{
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

// checkLoopback refuses addresses that are not those of this machine over TLS: the demo must never speak to a real bank or hub.
func checkLoopback(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("reading an address: %w", err)
	}
	if u.Scheme != "https" {
		return fmt.Errorf("%s is not https", address)
	}
	if host := u.Hostname(); host == "localhost" || net.ParseIP(host).IsLoopback() {
		return nil
	}
	return fmt.Errorf("%s is not on this machine", address)
}

// do sends one request and reads the whole answer.
func do(ctx context.Context, c *http.Client, method, address string, header http.Header, body io.Reader, length int64) (answer, error) {
	res, err := send(ctx, c, method, address, header, body, length)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	content, err := io.ReadAll(io.LimitReader(res.Body, answerLimit+1))
	if err != nil {
		return answer{}, fmt.Errorf("%s %s: reading the answer: %w", method, address, err)
	}
	if len(content) > answerLimit {
		return answer{}, fmt.Errorf("%s %s: answer longer than %d bytes", method, address, answerLimit)
	}
	return answer{Code: res.StatusCode, ContentType: res.Header.Get("Content-Type"), Body: content}, nil
}

// send sends one request; the caller closes the answer's body. length is that of the body, -1 if unknown.
func send(ctx context.Context, c *http.Client, method, address string, header http.Header, body io.Reader, length int64) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	if body != nil {
		req.ContentLength = length
	}
	for key, values := range header {
		req.Header[key] = values
	}
	res, err := c.Do(req)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			return nil, fmt.Errorf("%s %s: %w", method, address, cause)
		}
		return nil, fmt.Errorf("sending a request: %w", err) // names method and address itself
	}
	return res, nil
}

// doJSON sends a value as JSON and reads the whole answer.
func doJSON(ctx context.Context, c *http.Client, method, address string, header http.Header, value any) (answer, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return answer{}, fmt.Errorf("writing a request: %w", err)
	}
	header = header.Clone()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Content-Type", "application/json; charset=utf-8")
	return do(ctx, c, method, address, header, bytes.NewReader(body), int64(len(body)))
}
