package client_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/server"
)

// interpose puts a handler between client and bank that may change answers.
func interpose(t *testing.T, i *installation, change func(n int, answer []byte) []byte) {
	t.Helper()
	inner := i.server.Config.Handler
	var count atomic.Int32
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		recorder := httptest.NewRecorder()
		inner.ServeHTTP(recorder, r)
		_, _ = w.Write(change(int(count.Add(1)), recorder.Body.Bytes()))
	}))
	t.Cleanup(s.Close)
	i.config.URL, i.config.HTTP = s.URL, s.Client()
}

const unsigned = `<?xml version="1.0"?><ebicsKeyManagementResponse xmlns="urn:org:ebics:H004" Version="H004"><header authenticate="true"><static/><mutable><ReturnCode>TTTTTT</ReturnCode><ReportText>text</ReportText></mutable></header><body><ReturnCode authenticate="true">BBBBBB</ReturnCode></body></ebicsKeyManagementResponse>`

func unsignedAnswer(technical, business ebics.ReturnCode) []byte {
	return []byte(strings.NewReplacer("TTTTTT", string(technical), "BBBBBB", string(business)).Replace(unsigned))
}

// Only an error may come without the bank's signature: success, "nothing
// there" and "continue" would each let the hub act on a stranger's word.
func TestUnsignedAnswers(t *testing.T) {
	for _, row := range []struct {
		name                string
		technical, business ebics.ReturnCode
		trusted             bool
	}{
		{"success", ebics.OK, ebics.OK, false},
		{"no data", ebics.OK, ebics.NoDownloadDataAvailable, false},
		{"receipt done", ebics.DownloadPostprocessDone, ebics.OK, false},
		{"recovery", ebics.TxRecoverySync, ebics.OK, false},
		{"invalid XML", ebics.InvalidXML, ebics.OK, true},
		{"internal error", ebics.InternalError, ebics.InternalError, true},
		{"business error", ebics.OK, ebics.ProcessingError, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{})
			i.bank.Enrol(subscriber, testkeys.Subscriber())
			interpose(t, &i, func(int, []byte) []byte { return unsignedAnswer(row.technical, row.business) })
			_, err := upload(t.Context(), i.client(t), cct, []byte("order"))
			var told *client.Error
			var untrusted *client.SignatureError
			if got := errors.As(err, &told); got != row.trusted || got && told.Signed {
				t.Errorf("upload: %v", err)
			}
			if got := errors.As(err, &untrusted); got == row.trusted {
				t.Errorf("upload: %v", err)
			}
			if err := i.client(t).Download(t.Context(), ebics.HAC, func(io.Reader) error { return nil }); err == nil || errors.Is(err, client.ErrNoData) {
				t.Errorf("download: %v", err)
			}
		})
	}
}

// An unsigned refusal of a segment proves nothing about the order.
func TestUnsignedAnswerToASegmentIsUnknown(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	interpose(t, &i, func(n int, answer []byte) []byte {
		if n == 2 {
			return unsignedAnswer(ebics.InvalidXML, ebics.OK)
		}
		return answer
	})
	_, err := upload(t.Context(), i.client(t), cct, []byte("order"))
	var told *client.Error
	if !errors.As(err, &told) || told.Phase != "Transfer" || told.Outcome() != ebics.Unknown {
		t.Errorf("%+v", err)
	}
	if len(i.bank.Uploads()) != 1 {
		t.Error("the bank has the order: the case is the dangerous one")
	}
}

// What a stranger could put in place of the bank's answer.
func TestUntrustworthyAnswersAreRefused(t *testing.T) {
	var earlier []byte
	for _, row := range []struct {
		name   string
		change func(n int, answer []byte) []byte
	}{
		{"order id changed", func(_ int, a []byte) []byte {
			return bytes.Replace(a, []byte("<OrderID>A"), []byte("<OrderID>B"), 1)
		}},
		{"return code changed", func(n int, a []byte) []byte {
			if n == 2 {
				return bytes.Replace(a, []byte(`true">000000`), []byte(`true">011301`), 1)
			}
			return a
		}},
		{"answer to another phase", func(n int, a []byte) []byte {
			if n == 1 {
				earlier = bytes.Clone(a)
				return a
			}
			return earlier
		}},
		{"signature removed", func(_ int, a []byte) []byte {
			i, e := bytes.Index(a, []byte("<AuthSignature>")), bytes.Index(a, []byte("<body>"))
			return append(bytes.Clone(a[:i]), a[e:]...)
		}},
		{"another root", func(_ int, a []byte) []byte {
			return bytes.ReplaceAll(a, []byte("ebicsResponse"), []byte("ebicsRequest"))
		}},
		{"other XML", func(int, []byte) []byte { return []byte("<html><body>maintenance</body></html>") }},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{})
			i.bank.Enrol(subscriber, testkeys.Subscriber())
			interpose(t, &i, row.change)
			_, err := upload(t.Context(), i.client(t), cct, []byte("order"))
			var untrusted *client.SignatureError
			if !errors.As(err, &untrusted) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestAnswerSignedWithAnotherKeyIsRefused(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	impostor := testkeys.Bank()
	impostor.Authentication.Key = testkeys.Other().Authentication.Key
	i.bank.Own = impostor
	err := i.client(t).Download(t.Context(), ebics.HAC, func(io.Reader) error { return nil })
	var untrusted *client.SignatureError
	if !errors.As(err, &untrusted) {
		t.Errorf("%v", err)
	}
}

// An answer to one transaction must not confirm another.
func TestAnswerToAnotherTransactionIsRefused(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	var first []byte
	interpose(t, &i, func(n int, a []byte) []byte {
		switch n {
		case 2:
			first = bytes.Clone(a)
		case 4:
			return first
		}
		return a
	})
	if _, err := upload(t.Context(), i.client(t), cct, []byte("order 1")); err != nil {
		t.Fatal(err)
	}
	_, err := upload(t.Context(), i.client(t), cct, []byte("order 2"))
	var untrusted *client.SignatureError
	if !errors.As(err, &untrusted) {
		t.Errorf("%v", err)
	}
}

// The same transaction, but another segment: a replay within it.
func TestAnswerToAnotherSegmentIsRefused(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.config.SegmentSize = 400
	var first []byte
	interpose(t, &i, func(n int, a []byte) []byte {
		switch n {
		case 2:
			first = bytes.Clone(a)
		case 3:
			return first
		}
		return a
	})
	_, err := upload(t.Context(), i.client(t), cct, noise(500))
	var untrusted *client.SignatureError
	if !errors.As(err, &untrusted) {
		t.Errorf("%v", err)
	}
}

// TLS 1.1 is refused even if the given HTTP client would take it.
func TestOldTLSIsRefused(t *testing.T) {
	i := install(t, server.Options{})
	old := httptest.NewUnstartedServer(i.server.Config.Handler)
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.StartTLS()
	t.Cleanup(old.Close)
	given := old.Client()
	standard, ok := given.Transport.(*http.Transport)
	if !ok {
		t.Fatal("the test server has another transport")
	}
	standard.TLSClientConfig.MinVersion = tls.VersionTLS10
	i.config.URL, i.config.HTTP = old.URL, given
	var transport *client.TransportError
	if err := i.client(t).INI(t.Context()); !errors.As(err, &transport) || transport.Sent || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("%v", err)
	}
}

// The bank's words go into logs: one line, of limited length.
func TestReportTextIsOneShortLine(t *testing.T) {
	i := install(t, server.Options{})
	interpose(t, &i, func(int, []byte) []byte {
		return bytes.Replace(unsignedAnswer("091010", "000000"), []byte(">text<"), []byte(">a\nb&#x85;"+strings.Repeat("ö", 1000)+"<"), 1)
	})
	var told *client.Error
	if err := i.client(t).INI(t.Context()); !errors.As(err, &told) {
		t.Fatal(err)
	}
	if runes := []rune(told.ReportText); len(runes) != 256 || !strings.HasPrefix(told.ReportText, "a b ö") {
		t.Errorf("%d characters: %q", len(runes), told.ReportText)
	}
}

// Order data is not signed by X002. Damage to it must never reach the receipt.
func TestDamagedOrderDataGetsNoReceipt(t *testing.T) {
	for name, change := range map[string]func(n int, a []byte) []byte{
		"first segment": func(n int, a []byte) []byte { return damage(a, n == 1) },
		"next segment":  func(n int, a []byte) []byte { return damage(a, n == 2) },
	} {
		t.Run(name, func(t *testing.T) {
			i := install(t, server.Options{SegmentSize: 400})
			i.bank.Enrol(subscriber, testkeys.Subscriber())
			i.bank.Offer(ebics.C53, noise(1000))
			interpose(t, &i, change)
			err := i.client(t).Download(t.Context(), ebics.C53, func(r io.Reader) error {
				_, _ = io.Copy(io.Discard, r)
				return nil
			})
			if err == nil {
				t.Error("damage was not noticed")
			}
			if r := i.bank.Receipts(); len(r) != 1 || r[0].Processed {
				t.Errorf("receipts %+v", r)
			}
		})
	}
}

func damage(answer []byte, now bool) []byte {
	at := bytes.Index(answer, []byte("<OrderData>"))
	if !now || at < 0 {
		return answer
	}
	out := bytes.Clone(answer)
	if at += len("<OrderData>") + 100; out[at] == 'A' {
		out[at] = 'B'
	} else {
		out[at] = 'A'
	}
	return out
}

// Data that is stored but whose receipt got lost is not a failed download.
func TestLostReceiptIsItsOwnError(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.bank.Offer(ebics.C53, []byte("statement"))
	interpose(t, &i, func(n int, a []byte) []byte {
		if n == 2 {
			return []byte("Service unavailable")
		}
		return a
	})
	err := i.client(t).Download(t.Context(), ebics.C53, func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err })
	var lost *client.ReceiptError
	if !errors.As(err, &lost) {
		t.Errorf("%v", err)
	}
}

// HPB: keys of another host never come out.
func TestHPBChecksItsAnswer(t *testing.T) {
	bank := ebicstest.NewBank("HOST2", testkeys.Bank())
	bank.Enrol(subscriber, testkeys.Subscriber())
	other := server.New(bank, server.Options{Now: now})
	i := install(t, server.Options{})
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The other bank answers for whatever host it is asked.
		bank.Host = "HOST1"
		recorder := httptest.NewRecorder()
		bank.AfterSubscriber = func() { bank.Host = "HOST2" }
		other.ServeHTTP(recorder, r)
		_, _ = w.Write(recorder.Body.Bytes())
	}))
	t.Cleanup(s.Close)
	i.config.URL, i.config.HTTP = s.URL, s.Client()
	var untrusted *client.SignatureError
	if _, err := i.client(t).HPB(t.Context()); !errors.As(err, &untrusted) || !strings.Contains(err.Error(), "HOST2") {
		t.Errorf("keys of another host: %v", err)
	}
}

// Everything before a verified answer is a transport error, and Sent may be
// false only if nothing can have arrived.
func TestTransportErrors(t *testing.T) {
	closed := httptest.NewTLSServer(http.NotFoundHandler())
	closedClient, closedURL := closed.Client(), closed.URL
	closed.Close()
	strange := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(strange.Close)
	for _, row := range []struct {
		name    string
		handler http.HandlerFunc
		change  func(*client.Config)
		sent    bool
	}{
		{"connection refused", nil, func(c *client.Config) { c.URL, c.HTTP = closedURL, closedClient }, false},
		{"unknown certificate", nil, func(c *client.Config) { c.URL, c.HTTP = strange.URL, &http.Client{Transport: &http.Transport{}} }, false},
		{"status 503", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, nil, true},
		{"redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		}, nil, true},
		{"not XML", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "maintenance") }, nil, true},
		{"nothing", func(http.ResponseWriter, *http.Request) {}, nil, true},
		{"truncated XML", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(unsignedAnswer("091010", "000000")[:300]) }, nil, true},
		{"document type", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(bytes.Replace(unsignedAnswer("091010", "000000"), []byte("?>"), []byte("?><!DOCTYPE x>"), 1))
		}, nil, true},
		{"endless answer", func(w http.ResponseWriter, _ *http.Request) {
			for range 9 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}, nil, true},
		{"connection cut", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			connection, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				_ = connection.Close()
			}
		}, nil, true},
		{"unknown kind of transport", nil, func(c *client.Config) {
			c.HTTP = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, net.ErrClosed })}
		}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			i := install(t, server.Options{})
			var requests atomic.Int32
			if row.handler != nil {
				s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					requests.Add(1)
					row.handler(w, r)
				}))
				t.Cleanup(s.Close)
				i.config.URL, i.config.HTTP = s.URL, s.Client()
			} else {
				row.change(&i.config)
			}
			err := i.client(t).Download(t.Context(), ebics.HAC, func(io.Reader) error { return nil })
			var transport *client.TransportError
			if !errors.As(err, &transport) || transport.Sent != row.sent {
				t.Fatalf("sent %t: %v", transport != nil && transport.Sent, err)
			}
			if row.handler != nil && requests.Load() != 1 {
				t.Errorf("%d requests", requests.Load())
			}
			if strings.Contains(err.Error(), "127.0.0.1") && row.handler != nil {
				t.Errorf("the error names an address: %v", err)
			}
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
