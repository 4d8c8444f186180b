package xmlscan

import (
	"bytes"
	"strings"
)

// scanDeclaration reads what begins with "<!": a comment or, with kind 0, the start of
// a CDATA section. A document type declaration is refused wherever it stands.
func (s *Scanner) scanDeclaration() (Kind, error) {
	const cdata, doctype = "<![CDATA[", "<!DOCTYPE"
	s.w.ensure(len(cdata))
	v := s.w.view()
	head := strings.ToUpper(string(v[:min(len(v), len(doctype))]))
	switch {
	case bytes.HasPrefix(v, []byte("<!--")):
		return Comment, s.scanComment()
	case head == doctype:
		return 0, s.fail(CodeDoctype, 0, "a document type declaration (DOCTYPE) is not accepted")
	case bytes.HasPrefix(v, []byte(cdata)):
		if len(s.elements) == 0 {
			return 0, s.fail(CodeMalformed, 0, "a CDATA section outside the root element")
		}
		if s.cdata.Line == 0 {
			s.cdata = s.Position()
		}
		s.w.start += len(cdata)
		s.inCDATA = true
		return 0, nil
	case len(v) < len(cdata) && (strings.HasPrefix(doctype, head) || strings.HasPrefix(cdata, string(v)) || string(v) == "<!-"):
		return 0, s.ended(0, "markup")
	}
	return 0, s.fail(CodeMalformed, 0, "<! begins neither a comment nor a CDATA section")
}

// scanComment reads a comment (clause 2.5): -- may only end it.
func (s *Scanner) scanComment() error {
	const open, end = "<!--", "-->"
	n, err := s.find(len(open), "--", "a comment")
	if err != nil {
		return err
	}
	for len(s.bounded()) <= n {
		if err := s.extend(s.bounded(), "a comment"); err != nil {
			return err
		}
	}
	content := s.w.view()[:n-len("--")]
	u, class, err := s.decode(content)
	if err != nil {
		return err
	}
	if s.w.view()[n] != '>' {
		return s.fail(CodeMalformed, n-len("--"), "-- within a comment")
	}
	s.text, s.length = s.lines(u[len(open):], class), n+1
	return nil
}

// scanProcInst reads a processing instruction (clause 2.6). Its target has no colon
// (Namespaces, clause 7).
func (s *Scanner) scanProcInst() error {
	n, err := s.find(len("<?"), "?>", "a processing instruction")
	if err != nil {
		return err
	}
	u, class, err := s.decode(s.w.view()[:n])
	if err != nil {
		return err
	}
	u = u[:len(u)-len("?>")]
	start := len("<?")
	end := start + ncName(u[start:])
	target, rest := u[start:end], u[end:]
	blank := spaces(rest)
	switch {
	case len(target) == 0:
		return s.fail(CodeMalformed, start, "a processing instruction without a target")
	case len(rest) > 0 && rest[0] == ':':
		return s.fail(CodeNamespace, s.rawIndex(u, end), "a colon in the target of a processing instruction")
	case len(rest) > 0 && blank == 0:
		return s.fail(CodeMalformed, s.rawIndex(u, end), "the target of a processing instruction is not a name")
	case strings.EqualFold(string(target), "xml"):
		return s.fail(CodeMalformed, 0, "an XML declaration that is not at the very start, or not in lower case")
	}
	s.prefix, s.space = nil, nil
	s.local, s.text, s.length = target, s.lines(rest[blank:], class), n
	return nil
}

// lines returns u with line ends normalised.
func (s *Scanner) lines(u []byte, class uint8) []byte {
	if class&isReturn == 0 {
		return u
	}
	s.values = appendLines(s.values[:0], u)
	return s.values
}
