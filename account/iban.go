// Package account checks the numbers that name accounts and banks: IBAN (ISO 13616)
// and BIC (ISO 9362).
package account

import (
	"fmt"
	"strings"
)

// IBAN is a checked International Bank Account Number in electronic form: upper case,
// no blanks, 15 to 34 characters. It is personal data: never log it.
type IBAN string

// Reason says which check an IBAN did not pass.
type Reason string

// The checks, in the order in which they are made.
const (
	ReasonStructure   Reason = "structure"    // other characters than A-Z and 0-9, or a letter where the country has a digit
	ReasonCountry     Reason = "country"      // no country of the IBAN registry
	ReasonLength      Reason = "length"       // not the country's length
	ReasonCheckDigits Reason = "check digits" // ISO 7064 mod 97-10
)

// IBANError tells what is wrong with an account number. Its text does not contain the
// number.
type IBANError struct {
	Reason Reason
	Detail string // a half-sentence: "DE has 22 characters, not 21"
}

// Error implements error.
func (e *IBANError) Error() string { return "IBAN " + string(e.Reason) + ": " + e.Detail }

// ParseIBAN accepts the electronic form only: blanks and lower case are faults, since
// banks reject them in messages. The error is an *IBANError.
func ParseIBAN(text string) (IBAN, error) {
	if err := checkIBAN(text); err != nil {
		return "", err
	}
	return IBAN(strings.Clone(text)), nil
}

// CheckIBAN is ParseIBAN for callers that keep the text themselves; it does not
// allocate for a correct number.
func CheckIBAN(text []byte) error {
	if err := checkIBAN(string(text)); err != nil {
		return err
	}
	return nil
}

// NormaliseIBAN drops blanks (also no-break and other Unicode spaces) and changes
// letters to upper case. It is for look-ups of what people type; it checks nothing.
func NormaliseIBAN(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(text), ""))
}

// Country returns the ISO 3166 code with which the number begins.
func (i IBAN) Country() string {
	if len(i) < 2 {
		return ""
	}
	return string(i[:2])
}

// SEPA reports whether accounts of the number's country are reachable by SEPA schemes.
func (i IBAN) SEPA() bool { return registry[i.Country()].sepa }

// CheckDigits returns the two digits that complete country and BBAN to an IBAN. It is
// for whoever makes up account numbers (sandbox, tests); the result is meaningless for
// texts that are not of the characters A-Z and 0-9.
func CheckDigits(country, bban string) string {
	return fmt.Sprintf("%02d", 98-mod97(bban+country+"00"))
}

func checkIBAN(text string) *IBANError {
	for i := range len(text) {
		if class(text[i]) == 0 {
			return &IBANError{ReasonStructure, fmt.Sprintf("character %d is not one of A-Z and 0-9", i+1)}
		}
	}
	if len(text) < 4 {
		return &IBANError{ReasonStructure, "too short for country and check digits"}
	}
	country := text[:2]
	form, known := registry[country]
	if !known {
		if class(text[0]) != 'a' || class(text[1]) != 'a' {
			return &IBANError{ReasonStructure, "does not begin with a country code"}
		}
		return &IBANError{ReasonCountry, fmt.Sprintf("%s has no IBAN", strings.Clone(country))}
	}
	if n := form.length() + 4; len(text) != n {
		return &IBANError{ReasonLength, fmt.Sprintf("%s has %d characters, not %d", strings.Clone(country), n, len(text))}
	}
	if class(text[2]) != 'n' || class(text[3]) != 'n' {
		return &IBANError{ReasonStructure, "characters 3 and 4 are not digits"}
	}
	if at, want := form.mismatch(text[4:]); at >= 0 {
		return &IBANError{ReasonStructure, fmt.Sprintf("character %d must be a %s in %s", at+5, want, strings.Clone(country))}
	}
	// 00, 01 and 99 can satisfy mod 97 but are never issued: check digits are 98 minus a remainder.
	if digits := text[2:4]; digits == "00" || digits == "01" || digits == "99" {
		return &IBANError{ReasonCheckDigits, "only 02 to 98 are issued"}
	}
	if mod97(text[4:], text[:4]) != 1 {
		return &IBANError{ReasonCheckDigits, "do not fit the number; a character is wrong or two are swapped"}
	}
	return nil
}

// class returns 'n' for a digit, 'a' for an upper-case letter, 0 for anything else.
func class(ch byte) byte {
	switch {
	case ch >= '0' && ch <= '9':
		return 'n'
	case ch >= 'A' && ch <= 'Z':
		return 'a'
	}
	return 0
}

// length adds up the counts of the structure.
func (s structure) length() int {
	total, n := 0, 0
	for i := range len(s.bban) {
		if ch := s.bban[i]; ch >= '0' && ch <= '9' {
			n = n*10 + int(ch-'0')
		} else {
			total, n = total+n, 0
		}
	}
	return total
}

// mismatch returns the index of the first character of the wrong class and what is
// wanted there, or -1. The text has the right length.
func (s structure) mismatch(text string) (int, string) {
	at, n := 0, 0
	for i := range len(s.bban) {
		kind := s.bban[i]
		if kind >= '0' && kind <= '9' {
			n = n*10 + int(kind-'0')
			continue
		}
		for ; n > 0; n-- {
			if kind != 'c' && class(text[at]) != kind {
				if kind == 'n' {
					return at, "digit"
				}
				return at, "letter"
			}
			at++
		}
	}
	return -1, ""
}

// mod97 computes ISO 7064 mod 97-10 over the joined parts, letters counting 10 to 35.
func mod97(parts ...string) int {
	rest := 0
	for _, part := range parts {
		for i := range len(part) {
			switch ch := part[i]; class(ch) {
			case 'n':
				rest = (rest*10 + int(ch-'0')) % 97
			case 'a':
				rest = (rest*100 + int(ch-'A') + 10) % 97
			}
		}
	}
	return rest
}
