package pain

import (
	"kontor/account"
	"kontor/finding"
)

// debitRules are group H: direct debits.
var debitRules = []finding.Rule{
	{Code: CodeLocalInstrument, Severity: finding.Error,
		Meaning: "Every direct debit has the local instrument CORE or B2B, its own or that of its payment information. COR1 ended in November 2016.",
		Source:  "EPC130-08 AT-T001; DK Anlage 3, SEPA direct debits",
		Example: `<LclInstrm><Cd>COR1</Cd></LclInstrm>`,
		Advice:  in("Write CORE, or B2B for mandates between companies.", "CORE schreiben oder B2B bei Firmenmandaten.", "Skriv CORE, eller B2B för medgivanden mellan företag."),
		Cases: []finding.Case{
			say("cor1", "COR1 ended in November 2016: what it was for is part of CORE", "COR1 ist im November 2016 ausgelaufen: Sein Zweck ist in CORE aufgegangen", "COR1 upphörde i november 2016: det ingår nu i CORE"),
			say("other", "the local instrument of a direct debit is not the code CORE or B2B", "das Lastschriftverfahren ist nicht der Code CORE oder B2B", "direktdebiteringens slag är inte koden CORE eller B2B"),
			say("missing", "the local instrument is missing, both of the payment information and of the transaction", "das Lastschriftverfahren fehlt, im Sammler und in der Transaktion", "direktdebiteringens slag saknas, både i betalningsbunten och i transaktionen")}},
	{Code: CodeSignedLate, Severity: finding.Error,
		Meaning: "A mandate is signed on the requested collection date at the latest; not compared when that is 1999-01-01.",
		Source:  "EPC130-08 AT-M008; Kontor: nothing can be collected before there is a mandate",
		Example: `<DtOfSgntr>2026-11-06</DtOfSgntr> under <ReqdColltnDt>2026-11-05</ReqdColltnDt>`,
		Advice:  adviceMandate,
		Cases: []finding.Case{
			say("late", "the mandate is signed after the requested collection date", "das Mandat ist nach dem Fälligkeitsdatum unterschrieben", "medgivandet är undertecknat efter förfallodagen")}},
	{Code: CodeHomogeneous, Severity: finding.Error,
		Meaning: "All direct debits of a payment information have the same local instrument and the same creditor identifier.",
		Source:  "DK Anlage 3, usage rules of LclInstrm and CdtrSchmeId: other instruments in one message are forbidden, one creditor identifier is recommended",
		Example: `<LclInstrm><Cd>B2B</Cd></LclInstrm> of the second DrctDbtTxInf, CORE of the first`,
		Advice:  in("Put them into payment informations of their own.", "Sie in getrennte Sammler stellen.", "Lägg dem i skilda betalningsbuntar."),
		Cases: []finding.Case{
			say("instrument", "the local instrument is not that of the first transaction of the payment information", "das Lastschriftverfahren ist nicht das der ersten Transaktion des Sammlers", "direktdebiteringens slag är inte detsamma som i buntens första transaktion"),
			say("creditor", "the creditor identifier is not that of the first transaction of the payment information", "die Gläubiger-Identifikationsnummer ist nicht die der ersten Transaktion des Sammlers", "borgenärsidentiteten är inte densamma som i buntens första transaktion")}},
	{Code: CodeServiceLevel, Severity: finding.Error,
		Meaning: "Every direct debit has the service level SEPA, as a code, its own or that of its payment information.",
		Source:  "EPC130-08 AT-T001; DK Anlage 3, SEPA direct debits",
		Example: `<SvcLvl><Cd>URGP</Cd></SvcLvl>`,
		Advice:  in("Write <SvcLvl><Cd>SEPA</Cd></SvcLvl>.", "<SvcLvl><Cd>SEPA</Cd></SvcLvl> schreiben.", "Skriv <SvcLvl><Cd>SEPA</Cd></SvcLvl>."),
		Cases: []finding.Case{
			say("other", "the service level of a direct debit is not the code SEPA", "der Service-Level der Lastschrift ist nicht der Code SEPA", "direktdebiteringens servicenivå är inte koden SEPA"),
			say("missing", "the service level is missing, both of the payment information and of the transaction", "der Service-Level fehlt, im Sammler und in der Transaktion", "servicenivån saknas, både i betalningsbunten och i transaktionen")}},
	{Code: CodeOneScheme, Severity: finding.Off,
		Meaning: "All direct debits of a file are of one scheme, CORE or B2B.",
		Source:  "DK Anlage 3, usage rule of LclInstrm: no mixing in one message",
		Example: `a PmtInf with B2B after one with CORE`,
		Advice:  in("Send one file per scheme.", "Je Verfahren eine Datei senden.", "Skicka en fil per slag."),
		Cases: []finding.Case{
			say("mixed", "direct debits of the schemes CORE and B2B are mixed in one file", "Lastschriften der Verfahren CORE und B2B sind in einer Datei gemischt", "direktdebiteringar av slagen CORE och B2B blandas i en fil")}},
	{Code: CodeSignatureDate, Severity: finding.Warning,
		Meaning: "A mandate is not signed in the future, nor before the SEPA direct debit began on 2009-11-01. The first is judged only if the day of judgement is given.",
		Source:  "EPC130-08 AT-M008; DK Anlage 3: migrated mandates have 2009-11-01",
		Example: `<DtOfSgntr>1998-05-01</DtOfSgntr>`,
		Advice:  adviceMandate,
		Cases: []finding.Case{
			say("future", "the mandate is signed in the future", "das Mandat ist in der Zukunft unterschrieben", "medgivandet är undertecknat i framtiden"),
			say("early", "the mandate is signed before the SEPA direct debit began; migrated mandates have 2009-11-01", "das Mandat ist vor Beginn der SEPA-Lastschrift unterschrieben; migrierte Mandate haben 2009-11-01", "medgivandet är undertecknat innan SEPA-direktdebiteringen fanns; överförda medgivanden har 2009-11-01")}},
	{Code: CodeSequenceType, Severity: finding.Error,
		Meaning: "Every direct debit has the sequence type FRST, RCUR, FNAL or OOFF, its own or that of its payment information.",
		Source:  "EPC130-08 AT-M006; DK Anlage 3, SEPA direct debits",
		Example: `<SeqTp>RPRE</SeqTp>`,
		Advice:  in("Write RCUR for a mandate used again and again, OOFF for one used once.", "RCUR für wiederkehrende, OOFF für einmalige Lastschriften schreiben.", "Skriv RCUR för återkommande, OOFF för enstaka direktdebiteringar."),
		Cases: []finding.Case{
			say("other", "the sequence type is not FRST, RCUR, FNAL or OOFF", "der Sequenztyp ist nicht FRST, RCUR, FNAL oder OOFF", "sekvenstypen är inte FRST, RCUR, FNAL eller OOFF"),
			say("missing", "the sequence type is missing, both of the payment information and of the transaction", "der Sequenztyp fehlt, im Sammler und in der Transaktion", "sekvenstypen saknas, både i betalningsbunten och i transaktionen")}},
	{Code: CodeCreditorScheme, Severity: finding.Error,
		Meaning: "The creditor identifier is given once, for the payment information or for each of its transactions, as one private identification of the scheme SEPA.",
		Source:  "EPC130-08 AT-E005; DK Anlage 3, usage rules of CdtrSchmeId",
		Example: `<DrctDbtTx> without CdtrSchmeId in a PmtInf without CdtrSchmeId`,
		Advice:  in("Enter the creditor identifier in the settings of the program that makes the file.", "Die Gläubiger-Identifikationsnummer in den Einstellungen des erzeugenden Programms eintragen.", "Ange borgenärsidentiteten i inställningarna i programmet som skapar filen."),
		Cases: []finding.Case{
			say("both", "the payment information has a creditor identifier already", "der Sammler hat schon eine Gläubiger-Identifikationsnummer", "betalningsbunten har redan en borgenärsidentitet"),
			say("form", "the creditor identifier is not given as exactly one private identification", "die Gläubiger-Identifikationsnummer ist nicht als genau eine private Identifikation angegeben", "borgenärsidentiteten anges inte som exakt en privat identitet"),
			say("name", "the scheme name of the creditor identifier is not SEPA", "der Schemaname der Gläubiger-Identifikationsnummer ist nicht SEPA", "schemanamnet för borgenärsidentiteten är inte SEPA"),
			say("missing", "the creditor identifier is missing, both of the payment information and of the transaction", "die Gläubiger-Identifikationsnummer fehlt, im Sammler und in der Transaktion", "borgenärsidentiteten saknas, både i betalningsbunten och i transaktionen")}},
	{Code: CodeCreditorID, Severity: finding.Error,
		Meaning: "A creditor identifier has 8 to 35 characters, in Germany 18: country, check digits by ISO 7064 mod 97-10 over everything but the business code, business code, national identification.",
		Source:  "EPC262-08; DK Anlage 3",
		Example: `<Id>DE99ZZZ09999999999</Id>`,
		Advice:  in("Compare it with the letter by which it was assigned.", "Mit dem Zuteilungsschreiben vergleichen.", "Jämför med brevet där den tilldelades."),
		Cases:   account.CreditorIDCases()},
	{Code: CodeMandate, Severity: finding.Error,
		Meaning: "Every direct debit has the identification of its mandate, and the date of its signature, which is a day of the calendar, YYYY-MM-DD.",
		Source:  "EPC130-08 AT-M001, AT-M008; DK Anlage 3, SEPA direct debits",
		Example: `<MndtRltdInf><MndtId>M-1</MndtId></MndtRltdInf>`,
		Advice:  adviceMandate,
		Cases: []finding.Case{
			say("id", "the mandate identification is missing", "die Mandatsreferenz fehlt", "medgivandets referens saknas"),
			say("date", "the date of signature of the mandate is missing", "das Unterschriftsdatum des Mandats fehlt", "datumet för undertecknandet saknas"),
			say("day", "the date of signature is not a day of the calendar in the form YYYY-MM-DD", "das Unterschriftsdatum ist kein Kalendertag der Form JJJJ-MM-TT", "datumet för undertecknandet är ingen kalenderdag på formen ÅÅÅÅ-MM-DD"),
			say("zone", "the date has a time zone, which has no meaning here; banks take the day", "das Datum hat eine Zeitzone, die hier nichts bedeutet; Banken nehmen den Tag", "datumet har en tidszon, som saknar betydelse här; bankerna tar dagen")}},
	{Code: CodeAmendment, Severity: finding.Error,
		Meaning: "The amendment indicator of a mandate is true or false, and true exactly if there are details of an amendment; the indicator of a changed debtor account, SMNDA, stands in the original account (in the German formats of 2010 and 2012 and in pain.008.001.02 also in the original agent).",
		Source:  "EPC130-08 AT-M007; DK Anlage 3, usage rule of AmdmntInfDtls",
		Example: `<AmdmntInd>true</AmdmntInd> without AmdmntInfDtls`,
		Advice:  in("State what changed, or leave the indicator out.", "Angeben, was sich geändert hat, oder das Kennzeichen weglassen.", "Ange vad som har ändrats, eller utelämna markeringen."),
		Cases: []finding.Case{
			say("details", "the amendment indicator is true, and the details of the amendment are missing", "das Änderungskennzeichen ist true, und die Einzelheiten der Änderung fehlen", "ändringsmarkeringen är true, men uppgifterna om ändringen saknas"),
			say("indicator", "there are details of an amendment, and the amendment indicator is not true", "es gibt Einzelheiten einer Änderung, und das Änderungskennzeichen ist nicht true", "det finns uppgifter om en ändring, men ändringsmarkeringen är inte true"),
			say("value", "the amendment indicator is neither true nor false", "das Änderungskennzeichen ist weder true noch false", "ändringsmarkeringen är varken true eller false"),
			say("agent", "SMNDA belongs into the original account in this version", "SMNDA gehört in dieser Version in das ursprüngliche Konto", "SMNDA hör i denna version hemma i det ursprungliga kontot"),
			say("account", "the other identification of the original account is not SMNDA", "die andere Identifikation des ursprünglichen Kontos ist nicht SMNDA", "det ursprungliga kontots andra identitet är inte SMNDA")}},
	{Code: CodeDebtorAddress, Severity: finding.Error,
		Meaning: "A direct debit from an account in a SEPA country outside the European Economic Area (CH, GB, MC, SM, AD, VA, AL, ME, MD, MK, RS) has the debtor's address, with town and country or, in older versions, with country and lines.",
		Source:  "EPC130-08, usage rule of Dbtr/PstlAdr; Regulation (EU) 2023/1113",
		Example: `<Dbtr><Nm>Max Example</Nm></Dbtr> with a Swiss IBAN`,
		Advice:  in("Enter the debtor's address.", "Die Adresse des Zahlungspflichtigen eintragen.", "Ange betalarens adress."),
		Cases: []finding.Case{
			say("missing", "the debtor's account is in {0}, outside the EEA, and the debtor's address is missing", "das Konto des Zahlungspflichtigen ist in {0}, außerhalb des EWR, und seine Adresse fehlt", "betalarens konto finns i {0}, utanför EES, och betalarens adress saknas")}},
	{Code: CodeMandateHistory, Severity: finding.Off,
		Meaning: "A mandate for one collection is not used again, and nothing follows the last collection. Needs a history.",
		Source:  "EPC016-06 and EPC222-07, AT-M006",
		Example: `<SeqTp>OOFF</SeqTp> for a mandate that was collected before`,
		Advice:  in("Ask for a new mandate.", "Ein neues Mandat einholen.", "Be om ett nytt medgivande."),
		Cases: []finding.Case{
			say("used", "the mandate was used before: {0}", "das Mandat wurde schon verwendet: {0}", "medgivandet har använts tidigare: {0}")}},
	{Code: CodeDebitCharges, Severity: finding.Error,
		Meaning: "The charges of a SEPA direct debit are shared by service level: ChrgBr is SLEV, or absent.",
		Source:  "EPC130-08, usage rule of ChrgBr; DK Anlage 3",
		Example: `<ChrgBr>DEBT</ChrgBr>`,
		Advice:  adviceCharges,
		Cases: []finding.Case{
			say("bearer", "the charges of a SEPA direct debit are not SLEV", "die Entgeltregelung einer SEPA-Lastschrift ist nicht SLEV", "avgiftsfördelningen för en SEPA-direktdebitering är inte SLEV")}},
}

var adviceMandate = in("Compare with the signed mandate.", "Mit dem unterschriebenen Mandat vergleichen.", "Jämför med det undertecknade medgivandet.")
