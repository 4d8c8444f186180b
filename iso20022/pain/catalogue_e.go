package pain

import (
	"slices"

	"kontor/account"
	"kontor/finding"
)

// accountRules are groups E and F: accounts, agents, amounts, dates.
var accountRules = []finding.Rule{
	{Code: CodeIBAN, Severity: finding.Error,
		Meaning: "Debtor and creditor of a SEPA payment have an IBAN; an IBAN is in electronic form: registered country, its length and structure, and right check digits.",
		Source:  "ISO 13616; IBAN registry; EPC132-08 AT-D001, AT-C001",
		Example: `<IBAN>DE00200500001234567890</IBAN>`,
		Advice:  in("Ask the other party for the IBAN again, or copy it from a statement.", "Die IBAN noch einmal erfragen oder von einem Kontoauszug übernehmen.", "Be om IBAN igen, eller skriv av det från ett kontoutdrag."),
		Cases: append([]finding.Case{
			say("other", "the account is not given as an IBAN", "das Konto ist nicht als IBAN angegeben", "kontot anges inte som IBAN"),
			say("missing", "the creditor's account is missing", "das Konto des Zahlungsempfängers fehlt", "betalningsmottagarens konto saknas"),
		}, account.IBANCases()...)},
	{Code: CodeNationalDigits, Severity: finding.Warning,
		Meaning: "The account number inside an IBAN has the check digits that its country uses, where Kontor knows them.",
		Source:  "IBAN registry and national account numbering rules",
		Example: `<IBAN>BE… whose last two digits are not the remainder by 97</IBAN>`,
		Advice:  in("The IBAN itself is consistent, the account number in it is not: ask the other party.", "Die IBAN ist in sich stimmig, die Kontonummer darin nicht: beim Gegenüber nachfragen.", "IBAN-numret stämmer i sig, men inte kontonumret i det: fråga motparten."),
		Cases: []finding.Case{
			say("digits", "the national check digits of the account number do not fit", "die nationalen Prüfziffern der Kontonummer stimmen nicht", "kontonumrets nationella kontrollsiffror stämmer inte")}},
	{Code: CodeNotSEPACountry, Severity: finding.Error,
		Meaning: "The other party's account of a SEPA payment is in a country of the SEPA schemes.",
		Source:  "EPC409-09 version 8.0",
		Example: `<IBAN>TR330006100519786457841326</IBAN>`,
		Advice:  in("Send it as a payment to a foreign country.", "Als Auslandszahlung senden.", "Skicka den som utlandsbetalning."),
		Cases: []finding.Case{
			say("country", "accounts in {0} are not reached by SEPA payments", "Konten in {0} sind mit SEPA-Zahlungen nicht erreichbar", "konton i {0} nås inte med SEPA-betalningar")}},
	{Code: CodeBIC, Severity: finding.Error,
		Meaning: "A BIC, where given, has the form of the message version: BICIdentifier in messages of 2009, BICFIDec2014Identifier in later ones.",
		Source:  "ISO 9362; ISO 20022 BICIdentifier, BICFIDec2014Identifier",
		Example: `<BIC>PBNKDEFFXX</BIC>`,
		Advice:  in("Leave the BIC out: the IBAN is enough within the EEA. Otherwise ask for it again.", "Den BIC weglassen: Innerhalb des EWR genügt die IBAN. Sonst neu erfragen.", "Utelämna BIC: inom EES räcker IBAN. Fråga annars efter den igen."),
		Cases:   bicCases()},
	{Code: CodeAffiliation, Severity: finding.Warning,
		Meaning: "The BIC of an agent is of the country of the IBAN, with the known exceptions (Channel Islands and Isle of Man, French territories, San Marino), and where the bank directory knows the bank code of the IBAN, of the same bank.",
		Source:  "ISO 13616; IBAN registry; EPC409-09; the publishers of the bank directory",
		Example: `<BICFI>BANKGB2L</BICFI> with <IBAN>DE…</IBAN>`,
		Advice:  in("Leave the BIC out, or correct the one that is wrong.", "Den BIC weglassen oder die falsche Angabe berichtigen.", "Utelämna BIC, eller rätta den som är fel."),
		Cases: []finding.Case{
			say("country", "the BIC is of {0}, the IBAN of {1}", "der BIC gehört zu {0}, die IBAN zu {1}", "BIC hör till {0}, IBAN till {1}"),
			say("bank", "by the bank directory, the account is at {0}, not at {1}", "nach dem Bankenverzeichnis ist das Konto bei {0}, nicht bei {1}", "enligt bankregistret finns kontot hos {0}, inte hos {1}")}},
	{Code: CodeAgent, Severity: finding.Error,
		Meaning: "Where the agent of a SEPA payment has no BIC, its other identification is NOTPROVIDED; NOTPROVIDED is never written as a BIC.",
		Source:  "EPC132-08 and EPC130-08, usage rules of FinInstnId; DK Anlage 3",
		Example: `<BICFI>NOTPROVIDED</BICFI>`,
		Advice:  in("Write the BIC. Without one, leave the creditor's bank of a transfer out; for other banks write <Othr><Id>NOTPROVIDED</Id></Othr>.", "Den BIC schreiben. Ohne BIC die Bank des Empfängers einer Überweisung weglassen; bei anderen Banken <Othr><Id>NOTPROVIDED</Id></Othr> schreiben.", "Skriv BIC. Utan BIC: utelämna mottagarens bank i en girering; skriv <Othr><Id>NOTPROVIDED</Id></Othr> för andra banker."),
		Cases: []finding.Case{
			say("bic", "NOTPROVIDED is not a BIC; it belongs into Othr/Id", "NOTPROVIDED ist kein BIC; es gehört in Othr/Id", "NOTPROVIDED är ingen BIC; det hör hemma i Othr/Id"),
			say("creditor-bic", "NOTPROVIDED is not a BIC; leave the creditor's bank (CdtrAgt) out", "NOTPROVIDED ist kein BIC; die Bank des Zahlungsempfängers (CdtrAgt) weglassen", "NOTPROVIDED är ingen BIC; utelämna betalningsmottagarens bank (CdtrAgt)"),
			say("creditor-missing", "the creditor's bank has no BIC; leave it (CdtrAgt) out", "die Bank des Zahlungsempfängers hat keinen BIC; sie (CdtrAgt) weglassen", "betalningsmottagarens bank har ingen BIC; utelämna den (CdtrAgt)"),
			say("other", "the other identification of the agent is not NOTPROVIDED", "die andere Identifikation des Instituts ist nicht NOTPROVIDED", "bankens andra identitet är inte NOTPROVIDED"),
			say("missing", "the agent has neither a BIC nor the identification NOTPROVIDED", "das Institut hat weder einen BIC noch die Kennung NOTPROVIDED", "banken har varken BIC eller identiteten NOTPROVIDED")}},
	{Code: CodeBICRequired, Severity: finding.Error,
		Meaning: "A SEPA direct debit from a country outside the European Economic Area names the BIC of the debtor's bank. For a credit transfer it is a warning, and none where the bank directory knows the bank.",
		Source:  "EPC130-08 and EPC132-08, usage rules of DbtrAgt and CdtrAgt for SEPA countries outside the EEA",
		Example: `<IBAN>CH…</IBAN> without a BIC`,
		Advice:  in("Ask the other party for the BIC.", "Den BIC beim Gegenüber erfragen.", "Be motparten om BIC."),
		Cases: []finding.Case{
			say("missing", "the account is in {0}, outside the EEA, and the BIC of its bank is missing", "das Konto ist in {0}, außerhalb des EWR, und der BIC des Instituts fehlt", "kontot finns i {0}, utanför EES, och bankens BIC saknas"),
			say("known", "the account is in {0}, outside the EEA, and the BIC of its bank is missing; by the bank directory it is {1}", "das Konto ist in {0}, außerhalb des EWR, und der BIC des Instituts fehlt; nach dem Bankenverzeichnis ist er {1}", "kontot finns i {0}, utanför EES, och bankens BIC saknas; enligt bankregistret är den {1}")}},
	{Code: CodeSameAccount, Severity: finding.Warning,
		Meaning: "Debtor and creditor account differ.",
		Source:  "Kontor: such a payment is a mistake in nearly every case",
		Example: `the same <IBAN> in DbtrAcct and CdtrAcct`,
		Advice:  in("Check the other party's account.", "Das Konto des Gegenübers prüfen.", "Kontrollera motpartens konto."),
		Cases: []finding.Case{
			say("same", "debtor and creditor have the same account", "Auftraggeber und Zahlungsempfänger haben dasselbe Konto", "betalare och mottagare har samma konto")}},
	{Code: CodeBankCode, Severity: finding.Off,
		Meaning: "The bank code in the other party's IBAN is in the bank directory, if that lists banks of the country. Off unless asked for: lists are late, and new banks are real.",
		Source:  "the publishers of the bank directory: Deutsche Bundesbank, SIX, Oesterreichische Nationalbank",
		Example: `<IBAN>DE… with a bank code that no bank has`,
		Advice:  in("Ask the other party for the IBAN again, or renew the bank directory.", "Die IBAN noch einmal erfragen, oder das Bankenverzeichnis erneuern.", "Be om IBAN igen, eller förnya bankregistret."),
		Cases: []finding.Case{
			say("unlisted", "the bank directory has no bank with the code {0} in {1}", "das Bankenverzeichnis kennt in {1} kein Institut mit der Bankleitzahl {0}", "bankregistret har ingen bank med koden {0} i {1}")}},
	{Code: CodeUnreachable, Severity: finding.Warning,
		Meaning: "The other party's bank takes the SEPA scheme of the payment, where the bank directory tells: SCT, SCT Inst, SDD Core or SDD B2B.",
		Source:  "SCL directory of the Deutsche Bundesbank",
		Example: `a direct debit with <LclInstrm><Cd>B2B</Cd></LclInstrm> from a bank that takes none`,
		Advice:  in("Use another scheme, or ask the other party for another account.", "Ein anderes Verfahren wählen oder ein anderes Konto erfragen.", "Använd ett annat betalningssätt, eller be om ett annat konto."),
		Cases: []finding.Case{
			say("scheme", "by the bank directory, {0} is not reachable by {1}", "nach dem Bankenverzeichnis ist {0} mit {1} nicht erreichbar", "enligt bankregistret kan {0} inte nås med {1}")}},
	{Code: CodeAmount, Severity: finding.Error,
		Meaning: "The instructed amount is a positive decimal number without sign or exponent in a known currency, with no more decimals than the currency has; in euro at most 999999999.99. A SEPA payment is in euro.",
		Source:  "ISO 20022 ActiveOrHistoricCurrencyAndAmount; ISO 4217; EPC132-08 and EPC130-08 AT-T002",
		Example: `<InstdAmt Ccy="EUR">1.005</InstdAmt>`,
		Advice:  in("Correct the amount or its currency.", "Betrag oder Währung berichtigen.", "Rätta beloppet eller valutan."),
		Cases: []finding.Case{
			say("form", "the amount is not a decimal number without sign and exponent, or is too large", "der Betrag ist keine Dezimalzahl ohne Vorzeichen und Exponent oder zu groß", "beloppet är inte ett decimaltal utan tecken och exponent, eller är för stort"),
			say("no-currency", "the amount has no currency", "der Betrag hat keine Währung", "beloppet saknar valuta"),
			say("currency", "the currency {0} is not known", "die Währung {0} ist nicht bekannt", "valutan {0} är okänd"),
			say("decimals", "the amount has more decimals than its currency", "der Betrag hat mehr Nachkommastellen als seine Währung", "beloppet har fler decimaler än valutan"),
			say("zero", "the amount is zero", "der Betrag ist null", "beloppet är noll"),
			say("large", "the amount is above 999999999.99 euro", "der Betrag liegt über 999999999,99 Euro", "beloppet är över 999999999,99 euro"),
			say("euro", "a SEPA payment is not in euro", "eine SEPA-Zahlung ist nicht in Euro", "en SEPA-betalning är inte i euro"),
			say("equivalent", "the amount is given as an equivalent amount; only an instructed amount is sent", "der Betrag ist als Gegenwert angegeben; gesendet wird nur ein beauftragter Betrag", "beloppet anges som motvärde; bara ett instruerat belopp skickas")}},
	{Code: CodeExecutionDate, Severity: finding.Error,
		Meaning: "The requested execution date is a day of the calendar, YYYY-MM-DD; from pain.001.001.09 on it may be a date and time.",
		Source:  "ISO 20022 ISODate, ISODateTime, DateAndDateTime2Choice",
		Example: `<ReqdExctnDt>2025-02-29</ReqdExctnDt>`,
		Advice:  adviceDate,
		Cases: []finding.Case{
			say("date", "the requested execution date is not a day of the calendar in the form YYYY-MM-DD", "das Ausführungsdatum ist kein Kalendertag der Form JJJJ-MM-TT", "utförandedatumet är ingen kalenderdag på formen ÅÅÅÅ-MM-DD"),
			say("time", "the requested execution time is not a date and time in the form YYYY-MM-DDThh:mm:ss, with or without zone", "der Ausführungszeitpunkt ist kein Datum mit Uhrzeit der Form JJJJ-MM-TTThh:mm:ss, mit oder ohne Zone", "utförandetiden är inte datum och tid på formen ÅÅÅÅ-MM-DDThh:mm:ss, med eller utan zon"),
			say("zone", "the date has a time zone, which has no meaning here; banks take the day", "das Datum hat eine Zeitzone, die hier nichts bedeutet; Banken nehmen den Tag", "datumet har en tidszon, som saknar betydelse här; bankerna tar dagen")}},
	{Code: CodeCollectionDate, Severity: finding.Error,
		Meaning: "The requested collection date of a direct debit is a day of the calendar, YYYY-MM-DD. 1999-01-01 asks for the next possible day.",
		Source:  "ISO 20022 ISODate; EPC130-08 AT-T013",
		Example: `<ReqdColltnDt>2026-02-30</ReqdColltnDt>`,
		Advice:  adviceDate,
		Cases: []finding.Case{
			say("date", "the requested collection date is not a day of the calendar in the form YYYY-MM-DD", "das Fälligkeitsdatum ist kein Kalendertag der Form JJJJ-MM-TT", "förfallodatumet är ingen kalenderdag på formen ÅÅÅÅ-MM-DD"),
			say("zone", "the date has a time zone, which has no meaning here; banks take the day", "das Datum hat eine Zeitzone, die hier nichts bedeutet; Banken nehmen den Tag", "datumet har en tidszon, som saknar betydelse här; bankerna tar dagen")}},
	{Code: CodeDatePast, Severity: finding.Warning,
		Meaning: "The requested day is not in the past; 1999-01-01 means as soon as possible. Judged only if the day of judgement is given.",
		Source:  "DK Anlage 3, usage rules of ReqdExctnDt and ReqdColltnDt: banks move it to the next possible day",
		Example: `<Dt>2026-11-02</Dt> judged on 2026-11-05`,
		Advice:  in("Correct the day, unless the next possible day will do.", "Den Tag berichtigen, falls der nächstmögliche nicht genügt.", "Rätta dagen, om inte nästa möjliga dag duger."),
		Cases: []finding.Case{
			say("past", "the requested day is in the past; banks execute on the next possible day", "der gewünschte Tag liegt in der Vergangenheit; Banken führen am nächstmöglichen Tag aus", "den önskade dagen har passerat; bankerna utför på nästa möjliga dag")}},
	{Code: CodeDateFar, Severity: finding.Warning,
		Meaning: "A credit transfer is not more than 365 days ahead, a direct debit not more than 14. Judged only if the day of judgement is given.",
		Source:  "EPC130-08 section 4.3.1: at most 14 calendar days; banks' limits for dated credit transfers",
		Example: `<ReqdColltnDt>2026-12-24</ReqdColltnDt> judged on 2026-11-05`,
		Advice:  in("Send the file later, or ask the bank how early it takes it.", "Die Datei später senden oder bei der Bank fragen, wie früh sie sie annimmt.", "Skicka filen senare, eller fråga banken hur tidigt den tar emot den."),
		Cases: []finding.Case{
			say("far", "the requested day is more than {0} days ahead", "der gewünschte Tag liegt mehr als {0} Tage in der Zukunft", "den önskade dagen ligger mer än {0} dagar fram")}},
	{Code: CodeDateClosed, Severity: finding.Warning,
		Meaning: "The requested day of a SEPA payment that is not instant is a day on which TARGET is open. Judged only if the day of judgement is given.",
		Source:  "EPC125-05 and EPC016-06, banking business days; TARGET calendar of the ECB",
		Example: `<Dt>2026-12-25</Dt>`,
		Advice:  in("Choose a banking day, if the day matters.", "Einen Bankarbeitstag wählen, wenn es auf den Tag ankommt.", "Välj en bankdag, om dagen är viktig."),
		Cases: []finding.Case{
			say("closed", "the requested day is no banking day; banks take the next one", "der gewünschte Tag ist kein Bankarbeitstag; Banken nehmen den nächsten", "den önskade dagen är ingen bankdag; bankerna tar nästa")}},
	{Code: CodeTimeOfDay, Severity: finding.Warning,
		Meaning: "A time of execution is given for instant payments only.",
		Source:  "EPC122-16; DK Anlage 3, usage rule of ReqdExctnDt/DtTm; PSA assertion on ReqdExctnDt",
		Example: `<DtTm>2026-11-05T08:00:00</DtTm> without LclInstrm INST`,
		Advice:  in("Give a date without a time.", "Ein Datum ohne Uhrzeit angeben.", "Ange datum utan klockslag."),
		Cases: []finding.Case{
			say("time", "a time of execution is given, and the payment is not instant", "eine Ausführungszeit ist angegeben, und die Zahlung ist keine Echtzeitzahlung", "en utförandetid anges, och betalningen är ingen omedelbar betalning")}},
	{Code: CodeCollectionSoon, Severity: finding.Warning,
		Meaning: "A direct debit is collected at least one banking day after the day of judgement. Judged only if that day is given.",
		Source:  "EPC016-06 and EPC222-07 section 4.3: one interbank business day (D-1)",
		Example: `<ReqdColltnDt>2026-11-05</ReqdColltnDt> judged on 2026-11-05`,
		Advice:  in("Choose a later day; otherwise the bank moves it.", "Einen späteren Tag wählen; sonst verschiebt ihn die Bank.", "Välj en senare dag; annars flyttar banken den."),
		Cases: []finding.Case{
			say("soon", "the earliest day of collection is {0}", "der früheste Fälligkeitstag ist {0}", "den tidigaste förfallodagen är {0}")}},
}

var adviceDate = in("Enter the day on which the money is to move, as YYYY-MM-DD.", "Den Tag eintragen, an dem das Geld fließen soll, als JJJJ-MM-TT.", "Ange dagen då pengarna ska flyttas, som ÅÅÅÅ-MM-DD.")

// bicCases are the sentences about the form of a BIC; NOTPROVIDED has a rule of its own.
func bicCases() []finding.Case {
	return append(slices.DeleteFunc(account.BICCases(), func(c finding.Case) bool { return c.ID == "not-provided" }),
		say("space", "there are blanks or line breaks around the BIC", "um den BIC stehen Leerzeichen oder Zeilenumbrüche", "det står mellanslag eller radbrytningar runt BIC"))
}
