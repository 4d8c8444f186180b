package dtazv

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"kontor/finding"
)

func TestVisitorSeesWhatWasWritten(t *testing.T) {
	s := newSample(t)
	file, findings, err := ReadAll(bytes.NewReader(s.bytes()), Options{})
	if err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	want := sampleFile().Files[0]
	if len(file.Files) != 1 || len(file.Files[0].Payments) != len(want.Payments) {
		t.Fatalf("read %d logical files", len(file.Files))
	}
	header := file.Files[0].Header
	header.At = finding.Location{}
	if header != want.Header {
		t.Errorf("header %+v, want %+v", header, want.Header)
	}
	usd := file.Files[0].Payments[0]
	for _, row := range []struct{ name, got, want string }{
		{"account", usd.Account, "0123456789"},
		{"amount", usd.Amount.String(), "10000.50 USD"},
		{"creditor", strings.Join(usd.Creditor[:], "|"), "ACME INC.|PURCHASING|1 MAIN STREET|SPRINGFIELD"},
		{"creditor account", usd.CreditorAccount, "123456789"},
		{"keys", strings.Join(usd.Instructions[:], "|"), "06|09||"},
		{"date", usd.Date().String(), "2026-03-05"},
		{"path", usd.At.Path, "Q[1]/T[1]"},
		{"charges account", usd.ChargesBankCode + " " + usd.ChargesAccount, "20050000 0123456790"},
		{"date of the file", file.Files[0].Payments[1].Date().String(), "2026-03-04"},
		{"counter-value", file.Files[0].Payments[7].Amount.String(), "220.25 EUR"},
	} {
		if row.got != row.want {
			t.Errorf("%s: %q, want %q", row.name, row.got, row.want)
		}
	}
	if p := file.Files[0].Payments[6]; p.Length != 768+2*256 || len(p.Reports) != 2 || *p.Reports[1].Service != *want.Payments[6].Reports[1].Service {
		t.Errorf("reports %+v of %d bytes", p.Reports, p.Length)
	}
	if p := file.Files[0].Payments[5]; *p.Reports[0].Transit != *want.Payments[5].Reports[0].Transit || !file.Files[0].Payments[4].Cheque() {
		t.Errorf("report %+v", p.Reports[0].Transit)
	}
}

func TestWhatIsReadIsWrittenByteForByte(t *testing.T) {
	texts := map[string][]byte{"sample": newSample(t).bytes()}
	two := append(newSample(t).bytes(), newSample(t).bytes()...)
	texts["two logical files"] = two
	for name, text := range texts {
		t.Run(name, func(t *testing.T) { roundTrip(t, text) })
	}
	for _, name := range []string{"king_dtaus_1.dta", "king_dtaus_2.dta", "king_dtaus_3.dta"} {
		t.Run(name, func(t *testing.T) {
			text := sharedFile(t, "data/corpus/dtazv/"+name)
			roundTrip(t, text)
			_, findings, err := Read(bytes.NewReader(text), Options{}, Visitor{})
			if err != nil || finding.HasError(findings) {
				t.Error(findings, err)
			}
		})
	}
}

func roundTrip(t *testing.T, text []byte) {
	t.Helper()
	file, _, err := ReadAll(bytes.NewReader(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := Write(&b, file); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), text) {
		at := min(b.Len(), len(text))
		for i := range min(b.Len(), len(text)) {
			if b.Bytes()[i] != text[i] {
				at = i
				break
			}
		}
		t.Errorf("%d bytes instead of %d, first difference at %d", b.Len(), len(text), at)
	}
}

// Editors add line ends, and drop blanks before them; a file must still be understood.
func TestLineEndsAreRead(t *testing.T) {
	for name, after := range map[string]string{"LF": "\n", "CRLF": "\r\n", "CR": "\r", "blank line": "\n\n"} {
		t.Run(name, func(t *testing.T) {
			s := newSample(t)
			s.after = after
			summary, findings, err := Read(bytes.NewReader(s.bytes()), Options{}, Visitor{})
			if err != nil || len(findings) != 1 || findings[0].Code != CodeSeparator || summary.Payments != 9 {
				t.Error(summary, findings, err)
			}
		})
	}
	s := newSample(t)
	s.after = "\r\n"
	for i := range s.records {
		s.records[i] = bytes.TrimRight(s.records[i], " ")
	}
	summary, findings, err := Read(bytes.NewReader(s.bytes()), Options{}, Visitor{})
	if err != nil || summary.Payments != 9 || summary.Records != recCount {
		t.Fatal(summary, findings, err)
	}
	for _, f := range findings {
		if f.Code != CodeIncomplete && f.Code != CodeSeparator {
			t.Error(f)
		}
	}
}

// The window must not show at its edges.
func TestSmallReadsMakeNoDifference(t *testing.T) {
	s := newSample(t)
	s.set(recNoBIC, "T22", "12")
	text := bytes.Repeat(s.bytes(), 12) // beyond the window
	_, want, err := Read(bytes.NewReader(text), Options{}, Visitor{})
	if err != nil || len(want) != 12 {
		t.Fatal(len(want), err)
	}
	for name, in := range map[string]io.Reader{
		"one byte": iotest.OneByteReader(bytes.NewReader(text)), "halves": iotest.HalfReader(bytes.NewReader(text)), "data with the end": iotest.DataErrReader(bytes.NewReader(text)),
	} {
		summary, got, err := Read(in, Options{}, Visitor{})
		if err != nil || summary.Payments != 12*9 || !slices.EqualFunc(got, want, func(a, b finding.Finding) bool { return a.At == b.At && a.Code == b.Code }) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

func TestFaultsOfTheSourceAreErrors(t *testing.T) {
	text, broken := newSample(t).bytes(), errors.New("broken")
	if _, _, err := Read(io.MultiReader(bytes.NewReader(text[:1000]), iotest.ErrReader(broken)), Options{}, Visitor{}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, _, err := Read(bytes.NewReader(text), Options{MaxBytes: 1000}, Visitor{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, _, err := Read(idle{}, Options{}, Visitor{}); !errors.Is(err, ErrNoProgress) {
		t.Errorf("got %v", err)
	}
	for _, v := range []Visitor{
		{Header: func(*Header) error { return broken }},
		{Payment: func(*Payment) error { return broken }},
	} {
		if _, _, err := Read(bytes.NewReader(text), Options{}, v); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	}
}

type idle struct{}

func (idle) Read([]byte) (int, error) { return 0, nil }

// A file that was cut off must never look whole.
func TestEveryTruncationIsNoticed(t *testing.T) {
	text := newSample(t).bytes()
	for n := range text {
		_, findings, err := Read(bytes.NewReader(text[:n]), Options{}, Visitor{Payment: func(*Payment) error { return nil }})
		if err == nil && !finding.HasError(findings) {
			t.Fatalf("cut after %d bytes: no error", n)
		}
	}
}

// Any single byte may be damaged: nothing may panic, and places stay within the file.
func TestEverySingleByteChangeIsSurvived(t *testing.T) {
	file := sampleFile()
	file.Files[0].Payments = file.Files[0].Payments[5:7] // those with reports
	var b bytes.Buffer
	if err := Write(&b, file); err != nil {
		t.Fatal(err)
	}
	text := b.Bytes()
	clean := 0
	for i := range text {
		for _, b := range []byte{0, '\n', ' ', '0', '9', 'A', 'Z', 'a', '/', 0x1A, 0x80, 0xC4, 0xFF} {
			old := text[i]
			text[i] = b
			_, findings, err := Read(bytes.NewReader(text), Options{}, Visitor{Payment: func(*Payment) error { return nil }})
			var unreadable *UnreadableError
			if err != nil && !errors.As(err, &unreadable) {
				t.Fatalf("byte %d is %q: %v", i, b, err)
			}
			if err == nil && len(findings) == 0 {
				clean++
			}
			for _, f := range findings {
				if f.At.Offset < 0 || f.At.Offset > int64(len(text)) || f.At.Line < 1 || f.At.Column < 1 {
					t.Fatalf("byte %d is %q: %v", i, b, f)
				}
			}
			text[i] = old
		}
	}
	if clean == 0 || clean > len(text)*9 { // letters in texts may change, digits and structure may not
		t.Errorf("%d changes of %d left no finding", clean, len(text)*13)
	}
}

// Verification at scale must not feed the garbage collector.
func TestReadWithoutVisitorDoesNotAllocatePerRecord(t *testing.T) {
	text := newSample(t).bytes()
	count := func(times int) float64 {
		many := bytes.Repeat(text, times)
		return testing.AllocsPerRun(3, func() {
			if _, findings, err := Read(bytes.NewReader(many), Options{}, Visitor{}); err != nil || len(findings) > 0 {
				t.Fatal(findings, err)
			}
		})
	}
	if one, many := count(1), count(100); many > one {
		t.Errorf("%v allocations for one file, %v for a hundred", one, many)
	}
}

func fuzzSeeds(t testing.TB) [][]byte {
	s := newSample(t)
	lined := newSample(t)
	lined.after = "\r\n"
	seeds := [][]byte{s.bytes(), lined.bytes(), s.bytes()[:2000], []byte("0256Q"), nil}
	for _, row := range breaks {
		broken := newSample(t)
		row.change(broken)
		seeds = append(seeds, broken.bytes())
	}
	return seeds
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if n := len(fuzzSeeds(t)); n < len(breaks) {
		t.Errorf("%d seeds", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range fuzzSeeds(f) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		payments := 0
		summary, findings, err := Read(bytes.NewReader(text), Options{}, Visitor{Payment: func(p *Payment) error {
			payments++
			if p.At.Offset < 0 || p.Length < longRecord-1 && p.Length < 5 || len(p.Reports) > MaxReports {
				t.Errorf("payment at %v of %d bytes", p.At, p.Length)
			}
			return nil
		}})
		if err != nil {
			return
		}
		if payments != summary.Payments {
			t.Errorf("%d payments handed out, %d counted", payments, summary.Payments)
		}
		if finding.HasError(findings) {
			return
		}
		file, _, err := ReadAll(bytes.NewReader(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := Write(&b, file); err != nil {
			return // lower case and the like are read, and not written
		}
		if _, again, err := Read(&b, Options{}, Visitor{}); err != nil || finding.HasError(again) {
			t.Errorf("written again, it has %v %v", again, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	text := bytes.Repeat(newSample(b).bytes(), 1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, findings, err := Read(bytes.NewReader(text), Options{}, Visitor{}); err != nil || len(findings) > 0 {
			b.Fatal(findings, err)
		}
	}
}

func BenchmarkReadWithVisitor(b *testing.B) {
	text := bytes.Repeat(newSample(b).bytes(), 1000)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Read(bytes.NewReader(text), Options{}, Visitor{Payment: func(*Payment) error { return nil }}); err != nil {
			b.Fatal(err)
		}
	}
}
