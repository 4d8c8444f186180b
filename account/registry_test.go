package account

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kontor/calendar"
)

var today = calendar.Date{Year: 2026, Month: 11, Day: 15}

func TestRegistryIsWellFormed(t *testing.T) {
	if len(registry) < 86 || len(layouts) != len(registry)+1 {
		t.Fatalf("%d countries, %d layouts", len(registry), len(layouts))
	}
	form, sepaCountries, before := regexp.MustCompile(`^([0-9]+[nac])+$`), 0, ""
	for _, c := range registry {
		l := layoutFor(c.code)
		if !form.MatchString(c.bban) || len(c.code) != 2 || c.code <= before || l.length > 34 || l.length < 15 {
			t.Errorf("%s: %q", c.code, c.bban)
		}
		before = c.code
		if c.bank.from >= c.bank.to || int(c.bank.to)+4 > l.length || c.branch.from > c.branch.to || int(c.branch.to)+4 > l.length ||
			c.branch.to > 0 && c.branch.from < c.bank.to || c.bank.to-c.bank.from > 9 {
			t.Errorf("%s: bank %v, branch %v", c.code, c.bank, c.branch)
		}
		if SEPA(c.code, today) {
			sepaCountries++
		}
	}
	if sepaCountries != 42 {
		t.Errorf("%d SEPA prefixes, want 42 (EPC409-09)", sepaCountries)
	}
}

// Another collection of the registry is the witness for countries, lengths, classes of
// characters and SEPA.
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
	rows, part := 0, regexp.MustCompile(`([0-9]+)!?([nac])`)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		field := strings.Split(lines.Text(), "\t")
		if len(field) != 6 || field[5] != "3" { // 3 = all sources say official
			continue
		}
		rows++
		l := layoutFor(field[0])
		if strconv.Itoa(l.length) != field[1] || SEPA(field[0], today) != (field[4] == "SEPA") {
			t.Errorf("%s: %+v, the table says %v", field[0], l, field)
			continue
		}
		at := 0
		for _, m := range part.FindAllStringSubmatch(field[2], -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				t.Fatal(err)
			}
			for ; n > 0 && at < l.length-4; n-- {
				if want := map[string]byte{"n": digit, "a": letter, "c": digit | letter}[m[2]]; l.want[at] != want {
					t.Errorf("%s: position %d is %d, the table says %s", field[0], at, l.want[at], field[2])
				}
				at++
			}
		}
		if at != l.length-4 {
			t.Errorf("%s: the table's structure %s has %d characters", field[0], field[2], at)
		}
	}
	if rows != 86 {
		t.Errorf("%d official rows, want 86", rows)
	}
}

// structureExceptions are the countries where the second collection has letters or digits
// where the registry has the other or both; the first collection is with the registry.
const structureExceptions = "BY DO GE IE PK PS TR VG"

// Every country that another collection gives a structure is either here, with the same
// length and the same classes of characters, or one of those that have not registered.
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
	var missing, differ []string
	for country, entry := range collection {
		if entry.Characters == 0 || entry.Expression == "" {
			continue
		}
		l := layoutFor(country)
		if l.length == 0 {
			missing = append(missing, country)
		} else if l.length != entry.Characters {
			t.Errorf("%s has %d characters here, %d there", country, l.length, entry.Characters)
		} else if !sameClasses(l, regexp.MustCompile(entry.Expression)) {
			differ = append(differ, country)
		}
	}
	slices.Sort(missing)
	if got := strings.Join(missing, " "); got != "AO BF BJ CF CG CI CM CV DZ GA GQ GW IR KM MA MG ML MZ NE SN TD TG" {
		t.Errorf("missing: %s", got)
	}
	slices.Sort(differ)
	if got := strings.Join(differ, " "); got != structureExceptions {
		t.Errorf("other characters: %s, want %s", got, structureExceptions)
	}
}

// sameClasses tries a digit and a letter at every position of a text that fits.
func sameClasses(l *layout, expression *regexp.Regexp) bool {
	text := make([]byte, l.length-4)
	for i := range text {
		text[i] = map[byte]byte{digit: '0', letter: 'A', digit | letter: '0'}[l.want[i]]
	}
	for i := range text {
		kept := text[i]
		for bit, ch := range map[byte]byte{digit: '0', letter: 'A'} {
			text[i] = ch
			if expression.Match(text) != (l.want[i]&bit != 0) {
				return false
			}
		}
		text[i] = kept
	}
	return true
}

func TestBankCodeAndBranchAreThePartsOfTheNumber(t *testing.T) {
	for _, row := range []struct{ name, text, bank, branch string }{
		{"Germany", "DE87200500001234567890", "20050000", ""},
		{"Austria", "AT611904300234573201", "19043", ""},
		{"Switzerland", "CH9300762011623852957", "00762", ""},
		{"France", "FR1420041010050500013M02606", "20041", "01005"},
		{"Italy, behind the check letter", "IT60X0542811101000000123456", "05428", "11101"},
		{"Spain", "ES9121000418450200051332", "2100", "0418"},
		{"Netherlands", "NL91ABNA0417164300", "ABNA", ""},
		{"United Kingdom", "GB29NWBK60161331926819", "NWBK", "601613"},
		{"Poland, one code for both", "PL61109010140000071219812874", "10901014", ""},
		{"too short", "DE8720050000", "", ""},
		{"no country", "1234567890123456", "", ""},
		{"empty", "", "", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if i := IBAN(row.text); i.BankCode() != row.bank || i.Branch() != row.branch {
				t.Errorf("bank %q, branch %q", i.BankCode(), i.Branch())
			}
			if got := string(BankCode([]byte(row.text))); got != row.bank {
				t.Errorf("of bytes: %q", got)
			}
		})
	}
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
