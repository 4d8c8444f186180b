package account

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// CreditorID is a checked SEPA creditor identifier (EPC262-08): country, check digits,
// business code of 3 characters, national identification of 1 to 28. In Germany it has
// 18 characters. It names a creditor in public and is no secret.
type CreditorID string

// ParseCreditorID accepts the electronic form only, without blanks.
func ParseCreditorID(text string) (CreditorID, error) {
	if err := checkCreditorID(text); err != nil {
		return "", err
	}
	return CreditorID(strings.Clone(text)), nil
}

// CheckCreditorID is ParseCreditorID for callers that keep the text themselves.
func CheckCreditorID(text []byte) error { return checkCreditorID(string(text)) }

const (
	businessCode     = 4 // where the business code begins: it is no part of the check
	nationalID       = 7
	maxCreditorID    = 35
	germanCreditorID = 18
)

func checkCreditorID(text string) error {
	if len(text) <= nationalID || len(text) > maxCreditorID {
		return errors.New("the creditor identifier has not 8 to 35 characters")
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf { // some of these have upper-case letters of ASCII
			return errors.New("the creditor identifier has a character other than A-Z, a-z, 0-9 and + ? / - : ( ) . , '")
		}
	}
	text = strings.ToUpper(text) // the schemas of the rule books accept both
	if class(text[0]) != 'a' || class(text[1]) != 'a' || class(text[2]) != 'n' || class(text[3]) != 'n' {
		return errors.New("the creditor identifier does not begin with a country and two digits")
	}
	for i := businessCode; i < len(text); i++ {
		if class(text[i]) == 0 && strings.IndexByte("+?/-:().,'", text[i]) < 0 {
			return errors.New("the creditor identifier has a character other than A-Z, a-z, 0-9 and + ? / - : ( ) . , '")
		}
	}
	if text[:2] == "DE" && len(text) != germanCreditorID {
		return errors.New("a German creditor identifier has 18 characters")
	}
	// As for an IBAN, 00, 01 and 99 are never issued. mod97 passes over other characters.
	if digits := text[2:4]; digits == "00" || digits == "01" || digits == "99" || mod97(text[nationalID:], text[:4]) != 1 {
		return errors.New("the check digits of the creditor identifier do not fit: a character is wrong or two are swapped")
	}
	return nil
}
