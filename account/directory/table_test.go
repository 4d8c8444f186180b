package directory

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"kontor/account"
	"kontor/calendar"
)

// build makes a table of all four files.
func build(t testing.TB) *Table {
	t.Helper()
	var sources []Source
	add := func(s Source, err error) {
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, s)
	}
	add(bundesbank(strings.NewReader(blzFile)))
	add(ReadSCL(strings.NewReader(sclFile)))
	add(ReadSIX(strings.NewReader(sixFile)))
	add(oenb(strings.NewReader(oenbFile)))
	table, err := New("2026-12", december, sources...)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// iban makes a number of an invented account.
func iban(country, bban string) string { return country + account.CheckDigits(country, bban) + bban }

func TestCompareJudgesBankCodeAndBIC(t *testing.T) {
	table := build(t)
	for _, row := range []struct {
		name, iban, bic, day string
		want                 Match
	}{
		{"same", iban("DE", "999001000000000001"), "PBNKDEFFXXX", "2026-11-15", Same},
		{"same, 8 characters", iban("DE", "999001000000000001"), "PBNKDEFF", "2026-11-15", Same},
		{"same, a branch", iban("DE", "999001000000000001"), "PBNKDEFF999", "2026-11-15", Same},
		{"another bank", iban("DE", "999001000000000001"), "QBNKDEF1", "2026-11-15", Differs},
		{"code that nobody has", iban("DE", "999999990000000001"), "PBNKDEFF", "2026-11-15", Unlisted},
		{"code to come", iban("DE", "999002000000000001"), "QBNKDEF1", "2026-12-06", Unlisted},
		{"code that has come", iban("DE", "999002000000000001"), "QBNKDEF1", "2026-12-07", Same},
		{"code to go", iban("DE", "999003000000000001"), "RBNKDEHH", "2026-12-06", Same},
		{"code that has gone", iban("DE", "999003000000000001"), "RBNKDEHH", "2026-12-07", Unlisted},
		{"code without a BIC", iban("DE", "999004000000000001"), "PBNKDEFF", "2026-11-15", NoBIC},
		{"two institutions with one code", iban("DE", "999005000000000001"), "TBNKDEHH", "2026-11-15", Same},
		{"a third", iban("DE", "999005000000000001"), "UBNKDEHH", "2026-11-15", Differs},
		{"Switzerland", iban("CH", "00100000000000001"), "PBNKCHZZ", "2026-11-15", Same},
		{"QR-IID", iban("CH", "30100000000000001"), "PBNKCHZZ", "2026-11-15", Same},
		{"IID merged into another", iban("CH", "00200000000000001"), "PBNKCHZZ", "2026-11-15", Same},
		{"Liechtenstein", iban("LI", "08800000000000001"), "LBNKLI2X", "2026-11-15", Same},
		{"Austria", iban("AT", "9900100000000001"), "UBNKATWW", "2026-11-15", Same},
		{"no list of this country", "NO9386011117947", "PBNKNOKK", "2026-11-15", NoData},
		{"no IBAN", "", "PBNKDEFF", "2026-11-15", NoData},
		{"no BIC", iban("DE", "999001000000000001"), "", "2026-11-15", NoData},
		{"cut IBAN", "DE87999", "PBNKDEFF", "2026-11-15", Unlisted},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := Compare(table, []byte(row.iban), row.bic, on(row.day)); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
			if got := Compare(&Table{}, row.iban, row.bic, on(row.day)); got != NoData {
				t.Errorf("an empty table says %s", got)
			}
		})
	}
}

func TestBICOfIsTheHeadOffice(t *testing.T) {
	table := build(t)
	for _, row := range []struct {
		name, iban string
		want       account.BIC
	}{
		{"one", iban("DE", "999001000000000001"), "PBNKDEFFXXX"},
		{"first of two", iban("DE", "999005000000000001"), "SBNKDEHHXXX"},
		{"listed without", iban("DE", "999004000000000001"), ""},
		{"unlisted", iban("DE", "999999990000000001"), ""},
		{"leading zeros", iban("AT", "0099000000000001"), "VBNKATW1"},
		{"no IBAN", "D", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, ok := BICOf(table, row.iban, on("2026-11-15"))
			if got != row.want || ok != (row.want != "") {
				t.Errorf("got %q %v", got, ok)
			}
		})
	}
}

func TestReachOfFallsBackToTheHeadOffice(t *testing.T) {
	table := build(t)
	for _, row := range []struct {
		name, bic string
		want      Reach
		listed    bool
	}{
		{"all but instant", "PBNKDEFFXXX", CreditTransfer | DirectDebitCore | DirectDebitB2B, true},
		{"8 characters", "PBNKDEFF", CreditTransfer | DirectDebitCore | DirectDebitB2B, true},
		{"a branch", "PBNKDEFF123", CreditTransfer | DirectDebitCore | DirectDebitB2B, true},
		{"a branch of its own", "QBNKDEF1200", CreditTransfer, true},
		{"whose head office is unlisted", "QBNKDEF1", 0, false},
		{"listed for nothing", "UBNKATWWXXX", 0, true},
		{"unlisted", "ZBNKDEFF", 0, false},
		{"no BIC", "PBNK", 0, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, listed := ReachOf(table, row.bic, december)
			if got != row.want || listed != row.listed {
				t.Errorf("got %d %v", got, listed)
			}
		})
	}
	if reach, _ := ReachOf(table, "PBNKDEFF", december); !reach.Has(CreditTransfer|DirectDebitB2B) || reach.Has(CreditTransfer|InstantCreditTransfer) {
		t.Error("Has asks for all schemes")
	}
}

// An operator imports one publisher's file at a time; the others stay.
func TestASourceTakesThePlaceOfItsPredecessor(t *testing.T) {
	table := build(t)
	next, err := table.With("2027-01", on("2027-01-04"), Source{Name: "oenb", Date: on("2027-01-04"), Banks: []Bank{{Country: "AT", Code: "99009", BIC: "WBNKATWW"}}})
	if err != nil {
		t.Fatal(err)
	}
	if next.Version() != "2027-01" || next.Date() != on("2027-01-04") || len(next.Sources()) != 4 {
		t.Errorf("version %s of %s with %d sources", next.Version(), next.Date(), len(next.Sources()))
	}
	for code, want := range map[string][2]bool{"99001": {true, false}, "99009": {false, true}} {
		_, before := Lookup(table, "AT", code, december)
		_, after := Lookup(next, "AT", code, december)
		if before != want[0] || after != want[1] {
			t.Errorf("%s before %v, after %v", code, before, after)
		}
	}
	if _, ok := Lookup(next, "DE", "99900100", december); !ok {
		t.Error("the others' banks are gone")
	}
}

func TestTablesOfWrongRowsAreRefused(t *testing.T) {
	bank := func(country, code, bic string) Source {
		return Source{Name: "own", Banks: []Bank{{Country: country, Code: code, BIC: account.BIC(bic)}}}
	}
	for _, row := range []struct {
		name, version string
		date          calendar.Date
		source        Source
	}{
		{"no version", "", december, bank("DE", "1", "PBNKDEFF")},
		{"blank in the version", "a b", december, bank("DE", "1", "PBNKDEFF")},
		{"no date", "1", calendar.Date{}, bank("DE", "1", "PBNKDEFF")},
		{"no name", "1", december, Source{}},
		{"name in capitals", "1", december, Source{Name: "SCL"}},
		{"country", "1", december, bank("D", "1", "PBNKDEFF")},
		{"code with a blank", "1", december, bank("DE", "1 2", "PBNKDEFF")},
		{"code too long", "1", december, bank("DE", "12345678901", "PBNKDEFF")},
		{"no code", "1", december, bank("DE", "", "PBNKDEFF")},
		{"BIC", "1", december, bank("DE", "1", "PBNK")},
		{"participant", "1", december, Source{Name: "own", Participants: []Participant{{BIC: "PBNK"}}}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, err := New(row.version, row.date, row.source); !errors.Is(err, ErrTable) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAWrittenTableComesBack(t *testing.T) {
	table := build(t)
	var file bytes.Buffer
	if err := table.Write(&file); err != nil {
		t.Fatal(err)
	}
	text := file.String()
	again, err := Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var second bytes.Buffer
	if err := again.Write(&second); err != nil || second.String() != text {
		t.Errorf("written again it is\n%s %v", second.String(), err)
	}
	if again.Version() != table.Version() || again.Date() != table.Date() {
		t.Errorf("version %s of %s", again.Version(), again.Date())
	}
	banks, participants := again.Size()
	if banks != 13 || participants != 3 {
		t.Errorf("%d banks, %d participants", banks, participants)
	}
	if err := (&Table{}).Write(&second); !errors.Is(err, ErrTable) {
		t.Errorf("an empty table: %v", err)
	}
	// Every cut is noticed, and so is every lost line.
	for i := range text[:len(text)-1] {
		if _, err := Read(strings.NewReader(text[:i])); !errors.Is(err, ErrFile) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	lines := strings.SplitAfter(text, "\n")
	for i, lost := range lines[:len(lines)-1] {
		if strings.HasPrefix(lost, "source") {
			continue // its rows count for the source before
		}
		if _, err := Read(strings.NewReader(strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), ""))); err == nil {
			t.Errorf("lost %q", lost)
		}
	}
}

// large is as many banks as all publishers of Europe list.
func large(tb testing.TB) (table *Table, ibans [][]byte, bics []string) {
	tb.Helper()
	s := Source{Name: "large"}
	for i := range 20_000 {
		code := fmt.Sprintf("%08d", i*4999%100_000_000)
		bic := account.BIC("AAAADE" + string([]byte{'A' + byte(i%26), 'A' + byte(i/26%26), 'A' + byte(i/676%26), 'A' + byte(i/17576%26), 'A'}))
		s.Banks = append(s.Banks, Bank{Country: "DE", Code: code, BIC: bic})
		s.Participants = append(s.Participants, Participant{BIC: bic, Reach: CreditTransfer})
		ibans = append(ibans, []byte(iban("DE", code+"0000000001")))
		bics = append(bics, string(bic))
	}
	table, err := New("large", december, s)
	if err != nil {
		tb.Fatal(err)
	}
	return table, ibans, bics
}

func TestLookUpsDoNotAllocate(t *testing.T) {
	table, ibans, bics := large(t)
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		i = (i + 7919) % len(ibans)
		_, ok := BICOf(table, ibans[i], december)
		_, listed := ReachOf(table, bics[i], december)
		known, _ := Listed(table, ibans[i], december)
		if !ok || !listed || !known || Refuses(table, bics[i], CreditTransfer, december) || Compare(table, ibans[i], bics[i], december) != Same {
			t.Fatalf("bank %d", i)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCompare(b *testing.B) {
	table, ibans, bics := large(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i = i + 7919; i >= len(ibans) {
			i -= len(ibans)
		}
		if Compare(table, ibans[i], bics[i], december) != Same {
			b.Fatal(i)
		}
	}
}

func BenchmarkReachOf(b *testing.B) {
	table, _, bics := large(b)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if i = i + 7919; i >= len(bics) {
			i -= len(bics)
		}
		if _, ok := ReachOf(table, bics[i], december); !ok {
			b.Fatal(i)
		}
	}
}
