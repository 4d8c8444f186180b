package dtazv

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"kontor/finding"
)

const defaultMaxFindings = 100

// collector keeps the first findings and counts the rest.
type collector struct {
	severities []finding.Severity // by index into the catalogue
	max        int
	list       []finding.Finding
	dropped    int
	worst      finding.Severity // among those dropped
	last       finding.Location
}

func (c *collector) prepare(options Options) {
	c.max = cmp.Or(options.MaxFindings, defaultMaxFindings)
	c.severities = make([]finding.Severity, len(catalogue))
	for i := range catalogue {
		c.severities[i] = catalogue[i].Of(options.Policies...)
	}
	c.worst = finding.Warning
}

// add keeps a finding unless its rule is off or there is no more room. Text is what the
// field holds.
func (c *collector) add(code finding.Code, id string, at finding.Location, text []byte, args ...string) {
	i := ruleIndex[code]
	if c.severities[i] == finding.Off {
		return
	}
	if len(c.list) >= c.max {
		c.dropped++
		c.last = at
		if c.severities[i] == finding.Error {
			c.worst = finding.Error
		}
		return
	}
	f := catalogue[i].New(id, args...)
	f.Severity, f.At, f.Text = c.severities[i], at, finding.Shorten(printable(text))
	c.list = append(c.list, f)
}

// printable is decode for the eyes of people: control characters, which a terminal would
// obey, become U+FFFD.
func printable(text []byte) string {
	return strings.Map(func(ch rune) rune {
		if unicode.IsControl(ch) {
			return unicode.ReplacementChar
		}
		return ch
	}, decode(text))
}

// sorted returns the findings in document order, AZV-Z1 last. It is an error only if one
// of those that are not shown is: a file of many warnings can still be sent. No policy
// turns it off: findings never vanish silently.
func (c *collector) sorted() []finding.Finding {
	slices.SortStableFunc(c.list, func(a, b finding.Finding) int { return cmp.Compare(a.At.Offset, b.At.Offset) })
	if c.dropped > 0 {
		f := catalogue[ruleIndex[CodeMore]].New("more", strconv.Itoa(c.dropped))
		f.Severity, f.At = c.worst, c.last
		c.list = append(c.list, f)
	}
	return c.list
}

// at is a position in the current record, from 1, with the field's number for the path.
func (r *reader) at(position int, number string) finding.Location {
	if len(r.list) >= r.max {
		return finding.Location{Line: r.place.record, Column: position, Offset: r.place.offset + int64(position-1)}
	}
	return r.place.at(position, number)
}

func (p place) at(position int, number string) finding.Location {
	path := make([]byte, 0, 32)
	if p.file > 0 {
		path = strconv.AppendInt(append(path, "Q["...), int64(p.file), 10)
		path = append(path, ']')
	}
	if p.payment > 0 && p.recordType != 'Z' && p.recordType != 'Q' {
		path = strconv.AppendInt(append(path, "/T["...), int64(p.payment), 10)
		path = append(path, ']')
	}
	switch p.recordType {
	case 'V', 'W':
		if p.report > 0 {
			path = strconv.AppendInt(append(path, '/', p.recordType, '['), int64(p.report), 10)
			path = append(path, ']')
		}
	case 'Z':
		path = append(path, "/Z"...)
	}
	if number != "" {
		path = append(append(path, '/'), number...)
	}
	return finding.Location{Line: p.record, Column: position, Offset: p.offset + int64(position-1), Path: string(path)}
}

// FieldLocation returns the place of a field in a record, given the record's place (At of
// a Header or Payment) and the field's number; the record's place if there is no such
// field.
func FieldLocation(record finding.Location, number string) finding.Location {
	if number == "" {
		return record
	}
	for _, f := range fieldsOf(number[0]) {
		if f.number == number {
			record.Column += f.at - 1
			record.Offset += int64(f.at - 1)
			record.Path += "/" + number
			return record
		}
	}
	return record
}

// fault reports a field of the current record.
func (r *reader) fault(code finding.Code, id string, f *field, args ...string) {
	r.add(code, id, r.at(f.at, f.number), f.of(r.current), args...)
}
