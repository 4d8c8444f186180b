package bench_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// sample is the runs of one figure.
type sample []float64

func (s sample) sorted() []float64 { return slices.Sorted(slices.Values(s)) }

// median is the middle one, of an even number the lower of the two in the middle, so that it is always one that was measured.
func (s sample) median() float64 { return s.sorted()[(len(s)-1)/2] }

func (s sample) min() float64 { return slices.Min(s) }
func (s sample) max() float64 { return slices.Max(s) }

// percentile returns the smallest duration that at least so many percent of all do not exceed.
func percentile(sorted []time.Duration, percent float64) time.Duration {
	at := int(float64(len(sorted))*percent/100+0.9999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// demand is a limit that a figure must keep; the zero value is none.
type demand struct {
	least, most float64
}

// figure is one line of the table.
type figure struct {
	name   string
	unit   string
	runs   sample
	demand demand
}

func (f figure) missed() bool {
	m := f.runs.median()
	return f.demand.most != 0 && m > f.demand.most || f.demand.least != 0 && m < f.demand.least
}

func (f figure) verdict() string {
	var limit string
	switch {
	case f.demand.most != 0:
		limit = "at most " + number(f.demand.most)
	case f.demand.least != 0:
		limit = "at least " + number(f.demand.least)
	default:
		return ""
	}
	if f.missed() {
		return limit + ": MISSED"
	}
	return limit + ": kept"
}

func number(v float64) string {
	switch {
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

// table is everything that was measured, in order.
type table struct{ figures []figure }

func (t *table) add(f figure) {
	if len(f.runs) > 0 {
		t.figures = append(t.figures, f)
	}
}

// write writes the table as Markdown whose columns also stand in line.
func (t *table) write(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	line := func(cells ...string) { _, _ = fmt.Fprintln(out, "| "+strings.Join(cells, "\t| ")+"\t|") } // Flush returns the error
	line("Figure", "Unit", "Median", "Least", "Most", "Runs", "Demand")
	line("---", "---", "---", "---", "---", "---", "---")
	for _, f := range t.figures {
		line(f.name, f.unit, number(f.runs.median()), number(f.runs.min()), number(f.runs.max()), fmt.Sprint(len(f.runs)), f.verdict())
	}
	return out.Flush()
}

func TestPercentileIsOneThatWasMeasured(t *testing.T) {
	var all []time.Duration
	for n := range 200 {
		all = append(all, time.Duration(n+1))
	}
	for _, row := range []struct {
		name    string
		percent float64
		want    time.Duration
	}{{"half", 50, 100}, {"99", 99, 198}, {"all", 100, 200}, {"least", 0, 1}} {
		t.Run(row.name, func(t *testing.T) {
			if got := percentile(all, row.percent); got != row.want {
				t.Errorf("%d, want %d", got, row.want)
			}
		})
	}
	if got := percentile(all[:1], 99); got != 1 {
		t.Errorf("of one: %d", got)
	}
}

func TestDemandIsJudgedByTheMedian(t *testing.T) {
	runs := sample{1, 9, 5, 2}
	if m := runs.median(); m != 2 {
		t.Fatalf("median %v", m)
	}
	for _, row := range []struct {
		name   string
		demand demand
		missed bool
	}{
		{"none", demand{}, false}, {"at most, kept", demand{most: 2}, false}, {"at most, missed", demand{most: 1.5}, true},
		{"at least, kept", demand{least: 2}, false}, {"at least, missed", demand{least: 3}, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			if f := (figure{runs: runs, demand: row.demand}); f.missed() != row.missed || strings.Contains(f.verdict(), "MISSED") != row.missed {
				t.Errorf("missed %v, %q", f.missed(), f.verdict())
			}
		})
	}
}
