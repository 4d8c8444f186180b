package xsd

// Schema is an official schema compiled to compact tables: one automaton per complex
// type, the facets of every simple type, one automaton per pattern. It never changes
// after it is made and may be used by any number of goroutines.
//
// All elements of a schema belong to its target namespace (elementFormDefault
// qualified) and all its attributes to none, as in every ISO 20022 schema; the compiler
// refuses others.
type Schema struct {
	name      string // file name without .xsd
	namespace string // target namespace
	names     []string
	roots     []element     // the elements a document may begin with
	complex   []complexType // at least those that roots reach
	simple    []simpleType
	dfas      []dfa
}

// element is a global element.
type element struct {
	name uint32 // index into Schema.names
	typ  typeRef
}

// typeRef is an index into Schema.complex, or, below zero, the complement of an index
// into Schema.simple: ^i.
type typeRef int32

// simpleRef refers to Schema.simple[i].
func simpleRef(i int) typeRef { return typeRef(^i) }

// complexRef refers to Schema.complex[i].
func complexRef(i int) typeRef { return typeRef(i) }

// simple returns the index into Schema.simple, if the type is a simple one.
func (t typeRef) simple() (int, bool) { return int(^t), t < 0 }

// complexType is the content model and the attributes of one type.
type complexType struct {
	name       string // name in the schema; empty for an anonymous type
	attributes []attribute
	// text is the type of the text of a type with simple content, as index into
	// Schema.simple, and -1 for one with element content (or none).
	text int32
	// mixed says that text between the elements is allowed.
	mixed bool
	// states is the automaton of the content; it begins at states[0]. A type without
	// child elements, also one with simple content, has one final state without moves.
	states []state
}

// attribute is an attribute that a type knows. One that is not listed is refused.
type attribute struct {
	name     uint32 // index into Schema.names
	typ      int32  // index into Schema.simple
	required bool
	fixed    bool
	value    string // of a fixed attribute, normalised
}

// state is a state of an automaton of content. No two moves of a state have one name
// (the schema is deterministic). Moves stand in the order of the schema.
type state struct {
	final bool // the content may end here
	moves []move
	any   []anyMove // wildcards, tried when no move fits; at most one per state
}

// move goes over one child element.
type move struct {
	name    uint32 // index into Schema.names
	next    uint32 // index into complexType.states
	typ     typeRef
	repeats bool // the element may occur more than once: a path numbers it
}

// anyMove goes over a child element that a wildcard (xs:any) admits.
type anyMove struct {
	next    uint32
	process process
	space   wildcardSpace
}

// process is processContents of a wildcard. The schemas hold one namespace each, so lax
// validates what is a global element of the schema and skips everything else.
type process uint8

// The values of process.
const (
	processStrict process = iota
	processLax
	processSkip
)

// wildcardSpace is the namespace constraint of a wildcard.
type wildcardSpace uint8

// The values of wildcardSpace; lists of namespaces are refused by the compiler.
const (
	spaceAny   wildcardSpace = iota // ##any
	spaceOther                      // ##other: a namespace, but not that of the schema
)

// primitive is the value space of a simple type.
type primitive uint8

// The primitives. What xs:normalizedString, xs:token and the like add to xs:string is
// white space and patterns; what the integer types add to xs:decimal is a fraction of 0
// digits without a point, and bounds.
const (
	primString primitive = iota
	primDecimal
	primInteger // decimal without a decimal point
	primBoolean
	primDate
	primDateTime
	primTime
	primGYear
	primGYearMonth
	primGMonth
	primGMonthDay
	primGDay
	primAnyURI
	primBase64
	primHex
	primAny // xs:anySimpleType: no check
	primEnd // no primitive: their number
)

// whiteSpace is the facet whiteSpace.
type whiteSpace uint8

// The values of whiteSpace.
const (
	spacePreserve whiteSpace = iota
	spaceReplace
	spaceCollapse
	spaceEnd // no value: their number
)

// none stands for a facet that a simple type has not.
const none = -1

// simpleType is a value space with all facets of all derivation steps together.
type simpleType struct {
	name      string // name in the schema; empty for an anonymous type
	primitive primitive
	space     whiteSpace

	minLength int32 // characters (octets for base64Binary and hexBinary), or none
	maxLength int32

	totalDigits    int32 // or none
	fractionDigits int32 // or none
	minimum        bound // of decimals only
	maximum        bound

	// patterns are indices into Schema.dfas: the value must match every one. The
	// patterns of one derivation step (alternatives) are one automaton.
	patterns []uint32
	// enumeration lists the allowed values, sorted by bytes, without doubles; nil when
	// there is no such facet. Only types of primitive primString have it.
	enumeration []string
}

// bound is a bound of decimals: an optional sign, digits, and optionally a point and
// digits, as in the schema. Empty means no bound.
type bound struct {
	text      string
	exclusive bool
}

// dfa is the automaton of a pattern over the bytes of UTF-8. State 0 is dead, state 1
// is where a value begins. It reads the whole value.
type dfa struct {
	source  string     // the pattern as the schema has it, alternatives joined by " | "
	classes [256]uint8 // class of each byte
	width   int        // number of classes
	next    []uint16   // next[state*width+class]
	final   []bool     // by state
}
