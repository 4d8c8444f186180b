package account

import (
	"errors"
	"strings"
	"testing"
)

// The numbers are the examples of the standards and of the banks that explain them.
func TestReferencesAreCheckedByTheirRule(t *testing.T) {
	type check func(string) bool
	for _, row := range []struct {
		name  string
		check check
		text  string
		want  bool
	}{
		{"RF", CheckRF[string], "RF18539007547034", true},
		{"RF in lower case", CheckRF[string], "rf18539007547034", true},
		{"RF of one character", CheckRF[string], "RF" + rfDigits("A") + "A", true},
		{"RF of 21", CheckRF[string], "RF" + rfDigits(strings.Repeat("9", 21)) + strings.Repeat("9", 21), true},
		{"RF of 22", CheckRF[string], "RF" + rfDigits(strings.Repeat("9", 22)) + strings.Repeat("9", 22), false},
		{"RF, digit wrong", CheckRF[string], "RF18539007547035", false},
		{"RF with blanks", CheckRF[string], "RF18 5390 0754 7034", false},
		{"RF without number", CheckRF[string], "RF18", false},
		{"RF with letters as check digits", CheckRF[string], "RFX8539007547034", false},
		{"RF, never issued", CheckRF[string], "RF0065", false},
		{"something else", CheckRF[string], "AB18539007547034", false},
		{"empty RF", CheckRF[string], "", false},
		{"QRR", CheckQRR[string], "210000000003139471430009017", true},
		{"QRR, digit wrong", CheckQRR[string], "210000000003139471430009018", false},
		{"QRR, two swapped", CheckQRR[string], "210000000003139471430090017", false},
		{"QRR of 26", CheckQRR[string], "21000000000313947143000901", false},
		{"QRR with a letter", CheckQRR[string], "21000000000313947143000901A", false},
		{"QR-IBAN", QRIBAN[string], "CH4431999123000889012", true},
		{"QR-IBAN of Liechtenstein", QRIBAN[string], "LI" + CheckDigits("LI", "30000000000000000") + "30000000000000000", true},
		{"IID above the range", QRIBAN[string], "CH" + CheckDigits("CH", "32000000000000000") + "32000000000000000", false},
		{"IID below the range", QRIBAN[string], "CH" + CheckDigits("CH", "29999000000000000") + "29999000000000000", false},
		{"plain IBAN", QRIBAN[string], "CH9300762011623852957", false},
		{"Germany has no QR-IBAN", QRIBAN[string], "DE87300000001234567890", false},
		{"Belgium", CheckBelgian[string], "090933755493", true},
		{"Belgium as printed", CheckBelgian[string], "+++090/9337/55493+++", true},
		{"Belgium with stars", CheckBelgian[string], "***090/9337/55493***", true},
		{"Belgium, remainder 0 is 97", CheckBelgian[string], "000000009797", true},
		{"Belgium, 00", CheckBelgian[string], "000000009700", false},
		{"Belgium, mixed marks", CheckBelgian[string], "+++090/9337/55493***", false},
		{"Belgium, digit wrong", CheckBelgian[string], "090933755494", false},
		{"Belgium, too short", CheckBelgian[string], "09093375549", false},
		{"Belgium, letters", CheckBelgian[string], "09093375549A", false},
		{"Finland", CheckFinnish[string], "1234561", true},
		{"Finland, longest", CheckFinnish[string], "00000000000001234561", true},
		{"Finland, digit wrong", CheckFinnish[string], "1234562", false},
		{"Finland, too short", CheckFinnish[string], "130", false},
		{"Finland, too long", CheckFinnish[string], "000000000000001234561", false},
		{"Estonia is shorter", CheckEstonian[string], "13", true},
		{"Estonia, digit wrong", CheckEstonian[string], "14", false},
		{"Estonia, one digit", CheckEstonian[string], "0", false},
		{"Sweden", CheckSwedishOCR[string], "1212121212", true},
		{"Sweden, digit wrong", CheckSwedishOCR[string], "1212121213", false},
		{"Sweden, hyphen", CheckSwedishOCR[string], "121212121-2", false},
		{"Sweden, too long", CheckSwedishOCR[string], strings.Repeat("0", 26), false},
		{"Norway, modulo 10", CheckKID[string], "2345676", true},
		{"Norway, modulo 11", CheckKID[string], "12345678903", true},
		{"Norway, modulo 11 with 10", CheckKID[string], "6-", true},
		{"Norway, hyphen elsewhere", CheckKID[string], "12345-", false},
		{"Norway, digit wrong", CheckKID[string], "2345674", false},
		{"Norway, one digit", CheckKID[string], "0", false},
		{"Norway, too long", CheckKID[string], strings.Repeat("0", 26), false},
		{"LEI", CheckLEI[string], "529900T8BM49AURSDO55", true},
		{"LEI, digit wrong", CheckLEI[string], "529900T8BM49AURSDO56", false},
		{"LEI in lower case", CheckLEI[string], "529900t8bm49aursdo55", false},
		{"LEI, letters at the end", CheckLEI[string], "529900T8BM49AURSDOAA", false},
		{"LEI of 19", CheckLEI[string], "529900T8BM49AURSDO5", false},
		{"country", KnownCountry[string], "DE", true},
		{"Kosovo", KnownCountry[string], "XK", true},
		{"no country", KnownCountry[string], "EU", false},
		{"country in lower case", KnownCountry[string], "de", false},
		{"three letters", KnownCountry[string], "DEU", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := row.check(row.text); got != row.want {
				t.Errorf("%q: %v", row.text, got)
			}
		})
	}
}

// rfDigits computes what RF computes, of numbers that RF refuses.
func rfDigits(number string) string { return CheckDigits("RF", number) }

func TestRFMakesWhatCheckRFAccepts(t *testing.T) {
	for _, row := range []struct {
		name, number string
		want         string // "" = ErrReference
	}{
		{"digits", "539007547034", "RF18539007547034"},
		{"letters", "INV2026A", "RF" + rfDigits("INV2026A") + "INV2026A"},
		{"empty", "", ""},
		{"too long", strings.Repeat("1", 22), ""},
		{"blank", "INV 1", ""},
		{"lower case", "inv1", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := RF(row.number)
			if row.want == "" {
				if !errors.Is(err, ErrReference) || got != "" {
					t.Errorf("got %q %v", got, err)
				}
				return
			}
			if err != nil || got != row.want || !CheckRF(got) {
				t.Errorf("got %q %v, want %s", got, err, row.want)
			}
		})
	}
}

var referenceSeeds = []string{"RF18539007547034", "210000000003139471430009017", "+++090/9337/55493+++", "1234561", "6-", "529900T8BM49AURSDO55", "", "\xff", strings.Repeat("0", 40), "CH4431999123000889012"}

// Every check takes any bytes, answers alike for text and bytes, and no accepted reference
// survives one changed digit (a code of mod 10 or mod 97 finds each of them).
func FuzzReferences(f *testing.F) {
	if len(referenceSeeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range referenceSeeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, check := range map[string]struct {
			text  func(string) bool
			bytes func([]byte) bool
		}{
			"RF": {CheckRF[string], CheckRF[[]byte]}, "QRR": {CheckQRR[string], CheckQRR[[]byte]}, "LEI": {CheckLEI[string], CheckLEI[[]byte]},
			"Belgian": {CheckBelgian[string], CheckBelgian[[]byte]}, "Finnish": {CheckFinnish[string], CheckFinnish[[]byte]},
			"OCR": {CheckSwedishOCR[string], CheckSwedishOCR[[]byte]},
		} {
			ok := check.text(text)
			if check.bytes([]byte(text)) != ok {
				t.Fatalf("%s: text and bytes differ for %q", name, text)
			}
			for i := 0; ok && i < len(text); i++ {
				if class(text[i]) == 'n' && check.text(text[:i]+string('0'+(text[i]-'0'+1)%10)+text[i+1:]) {
					t.Fatalf("%s: %q changed at %d is accepted", name, text, i)
				}
			}
		}
		CheckKID(text)
		CheckEstonian(text)
		QRIBAN(text)
		CheckNational(text)
		CreditorIDForm(text)
		BankCode(text)
		Branch([]byte(text))
		if bic, err := ParseBIC(text); err == nil && (bic.Country() == "" || !KnownCountry(bic.Country()) || !SameCountry(bic.Country(), text)) {
			t.Fatalf("BIC %q", text)
		}
		if id, err := ParseCreditorID(text); err == nil && string(id) != text {
			t.Fatalf("creditor identifier %q", text)
		}
	})
}
