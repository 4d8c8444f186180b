package inspect

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"kontor/dtazv"
	"kontor/finding"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
	"kontor/money"
	"kontor/swiftmt"
	"kontor/xmlscan"
	"kontor/xsd"
)

func (p *Report) payment(r io.Reader, o Options) error {
	m, found, err := pain.Read(r, pain.Options{
		Limits: xmlscan.Limits{Bytes: o.MaxBytes}, MaxFindings: o.MaxFindings, Profile: o.Profile, Today: o.Today, Policies: o.Policies, Schema: o.Schema,
		Workers: o.Workers, Directory: o.Directory,
	}, pain.Visitor{})
	p.Findings = append(p.Findings, found...)
	p.Profile, p.Schema = string(m.Profile), m.Schema
	p.Payments, p.Sum, p.Currencies = m.Count, m.Sum.String(), m.Currencies
	if m.Version != "" {
		p.Format = m.Version
	}
	if wrong, ok := errors.AsType[*pain.UnreadableError](err); ok {
		f := lookup(wrong.Code).New(wrong.Case, wrong.Args...)
		if f.At = wrong.At; wrong.Case == "" { // a sentence of the reader's own: it has no translation
			f.Message = wrong.Message
		}
		return p.stop(f)
	}
	return p.broken(err, pain.CodeSyntax)
}

func (p *Report) statement(r io.Reader, o Options) error {
	found, err := camt.Read(r, camt.Options{Limits: xmlscan.Limits{Bytes: o.MaxBytes}, MaxFindings: o.MaxFindings, Policies: o.Policies}, camt.Visitor{
		Statement: func(s *camt.Statement) error {
			p.Statements++
			p.Entries += s.EntryCount
			p.currency(money.Currency(s.Currency))
			return nil
		},
	})
	p.Findings = append(p.Findings, found...)
	if wrong, ok := errors.AsType[*camt.UnreadableError](err); ok {
		f := lookup(camt.CodeUnknown).New("unknown", wrong.Begins)
		f.At = wrong.At
		return p.stop(f)
	}
	return p.broken(err, camt.CodeSyntax)
}

func (p *Report) currency(c money.Currency) {
	if c != "" && !slices.Contains(p.Currencies, c) {
		p.Currencies = append(p.Currencies, c)
	}
}

func (p *Report) swift(r io.Reader, o Options) error {
	limit := o.MaxFindings
	if limit <= 0 {
		limit = defaultFindings
	}
	more, worst := 0, finding.Warning
	err := swiftmt.Read(r, swiftmt.Options{Bytes: o.MaxBytes, Policies: o.Policies}, swiftmt.Visitor{
		Entry: func(*swiftmt.Entry) error { return nil }, // so that what stands in :86: is taken apart, too
		End: func(s *swiftmt.Statement) error {
			p.Statements++
			p.Entries += s.EntryCount
			p.currency(money.Currency(s.Currency))
			return nil
		},
		Finding: func(f finding.Finding) error {
			if len(p.Findings) < limit {
				p.Findings = append(p.Findings, f)
				return nil
			}
			if more++; f.Severity == finding.Error {
				worst = finding.Error
			}
			return nil
		},
	})
	if more > 0 {
		p.more(more, worst)
	}
	if _, ok := errors.AsType[*swiftmt.UnreadableError](err); ok {
		return p.stop(ruleUnreadable.New("fields"))
	}
	if errors.Is(err, swiftmt.ErrTooLarge) {
		return p.stop(ruleUnreadable.New("large", strconv.FormatInt(o.MaxBytes, 10)))
	}
	return err
}

func (p *Report) dtazv(r io.Reader, o Options) error {
	s, found, err := dtazv.Read(r, dtazv.Options{Today: o.Today, Policies: o.Policies, MaxFindings: o.MaxFindings, MaxBytes: o.MaxBytes}, dtazv.Visitor{})
	p.Findings = append(p.Findings, found...)
	p.Payments, p.Sum, p.Currencies = s.Payments, s.Sum.String(), s.Currencies
	if wrong, ok := errors.AsType[*dtazv.UnreadableError](err); ok {
		f := lookup(wrong.Code).New(wrong.Case)
		f.At = wrong.At
		return p.stop(f)
	}
	return err
}

// broken makes malformed XML the last finding; any other error is handed on.
func (p *Report) broken(err error, code finding.Code) error {
	syntax, ok := errors.AsType[*xmlscan.SyntaxError](err)
	if !ok {
		return err
	}
	return p.stop(located(lookup(code).New("syntax", syntax.Message), syntax))
}

// more says how many findings are not listed, as severe as the worst of them.
func (p *Report) more(n int, worst finding.Severity) {
	f := ruleMore.New("more", strconv.Itoa(n))
	f.Severity = worst
	p.Findings = append(p.Findings, f)
}

// bySchema judges XML by its schema alone.
func (p *Report) bySchema(r io.Reader, schema *xsd.Schema, o Options) error {
	p.Schema = schema.Name()
	h := &bySchema{report: p, severity: ruleSchema.Of(o.Policies...)}
	limit := o.MaxFindings
	if limit <= 0 {
		limit = defaultFindings
	}
	plan, _ := schema.Bind(nil)
	summary, err := plan.Validate(r, xsd.Options{Limits: xmlscan.Limits{Bytes: o.MaxBytes}, MaxViolations: limit}, h)
	if more := summary.Violations - limit; more > 0 && h.severity != finding.Off {
		p.more(more, h.severity)
	}
	if root, ok := errors.AsType[*xsd.RootError](err); ok {
		f := ruleUnreadable.New("unreadable", root.Error())
		f.At = finding.Location{Line: root.Position.Line, Column: root.Position.Column, Offset: root.Position.Offset}
		return p.stop(f)
	}
	if syntax, ok := errors.AsType[*xmlscan.SyntaxError](err); ok {
		return p.stop(located(ruleUnreadable.New("unreadable", syntax.Message), syntax))
	}
	return err
}
