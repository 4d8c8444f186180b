package money

import (
	"fmt"
	"math/bits"
	"strings"
)

// fractionDigits is how many decimals CtrlSum of ISO 20022 may have (DecimalNumber:
// 18 digits, 17 of them after the point).
const fractionDigits = 17

// fractionUnit is 10^17: one whole in units of the smallest fraction.
const fractionUnit = 100_000_000_000_000_000

// Total is an exact sum of unsigned decimal numbers irrespective of currency, as
// CtrlSum of pain messages is defined. Numbers have at most 17 decimals; the whole
// part of the sum stays below 2^128, beyond which Add returns ErrRange. The zero
// value is an empty total, ready for use; totals are plain values and may be copied.
type Total struct {
	high, low uint64 // whole part
	fraction  uint64 // in units of 10^-17, below fractionUnit
}

// Add adds a decimal in the lexical form that Parse accepts. On error (ErrSyntax,
// ErrDecimals for more than 17 decimals, ErrRange) the total is unchanged.
func (t *Total) Add(text string) error {
	n, err := parseTotal(text)
	if err != nil {
		return err
	}
	sum := Total{fraction: t.fraction + n.fraction}
	var carry uint64
	if sum.fraction >= fractionUnit {
		sum.fraction -= fractionUnit
		carry = 1
	}
	sum.low, carry = bits.Add64(t.low, n.low, carry)
	sum.high, carry = bits.Add64(t.high, n.high, carry)
	if carry != 0 {
		return fmt.Errorf("%w: the total", ErrRange)
	}
	*t = sum
	return nil
}

// Equal compares by value: "100" equals a total of 100.00. The error is that of Add.
func (t Total) Equal(text string) (bool, error) {
	n, err := parseTotal(text)
	if err != nil {
		return false, err
	}
	return t == n, nil
}

// String returns the sum with at least two decimals and no more than needed:
// "100.00", "0.00000000000000001".
func (t Total) String() string {
	fraction := strings.TrimRight(fmt.Sprintf("%017d", t.fraction), "0")
	for len(fraction) < 2 {
		fraction += "0"
	}
	return t.whole() + "." + fraction
}

// whole writes the 128-bit whole part in decimal.
func (t Total) whole() string {
	const chunk = 10_000_000_000_000_000_000 // 10^19, the largest power of ten in 64 bits
	high, low := t.high, t.low
	text := ""
	for high > 0 {
		var rest uint64
		quotient := high / chunk
		low, rest = bits.Div64(high%chunk, low, chunk)
		high = quotient
		text = fmt.Sprintf("%019d", rest) + text
	}
	if text == "" {
		return fmt.Sprint(low)
	}
	if low == 0 {
		return strings.TrimLeft(text, "0")
	}
	return fmt.Sprint(low) + text
}

// parseTotal reads one number of up to 38 digits before the point.
func parseTotal(text string) (Total, error) {
	whole, fraction, err := split(text)
	if err != nil {
		return Total{}, err
	}
	if len(fraction) > fractionDigits {
		return Total{}, fmt.Errorf("%w: %d, a total has at most %d", ErrDecimals, len(fraction), fractionDigits)
	}
	var t Total
	for i := range len(whole) {
		over, high := bits.Mul64(t.high, 10)
		carry, low := bits.Mul64(t.low, 10)
		var c uint64
		t.low, c = bits.Add64(low, uint64(whole[i]-'0'), 0)
		t.high, c = bits.Add64(high, carry, c)
		if over != 0 || c != 0 {
			return Total{}, fmt.Errorf("%w: %d digits", ErrRange, len(whole))
		}
	}
	for i := range fractionDigits {
		t.fraction *= 10
		if i < len(fraction) {
			t.fraction += uint64(fraction[i] - '0')
		}
	}
	return t, nil
}
