package pattern

import (
	"fmt"
)

// step is a state of the nondeterministic automaton: it reads a byte of a range and goes to out, or reads nothing and
// goes to out and other, or accepts.
type step struct {
	kind       stepKind
	lo, hi     byte
	out, other int
}

type stepKind uint8

const (
	stepByte stepKind = iota
	stepFork
	stepMatch
)

// program is the nondeterministic automaton. It is built from its end, so each state is made when those behind it exist.
type program struct {
	steps    []step
	suffixes map[suffix]int
}

// suffix is a byte state; equal ones are one state, which keeps large classes small.
type suffix struct {
	lo, hi byte
	out    int
}

func (p *program) build(n *node) (start int, err error) {
	end, err := p.add(step{kind: stepMatch})
	if err != nil {
		return 0, err
	}
	return p.node(n, end)
}

func (p *program) add(s step) (int, error) {
	if len(p.steps) == maxSteps {
		return 0, fmt.Errorf("more than %d steps: %w", maxSteps, ErrTooLarge)
	}
	p.steps = append(p.steps, s)
	return len(p.steps) - 1, nil
}

// node adds what matches n and then goes on at out; it returns where that begins.
func (p *program) node(n *node, out int) (int, error) {
	switch n.op {
	case opClass:
		return p.class(n.class, out)
	case opSequence:
		var err error
		for i := len(n.sub) - 1; i >= 0 && err == nil; i-- {
			out, err = p.node(n.sub[i], out)
		}
		return out, err
	case opAlternate:
		return p.alternate(n, out)
	case opRepeat:
		return p.repeat(n, out)
	}
	return 0, fmt.Errorf("a part of kind %d is not known", n.op)
}

func (p *program) alternate(n *node, out int) (int, error) {
	start := -1
	for i := len(n.sub) - 1; i >= 0; i-- {
		one, err := p.node(n.sub[i], out)
		if err != nil {
			return 0, err
		}
		if start < 0 {
			start = one
			continue
		}
		if start, err = p.add(step{kind: stepFork, out: one, other: start}); err != nil {
			return 0, err
		}
	}
	return start, nil
}

// repeat writes the part out as often as it is counted.
func (p *program) repeat(n *node, out int) (int, error) {
	sub := n.sub[0]
	start := out
	if n.max < 0 {
		loop, err := p.add(step{kind: stepFork, other: out})
		if err != nil {
			return 0, err
		}
		body, err := p.node(sub, loop)
		if err != nil {
			return 0, err
		}
		p.steps[loop].out = body
		start = loop
	}
	for range n.max - n.min {
		body, err := p.node(sub, start)
		if err != nil {
			return 0, err
		}
		if start, err = p.add(step{kind: stepFork, out: body, other: out}); err != nil {
			return 0, err
		}
	}
	for range n.min {
		var err error
		if start, err = p.node(sub, start); err != nil {
			return 0, err
		}
	}
	return start, nil
}

// class adds the bytes of every character of the class. A class without characters never matches.
func (p *program) class(class set, out int) (int, error) {
	start := -1
	var failure error
	emit := func(q sequence) {
		one := out
		for i := len(q) - 1; i >= 0 && failure == nil; i-- {
			one, failure = p.byteStep(suffix{q[i].lo, q[i].hi, one})
		}
		if failure != nil {
			return
		}
		if start < 0 {
			start = one
			return
		}
		start, failure = p.add(step{kind: stepFork, out: one, other: start})
	}
	for _, s := range class {
		s.sequences(emit)
	}
	if start < 0 && failure == nil {
		start, failure = p.add(step{kind: stepByte, lo: 1, hi: 0})
	}
	return start, failure
}

func (p *program) byteStep(s suffix) (int, error) {
	if at, ok := p.suffixes[s]; ok {
		return at, nil
	}
	at, err := p.add(step{kind: stepByte, lo: s.lo, hi: s.hi, out: s.out})
	p.suffixes[s] = at
	return at, err
}
