package money

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestParseAcceptsDecimalFormOnly(t *testing.T) {
	for _, row := range []struct {
		name, text string
		currency   Currency
		minor      int64
		err        error
	}{
		{"two decimals", "1234.50", "EUR", 123450, nil},
		{"one decimal", "0.5", "EUR", 50, nil},
		{"none", "7", "EUR", 700, nil},
		{"point at end", "210.", "EUR", 21000, nil},
		{"point at start", ".5", "EUR", 50, nil},
		{"leading zeros", "000000000000000000000000001.00", "EUR", 100, nil},
		{"yen", "1500", "JPY", 1500, nil},
		{"yen with point only", "1500.", "JPY", 1500, nil},
		{"dinar", "1.234", "KWD", 1234, nil},
		{"dinar of Iraq has three", "1.234", "IQD", 1234, nil},
		{"dinar of Serbia has two", "1.23", "RSD", 123, nil},
		{"unidad de fomento", "1.2345", "CLF", 12345, nil},
		{"largest", "92233720368547758.07", "EUR", math.MaxInt64, nil},
		{"one beyond", "92233720368547758.08", "EUR", 0, ErrRange},
		{"far beyond", strings.Repeat("9", 40), "EUR", 0, ErrRange},
		{"scaling overflows", "922337203685477580", "EUR", 0, ErrRange},
		{"three decimals", "1.005", "EUR", 0, ErrDecimals},
		{"third decimal zero", "1.000", "EUR", 0, ErrDecimals},
		{"decimals on yen", "1.0", "JPY", 0, ErrDecimals},
		{"plus", "+1.00", "EUR", 0, ErrSyntax},
		{"minus", "-1.00", "EUR", 0, ErrSyntax},
		{"exponent", "1e5", "EUR", 0, ErrSyntax},
		{"comma", "1,00", "EUR", 0, ErrSyntax},
		{"blank", " 1", "EUR", 0, ErrSyntax},
		{"two points", "1.0.0", "EUR", 0, ErrSyntax},
		{"two points at end", "1..", "EUR", 0, ErrSyntax},
		{"point alone", ".", "EUR", 0, ErrSyntax},
		{"empty", "", "EUR", 0, ErrSyntax},
		{"Arabic digits", "١", "EUR", 0, ErrSyntax},
		{"NaN", "NaN", "EUR", 0, ErrSyntax},
		{"unknown currency", "1", "EUX", 0, ErrCurrency},
		{"lower case", "1", "eur", 0, ErrCurrency},
		{"gold has no minor unit", "1", "XAU", 0, ErrCurrency},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := Parse(row.text, row.currency)
			if !errors.Is(err, row.err) || (err == nil) != (row.err == nil) {
				t.Fatalf("error %v, want %v", err, row.err)
			}
			if a.Minor != row.minor {
				t.Errorf("minor %d, want %d", a.Minor, row.minor)
			}
		})
	}
}

// Banks report EUR with up to five decimals; the superfluous ones must be zero.
func TestParseReportedDropsSuperfluousZeros(t *testing.T) {
	for _, row := range []struct {
		name, text string
		currency   Currency
		minor      int64
		err        error
	}{
		{"third zero", "18.150", "EUR", 1815, nil},
		{"five decimals", "18.15000", "EUR", 1815, nil},
		{"zeros before the point stay", "100", "EUR", 10000, nil},
		{"yen with zeros", "2700.00", "JPY", 2700, nil},
		{"third not zero", "18.155", "EUR", 0, ErrDecimals},
		{"point alone", ".000", "EUR", 0, nil},
		{"nothing", ".", "EUR", 0, ErrSyntax},
		{"two points", "1.0.0", "EUR", 0, ErrSyntax},
	} {
		t.Run(row.name, func(t *testing.T) {
			a, err := ParseReported(row.text, row.currency)
			if !errors.Is(err, row.err) || (err == nil) != (row.err == nil) || a.Minor != row.minor {
				t.Errorf("got %v %v", a, err)
			}
		})
	}
}

func TestDecimalHasAllDecimalsOfTheCurrency(t *testing.T) {
	for want, a := range map[string]Amount{
		"1234.50 EUR": {123450, "EUR"}, "0.05 EUR": {5, "EUR"}, "-0.05 EUR": {-5, "EUR"}, "-12.50 EUR": {-1250, "EUR"},
		"0.00 EUR": {0, "EUR"}, "15 JPY": {15, "JPY"}, "0.001 KWD": {1, "KWD"}, "-92233720368547758.08 EUR": {math.MinInt64, "EUR"},
	} {
		if a.String() != want {
			t.Errorf("got %s, want %s", a, want)
		}
	}
}

func TestAddRefusesOverflowAndMixedCurrencies(t *testing.T) {
	for _, row := range []struct {
		name string
		a, b Amount
		want int64
		err  error
	}{
		{"sum", Amount{1, "EUR"}, Amount{2, "EUR"}, 3, nil},
		{"zero", Amount{1, "EUR"}, Amount{0, "EUR"}, 1, nil},
		{"negative", Amount{1, "EUR"}, Amount{-2, "EUR"}, -1, nil},
		{"mixed", Amount{1, "EUR"}, Amount{2, "USD"}, 0, ErrMixed},
		{"too large", Amount{math.MaxInt64, "EUR"}, Amount{1, "EUR"}, 0, ErrRange},
		{"too small", Amount{math.MinInt64, "EUR"}, Amount{-1, "EUR"}, 0, ErrRange},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := row.a.Add(row.b)
			if !errors.Is(err, row.err) || (err == nil) != (row.err == nil) || got.Minor != row.want {
				t.Errorf("got %v %v", got, err)
			}
		})
	}
	if _, err := (Amount{math.MinInt64, "EUR"}).Negate(); !errors.Is(err, ErrRange) {
		t.Errorf("negated smallest int64: %v", err)
	}
}

// A million payments of 0.1 + 0.2 kind must sum exactly; floats drift here.
func TestTotalIsExactOverAMillionAmounts(t *testing.T) {
	var total Total
	var cents int64
	for i := range int64(1_000_000) {
		minor := (i*7919)%99_999_999_999 + 1
		cents += minor
		if err := total.Add(Amount{minor, "EUR"}.Decimal()); err != nil {
			t.Fatal(err)
		}
	}
	want := Amount{cents, "EUR"}.Decimal()
	if total.String() != want {
		t.Errorf("total %s, want %s", total, want)
	}
	if same, err := total.Equal(want + "000"); err != nil || !same {
		t.Errorf("Equal: %v %v", same, err)
	}
}

func TestTotalComparesByValue(t *testing.T) {
	var total Total
	for _, s := range []string{"0.00000000000000001", "99.99999999999999999"} {
		if err := total.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	for text, want := range map[string]bool{"100": true, "100.00": true, "0100.": true, "100.00000000000000001": false, "99.99999999999999999": false, "1": false} {
		if got, err := total.Equal(text); err != nil || got != want {
			t.Errorf("Equal(%s) = %v %v", text, got, err)
		}
	}
	if _, err := total.Equal("1.000000000000000001"); !errors.Is(err, ErrDecimals) {
		t.Errorf("18 decimals: %v", err)
	}
}

func TestTotalRefusesWhatItCannotHold(t *testing.T) {
	var total Total
	most := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 128), big.NewInt(1)).String()
	if err := total.Add(most); err != nil || total.String() != most+".00" {
		t.Fatalf("%v %s, want %s", err, total, most)
	}
	before := total
	for text, want := range map[string]error{"1": ErrRange, most + "0": ErrRange, "340282366920938463463374607431768211456": ErrRange, "-1": ErrSyntax, "": ErrSyntax} {
		if err := total.Add(text); !errors.Is(err, want) {
			t.Errorf("Add(%q): %v", text, err)
		}
	}
	if err := total.Add("0.5"); err != nil {
		t.Errorf("fraction fits: %v", err)
	}
	if err := total.Add("0.5"); !errors.Is(err, ErrRange) {
		t.Errorf("carry into a full whole part: %v", err)
	}
	if before.String() != most+".00" {
		t.Error("a failed Add changed the total")
	}
}

func TestCurrencyTableHasNoDoubleEntry(t *testing.T) {
	n := len(strings.Fields(withoutDecimals)) + len(strings.Fields(withTwoDecimals)) + len(strings.Fields(withThreeDecimals)) + len(strings.Fields(withFourDecimals))
	if n != len(digits) || n < 170 {
		t.Errorf("%d codes listed, %d in the table", n, len(digits))
	}
	for c := range digits {
		if len(c) != 3 || strings.ToUpper(string(c)) != string(c) {
			t.Errorf("code %q", c)
		}
	}
	if _, err := ParseCurrency("eur"); !errors.Is(err, ErrCurrency) {
		t.Errorf("lower case accepted: %v", err)
	}
	if c, err := ParseCurrency("CHF"); err != nil || c != "CHF" {
		t.Errorf("CHF: %v", err)
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	text := []byte("123456.78")
	if n := testing.AllocsPerRun(100, func() {
		if _, err := Parse(string(text), "EUR"); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

var parseSeeds = []string{"1234.50", "0", ".5", "5.", ".", "", "-1", "1e5", "92233720368547758.07", "92233720368547758.08", "00000000000000000000001", "1.005"}

// The oracle is math/big: whatever Parse accepts, big.Rat reads as the same number.
func FuzzParse(f *testing.F) {
	if len(parseSeeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range parseSeeds {
		f.Add(s, "EUR")
		f.Add(s, "KWD")
	}
	f.Fuzz(func(t *testing.T, text, currency string) {
		a, err := Parse(text, Currency(currency))
		var total Total
		if totalErr := total.Add(text); err == nil && totalErr != nil {
			t.Fatalf("%q is an amount but no part of a total: %v", text, totalErr)
		}
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString("0" + strings.TrimSuffix(text, "."))
		if !ok {
			t.Fatalf("accepted %q", text)
		}
		got, _ := new(big.Rat).SetString(a.Decimal())
		if got.Cmp(want) != 0 {
			t.Fatalf("%q read as %s", text, a)
		}
		if same, err := total.Equal(a.Decimal()); err != nil || !same {
			t.Fatalf("total %s of %q: %v", total, text, err)
		}
		if again, err := Parse(a.Decimal(), a.Currency); err != nil || again != a {
			t.Fatalf("%q does not come back: %v", strconv.Quote(text), err)
		}
	})
}
