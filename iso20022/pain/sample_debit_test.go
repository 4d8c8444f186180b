package pain

import "strings"

// debitBase is a pain.008.001.08 with two payment informations and three transactions
// without any fault. The first says service, scheme and creditor once for all; in the
// second the transaction says it. All names and numbers are invented.
const debitBase = `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.001.08">
  <CstmrDrctDbtInitn>
    <GrpHdr>
      <MsgId>DD-1</MsgId>
      <CreDtTm>2026-11-02T10:00:00+01:00</CreDtTm>
      <NbOfTxs>3</NbOfTxs>
      <CtrlSum>111.11</CtrlSum>
      <InitgPty><Nm>Muster &amp; Söhne</Nm></InitgPty>
    </GrpHdr>
    <PmtInf>
      <PmtInfId>BATCH-1</PmtInfId>
      <PmtMtd>DD</PmtMtd>
      <BtchBookg>true</BtchBookg>
      <NbOfTxs>2</NbOfTxs>
      <CtrlSum>110.00</CtrlSum>
      <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>
      <ReqdColltnDt>2026-11-05</ReqdColltnDt>
      <Cdtr><Nm>Muster &amp; Söhne</Nm></Cdtr>
      <CdtrAcct><Id><IBAN>DE87200500001234567890</IBAN></Id><Ccy>EUR</Ccy></CdtrAcct>
      <CdtrAgt><FinInstnId><BICFI>BANKDEFFXXX</BICFI></FinInstnId></CdtrAgt>
      <ChrgBr>SLEV</ChrgBr>
      <CdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>
      <DrctDbtTxInf>
        <PmtId><InstrId>I-1</InstrId><EndToEndId>E-1</EndToEndId></PmtId>
        <InstdAmt Ccy="EUR">100.00</InstdAmt>
        <DrctDbtTx><MndtRltdInf>
          <MndtId>M-1</MndtId>
          <DtOfSgntr>2026-11-05</DtOfSgntr>
          <AmdmntInd>true</AmdmntInd>
          <AmdmntInfDtls><OrgnlMndtId>OLD-1</OrgnlMndtId></AmdmntInfDtls>
        </MndtRltdInf></DrctDbtTx>
        <DbtrAgt><FinInstnId><BICFI>PBNKDEFF370</BICFI></FinInstnId></DbtrAgt>
        <Dbtr><Nm>Erika Beispiel</Nm><PstlAdr><TwnNm>Bonn</TwnNm><Ctry>DE</Ctry></PstlAdr></Dbtr>
        <DbtrAcct><Id><IBAN>DE21500500009876543210</IBAN></Id></DbtrAcct>
        <RmtInf><Ustrd>Beitrag 2026</Ustrd></RmtInf>
      </DrctDbtTxInf>
      <DrctDbtTxInf>
        <PmtId><EndToEndId>E-2</EndToEndId></PmtId>
        <InstdAmt Ccy="EUR">10</InstdAmt>
        <DrctDbtTx><MndtRltdInf><MndtId>M-2</MndtId><DtOfSgntr>2009-11-01</DtOfSgntr><AmdmntInd>false</AmdmntInd></MndtRltdInf></DrctDbtTx>
        <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>
        <Dbtr><Nm>Max Probe</Nm></Dbtr>
        <DbtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></DbtrAcct>
        <RmtInf><Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp><Ref>RF18539007547034</Ref></CdtrRefInf></Strd></RmtInf>
      </DrctDbtTxInf>
    </PmtInf>
    <PmtInf>
      <PmtInfId>BATCH-2</PmtInfId>
      <PmtMtd>DD</PmtMtd>
      <ReqdColltnDt>1999-01-01</ReqdColltnDt>
      <Cdtr><Nm>Zweites Konto</Nm></Cdtr>
      <CdtrAcct><Id><IBAN>DE21500500001234567897</IBAN></Id></CdtrAcct>
      <CdtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></CdtrAgt>
      <DrctDbtTxInf>
        <PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId>
        <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF</SeqTp></PmtTpInf>
        <InstdAmt Ccy="EUR">1.11</InstdAmt>
        <DrctDbtTx>
          <MndtRltdInf><MndtId>M/3</MndtId><DtOfSgntr>2026-10-30</DtOfSgntr></MndtRltdInf>
          <CdtrSchmeId><Id><PrvtId><Othr><Id>AT61ZZZ01234567890</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>
        </DrctDbtTx>
        <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>
        <Dbtr><Nm>Max Probe</Nm></Dbtr>
        <DbtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></DbtrAcct>
      </DrctDbtTxInf>
    </PmtInf>
  </CstmrDrctDbtInitn>
</Document>
`

// debitBase02 is the same message in version .02.
var debitBase02 = strings.NewReplacer("pain.008.001.08", "pain.008.001.02", "BICFI>", "BIC>", "<TwnNm>Bonn</TwnNm>", "").Replace(debitBase)
