package xmlscan

import (
	"errors"
	"io"
)

// ErrPart says that the input of a scanner with AllowParts has ended between two tokens
// within the root element: Resume may go on.
var ErrPart = errors.New("a part of the document ends")

// AllowParts makes Next return ErrPart, in place of the error of a document that is cut
// short, where the input ends within the root element between two tokens. It is for
// readers that put a document together from parts.
func (s *Scanner) AllowParts() { s.parts = true }

// Resume goes on after ErrPart with the bytes of r, which stand at the given offset of
// the document. Offsets told from here on begin at that one, and Limits.Bytes counts up
// to them. Lines and columns begin again with 1; those of places before are no more
// known.
func (s *Scanner) Resume(r io.Reader, offset int64) {
	if !errors.Is(s.err, ErrPart) {
		return
	}
	w := &s.w
	s.err, s.parts = nil, true
	w.r, w.err, w.ended = r, nil, false
	w.base = offset - int64(w.start)
	w.far = mark{index: w.start, place: place{1, 1}}
	w.near = w.far
	for i := range s.elements {
		s.elements[i].begin = anchor{offset: -1}
	}
	w.closed = [mostEnds]anchor{}
}

// FinishParts is Resume for the last part: the document must end with it.
func (s *Scanner) FinishParts(r io.Reader, offset int64) {
	s.Resume(r, offset)
	s.parts = false
}

// Reset makes the scanner ready for another document and keeps its buffers.
func (s *Scanner) Reset(r io.Reader, l Limits) {
	fresh := newScanner(r, l, s.w.size)
	fresh.w.most = s.w.most
	fresh.w.buf = s.w.buf
	fresh.attrs, fresh.spots, fresh.declared = s.attrs[:0], s.spots[:0], s.declared[:0]
	fresh.elements, fresh.names = s.elements[:0], s.names[:0]
	fresh.bindings, fresh.uris = s.bindings[:0], s.uris[:0]
	fresh.raw, fresh.values = s.raw[:0], s.values[:0]
	*s = *fresh
	s.w.open = &s.elements
}
