package xmlscan

// Gap is what stands between two leaves: white space, end tags, then start tags, all as
// plain as Leave and Enter take them. In a long document the same few gaps come again and
// again, byte for byte, so Skip takes one at once.
type Gap struct {
	raw    string
	prefix string
	ends   []gapTag
	starts []gapTag
}

// gapTag is a tag of a gap.
type gapTag struct {
	tag *Tag
	at  int // index in raw of a start tag, or behind an end tag
}

// mostEnds is how many end tags a gap has at most.
const mostEnds = 4

// NewGap returns the gap that raw is, if it has these end tags and these start tags, in
// this order, and nothing else but white space before each.
func NewGap(raw []byte, ends, starts []*Tag) (*Gap, bool) {
	g := &Gap{raw: string(raw)}
	if len(ends) > mostEnds || len(ends)+len(starts) == 0 {
		return nil, false
	}
	i := 0
	for _, t := range ends {
		i += spaces(raw[i:])
		if len(raw)-i < t.end.n || string(raw[i:i+t.end.n]) != "</"+t.name+">" {
			return nil, false
		}
		i += t.end.n
		g.ends = append(g.ends, gapTag{t, i})
		g.prefix = t.prefix
	}
	for _, t := range starts {
		i += spaces(raw[i:])
		if len(raw)-i < t.open.n || string(raw[i:i+t.open.n]) != "<"+t.name+">" {
			return nil, false
		}
		g.starts = append(g.starts, gapTag{t, i})
		i += t.open.n
		g.prefix = t.prefix
	}
	for _, t := range append(ends, starts...) {
		if t.prefix != g.prefix {
			return nil, false
		}
	}
	return g, i == len(raw)
}

// Raw returns the bytes of the gap.
func (g *Gap) Raw() string { return g.raw }

// Ends returns how many end tags the gap has.
func (g *Gap) Ends() int { return len(g.ends) }

// End returns how many bytes from the start of the gap its end tag i ends.
func (g *Gap) End(i int) int64 { return int64(g.ends[i].at) }

// Start returns how many bytes from the start of the gap its start tag i begins.
func (g *Gap) Start(i int) int64 { return int64(g.starts[i].at) }

// Skip takes the gap, if just it comes next, closing and opening elements as Leave and
// Enter would one by one. It returns the offset of the gap.
func (s *Scanner) Skip(g *Gap) (at int64, ok bool) {
	b := s.w.buf[s.w.start:s.w.end]
	n := len(s.elements)
	if !s.plain || len(b) < len(g.raw)+reach || string(b[:len(g.raw)]) != g.raw || g.prefix != s.plainPrefix ||
		n <= len(g.ends) || n-len(g.ends)+len(g.starts) > s.limits.Depth {
		return 0, false
	}
	upto := len(s.names)
	for i := range g.ends { // the names must be those of the open elements
		from := s.elements[n-1-i].name
		if string(s.names[from:upto]) != g.ends[i].tag.name {
			return 0, false
		}
		upto = from
	}
	at = s.w.base + int64(s.w.start)
	for i := range g.ends { // none of them declares namespaces
		if e := &s.elements[n-1-i]; e.begin.line != 0 {
			s.w.closed[i] = e.begin
		}
	}
	n -= len(g.ends)
	for cap(s.elements) < n+len(g.starts) {
		s.elements = append(s.elements[:cap(s.elements)], element{})
	}
	s.elements = s.elements[:n+len(g.starts)]
	s.names = s.names[:upto]
	for i := range g.starts {
		t, e := g.starts[i].tag, &s.elements[n+i]
		e.name, e.colon, e.bindings, e.uris, e.space = len(s.names), t.colon, len(s.bindings), len(s.uris), s.plainSpace
		e.begin.offset, e.begin.line = at+int64(g.starts[i].at), 0
		s.names = append(s.names, t.name...)
	}
	s.w.start += len(g.raw)
	return at, true
}

// Between returns the raw bytes from one offset to another, as far as they are still in
// the window; nil if they are not.
func (s *Scanner) Between(from, to int64) []byte {
	i, j := from-s.w.base, to-s.w.base
	if i < 0 || j < i || j > int64(s.w.end) {
		return nil
	}
	return s.w.buf[i:j]
}
