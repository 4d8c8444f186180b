package calendar

import "time"

// System is a payment system whose calendar decides which days are banking days. Days
// are computed, not listed: a system that changes its rules needs a change here.
type System uint8

// The systems.
const (
	TARGET System = iota + 1 // the euro: T2, and with it all SEPA schemes but instant payments; rules of 2002 and later
	SIC                      // the Swiss franc: Swiss Interbank Clearing
	RIX                      // the Swedish krona: RIX-RTGS of the Riksbank; rules of 2005 and later
)

// String names the system.
func (s System) String() string {
	switch s {
	case TARGET:
		return "TARGET"
	case SIC:
		return "SIC"
	case RIX:
		return "RIX"
	}
	return "unknown"
}

// Open reports whether a day is a banking day of the system. Of a system that is none of
// the constants no day is.
func (s System) Open(d Date) bool {
	if w := d.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	switch s {
	case TARGET:
		return !closedTARGET(d)
	case SIC:
		return !closedSIC(d)
	case RIX:
		return !closedRIX(d)
	}
	return false
}

// OnOrAfter returns the day itself if it is a banking day, else the next one.
func (s System) OnOrAfter(d Date) Date { return s.step(d, 0, 1) }

// Next returns the first banking day after a day.
func (s System) Next(d Date) Date { return s.step(d, 1, 1) }

// Previous returns the last banking day before a day.
func (s System) Previous(d Date) Date { return s.step(d, -1, -1) }

// Add returns the n-th banking day after a day, or before it when n is negative; with 0
// it is OnOrAfter. Days are walked one by one: it is for the days of a rule, not for
// years.
func (s System) Add(d Date, n int) Date {
	if n == 0 {
		return s.OnOrAfter(d)
	}
	for ; n > 0; n-- {
		d = s.Next(d)
	}
	for ; n < 0; n++ {
		d = s.Previous(d)
	}
	return d
}

// longestClosure is more days than any system is ever closed in a row (RIX: five), so
// that an unknown system ends the walk.
const longestClosure = 14

// step walks from the day first days away in a direction to a banking day.
func (s System) step(d Date, first, direction int) Date {
	d = d.AddDays(first)
	for n := 0; n < longestClosure && !s.Open(d); n++ {
		d = d.AddDays(direction)
	}
	return d
}

// Easter returns Easter Sunday of the Gregorian calendar (Gauss, in the form that Meeus
// and others give, without exceptions).
func Easter(year int) Date {
	golden, century, rest := year%19, year/100, year%100
	// The age of the moon on 21 March, corrected for the leap days that centuries lack.
	moon := (19*golden + century - century/4 - (century-(century+8)/25+1)/3 + 15) % 30
	sunday := (32 + 2*(century%4) + 2*(rest/4) - moon - rest%4) % 7
	late := (golden + 11*moon + 22*sunday) / 451
	n := moon + sunday - 7*late + 114
	return Date{Year: year, Month: time.Month(n / 31), Day: n%31 + 1}
}

// isDay reports whether a day has this month and number.
func (d Date) isDay(month time.Month, day int) bool { return d.Month == month && d.Day == day }

// afterEaster reports whether a day lies that many days after Easter Sunday.
func (d Date) afterEaster(days ...int) bool {
	easter := Easter(d.Year)
	for _, n := range days {
		if easter.AddDays(n) == d {
			return true
		}
	}
	return false
}

// Days after Easter Sunday.
const (
	goodFriday   = -2
	easterMonday = 1
	ascension    = 39
	whitMonday   = 50
)

// closedTARGET: the six closing days that the ECB set for good.
func closedTARGET(d Date) bool {
	return d.isDay(time.January, 1) || d.isDay(time.May, 1) || d.isDay(time.December, 25) || d.isDay(time.December, 26) ||
		d.afterEaster(goodFriday, easterMonday)
}

// closedSIC: the bank holidays of Zurich.
func closedSIC(d Date) bool {
	return closedTARGET(d) || d.isDay(time.January, 2) || d.isDay(time.August, 1) || d.afterEaster(ascension, whitMonday)
}

// closedRIX: the bank holidays of Sweden, with the eves of Midsummer, Christmas and New
// Year.
func closedRIX(d Date) bool {
	midsummerEve := d.Month == time.June && d.Day >= 19 && d.Day <= 25 && d.Weekday() == time.Friday
	return closedTARGET(d) || d.isDay(time.January, 6) || d.isDay(time.June, 6) || midsummerEve ||
		d.isDay(time.December, 24) || d.isDay(time.December, 31) || d.afterEaster(ascension)
}
