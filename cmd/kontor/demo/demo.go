// Package demo plays Kontor's main job from the outside, as `kontor demo`: it starts
// the sandbox bank and the hub as processes of its own binary, sets them up with
// `kontor admin`, and is then nothing but their client over HTTPS. It knows the hub's
// API and no package of the hub. Every status that it prints comes from an HTTP answer
// of that run; a status that is missing, out of order or unknown makes it fail.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Time limits. Whatever is waited for has a deadline, and the error says what it was.
const (
	patience  = 30 * time.Second // for one thing; files beyond some megabytes get more
	stopGrace = 9 * time.Second  // for all processes to end, then they are killed
	lookQuick = 10 * time.Millisecond
	lookOften = 50 * time.Millisecond
)

// Options of Run. The zero value plays the built-in story once.
type Options struct {
	Binary   string              // the kontor program; "" = this one (os.Executable)
	Data     string              // a folder that does not exist or is empty; it stays. "" = a temporary one, removed at the end
	File     string              // a pain.001 of the user's own; "" = the built-in salaries
	Keep     bool                // play the story quietly, then stay with sample data until the context ends
	Language string              // "en", "de", "sv"; "" = as LC_ALL, LC_MESSAGES, LANG say, else English
	Protocol string              // version of EBICS: H003, H004, H005; "" = what the hub speaks unasked, H004
	Stdout   io.Writer           // nil = os.Stdout; on a terminal, lines are replaced and coloured (NO_COLOR, TERM=dumb)
	Getenv   func(string) string // nil = os.Getenv

	grace time.Duration // for tests; 0 = stopGrace
}

// ErrFileRefused says that the hub refused the user's own file; the reasons have been shown.
var ErrFileRefused = errors.New("the hub refused the file")

// Run plays the story. The caller ends ctx on SIGINT and SIGTERM; whatever the outcome, the processes started have ended when Run
// returns, within ten seconds. The error is nil if every step happened as it must; ErrFileRefused for a file of the user's
// that the hub did not take; with Keep, the end of ctx after the story is no error. Errors are in English in every language, and
// have been shown on Stdout together with the ends of the processes' logs.
func Run(ctx context.Context, o Options) error {
	s, remove, err := prepare(&o)
	if err != nil {
		_, werr := fmt.Fprintln(o.Stdout, "kontor demo:", err) // there is no screen yet
		return errors.Join(err, werr)
	}
	err = s.run(ctx)
	if removeErr := remove(); removeErr != nil {
		return errors.Join(err, removeErr)
	}
	switch {
	case o.Data != "":
		s.screen.line(s.screen.say(textKept, s.folder))
	case o.Keep && err == nil:
		s.screen.line(s.screen.say(textRemoved))
	}
	return errors.Join(err, s.screen.close())
}

// prepare fills the options' defaults and makes story and folder.
func prepare(o *Options) (_ *story, remove func() error, err error) {
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.Stdout == nil {
		o.Stdout = os.Stdout
	}
	if o.grace == 0 {
		o.grace = stopGrace
	}
	if o.Language == "" {
		o.Language = languageOf(o.Getenv)
	}
	text, err := texts(o.Language)
	if err != nil {
		return nil, nil, err
	}
	if o.Binary == "" {
		if o.Binary, err = os.Executable(); err != nil {
			return nil, nil, fmt.Errorf("finding this program: %w", err)
		}
	}
	folder, remove, err := prepareFolder(o.Data)
	if err != nil {
		return nil, nil, err
	}
	return newStory(*o, folder, newScreen(o.Stdout, text, o.Getenv)), remove, nil
}

// prepareFolder makes the demo's folder with its parts; remove takes it away again if it is a temporary one.
func prepareFolder(chosen string) (folder string, remove func() error, err error) {
	remove = func() error { return nil }
	if chosen == "" {
		if folder, err = os.MkdirTemp("", "kontor-demo-"); err != nil {
			return "", nil, fmt.Errorf("making a folder: %w", err)
		}
		remove = func() error {
			if err := os.RemoveAll(folder); err != nil {
				return fmt.Errorf("removing the demo's folder: %w", err)
			}
			return nil
		}
	} else if folder, err = filepath.Abs(chosen); err != nil {
		return "", nil, fmt.Errorf("making a folder: %w", err)
	} else if err = emptyFolder(folder); err != nil {
		return "", nil, err
	}
	for _, part := range []string{"hub", "bank", "logs", "files"} {
		if err := os.Mkdir(filepath.Join(folder, part), 0o700); err != nil {
			return "", nil, errors.Join(fmt.Errorf("making a folder: %w", err), remove())
		}
	}
	return folder, remove, nil
}

// emptyFolder makes the folder, or accepts an existing empty one: the demo must not meet data of a real installation.
func emptyFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("looking into a folder: %w", err)
	}
	if len(entries) > 0 {
		return fmt.Errorf("folder %s is not empty; the demo begins with a fresh one", folder)
	}
	return nil
}
