package swiftmt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"kontor/calendar"
	"kontor/finding"
	"kontor/iso20022/camt"
	"kontor/money"
)

// files collects converted documents.
type files struct{ list []*bytes.Buffer }

type closer struct{ *bytes.Buffer }

func (closer) Close() error { return nil }

func (f *files) next(*camt.Statement) (io.WriteCloser, error) {
	f.list = append(f.list, &bytes.Buffer{})
	return closer{f.list[len(f.list)-1]}, nil
}

// valid fails unless xmllint finds the documents valid against a schema of the shared
// test data.
func valid(t *testing.T, schema string, documents []*bytes.Buffer) {
	t.Helper()
	program, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("xmllint is missing: install libxml2-utils")
		}
		t.Skip("xmllint is missing: install libxml2-utils")
	}
	folder := t.TempDir()
	arguments := []string{"--noout", "--nonet", "--schema", shared(t, "data/xsd/"+schema)}
	for i, d := range documents {
		name := filepath.Join(folder, fmt.Sprintf("%d.xml", i))
		if err := os.WriteFile(name, d.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, name)
	}
	if output, err := exec.CommandContext(t.Context(), program, arguments...).CombinedOutput(); err != nil {
		t.Errorf("not valid: %v\n%.2000s", err, output)
	}
}

func readCamt(t *testing.T, document []byte) (statements []camt.Statement, entries []camt.Entry, findings []finding.Finding) {
	t.Helper()
	findings, err := camt.Read(bytes.NewReader(document), camt.Options{}, camt.Visitor{
		Statement: func(s *camt.Statement) error { statements = append(statements, *s); return nil },
		Entry: func(e *camt.Entry) error {
			kept := *e
			if e.Single != nil {
				single := *e.Single
				kept.Single = &single
			}
			entries = append(entries, kept)
			return nil
		},
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return statements, entries, findings
}

// iban makes an IBAN of an invented account.
func iban(n int) string {
	bban := fmt.Sprintf("12030000%010d", n)
	rest := 0
	for _, ch := range bban + "131400" {
		rest = (rest*10 + int(ch-'0')) % 97
	}
	return fmt.Sprintf("DE%02d%s", 98-rest, bban)
}

// mtDocument makes statements of entries as banks write them.
func mtDocument(t *testing.T, seed uint64) (document []byte, entries []*Entry) {
	t.Helper()
	g := newGenerator(seed)
	var out bytes.Buffer
	for n := range 1 + g.IntN(3) {
		s := plainStatement()
		s.Number = fmt.Sprint(n + 1)
		s.Account = iban(g.IntN(1000))
		w := NewWriter(&out, Latin1, s)
		balance := s.Opening.Amount.Minor
		for range g.IntN(20) {
			e := g.entry("EUR", []Mark{Credit, Debit, ReversedCredit, ReversedDebit})
			e.ValueDate = calendar.Date{Year: 2025, Month: 3, Day: 1 + g.IntN(28)}
			e.EntryDate = e.ValueDate.AddDays(g.IntN(5))
			e.Supplementary = nil
			i := &e.Information
			if i.Dialect == Structured {
				i.BankCode, i.Account = []byte("BYLADEM1001"), []byte(iban(g.IntN(1_000_000)))
				i.UltimateOriginator = nil
			}
			if w.Check(e) != nil {
				continue
			}
			w.Entry(e)
			entries = append(entries, e)
			if e.Mark.Credits() {
				balance += e.Amount.Minor
			} else {
				balance -= e.Amount.Minor
			}
		}
		s.Closing.Amount.Minor, s.Closing.Debit = balance, balance < 0
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes(), entries
}

// MT940 to camt.053 and back keeps what an accounting program needs of each entry.
func TestMT940ToCamtAndBack(t *testing.T) {
	var documents []*bytes.Buffer
	compared := 0
	for seed := range uint64(40) {
		document, entries := mtDocument(t, seed)
		var f files
		result, err := ToCamt(bytes.NewReader(document), f.next, ConvertOptions{CreationDateTime: "2025-03-01T08:00:00Z"})
		if err != nil {
			t.Fatalf("%v\n%s", err, document)
		}
		if result.Entries != len(entries) || result.Statements != len(f.list) {
			t.Fatalf("%d entries of %d, %d statements of %d", result.Entries, len(entries), result.Statements, len(f.list))
		}
		for _, w := range result.Warnings {
			t.Errorf("lost: %s", w.Message)
		}
		documents = append(documents, f.list...)
		var back []*Entry
		for _, d := range f.list {
			var mt bytes.Buffer
			if _, err := FromCamt(bytes.NewReader(d.Bytes()), &mt, ConvertOptions{}); err != nil {
				t.Fatalf("%v\n%s", err, d)
			}
			p, err := readAll(t, mt.Bytes(), Options{Charset: Latin1})
			if err != nil || len(p.statements) != 1 {
				t.Fatal(err)
			}
			for _, finding := range p.findings {
				t.Errorf("%s\n%s", finding, mt.Bytes())
			}
			back = append(back, p.entries...)
		}
		for i, e := range entries {
			sameBusiness(t, e, back[i])
			compared++
		}
	}
	valid(t, "camt.053.001.08.xsd", documents)
	t.Logf("%d entries went both ways, in %d documents", compared, len(documents))
}

// sameBusiness compares what survives both conversions.
func sameBusiness(t *testing.T, a, b *Entry) {
	t.Helper()
	i, j := &a.Information, &b.Information
	blanks := func(v []byte) string { return strings.Join(strings.Fields(string(v)), " ") }
	customer := func(e *Entry) string {
		if string(e.CustomerReference) == "KREF+" || len(e.Information.CustomerReference) > 0 {
			return string(e.Information.CustomerReference)
		}
		return strings.TrimPrefix(string(e.CustomerReference), "NONREF")
	}
	for _, row := range []struct{ name, a, b string }{
		{"value date", a.ValueDate.String(), b.ValueDate.String()}, {"entry date", a.EntryDate.String(), b.EntryDate.String()},
		{"mark", string(a.Mark), string(b.Mark)}, {"amount", a.Amount.String(), b.Amount.String()}, {"type", string(a.Type), string(b.Type)},
		{"bank reference", string(a.BankReference), string(b.BankReference)},
		{"name", blanks(i.Name), blanks(j.Name)}, {"account", string(i.Account), string(j.Account)}, {"BIC", string(i.BankCode), string(j.BankCode)},
		{"end-to-end", string(i.EndToEndID), string(j.EndToEndID)}, {"mandate", string(i.MandateID), string(j.MandateID)},
		{"creditor", string(i.CreditorID), string(j.CreditorID)}, {"booking text", blanks(i.BookingText), blanks(j.BookingText)},
		{"remittance", blanks(i.Remittance), blanks(j.Remittance)},
	} {
		if row.a != row.b {
			t.Errorf("%s: %q became %q", row.name, row.a, row.b)
		}
	}
	if customer(a) != customer(b) {
		t.Errorf("customer reference: %q became %q", customer(a), customer(b))
	}
	if i.Dialect == Structured && (string(i.Code) != string(j.Code) || string(i.Primanota) != string(j.Primanota) || string(i.Extension) != string(j.Extension)) {
		t.Errorf("code: %s became %s", i.Code, j.Code)
	}
}

// camtEntry is an entry of a German bank's camt.053.
func camtEntry(n int) camt.Entry {
	a := money.Amount{Minor: int64(n+1) * 1234, Currency: "EUR"}
	t := &camt.Transaction{Amount: a, PaymentInformationID: fmt.Sprintf("SAMMLER-%d-MIT-LANGER-KENNUNG", n), EndToEndID: fmt.Sprintf("E2E-%030d", n), MandateID: fmt.Sprintf("M-%d", n),
		CreditorID: "DE98ZZZ09999999999", Counterparty: "Jörg Müßiggang & Söhne", CounterpartyIBAN: iban(n), CounterpartyBIC: "BYLADEM1001",
		CounterpartyUltimate: "Ulla Übermut", OwnUltimate: "Konzern", Purpose: "GDDS",
		Remittance: fmt.Sprintf("Rechnung %d vom 01.03.2025, Kundennummer 4711, Lieferschein 0815 und noch mehr Text bis zum Rand", n)}
	e := camt.Entry{Ordinal: n, Amount: a, Credit: n%2 == 0, Status: "BOOK", BookingDate: "2025-03-03", ValueDate: "2025-03-01", AccountServicerReference: fmt.Sprintf("B-%d", n),
		ProprietaryCode: "NTRF+166+9310", TransactionCode: "PMNT/RCDT/ESCT", Transactions: 1, AdditionalInformation: "GUTSCHRIFT", Single: t}
	t.Credit = e.Credit
	switch n % 4 {
	case 1:
		e.ProprietaryCode, e.TransactionCode, e.AdditionalInformation = "NDDT+105+9310", "PMNT/RDDT/ESDD", "FOLGELASTSCHRIFT"
	case 2:
		e.ProprietaryCode, e.TransactionCode = "NRTI+109+9310+914", "PMNT/IDDT/UPDD"
		e.Credit, t.Credit, t.ReturnReason = false, false, "AC04"
		t.OriginalAmountText, t.OriginalCurrency, t.ChargesText, t.ChargesCurrency = "12.34", "EUR", "3.00", "EUR"
	case 3:
		e.Reversal = true
	}
	return e
}

func camtDocument(t *testing.T, entries []camt.Entry) []byte {
	t.Helper()
	balance := int64(10000)
	for _, e := range entries {
		if e.Credit {
			balance += e.Amount.Minor
		} else {
			balance -= e.Amount.Minor
		}
	}
	var out bytes.Buffer
	err := camt.WriteStatement(&out, camt.Statement{MessageID: "MSG-1", ID: "AUSZUG-7", SequenceNumber: "7", CreationDateTime: "2025-03-03T20:00:00Z", IBAN: iban(1), Currency: "EUR",
		Balances: []camt.Balance{{Type: "OPBD", Amount: money.Amount{Minor: 10000, Currency: "EUR"}, Date: "2025-03-01"},
			{Type: "CLBD", Amount: money.Amount{Minor: balance, Currency: "EUR"}, Date: "2025-03-03"}}}, entries)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// camt.053 to MT940 and back keeps every value of the entries that fits.
func TestCamtToMT940AndBack(t *testing.T) {
	var entries []camt.Entry
	for n := range 20 {
		entries = append(entries, camtEntry(n))
	}
	document := camtDocument(t, entries)
	var mt bytes.Buffer
	result, err := FromCamt(bytes.NewReader(document), &mt, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range result.Warnings {
		if !strings.HasPrefix(w.Message, "GrpHdr/") && !strings.Contains(w.Message, "Chrgs") {
			t.Errorf("lost: %s", w.Message)
		}
	}
	if p, err := readAll(t, mt.Bytes(), Options{}); err != nil || len(p.findings) > 0 || result.Entries != 20 || len(p.entries) != 20 {
		t.Fatalf("%v %v, %d entries", err, p.findings, len(p.entries))
	}
	var f files
	if result, err = ToCamt(bytes.NewReader(mt.Bytes()), f.next, ConvertOptions{CreationDateTime: "2025-03-03T20:00:00Z"}); err != nil || len(f.list) != 1 {
		t.Fatal(err)
	}
	for _, w := range result.Warnings {
		t.Errorf("lost: %s", w.Message)
	}
	valid(t, "camt.053.001.08.xsd", f.list)
	before, want, _ := readCamt(t, document)
	after, got, findings := readCamt(t, f.list[0].Bytes())
	if len(findings) > 0 {
		t.Errorf("findings: %v", findings)
	}
	if fmt.Sprint(before[0].Balances) != fmt.Sprint(after[0].Balances) || before[0].SequenceNumber != after[0].SequenceNumber || before[0].IBAN != after[0].IBAN {
		t.Errorf("the statement changed: %+v\n%+v", before[0], after[0])
	}
	for i := range want {
		a, b := want[i], got[i]
		a.At, a.Length, b.At, b.Length = 0, 0, 0, 0
		x, y := *a.Single, *b.Single
		x.At, x.Length, y.At, y.Length = 0, 0, 0, 0
		a.Single, b.Single = nil, nil
		if a != b || x != y {
			t.Errorf("entry %d changed:\n%+v\n%+v\n%+v\n%+v", i, a, b, x, y)
		}
	}
}

// What MT940 cannot say is named, each kind once with its number.
func TestConversionNamesWhatIsLost(t *testing.T) {
	address := `<PstlAdr><StrtNm>Hauptstr.</StrtNm></PstlAdr>`
	e := camtEntry(0)
	document := bytes.ReplaceAll(camtDocument(t, []camt.Entry{e, camtEntry(4)}), []byte("</Nm>"), []byte("</Nm>"+address))
	long, odd, batch := camtEntry(8), camtEntry(12), camtEntry(16)
	long.Single.Counterparty = strings.Repeat("Langer Name ", 8)
	odd.Single.Counterparty = "Łukasz Ω"
	batch.Single, batch.Transactions = nil, 7
	unknown := camtEntry(20)
	unknown.ProprietaryCode, unknown.TransactionCode = "", "ACMT/MCOP/CHRG"
	unknown.Single.TransactionID = "TX"
	pending := camtEntry(24)
	pending.Status = "PDNG"
	for _, row := range []struct {
		name     string
		document []byte
		code     finding.Code
		message  string
	}{
		{"address", document, CodeNoHome, "Stmt/Ntry/NtryDtls/TxDtls/RltdPties/Dbtr/Pty/PstlAdr/StrtNm has no place in the target; occurrences: 2."},
		{"long name", camtDocument(t, []camt.Entry{long}), CodeShortened, "RltdPties Nm was too long for the target and was cut; occurrences: 1."},
		{"foreign letters", camtDocument(t, []camt.Entry{odd}), CodeReplaced, "Characters of RltdPties Nm were replaced; occurrences: 1."},
		{"batch", camtDocument(t, []camt.Entry{batch}), CodeNoHome, "NtryDtls: the target holds only the sum of an entry that books several transactions; such entries: 1."},
		{"unknown code", camtDocument(t, []camt.Entry{unknown}), CodeNoHome, "BkTxCd/Domn has no place in the target; occurrences: 1."},
		{"code derived", camtDocument(t, []camt.Entry{unknown}), CodeDerived, "GVC is not in the source and was derived; occurrences: 1."},
		{"transaction id", camtDocument(t, []camt.Entry{unknown}), CodeNoHome, "Refs/TxId has no place in the target; occurrences: 1."},
		{"pending", camtDocument(t, []camt.Entry{pending}), CodeNoHome, "Ntry with status PDNG has no place in the target; occurrences: 1."},
	} {
		t.Run(row.name, func(t *testing.T) {
			var mt bytes.Buffer
			result, err := FromCamt(bytes.NewReader(row.document), &mt, ConvertOptions{})
			if err != nil {
				t.Fatalf("%v", err)
			}
			found := false
			for _, w := range result.Warnings {
				found = found || w.Code == row.code && w.Message == row.message
			}
			if !found {
				t.Errorf("%v", result.Warnings)
			}
		})
	}
}

// A document with ever new elements makes no endless list, and none of them is forgotten.
func TestWarningsAreBoundedAndCountEverything(t *testing.T) {
	var odd strings.Builder
	for n := range 3 * warningsMost {
		fmt.Fprintf(&odd, "<X%d>a</X%d>", n, n)
	}
	document := strings.Replace(string(camtDocument(t, []camt.Entry{camtEntry(0)})), "<Ntry>", odd.String()+"<Ntry>", 1)
	result, err := FromCamt(strings.NewReader(document), io.Discard, ConvertOptions{})
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, w := range result.Warnings {
		n, err := strconv.Atoi(w.Args[1])
		if err != nil {
			t.Fatal(err)
		}
		total += n
	}
	if len(result.Warnings) != warningsMost+1 || total < 3*warningsMost {
		t.Errorf("%d warnings for %d losses", len(result.Warnings), total)
	}
}

// Names pass in every charset that has their letters.
func TestNamesPassInEachCharset(t *testing.T) {
	document := camtDocument(t, []camt.Entry{camtEntry(0)})
	for _, charset := range []Charset{Latin1, UTF8, CP850, Windows1252} {
		var mt bytes.Buffer
		if _, err := FromCamt(bytes.NewReader(document), &mt, ConvertOptions{Charset: charset}); err != nil {
			t.Fatal(err)
		}
		p, err := readAll(t, mt.Bytes(), Options{Charset: charset})
		if err != nil || string(p.entries[0].Information.Name) != "Jörg Müßiggang & Söhne" {
			t.Errorf("%s: %q %v", charset, p.entries[0].Information.Name, err)
		}
	}
}

// One of the two balances follows from the other and the entries.
func TestMissingBalanceIsDerived(t *testing.T) {
	document := string(camtDocument(t, []camt.Entry{camtEntry(0), camtEntry(1), camtEntry(3)}))
	want := mtOf(t, document)
	for _, kind := range []string{"OPBD", "CLBD"} {
		at := strings.Index(document, "<Cd>"+kind)
		from, to := strings.LastIndex(document[:at], "<Bal>"), at+strings.Index(document[at:], "</Bal>")+len("</Bal>")
		got := mtOf(t, document[:from]+document[to:])
		if got.statements[0].Opening.Amount != want.statements[0].Opening.Amount || got.statements[0].Closing.Amount != want.statements[0].Closing.Amount || len(got.findings) > 0 {
			t.Errorf("without %s: %+v, want %+v", kind, got.statements[0], want.statements[0])
		}
	}
}

// mtOf converts and reads what was written.
func mtOf(t *testing.T, document string) parsed {
	t.Helper()
	var mt bytes.Buffer
	if _, err := FromCamt(strings.NewReader(document), &mt, ConvertOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := readAll(t, mt.Bytes(), Options{})
	if err != nil || len(p.statements) != 1 {
		t.Fatal(err)
	}
	return p
}

// A camt.052 becomes an MT942 with totals and expected entries.
func TestCamt052ToMT942(t *testing.T) {
	booked, pending := camtEntry(0), camtEntry(1)
	pending.Status = "PDNG"
	document := camtDocument(t, []camt.Entry{booked, pending})
	for old, now := range map[string]string{"BkToCstmrStmt": "BkToCstmrAcctRpt", "<Stmt>": "<Rpt>", "</Stmt>": "</Rpt>", "camt.053": "camt.052"} {
		document = bytes.ReplaceAll(document, []byte(old), []byte(now))
	}
	var mt bytes.Buffer
	if _, err := FromCamt(bytes.NewReader(document), &mt, ConvertOptions{}); err != nil {
		t.Fatal(err)
	}
	p, err := readAll(t, mt.Bytes(), Options{})
	if err != nil || len(p.findings) > 0 || len(p.statements) != 1 || len(p.entries) != 2 {
		t.Fatalf("%v %v\n%s", err, p.findings, mt.Bytes())
	}
	s := p.statements[0]
	if s.Format != MT942 || s.CreationDateTime != "2025-03-03T20:00:00+00:00" || s.DeclaredDebits.Count != 1 || s.DeclaredCredits.Sum != booked.Amount || p.entries[1].Mark != ExpectedDebit {
		t.Errorf("%+v\n%s", s, mt.Bytes())
	}
}

func TestConversionRefusesWhatHasNoForm(t *testing.T) {
	inexact := bytes.Replace(camtDocument(t, []camt.Entry{camtEntry(0)}), []byte(`<Amt Ccy="EUR">12.34</Amt>`), []byte(`<Amt Ccy="EUR">12.345</Amt>`), 1)
	notification := bytes.ReplaceAll(bytes.ReplaceAll(camtDocument(t, nil), []byte("BkToCstmrStmt"), []byte("BkToCstmrDbtCdtNtfctn")), []byte("Stmt>"), []byte("Ntfctn>"))
	for name, document := range map[string][]byte{"inexact amount": inexact, "notification": notification} {
		if _, err := FromCamt(bytes.NewReader(document), io.Discard, ConvertOptions{}); !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var f files
	if _, err := ToCamt(strings.NewReader(":20:A\r\n:25:1/2\r\n:28C:1\r\n:60F:C250301EUR1,\r\n:61:250301X1,NTRF\r\n:62F:C250301EUR1,\r\n-\r\n"), f.next, ConvertOptions{}); !errors.Is(err, ErrContent) {
		t.Errorf("entry without mark: %v", err)
	}
	var unreadable *UnreadableError
	if _, err := ToCamt(strings.NewReader("hello"), f.next, ConvertOptions{}); !errors.As(err, &unreadable) {
		t.Errorf("no statement: %v", err)
	}
}

// Foreign statements become valid documents with the same entries, or are refused for a
// reason; none is half converted.
func TestForeignStatementsConvert(t *testing.T) {
	list, err := filepath.Glob(filepath.Join(shared(t, "data/corpus/mt940-wolph"), "files", "*.sta"))
	if err != nil || len(list) < 50 {
		t.Fatal(len(list), err)
	}
	var documents []*bytes.Buffer
	converted, refused := 0, 0
	for _, file := range list {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f files
		result, err := ToCamt(bytes.NewReader(document), f.next, ConvertOptions{})
		var unreadable *UnreadableError
		switch {
		case errors.Is(err, ErrContent) || errors.Is(err, camt.ErrContent) || errors.As(err, &unreadable):
			refused++
			continue
		case err != nil:
			t.Errorf("%s: %v", file, err)
			continue
		}
		converted++
		documents = append(documents, f.list...)
		p, err := readAll(t, document, Options{})
		if err != nil {
			t.Fatal(err)
		}
		var entries []camt.Entry
		for _, d := range f.list {
			_, some, _ := readCamt(t, d.Bytes())
			entries = append(entries, some...)
		}
		if len(entries) != result.Entries {
			t.Errorf("%s: %d entries of %d", file, len(entries), result.Entries)
		}
		for i := range entries {
			if e := p.entries[i]; len(f.list) == len(p.statements) && (entries[i].Amount != e.Amount || entries[i].Credit != e.Mark.Credits() || entries[i].ValueDate != e.ValueDate.String()) {
				t.Errorf("%s: entry %d changed", file, i)
			}
		}
	}
	valid(t, "camt.053.001.08.xsd", documents)
	t.Logf("%d files converted into %d documents, %d refused", converted, len(documents), refused)
	if converted < 20 {
		t.Errorf("only %d files converted", converted)
	}
}

// The other way round: foreign camt documents become messages without a finding of sums.
func TestForeignCamtConverts(t *testing.T) {
	list, err := filepath.Glob(filepath.Join(shared(t, "data/corpus/camt-genkgo"), "*.xml"))
	if err != nil || len(list) < 20 {
		t.Fatal(len(list), err)
	}
	converted, refused, entries := 0, 0, 0
	for _, file := range list {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var mt bytes.Buffer
		result, err := FromCamt(bytes.NewReader(document), &mt, ConvertOptions{})
		if err != nil {
			t.Logf("%s: %v", filepath.Base(file), err)
			refused++
			continue
		}
		converted++
		if result.Statements == 0 {
			continue
		}
		p, err := readAll(t, mt.Bytes(), Options{Charset: Latin1})
		if err != nil || len(p.entries) != result.Entries {
			t.Errorf("%s: %v, %d entries of %d", file, err, len(p.entries), result.Entries)
		}
		entries += len(p.entries)
		for _, f := range p.findings {
			if !strings.HasPrefix(f, string(CodeBalance)) && !strings.HasPrefix(f, string(CodeContinuity)) && !strings.HasPrefix(f, string(CodeGap)) { // faults of the samples
				t.Errorf("%s: %s\n%s", filepath.Base(file), f, mt.Bytes())
			}
		}
	}
	t.Logf("%d files converted with %d entries, %d refused", converted, entries, refused)
	if converted < 10 {
		t.Errorf("only %d files converted", converted)
	}
}
