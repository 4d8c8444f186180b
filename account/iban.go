// Package account checks the numbers that name accounts, banks and payments: IBAN
// (ISO 13616) with the check digits that countries add to it, BIC (ISO 9362), creditor
// identifiers, LEI (ISO 17442) and the structured references that people copy from
// invoices. It knows which countries take part in SEPA, in the EEA and in the euro, and
// since when. Which banks exist is for package account/directory.
//
// The functions that check a piece of a document do not copy it and do not allocate for a
// correct number.
package account

import (
	"fmt"
	"strconv"
	"strings"

	"kontor/calendar"
	"kontor/finding"
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
	Case   string   // which sentence of IBANCases says it, for ever
	Args   []string // what is put into the sentence
	Detail string   // the sentence in English: "DE has 22 characters, not 21"
}

// Error implements error.
func (e *IBANError) Error() string { return "IBAN " + string(e.Reason) + ": " + e.Detail }

// ParseIBAN accepts the electronic form only: blanks and lower case are faults, since
// banks reject them in messages. The error is an *IBANError.
func ParseIBAN(text string) (IBAN, error) {
	if !rightIBAN(text) {
		return "", explain(text)
	}
	return IBAN(strings.Clone(text)), nil
}

// CheckIBAN is ParseIBAN for callers that keep the text themselves; it does not
// allocate for a correct number.
func CheckIBAN(text []byte) error {
	if !rightIBAN(text) {
		return explain(string(text))
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

// SEPA reports whether accounts of the number's country are reachable by SEPA schemes on
// a day; see the function of this name.
func (i IBAN) SEPA(on calendar.Date) bool { return SEPA(i.Country(), on) }

// EEA reports whether the number's country belongs to the European Economic Area on a
// day; see the function of this name.
func (i IBAN) EEA(on calendar.Date) bool { return EEA(i.Country(), on) }

// BankCode returns the part of the number that names the bank in its country.
func (i IBAN) BankCode() string { return string(BankCode(i)) }

// Branch returns the part of the number that names a branch of the bank, "" in countries
// whose numbers have none.
func (i IBAN) Branch() string { return string(Branch(i)) }

// BankCode returns the part of an IBAN that names the bank in its country, without
// copying it. Of a text that has not the length of its country it returns nothing.
func BankCode[T chars](iban T) T {
	l := layoutFor(iban)
	return cut(iban, l, l.bank)
}

// Branch returns the part of an IBAN that names a branch of the bank, without copying
// it; nothing where the country has none, or of a text that has not its length.
func Branch[T chars](iban T) T {
	l := layoutFor(iban)
	return cut(iban, l, l.branch)
}

func cut[T chars](iban T, l *layout, s span) T {
	if l.length == 0 || len(iban) != l.length {
		return iban[:0]
	}
	return iban[4+int(s.from) : 4+int(s.to)]
}

// CheckDigits returns the two digits that complete country and BBAN to an IBAN. It is
// for whoever makes up account numbers (sandbox, tests); the result is meaningless for
// texts that are not of the characters A-Z and 0-9.
func CheckDigits(country, bban string) string {
	return fmt.Sprintf("%02d", 98-mod97(bban+country+"00"))
}

// rightIBAN makes all checks in one pass and says nothing about what is wrong: most
// numbers are right, and explain looks again at the others.
func rightIBAN[T chars](text T) bool {
	l := layoutFor(text)
	if l.length == 0 || len(text) != l.length {
		return false
	}
	first, second := text[2]-'0', text[3]-'0'
	if first > 9 || second > 9 {
		return false
	}
	// 00, 01 and 99 can satisfy mod 97 but are never issued: check digits are 98 minus a remainder.
	if digits := first*10 + second; digits < 2 || digits > 98 {
		return false
	}
	if l.numeric {
		return rightNumber(text)
	}
	var n uint64
	for i := range len(text) - 4 {
		v := value[text[4+i]]
		switch want := l.want[i]; {
		case v < 10 && want&digit != 0:
			n = n*10 + uint64(v)
		case v >= 10 && v < 36 && want&letter != 0:
			n = n*100 + uint64(v)
		default:
			return false
		}
		if n >= 1<<56 {
			n %= 97
		}
	}
	n = n%97*10000 + uint64(value[text[0]])*100 + uint64(value[text[1]])
	return (n*100+uint64(first)*10+uint64(second))%97 == 1
}

// rightNumber is the rest of rightIBAN for countries whose numbers have digits only behind the country.
func rightNumber[T chars](text T) bool {
	var n uint64
	for i := 4; i < len(text); i++ {
		d := text[i] - '0'
		if d > 9 {
			return false
		}
		if n = n*10 + uint64(d); n >= 1<<60 {
			n %= 97
		}
	}
	n = n%97*10000 + uint64(value[text[0]])*100 + uint64(value[text[1]])
	return (n*100+uint64(text[2]-'0')*10+uint64(text[3]-'0'))%97 == 1
}

// explain names the first check that a number does not pass. The number is wrong: the
// last sentence is right by elimination.
func explain(text string) *IBANError {
	for i := range len(text) {
		if isBlank(text[i:]) {
			return fault(ReasonStructure, "space", strconv.Itoa(i+1))
		}
		if class(text[i]) == 0 {
			return fault(ReasonStructure, "character", strconv.Itoa(i+1))
		}
	}
	if len(text) < 4 {
		return fault(ReasonStructure, "short")
	}
	country := strings.Clone(text[:2])
	l := layoutFor(text)
	switch {
	case place(text[0], text[1]) < 0:
		return fault(ReasonStructure, "no-country")
	case l.length == 0:
		return fault(ReasonCountry, "country", country)
	case len(text) != l.length:
		return fault(ReasonLength, "length", country, strconv.Itoa(l.length), strconv.Itoa(len(text)))
	case !allDigits(text[2:4], 2, 2):
		return fault(ReasonStructure, "not-digits")
	}
	for i := 4; i < len(text); i++ {
		want, is := l.want[i-4], class(text[i])
		if is == 'a' && want&letter == 0 {
			return fault(ReasonStructure, "digit", strconv.Itoa(i+1), country)
		}
		if is == 'n' && want&digit == 0 {
			return fault(ReasonStructure, "letter", strconv.Itoa(i+1), country)
		}
	}
	if digits := text[2:4]; digits == "00" || digits == "01" || digits == "99" {
		return fault(ReasonCheckDigits, "never-issued")
	}
	return fault(ReasonCheckDigits, "check-digits")
}

// isBlank reports whether a text begins with a blank, a line break or a no-break space,
// which people often do not see.
func isBlank(text string) bool {
	return strings.IndexByte(" \t\r\n", text[0]) >= 0 || strings.HasPrefix(text, "\u00A0")
}

// ibanRule says the sentences of an IBANError.
var ibanRule = finding.Rule{Cases: IBANCases()}

func fault(reason Reason, id string, args ...string) *IBANError {
	return &IBANError{Reason: reason, Case: id, Args: args, Detail: ibanRule.Sentence(finding.Finding{Case: id, Args: args}, "en")}
}
