package client_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/server"
)

// disturbance does something to the n-th request of an upload, from 1: to the
// request on its way there, or to the answer on its way back.
type disturbance func(n int, forward func()) (cut bool)

// disturbed puts a line that fails between client and bank and returns the bodies
// that were sent.
func disturbed(t *testing.T, i *installation, d disturbance) (bodies func() [][]byte) {
	t.Helper()
	bank := i.server.Config.Handler
	var mu sync.Mutex
	var seen [][]byte
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		mu.Lock()
		seen = append(seen, body)
		n := len(seen)
		mu.Unlock()
		answer := httptest.NewRecorder()
		forwarded := false
		cut := d(n, func() {
			again := r.Clone(r.Context())
			again.Body = io.NopCloser(bytes.NewReader(body))
			answer = httptest.NewRecorder()
			bank.ServeHTTP(answer, again)
			forwarded = true
		})
		if cut || !forwarded {
			if connection, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_ = connection.Close() // that is the disturbance
			}
			return
		}
		_, _ = w.Write(answer.Body.Bytes()) // the client's own error tells if not
	}))
	t.Cleanup(s.Close)
	i.config.URL, i.config.HTTP = s.URL, s.Client()
	return func() [][]byte {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(seen)
	}
}

// Whatever is lost on the way of a segment, in either direction, the order is
// delivered once, and what is sent again is the same bytes.
func TestLostSegmentsAreSentAgain(t *testing.T) {
	for _, v := range ebics.Versions() {
		for _, row := range []struct {
			name  string
			d     disturbance
			whole bool // delivered for certain
		}{
			{"request of segment 2 lost", func(n int, forward func()) bool {
				if n != 3 {
					forward()
				}
				return n == 3
			}, true},
			{"answer to segment 2 lost", func(n int, forward func()) bool { forward(); return n == 3 }, true},
			{"segment 2 arrives twice", func(n int, forward func()) bool {
				forward()
				if n == 3 {
					forward()
				}
				return false
			}, true},
			{"request of the last segment lost", func(n int, forward func()) bool {
				if n != 4 {
					forward()
				}
				return n == 4
			}, true},
			{"answer to the last segment lost", func(n int, forward func()) bool { forward(); return n == 4 }, false},
			{"nothing more arrives", func(n int, forward func()) bool {
				if n < 3 {
					forward()
				}
				return n >= 3
			}, false},
		} {
			t.Run(string(v)+" "+row.name, func(t *testing.T) {
				i := install(t, server.Options{})
				i.bank.Enrol(subscriber, testkeys.Subscriber())
				i.config.Version, i.config.SegmentSize = v, 400
				bodies := disturbed(t, &i, row.d)
				c := i.client(t)
				var spool bytes.Buffer
				p, err := c.Prepare(t.Context(), payment(), opener(noise(800)), &spool)
				if err != nil || p.Segments != 3 {
					t.Fatalf("%d segments, %v", p.Segments, err)
				}
				_, err = c.Send(t.Context(), p, bytes.NewReader(spool.Bytes()), client.Progress{}, nil)
				if (err == nil) != row.whole {
					t.Errorf("%v", err)
				}
				if row.whole && len(i.bank.Uploads()) != 1 || len(i.bank.Uploads()) > 1 {
					t.Errorf("%d orders were delivered", len(i.bank.Uploads()))
				}
				counts := map[string]int{}
				for _, b := range bodies() {
					counts[string(b)]++
				}
				for _, n := range counts {
					if n > 2 {
						t.Errorf("one request was sent %d times", n)
					}
				}
			})
		}
	}
}

// What a caller has written down is enough to go on after a restart, even if it
// wrote down less than the bank got.
func TestSendGoesOnAfterARestart(t *testing.T) {
	for _, behind := range []int{0, 1} {
		t.Run(fmt.Sprintf("%d segments behind", behind), func(t *testing.T) {
			i := install(t, server.Options{})
			i.bank.Enrol(subscriber, testkeys.Subscriber())
			i.config.SegmentSize = 400
			c := i.client(t)
			var spool bytes.Buffer
			p, err := c.Prepare(t.Context(), payment(), opener(noise(1200)), &spool)
			if err != nil {
				t.Fatal(err)
			}
			killed := errors.New("killed")
			var journal []client.Progress
			_, err = c.Send(t.Context(), p, bytes.NewReader(spool.Bytes()), client.Progress{}, func(next client.Progress, last bool) error {
				if journal = append(journal, next); len(journal) == 4 {
					return killed
				}
				if last {
					t.Error("the last segment was reached")
				}
				return nil
			})
			if !errors.Is(err, killed) || journal[0] != (client.Progress{}) || journal[1].Next != 1 || journal[1].Transaction.ID == "" {
				t.Fatalf("%v, %+v", err, journal)
			}
			stored, err := json.Marshal(journal[3-behind])
			if err != nil {
				t.Fatal(err)
			}
			var from client.Progress
			if err := json.Unmarshal(stored, &from); err != nil {
				t.Fatal(err)
			}
			c = i.client(t)
			lasts := 0
			if _, err := c.Send(t.Context(), p, bytes.NewReader(spool.Bytes()), from, func(_ client.Progress, last bool) error {
				if last {
					lasts++
				}
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			if len(i.bank.Uploads()) != 1 || !bytes.Equal(i.bank.Uploads()[0].Data, noise(1200)) || lasts != 1 {
				t.Errorf("%d orders, %d times told of the last segment", len(i.bank.Uploads()), lasts)
			}
		})
	}
}

// A bank that always asks for another segment does not keep the client for ever,
// nor the client the bank.
func TestEndlessRecoveryEnds(t *testing.T) {
	i := install(t, server.Options{MaxRecoveries: 3})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.config.SegmentSize = 400
	c := i.client(t)
	var spool bytes.Buffer
	p, err := c.Prepare(t.Context(), payment(), opener(noise(800)), &spool)
	if err != nil {
		t.Fatal(err)
	}
	tx, err := c.Initialise(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	offset, length := p.Range(2)
	segment := spool.Bytes()[offset : offset+length]
	var refused *client.Error
	for n := range 4 {
		err := c.Transfer(t.Context(), tx, 2, false, segment)
		want := ebics.TxRecoverySync
		if n == 3 {
			want = ebics.TxAbort
		}
		if !errors.As(err, &refused) || refused.Technical != want {
			t.Errorf("try %d: %v", n+1, err)
		}
	}
	if len(i.bank.Aborted()) != 1 {
		t.Error("the bank was not told")
	}
}

// Pinned keys: the bank's own, or its authority's, and no other.
func TestOnlyPinnedKeysAreSpokenTo(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	right := sha256.Sum256(i.server.Certificate().RawSubjectPublicKeyInfo)
	for _, row := range []struct {
		name string
		pins [][32]byte
		ok   bool
	}{
		{"no pins", nil, true},
		{"the bank's key", [][32]byte{{1}, right}, true},
		{"another key", [][32]byte{{1}}, false},
	} {
		i.config.PinnedKeys = row.pins
		err := i.client(t).Download(t.Context(), ebics.HAC, func(io.Reader) error { return nil })
		var transport *client.TransportError
		if row.ok != errors.Is(err, client.ErrNoData) || !row.ok && (!errors.As(err, &transport) || transport.Sent) {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	i.config.HTTP = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) { return nil, io.EOF })}
	if _, err := client.New(i.config); err == nil {
		t.Error("pins were promised on a transport that cannot keep them")
	}
}

// Every exchange is told, with what went and came and what it meant, also those
// that failed.
func TestEveryExchangeIsTold(t *testing.T) {
	i := install(t, server.Options{SegmentSize: 400})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	i.bank.Offer(ebics.C53, noise(700))
	var told []client.Exchange
	i.config.Trace = func(x client.Exchange) { told = append(told, x) }
	c := i.client(t)
	if err := c.Download(t.Context(), ebics.C53, func(r io.Reader) error { _, err := io.Copy(io.Discard, r); return err }); err != nil {
		t.Fatal(err)
	}
	_ = c.Download(t.Context(), ebics.HAC, nil) // no data
	i.server.Close()
	_ = c.INI(t.Context()) // no bank
	type short struct {
		order               ebics.OrderType
		phase               string
		segment             int
		technical, business ebics.ReturnCode
		answered, failed    bool
	}
	var got []short
	for _, x := range told {
		if len(x.Request) == 0 || x.Version != ebics.H004 || !x.Started.Equal(now()) {
			t.Errorf("%+v", x)
		}
		got = append(got, short{x.Order, x.Phase, x.Segment, x.Technical, x.Business, x.Response != nil, x.Err != nil})
	}
	want := []short{
		{ebics.C53, "Initialisation", 0, ebics.OK, ebics.OK, true, false},
		{"", "Transfer", 2, ebics.OK, ebics.OK, true, false},
		{"", "Transfer", 3, ebics.OK, ebics.OK, true, false},
		{"", "Receipt", 0, ebics.DownloadPostprocessDone, ebics.OK, true, false},
		{ebics.HAC, "Initialisation", 0, ebics.OK, ebics.NoDownloadDataAvailable, true, false},
		{ebics.INI, "", 0, "", "", false, true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("\n got %v\nwant %v", got, want)
	}
}

// 091008 says what to do, and stays the bank's answer for whoever looks at codes.
func TestChangedBankKeysAreTheirOwnError(t *testing.T) {
	i := install(t, server.Options{})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	other := ebics.BankKeys{Authentication: testkeys.Bank().Authentication, Encryption: testkeys.Other().Encryption}
	i.bank.Own = other // the authentication key stays, so that the answer verifies
	err := i.client(t).Download(context.Background(), ebics.HAC, nil)
	var changed *client.KeyChangedError
	var answer *client.Error
	if !errors.As(err, &changed) || !errors.As(err, &answer) || answer.Outcome() != ebics.BankKeyChanged || !answer.Signed {
		t.Fatalf("%v", err)
	}
	keys, err := i.client(t).HPB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if changed, certificates := keys.Changes(*i.config.Bank); !slices.Equal(changed, []string{ebics.E002}) || certificates != nil {
		t.Errorf("changes %v %v", changed, certificates)
	}
}
