package inspect

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/finding"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/xmlscan"
	"kontor/xsd"
)

// Options of Verify.
type Options struct {
	Profile     pain.ProfileID   // of the rules for payment files; "" = what the file shows
	Today       calendar.Date    // for dated rules; zero = they are off
	Policies    []finding.Policy // severities; a later one wins
	Schema      *xsd.Schema      // judge XML by this one, whatever the file says
	Schemas     []*xsd.Schema    // beside those of the program, found by namespace
	Directory   *directory.Table // which banks exist, for payment files; nil = nothing is said about that
	MaxFindings int              // 0 = 100
	MaxBytes    int64            // of the file, 0 = no limit
	Workers     int              // cores for one payment file; below 2 there is one
}

// Report says what a file is and what is wrong with it.
type Report struct {
	Name       string            `json:"name"`
	Format     string            `json:"format"`            // "pain.001.001.09", "camt.053.001.08", "MT940", "DTAZV"
	Profile    string            `json:"profile,omitempty"` // of the rules, for payment files
	Schema     string            `json:"schema,omitempty"`  // by which XML was judged
	Payments   int               `json:"payments,omitempty"`
	Statements int               `json:"statements,omitempty"`
	Entries    int               `json:"entries,omitempty"`
	Sum        string            `json:"sum,omitempty"` // of all payments, irrespective of currency
	Currencies []money.Currency  `json:"currencies,omitempty"`
	Unreadable bool              `json:"unreadable"` // what stands behind the last finding was not read
	Findings   []finding.Finding `json:"findings"`
}

// Verify reads one file in the format that its first bytes show, in constant memory,
// and reports everything that is wrong with it. What cannot be read to its end is a
// report with Unreadable set, whose last finding says why; an *UnknownError says that the
// format is none of ours, and any other error that the reader r failed: then the report
// has what was found before.
func Verify(r io.Reader, name string, o Options) (Report, error) {
	f, whole, err := Recognise(r)
	if err != nil {
		return Report{Name: name, Unreadable: true, Findings: []finding.Finding{}}, fmt.Errorf("reading %s: %w", name, err)
	}
	report := Report{Name: name, Format: f.Name, Findings: []finding.Finding{}}
	switch f.Kind {
	case KindPayment:
		err = report.payment(whole, o)
	case KindStatement:
		err = report.statement(whole, o)
	case KindSWIFT:
		err = report.swift(whole, o)
	case KindDTAZV:
		err = report.dtazv(whole, o)
	case KindStatus, KindXML, KindUnknown:
		switch schema := o.schema(f); {
		case schema != nil:
			err = report.bySchema(whole, schema, o)
		case f.endless:
			err = report.stop(located(ruleUnreadable.New("first", strconv.Itoa(headMost)), f.broken))
		case f.broken != nil:
			err = report.stop(located(ruleUnreadable.New("unreadable", f.broken.Message), f.broken))
		default:
			err = &f.unknown
		}
	}
	if errors.Is(err, errStop) {
		err = nil
	}
	report.Unreadable = report.Unreadable || err != nil
	return report, err
}

// schema returns the schema for XML that has no reader of its own; nil if there is none.
func (o Options) schema(f Format) *xsd.Schema {
	if o.Schema != nil {
		return o.Schema
	}
	if f.Namespace == "" {
		return nil
	}
	for _, s := range o.Schemas {
		if s.Namespace() == f.Namespace {
			return s
		}
	}
	s, _ := xsd.Core(f.Name)
	return s
}

// errStop ends a report whose last finding says why.
var errStop = errors.New("unreadable")

// stop ends the report with a finding.
func (p *Report) stop(f finding.Finding) error {
	p.Unreadable = true
	p.Findings = append(p.Findings, f)
	return errStop
}

// located gives a finding the place where the XML broke.
func located(f finding.Finding, s *xmlscan.SyntaxError) finding.Finding {
	f.At = finding.Location{Line: s.Position.Line, Column: s.Position.Column, Offset: s.Position.Offset}
	return f
}
