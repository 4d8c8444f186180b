package account

import (
	"errors"

	"kontor/finding"
)

// CaseOf returns the case and the arguments of an error that a check of this package
// gave, for finding.Rule.New: a rule that looks at IBANs takes IBANCases as its own. It
// is "" for other errors.
func CaseOf(err error) (id string, args []string) {
	if fault, ok := errors.AsType[*IBANError](err); ok {
		return fault.Case, fault.Args
	}
	for _, c := range sentinels {
		if errors.Is(err, c.err) {
			return c.id, nil
		}
	}
	return "", nil
}

// sentinels are the errors without arguments and their cases.
var sentinels = []struct {
	err error
	id  string
}{
	{ErrBIC, "form"},
	{ErrClassicBIC, "classic-form"},
	{ErrBICCountry, "country"},
	{ErrNotProvided, "not-provided"},
	{ErrCreditorIDLength, "length"},
	{ErrCreditorIDStart, "start"},
	{ErrCreditorIDCharacter, "character"},
	{ErrCreditorIDGermany, "germany"},
	{ErrCreditorIDCheckDigit, "check-digits"},
}

// IBANCases returns the sentences about an IBAN, by the Case of an IBANError.
func IBANCases() []finding.Case {
	return []finding.Case{
		{ID: "character", Text: finding.Texts{
			EN: "character {0} is neither a letter A–Z nor a digit",
			DE: "Zeichen {0} ist weder Buchstabe A–Z noch Ziffer",
			SV: "tecken {0} är varken bokstav A–Z eller siffra"}},
		{ID: "space", Text: finding.Texts{
			EN: "character {0} is a blank or a line break: the number is written without",
			DE: "Zeichen {0} ist ein Leerzeichen oder Zeilenumbruch: Die Nummer wird ohne geschrieben",
			SV: "tecken {0} är ett mellanslag eller en radbrytning: numret skrivs utan"}},
		{ID: "short", Text: finding.Texts{
			EN: "too short for country and check digits",
			DE: "zu kurz für Land und Prüfziffern",
			SV: "för kort för land och kontrollsiffror"}},
		{ID: "no-country", Text: finding.Texts{
			EN: "does not begin with a country code",
			DE: "beginnt nicht mit einem Ländercode",
			SV: "börjar inte med en landskod"}},
		{ID: "country", Text: finding.Texts{
			EN: "{0} has no IBAN",
			DE: "{0} hat keine IBAN",
			SV: "{0} har inget IBAN"}},
		{ID: "length", Text: finding.Texts{
			EN: "{0} has {1} characters, not {2}",
			DE: "{0} hat {1} Zeichen, nicht {2}",
			SV: "{0} har {1} tecken, inte {2}"}},
		{ID: "not-digits", Text: finding.Texts{
			EN: "characters 3 and 4 are not digits",
			DE: "Zeichen 3 und 4 sind keine Ziffern",
			SV: "tecken 3 och 4 är inga siffror"}},
		{ID: "digit", Text: finding.Texts{
			EN: "character {0} must be a digit in {1}",
			DE: "Zeichen {0} muss in {1} eine Ziffer sein",
			SV: "tecken {0} måste vara en siffra i {1}"}},
		{ID: "letter", Text: finding.Texts{
			EN: "character {0} must be a letter in {1}",
			DE: "Zeichen {0} muss in {1} ein Buchstabe sein",
			SV: "tecken {0} måste vara en bokstav i {1}"}},
		{ID: "never-issued", Text: finding.Texts{
			EN: "only 02 to 98 are issued as check digits",
			DE: "als Prüfziffern werden nur 02 bis 98 vergeben",
			SV: "bara 02 till 98 ges ut som kontrollsiffror"}},
		{ID: "check-digits", Text: finding.Texts{
			EN: "the check digits do not fit the number; a character is wrong or two are swapped",
			DE: "die Prüfziffern passen nicht zur Nummer; ein Zeichen ist falsch oder zwei sind vertauscht",
			SV: "kontrollsiffrorna stämmer inte med numret; ett tecken är fel eller två har bytt plats"}},
	}
}

// BICCases returns the sentences about a BIC, by CaseOf.
func BICCases() []finding.Case {
	return []finding.Case{
		{ID: "form", Text: finding.Texts{
			EN: ErrBIC.Error(),
			DE: "hat nicht die Form eines BIC: 4 Zeichen, 2 Buchstaben für das Land, 2 Zeichen und wahlweise 3 für die Filiale",
			SV: "har inte formen av en BIC: 4 tecken, 2 bokstäver för landet, 2 tecken och valfritt 3 för kontoret"}},
		{ID: "classic-form", Text: finding.Texts{
			EN: ErrClassicBIC.Error(),
			DE: "hat nicht die Form eines BIC: 6 Buchstaben, eines von A-Z und 2-9, eines von A-N, P-Z und 0-9 und wahlweise 3 für die Filiale",
			SV: "har inte formen av en BIC: 6 bokstäver, ett av A-Z och 2-9, ett av A-N, P-Z och 0-9 och valfritt 3 för kontoret"}},
		{ID: "country", Text: finding.Texts{
			EN: ErrBICCountry.Error(),
			DE: "kein BIC: Zeichen 5 und 6 sind kein Ländercode",
			SV: "ingen BIC: tecken 5 och 6 är ingen landskod"}},
		{ID: "not-provided", Text: finding.Texts{
			EN: ErrNotProvided.Error(),
			DE: "NOTPROVIDED ist kein BIC: den BIC weglassen und es in Othr/Id setzen",
			SV: "NOTPROVIDED är ingen BIC: utelämna BIC och ange det i Othr/Id"}},
	}
}

// CreditorIDCases returns the sentences about a creditor identifier, by CaseOf.
func CreditorIDCases() []finding.Case {
	return []finding.Case{
		{ID: "length", Text: finding.Texts{
			EN: ErrCreditorIDLength.Error(),
			DE: "die Gläubiger-ID hat nicht 8 bis 35 Zeichen",
			SV: "borgenärs-id har inte 8 till 35 tecken"}},
		{ID: "start", Text: finding.Texts{
			EN: ErrCreditorIDStart.Error(),
			DE: "die Gläubiger-ID beginnt nicht mit Land und zwei Ziffern",
			SV: "borgenärs-id börjar inte med land och två siffror"}},
		{ID: "character", Text: finding.Texts{
			EN: ErrCreditorIDCharacter.Error(),
			DE: "die Gläubiger-ID hat ein anderes Zeichen als A-Z, a-z, 0-9 und + ? / - : ( ) . , '",
			SV: "borgenärs-id har ett annat tecken än A-Z, a-z, 0-9 och + ? / - : ( ) . , '"}},
		{ID: "germany", Text: finding.Texts{
			EN: ErrCreditorIDGermany.Error(),
			DE: "eine deutsche Gläubiger-ID hat 18 Zeichen",
			SV: "ett tyskt borgenärs-id har 18 tecken"}},
		{ID: "check-digits", Text: finding.Texts{
			EN: ErrCreditorIDCheckDigit.Error(),
			DE: "die Prüfziffern der Gläubiger-ID passen nicht: ein Zeichen ist falsch oder zwei sind vertauscht",
			SV: "kontrollsiffrorna i borgenärs-id stämmer inte: ett tecken är fel eller två har bytt plats"}},
	}
}
