package xsd

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// sharedSchemas returns the folder of the official schemas, and ends the test without it.
func sharedSchemas(t testing.TB) string {
	t.Helper()
	folder := os.Getenv("KONTOR_SHARED")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared")
	}
	folder = filepath.Join(folder, "data", "xsd")
	if _, err := os.Stat(folder); err != nil {
		const how = "the official schemas are missing: set KONTOR_SHARED to the folder that holds data/xsd"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return folder
}

func openerOf(folder string) Opener {
	return func(location string) (io.ReadCloser, error) { return os.Open(filepath.Join(folder, location)) }
}

// coreEntry is a line of core/schemas.txt.
type coreEntry struct{ location, source, tables string }

func (e coreEntry) name() string { return strings.TrimSuffix(filepath.Base(e.location), ".xsd") }

func coreEntries(t testing.TB) []coreEntry {
	t.Helper()
	text, err := os.ReadFile("core/schemas.txt")
	if err != nil {
		t.Fatal(err)
	}
	var entries []coreEntry
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); f[0] != "#" {
			entries = append(entries, coreEntry{f[0], f[1], f[2]})
		}
	}
	if len(entries) < 34 {
		t.Fatalf("core/schemas.txt has %d schemas", len(entries))
	}
	return entries
}

func tablesOf(t testing.TB, s *Schema) []byte {
	t.Helper()
	data, err := s.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The tables decide which payments pass: nobody changes them by accident.
func TestCoreTablesAreTheListedOnes(t *testing.T) {
	var names []string
	for _, e := range coreEntries(t) {
		names = append(names, e.name())
		s, ok := Core(e.name())
		if !ok {
			t.Errorf("%s is not in the binary", e.name())
			continue
		}
		if s.Name() != e.name() {
			t.Errorf("%s calls itself %s", e.name(), s.Name())
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(tablesOf(t, s))); sum != e.tables {
			t.Errorf("the tables of %s have SHA-256 %s, listed is %s", e.name(), sum, e.tables)
		}
	}
	slices.Sort(names)
	if got := CoreNames(); !slices.Equal(got, names) {
		t.Errorf("in the binary are %v, listed are %v", got, names)
	}
	if _, ok := Core("pain.001.001.99"); ok {
		t.Error("a schema that does not exist is in the binary")
	}
}

func TestCoreTablesAreThoseOfTheOfficialFiles(t *testing.T) {
	folder := sharedSchemas(t)
	entries := coreEntries(t)
	for _, e := range entries {
		source, err := os.ReadFile(filepath.Join(folder, e.location))
		if err != nil {
			t.Error(err)
			continue
		}
		if sum := fmt.Sprintf("%x", sha256.Sum256(bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n")))); sum != e.source {
			t.Errorf("%s is another file than the tables were made of: run go generate ./xsd", e.location)
		}
		compiled, err := Compile(openerOf(folder), e.location)
		if err != nil {
			t.Error(err)
			continue
		}
		core, _ := Core(e.name())
		if core == nil || !bytes.Equal(tablesOf(t, compiled), tablesOf(t, core)) {
			t.Errorf("the tables of %s are out of date: run go generate ./xsd", e.name())
		}
	}
	official, err := filepath.Glob(filepath.Join(folder, "*.xsd"))
	if err != nil || len(official) == 0 {
		t.Fatalf("%v, %v", official, err)
	}
	for _, file := range official {
		if !slices.ContainsFunc(entries, func(e coreEntry) bool { return e.location == filepath.Base(file) }) {
			t.Errorf("%s is not in the core set", filepath.Base(file))
		}
	}
}

// The number of element paths was counted by another program from the official files: an
// element that the compiler lost would be missing here.
func TestSchemasHaveTheKnownNumberOfPaths(t *testing.T) {
	for name, want := range map[string]int{
		"pain.001.001.09_GBIC_5": 253, "pain.008.001.08_GBIC_5": 261, "pain.001.001.09": 1570, "camt.053.001.08": 3275,
	} {
		s, ok := Core(name)
		if !ok {
			t.Fatalf("%s is not in the binary", name)
		}
		if got := len(elementPaths(s)); got != want {
			t.Errorf("%s has %d element paths, want %d", name, got, want)
		}
	}
}

// elementPaths returns every path from the document element down, each once. A type
// within itself is entered once.
func elementPaths(s *Schema) map[string]bool {
	paths := make(map[string]bool)
	var walk func(path string, t typeRef, open []typeRef)
	walk = func(path string, t typeRef, open []typeRef) {
		paths[path] = true
		if t < 0 || slices.Contains(open, t) {
			return
		}
		for _, st := range s.complex[t].states {
			for _, m := range st.moves {
				if child := path + "/" + s.names[m.name]; !paths[child] {
					walk(child, m.typ, append(open, t))
				}
			}
		}
	}
	for _, r := range s.roots {
		walk(s.names[r.name], r.typ, nil)
	}
	return paths
}

func TestMarshalAndUnmarshalAreInverse(t *testing.T) {
	for _, name := range CoreNames() {
		s, _ := Core(name)
		data := tablesOf(t, s)
		again, err := Unmarshal(data)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(tablesOf(t, again), data) {
			t.Errorf("%s changes on the way", name)
		}
	}
}

// Every cut and every changed byte of tables is an error or tables that hold together.
func TestUnmarshalNeverTrusts(t *testing.T) {
	s, _ := Core("pain.001.002.03")
	data := tablesOf(t, s)
	for n := range len(data) {
		if _, err := Unmarshal(data[:n]); err == nil {
			t.Fatalf("the first %d of %d bytes are taken for tables", n, len(data))
		}
	}
	refused := 0
	for i := range data {
		for _, with := range []byte{0, 0xFF, data[i] + 1} {
			changed := bytes.Clone(data)
			changed[i] = with
			if _, err := Unmarshal(changed); err != nil {
				refused++
			}
		}
	}
	if refused < len(data)/4 {
		t.Errorf("only %d changes of %d are refused", refused, 3*len(data))
	}
}

// Speed is stated in docs/decisions/0019-schemas.md; the limits here are ten times that,
// so that they hold on a busy machine.
func TestSchemasAreReadyInNoTime(t *testing.T) {
	folder := sharedSchemas(t)
	best := func(f func()) time.Duration {
		least := time.Hour
		for range 5 {
			begin := time.Now()
			f()
			least = min(least, time.Since(begin))
		}
		return least
	}
	for _, name := range []string{"camt.053.001.08", "pain.001.001.09_GBIC_5", "pain.001.001.09"} {
		s, _ := Core(name)
		data := tablesOf(t, s)
		decode := best(func() {
			if _, err := Unmarshal(data); err != nil {
				t.Fatal(err)
			}
		})
		compile := best(func() {
			if _, err := Compile(openerOf(folder), name+".xsd"); err != nil {
				t.Fatal(err)
			}
		})
		t.Logf("%s: %d bytes of tables, decoded in %v, compiled in %v", name, len(data), decode, compile)
		if decode > 50*time.Millisecond || compile > 350*time.Millisecond {
			t.Errorf("%s: decoded in %v, compiled in %v", name, decode, compile)
		}
	}
	if len(coreArchive) > 1<<20 {
		t.Errorf("the core set takes %d bytes of the binary", len(coreArchive))
	}
}

// tableSeeds are what FuzzUnmarshal begins with.
func tableSeeds(t testing.TB) [][]byte {
	seeds := [][]byte{nil, []byte(tableMark), []byte("KXSD\x02")}
	for _, name := range []string{"pain.001.002.03", "pain.008.001.02.chsdd.02", "pain.001.001.03_GBIC_3"} {
		s, ok := Core(name)
		if !ok {
			t.Fatalf("%s is not in the binary", name)
		}
		seeds = append(seeds, tablesOf(t, s))
	}
	return seeds
}

// Tables that Unmarshal takes are taken again and stay the same.
func FuzzUnmarshal(f *testing.F) {
	seeds := tableSeeds(f)
	if len(seeds) < 6 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Unmarshal(data)
		if err != nil {
			return
		}
		if _, err := Unmarshal(tablesOf(t, s)); err != nil {
			t.Fatal(err)
		}
	})
}
