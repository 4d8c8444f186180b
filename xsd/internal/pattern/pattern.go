// Package pattern turns the regular expressions of XML Schema (part 2, appendix F) into
// deterministic automata over the bytes of UTF-8.
//
// They are not Go's: an expression always matches a whole value, ^ and $ are plain
// characters, classes can be subtracted, blocks of Unicode have names, and \i and \c
// stand for the characters of XML names. Matching one value takes one table look-up per
// byte and never backtracks, whatever the expression.
package pattern

import (
	"errors"
	"fmt"
)

// The limits of an expression. The largest one of the official schemas needs 1 % of them.
const (
	maxSource = 16 << 10   // bytes of one expression
	maxDepth  = 64         // nesting of parentheses and classes
	maxCount  = 10_000     // of a quantifier
	maxSteps  = 100_000    // of the nondeterministic automaton
	maxStates = 10_000     // of the deterministic one
	maxWork   = 20_000_000 // steps looked at while it is made

	maxRefined = 1_500 // states up to which an automaton is made as small as possible
)

// ErrTooLarge is wrapped by the error of an expression whose automaton would pass a limit.
var ErrTooLarge = errors.New("pattern needs too large an automaton")

// SyntaxError says what is wrong with an expression, and at which byte.
type SyntaxError struct {
	Pattern string
	Offset  int
	Message string
}

// Error returns the expression and what is wrong with it.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("pattern %q, byte %d: %s", e.Pattern, e.Offset+1, e.Message)
}

// DFA is an automaton over bytes. State 0 is dead: nothing leads out of it. State 1 is
// where a value begins. Bytes are grouped: Next[state*Width+Class[b]] is the state after
// the byte b. Equal expressions give equal tables; up to 1,500 states they are the
// smallest ones of the language.
type DFA struct {
	Width  int
	Class  [256]uint8
	Next   []uint16
	Accept []bool
}

// States returns the number of states, the dead one included.
func (d *DFA) States() int { return len(d.Accept) }

// Match says whether the whole value matches.
func (d *DFA) Match(value []byte) bool {
	state := 1
	for _, b := range value {
		state = int(d.Next[state*d.Width+int(d.Class[b])])
	}
	return d.Accept[state]
}

// Compile makes the automaton of one expression: a *SyntaxError if it is none, an error
// that wraps ErrTooLarge if it passes a limit.
func Compile(source string) (*DFA, error) {
	return CompileAny([]string{source})
}

// CompileAny makes one automaton for values that match at least one of the expressions:
// several patterns of one restriction are alternatives (part 2, clause 4.3.4).
func CompileAny(sources []string) (*DFA, error) {
	alternatives := &node{op: opAlternate}
	for _, source := range sources {
		n, err := parse(source)
		if err != nil {
			return nil, err
		}
		alternatives.sub = append(alternatives.sub, n)
	}
	p := &program{suffixes: make(map[suffix]int)}
	start, err := p.build(alternatives)
	if err != nil {
		return nil, err
	}
	d, err := determinise(p, start)
	if err != nil {
		return nil, err
	}
	return d.minimise(), nil
}
