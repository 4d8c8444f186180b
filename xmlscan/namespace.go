package xmlscan

import "bytes"

// The namespaces that are bound by definition (Namespaces, clause 3).
const (
	XMLNamespace   = "http://www.w3.org/XML/1998/namespace"
	XMLNSNamespace = "http://www.w3.org/2000/xmlns/"
)

var xmlNamespace = []byte(XMLNamespace)

// binding is a namespace declaration in scope: prefix and URI lie in Scanner.uris
// between begin, middle and end.
type binding struct{ begin, middle, end int }

func (s *Scanner) bindingPrefix(i int) []byte {
	return s.uris[s.bindings[i].begin:s.bindings[i].middle]
}

// uri returns the URI of an element.space or of a result of lookup.
func (s *Scanner) uri(i int) []byte {
	switch i {
	case noSpace:
		return nil
	case xmlSpace:
		return xmlNamespace
	}
	return s.uris[s.bindings[i].middle:s.bindings[i].end]
}

// lookup returns the index of the innermost of the first n bindings that binds prefix.
func (s *Scanner) lookup(prefix []byte, n int) int {
	for i := n - 1; i >= 0; i-- {
		if bytes.Equal(s.bindingPrefix(i), prefix) {
			return i
		}
	}
	if string(prefix) == "xml" {
		return xmlSpace
	}
	return noSpace
}

// Lookup returns the URI that prefix has at the current token, as QNames in values
// need it; an empty prefix asks for the default namespace. It is empty for none.
func (s *Scanner) Lookup(prefix []byte) []byte { return s.uri(s.lookup(prefix, len(s.bindings))) }

// Inherited returns the URI that prefix has around the innermost open element, so
// without the declarations of that element. It is empty for none.
func (s *Scanner) Inherited(prefix []byte) []byte {
	if len(s.elements) == 0 {
		return nil
	}
	return s.uri(s.lookup(prefix, s.elements[len(s.elements)-1].bindings))
}

// InScope appends to dst all namespaces in scope at the current token, each prefix
// once, innermost declaration first, without xml and without a default namespace that
// has been taken away.
func (s *Scanner) InScope(dst []Namespace) []Namespace {
	from := len(dst)
next:
	for i := len(s.bindings) - 1; i >= 0; i-- {
		prefix := s.bindingPrefix(i)
		if string(prefix) == "xml" {
			continue
		}
		for _, seen := range dst[from:] {
			if bytes.Equal(seen.Prefix, prefix) {
				continue next
			}
		}
		dst = append(dst, Namespace{Prefix: prefix, URI: s.uri(i)})
	}
	kept := dst[:from]
	for _, n := range dst[from:] {
		if len(n.URI) > 0 {
			kept = append(kept, n)
		}
	}
	return kept
}

// resolveTag takes the namespace declarations out of s.attrs, binds them, resolves the
// prefixes of the element and its attributes, and refuses attributes that stand twice.
func (s *Scanner) resolveTag(tag []byte) error {
	if err := s.declare(tag); err != nil {
		return err
	}
	e := &s.elements[len(s.elements)-1]
	name := s.names[e.name:]
	var prefix []byte
	if e.colon > 0 {
		prefix = name[:e.colon-1]
		if string(prefix) == "xmlns" {
			return s.fail(CodeNamespace, 0, "an element with the prefix xmlns")
		}
	}
	e.space = s.lookup(prefix, len(s.bindings))
	if e.space == noSpace && e.colon > 0 {
		return s.fail(CodeNamespace, 0, "the prefix %s is not declared", quoted(prefix))
	}
	for i := range s.attrs {
		a := &s.attrs[i]
		if len(a.Prefix) == 0 {
			continue
		}
		space := s.lookup(a.Prefix, len(s.bindings))
		if space == noSpace {
			return s.fail(CodeNamespace, s.rawIndex(tag, s.spots[i]), "the prefix %s is not declared", quoted(a.Prefix))
		}
		a.Space = s.uri(space)
	}
	if err := s.refuseRepeated(tag); err != nil {
		return err
	}
	s.current()
	return nil
}

// declare moves the namespace declarations from s.attrs to s.declared and binds them.
func (s *Scanner) declare(tag []byte) error {
	kept := 0
	for i, a := range s.attrs {
		var prefix []byte
		switch {
		case string(a.Prefix) == "xmlns":
			prefix = a.Local
		case len(a.Prefix) != 0 || string(a.Local) != "xmlns":
			s.attrs[kept], s.spots[kept] = a, s.spots[i]
			kept++
			continue
		}
		at := s.rawIndex(tag, s.spots[i])
		if message := declarationFault(prefix, a.Value); message != "" {
			return s.fail(CodeNamespace, at, "%s", message)
		}
		for _, d := range s.declared {
			if bytes.Equal(d.Prefix, prefix) {
				return s.fail(CodeMalformed, at, "a namespace prefix is declared twice in one tag")
			}
		}
		if len(s.bindings) == s.limits.Namespaces {
			return s.fail(CodeLimit, at, "more than %d namespace declarations in scope", s.limits.Namespaces)
		}
		s.declared = append(s.declared, Namespace{Prefix: prefix, URI: a.Value})
		begin := len(s.uris)
		s.uris = append(append(s.uris, prefix...), a.Value...)
		s.bindings = append(s.bindings, binding{begin, begin + len(prefix), len(s.uris)})
	}
	s.attrs, s.spots = s.attrs[:kept], s.spots[:kept]
	return nil
}

// declarationFault says what is wrong with a declaration (Namespaces, clauses 3 and 5).
func declarationFault(prefix, uri []byte) string {
	isXML := string(prefix) == "xml"
	switch {
	case string(prefix) == "xmlns":
		return "the prefix xmlns is declared"
	case isXML && string(uri) != XMLNamespace:
		return "the prefix xml is declared for another namespace"
	case !isXML && string(uri) == XMLNamespace:
		return "another prefix is declared for the namespace of xml"
	case string(uri) == XMLNSNamespace:
		return "a prefix is declared for the namespace of xmlns"
	case len(prefix) > 0 && len(uri) == 0:
		return "a prefix is declared without a namespace"
	}
	return ""
}

// refuseRepeated refuses two attributes of one name, as written (clause 3.1) or with
// namespaces resolved (Namespaces, clause 6.3). Their number is limited, so comparing
// all pairs is cheap.
func (s *Scanner) refuseRepeated(tag []byte) error {
	for i := range s.attrs {
		for j := range i {
			a, b := &s.attrs[i], &s.attrs[j]
			if !bytes.Equal(a.Local, b.Local) || !bytes.Equal(a.Space, b.Space) {
				continue
			}
			code := CodeMalformed
			if !bytes.Equal(a.Prefix, b.Prefix) {
				code = CodeNamespace
			}
			return s.fail(code, s.rawIndex(tag, s.spots[i]), "the attribute %s stands twice", quoted(a.Local))
		}
	}
	return nil
}
