package pain

import "kontor/finding"

// in makes one text of three languages.
func in(en, de, sv string) finding.Texts { return finding.Texts{EN: en, DE: de, SV: sv} }

// say makes one sentence of a rule.
func say(id, en, de, sv string) finding.Case {
	return finding.Case{ID: id, Text: in(en, de, sv)}
}

// fileRules are groups A and Z: the file, its envelope, its schema.
var fileRules = []finding.Rule{
	{Code: CodeSyntax, Severity: finding.Error,
		Meaning: "The document is well-formed XML 1.0 in UTF-8 or a declared ISO 8859 or windows-1252 encoding, without a document type. A document with this fault is not read further.",
		Source:  "XML 1.0; Namespaces in XML; DK Anlage 3 chapter 2.1",
		Example: `<Nm>Miller & Sons</Nm>`,
		Advice: in("Create the file again with the program it comes from; do not repair it by hand.",
			"Die Datei mit dem Programm, aus dem sie stammt, neu erzeugen; nicht von Hand ändern.",
			"Skapa filen på nytt i det program den kommer från; rätta den inte för hand."),
		Cases: []finding.Case{
			say("syntax", "this is not well-formed XML: {0}", "das ist kein wohlgeformtes XML: {0}", "detta är inte välformad XML: {0}")}},
	{Code: CodeUnknownMessage, Severity: finding.Error,
		Meaning: "The document is a credit transfer or direct debit initiation in a version that is read here, and the profile by which it is judged has a schema for it. A document with this fault is not read further.",
		Source:  "ISO 20022 message definition report Payments Initiation; namespace of the schema",
		Example: `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.05">`,
		Advice: in("Create the file in a version that the bank takes, such as pain.001.001.09 or pain.008.001.08.",
			"Die Datei in einer Version erzeugen, die die Bank annimmt, etwa pain.001.001.09 oder pain.008.001.08.",
			"Skapa filen i en version som banken tar emot, till exempel pain.001.001.09 eller pain.008.001.08."),
		Cases: []finding.Case{
			say("unknown", "the document element is {0} in the namespace {1}; no payment initiation that is read here begins so",
				"das Wurzelelement ist {0} im Namensraum {1}; so beginnt kein Zahlungsauftrag, der hier gelesen wird",
				"rotelementet är {0} i namnrymden {1}; så börjar inget betalningsuppdrag som läses här"),
			say("profile", "the profile {1} has no schema for {0}", "das Profil {1} hat kein Schema für {0}", "profilen {1} har inget schema för {0}")}},
	{Code: CodeStructure, Severity: finding.Error,
		Meaning: "The document is valid against the schema of its message version in the profile: elements, their order and number, attributes, and the form of every value.",
		Source:  "ISO 20022 schemas and their national restrictions: DK Anlage 3 (GBIC), SPS, PSA",
		Example: `<PmtId><InstrId>A1</InstrId></PmtId> without EndToEndId`,
		Advice: in("Correct the field in the program that creates the file, or ask its maker for the version of the format that the bank wants.",
			"Das Feld im erzeugenden Programm berichtigen oder beim Hersteller nach der Formatversion fragen, die die Bank verlangt.",
			"Rätta fältet i programmet som skapar filen, eller fråga leverantören efter den formatversion som banken kräver."),
		Cases: structureCases},
	{Code: CodeMessageIDTwice, Severity: finding.Off,
		Meaning: "A message identification is not used again by the same initiating party. Needs a history.",
		Source:  "ISO 20022 pain.001, pain.008 GrpHdr/MsgId; SPS: banks compare for at least 90 days",
		Example: `<MsgId>SALARY-11</MsgId> in a second file`,
		Advice: in("Check whether the file was sent before. If not, give it a new message identification.",
			"Prüfen, ob die Datei schon gesendet wurde. Wenn nicht, ihr eine neue Nachrichtenkennung geben.",
			"Kontrollera om filen redan har skickats. Om inte, ge den en ny meddelandeidentitet."),
		Cases: []finding.Case{
			say("twice", "this message identification was used before: {0}", "diese Nachrichtenkennung wurde schon verwendet: {0}", "denna meddelandeidentitet har använts tidigare: {0}")}},
	{Code: CodeManyTransactions, Severity: finding.Warning,
		Meaning: "A file has no more than 500,000 transactions.",
		Source:  "DK, recommendation on the size of SEPA files",
		Example: `<NbOfTxs>600000</NbOfTxs> over as many transactions`,
		Advice: in("Split the file, or ask the bank whether it takes files of this size.",
			"Die Datei teilen oder bei der Bank fragen, ob sie Dateien dieser Größe annimmt.",
			"Dela filen, eller fråga banken om den tar emot så stora filer."),
		Cases: []finding.Case{
			say("many", "the file has {0} transactions; banks recommend at most 500000", "die Datei hat {0} Transaktionen; Banken empfehlen höchstens 500000", "filen har {0} transaktioner; bankerna rekommenderar högst 500000")}},
	{Code: CodeByteOrderMark, Severity: finding.Warning,
		Meaning: "The file does not begin with a byte order mark.",
		Source:  "DK Anlage 3 chapter 2.1; SPS implementation guidelines, character set",
		Example: `EF BB BF before <?xml`,
		Advice:  in("Store the file as UTF-8 without BOM.", "Die Datei als UTF-8 ohne BOM speichern.", "Spara filen som UTF-8 utan BOM."),
		Cases: []finding.Case{
			say("bom", "the file begins with a byte order mark, which banks forbid", "die Datei beginnt mit einer Byte-Order-Mark, die Banken verbieten", "filen börjar med en byteordningsmarkering, som bankerna inte tillåter")}},
	{Code: CodeCDATA, Severity: finding.Warning,
		Meaning: "No value is written as a CDATA section.",
		Source:  "SPS implementation guidelines: the content of CDATA sections is ignored",
		Example: `<Nm><![CDATA[Miller & Sons]]></Nm>`,
		Advice:  in("Write the text itself, with &amp; for &.", "Den Text selbst schreiben, mit &amp; für &.", "Skriv själva texten, med &amp; för &."),
		Cases: []finding.Case{
			say("cdata", "the file has a CDATA section; some banks ignore what it holds", "die Datei enthält einen CDATA-Abschnitt; manche Banken ignorieren seinen Inhalt", "filen innehåller ett CDATA-avsnitt; vissa banker bortser från innehållet")}},
	{Code: CodeEmptyElement, Severity: finding.Warning,
		Meaning: "No element is empty, and no value that is judged here consists of blanks only.",
		Source:  "EPC132-08 and EPC130-08 section 1; SPS implementation guidelines: empty elements are not allowed",
		Example: `<PstlAdr/>`,
		Advice:  in("Leave the element out, or fill it.", "Das Element weglassen oder füllen.", "Utelämna elementet, eller fyll i det."),
		Cases: []finding.Case{
			say("empty", "there are empty elements in the file: {0}", "in der Datei sind leere Elemente: {0}", "det finns tomma element i filen: {0}"),
			say("blank", "the value consists of blanks only", "der Wert besteht nur aus Leerzeichen", "värdet består bara av mellanslag")}},
	{Code: CodeFormatEnd, Severity: finding.Warning,
		Meaning: "The version of the format is in force on the day of judgement, and for another 180 days. Judged only if that day is given.",
		Source:  "DK Anlage 3 V3.9; SPS 2025; EPC migration to the 2019 version of ISO 20022",
		Example: `pain.001.001.03 after 2026-11-15`,
		Advice: in("Change to the version that follows; ask the bank how long it still takes the old one.",
			"Auf die Nachfolgeversion umstellen; bei der Bank fragen, wie lange sie die alte noch annimmt.",
			"Gå över till nästa version; fråga banken hur länge den gamla tas emot."),
		Cases: []finding.Case{
			say("ended", "the format {0} ended on {1}; a bank may refuse it", "das Format {0} ist am {1} ausgelaufen; eine Bank kann es ablehnen", "formatet {0} upphörde {1}; en bank kan avvisa det"),
			say("ending", "the format {0} ends on {1}", "das Format {0} läuft am {1} aus", "formatet {0} upphör {1}"),
			say("early", "the format {0} is not in force before {1}", "das Format {0} gilt erst ab {1}", "formatet {0} gäller först från {1}")}},
	{Code: CodeMore, Severity: finding.Error,
		Meaning: "The document has more findings than are listed; the message says how many more.",
		Source:  "Kontor: the list is limited so that a broken file of a million payments stays readable",
		Example: `101 payments without an amount`,
		Advice:  in("Correct what is listed and submit the file again.", "Das Aufgeführte berichtigen und die Datei erneut einreichen.", "Rätta det som listas och skicka in filen igen."),
		Cases: []finding.Case{
			say("more", "there are {0} more findings, which are not shown", "es gibt {0} weitere Befunde, die nicht gezeigt werden", "det finns {0} anmärkningar till, som inte visas")}},
}

// structureCases are what a schema may say, one case per kind of violation.
var structureCases = []finding.Case{
	say("unexpected", "the element {0} must not stand here; expected: {1}", "das Element {0} darf hier nicht stehen; erwartet: {1}", "elementet {0} får inte stå här; förväntat: {1}"),
	say("superfluous", "the element {0} must not stand here; nothing more is expected", "das Element {0} darf hier nicht stehen; es wird nichts mehr erwartet", "elementet {0} får inte stå här; inget mer förväntas"),
	say("missing", "the required element is missing: {0}", "das Pflichtelement fehlt: {0}", "det obligatoriska elementet saknas: {0}"),
	say("incomplete", "{0} is incomplete; expected: {1}", "{0} ist unvollständig; erwartet: {1}", "{0} är ofullständigt; förväntat: {1}"),
	say("long", "{0} is longer than {1} characters", "{0} ist länger als {1} Zeichen", "{0} är längre än {1} tecken"),
	say("empty", "{0} is empty", "{0} ist leer", "{0} är tomt"),
	say("zone", "{0} needs a time zone, such as +01:00", "{0} braucht eine Zeitzone, etwa +01:00", "{0} behöver en tidszon, till exempel +01:00"),
	say("pattern", "{0} has not the form that the schema asks for: {1}", "{0} hat nicht die Form, die das Schema verlangt: {1}", "{0} har inte den form som schemat kräver: {1}"),
	say("enumeration", "{0} is none of the allowed values: {1}", "{0} ist keiner der erlaubten Werte: {1}", "{0} är inget av de tillåtna värdena: {1}"),
	say("range", "the value of {0} is out of range: {1}", "der Wert von {0} liegt außerhalb der Grenzen: {1}", "värdet på {0} ligger utanför gränserna: {1}"),
	say("digits", "{0} has too many digits: {1}", "{0} hat zu viele Ziffern: {1}", "{0} har för många siffror: {1}"),
	say("form", "{0} is not a value of the right kind: {1}", "{0} ist kein Wert der richtigen Art: {1}", "{0} är inte ett värde av rätt slag: {1}"),
	say("attribute", "an attribute of the element is wrong or missing: {0}", "ein Attribut des Elements ist falsch oder fehlt: {0}", "ett attribut på elementet är fel eller saknas: {0}"),
	say("text", "there is text between the elements of {0}", "zwischen den Elementen von {0} steht Text", "det står text mellan elementen i {0}"),
	say("namespace", "the element {0} is not in the namespace of the message", "das Element {0} ist nicht im Namensraum der Nachricht", "elementet {0} ligger inte i meddelandets namnrymd"),
}
