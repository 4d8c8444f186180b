package xsd

// The lexical forms of XML Schema part 2, 3.2.2 and 3.2.7 to 3.2.16 (version 1.0, second
// edition). Days are those of the Gregorian calendar; the year 0000 does not exist; 24
// is an hour only in 24:00:00; there are no leap seconds; zones go to 14:00.

func isBoolean(text []byte) bool {
	switch string(text) {
	case "true", "false", "1", "0":
		return true
	}
	return false
}

// clock reads a value piece by piece. After a failure it stays failed.
type clock struct {
	b  []byte
	ok bool
}

func newClock(text []byte) clock { return clock{b: text, ok: true} }

// two reads two digits.
func (c *clock) two() int {
	if len(c.b) < 2 || c.b[0]-'0' > 9 || c.b[1]-'0' > 9 {
		c.ok = false
		return 0
	}
	n := int(c.b[0]-'0')*10 + int(c.b[1]-'0')
	c.b = c.b[2:]
	return n
}

// mark reads one character.
func (c *clock) mark(b byte) {
	if len(c.b) == 0 || c.b[0] != b {
		c.ok = false
		return
	}
	c.b = c.b[1:]
}

// year reads a year of four digits or more and returns it modulo 400, which is what
// leap years need.
func (c *clock) year() int {
	if len(c.b) > 0 && c.b[0] == '-' {
		c.b = c.b[1:]
	}
	n, year, zero := 0, 0, true
	for n < len(c.b) && c.b[n]-'0' <= 9 {
		year = (year*10 + int(c.b[n]-'0')) % 400
		zero = zero && c.b[n] == '0'
		n++
	}
	if n < 4 || n > 4 && c.b[0] == '0' || zero {
		c.ok = false
		return 0
	}
	c.b = c.b[n:]
	return year
}

func (c *clock) month() int {
	m := c.two()
	if m < 1 || m > 12 {
		c.ok = false
	}
	return m
}

// day reads a day of a month; leap says whether 29 February exists.
func (c *clock) day(month int, leap bool) {
	most := 31
	switch month {
	case 4, 6, 9, 11:
		most = 30
	case 2:
		most = 28
		if leap {
			most = 29
		}
	}
	if d := c.two(); d < 1 || d > most {
		c.ok = false
	}
}

func (c *clock) date() {
	year := c.year()
	c.mark('-')
	month := c.month()
	c.mark('-')
	c.day(month, year%4 == 0 && (year%100 != 0 || year == 0))
}

func (c *clock) time() {
	hour := c.two()
	c.mark(':')
	minute := c.two()
	c.mark(':')
	second := c.two()
	zero := true
	if c.ok && len(c.b) > 0 && c.b[0] == '.' {
		n := 1
		for n < len(c.b) && c.b[n]-'0' <= 9 {
			zero = zero && c.b[n] == '0'
			n++
		}
		c.ok = n > 1
		c.b = c.b[n:]
	}
	midnight := hour == 24 && minute == 0 && second == 0 && zero
	if hour > 23 && !midnight || minute > 59 || second > 59 {
		c.ok = false
	}
}

// done reads an optional time zone and the end.
func (c *clock) done() bool {
	if !c.ok || len(c.b) == 0 {
		return c.ok
	}
	if len(c.b) == 1 && c.b[0] == 'Z' {
		return true
	}
	if c.b[0] != '+' && c.b[0] != '-' {
		return false
	}
	c.b = c.b[1:]
	hour := c.two()
	c.mark(':')
	minute := c.two()
	return c.ok && len(c.b) == 0 && minute <= 59 && (hour < 14 || hour == 14 && minute == 0)
}

func isDate(text []byte) bool {
	c := newClock(text)
	c.date()
	return c.done()
}

func isDateTime(text []byte) bool {
	c := newClock(text)
	c.date()
	c.mark('T')
	c.time()
	return c.done()
}

func isTime(text []byte) bool {
	c := newClock(text)
	c.time()
	return c.done()
}

func isYear(text []byte) bool {
	c := newClock(text)
	c.year()
	return c.done()
}

func isYearMonth(text []byte) bool {
	c := newClock(text)
	c.year()
	c.mark('-')
	c.month()
	return c.done()
}

func isMonth(text []byte) bool {
	c := newClock(text)
	c.mark('-')
	c.mark('-')
	c.month()
	return c.done()
}

func isMonthDay(text []byte) bool {
	c := newClock(text)
	c.mark('-')
	c.mark('-')
	month := c.month()
	c.mark('-')
	c.day(month, true)
	return c.done()
}

func isDay(text []byte) bool {
	c := newClock(text)
	c.mark('-')
	c.mark('-')
	c.mark('-')
	c.day(1, true)
	return c.done()
}

func isHex(text []byte) bool {
	for _, b := range text {
		if b-'0' > 9 && b|0x20-'a' > 5 {
			return false
		}
	}
	return len(text)%2 == 0
}

// base64Octets returns how many octets a base64Binary is, white space collapsed: groups
// of four characters with single blanks anywhere between, and unused bits of 0 in the
// last group.
func base64Octets(text []byte) (octets int, ok bool) {
	n, pad := 0, 0
	last := uint8(0)
	for i, b := range text {
		switch v, known := base64Value(b); {
		case known && pad == 0:
			n++
			last = v
		case b == '=' && pad < 2:
			pad++
		case b == ' ' && i > 0 && i < len(text)-1:
		default:
			return 0, false
		}
	}
	if (n+pad)%4 != 0 || pad == 1 && last&3 != 0 || pad == 2 && last&15 != 0 {
		return 0, false
	}
	return n * 3 / 4, true
}

func base64Value(b byte) (uint8, bool) {
	switch {
	case b >= 'A' && b <= 'Z':
		return b - 'A', true
	case b >= 'a' && b <= 'z':
		return b - 'a' + 26, true
	case b >= '0' && b <= '9':
		return b - '0' + 52, true
	case b == '+':
		return 62, true
	case b == '/':
		return 63, true
	}
	return 0, false
}
