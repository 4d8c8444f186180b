package money

import (
	"strings"
	"testing"

	"kontor/calendar"
)

// The minor units that programs get wrong, each with the reason.
func TestDigitsOfCurrencies(t *testing.T) {
	for _, row := range []struct {
		name string
		code Currency
		want int
	}{
		{"the euro", "EUR", 2},
		{"the yen never had any", "JPY", 0},
		{"the won", "KRW", 0},
		{"the krona of Iceland lost them in 2007", "ISK", 0},
		{"the shilling of Uganda", "UGX", 0},
		{"the dong", "VND", 0},
		{"the francs of Africa and the Pacific", "XAF", 0},
		{"the franc of the Pacific", "XPF", 0},
		{"the peso of Chile", "CLP", 0},
		{"the forint keeps them on paper", "HUF", 2},
		{"the koruna", "CZK", 2},
		{"the rupiah keeps them on paper", "IDR", 2},
		{"the ariary has fifths, written as two decimals", "MGA", 2},
		{"the ouguiya, too", "MRU", 2},
		{"the dinars have thousandths", "KWD", 3},
		{"Bahrain", "BHD", 3},
		{"Iraq, though unused", "IQD", 3},
		{"Jordan", "JOD", 3},
		{"Libya", "LYD", 3},
		{"Oman", "OMR", 3},
		{"Tunisia", "TND", 3},
		{"but not the dinar of Serbia", "RSD", 2},
		{"nor that of Algeria", "DZD", 2},
		{"nor the denar", "MKD", 2},
		{"the unidad de fomento", "CLF", 4},
		{"the unidad previsional", "UYW", 4},
		{"the new ones have two: Sierra Leone", "SLE", 2},
		{"Venezuela", "VED", 2},
		{"Zimbabwe", "ZWG", 2},
		{"Curaçao and Sint Maarten", "XCG", 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			if n, ok := row.code.Digits(); !ok || n != row.want {
				t.Errorf("%s has %d decimals (%v), want %d", row.code, n, ok, row.want)
			}
		})
	}
}

func TestActiveKnowsWhatBeganAndEnded(t *testing.T) {
	for _, row := range []struct {
		name, day string
		code      Currency
		want      bool
	}{
		{"the euro", "2026-11-15", "EUR", true},
		{"the franc", "2026-11-15", "CHF", true},
		{"the kuna, last day", "2022-12-31", "HRK", true},
		{"the kuna, gone", "2023-01-01", "HRK", false},
		{"the lev, last day", "2025-12-31", "BGN", true},
		{"the lev, gone", "2026-01-01", "BGN", false},
		{"the guilder of the Antilles, gone", "2025-07-01", "ANG", false},
		{"its successor", "2025-03-31", "XCG", true},
		{"its successor, too early", "2025-03-30", "XCG", false},
		{"the leone, old", "2026-11-15", "SLL", false},
		{"the leone, new", "2026-11-15", "SLE", true},
		{"the dollar of Zimbabwe", "2026-11-15", "ZWL", false},
		{"the gold of Zimbabwe", "2026-11-15", "ZWG", true},
		{"both bolívares", "2026-11-15", "VES", true},
		{"the digital bolívar", "2026-11-15", "VED", true},
		{"a fund: WIR", "2026-11-15", "CHW", false},
		{"a fund: next day", "2026-11-15", "USN", false},
		{"an index", "2026-11-15", "UYI", false},
		{"gold", "2026-11-15", "XAU", false},
		{"none", "2026-11-15", "XXX", false},
		{"lower case", "2026-11-15", "chf", false},
		{"empty", "2026-11-15", "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			on, err := calendar.Parse(row.day)
			if err != nil {
				t.Fatal(err)
			}
			if got := row.code.Active(on); got != row.want {
				t.Errorf("%s: %v", row.code, got)
			}
		})
	}
}

// ISO 4217 has 155 currencies of countries and unions in use at the end of 2026.
func TestNumberOfActiveCurrencies(t *testing.T) {
	on, active := calendar.Date{Year: 2026, Month: 11, Day: 15}, 0
	for c := range digits {
		if c.Active(on) {
			active++
		}
	}
	for c := range terms {
		if _, ok := digits[c]; !ok {
			t.Errorf("%s has a term but no digits", c)
		}
	}
	for _, c := range strings.Fields(fundCodes) {
		if _, ok := digits[Currency(c)]; !ok {
			t.Errorf("%s is a fund but has no digits", c)
		}
	}
	if active != 155 {
		t.Errorf("%d currencies are active", active)
	}
}
