package camt

import (
	"cmp"
	"slices"
	"strconv"

	"kontor/finding"
	"kontor/xmlscan"
	"kontor/xsd"
)

const defaultMaxFindings = 100

// findings collects what is wrong, up to a limit.
type findings struct {
	list     []finding.Finding
	max      int
	more     int
	worst    finding.Severity // of those beyond the limit
	policies []finding.Policy
}

func newFindings(o Options) *findings {
	f := &findings{max: o.MaxFindings, policies: o.Policies}
	if f.max <= 0 {
		f.max = defaultMaxFindings
	}
	return f
}

func (f *findings) location(p xmlscan.Position, path string) finding.Location {
	return finding.Location{Line: p.Line, Column: p.Column, Offset: p.Offset, Path: path}
}

func (f *findings) add(code finding.Code, id string, p xmlscan.Position, path, text string, args ...string) {
	f.addAt(code, id, f.location(p, path), text, args...)
}

func (f *findings) addAt(code finding.Code, id string, at finding.Location, text string, args ...string) {
	rule := catalogue.Lookup(code)
	severity := rule.Of(f.policies...)
	if severity == finding.Off {
		return
	}
	if len(f.list) >= f.max {
		f.more++
		if severity == finding.Error {
			f.worst = finding.Error
		}
		return
	}
	n := rule.New(id, args...)
	n.Severity, n.At, n.Text = severity, at, finding.Shorten(text)
	f.list = append(f.list, n)
}

// schema reports a breach of the schema.
func (f *findings) schema(v *xsd.Violation) {
	at := finding.Location{Line: v.Line, Column: v.Column, Offset: v.Offset, Path: v.Path}
	id := "value"
	switch v.Kind {
	case xsd.Unexpected, xsd.Namespace, xsd.Text:
		id = "element"
	case xsd.Missing:
		id = "missing"
	case xsd.Incomplete:
		id = "incomplete"
	case xsd.Attribute, xsd.TypeLength, xsd.TypePattern, xsd.TypeEnum, xsd.TypeRange, xsd.TypeDigits, xsd.TypeForm:
	}
	f.addAt(CodeSchema, id, at, string(v.Text), finding.Shorten(v.Name), finding.Shorten(v.Wanted()))
}

// close returns the findings in document order, CAMT-Z1 last. It is an error if one of
// those not shown is, whatever a policy says of it: findings never vanish silently.
func (f *findings) close() []finding.Finding {
	slices.SortStableFunc(f.list, func(a, b finding.Finding) int { return cmp.Compare(a.At.Offset, b.At.Offset) })
	if f.more > 0 {
		var end finding.Location
		if len(f.list) > 0 {
			end = f.list[len(f.list)-1].At
		}
		n := catalogue.Lookup(CodeMore).New("more", strconv.Itoa(f.more))
		n.At = end
		if f.worst != "" {
			n.Severity = f.worst
		}
		f.list = append(f.list, n)
	}
	return f.list
}
