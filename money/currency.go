// Package money holds amounts of money exactly: an Amount is an int64 number of
// the currency's smallest unit, and a Total adds decimal numbers of any currency
// the way CtrlSum of ISO 20022 does. Nothing here rounds, and nothing here is a
// floating-point number.
package money

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"kontor/calendar"
)

// Currency is an alphabetic ISO 4217 code such as "EUR". A value of this type may
// be unknown; Digits tells.
type Currency string

// ErrCurrency says that a code is not a currency of ISO 4217 with a known number
// of decimals.
var ErrCurrency = errors.New("unknown currency")

// The ISO 4217 codes by number of decimals. Codes without a minor unit (precious
// metals, XDR, XTS, XXX and the like) are left out: no payment can be made in them.
// Codes that ended lately, and those of funds, stay because statements and archived
// orders carry them; Active tells them apart.
const (
	withoutDecimals   = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
	withTwoDecimals   = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL"
	withThreeDecimals = "BHD IQD JOD KWD LYD OMR TND"
	withFourDecimals  = "CLF UYW"
)

// digits maps every known code to its number of decimals.
var digits = func() map[Currency]int {
	m := make(map[Currency]int, 200)
	for n, codes := range map[int]string{0: withoutDecimals, 2: withTwoDecimals, 3: withThreeDecimals, 4: withFourDecimals} {
		for _, c := range strings.Fields(codes) {
			m[Currency(c)] = n
		}
	}
	return m
}()

// Digits returns how many decimals amounts of the currency have (0, 2, 3 or 4), and
// false if the code is not known.
func (c Currency) Digits() (int, bool) {
	if c == "EUR" { // nearly every amount we meet; spares the map
		return 2, true
	}
	n, ok := digits[c]
	return n, ok
}

// fundCodes are units of account of ISO 4217 in which nobody is paid: index-linked units,
// WIR and next-day funds.
const fundCodes = "BOV CHE CHW CLF COU MXV USN UYI UYW"

// term is the time in which a currency is legal tender: from the first day to the day
// before until, an open end being zero.
type term struct{ from, until calendar.Date }

func day(year int, month time.Month, d int) calendar.Date {
	return calendar.Date{Year: year, Month: month, Day: d}
}

// terms has the changes of ISO 4217 since 2021. A currency that became the euro ends with
// the day of the change: accounts are in euro from the first day, whatever coins circulate.
var terms = map[Currency]term{
	"CUC": {until: day(2021, time.July, 1)},
	"VED": {from: day(2021, time.October, 1)},
	"SLE": {from: day(2022, time.July, 1)},
	"SLL": {until: day(2024, time.January, 1)},
	"HRK": {until: day(2023, time.January, 1)},
	"ZWG": {from: day(2024, time.June, 25)},
	"ZWL": {until: day(2024, time.September, 1)},
	"XCG": {from: day(2025, time.March, 31)},
	"ANG": {until: day(2025, time.July, 1)},
	"BGN": {until: day(2026, time.January, 1)},
}

// Active reports whether payments can be ordered in the currency on a day: it is known, no
// unit of account of a fund, begun and not ended. What banks report is not judged by it.
func (c Currency) Active(on calendar.Date) bool {
	if c == "EUR" {
		return true
	}
	if _, known := digits[c]; !known || strings.Contains(fundCodes, string(c)) {
		return false
	}
	t := terms[c]
	return !on.Before(t.from) && (t.until.IsZero() || on.Before(t.until))
}

// ParseCurrency accepts exactly the known three-letter upper-case codes; the error
// is ErrCurrency.
func ParseCurrency(text string) (Currency, error) {
	c := Currency(text)
	if _, ok := c.Digits(); !ok {
		return "", fmt.Errorf("%w: %q", ErrCurrency, shorten(text))
	}
	return Currency(strings.Clone(text)), nil
}
