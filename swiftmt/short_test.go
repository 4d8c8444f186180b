package swiftmt

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"kontor/money"
)

// What is read eight bytes at a time finds what reading one by one finds, also next to bytes that differ in the lowest bit only.
func TestNearFindsTheFirst(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		b := make([]byte, random.IntN(40))
		for i := range b {
			b[i] = "?>@\xbf\x00\x01"[random.IntN(6)]
		}
		for _, ch := range []byte("?\x00\xbf+") {
			if got, want := near(b, ch), bytes.IndexByte(b, ch); got != want {
				t.Fatalf("near(%q, %q) = %d, want %d", b, ch, got, want)
			}
		}
	}
}

func TestPlainAmountsAreReadAsAllOthers(t *testing.T) {
	plain := 0
	for _, c := range []money.Currency{"EUR", "JPY", "KWD", "XXX", "???"} {
		for _, text := range []string{"", ",", "1,", "1", "0,00", "12,34", "12.34", "1,234", "12,3", ",12", "1,2,34", "-1,00", "00012,00", "999999999999,99", "9999999999999,99", "99999999999,999",
			strings.Repeat("9", 15) + ","} {
			minor, ok := plainAmount([]byte(text), c)
			if !ok {
				continue
			}
			plain++
			if a, err := money.ParseReported(strings.Replace(text, ",", ".", 1), c); err != nil || a.Minor != minor || len(text) > amountLimit {
				t.Errorf("%q %s: %d, parsed %v, %v", text, c, minor, a, err)
			}
		}
	}
	if plain < 7 {
		t.Errorf("only %d amounts are plain", plain)
	}
}

// The dates of an entry before are taken only where all ten digits are the same and no further one follows.
func TestRepeatedDatesAreReadAgain(t *testing.T) {
	const head = ":20:A\n:25:99999000/1\n:28C:1/1\n:60F:C250301EUR0,00\n"
	lines := []string{"2503010301C1,00NTRFA", "2503010301C1,00NTRFA", "250301250301C1,00NTRFA", "2502300230C1,00NTRFA", "2502300230C1,00NTRFA", "2503020301C1,00NTRFA", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00C1,00NTRFA"}
	want := []string{"2025-03-01 2025-03-01", "2025-03-01 2025-03-01", "2025-03-01 2025-03-01", "2025-02-28 2025-02-28", "2025-02-28 2025-02-28", "2025-03-02 2025-03-01", ""}
	for n, line := range lines {
		alone, among := readDates(t, head+":61:"+line+"\n"), readDates(t, head+":61:"+strings.Join(lines[:n+1], "\n:61:")+"\n")
		if got := among[len(among)-1]; got != alone[0] || want[n] != "" && got != want[n] {
			t.Errorf("%q: %s, alone %s, want %s", line, got, alone[0], want[n])
		}
	}
}

func readDates(t *testing.T, document string) (out []string) {
	t.Helper()
	err := Read(strings.NewReader(document), Options{}, Visitor{Entry: func(e *Entry) error {
		out = append(out, e.ValueDate.String()+" "+e.EntryDate.String())
		return nil
	}})
	if err != nil || len(out) == 0 {
		t.Fatal(err, out)
	}
	return out
}
