package account

import (
	"errors"
	"fmt"
)

// Structured references: numbers with check digits that a creditor prints on an invoice
// and wants back with the money. The Check functions answer yes or no and do not
// allocate: what is wrong with a reference, its check digits cannot tell.

// CheckRF reports whether a text is a creditor reference of ISO 11649: RF, two check
// digits, 1 to 21 letters and digits, without blanks. Letters count in either case.
func CheckRF[T chars](text T) bool {
	if len(text) < 5 || len(text) > 25 || upper(text[0]) != 'R' || upper(text[1]) != 'F' || !allDigits(text[2:4], 2, 2) {
		return false
	}
	for i := range len(text) {
		if class(upper(text[i])) == 0 {
			return false
		}
	}
	digits := string(text[2:4])
	return digits != "00" && digits != "01" && digits != "99" && mod97(text[4:], text[:4]) == 1
}

// ErrReference says that a text cannot become a structured reference.
var ErrReference = errors.New("not 1 to 21 letters of A-Z and digits")

// RF returns the creditor reference of ISO 11649 for an invoice's own number, which has 1
// to 21 upper-case letters and digits. The error is ErrReference.
func RF(number string) (string, error) {
	if len(number) == 0 || len(number) > 21 {
		return "", ErrReference
	}
	for i := range len(number) {
		if class(number[i]) == 0 {
			return "", ErrReference
		}
	}
	return fmt.Sprintf("RF%02d%s", 98-mod97(number, "RF00"), number), nil
}

// CheckQRR reports whether a text is a Swiss QR reference: 27 digits, the last of which
// checks the others (modulo 10, recursive). It goes with a QR-IBAN only.
func CheckQRR[T chars](text T) bool {
	return allDigits(text, 27, 27) && recursive(text[:26]) == text[26]
}

// QRIBAN reports whether an IBAN of Switzerland or Liechtenstein carries a QR-IID
// (30000 to 31999) as its bank code: such an account is credited by QR reference only.
func QRIBAN[T chars](iban T) bool {
	if len(iban) != 21 {
		return false
	}
	if country := string(iban[:2]); country != "CH" && country != "LI" {
		return false
	}
	return iban[4] == '3' && (iban[5] == '0' || iban[5] == '1') && allDigits(iban[6:9], 3, 3)
}

// CheckBelgian reports whether a text is a Belgian structured communication: 12 digits,
// the last two of which are the others modulo 97, either bare, as messages carry them, or
// as printed, +++090/9337/55493+++ with + or *.
func CheckBelgian[T chars](text T) bool {
	var digits [12]byte
	switch len(text) {
	case 12:
		copy(digits[:], text)
	case 20:
		mark := text[0]
		if mark != '+' && mark != '*' || text[6] != '/' || text[11] != '/' {
			return false
		}
		for _, i := range [...]int{0, 1, 2, 17, 18, 19} {
			if text[i] != mark {
				return false
			}
		}
		copy(digits[:3], text[3:6])
		copy(digits[3:7], text[7:11])
		copy(digits[7:], text[12:17])
	default:
		return false
	}
	return allDigits(digits[:], 12, 12) && belgian(digits[:])
}

// CheckFinnish reports whether a text is a Finnish reference number (viitenumero): 4 to
// 20 digits with the weights 7, 3, 1 from the right. Estonia has the same rule for 2 to
// 20 digits: CheckEstonian.
func CheckFinnish[T chars](text T) bool { return allDigits(text, 4, 20) && fits731(text) }

// CheckEstonian reports whether a text is an Estonian reference number (viitenumber): 2
// to 20 digits with the weights 7, 3, 1 from the right.
func CheckEstonian[T chars](text T) bool { return allDigits(text, 2, 20) && fits731(text) }

func fits731[T chars](digits T) bool {
	last := len(digits) - 1
	return (weighted731(digits[:last])+int(digits[last]-'0'))%10 == 0
}

// CheckSwedishOCR reports whether a text is a Swedish OCR number: 2 to 25 digits, the
// last of which checks the others (modulo 10). Whether the digit before it must give the
// length is agreed between creditor and bankgiro and is not looked at.
func CheckSwedishOCR[T chars](text T) bool { return allDigits(text, 2, 25) && luhn(text) }

// CheckKID reports whether a text is a Norwegian customer identification (KID): 2 to 25
// digits, the last of which checks the others modulo 10 or modulo 11, as creditor and
// bank have agreed. Modulo 11 the check digit 10 is written as a hyphen.
func CheckKID[T chars](text T) bool {
	last := len(text) - 1
	if last < 1 || last > 24 || !allDigits(text[:last], 1, 24) {
		return false
	}
	var buffer [24]byte
	check := (11 - mod11(buffer[:copy(buffer[:], text[:last])])) % 11
	if check == 10 && text[last] == '-' {
		return true
	}
	return allDigits(text[last:], 1, 1) && (luhn(text) || int(text[last]-'0') == check)
}

// CheckLEI reports whether a text is a Legal Entity Identifier (ISO 17442): 18 upper-case
// letters and digits and two check digits (ISO 7064 mod 97-10).
func CheckLEI[T chars](text T) bool {
	if len(text) != 20 || !allDigits(text[18:], 2, 2) {
		return false
	}
	for i := range 18 {
		if class(text[i]) == 0 {
			return false
		}
	}
	return mod97(text) == 1
}
