package calendar

import (
	"encoding/json"
	"errors"
	"testing"
	"time"
)

func TestParseAcceptsRealDaysOnly(t *testing.T) {
	for _, row := range []struct {
		name, text string
		ok         bool
	}{
		{"plain", "2026-11-15", true},
		{"leap day", "2024-02-29", true},
		{"century leap day", "2000-02-29", true},
		{"as soon as possible convention", "1999-01-01", true},
		{"no leap day", "2025-02-29", false},
		{"century without leap day", "1900-02-29", false},
		{"day 31 of a short month", "2025-04-31", false},
		{"month 13", "2025-13-01", false},
		{"day zero", "2025-01-00", false},
		{"year zero", "0000-01-01", false},
		{"short month", "2025-1-01", false},
		{"zone", "2025-01-01Z", false},
		{"German order", "01.01.2025", false},
		{"time", "2025-01-01T00:00:00", false},
		{"blank", " 2025-01-01", false},
		{"empty", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			d, err := Parse(row.text)
			if row.ok && (err != nil || d.String() != row.text) {
				t.Errorf("got %s %v", d, err)
			}
			if !row.ok && !errors.Is(err, ErrDate) {
				t.Errorf("got %s %v, want ErrDate", d, err)
			}
		})
	}
}

func TestAddDaysCrossesMonthsAndYears(t *testing.T) {
	for _, row := range []struct {
		name, from string
		days       int
		want       string
	}{
		{"leap February", "2024-02-28", 1, "2024-02-29"},
		{"common February", "2025-02-28", 1, "2025-03-01"},
		{"new year", "2025-12-31", 1, "2026-01-01"},
		{"backwards", "2026-01-01", -1, "2025-12-31"},
		{"a year", "2025-01-01", 365, "2026-01-01"},
	} {
		t.Run(row.name, func(t *testing.T) {
			d, err := Parse(row.from)
			if err != nil {
				t.Fatal(err)
			}
			if got := d.AddDays(row.days); got.String() != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestBeforeComparesYearThenMonthThenDay(t *testing.T) {
	for _, row := range []struct {
		a, b Date
		want bool
	}{
		{Date{2025, 12, 31}, Date{2026, 1, 1}, true},
		{Date{2026, 1, 31}, Date{2026, 2, 1}, true},
		{Date{2026, 2, 1}, Date{2026, 1, 31}, false},
		{Date{2026, 2, 1}, Date{2026, 2, 1}, false},
	} {
		if got := row.a.Before(row.b); got != row.want {
			t.Errorf("%s before %s = %v", row.a, row.b, got)
		}
	}
}

// 23:30 UTC on New Year's Eve is already the next year in Berlin.
func TestOfUsesTheLocationOfTheInstant(t *testing.T) {
	instant := time.Date(2025, 12, 31, 23, 30, 0, 0, time.UTC)
	if got := Of(instant).String(); got != "2025-12-31" {
		t.Errorf("UTC day %s", got)
	}
	if got := Of(instant.In(Berlin())).String(); got != "2026-01-01" {
		t.Errorf("Berlin day %s", got)
	}
}

func TestAtKnowsSummerTime(t *testing.T) {
	for day, want := range map[Date]string{{2026, 1, 15}: "2026-01-15T13:00:00Z", {2026, 7, 15}: "2026-07-15T12:00:00Z"} {
		if got := day.At(14, 0, Berlin()).UTC().Format(time.RFC3339); got != want {
			t.Errorf("14:00 on %s is %s, want %s", day, got, want)
		}
	}
	if got := (Date{2026, 11, 15}).Weekday(); got != time.Sunday {
		t.Errorf("weekday %s", got)
	}
}

func TestDateIsTextInJSON(t *testing.T) {
	type row struct{ Day, None Date }
	in := row{Day: Date{2026, 5, 4}}
	text, err := json.Marshal(in)
	if err != nil || string(text) != `{"Day":"2026-05-04","None":""}` {
		t.Fatalf("%s %v", text, err)
	}
	var out row
	if err := json.Unmarshal(text, &out); err != nil || out != in {
		t.Errorf("%v %v", out, err)
	}
	if err := json.Unmarshal([]byte(`{"Day":"2026-02-30"}`), &out); !errors.Is(err, ErrDate) {
		t.Errorf("30 February: %v", err)
	}
}
