package witness

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
)

// Message is the outline of an EBICS message, read with encoding/xml and without trust. A message that is no XML has only Raw.
type Message struct {
	Raw           []byte
	Root          string // local name: ebicsRequest, ebicsResponse …
	OrderType     string // of an initialisation
	Phase         string // Initialisation, Transfer, Receipt
	TransactionID string
	OrderID       string
	Segment       int
	Last          bool
	NumSegments   int
	ReturnCodes   []string // header, body
	Signed        bool     // it has an AuthSignature
	OrderData     string
	fields        []field
}

// field is one value inside an element marked authenticate="true": the text of an element or an attribute's value, with its place in Raw.
type field struct {
	name     string
	from, to int
}

// Outline reads a message.
func Outline(raw []byte) Message {
	m := Message{Raw: raw}
	d := xml.NewDecoder(bytes.NewReader(raw))
	var path []string
	marked := 0 // depth of the outermost marked element, 0 = outside
	textFrom := int64(0)
	for {
		token, err := d.Token()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return Message{Raw: raw}
			}
			return m
		}
		switch e := token.(type) {
		case xml.StartElement:
			path = append(path, e.Name.Local)
			if len(path) == 1 {
				m.Root = e.Name.Local
			}
			if marked == 0 && attribute(e, "authenticate") == "true" {
				marked = len(path)
			}
			m.start(e)
			if marked > 0 {
				m.attributes(e, raw, int(textFrom), int(d.InputOffset()))
			}
			textFrom = d.InputOffset()
		case xml.EndElement:
			if marked == len(path) {
				marked = 0
			}
			path = path[:len(path)-1]
			textFrom = d.InputOffset()
		case xml.CharData:
			to := d.InputOffset()
			m.text(path, string(e))
			if marked > 0 && len(path) > 0 && len(bytes.TrimSpace(e)) > 0 {
				m.fields = append(m.fields, field{path[len(path)-1], int(textFrom), int(to)})
			}
			textFrom = to
		default:
			textFrom = d.InputOffset()
		}
	}
}

func attribute(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func (m *Message) start(e xml.StartElement) {
	switch e.Name.Local {
	case "SegmentNumber":
		m.Last = attribute(e, "lastSegment") == "true"
	case "AuthSignature":
		m.Signed = true
	}
}

func (m *Message) text(path []string, s string) {
	s = strings.TrimSpace(s)
	if len(path) == 0 || s == "" {
		return
	}
	number := func() int {
		n, err := strconv.Atoi(s)
		if err != nil {
			return -1
		}
		return n
	}
	switch path[len(path)-1] {
	case "OrderType":
		m.OrderType = s
	case "TransactionPhase":
		m.Phase = s
	case "TransactionID":
		m.TransactionID = s
	case "OrderID":
		m.OrderID = s
	case "SegmentNumber":
		m.Segment = number()
	case "NumSegments":
		m.NumSegments = number()
	case "ReturnCode":
		m.ReturnCodes = append(m.ReturnCodes, s)
	case "OrderData":
		m.OrderData += s
	}
}

// attributes notes where the values of a start tag's attributes stand. The tag is raw[from:to].
func (m *Message) attributes(e xml.StartElement, raw []byte, from, to int) {
	tag := raw[from:to]
	for _, a := range e.Attr {
		name := a.Name.Local
		if a.Name.Space == "xmlns" || name == "xmlns" || name == "authenticate" {
			continue // changing the mark itself is not changing a field
		}
		i := bytes.Index(tag, []byte(name+"=\""))
		if i < 0 {
			continue
		}
		start := from + i + len(name) + 2
		end := start + bytes.IndexByte(raw[start:], '"')
		if end > start {
			m.fields = append(m.fields, field{e.Name.Local + "/@" + name, start, end})
		}
	}
}

// Fields is the number of values inside the signed part of a message.
func (m Message) Fields() int { return len(m.fields) }

// FieldName names a signed value: the element's local name, with /@ and the attribute's name for an attribute.
func (m Message) FieldName(i int) string { return m.fields[i].name }

// Changed returns the message with the last letter or digit of one signed value changed into another of its kind, so that it stays
// well-formed and mostly valid against the schema: only the signature can tell.
func (m Message) Changed(i int) []byte {
	out := bytes.Clone(m.Raw)
	f := m.fields[i]
	for at := f.to - 1; at >= f.from; at-- {
		c := out[at]
		switch {
		case c >= '0' && c <= '8', c >= 'a' && c <= 'y', c >= 'A' && c <= 'Y':
			out[at] = c + 1
		case c == '9':
			out[at] = '8'
		case c == 'z', c == 'Z':
			out[at] = c - 1
		default:
			continue // padding or punctuation
		}
		return out
	}
	panic("a signed value without a letter or digit: " + f.name)
}
