package account

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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

func TestCheckIBANDoesNotAllocate(t *testing.T) {
	text := []byte("DE87200500001234567890")
	if n := testing.AllocsPerRun(100, func() {
		if err := CheckIBAN(text); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestRegistryIsWellFormed(t *testing.T) {
	if len(registry) < 86 {
		t.Fatalf("%d countries", len(registry))
	}
	form, sepa := regexp.MustCompile(`^([0-9]+[nac])+$`), 0
	for country, s := range registry {
		if !form.MatchString(s.bban) || len(country) != 2 || s.length()+4 > 34 || s.length()+4 < 15 {
			t.Errorf("%s: %q", country, s.bban)
		}
		if s.sepa {
			sepa++
		}
	}
	if sepa != 42 {
		t.Errorf("%d SEPA prefixes, want 42 (EPC409-09)", sepa)
	}
	if !IBAN("DE87200500001234567890").SEPA() || IBAN("TR330006100519786457841326").SEPA() {
		t.Error("SEPA is wrong for DE or TR")
	}
}

// Another collection of the registry is the witness for countries and lengths.
func TestRegistryAgreesWithTheSharedTable(t *testing.T) {
	file, err := os.Open(shared(t, "data/iban-registry.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	}()
	rows := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		field := strings.Split(lines.Text(), "\t")
		if len(field) != 6 || field[5] != "3" { // 3 = all sources say official
			continue
		}
		rows++
		length, err := strconv.Atoi(field[1])
		if err != nil {
			t.Fatal(err)
		}
		s, ok := registry[field[0]]
		if !ok || s.length()+4 != length || s.sepa != (field[4] == "SEPA") {
			t.Errorf("%s: %+v, the table says %v", field[0], s, field)
		}
	}
	if rows != 86 {
		t.Errorf("%d official rows, want 86", rows)
	}
}

// Every country that another collection gives a structure is either here, with the same
// length, or one of those that have not registered.
func TestRegistryLacksOnlyTheUnregistered(t *testing.T) {
	text, err := os.ReadFile(shared(t, "data/iban-structures.json"))
	if err != nil {
		t.Fatal(err)
	}
	var collection map[string]struct {
		Characters int    `json:"chars"`
		Expression string `json:"re"`
	}
	if err := json.Unmarshal(text, &collection); err != nil {
		t.Fatal(err)
	}
	var missing []string
	for country, entry := range collection {
		if entry.Characters == 0 || entry.Expression == "" {
			continue
		}
		if s, ok := registry[country]; !ok {
			missing = append(missing, country)
		} else if s.length()+4 != entry.Characters {
			t.Errorf("%s has %d characters here, %d there", country, s.length()+4, entry.Characters)
		}
	}
	slices.Sort(missing)
	if got := strings.Join(missing, " "); got != "AO BF BJ CF CG CI CM CV DZ GA GQ GW IR KM MA MG ML MZ NE SN TD TG" {
		t.Errorf("missing: %s", got)
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
		{"blank", "PBNKDEFF   ", false, false},
		{"empty", "", false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if b, err := ParseBIC(row.text); (err == nil) != row.modern || (row.modern && (string(b) != row.text || b.Country() != "DE")) {
				t.Errorf("ParseBIC: %s %v", b, err)
			}
			if _, err := ParseClassicBIC(row.text); (err == nil) != row.classic {
				t.Errorf("ParseClassicBIC: %v", err)
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

// shared returns a path below the folder of shared test data: KONTOR_SHARED, or
// ../shared beside the module.
func shared(t *testing.T, path string) string {
	t.Helper()
	folder := os.Getenv("KONTOR_SHARED")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared") // this package lies one level below go.mod
	}
	full := filepath.Join(folder, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		const how = "shared test data is missing: set KONTOR_SHARED to the folder that holds data/"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return full
}
