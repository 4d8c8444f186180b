package pain

import "kontor/finding"

// headerRules are groups B and C: totals, identifications, references.
var headerRules = []finding.Rule{
	{Code: CodeGroupCount, Severity: finding.Error,
		Meaning: "NbOfTxs of the group header is the number of transactions in the message.",
		Source:  "ISO 20022 pain.001, pain.008 GrpHdr/NbOfTxs; DK Anlage 3 chapter 2.2.1",
		Example: `<NbOfTxs>3</NbOfTxs> over two transactions`,
		Advice:  adviceTotals,
		Cases: []finding.Case{
			say("count", "the message declares {0} transactions and has {1}", "die Nachricht nennt {0} Transaktionen und enthält {1}", "meddelandet anger {0} transaktioner och innehåller {1}")}},
	{Code: CodeGroupSum, Severity: finding.Error,
		Meaning: "CtrlSum of the group header, where given, is the sum of all instructed amounts irrespective of currency.",
		Source:  "ISO 20022 pain.001, pain.008 GrpHdr/CtrlSum; DK Anlage 3 chapter 2.2.1",
		Example: `<CtrlSum>100.00</CtrlSum> over amounts of 60.00 and 39.99`,
		Advice:  adviceTotals,
		Cases: []finding.Case{
			say("sum", "the message declares a sum of {0}, its amounts add up to {1}", "die Nachricht nennt die Summe {0}, ihre Beträge ergeben {1}", "meddelandet anger summan {0}, beloppen blir {1}")}},
	{Code: CodeBatchCount, Severity: finding.Error,
		Meaning: "NbOfTxs of a payment information, where given, is the number of its transactions.",
		Source:  "ISO 20022 pain.001, pain.008 PmtInf/NbOfTxs; DK Anlage 3 chapter 2.2.1",
		Example: `<PmtInf>…<NbOfTxs>2</NbOfTxs> over one transaction`,
		Advice:  adviceTotals,
		Cases: []finding.Case{
			say("count", "the payment information declares {0} transactions and has {1}", "der Sammler nennt {0} Transaktionen und enthält {1}", "betalningsbunten anger {0} transaktioner och innehåller {1}")}},
	{Code: CodeBatchSum, Severity: finding.Error,
		Meaning: "CtrlSum of a payment information, where given, is the sum of its instructed amounts.",
		Source:  "ISO 20022 pain.001, pain.008 PmtInf/CtrlSum; DK Anlage 3 chapter 2.2.1",
		Example: `<PmtInf>…<CtrlSum>99.00</CtrlSum> over one amount of 99.01`,
		Advice:  adviceTotals,
		Cases: []finding.Case{
			say("sum", "the payment information declares a sum of {0}, its amounts add up to {1}", "der Sammler nennt die Summe {0}, seine Beträge ergeben {1}", "betalningsbunten anger summan {0}, beloppen blir {1}")}},
	{Code: CodeTotalForm, Severity: finding.Error,
		Meaning: "NbOfTxs is 1 to 15 digits, CtrlSum a decimal number with at most 17 decimals; neither has a sign, an exponent or a leading zero.",
		Source:  "ISO 20022 Max15NumericText, DecimalNumber",
		Example: `<NbOfTxs>007</NbOfTxs>`,
		Advice:  in("Write the plain number: 7, 1250.00.", "Die schlichte Zahl schreiben: 7, 1250.00.", "Skriv talet rätt fram: 7, 1250.00."),
		Cases: []finding.Case{
			say("count", "the number of transactions is not 1 to 15 digits", "die Anzahl der Transaktionen besteht nicht aus 1 bis 15 Ziffern", "antalet transaktioner är inte 1 till 15 siffror"),
			say("space", "the number of transactions has blanks or line breaks", "die Anzahl der Transaktionen enthält Leerzeichen oder Zeilenumbrüche", "antalet transaktioner innehåller mellanslag eller radbrytningar"),
			say("count-zero", "the number of transactions begins with a zero", "die Anzahl der Transaktionen beginnt mit einer Null", "antalet transaktioner börjar med en nolla"),
			say("sum", "the control sum is not a decimal number without sign and exponent, with at most 17 decimals", "die Kontrollsumme ist keine Dezimalzahl ohne Vorzeichen und Exponent mit höchstens 17 Nachkommastellen", "kontrollsumman är inte ett decimaltal utan tecken och exponent med högst 17 decimaler"),
			say("sum-zero", "the control sum begins with a zero", "die Kontrollsumme beginnt mit einer Null", "kontrollsumman börjar med en nolla")}},
	{Code: CodeCreationTime, Severity: finding.Warning,
		Meaning: "The file was not created later than tomorrow, nor more than 90 days ago. Judged only if the day of judgement is given.",
		Source:  "ISO 20022 pain.001, pain.008 GrpHdr/CreDtTm; Kontor: an old or future file is often the wrong one",
		Example: `<CreDtTm>2020-01-01T08:00:00</CreDtTm>`,
		Advice:  in("Check that this is the file you mean, and the clock of the computer that made it.", "Prüfen, ob dies die richtige Datei ist, und die Uhr des erzeugenden Rechners.", "Kontrollera att det är rätt fil, och klockan i datorn som skapade den."),
		Cases: []finding.Case{
			say("future", "the file says that it was created in the future", "die Datei ist nach eigener Angabe in der Zukunft erstellt", "filen uppges vara skapad i framtiden"),
			say("old", "the file was created more than 90 days ago", "die Datei wurde vor mehr als 90 Tagen erstellt", "filen skapades för mer än 90 dagar sedan")}},
	{Code: CodeInitiatingParty, Severity: finding.Off,
		Meaning: "The initiating party has a name (Switzerland), and nothing but a name (Germany recommends that).",
		Source:  "SPS implementation guidelines GrpHdr/InitgPty; DK Anlage 3, recommendation on InitgPty",
		Example: `<InitgPty><Id>…</Id></InitgPty>`,
		Advice:  in("Give the name of the company that sends the file.", "Den Namen der Firma angeben, die die Datei einreicht.", "Ange namnet på företaget som skickar filen."),
		Cases: []finding.Case{
			say("missing", "the initiating party has no name", "der Einreicher hat keinen Namen", "den som skickar filen har inget namn"),
			say("id", "the initiating party has an identification; German banks recommend only a name", "der Einreicher hat eine Identifikation; empfohlen ist nur der Name", "den som skickar filen har en identitet; tyska banker rekommenderar bara namn")}},
	{Code: CodeBatchIDTwice, Severity: finding.Error,
		Meaning: "PmtInfId is unique within the message.",
		Source:  "ISO 20022 pain.001, pain.008 PmtInf/PmtInfId; DK Anlage 3 chapter 2.2.1",
		Example: `two <PmtInf> with <PmtInfId>P1</PmtInfId>`,
		Advice:  in("Give each payment information an identification of its own.", "Jedem Sammler eine eigene Kennung geben.", "Ge varje betalningsbunt en egen identitet."),
		Cases: []finding.Case{
			say("twice", "another payment information of the message has the same identification", "ein anderer Sammler der Nachricht hat dieselbe Kennung", "en annan betalningsbunt i meddelandet har samma identitet")}},
	{Code: CodeInstructionIDTwice, Severity: finding.Warning,
		Meaning: "InstrId is unique within its payment information.",
		Source:  "ISO 20022 pain.001, pain.008 PmtId/InstrId; SPS implementation guidelines",
		Example: `two transactions with <InstrId>I-1</InstrId>`,
		Advice:  in("Give each transaction an instruction identification of its own, or none.", "Jeder Transaktion eine eigene Auftragskennung geben oder keine.", "Ge varje transaktion en egen instruktionsidentitet, eller ingen."),
		Cases: []finding.Case{
			say("twice", "another transaction of the payment information has the same instruction identification", "eine andere Transaktion des Sammlers hat dieselbe Auftragskennung", "en annan transaktion i betalningsbunten har samma instruktionsidentitet")}},
	{Code: CodeEndToEndIDTwice, Severity: finding.Warning,
		Meaning: "No two transactions of the message have the same EndToEndId, other than NOTPROVIDED. It is allowed, and a common sign of a payment made twice.",
		Source:  "ISO 20022 pain.001, pain.008 PmtId/EndToEndId; Kontor",
		Example: `two transactions with <EndToEndId>INVOICE-7</EndToEndId>`,
		Advice:  in("Check whether something is paid twice.", "Prüfen, ob etwas doppelt bezahlt wird.", "Kontrollera om något betalas två gånger."),
		Cases: []finding.Case{
			say("twice", "another transaction of the message has the same end-to-end identification", "eine andere Transaktion der Nachricht hat dieselbe Ende-zu-Ende-Kennung", "en annan transaktion i meddelandet har samma end-to-end-identitet")}},
	{Code: CodeReference, Severity: finding.Error,
		Meaning: "MsgId, PmtInfId, InstrId, EndToEndId and MndtId are 1 to 35 characters of A-Z, a-z, 0-9, blank and + ? / - : ( ) . , '.",
		Source:  "EPC230-15 section 1; DK Anlage 3 RestrictedIdentificationSEPA1",
		Example: `<EndToEndId>Rechnung_4711</EndToEndId>`,
		Advice:  adviceReference,
		Cases: []finding.Case{
			say("form", "the reference is not 1 to 35 characters of A-Z, a-z, 0-9, blank and + ? / - : ( ) . , '", "die Referenz besteht nicht aus 1 bis 35 Zeichen von A-Z, a-z, 0-9, Leerzeichen und + ? / - : ( ) . , '", "referensen är inte 1 till 35 tecken av A-Z, a-z, 0-9, mellanslag och + ? / - : ( ) . , '")}},
	{Code: CodeReferenceSlashes, Severity: finding.Error,
		Meaning: "A reference does not begin or end with a slash and has no two slashes in a row.",
		Source:  "EPC230-15 section 1",
		Example: `<EndToEndId>2026//4711</EndToEndId>`,
		Advice:  adviceReference,
		Cases: []finding.Case{
			say("slashes", "the reference begins or ends with a slash or has two in a row", "die Referenz beginnt oder endet mit einem Schrägstrich oder hat zwei hintereinander", "referensen börjar eller slutar med ett snedstreck eller har två i rad")}},
	{Code: CodeReferenceBlank, Severity: finding.Warning,
		Meaning: "A reference does not begin with a blank.",
		Source:  "SPS implementation guidelines, schema pattern of references; EPC230-15 section 1",
		Example: `<EndToEndId> 4711</EndToEndId>`,
		Advice:  adviceReference,
		Cases: []finding.Case{
			say("leading", "the reference begins with a blank", "die Referenz beginnt mit einem Leerzeichen", "referensen börjar med ett mellanslag")}},
	{Code: CodeMandateBlank, Severity: finding.Warning,
		Meaning: "A mandate identification has no blanks.",
		Source:  "DK Anlage 3, recommendation on MndtId",
		Example: `<MndtId>MEMBER 17</MndtId>`,
		Advice:  in("Keep the reference of mandates that exist; give new ones a reference without blanks.", "Die Referenz bestehender Mandate beibehalten; neuen eine Referenz ohne Leerzeichen geben.", "Behåll referensen för befintliga medgivanden; ge nya en referens utan mellanslag."),
		Cases: []finding.Case{
			say("blank", "the mandate identification has blanks; banks advise against them", "die Mandatsreferenz enthält Leerzeichen; Banken raten davon ab", "medgivandets referens innehåller mellanslag; bankerna avråder från det")}},
}

var adviceTotals = in("Compare the file with the list of payments you wanted to send: something is missing or was changed. Do not correct the total by hand.",
	"Die Datei mit der Liste der beabsichtigten Zahlungen vergleichen: Es fehlt etwas oder wurde geändert. Die Summe nicht von Hand ändern.",
	"Jämför filen med listan över betalningar som skulle skickas: något saknas eller har ändrats. Rätta inte summan för hand.")

var adviceReference = in("Choose a reference of these characters. Kontor never changes references, since they come back from the bank.",
	"Eine Referenz aus diesen Zeichen wählen. Kontor ändert Referenzen nie, weil sie von der Bank zurückkommen.",
	"Välj en referens av dessa tecken. Kontor ändrar aldrig referenser, eftersom de kommer tillbaka från banken.")
