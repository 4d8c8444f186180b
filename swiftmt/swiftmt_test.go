package swiftmt

import (
	"fmt"

	"kontor/finding"
)

// collectInto keeps everything that Read finds.
func collectInto(p *parsed) Visitor {
	return Visitor{
		Entry: func(e *Entry) error {
			p.entries = append(p.entries, e.Clone())
			return nil
		},
		End: func(s *Statement) error {
			p.statements = append(p.statements, *s)
			return nil
		},
		Finding: func(f finding.Finding) error {
			p.findings = append(p.findings, fmt.Sprintf("%s %s %d:%d", f.Code, f.Case, f.At.Line, f.At.Column))
			return nil
		},
	}
}
