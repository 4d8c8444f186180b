package account

// none is the value of a character that is neither a digit nor an upper-case letter.
const none = 255

// value maps a character to its number in ISO 7064: 0 to 9 for digits, 10 to 35 for
// upper-case letters, none for others.
var value = func() (v [256]byte) {
	for i := range v {
		v[i] = none
	}
	for i := range byte(10) {
		v['0'+i] = i
	}
	for i := range byte(26) {
		v['A'+i] = 10 + i
	}
	return v
}()

// class returns 'n' for a digit, 'a' for an upper-case letter, 0 for anything else.
func class(ch byte) byte {
	switch v := value[ch]; {
	case v < 10:
		return 'n'
	case v < 36:
		return 'a'
	}
	return 0
}

// mod97 computes ISO 7064 mod 97-10 over the joined parts, letters of either case
// counting 10 to 35. Other characters are passed over.
func mod97[T chars](parts ...T) int {
	rest := 0
	for _, part := range parts {
		for i := range len(part) {
			rest = mod97Step(rest, part[i])
		}
	}
	return rest
}

func mod97Step(rest int, ch byte) int {
	switch v := value[upper(ch)]; {
	case v < 10:
		return (rest*10 + int(v)) % 97
	case v < 36:
		return (rest*100 + int(v)) % 97
	}
	return rest
}

// upper changes a lower-case letter of ASCII.
func upper(ch byte) byte {
	if ch >= 'a' && ch <= 'z' {
		return ch - 'a' + 'A'
	}
	return ch
}

// allDigits reports whether a text consists of digits, from least to most of them.
func allDigits[T chars](text T, least, most int) bool {
	if len(text) < least || len(text) > most {
		return false
	}
	for i := range len(text) {
		if text[i]-'0' > 9 {
			return false
		}
	}
	return true
}

// luhn reports whether digits, the last of which checks the others, satisfy the mod 10
// rule of ISO/IEC 7812: from the right every second digit counts double, as its digits.
func luhn[T chars](digits T) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[i] - '0')
		if (len(digits)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// weighted adds up digits, each times the weight of its position; the weights repeat.
func weighted[T chars](digits T, weights ...int) int {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[i]-'0') * weights[i%len(weights)]
	}
	return sum
}

// weighted731 adds up digits from the right with the weights 7, 3, 1.
func weighted731[T chars](digits T) int {
	sum := 0
	for i := range len(digits) {
		sum += int(digits[len(digits)-1-i]-'0') * [3]int{7, 3, 1}[i%3]
	}
	return sum
}

// mod11 adds up digits from the right with the weights 2 to 7, modulo 11.
func mod11(digits []byte) int {
	sum := 0
	for i := range digits {
		sum += int(digits[len(digits)-1-i]-'0') * (2 + i%6)
	}
	return sum % 11
}

// mod11And10 reports whether digits, the last of which checks the others, satisfy ISO
// 7064 mod 11,10.
func mod11And10(digits []byte) bool {
	p := 10
	for _, ch := range digits[:len(digits)-1] {
		s := (p + int(ch-'0')) % 10
		if s == 0 {
			s = 10
		}
		p = s * 2 % 11
	}
	return (p+int(digits[len(digits)-1]-'0'))%10 == 1
}

// recursive returns the check digit of the recursive mod 10 rule of the Swiss payment
// standards.
func recursive[T chars](digits T) byte {
	carry := byte(0)
	for i := range len(digits) {
		carry = [10]byte{0, 9, 4, 6, 8, 2, 7, 1, 3, 5}[(carry+digits[i]-'0')%10]
	}
	return '0' + (10-carry)%10
}
