// Command kontor is the payments hub: one program that serves, is administered, shows itself, and brings its own sandbox bank.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"kontor/cmd/kontor/demo"
	"kontor/ebics"
	"kontor/internal/app"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/sandbox/bank"
)

// version is set by the build.
var version = "development"

// cli is the command line.
type cli struct {
	Config  kong.ConfigFlag  `help:"JSON file with settings: its keys are the flags' names." placeholder:"FILE"`
	Verbose bool             `help:"Log more." short:"v"`
	Version kong.VersionFlag `help:"Print the version and exit."`

	Serve   serveCommand   `cmd:"" help:"Serve the API and work on what it takes in."`
	Admin   adminCommand   `cmd:"" help:"Set up and look after tenants, accounts, keys, banks and contacts."`
	Audit   auditCommand   `cmd:"" help:"Verify and export audit chains; look for damage."`
	Backup  backupCommand  `cmd:"" help:"Write the database to a new file in the folder for backups, while the hub serves."`
	Restore restoreCommand `cmd:"" help:"Fill an empty database, of either engine, with a backup."`
	Verify  verifyCommand  `cmd:"" help:"Say what is wrong with payment files and statements."`
	Convert convertCommand `cmd:"" help:"Convert DTAZV to pain.001, and statements between camt and MT."`
	Demo    demoCommand    `cmd:"" help:"Play the main job with a hub and a sandbox bank of its own."`
	Sandbox sandboxCommand `cmd:"" help:"Counterparts to try against."`

	Completion completionCommand `cmd:"" help:"Print a script that has a shell complete commands and flags."`
	Complete   completeCommand   `cmd:"" hidden:"" help:"Say what the last of some words may become; for the scripts."`
	BenchData  benchDataCommand  `cmd:"" hidden:"" name:"bench-data" help:"Write large files to measure with."`
	Reference  referenceCommand  `cmd:"" hidden:"" help:"Write a page of the documentation."`
}

type serveCommand struct{ config.Serve }

// Run serves until a signal.
func (c *serveCommand) Run(ctx context.Context, log *slog.Logger) error {
	c.Version = version
	return app.Serve(ctx, c.Serve, os.Stdout, log)
}

type demoCommand struct {
	File     string `help:"A pain.001 of your own to send instead of the built-in salaries." type:"existingfile" placeholder:"FILE" env:"-"`
	Keep     bool   `help:"Stay with sample data until Ctrl-C." env:"-"`
	Data     string `help:"Folder to use and keep; default is a temporary one, removed at the end." type:"path" placeholder:"DIR" env:"-"`
	Language string `help:"en, de or sv; default is the environment's." enum:",en,de,sv" default:"" env:"-"`
	Protocol string `help:"Version of EBICS to speak with the bank; default is the hub's." enum:",H003,H004,H005" default:"" env:"-"`
}

// Run plays the demo.
func (c *demoCommand) Run(ctx context.Context) error {
	err := demo.Run(ctx, demo.Options{File: c.File, Keep: c.Keep, Data: c.Data, Language: c.Language, Protocol: c.Protocol})
	if err != nil {
		return errShown // the demo has told it
	}
	return nil
}

type sandboxCommand struct {
	Bank bankCommand `cmd:"" help:"A bank on this machine: EBICS, accounts, distributed signatures, protocols and statements."`
}

// bankCommand has variables of its own: those of the hub must not make it write its books and keys into the hub's folder.
type bankCommand struct {
	Listen    string `help:"Loopback address." default:"127.0.0.1:0" env:"KONTOR_SANDBOX_LISTEN"`
	Data      string `help:"Folder of its books and keys." default:"sandbox-bank" type:"path" placeholder:"DIR" env:"KONTOR_SANDBOX_DATA"`
	Seed      int64  `help:"Decides ids, accounts and amounts of the sample data." default:"1" env:"KONTOR_SANDBOX_SEED"`
	HostID    string `name:"host-id" help:"EBICS host id." default:"SANDBOX" env:"KONTOR_SANDBOX_HOST_ID"`
	Open      bool   `help:"Accept unknown subscribers, and activate them once INI and HIA are in." env:"KONTOR_SANDBOX_OPEN"`
	PlainHTTP bool   `name:"plain-http" help:"No TLS." env:"KONTOR_SANDBOX_PLAIN_HTTP"`

	Outside  []ebics.OrderType `help:"At the first start: order types (CCT, CDD, CDB) that the sample bureau's customers release outside EBICS (DZHNN)." placeholder:"TYPE" env:"KONTOR_SANDBOX_OUTSIDE"`
	MaxOrder int64             `name:"max-order" help:"Bytes of an order, decompressed." default:"${max_order}" env:"KONTOR_SANDBOX_MAX_ORDER"`
	Segment  int               `help:"Base64 characters of a segment that is fetched, a multiple of 4." default:"500000" env:"KONTOR_SANDBOX_SEGMENT"`
}

// Run runs the bank until a signal.
func (c *bankCommand) Run(ctx context.Context, log *slog.Logger) error {
	return bank.Run(ctx, bank.Options{
		Listen: c.Listen, Data: c.Data, HostID: c.HostID, Seed: c.Seed, Open: c.Open, PlainHTTP: c.PlainHTTP,
		Outside: c.Outside, MaxOrder: c.MaxOrder, Segment: c.Segment, Stdout: os.Stdout, Logger: log, Now: time.Now,
	})
}

// errShown ends the program with status 1 without another word.
var errShown = errors.New("shown already")

func main() {
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	grammar, verbose := narrow(os.Args[1:], os.Getenv)
	parser := newParser(grammar)
	k, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	level := slog.LevelInfo
	if verbose() {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	k.BindTo(ctx, (*context.Context)(nil))
	err = k.Run(log)
	status := 1
	if own, ok := errors.AsType[*statusError](err); ok {
		status, err = own.status, own.err
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errShown):
	case hub.CodeOf(err) != "":
		fmt.Fprintln(os.Stderr, "kontor:", hub.MessageOf(err))
	default:
		fmt.Fprintln(os.Stderr, "kontor:", err)
	}
	return status
}

// newParser makes the parser of the command line, the environment and the settings file. Its grammar is a *cli or a part of one.
func newParser(grammar any, options ...kong.Option) *kong.Kong {
	return kong.Must(grammar, append([]kong.Option{
		kong.Name("kontor"), kong.Description("Kontor: a payments hub between business software and the places where its money moves."),
		kong.Vars{"version": "kontor " + version, "max_order": strconv.Itoa(bank.DefaultMaxOrder)}, kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.DefaultEnvars("KONTOR"), kong.PostBuild(settingsOnly), kong.Configuration(settingsFile), kong.ShortUsageOnError(),
	}, options...)...)
}

// settingsOnly leaves variables to settings: what a command acts on is said on the command line, or a variable that somebody set for
// another purpose, such as KONTOR_VERSION or KONTOR_FILE, would decide it.
func settingsOnly(k *kong.Kong) error {
	setting := settingNames()
	setting["config"], setting["verbose"] = true, true
	var visit func(n *kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			own := len(f.Envs) == 1 && strings.HasPrefix(f.Envs[0], "KONTOR_SANDBOX_")
			if !setting[f.Name] && !own {
				f.Envs, f.Tag.Envs = nil, nil
			}
		}
		for _, child := range n.Children {
			visit(child)
		}
	}
	visit(k.Model.Node)
	return nil
}

// settingsFile reads a file of settings and refuses keys that are no flag: a misspelt setting must not pass in silence.
func settingsFile(r io.Reader) (kong.Resolver, error) {
	values := map[string]json.RawMessage{}
	dec := json.NewDecoder(io.LimitReader(r, 1<<20))
	if err := dec.Decode(&values); err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read settings: there is more after the object")
	}
	return settings(values), nil
}

// settings resolves flags from a flat JSON object.
type settings map[string]json.RawMessage

// Validate implements kong.Resolver.
func (s settings) Validate(a *kong.Application) error {
	known := map[string]bool{}
	var visit func(n *kong.Node)
	visit = func(n *kong.Node) {
		for _, f := range n.Flags {
			known[f.Name] = true
		}
		for _, child := range n.Children {
			visit(child)
		}
	}
	visit(a.Node)
	var unknown []string
	for key := range s {
		if !known[key] {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		slices.Sort(unknown)
		return fmt.Errorf("the settings file has unknown keys: %s", strings.Join(unknown, ", "))
	}
	return nil
}

// Resolve implements kong.Resolver.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	raw, ok := s[flag.Name]
	if !ok || flag.Name == "yes" { // a confirmation is given where the command is, not in a file
		return nil, nil
	}
	for _, env := range flag.Envs { // kong would let the file win over the environment
		if _, set := os.LookupEnv(env); set {
			return nil, nil
		}
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text, nil
	}
	var number json.Number
	if json.Unmarshal(raw, &number) == nil {
		return number.String(), nil
	}
	var truth bool
	if json.Unmarshal(raw, &truth) == nil {
		return truth, nil
	}
	return nil, fmt.Errorf("setting %s: want a text, a number or true or false", flag.Name)
}
