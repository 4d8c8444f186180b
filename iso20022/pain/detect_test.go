package pain

import (
	"strings"
	"testing"

	"kontor/finding"
)

// domestic is base as payments of a country in its own currency, without a service level.
func domestic(t testing.TB, country, bban, bic, currency, digits string) string {
	t.Helper()
	s := edit(t, base, "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>", "", "<Ccy>EUR</Ccy>", "",
		"<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SHAR</ChrgBr>", "DE87200500001234567890", iban(country, bban), "DE21500500001234567897", iban(country, bban), "BANKDEFFXXX", bic)
	if digits == "0" {
		s = edit(t, s, "111.11", "111", "100.00<", "100<", ">1.11<", ">1<")
	}
	return strings.ReplaceAll(s, `Ccy="EUR"`, `Ccy="`+currency+`"`)
}

// bankgiro is base paid from a Swedish account that has no IBAN.
func bankgiro(t testing.TB, scheme, agent string) string {
	t.Helper()
	s := domestic(t, "SE", "50000000058398257466", "BANKSESS", "SEK", "2")
	number := iban("SE", "50000000058398257466")
	s = strings.ReplaceAll(s, "<IBAN>"+number+"</IBAN>", "<Othr><Id>50501055</Id>"+scheme+"</Othr>")
	return strings.ReplaceAll(strings.ReplaceAll(s, "<FinInstnId><BICFI>BANKSESS</BICFI></FinInstnId>", agent), "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>", agent)
}

// What is not a payment of SEPA must not be refused for not being one.
func TestOtherPaymentsThanThoseOfSEPAHaveNoErrors(t *testing.T) {
	const sesba, bgnr = "<FinInstnId><ClrSysMmbId><ClrSysId><Cd>SESBA</Cd></ClrSysId><MmbId>9900</MmbId></ClrSysMmbId></FinInstnId>", "<SchmeNm><Prtry>BGNR</Prtry></SchmeNm>"
	german := domestic(t, "DE", "200500001234567890", "BANKDEFFXXX", "USD", "2")
	axz := ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09 pain.001.001.09_AXZ_GBIC_5.xsd">`
	for _, row := range []struct {
		name, document string
		profile        ProfileID
	}{
		{"Denmark", domestic(t, "DK", "00400440116243", "BANKDKKK", "DKK", "2"), ProfileEPC},
		{"Czechia", domestic(t, "CZ", "08000000192000145399", "BANKCZPP", "CZK", "2"), ProfileEPC},
		{"Hungary", domestic(t, "HU", "117730161111101800000000", "BANKHUHB", "HUF", "2"), ProfileEPC},
		{"Romania", domestic(t, "RO", "AAAA1B31007593840000", "BANKROBU", "RON", "2"), ProfileEPC},
		{"Iceland", domestic(t, "IS", "0159260076545510730339", "BANKISRE", "ISK", "0"), ProfileEPC},
		{"Poland", domestic(t, "PL", "109010140000071219812874", "BANKPLPW", "PLN", "2"), ProfileEPC},
		{"dollars from the Netherlands", domestic(t, "NL", "BANK0123456789", "BANKNL2A", "USD", "2"), ProfileEPC},
		{"dollars from Germany", german, ProfileDKAXZ},
		{"shared charges from Germany", domestic(t, "DE", "200500001234567890", "BANKDEFFXXX", "EUR", "2"), ProfileDKAXZ},
		{"AXZ by its schema", edit(t, german, `pain.001.001.09">`, `pain.001.001.09"`+axz), ProfileDKAXZ},
		{"dollars from Germany, version 03", strings.NewReplacer("pain.001.001.09", "pain.001.001.03", "BICFI>", "BIC>", "<Dt>", "", "</Dt>", "", "<TwnNm>Bonn</TwnNm>", "").Replace(german), ProfileISO},
		{"francs, version 03", strings.NewReplacer("pain.001.001.09", "pain.001.001.03", "BICFI>", "BIC>", "<Dt>", "", "</Dt>", "").Replace(domestic(t, "CH", "00700000000012345", "BANKCHZZXXX", "CHF", "2")), ProfileISO},
		{"bankgiro", bankgiro(t, bgnr, sesba), ProfileSE},
		{"bankgiro, bank without identification", bankgiro(t, bgnr, "<FinInstnId><Nm>Banken</Nm></FinInstnId>"), ProfileSE},
		{"clearing number", bankgiro(t, "", sesba), ProfileSE},
		{"neither IBAN nor BIC", bankgiro(t, "", "<FinInstnId><Nm>Bank</Nm></FinInstnId>"), ProfileISO},
	} {
		t.Run(row.name, func(t *testing.T) {
			for _, workers := range []int{1, 2} {
				m, findings, err := Read(strings.NewReader(row.document), Options{Today: day(2026, 11, 3), Workers: workers}, Visitor{})
				if err != nil || m.Profile != row.profile || m.Count != 3 || finding.HasError(findings) {
					t.Errorf("judged by %q: %d transactions, %v, %v", m.Profile, m.Count, findings, err)
				}
			}
		})
	}
}

// What says that it is a SEPA payment is judged as one, wherever it comes from.
func TestPaymentsOfSEPAAreJudgedAsSuch(t *testing.T) {
	mark := func(s string) string {
		return strings.ReplaceAll(s, "<ReqdExctnDt>", "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf><ReqdExctnDt>")
	}
	for _, row := range []struct{ name, document string }{
		{"from Denmark", mark(domestic(t, "DK", "00400440116243", "BANKDKKK", "EUR", "2"))},
		{"from Germany", mark(domestic(t, "DE", "200500001234567890", "BANKDEFFXXX", "EUR", "2"))},
		{"from an account without an IBAN", mark(bankgiro(t, "", "<FinInstnId><Nm>Bank</Nm></FinInstnId>"))},
		{"from the Netherlands, unmarked", domestic(t, "NL", "BANK0123456789", "BANKNL2A", "EUR", "2")},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, _, findings := readAs(t, row.document, Options{})
			if !strings.Contains(codesOf(findings), "PAIN-G6") {
				t.Errorf("charges that are shared were not found: %v", findings)
			}
		})
	}
}

// A character that nobody sees is named; one that can be read is shown.
func TestCharactersAreShownOrNamed(t *testing.T) {
	for text, want := range map[string]string{"Max\u00A0Probe": "U+00A0", "Max\u200BProbe": "U+200B", "Max\nProbe": "U+000A", "Maxé Probe": "é"} {
		_, _, _, findings := read(t, edit(t, base, "Max Probe", text))
		if len(findings) != 1 || findings[0].Code != CodeCharacters || findings[0].Args[0] != want {
			t.Errorf("%q: %v, want %s", text, findings, want)
		}
	}
}

// A cheque is known in Switzerland, and no reason to refuse a file.
func TestASwissChequeIsAWarning(t *testing.T) {
	_, _, _, findings := readAs(t, edit(t, swiss, "<PmtMtd>TRF", "<PmtMtd>CHK"), Options{})
	if codesOf(findings) != "PAIN-G1 " || finding.HasError(findings) {
		t.Errorf("%v", findings)
	}
}

func codesOf(findings []finding.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(string(f.Code) + " ")
	}
	return b.String()
}
