package pain

// formSamples are about values in another form than expected, and about what is right in
// one country only.
var formSamples = []sample{
	row("time without a zone in Austria", CodeStructure, german, []string{"10:00:00+01:00", "10:00:00"}, initiation+"GrpHdr/CreDtTm").as(ProfilePSA),
	row("count on a line of its own", CodeTotalForm, base, []string{"<NbOfTxs>3<", "<NbOfTxs>\n3\n<"}, initiation+"GrpHdr/NbOfTxs"),
	row("no-break space in an IBAN", CodeIBAN, base, []string{norway, norway + "\u00A0"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("line break behind an IBAN", CodeIBAN, base, []string{norway, norway + "\n"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("hyphen in an IBAN", CodeIBAN, base, []string{norway, "NO93-86011117947"}, pay("1", "2")+"/CdtrAcct/Id/IBAN"),
	row("padded BIC", CodeBIC, base, []string{"PBNKDEFF370", "PBNKDEFF   "}, pay("1", "1")+"/CdtrAgt/FinInstnId/BICFI"),
	row("NOTPROVIDED as the BIC of the own bank", CodeAgent, base, []string{"<BICFI>BANKDEFFXXX", "<BICFI>NOTPROVIDED"}, initiation+"PmtInf[1]/DbtrAgt/FinInstnId/BICFI"),
	row("NOTPROVIDED as a BIC in a debit", CodeAgent, debitBase, []string{"PBNKDEFF370", "NOTPROVIDED"}, collect("1", "1")+"/DbtrAgt/FinInstnId/BICFI"),
	row("creditor's bank by name only", CodeAgent, base, []string{"<BICFI>PBNKDEFF370</BICFI>", "<Nm>Bank</Nm>"}, pay("1", "1")+"/CdtrAgt/FinInstnId"),
	row("what the schema refused is not missing", CodeAgent, german, []string{"<BICFI>PBNKDEFF370</BICFI>", "<Othr><Id>NOTPROVIDED</Id></Othr>"}, "").as(ProfileDK).with(CodeStructure),

	row("day with a zone", CodeExecutionDate, base, []string{"2026-11-05", "2026-11-05+01:00"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt").on(2026, 11, 3),
	row("day in the past with a zone", CodeDatePast, base, []string{"2026-11-05", "2026-11-02Z"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt").on(2026, 11, 3).with(CodeExecutionDate),
	row("no day with a zone", CodeExecutionDate, base, []string{"2026-11-05", "2026-11-31Z"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt"),
	row("day with half a zone", CodeExecutionDate, base, []string{"2026-11-05", "2026-11-05+01"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt"),
	row("day of collection with a zone", CodeCollectionDate, debitBase, []string{"2026-11-05", "2026-11-05Z"}, debitInitiation+"PmtInf[1]/ReqdColltnDt"),
	row("day of signature with a zone", CodeMandate, debitBase, []string{"2009-11-01", "2009-11-01-05:00"}, collect("1", "2")+"/DrctDbtTx/MndtRltdInf/DtOfSgntr"),
	row("time as soon as possible", CodeDatePast, base, []string{"<Dt>2026-11-05</Dt>", "<DtTm>1999-01-01T08:00:00</DtTm>"}, "").on(2026, 11, 3),
	row("Christmas, one type for all", CodeDateClosed, base, []string{"<LclInstrm><Cd>INST</Cd></LclInstrm>", "", "2026-11-05", "2026-12-25"}, initiation+"PmtInf[1]/ReqdExctnDt/Dt").on(2026, 11, 3),
	row("instant transaction on a closed day", CodeDateClosed, base, []string{"2026-11-06", "2026-12-25", "<EndToEndId>NOTPROVIDED</EndToEndId></PmtId>", "<EndToEndId>NOTPROVIDED</EndToEndId></PmtId><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>"}, "").on(2026, 11, 3),

	row("original account", CodeIBAN, debitBase, []string{oldMandate, "<AmdmntInfDtls><OrgnlDbtrAcct><Id><IBAN>DE88200500001234567890</IBAN></Id></OrgnlDbtrAcct></AmdmntInfDtls>"},
		collect("1", "1")+"/DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlDbtrAcct/Id/IBAN"),
	row("right original account", CodeIBAN, debitBase, []string{oldMandate, "<AmdmntInfDtls><OrgnlDbtrAcct><Id><IBAN>DE87200500001234567890</IBAN></Id></OrgnlDbtrAcct></AmdmntInfDtls>"}, ""),
	row("original creditor identifier", CodeCreditorID, debitBase, []string{oldMandate, "<AmdmntInfDtls><OrgnlCdtrSchmeId><Id><PrvtId><Othr><Id>DE99ZZZ09999999999</Id></Othr></PrvtId></Id></OrgnlCdtrSchmeId></AmdmntInfDtls>"},
		collect("1", "1")+"/DrctDbtTx/MndtRltdInf/AmdmntInfDtls/OrgnlCdtrSchmeId/Id/PrvtId/Othr[1]/Id"),
	row("right original creditor identifier", CodeCreditorID, debitBase, []string{oldMandate, "<AmdmntInfDtls><OrgnlCdtrSchmeId><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id></Othr></PrvtId></Id></OrgnlCdtrSchmeId></AmdmntInfDtls>"}, ""),

	row("town inside another word", CodeAddress, base, []string{"<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry>", "<TwnNm>Essen</TwnNm><Ctry>DE</Ctry><AdrLine>Hessenring 3</AdrLine>"}, ""),
	row("street named after the town", CodeAddress, base, []string{"<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry>", "<TwnNm>Berlin</TwnNm><Ctry>DE</Ctry><AdrLine>Berliner Str. 3</AdrLine>"}, ""),
	row("street with the town's name", CodeAddress, base, []string{"<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry>", "<TwnNm>Bad Homburg</TwnNm><Ctry>DE</Ctry><AdrLine>Bad-Homburg-Straße 3, Bad Homburg Str. 4</AdrLine>"}, ""),
	row("town behind a street of its name", CodeAddress, base, []string{"<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry>", "<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry><AdrLine>Bonner Weg 3, Bonn</AdrLine>"}, pay("1", "1")+"/Cdtr/PstlAdr/AdrLine"),
	row("postcode with the sign of cars", CodePostcode, base, []string{"<TwnNm>Bonn", "<PstCd>D-53111</PstCd><TwnNm>Bonn"}, ""),
	row("postcode of Liechtenstein", CodePostcode, base, []string{"<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry>", "<PstCd>FL-9490</PstCd><TwnNm>Vaduz</TwnNm><Ctry>LI</Ctry>"}, ""),
	row("postcode of Åland", CodePostcode, base, []string{"<TwnNm>Bonn</TwnNm><Ctry>DE</Ctry>", "<PstCd>AX-22100</PstCd><TwnNm>Mariehamn</TwnNm><Ctry>FI</Ctry>"}, ""),
	row("postcode with the sign of another country", CodePostcode, base, []string{"<TwnNm>Bonn", "<PstCd>F-53111</PstCd><TwnNm>Bonn"}, pay("1", "1")+"/Cdtr/PstlAdr/PstCd"),

	row("cheque in Switzerland", CodePaymentMethod, swiss, []string{"<PmtMtd>TRF", "<PmtMtd>CHK"}, initiation+"PmtInf[1]/PmtMtd").as(ProfileSPS),
	row("TRA in Switzerland", CodePaymentMethod, swiss, []string{"<PmtMtd>TRF", "<PmtMtd>TRA"}, "").as(ProfileSPS),
	row("ITP in Switzerland", CodeInstant, swiss, []string{"<Amt><InstdAmt Ccy=\"CHF\">1.00", "<PmtTpInf><LclInstrm><Prtry>ITP</Prtry></LclInstrm></PmtTpInf><Amt><InstdAmt Ccy=\"CHF\">1.00"}, "").as(ProfileSPS),
	row("ITP elsewhere", CodeInstant, base, []string{"<Cd>INST</Cd>", "<Prtry>ITP</Prtry>"}, initiation+"PmtInf[1]/PmtTpInf/LclInstrm/Prtry"),
	row("French name in Switzerland", CodeCharacters, swiss, []string{"<Nm>Max", "<Nm>Café “", "“", "€"}, "").as(ProfileSPS),
}
