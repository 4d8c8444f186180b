package money

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Amount is a number of minor units (cents for EUR, yen for JPY) of one currency.
// The zero value is zero of no currency. Amounts in instructions are positive and
// carry their direction elsewhere; a negative Minor occurs in balances only.
type Amount struct {
	Minor    int64
	Currency Currency
}

// Faults of amounts; test with errors.Is.
var (
	ErrSyntax   = errors.New("not a decimal number")                 // sign, exponent, blanks, other characters, nothing
	ErrDecimals = errors.New("more decimals than the currency has")  // 1.005 EUR; also 1.500 EUR: a written digit counts
	ErrRange    = errors.New("number too large")                     // beyond int64 minor units, or 38 digits of a Total
	ErrMixed    = errors.New("amounts of two currencies do not add") // Add of EUR and USD
)

// Parse reads an amount in the lexical form of xs:decimal without sign and exponent
// ("1234.5", "7", "210.", ".5"). Written decimals beyond those of the currency are an
// error even when they are zero. The error is one of ErrSyntax, ErrDecimals,
// ErrRange, ErrCurrency.
func Parse(text string, c Currency) (Amount, error) {
	n, ok := c.Digits()
	if !ok {
		return Amount{}, fmt.Errorf("%w: %q", ErrCurrency, shorten(string(c)))
	}
	if minor, ok := plain(text, n); ok {
		return Amount{Minor: minor, Currency: c}, nil
	}
	whole, fraction, err := split(text)
	if err != nil {
		return Amount{}, err
	}
	if len(fraction) > n {
		return Amount{}, fmt.Errorf("%w: %d, %s has %d", ErrDecimals, len(fraction), strings.Clone(string(c)), n)
	}
	minor, ok := appendDigits(0, whole)
	if ok {
		minor, ok = appendDigits(minor, fraction)
	}
	for i := len(fraction); i < n && ok; i++ {
		minor, ok = appendDigits(minor, "0")
	}
	if !ok {
		return Amount{}, fmt.Errorf("%w: an amount has at most %d minor units", ErrRange, int64(math.MaxInt64))
	}
	return Amount{Minor: minor, Currency: c}, nil
}

// plain reads what nearly every amount is: 17 digits at most, which always fit in, with a point before the last n of them.
func plain(text string, n int) (minor int64, ok bool) {
	point := len(text) - 1 - n
	if n == 0 || point < 1 || len(text) > 18 || text[point] != '.' {
		return 0, false
	}
	for i := range point {
		d := text[i] - '0'
		if d > 9 {
			return 0, false
		}
		minor = minor*10 + int64(d)
	}
	for i := point + 1; i < len(text); i++ {
		d := text[i] - '0'
		if d > 9 {
			return 0, false
		}
		minor = minor*10 + int64(d)
	}
	return minor, true
}

// Decimal returns the number alone with all decimals of the currency: "1234.50".
// An unknown currency is written without decimals.
func (a Amount) Decimal() string {
	n, _ := a.Currency.Digits()
	s := strconv.FormatInt(a.Minor, 10)
	sign := ""
	if a.Minor < 0 {
		sign, s = "-", s[1:]
	}
	if n == 0 {
		return sign + s
	}
	if len(s) <= n {
		s = strings.Repeat("0", n-len(s)+1) + s
	}
	return sign + s[:len(s)-n] + "." + s[len(s)-n:]
}

// String returns number and currency: "1234.50 EUR".
func (a Amount) String() string { return a.Decimal() + " " + string(a.Currency) }

// Add returns the sum of two amounts of one currency; ErrMixed or ErrRange otherwise.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Currency != b.Currency {
		return Amount{}, fmt.Errorf("%w: %s, %s", ErrMixed, a.Currency, b.Currency)
	}
	sum := a.Minor + b.Minor
	if (sum > a.Minor) != (b.Minor > 0) {
		return Amount{}, fmt.Errorf("%w: the sum of two amounts", ErrRange)
	}
	return Amount{Minor: sum, Currency: a.Currency}, nil
}

// Negate returns the amount with the other sign. The one int64 without a counterpart
// cannot come from Parse; it is ErrRange.
func (a Amount) Negate() (Amount, error) {
	if a.Minor == math.MinInt64 {
		return Amount{}, fmt.Errorf("%w: negated amount", ErrRange)
	}
	return Amount{Minor: -a.Minor, Currency: a.Currency}, nil
}

// split cuts an unsigned decimal at its point and checks every character.
func split(text string) (whole, fraction string, err error) {
	whole = text
	for i := range len(text) {
		switch ch := text[i]; {
		case ch >= '0' && ch <= '9':
		case ch == '.' && len(whole) == len(text):
			whole, fraction = text[:i], text[i+1:]
			if i == len(text)-1 && i > 0 {
				return whole, "", nil // "210." is a legal xs:decimal
			}
		default:
			return "", "", fmt.Errorf("%w: %q", ErrSyntax, shorten(text))
		}
	}
	if whole == "" && fraction == "" {
		return "", "", fmt.Errorf("%w: %q", ErrSyntax, shorten(text))
	}
	return whole, fraction, nil
}

// appendDigits returns n followed by the decimal digits, false on overflow.
func appendDigits(n int64, decimal string) (int64, bool) {
	for i := range len(decimal) {
		d := int64(decimal[i] - '0')
		if n > (math.MaxInt64-d)/10 {
			return 0, false
		}
		n = n*10 + d
	}
	return n, true
}

// shorten copies at most 40 bytes of a text into an error. The copy keeps the
// caller's bytes from escaping to the heap on the good path.
func shorten(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "…"
	}
	return strings.Clone(text)
}

// ParseReported is Parse for amounts that a bank reports (camt allows five decimals
// in any currency): written decimals beyond those of the currency are dropped while
// they are zero. 18.150 EUR is 18.15; 18.155 EUR is still ErrDecimals.
func ParseReported(text string, c Currency) (Amount, error) {
	if n, ok := c.Digits(); ok {
		if minor, ok := plain(text, n); ok {
			return Amount{Minor: minor, Currency: c}, nil
		}
		if point := strings.IndexByte(text, '.'); point >= 0 {
			for len(text) > point+1+n && text[len(text)-1] == '0' {
				text = text[:len(text)-1]
			}
		}
	}
	return Parse(text, c)
}
