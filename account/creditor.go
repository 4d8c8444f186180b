package account

import (
	"errors"
	"strings"
)

// CreditorID is a checked SEPA creditor identifier (EPC262-08): country, check digits,
// business code of 3 characters, national identification of 1 to 28. In Germany it has
// 18 characters. It names a creditor in public and is no secret.
type CreditorID string

// ParseCreditorID accepts the electronic form only, without blanks. The errors are those
// that begin with ErrCreditorID.
func ParseCreditorID(text string) (CreditorID, error) {
	if err := checkCreditorID(text); err != nil {
		return "", err
	}
	return CreditorID(strings.Clone(text)), nil
}

// CheckCreditorID is ParseCreditorID for callers that keep the text themselves; it does
// not allocate.
func CheckCreditorID(text []byte) error { return checkCreditorID(text) }

// What can be wrong with a creditor identifier, in the order of the checks.
var (
	ErrCreditorIDLength     = errors.New("the creditor identifier has not 8 to 35 characters")
	ErrCreditorIDStart      = errors.New("the creditor identifier does not begin with a country and two digits")
	ErrCreditorIDCharacter  = errors.New("the creditor identifier has a character other than A-Z, a-z, 0-9 and + ? / - : ( ) . , '")
	ErrCreditorIDGermany    = errors.New("a German creditor identifier has 18 characters")
	ErrCreditorIDCheckDigit = errors.New("the check digits of the creditor identifier do not fit: a character is wrong or two are swapped")
)

const (
	businessCode     = 4 // where the business code begins: it is no part of the check
	nationalID       = 7
	maxCreditorID    = 35
	germanCreditorID = 18
)

// checkCreditorID takes letters of either case: the schemas of the rule books accept both.
func checkCreditorID[T chars](text T) error {
	if len(text) <= nationalID || len(text) > maxCreditorID {
		return ErrCreditorIDLength
	}
	country := place(upper(text[0]), upper(text[1]))
	if country < 0 || !isoCountry[country] || !allDigits(text[2:4], 2, 2) {
		return ErrCreditorIDStart
	}
	for i := businessCode; i < len(text); i++ {
		if value[upper(text[i])] == none && strings.IndexByte("+?/-:().,'", text[i]) < 0 {
			return ErrCreditorIDCharacter
		}
	}
	if country == place('D', 'E') && len(text) != germanCreditorID {
		return ErrCreditorIDGermany
	}
	// As for an IBAN, 00, 01 and 99 are never issued. mod97 passes over other characters.
	digits := string(text[2:4])
	if digits == "00" || digits == "01" || digits == "99" || mod97(text[nationalID:], text[:4]) != 1 {
		return ErrCreditorIDCheckDigit
	}
	return nil
}

// creditorForms are the national identifications of EPC262-08 by country, as runs of
// count and class like a BBAN; several where a country knows several. Countries whose
// form is free, or not known to us for certain (BG, CY, DK, GB, GI, LT, LV, MT, RO), are
// absent.
var creditorForms = map[string][]string{
	"AT": {"11n"}, "BE": {"10n", "3n1a9n"}, "CH": {"11n"}, "CZ": {"5n"}, "DE": {"11n"}, "EE": {"2a11n"}, "ES": {"9c"},
	"FI": {"8n"}, "FR": {"6c"}, "GR": {"5n"}, "HR": {"11n"}, "HU": {"1a8n"}, "IE": {"6n"}, "IT": {"16c", "11n"}, "LI": {"11n"},
	"LU": {"19n"}, "MC": {"6c"}, "NL": {"12n"}, "NO": {"9n"}, "PL": {"10n"}, "PT": {"6n"}, "SE": {"10n"}, "SI": {"8n"},
	"SK": {"11n"}, "SM": {"16c"},
}

// CreditorIDForm reports whether the national part of a creditor identifier that
// CheckCreditorID accepts has the length and the classes of characters that its country
// uses. known is false for countries whose form is free or not known. A misfit is a
// reason to ask, not to refuse: national forms are no part of the scheme's check, and
// schemes at both ends look at the check digits only.
func CreditorIDForm[T chars](text T) (fits, known bool) {
	if len(text) <= nationalID {
		return false, false
	}
	code := [2]byte{upper(text[0]), upper(text[1])}
	forms := creditorForms[string(code[:])]
	for _, form := range forms {
		if hasForm(text[nationalID:], form) {
			return true, true
		}
	}
	return false, len(forms) > 0
}

// hasForm reports whether a text has a form such as 3n1a9n; letters count in either case.
func hasForm[T chars](text T, form string) bool {
	at, n := 0, 0
	for i := range len(form) {
		kind := form[i]
		if kind >= '0' && kind <= '9' {
			n = n*10 + int(kind-'0')
			continue
		}
		for ; n > 0; n-- {
			if at == len(text) {
				return false
			}
			is := class(upper(text[at]))
			if is == 0 || kind != 'c' && is != kind {
				return false
			}
			at++
		}
	}
	return at == len(text)
}
