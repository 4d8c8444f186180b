package swiftmt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"kontor/finding"
)

// one reads a document with one entry, whose :61: and what follows is given.
func one(t *testing.T, entry string) *Entry {
	t.Helper()
	p, err := readAll(t, []byte(":20:A\n:25:1/2\n:28C:1\n:60F:C250101EUR0,\n"+entry+"\n:62F:C250101EUR0,\n-\n"), Options{})
	if err != nil || len(p.entries) != 1 {
		t.Fatalf("%d entries, %v", len(p.entries), err)
	}
	return p.entries[0]
}

func TestEntryLine(t *testing.T) {
	for _, row := range []struct{ name, line, want string }{
		{"D and the letter of EUR are no RD", ":61:0211011102DR800,NSTONONREF//55555", "2002-11-01 2002-11-02 D R 800.00 EUR NSTO NONREF 55555"},
		{"reversed debit", ":61:2501010101RD800,NSTONONREF", "2025-01-01 2025-01-01 RD \x00 800.00 EUR NSTO NONREF "},
		{"reversed credit with letter", ":61:2501010101RCR1,5NRTINONREF", "2025-01-01 2025-01-01 RC R 1.50 EUR NRTI NONREF "},
		{"expected credit with letter", ":61:2501010101ECR1,5NRTINONREF", "2025-01-01 2025-01-01 EC R 1.50 EUR NRTI NONREF "},
		{"expected debit", ":61:250101ED1,5NRTINONREF", "2025-01-01  ED \x00 1.50 EUR NRTI NONREF "},
		{"booked in the old year", ":61:2501021230C1,NTRFX", "2025-01-02 2024-12-30 C \x00 1.00 EUR NTRF X "},
		{"booked in the new year", ":61:2412310102C1,NTRFX", "2024-12-31 2025-01-02 C \x00 1.00 EUR NTRF X "},
		{"value far ahead", ":61:2506300102C1,NTRFX", "2025-06-30 2025-01-02 C \x00 1.00 EUR NTRF X "},
		{"entry date with year", ":61:250102250103C1,NTRFX", "2025-01-02 2025-01-03 C \x00 1.00 EUR NTRF X "},
		{"last century", ":61:990102C1,NTRFX", "1999-01-02  C \x00 1.00 EUR NTRF X "},
		{"leap day", ":61:2402290229C1,NTRFX", "2024-02-29 2024-02-29 C \x00 1.00 EUR NTRF X "},
		{"30 February", ":61:250230C1,NTRFX", "2025-02-28  C \x00 1.00 EUR NTRF X "},
		{"slash inside a reference", ":61:250102C1,NMSC341/1X//O/3412", "2025-01-02  C \x00 1.00 EUR NMSC 341/1X O/3412"},
		{"S and three digits", ":61:250102C1,S05168790452", "2025-01-02  C \x00 1.00 EUR S051 68790452 "},
		{"no reference", ":61:250102C1,S051", "2025-01-02  C \x00 1.00 EUR S051  "},
		{"filled reference and name", ":61:250102D000000001213,28N0440121470966      W.P. Jansen", "2025-01-02  D \x00 1213.28 EUR N044 0121470966  W.P. Jansen"},
		{"filled reference, name and second line", ":61:250102D1,N0440121470966      W.P. Jansen\nUtrecht", "2025-01-02  D \x00 1.00 EUR N044 0121470966  W.P. Jansen\nUtrecht"},
		{"more than fifteen characters", ":61:250102D000000000001213,28NTRFX", "2025-01-02  D \x00 1213.28 EUR NTRF X "},
		{"supplementary", ":61:250102D1,NRTIX\n/OCMT/EUR4,5//CHGS/USD0,7/", "2025-01-02  D \x00 1.00 EUR NRTI X  4.50 EUR 0.70 USD /OCMT/EUR4,5//CHGS/USD0,7/"},
		{"broken before the amount", ":61:250102CR\n30,00N062NONREF", "2025-01-02  C R 30.00 EUR N062 NONREF "},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := one(t, row.line)
			got := fmt.Sprintf("%s %s %s %c %s %s %s %s", e.ValueDate, e.EntryDate, e.Mark, e.FundsCode, e.Amount, e.Type, e.CustomerReference, e.BankReference)
			if e.OriginalAmount.Currency != "" {
				got += fmt.Sprintf(" %s %s", e.OriginalAmount, e.Charges)
			}
			if len(e.Supplementary) > 0 {
				got += " " + string(e.Supplementary)
			}
			if got != row.want {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
		})
	}
}

// describe prints what is known of an information.
func describe(i *Information) string {
	var parts []string
	add := func(name string, v []byte) {
		if v != nil {
			parts = append(parts, name+"="+string(v))
		}
	}
	add("code", i.Code)
	add("text", i.BookingText)
	add("primanota", i.Primanota)
	add("ext", i.Extension)
	add("bank", i.BankCode)
	add("account", i.Account)
	add("iban", i.IBAN)
	add("bic", i.BIC)
	add("name", i.Name)
	add("eref", i.EndToEndID)
	add("kref", i.CustomerReference)
	add("mref", i.MandateID)
	add("cred", i.CreditorID)
	add("debt", i.OriginatorID)
	add("coam", i.InterchangeAmount)
	add("oamt", i.OriginalAmount)
	add("purp", i.Purpose)
	add("abwa", i.UltimateOriginator)
	add("abwe", i.UltimateRecipient)
	add("rem", i.Remittance)
	add("return", i.ReturnReason)
	add("other", i.Other)
	return string(i.Dialect) + ": " + strings.Join(parts, "|")
}

func TestInformation(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"DK", "166?00GUTSCHRIFT?109310?20EREF+E-1?21SVWZ+Rechnung?30BYLADEM1001?31DE02120300000000202051?32Erika ?33Beispiel?34992",
			"structured: code=166|text=GUTSCHRIFT|primanota=9310|ext=992|bank=BYLADEM1001|account=DE02120300000000202051|name=Erika Beispiel|eref=E-1|rem=Rechnung"},
		{"every keyword", "105?20EREF+E?21KREF+K?22MREF+M?23CRED+C?24DEBT+D?25COAM+1,00?26OAMT+2,00?27PURP+GDDS?28IBAN+DE1?29BIC+B?60SVWZ+S?61ABWA+A?62ABWE+W",
			"structured: code=105|iban=DE1|bic=B|eref=E|kref=K|mref=M|cred=C|debt=D|coam=1,00|oamt=2,00|purp=GDDS|abwa=A|abwe=W|rem=S"},
		{"lines broken inside separator and number", "166?00GUTSCHRIFT?\n20SVWZ+Rech\nnung 4?2\n1711", "structured: code=166|text=GUTSCHRIFT|rem=Rechnung 4\n711"},
		{"blank at the end of a full line stays", "166?00GUTSCHRIFT?20SVWZ+Rechnung Nummer  \n1", "structured: code=166|text=GUTSCHRIFT|rem=Rechnung Nummer  1"},
		{"keyword broken over two subfields", "105?20EREF+1234567 MREF+1 SV?21WZ+Text?22CRED+DE1", "structured: code=105|eref=1234567|mref=1|cred=DE1|rem=Text"},
		{"an identifier goes on in the next full subfield only", "166?20EREF+1234567890123456789012?21345?22SVWZ+x", "structured: code=166|eref=1234567890123456789012345|rem=x"},
		{"what follows a short identifier is text", "159?20EREF+E 1?21MTLG:Konto erloschen", "structured: code=159|eref=E 1|rem=MTLG:Konto erloschen"},
		{"60 does not continue 20", "105?20EREF+1234567890123456789012?60more", "structured: code=105|eref=1234567890123456789012|rem=more"},
		{"60 continues 29", "105?29SVWZ+1234567890123456789012?60more", "structured: code=105|rem=1234567890123456789012more"},
		{"keyword inside free text is text", "166?20SVWZ+see EREF+1", "structured: code=166|rem=see EREF+1"},
		{"IBAN+ inside text is text", "166?20please IBAN+BIC", "structured: code=166|rem=please IBAN+BIC"},
		{"old text without keywords, line by line", "051?20RECHNUNG 4711?21VOM 1.3.", "structured: code=051|rem=RECHNUNG 4711\nVOM 1.3."},
		{"return", "109?00RUECKLASTSCHRIFT?20EREF+E?21SVWZ+RETURN/REFUND AC04 AC?22COUNT CLOSED?34914", "structured: code=109|text=RUECKLASTSCHRIFT|ext=914|eref=E|rem=RETURN/REFUND AC04 AC\nCOUNT CLOSED|return=AC04"},
		{"separator <", "166<00GUTSCHRIFT<20SVWZ+x", "structured: code=166|text=GUTSCHRIFT|rem=x"},
		{"separator ~ without code", "~00PRZELEW~20Faktura", "structured: text=PRZELEW|rem=Faktura"},
		{"separator > with line breaks", "000>100987654321\n>20ALGEMENE TUSSENREKENING KOS>21TEN>310390123456", "structured: code=000|primanota=0987654321|account=0390123456|rem=ALGEMENE TUSSENREKENING KOSTEN"},
		{"separator ^", "166^00GUTSCHRIFT^20x", "structured: code=166|text=GUTSCHRIFT|rem=x"},
		{"blank before the code", " 020?00Wyplata?20x", "structured: code=020|text=Wyplata|rem=x"},
		{"question mark inside text", "166?20Wann?Heute", "structured: code=166|rem=Wann?Heute"},
		{"foreign subfields", "166?20x?38PL1?64y?70z", "structured: code=166|iban=PL1|rem=x|other=?64y?70z"},
		{"code alone", "091", "structured: code=091"},
		{"999 is free", "999PN5477SCHECK-NR. 1", ": code=999|rem=PN5477SCHECK-NR. 1"},
		{"free text", "GIRO   428428\nBETREFT 20-05", ": rem=GIRO   428428\nBETREFT 20-05"},
		{"a number with slash is no structure", "123/45 Rechnung", ": rem=123/45 Rechnung"},
		{"Netherlands", "/EREF/E 1/BENM//NAME/Jan\n Jansen/REMI/Factuur 1/2/ISDT/2025-01-01", "slashed: name=Jan Jansen|eref=E 1|rem=Factuur 1/2"},
		{"Netherlands, direct debit", "/TRTP/SEPA Incasso/CSID/NL1/NAME/X BV/MARF/M1/REMI/text/IBAN/NL2/BIC/B/EREF/NOTPROVIDED", "slashed: text=SEPA Incasso|iban=NL2|bic=B|name=X BV|mref=M1|cred=NL1|rem=text"},
		{"Netherlands, ING", "/CNTP/NL91ABNA0417164300/ABNANL2A/J. Jansen/Utrecht//REMI/USTD//tekst/", "slashed: iban=NL91ABNA0417164300|bic=ABNANL2A|name=J. Jansen|rem=tekst"},
	} {
		t.Run(row.name, func(t *testing.T) {
			e := one(t, ":61:250101C1,NTRFX\n:86:"+row.text)
			if got := describe(&e.Information); got != row.want {
				t.Errorf("got  %q\nwant %q", got, row.want)
			}
			if string(e.Information.Text) != row.text {
				t.Errorf("text %q", e.Information.Text)
			}
		})
	}
}

func TestNonSWIFTStandsInForInformation(t *testing.T) {
	e := one(t, ":61:250101C1,NTRFX\n:NS:01Zweck 1\n02Zweck 2\n15Erika\n17LASTSCHRIFT\n1812345\n3312030000\n341020304050")
	if got := describe(&e.Information); got != "non-swift: text=LASTSCHRIFT|primanota=12345|bank=12030000|account=1020304050|name=Erika|rem=Zweck 1\nZweck 2" {
		t.Errorf("%q", got)
	}
}

// A line that begins with a colon is a field only with a tag of MT940 or MT942.
func TestColonsInsideInformationAreText(t *testing.T) {
	for _, line := range []string{":12:11 Uhr", ":26:37 Folgenr", ": a", "::", ":x:", ":123:", ":20:15 Uhr", "-text", "- 200"} {
		e := one(t, ":61:250101C1,NTRFX\n:86:999a\n"+line)
		if want := "999a\n" + line; string(e.Information.Text) != want {
			t.Errorf("%q: %q", line, e.Information.Text)
		}
	}
}

// Whatever stands around a message, it is the same message.
func TestEnvelopesAndLineEnds(t *testing.T) {
	want := describeDocument(t, []byte(good940), Options{})
	messages := strings.SplitAfter(good940, "-\n")
	wrap := func(before, after string) string {
		var b strings.Builder
		for _, m := range messages[:3] {
			b.WriteString(before + strings.TrimSuffix(m, "-\n") + after)
		}
		return b.String()
	}
	for name, document := range map[string]string{
		"CR LF":           strings.ReplaceAll(good940, "\n", "\r\n"),
		"CR":              strings.ReplaceAll(good940, "\n", "\r"),
		"@@":              "@@" + strings.ReplaceAll(good940, "\n", "@@"),
		"byte order mark": "\uFEFF" + good940,
		"blank lines":     strings.ReplaceAll(good940, "\n:", "\n\n \n:"),
		"SWIFT blocks":    wrap("{1:F01BYLADEM0AXXX0000000000}{2:I940BYLADEM1XXXXN}{4:\r\n", "-}{5:{CHK:1234}}\r\n"),
		"field in block":  wrap("{1:F01BYLADEM0AXXX0000000000}{2:O940BYLADEM1XXXXN}{4:", "-}"+"\n"),
		"routing lines":   wrap("0000 01INGBNL2AXXXX00001\n0000 01INGBNL2AXXXX00001\n940 00\n", "-XXX\n"),
		"BIC lines":       wrap("ABNANL2A\n940\nABNANL2A\n", "-\n"),
		"tag 940":         wrap(":940:\n", "-\n"),
		"control bytes":   wrap("\x01\n", "-\x03\n"),
		"without ends":    wrap("", ""),
	} {
		if got := describeDocument(t, []byte(document), Options{}); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// describeDocument prints what was read, without offsets.
func describeDocument(t *testing.T, document []byte, o Options) string {
	t.Helper()
	p, err := readAll(t, document, o)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range p.statements {
		s.At, s.End = 0, 0
		fmt.Fprintf(&b, "%+v\n", s)
	}
	for _, e := range p.entries {
		fmt.Fprintf(&b, "%d %s %s %s %s %s\n", e.Ordinal, e.Amount, e.Mark, e.Type, e.Supplementary, describe(&e.Information))
	}
	for _, f := range p.findings {
		code, _, _ := strings.Cut(f, ":")
		b.WriteString(code[:strings.LastIndexByte(code, ' ')] + "\n")
	}
	return b.String()
}

func TestPagesAreJoined(t *testing.T) {
	p, err := readAll(t, []byte(good940), Options{})
	if err != nil || len(p.statements) != 2 {
		t.Fatalf("%d statements, %v", len(p.statements), err)
	}
	s := p.statements[1]
	if s.Number != "8" || s.Pages != 2 || s.EntryCount != 1 || s.Opening.Amount.Minor != 10500 || s.Closing.Amount.Minor != 10000 || s.DebitSum.Minor != 500 {
		t.Errorf("%+v", s)
	}
	if p.entries[2].Ordinal != 0 {
		t.Errorf("ordinal %d", p.entries[2].Ordinal)
	}
}

func TestAccountIsTakenApart(t *testing.T) {
	for _, row := range []struct{ text, iban, bank, number, currency string }{
		{"51210600/9223382012EUR", "", "51210600", "9223382012", "EUR"},
		{"12030000/1020304050", "", "12030000", "1020304050", ""},
		{"NL91ABNA0417164300EUR", "NL91ABNA0417164300", "", "", "EUR"},
		{"DE02120300000000202051", "DE02120300000000202051", "", "", ""},
		{"UBRTHUHB/123456789150/HUF", "", "UBRTHUHB", "123456789150", "HUF"},
		{"517852257", "", "", "517852257", ""},
		{"BYLADEM1001/DE02120300000000202051", "DE02120300000000202051", "BYLADEM1001", "", ""},
	} {
		var s Statement
		s.readAccount(row.text)
		if s.Account != row.text || s.IBAN != row.iban || s.BankCode != row.bank || s.AccountNumber != row.number || s.Currency != row.currency {
			t.Errorf("%s: %+v", row.text, s)
		}
	}
}

func TestCharsets(t *testing.T) {
	text := ":20:A\n:25:1/2\n:28C:1\n:60F:C250101EUR0,\n:61:250101C1,NTRFX\n:86:166?00GUTSCHRIFT?20SVWZ+Größe, Überweisung für Åke?32Jürgen Müßig\n:62F:C250101EUR1,\n-\n"
	for _, charset := range []Charset{UTF8, Latin1, CP850, Windows1252} {
		w := Writer{charset: charset}
		if err := w.encode([]byte(text)); err != nil {
			t.Fatal(err)
		}
		for _, o := range []Options{{Charset: charset}, {}} {
			p, err := readAll(t, w.encoded, o)
			if err != nil || len(p.entries) != 1 || string(p.entries[0].Information.Name) != "Jürgen Müßig" || string(p.entries[0].Information.Remittance) != "Größe, Überweisung für Åke" || len(p.findings) > 0 {
				t.Errorf("%s read as %q: %v %v", charset, o.Charset, p, err)
			}
		}
	}
	if _, err := readAll(t, []byte(text), Options{Charset: "EBCDIC"}); err == nil {
		t.Error("an unknown charset was accepted")
	}
}

// Banks break lines after 65 bytes, also inside a character of UTF-8.
func TestLineBreakInsideACharacter(t *testing.T) {
	p, err := readAll(t, []byte(":20:Ä\n:25:1\n:28C:1\n:60F:C250101EUR0,\n:61:250101C1,NTRFX\n:86:166?20SVWZ+J\xc3\n\xbcrgen?32M\n\xc3\xbcller\n:62F:C250101EUR1,\n-\n"), Options{})
	if err != nil || string(p.entries[0].Information.Remittance) != "Jürgen" || string(p.entries[0].Information.Name) != "Müller" {
		t.Errorf("%v %q", err, p.entries[0].Information.Text)
	}
}

// The bytes of an entry are found again by offset and length.
func TestOffsetsLeadToTheRawText(t *testing.T) {
	document := []byte(strings.ReplaceAll(strings.ReplaceAll(good940, "\n", "\r\n"), "Erika", "J\xfcrgen"))
	p, err := readAll(t, document, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{":61:2503010301CR10,00NTRFNONREF//B-1\r\n:86:166?00GUTSCHRIFT?20SVWZ+Rechnung 1?32J\xfcrgen Beispiel\r\n",
		":61:2503020302DR5,00NDDTNONREF\r\n/OCMT/EUR4,00/CHGS/EUR1,00/\r\n:86:105?00LASTSCHRIFT?20EREF+E1?21SVWZ+Strom\r\n", ":61:250303D5,00NCHG\r\n"} {
		e := p.entries[i]
		if got := string(document[e.At : e.At+e.Length]); got != want {
			t.Errorf("entry %d: %q", i, got)
		}
		if string(e.Information.Name) == "Jürgen Beispiel" != (i == 0) {
			t.Errorf("name %q", e.Information.Name)
		}
	}
	for _, s := range p.statements {
		if got := string(document[s.At:s.End]); !strings.HasPrefix(got, ":20:") || !strings.Contains(got, ":62F:") {
			t.Errorf("statement %q", got)
		}
	}
}

// What is read depends on the bytes, not on how they come.
func TestReadDoesNotDependOnTheReader(t *testing.T) {
	document := bank(t, 300)
	want := describeDocument(t, document, Options{})
	for name, r := range map[string]io.Reader{"one byte": iotest.OneByteReader(bytes.NewReader(document)), "half": iotest.HalfReader(bytes.NewReader(document)), "error with data": iotest.DataErrReader(bytes.NewReader(document))} {
		var p parsed
		if err := Read(r, Options{}, collectInto(&p)); err != nil || len(p.entries) != 300 {
			t.Fatalf("%s: %v, %d entries", name, err, len(p.entries))
		}
		if got := fmt.Sprint(p.statements[0].CreditSum, describe(&p.entries[299].Information)); !strings.Contains(want, describe(&p.entries[299].Information)) || got == "" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestErrorsOfReaderAndVisitorEndReading(t *testing.T) {
	broken, stop := errors.New("broken"), errors.New("stop")
	if err := Read(io.MultiReader(strings.NewReader(good940[:200]), iotest.ErrReader(broken)), Options{}, Visitor{}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if err := Read(strings.NewReader(good940), Options{Bytes: 100}, Visitor{}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	calls := 0
	count := func() error {
		calls++
		return stop
	}
	for name, v := range map[string]Visitor{
		"begin": {Begin: func(*Statement) error { return count() }}, "entry": {Entry: func(*Entry) error { return count() }},
		"end": {End: func(*Statement) error { return count() }}, "finding": {Finding: func(finding.Finding) error { return count() }},
	} {
		calls = 0
		if err := Read(strings.NewReader(strings.ReplaceAll(good940, "C250302", "X250302")), Options{}, v); err != stop || calls != 1 {
			t.Errorf("%s: %v after %d calls", name, err, calls)
		}
	}
	var unreadable *UnreadableError
	for _, document := range []string{"", "hello", "\n\n", "{\"a\":1}", "<xml/>"} {
		if err := Read(strings.NewReader(document), Options{}, Visitor{}); !errors.As(err, &unreadable) {
			t.Errorf("%q: %v", document, err)
		}
	}
}

// checkInvariants holds for whatever is read.
func checkInvariants(t testing.TB, document []byte) {
	t.Helper()
	entries, begun, ended := 0, 0, 0
	err := Read(bytes.NewReader(document), Options{Bytes: 1 << 20}, Visitor{
		Begin: func(*Statement) error { begun++; return nil },
		Entry: func(e *Entry) error {
			entries++
			if e.At < 0 || e.Length <= 0 || e.At+e.Length > int64(len(document)) || begun != ended+1 {
				t.Errorf("entry at %d, %d bytes of %d", e.At, e.Length, len(document))
			}
			e.Information.views(func(v *[]byte) {
				if !utf8.Valid(*v) || len(*v) > 2*fieldLimit {
					t.Errorf("view %.40q of %d bytes", *v, len(*v))
				}
			})
			return nil
		},
		End: func(s *Statement) error {
			ended++
			if s.EntryCount < 0 || s.End < s.At {
				t.Errorf("%+v", s)
			}
			return nil
		},
		Finding: func(f finding.Finding) error {
			if f.Message == "" || strings.Contains(f.Message, "{0}") || f.At.Line < 1 || f.At.Column < 1 || f.At.Offset < 0 || f.At.Offset > int64(len(document)) {
				t.Errorf("finding %+v", f)
			}
			return nil
		},
	})
	var unreadable *UnreadableError
	if err != nil && !errors.As(err, &unreadable) || begun != ended {
		t.Errorf("%v, %d statements begun, %d ended", err, begun, ended)
	}
}

func TestEveryTruncationIsRead(t *testing.T) {
	for _, document := range []string{good940, good942} {
		for n := range len(document) {
			checkInvariants(t, []byte(document[:n]))
		}
	}
}

func TestEverySingleByteChangeIsRead(t *testing.T) {
	document := []byte(good940[:strings.Index(good940, ":20:STARTUMS\n:25:12030000/1020304050\n:28C:8")])
	for i := range document {
		old := document[i]
		for _, b := range []byte{0, '\n', '\r', ' ', ':', '-', '{', '@', '?', '+', '/', '0', '9', 'A', 'R', 0x7F, 0x80, 0xC3, 0xFC, 0xFF} {
			document[i] = b
			checkInvariants(t, document)
		}
		document[i] = old
	}
}

// Hostile documents take memory and time in proportion to what is read.
func TestHostileDocuments(t *testing.T) {
	const size = 1 << 20
	head := ":20:A\n:25:1\n:28C:1\n:60F:C250101EUR0,\n:61:250101C1,NTRFX\n:86:"
	for name, document := range map[string]string{
		"one endless line":        head + strings.Repeat("x", size),
		"endless field":           head + strings.Repeat("x\n", size/2),
		"subfields":               head + "166" + strings.Repeat("?20", size/3),
		"keywords":                head + "166?20" + strings.Repeat("EREF+", size/5),
		"pluses":                  head + "166?20" + strings.Repeat("+", size),
		"slashes":                 head + "/EREF/" + strings.Repeat("/", size),
		"colons":                  strings.Repeat(":\n", size/2),
		"at signs":                "@@" + strings.Repeat("@", size),
		"one at sign each":        "@@:20:A" + strings.Repeat("@x", size/2),
		"NULs":                    strings.Repeat("\x00", size),
		"continuation bytes":      head + strings.Repeat("\x80", size),
		"digits after an entry":   ":61:\n" + strings.Repeat("1\n", size/2),
		"long accounts":           strings.Repeat(":20:A\n:25:"+strings.Repeat("x", 30000)+"\n:60F:C250101EUR0,\n", size/30000),
		"empty entries":           strings.Repeat(":61:\n", size/5),
		"accounts without end":    strings.Repeat(":20:A\n:60F:C250101EUR0,\n", size/25),
		"balances without end":    head + "\n" + strings.Repeat(":65:C250101EUR0,\n", size/17),
		"statement text":          ":20:A\n:86:" + strings.Repeat("x\n:86:", size/6),
		"carriage returns":        strings.Repeat("\r", size),
		"braces":                  strings.Repeat("{1:", size/3),
		"unknown fields":          strings.Repeat(":79:x\n", size/6),
		"separator and no number": head + "166?20" + strings.Repeat("?", size),
	} {
		t.Run(name, func(t *testing.T) {
			findings := 0
			err := Read(strings.NewReader(document), Options{}, Visitor{Finding: func(finding.Finding) error { findings++; return nil }})
			var unreadable *UnreadableError
			if err != nil && !errors.As(err, &unreadable) {
				t.Error(err)
			}
		})
	}
}

var fuzzSeeds = []string{good940, good942, strings.ReplaceAll(good940, "\n", "@@"), "{1:F01BYLADEM0AXXX0000000000}{2:I940BYLADEM1XXXXN}{4:\r\n" + good940 + "-}",
	":61:250101CR\n30,\n:\n86:166?00x?20SV?21WZ+y\n", ":20:A\n:NS:22x\n:61:250101C1,NTRFX\n:NS:01a\n", ":86:/EREF/a//REMI//", ":61:250101C1,NTRFX\n:86:\xc3\n\xbc",
	"00000000\n:60F:C0000\x90", ":61:250101C1,NTRFX\n:86:x\n:20: y\n:62F:C250101EUR1,"}

// FuzzRead reads anything, and writes again what was read where it can be written.
func FuzzRead(f *testing.F) {
	for _, seed := range fuzzSeeds {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		checkInvariants(t, document)
		p, err := readAll(t, document, Options{Bytes: 1 << 20})
		if err != nil {
			return
		}
		for _, s := range p.statements {
			w := NewWriter(io.Discard, UTF8, &s)
			for _, e := range p.entries {
				if err := w.Check(e); err != nil && !errors.Is(err, ErrContent) {
					t.Error(err)
				}
			}
		}
		var out files
		if _, err := ToCamt(bytes.NewReader(document), out.next, ConvertOptions{}); err == nil && len(out.list) == 0 && p.statements[0].Format == MT940 {
			t.Error("a statement became no document")
		}
	})
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if len(fuzzSeeds) < 5 {
		t.Errorf("%d seeds", len(fuzzSeeds))
	}
}
