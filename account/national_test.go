package account

import "testing"

// The numbers are the examples that the registry and the national rules print.
func TestCheckNationalJudgesTheCountryOwnDigits(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       National
	}{
		{"Albania", "AL47212110090000000235698741", NationalRight},
		{"Åland", "AX2112345600000785", NationalRight},
		{"Belgium", "BE68539007547034", NationalRight},
		{"Bosnia and Herzegovina", "BA391290079401028494", NationalRight},
		{"Croatia", "HR1210010051863000160", NationalRight},
		{"Czechia", "CZ6508000000192000145399", NationalRight},
		{"Czechia, another", "CZ9455000000001011038930", NationalRight},
		{"Djibouti", "DJ2100010000000154000100186", NationalRight},
		{"Estonia", "EE382200221020145685", NationalRight},
		{"Finland", "FI2112345600000785", NationalRight},
		{"France", "FR1420041010050500013M02606", NationalRight},
		{"Hungary", "HU42117730161111101800000000", NationalRight},
		{"Italy", "IT60X0542811101000000123456", NationalRight},
		{"Kosovo", "XK051212012345678906", NationalRight},
		{"Mauritania", "MR1300020001010000123456753", NationalRight},
		{"Monaco", "MC5811222000010123456789030", NationalRight},
		{"Montenegro", "ME25505000012345678951", NationalRight},
		{"Netherlands", "NL91ABNA0417164300", NationalRight},
		{"North Macedonia", "MK07250120000058984", NationalRight},
		{"Norway", "NO9386011117947", NationalRight},
		{"Poland", "PL61109010140000071219812874", NationalRight},
		{"Portugal", "PT50000201231234567890154", NationalRight},
		{"San Marino", "SM86U0322509800000000270100", NationalRight},
		{"Serbia", "RS35260005601001611379", NationalRight},
		{"Slovakia", "SK3112000000198742637541", NationalRight},
		{"Slovenia", "SI56263300012039086", NationalRight},
		{"Spain", "ES9121000418450200051332", NationalRight},
		{"São Tomé", "ST23000100010051845310146", NationalRight},
		{"Timor-Leste", "TL380080012345678910157", NationalRight},
		{"Tunisia", "TN5910006035183598478831", NationalRight},
		{"Germany has none here", "DE87200500001234567890", NationalNone},
		{"Austria has none", "AT611904300234573201", NationalNone},
		{"wrong as an IBAN", "BE68539007547035", NationalNone},
		{"empty", "", NationalNone},
		{"Netherlands, not of the eleven test", "NL" + CheckDigits("NL", "INGB0000000001") + "INGB0000000001", NationalDoubtful},
		{"Slovenia, treasury", "SI" + CheckDigits("SI", "011006030277914") + "011006030277914", NationalDoubtful},
		{"Norway, 00 behind the bank", "NO" + CheckDigits("NO", "98600000002") + "98600000002", NationalWrong},
		{"Belgium, 98 is no remainder", "BE" + CheckDigits("BE", "000000000198") + "000000000198", NationalWrong},
		{"Belgium, 97 for 0", "BE" + CheckDigits("BE", "000000009797") + "000000009797", NationalRight},
		{"France, key 00 for 97", "FR" + CheckDigits("FR", "00000000000000000000000") + "00000000000000000000000", NationalWrong},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := CheckNational(row.text); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			if got := CheckNational([]byte(row.text)); got != row.want {
				t.Errorf("of bytes: %s", got)
			}
		})
	}
}

// A rule that does not see a changed digit checks nothing: of each country's example,
// every position that the rule covers must matter.
func TestEveryChangedDigitIsSeenByTheNationalRule(t *testing.T) {
	covered := map[string]int{ // digits of the BBAN that the rule covers
		"BE68539007547034": 12, "HR1210010051863000160": 17, "FI2112345600000785": 14, "EE382200221020145685": 14,
		"PT50000201231234567890154": 21, "RS35260005601001611379": 18, "SI56263300012039086": 15, "ES9121000418450200051332": 20,
		"NO9386011117947": 11, "PL61109010140000071219812874": 8, "HU42117730161111101800000000": 24, "FR1420041010050500013M02606": 22,
		"IT60X0542811101000000123456": 22, "CZ6508000000192000145399": 16, "AL47212110090000000235698741": 8, "NL91ABNA0417164300": 10,
		"BA391290079401028494": 16, "TN5910006035183598478831": 20,
	}
	for text, want := range covered {
		seen := 0
		for i := 4; i < len(text); i++ {
			if class(text[i]) != 'n' {
				continue
			}
			bban := []byte(text[4:])
			bban[i-4] = '0' + (text[i]-'0'+1)%10
			changed := text[:2] + CheckDigits(text[:2], string(bban)) + string(bban)
			if err := CheckIBAN([]byte(changed)); err != nil {
				t.Fatal(err)
			}
			if got := CheckNational(changed); got == NationalWrong || got == NationalDoubtful {
				seen++
			}
		}
		if seen != want {
			t.Errorf("%s: %d of %d changed digits seen", text[:2], seen, want)
		}
	}
}
