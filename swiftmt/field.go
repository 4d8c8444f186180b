package swiftmt

import (
	"bytes"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/money"
)

// digits reads n decimal digits at the start of b, or returns -1.
func digits(b []byte, n int) int {
	if len(b) < n {
		return -1
	}
	v := 0
	for _, ch := range b[:n] {
		if ch < '0' || ch > '9' {
			return -1
		}
		v = v*10 + int(ch-'0')
	}
	return v
}

// centuryPivot: years from 80 on are of the twentieth century (SWIFT User Handbook).
const centuryPivot = 80

// date reads YYMMDD. A day that the month has not becomes its last day, and exact is
// false: banks that count 30 days a month write 30 February as a value date.
func date(b []byte) (d calendar.Date, ok, exact bool) {
	y, m, day := digits(b, 2), -1, -1
	if len(b) >= 6 {
		m, day = digits(b[2:], 2), digits(b[4:], 2)
	}
	if y < 0 || m < 1 || m > 12 || day < 1 || day > 31 {
		return calendar.Date{}, false, false
	}
	year := 2000 + y
	if y >= centuryPivot {
		year = 1900 + y
	}
	last := monthDays(year, m)
	return calendar.Date{Year: year, Month: time.Month(m), Day: min(day, last)}, true, day <= last
}

func monthDays(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// entryDate reads MMDD in the year that brings it nearest to the value date.
func entryDate(b []byte, value calendar.Date) (d calendar.Date, ok, exact bool) {
	m, day := digits(b, 2), -1
	if len(b) >= 4 {
		day = digits(b[2:], 2)
	}
	if m < 1 || m > 12 || day < 1 || day > 31 {
		return calendar.Date{}, false, false
	}
	year := value.Year
	const halfYear = 6 * 31
	switch apart := (m-int(value.Month))*31 + day - value.Day; {
	case apart > halfYear:
		year--
	case apart < -halfYear:
		year++
	}
	last := monthDays(year, m)
	return calendar.Date{Year: year, Month: time.Month(m), Day: min(day, last)}, true, day <= last
}

// amountFault says what is wrong with a written amount; "" is nothing.
type amountFault string

const (
	amountSyntax   amountFault = "syntax"
	amountComma    amountFault = "comma" // no decimal comma: still exact
	amountLength   amountFault = "length"
	amountInexact  amountFault = "inexact" // decimals that the currency has not, or too large
	amountCurrency amountFault = "currency"
)

// amountLimit is 15d of SWIFT.
const amountLimit = 15

// readAmount makes an exact amount of "1234,5", or the zero Amount.
func readAmount(b []byte, c money.Currency) (money.Amount, amountFault) {
	var buf [40]byte
	if len(b) == 0 || len(b) > len(buf) {
		return money.Amount{}, amountSyntax
	}
	if minor, ok := plainAmount(b, c); ok {
		return money.Amount{Minor: minor, Currency: c}, ""
	}
	comma := -1
	for i, ch := range b {
		switch {
		case ch >= '0' && ch <= '9':
			buf[i] = ch
		case (ch == ',' || ch == '.') && comma < 0 && i > 0:
			comma = i
			buf[i] = '.'
		default:
			return money.Amount{}, amountSyntax
		}
	}
	if _, known := c.Digits(); !known {
		return money.Amount{}, amountCurrency
	}
	a, err := money.ParseReported(string(buf[:len(b)]), c)
	switch {
	case err != nil:
		return money.Amount{}, amountInexact
	case comma < 0 || b[comma] != ',':
		return a, amountComma
	case len(b) > amountLimit:
		return a, amountLength
	}
	return a, ""
}

// plainAmount reads an amount as nearly all are written: digits, a comma, and as many decimals as the currency has.
func plainAmount(b []byte, c money.Currency) (minor int64, ok bool) {
	decimals, known := c.Digits()
	comma := len(b) - 1 - decimals
	if !known || comma < 1 || b[comma] != ',' || len(b) > amountLimit {
		return 0, false
	}
	for i, ch := range b {
		if i == comma {
			continue
		}
		if ch < '0' || ch > '9' {
			return 0, false
		}
		minor = minor*10 + int64(ch-'0')
	}
	return minor, true
}

// letters counts upper-case letters at the start.
func letters(b []byte) int {
	n := 0
	for n < len(b) && b[n] >= 'A' && b[n] <= 'Z' {
		n++
	}
	return n
}

// numeric counts what an amount is made of at the start.
func numeric(b []byte) int {
	n := 0
	for n < len(b) && (b[n] >= '0' && b[n] <= '9' || b[n] == ',' || b[n] == '.') {
		n++
	}
	return n
}

// mark reads the debit or credit mark: "DR800," is D and the letter R of EUR, for "RD"
// has the R first.
func mark(b []byte) (Mark, int) {
	if len(b) == 0 {
		return "", 0
	}
	switch b[0] {
	case 'C':
		return Credit, 1
	case 'D':
		return Debit, 1
	case 'R', 'E':
		if len(b) < 2 {
			return "", 0
		}
		switch {
		case b[0] == 'R' && b[1] == 'C':
			return ReversedCredit, 2
		case b[0] == 'R' && b[1] == 'D':
			return ReversedDebit, 2
		case b[0] == 'E' && b[1] == 'C':
			return ExpectedCredit, 2
		case b[0] == 'E' && b[1] == 'D':
			return ExpectedDebit, 2
		}
	}
	return "", 0
}

// readAccount takes :25: apart: IBAN, or bank code or BIC, slash, number; each with the
// currency behind it in some banks.
func (s *Statement) readAccount(text string) {
	s.Account = text
	bank, number := "", text
	if i := bytes.IndexByte([]byte(text), '/'); i >= 0 {
		bank, number = text[:i], text[i+1:]
	}
	if i := bytes.IndexByte([]byte(number), '/'); i > 0 && len(number)-i == 4 { // BIC/account/HUF
		number, s.Currency = number[:i], currencyOf(number[i+1:])
	} else if n := len(number) - 3; n > 0 && currencyOf(number[n:]) != "" && account.CheckIBAN([]byte(number)) != nil {
		number, s.Currency = number[:n], number[n:]
	}
	if account.CheckIBAN([]byte(number)) == nil {
		s.IBAN = number
	} else {
		s.AccountNumber = number
	}
	s.BankCode = bank
}

// currencyOf returns the text if it is a currency code in form and known, else "".
func currencyOf(text string) string {
	c, err := money.ParseCurrency(text)
	if err != nil {
		return ""
	}
	return string(c)
}

// trim cuts blanks at both ends.
func trim(b []byte) []byte {
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	return trimEnd(b)
}

func trimEnd(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// tag returns the field tag that the line begins with, without colons, and what follows
// it. Only the tags of MT940 and MT942 count: a line of text may begin with ":26:37".
func tag(line []byte) (name string, rest []byte) {
	if len(line) < 4 || line[0] != ':' {
		return "", nil
	}
	end := bytes.IndexByte(line[1:min(len(line), 6)], ':')
	if end < 2 {
		return "", nil
	}
	return known(line[1 : 1+end]), line[end+2:]
}

// known returns the tag as a constant, "" for others.
func known(b []byte) string {
	switch string(b) {
	case "61":
		return "61"
	case "86":
		return "86"
	case "20", "21", "25", "28", "28C", "34F", "13", "13D", "60F", "60M", "62F", "62M", "64", "65", "90C", "90D", "NS", "940", "942":
		return string(b)
	case "25P":
		return "25"
	}
	return ""
}

// foreignTag reports whether the line begins with a tag in form, ":99X:".
func foreignTag(line []byte) bool {
	return len(line) > 4 && line[0] == ':' && digits(line[1:], 2) >= 0 && (line[3] == ':' || letters(line[3:]) == 1 && line[4] == ':')
}

// ends reports whether the line ends a message: "-", in an envelope "-}", and the
// variants "-XXX" and "-" with control characters.
func ends(line []byte) bool {
	if len(line) == 0 || line[0] != '-' {
		return false
	}
	rest := line[1:]
	for len(rest) > 0 && rest[len(rest)-1] <= ' ' {
		rest = rest[:len(rest)-1]
	}
	return len(rest) == 0 || rest[0] == '}' || string(rest) == "XXX"
}

// envelope reports whether the line is a header around messages: blocks in braces, the
// routing lines "0000 01INGBNL2AXXXX00001", "940 00", "ABNANL2A", and ":940:".
func envelope(line []byte) bool {
	line = bytes.TrimSpace(line)
	switch {
	case len(line) == 0 || line[0] == '{':
		return true
	case bytes.HasPrefix(line, []byte("940")) || bytes.HasPrefix(line, []byte("942")):
		return len(line) <= 8
	case bytes.HasPrefix(line, []byte("0000 ")):
		return true
	}
	return account.CheckBIC(line) == nil
}

// comma turns the decimal point of a number into the comma of SWIFT, which is always
// there: "5" becomes "5,".
func comma(decimal string) string {
	for i := range len(decimal) {
		if decimal[i] == '.' {
			return decimal[:i] + "," + decimal[i+1:]
		}
	}
	return decimal + ","
}
