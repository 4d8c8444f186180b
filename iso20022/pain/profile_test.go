package pain

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kontor/finding"
	"kontor/iso20022/internal/sharedtest"
	"kontor/xsd"
)

// own makes base a document of another country's account.
func own(t testing.TB, country, bban, bic string) string {
	t.Helper()
	return edit(t, complete(base), "DE87200500001234567890", iban(country, bban), "BANKDEFFXXX", bic)
}

// swissDebit is debitBase02 as a SEPA direct debit of a Swiss bank.
func swissDebit(t testing.TB) string {
	t.Helper()
	return edit(t, debitBase02, "urn:iso:std:iso:20022:tech:xsd:pain.008.001.02", "http://www.six-interbank-clearing.com/de/pain.008.001.02.chsdd.02.xsd",
		"Söhne</Nm></InitgPty>", "Soehne</Nm><Id><OrgId><Othr><Id>12345</Id></Othr></OrgId></Id></InitgPty>", "Muster &amp; Soehne", "Muster Soehne", "Muster &amp; Söhne", "Muster Soehne",
		"<PmtId><EndToEndId>E-2", "<PmtId><InstrId>I-2</InstrId><EndToEndId>E-2", "<PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId>\n        <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF</SeqTp></PmtTpInf>", "<PmtId><InstrId>I-3</InstrId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId>",
		"<ReqdColltnDt>1999-01-01", "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF</SeqTp></PmtTpInf><ReqdColltnDt>1999-01-01",
		"DE87200500001234567890", swissAccount, "BANKDEFFXXX", "BANKCHZZXXX")
}

// One accepted file for each country that has a profile, by the profile that is found.
func TestAFileOfEachCountryIsAccepted(t *testing.T) {
	for _, row := range []struct {
		name, document string
		profile        ProfileID
		schema         string
	}{
		{"Germany", german, ProfileDK, "pain.001.001.09_GBIC_5"},
		{"Germany, version 03", german03, ProfileDK, "pain.001.001.03_GBIC_3"},
		{"Germany, direct debit", germanDebit, ProfileDK, "pain.008.001.08_GBIC_5"},
		{"Germany, direct debit of version 02", germanDebit02, ProfileDK, "pain.008.001.02_GBIC_3"},
		{"Germany, direct debit by GBIC_4", edit(t, germanDebit, "pain.008.001.08\">", "pain.008.001.08\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08 pain.008.001.08_GBIC_4.xsd\">"), ProfileDK4, "pain.008.001.08_GBIC_4"},
		{"Austria", own(t, "AT", "1100000012345678", "BANKATWW"), ProfilePSA, "pain.001.001.09.at.005"},
		{"Austria, version 03", edit(t, without(german03, "<PstlAdr>.*?</PstlAdr>"), "DE87200500001234567890", iban("AT", "1100000012345678"), "BANKDEFFXXX", "BANKATWW"), ProfilePSA, "pain.001.001.03.at.004"},
		{"Austria, direct debit", edit(t, germanDebit, "DE87200500001234567890", iban("AT", "1100000012345678"), "BANKDEFFXXX", "BANKATWW"), ProfilePSA, "pain.008.001.08.at.004"},
		{"Switzerland", swiss, ProfileSPS, "pain.001.001.09.ch.03"},
		{"Switzerland, SEPA direct debit", swissDebit(t), ProfileSPS, "pain.008.001.02.chsdd.02"},
		{"Liechtenstein", strings.NewReplacer(swissAccount, iban("LI", "08800000000012345"), "BANKCHZZXXX", "BANKLI22XXX").Replace(swiss), ProfileSPS, "pain.001.001.09.ch.03"},
		{"Netherlands", own(t, "NL", "BANK0123456789", "BANKNL2A"), ProfileEPC, "pain.001.001.09"},
		{"France", own(t, "FR", "20041010050500013M02606", "BANKFRPP"), ProfileEPC, "pain.001.001.09"},
		{"Sweden", own(t, "SE", "50000000058398257466", "BANKSESS"), ProfileSE, "pain.001.001.09"},
		{"version 10", edit(t, base, "pain.001.001.09", "pain.001.001.10", "DE87200500001234567890", iban("NL", "BANK0123456789"), "BANKDEFFXXX", "BANKNL2A"), ProfileEPC, "pain.001.001.10_1"},
		{"version 13", edit(t, base, "pain.001.001.09", "pain.001.001.13", "DE87200500001234567890", iban("NL", "BANK0123456789"), "BANKDEFFXXX", "BANKNL2A"), ProfileEPC, "pain.001.001.13"},
		{"direct debit of version 09", strings.ReplaceAll(debitBase, "pain.008.001.08", "pain.008.001.09"), ProfileEPC, "pain.008.001.09"},
		{"direct debit of version 12", strings.ReplaceAll(debitBase, "pain.008.001.08", "pain.008.001.12"), ProfileEPC, "pain.008.001.12"},
		{"Emirates", own(t, "AE", "0330000010195111161", "BANKAEAD"), ProfileISO, "pain.001.001.09"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, _, _, findings := readAs(t, row.document, Options{})
			if m.Profile != row.profile || m.Schema != row.schema || len(findings) != 0 || m.Count < 3 {
				t.Errorf("%s by %s: %d transactions, %v", m.Profile, m.Schema, m.Count, findings)
			}
		})
	}
}

// What names no account is judged by its bank's country, and at last by the EPC.
func TestProfileIsFoundByTheBankWhereThereIsNoIBAN(t *testing.T) {
	other := "<Othr><Id>5051-1234</Id></Othr>"
	swedish := edit(t, base, "<IBAN>DE87200500001234567890</IBAN>", other, "BANKDEFFXXX", "BANKSESS")
	if m, _, _, _ := readAs(t, swedish, Options{}); m.Profile != ProfileSE {
		t.Errorf("found %s", m.Profile)
	}
	if m, _, _, _ := readAs(t, without(base, `(?s)<PmtInf>.*</PmtInf>`), Options{}); m.Profile != ProfileEPC {
		t.Errorf("without account found %s", m.Profile)
	}
}

func TestProfileCanBeChosen(t *testing.T) {
	for _, p := range Profiles() {
		if found, ok := LookupProfile(p.ID); !ok || found.Name != p.Name || p.Name == "" || len(p.Schemas()) == 0 {
			t.Errorf("profile %q: %+v", p.ID, found)
		}
		for message, schema := range p.Schemas() {
			s, ok := xsd.Core(schema)
			if !ok || !strings.HasSuffix(strings.TrimSuffix(s.Namespace(), ".xsd"), message) {
				t.Errorf("%s: %s has no schema %s in the binary", p.ID, message, schema)
			}
		}
		for code := range p.Policy {
			if _, ok := LookupRule(code); !ok {
				t.Errorf("%s: the policy names %s, which is no rule", p.ID, code)
			}
		}
		if p.Schemas()["pain.001.001.09"] == "" {
			continue
		}
		if m, _, err := Read(strings.NewReader(base), Options{Profile: p.ID}, Visitor{}); err != nil || m.Profile != p.ID {
			t.Errorf("%s: %v %v", p.ID, m.Profile, err)
		}
	}
	if _, _, err := Read(strings.NewReader(base), Options{Profile: "fr"}, Visitor{}); err == nil || !strings.Contains(err.Error(), `"fr"`) {
		t.Errorf("unknown profile: %v", err)
	}
	// A schema of the operator's own overrules the profile's, and must be of the namespace.
	gbic, _ := xsd.Core("pain.001.001.09_GBIC_5")
	m, findings, err := Read(strings.NewReader(base), Options{Profile: ProfileEPC, Schema: gbic}, Visitor{})
	if err != nil || m.Schema != gbic.Name() || len(findings) != 1 || findings[0].Code != CodeStructure {
		t.Errorf("%v %v %v", m.Schema, findings, err)
	}
	var unreadable *UnreadableError
	if _, _, err = Read(strings.NewReader(base03), Options{Schema: gbic}, Visitor{}); !errors.As(err, &unreadable) {
		t.Errorf("schema of another namespace: %v", err)
	}
}

// A tenant's policy wins over the profile's, and an account's over the tenant's.
func TestLaterPoliciesWin(t *testing.T) {
	document := edit(t, base, "E-2", "E-1", "<ChrgBr>SLEV", "<ChrgBr>SHAR")
	for _, row := range []struct {
		name     string
		policies []finding.Policy
		want     []string
	}{
		{"none", nil, []string{"PAIN-G6 error", "PAIN-B10 warning"}},
		{"tenant", []finding.Policy{{CodeEndToEndIDTwice: finding.Error, CodeTransferCharges: finding.Off}}, []string{"PAIN-B10 error"}},
		{"account", []finding.Policy{{CodeEndToEndIDTwice: finding.Error, CodeTransferCharges: finding.Off}, {CodeTransferCharges: finding.Warning}}, []string{"PAIN-G6 warning", "PAIN-B10 error"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, _, findings := readAs(t, document, Options{Profile: ProfileEPC, Policies: row.policies})
			var got []string
			for _, f := range findings {
				got = append(got, string(f.Code)+" "+string(f.Severity))
			}
			if !slices.Equal(got, row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

// Each code belongs to one group at most; those of a group switched off are silent.
func TestGroupsCoverTheCatalogueOnce(t *testing.T) {
	where := map[finding.Code]string{}
	for name, codes := range Groups() {
		if len(codes) == 0 {
			t.Errorf("%s is empty", name)
		}
		for _, code := range codes {
			if _, ok := LookupRule(code); !ok || where[code] != "" {
				t.Errorf("%s of %s: known %v, also in %q", code, name, ok, where[code])
			}
			where[code] = name
		}
	}
	var free []finding.Code
	for _, r := range Rules() {
		if where[r.Code] == "" {
			free = append(free, r.Code)
		}
	}
	want := []finding.Code{CodeSyntax, CodeUnknownMessage, CodeMessageIDTwice, CodeMandateHistory, CodePaymentTwice, CodeMore}
	if slices.Sort(want); !slices.Equal(free, want) {
		t.Errorf("in no group: %v", free)
	}
}

// The foreign samples are valid by construction; see data/corpus/README.md. What our
// rules say of them is named here, with the reason.
func TestForeignSamplesAreAccepted(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "data/corpus"), "pain-*", "*.xml"))
	if err != nil || len(files) != 16 {
		t.Fatalf("%d samples, want 16: %v", len(files), err)
	}
	known := map[string]struct {
		profile ProfileID
		codes   string
	}{
		"pain.001.001.03.ch.02.xml": {"", "PAIN-A2"}, // the Swiss form before 2022: its schema is not at hand
		"pain.001.001.03.xml":       {ProfileEPC, ""},
		"pain.008.001.08.xml":       {ProfileDK, "PAIN-B7"}, // the initiating party has an identification: allowed, not recommended
		"pain.008.002.02.xml":       {ProfileDK, "PAIN-H4"}, // its creditor identifier is made up, with the check digits 00
		"pain.008.003.02.xml":       {ProfileDK, "PAIN-H4"}, // the same
	}
	for _, file := range files {
		document, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want := known[filepath.Base(file)]
		m, findings, err := Read(bytes.NewReader(document), Options{Profile: want.profile}, Visitor{})
		if f, ok := SyntaxFinding(err); ok {
			findings = []finding.Finding{f}
		}
		var codes []string
		for _, f := range findings {
			codes = append(codes, string(f.Code))
		}
		codes = slices.Compact(codes)
		if got := strings.Join(codes, " "); got != want.codes || m.Count == 0 && err == nil {
			t.Errorf("%s by %s: %d transactions, %v", file, m.Profile, m.Count, findings)
		}
		if want.codes == "PAIN-H4" {
			right := regexp.MustCompile(`\bDE00ZZZ00099999999\b|\bAA00ZZZOriginalCreditorID\b`).ReplaceAll(document, []byte("DE98ZZZ09999999999"))
			if _, findings, err = Read(bytes.NewReader(right), Options{}, Visitor{}); err != nil || len(findings) != 0 {
				t.Errorf("%s with a real identifier: %v %v", file, findings, err)
			}
		}
	}
}
