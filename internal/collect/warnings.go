package collect

import (
	"strconv"

	"kontor/finding"
	"kontor/internal/hub"
	"kontor/iso20022/camt"
)

// keptWarnings is how many findings about a document are kept with it.
const keptWarnings = 20

// warnings are what was found about one owner's part of a message.
type warnings struct {
	list  []finding.Finding
	count int // with those that the reader did not list
}

// warningsOf picks the findings about the statements of one owner out of those about a message, with those about what stands around the
// statements. What is said about another owner's statements would tell of his account.
func warningsOf(found []finding.Finding, all, mine []span) (w warnings) {
	for _, f := range found {
		in := func(spans []span) bool {
			for _, s := range spans {
				if f.At.Offset >= s.from && f.At.Offset < s.to {
					return true
				}
			}
			return false
		}
		switch {
		case f.Code == camt.CodeMore:
			if len(mine) < len(all) {
				continue // nobody knows whose they are
			}
			if more, err := strconv.Atoi(f.Args[0]); err == nil {
				w.count += more
			}
		case in(all) && !in(mine):
			continue
		default:
			w.count++
		}
		w.list = append(w.list, f)
	}
	return w
}

// keep adds them to what is sealed with a document.
func (w warnings) keep(d *hub.DocumentDetail) {
	d.FindingCount, d.Findings = w.count, w.list[:min(len(w.list), keptWarnings)]
}

// tell counts them, for documents that have come for the first time.
func (c *Collect) tell(w warnings) {
	if c.o.Warned == nil {
		return
	}
	for _, f := range w.list {
		c.o.Warned(f.Code)
	}
}
