package camt

import "bytes"

// arena keeps the values of one entry or transaction until it ends; then they become
// one string, of which the fields are parts: one allocation instead of one a field.
type arena[T [entryValues]span | [detailValues]span] struct {
	text  []byte
	spans T
}

// span is a part of arena.text; an empty one is an absent value.
type span struct{ start, end int32 }

// maxArena is how many bytes of one entry or transaction are kept; a bank that writes
// more loses the rest of it here, not in the document.
const maxArena = 64 << 10

// add appends a value.
func (a *arena[T]) add(text []byte) span {
	start := len(a.text)
	a.text = append(a.text, text[:min(len(text), max(maxArena-start, 0))]...)
	return span{int32(start), int32(len(a.text))}
}

// join appends a further part to a value, after a slash: "PMNT/RCDT/ESCT".
func (a *arena[T]) join(s *span, part []byte) {
	start := len(a.text)
	if int(s.end) == start { // the parts of a code follow one another
		start = int(s.start)
	} else {
		a.text = append(a.text, a.text[s.start:s.end]...)
	}
	a.text = append(a.text, '/')
	*s = span{int32(start), a.add(part).end}
}

func (a *arena[T]) reset() {
	a.text = a.text[:0]
	var zero T
	a.spans = zero
}

func (a *arena[T]) bytes(s span) []byte { return a.text[s.start:s.end] }

func (s span) of(text string) string { return text[s.start:s.end] }

func (s span) empty() bool { return s.start == s.end }

// trim drops white space around a value, as banks write it.
func trim(text []byte) []byte {
	if len(text) == 0 || text[0] > ' ' && text[len(text)-1] > ' ' {
		return text
	}
	return bytes.Trim(text, " \t\r\n")
}
