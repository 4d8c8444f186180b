package xsd

import (
	"encoding/binary"
)

// tableMark begins the binary form; its last byte is the version.
const tableMark = "KXSD\x01"

// MarshalBinary returns the tables in a compact form that Unmarshal reads. The same
// schema always gives the same bytes. The error is always nil.
func (s *Schema) MarshalBinary() ([]byte, error) {
	e := &encoder{buf: []byte(tableMark)}
	e.text(s.name)
	e.text(s.namespace)
	each(e, s.names, e.text)
	each(e, s.dfas, e.dfa)
	each(e, s.simple, e.simple)
	e.number(len(s.complex)) // known before the first reference to one
	for i := range s.complex {
		e.complex(&s.complex[i])
	}
	each(e, s.roots, func(r element) {
		e.number(int(r.name))
		e.signed(int(r.typ))
	})
	return e.buf, nil
}

type encoder struct{ buf []byte }

func each[T any](e *encoder, all []T, f func(T)) {
	e.number(len(all))
	for _, one := range all {
		f(one)
	}
}

func (e *encoder) number(n int) { e.buf = binary.AppendUvarint(e.buf, uint64(n)) }
func (e *encoder) signed(n int) { e.buf = binary.AppendVarint(e.buf, int64(n)) }

func (e *encoder) text(s string) {
	e.number(len(s))
	e.buf = append(e.buf, s...)
}

func (e *encoder) flag(b bool) {
	if b {
		e.buf = append(e.buf, 1)
		return
	}
	e.buf = append(e.buf, 0)
}

func (e *encoder) dfa(d dfa) {
	e.text(d.source)
	e.buf = append(e.buf, d.classes[:]...)
	e.number(d.width)
	each(e, d.final, e.flag)
	for _, n := range d.next {
		e.number(int(n))
	}
}

func (e *encoder) simple(t simpleType) {
	e.text(t.name)
	e.number(int(t.primitive))
	e.number(int(t.space))
	for _, facet := range []int32{t.minLength, t.maxLength, t.totalDigits, t.fractionDigits} {
		e.signed(int(facet))
	}
	for _, b := range []bound{t.minimum, t.maximum} {
		e.text(b.text)
		e.flag(b.exclusive)
	}
	each(e, t.patterns, func(p uint32) { e.number(int(p)) })
	e.flag(t.enumeration != nil)
	if t.enumeration != nil {
		each(e, t.enumeration, e.text)
	}
}

func (e *encoder) complex(t *complexType) {
	e.text(t.name)
	each(e, t.attributes, func(a attribute) {
		e.number(int(a.name))
		e.number(int(a.typ))
		e.flag(a.required)
		e.flag(a.fixed)
		e.text(a.value)
	})
	e.signed(int(t.text))
	e.flag(t.mixed)
	each(e, t.states, func(s state) {
		e.flag(s.final)
		each(e, s.moves, func(m move) {
			e.number(int(m.name))
			e.number(int(m.next))
			e.signed(int(m.typ))
			e.flag(m.repeats)
		})
		each(e, s.any, func(a anyMove) {
			e.number(int(a.next))
			e.number(int(a.process))
			e.number(int(a.space))
		})
	})
}
