// Package emit writes ISO 20022 documents: elements with text and one attribute, no
// more. It escapes, indents, and refuses what XML cannot hold.
package emit

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ErrCharacter says that a text holds a character that XML 1.0 cannot hold, or is not
// UTF-8.
var ErrCharacter = errors.New("character not allowed in XML")

// Writer writes one document. The first error stays: every later call does nothing,
// and Finish returns it.
type Writer struct {
	out  *bufio.Writer
	open []string
	err  error
}

// New writes the XML declaration and opens the document element "Document" in the
// namespace urn:iso:std:iso:20022:tech:xsd: plus the message, such as
// "pain.001.001.09".
func New(w io.Writer, message string) *Writer { return document(w, message, "") }

// NewLocated is New with a schema location (xsi:schemaLocation), which names the file of
// a national schema for the message, such as "pain.001.001.09_AXZ_GBIC_5.xsd".
func NewLocated(w io.Writer, message, schema string) *Writer {
	return document(w, message, ` xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="`+namespace+message+" "+schema+`"`)
}

const namespace = "urn:iso:std:iso:20022:tech:xsd:"

func document(w io.Writer, message, attributes string) *Writer {
	e := &Writer{out: bufio.NewWriter(w)}
	e.raw(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Document xmlns="` + namespace + message + `"` + attributes + `>`)
	e.open = append(e.open, "Document")
	return e
}

// Open writes start tags, each inside the one before.
func (e *Writer) Open(names ...string) {
	for _, name := range names {
		e.indent()
		e.tag("<", name, ">")
		e.open = append(e.open, name)
	}
}

// Close writes the last n end tags.
func (e *Writer) Close(n int) {
	for ; n > 0 && len(e.open) > 0; n-- {
		name := e.open[len(e.open)-1]
		e.open = e.open[:len(e.open)-1]
		e.indent()
		e.tag("</", name, ">")
	}
}

// Leaf writes an element that holds text only.
func (e *Writer) Leaf(name, text string) {
	e.indent()
	e.tag("<", name, ">")
	e.text(text)
	e.tag("</", name, ">")
}

// Optional is Leaf unless the text is empty: ISO 20022 knows no empty elements.
func (e *Writer) Optional(name, text string) {
	if text != "" {
		e.Leaf(name, text)
	}
}

// Amount writes an element with text and the attribute Ccy.
func (e *Writer) Amount(name, decimal, currency string) {
	e.indent()
	e.tag("<", name, ` Ccy="`)
	e.text(currency)
	e.raw(`">`)
	e.text(decimal)
	e.tag("</", name, ">")
}

// Fail makes err the outcome unless there is one already.
func (e *Writer) Fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// Finish closes what is open and flushes.
func (e *Writer) Finish() error {
	e.Close(len(e.open))
	e.raw("\n")
	if e.err != nil {
		return e.err
	}
	if err := e.out.Flush(); err != nil {
		return fmt.Errorf("writing document: %w", err)
	}
	return nil
}

const blanks = "\n                                                                "

// indent starts a line; two blanks for each open element.
func (e *Writer) indent() {
	e.raw(blanks[:min(1+2*len(e.open), len(blanks))])
}

// tag writes the pieces of a tag without joining them: a large document has millions.
func (e *Writer) tag(before, name, after string) {
	e.raw(before)
	e.raw(name)
	e.raw(after)
}

func (e *Writer) raw(s string) {
	if e.err != nil {
		return
	}
	if _, err := e.out.WriteString(s); err != nil {
		e.err = fmt.Errorf("writing document: %w", err)
	}
}

// text escapes. CR, and the white space that attributes lose, become references.
func (e *Writer) text(s string) {
	from := 0
	for i, r := range s {
		var with string
		switch {
		case r == '&':
			with = "&amp;"
		case r == '<':
			with = "&lt;"
		case r == '>':
			with = "&gt;"
		case r == '"':
			with = "&quot;"
		case r == '\r':
			with = "&#13;"
		case r == '\n':
			with = "&#10;"
		case r == '\t':
			with = "&#9;"
		case r < 0x20, r == 0xFFFE, r == 0xFFFF, r == utf8.RuneError && !validAt(s, i):
			e.Fail(fmt.Errorf("%w: U+%04X at byte %d", ErrCharacter, r, i))
			return
		default:
			continue
		}
		e.raw(s[from:i])
		e.raw(with)
		from = i + 1
	}
	e.raw(s[from:])
}

// validAt tells a written U+FFFD from bytes that are no UTF-8.
func validAt(s string, i int) bool {
	_, size := utf8.DecodeRuneInString(s[i:])
	return size > 1
}
