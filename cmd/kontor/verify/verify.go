// Package verify is the command that tells people and programs what is wrong with a
// file of payments or statements.
package verify

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/finding"
	"kontor/inspect"
	"kontor/iso20022/pain"
	"kontor/xsd"
)

// The exit statuses.
const (
	Clean      = 0
	Findings   = 1
	Unreadable = 2
)

// Options is what the command line says.
type Options struct {
	Files       []string
	Profile     string
	Schema      string   // an .xsd file
	Schemas     string   // a folder of .xsd files
	Directory   []string // files of lists of banks
	Today       string   // YYYY-MM-DD, "" = the day of the clock
	Rules       map[string]string
	MaxFindings int
	JSON        bool
	Language    string // "en", "de", "sv", "" = that of the environment
	Now         time.Time
	Width       int      // columns that text for people is wrapped at; 0 = those of the terminal, none for what is no terminal
	In          *os.File // for the file named "-"; nil = there is none
	Out, Err    *os.File
	Getenv      func(string) string
}

// Run verifies the files and returns the exit status: 0 if all are clean, 1 if there
// are findings, 2 if something cannot be read. An error is one of the command line.
func Run(ctx context.Context, o Options) (int, error) {
	settings, err := o.settings()
	if err != nil {
		return Unreadable, err
	}
	var show presenter = newScreen(o)
	if o.JSON {
		show = &lines{json.NewEncoder(o.Out)}
	}
	status := Clean
	for _, name := range o.Files {
		s, err := file(ctx, name, settings, show, o)
		if err != nil {
			return Unreadable, err
		}
		status = max(status, s)
	}
	return status, show.end()
}

// presenter shows what was found.
type presenter interface {
	report(r inspect.Report, err error) error // the error says why something could not be read, or not to its end
	progress(name string, size int64) progress
	end() error
}

// progress is told of bytes while a file is read.
type progress interface {
	add(n int)
	done()
}

func (o Options) settings() (inspect.Options, error) {
	out := inspect.Options{MaxFindings: o.MaxFindings, Today: calendar.Of(o.Now)}
	if o.Today != "" {
		day, err := calendar.Parse(o.Today)
		if err != nil {
			return out, fmt.Errorf("--today: %w", err)
		}
		out.Today = day
	}
	if out.Profile = pain.ProfileID(o.Profile); o.Profile != "" && !known(out.Profile) {
		return out, fmt.Errorf("--profile: there is no profile %q; there are %s", o.Profile, profiles())
	}
	policy := finding.Policy{}
	for code, severity := range o.Rules {
		if inspect.Catalogue().Lookup(finding.Code(code)) == nil {
			return out, fmt.Errorf("--rule: there is no rule %q", code)
		}
		if !inspect.Switchable(finding.Code(code)) {
			return out, fmt.Errorf("--rule: the severity of %s is always the same", code)
		}
		switch s := finding.Severity(severity); s {
		case finding.Error, finding.Warning, finding.Off:
			policy[finding.Code(code)] = s
		default:
			return out, fmt.Errorf("--rule %s: the severity is error, warning or off, not %q", code, severity)
		}
	}
	out.Policies = []finding.Policy{policy}
	var err error
	if o.Schema != "" {
		folder := os.DirFS(filepath.Dir(o.Schema))
		open := func(location string) (io.ReadCloser, error) { return folder.Open(location) }
		if out.Schema, err = xsd.Compile(open, filepath.Base(o.Schema)); err != nil {
			return out, fmt.Errorf("--schema: %w", err)
		}
	}
	if o.Schemas != "" {
		if out.Schemas, err = xsd.LoadDirectory(os.DirFS(o.Schemas)); err != nil {
			return out, fmt.Errorf("--schemas: %w", err)
		}
	}
	if out.Directory, err = banks(o.Directory, out.Today); err != nil {
		return out, fmt.Errorf("--directory: %w", err)
	}
	return out, nil
}

// banks reads lists of banks; nil if there are none. Those that do not say from when they
// count do so from the day of judgement.
func banks(files []string, today calendar.Date) (*directory.Table, error) {
	if len(files) == 0 {
		return nil, nil
	}
	table := &directory.Table{}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		sources, err := directory.Import(f, "", today)
		_ = f.Close() // it was only read
		if err == nil {
			table, err = table.With(today.String(), today, sources...)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return table, nil
}

func known(id pain.ProfileID) bool {
	_, ok := pain.LookupProfile(id)
	return ok
}

func profiles() string {
	var names []string
	for _, p := range pain.Profiles() {
		names = append(names, string(p.ID))
	}
	return strings.Join(names, ", ")
}

// file verifies one file with all that it holds.
func file(ctx context.Context, name string, settings inspect.Options, show presenter, o Options) (status int, err error) {
	source, size, err := Open(ctx, name, o.In)
	switch {
	case ctx.Err() != nil:
		return Unreadable, ctx.Err()
	case err != nil:
		return Unreadable, show.report(inspect.Report{Name: name}, err)
	}
	defer func() {
		if cerr := source.Close(); err == nil && cerr != nil {
			err = fmt.Errorf("closing %s: %w", name, cerr)
		}
	}()
	if size >= workersFrom {
		settings.Workers = runtime.GOMAXPROCS(0)
	}
	bar := show.progress(name, size)
	watched := &watched{File: source, ctx: ctx, bar: bar}
	members := 0
	uerr := inspect.Unpack(watched, name, inspect.Limits{}, func(m inspect.Member) error {
		members++
		title := name
		if m.Name != filepath.Base(name) {
			title = name + " > " + m.Name
		}
		report, err := inspect.Verify(m, title, settings)
		bar.done()
		if err == nil && report.Unreadable { // perhaps not the document is broken, but what it came in
			err = damage(m)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		status = max(status, statusOf(report))
		if err != nil {
			status = Unreadable
		}
		return show.report(report, err)
	})
	bar.done()
	switch _, container := errors.AsType[*inspect.ContainerError](uerr); {
	case ctx.Err() != nil:
		return Unreadable, ctx.Err()
	case container:
		return Unreadable, show.report(inspect.Report{Name: name}, uerr)
	case uerr != nil:
		return Unreadable, uerr
	case members == 0:
		return Unreadable, show.report(inspect.Report{Name: name}, &inputError{emptyContainer, nil})
	}
	return status, nil
}

// damageMost is how much of a file behind its fault is unpacked to see whether it is damaged.
const damageMost = 256 << 20

// damage reads what is left of a packed file, and returns what is wrong with its packing.
func damage(m inspect.Member) error {
	_, err := io.Copy(io.Discard, io.LimitReader(m, damageMost))
	if _, container := errors.AsType[*inspect.ContainerError](err); container {
		return err
	}
	return nil
}

// workersFrom is the size from which on a second core is worth its while.
const workersFrom = 8 << 20

func statusOf(r inspect.Report) int {
	switch {
	case r.Unreadable:
		return Unreadable
	case len(r.Findings) > 0:
		return Findings
	}
	return Clean
}

// watched tells how far a file has been read, and ends with the context.
type watched struct {
	*os.File
	ctx context.Context //nolint:containedctx // io.Reader has no place for it
	bar progress
}

func (w *watched) Read(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.File.Read(p)
	w.bar.add(n)
	return n, err //nolint:wrapcheck // an io.Reader's own
}

func (w *watched) ReadAt(p []byte, off int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := w.File.ReadAt(p, off)
	w.bar.add(n)
	return n, err //nolint:wrapcheck // as above
}

var _ inspect.Source = (*watched)(nil)
var _ io.Reader = (*watched)(nil)
