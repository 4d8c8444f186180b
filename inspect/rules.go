package inspect

import (
	"slices"
	"sync"

	"kontor/dtazv"
	"kontor/finding"
	"kontor/iso20022/axz"
	"kontor/iso20022/camt"
	"kontor/iso20022/pain"
	"kontor/swiftmt"
	"kontor/xsd"
)

// defaultFindings is how many findings of a file are listed.
const defaultFindings = 100

// The codes of this package: for formats whose only rule is their schema, and for what
// no reader has a code for.
const (
	CodeUnreadable finding.Code = "FILE-A1"
	CodeSchema     finding.Code = "FILE-A3"
	CodeMore       finding.Code = "FILE-Z1"
)

var ruleUnreadable = &finding.Rule{
	Code: CodeUnreadable, Severity: finding.Error,
	Meaning: "The file can be read to its end in the format that its beginning shows.",
	Source:  "the format's own specification", Example: "a file that was cut",
	Advice: finding.Texts{
		EN: "See that this is the file that you mean, and that it is whole.",
		DE: "Prüfen Sie, ob dies die gemeinte Datei ist und ob sie vollständig ist.",
		SV: "Kontrollera att det är rätt fil och att den är hel.",
	},
	Cases: []finding.Case{
		{ID: "unreadable", Text: finding.Texts{EN: "the file cannot be read: {0}", DE: "Die Datei ist nicht lesbar: {0}", SV: "filen kan inte läsas: {0}"}},
		{ID: "fields", Text: finding.Texts{
			EN: "the file cannot be read: it holds no field of an MT940 or MT942", DE: "Die Datei ist nicht lesbar: Sie enthält kein Feld eines MT940 oder MT942",
			SV: "filen kan inte läsas: den har inget fält av en MT940 eller MT942",
		}},
		{ID: "large", Text: finding.Texts{EN: "the file has more than {0} bytes", DE: "Die Datei hat mehr als {0} Byte", SV: "filen har mer än {0} byte"}},
		{ID: "first", Text: finding.Texts{
			EN: "the first element of the XML does not begin and end within {0} bytes", DE: "Das erste Element des XML beginnt und endet nicht innerhalb von {0} Byte",
			SV: "XML-dokumentets första element börjar och slutar inte inom {0} byte",
		}},
	},
}

var ruleSchema = &finding.Rule{
	Code: CodeSchema, Severity: finding.Error,
	Meaning: "The document keeps the XML schema that it is judged by.",
	Source:  "the XML schema", Example: "an element that the schema does not have",
	Advice: finding.Texts{
		EN: "Have the program that wrote the document corrected.",
		DE: "Lassen Sie das Programm korrigieren, das das Dokument geschrieben hat.",
		SV: "Låt rätta programmet som skrev dokumentet.",
	},
	Cases: []finding.Case{
		{ID: "element", Text: finding.Texts{EN: "{0} may not stand here; allowed are: {1}", DE: "{0} darf hier nicht stehen; erlaubt sind: {1}", SV: "{0} får inte stå här; tillåtna är: {1}"}},
		{ID: "missing", Text: finding.Texts{EN: "{0} is missing; expected here: {1}", DE: "{0} fehlt; erwartet wird hier: {1}", SV: "{0} saknas; här väntas: {1}"}},
		{ID: "incomplete", Text: finding.Texts{EN: "{0} is not complete; missing is: {1}", DE: "{0} ist unvollständig; es fehlt: {1}", SV: "{0} är ofullständigt; det saknas: {1}"}},
		{ID: "value", Text: finding.Texts{EN: "the value of {0} is not allowed; the schema says: {1}", DE: "Der Wert von {0} ist nicht erlaubt; das Schema sagt: {1}", SV: "Värdet på {0} är inte tillåtet; schemat säger: {1}"}},
		{ID: "attribute", Text: finding.Texts{EN: "the attribute {0} is missing, unknown or has another value; the schema says: {1}", DE: "Das Attribut {0} fehlt, ist unbekannt oder hat einen anderen Wert; das Schema sagt: {1}", SV: "Attributet {0} saknas, är okänt eller har ett annat värde; schemat säger: {1}"}},
	},
}

var ruleMore = &finding.Rule{
	Code: CodeMore, Severity: finding.Error,
	Meaning: "The file has more findings than are listed.",
	Source:  "Kontor: the list is limited so that a broken file stays readable", Example: "101 wrong entries",
	Advice: finding.Texts{EN: "Correct those that are listed first.", DE: "Beheben Sie zuerst die aufgeführten.", SV: "Åtgärda först dem som visas."},
	Cases:  []finding.Case{{ID: "more", Text: finding.Texts{EN: "{0} more findings are not listed", DE: "{0} weitere Befunde sind nicht aufgeführt", SV: "{0} ytterligare anmärkningar visas inte"}}},
}

// Rules returns the rules of this package.
func Rules() []finding.Rule { return []finding.Rule{*ruleUnreadable, *ruleSchema, *ruleMore} }

var catalogue = sync.OnceValue(func() finding.Catalogue {
	c, err := finding.NewCatalogue(slices.Concat(pain.Rules(), camt.Catalogue().Rules(), swiftmt.Catalogue().Rules(), dtazv.Rules(), axz.Rules(), Rules())...)
	if err != nil {
		panic(err) // two packages claim one code: no test would pass
	}
	return c
})

// Catalogue returns the rules of all formats.
func Catalogue() finding.Catalogue { return catalogue() }

// Switchable says whether the severity of a rule may be changed: not of one that says that a file cannot be read, nor of one that tells how many
// findings are not listed.
func Switchable(code finding.Code) bool {
	switch code {
	case CodeUnreadable, CodeMore, camt.CodeSyntax, camt.CodeUnknown, camt.CodeMore, dtazv.CodeUnreadable, dtazv.CodeMore:
		return false
	}
	return pain.Switchable(code)
}

// lookup finds a rule that is known to exist.
func lookup(code finding.Code) *finding.Rule {
	if r := catalogue().Lookup(code); r != nil {
		return r
	}
	return ruleUnreadable
}

// bySchema reports breaches of a schema.
type bySchema struct {
	report   *Report
	severity finding.Severity
}

func (*bySchema) Open(xsd.Role, int64) error         { return nil }
func (*bySchema) Value(xsd.Role, *xsd.Value) error   { return nil }
func (*bySchema) Close(xsd.Role, int64, int64) error { return nil }

func (h *bySchema) Violation(v *xsd.Violation) error {
	if h.severity == finding.Off {
		return nil
	}
	id := "value"
	switch v.Kind {
	case xsd.Unexpected, xsd.Namespace, xsd.Text:
		id = "element"
	case xsd.Missing:
		id = "missing"
	case xsd.Incomplete:
		id = "incomplete"
	case xsd.Attribute:
		id = "attribute"
	case xsd.TypeLength, xsd.TypePattern, xsd.TypeEnum, xsd.TypeRange, xsd.TypeDigits, xsd.TypeForm:
	}
	f := ruleSchema.New(id, finding.Shorten(v.Name), finding.Shorten(v.Wanted()))
	f.Severity, f.Text = h.severity, finding.Shorten(string(v.Text))
	f.At = finding.Location{Line: v.Line, Column: v.Column, Offset: v.Offset, Path: v.Path}
	h.report.Findings = append(h.report.Findings, f)
	return nil
}
