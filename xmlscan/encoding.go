package xmlscan

import (
	"bytes"
	"unicode/utf8"
)

// encoding is one of the supported encodings. high holds the characters of the bytes
// 0x80 to 0xFF of a single-byte encoding, -1 where a byte has none; nil is UTF-8.
type encoding struct {
	name string
	high *[128]rune
}

var encodingUTF8 = encoding{name: "UTF-8"}

// encodingNames are the accepted names in upper case: those of the IANA registry, and
// "UTF8", "LATIN1" and "CP1252", which programs write in their place.
var encodingNames = map[string]encoding{
	"UTF-8": encodingUTF8, "UTF8": encodingUTF8,
	"US-ASCII": ascii, "ASCII": ascii, "ISO646-US": ascii, "ANSI_X3.4-1968": ascii,
	"ISO-8859-1": latin1, "ISO_8859-1": latin1, "LATIN1": latin1, "L1": latin1,
	"ISO-8859-15": latin9, "ISO_8859-15": latin9, "LATIN-9": latin9,
	"WINDOWS-1252": windows1252, "CP1252": windows1252,
}

var (
	ascii  = encoding{"US-ASCII", high(func(rune) rune { return -1 })}
	latin1 = encoding{"ISO-8859-1", high(func(b rune) rune { return b })}
	latin9 = encoding{"ISO-8859-15", high(func(b rune) rune {
		switch b {
		case 0xA4:
			return '€'
		case 0xA6:
			return 'Š'
		case 0xA8:
			return 'š'
		case 0xB4:
			return 'Ž'
		case 0xB8:
			return 'ž'
		case 0xBC:
			return 'Œ'
		case 0xBD:
			return 'œ'
		case 0xBE:
			return 'Ÿ'
		}
		return b
	})}
	windows1252 = encoding{"windows-1252", high(func(b rune) rune {
		if b >= 0xA0 {
			return b
		}
		return windowsHigh[b-0x80]
	})}
)

// windowsHigh is windows-1252 from 0x80 to 0x9F; five bytes have no character.
var windowsHigh = [32]rune{
	'€', -1, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', -1, 'Ž', -1,
	-1, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', -1, 'ž', 'Ÿ',
}

// high makes the table of the upper half from a function of the byte.
func high(of func(rune) rune) *[128]rune {
	t := new([128]rune)
	for i := range t {
		t[i] = of(rune(i) + 0x80)
	}
	return t
}

// foreign are the first bytes of documents in encodings that are not supported
// (XML 1.0, appendix F). UTF-32 stands before UTF-16: one begins like the other.
var foreign = []struct {
	name  string
	bytes []byte
}{
	{"UTF-32", []byte{0, 0, 0xFE, 0xFF}},
	{"UTF-32", []byte{0xFF, 0xFE, 0, 0}},
	{"UTF-32", []byte{0, 0, 0, '<'}},
	{"UTF-32", []byte{'<', 0, 0, 0}},
	{"UTF-16", []byte{0xFE, 0xFF}},
	{"UTF-16", []byte{0xFF, 0xFE}},
	{"UTF-16", []byte{0, '<'}},
	{"UTF-16", []byte{'<', 0}},
	{"EBCDIC", []byte{0x4C, 0x6F, 0xA7, 0x94}},
}

var byteOrderMark = []byte{0xEF, 0xBB, 0xBF}

// begin reads what may stand only at the very start: byte order mark and XML
// declaration. They are no tokens.
func (s *Scanner) begin() error {
	s.encoding = encodingUTF8
	s.w.far.place, s.w.near.place = place{1, 1}, place{1, 1}
	s.w.ensure(4)
	for _, f := range foreign {
		if bytes.HasPrefix(s.w.view(), f.bytes) {
			return s.fail(CodeEncoding, 0, "the document is in %s, which is not supported", f.name)
		}
	}
	s.marked = bytes.HasPrefix(s.w.view(), byteOrderMark)
	if s.marked {
		s.w.start += len(byteOrderMark)
		s.w.far.index, s.w.near.index = s.w.start, s.w.start
	}
	s.w.ensure(6)
	if v := s.w.view(); len(v) < 6 || string(v[:5]) != "<?xml" || !isSpace(v[5]) && v[5] != '?' {
		return nil
	}
	n, err := s.find(2, "?>", "the XML declaration")
	if err != nil {
		return err
	}
	if err := s.declaration(s.w.view()[:n], s.marked); err != nil {
		return err
	}
	s.w.start += n
	return nil
}

// declaration checks the XML declaration d, from "<?xml" to "?>" (clauses 2.8, 2.9 and
// 4.3.1): its three parts stand in this order, the first is required.
func (s *Scanner) declaration(d []byte, marked bool) error {
	c := cursor{b: d[:len(d)-2], i: len("<?xml")}
	version, ok := c.part("version")
	if !ok {
		return s.fail(CodeMalformed, c.i, "the XML declaration does not begin with the version")
	}
	if string(version) != "1.0" {
		return s.fail(CodeVersion, c.i, "the document is not XML 1.0")
	}
	if name, ok := c.part("encoding"); ok {
		e, known := encodingNames[string(bytes.ToUpper(name))]
		if !known {
			return s.fail(CodeEncoding, c.i, "the encoding %s is not supported", quoted(name))
		}
		if marked && e.high != nil {
			return s.fail(CodeEncoding, c.i, "the document begins with the mark of UTF-8 and declares %s", e.name)
		}
		s.encoding = e
		s.w.oneByte = e.high != nil
	}
	if value, ok := c.part("standalone"); ok && string(value) != "yes" && string(value) != "no" {
		return s.fail(CodeMalformed, c.i, "standalone in the XML declaration is neither yes nor no")
	}
	if c.i += spaces(c.b[c.i:]); c.i != len(c.b) {
		return s.fail(CodeMalformed, c.i, "the XML declaration is not well-formed")
	}
	return nil
}

// cursor is a place in bytes.
type cursor struct {
	b []byte
	i int
}

// part reads white space and name="value"; where there is none it stays where it is.
func (c *cursor) part(name string) (value []byte, ok bool) {
	rest := c.b[c.i:]
	n := spaces(rest)
	if n == 0 || !bytes.HasPrefix(rest[n:], []byte(name)) {
		return nil, false
	}
	rest = rest[n+len(name):]
	rest = rest[spaces(rest):]
	if len(rest) == 0 || rest[0] != '=' {
		return nil, false
	}
	rest = rest[1:]
	rest = rest[spaces(rest):]
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return nil, false
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return nil, false
	}
	c.i = len(c.b) - len(rest) + end + 2
	return rest[1 : end+1], true
}

// decode returns the raw bytes of the current token as UTF-8, checked for characters
// that XML does not allow, and the classes of bytes in it. It is raw itself unless it
// has to be transcoded; then the result is valid until the next call. With an error it
// returns what stands before the fault.
func (s *Scanner) decode(raw []byte) (text []byte, class uint8, err error) {
	s.transcoded = false
	class = classes(raw)
	switch {
	case class&(isHigh|isBad) == 0:
		return raw, class, nil
	case s.encoding.high == nil:
		good, err := s.checkUTF8(raw)
		return raw[:good], class, err
	}
	s.transcoded = true
	text, err = s.transcode(s.raw[:0], raw)
	s.raw = text
	return text, class, err
}

// transcode appends raw, in a single-byte encoding, to out as UTF-8.
func (s *Scanner) transcode(out, raw []byte) ([]byte, error) {
	for i, b := range raw {
		switch {
		case byteClass[b] == isBad:
			return out, s.fail(CodeMalformed, i, "the character U+%04X is not allowed in XML", b)
		case b < utf8.RuneSelf:
			out = append(out, b)
		case s.encoding.high[b-0x80] < 0:
			return out, s.fail(CodeEncoding, i, "the byte %02X is no character of %s", b, s.encoding.name)
		default:
			out = utf8.AppendRune(out, s.encoding.high[b-0x80])
		}
	}
	return out, nil
}

// checkUTF8 returns the length of raw before the first byte that is invalid UTF-8 or a
// character XML does not allow.
func (s *Scanner) checkUTF8(raw []byte) (good int, err error) {
	i := 0
	for i < len(raw) {
		if b := raw[i]; b < utf8.RuneSelf {
			if byteClass[b] == isBad {
				return i, s.fail(CodeMalformed, i, "the character U+%04X is not allowed in XML", b)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(raw[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return i, s.fail(CodeEncoding, i, "the byte %02X is not valid in UTF-8", raw[i])
		case !isChar(r):
			return i, s.fail(CodeMalformed, i, "the character U+%04X is not allowed in XML", r)
		}
		i += n
	}
	return i, nil
}

// rawIndex translates an index in decoded text to one in the raw token.
func (s *Scanner) rawIndex(text []byte, i int) int {
	if s.transcoded {
		return utf8.RuneCount(text[:i])
	}
	return i
}
