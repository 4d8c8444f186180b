package account

import (
	"strings"
	"time"

	"kontor/calendar"
)

// SEPA reports whether accounts whose IBAN begins with a country's code are reachable by
// SEPA schemes on a day (EPC409-09 v8.0 of 2025-12-24). Countries that take part under
// another's code (Jersey: GB; Réunion: FR; Åland: FI) are asked for by that code. Of
// Serbia the first day is the one on which its banks began together.
func SEPA[T chars](country T, on calendar.Date) bool { return sepa.has(placeOf(country), on) }

// EEA reports whether a country is part of the European Economic Area on a day, as rules
// about payments understand it: EU with its outermost regions, Iceland, Liechtenstein
// and Norway. The United Kingdom and Gibraltar left with the end of 2020. Direct debits
// from outside need the debtor's address, and payments there may need a BIC.
func EEA[T chars](country T, on calendar.Date) bool { return eea.has(placeOf(country), on) }

// Euro reports whether the euro is a country's currency by law or by agreement with the
// Union on a day. Montenegro and Kosovo use it without an agreement and are not in the
// list.
func Euro[T chars](country T, on calendar.Date) bool { return euro.has(placeOf(country), on) }

// period is a run of days; a zero end is open. Until is the first day outside.
type period struct{ from, until calendar.Date }

// entry gives countries, divided by blanks, one period.
type entry struct {
	countries string
	period
}

// membership says for each country, by its place, when it belongs.
type membership [26 * 26]*period

func members(entries ...entry) (m membership) {
	for _, e := range entries {
		for _, c := range strings.Fields(e.countries) {
			m[place(c[0], c[1])] = &e.period
		}
	}
	return m
}

func (m *membership) has(p int, on calendar.Date) bool {
	if p < 0 || m[p] == nil || on.Before(m[p].from) {
		return false
	}
	return m[p].until.IsZero() || on.Before(m[p].until)
}

func day(year int, month time.Month, d int) calendar.Date {
	return calendar.Date{Year: year, Month: month, Day: d}
}

func from(year int, month time.Month, d int) period { return period{from: day(year, month, d)} }

// Members of the first hour have no date: nobody sends a payment of 2008 any more.
var (
	sepa = members(
		entry{countries: "AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK"},
		entry{"HR", from(2013, time.July, 1)},
		entry{"SM", from(2014, time.February, 1)},
		entry{"AD VA", from(2019, time.March, 1)},
		entry{"AL MD ME MK", from(2025, time.October, 5)},
		entry{"RS", from(2026, time.May, 5)},
	)
	eea = members(
		entry{countries: "AT BE BG CY CZ DE DK EE ES FI FR GR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"},
		entry{countries: "AX GF GP MF MQ RE YT"}, // parts of FI and FR that belong to the Union
		entry{"HR", from(2013, time.July, 1)},
		entry{"GB GI", period{until: day(2021, time.January, 1)}},
	)
	euro = members(
		entry{"AT BE DE ES FI FR IE IT LU MC NL PT SM VA", from(1999, time.January, 1)},
		entry{"AX BL GF GP MF MQ PM RE TF YT", from(1999, time.January, 1)},
		entry{"GR", from(2001, time.January, 1)},
		entry{"SI", from(2007, time.January, 1)},
		entry{"CY MT", from(2008, time.January, 1)},
		entry{"SK", from(2009, time.January, 1)},
		entry{"EE", from(2011, time.January, 1)},
		entry{"AD", from(2012, time.April, 1)},
		entry{"LV", from(2014, time.January, 1)},
		entry{"LT", from(2015, time.January, 1)},
		entry{"HR", from(2023, time.January, 1)},
		entry{"BG", from(2026, time.January, 1)},
	)
)
