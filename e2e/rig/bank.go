package rig

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Bank is a sandbox bank on a data folder and an address that stay the same over its lives.
type Bank struct {
	Data      string
	PlainHTTP bool
	Open      bool // accepts unknown subscribers
	HostID    string
	Segment   string // characters of a segment that is fetched; "" = the bank's default

	process process
	address string

	mu    sync.Mutex
	ready BankReady
	http  *http.Client
}

// BankReady is the line with which the bank says that it is ready.
type BankReady struct {
	URL      string `json:"url"`
	Control  string `json:"control"`
	HostID   string `json:"hostId"`
	CA       string `json:"ca"` // path; "" with plain HTTP
	Partners []struct {
		PartnerID string `json:"partnerId"`
		Users     []struct {
			UserID string `json:"userId"`
			Class  string `json:"class"`
		} `json:"users"`
	} `json:"partners"`
}

// NewBank plans a bank; nothing is started. Its log is data + ".log".
func NewBank(t testing.TB, binary, data string) *Bank {
	t.Helper()
	address, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	b := &Bank{Data: data, HostID: "E2EBANK", address: address, process: process{name: "bank", binary: binary, log: data + ".log"}}
	b.process.endWith(t)
	return b
}

// StartE starts the bank and returns when it is ready.
func (b *Bank) StartE() error {
	args := []string{"sandbox", "bank", "--listen", b.address, "--data", b.Data, "--host-id", b.HostID}
	if b.PlainHTTP {
		args = append(args, "--plain-http")
	}
	if b.Open {
		args = append(args, "--open")
	}
	if b.Segment != "" {
		args = append(args, "--segment", b.Segment)
	}
	line, err := b.process.start(nil, args...)
	if err != nil {
		return fmt.Errorf("%w\n%s", err, tail(b.process.log))
	}
	var ready BankReady
	if err := json.Unmarshal(line, &ready); err != nil {
		return fmt.Errorf("reading the bank's ready line: %w", err)
	}
	client, err := trusting(ready.CA)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready, b.http = ready, client
	return nil
}

// foresee sets what the ready line of a copy will say, from that of the original.
func (b *Bank) foresee(original *Bank) error {
	ready := original.Ready()
	scheme := "https://"
	if b.PlainHTTP {
		scheme = "http://"
	} else {
		inside, err := filepath.Rel(original.Data, ready.CA)
		if err != nil {
			return err
		}
		ready.CA = filepath.Join(b.Data, inside)
	}
	ready.URL, ready.Control = scheme+b.address+"/ebics", scheme+b.address+"/control"
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready = ready
	return nil
}

// Start starts the bank and returns its ready line.
func (b *Bank) Start(t testing.TB) BankReady {
	t.Helper()
	if err := b.StartE(); err != nil {
		t.Fatal(err)
	}
	return b.Ready()
}

// Ready returns the last ready line.
func (b *Bank) Ready() BankReady {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready
}

// Stop ends the bank in order (SIGTERM).
func (b *Bank) Stop(t testing.TB) time.Duration {
	t.Helper()
	took, err := b.process.stop()
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// Kill ends the bank with SIGKILL and waits for its end.
func (b *Bank) Kill() { b.process.kill() }

// Running says whether the bank runs.
func (b *Bank) Running() bool { return b.process.running() }

// Killed says whether the last life of the bank was ended by SIGKILL.
func (b *Bank) Killed() bool { return b.process.killed() }

// Exited is closed when the current life of the bank has ended.
func (b *Bank) Exited() <-chan struct{} { return b.process.exited() }

// LogPath is where the bank's stderr goes.
func (b *Bank) LogPath() string { return filepath.Clean(b.process.log) }

// BankRefusal is an answer of the control API other than success.
type BankRefusal struct {
	Status int    `json:"-"`
	Code   string `json:"code"` // an EBICS return code, or ""
	Text   string `json:"error"`
}

// Error implements error.
func (r *BankRefusal) Error() string {
	return fmt.Sprintf("the bank refuses (HTTP %d): %s %s", r.Status, r.Code, r.Text)
}

// Control sends one request to the control API: path without /control/. A nil body is a GET; into may be nil. An answer other than
// success is a *BankRefusal, any other error means that there was no answer.
func (b *Bank) Control(ctx context.Context, path string, body, into any) error {
	b.mu.Lock()
	base, client := b.ready.Control, b.http
	b.mu.Unlock()
	if client == nil {
		return errors.New("the bank was never started")
	}
	method, header := http.MethodGet, http.Header{}
	var text []byte
	if body != nil {
		var err error
		if text, err = json.Marshal(body); err != nil {
			return err
		}
		method = http.MethodPost
		header.Set("Content-Type", "application/json")
	}
	got, err := send(ctx, client, method, base+"/"+path, header, text)
	if err != nil {
		return err
	}
	if got.Status != http.StatusOK {
		refused := &BankRefusal{}
		if err := got.Decode(refused); err != nil {
			return err
		}
		refused.Status = got.Status
		return refused
	}
	if into == nil {
		return nil
	}
	return got.Decode(into)
}
