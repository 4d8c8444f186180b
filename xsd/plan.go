package xsd

import (
	"slices"
	"strings"
	"sync"

	"kontor/xmlscan"
)

// Role is the number that a reader gives to the elements it wants to hear of. Role 0 is
// nobody's: no event.
type Role uint16

// Plan is a schema with the roles of one reader, ready to run. It never changes and may
// be used by any number of goroutines.
type Plan struct {
	schema *Schema // nil: documents are read by structure only
	states []planState
	moves  []planMove
	nodes  []planNode
	leaves []leaf
	starts []uint32 // node of each of schema.roots, with roles
	lax    []int32  // node of each of schema.roots, without roles, or none
	tree   []branch // the roles by path; tree[0] is the document element

	plain func() []xmlscan.Tag // tags without prefix, by index into schema.names
}

// planState is a state of the automaton of one node.
type planState struct {
	first uint32 // index into Plan.moves
	count uint16
	final bool
	any   int32 // next state of the wildcard, or none
	how   anyMove
}

// moveKind says what kind of element a move goes over.
type moveKind uint8

const (
	moveElement moveKind = iota // child elements
	moveLeaf                    // a simple type
	moveAmount                  // text and one required attribute, such as an amount
	moveText                    // text and attributes otherwise
)

// planMove goes over one child element.
type planMove struct {
	name    uint32 // index into Schema.names
	next    uint32 // index into Plan.states
	child   uint32 // index into Plan.nodes, or Plan.leaves for moveLeaf
	role    Role
	kind    moveKind
	repeats bool
}

// planNode is a complex type in a place: types are split where the roles below differ.
type planNode struct {
	typ    *complexType
	branch int32  // of Plan.tree, or none
	first  uint32 // its states in Plan.states
	end    uint32
	text   int32 // index into Plan.leaves of a type with text, or none
	attrs  []planAttr
	quick  *xmlscan.AttrName // of moveAmount
}

// planAttr is an attribute of a node.
type planAttr struct {
	*attribute
	label string
	leaf  uint32 // index into Plan.leaves
	role  Role
}

// branch is a step of the paths that have roles.
type branch struct {
	role  Role
	names map[string]int32 // child elements: index into Plan.tree
	attrs map[string]Role
	path  string
}

// Bind gives roles to element paths such as "CstmrCdtTrfInitn/GrpHdr/MsgId" (below the
// document element) and attribute paths such as ".../InstdAmt/@Ccy". It returns the plan
// and, sorted, the paths that the schema does not have, so that one list of roles can
// serve all versions of a message. The roles cost nothing where there are none: a type
// that is used in several places is split where the roles below it differ.
func (s *Schema) Bind(roles map[string]Role) (*Plan, []string) {
	b := binder{p: &Plan{schema: s, tree: grow(roles)}, done: map[nodeKey]uint32{}, leaves: map[int32]uint32{}, used: map[string]bool{}}
	for _, r := range s.roots {
		if _, simple := r.typ.simple(); !simple {
			b.p.starts = append(b.p.starts, b.node(int(r.typ), 0))
			b.p.lax = append(b.p.lax, int32(b.node(int(r.typ), none)))
		} else { // no official schema has one; it can only be skipped
			b.p.starts = append(b.p.starts, noNode)
			b.p.lax = append(b.p.lax, none)
		}
	}
	p := b.p
	p.plain = sync.OnceValue(func() []xmlscan.Tag { return p.tags("") })
	var unknown []string
	for path := range roles {
		if !b.used[path] {
			unknown = append(unknown, path)
		}
	}
	slices.Sort(unknown)
	return p, unknown
}

// noNode marks in Plan.starts a root element of a simple type.
const noNode = ^uint32(0)

// Structure returns a plan that reads documents of any namespace and message by
// structure only: paths with a role are found wherever elements are so named, nothing
// is checked but well-formedness. It is for versions of a message of which there is no
// schema. An element is read as text if no path with a role goes on below it.
func Structure(roles map[string]Role) *Plan { return &Plan{tree: grow(roles)} }

// Schema returns the schema that the plan checks, nil for one of Structure.
func (p *Plan) Schema() *Schema { return p.schema }

// grow makes the tree of the paths in roles.
func grow(roles map[string]Role) []branch {
	tree := []branch{{}}
	for path, role := range roles {
		at := int32(0)
		for step := range strings.SplitSeq(path, "/") {
			if name, ok := strings.CutPrefix(step, "@"); ok {
				if tree[at].attrs == nil {
					tree[at].attrs = map[string]Role{}
				}
				tree[at].attrs[name] = role
				at = none
				break
			}
			next, ok := tree[at].names[step]
			if !ok {
				next = int32(len(tree))
				if tree[at].names == nil {
					tree[at].names = map[string]int32{}
				}
				tree[at].names[step] = next
				tree = append(tree, branch{path: strings.TrimPrefix(tree[at].path+"/"+step, "/")})
			}
			at = next
		}
		if at != none {
			tree[at].role = role
		}
	}
	return tree
}
