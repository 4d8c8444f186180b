package config

import (
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// good are settings as the defaults make them.
func good() Serve {
	return Serve{
		Listen: "127.0.0.1:8443", MetricsListen: "127.0.0.1:9090", MaxFileBytes: 1 << 30, Workers: 8, SegmentSize: 500_000,
		PollOpen: 5 * time.Minute, PollIdle: 2 * time.Hour, PollStatements: 4 * time.Hour, PollAfterSend: 30 * time.Second,
		Lease: 30 * time.Second, RetryFirst: 30 * time.Second, RetryLimit: 15 * time.Minute, Sweep: 2 * time.Second, BankTimeout: 2 * time.Minute,
	}
}

func TestUnsafeOrSenselessSettingsAreRefused(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Serve)
		want   string // "" = accepted; else part of the reason
	}{
		{"defaults", func(*Serve) {}, ""},
		{"IPv6 loopback", func(s *Serve) { s.Listen = "[::1]:0" }, ""},
		{"localhost by name", func(s *Serve) { s.Listen = "localhost:0" }, ""},
		{"everywhere with a certificate", func(s *Serve) { s.Listen, s.TLSCert, s.TLSKey = "0.0.0.0:443", "c", "k" }, ""},
		{"plain on loopback", func(s *Serve) { s.PlainHTTP = true }, ""},
		{"everywhere without certificate", func(s *Serve) { s.Listen = "0.0.0.0:443" }, "certificate"},
		{"any address without certificate", func(s *Serve) { s.Listen = ":443" }, "certificate"},
		{"plain everywhere", func(s *Serve) { s.Listen, s.PlainHTTP = "0.0.0.0:80", true }, "loopback"},
		{"plain on any address", func(s *Serve) { s.Listen, s.PlainHTTP = ":80", true }, "loopback"},
		{"plain on another address", func(s *Serve) { s.Listen, s.PlainHTTP = "192.0.2.1:80", true }, "loopback"},
		{"plain with a certificate", func(s *Serve) { s.PlainHTTP, s.TLSCert, s.TLSKey = true, "c", "k" }, "exclude"},
		{"certificate without key", func(s *Serve) { s.TLSCert = "c" }, "together"},
		{"key without certificate", func(s *Serve) { s.TLSKey = "k" }, "together"},
		{"no port", func(s *Serve) { s.Listen = "127.0.0.1" }, "listen"},
		{"metrics without port", func(s *Serve) { s.MetricsListen = "127.0.0.1" }, "metrics-listen"},
		{"metrics everywhere", func(s *Serve) { s.MetricsListen = "0.0.0.0:9090" }, "metrics"},
		{"no file may come", func(s *Serve) { s.MaxFileBytes = 0 }, "max-file-bytes"},
		{"no workers", func(s *Serve) { s.Workers = 0 }, "workers"},
		{"too many workers", func(s *Serve) { s.Workers = 1001 }, "workers"},
		{"no segment size", func(s *Serve) { s.SegmentSize = 0 }, "segment-size"},
		{"segment size that splits base64", func(s *Serve) { s.SegmentSize = 4001 }, "segment-size"},
		{"segment over 1 MiB", func(s *Serve) { s.SegmentSize = 1<<20 + 4 }, "segment-size"},
		{"largest segment", func(s *Serve) { s.SegmentSize = 1 << 20 }, ""},
		{"poll-open", func(s *Serve) { s.PollOpen = 0 }, "poll-open"},
		{"poll-idle", func(s *Serve) { s.PollIdle = -1 }, "poll-idle"},
		{"poll-statements", func(s *Serve) { s.PollStatements = 0 }, "poll-statements"},
		{"poll-after-send", func(s *Serve) { s.PollAfterSend = 0 }, "poll-after-send"},
		{"lease", func(s *Serve) { s.Lease = 0 }, "lease"},
		{"retry-first", func(s *Serve) { s.RetryFirst = 0 }, "retry-first"},
		{"retry-limit", func(s *Serve) { s.RetryLimit = 0 }, "retry-limit"},
		{"sweep", func(s *Serve) { s.Sweep = 0 }, "sweep"},
		{"bank-timeout", func(s *Serve) { s.BankTimeout = 0 }, "bank-timeout"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := good()
			tc.change(&s)
			err := s.Validate()
			if (err == nil) != (tc.want == "") || (err != nil && !strings.Contains(err.Error(), tc.want)) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
		})
	}
}

func TestStorageDefaultsLieInTheDataFolder(t *testing.T) {
	s := Storage{Data: "data"}
	if got := s.DatabaseName(); got != filepath.Join("data", "kontor.db") {
		t.Errorf("database %s", got)
	}
	if got := s.KeyFolder(); got != filepath.Join("data", "keys") {
		t.Errorf("key folder %s", got)
	}
	s.Database = "postgres://db/kontor"
	if got := s.DatabaseName(); got != s.Database {
		t.Errorf("database %s", got)
	}
}

func TestNodeHasAName(t *testing.T) {
	if got := (Serve{Node: "node-7"}).NodeName(); got != "node-7" {
		t.Errorf("name %q", got)
	}
	if got := (Serve{}).NodeName(); got == "" {
		t.Error("a node without a name could not hold leases")
	}
}
