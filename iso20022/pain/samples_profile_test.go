package pain

import (
	"regexp"
	"strings"

	"kontor/account"
	"kontor/finding"
)

// iban makes an account number with right check digits.
func iban(country, bban string) string {
	return country + account.CheckDigits(country, bban) + bban
}

// qrr makes a QR reference of 26 digits and the check digit that fits.
func qrr(digits string) string {
	for ch := '0'; ch <= '9'; ch++ {
		if account.CheckQRR(digits + string(ch)) {
			return digits + string(ch)
		}
	}
	panic("no check digit fits")
}

// complete gives the second batch the totals that German schemas ask for.
func complete(document string) string {
	return regexp.MustCompile(`(<PmtInfId>BATCH-2</PmtInfId>\s*<PmtMtd>(TRF|DD)</PmtMtd>)`).ReplaceAllString(document, "$1<NbOfTxs>1</NbOfTxs><CtrlSum>1.11</CtrlSum>")
}

var (
	german        = complete(base)
	german03      = complete(base03)
	germanDebit   = complete(debitBase)
	germanDebit02 = complete(debitBase02)

	swissAccount = iban("CH", "00700000000012345")
	otherAccount = iban("CH", "00762011623852957")
	qrAccount    = iban("CH", "30000000000012345")
	qrReference  = qrr("00000000000000000000004711")
	indian       = iban("AE", "0330000010195111161")
)

// swiss is a pain.001.001.09 in the Swiss form: a QR-bill, a plain domestic payment, a
// SEPA payment, and one in dollars.
var swiss = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr><MsgId>CH-1</MsgId><CreDtTm>2026-11-02T10:00:00+01:00</CreDtTm><NbOfTxs>4</NbOfTxs><CtrlSum>10.00</CtrlSum><InitgPty><Nm>Muster AG</Nm></InitgPty></GrpHdr>
    <PmtInf>
      <PmtInfId>B-1</PmtInfId><PmtMtd>TRF</PmtMtd>
      <ReqdExctnDt><Dt>2026-11-05</Dt></ReqdExctnDt>
      <Dbtr><Nm>Muster AG</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>` + swissAccount + `</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><BICFI>BANKCHZZXXX</BICFI></FinInstnId></DbtrAgt>
      <CdtTrfTxInf>
        <PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="CHF">1.00</InstdAmt></Amt>
        <Cdtr><Nm>Erika Beispiel</Nm><PstlAdr><TwnNm>Bern</TwnNm><Ctry>CH</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><IBAN>` + qrAccount + `</IBAN></Id></CdtrAcct>
        <RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Prtry>QRR</Prtry></CdOrPrtry></Tp><Ref>` + qrReference + `</Ref></CdtrRefInf></Strd></RmtInf>
      </CdtTrfTxInf>
      <CdtTrfTxInf>
        <PmtId><InstrId>I-2</InstrId><EndToEndId>E-2</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="CHF">2.00</InstdAmt></Amt>
        <Cdtr><Nm>Max Probe</Nm><PstlAdr><TwnNm>Basel</TwnNm><Ctry>CH</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><IBAN>` + otherAccount + `</IBAN></Id></CdtrAcct>
      </CdtTrfTxInf>
      <CdtTrfTxInf>
        <PmtId><InstrId>I-3</InstrId><EndToEndId>E-3</EndToEndId></PmtId>
        <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>
        <Amt><InstdAmt Ccy="EUR">3.00</InstdAmt></Amt>
        <ChrgBr>SLEV</ChrgBr>
        <Cdtr><Nm>Ana Muster</Nm><PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><IBAN>DE21500500009876543210</IBAN></Id></CdtrAcct>
      </CdtTrfTxInf>
      <CdtTrfTxInf>
        <PmtId><InstrId>I-4</InstrId><EndToEndId>E-4</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="USD">4.00</InstdAmt></Amt>
        <CdtrAgt><FinInstnId><BICFI>BANKAEADXXX</BICFI></FinInstnId></CdtrAgt>
        <Cdtr><Nm>Far Away Ltd</Nm><PstlAdr><TwnNm>Dubai</TwnNm><Ctry>AE</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><IBAN>` + indian + `</IBAN></Id></CdtrAcct>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
`

// without drops the first match of a pattern.
func without(document, pattern string) string {
	at := regexp.MustCompile(pattern).FindStringIndex(document)
	return document[:at[0]] + document[at[1]:]
}

// pay is the path of a transaction of base.
func pay(batch, transaction string) string {
	return initiation + "PmtInf[" + batch + "]/CdtTrfTxInf[" + transaction + "]"
}

// collect is the path of a transaction of debitBase.
func collect(batch, transaction string) string {
	return debitInitiation + "PmtInf[" + batch + "]/DrctDbtTxInf[" + transaction + "]"
}

const (
	maxCreditor = "<Cdtr><Nm>Max Probe</Nm>"
	maxDebtor   = "<Dbtr><Nm>Max Probe</Nm>"
	norway      = "NO9386011117947"
)

// earlier is a history in which everything was there before, or nothing.
type earlier string

func (e earlier) Message(party, id string) (string, error) { return string(e), nil }
func (e earlier) Payment(p *PaymentView) (string, error)   { return string(e), nil }
func (e earlier) Mandate(p *PaymentView) (string, error)   { return string(e), nil }
func (s sample) past(e earlier, codes ...finding.Code) sample {
	s.o.History = e
	for _, c := range codes {
		s = s.under(finding.Policy{c: finding.Warning})
	}
	return s
}

// fileSamples are of group A.
var fileSamples = []sample{
	row("a tag that is not closed", CodeSyntax, base, []string{"</Document>", ""}, "document"),
	row("well-formed", CodeSyntax, base, nil, ""),
	row("a version that the profile does not use", CodeUnknownMessage, base03, nil, "document").as(ProfileSPS),

	row("attribute", CodeStructure, base, []string{"<GrpHdr>", `<GrpHdr x="1">`}, initiation+"GrpHdr/@x"),
	row("enumeration", CodeStructure, base, []string{"<PmtTpInf><SvcLvl>", "<PmtTpInf><InstrPrty>FAST</InstrPrty><SvcLvl>"}, initiation+"PmtInf[1]/PmtTpInf/InstrPrty"),
	row("pattern", CodeStructure, base, []string{"<Ctry>DE</Ctry>", "<Ctry>D1</Ctry>"}, pay("1", "1")+"/Cdtr/PstlAdr/Ctry").with(CodeCountry).under(finding.Policy{CodeCountry: finding.Warning}),
	row("too long", CodeStructure, base, []string{"<TwnNm>Bonn</TwnNm>", "<TwnNm>" + strings.Repeat("x", 36) + "</TwnNm>"}, pay("1", "1")+"/Cdtr/PstlAdr/TwnNm"),
	row("empty", CodeStructure, base, []string{"<TwnNm>Bonn</TwnNm>", "<TwnNm></TwnNm>"}, pay("1", "1")+"/Cdtr/PstlAdr/TwnNm"),
	row("no date and time", CodeStructure, base, []string{"2026-11-02T10:00:00+01:00", "yesterday"}, initiation+"GrpHdr/CreDtTm"),
	row("digits", CodeStructure, base, []string{">100.00</InstdAmt></Amt>", ">100.00</InstdAmt></Amt><XchgRateInf><XchgRate>1.23456789012</XchgRate></XchgRateInf>"}, pay("1", "1")+"/XchgRateInf/XchgRate"),
	row("range", CodeStructure, german, []string{">100.00<", ">0.00<", "110.00", "10", "111.11", "11.11"}, pay("1", "1")+"/Amt/InstdAmt").as(ProfileDK).under(finding.Policy{CodeAmount: finding.Off}),
	row("totals of each batch in Germany", CodeStructure, base, nil, initiation+"PmtInf[2]/NbOfTxs").as(ProfileDK),
	row("both totals in Germany", CodeStructure, german, nil, "").as(ProfileDK),
	row("schema not judged", CodeStructure, base, nil, "").as(ProfileDK).under(finding.Policy{CodeStructure: finding.Off}),

	row("message identification of an earlier file", CodeMessageIDTwice, base, nil, initiation+"GrpHdr/MsgId").past("MSG-1 of 2026-10-01", CodeMessageIDTwice),
	row("message identification never used", CodeMessageIDTwice, base, nil, "").past("", CodeMessageIDTwice),
	row("history not asked", CodeMessageIDTwice, base, nil, "").past("MSG-1"),
	row("few transactions", CodeManyTransactions, base, nil, ""),
	row("byte order mark", CodeByteOrderMark, "\ufeff"+german, nil, "").as(ProfileISO),
	row("byte order mark in Germany", CodeByteOrderMark, "\ufeff"+german, nil, "?").as(ProfileDK),
	row("CDATA", CodeCDATA, base, []string{"Max Probe", "<![CDATA[Max Probe]]>"}, pay("1", "2")+"/Cdtr/Nm"),
	row("no CDATA", CodeCDATA, base, nil, ""),
	row("empty element", CodeEmptyElement, base, []string{"</CdtrAcct>\n        <RmtInf><Ustrd>", "</CdtrAcct>\n        <UltmtCdtr/><RmtInf><Ustrd>"}, pay("1", "1")+"/UltmtCdtr"),
	row("blank text", CodeEmptyElement, base, []string{"Rechnung 4711", "  "}, pay("1", "1")+"/RmtInf/Ustrd[1]"),
	row("nothing empty", CodeEmptyElement, base, nil, ""),
	row("format of 2009 on its last day", CodeFormatEnd, german03, nil, "?").as(ProfileDK).on(2026, 11, 15).with(CodeDatePast, CodeUnstructuredAddress, CodeDatePast),
	row("format of 2009 in summer", CodeFormatEnd, without(german03, "<PstlAdr>.*?</PstlAdr>"), nil, "?").as(ProfileDK).on(2026, 10, 1).with(CodeCreationTime),
	row("format of 2009 after its end", CodeFormatEnd, without(german03, "<PstlAdr>.*?</PstlAdr>"), []string{"2026-11-05", "2026-12-07", "2026-11-06", "2026-12-08"}, "?").as(ProfileDK).on(2026, 12, 1),
	row("format of 2009 long before", CodeFormatEnd, without(german03, "<PstlAdr>.*?</PstlAdr>"), nil, "").as(ProfileDK).on(2026, 3, 1).with(CodeCreationTime),
	row("format before its time", CodeFormatEnd, german, nil, "?").as(ProfileDK).on(2025, 9, 1).with(CodeCreationTime, CodeDateFar, CodeDateFar),
	row("format in force", CodeFormatEnd, german, nil, "").as(ProfileDK).on(2026, 11, 3),
}

// headerSamples are of groups B and C.
var headerSamples = []sample{
	row("made in the future", CodeCreationTime, base, nil, initiation+"GrpHdr/CreDtTm").on(2026, 10, 30),
	row("made tomorrow", CodeCreationTime, base, nil, "").on(2026, 11, 1),
	row("old", CodeCreationTime, base, []string{"2026-11-02T", "2026-08-01T"}, initiation+"GrpHdr/CreDtTm").on(2026, 11, 3),
	row("no name of the initiating party", CodeInitiatingParty, swiss, []string{"<InitgPty><Nm>Muster AG</Nm></InitgPty>", "<InitgPty><Id><OrgId><Othr><Id>1</Id></Othr></OrgId></Id></InitgPty>"}, initiation+"GrpHdr/InitgPty/Nm").as(ProfileSPS),
	row("identification of the initiating party", CodeInitiatingParty, german, []string{"</Nm></InitgPty>", "</Nm><Id><OrgId><Othr><Id>1</Id></Othr></OrgId></Id></InitgPty>"}, initiation+"GrpHdr/InitgPty/Id").as(ProfileDK),
	row("name only", CodeInitiatingParty, german, nil, "").as(ProfileDK),
	row("instruction identification twice", CodeInstructionIDTwice, base, []string{"<PmtId><EndToEndId>E-2", "<PmtId><InstrId>I-1</InstrId><EndToEndId>E-2"}, pay("1", "2")+"/PmtId/InstrId"),
	row("instruction identification of another batch", CodeInstructionIDTwice, base, []string{"<PmtId><EndToEndId>NOTPROVIDED", "<PmtId><InstrId>I-1</InstrId><EndToEndId>NOTPROVIDED"}, ""),
	row("end-to-end identification twice", CodeEndToEndIDTwice, base, []string{"E-2", "E-1"}, pay("1", "2")+"/PmtId/EndToEndId"),
	row("NOTPROVIDED twice", CodeEndToEndIDTwice, base, []string{"E-2", "NOTPROVIDED"}, ""),
	row("leading blank", CodeReferenceBlank, base, []string{">E-1<", "> E-1<"}, pay("1", "1")+"/PmtId/EndToEndId"),
	row("blank inside", CodeReferenceBlank, base, []string{">E-1<", ">E 1<"}, ""),
	row("mandate with a blank", CodeMandateBlank, germanDebit, []string{"M-2", "M 2"}, collect("1", "2")+"/DrctDbtTx/MndtRltdInf/MndtId").as(ProfileDK),
	row("mandate without", CodeMandateBlank, germanDebit, nil, "").as(ProfileDK),
}

// partySamples are of group D.
var partySamples = []sample{
	row("two texts", CodeRemittance, base, []string{"<Ustrd>Rechnung 4711</Ustrd>", "<Ustrd>a</Ustrd><Ustrd>b</Ustrd><Ustrd>c</Ustrd>"}, pay("1", "1")+"/RmtInf/Ustrd[2]"),
	row("two texts outside SEPA", CodeRemittance, base, []string{"<Ustrd>Rechnung 4711</Ustrd>", "<Ustrd>a</Ustrd><Ustrd>b</Ustrd>"}, "").as(ProfileISO),
	row("check digits of a reference", CodeStructuredReference, base, []string{"RF18539007547034", "RF18539007547035"}, pay("1", "2")+"/RmtInf/Strd[1]/CdtrRefInf/Ref"),
	row("type of a reference", CodeStructuredReference, base, []string{"<Cd>SCOR</Cd>", "<Prtry>QRR</Prtry>"}, pay("1", "2")+"/RmtInf/Strd[1]/CdtrRefInf/Tp/CdOrPrtry/Prtry"),
	row("text and reference", CodeStructuredReference, base, []string{"<RmtInf><Strd>", "<RmtInf><Ustrd>x</Ustrd><Strd>"}, pay("1", "2")+"/RmtInf/Strd[1]"),
	row("long reference", CodeStructuredReference, base, []string{"</CdOrPrtry></Tp><Ref>RF18539007547034", "</CdOrPrtry><Issr>" + strings.Repeat("x", 35) + "</Issr></Tp><Ref>" + strings.Repeat("1", 35)}, pay("1", "2")+"/RmtInf/Strd[1]"),
	row("reference", CodeStructuredReference, base, []string{"</CdOrPrtry></Tp>", "</CdOrPrtry><Issr>ISO</Issr></Tp>"}, ""),
	row("accent", CodeCharacters, base, []string{"Max Probe", "Café"}, pay("1", "2")+"/Cdtr/Nm"),
	row("umlauts and more", CodeCharacters, base, []string{"Max Probe", "ÄÖÜäöüß &amp;*$%"}, ""),
	row("any letter outside SEPA", CodeCharacters, base, []string{"Max Probe", "Łódź"}, "").as(ProfileISO),
	row("umlaut in the standard set", CodeStandardCharacters, base, []string{"Max Probe", "Müller", "Muster &amp; Söhne</Nm></Dbtr>", "M</Nm></Dbtr>"}, pay("1", "2")+"/Cdtr/Nm").under(finding.Policy{CodeStandardCharacters: finding.Error}),
	row("umlaut, not asked", CodeStandardCharacters, base, nil, ""),
	row("address lines after the end", CodeUnstructuredAddress, base, []string{"<PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr>", "<PstlAdr><Ctry>DE</Ctry><AdrLine>Weg 1</AdrLine><AdrLine>53111 Bonn</AdrLine></PstlAdr>", "2026-11-05", "2026-11-16"}, pay("1", "1")+"/Cdtr/PstlAdr").on(2026, 11, 3),
	row("address lines before the end", CodeUnstructuredAddress, base, []string{"<PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr>", "<PstlAdr><Ctry>DE</Ctry><AdrLine>Weg 1</AdrLine><AdrLine>53111 Bonn</AdrLine></PstlAdr>"}, pay("1", "1")+"/Cdtr/PstlAdr").on(2026, 11, 3),
	row("address lines, no day", CodeUnstructuredAddress, base, []string{"<PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr>", "<PstlAdr><Ctry>DE</Ctry><AdrLine>Weg 1</AdrLine></PstlAdr>"}, ""),
	row("postcode of another country", CodePostcode, base, []string{"<TwnNm>Bonn", "<PstCd>5311</PstCd><TwnNm>Bonn"}, pay("1", "1")+"/Cdtr/PstlAdr/PstCd"),
	row("postcode with the country in front", CodePostcode, base, []string{"<TwnNm>Bonn", "<PstCd>DE-53 111</PstCd><TwnNm>Bonn"}, ""),
	row("no country", CodeCountry, base, []string{"<Ctry>DE", "<Ctry>UK"}, pay("1", "1")+"/Cdtr/PstlAdr/Ctry"),
	row("country", CodeCountry, base, []string{"<Ctry>DE", "<Ctry>GB"}, ""),
	row("charges at both levels", CodeBothLevels, base, []string{"<Amt><InstdAmt Ccy=\"EUR\">10</InstdAmt></Amt>", "<Amt><InstdAmt Ccy=\"EUR\">10</InstdAmt></Amt><ChrgBr>SLEV</ChrgBr>"}, pay("1", "2")+"/ChrgBr"),
	row("ultimate debtor at both levels", CodeBothLevels, base, []string{"<ChrgBr>SLEV</ChrgBr>", "<UltmtDbtr><Nm>A</Nm></UltmtDbtr><ChrgBr>SLEV</ChrgBr>", "10</InstdAmt></Amt>", "10</InstdAmt></Amt><UltmtDbtr><Nm>B</Nm></UltmtDbtr>"}, pay("1", "2")+"/UltmtDbtr"),
	row("ultimate creditor at both levels", CodeBothLevels, debitBase, []string{"<ChrgBr>SLEV</ChrgBr>", "<UltmtCdtr><Nm>A</Nm></UltmtCdtr><ChrgBr>SLEV</ChrgBr>", "AmdmntInd>false</AmdmntInd></MndtRltdInf></DrctDbtTx>", "AmdmntInd>false</AmdmntInd></MndtRltdInf></DrctDbtTx><UltmtCdtr><Nm>B</Nm></UltmtCdtr>"}, collect("1", "2")+"/UltmtCdtr"),
	row("charges at one level", CodeBothLevels, base, nil, ""),
	row("two identifications", CodePartyID, base, []string{maxCreditor, maxCreditor + "<Id><OrgId><Othr><Id>1</Id></Othr><Othr><Id>2</Id></Othr></OrgId></Id>"}, pay("1", "2")+"/Cdtr/Id/OrgId/Othr[2]"),
	row("LEI", CodePartyID, base, []string{maxCreditor, maxCreditor + "<Id><OrgId><LEI>529900T8BM49AURSDO56</LEI></OrgId></Id>"}, pay("1", "2")+"/Cdtr/Id/OrgId/LEI"),
	row("one identification", CodePartyID, base, []string{maxCreditor, maxCreditor + "<Id><OrgId><LEI>529900T8BM49AURSDO55</LEI><Othr><Id>1</Id></Othr></OrgId></Id>"}, ""),
	row("no town", CodeAddress, base, []string{"<TwnNm>Bonn</TwnNm>", "<StrtNm>Weg</StrtNm>"}, pay("1", "1")+"/Cdtr/PstlAdr/TwnNm"),
	row("no country in the address", CodeAddress, base, []string{"<Ctry>DE</Ctry>", ""}, pay("1", "1")+"/Cdtr/PstlAdr/Ctry"),
	row("three lines", CodeAddress, base, []string{"<Ctry>DE</Ctry>", "<Ctry>DE</Ctry><AdrLine>a</AdrLine><AdrLine>b</AdrLine><AdrLine>c</AdrLine>"}, pay("1", "1")+"/Cdtr/PstlAdr/AdrLine"),
	row("town twice", CodeAddress, base, []string{"<Ctry>DE</Ctry>", "<Ctry>DE</Ctry><AdrLine>53111 BONN</AdrLine>"}, pay("1", "1")+"/Cdtr/PstlAdr/AdrLine"),
	row("hybrid", CodeAddress, base, []string{"<Ctry>DE</Ctry>", "<Ctry>DE</Ctry><AdrLine>Weg 1</AdrLine><AdrLine>Haus 2</AdrLine>"}, ""),
}

// accountSamples are of group E.
var accountSamples = []sample{
	row("short", CodeIBAN, base, []string{norway, "NO"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("no country", CodeIBAN, base, []string{norway, "12345678901"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("country without", CodeIBAN, base, []string{norway, "XX9386011117947"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("length", CodeIBAN, base, []string{norway, "NO938601111794"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("letters as check digits", CodeIBAN, base, []string{norway, "NOXX86011117947"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("letter for a digit", CodeIBAN, base, []string{norway, "NO938601111794A"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("digit for a letter", CodeIBAN, base, []string{norway, "NL91111104171643" + "00"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("never issued", CodeIBAN, base, []string{norway, "NO9986011117947"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("right", CodeIBAN, base, nil, ""),
	row("national digits", CodeNationalDigits, base, []string{norway, iban("BE", "539007547035")}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("right national digits", CodeNationalDigits, base, []string{norway, iban("BE", "539007547034")}, ""),
	row("account in Turkey", CodeNotSEPACountry, base, []string{norway, iban("TR", "0006100519786457841326")}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("account in Turkey outside SEPA", CodeNotSEPACountry, base, []string{norway, iban("TR", "0006100519786457841326")}, "").as(ProfileISO),
	row("account in Norway", CodeNotSEPACountry, base, nil, ""),
	row("Serbia before May 2026", CodeNotSEPACountry, base, []string{norway, iban("RS", "260005601001611379"), "<Cdtr><Nm>Max Probe</Nm></Cdtr>", "<CdtrAgt><FinInstnId><BICFI>BANKRS22</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Max Probe</Nm></Cdtr>"}, pay("1", "2")+"/CdtrAcct/Id/IBAN").on(2026, 4, 1).with(CodeCreationTime),
	row("Serbia", CodeNotSEPACountry, base, []string{norway, iban("RS", "260005601001611379"), "<Cdtr><Nm>Max Probe</Nm></Cdtr>", "<CdtrAgt><FinInstnId><BICFI>BANKRS22</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Max Probe</Nm></Cdtr>"}, "").on(2026, 11, 3),
	row("country of a BIC", CodeBIC, base, []string{"PBNKDEFF370", "PBNKQQFF370"}, pay("1", "1")+"/CdtrAgt/FinInstnId/BICFI"),
	row("BIC of another country", CodeAffiliation, base, []string{"PBNKDEFF370", "PBNKFRPP"}, pay("1", "1")+"/CdtrAgt/FinInstnId/BICFI"),
	row("own BIC of another country", CodeAffiliation, base, []string{"BANKDEFFXXX", "BANKATWWXXX"}, initiation+"PmtInf[1]/DbtrAgt/FinInstnId/BICFI"),
	row("bank of Jersey", CodeAffiliation, base, []string{"DE21500500009876543210", iban("GB", "BANK00000000012345"), "PBNKDEFF370", "BANKJES1"}, ""),
	row("NOTPROVIDED as a BIC", CodeAgent, base, []string{"PBNKDEFF370", "NOTPROVIDED"}, pay("1", "1")+"/CdtrAgt/FinInstnId/BICFI"),
	row("another identification", CodeAgent, base, []string{"<Othr><Id>NOTPROVIDED</Id></Othr>", "<Othr><Id>BANK</Id></Othr>"}, initiation+"PmtInf[2]/DbtrAgt/FinInstnId/Othr/Id"),
	row("another identification of the other bank", CodeAgent, debitBase, []string{"<Othr><Id>NOTPROVIDED</Id></Othr>", "<Othr><Id>BANK</Id></Othr>"}, collect("1", "2")+"/DbtrAgt/FinInstnId/Othr/Id"),
	row("agent without anything", CodeAgent, base, []string{"<Othr><Id>NOTPROVIDED</Id></Othr>", "<Nm>Bank</Nm>"}, initiation+"PmtInf[2]/DbtrAgt/FinInstnId"),
	row("other agent without anything", CodeAgent, debitBase, []string{"<Othr><Id>NOTPROVIDED</Id></Othr>", "<Nm>Bank</Nm>"}, collect("1", "2")+"/DbtrAgt/FinInstnId"),
	row("BIC or NOTPROVIDED", CodeAgent, base, nil, ""),
	row("debit from Switzerland without BIC", CodeBICRequired, debitBase, []string{norway, swissAccount, maxDebtor, maxDebtor + "<PstlAdr><TwnNm>Bern</TwnNm><Ctry>CH</Ctry></PstlAdr>"}, collect("1", "2")+"/DbtrAgt"),
	row("transfer to Switzerland without BIC", CodeBICRequired, base, []string{norway, swissAccount}, pay("1", "2")+"/CdtrAgt"),
	row("debit from Norway without BIC", CodeBICRequired, debitBase, nil, ""),
	row("own account", CodeSameAccount, base, []string{"DE21500500009876543210", "DE87200500001234567890"}, pay("1", "1")+"/CdtrAcct/Id"),
	row("another account", CodeSameAccount, base, nil, ""),
}

// daySamples are of groups F and G.
var daySamples = []sample{
	row("yesterday", CodeDatePast, base, []string{"2026-11-05", "2026-11-02"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt").on(2026, 11, 3),
	row("as soon as possible", CodeDatePast, base, []string{"2026-11-05", "1999-01-01"}, "").on(2026, 11, 3),
	row("yesterday, day not given", CodeDatePast, base, []string{"2026-11-05", "2026-11-02"}, ""),
	row("in two years", CodeDateFar, base, []string{"2026-11-05", "2028-11-06"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt").on(2026, 11, 3),
	row("debit in three weeks", CodeDateFar, debitBase, []string{"2026-11-05", "2026-11-25"}, debitInitiation+"PmtInf[1]/ReqdColltnDt").on(2026, 11, 3).with(CodeSignatureDate).under(finding.Policy{CodeSignatureDate: finding.Warning}),
	row("in three weeks", CodeDateFar, base, []string{"2026-11-05", "2026-11-25"}, "").on(2026, 11, 3),
	row("Christmas", CodeDateClosed, base, []string{"2026-11-06", "2026-12-25"}, pay("2", "1")).on(2026, 11, 3),
	row("Thursday", CodeDateClosed, base, nil, "").on(2026, 11, 3),
	row("time of a transfer", CodeTimeOfDay, base, []string{"<LclInstrm><Cd>INST</Cd></LclInstrm>", "", "<Dt>2026-11-05</Dt>", "<DtTm>2026-11-05T08:00:00</DtTm>"}, pay("1", "1")),
	row("time of an instant transfer", CodeTimeOfDay, base, []string{"<Dt>2026-11-05</Dt>", "<DtTm>2026-11-05T08:00:00</DtTm>"}, ""),
	row("debit today", CodeCollectionSoon, debitBase, nil, debitInitiation+"PmtInf[1]/ReqdColltnDt").on(2026, 11, 5),
	row("debit tomorrow", CodeCollectionSoon, debitBase, nil, "").on(2026, 11, 4).with(CodeSignatureDate),
	row("transfer in a direct debit", CodePaymentMethod, debitBase, []string{"<PmtMtd>DD<", "<PmtMtd>TRF<"}, debitInitiation+"PmtInf[1]/PmtMtd"),
	row("INST as a proprietary code", CodeInstant, base, []string{"<Cd>INST</Cd>", "<Prtry>INST</Prtry>"}, initiation+"PmtInf[1]/PmtTpInf/LclInstrm/Prtry"),
	row("urgent and instant", CodeInstant, base, []string{"<Cd>SEPA</Cd>", "<Cd>URGP</Cd>"}, initiation+"PmtInf[1]/PmtTpInf/LclInstrm/Cd"),
	row("instant", CodeInstant, base, nil, ""),
	row("category purpose of a transaction", CodeCategoryPurpose, german, []string{"<Cd>INST</Cd></LclInstrm></PmtTpInf>", "<Cd>INST</Cd></LclInstrm></PmtTpInf>", "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>", "", "E-2</EndToEndId></PmtId>", "E-2</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>"}, pay("1", "2")+"/PmtTpInf/CtgyPurp").as(ProfileDK),
	row("category purpose of a batch", CodeCategoryPurpose, german, []string{"</LclInstrm></PmtTpInf>", "</LclInstrm><CtgyPurp><Cd>SALA</Cd></CtgyPurp></PmtTpInf>"}, "").as(ProfileDK),
	row("shared charges", CodeTransferCharges, base, []string{"<ChrgBr>SLEV", "<ChrgBr>SHAR"}, initiation+"PmtInf[1]/ChrgBr"),
	row("shared charges of an urgent payment", CodeTransferCharges, base, []string{"<Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm>", "<Cd>URGP</Cd></SvcLvl>", "<ChrgBr>SLEV", "<ChrgBr>SHAR"}, ""),
	row("a payment like an earlier one", CodePaymentTwice, without(base, `(?s)<CdtTrfTxInf>.*?</CdtTrfTxInf>`), []string{"<NbOfTxs>2<", "<NbOfTxs>1<", "110.00", "10.00", "<NbOfTxs>3<", "<NbOfTxs>2<", "111.11", "11.11"}, pay("1", "1")).past("E-9 of 2026-10-01", CodePaymentTwice).once(),
	row("no earlier payment", CodePaymentTwice, base, nil, "").past("", CodePaymentTwice),
}

// once drops the second batch, so that one payment is left.
func (s sample) once() sample {
	s.base = without(s.base, `(?s)<PmtInf>\s*<PmtInfId>BATCH-2.*</PmtInf>`)
	s.edit = []string{"<NbOfTxs>2<", "<NbOfTxs>1<", "110.00", "10.00", "<NbOfTxs>3<", "<NbOfTxs>1<", "111.11", "10.00"}
	return s
}

const smnda = "<AmdmntInfDtls><OrgnlDbtrAcct><Id><Othr><Id>SMNDA</Id></Othr></Id></OrgnlDbtrAcct></AmdmntInfDtls>"

const oldMandate = "<AmdmntInfDtls><OrgnlMndtId>OLD-1</OrgnlMndtId></AmdmntInfDtls>"

// mandateSamples are of group H.
var mandateSamples = []sample{
	row("both schemes in one file", CodeOneScheme, germanDebit, []string{"<Cd>CORE</Cd>", "<Cd>B2B</Cd>"}, collect("2", "1")+"/PmtTpInf/LclInstrm").as(ProfileDK),
	row("one scheme", CodeOneScheme, germanDebit, nil, "").as(ProfileDK),
	row("both schemes in one file of the EPC", CodeOneScheme, debitBase, []string{"<Cd>CORE</Cd>", "<Cd>B2B</Cd>"}, ""),
	row("signed tomorrow", CodeSignatureDate, debitBase, nil, collect("1", "1")+"/DrctDbtTx/MndtRltdInf/DtOfSgntr").on(2026, 11, 4),
	row("signed in 1998", CodeSignatureDate, debitBase, []string{"2009-11-01", "1998-05-01"}, collect("1", "2")+"/DrctDbtTx/MndtRltdInf/DtOfSgntr"),
	row("migrated", CodeSignatureDate, debitBase, nil, ""),
	row("creditor identifier too short", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE98ZZZ"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("creditor identifier of no country", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "9898ZZZ09999999999"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("creditor identifier with an underscore", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE98ZZZ0999999_999"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("SMNDA in the agent", CodeAmendment, debitBase, []string{oldMandate, "<AmdmntInfDtls><OrgnlDbtrAgt><FinInstnId><Othr><Id>SMNDA</Id></Othr></FinInstnId></OrgnlDbtrAgt></AmdmntInfDtls>"}, collect("1", "1")+"/DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlDbtrAgt/FinInstnId/Othr/Id"),
	row("SMNDA in the agent in version 02", CodeAmendment, debitBase02, []string{oldMandate, "<AmdmntInfDtls><OrgnlDbtrAgt><FinInstnId><Othr><Id>SMNDA</Id></Othr></FinInstnId></OrgnlDbtrAgt></AmdmntInfDtls>"}, ""),
	row("SMNDA in the account", CodeAmendment, debitBase, []string{oldMandate, smnda}, ""),
	row("another identification of the account", CodeAmendment, debitBase, []string{oldMandate, strings.Replace(smnda, "SMNDA", "4711", 1)}, collect("1", "1")+"/DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlDbtrAcct/Id/Othr/Id"),
	row("debtor in Switzerland without address", CodeDebtorAddress, debitBase, []string{"DE21500500009876543210", swissAccount, "PBNKDEFF370", "BANKCHZZ", "<PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr>", ""}, collect("1", "1")+"/Dbtr/PstlAdr"),
	row("debtor in Switzerland with address", CodeDebtorAddress, debitBase, []string{"DE21500500009876543210", swissAccount, "PBNKDEFF370", "BANKCHZZ"}, ""),
	row("debtor in Norway without address", CodeDebtorAddress, debitBase, nil, ""),
	row("mandate used up", CodeMandateHistory, without(debitBase, `(?s)<DrctDbtTxInf>.*?</DrctDbtTxInf>`), nil, collect("1", "1")+"/DrctDbtTx/MndtRltdInf").past("OOFF of 2026-10-01", CodeMandateHistory).once(),
	row("mandate in use", CodeMandateHistory, debitBase, nil, "").past("", CodeMandateHistory),
	row("charges for the debtor", CodeDebitCharges, debitBase, []string{"<ChrgBr>SLEV", "<ChrgBr>DEBT"}, debitInitiation+"PmtInf[1]/ChrgBr"),
	row("charges by service level", CodeDebitCharges, debitBase, nil, ""),
}

// swissSamples are of group I.
var swissSamples = []sample{
	row("QR-IBAN without reference", CodeQRReference, without(swiss, "<RmtInf>.*</RmtInf>"), nil, pay("1", "1")+"/RmtInf/Strd/CdtrRefInf").as(ProfileSPS),
	row("QR reference with an IBAN", CodeQRReference, swiss, []string{qrAccount, iban("CH", "00700000000054321")}, pay("1", "1")+"/RmtInf/Strd/CdtrRefInf").as(ProfileSPS),
	row("QR-IBAN with SCOR", CodeQRReference, swiss, []string{"<Prtry>QRR</Prtry>", "<Cd>SCOR</Cd>", qrReference, "RF18539007547034"}, pay("1", "1")+"/RmtInf/Strd/CdtrRefInf").as(ProfileSPS),
	row("QR-IBAN in dollars", CodeQRReference, swiss, []string{`"CHF">1.00`, `"USD">1.00`, "<Cdtr><Nm>Erika", "<CdtrAgt><FinInstnId><BICFI>BANKCHZZ</BICFI></FinInstnId></CdtrAgt><Cdtr><Nm>Erika"}, pay("1", "1")+"/Amt/InstdAmt").as(ProfileSPS),
	row("QR-IBAN with its reference", CodeQRReference, swiss, nil, "").as(ProfileSPS),
	row("check digit of a QR reference", CodeQRReferenceForm, swiss, []string{qrReference, qrReference[:26] + "X"}, pay("1", "1")+"/RmtInf/Strd/CdtrRefInf/Ref").as(ProfileSPS),
	row("QR reference", CodeQRReferenceForm, swiss, nil, "").as(ProfileSPS),
	row("charges of a domestic payment", CodeSwissCharges, swiss, []string{`"CHF">2.00</InstdAmt></Amt>`, `"CHF">2.00</InstdAmt></Amt><ChrgBr>SHAR</ChrgBr>`}, pay("1", "2")+"/ChrgBr").as(ProfileSPS),
	row("no charges of a domestic payment", CodeSwissCharges, swiss, nil, "").as(ProfileSPS),
	row("SEPA in francs", CodeSwissEuro, swiss, []string{`"EUR">3.00`, `"CHF">3.00`}, pay("1", "3")+"/Amt/InstdAmt").as(ProfileSPS),
	row("SEPA without IBAN", CodeSwissEuro, swiss, []string{"<IBAN>DE21500500009876543210</IBAN>", "<Othr><Id>9876543210</Id></Othr>"}, pay("1", "3")+"/CdtrAcct/Id/IBAN").as(ProfileSPS).with(CodeIBAN),
	row("SEPA in euro", CodeSwissEuro, swiss, nil, "").as(ProfileSPS),
	row("no address abroad", CodeForeignCreditor, swiss, []string{"<PstlAdr><TwnNm>Dubai</TwnNm><Ctry>AE</Ctry></PstlAdr>", ""}, pay("1", "4")+"/Cdtr/PstlAdr").as(ProfileSPS),
	row("no bank abroad", CodeForeignCreditor, swiss, []string{"<CdtrAgt><FinInstnId><BICFI>BANKAEADXXX</BICFI></FinInstnId></CdtrAgt>", ""}, pay("1", "4")+"/CdtrAgt").as(ProfileSPS),
	row("bank abroad by name", CodeForeignCreditor, swiss, []string{"<BICFI>BANKAEADXXX</BICFI>", "<Nm>Far Bank</Nm><PstlAdr><TwnNm>Dubai</TwnNm><Ctry>AE</Ctry></PstlAdr>"}, "").as(ProfileSPS),
	row("account number without bank", CodeSwissAgent, swiss, []string{"<IBAN>" + otherAccount + "</IBAN>", "<Othr><Id>12345</Id></Othr>"}, pay("1", "2")+"/CdtrAgt").as(ProfileSPS),
	row("account number with clearing number", CodeSwissAgent, swiss, []string{"<IBAN>" + otherAccount + "</IBAN>", "<Othr><Id>12345</Id></Othr>", "<Cdtr><Nm>Max", "<CdtrAgt><FinInstnId><ClrSysMmbId><ClrSysId><Cd>CHBCC</Cd></ClrSysId><MmbId>762</MmbId></ClrSysMmbId></FinInstnId></CdtrAgt><Cdtr><Nm>Max"}, "").as(ProfileSPS),
}
