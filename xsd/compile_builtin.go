package xsd

// builtinType is what a built-in type of XML Schema adds to a primitive.
type builtinType struct {
	primitive primitive
	space     whiteSpace
	pattern   string
	min, max  string
}

// builtins are the supported built-in types (part 2, clause 3). ID, IDREF, ENTITY, QName and NOTATION depend on the
// rest of the document, lists of them as well; float, double and duration have no exact value here.
var builtins = map[string]builtinType{
	"anySimpleType":    {primitive: primAny, space: spacePreserve},
	"string":           {primitive: primString, space: spacePreserve},
	"normalizedString": {primitive: primString, space: spaceReplace},
	"token":            {primitive: primString, space: spaceCollapse},
	"language":         {primitive: primString, space: spaceCollapse, pattern: "[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*"},
	"NMTOKEN":          {primitive: primString, space: spaceCollapse, pattern: `\c+`},
	"Name":             {primitive: primString, space: spaceCollapse, pattern: `\i\c*`},
	"NCName":           {primitive: primString, space: spaceCollapse, pattern: `[\i-[:]][\c-[:]]*`},
	"boolean":          {primitive: primBoolean, space: spaceCollapse},
	"decimal":          {primitive: primDecimal, space: spaceCollapse},
	"date":             {primitive: primDate, space: spaceCollapse},
	"dateTime":         {primitive: primDateTime, space: spaceCollapse},
	"time":             {primitive: primTime, space: spaceCollapse},
	"gYear":            {primitive: primGYear, space: spaceCollapse},
	"gYearMonth":       {primitive: primGYearMonth, space: spaceCollapse},
	"gMonth":           {primitive: primGMonth, space: spaceCollapse},
	"gMonthDay":        {primitive: primGMonthDay, space: spaceCollapse},
	"gDay":             {primitive: primGDay, space: spaceCollapse},
	"anyURI":           {primitive: primAnyURI, space: spaceCollapse},
	"base64Binary":     {primitive: primBase64, space: spaceCollapse},
	"hexBinary":        {primitive: primHex, space: spaceCollapse},

	"integer":            {primitive: primInteger, space: spaceCollapse},
	"nonPositiveInteger": {primitive: primInteger, space: spaceCollapse, max: "0"},
	"negativeInteger":    {primitive: primInteger, space: spaceCollapse, max: "-1"},
	"nonNegativeInteger": {primitive: primInteger, space: spaceCollapse, min: "0"},
	"positiveInteger":    {primitive: primInteger, space: spaceCollapse, min: "1"},
	"long":               {primitive: primInteger, space: spaceCollapse, min: "-9223372036854775808", max: "9223372036854775807"},
	"int":                {primitive: primInteger, space: spaceCollapse, min: "-2147483648", max: "2147483647"},
	"short":              {primitive: primInteger, space: spaceCollapse, min: "-32768", max: "32767"},
	"byte":               {primitive: primInteger, space: spaceCollapse, min: "-128", max: "127"},
	"unsignedLong":       {primitive: primInteger, space: spaceCollapse, min: "0", max: "18446744073709551615"},
	"unsignedInt":        {primitive: primInteger, space: spaceCollapse, min: "0", max: "4294967295"},
	"unsignedShort":      {primitive: primInteger, space: spaceCollapse, min: "0", max: "65535"},
	"unsignedByte":       {primitive: primInteger, space: spaceCollapse, min: "0", max: "255"},
}

// builtin returns the index of a built-in simple type.
func (c *compiler) builtin(n *node, name string) (int, error) {
	if i, ok := c.simples[name]; ok {
		return i, nil
	}
	b, ok := builtins[name]
	if !ok {
		return 0, n.fail("the type xs:%s is not supported", name)
	}
	t := simpleType{
		name: "xs:" + name, primitive: b.primitive, space: b.space,
		minLength: none, maxLength: none, totalDigits: none, fractionDigits: none,
		minimum: bound{text: b.min}, maximum: bound{text: b.max},
	}
	if b.primitive == primInteger {
		t.fractionDigits = 0
	}
	if b.pattern != "" {
		if err := c.addPattern(&t, n, []string{b.pattern}); err != nil {
			return 0, err
		}
	}
	return c.addSimple(name, t), nil
}
