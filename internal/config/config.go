// Package config holds the settings of an installation. Values come from flags, from environment variables (KONTOR_ and the flag's name
// in capitals) and from a JSON file whose keys are the flags' names; a field's zero value is its default.
package config

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"kontor/internal/hub"
	"kontor/loopback"
)

// Storage says where an installation keeps its things. Every command that opens the hub has these flags.
type Storage struct {
	Data         string `help:"Folder for keys, certificates and, by default, the database." default:"kontor-data" type:"path" placeholder:"DIR"`
	Database     string `help:"postgres:// URL, or the path of an SQLite file; default is kontor.db in the data folder." placeholder:"URL"`
	Keys         string `help:"Folder of the root key and the key store; nodes over one database share it. Default is keys in the data folder." type:"path" placeholder:"DIR"`
	RootKeyFile  string `help:"File with the root key (32 bytes as hex or base64, readable for its owner only); default is root.key in the keys folder, made at the first start." type:"path" placeholder:"FILE"`
	BackupFolder string `name:"backup-folder" help:"Folder that backups are written to, and the only one; it must be there, on another disk if possible, and not together with the keys." type:"path" placeholder:"DIR"`
	RootKey      string `help:"The root key itself; meant for the environment, not for a command line." placeholder:"KEY" json:"-"`
}

// Serve are the settings of a serving process.
type Serve struct {
	Storage

	Version string `kong:"-"` // of the program, set by the command

	Listen        string `help:"Address of the API." default:"127.0.0.1:8443"`
	MetricsListen string `help:"Address of metrics and health (plain HTTP)." default:"127.0.0.1:9090"`
	PlainHTTP     bool   `name:"plain-http" help:"Serve the API without TLS; loopback only, for a proxy on the same machine."`
	TLSCert       string `name:"tls-cert" help:"Certificate chain of the API (PEM); needed off loopback." type:"path" placeholder:"FILE"`
	TLSKey        string `name:"tls-key" help:"Private key of the certificate (PEM)." type:"path" placeholder:"FILE"`
	PublicURL     string `name:"public-url" help:"Scheme and host under which clients reach the API." placeholder:"URL"`
	Node          string `help:"Name of this process in leases; default is the host's name."`

	MaxFileBytes int64  `name:"max-file-bytes" help:"Largest payment file, decompressed." default:"1073741824"`
	SchemaFolder string `name:"schema-folder" help:"Folder of XML schemas (*.xsd) for payment files, read at the start: one with the name of a schema of the program takes its place, others are for tenants that name them, or for namespaces that the program has no schema for." type:"path" placeholder:"DIR"`
	Workers      int    `help:"Jobs worked on at the same time." default:"8"`
	SegmentSize  int    `name:"segment-size" help:"Base64 characters of an EBICS upload segment; a multiple of 4, at most 1048576." default:"500000"`

	PollOpen       time.Duration `name:"poll-open" help:"Between asking a bank for protocols and reports while it owes us a word about an order." default:"5m"`
	PollIdle       time.Duration `name:"poll-idle" help:"The same while it does not." default:"2h"`
	PollStatements time.Duration `name:"poll-statements" help:"Between asking for statements." default:"4h"`
	PollAfterSend  time.Duration `name:"poll-after-send" help:"First asking after an order was sent or has moved on." default:"30s"`
	Lease          time.Duration `help:"How long work of a silent process is kept from others." default:"30s"`
	RetryFirst     time.Duration `name:"retry-first" help:"First wait after a failure with a bank; doubled each time." default:"30s"`
	RetryLimit     time.Duration `name:"retry-limit" help:"Longest such wait." default:"15m"`
	Sweep          time.Duration `help:"Between looking for open work that nobody has in hand." default:"2s"`
	BankTimeout    time.Duration `name:"bank-timeout" help:"Time limit of one request to a bank." default:"2m"`
	Drain          time.Duration `help:"After the order to stop, go on answering for this long while /readyz says 503, so that a balancer turns to other nodes first; at most 1m." default:"0s"`
}

// DatabaseName returns what to open: the configured database or the embedded default.
func (s Storage) DatabaseName() string {
	if s.Database != "" {
		return s.Database
	}
	return filepath.Join(s.Data, "kontor.db")
}

// EmbeddedFile returns the path of the SQLite file, if that is the database.
func (s Storage) EmbeddedFile() (path string, embedded bool) {
	name := s.DatabaseName()
	return name, !strings.Contains(name, "://")
}

// KeyFolder is the folder of the root key and the key store. It is not part of a backup of the database.
func (s Storage) KeyFolder() string {
	if s.Keys != "" {
		return s.Keys
	}
	return filepath.Join(s.Data, "keys")
}

// Validate refuses settings that are unsafe or make no sense, before anything is opened.
func (s Serve) Validate() error {
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	metricsHost, _, err := net.SplitHostPort(s.MetricsListen)
	if err != nil {
		return fmt.Errorf("metrics-listen: %w", err)
	}
	switch {
	case (s.TLSCert == "") != (s.TLSKey == ""):
		return errors.New("tls-cert and tls-key belong together")
	case s.PlainHTTP && s.TLSCert != "":
		return errors.New("plain-http and tls-cert exclude each other")
	case s.PlainHTTP && !loopback.Host(host):
		return fmt.Errorf("plain HTTP is served on loopback only, not on %s", s.Listen)
	case s.TLSCert == "" && !loopback.Host(host):
		return fmt.Errorf("to serve on %s a certificate is needed: tls-cert and tls-key", s.Listen)
	case !loopback.Host(metricsHost):
		return fmt.Errorf("metrics are served on loopback only, not on %s", s.MetricsListen)
	case s.MaxFileBytes < 1 || s.Workers < 1 || s.Workers > 1000:
		return errors.New("max-file-bytes and workers (to 1000) are positive numbers")
	case s.SegmentSize < 4 || s.SegmentSize > 1<<20 || s.SegmentSize%4 != 0:
		return errors.New("segment-size is a multiple of 4, at most 1048576")
	}
	if s.Drain < 0 || s.Drain > time.Minute {
		return errors.New("drain is a duration from 0s to 1m")
	}
	if s.Lease > hub.MaxLease {
		return fmt.Errorf("lease is at most %s", hub.MaxLease)
	}
	for name, d := range map[string]time.Duration{
		"poll-open": s.PollOpen, "poll-idle": s.PollIdle, "poll-statements": s.PollStatements, "poll-after-send": s.PollAfterSend,
		"lease": s.Lease, "retry-first": s.RetryFirst, "retry-limit": s.RetryLimit, "sweep": s.Sweep, "bank-timeout": s.BankTimeout,
	} {
		if d <= 0 {
			return fmt.Errorf("%s is a positive duration", name)
		}
	}
	return nil
}

// NodeName returns the configured name or the host's.
func (s Serve) NodeName() string {
	if s.Node != "" {
		return s.Node
	}
	if name, err := os.Hostname(); err == nil {
		return name
	}
	return "kontor"
}
