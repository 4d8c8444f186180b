package pain

import (
	"regexp"
	"strings"
)

// debitSamples are those of direct debits.
var debitSamples = []sample{
	row("count too high", CodeGroupCount, debitBase, []string{"<NbOfTxs>3<", "<NbOfTxs>4<"}, debitInitiation+"GrpHdr/NbOfTxs"),
	row("sum off by a cent", CodeGroupSum, debitBase02, []string{"111.11", "111.10"}, debitInitiation+"GrpHdr/CtrlSum"),
	row("batch sum", CodeBatchSum, debitBase, []string{"110.00", "111.00"}, debitInitiation+"PmtInf[1]/CtrlSum"),
	row("batch identification twice", CodeBatchIDTwice, debitBase, []string{"BATCH-2", "BATCH-1"}, debitInitiation+"PmtInf[2]/PmtInfId"),
	row("debtor missing", CodeStructure, debitBase, []string{"<Dbtr><Nm>Max Probe</Nm></Dbtr>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[2]/Dbtr"),
	row("element of version 08", CodeStructure, debitBase02, []string{"<OrgnlMndtId>OLD-1</OrgnlMndtId>", "<OrgnlTrckgDays>01</OrgnlTrckgDays>"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlTrckgDays"),
	row("transaction of a credit transfer", CodeStructure, debitBase, []string{"<ChrgBr>SLEV</ChrgBr>", "<ChrgBr>SLEV</ChrgBr><CdtTrfTxInf/>"}, debitInitiation+"PmtInf[1]/CdtTrfTxInf"),
	row("debtor without name", CodeName, debitBase, []string{"<Nm>Max Probe</Nm>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[2]/Dbtr/Nm"),
	row("creditor without name", CodeName, debitBase, []string{"<Nm>Zweites Konto</Nm>", ""}, debitInitiation+"PmtInf[2]/Cdtr/Nm"),
	row("creditor's check digits", CodeIBAN, debitBase, []string{"DE87200500001234567890", "DE88200500001234567890"}, debitInitiation+"PmtInf[1]/CdtrAcct/Id/IBAN"),
	row("debtor's check digits", CodeIBAN, debitBase, []string{"DE21500500009876543210", "DE21500500009876543211"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DbtrAcct/Id/IBAN"),
	row("debtor account of another kind", CodeIBAN, debitBase, []string{"<IBAN>DE21500500009876543210</IBAN>", "<Othr><Id>9876543210</Id></Othr>"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DbtrAcct/Id/Othr"),
	row("BIC of nine characters", CodeBIC, debitBase, []string{"PBNKDEFF370", "PBNKDEFF3"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DbtrAgt/FinInstnId/BICFI"),
	row("digits in a BIC of version 02", CodeBIC, debitBase02, []string{"BANKDEFFXXX", "1ANKDEFFXXX"}, debitInitiation+"PmtInf[1]/CdtrAgt/FinInstnId/BIC"),
	row("digits in a BIC of version 08", CodeBIC, debitBase, []string{"BANKDEFFXXX", "1ANKDEFFXXX"}, ""),
	row("mandate identification with an underscore", CodeReference, debitBase, []string{"M-1", "M_1"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"),
	row("mandate identification empty", CodeReference, debitBase, []string{">M-1<", "><"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"),
	row("mandate identification of two slashes", CodeReferenceSlashes, debitBase, []string{"M-1", "M//1"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"),
	row("zero", CodeAmount, debitBase, []string{">100.00<", ">0.00<", "110.00", "10", "111.11", "11.11"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/InstdAmt"),
	row("a direct debit in another currency", CodeAmount, debitBase, []string{`"EUR">100.00<`, `"CHF">100.00<`}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/InstdAmt"),
	row("remittance information empty", CodeRemittance, debitBase, []string{"Beitrag 2026", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/RmtInf/Ustrd[1]"),
	row("transfer", CodePaymentMethod, debitBase, []string{"DD<", "TRF<"}, debitInitiation+"PmtInf[1]/PmtMtd"),
	row("direct debit", CodePaymentMethod, debitBase, nil, ""),

	row("no day", CodeCollectionDate, debitBase, []string{"2026-11-05", "2026-11-31"}, debitInitiation+"PmtInf[1]/ReqdColltnDt"),
	row("date and time", CodeCollectionDate, debitBase, []string{"2026-11-05", "2026-11-05T08:00:00"}, debitInitiation+"PmtInf[1]/ReqdColltnDt"),
	row("next possible day", CodeCollectionDate, debitBase, []string{"2026-11-05", "1999-01-01"}, ""),

	row("COR1", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd>", "<Cd>COR1</Cd>"}, debitInitiation+"PmtInf[1]/PmtTpInf/LclInstrm/Cd"),
	row("instant", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd></LclInstrm><SeqTp>OOFF", "<Cd>INST</Cd></LclInstrm><SeqTp>OOFF"}, debitInitiation+"PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/LclInstrm/Cd"),
	row("CORE as a proprietary code", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd>", "<Prtry>CORE</Prtry>"}, debitInitiation+"PmtInf[1]/PmtTpInf/LclInstrm/Prtry"),
	row("no local instrument", CodeLocalInstrument, debitBase, []string{"<LclInstrm><Cd>CORE</Cd></LclInstrm>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/PmtTpInf/LclInstrm"),
	row("B2B", CodeLocalInstrument, debitBase, []string{"<Cd>CORE</Cd>", "<Cd>B2B</Cd>"}, ""),

	row("the day after", CodeSignedLate, debitBase, []string{"<DtOfSgntr>2026-11-05", "<DtOfSgntr>2026-11-06"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/DtOfSgntr"),
	row("the same day", CodeSignedLate, debitBase, nil, ""),
	row("collection on the next possible day", CodeSignedLate, debitBase, []string{"2026-10-30", "2036-10-30"}, ""),

	row("another scheme in the second transaction", CodeHomogeneous, debitBase, []string{"<EndToEndId>E-2</EndToEndId></PmtId>", "<EndToEndId>E-2</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>B2B</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[2]/PmtTpInf/LclInstrm").with(CodeBothLevels),
	row("another creditor in the second transaction", CodeHomogeneous, twoCreditors, nil, debitInitiation+"PmtInf[2]/DrctDbtTxInf[2]/DrctDbtTx/CdtrSchmeId"),
	row("the same scheme said again", CodeHomogeneous, debitBase, []string{"<EndToEndId>E-2</EndToEndId></PmtId>", "<EndToEndId>E-2</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"}, "").with(CodeBothLevels),
	row("the same creditor in each transaction", CodeHomogeneous, twoCreditors, []string{"DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId></DrctDbtTx>", "AT61ZZZ01234567890</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId></DrctDbtTx>"}, ""),

	row("urgent", CodeServiceLevel, debitBase, []string{"<Cd>SEPA</Cd>", "<Cd>URGP</Cd>"}, debitInitiation+"PmtInf[1]/PmtTpInf/SvcLvl[1]/Cd"),
	row("SEPA as a proprietary code", CodeServiceLevel, debitBase, []string{"<Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF", "<Prtry>SEPA</Prtry></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF"}, debitInitiation+"PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/SvcLvl[1]/Prtry"),
	row("no service level", CodeServiceLevel, debitBase02, []string{"<SvcLvl><Cd>SEPA</Cd></SvcLvl>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/PmtTpInf/SvcLvl"),
	row("SEPA", CodeServiceLevel, debitBase, nil, ""),

	row("re-presented", CodeSequenceType, debitBase, []string{"RCUR", "RPRE"}, debitInitiation+"PmtInf[1]/PmtTpInf/SeqTp"),
	row("re-presented transaction", CodeSequenceType, debitBase, []string{"OOFF", "RPRE"}, debitInitiation+"PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/SeqTp"),
	row("no sequence type", CodeSequenceType, debitBase, []string{"<SeqTp>OOFF</SeqTp>", ""}, debitInitiation+"PmtInf[2]/DrctDbtTxInf[1]/PmtTpInf/SeqTp"),
	row("final", CodeSequenceType, debitBase, []string{"RCUR", "FNAL"}, ""),
	row("first", CodeSequenceType, debitBase, []string{"RCUR", "FRST"}, ""),

	row("no creditor identifier", CodeCreditorScheme, regexp.MustCompile(`<CdtrSchmeId>.*DE98.*</CdtrSchmeId>`).ReplaceAllString(debitBase, ""), nil, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/CdtrSchmeId"),
	row("creditor identifier at both levels", CodeCreditorScheme, debitBase, []string{"</MndtRltdInf></DrctDbtTx>", "</MndtRltdInf>" + germanScheme + "</DrctDbtTx>"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/CdtrSchmeId"),
	row("two identifications", CodeCreditorScheme, debitBase, []string{"</SchmeNm></Othr>", "</SchmeNm></Othr><Othr><Id>DE98ZZZ09999999999</Id></Othr>"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr"),
	row("an organisation", CodeCreditorScheme, regexp.MustCompile(`<PrvtId>(.*DE98.*)</PrvtId>`).ReplaceAllString(debitBase, "<OrgId>$1</OrgId>"), nil, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr"),
	row("another scheme", CodeCreditorScheme, debitBase, []string{"<Prtry>SEPA</Prtry>", "<Prtry>LSV</Prtry>"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr/SchmeNm/Prtry"),
	row("SEPA as a code", CodeCreditorScheme, debitBase, []string{"<Prtry>SEPA</Prtry>", "<Cd>SEPA</Cd>"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr/SchmeNm/Prtry"),
	row("creditor identifier per transaction or batch", CodeCreditorScheme, debitBase, nil, ""),

	row("check digits", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE99ZZZ09999999999"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("one digit wrong in a transaction", CodeCreditorID, debitBase, []string{"AT61ZZZ01234567890", "AT61ZZZ01234567891"}, debitInitiation+"PmtInf[2]/DrctDbtTxInf[1]/DrctDbtTx/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("German one too long", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE98ZZZ099999999990"}, debitInitiation+"PmtInf[1]/CdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("another business code", CodeCreditorID, debitBase, []string{"DE98ZZZ09999999999", "DE98A1B09999999999"}, ""),

	row("no mandate identification", CodeMandate, debitBase, []string{"<MndtId>M-1</MndtId>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/MndtId"),
	row("no date of signature", CodeMandate, debitBase, []string{"<DtOfSgntr>2026-11-05</DtOfSgntr>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/DtOfSgntr"),
	row("signed on no day", CodeMandate, debitBase, []string{"<DtOfSgntr>2026-11-05", "<DtOfSgntr>2026-02-30"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/DtOfSgntr"),
	row("mandate", CodeMandate, debitBase02, nil, ""),

	row("amendment without details", CodeAmendment, debitBase, []string{"<AmdmntInfDtls><OrgnlMndtId>OLD-1</OrgnlMndtId></AmdmntInfDtls>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInfDtls"),
	row("details without amendment", CodeAmendment, debitBase, []string{"<AmdmntInd>true</AmdmntInd>", ""}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInd"),
	row("details of no amendment", CodeAmendment, debitBase, []string{"<AmdmntInd>true", "<AmdmntInd>0"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[1]/DrctDbtTx/MndtRltdInf/AmdmntInd"),
	row("neither true nor false", CodeAmendment, debitBase, []string{"<AmdmntInd>false", "<AmdmntInd>no"}, debitInitiation+"PmtInf[1]/DrctDbtTxInf[2]/DrctDbtTx/MndtRltdInf/AmdmntInd"),
	row("amended, said by a digit", CodeAmendment, debitBase, []string{"<AmdmntInd>true", "<AmdmntInd>1"}, ""),
}

const germanScheme = "<CdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm></Othr></PrvtId></Id></CdtrSchmeId>"

// twoCreditors is debitBase with a fourth transaction, in the second batch, of another
// creditor than the one before it.
var twoCreditors = strings.NewReplacer("</DrctDbtTxInf>\n    </PmtInf>\n  </Cstmr", `</DrctDbtTxInf><DrctDbtTxInf>
        <PmtId><EndToEndId>E-4</EndToEndId></PmtId>
        <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>OOFF</SeqTp></PmtTpInf>
        <InstdAmt Ccy="EUR">1</InstdAmt>
        <DrctDbtTx><MndtRltdInf><MndtId>M/3</MndtId><DtOfSgntr>2026-10-30</DtOfSgntr></MndtRltdInf>`+germanScheme+`</DrctDbtTx>
        <DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>
        <Dbtr><Nm>Max Probe</Nm></Dbtr>
        <DbtrAcct><Id><IBAN>NO9386011117947</IBAN></Id></DbtrAcct>
      </DrctDbtTxInf></PmtInf></Cstmr`, "<NbOfTxs>3<", "<NbOfTxs>4<", ">111.11<", ">112.11<").Replace(debitBase)
