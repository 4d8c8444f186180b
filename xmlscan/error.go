package xmlscan

import "fmt"

// Code says why a document was refused. Codes are permanent: an API may show them.
type Code string

// The codes. The list is closed; Codes returns it.
const (
	CodeEmpty     Code = "XML-EMPTY"     // the document ends before its root element begins
	CodeEncoding  Code = "XML-ENCODING"  // encoding not supported, or bytes that are not valid in it
	CodeVersion   Code = "XML-VERSION"   // the XML declaration names another version than 1.0
	CodeDoctype   Code = "XML-DOCTYPE"   // the document has a document type declaration
	CodeLimit     Code = "XML-LIMIT"     // a limit of Limits is exceeded
	CodeMalformed Code = "XML-MALFORMED" // not well-formed XML 1.0
	CodeNamespace Code = "XML-NAMESPACE" // well-formed, but breaks Namespaces in XML 1.0
	CodeTruncated Code = "XML-TRUNCATED" // the document ends before its root element does
)

// Codes returns every code a SyntaxError can have.
func Codes() []Code {
	return []Code{
		CodeEmpty, CodeEncoding, CodeVersion, CodeDoctype,
		CodeLimit, CodeMalformed, CodeNamespace, CodeTruncated,
	}
}

// SyntaxError says where and why a document was refused. Message is an English
// clause for the author of the document; it quotes at most a name from the document,
// shortened, never its text or attribute values.
type SyntaxError struct {
	Code     Code
	Position Position
	Message  string
}

// Error returns code, place and message.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s at line %d, column %d: %s", e.Code, e.Position.Line, e.Position.Column, e.Message)
}

// fail makes the error of the byte that is at places behind the start of the current
// token.
func (s *Scanner) fail(code Code, at int, format string, args ...any) error {
	return &SyntaxError{Code: code, Position: s.w.position(s.w.start + at), Message: fmt.Sprintf(format, args...)}
}

// ended makes the error of an input that ended within something.
func (s *Scanner) ended(at int, within string) error {
	if err := s.inputError(); err != nil {
		return err
	}
	return s.fail(CodeTruncated, at, "the document ends within %s", within)
}

// quoted shortens a name of the document for a message.
func quoted(name []byte) string {
	const most = 40
	if len(name) > most {
		return fmt.Sprintf("%q...", name[:most])
	}
	return fmt.Sprintf("%q", name)
}
