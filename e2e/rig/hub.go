package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// Quick are the settings of a hub under test: nothing waits longer than it must. Statements are asked for by `admin poll now`.
func Quick() map[string]string {
	return map[string]string{
		"poll-open": "300ms", "poll-after-send": "200ms", "sweep": "100ms", "retry-first": "200ms", "retry-limit": "1s", "lease": "3s",
		"bank-timeout": "5s", "poll-idle": "1h", "poll-statements": "1h",
	}
}

// Hub is `kontor serve` on a data folder and an address that stay the same over its lives.
type Hub struct {
	Data     string
	Database string            // "" = SQLite in the data folder
	Settings map[string]string // flags of serve, without the dashes; the next start uses them
	Env      []string          // added to the environment at the next start: "NAME=value"

	process process
	address string

	mu    sync.Mutex
	ready HubReady
	http  *http.Client
}

// HubReady is the line with which the hub says that it is ready.
type HubReady struct {
	URL     string `json:"url"`
	Metrics string `json:"metrics"`
	CA      string `json:"ca"` // path; "" with plain HTTP
}

// NewHub plans a hub with Quick settings; nothing is started. Its log is data + ".log". database is "" for SQLite.
func NewHub(t testing.TB, binary, data, database string) *Hub {
	t.Helper()
	address, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	h := &Hub{
		Data: data, Database: database, Settings: Quick(), address: address,
		process: process{name: "hub", binary: binary, log: data + ".log"},
	}
	h.process.endWith(t)
	return h
}

// StartE starts the hub and returns when it is ready. ErrEnded means that it ended before.
func (h *Hub) StartE() error {
	args := append([]string{"serve", "--listen", h.address, "--metrics-listen", "127.0.0.1:0"}, storage(h.Data, h.Database)...)
	for name, value := range h.Settings {
		args = append(args, "--"+name+"="+value)
	}
	line, err := h.process.start(h.Env, args...)
	if err != nil {
		return err
	}
	var ready HubReady
	if err := json.Unmarshal(line, &ready); err != nil {
		return fmt.Errorf("reading the hub's ready line: %w", err)
	}
	client, err := trusting(ready.CA)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ready, h.http = ready, client
	return nil
}

// Start starts the hub and returns its ready line.
func (h *Hub) Start(t testing.TB) HubReady {
	t.Helper()
	if err := h.StartE(); err != nil {
		t.Fatalf("%v\n%s", err, tail(h.process.log))
	}
	return h.Ready()
}

// Ready returns the last ready line.
func (h *Hub) Ready() HubReady {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ready
}

// HTTP returns the client that trusts the hub's certificate, and the address of its API; an error before the first start.
func (h *Hub) HTTP() (client *http.Client, url string, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.http == nil {
		return nil, "", errors.New("the hub was never ready")
	}
	return h.http, h.ready.URL, nil
}

// Stop ends the hub in order (SIGTERM) and returns how long that took.
func (h *Hub) Stop(t testing.TB) time.Duration {
	t.Helper()
	took, err := h.process.stop()
	if err != nil {
		t.Fatal(err)
	}
	return took
}

// Under has the next start go through another program, which becomes the hub by exec: a tracer, for example. nil is no program.
func (h *Hub) Under(command ...string) { h.process.under = command }

// Kill ends the hub with SIGKILL and waits for its end.
func (h *Hub) Kill() { h.process.kill() }

// Running says whether the hub runs.
func (h *Hub) Running() bool { return h.process.running() }

// Killed says whether the last life of the hub was ended by SIGKILL, its own or another's.
func (h *Hub) Killed() bool { return h.process.killed() }

// Stopped says whether the last life of the hub has ended in order.
func (h *Hub) Stopped() bool { return h.process.stopped() }

// Exited is closed when the current life of the hub has ended.
func (h *Hub) Exited() <-chan struct{} { return h.process.exited() }

// LogPath is where the hub's stderr goes.
func (h *Hub) LogPath() string { return filepath.Clean(h.process.log) }

// storage are the flags that name an installation.
func storage(data, database string) []string {
	args := []string{"--data", data}
	if database != "" {
		args = append(args, "--database", database)
	}
	return args
}
