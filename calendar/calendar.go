// Package calendar knows dates without a clock and without a zone: a banking day is
// a Date, never a time.Time. The one zone that German banking uses is embedded, so
// that it exists on every machine.
package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"time"
	_ "time/tzdata" // Berlin must load on machines without a zone database
)

// Date is a day of the proleptic Gregorian calendar, years 1 to 9999. The zero value
// is no date.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ErrDate says that a text is not a date of the form 2006-01-02, or no day of the
// calendar (2025-02-29).
var ErrDate = errors.New("not a date")

// Parse reads exactly the form 2006-01-02 (xs:date without time zone). The error is
// ErrDate.
func Parse(text string) (Date, error) {
	if len(text) != len("2006-01-02") {
		return Date{}, fmt.Errorf("%w: %d characters instead of 10", ErrDate, len(text))
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return Date{}, fmt.Errorf("%w of the form YYYY-MM-DD", ErrDate)
	}
	return Of(t), nil
}

// Of returns the day on which t falls in its own location. Convert with In first:
// calendar.Of(t.In(calendar.Berlin())).
func Of(t time.Time) Date {
	year, month, day := t.Date()
	return Date{Year: year, Month: month, Day: day}
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String returns the form that Parse reads, and "" for the zero value.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}

// MarshalText is String.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is Parse; an empty text is the zero value.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

// Compare is -1, 0 or 1 as d is before, on or after e.
func (d Date) Compare(e Date) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// Before reports whether d is an earlier day than e.
func (d Date) Before(e Date) bool { return d.Compare(e) < 0 }

// AddDays returns the day n days later, earlier when n is negative.
func (d Date) AddDays(n int) Date {
	return Of(time.Date(d.Year, d.Month, d.Day+n, 0, 0, 0, 0, time.UTC))
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// At returns the instant of a local time on that day, as cut-offs are given. A time
// that the change to summer time skips is moved as time.Date does.
func (d Date) At(hour, minute int, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, hour, minute, 0, 0, zone)
}

var berlin = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic("calendar: the zone database is linked in, yet Europe/Berlin is missing: " + err.Error())
	}
	return zone
})

// Berlin returns the zone Europe/Berlin, from the machine's zone database or else
// from the one linked into the program.
func Berlin() *time.Location { return berlin() }
