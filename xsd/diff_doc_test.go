package xsd

import (
	"bytes"
	"fmt"
	"strings"
)

// instance is an element of a document that the differential test makes and changes.
type instance struct {
	name  string
	space string // "" is the namespace of the schema
	attrs []pair
	text  string // of an element without children; raw if it begins with rawMark
	kids  []*instance
	typ   typeRef
	known bool // typ is what the schema says for this place
	mixed string
}

// pair is an attribute. Its name may have a prefix that the document element declares.
type pair struct{ name, value string }

// rawMark begins a text that is written as it stands, with markup.
const rawMark = "\x00"

const (
	noNamespace = "none"
	instanceURI = "http://www.w3.org/2001/XMLSchema-instance"
)

// writing says how a document is written.
type writing struct {
	prefix   string // of the elements of the schema; "" = default namespace
	indented bool
	apos     bool // attribute values in apostrophes
}

// escape escapes a text or an attribute value.
var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&apos;", "\r", "&#13;", "\t", "&#9;", "\n", "&#10;")

func (e *instance) write(b *bytes.Buffer, target string, l writing, root bool, depth int) {
	if l.indented {
		fmt.Fprintf(b, "\n%*s", depth, "")
	}
	name := e.name
	if l.prefix != "" && e.space == "" {
		name = l.prefix + ":" + name
	}
	b.WriteString("<" + name)
	quote := `"`
	if l.apos {
		quote = "'"
	}
	declare := func(prefix, uri string) {
		if prefix != "" {
			prefix = ":" + prefix
		}
		fmt.Fprintf(b, " xmlns%s=%s%s%s", prefix, quote, uri, quote)
	}
	switch {
	case root:
		declare("xsi", instanceURI)
		if e.space == "" {
			declare(l.prefix, target)
		} else if e.space != noNamespace {
			declare("", e.space)
		}
	case e.space == noNamespace && l.prefix == "":
		declare("", "")
	case e.space != "" && e.space != noNamespace:
		declare("", e.space)
	}
	for _, a := range e.attrs {
		fmt.Fprintf(b, " %s=%s%s%s", a.name, quote, escape.Replace(a.value), quote)
	}
	if len(e.kids) == 0 && e.text == "" {
		b.WriteString("/>")
		return
	}
	b.WriteString(">")
	if raw, ok := strings.CutPrefix(e.text, rawMark); ok {
		b.WriteString(raw)
	} else {
		b.WriteString(escape.Replace(e.text))
	}
	for _, k := range e.kids {
		k.write(b, target, l, false, depth+1)
	}
	b.WriteString(escape.Replace(e.mixed))
	if l.indented && len(e.kids) > 0 {
		fmt.Fprintf(b, "\n%*s", depth, "")
	}
	b.WriteString("</" + name + ">")
}

// document writes the whole document.
func (e *instance) document(target string, l writing) []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	e.write(&b, target, l, true, 0)
	return b.Bytes()
}

func (e *instance) clone() *instance {
	c := *e
	c.attrs = append([]pair(nil), e.attrs...)
	c.kids = make([]*instance, len(e.kids))
	for i, k := range e.kids {
		c.kids[i] = k.clone()
	}
	return &c
}

// all returns the element and everything below it, in document order.
func (e *instance) all() []*instance {
	out := []*instance{e}
	for _, k := range e.kids {
		out = append(out, k.all()...)
	}
	return out
}
