package c14n

import (
	"bytes"
	"slices"

	"kontor/xmlscan"
)

// token appends the canonical form of the current token. Comments have none, and text
// is reported only within the root.
func (w *writer) token(kind xmlscan.Kind) {
	switch kind {
	case xmlscan.StartElement:
		w.startTag(false)
	case xmlscan.EndElement:
		w.dst = append(w.dst, "</"...)
		w.qualified(w.s.Prefix(), w.s.Local())
		w.dst = append(w.dst, '>')
	case xmlscan.Text:
		w.dst = appendText(w.dst, w.s.Text())
	case xmlscan.ProcInst:
		w.dst = append(append(w.dst, "<?"...), w.s.Local()...)
		if data := w.s.Text(); len(data) > 0 {
			w.dst = append(append(w.dst, ' '), data...)
		}
		w.dst = append(w.dst, "?>"...)
	case xmlscan.Comment:
	}
}

// startTag appends a start tag (clauses 2.3 and 2.4): the namespaces, then the
// attributes. An apex has all namespaces in scope, another element those that differ
// from its parent's.
func (w *writer) startTag(apex bool) {
	w.dst = append(w.dst, '<')
	w.qualified(w.s.Prefix(), w.s.Local())

	w.spaces = w.spaces[:0]
	if apex {
		w.spaces = w.s.InScope(w.spaces)
	} else {
		for _, n := range w.s.Namespaces() {
			if string(n.Prefix) != "xml" && !bytes.Equal(n.URI, w.s.Inherited(n.Prefix)) {
				w.spaces = append(w.spaces, n)
			}
		}
	}
	slices.SortFunc(w.spaces, func(a, b xmlscan.Namespace) int { return bytes.Compare(a.Prefix, b.Prefix) })
	for _, n := range w.spaces {
		if len(n.Prefix) == 0 {
			w.attribute(nil, []byte("xmlns"), n.URI)
		} else {
			w.attribute([]byte("xmlns"), n.Prefix, n.URI)
		}
	}

	w.attrs = append(w.attrs[:0], w.s.Attrs()...)
	if apex {
		w.inherit()
	}
	slices.SortFunc(w.attrs, func(a, b xmlscan.Attr) int {
		if c := bytes.Compare(a.Space, b.Space); c != 0 {
			return c
		}
		return bytes.Compare(a.Local, b.Local)
	})
	for _, a := range w.attrs {
		w.attribute(a.Prefix, a.Local, a.Value)
	}
	w.dst = append(w.dst, '>')
}

// inherit adds the nearest xml:* attributes of the ancestors that the apex does not
// have itself.
func (w *writer) inherit() {
next:
	for i := len(w.above) - 1; i >= 0; i-- {
		for _, a := range w.attrs {
			if string(a.Space) == xmlscan.XMLNamespace && bytes.Equal(a.Local, w.above[i].local) {
				continue next
			}
		}
		w.attrs = append(w.attrs, xmlscan.Attr{
			Prefix: []byte("xml"), Local: w.above[i].local, Space: []byte(xmlscan.XMLNamespace), Value: w.above[i].value,
		})
	}
}

func (w *writer) qualified(prefix, local []byte) {
	if len(prefix) > 0 {
		w.dst = append(append(w.dst, prefix...), ':')
	}
	w.dst = append(w.dst, local...)
}

func (w *writer) attribute(prefix, local, value []byte) {
	w.dst = append(w.dst, ' ')
	w.qualified(prefix, local)
	w.dst = append(w.dst, `="`...)
	w.dst = appendValue(w.dst, value)
	w.dst = append(w.dst, '"')
}

// appendText escapes character data.
func appendText(dst, text []byte) []byte {
	from := 0
	for i, c := range text {
		var escape string
		switch c {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '>':
			escape = "&gt;"
		case '\r':
			escape = "&#xD;"
		default:
			continue
		}
		dst = append(append(dst, text[from:i]...), escape...)
		from = i + 1
	}
	return append(dst, text[from:]...)
}

// appendValue escapes an attribute value.
func appendValue(dst, value []byte) []byte {
	from := 0
	for i, c := range value {
		var escape string
		switch c {
		case '&':
			escape = "&amp;"
		case '<':
			escape = "&lt;"
		case '"':
			escape = "&quot;"
		case '\t':
			escape = "&#x9;"
		case '\n':
			escape = "&#xA;"
		case '\r':
			escape = "&#xD;"
		default:
			continue
		}
		dst = append(append(dst, value[from:i]...), escape...)
		from = i + 1
	}
	return append(dst, value[from:]...)
}
