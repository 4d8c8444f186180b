package pain

import (
	"cmp"
	"fmt"
	"slices"

	"kontor/finding"
)

const defaultMaxFindings = 100

// collector keeps the first findings and counts the rest.
type collector struct {
	max     int
	list    []finding.Finding
	dropped int
}

// add keeps a finding while there is room. There are at most two findings about the
// group header's totals, the most telling ones; always keeps those in any case.
func (c *collector) add(f finding.Finding, always bool) {
	if len(c.list) >= c.max && !always {
		c.dropped++
		return
	}
	f.Text = finding.Shorten(f.Text)
	c.list = append(c.list, f)
}

// sorted returns the findings in document order, PAIN-Z1 last. Totals are judged after
// the transactions but stand before them; hence the sorting.
func (c *collector) sorted(end finding.Location) []finding.Finding {
	slices.SortStableFunc(c.list, func(a, b finding.Finding) int { return cmp.Compare(a.At.Offset, b.At.Offset) })
	if c.dropped > 0 {
		c.list = append(c.list, finding.Finding{Code: CodeMore, Severity: finding.Error, At: end,
			Message: fmt.Sprintf("there are %d more findings, which are not shown", c.dropped)})
	}
	return c.list
}
