package swiftmt

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kontor/calendar"
	"kontor/money"
)

// generator makes statements; the same seed makes the same ones.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) generator { return generator{rand.New(rand.NewPCG(seed, 940))} }

func (g generator) day() calendar.Date {
	return calendar.Date{Year: 1980 + g.IntN(100), Month: time.Month(1 + g.IntN(12)), Day: 1 + g.IntN(28)}
}

// text makes words of the alphabet, without blanks at the ends.
func (g generator) text(alphabet string, most int) []byte {
	n := g.IntN(most + 1)
	if n == 0 {
		return nil
	}
	runes := []rune(alphabet)
	b := make([]rune, n)
	for i := range b {
		b[i] = runes[g.IntN(len(runes))]
	}
	if s := strings.TrimSpace(string(b)); s != "" {
		return []byte(s)
	}
	return nil
}

const (
	idAlphabet   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-."
	textAlphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-:()/+?'äöüßÄÖÜéå        "
)

func (g generator) amount(c money.Currency) money.Amount {
	return money.Amount{Minor: g.Int64N([]int64{10, 1000, 1_000_000, 99_999_999_999}[g.IntN(4)]) + 1, Currency: c}
}

func (g generator) entry(c money.Currency, marks []Mark) *Entry {
	e := &Entry{ValueDate: g.day(), Mark: marks[g.IntN(len(marks))], Amount: g.amount(c), Type: []byte("N" + []string{"TRF", "MSC", "CHG", "DDT", "051"}[g.IntN(5)])}
	if g.IntN(4) > 0 {
		e.EntryDate = e.ValueDate.AddDays(g.IntN(40) - 20)
		if g.IntN(20) == 0 {
			e.EntryDate = e.ValueDate.AddDays(g.IntN(300) - 150)
		}
	}
	if g.IntN(2) == 0 {
		e.FundsCode = c[2]
	}
	e.CustomerReference, e.BankReference = g.text(idAlphabet+"/", 16), g.text(idAlphabet+"/", 16)
	if g.IntN(3) == 0 {
		e.Supplementary = append([]byte("/OCMT/EUR12,3/"), g.text(idAlphabet, 20)...)
	}
	e.Information = g.information()
	return e
}

func (g generator) information() Information {
	i := Information{}
	switch g.IntN(8) {
	case 0:
		return i
	case 1:
		var lines []string
		for range 1 + g.IntN(6) {
			lines = append(lines, "x"+string(g.text(textAlphabet, 64)))
		}
		i.Text = []byte(strings.Join(lines, "\n"))
		i.Remittance = bytes.TrimSpace(i.Text)
		return i
	}
	i.Dialect = Structured
	i.Code = fmt.Appendf(nil, "%03d", g.IntN(999))
	i.BookingText, i.Primanota = g.text(textAlphabet, 27), g.text(idAlphabet, 10)
	i.BankCode, i.Account, i.Extension = g.text(idAlphabet, 12), g.text(idAlphabet, 34), g.text("0123456789", 3)
	i.Name = g.text(textAlphabet, 54)
	if g.IntN(2) == 0 {
		i.EndToEndID, i.MandateID = g.text(idAlphabet, 35), g.text(idAlphabet, 35)
		i.CustomerReference, i.CreditorID = g.text(idAlphabet, 16), g.text(idAlphabet, 18)
		i.UltimateOriginator = g.text(idAlphabet, 30)
	}
	i.Remittance = g.text(textAlphabet, 140)
	if g.IntN(3) == 0 && len(i.Remittance) > 0 {
		i.Remittance = append(append(i.Remittance, "\nzweite Zeile "...), 'x')
	}
	return i
}

func (g generator) statement() *Statement {
	c := []money.Currency{"EUR", "JPY", "KWD", "SEK"}[g.IntN(4)]
	s := &Statement{Format: MT940, Reference: "R" + string(g.text(idAlphabet, 15)), RelatedReference: string(g.text(idAlphabet, 16)), Account: "12030000/10" + string(g.text("0123456789", 8)),
		Currency: string(c), Number: fmt.Sprint(g.IntN(100000)), Page: fmt.Sprint(1 + g.IntN(99999))}
	s.Opening, s.Closing = g.balance(c), g.balance(c)
	s.Opening.Intermediate = g.IntN(2) == 0
	for range g.IntN(3) {
		s.Available, s.Forward = append(s.Available, g.balance(c)), append(s.Forward, g.balance(c))
	}
	if g.IntN(3) == 0 {
		*s = Statement{Format: MT942, Reference: s.Reference, Account: s.Account, Currency: s.Currency, Number: s.Number,
			CreationDateTime: g.day().String() + "T17:30:00+01:00", DebitFloor: Floor{true, g.amount(c)}, CreditFloor: Floor{true, g.amount(c)},
			DeclaredDebits: Total{true, g.IntN(1000), g.amount(c)}, DeclaredCredits: Total{true, g.IntN(1000), g.amount(c)}}
	}
	if g.IntN(2) == 0 {
		s.Information = "Zinsen\nEnde: " + fmt.Sprint(g.IntN(99))
	}
	return s
}

func (g generator) balance(c money.Currency) Balance {
	b := Balance{Present: true, Amount: g.amount(c), Currency: string(c), Date: g.day(), Debit: g.IntN(2) == 0}
	b.AmountText = written(b.Amount)
	if b.Debit {
		b.Amount.Minor = -b.Amount.Minor
	}
	return b
}

// What is written is read as the same, whatever it is; what could not be is refused.
func TestReadOfWriteIsTheSame(t *testing.T) {
	g := newGenerator(1)
	written, refused := 0, 0
	for round := range 300 {
		charset := []Charset{Latin1, UTF8, CP850, Windows1252}[round%4]
		s := g.statement()
		var out bytes.Buffer
		w := NewWriter(&out, charset, s)
		var entries []*Entry
		marks := []Mark{Credit, Debit, ReversedCredit, ReversedDebit}
		if s.Format == MT942 {
			marks = append(marks, ExpectedCredit, ExpectedDebit)
		}
		for range g.IntN(12) {
			e := g.entry(money.Currency(s.Currency), marks)
			if err := w.Check(e); err != nil {
				if !errors.Is(err, ErrContent) {
					t.Fatal(err)
				}
				refused++
				continue
			}
			w.Entry(e)
			entries = append(entries, e)
			written++
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		sameAfterReading(t, out.Bytes(), charset, s, entries)
	}
	t.Logf("%d entries written, %d refused", written, refused)
	if refused > written/2 || refused == 0 {
		t.Errorf("%d entries refused, %d written: the generator says too little", refused, written)
	}
}

func sameAfterReading(t *testing.T, document []byte, charset Charset, s *Statement, entries []*Entry) {
	t.Helper()
	for line := range bytes.SplitSeq(document, []byte("\r\n")) {
		if tagged, rest := tag(line); tagged != "" {
			line = rest
		}
		if charset != UTF8 && len(line) > lineWidth {
			t.Errorf("a line of %d characters", len(line))
		}
	}
	p, err := readAll(t, document, Options{Charset: charset})
	if err != nil || len(p.statements) != 1 || len(p.entries) != len(entries) {
		t.Fatalf("%d statements, %d entries of %d, %v\n%s", len(p.statements), len(p.entries), len(entries), err, document)
	}
	got := p.statements[0]
	want := *s
	want.IBAN, want.BankCode, want.AccountNumber = got.IBAN, got.BankCode, got.AccountNumber
	want.Pages, want.EntryCount, want.Exact, want.At, want.End = 1, len(entries), true, got.At, got.End
	want.DebitCount, want.CreditCount, want.DebitSum, want.CreditSum = got.DebitCount, got.CreditCount, got.DebitSum, got.CreditSum
	if a, b := fmt.Sprintf("%+v", want), fmt.Sprintf("%+v", got); a != b {
		t.Fatalf("the statement changed:\n%s\n%s\n%s", a, b, document)
	}
	for i, e := range entries {
		if what := differs(e, p.entries[i]); what != "" {
			t.Fatalf("%s of entry %d changed:\n%+v\n%+v\n%s", what, i, e, p.entries[i], document)
		}
	}
}

// plainStatement is a small MT940 in EUR.
func plainStatement() *Statement {
	day := calendar.Date{Year: 2025, Month: 3, Day: 1}
	b := Balance{Present: true, Amount: money.Amount{Minor: 10000, Currency: "EUR"}, AmountText: "100,00", Currency: "EUR", Date: day}
	return &Statement{Format: MT940, Reference: "STARTUMS", Account: "12030000/1020304050", Currency: "EUR", Number: "7", Page: "1", Opening: b, Closing: b}
}

func TestWriterRefusesWhatItCannotSay(t *testing.T) {
	good := func() *Entry {
		return &Entry{ValueDate: calendar.Date{Year: 2025, Month: 3, Day: 1}, Mark: Credit, Amount: money.Amount{Minor: 100, Currency: "EUR"}, Type: []byte("NTRF"),
			Information: Information{Dialect: Structured, Code: []byte("166")}}
	}
	s := plainStatement()
	for _, row := range []struct {
		name   string
		change func(*Entry)
		fits   bool
	}{
		{"good", func(*Entry) {}, true},
		{"no mark", func(e *Entry) { e.Mark = "" }, false},
		{"expected in a statement", func(e *Entry) { e.Mark = ExpectedCredit }, false},
		{"other currency", func(e *Entry) { e.Amount.Currency = "USD" }, false},
		{"reference of 17", func(e *Entry) { e.CustomerReference = []byte("12345678901234567") }, false},
		{"reference with two slashes", func(e *Entry) { e.CustomerReference = []byte("A//B") }, false},
		{"entry date a year away", func(e *Entry) { e.EntryDate = e.ValueDate.AddDays(365) }, false},
		{"year 2080", func(e *Entry) { e.ValueDate.Year = 2080 }, false},
		{"name of 55", func(e *Entry) { e.Information.Name = bytes.Repeat([]byte("n"), 55) }, false},
		{"remittance too long", func(e *Entry) { e.Information.Remittance = bytes.Repeat([]byte("n"), 15*27) }, false},
		{"line break in a name", func(e *Entry) { e.Information.Name = []byte("a\nb") }, false},
		{"keyword where a subfield begins", func(e *Entry) { e.Information.Remittance = []byte("1234567890123456789012EREF+x") }, false},
		{"keyword inside text", func(e *Entry) { e.Information.Remittance = []byte("see EREF+x") }, true},
		{"separator inside text", func(e *Entry) { e.Information.Remittance = []byte("why?20 euro") }, true},
		{"character beyond the charset", func(e *Entry) { e.Information.Name = []byte("Ω") }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			w := NewWriter(&bytes.Buffer{}, Latin1, s)
			e := good()
			row.change(e)
			if err := w.Check(e); (err == nil) != row.fits || err != nil && !errors.Is(err, ErrContent) {
				t.Errorf("%v", err)
			}
		})
	}
}
