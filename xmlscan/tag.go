package xmlscan

import (
	"bytes"
	"unicode/utf8"
)

// element is an open element. Its qualified name lies in Scanner.names from name to
// the name of the next.
type element struct {
	name     int
	colon    int // length of the prefix and its colon, 0 without
	bindings int // number of bindings outside the element
	uris     int // length of Scanner.uris outside the element
	space    int // index of the binding of its namespace, or one of the values below
	begin    anchor
}

// Values of element.space that are no index of a binding.
const (
	noSpace  = -1
	xmlSpace = -2
)

// scanStartTag reads a start tag or an empty-element tag (clause 3.1).
func (s *Scanner) scanStartTag() error {
	if len(s.elements) == 0 && s.rootSeen {
		return s.fail(CodeMalformed, 0, "a second root element")
	}
	n, err := s.findTagEnd()
	if err != nil {
		return err
	}
	if len(s.elements) == s.limits.Depth {
		return s.fail(CodeLimit, 0, "elements are nested deeper than %d", s.limits.Depth)
	}
	u, _, err := s.decode(s.w.view()[:n])
	if err != nil {
		return err
	}
	tag := u[:len(u)-1]
	empty := tag[len(tag)-1] == '/'
	if empty {
		tag = tag[:len(tag)-1]
	}
	colon, i, err := s.qualifiedName(tag, 1)
	if err != nil {
		return err
	}
	s.push(tag[1:i], colon)
	if err := s.scanAttributes(tag, i); err != nil {
		return err
	}
	if err := s.resolveTag(tag); err != nil {
		return err
	}
	s.rootSeen, s.emptyTag, s.length = true, empty, n
	return nil
}

// findTagEnd returns the length of the tag at the start of the view. A > within quotes
// does not end it; a < is allowed nowhere.
func (s *Scanner) findTagEnd() (int, error) {
	i, quote := 1, byte(0)
	for {
		v := s.bounded()
		for i < len(v) {
			if quote == 0 {
				switch v[i] {
				case '>':
					return i + 1, nil
				case '<':
					return 0, s.fail(CodeMalformed, i, "< within a tag")
				case '"', '\'':
					quote = v[i]
				}
				i++
				continue
			}
			part := v[i:]
			end := bytes.IndexByte(part, quote)
			if end >= 0 {
				part = part[:end]
			}
			if k := bytes.IndexByte(part, '<'); k >= 0 {
				return 0, s.fail(CodeMalformed, i+k, "< within an attribute value")
			}
			i += len(part)
			if end >= 0 {
				i, quote = i+1, 0
			}
		}
		if err := s.extend(v, "a tag"); err != nil {
			return 0, err
		}
	}
}

// qualifiedName reads the QName at tag[i:] (Namespaces, clause 4) and returns the
// length of prefix and colon, and the index after the name.
func (s *Scanner) qualifiedName(tag []byte, i int) (colon, end int, err error) {
	n := ncName(tag[i:])
	end = i + n
	if end < len(tag) && tag[end] == ':' {
		colon = n + 1
		local := ncName(tag[end+1:])
		end += 1 + local
		if n == 0 || local == 0 || end < len(tag) && tag[end] == ':' {
			return 0, 0, s.fail(CodeNamespace, s.rawIndex(tag, i), "a name that is not one name, or prefix and name")
		}
	}
	if n == 0 {
		return 0, 0, s.fail(CodeMalformed, s.rawIndex(tag, i), "no name where one is required")
	}
	return colon, end, nil
}

// scanAttributes reads the attributes in tag[i:] into s.attrs and s.declared.
func (s *Scanner) scanAttributes(tag []byte, i int) error {
	s.values = s.values[:0]
	for count := 1; ; count++ {
		blank := spaces(tag[i:])
		if i += blank; i == len(tag) {
			return nil
		}
		if blank == 0 {
			return s.fail(CodeMalformed, s.rawIndex(tag, i), "no white space before an attribute, or a name with a wrong character")
		}
		if count > s.limits.Attributes {
			return s.fail(CodeLimit, s.rawIndex(tag, i), "an element has more than %d attributes", s.limits.Attributes)
		}
		begin := i
		colon, end, err := s.qualifiedName(tag, i)
		if err != nil {
			return err
		}
		value, next, err := s.attributeValue(tag, end)
		if err != nil {
			return err
		}
		a := Attr{Local: tag[begin+colon : end], Value: value}
		if colon > 0 {
			a.Prefix = tag[begin : begin+colon-1]
		}
		s.attrs = append(s.attrs, a)
		s.spots = append(s.spots, begin)
		i = next
	}
}

// attributeValue reads ="value" at tag[i:] and returns the normalised value and the
// index after it.
func (s *Scanner) attributeValue(tag []byte, i int) (value []byte, next int, err error) {
	i += spaces(tag[i:])
	if i == len(tag) || tag[i] != '=' {
		return nil, 0, s.fail(CodeMalformed, s.rawIndex(tag, i), "an attribute without a value")
	}
	i++
	i += spaces(tag[i:])
	if i == len(tag) || tag[i] != '"' && tag[i] != '\'' {
		return nil, 0, s.fail(CodeMalformed, s.rawIndex(tag, i), "an attribute value without quotes")
	}
	n := bytes.IndexByte(tag[i+1:], tag[i])
	if n < 0 { // findTagEnd has seen the quotes in pairs
		return nil, 0, s.fail(CodeMalformed, s.rawIndex(tag, i), "an attribute value without its end")
	}
	value, err = s.normalise(tag, i+1, i+1+n)
	return value, i + n + 2, err
}

// normalise resolves references in tag[begin:end] and makes white space blanks (clause
// 3.3.3); white space written as a reference stays.
func (s *Scanner) normalise(tag []byte, begin, end int) ([]byte, error) {
	value := tag[begin:end]
	if bytes.IndexByte(value, '&') < 0 && bytes.IndexByte(value, '\n') < 0 &&
		bytes.IndexByte(value, '\r') < 0 && bytes.IndexByte(value, '\t') < 0 {
		return value, nil
	}
	from := len(s.values)
	for i := 0; i < len(value); i++ {
		switch c := value[i]; c {
		case '&':
			r, n, problem := reference(value[i:])
			if problem != nil {
				return nil, s.fail(problem.code, s.rawIndex(tag, begin+i), "%s", problem.message)
			}
			s.values = utf8.AppendRune(s.values, r)
			i += n - 1
		case '\r':
			if i+1 < len(value) && value[i+1] == '\n' {
				continue // CR LF is one line end
			}
			s.values = append(s.values, ' ')
		case '\n', '\t':
			s.values = append(s.values, ' ')
		default:
			s.values = append(s.values, c)
		}
	}
	return s.values[from:len(s.values):len(s.values)], nil
}

// scanEndTag reads an end tag, which must be that of the innermost element.
func (s *Scanner) scanEndTag() error {
	const open = "</"
	if len(s.elements) == 0 {
		return s.fail(CodeMalformed, 0, "an end tag without a start tag")
	}
	n, err := s.findTagEnd()
	if err != nil {
		return err
	}
	u, _, err := s.decode(s.w.view()[:n])
	if err != nil {
		return err
	}
	want := s.names[s.elements[len(s.elements)-1].name:]
	name := bytes.TrimRight(u[len(open):len(u)-1], " \t\r\n")
	if !bytes.Equal(name, want) {
		return s.fail(CodeMalformed, 0, "the element %s is ended by another end tag", quoted(want))
	}
	s.length = n
	s.end()
	return nil
}

// push opens an element. The namespace is not resolved yet.
func (s *Scanner) push(name []byte, colon int) {
	s.elements = append(s.elements, element{
		name: len(s.names), colon: colon, bindings: len(s.bindings), uris: len(s.uris), space: noSpace,
		begin: anchor{offset: s.w.base + int64(s.w.start)},
	})
	s.names = append(s.names, name...)
}

// end makes the innermost element the current one, to be dropped by the next Next.
func (s *Scanner) end() {
	s.current()
	s.closing = true
}

// current sets prefix, local name and namespace to those of the innermost element.
func (s *Scanner) current() {
	e := s.elements[len(s.elements)-1]
	name := s.names[e.name:]
	s.local, s.prefix = name[e.colon:], nil
	if e.colon > 0 {
		s.prefix = name[:e.colon-1]
	}
	s.space = s.uri(e.space)
}

// pop drops the innermost element with its namespace declarations.
func (s *Scanner) pop() {
	e := &s.elements[len(s.elements)-1]
	s.elements = s.elements[:len(s.elements)-1]
	s.names = s.names[:e.name]
	s.bindings = s.bindings[:e.bindings]
	s.uris = s.uris[:e.uris]
	if e.begin.line != 0 {
		s.w.closed[0] = e.begin
	}
}
