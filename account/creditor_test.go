package account

import (
	"strings"
	"testing"
)

func TestParseCreditorIDChecksFormAndDigits(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       string // what the error says, "" = accepted
	}{
		{"Germany", "DE98ZZZ09999999999", ""},
		{"another business code", "DE98A1B09999999999", ""},
		{"Austria", "AT61ZZZ01234567890", ""},
		{"lower case counts like upper case", "de98zzz09999999999", ""},
		{"characters that do not count", "NL" + CheckDigits("NL", "123456780001") + "ZZZ1234-5678/0001", ""},
		{"the most", "FR" + CheckDigits("FR", strings.Repeat("1", 28)) + "ZZZ" + strings.Repeat("1", 28), ""},
		{"one more", "FR" + CheckDigits("FR", strings.Repeat("1", 29)) + "ZZZ" + strings.Repeat("1", 29), "8 to 35"},
		{"empty", "", "8 to 35"},
		{"no national identification", "DE98ZZZ", "8 to 35"},
		{"no country", "1298ZZZ09999999999", "country"},
		{"country that does not exist", "ZZ" + CheckDigits("ZZ", "09999999999") + "ZZZ09999999999", "country"},
		{"letters as check digits", "DEXXZZZ09999999999", "country"},
		{"blank", "DE98ZZZ0999999999 ", "character"},
		{"umlaut", "DE98ZZZ099999999Ü", "character"},
		{"German, one short", "DE98ZZZ0999999999", "18"},
		{"digit wrong", "DE98ZZZ09999999998", "check digits"},
		{"never issued", "DE00ZZZ00099999999", "check digits"},
		{"other country", "AT98ZZZ09999999999", "check digits"},
	} {
		t.Run(row.name, func(t *testing.T) {
			id, err := ParseCreditorID(row.text)
			if row.want == "" {
				if err != nil || string(id) != row.text {
					t.Errorf("got %q %v", id, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), row.want) || id != "" {
				t.Errorf("got %q %v, want %s", id, err, row.want)
			}
			if (CheckCreditorID([]byte(row.text)) == nil) != (err == nil) {
				t.Error("CheckCreditorID disagrees")
			}
		})
	}
}

// The business code may change at any time without a new identifier.
func TestBusinessCodeIsNoPartOfTheCheck(t *testing.T) {
	const good = "DE98ZZZ09999999999"
	for i := range len(good) {
		if i < 2 || good[i] < '0' || good[i] > '9' {
			continue
		}
		wrong := good[:i] + string('0'+(good[i]-'0'+1)%10) + good[i+1:]
		if _, err := ParseCreditorID(wrong); err == nil {
			t.Errorf("%s is accepted", wrong)
		}
	}
}

// Each text is made of the example that the scheme prints for the country.
func TestCreditorIDFormComparesWithTheCountry(t *testing.T) {
	for _, row := range []struct {
		name, text  string
		fits, known bool
	}{
		{"Germany", "DE98ZZZ09999999999", true, true},
		{"lower case", "de98zzz09999999999", true, true},
		{"Austria", "AT61ZZZ01234567890", true, true},
		{"Belgium", "BE68ZZZ0123456789", true, true},
		{"Belgium, the longer one", "BE69ZZZ050D000000008", true, true},
		{"Spain", "ES50ZZZM23456789", true, true},
		{"France", "FR72ZZZ123456", true, true},
		{"Estonia", "EE49ZZZEE00012345678", true, true},
		{"Hungary", "HU74111A12345676", true, true},
		{"Italy", "IT66ZZZA1B2C3D4E5F6G7H8", true, true},
		{"Luxembourg", "LU27ZZZ0000000000123456789", true, true},
		{"Netherlands", "NL42ZZZ123456780001", true, true},
		{"Netherlands, short", "NL42ZZZ12345678", false, true},
		{"France, long", "FR72ZZZ1234567", false, true},
		{"Portugal with a letter", "PT73ZZZ12345A", false, true},
		{"free form", "GB23ZZZSDDBARC000000ABCD1234", false, false},
		{"too short", "DE98ZZZ", false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if fits, known := CreditorIDForm(row.text); fits != row.fits || known != row.known {
				t.Errorf("fits %v, known %v", fits, known)
			}
			// What the schemes print as examples has right check digits, too.
			if err := CheckCreditorID([]byte(row.text)); row.fits && err != nil {
				t.Error(err)
			}
		})
	}
}
