package xmlscan

import (
	"bytes"
	"unicode/utf8"
)

// scanText reads character data up to the next markup, or a piece of it when the
// window is full.
func (s *Scanner) scanText() error {
	seen := 0
	for {
		v := s.w.view()
		if i := bytes.IndexByte(v[seen:], '<'); i >= 0 {
			return s.deliver(seen+i, false)
		}
		seen = len(v)
		if s.w.full() && len(v) >= s.w.size/2 {
			if n := s.wholePiece(v); n > 0 {
				return s.deliver(n, false)
			}
		}
		if !s.w.more() {
			return s.deliver(seen, true) // Next tells of the end when this text has been judged
		}
	}
}

// wholePiece returns how much of v can be judged without knowing what follows: not half
// a character, reference or line end, and no ] that may belong to ]]>.
func (s *Scanner) wholePiece(v []byte) int {
	n := len(v)
	if s.encoding.high == nil {
		n -= partialRune(v)
	}
	tail := max(0, n-longestReference)
	if i := bytes.LastIndexByte(v[tail:n], '&'); i >= 0 && bytes.IndexByte(v[tail+i:n], ';') < 0 {
		return tail + i
	}
	return beforeDoubt(v, n)
}

// beforeDoubt returns n less a CR or ] at the end of v that may belong to CR LF or ]]>.
func beforeDoubt(v []byte, n int) int {
	if n < len(v) || n == 0 {
		return n // what follows is known to be neither LF nor >
	}
	if v[n-1] == '\r' {
		return n - 1
	}
	for i := 0; i < 2 && n > 0 && v[n-1] == ']'; i++ {
		n--
	}
	return n
}

// deliver makes the first n bytes of the view the current Text. final says that the
// input ends behind them. Of several faults the first is told, so that it does not
// matter how a text is cut into pieces.
func (s *Scanner) deliver(n int, final bool) error {
	u, class, fault := s.decode(s.w.view()[:n])
	good := len(u)
	if class&isBracket != 0 {
		if i := bytes.Index(u, []byte("]]>")); i >= 0 {
			fault = s.fail(CodeMalformed, s.rawIndex(u, i), "]]> in text")
			good = i
		}
	}
	if class&(isAmpersand|isReturn) != 0 {
		resolved, i, problem := s.resolve(u, good)
		switch {
		case problem == unfinished && fault != nil: // the fault lies in the reference
		case problem == unfinished && final:
			return s.ended(s.rawIndex(u, i), "a reference")
		case problem != nil:
			return s.fail(problem.code, s.rawIndex(u, i), "%s", problem.message)
		}
		u = resolved
	}
	if fault != nil {
		return fault
	}
	s.text, s.length = u, n
	return nil
}

// resolve returns u with references resolved and line ends normalised (clauses 4.1
// and 2.11). It looks at references that begin before the index until; i is where one
// with a problem begins.
func (s *Scanner) resolve(u []byte, until int) (text []byte, i int, p *problem) {
	out := s.values[:0]
	for i < until {
		n := bytes.IndexByte(u[i:until], '&')
		if n < 0 {
			n = until - i
		}
		out = appendLines(out, u[i:i+n])
		if i += n; i == until {
			break
		}
		r, n, p := reference(u[i:])
		if p != nil {
			return nil, i, p
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	s.values = out
	return out, i, nil
}

// appendLines appends u to out with CR LF and CR as LF.
func appendLines(out, u []byte) []byte {
	for {
		i := bytes.IndexByte(u, '\r')
		if i < 0 {
			return append(out, u...)
		}
		out = append(append(out, u[:i]...), '\n')
		if u = u[i+1:]; len(u) > 0 && u[0] == '\n' {
			u = u[1:]
		}
	}
}

// scanCDATA reads a piece of a CDATA section and says whether there was one: the rest
// of the section may be empty.
func (s *Scanner) scanCDATA() (bool, error) {
	seen := 0
	for {
		v := s.w.view()
		if i := bytes.Index(v[seen:], []byte("]]>")); i >= 0 {
			s.inCDATA = false
			if seen+i == 0 {
				s.w.start += len("]]>")
				return false, nil
			}
			err := s.deliverCDATA(seen + i)
			s.length += len("]]>")
			return true, err
		}
		seen = max(0, len(v)-2)
		if s.w.full() && len(v) >= s.w.size/2 {
			n := len(v)
			if s.encoding.high == nil {
				n -= partialRune(v)
			}
			if n = beforeDoubt(v, n); n > 0 {
				return true, s.deliverCDATA(n)
			}
		}
		if s.w.more() {
			continue
		}
		if len(v) == 0 {
			return false, s.ended(0, "a CDATA section")
		}
		// The characters are judged first, as they are when the window fills up here.
		return true, s.deliverCDATA(len(v))
	}
}

// deliverCDATA makes the first n bytes of the view the current Text.
func (s *Scanner) deliverCDATA(n int) error {
	u, class, err := s.decode(s.w.view()[:n])
	if err != nil {
		return err
	}
	if class&isReturn != 0 {
		s.values = appendLines(s.values[:0], u)
		u = s.values
	}
	s.text, s.length = u, n
	return nil
}

// partialRune returns how many bytes at the end of v begin a character that is not
// complete.
func partialRune(v []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(v); n++ {
		if tail := v[len(v)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRune(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
