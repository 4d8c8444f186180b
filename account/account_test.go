package account

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestParseIBANNamesTheFailingCheck(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       Reason // "" = accepted
	}{
		{"Germany", "DE87200500001234567890", ""},
		{"Switzerland", "CH9300762011623852957", ""},
		{"France with letters", "FR1420041010050500013M02606", ""},
		{"United Kingdom", "GB29NWBK60161331926819", ""},
		{"Norway, the shortest", "NO9386011117947", ""},
		{"Malta, the longest of SEPA", "MT84MALT011000012345MTLCAST001S", ""},
		{"Vatican", "VA59001123000012345678", ""},
		{"blank inside", "DE87 2005 0000 1234 5678 90", ReasonStructure},
		{"lower case", "de87200500001234567890", ReasonStructure},
		{"umlaut", "DE8720050000123456789Ü", ReasonStructure},
		{"letter where Germany has digits", "DE8720050000123456789A", ReasonStructure},
		{"digit where the United Kingdom has letters", "GB291WBK60161331926819", ReasonStructure},
		{"letters as check digits", "DEX7200500001234567890", ReasonStructure},
		{"begins with digits", "12345678901234567890", ReasonStructure},
		{"three characters", "DE8", ReasonStructure},
		{"empty", "", ReasonStructure},
		{"Honduras", "HN47KNTR00001234567890123456", ""},
		{"Morocco, which has not registered", "MA64011519000001205000534921", ReasonCountry},
		{"unknown country", "ZZ87200500001234567890", ReasonCountry},
		{"United States", "US87200500001234567890", ReasonCountry},
		{"one short", "DE8720050000123456789", ReasonLength},
		{"one long", "DE872005000012345678900", ReasonLength},
		{"digit wrong", "DE87200500001234567891", ReasonCheckDigits},
		{"two digits swapped", "DE87200500001234567809", ReasonCheckDigits},
		{"check digits of another number", "DE88200500001234567890", ReasonCheckDigits},
	} {
		t.Run(row.name, func(t *testing.T) {
			i, err := ParseIBAN(row.text)
			var fault *IBANError
			if row.want == "" {
				if err != nil || string(i) != row.text || i.Country() != row.text[:2] {
					t.Errorf("got %s %v", i, err)
				}
				return
			}
			if !errors.As(err, &fault) || fault.Reason != row.want {
				t.Errorf("got %v, want %s", err, row.want)
			}
			if len(row.text) > 4 && err != nil && strings.Contains(err.Error(), row.text[4:]) {
				t.Errorf("the error tells the number: %v", err)
			}
		})
	}
}

// 00, 01 and 99 can be congruent to the right check digits; no bank issues them.
func TestCheckDigitsThatAreNeverIssuedAreRefused(t *testing.T) {
	found := 0
	for n := range 2000 {
		bban := "20050000" + strconv.Itoa(1_000_000_000+n)
		right := CheckDigits("DE", bban)
		if _, err := ParseIBAN("DE" + right + bban); err != nil {
			t.Fatalf("computed digits refused: %v", err)
		}
		for valid, twin := range map[string]string{"97": "00", "98": "01", "02": "99"} {
			if right != valid {
				continue
			}
			found++
			if mod97(bban, "DE"+twin) != 1 {
				t.Fatalf("%s is no twin of %s", twin, valid)
			}
			var fault *IBANError
			if _, err := ParseIBAN("DE" + twin + bban); !errors.As(err, &fault) || fault.Reason != ReasonCheckDigits {
				t.Errorf("check digits %s: %v", twin, err)
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d twins met", found)
	}
}

// mod 97 finds every single wrong digit and every swap of two different neighbours.
func TestEverySingleWrongDigitAndSwapIsFound(t *testing.T) {
	const good = "DE87200500001234567890"
	changed := 0
	for i := 4; i < len(good); i++ {
		for d := byte('0'); d <= '9'; d++ {
			bad := good[:i] + string(d) + good[i+1:]
			if bad == good {
				continue
			}
			changed++
			if _, err := ParseIBAN(bad); err == nil {
				t.Errorf("%s accepted", bad)
			}
		}
		if i+1 < len(good) && good[i] != good[i+1] {
			bad := good[:i] + good[i+1:i+2] + good[i:i+1] + good[i+2:]
			if _, err := ParseIBAN(bad); err == nil {
				t.Errorf("%s accepted", bad)
			}
		}
	}
	if changed != 18*9 {
		t.Errorf("%d changes tried", changed)
	}
}

func TestNormaliseIBANIsForLookUps(t *testing.T) {
	for in, want := range map[string]string{"de87 2005 0000\t1234 5678 90": "DE87200500001234567890", "DE87\u00a02005": "DE872005", "": ""} {
		if got := NormaliseIBAN(in); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A file has millions of these numbers: none may cost an allocation.
func TestChecksOfRightNumbersDoNotAllocate(t *testing.T) {
	iban, long := []byte("IT60X0542811101000000123456"), []byte("MT84MALT011000012345MTLCAST001S")
	bic, creditor, lei := []byte("PBNKDEFF370"), []byte("DE98ZZZ09999999999"), []byte("529900T8BM49AURSDO55")
	rf, qrr, belgian := []byte("RF18539007547034"), []byte("210000000003139471430009017"), []byte("+++090/9337/55493+++")
	for name, f := range map[string]func() bool{
		"CheckIBAN":       func() bool { return CheckIBAN(iban) == nil && CheckIBAN(long) == nil },
		"CheckNational":   func() bool { return CheckNational(iban) == NationalRight },
		"BankCode":        func() bool { return len(BankCode(iban)) == 5 && len(Branch(iban)) == 5 },
		"SEPA":            func() bool { return SEPA(iban[:2], today) && EEA(iban[:2], today) && Euro(iban[:2], today) },
		"CheckBIC":        func() bool { return CheckBIC(bic) == nil && CheckClassicBIC(bic) == nil },
		"SameCountry":     func() bool { return !SameCountry(iban, bic) },
		"CheckCreditorID": func() bool { return CheckCreditorID(creditor) == nil },
		"CreditorIDForm":  func() bool { fits, known := CreditorIDForm(creditor); return fits && known },
		"KnownCountry":    func() bool { return KnownCountry(iban[:2]) },
		"references":      func() bool { return CheckRF(rf) && CheckQRR(qrr) && CheckBelgian(belgian) && CheckLEI(lei) },
		"other references": func() bool {
			return CheckFinnish(rf[2:]) == CheckKID(rf) && !CheckSwedishOCR(rf) && !QRIBAN(iban)
		},
	} {
		if n := testing.AllocsPerRun(100, func() {
			if !f() {
				t.Fatal(name)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func BenchmarkCheckIBAN(b *testing.B) {
	for _, text := range []string{"DE87200500001234567890", "NO9386011117947", "MT84MALT011000012345MTLCAST001S"} {
		iban := []byte(text)
		b.Run(text[:2], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := CheckIBAN(iban); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCheckBIC(b *testing.B) {
	bic := []byte("PBNKDEFF370")
	b.ReportAllocs()
	for b.Loop() {
		if err := CheckBIC(bic); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckNational(b *testing.B) {
	iban := []byte("IT60X0542811101000000123456")
	b.ReportAllocs()
	for b.Loop() {
		if CheckNational(iban) != NationalRight {
			b.Fatal("wrong")
		}
	}
}

func TestBICFormDependsOnTheGeneration(t *testing.T) {
	for _, row := range []struct {
		name, text      string
		modern, classic bool
	}{
		{"8 characters", "PBNKDEFF", true, true},
		{"11 characters", "PBNKDEFF370", true, true},
		{"digits in the first four", "1BNKDEFF", true, false},
		{"location with 0", "PBNKDE0F", true, false},
		{"location with O", "PBNKDEFO", true, false},
		{"9 characters", "PBNKDEFFX", false, false},
		{"lower case", "pbnkdeff", false, false},
		{"digit in the country", "PBNK1EFF", false, false},
		{"country that does not exist", "PBNKZZFF", false, false},
		{"Kosovo, which ISO has not", "PBNKXKPR", true, true},
		{"the word for none, which is of the form", "NOTPROVIDED", false, false},
		{"the same in lower case", "notprovided", false, false},
		{"a bank in Romania with nearly this name", "NOTPROVIDEE", true, true},
		{"blank", "PBNKDEFF   ", false, false},
		{"empty", "", false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if b, err := ParseBIC(row.text); (err == nil) != row.modern || (row.modern && (string(b) != row.text || b.Country() != row.text[4:6] || b.Institution() != row.text[:8])) {
				t.Errorf("ParseBIC: %s %v", b, err)
			}
			if _, err := ParseClassicBIC(row.text); (err == nil) != row.classic {
				t.Errorf("ParseClassicBIC: %v", err)
			}
		})
	}
}

func TestWhatIsNoBICIsNamed(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       error
	}{
		{"form", "PBNKDEF", ErrBIC},
		{"country", "PBNKZZFF", ErrBICCountry},
		{"not provided", "NOTPROVIDED", ErrNotProvided},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := ParseBIC(row.text); !errors.Is(err, row.want) {
				t.Errorf("got %v", err)
			}
			if row.want == ErrBIC {
				row.want = ErrClassicBIC
			}
			if _, err := ParseClassicBIC(row.text); !errors.Is(err, row.want) {
				t.Errorf("classic: got %v", err)
			}
		})
	}
}

func TestSameCountryKnowsWhoSharesAPrefix(t *testing.T) {
	for _, row := range []struct {
		name, iban, bic string
		want            bool
	}{
		{"Germany", "DE87200500001234567890", "PBNKDEFF", true},
		{"Germany at an Austrian bank", "DE87200500001234567890", "PBNKATWW", false},
		{"Jersey holds GB accounts", "GB29NWBK60161331926819", "PBNKJESH", true},
		{"no GB bank with another's prefix", "GI75NWBK000000007099453", "PBNKGB2L", false},
		{"Réunion holds FR accounts", "FR1420041010050500013M02606", "PBNKRERX", true},
		{"a FR bank in Monaco", "MC5811222000010123456789030", "PBNKFRPP", true},
		{"an IT bank in San Marino", "SM86U0322509800000000270100", "PBNKITRR", true},
		{"but no San Marino bank with an IT prefix", "IT60X0542811101000000123456", "PBNKSMSM", false},
		{"an IT bank in the Vatican", "VA59001123000012345678", "PBNKITRR", true},
		{"Åland holds FI accounts", "FI2112345600000785", "PBNKAX22", true},
		{"Réunion at Guadeloupe", "RE1420041010050500013M02606", "PBNKGPGX", false},
		{"no BIC", "DE87200500001234567890", "", false},
		{"no IBAN", "", "PBNKDEFF", false},
		{"digits", "12", "12345678", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := SameCountry(row.iban, []byte(row.bic)); got != row.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

var ibanSeeds = []string{"DE87200500001234567890", "NO9386011117947", "MT84MALT011000012345MTLCAST001S", "DE00200500001234567890", "ZZ", "DE", "", "de87 2005", "D\xff", strings.Repeat("9", 100)}

// Whatever is accepted has the country's length, and one changed digit is refused.
func FuzzParseIBAN(f *testing.F) {
	if len(ibanSeeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range ibanSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		i, err := ParseIBAN(text)
		if err != nil {
			var fault *IBANError
			if !errors.As(err, &fault) || fault.Reason == "" || i != "" {
				t.Fatalf("error %v, value %q", err, i)
			}
			return
		}
		if string(i) != text || CheckDigits(text[:2], text[4:]) != text[2:4] || NormaliseIBAN(text) != text {
			t.Fatalf("accepted %q", text)
		}
	})
}
