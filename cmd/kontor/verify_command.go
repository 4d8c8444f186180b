package main

import (
	"context"
	"os"
	"time"

	"kontor/cmd/kontor/verify"
)

// verifyCommand is `kontor verify`.
type verifyCommand struct {
	Files       []string          `arg:"" help:"Payment files or statements, also in .gz or .zip; - is standard input." type:"path"`
	Profile     string            `help:"Rules to judge payment files by: iso, epc, dk, dk-gbic-4, dk-axz, sps, psa, se; default is what the file shows." placeholder:"NAME"`
	Schema      string            `help:"An XML schema (.xsd) to judge by, whatever the file says." type:"existingfile" placeholder:"FILE"`
	Schemas     string            `name:"schema-folder" help:"Folder of further XML schemas, found by their namespaces." type:"existingdir" placeholder:"DIR"`
	Directory   []string          `help:"List of banks to compare with: a file of the Bundesbank, SIX or the OeNB, or of kontor admin directory export; may be given several times." type:"existingfile" placeholder:"FILE" sep:"none"`
	Today       string            `help:"Day for rules that begin or end, YYYY-MM-DD; default is today." placeholder:"DATE"`
	Rule        map[string]string `help:"Severity of a rule, such as PAIN-D4=off, =warning or =error." placeholder:"CODE=SEVERITY" mapsep:","`
	MaxFindings int               `help:"How many findings of a file are listed." default:"100"`
	JSON        bool              `name:"json" help:"One JSON object a file, each on a line."`
	Language    string            `help:"en, de or sv; default is the environment's." enum:",en,de,sv" default:""`
}

// Run verifies; the exit status says how it went: 0 clean, 1 findings, 2 unreadable.
func (c *verifyCommand) Run(ctx context.Context) error {
	status, err := verify.Run(ctx, verify.Options{
		Files: c.Files, Profile: c.Profile, Schema: c.Schema, Schemas: c.Schemas, Directory: c.Directory, Today: c.Today, Rules: c.Rule, MaxFindings: c.MaxFindings,
		JSON: c.JSON, Language: c.Language, Now: time.Now(), In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv,
	})
	switch {
	case err != nil:
		return &statusError{status, err}
	case status != verify.Clean:
		return &statusError{status, errShown}
	}
	return nil
}

// statusError ends the program with a status of its own.
type statusError struct {
	status int
	err    error
}

// Error implements error.
func (e *statusError) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *statusError) Unwrap() error { return e.err }
