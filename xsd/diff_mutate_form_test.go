package xsd

import (
	"fmt"
	"slices"
	"strings"
)

// The mutations of attributes, namespaces and of the way in which a document is written.

func (m *mutator) dropAttribute(x *mutant) bool {
	e := m.some(x, func(e *instance) bool { return len(e.attrs) > 0 })
	if e == nil {
		return false
	}
	i := m.rng.IntN(len(e.attrs))
	e.attrs = slices.Delete(e.attrs, i, i+1)
	return true
}

func (m *mutator) addAttribute(x *mutant) bool {
	e := m.some(x, func(*instance) bool { return true })
	name := []string{"Ccy", "ccy", "id", "xml:lang", "xml:id"}[m.rng.IntN(5)]
	if slices.ContainsFunc(e.attrs, func(a pair) bool { return a.name == name }) {
		return false
	}
	e.attrs = append(e.attrs, pair{name, "EUR"})
	return true
}

func (m *mutator) attributeValue(x *mutant) bool {
	e := m.some(x, func(e *instance) bool { return len(e.attrs) > 0 })
	if e == nil {
		return false
	}
	a := &e.attrs[m.rng.IntN(len(e.attrs))]
	for _, known := range m.s.complex[e.typ].attributes {
		if m.s.names[known.name] != a.name {
			continue
		}
		all := append(m.edges(int(known.typ)), known.value+"1", " "+known.value)
		value := all[m.rng.IntN(len(all))]
		if m.rng.IntN(3) == 0 {
			value = m.value(int(known.typ))
		}
		return m.set(x, int(known.typ), &a.value, value)
	}
	return false
}

func (m *mutator) instanceAttribute(x *mutant) bool {
	e := m.some(x, func(*instance) bool { return true })
	if m.rng.IntN(6) == 0 {
		name := m.s.complex[m.rng.IntN(len(m.s.complex))].name
		if i, simple := e.typ.simple(); simple && m.rng.IntN(2) == 0 {
			name = m.s.simple[i].name
		} else if !simple && m.rng.IntN(2) == 0 {
			name = m.s.complex[e.typ].name
		}
		if name == "" || strings.Contains(name, ":") {
			return false
		}
		e.attrs = append(e.attrs, pair{"xsi:type", name})
		x.what = attributeOfType
		return true
	}
	e.attrs = append(e.attrs, []pair{
		{"xsi:schemaLocation", m.s.namespace + " here.xsd"}, {"xsi:noNamespaceSchemaLocation", "here.xsd"}, {"xsi:nil", "false"}, {"xsi:other", "1"},
	}[m.rng.IntN(4)])
	return true
}

// attributeOfType is the mutation that names the type of an element in the document.
const attributeOfType = "attribute xsi:type"

func (m *mutator) otherNamespace(x *mutant) bool {
	e := m.some(x, func(*instance) bool { return true })
	e.space = []string{noNamespace, "urn:example:elsewhere", m.s.namespace + "0"}[m.rng.IntN(3)]
	return true
}

func (m *mutator) mixedText(x *mutant) bool {
	e := m.some(x, hasKids(1))
	if e == nil {
		return false
	}
	e.mixed = []string{"text", " \t\n ", "\u00A0", "<"}[m.rng.IntN(4)]
	return true
}

func (m *mutator) childOfValue(x *mutant) bool {
	e := m.some(x, m.hasValue)
	if e == nil {
		return false
	}
	e.kids = append(e.kids, &instance{name: "Cd", text: "1"})
	return true
}

func (m *mutator) documentElement(x *mutant) bool {
	switch m.rng.IntN(3) {
	case 0:
		x.doc.name = "document"
	case 1:
		x.doc.space = "urn:example:elsewhere"
	default:
		if len(x.doc.kids) == 0 || x.doc.kids[0].typ < 0 {
			return false
		}
		x.doc = x.doc.kids[0]
	}
	return true
}

// writtenOtherwise changes nothing that a schema sees: prefixes, quotes, indentation,
// references, comments and sections within values.
func (m *mutator) writtenOtherwise(x *mutant) bool {
	x.form = writing{prefix: []string{"", "p", "ä-1.x"}[m.rng.IntN(3)], indented: m.rng.IntN(2) == 0, apos: m.rng.IntN(2) == 0}
	for range 3 {
		e := m.some(x, m.hasValue)
		if e == nil || e.text == "" || strings.HasPrefix(e.text, rawMark) {
			continue
		}
		var b strings.Builder
		b.WriteString(rawMark)
		for i, r := range e.text {
			one := escape.Replace(string(r))
			switch m.rng.IntN(12) {
			case 0:
				one = fmt.Sprintf("&#%d;", r)
			case 1:
				one = fmt.Sprintf("&#x%X;", r)
			case 2:
				one = "<![CDATA[" + string(r) + "]]>"
				if r == '\r' {
					one = "&#13;"
				}
			case 3:
				one += "<!-- > ' -->"
			case 4:
				if i > 0 {
					one += "<?p i?>"
				}
			}
			b.WriteString(one)
		}
		e.text = b.String()
	}
	return true
}
