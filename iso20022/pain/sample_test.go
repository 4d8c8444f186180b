package pain

import (
	"strings"
	"testing"

	"kontor/finding"
)

// base is a .09 message with two payment informations and three transactions without
// any fault; all names and numbers are invented.
const base = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
  <CstmrCdtTrfInitn>
    <GrpHdr>
      <MsgId>MSG-1</MsgId>
      <CreDtTm>2026-11-02T10:00:00+01:00</CreDtTm>
      <NbOfTxs>3</NbOfTxs>
      <CtrlSum>111.11</CtrlSum>
      <InitgPty><Nm>Muster &amp; Söhne</Nm></InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>BATCH-1</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <BtchBookg>true</BtchBookg>
      <NbOfTxs>2</NbOfTxs>
      <CtrlSum>110.00</CtrlSum>
      <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>
      <ReqdExctnDt><Dt>2026-11-05</Dt></ReqdExctnDt>
      <Dbtr><Nm>Muster &amp; Söhne</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>DE87200500001234567890</IBAN></Id><Ccy>EUR</Ccy></DbtrAcct>
      <DbtrAgt><FinInstnId><BICFI>BANKDEFFXXX</BICFI></FinInstnId></DbtrAgt>
      <ChrgBr>SLEV</ChrgBr>
      <CdtTrfTxInf>
        <PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">100.00</InstdAmt></Amt>
        <CdtrAgt><FinInstnId><BICFI>PBNKDEFF370</BICFI></FinInstnId></CdtrAgt>
        <Cdtr><Nm>Erika Beispiel</Nm><PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr></Cdtr>
        <CdtrAcct><Id><IBAN>DE21500500009876543210</IBAN></Id></CdtrAcct>
        <RmtInf><Ustrd>Rechnung 4711</Ustrd></RmtInf>
      </CdtTrfTxInf>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>E-2</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">10</InstdAmt></Amt>
        <Cdtr><Nm>Max Probe</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct>
        <RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
      </CdtTrfTxInf>
    </PmtInf>
    <PmtInf>
      <PmtInfId>BATCH-2</PmtInfId>
      <PmtMtd>TRF</PmtMtd>
      <ReqdExctnDt><Dt>2026-11-06</Dt></ReqdExctnDt>
      <Dbtr><Nm>Zweites Konto</Nm></Dbtr>
      <DbtrAcct><Id><IBAN>DE21500500001234567897</IBAN></Id></DbtrAcct>
      <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>
      <CdtTrfTxInf>
        <PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="EUR">1.11</InstdAmt></Amt>
        <Cdtr><Nm>Max Probe</Nm></Cdtr>
        <CdtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></CdtrAcct>
      </CdtTrfTxInf>
    </PmtInf>
  </CstmrCdtTrfInitn>
</Document>
`

// base03 is the same message in version .03.
var base03 = strings.NewReplacer(
	"pain.001.001.09", "pain.001.001.03",
	"BICFI>", "BIC>",
	"<ReqdExctnDt><Dt>2026-11-05</Dt></ReqdExctnDt>", "<ReqdExctnDt>2026-11-05</ReqdExctnDt>",
	"<ReqdExctnDt><Dt>2026-11-06</Dt></ReqdExctnDt>", "<ReqdExctnDt>2026-11-06</ReqdExctnDt>",
	"<TwnNm>Bonn</TwnNm>", "", // AdrLine-less address of .03 keeps the country
).Replace(base)

// edit replaces the first occurrence of each old text by the new one and fails if one
// does not occur: a sample that changes nothing proves nothing.
func edit(t testing.TB, document string, pairs ...string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(document, pairs[i]) {
			t.Fatalf("the sample lacks %q", pairs[i])
		}
		document = strings.Replace(document, pairs[i], pairs[i+1], 1)
	}
	return document
}

// read reads by the rules of the EPC over ISO's schemas.
func read(t testing.TB, document string) (Message, []Batch, []Payment, []finding.Finding) {
	t.Helper()
	return readAs(t, document, Options{Profile: ProfileEPC})
}

func readAs(t testing.TB, document string, o Options) (Message, []Batch, []Payment, []finding.Finding) {
	t.Helper()
	var batches []Batch
	var payments []Payment
	m, findings, err := Read(strings.NewReader(document), o, Visitor{
		Batch:   func(b *Batch) error { batches = append(batches, *b); return nil },
		Payment: func(p *Payment) error { payments = append(payments, *p); return nil },
	})
	if err != nil {
		t.Fatalf("reading: %v", err)
	}
	return m, batches, payments, findings
}
