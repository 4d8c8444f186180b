package money

import "testing"

// The short way for plain amounts reads what the long one reads.
func TestPlainAmountsAreReadAsAllOthers(t *testing.T) {
	taken := 0
	for _, text := range []string{"", ".", "1", "1.", ".50", "0.00", "1.50", "1.5", "1.500", "12345678901234.56", "123456789012345.67", "99999999999999.99", "9223372036854775.80", "+1.00", "-1.00", "1,00", "1.0a", "a.00", "1.00 ", "00.10", "1.2.34"} {
		for n, c := range []Currency{"JPY", "", "EUR", "KWD"} {
			minor, ok := plain(text, n)
			if c == "" || !ok {
				continue
			}
			taken++
			whole, fraction, err := split(text)
			if err != nil || len(fraction) != n {
				t.Errorf("%q with %d decimals: taken, but %v", text, n, err)
				continue
			}
			if want, ok := appendDigits(0, whole+fraction); !ok || want != minor {
				t.Errorf("%q with %d decimals: %d, want %d", text, n, minor, want)
			}
		}
	}
	if taken < 6 {
		t.Errorf("only %d were taken", taken)
	}
}
