package pain

import "kontor/finding"

// kindRules are groups G, I and K: kinds of credit transfer, Swiss payment types,
// comparison with earlier payments.
var kindRules = []finding.Rule{
	{Code: CodePaymentMethod, Severity: finding.Error,
		Meaning: "PmtMtd is TRF in a credit transfer and DD in a direct debit: cheques and transfer advices are not sent by this hub. Swiss banks take cheques, and treat TRA like TRF.",
		Source:  "EPC132-08 section 2.2; EPC130-08 section 2.2; DK Anlage 3 chapter 2.2.1",
		Example: `<PmtMtd>CHK</PmtMtd>`,
		Advice:  in("Create a transfer instead.", "Stattdessen eine Überweisung erstellen.", "Skapa en överföring i stället."),
		Cases: []finding.Case{
			say("transfer", "the payment method of a credit transfer is not TRF", "die Zahlungsart einer Überweisung ist nicht TRF", "betalningsmetoden för en girering är inte TRF"),
			say("debit", "the payment method of a direct debit is not DD", "die Zahlungsart einer Lastschrift ist nicht DD", "betalningsmetoden för en direktdebitering är inte DD")}},
	{Code: CodeInstant, Severity: finding.Error,
		Meaning: "An instant credit transfer has the local instrument INST as a code (in Switzerland also ITP, proprietary), and the service level SEPA (in Switzerland also INST), if any.",
		Source:  "EPC122-16; DK Anlage 3, SCT Inst; SPS implementation guidelines",
		Example: `<LclInstrm><Prtry>INST</Prtry></LclInstrm>`,
		Advice:  in("Write <LclInstrm><Cd>INST</Cd></LclInstrm> with the service level SEPA.", "<LclInstrm><Cd>INST</Cd></LclInstrm> mit dem Service-Level SEPA schreiben.", "Skriv <LclInstrm><Cd>INST</Cd></LclInstrm> med servicenivån SEPA."),
		Cases: []finding.Case{
			say("proprietary", "INST is not given as a code", "INST ist nicht als Code angegeben", "INST anges inte som kod"),
			say("service", "the service level of an instant payment is {0}", "der Service-Level einer Echtzeitzahlung ist {0}", "servicenivån för en omedelbar betalning är {0}")}},
	{Code: CodeCategoryPurpose, Severity: finding.Warning,
		Meaning: "The category purpose is given for the payment information, not for a transaction: banks book a batch as one.",
		Source:  "DK Anlage 3, usage rule of CtgyPurp; EPC132-08",
		Example: `<CtgyPurp><Cd>SALA</Cd></CtgyPurp> in CdtTrfTxInf`,
		Advice:  in("Put salaries into a payment information of their own.", "Gehälter in einen eigenen Sammler stellen.", "Lägg löner i en egen betalningsbunt."),
		Cases: []finding.Case{
			say("level", "a category purpose of a single transaction is ignored by many banks", "ein Kategoriezweck einer einzelnen Transaktion wird von vielen Banken ignoriert", "många banker bortser från en kategori på en enskild transaktion")}},
	{Code: CodeTransferCharges, Severity: finding.Error,
		Meaning: "The charges of a SEPA credit transfer are shared by service level: ChrgBr is SLEV, or absent.",
		Source:  "EPC132-08, usage rule of ChrgBr; DK Anlage 3",
		Example: `<ChrgBr>SHAR</ChrgBr>`,
		Advice:  adviceCharges,
		Cases: []finding.Case{
			say("bearer", "the charges of a SEPA payment are not SLEV", "die Entgeltregelung einer SEPA-Zahlung ist nicht SLEV", "avgiftsfördelningen för en SEPA-betalning är inte SLEV")}},
	{Code: CodeQRReference, Severity: finding.Error,
		Meaning: "A QR-IBAN (institution 30000 to 31999) is paid with a QR reference and in CHF or EUR; an ordinary IBAN is never paid with a QR reference.",
		Source:  "SPS implementation guidelines, QR-bill; SIX, IID 30000-31999",
		Example: `<Prtry>QRR</Prtry> with an ordinary IBAN`,
		Advice:  in("Take account and reference from the same QR-bill.", "Konto und Referenz von derselben QR-Rechnung übernehmen.", "Ta konto och referens från samma QR-faktura."),
		Cases: []finding.Case{
			say("no-reference", "a QR-IBAN is paid without a QR reference", "auf eine QR-IBAN wird ohne QR-Referenz gezahlt", "ett QR-IBAN betalas utan QR-referens"),
			say("ordinary", "a QR reference is given with an ordinary IBAN", "eine QR-Referenz ist mit einer gewöhnlichen IBAN angegeben", "en QR-referens anges med ett vanligt IBAN"),
			say("scor", "a QR-IBAN is not paid with an ISO reference (SCOR)", "auf eine QR-IBAN wird nicht mit einer ISO-Referenz (SCOR) gezahlt", "ett QR-IBAN betalas inte med ISO-referens (SCOR)"),
			say("currency", "a QR-IBAN is paid in CHF or EUR only", "auf eine QR-IBAN wird nur in CHF oder EUR gezahlt", "ett QR-IBAN betalas bara i CHF eller EUR")}},
	{Code: CodeQRReferenceForm, Severity: finding.Error,
		Meaning: "A QR reference has 27 digits, the last of them a check digit by modulo 10, recursive.",
		Source:  "SPS implementation guidelines, QR reference",
		Example: `<Ref>210000000003139471430009018</Ref>`,
		Advice:  in("Copy the reference from the QR-bill again, without blanks.", "Die Referenz noch einmal von der QR-Rechnung übernehmen, ohne Leerzeichen.", "Skriv av referensen från QR-fakturan igen, utan mellanslag."),
		Cases: []finding.Case{
			say("form", "the QR reference is not 27 digits with the right check digit", "die QR-Referenz besteht nicht aus 27 Ziffern mit richtiger Prüfziffer", "QR-referensen är inte 27 siffror med rätt kontrollsiffra")}},
	{Code: CodeSwissCharges, Severity: finding.Warning,
		Meaning: "A domestic Swiss payment (type D) names no bearer of charges.",
		Source:  "SPS implementation guidelines, payment type D, ChrgBr",
		Example: `<ChrgBr>SHAR</ChrgBr> in a payment to a Swiss account`,
		Advice:  adviceCharges,
		Cases: []finding.Case{
			say("bearer", "a domestic payment names a bearer of charges", "eine Inlandzahlung nennt eine Entgeltregelung", "en inrikes betalning anger avgiftsfördelning")}},
	{Code: CodeSwissEuro, Severity: finding.Error,
		Meaning: "A Swiss SEPA payment (type S) is in euro, and its creditor has an IBAN.",
		Source:  "SPS implementation guidelines, payment type S",
		Example: `<SvcLvl><Cd>SEPA</Cd></SvcLvl> with Ccy="CHF"`,
		Advice:  in("Leave the service level out, or pay in euro.", "Den Service-Level weglassen oder in Euro zahlen.", "Utelämna servicenivån, eller betala i euro."),
		Cases: []finding.Case{
			say("currency", "a payment with the service level SEPA is in {0}", "eine Zahlung mit Service-Level SEPA ist in {0}", "en betalning med servicenivån SEPA är i {0}"),
			say("account", "a payment with the service level SEPA has no IBAN of the creditor", "eine Zahlung mit Service-Level SEPA hat keine IBAN des Empfängers", "en betalning med servicenivån SEPA saknar mottagarens IBAN")}},
	{Code: CodeForeignCreditor, Severity: finding.Error,
		Meaning: "A payment abroad or in a foreign currency (type X) names the creditor's town and country, and the creditor's bank by BIC or by name and address.",
		Source:  "SPS implementation guidelines, payment type X",
		Example: `<Cdtr><Nm>Ana Example</Nm></Cdtr> in a payment in USD`,
		Advice:  in("Complete address and bank of the creditor.", "Adresse und Bank des Empfängers vervollständigen.", "Komplettera mottagarens adress och bank."),
		Cases: []finding.Case{
			say("address", "the address of the creditor is missing or has no town and country", "die Adresse des Empfängers fehlt oder hat keinen Ort und kein Land", "mottagarens adress saknas eller har varken ort eller land"),
			say("agent", "the bank of the creditor has neither a BIC nor a name and an address", "die Bank des Empfängers hat weder BIC noch Name und Adresse", "mottagarens bank har varken BIC eller namn och adress")}},
	{Code: CodeSwissAgent, Severity: finding.Error,
		Meaning: "A domestic Swiss payment (type D) to an account that is not an IBAN names the bank by clearing number or BIC.",
		Source:  "SPS implementation guidelines, payment type D",
		Example: `<CdtrAcct><Id><Othr>…</Othr></Id></CdtrAcct> without CdtrAgt`,
		Advice:  in("Use the IBAN, or name the bank.", "Die IBAN verwenden oder die Bank angeben.", "Använd IBAN, eller ange banken."),
		Cases: []finding.Case{
			say("missing", "the creditor has neither an IBAN nor a bank", "der Empfänger hat weder IBAN noch Bank", "mottagaren har varken IBAN eller bank")}},
	{Code: CodePaymentTwice, Severity: finding.Off,
		Meaning: "No earlier payment has the same accounts, amount, text and date. Needs a history.",
		Source:  "Kontor",
		Example: `the invoice that was paid last week`,
		Advice:  in("Check whether this was paid before.", "Prüfen, ob dies schon bezahlt ist.", "Kontrollera om detta redan är betalt."),
		Cases: []finding.Case{
			say("twice", "an equal payment was ordered before: {0}", "eine gleiche Zahlung wurde schon beauftragt: {0}", "en likadan betalning har redan lämnats: {0}")}},
}

var adviceCharges = in("Leave ChrgBr out, or write SLEV in a SEPA payment.", "ChrgBr weglassen oder bei SEPA-Zahlungen SLEV schreiben.", "Utelämna ChrgBr, eller skriv SLEV i en SEPA-betalning.")
