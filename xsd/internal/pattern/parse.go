package pattern

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

type op uint8

const (
	opClass     op = iota // one character of class
	opSequence            // all of sub in order; none: the empty value
	opAlternate           // one of sub
	opRepeat              // sub[0], min to max times; max -1: without end
)

// node is a part of a parsed expression.
type node struct {
	op       op
	class    set
	sub      []*node
	min, max int
}

type parser struct {
	source string
	at     int
	depth  int
}

// parse reads one expression (part 2, appendix F).
func parse(source string) (*node, error) {
	p := &parser{source: source}
	if len(source) > maxSource {
		return nil, fmt.Errorf("pattern of %d bytes: %w", len(source), ErrTooLarge)
	}
	if !utf8.ValidString(source) {
		return nil, p.fail("not UTF-8")
	}
	n, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	if p.at < len(source) {
		return nil, p.fail("a closing parenthesis without an opening one")
	}
	return n, nil
}

func (p *parser) fail(format string, args ...any) error {
	return &SyntaxError{Pattern: p.source, Offset: p.at, Message: fmt.Sprintf(format, args...)}
}

// peek returns the next character, -1 at the end.
func (p *parser) peek() rune {
	if p.at == len(p.source) {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(p.source[p.at:])
	return r
}

func (p *parser) next() rune {
	r := p.peek()
	if r >= 0 {
		p.at += utf8.RuneLen(r)
	}
	return r
}

// accept takes the text if it comes next.
func (p *parser) accept(text string) bool {
	if !strings.HasPrefix(p.source[p.at:], text) {
		return false
	}
	p.at += len(text)
	return true
}

func (p *parser) deeper() error {
	if p.depth++; p.depth > maxDepth {
		return p.fail("nested deeper than %d", maxDepth)
	}
	return nil
}

func (p *parser) alternatives() (*node, error) {
	if err := p.deeper(); err != nil {
		return nil, err
	}
	all := &node{op: opAlternate}
	for {
		branch, err := p.branch()
		if err != nil {
			return nil, err
		}
		all.sub = append(all.sub, branch)
		if !p.accept("|") {
			p.depth--
			return all, nil
		}
	}
}

func (p *parser) branch() (*node, error) {
	all := &node{op: opSequence}
	for {
		if c := p.peek(); c < 0 || c == '|' || c == ')' {
			return all, nil
		}
		piece, err := p.atom()
		if err != nil {
			return nil, err
		}
		if piece, err = p.quantified(piece); err != nil {
			return nil, err
		}
		all.sub = append(all.sub, piece)
	}
}

func (p *parser) atom() (*node, error) {
	switch c := p.peek(); c {
	case '(':
		p.next()
		n, err := p.alternatives()
		if err != nil {
			return nil, err
		}
		if !p.accept(")") {
			return nil, p.fail("a parenthesis that is not closed")
		}
		return n, nil
	case '[':
		p.next()
		class, err := p.class()
		return &node{op: opClass, class: class}, err
	case '\\':
		p.next()
		class, err := p.escape()
		return &node{op: opClass, class: class}, err
	case '.':
		p.next()
		return &node{op: opClass, class: lineEnds.negate()}, nil
	case '?', '*', '+', '{', '}', ']':
		return nil, p.fail("%q where an atom is required", c)
	default:
		p.next()
		return &node{op: opClass, class: set{{c, c}}}, nil
	}
}

// quantified reads a quantifier behind the piece, if there is one.
func (p *parser) quantified(piece *node) (*node, error) {
	n := &node{op: opRepeat, sub: []*node{piece}}
	switch p.peek() {
	case '?':
		n.min, n.max = 0, 1
	case '*':
		n.min, n.max = 0, -1
	case '+':
		n.min, n.max = 1, -1
	case '{':
		p.next()
		if err := p.counts(n); err != nil {
			return nil, err
		}
		if p.peek() != '}' {
			return nil, p.fail("a quantifier that is not closed")
		}
	default:
		return piece, nil
	}
	p.next()
	return n, nil
}

// counts reads n, n,m or n, within braces.
func (p *parser) counts(n *node) (err error) {
	if n.min, err = p.count(); err != nil {
		return err
	}
	n.max = n.min
	if !p.accept(",") {
		return nil
	}
	n.max = -1
	if p.peek() == '}' {
		return nil
	}
	if n.max, err = p.count(); err != nil {
		return err
	}
	if n.max < n.min {
		return p.fail("a quantifier whose end is before its begin")
	}
	return nil
}

func (p *parser) count() (int, error) {
	end := p.at
	for end < len(p.source) && p.source[end] >= '0' && p.source[end] <= '9' {
		end++
	}
	digits := p.source[p.at:end]
	if digits == "" {
		return 0, p.fail("a quantifier without a number")
	}
	n, err := strconv.Atoi(digits)
	if err != nil || n > maxCount {
		return 0, fmt.Errorf("pattern %q repeats %s times: %w", p.source, digits, ErrTooLarge)
	}
	p.at = end
	return n, nil
}

var (
	lineEnds = set{{'\n', '\n'}, {'\r', '\r'}}
	blanks   = set{{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}}
)

// escape reads what follows a backslash.
func (p *parser) escape() (set, error) {
	c := p.next()
	switch c {
	case 'n':
		return set{{'\n', '\n'}}, nil
	case 'r':
		return set{{'\r', '\r'}}, nil
	case 't':
		return set{{'\t', '\t'}}, nil
	case '\\', '|', '.', '?', '*', '+', '(', ')', '{', '}', '-', '[', ']', '^':
		return set{{c, c}}, nil
	case 's':
		return blanks, nil
	case 'S':
		return blanks.negate(), nil
	case 'i':
		return nameStart, nil
	case 'I':
		return nameStart.negate(), nil
	case 'c':
		return nameChar, nil
	case 'C':
		return nameChar.negate(), nil
	case 'd':
		return tableSet(unicode.Nd), nil
	case 'D':
		return tableSet(unicode.Nd).negate(), nil
	case 'w':
		return notWord().negate(), nil
	case 'W':
		return notWord(), nil
	case 'p':
		return p.property()
	case 'P':
		s, err := p.property()
		return s.negate(), err
	}
	return nil, p.fail("a backslash before a character that it does not escape")
}

// notWord is \W: punctuation, separators, and what is no character of text.
func notWord() set {
	return tableSet(unicode.P).union(tableSet(unicode.Z)).union(other())
}

// other is \p{C}. Unassigned characters belong to it (Cn), so it is what no other category has.
func other() set {
	var assigned []span
	for _, t := range []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z} {
		assigned = append(assigned, tableSet(t)...)
	}
	return normal(assigned).negate()
}

// property reads {Name} of \p or \P: a category of Unicode, or Is and a block.
func (p *parser) property() (set, error) {
	if !p.accept("{") {
		return nil, p.fail(`\p without braces`)
	}
	name, _, closed := strings.Cut(p.source[p.at:], "}")
	if !closed {
		return nil, p.fail(`\p{ that is not closed`)
	}
	var s set
	if block, isBlock := strings.CutPrefix(name, "Is"); isBlock {
		if s = blocks[block]; s == nil {
			return nil, p.fail("the block %q of Unicode is not known", block)
		}
	} else if s = category(name); s == nil {
		return nil, p.fail("the category %q of Unicode is not known", name)
	}
	p.at += len(name) + 1
	return s, nil
}

// category returns the characters of a category (part 2, appendix F.1.1), nil if it is none.
func category(name string) set {
	switch name {
	case "C":
		return other()
	case "Cn":
		return other().minus(tableSet(unicode.Cc)).minus(tableSet(unicode.Cf)).minus(tableSet(unicode.Co))
	case "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
		"Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "Cc", "Cf", "Co":
		return tableSet(unicode.Categories[name])
	}
	return nil
}
