package swiftmt

import (
	"encoding/binary"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Charset is the encoding of a document. SWIFT allows a part of ASCII; German names made
// banks write more.
type Charset string

// The charsets. Detect decides line by line: what is UTF-8 is UTF-8; anything else is
// CP850 or windows-1252, of which ISO-8859-1 is a part, by the letters that the document
// has had so far.
const (
	Detect      Charset = ""
	UTF8        Charset = "UTF-8"
	Latin1      Charset = "ISO-8859-1"
	CP850       Charset = "CP850"
	Windows1252 Charset = "windows-1252"
)

// single returns the table of a single-byte charset, nil for others.
func (c Charset) single() *charmap.Charmap {
	switch c {
	case Latin1:
		return charmap.ISO8859_1
	case CP850:
		return charmap.CodePage850
	case Windows1252:
		return charmap.Windows1252
	case Detect, UTF8:
	}
	return nil
}

// valid reports whether c is a charset that Read knows.
func (c Charset) valid() bool { return c == Detect || c == UTF8 || c.single() != nil }

// decoder makes UTF-8 of lines.
type decoder struct {
	charset Charset
	utf8    int // lines of UTF-8
	single  int // lines of single bytes
	latin   int // evidence for ISO-8859-1 and windows-1252
	cp850   int // evidence for CP850
	out     []byte
	foreign bool // a line was not ASCII, since the caller cleared it
}

// line returns the line in UTF-8, and whether each of its bytes became one character.
// Bytes that the charset lacks become U+FFFD. A character of UTF-8 that the line end
// splits stays in two parts: appendLine joins them.
func (d *decoder) line(b []byte) (text []byte, single bool) {
	if isASCII(b) {
		return b, false
	}
	d.foreign = true
	c := d.charset
	if c == UTF8 || c == Detect && d.isUTF8(b) {
		return b, false
	}
	if c == Detect {
		d.single++
		d.weigh(b)
		c = Windows1252
		if d.cp850 > d.latin {
			c = CP850
		}
	}
	table := c.single()
	d.out = d.out[:0]
	for _, ch := range b {
		if ch < utf8.RuneSelf {
			d.out = append(d.out, ch)
		} else {
			d.out = utf8.AppendRune(d.out, table.DecodeByte(ch))
		}
	}
	return d.out, true
}

// weigh counts letters. The bytes 0x80 to 0x9F are letters with marks in CP850, and mostly
// signs in windows-1252 (the euro sign, dashes, quotation marks). The letters of
// ISO-8859-1 are mostly box drawing in CP850, where only ß (0xE1) and a few of its
// neighbours are letters too.
func (d *decoder) weigh(b []byte) {
	for i, ch := range b {
		switch {
		case ch < 0x80:
		case ch < 0xA0:
			if letterOf850(b, i) {
				d.cp850 += 2
			}
		case ch <= 0xA5: // á í ó ú ñ Ñ of CP850
			d.cp850++
		case ch == 0xE1: // á or ß
			d.cp850++
			d.latin++
		case ch >= 0xC0 && ch != 0xD7 && ch != 0xF7:
			d.latin += 2
		}
	}
}

// letterOf850 reports whether the byte at i, between 0x80 and 0x9F, stands where CP850
// has a letter and windows-1252 would have no sign.
func letterOf850(b []byte, i int) bool {
	before, after := byte(' '), byte(' ')
	if i > 0 {
		before = b[i-1]
	}
	if i+1 < len(b) {
		after = b[i+1]
	}
	switch b[i] {
	case 0x81: // ü; windows-1252 has nothing there
		return true
	case 0x8E, 0x99, 0x9A: // Ä Ö Ü; Ž ™ š follow small letters
		return before < 'a' || before > 'z'
	case 0x82: // é; a low quotation mark follows no letter
		return letter(before)
	case 0x84: // ä; a low quotation mark follows no letter
		return letter(before) && letter(after)
	case 0x94: // ö; a closing quotation mark precedes no letter
		return letter(after)
	case 0x80, 0x91, 0x92, 0x96, 0x97: // euro sign, apostrophes, dashes: also within a word
		return false
	}
	return letter(before) && letter(after)
}

// letter reports whether a byte is a letter of ASCII, or of whatever charset.
func letter(ch byte) bool { return ch|0x20 >= 'a' && ch|0x20 <= 'z' || ch >= 0x80 }

// isASCII looks at many bytes at a time.
func isASCII(b []byte) bool {
	const high = 0x8080808080808080
	for len(b) >= 16 {
		if (binary.LittleEndian.Uint64(b)|binary.LittleEndian.Uint64(b[8:]))&high != 0 {
			return false
		}
		b = b[16:]
	}
	if len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&high != 0 {
			return false
		}
		b = b[8:]
	}
	for _, ch := range b {
		if ch >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isUTF8 reports whether a line is UTF-8. In a document that has had more lines of UTF-8
// than others, a character may be cut off at either end: banks break lines after 65
// bytes, whatever these are.
func (d *decoder) isUTF8(b []byte) bool {
	if utf8.Valid(b) {
		d.utf8++
		return true
	}
	head := continuation(b)
	if head > 3 || d.utf8 <= d.single {
		return false
	}
	body := b[head:]
	return utf8.Valid(body[:len(body)-cutOff(body)])
}

// continuation counts continuation bytes at the start.
func continuation(b []byte) int {
	n := 0
	for n < len(b) && b[n]&0xC0 == 0x80 {
		n++
	}
	return n
}

// cutOff returns the length of an incomplete character at the end of b, 0 if there is none.
func cutOff(b []byte) int {
	for n := 1; n <= 3 && n <= len(b); n++ {
		ch := b[len(b)-n]
		if ch&0xC0 == 0x80 {
			continue
		}
		if ch >= 0xC2 && ch <= 0xF4 && !utf8.FullRune(b[len(b)-n:]) {
			return n
		}
		return 0
	}
	return 0
}

// appendLine appends a line feed and the line, only the line if text is empty, and
// nothing if the line is; a character that the line end split is joined before the line
// feed.
func appendLine(text, line []byte) []byte {
	if len(text) == 0 || len(line) == 0 {
		return append(text, line...)
	}
	if n := continuation(line); n > 0 && cutOff(text) > 0 {
		text, line = append(text, line[:n]...), line[n:]
	}
	text = append(text, '\n')
	return append(text, line...)
}

// repair replaces what is no UTF-8; ASCII stays where it is.
func repair(b []byte) []byte {
	if isASCII(b) || utf8.Valid(b) {
		return b
	}
	out := make([]byte, 0, len(b)+8)
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		out = utf8.AppendRune(out, r)
		b = b[size:]
	}
	return out
}
