package xsd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// maxTableBytes bounds the binary form of one schema.
const maxTableBytes = 16 << 20

// errTable is wrapped by every error of Unmarshal.
var errTable = errors.New("not the tables of a schema")

// Unmarshal reads what MarshalBinary wrote. Every index and value is checked: tables
// that do not hold together are an error, whoever made them. Memory is in proportion to
// the data.
func Unmarshal(data []byte) (*Schema, error) {
	if len(data) > maxTableBytes || len(data) < len(tableMark) || string(data[:len(tableMark)]) != tableMark {
		return nil, fmt.Errorf("%w: no mark, or more than %d bytes", errTable, maxTableBytes)
	}
	d := &decoder{rest: data[len(tableMark):]}
	s := &Schema{name: d.text(), namespace: d.text()}
	s.names = list(d, d.text)
	s.dfas = list(d, d.dfa)
	s.simple = list(d, func() simpleType { return d.simple(len(s.dfas)) })
	types := d.count()
	d.require(types <= maxTypes, "the number of types") // all of them are made at once
	if d.err != nil {
		return nil, d.err
	}
	s.complex = make([]complexType, types)
	for i := range s.complex {
		if d.err != nil {
			break
		}
		s.complex[i] = d.complex(s)
	}
	s.roots = list(d, func() element { return element{d.index(len(s.names)), d.typeRef(s)} })
	d.require(len(s.roots) > 0 && s.namespace != "" && len(d.rest) == 0, "roots and end")
	if d.err != nil {
		return nil, d.err
	}
	return s, nil
}

// decoder reads the binary form. After the first error it returns zeros.
type decoder struct {
	rest  []byte
	err   error
	names []uint32 // by name: the set that it was put into last
	set   uint32   // the one that is filled
}

// begin begins a set of names, out of n.
func (d *decoder) begin(n int) {
	if d.set++; d.names == nil {
		d.names = make([]uint32, n)
	}
}

// new puts a name into the set and reports whether it was not there.
func (d *decoder) new(name uint32) bool {
	if d.err != nil || d.names[name] == d.set {
		return false
	}
	d.names[name] = d.set
	return true
}

func (d *decoder) require(ok bool, what string) {
	if !ok && d.err == nil {
		d.err = fmt.Errorf("%w: %s, %d bytes before the end", errTable, what, len(d.rest))
		d.rest = nil
	}
}

func (d *decoder) number() uint64 {
	n, size := binary.Uvarint(d.rest)
	d.require(size > 0, "a number")
	if d.err != nil {
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

func (d *decoder) signed() int64 {
	n, size := binary.Varint(d.rest)
	d.require(size > 0, "a number")
	if d.err != nil {
		return 0
	}
	d.rest = d.rest[size:]
	return n
}

// count reads a number of things that take at least a byte each.
func (d *decoder) count() int {
	n := d.number()
	d.require(n <= uint64(len(d.rest)), "a count")
	if d.err != nil {
		return 0
	}
	return int(n)
}

// index reads an index into something of n members.
func (d *decoder) index(n int) uint32 {
	i := d.number()
	d.require(i < uint64(n), "an index")
	if d.err != nil {
		return 0
	}
	return uint32(i)
}

func (d *decoder) bytes(n int) []byte {
	d.require(n <= len(d.rest), "a text")
	if d.err != nil {
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) text() string {
	s := string(d.bytes(d.count()))
	d.require(utf8.ValidString(s), "a text")
	return s
}

func (d *decoder) flag() bool {
	n := d.number()
	d.require(n < 2, "a flag")
	return n == 1
}

func list[T any](d *decoder, one func() T) []T {
	n := d.count()
	if n == 0 {
		return nil
	}
	all := make([]T, 0, min(n, 1<<10))
	for range n {
		if d.err != nil {
			return nil
		}
		all = append(all, one())
	}
	return all
}

func (d *decoder) typeRef(s *Schema) typeRef {
	n := d.signed()
	d.require(n < int64(len(s.complex)) && n >= -int64(len(s.simple)), "a type")
	if d.err != nil {
		return 0
	}
	return typeRef(n)
}

func (d *decoder) dfa() dfa {
	a := dfa{source: d.text()}
	copy(a.classes[:], d.bytes(len(a.classes)))
	width := d.number()
	d.require(width >= 1 && width <= 256, "the classes of a pattern")
	a.width = int(width)
	for _, c := range a.classes {
		d.require(int(c) < a.width, "a class of a pattern")
	}
	a.final = list(d, d.flag)
	states := len(a.final)
	d.require(states >= 2 && states <= math.MaxUint16 && states*a.width <= len(d.rest), "the states of a pattern")
	if d.err != nil {
		return dfa{}
	}
	a.next = make([]uint16, states*a.width)
	for i := range a.next {
		a.next[i] = uint16(d.index(states))
		d.require(i >= a.width || a.next[i] == 0, "the dead state of a pattern")
	}
	d.require(!a.final[0], "the dead state of a pattern")
	return a
}

// facet reads a number that may be none.
func (d *decoder) facet() int32 {
	n := d.signed()
	d.require(n >= none && n <= math.MaxInt32, "a facet")
	return int32(n)
}

func (d *decoder) bound(decimal bool) bound {
	b := bound{d.text(), d.flag()}
	d.require(b.text == "" && !b.exclusive || decimal && isDecimal(b.text), "a bound")
	return b
}

func (d *decoder) simple(dfas int) simpleType {
	t := simpleType{name: d.text()}
	t.primitive = primitive(d.index(int(primEnd)))
	t.space = whiteSpace(d.index(int(spaceEnd)))
	t.minLength, t.maxLength, t.totalDigits, t.fractionDigits = d.facet(), d.facet(), d.facet(), d.facet()
	decimal := t.primitive == primDecimal || t.primitive == primInteger
	t.minimum, t.maximum = d.bound(decimal), d.bound(decimal)
	t.patterns = list(d, func() uint32 { return d.index(dfas) })
	if d.flag() {
		t.enumeration = append([]string{}, list(d, d.text)...)
		d.require(t.primitive == primString && rising(t.enumeration), "an enumeration")
	}
	return t
}

// rising reports whether texts are sorted and none is there twice.
func rising(texts []string) bool {
	for i := 1; i < len(texts); i++ {
		if texts[i-1] >= texts[i] {
			return false
		}
	}
	return true
}

func (d *decoder) complex(s *Schema) complexType {
	t := complexType{name: d.text()}
	d.begin(len(s.names))
	t.attributes = list(d, func() attribute {
		a := attribute{name: d.index(len(s.names)), typ: int32(d.index(len(s.simple))), required: d.flag(), fixed: d.flag(), value: d.text()}
		d.require(d.new(a.name), "an attribute")
		return a
	})
	text := d.signed()
	d.require(text >= none && text < int64(len(s.simple)), "the text of a type")
	t.text = int32(text)
	t.mixed = d.flag()
	states := d.count()
	d.require(states > 0, "the states of a type")
	if d.err != nil {
		return complexType{}
	}
	t.states = make([]state, 0, min(states, 1<<10))
	for range states {
		if d.err != nil {
			return complexType{}
		}
		t.states = append(t.states, d.state(s, states))
	}
	only := t.states[0]
	d.require(t.text == none || states == 1 && only.final && len(only.moves)+len(only.any) == 0, "a type with text and elements")
	return t
}

func (d *decoder) state(s *Schema, states int) state {
	t := state{final: d.flag()}
	t.moves = list(d, func() move {
		return move{name: d.index(len(s.names)), next: d.index(states), typ: d.typeRef(s), repeats: d.flag()}
	})
	d.begin(len(s.names))
	for _, m := range t.moves {
		d.require(d.new(m.name), "the moves of a state")
	}
	t.any = list(d, func() anyMove {
		return anyMove{next: d.index(states), process: process(d.index(int(processSkip) + 1)), space: wildcardSpace(d.index(int(spaceOther) + 1))}
	})
	d.require(len(t.any) <= 1, "the wildcards of a state")
	return t
}
