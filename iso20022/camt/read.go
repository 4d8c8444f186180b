package camt

import (
	"errors"
	"fmt"
	"io"

	"kontor/finding"
	"kontor/xmlscan"
	"kontor/xsd"
)

// Options of Read.
type Options struct {
	Limits      xmlscan.Limits
	MaxFindings int              // 0 = 100; one closing CAMT-Z1 tells how many more there were
	Policies    []finding.Policy // severities; a later one wins
}

// Visitor receives what Read reads; a nil function is not called. Transaction is called
// at the end of each TxDtls, Entry at the end of each Ntry, hence after its
// transactions, Statement at the end of each Stmt, Rpt or Ntfctn, hence after its
// entries. The pointers are valid during the call only, the strings may be kept. An
// error ends Read, which returns it as it is.
type Visitor struct {
	Statement   func(*Statement) error
	Entry       func(*Entry) error
	Transaction func(*Transaction) error
}

// Read reads a camt.052, .053 or .054 of any version, in memory proportional to one
// entry and the balances of one statement. Documents whose schema is known are checked
// against it, others are read by their structure. What is wrong is reported in document
// order as findings, warnings unless a policy says otherwise. A document that is no camt
// is an *UnreadableError, malformed XML a wrapped *xmlscan.SyntaxError; what was read
// before has been handed out. A message without any statement is no error: banks send
// such.
func Read(r io.Reader, o Options, v Visitor) ([]finding.Finding, error) {
	d := &reader{visitor: v, found: newFindings(o), lastPage: true}
	plan, err := d.choose(&r, o.Limits)
	if err != nil {
		return nil, err
	}
	_, err = plan.Validate(r, xsd.Options{Limits: o.Limits, Lenient: true}, d)
	if d.failure != nil {
		return d.found.close(), d.failure
	}
	if root, ok := errors.AsType[*xsd.RootError](err); ok { // a namespace that only ends like that of a statement
		begins := finding.Shorten(root.Local + " (" + root.Space + ")")
		return d.found.close(), &UnreadableError{
			Code: CodeUnknown, At: finding.Location{Line: root.Position.Line, Column: root.Position.Column, Offset: root.Position.Offset},
			Message: root.Error(), Begins: begins,
		}
	}
	if err != nil {
		return d.found.close(), fmt.Errorf("reading statement: %w", err)
	}
	return d.found.close(), nil
}
