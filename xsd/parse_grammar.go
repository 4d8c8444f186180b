package xsd

// versioningNamespace is that of XML Schema 1.1's conditional inclusion, which would
// change what a schema says.
const versioningNamespace = "http://www.w3.org/2007/XMLSchema-versioning"

// construct says what an element of XML Schema may have here. Everything else is an
// error, so that nothing of a schema is silently dropped. The lists begin and end with
// a blank.
type construct struct{ attributes, children string }

const (
	particles  = " element group choice sequence any "
	attributes = " attribute attributeGroup "
	facets     = " enumeration pattern whiteSpace length minLength maxLength minInclusive maxInclusive minExclusive maxExclusive totalDigits fractionDigits "
)

// grammar lists the supported constructs. Attributes of which only one value is
// supported (nillable="false") are looked at where they are used.
var grammar = map[string]construct{
	"schema": {
		" id version targetNamespace elementFormDefault attributeFormDefault blockDefault finalDefault ",
		" include redefine element complexType simpleType group attributeGroup attribute ",
	},
	"include":        {" id schemaLocation ", ""},
	"redefine":       {" id schemaLocation ", " complexType simpleType group attributeGroup "},
	"element":        {" id name ref type minOccurs maxOccurs form nillable abstract block final ", " complexType simpleType "},
	"complexType":    {" id name mixed abstract block final ", " simpleContent complexContent group choice sequence attribute attributeGroup "},
	"complexContent": {" id mixed ", " restriction extension "},
	"simpleContent":  {" id ", " restriction extension "},
	"extension":      {" id base ", " group choice sequence attribute attributeGroup "},
	"restriction":    {" id base ", " simpleType group choice sequence attribute attributeGroup" + facets},
	"sequence":       {" id minOccurs maxOccurs ", particles},
	"choice":         {" id minOccurs maxOccurs ", particles},
	"group":          {" id name ref minOccurs maxOccurs ", " choice sequence "},
	"any":            {" id minOccurs maxOccurs namespace processContents ", ""},
	"attribute":      {" id name type use fixed form ", " simpleType "},
	"attributeGroup": {" id name ref ", attributes},
	"simpleType":     {" id name final ", " restriction "},
	"enumeration":    {" id value ", ""},
	"pattern":        {" id value ", ""},
	"whiteSpace":     {" id value fixed ", ""},
	"length":         {" id value fixed ", ""},
	"minLength":      {" id value fixed ", ""},
	"maxLength":      {" id value fixed ", ""},
	"minInclusive":   {" id value fixed ", ""},
	"maxInclusive":   {" id value fixed ", ""},
	"minExclusive":   {" id value fixed ", ""},
	"maxExclusive":   {" id value fixed ", ""},
	"totalDigits":    {" id value fixed ", ""},
	"fractionDigits": {" id value fixed ", ""},
}
