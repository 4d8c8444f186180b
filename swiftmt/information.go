package swiftmt

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// subfieldWidth is 27x, the size of subfields 00, 20 to 29, 32, 33 and 60 to 63.
const subfieldWidth = 27

// subfieldMost bounds the subfields whose starts are remembered; DK has 14.
const subfieldMost = 48

// informer takes :86: apart. Its buffers are used again for each entry.
type informer struct {
	joined     []byte // the text without line ends
	remittance []byte // subfields 20 to 29 and 60 to 63, one after another
	name       []byte // 32 and 33
	pieces     []byte // free text put together from several places
	single     []byte // its first piece
	other      []byte
	starts     [subfieldMost]start // of subfields within remittance
	count      int
	number     int  // of the subfield that came last
	full       bool // whether that one had all its characters
}

// read takes a text apart for i, which is empty; joined is the text without line ends. The views lie in both and in the informer.
func (p *informer) read(i *Information, text, joined []byte) {
	i.Text = text
	b := joined
	for len(b) > 0 && b[0] == ' ' {
		b = b[1:]
	}
	if len(b) == 3 && digits(b, 3) >= 0 { // nothing but the code
		i.Dialect, i.Code = Structured, b
		return
	}
	if at, ok := structured(b); ok {
		i.Dialect = Structured
		if at > 0 {
			i.Code = b[:at]
		}
		p.subfields(i, b[at:], b[at])
		return
	}
	if len(b) > 2 && b[0] == '/' && p.slashed(i, b) {
		return
	}
	text = trim(text)
	if bytes.HasPrefix(text, []byte("999")) { // DK: 999 says that the text is free
		i.Code, text = text[:3], trim(text[3:])
	}
	if len(text) > 0 {
		i.Remittance = text
	}
}

// join returns the text without line ends. Banks break lines anywhere, also between the
// separator and the number of a subfield, so nothing takes the place of a line end.
func (p *informer) join(text []byte) []byte {
	p.joined = p.joined[:0]
	for {
		n := bytes.IndexByte(text, '\n')
		if n < 0 {
			p.joined = append(p.joined, text...)
			return p.joined
		}
		p.joined = append(p.joined, text[:n]...)
		text = text[n+1:]
	}
}

// structured reports whether b is a business transaction code, a separator and a
// subfield number ("166?00"), or begins with separator and number at once (">20"), and
// where the separator stands.
func structured(b []byte) (at int, ok bool) {
	if len(b) >= 6 && digits(b, 3) >= 0 {
		at = 3
	}
	if len(b) < at+3 || !subfieldNumber(b[at+1:]) {
		return 0, false
	}
	switch ch := b[at]; {
	case ch >= utf8.RuneSelf || ch <= ' ' || ch >= '0' && ch <= '9' || ch >= 'A' && ch <= 'Z' || ch >= 'a' && ch <= 'z':
		return 0, false
	case at == 0 || bytes.IndexByte([]byte("/-.,:;()+"), ch) >= 0:
		// Free text has these too: only a second subfield proves the structure.
		return at, second(b[at+3:], ch)
	}
	return at, true
}

// second looks for another subfield after the same separator.
func second(b []byte, separator byte) bool {
	for {
		n := bytes.IndexByte(b, separator)
		if n < 0 || n+3 > len(b) {
			return false
		}
		if subfieldNumber(b[n+1:]) {
			return true
		}
		b = b[n+1:]
	}
}

// subfieldNumber reports whether b begins with a number of a subfield: those of DK, and
// their neighbours in the same tens, which some banks use.
func subfieldNumber(b []byte) bool {
	if len(b) < 2 || b[1] < '0' || b[1] > '9' {
		return false
	}
	switch b[0] {
	case '0', '1', '2', '3', '6', '7':
		return true
	}
	return false
}

// subfields reads what follows the code; b begins with a separator.
func (p *informer) subfields(i *Information, b []byte, separator byte) {
	p.remittance, p.name, p.other, p.count = p.remittance[:0], p.name[:0], p.other[:0], 0
	for len(b) >= 3 {
		number := b[1:3]
		b = b[3:]
		n := nextSubfield(b, separator)
		p.subfield(i, number, b[:n], separator)
		b = b[n:]
	}
	if len(p.name) > 0 {
		i.Name = trim(p.name)
	}
	if len(p.other) > 0 {
		i.Other = p.other
	}
	p.keywords(i)
}

// nextSubfield returns where the next subfield begins, the length of b if there is none.
func nextSubfield(b []byte, separator byte) int {
	n := 0
	for {
		at := near(b[n:], separator)
		if at < 0 {
			return len(b)
		}
		n += at
		if subfieldNumber(b[n+1:]) {
			return n
		}
		n++
	}
}

// near is bytes.IndexByte for bytes that are found after a few others: it looks at eight of them in as many instructions, where the call
// alone would take longer.
func near(b []byte, ch byte) int {
	const low, high = 0x0101010101010101, 0x8080808080808080
	pattern := low * uint64(ch)
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		x := binary.LittleEndian.Uint64(b[n:]) ^ pattern
		if zero := (x - low) &^ x & high; zero != 0 { // the lowest bit is exact, those above it may be borrowed
			return n + bits.TrailingZeros64(zero)/8
		}
	}
	for ; n < len(b); n++ {
		if b[n] == ch {
			return n
		}
	}
	return -1
}

// subfield puts one value where it belongs. Of a subfield that occurs twice the first
// counts, the second is kept under Other.
func (p *informer) subfield(i *Information, number, value []byte, separator byte) {
	var to *[]byte
	switch number[0] {
	case '0':
		if number[1] == '0' {
			to = &i.BookingText
		}
	case '1':
		if number[1] == '0' {
			to = &i.Primanota
		}
	case '2':
		p.remit(number, value)
		return
	case '3':
		switch number[1] {
		case '0':
			to = &i.BankCode
		case '1':
			to = &i.Account
		case '2', '3':
			p.name = append(p.name, value...)
			return
		case '4':
			to = &i.Extension
		case '8':
			to = &i.IBAN
		}
	case '6':
		if number[1] <= '3' {
			p.remit(number, value)
			return
		}
	}
	if to == nil || *to != nil {
		p.other = append(p.other, separator)
		p.other = append(p.other, number...)
		p.other = append(p.other, value...)
		return
	}
	if value = trim(value); len(value) > 0 {
		*to = value
	}
}

// start is the beginning of a subfield within the joined remittance.
type start struct {
	at     int32
	broken bool // it does not continue the subfield before
}

// remit appends a subfield to the remittance. One that is full goes on in the next; one
// that is not ends a line, so does the last before a gap in the numbers.
func (p *informer) remit(number, value []byte) {
	n := digits(number, 2)
	if p.count < subfieldMost {
		successor := n == p.number+1 || p.number == 29 && n == 60
		p.starts[p.count] = start{int32(len(p.remittance)), p.count > 0 && !(p.full && successor)}
		p.count++
	}
	p.number, p.full = n, len(value) >= subfieldWidth
	p.remittance = append(p.remittance, value...)
}

// keyword is one of the words with a plus that begin a part of the remittance.
type keyword uint8

const (
	noKeyword keyword = iota
	keyEREF
	keyKREF
	keyMREF
	keyCRED
	keyDEBT
	keySVWZ
	keyABWA
	keyABWE
	keyCOAM // from here on only at the start of a subfield or after another keyword
	keyOAMT
	keyPURP
	keyIBAN
	keyBIC
	keywordCount
)

// keywordBefore returns the keyword whose plus stands at the position, and its start.
func keywordBefore(b []byte, plus int) (k keyword, start int) {
	if plus >= 4 {
		switch string(b[plus-4 : plus]) {
		case "EREF":
			k = keyEREF
		case "KREF":
			k = keyKREF
		case "MREF":
			k = keyMREF
		case "CRED":
			k = keyCRED
		case "DEBT":
			k = keyDEBT
		case "SVWZ":
			k = keySVWZ
		case "ABWA":
			k = keyABWA
		case "ABWE":
			k = keyABWE
		case "COAM":
			k = keyCOAM
		case "OAMT":
			k = keyOAMT
		case "PURP":
			k = keyPURP
		case "IBAN":
			k = keyIBAN
		}
		if k != noKeyword {
			return k, plus - 4
		}
	}
	if plus >= 3 && string(b[plus-3:plus]) == "BIC" {
		return keyBIC, plus - 3
	}
	return noKeyword, 0
}

// home returns where the value of a keyword belongs; nil for those of free text.
func (i *Information) home(k keyword) *[]byte {
	switch k {
	case keyEREF:
		return &i.EndToEndID
	case keyKREF:
		return &i.CustomerReference
	case keyMREF:
		return &i.MandateID
	case keyCRED:
		return &i.CreditorID
	case keyDEBT:
		return &i.OriginatorID
	case keyABWA:
		return &i.UltimateOriginator
	case keyABWE:
		return &i.UltimateRecipient
	case keyCOAM:
		return &i.InterchangeAmount
	case keyOAMT:
		return &i.OriginalAmount
	case keyPURP:
		return &i.Purpose
	case keyIBAN:
		return &i.IBAN
	case keyBIC:
		return &i.BIC
	case noKeyword, keySVWZ, keywordCount:
	}
	return nil
}

// keywords cuts the joined remittance at the keywords of SEPA. Banks break a keyword
// over two subfields, and put several into one: they are looked for in the joined text.
// Each counts once. Inside the free text that SVWZ+ begins, one counts only at the start
// of a subfield or broken over two.
func (p *informer) keywords(i *Information) {
	b := p.remittance
	p.pieces, p.single = p.pieces[:0], nil
	var seen [keywordCount]bool
	open, from := noKeyword, 0
	for at := 0; at < len(b); {
		n := near(b[at:], '+')
		if n < 0 {
			break
		}
		plus := at + n
		at = plus + 1
		k, start := keywordBefore(b, plus)
		if k == noKeyword || seen[k] || start < from {
			continue
		}
		strict := seen[keySVWZ] || k >= keyCOAM && open == noKeyword
		if strict && !p.subfieldBetween(start, plus) {
			continue
		}
		p.assign(i, open, from, start)
		open, from, seen[k] = k, plus+1, true
	}
	p.assign(i, open, from, len(b))
	if i.Remittance = p.single; len(p.pieces) > 0 {
		i.Remittance = p.pieces
	}
	i.ReturnReason = returnReason(i.Remittance)
}

// assign gives a keyword its value. What no keyword claims is remittance.
func (p *informer) assign(i *Information, k keyword, from, to int) {
	home := i.home(k)
	if home == nil {
		p.free(from, to)
		return
	}
	end := to
	if k != keyABWA && k != keyABWE {
		end = p.identifierEnd(from, to)
	}
	if v := trim(p.remittance[from:end]); len(v) > 0 && *home == nil {
		*home = v
	}
	p.free(end, to)
}

// free adds to the remittance, line by line. A single line is a view, several are put
// together.
func (p *informer) free(from, to int) {
	for n := range p.count {
		if s := p.starts[n]; s.broken && int(s.at) > from && int(s.at) < to {
			p.freeLine(from, int(s.at))
			from = int(s.at)
		}
	}
	p.freeLine(from, to)
}

func (p *informer) freeLine(from, to int) {
	v := trim(p.remittance[from:to])
	switch {
	case len(v) == 0:
		return
	case p.single == nil:
		p.single = v
		return
	case len(p.pieces) == 0:
		p.pieces = append(p.pieces, p.single...)
	}
	p.pieces = append(append(p.pieces, '\n'), v...)
}

// identifierEnd returns where the value of an identifier ends: with the line, for the
// next subfield begins something else even without a keyword.
func (p *informer) identifierEnd(from, to int) int {
	for n := range p.count {
		if s := p.starts[n]; s.broken && int(s.at) > from && int(s.at) < to {
			return int(s.at)
		}
	}
	return to
}

// subfieldBetween reports whether a subfield starts at one of the positions.
func (p *informer) subfieldBetween(from, to int) bool {
	for n := range p.count {
		if at := int(p.starts[n].at); at >= from && at <= to {
			return true
		}
	}
	return false
}

// returnReason finds the reason of ISO 20022 that follows RETURN/REFUND.
func returnReason(b []byte) []byte {
	const marker = "RETURN/REFUND"
	if len(b) < len(marker)+4 || string(b[:len(marker)]) != marker {
		return nil
	}
	for rest := b[len(marker):]; len(rest) >= 4; rest = rest[1:] {
		if letters(rest[:2]) == 2 && digits(rest[2:], 2) >= 0 {
			return rest[:4]
		}
	}
	return nil
}
