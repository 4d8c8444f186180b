package pain

import (
	"cmp"
	"slices"
	"strconv"

	"kontor/finding"
)

const defaultMaxFindings = 100

// collector keeps the first errors and the first warnings, and counts the rest.
type collector struct {
	max              int // of each
	list             []finding.Finding
	errors, warnings int // kept
	dropped          int
	droppedError     bool
	muted            bool // nothing is found: what is read was judged before
}

// room reports whether one more finding of that severity is kept, and counts it if not:
// who asks need not put the finding into words.
func (c *collector) room(s finding.Severity) bool {
	if c.muted {
		return false
	}
	if s == finding.Error && c.errors < c.max || s != finding.Error && c.warnings < c.max {
		return true
	}
	c.drop(1, s)
	return false
}

func (c *collector) drop(n int, s finding.Severity) {
	c.dropped += n
	c.droppedError = c.droppedError || n > 0 && s == finding.Error
}

// keep takes a finding, also beyond the limit.
func (c *collector) keep(f finding.Finding) {
	if f.Severity == finding.Error {
		c.errors++
	} else {
		c.warnings++
	}
	f.Text = finding.Shorten(f.Text)
	c.list = append(c.list, f)
}

// at reports whether something was found at an offset: it need not be said in other
// words.
func (c *collector) at(offset int64) bool {
	return slices.ContainsFunc(c.list, func(f finding.Finding) bool { return f.At.Offset == offset })
}

// byOffset orders findings as their places stand in the document.
func byOffset(a, b finding.Finding) int { return cmp.Compare(a.At.Offset, b.At.Offset) }

// sorted returns the findings in document order, PAIN-Z1 last, at the place of the one
// before it: an error if one of those not shown is an error. Totals are judged after the
// transactions but stand before them; hence the sorting.
func (c *collector) sorted() []finding.Finding {
	slices.SortStableFunc(c.list, byOffset)
	if c.dropped > 0 {
		f := rules[ruleMore].New("more", strconv.Itoa(c.dropped))
		if len(c.list) > 0 {
			f.At = c.list[len(c.list)-1].At
		}
		if !c.droppedError {
			f.Severity = finding.Warning
		}
		c.list = append(c.list, f)
	}
	return c.list
}
