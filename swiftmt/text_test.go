package swiftmt

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// Windows programs of banks write the euro sign, dashes and quotation marks; old ones
// write umlauts of CP850 at the same places.
func TestCharsetIsFoundByItsSigns(t *testing.T) {
	for _, row := range []struct {
		text  string
		table *charmap.Charmap
	}{
		{"10 €", charmap.Windows1252}, {"Miete für Büro 10 €", charmap.Windows1252}, {"Kauf – Rest", charmap.Windows1252}, {"10–20 € für Müll", charmap.Windows1252},
		{"„Bücher“ für Schule", charmap.Windows1252}, {"„Buch“", charmap.Windows1252}, {"Anna’s “Shop”", charmap.Windows1252}, {"Dušan Šimon", charmap.Windows1252}, {"Rest…", charmap.Windows1252},
		{"naïve café", charmap.Windows1252}, {"Größe", charmap.Windows1252},
		{"Büro", charmap.CodePage850}, {"Äpfel Öl Übung", charmap.CodePage850}, {"Straße Größe", charmap.CodePage850}, {"Müller", charmap.CodePage850}, {"König", charmap.CodePage850},
		{"Bäcker", charmap.CodePage850}, {"André", charmap.CodePage850}, {"MÜLLER", charmap.CodePage850},
	} {
		b, err := row.table.NewEncoder().Bytes([]byte(row.text))
		if err != nil {
			t.Fatal(err)
		}
		e := one(t, ":61:250101C1,NTRFX\n:86:166?00X?20SVWZ+"+string(b)+"?32Muster")
		if got := string(e.Information.Remittance); got != row.text {
			t.Errorf("%s in %s is read as %q", row.text, row.table, got)
		}
	}
}

// A line of text that looks like a field must neither end a message nor make an entry.
func TestTextOfInformationIsNoFieldAndNoEntry(t *testing.T) {
	const head, tail = ":20:A\n:25:1/2\n:28C:1\n:60F:C250101EUR0,\n:61:250101C1,NTRFX\n:86:999Termin", ":62F:C250101EUR1,\n-\n"
	for _, line := range []string{":20: Uhr und mehr", ":20:Rest", ":61:er Muster", ":61:7 Stück", ":61:", ":20:25 Uhr\n:20:30"} {
		t.Run(line, func(t *testing.T) {
			p, err := readAll(t, []byte(head+"\n"+line+"\nweiter\n"+tail), Options{})
			if err != nil || len(p.statements) != 1 || len(p.entries) != 1 || len(p.findings) > 0 {
				t.Fatalf("%v %+v", err, p)
			}
			e := p.entries[0]
			if got := string(e.Information.Text); got != "999Termin\n"+line+"\nweiter" {
				t.Errorf("%q", got)
			}
			raw := (head + "\n" + line + "\nweiter\n" + tail)[e.At : e.At+e.Length]
			if !strings.HasPrefix(raw, ":61:250101") || !strings.HasSuffix(raw, "weiter\n") {
				t.Errorf("raw bytes %q", raw)
			}
		})
	}
	p, err := readAll(t, []byte(head+"\n:20: Uhr\n"+tail), Options{})
	if err != nil || len(p.entries) != 1 || string(p.entries[0].Information.Text) != "999Termin\n:20: Uhr" {
		t.Fatalf("before the closing balance: %v %+v", err, p)
	}
	if end := p.entries[0].At + p.entries[0].Length; end != int64(strings.Index(head+"\n:20: Uhr\n"+tail, ":62F:")) {
		t.Errorf("the raw entry ends at %d", end)
	}
}

// Banks that leave out the end of a message must not lose the next one in a text.
func TestMessageWithoutEndIsFollowedByTheNext(t *testing.T) {
	const first = ":20:A\n:25:1/2\n:28C:1\n:60F:C250101EUR0,\n:61:250101C1,NTRFX\n:86:999Text\n"
	for name, next := range map[string]string{
		"account":           ":20:B\n:25:1/2\n:28C:2\n:60F:C250101EUR1,\n:62F:C250101EUR1,\n-\n",
		"related reference": ":20:B\n:21:R\n:25:1/2\n:28C:2\n:60F:C250101EUR1,\n:62F:C250101EUR1,\n-\n",
		"cut off":           ":20:B\n",
	} {
		t.Run(name, func(t *testing.T) {
			p, err := readAll(t, []byte(first+next), Options{})
			if err != nil || len(p.statements) != 2 || p.statements[1].Reference != "B" || string(p.entries[0].Information.Text) != "999Text" {
				t.Fatalf("%v %+v", err, p)
			}
			if got := p.statements[1].At; got != int64(len(first)) {
				t.Errorf("it begins at %d, want %d", got, len(first))
			}
		})
	}
	wrong, err := readAll(t, []byte(first+":61:25O101C5,00NTRFX\n:62F:C250101EUR1,\n-\n"), Options{})
	if err != nil || len(wrong.entries) != 2 {
		t.Errorf("an entry with a wrong date was lost in a text: %v %+v", err, wrong.entries)
	}
}
