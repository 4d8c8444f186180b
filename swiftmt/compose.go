package swiftmt

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// lineWidth is 65x, the line of :86:.
const lineWidth = 65

// compose makes the lines of an entry and makes sure that they are read as the same.
func (w *Writer) compose(e *Entry) error {
	if err := w.composeEntry(e); err != nil {
		return err
	}
	head := len(w.entry)
	i := &e.Information
	if i.Dialect != Structured {
		if err := w.composeText(i); err != nil {
			return err
		}
		return w.readBack(e)
	}
	keyed := len(i.Code) > 0 && i.Code[0] == '1' || i.keyed()
	err := w.composeStructured(i, keyed)
	if err == nil {
		err = w.readBack(e)
	}
	if err != nil && !keyed { // behind SVWZ+ text may hold what looks like a keyword
		w.entry = w.entry[:head]
		if again := w.composeStructured(i, !keyed); again == nil && w.readBack(e) == nil {
			return nil
		}
	}
	return err
}

// composeEntry makes :61:.
func (w *Writer) composeEntry(e *Entry) error {
	value, valueErr := writtenDay(e.ValueDate)
	amount, amountErr := writtenAmount(e.Amount)
	if err := errors.Join(valueErr, amountErr); err != nil {
		return err
	}
	w.entry = append(append(w.entry[:0], ":61:"...), value...)
	if !e.EntryDate.IsZero() {
		entry, err := writtenDay(e.EntryDate)
		if err != nil {
			return err
		}
		w.entry = append(w.entry, entry[2:]...)
	}
	w.entry = append(w.entry, e.Mark...)
	if e.FundsCode != 0 {
		w.entry = append(w.entry, e.FundsCode)
	}
	w.entry = append(w.entry, amount...)
	if e.Mark == "" || e.Amount.Minor < 0 || string(e.Amount.Currency) != w.s.Currency || len(e.Type) != 4 || oneLine(e.Type) != nil {
		return fmt.Errorf("%w: entry %d lacks a mark, an exact amount in %s, or a type of four characters", ErrContent, e.Ordinal, w.s.Currency)
	}
	if e.Mark.Expected() && w.s.Format == MT940 {
		return fmt.Errorf("%w: entry %d is expected, not booked", ErrContent, e.Ordinal)
	}
	w.entry = append(w.entry, e.Type...)
	reference := e.CustomerReference
	if len(reference) == 0 {
		reference = []byte("NONREF")
	}
	for _, r := range [][]byte{reference, e.BankReference} {
		if utf8.RuneCount(r) > 16 || oneLine(r) != nil {
			return fmt.Errorf("%w: entry %d has a reference of more than 16 characters", ErrContent, e.Ordinal)
		}
	}
	w.entry = append(w.entry, reference...)
	if len(e.BankReference) > 0 {
		w.entry = append(append(w.entry, "//"...), e.BankReference...)
	}
	w.entry = append(w.entry, "\r\n"...)
	if len(e.Supplementary) == 0 {
		return nil
	}
	if utf8.RuneCount(e.Supplementary) > 34 || oneLine(e.Supplementary) != nil || !continues(e.Supplementary) {
		return fmt.Errorf("%w: entry %d has a supplementary text of more than 34 characters or several lines", ErrContent, e.Ordinal)
	}
	w.entry = append(append(w.entry, e.Supplementary...), "\r\n"...)
	return nil
}

// oneLine refuses control characters.
func oneLine(b []byte) error {
	if bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' }) {
		return ErrContent
	}
	return nil
}

// composeText makes an :86: of free text.
func (w *Writer) composeText(i *Information) error {
	text := i.Text
	if len(text) == 0 {
		text = i.Remittance
	}
	if len(text) == 0 {
		return nil
	}
	w.entry = append(w.entry, ":86:"...)
	for n, line := range bytes.Split(text, []byte("\n")) {
		if utf8.RuneCount(line) > lineWidth || oneLine(line) != nil || n > 0 && !continues(line) {
			return fmt.Errorf("%w: a line of the information is too long, blank, or would be read as a field", ErrContent)
		}
		w.entry = append(append(w.entry, line...), "\r\n"...)
	}
	return nil
}

// keyed reports whether anything but the remittance needs a keyword.
func (i *Information) keyed() bool {
	for k := keyEREF; k < keywordCount; k++ {
		if home := i.home(k); home != nil && len(*home) > 0 && k != keyIBAN {
			return true
		}
	}
	return false
}

// composeStructured makes an :86: of DK: subfields in ascending order, lines of 65.
func (w *Writer) composeStructured(i *Information, keyed bool) error {
	c := composer{separator: i.separator()}
	if c.separator == 0 {
		return fmt.Errorf("%w: no separator is left that the texts do not hold", ErrContent)
	}
	c.text = append(c.text, i.Code...)
	c.subfield("00", i.BookingText, subfieldWidth)
	c.subfield("10", i.Primanota, 10)
	chunks := i.chunks(keyed)
	if len(chunks) > 14 {
		return fmt.Errorf("%w: the remittance needs %d subfields, there are 14", ErrContent, len(chunks))
	}
	for n, chunk := range chunks[:min(10, len(chunks))] {
		c.subfield(string([]byte{'2', '0' + byte(n)}), chunk, subfieldWidth)
	}
	c.subfield("30", i.BankCode, 12)
	c.subfield("31", i.Account, 34)
	name := []rune(string(i.Name))
	c.subfield("32", []byte(string(name[:min(subfieldWidth, len(name))])), subfieldWidth)
	if len(name) > subfieldWidth {
		c.subfield("33", []byte(string(name[subfieldWidth:])), subfieldWidth)
	}
	c.subfield("34", i.Extension, 3)
	c.subfield("38", i.IBAN, 34)
	for n := 10; n < len(chunks); n++ {
		c.subfield(string([]byte{'6', '0' + byte(n-10)}), chunks[n], subfieldWidth)
	}
	c.text = append(c.text, i.Other...)
	if c.err != nil {
		return c.err
	}
	w.entry = append(w.entry, ":86:"...)
	w.entry = wrap(w.entry, c.text)
	return nil
}

// composer appends subfields.
type composer struct {
	text      []byte
	separator byte
	err       error
}

func (c *composer) subfield(number string, value []byte, most int) {
	if len(value) == 0 {
		return
	}
	if utf8.RuneCount(value) > most || oneLine(value) != nil {
		c.err = fmt.Errorf("%w: subfield %s holds at most %d characters", ErrContent, number, most)
		return
	}
	c.text = append(append(append(c.text, c.separator), number...), value...)
}

// separator returns "?", or where a text holds "?20" another one; 0 if none is free.
func (i *Information) separator() byte {
	if len(i.Other) > 0 {
		return i.Other[0]
	}
	for _, s := range []byte("?<~^'|#") {
		free := true
		i.views(func(v *[]byte) {
			if v != &i.Text && bytes.IndexByte(*v, s) >= 0 && (s != '?' || second(*v, s) || (*v)[len(*v)-1] == s) {
				free = false
			}
		})
		if free {
			return s
		}
	}
	return 0
}

// chunks cuts keywords and remittance into the subfields 20 to 29 and 60 to 63.
func (i *Information) chunks(keyed bool) [][]byte {
	var list [][]byte
	add := func(prefix string, value []byte) {
		text := []rune(prefix + string(value))
		for len(text) > 0 {
			n := min(subfieldWidth, len(text))
			list = append(list, []byte(string(text[:n])))
			text = text[n:]
		}
	}
	for _, k := range []struct {
		prefix string
		value  []byte
	}{
		{"EREF+", i.EndToEndID}, {"KREF+", i.CustomerReference}, {"MREF+", i.MandateID}, {"CRED+", i.CreditorID}, {"DEBT+", i.OriginatorID},
		{"COAM+", i.InterchangeAmount}, {"OAMT+", i.OriginalAmount}, {"BIC+", i.BIC}, {"PURP+", i.Purpose},
	} {
		if len(k.value) > 0 {
			add(k.prefix, k.value)
		}
	}
	if len(i.Remittance) > 0 {
		prefix := ""
		if keyed {
			prefix = "SVWZ+"
		}
		for line := range bytes.SplitSeq(i.Remittance, []byte("\n")) {
			add(prefix, line)
			prefix = ""
		}
	}
	if len(i.UltimateOriginator) > 0 {
		add("ABWA+", i.UltimateOriginator)
	}
	if len(i.UltimateRecipient) > 0 {
		add("ABWE+", i.UltimateRecipient)
	}
	return list
}

// wrap appends lines of 65 characters. A line must not begin with what begins a field or
// ends a message, so a break may come earlier.
func wrap(dst, text []byte) []byte {
	for {
		at := 0
		for n := 0; n < lineWidth && at < len(text); n++ {
			_, size := utf8.DecodeRune(text[at:])
			at += size
		}
		for at < len(text) && at > lineWidth/2 && (text[at] == ':' || text[at] == '-' || text[at] == '{' || text[at] == ' ' || text[at]&0xC0 == 0x80) {
			at--
		}
		dst = append(append(dst, text[:at]...), "\r\n"...)
		if text = text[at:]; len(text) == 0 {
			return dst
		}
	}
}
