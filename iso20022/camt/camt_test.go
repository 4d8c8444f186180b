package camt

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"kontor/iso20022/internal/sharedtest"
	"kontor/money"
	"kontor/xmlscan"
)

func readAll(document []byte) ([]Statement, [][]Entry, error) {
	var statements []Statement
	var all [][]Entry
	var entries []Entry
	_, err := Read(bytes.NewReader(document), Options{}, Visitor{
		Statement: func(s *Statement) error {
			statements, all, entries = append(statements, *s), append(all, entries), nil
			return nil
		},
		Entry: func(e *Entry) error {
			kept := *e
			kept.Single = nil
			entries = append(entries, kept)
			return nil
		},
	})
	return statements, all, err
}

func read(document []byte, v Visitor) error {
	_, err := Read(bytes.NewReader(document), Options{}, v)
	return err
}

// What another parser says about the same document (data/corpus/README.md); only what
// has one plain meaning is compared.
type (
	witnessMoney struct {
		Amount   string `json:"getAmount"` // minor units, debits negative
		Currency struct {
			Code string `json:"getCode"`
		} `json:"getCurrency"`
	}
	witnessRecord struct {
		ID      string `json:"getId"`
		Account struct {
			Identification string `json:"getIdentification"`
		} `json:"getAccount"`
		Balances []struct {
			Amount witnessMoney `json:"getAmount"`
			Date   witnessTime  `json:"getDate"`
		} `json:"getBalances"`
		Sequence string `json:"getElectronicSequenceNumber"`
		Legal    string `json:"getLegalSequenceNumber"`
	}
	witnessTime  struct{ time.Time }
	witnessEntry struct {
		Amount   witnessMoney      `json:"getAmount"`
		CdtDbt   string            `json:"getCreditDebitIndicator"`
		Reversal bool              `json:"getReversalIndicator"`
		Status   string            `json:"getStatus"`
		Booked   witnessTime       `json:"getBookingDate"`
		Value    witnessTime       `json:"getValueDate"`
		Ref      string            `json:"getReference"`
		Servicer string            `json:"getAccountServicerReference"`
		Record   witnessRecord     `json:"getRecord"`
		Details  []json.RawMessage `json:"getTransactionDetails"` // marks of recursion; the first is printed as Detail
		Detail   struct {
			Reference struct {
				EndToEndID string `json:"getEndToEndId"`
			} `json:"getReference"`
		} `json:"getTransactionDetail"`
	}
	witness struct {
		Entries []witnessEntry    `json:"getEntries"`
		Records []json.RawMessage `json:"getRecords"`
		Header  struct {
			MessageID string `json:"getMessageId"`
		} `json:"getGroupHeader"`
	}
)

func (w *witnessTime) UnmarshalJSON(text []byte) error {
	if text[0] != '{' {
		return nil // null, or a mark of recursion
	}
	var object struct {
		At time.Time `json:"0"`
	}
	err := json.Unmarshal(text, &object)
	w.Time = object.At
	return err
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339, "2006-01-02T15:04:05", "2006-01-02Z07:00"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at
		}
	}
	t.Errorf("date %q", text)
	return time.Time{}
}

func signed(e Entry) string {
	n := e.Amount.Minor
	if !e.Credit {
		n = -n
	}
	return strconv.FormatInt(n, 10)
}

func TestForeignSamplesAgreeWithAnotherParser(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "data/corpus/camt-genkgo"), "*.xml"))
	if err != nil || len(files) != 26 {
		t.Fatalf("%d samples, want 26: %v", len(files), err)
	}
	compared := 0
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			document, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			statements, entries, err := readAll(document)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(strings.TrimSuffix(file, ".xml") + ".json")
			if errors.Is(err, os.ErrNotExist) { // the one sample that breaks its schema: no statement in it
				if len(statements) != 0 {
					t.Errorf("%d statements", len(statements))
				}
				return
			}
			var want witness
			if err := errors.Join(err, json.Unmarshal(text, &want)); err != nil {
				t.Fatal(err)
			}
			compared++
			compare(t, document, statements, entries, want)
		})
	}
	if compared != 25 {
		t.Errorf("%d samples compared, want 25", compared)
	}
}

func compare(t *testing.T, document []byte, statements []Statement, entries [][]Entry, want witness) {
	t.Helper()
	if len(statements) != len(want.Records) || len(statements) == 0 {
		t.Fatalf("%d statements, want %d", len(statements), len(want.Records))
	}
	for i, s := range statements {
		if s.MessageID != want.Header.MessageID || s.EntryCount != len(entries[i]) || !strings.HasPrefix(s.Version, s.Format) {
			t.Errorf("statement %+v", s)
		}
		if raw := string(document[s.At:s.End]); !strings.HasPrefix(raw, "<Stmt>") && !strings.HasPrefix(raw, "<Rpt>") && !strings.HasPrefix(raw, "<Ntfctn>") || !strings.HasSuffix(raw, ">") {
			t.Errorf("offsets of the statement cut out %.40s", raw)
		}
		for _, e := range entries[i] {
			if raw := string(document[e.At : e.At+e.Length]); !strings.HasPrefix(raw, "<Ntry>") || !strings.HasSuffix(raw, "</Ntry>") {
				t.Errorf("offsets of the entry cut out %.40s", raw)
			}
		}
	}
	total := 0
	for _, list := range entries {
		total += len(list)
	}
	if n := bytes.Count(document, []byte("<Ntry>")); total != n {
		t.Errorf("%d entries, want %d", total, n)
	}
	// The witness prints the statement of its entry fully, or, without entries, the
	// record itself. Of several statements it keeps the last one's entry.
	last := len(statements) - 1
	var record witnessRecord
	if len(want.Entries) > 0 {
		w, e := want.Entries[0], entries[last][0]
		record = w.Record
		got := []any{signed(e), string(e.Amount.Currency), map[bool]string{true: "CRDT", false: "DBIT"}[e.Credit], e.Reversal, e.Status, e.Reference, e.AccountServicerReference}
		expected := []any{w.Amount.Amount, w.Amount.Currency.Code, w.CdtDbt, w.Reversal, w.Status, w.Ref, w.Servicer}
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Error(diff)
		}
		if !instant(t, e.BookingDate).Equal(w.Booked.Time) || !instant(t, e.ValueDate).Equal(w.Value.Time) {
			t.Errorf("dates %s %s, want %s %s", e.BookingDate, e.ValueDate, w.Booked, w.Value)
		}
		if len(w.Details) == 1 && e.Transactions == 1 && e.EndToEndID != w.Detail.Reference.EndToEndID {
			t.Errorf("end to end %q, want %q", e.EndToEndID, w.Detail.Reference.EndToEndID)
		}
	} else if err := json.Unmarshal(want.Records[0], &record); err != nil {
		t.Fatal(err)
	}
	s := statements[last]
	if s.ID != record.ID || s.IBAN+s.OtherAccount != record.Account.Identification || s.SequenceNumber != record.Sequence || s.LegalSequenceNumber != record.Legal {
		t.Errorf("statement %+v, want %+v", s, record)
	}
	if len(s.Balances) != len(record.Balances) {
		t.Fatalf("%d balances, want %d", len(s.Balances), len(record.Balances))
	}
	for i, b := range s.Balances {
		w := record.Balances[i]
		if strconv.FormatInt(b.Amount.Minor, 10) != w.Amount.Amount || b.Currency != w.Amount.Currency.Code || !instant(t, b.Date).Equal(w.Date.Time) {
			t.Errorf("balance %+v, want %+v", b, w)
		}
	}
}

func sample() (Statement, []Entry) {
	eur := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "EUR"} }
	s := Statement{
		Format: "camt.053", Version: "camt.053.001.08", MessageID: "M-1", ID: "S-1", SequenceNumber: "7", CreationDateTime: "2026-11-05T20:00:00+01:00",
		FromDate: "2026-11-05T00:00:00+01:00", ToDate: "2026-11-05T23:59:59+01:00", IBAN: "DE87200500001234567890", LastPage: true, Currency: "EUR", Owner: `Müller & "Söhne"`, ServicerBIC: "BANKDEFFXXX",
		Balances: []Balance{
			{Type: "PRCD", Amount: eur(-500), AmountText: "5.00", Currency: "EUR", Date: "2026-11-04"},
			{Type: "CLBD", Amount: eur(100_000), AmountText: "1000.00", Currency: "EUR", Date: "2026-11-05"},
		},
	}
	entries := []Entry{
		{Amount: eur(123_456), AmountText: "1234.56", Currency: "EUR", Status: "BOOK", BookingDate: "2026-11-05", ValueDate: "2026-11-05", Reference: "1", AccountServicerReference: "BANK-1", TransactionCode: "PMNT/ICDT/ESCT", ProprietaryCode: "NTRF+116",
			MessageID: "MSG-1", PaymentInformationID: "B-1", EndToEndID: "E-1", Transactions: 1, Counterparty: "Erika <Beispiel>", CounterpartyIBAN: "DE21500500009876543210", CounterpartyBIC: "PBNKDEFFXXX", Remittance: "Rechnung 1\nund 2", AdditionalInformation: "Überweisung"},
		{Ordinal: 1, Amount: eur(5000), AmountText: "50.00", Currency: "EUR", Credit: true, Status: "BOOK", BookingDate: "2026-11-05", ValueDate: "2026-11-06", TransactionCode: "PMNT/RCDT/ESCT", Transactions: 1, Counterparty: "Zahlerin", CounterpartyIBAN: "NO9386011117947", EndToEndID: "X"},
		{Ordinal: 2, Amount: eur(123_456), AmountText: "1234.56", Currency: "EUR", Credit: true, Reversal: true, Status: "BOOK", BookingDate: "2026-11-05", ProprietaryCode: "NRTI+159", Transactions: 1, Counterparty: "Erika <Beispiel>", ReturnReason: "AC04", EndToEndID: "E-1"},
		{Ordinal: 3, Amount: eur(999), AmountText: "9.99", Currency: "EUR", Status: "PDNG", TransactionCode: "PMNT/ICDT/ESCT", ProprietaryCode: "NTRF+191", MessageID: "MSG-1", PaymentInformationID: "B-2", Transactions: 25},
	}
	s.EntryCount = len(entries)
	return s, entries
}

func TestWrittenStatementComesBackAndIsValid(t *testing.T) {
	s, entries := sample()
	var b bytes.Buffer
	if err := WriteStatement(&b, s, entries); err != nil {
		t.Fatal(err)
	}
	statements, got, err := readAll(b.Bytes())
	if err != nil || len(statements) != 1 {
		t.Fatalf("%v, %d statements", err, len(statements))
	}
	statements[0].At, statements[0].End = 0, 0
	if diff := cmp.Diff(s, statements[0]); diff != "" {
		t.Error(diff)
	}
	for i := range got[0] {
		got[0][i].At, got[0][i].Length = 0, 0
	}
	if diff := cmp.Diff(entries, got[0]); diff != "" {
		t.Error(diff)
	}
	sharedtest.MustValidate(t, "camt.053.001.08.xsd", b.Bytes())
	if ok, _ := sharedtest.Validate(t, "camt.053.001.02.xsd", b.Bytes()); ok {
		t.Error("the witness accepts anything")
	}
}

func TestWriteStatementRefusesGaps(t *testing.T) {
	for name, change := range map[string]func(*Statement, []Entry){
		"identification":   func(s *Statement, _ []Entry) { s.ID = "" },
		"account":          func(s *Statement, _ []Entry) { s.IBAN = "" },
		"balances":         func(s *Statement, _ []Entry) { s.Balances = nil },
		"balance amount":   func(s *Statement, _ []Entry) { s.Balances[0].Amount = money.Amount{} },
		"balance's sign":   func(s *Statement, _ []Entry) { s.Balances[0].DirectionUnknown = true },
		"direction":        func(_ *Statement, e []Entry) { e[0].DirectionUnknown = true },
		"status":           func(_ *Statement, e []Entry) { e[0].Status = "" },
		"negative amount":  func(_ *Statement, e []Entry) { e[0].Amount.Minor = -1 },
		"transaction code": func(_ *Statement, e []Entry) { e[1].TransactionCode = "" },
		"half a code":      func(_ *Statement, e []Entry) { e[1].TransactionCode = "PMNT/RCDT" },
	} {
		t.Run(name, func(t *testing.T) {
			s, entries := sample()
			change(&s, entries)
			if err := WriteStatement(&bytes.Buffer{}, s, entries); !errors.Is(err, ErrContent) {
				t.Errorf("got %v", err)
			}
		})
	}
}

const head = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.13"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>T</CreDtTm></GrpHdr><Stmt><Id>S</Id>`

// An entry over several transactions must not show the first one's counterparty as if
// it were the whole.
func TestEntryOverSeveralTransactionsHasNoCounterparty(t *testing.T) {
	tx := func(e2e string) string {
		return `<TxDtls><Refs><MsgId>M1</MsgId><PmtInfId>P-` + e2e + `</PmtInfId><EndToEndId>` + e2e + `</EndToEndId></Refs><RltdPties><Cdtr><Nm>N</Nm></Cdtr></RltdPties><RmtInf><Ustrd>R</Ustrd></RmtInf></TxDtls>`
	}
	document := head + `<Ntry><Amt Ccy="EUR">2</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls>` + tx("A") + tx("B") + `</NtryDtls></Ntry><Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><NtryDtls>` + tx("C") + `</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`
	statements, entries, err := readAll([]byte(document))
	if err != nil || len(statements) != 1 || len(entries[0]) != 2 {
		t.Fatalf("%v %v", err, entries)
	}
	if e := entries[0][0]; e.Transactions != 2 || e.Counterparty+e.Remittance+e.EndToEndID+e.PaymentInformationID != "" || e.MessageID != "M1" {
		t.Errorf("%+v", e)
	}
	if e := entries[0][1]; e.Transactions != 1 || e.Counterparty != "N" || e.Remittance != "R" || e.EndToEndID != "C" || e.PaymentInformationID != "P-C" {
		t.Errorf("%+v", e)
	}
	if s := statements[0]; s.CreationDateTime != "T" || s.Version != "camt.053.001.13" {
		t.Errorf("%+v", s)
	}
}

// Amounts are exact or absent, never rounded.
func TestInexactAmountIsAbsent(t *testing.T) {
	document := head + `<Ntry><Amt Ccy="EUR">18.15500</Amt></Ntry><Ntry><Amt Ccy="EUR">18.15000</Amt></Ntry><Ntry><Amt Ccy="XXX">1</Amt></Ntry></Stmt></BkToCstmrStmt></Document>`
	_, entries, err := readAll([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []money.Amount{{}, {Minor: 1815, Currency: "EUR"}, {}} {
		if e := entries[0][i]; e.Amount != want || e.AmountText == "" || e.Currency == "" {
			t.Errorf("entry %d: %+v", i, e)
		}
	}
}

// What the bank does not say is not known: neither a debit nor a credit, neither a
// positive nor a negative balance, and no counterparty.
func TestMissingDirectionIsNotKnown(t *testing.T) {
	const parties = `<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>D</Nm></Dbtr><Cdtr><Nm>C</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>`
	eur := func(minor int64) money.Amount { return money.Amount{Minor: minor, Currency: "EUR"} }
	for _, row := range []struct {
		name, indicator, amount string
		unknown, credit         bool
		balance                 money.Amount
		counterparty            string
	}{
		{"credit", "<CdtDbtInd>CRDT</CdtDbtInd>", "5.00", false, true, eur(500), "D"},
		{"debit", "<CdtDbtInd>DBIT</CdtDbtInd>", "5.00", false, false, eur(-500), "C"},
		{"missing", "", "5.00", true, false, money.Amount{}, ""},
		{"empty", "<CdtDbtInd/>", "5.00", true, false, money.Amount{}, ""},
		{"another word", "<CdtDbtInd>credit</CdtDbtInd>", "5.00", true, false, money.Amount{}, ""},
		{"missing of nothing", "", "0.00", true, false, eur(0), ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			amount := `<Amt Ccy="EUR">` + row.amount + `</Amt>` + row.indicator
			statements, entries, err := readAll([]byte(head + `<Bal>` + amount + `</Bal><Ntry>` + amount + parties + `</Ntry></Stmt></BkToCstmrStmt></Document>`))
			if err != nil {
				t.Fatal(err)
			}
			if b := statements[0].Balances[0]; b.DirectionUnknown != row.unknown || b.Amount != row.balance || b.AmountText != row.amount {
				t.Errorf("balance %+v", b)
			}
			if e := entries[0][0]; e.DirectionUnknown != row.unknown || e.Credit != row.credit || e.Counterparty != row.counterparty || e.Amount.Currency != "EUR" {
				t.Errorf("entry %+v", e)
			}
		})
	}
}

func TestWhatIsNoStatementIsAnError(t *testing.T) {
	for _, document := range []string{"<html/>", "<Document/>", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn/></Document>`} {
		var unreadable *UnreadableError
		if _, _, err := readAll([]byte(document)); !errors.As(err, &unreadable) {
			t.Errorf("%s: %v", document, err)
		}
	}
	for _, document := range []string{"", head, "PK\x03\x04"} {
		var syntax *xmlscan.SyntaxError
		if _, _, err := readAll([]byte(document)); !errors.As(err, &syntax) {
			t.Errorf("%.20q: %v", document, err)
		}
	}
	full := errors.New("disk full")
	_, entries := sample()
	var b bytes.Buffer
	s, _ := sample()
	if err := WriteStatement(&b, s, entries); err != nil {
		t.Fatal(err)
	}
	if err := read(b.Bytes(), Visitor{Statement: func(*Statement) error { return full }}); !errors.Is(err, full) {
		t.Errorf("statement: %v", err)
	}
	if err := read(b.Bytes(), Visitor{Entry: func(*Entry) error { return full }}); !errors.Is(err, full) {
		t.Errorf("entry: %v", err)
	}
}

var seeds = func() []string {
	var b bytes.Buffer
	s, entries := sample()
	if err := WriteStatement(&b, s, entries); err != nil {
		return nil
	}
	return []string{b.String(), b.String()[:b.Len()/2], head, "", strings.ReplaceAll(b.String(), "Stmt>", "Rpt>"), `<Document><BkToCstmrStmt><Stmt><Ntry><NtryDtls><TxDtls/><TxDtls/></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`, `<Document><BkToCstmrX><Ntfctn><Bal><Amt/></Bal><Stmt/></Ntfctn></BkToCstmrX></Document>`}
}()

func FuzzRead(f *testing.F) {
	if len(seeds) < 5 {
		f.Fatal("seeds are missing")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		statements, entries, err := readAll(document)
		if err != nil {
			return
		}
		for i, s := range statements {
			if s.EntryCount != len(entries[i]) || s.At >= s.End || s.End > int64(len(document)) {
				t.Fatalf("%+v", s)
			}
			for _, e := range entries[i] {
				if e.At < s.At || e.At+e.Length > s.End || e.Transactions < 1 || e.Amount.Minor < 0 {
					t.Fatalf("%+v", e)
				}
			}
		}
	})
}
