package pain

import (
	"bytes"
	"slices"
	"strings"

	"kontor/finding"
	"kontor/xsd"
)

// lacking are the last elements that the schema missed and that a rule may say better:
// until the end of the transaction, at most.
type lacking struct {
	list []xsd.Violation
	room [8]xsd.Violation
}

// missedOne reports whether a violation is about one of the elements.
func missedOne(v *xsd.Violation, names []string) bool {
	for _, name := range names {
		if v.Kind == xsd.Missing && v.Name == name || v.Kind == xsd.Incomplete && slices.Contains(v.Expected, name) {
			return true
		}
	}
	return false
}

// may reports whether a rule should say that one of these elements is missing at or
// behind an offset: it should if the schema has not said so, or if the rule weighs as
// much; then the schema's finding is dropped.
func (d *judge) may(r ruleIndex, offset int64, names ...string) bool {
	i := slices.IndexFunc(d.lacked.list, func(v xsd.Violation) bool { return v.Offset >= offset && missedOne(&v, names) })
	if i < 0 {
		return true
	}
	if !outranks(d.severity[r], d.severity[ruleStructure]) {
		return false
	}
	d.lacked.list = slices.Delete(d.lacked.list, i, i+1)
	return true
}

// settle reports the missing elements that no rule has spoken of.
func (d *judge) settle() {
	for i := range d.lacked.list {
		d.violation(&d.lacked.list[i])
	}
	d.lacked.list = d.lacked.room[:0]
}

// Violation implements xsd.Handler. What is wrong with a value waits for the value, what
// is missing for the end of the transaction: a rule may know better what to say.
func (d *judge) Violation(v *xsd.Violation) error {
	d.flush()
	if d.found.muted {
		return nil
	}
	d.reported++
	if !d.on(ruleStructure) {
		return nil
	}
	switch v.Kind {
	case xsd.TypeLength, xsd.TypePattern, xsd.TypeEnum, xsd.TypeRange, xsd.TypeDigits, xsd.TypeForm, xsd.Attribute:
		held := *v
		held.Text = bytes.Clone(v.Text)
		d.held = &held
		return nil
	case xsd.Missing, xsd.Incomplete:
		if len(d.lacked.list) == len(d.lacked.room) {
			d.settle()
		}
		d.lacked.list = append(d.lacked.list, *v)
		return nil
	case xsd.Unexpected:
		d.refused = d.refused || strings.Contains(v.Path, "Agt/FinInstnId/")
	case xsd.Text, xsd.Namespace:
	}
	d.violation(v)
	return nil
}

// flush reports the violation that waits.
func (d *judge) flush() {
	if v := d.held; v != nil {
		d.held = nil
		d.violation(v)
	}
}

func (d *judge) violation(v *xsd.Violation) {
	if !d.found.room(d.severity[ruleStructure]) {
		return
	}
	c, args := sentence(v)
	at := finding.Location{Line: v.Line, Column: v.Column, Offset: v.Offset, Path: v.Path}
	if c == "missing" {
		at.Path += "/" + args[0]
	}
	d.add(ruleStructure, d.severity[ruleStructure], at, v.Text, c, args)
}

// maxNames is how many allowed elements or values a sentence lists.
const maxNames = 12

func list(names []string) string {
	if len(names) > maxNames {
		return strings.Join(names[:maxNames], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

// sentence finds the case of PAIN-A3 and its arguments for a violation.
func sentence(v *xsd.Violation) (string, []string) {
	name, expected := finding.Shorten(v.Name), list(v.Expected)
	switch v.Kind {
	case xsd.Unexpected:
		if expected == "" {
			return "superfluous", []string{name}
		}
		return "unexpected", []string{name, expected}
	case xsd.Missing:
		return "missing", []string{name}
	case xsd.Incomplete:
		if len(v.Expected) == 1 {
			return "missing", []string{expected}
		}
		return "incomplete", []string{name, expected}
	case xsd.TypeLength:
		return lengthSentence(v, name)
	case xsd.TypePattern:
		if strings.HasSuffix(name, "DtTm") && isDateTime(string(v.Text)) {
			return "zone", []string{name} // what else a schema may want of a time that is one
		}
		return "pattern", []string{name, expected}
	case xsd.TypeEnum:
		return "enumeration", []string{name, expected}
	case xsd.TypeRange:
		return "range", []string{name, expected}
	case xsd.TypeDigits:
		return "digits", []string{name, expected}
	case xsd.TypeForm:
		return "form", []string{name, expected}
	case xsd.Attribute:
		return "attribute", []string{name}
	case xsd.Text:
		return "text", []string{name}
	case xsd.Namespace:
		return "namespace", []string{name}
	}
	return "form", []string{name, expected}
}

// lengthSentence knows that no schema read here asks for more than one character.
func lengthSentence(v *xsd.Violation, name string) (string, []string) {
	for _, facet := range v.Expected {
		if n, ok := strings.CutPrefix(facet, "maxLength "); ok && len(v.Text) > 0 {
			return "long", []string{name, n}
		}
	}
	return "empty", []string{name}
}
