package directory

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"kontor/account"
	"kontor/calendar"
)

func on(text string) calendar.Date {
	d, err := calendar.Parse(text)
	if err != nil {
		panic(err)
	}
	return d
}

var december = on("2026-12-07")

// record makes a record of the bank code file of invented banks. The name has umlauts, so
// that a reader that counts characters where it should count bytes is found out.
func record(code, mark, bic, change string) string {
	const name = "Bank für Prüfungen"
	latin := string([]byte{'B', 'a', 'n', 'k', ' ', 'f', 0xfc, 'r', ' ', 'P', 'r', 0xfc, 'f', 'u', 'n', 'g', 'e', 'n'})
	utf := fmt.Sprintf("%s%s%-58s%s%-35s%-27s%s%-11s%s%s%s%s%s", code, mark, name, "12345", "Musterstadt", "Prüfbank", "00000", bic, "09", "000001", change, "0", "00000000")
	return strings.ReplaceAll(strings.ReplaceAll(utf, name, latin), "Prüfbank", "Pr\xfcfbank")
}

var blzFile = strings.Join([]string{
	record("99900100", "1", "PBNKDEFFXXX", "U"),
	record("99900100", "2", "", "U"),            // a branch without a BIC of its own
	record("99900100", "2", "PBNKDEFF123", "U"), // the same institution
	record("99900200", "1", "QBNKDEF1200", "A"),
	record("99900300", "1", "RBNKDEHH", "D"),
	record("99900400", "1", "", "M"), // without a BIC
	record("99900500", "1", "SBNKDEHHXXX", "U"),
	record("99900500", "2", "TBNKDEHHXXX", "U"), // a branch of another institution
}, "\r\n") + "\r\n"

const sclFile = "Gueltig ab / valid from 07.12.2026;;;;;;\r\n" +
	"BIC;Name;SERVICE SCT;SERVICE COR;SERVICE COR1;SERVICE B2B;SERVICE SCC\r\n" +
	"PBNKDEFFXXX;Bank f\xfcr Pr\xfcfungen;1;1;0;1;0\r\n" +
	"QBNKDEF1200;Zweite;1;0;0;0;0\r\n" +
	"UBNKATWWXXX;Dritte;0;0;0;0;1\r\n" +
	";;;;;;\r\n"

const sixFile = "IID/QR-IID;Valid on;Concatenation;New IID/QR-IID;SIC IID;Headquarters;IID type;QR-IID allocation;Name of bank/institution;Street Name;Building Number;" +
	"Post Code;Town Name;Country;BIC;SIC participation;RTGS customer payments, CHF;IP customer payments, CHF;euroSIC participation;LSV+/BDD, CHF;LSV+/BDD, EUR;202612071630000\n" +
	"100;2026-12-07;N;;001008;100;1;;Musterbank Zürich;Weg;1;8000;Zürich;CH;PBNKCHZZXXX;Y;Y;Y;Y;Y;N\n" +
	"30100;2026-12-07;N;;301008;100;1;;Musterbank Zürich;Weg;1;8000;Zürich;CH;PBNKCHZZXXX;Y;Y;Y;N;Y;N\n" +
	"200;2026-12-07;Y;100;002004;200;1;;Gewesene Bank;;;;;CH;;N;N;N;N;N;N\n" +
	"8800;2026-12-07;N;;088001;8800;1;30100;Musterbank Vaduz;Weg;1;9490;Vaduz;LI;LBNKLI2XXXX;Y;Y;Y;Y;Y;N\n"

const oenbFile = "Notice\r\nanother;line\r\n\r\nAbfragedatum: 07.12.2026\r\n" +
	"Kennzeichen;Identnummer;Bankleitzahl;Institutsart;Sektor;Firmenbuchnummer;Bankenname;Stra\xdfe;PLZ;Ort;SWIFT-Code;Homepage\r\n" +
	"Hauptanstalt;1;99001;KI;Aktienbanken;1a;Musterbank \xd6sterreich;Weg 1;1010;Wien;UBNKATWWXXX;\r\n" +
	"Hauptanstalt;2;99002;KI;Aktienbanken;2a;Bank ohne BIC;Weg 2;1010;Wien;;\r\n" +
	"Hauptanstalt;3;990;KI;Aktienbanken;3a;\"Bank; mit Strichpunkt\";Weg 3;1010;Wien;VBNKATW1;\r\n"

func TestReadersGiveTheRowsOfTheirPublisher(t *testing.T) {
	values := `"Bankleitzahl";"Merkmal";"Bezeichnung";"BIC";"` + "\xc4" + `nderungskennzeichen"` + "\n" +
		`"99900100";"1";"Bank";"PBNKDEFFXXX";"U"` + "\n" + `"99900200";"1";"Bank";"QBNKDEF1200";"A"` + "\n"
	for _, row := range []struct {
		name string
		read func(io.Reader) (Source, error)
		text string
		date string
		want string
	}{
		{"Bundesbank, records", bundesbank, blzFile, "2026-12-07",
			"DE99900100=PBNKDEFFXXX DE99900200=QBNKDEF1200@2026-12-07.. DE99900300=RBNKDEHH@..2026-12-07 DE99900400= DE99900500=SBNKDEHHXXX DE99900500=TBNKDEHHXXX"},
		{"Bundesbank, records in UTF-8", bundesbank, strings.ReplaceAll(blzFile, "\xfc", "ü"), "2026-12-07",
			"DE99900100=PBNKDEFFXXX DE99900200=QBNKDEF1200@2026-12-07.. DE99900300=RBNKDEHH@..2026-12-07 DE99900400= DE99900500=SBNKDEHHXXX DE99900500=TBNKDEHHXXX"},
		{"Bundesbank, extended records", bundesbank, record("99900100", "1", "PBNKDEFFXXX", "U") + "000000\n", "2026-12-07", "DE99900100=PBNKDEFFXXX"},
		{"Bundesbank, values", bundesbank, values, "2026-12-07", "DE99900100=PBNKDEFFXXX DE99900200=QBNKDEF1200@2026-12-07.."},
		{"SCL", ReadSCL, sclFile, "2026-12-07", "PBNKDEFFXXX:7 QBNKDEF1200:1 UBNKATWWXXX:0"},
		{"SCL with instant payments", ReadSCL, "BIC;Name;SERVICE SCT;SERVICE INST\nPBNKDEFFXXX;;1;1\n", "", "PBNKDEFFXXX:9"},
		{"SIX", ReadSIX, sixFile, "2026-12-07", "CH00100=PBNKCHZZXXX CH30100=PBNKCHZZXXX CH00200=PBNKCHZZXXX CH08800=LBNKLI2XXXX"},
		{"SIX with a byte order mark", ReadSIX, "\ufeff" + sixFile, "2026-12-07", "CH00100=PBNKCHZZXXX CH30100=PBNKCHZZXXX CH00200=PBNKCHZZXXX CH08800=LBNKLI2XXXX"},
		{"OeNB", oenb, oenbFile, "2026-12-07", "AT99001=UBNKATWWXXX AT99002= AT00990=VBNKATW1"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := row.read(strings.NewReader(row.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := show(s); got != row.want || s.Date.String() != row.date || len(s.Skipped) > 0 {
				t.Errorf("date %s, skipped %v, rows\n%s\nwant\n%s", s.Date, s.Skipped, got, row.want)
			}
		})
	}
}

func bundesbank(r io.Reader) (Source, error) { return ReadBundesbank(r, december) }
func oenb(r io.Reader) (Source, error)       { return ReadOeNB(r, december) }

// show writes a source down in short.
func show(s Source) string {
	var words []string
	for _, b := range s.Banks {
		word := b.Country + b.Code + "=" + string(b.BIC)
		if !b.From.IsZero() || !b.Until.IsZero() {
			word += "@" + b.From.String() + ".." + b.Until.String()
		}
		words = append(words, word)
	}
	for _, p := range s.Participants {
		words = append(words, fmt.Sprintf("%s:%d", p.BIC, p.Reach))
	}
	return strings.Join(words, " ")
}

func TestRowsThatCannotBeUsedAreLocated(t *testing.T) {
	for _, row := range []struct {
		name string
		read func(io.Reader) (Source, error)
		text string
		want string
	}{
		{"Bundesbank, code", bundesbank, blzFile + record("9990010A", "1", "PBNKDEFFXXX", "U"), "line 9, Bankleitzahl: no bank code"},
		{"Bundesbank, BIC", bundesbank, blzFile + record("99900600", "1", "PBNKD1FFXXX", "U"), "line 9, BIC: " + account.ErrBIC.Error()},
		{"SCL, BIC", ReadSCL, sclFile + "PBNK;;1;1;0;1;0\n", "line 7, BIC: " + account.ErrBIC.Error()},
		{"SCL, answer", ReadSCL, sclFile + "PBNKDEFFXXX;;1;1;0;J;0\n", "line 7, SERVICE B2B: neither 0 nor 1"},
		{"SIX, IID", ReadSIX, sixFile + "123456;;N;;;;;;;;;;;CH;;;;;;;\n", "line 6, IID/QR-IID: no bank code"},
		{"SIX, merged into nothing", ReadSIX, sixFile + "300;;Y;;;;;;;;;;;CH;;;;;;;\n", "line 6, New IID/QR-IID: no bank code"},
		{"OeNB, BIC of a country that is none", oenb, oenbFile + "H;4;99004;;;;;;;;UBNKZZWW;\n", "line 9, SWIFT-Code: " + account.ErrBICCountry.Error()},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := row.read(strings.NewReader(row.text))
			if err != nil {
				t.Fatal(err)
			}
			if len(s.Skipped) != 1 || s.Skipped[0].Error() != row.want {
				t.Errorf("skipped %v, want %s", s.Skipped, row.want)
			}
		})
	}
}

// What is not the publisher's file must not become an empty or a wrong directory.
func TestFilesOfAnotherFormAreRefused(t *testing.T) {
	manyFaults := sclFile + strings.Repeat("PBNK;;1;1;0;1;0\n", maxSkipped+1)
	for _, row := range []struct {
		name string
		read func(io.Reader) (Source, error)
		text string
		want error
	}{
		{"empty", bundesbank, "", ErrForm},
		{"Bundesbank, a record too short", bundesbank, blzFile + record("99900600", "1", "PBNKDEFFXXX", "U")[1:], ErrForm},
		{"Bundesbank, a page of the web", bundesbank, "<!DOCTYPE html>\n<html></html>\n", ErrForm},
		{"Bundesbank, values without BIC", bundesbank, "Bankleitzahl;Name\n99900100;x\n", ErrForm},
		{"SCL instead of SIX", ReadSIX, sclFile, ErrForm},
		{"SIX instead of SCL", ReadSCL, sixFile, ErrForm},
		{"OeNB, header alone", oenb, "Bankleitzahl;SWIFT-Code\n", ErrForm},
		{"a quotation mark that stays open", oenb, oenbFile + "H;4;99004;;;\"Bank;;;;;UBNKATWW;\nH;5;99005;;;;;;;;UBNKATWW;\n", ErrForm},
		{"too many faults", ReadSCL, manyFaults, ErrFaulty},
	} {
		t.Run(row.name, func(t *testing.T) {
			if s, err := row.read(strings.NewReader(row.text)); !errors.Is(err, row.want) || len(s.Banks)+len(s.Participants) > 0 {
				t.Errorf("got %v %v", show(s), err)
			}
		})
	}
}

// endless is a file that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestReadersHaveALimit(t *testing.T) {
	if _, err := ReadSCL(endless{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := ReadSCL(io.MultiReader(strings.NewReader(sclFile), failing{})); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a reader's error: %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }

var sourceSeeds = []string{blzFile, sclFile, sixFile, oenbFile, "", "a;b\n\"", "BIC;SERVICE SCT\nPBNKDEFF;1\n", fileHead + "\nversion 1\ndate 2026-12-07\nsource x -\nbic PBNKDEFF 1 - -\nend 1\n"}

// Whatever a reader accepts makes a table, and the table's file comes back the same.
func FuzzReaders(f *testing.F) {
	if len(sourceSeeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range sourceSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, read := range []func(io.Reader) (Source, error){bundesbank, ReadSCL, ReadSIX, oenb} {
			s, err := read(bytes.NewReader(text))
			if err != nil {
				continue
			}
			table, err := New("fuzz", december, s)
			if err != nil {
				t.Fatal(err)
			}
			var file bytes.Buffer
			if err := table.Write(&file); err != nil {
				t.Fatal(err)
			}
			again, err := Read(&file)
			if err != nil || show(again.sources[0]) != show(s) {
				t.Fatalf("comes back as %v %v", again, err)
			}
		}
		if found, err := Import(bytes.NewReader(text), "", december); err == nil && len(found) == 0 {
			t.Fatal("an import of nothing")
		}
		if table, err := Read(bytes.NewReader(text)); err == nil && table.Version() == "" {
			t.Fatal("a table without a version")
		}
	})
}
