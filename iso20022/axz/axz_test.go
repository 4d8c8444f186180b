package axz

import (
	"bytes"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/dtazv"
	"kontor/finding"
	"kontor/iso20022/internal/sharedtest"
	"kontor/iso20022/pain"
	"kontor/money"
)

var created = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// known spares the samples the finding about computed IBANs.
func known(a GermanAccount) (account.IBAN, bool) {
	return account.IBAN("DE" + account.CheckDigits("DE", a.BankCode+a.Number) + a.BankCode + a.Number), true
}

func samplePayment() dtazv.Payment {
	return dtazv.Payment{
		BankCode: "20050000", AccountCurrency: "EUR", Account: "0123456789", CreditorAgent: "BANKUS33", CreditorCountry: "US",
		Creditor: [4]string{"ACME INC.", "PURCHASING", "1 MAIN STREET", "62704 SPRINGFIELD"}, CreditorAccount: "123456789", Currency: "USD",
		Amount: money.Amount{Minor: 22025, Currency: "USD"}, Remittance: [4]string{"INVOICE 4711"}, Charges: "00", Type: "00", ReportKey: "0",
	}
}

func sampleFile(payments ...dtazv.Payment) dtazv.File {
	return dtazv.File{Files: []dtazv.LogicalFile{{
		Header: dtazv.Header{BankCode: "20050000", Account: "0123456789", Originator: [4]string{"MUSTER GMBH", "", "HAFENSTR. 1", "20457 HAMBURG"},
			Created: calendar.Date{Year: 2026, Month: 3, Day: 2}, Sequence: 1, ExecutionDate: calendar.Date{Year: 2026, Month: 3, Day: 4}},
		Payments: payments,
	}}}
}

func write(t testing.TB, file dtazv.File) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := dtazv.Write(&b, file); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// convertBytes converts, and has the schema judge the result where it is at hand.
func convertBytes(t *testing.T, text []byte, options Options) (string, Result) {
	t.Helper()
	options.Created = created
	var b bytes.Buffer
	result, err := Convert(&b, bytes.NewReader(text), options)
	if err != nil {
		t.Fatal(err, result.Findings)
	}
	t.Run("schema", func(t *testing.T) { sharedtest.MustValidate(t, "pain.001.001.09.xsd", b.Bytes()) })
	acceptedByOurselves(t, b.Bytes())
	return regexp.MustCompile(`>\s+<`).ReplaceAllString(b.String(), "><"), result
}

// acceptedByOurselves has package pain judge what was written: what Kontor converts it
// must not refuse. Counter-values are the exception, by a rule of their own.
func acceptedByOurselves(t *testing.T, message []byte) {
	t.Helper()
	m, findings, err := pain.Read(bytes.NewReader(message), pain.Options{Today: calendar.Date{Year: 2026, Month: 3, Day: 3}}, pain.Visitor{})
	if err != nil || m.Profile != pain.ProfileDKAXZ || m.Count == 0 {
		t.Errorf("%d transactions, judged by %q: %v", m.Count, m.Profile, err)
	}
	for _, f := range findings {
		if f.Severity == finding.Error && (f.Code != pain.CodeAmount || f.Case != "equivalent") {
			t.Errorf("our own rules say %v", f)
		}
	}
}

func TestWholeMessage(t *testing.T) {
	got, result := convertBytes(t, write(t, sampleFile(samplePayment())), Options{IBAN: known})
	want := `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ` +
		`xsi:schemaLocation="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09 pain.001.001.09_AXZ_GBIC_5.xsd"><CstmrCdtTrfInitn>` +
		`<GrpHdr><MsgId>AZV-260302-01-0123456789</MsgId><CreDtTm>2026-03-02T09:30:00Z</CreDtTm><NbOfTxs>1</NbOfTxs><CtrlSum>220.25</CtrlSum><InitgPty><Nm>MUSTER GMBH</Nm></InitgPty></GrpHdr>` +
		`<PmtInf><PmtInfId>AZV-260302-01-0123456789-1</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>1</NbOfTxs><CtrlSum>220.25</CtrlSum><ReqdExctnDt><Dt>2026-03-04</Dt></ReqdExctnDt>` +
		`<Dbtr><Nm>MUSTER GMBH</Nm><PstlAdr><StrtNm>HAFENSTR. 1</StrtNm><PstCd>20457</PstCd><TwnNm>HAMBURG</TwnNm><Ctry>DE</Ctry></PstlAdr></Dbtr>` +
		`<DbtrAcct><Id><IBAN>DE` + account.CheckDigits("DE", "200500000123456789") + `200500000123456789</IBAN></Id><Ccy>EUR</Ccy></DbtrAcct><DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>` +
		`<CdtTrfTxInf><PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId><Amt><InstdAmt Ccy="USD">220.25</InstdAmt></Amt><ChrgBr>SHAR</ChrgBr><CdtrAgt><FinInstnId><BICFI>BANKUS33</BICFI></FinInstnId></CdtrAgt>` +
		`<Cdtr><Nm>ACME INC. PURCHASING</Nm><PstlAdr><StrtNm>1 MAIN STREET</StrtNm><PstCd>62704</PstCd><TwnNm>SPRINGFIELD</TwnNm><Ctry>US</Ctry></PstlAdr></Cdtr>` +
		`<CdtrAcct><Id><Othr><Id>123456789</Id></Othr></Id></CdtrAcct><RmtInf><Ustrd>INVOICE 4711</Ustrd></RmtInf></CdtTrfTxInf></PmtInf></CstmrCdtTrfInitn></Document>` + "\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if len(result.Findings) > 0 || result.Payments != 1 || result.Batches != 1 || result.Sum.String() != "220.25" {
		t.Errorf("result %+v", result)
	}
}

// cases has for each thing that DTAZV can say the elements that say it, and the findings
// that tell what had to give.
var cases = []struct {
	name   string
	change func(*dtazv.Payment)
	want   string   // part of the message
	notes  []string // code and case
}{
	{"charges to the originator", func(p *dtazv.Payment) { p.Charges = "01" }, "<ChrgBr>DEBT</ChrgBr>", nil},
	{"charges to the beneficiary", func(p *dtazv.Payment) { p.Charges = "02" }, "<ChrgBr>CRED</ChrgBr>", nil},
	{"urgent", func(p *dtazv.Payment) { p.Type = "10" }, "<PmtTpInf><SvcLvl><Cd>URGP</Cd></SvcLvl></PmtTpInf>", nil},
	{"same day", func(p *dtazv.Payment) { p.Type = "11"; toEuro(p) }, "<PmtTpInf><SvcLvl><Cd>SDVA</Cd></SvcLvl></PmtTpInf>", nil},
	{"EU standard transfer", func(p *dtazv.Payment) { p.Type = "13"; toEuro(p) }, "</PmtId><Amt>", []string{"AZV-K4 eu"}},
	{"bilateral", func(p *dtazv.Payment) { p.Type = "15" }, "</PmtId><Amt>", []string{"AZV-K4 type"}},
	{"type of the bank", func(p *dtazv.Payment) { p.Type = "40" }, "</PmtId><Amt>", []string{"AZV-F2 agreed", "AZV-K4 type"}},
	{"IBAN", toEuro, "<IBAN>FR" + account.CheckDigits("FR", frenchBBAN) + frenchBBAN + "</IBAN>", nil},
	{"German bank code", func(p *dtazv.Payment) { p.CreditorAgent = "///20050000" },
		"<FinInstnId><ClrSysMmbId><ClrSysId><Cd>DEBLZ</Cd></ClrSysId><MmbId>20050000</MmbId></ClrSysMmbId></FinInstnId>", nil},
	{"bank by name", func(p *dtazv.Payment) {
		p.CreditorAgent, p.CreditorAgentCountry, p.CreditorAgentAddress = "", "MA", [4]string{"BANQUE DU SUD", "", "", "AGADIR"}
	}, "<CdtrAgt><FinInstnId><Nm>BANQUE DU SUD</Nm><PstlAdr><TwnNm>AGADIR</TwnNm><Ctry>MA</Ctry></PstlAdr></FinInstnId></CdtrAgt>", nil},
	{"bank not known", func(p *dtazv.Payment) {
		p.CreditorAgent, p.CreditorAgentCountry, p.CreditorAgentAddress = "", "MA", [4]string{"UNBEKANNT"}
	}, "<CdtrAgt><FinInstnId><PstlAdr><Ctry>MA</Ctry></PstlAdr></FinInstnId></CdtrAgt>", []string{"AZV-K4 field", "AZV-K2 town"}},
	{"own date", func(p *dtazv.Payment) { p.ExecutionDate = calendar.Date{Year: 2026, Month: 3, Day: 5} }, "<ReqdExctnDt><Dt>2026-03-05</Dt></ReqdExctnDt>", nil},
	{"charges account", func(p *dtazv.Payment) {
		p.ChargesBankCode, p.ChargesCurrency, p.ChargesAccount = "20050000", "USD", "0123456790"
	},
		"<ChrgsAcct><Id><IBAN>DE" + account.CheckDigits("DE", "200500000123456790") + "200500000123456790</IBAN></Id><Ccy>USD</Ccy></ChrgsAcct><CdtTrfTxInf>", nil},
	{"keys for the creditor's bank", func(p *dtazv.Payment) {
		p.Instructions, p.InstructionInfo = [4]string{"04", "10"}, "PASSPORT 123"
	}, "<InstrForCdtrAgt><Cd>HOLD</Cd><InstrInf>PASSPORT 123</InstrInf></InstrForCdtrAgt><InstrForCdtrAgt><Cd>TELB</Cd></InstrForCdtrAgt>", nil},
	{"cheque only, phone", func(p *dtazv.Payment) { p.Instructions = [4]string{"02", "09"} },
		"<InstrForCdtrAgt><Cd>CHQB</Cd></InstrForCdtrAgt><InstrForCdtrAgt><Cd>PHOB</Cd></InstrForCdtrAgt>", nil},
	{"information alone", func(p *dtazv.Payment) { p.InstructionInfo = "CALL 123" }, "<InstrForCdtrAgt><InstrInf>CALL 123</InstrInf></InstrForCdtrAgt>", nil},
	{"keys for the debtor's bank", func(p *dtazv.Payment) { p.Instructions, p.InstructionInfo = [4]string{"06"}, "CALL 123" },
		"<InstrForDbtrAgt>PHON CALL 123</InstrForDbtrAgt>", []string{"AZV-K5 instruction", "AZV-K5 info"}},
	{"telex", func(p *dtazv.Payment) { p.Instructions = [4]string{"07"} }, "<InstrForDbtrAgt>TELE</InstrForDbtrAgt>", []string{"AZV-K5 instruction"}},
	{"trade", func(p *dtazv.Payment) { p.Instructions = [4]string{"11"} }, "<CtgyPurp><Cd>CORT</Cd></CtgyPurp>", nil},
	{"within a group", func(p *dtazv.Payment) { p.Type, p.Instructions = "10", [4]string{"12"} },
		"<PmtTpInf><SvcLvl><Cd>URGP</Cd></SvcLvl><CtgyPurp><Cd>INTC</Cd></CtgyPurp></PmtTpInf>", nil},
	{"trade within a group", func(p *dtazv.Payment) { p.Instructions = [4]string{"11", "12"} }, "<InstrForDbtrAgt>INTC</InstrForDbtrAgt>", []string{"AZV-K5 instruction"}},
	{"counter-value", func(p *dtazv.Payment) {
		p.Instructions[3], p.Equivalent, p.Amount.Currency = "91", true, "EUR"
	}, `<Amt><EqvtAmt><Amt Ccy="EUR">220.25</Amt><CcyOfTrf>USD</CcyOfTrf></EqvtAmt></Amt>`, nil},
	{"cheque", func(p *dtazv.Payment) { toCheque(p, "20") },
		"<ChqInstr><DlvryMtd><Cd>MLCD</Cd></DlvryMtd></ChqInstr><Cdtr>", []string{"AZV-K5 cheque"}},
	{"registered express cheque to the originator", func(p *dtazv.Payment) {
		toCheque(p, "33")
		p.OrderRemark = [2]string{"ORDER 17", "OF MARCH"}
	}, "<ChqInstr><DlvryMtd><Cd>RGDB</Cd></DlvryMtd><InstrPrty>HIGH</InstrPrty><MemoFld>ORDER 17</MemoFld><MemoFld>OF MARCH</MemoFld></ChqInstr>", []string{"AZV-K5 cheque"}},
	{"cheque in the batch", func(p *dtazv.Payment) { toCheque(p, "22") }, "<PmtMtd>CHK</PmtMtd>", []string{"AZV-K5 cheque"}},
	{"remittance over several lines", func(p *dtazv.Payment) {
		p.Remittance = [4]string{"BEITRAG 4711-08 UND AUSLAGEN MAI 05", "/26 AND", "MORE"}
	}, "<Ustrd>BEITRAG 4711-08 UND AUSLAGEN MAI 05/26 AND MORE</Ustrd>", nil},
	{"statement text", func(p *dtazv.Payment) { p.StatementText = "/MIETE//MAERZ" }, "<InstrId>MIETE/MAERZ</InstrId>", []string{"AZV-K5 reference"}},
	{"contact", func(p *dtazv.Payment) { p.Contact = "MEIER 040 123" }, "<CtctDtls><Nm>MEIER 040 123</Nm></CtctDtls></Dbtr>", nil},
	{"reported for another", func(p *dtazv.Payment) { p.Contact = "MEIER INVF0212345678" }, "<CtctDtls><Nm>MEIER</Nm></CtctDtls></Dbtr>", []string{"AZV-K4 field"}},
	{"report", func(p *dtazv.Payment) {
		p.Reports = []dtazv.Report{{Service: &dtazv.Service{Kind: "2", Code: "523", Country: "USA", CountryCode: "US", Amount: "200", Details: "BERATUNG"}}}
	}, "<Ustrd>", []string{"AZV-K4 report"}},
	{"report key", func(p *dtazv.Payment) { p.ReportKey = "1" }, "<Ustrd>", []string{"AZV-K4 field"}},
	{"replaced characters", func(p *dtazv.Payment) { p.Creditor[0], p.Creditor[1] = "MEIER & SOHN", "" }, "<Nm>MEIER + SOHN</Nm>", []string{"AZV-K3 replaced"}},
	{"hybrid address", func(p *dtazv.Payment) { p.Creditor[3] = "SPRINGFIELD, ILLINOIS" },
		"<StrtNm>1 MAIN STREET</StrtNm><TwnNm>SPRINGFIELD</TwnNm><Ctry>US</Ctry><AdrLine>ILLINOIS</AdrLine>", []string{"AZV-K2 hybrid"}},
	{"address without town", func(p *dtazv.Payment) { p.Creditor[3] = "" }, "<PstlAdr><Ctry>US</Ctry><AdrLine>1 MAIN STREET</AdrLine></PstlAdr>", []string{"AZV-K2 town"}},
	{"address without country", func(p *dtazv.Payment) { p.CreditorCountry = "" }, "<TwnNm>SPRINGFIELD</TwnNm></PstlAdr>", []string{"AZV-D9 missing", "AZV-K2 country"}},
}

const frenchBBAN = "30004000031234567890143"

func toEuro(p *dtazv.Payment) {
	p.CreditorAgent, p.CreditorAccount = "BANKFRPP", "FR"+account.CheckDigits("FR", frenchBBAN)+frenchBBAN
	p.Currency, p.Amount.Currency = "EUR", "EUR"
}

func toCheque(p *dtazv.Payment, kind string) {
	p.Type, p.CreditorAgent, p.CreditorAccount = kind, "", ""
}

func TestEverythingThatDTAZVSaysHasAPlaceOrAFinding(t *testing.T) {
	for _, row := range cases {
		t.Run(row.name, func(t *testing.T) {
			p := samplePayment()
			row.change(&p)
			got, result := convertBytes(t, write(t, sampleFile(p)), Options{IBAN: known})
			if !strings.Contains(got, row.want) {
				t.Errorf("got\n%s\nwithout\n%s", got, row.want)
			}
			var found []string
			for _, f := range result.Findings {
				found = append(found, string(f.Code)+" "+f.Case)
			}
			slices.Sort(found)
			want := slices.Sorted(slices.Values(row.notes))
			if !slices.Equal(found, want) {
				t.Errorf("findings %v, want %v", found, want)
			}
		})
	}
}

// Umlauts grow when they are written out.
func TestTextsThatGrowTooLongAreCutWithAFinding(t *testing.T) {
	text := write(t, sampleFile(samplePayment()))
	copy(text[256+475:], bytes.Repeat([]byte{0xC4}, 140)) // T15
	got, result := convertBytes(t, text, Options{IBAN: known})
	if !strings.Contains(got, "<Ustrd>"+strings.Repeat("AE", 70)+"</Ustrd>") {
		t.Errorf("got %s", got)
	}
	for _, id := range []string{"replaced", "cut"} {
		i := slices.IndexFunc(result.Findings, func(f finding.Finding) bool { return f.Code == CodeReplaced && f.Case == id })
		if i < 0 || result.Findings[i].At.Path != "Q[1]/T[1]/T15" || result.Findings[i].At.Column != 476 || result.Findings[i].At.Offset != 256+475 {
			t.Errorf("%s: %v", id, result.Findings)
		}
	}
}

func TestComputedIBANIsReportedOnceForEachAccount(t *testing.T) {
	other := samplePayment()
	other.Account = "0123456790"
	got, result := convertBytes(t, write(t, sampleFile(samplePayment(), samplePayment(), other, samplePayment())), Options{DebtorAgent: "BANKDEHHXXX"})
	if len(result.Findings) != 2 || result.Findings[0].Code != CodeComputedIBAN || result.Findings[1].At.Path != "Q[1]/T[3]/T4b" {
		t.Errorf("findings %v", result.Findings)
	}
	if result.Batches != 3 || result.Payments != 4 || strings.Count(got, "<BICFI>BANKDEHHXXX</BICFI>") != 3 || !strings.Contains(got, "<NbOfTxs>2</NbOfTxs><CtrlSum>440.50</CtrlSum>") {
		t.Errorf("result %+v of\n%s", result, got)
	}
}

func TestHeaderWithoutHomeIsReported(t *testing.T) {
	file := sampleFile(samplePayment())
	h := &file.Files[0].Header
	h.Report, h.FederalState, h.Company, h.Originator[3] = true, "02", "12345678", "HAMBURG"
	_, result := convertBytes(t, write(t, file), Options{IBAN: known})
	var paths []string
	for _, f := range result.Findings {
		paths = append(paths, string(f.Code)+" "+f.At.Path)
	}
	if want := []string{"AZV-K2 Q[1]/Q5", "AZV-K4 Q[1]/Q9", "AZV-K4 Q[1]/Q10", "AZV-K4 Q[1]/Q11"}; !slices.Equal(paths, want) {
		t.Errorf("findings %v, want %v", paths, want)
	}
}

func TestNothingIsWrittenForAFaultyFile(t *testing.T) {
	p := samplePayment()
	p.Charges = "07"
	var b bytes.Buffer
	result, err := Convert(&b, bytes.NewReader(write(t, sampleFile(p))), Options{Created: created})
	if !errors.Is(err, ErrFaulty) || b.Len() > 0 || !finding.HasError(result.Findings) {
		t.Errorf("%v, %d bytes, %v", err, b.Len(), result.Findings)
	}
	var unreadable *dtazv.UnreadableError
	if _, err := Convert(&b, strings.NewReader("<xml/>"), Options{Created: created}); !errors.As(err, &unreadable) || b.Len() > 0 {
		t.Errorf("got %v", err)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	text := write(t, sampleFile(samplePayment()))
	for name, options := range map[string]Options{
		"no time":            {},
		"long identifier":    {Created: created, MessageID: strings.Repeat("A", 36)},
		"umlaut":             {Created: created, MessageID: "MÜLLER"},
		"slashes":            {Created: created, MessageID: "A//B"},
		"BIC":                {Created: created, DebtorAgent: "HASP"},
		"IBAN":               {Created: created, IBAN: func(GermanAccount) (account.IBAN, bool) { return "DE00", true }},
		"rules for accounts": {Created: created, Read: dtazv.Options{Policies: []finding.Policy{{dtazv.CodeSum: finding.Off}}}, IBAN: func(GermanAccount) (account.IBAN, bool) { return "", true }},
	} {
		if _, err := Convert(io.Discard, bytes.NewReader(text), options); !errors.Is(err, ErrContent) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, result := convertBytes(t, text, Options{Read: dtazv.Options{Policies: []finding.Policy{{CodeComputedIBAN: finding.Off}}}, MessageID: "M-1"}); len(result.Findings) > 0 {
		t.Error(result.Findings)
	}
}

// Both readings count; together they must say once how many are left out.
func TestFindingsOfBothAreLimited(t *testing.T) {
	p := samplePayment()
	p.Type, p.StatementText, p.ReportKey = "40", "MIETE", "1" // AZV-F2, K4 twice, K5
	_, result := convertBytes(t, write(t, sampleFile(p, p, p)), Options{IBAN: known, Read: dtazv.Options{MaxFindings: 2}})
	last := result.Findings[len(result.Findings)-1]
	if len(result.Findings) != 5 || last.Code != dtazv.CodeMore || last.Args[0] != "8" || last.Severity != finding.Warning {
		t.Errorf("findings %v", result.Findings)
	}
}

func TestAddressesAreTakenApart(t *testing.T) {
	for _, row := range []struct{ name, country, place, code, town, id string }{
		{"Germany", "DE", "20457 HAMBURG", "20457", "HAMBURG", ""},
		{"with prefix", "DE", "D-20457 HAMBURG", "20457", "HAMBURG", ""},
		{"Sweden", "SE", "111 22 STOCKHOLM", "111 22", "STOCKHOLM", ""},
		{"Netherlands", "NL", "1234 AB AMSTERDAM", "1234 AB", "AMSTERDAM", ""},
		{"Netherlands without blank", "NL", "1234AB AMSTERDAM", "1234AB", "AMSTERDAM", ""},
		{"Portugal", "PT", "1000-001 LISBOA", "1000-001", "LISBOA", ""},
		{"no code", "GB", "LONDON EC1A 1BB", "", "LONDON EC1A 1BB", ""},
		{"country behind", "FR", "75001 PARIS FR", "75001", "PARIS", ""},
		{"country behind a comma", "FR", "75001 PARIS, FR", "75001", "PARIS", ""},
		{"code alone", "FR", "75001", "", "", "town"},
		{"nothing", "FR", "", "", "", "town"},
		{"more", "GB", "LONDON, ENGLAND", "", "LONDON", "hybrid"},
	} {
		a, id := newAddress(row.country, "", row.place)
		if a.postCode != row.code || a.town != row.town || id != row.id {
			t.Errorf("%s: %+v %q", row.name, a, id)
		}
	}
}

func TestEveryRuleIsDescribedAndTried(t *testing.T) {
	tried := map[string]bool{"AZV-K1 computed": true, "AZV-K3 cut": true} // by tests of their own
	for _, row := range cases {
		for _, note := range row.notes {
			tried[note] = true
		}
	}
	for _, r := range Rules() {
		if r.Meaning == "" || r.Source == "" || r.Example == "" || r.Severity == "" || r.Advice.EN == "" || r.Advice.DE == "" || r.Advice.SV == "" {
			t.Errorf("%s is not described", r.Code)
		}
		for _, c := range r.Cases {
			if !tried[string(r.Code)+" "+c.ID] {
				t.Errorf("%s %s is not tried", r.Code, c.ID)
			}
			for _, language := range []string{"en", "de", "sv"} {
				f := r.New(c.ID, "T1", "2", "3")
				if text := r.Sentence(f, language); text == "" || strings.Contains(text, "{") || c.Text.DE == "" || c.Text.SV == "" {
					t.Errorf("%s %s in %s: %q", r.Code, c.ID, language, text)
				}
			}
		}
	}
	if _, err := finding.NewCatalogue(slices.Concat(dtazv.Rules(), Rules())...); err != nil {
		t.Error(err)
	}
}

func TestForeignSamplesConvert(t *testing.T) {
	for _, name := range []string{"king_dtaus_1.dta", "king_dtaus_2.dta", "king_dtaus_3.dta"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(sharedtest.Path(t, "data/corpus/dtazv/"+name))
			if err != nil {
				t.Fatal(err)
			}
			got, result := convertBytes(t, text, Options{})
			if !strings.Contains(got, `<InstdAmt Ccy="EUR">220.25</InstdAmt>`) || strings.Count(got, "<CdtTrfTxInf>") != result.Payments {
				t.Errorf("%d payments in\n%s", result.Payments, got)
			}
		})
	}
}

func FuzzConvert(f *testing.F) {
	for _, row := range cases {
		p := samplePayment()
		row.change(&p)
		f.Add(write(f, sampleFile(p)))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var b bytes.Buffer
		result, err := Convert(&b, bytes.NewReader(text), Options{Created: created})
		if err != nil {
			if b.Len() > 0 {
				t.Errorf("something was written before the error %v", err)
			}
			return
		}
		if strings.Count(b.String(), "<CdtTrfTxInf>") != result.Payments {
			t.Errorf("%d payments, and the message has others", result.Payments)
		}
	})
}

func TestFuzzCorpusIsNotEmpty(t *testing.T) {
	if len(cases) < 20 {
		t.Errorf("%d cases", len(cases))
	}
}

func BenchmarkConvert(b *testing.B) {
	file := sampleFile()
	for range 1000 {
		file.Files[0].Payments = append(file.Files[0].Payments, samplePayment())
	}
	text := write(b, file)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Convert(io.Discard, bytes.NewReader(text), Options{Created: created, IBAN: known}); err != nil {
			b.Fatal(err)
		}
	}
}
