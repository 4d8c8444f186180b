package konfipay

import (
	"net/url"
	"testing"
	"time"
)

// R9: an instant is told in Berlin's time with the offset that holds at that very moment, so that even in the hour that comes twice no two
// instants look the same.
func TestR9TimestampsSayWhichHourIsMeant(t *testing.T) {
	for _, row := range []struct{ name, instant, want string }{
		{"before the gap of spring", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59+01:00"},
		{"after the gap", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00+02:00"},
		{"the hour that comes twice, first time", "2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"},
		{"the hour that comes twice, second time", "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"},
		{"after it", "2026-10-25T02:00:00Z", "2026-10-25T03:00:00+01:00"},
		{"the last second of a year", "2026-12-31T22:59:59Z", "2026-12-31T23:59:59+01:00"},
		{"the first second of the next, still the old year in UTC", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00+01:00"},
		{"leap day", "2028-02-28T23:00:00Z", "2028-02-29T00:00:00+01:00"},
		{"the day after leap day", "2028-02-29T23:00:00Z", "2028-03-01T00:00:00+01:00"},
		{"fractions are cut, not rounded into the next year", "2026-12-31T22:59:59.999999Z", "2026-12-31T23:59:59+01:00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			instant, err := time.Parse(time.RFC3339Nano, row.instant)
			must(t, err)
			if got := timestamp(instant); got != row.want {
				t.Errorf("%v, want %s", got, row.want)
			}
		})
	}
}

// R9: a day of a history has 23, 24 or 25 hours.
func TestR9HistoryDaysHaveTheirOwnLength(t *testing.T) {
	for _, row := range []struct {
		name, start, end string
		hours            float64
	}{
		{"spring forward", "2026-03-29", "2026-03-29", 23},
		{"autumn back", "2026-10-25", "2026-10-25", 25},
		{"the day before", "2026-10-24", "2026-10-24", 24},
		{"over the year's end", "2026-12-31", "2027-01-01", 48},
		{"leap day", "2028-02-29", "2028-02-29", 24},
		{"February of a leap year", "2028-02-01", "2028-02-29", 29 * 24},
	} {
		t.Run(row.name, func(t *testing.T) {
			from, until, err := period(url.Values{"start": {row.start}, "end": {row.end}})
			must(t, err)
			if got := until.Sub(from).Hours(); got != row.hours {
				t.Errorf("%v hours, want %v", got, row.hours)
			}
		})
	}
}
