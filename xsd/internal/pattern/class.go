package pattern

// class reads a character class behind its opening bracket: characters, ranges and escapes, then perhaps a minus
// and a class that is taken away. The order is fixed: [^a-z-[x]] is everything but a to z, and without x.
func (p *parser) class() (set, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	negative := p.accept("^")
	var spans []span
	var without set
	for first := true; ; first = false {
		c := p.peek()
		switch {
		case c < 0:
			return nil, p.fail("a class that is not closed")
		case c == ']' && first:
			return nil, p.fail("an empty class")
		case c == ']':
			p.next()
			p.depth--
			return finish(spans, negative, without), nil
		case c == '-' && p.accept("-["):
			if first {
				return nil, p.fail("a class that takes something away from nothing")
			}
			var err error
			if without, err = p.class(); err != nil {
				return nil, err
			}
			if p.peek() != ']' {
				return nil, p.fail("a class goes on behind what it takes away")
			}
		default:
			more, err := p.classPart(first)
			if err != nil {
				return nil, err
			}
			spans = append(spans, more...)
		}
	}
}

func finish(spans []span, negative bool, without set) set {
	s := normal(spans)
	if negative {
		s = s.negate()
	}
	return s.minus(without)
}

// classPart reads one character, range or escape of a class.
func (p *parser) classPart(first bool) (set, error) {
	lo, s, err := p.classChar()
	if err != nil {
		return nil, err
	}
	if s != nil {
		return s, nil
	}
	if lo == '-' && !first && p.peek() != ']' && p.source[p.at-2] != '\\' {
		return nil, p.fail("a minus that is neither at an end of the class nor within a range")
	}
	if p.peek() != '-' || p.ends(p.source[p.at+1:]) {
		return set{{lo, lo}}, nil
	}
	p.next()
	hi, s, err := p.classChar()
	if err != nil {
		return nil, err
	}
	if s != nil || hi < lo {
		return nil, p.fail("a range whose end is no character at or behind its begin")
	}
	return set{{lo, hi}}, nil
}

// ends says whether a minus before rest is a plain character or takes a class away.
func (p *parser) ends(rest string) bool {
	return rest == "" || rest[0] == ']' || rest[0] == '['
}

// classChar reads a character, or an escape that stands for several: then the set is not nil.
func (p *parser) classChar() (rune, set, error) {
	switch c := p.next(); c {
	case -1:
		return 0, nil, p.fail("a class that is not closed")
	case '[':
		return 0, nil, p.fail("an opening bracket within a class")
	case '\\':
		s, err := p.escape()
		if err != nil {
			return 0, nil, err
		}
		if len(s) == 1 && s[0].lo == s[0].hi {
			return s[0].lo, nil, nil
		}
		return 0, s, nil
	default:
		return c, nil, nil
	}
}
