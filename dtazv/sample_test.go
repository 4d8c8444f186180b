package dtazv

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/account"
	"kontor/calendar"
	"kontor/money"
)

// Records of the sample file, by their index.
const (
	recQ        = iota
	recUSD      // T of USD with a charges account, non-IBAN account
	recEUR      // T of EUR to France
	recEU       // T of type 13
	recExpress  // T of type 11
	recCheque   // T of type 20
	recTransit  // T with a V
	recV        // sold to non-residents
	recServices // T with two W
	recW2       // services
	recW4       // capital
	recCounter  // T of a counter-value (91)
	recNoBIC    // T with the bank in T9
	recZ
	recCount
)

func iban(country, bban string) string { return country + account.CheckDigits(country, bban) + bban }

func sampleFile() File {
	french := iban("FR", "30004000031234567890143")
	base := Payment{
		BankCode: "20050000", AccountCurrency: "EUR", Account: "0123456789", CreditorAgent: "BANKFRPP", CreditorCountry: "FR",
		Creditor: [4]string{"MARTIN ET FILS", "", "12 RUE DU PORT", "76600 LE HAVRE"}, CreditorAccount: french, Currency: "EUR",
		Amount: money.Amount{Minor: 22025, Currency: "EUR"}, Remittance: [4]string{"RECHNUNG 4711"}, Charges: "00", Type: "00", ReportKey: "0",
	}
	usd := base
	usd.CreditorAgent, usd.CreditorCountry, usd.CreditorAccount = "BANKUS33", "US", "123456789"
	usd.Creditor = [4]string{"ACME INC.", "PURCHASING", "1 MAIN STREET", "SPRINGFIELD"}
	usd.Currency, usd.Amount, usd.Charges = "USD", money.Amount{Minor: 1000050, Currency: "USD"}, "01"
	usd.ChargesBankCode, usd.ChargesCurrency, usd.ChargesAccount = "20050000", "EUR", "0123456790"
	usd.Instructions, usd.InstructionInfo = [4]string{"06", "09"}, "PLEASE CALL"
	usd.StatementText, usd.Contact, usd.ExecutionDate = "ACME MAERZ", "MEIER 040 123 INVF0212345678", day(2026, 3, 5)
	eu, express, cheque, transit, services, counter, noBIC := base, base, base, base, base, base, base
	eu.Type = "13"
	express.Type = "11"
	cheque.Type, cheque.CreditorAgent, cheque.CreditorAccount, cheque.OrderRemark = "20", "", "", [2]string{"ORDER 17"}
	transit.Amount.Minor, services.Amount.Minor = 60_000_00, 70_000_00
	transit.Reports = []Report{{Transit: &Transit{Goods: "KAFFEE", Chapter: "09", Country: "BRASIL", CountryCode: "BR", Price: "60000", SoldToNonResidents: true,
		SoldGoods: "KAFFEE", SoldChapter: "09", Due: "2604", BuyerCountry: "FRANKR", BuyerCountryCode: "FR", SalePrice: "65000"}}}
	services.Reports = []Report{
		{Service: &Service{Kind: "2", Code: "523", Country: "FRANKR", CountryCode: "FR", Amount: "50000", Details: "BERATUNG"}},
		{Service: &Service{Kind: "4", Code: "161", Country: "FRANKR", CountryCode: "FR", InvestmentCountry: "FRANKR", InvestmentCountryCode: "FR", Amount: "20000", Details: "BETEILIGUNG"}},
	}
	counter.Currency, counter.Instructions, counter.CreditorAgent = "USD", [4]string{3: "91"}, "BANKUS33XXX"
	noBIC.CreditorAgent, noBIC.CreditorAgentCountry, noBIC.CreditorAgentAddress = "", "MA", [4]string{"BANQUE DU SUD", "", "", "AGADIR"}
	noBIC.CreditorCountry, noBIC.CreditorAccount = "MA", "011519000001205000534921"
	return File{Files: []LogicalFile{{
		Header: Header{BankCode: "20050000", Account: "0123456789", Originator: [4]string{"MUSTER GMBH", "", "HAFENSTR. 1", "20457 HAMBURG"},
			Created: day(2026, 3, 2), Sequence: 1, ExecutionDate: day(2026, 3, 4), Report: true, FederalState: "02", Company: "12345678"},
		Payments: []Payment{usd, base, eu, express, cheque, transit, services, counter, noBIC},
	}}}
}

func day(year, month, d int) calendar.Date {
	return calendar.Date{Year: 2000 + year%100, Month: monthOf(month), Day: d}
}

// sample is a file as records that a test may change.
type sample struct {
	t       testing.TB
	records [][]byte
	after   string // each record
}

func newSample(t testing.TB) *sample {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, sampleFile()); err != nil {
		t.Fatal(err)
	}
	s := &sample{t: t}
	for text := b.Bytes(); len(text) > 0; {
		n := lengthOf(text[4])
		s.records, text = append(s.records, text[:n:n]), text[n:]
	}
	if len(s.records) != recCount {
		t.Fatalf("the sample has %d records", len(s.records))
	}
	return s
}

// set overwrites the field's first bytes.
func (s *sample) set(record int, number, text string) {
	s.t.Helper()
	for _, f := range fieldsOf(s.records[record][4]) {
		if f.number != number {
			continue
		}
		if len(text) > f.length {
			s.t.Fatalf("%q does not fit into %s", text, number)
		}
		copy(f.of(s.records[record]), text)
		return
	}
	s.t.Fatalf("no field %s", number)
}

// clear fills a field with blanks or zeros.
func (s *sample) clear(record int, numbers ...string) {
	s.t.Helper()
	for _, number := range numbers {
		for _, f := range fieldsOf(s.records[record][4]) {
			if f.number == number && f.kind == numeric {
				s.set(record, number, strings.Repeat("0", f.length))
			} else if f.number == number {
				s.set(record, number, strings.Repeat(" ", f.length))
			}
		}
	}
}

func (s *sample) remove(record int) { s.records = slices.Delete(s.records, record, record+1) }

func (s *sample) insert(at int, record []byte) {
	s.records = slices.Insert(s.records, at, slices.Clone(record))
}

func (s *sample) bytes() []byte {
	return append(bytes.Join(s.records, []byte(s.after)), s.after...)
}

// sharedFile returns a file of the shared test data, which is not part of the project.
func sharedFile(t testing.TB, path string) []byte {
	t.Helper()
	folder := os.Getenv("KONTOR_SHARED")
	for root := "."; folder == ""; root = filepath.Join(root, "..") {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			folder = filepath.Join(root, "..", "shared")
		}
	}
	text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
	if err == nil {
		return text
	}
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip("shared test data is missing: set KONTOR_SHARED to the folder that holds data/")
	return nil
}
