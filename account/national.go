package account

// National is what the check digits inside a country's own account number say. They are
// older than IBAN and weaker law: banks reject an IBAN for its two check digits, hardly
// for these, and a number that was opened before the rule may break it. So a wrong one
// is a reason to ask, not to refuse.
type National uint8

// The answers of CheckNational.
const (
	NationalNone     National = iota // the country has no such check that we know
	NationalRight                    // the check digits fit
	NationalWrong                    // they do not fit: most likely a wrong number
	NationalDoubtful                 // they do not fit, but not every number of this kind has them
)

// String names the answer.
func (n National) String() string {
	switch n {
	case NationalNone:
		return "none"
	case NationalRight:
		return "right"
	case NationalWrong:
		return "wrong"
	case NationalDoubtful:
		return "doubtful"
	}
	return "unknown"
}

// CheckNational judges the national check digits of an IBAN that CheckIBAN accepts; of
// any other text the answer is NationalNone. It does not allocate.
//
// Known are AL, AX, BA, BE, CZ, DJ, EE, ES, FI, FR with its territories, HR, HU, IT, MC,
// ME, MK, MR, NL, NO, PL, PT, RS, SI, SK, SM, ST, TL, TN and XK. Germany has more than
// a hundred methods that depend on the bank, which need the Bundesbank's list, and is
// none; so are the modulus checks of British sort codes.
func CheckNational[T chars](iban T) National {
	if !rightIBAN(iban) {
		return NationalNone
	}
	var buffer [30]byte
	bban := buffer[:copy(buffer[:], iban[4:])]
	var right bool
	switch string(iban[:2]) {
	case "NL":
		// ING's numbers that came from the Postbank have no check, and banks may now
		// issue numbers without one.
		if !dutch(bban) {
			return NationalDoubtful
		}
		return NationalRight
	case "SI":
		if right = mod97(bban) == 1; !right && string(bban[:2]) == "01" {
			return NationalDoubtful // accounts of the treasury at the central bank
		}
	case "BA", "ME", "MK", "PT", "RS", "ST", "TL", "XK":
		right = mod97(bban) == 1
	case "BE":
		right = belgian(bban)
	case "FR", "MC", "BL", "GF", "GP", "MF", "MQ", "NC", "PF", "PM", "RE", "TF", "WF", "YT", "DJ", "MR", "TN":
		right = french(bban)
	case "ES":
		right = spanish(bban)
	case "IT", "SM":
		right = italian(bban)
	case "FI", "AX":
		right = luhn(bban)
	case "EE": // weights 7, 3, 1 from the right, over all but bank code and check digit
		right = (weighted731(bban[2:15])+int(bban[15]-'0'))%10 == 0
	case "NO":
		right = norwegian(bban)
	case "HR":
		right = mod11And10(bban[:7]) && mod11And10(bban[7:])
	case "CZ", "SK":
		right = weighted(bban[4:10], 10, 5, 8, 4, 2, 1)%11 == 0 && weighted(bban[10:], 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)%11 == 0
	case "PL":
		right = weighted(bban[:8], 3, 9, 7, 1)%10 == 0
	case "HU":
		right = weighted(bban[:8], 9, 7, 3, 1)%10 == 0 && weighted(bban[8:], 9, 7, 3, 1)%10 == 0
	case "AL": // bank, branch and their check digit
		right = weighted(bban[:8], 9, 7, 3, 1, 9, 7, 3, 1)%10 == 0
	default:
		return NationalNone
	}
	if !right {
		return NationalWrong
	}
	return NationalRight
}

// belgian: the last two digits are the others modulo 97, with 97 for 0.
func belgian(digits []byte) bool {
	body := len(digits) - 2
	rest := mod97(digits[:body])
	if rest == 0 {
		rest = 97
	}
	return rest == int(digits[body]-'0')*10+int(digits[body+1]-'0')
}

// french: bank, branch, account and key as one number, letters replaced by digits, are a
// multiple of 97. The key is 1 to 97.
func french(bban []byte) bool {
	rest := 0
	for _, ch := range bban {
		rest = (rest*10 + int(frenchDigit(ch))) % 97
	}
	return rest == 0 && string(bban[len(bban)-2:]) != "00"
}

// frenchDigit counts A to I as 1 to 9, J to R as 1 to 9, S to Z as 2 to 9.
func frenchDigit(ch byte) byte {
	switch {
	case ch <= '9':
		return ch - '0'
	case ch <= 'I':
		return ch - 'A' + 1
	case ch <= 'R':
		return ch - 'J' + 1
	}
	return ch - 'S' + 2
}

// spanish: the first check digit stands for bank and branch, the second for the account.
func spanish(bban []byte) bool {
	control := func(sum int) byte {
		switch d := 11 - sum%11; d {
		case 10:
			return '1'
		case 11:
			return '0'
		default:
			return '0' + byte(d)
		}
	}
	return bban[8] == control(weighted(bban[:8], 4, 8, 5, 10, 9, 7, 3, 6)) &&
		bban[9] == control(weighted(bban[10:], 1, 2, 4, 8, 5, 10, 9, 7, 3, 6))
}

// italianOdd is what a character counts at an odd position, by its value; a digit counts
// as the letter with its number.
var italianOdd = [26]byte{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}

// italian: the letter in front (CIN) is the sum of the others modulo 26.
func italian(bban []byte) bool {
	sum := 0
	for i, ch := range bban[1:] {
		v := value[ch]
		if v >= 10 {
			v -= 10
		}
		if i%2 == 0 {
			v = italianOdd[v]
		}
		sum += int(v)
	}
	return bban[0] == 'A'+byte(sum%26)
}

// norwegian: mod 11. Accounts with 00 behind the bank number are checked without it.
func norwegian(bban []byte) bool {
	fits := func(digits []byte) bool {
		last := len(digits) - 1
		check := (11 - mod11(digits[:last])) % 11 // 10 is never issued
		return int(digits[last]-'0') == check
	}
	return fits(bban) || string(bban[4:6]) == "00" && fits(bban[6:])
}

// dutch: the eleven test of ten digits.
func dutch(bban []byte) bool { return weighted(bban[4:], 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 == 0 }
