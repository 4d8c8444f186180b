package calendar

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func date(text string) Date {
	d, err := Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

// Dates from almanacs, with the earliest, the latest and the two exceptions of Gauss.
func TestEasterIsThatOfTheAlmanac(t *testing.T) {
	for _, want := range strings.Fields("1818-03-22 1943-04-25 1954-04-18 1981-04-19 2000-04-23 2008-03-23 2019-04-21 2020-04-12 2021-04-04 2022-04-17 " +
		"2023-04-09 2024-03-31 2025-04-20 2026-04-05 2027-03-28 2028-04-16 2029-04-01 2030-04-21 2038-04-25 2049-04-18 2076-04-19 2285-03-22") {
		if got := Easter(date(want).Year); got.String() != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for year := 1583; year < 4000; year++ {
		if d := Easter(year); d.Weekday() != time.Sunday || d.Before(Date{year, time.March, 22}) || (Date{year, time.April, 25}).Before(d) {
			t.Fatalf("Easter of %d is %s, a %s", year, d, d.Weekday())
		}
	}
}

func TestClosingDaysOfAYear(t *testing.T) {
	for _, row := range []struct {
		system System
		year   int
		want   string // weekdays on which the system is closed
	}{
		{TARGET, 2025, "01-01 04-18 04-21 05-01 12-25 12-26"},
		{TARGET, 2026, "01-01 04-03 04-06 05-01 12-25"},
		{TARGET, 2027, "01-01 03-26 03-29"},
		{SIC, 2025, "01-01 01-02 04-18 04-21 05-01 05-29 06-09 08-01 12-25 12-26"},
		{SIC, 2026, "01-01 01-02 04-03 04-06 05-01 05-14 05-25 12-25"},
		{RIX, 2025, "01-01 01-06 04-18 04-21 05-01 05-29 06-06 06-20 12-24 12-25 12-26 12-31"},
		{RIX, 2026, "01-01 01-06 04-03 04-06 05-01 05-14 06-19 12-24 12-25 12-31"},
	} {
		t.Run(row.system.String(), func(t *testing.T) {
			var closed []string
			for d := (Date{row.year, time.January, 1}); d.Year == row.year; d = d.AddDays(1) {
				if w := d.Weekday(); w != time.Saturday && w != time.Sunday && !row.system.Open(d) {
					closed = append(closed, d.String()[5:])
				}
			}
			if got := strings.Join(closed, " "); got != row.want {
				t.Errorf("%d: %s, want %s", row.year, got, row.want)
			}
		})
	}
}

func TestBankingDaysAreCounted(t *testing.T) {
	for _, row := range []struct {
		name, from string
		f          func(Date) Date
		want       string
	}{
		{"next over a weekend", "2026-11-13", TARGET.Next, "2026-11-16"},
		{"next over Easter", "2026-04-02", TARGET.Next, "2026-04-07"},
		{"next over Christmas", "2025-12-24", TARGET.Next, "2025-12-29"},
		{"previous over Easter", "2026-04-07", TARGET.Previous, "2026-04-02"},
		{"previous over New Year", "2026-01-02", TARGET.Previous, "2025-12-31"},
		{"Swiss New Year has two days", "2025-12-31", SIC.Next, "2026-01-05"},
		{"Swedish Christmas", "2026-12-23", RIX.Next, "2026-12-28"},
		{"a banking day stays", "2026-11-13", TARGET.OnOrAfter, "2026-11-13"},
		{"a Sunday moves", "2026-11-15", TARGET.OnOrAfter, "2026-11-16"},
		{"add 0 on a Sunday", "2026-11-15", func(d Date) Date { return TARGET.Add(d, 0) }, "2026-11-16"},
		{"add 1 on a Friday", "2026-11-13", func(d Date) Date { return TARGET.Add(d, 1) }, "2026-11-16"},
		{"add 1 on a Sunday", "2026-11-15", func(d Date) Date { return TARGET.Add(d, 1) }, "2026-11-16"},
		{"add 5 over Christmas", "2025-12-22", func(d Date) Date { return TARGET.Add(d, 5) }, "2025-12-31"},
		{"a day before the collection on a Monday", "2026-11-16", func(d Date) Date { return TARGET.Add(d, -1) }, "2026-11-13"},
		{"two back over Easter", "2026-04-07", func(d Date) Date { return TARGET.Add(d, -2) }, "2026-04-01"},
		{"an unknown system ends", "2026-11-15", System(0).Next, "2026-11-30"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.f(date(row.from)); got.String() != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

// No step may skip a banking day or land beside one, whatever the day.
func TestNextAndPreviousAreNeighbours(t *testing.T) {
	for _, s := range []System{TARGET, SIC, RIX} {
		var open []Date
		for d := date("2024-01-01"); d.Year < 2034; d = d.AddDays(1) {
			if s.Open(d) {
				open = append(open, d)
			}
		}
		for i := 1; i < len(open); i++ {
			if s.Next(open[i-1]) != open[i] || s.Previous(open[i]) != open[i-1] {
				t.Fatalf("%s: %s and %s are no neighbours", s, open[i-1], open[i])
			}
		}
		if !slices.IsSortedFunc(open, Date.Compare) || s.Add(open[0], len(open)-1) != open[len(open)-1] {
			t.Errorf("%s: %d banking days do not lead to %s", s, len(open), open[len(open)-1])
		}
	}
}
