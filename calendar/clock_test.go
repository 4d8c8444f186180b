package calendar

import (
	"testing"
	"time"
)

// R9: due dates are days of the bank's zone, whatever the machine's zone says, and days are counted as days, not as 24 hours.
func TestR9DaysAreDaysOfTheZone(t *testing.T) {
	for _, row := range []struct{ name, instant, day, next string }{
		{"a second before the gap of spring", "2026-03-29T00:59:59Z", "2026-03-29", "2026-03-30"},
		{"late on the short day", "2026-03-29T21:59:59Z", "2026-03-29", "2026-03-30"},
		{"midnight after the short day", "2026-03-29T22:00:00Z", "2026-03-30", "2026-03-31"},
		{"the hour that comes twice, second time", "2026-10-25T01:30:00Z", "2026-10-25", "2026-10-26"},
		{"late on the long day", "2026-10-25T22:59:59Z", "2026-10-25", "2026-10-26"},
		{"midnight after the long day", "2026-10-25T23:00:00Z", "2026-10-26", "2026-10-27"},
		{"the year's last second", "2026-12-31T22:59:59Z", "2026-12-31", "2027-01-01"},
		{"the year's first second", "2026-12-31T23:00:00Z", "2027-01-01", "2027-01-02"},
		{"the day before leap day", "2028-02-28T12:00:00Z", "2028-02-28", "2028-02-29"},
		{"leap day", "2028-02-29T12:00:00Z", "2028-02-29", "2028-03-01"},
		{"the same day of a year without it", "2027-02-28T12:00:00Z", "2027-02-28", "2027-03-01"},
	} {
		t.Run(row.name, func(t *testing.T) {
			instant, err := time.Parse(time.RFC3339, row.instant)
			if err != nil {
				t.Fatal(err)
			}
			day := Of(instant.In(Berlin()))
			if day.String() != row.day || day.AddDays(1).String() != row.next {
				t.Errorf("%s and then %s, want %s and %s", day, day.AddDays(1), row.day, row.next)
			}
		})
	}
}

// R9: a cut-off in the hour that is skipped comes when the clock has moved on; one in the hour that comes twice is one instant.
func TestR9CutOffsOnDaysOfAnotherLength(t *testing.T) {
	for _, row := range []struct {
		name         string
		day          Date
		hour, minute int
		earliest     string
		latest       string
	}{
		{"in the gap", Date{2026, time.March, 29}, 2, 30, "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z"},
		{"in the hour that comes twice", Date{2026, time.October, 25}, 2, 30, "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"},
		{"in the afternoon of the short day", Date{2026, time.March, 29}, 14, 0, "2026-03-29T12:00:00Z", "2026-03-29T12:00:00Z"},
		{"in the afternoon of the long day", Date{2026, time.October, 25}, 14, 0, "2026-10-25T13:00:00Z", "2026-10-25T13:00:00Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := row.day.At(row.hour, row.minute, Berlin()).UTC().Format(time.RFC3339)
			if got < row.earliest || got > row.latest {
				t.Errorf("%s, want %s to %s", got, row.earliest, row.latest)
			}
		})
	}
}
