package xsd

import (
	"slices"

	"kontor/xmlscan"
)

// A document repeats itself: behind a value comes, byte for byte, what came behind it in
// the payment before, until the next value begins. A leap takes these end tags and start
// tags at once. It is learnt from the single steps of the automaton and made in the same
// states only, so it does what those steps would do.

// leap is what lies between two leaves.
type leap struct {
	gap    *xmlscan.Gap
	states []uint32    // of the elements that come to light as others end, innermost first
	enters []*planMove // the elements that start
}

// leaps are those that were learnt behind a leaf, the one used last first. There are
// several where a type is used in several places, or elements are optional.
type leaps struct {
	known  [4]*leap
	learnt uint8
}

// mostLearnt bounds what is learnt in one state: a document that never repeats itself
// must not cost more than its steps.
const mostLearnt = 16

// mostSteps is how many tags of a kind a leap has at most.
const mostSteps = 8

// course is what has been passed since the last leaf.
type course struct {
	open     bool   // it is worth learning
	untried  bool   // no leap has been tried yet
	state    uint32 // behind the leaf
	left     int    // elements that have ended
	entered  int    // elements that have started
	from, to int64  // where the leaf and the last tag end
	names    [mostSteps]uint32
	states   [mostSteps]uint32
	enters   [mostSteps]*planMove
}

// landed moves over a leaf, learns the course before it, and begins another.
func (r *Run) landed(f *frame, m *planMove) {
	c := &r.course
	if c.open && c.left+c.entered > 0 {
		r.learn(c)
	}
	f.child(m)
	c.open, c.untried, c.state, c.left, c.entered, c.from = true, true, m.next, 0, 0, r.scan.EndOffset()
}

// leaving notes that the innermost element ends; it is still open.
func (r *Run) leaving(f *frame, end int64) {
	c := &r.course
	n := len(r.frames)
	if c.left == mostSteps || c.entered > 0 || n < 2 || r.frames[n-2].mode != byStates {
		c.open = false
		return
	}
	c.names[c.left], c.states[c.left] = f.name, r.frames[n-2].state
	c.left++
	c.to = end
}

// entering notes that an element starts.
func (c *course) entering(m *planMove, end int64) {
	if c.entered == mostSteps {
		c.open = false
		return
	}
	c.enters[c.entered] = m
	c.entered++
	c.to = end
}

// learn makes a leap of a course.
func (r *Run) learn(c *course) {
	if r.leapsAt[c.state] == 0 {
		if len(r.leaps) == 1<<16 {
			return
		}
		r.leapsAt[c.state] = uint16(len(r.leaps))
		r.leaps = append(r.leaps, leaps{})
	}
	l := &r.leaps[r.leapsAt[c.state]]
	if l.learnt == mostLearnt {
		return
	}
	raw := r.scan.Between(c.from, c.to)
	if raw == nil || l.has(raw, c.states[:c.left]) { // out of sight, or the window ended too early for the leap
		return
	}
	var ends, starts []*xmlscan.Tag
	for _, name := range c.names[:c.left] {
		ends = append(ends, &r.tags[name])
	}
	for _, m := range c.enters[:c.entered] {
		starts = append(starts, &r.tags[m.name])
	}
	gap, ok := xmlscan.NewGap(raw, ends, starts)
	l.learnt++
	if !ok {
		return
	}
	i := 0
	for i < len(l.known)-1 && l.known[i] != nil {
		i++ // the one used longest ago goes
	}
	l.known[i] = &leap{gap: gap, states: append([]uint32(nil), c.states[:c.left]...), enters: append([]*planMove(nil), c.enters[:c.entered]...)}
}

// has says whether a leap is known.
func (l *leaps) has(raw []byte, states []uint32) bool {
	for _, k := range l.known {
		if k != nil && k.gap.Raw() == string(raw) && slices.Equal(k.states, states) {
			return true
		}
	}
	return false
}

// leap makes a leap that is known here, if one fits, and says whether it did.
func (r *Run) leap() (bool, error) {
	c := &r.course
	c.untried = false
	l := &r.leaps[r.leapsAt[c.state]]
	for i, k := range l.known {
		if k == nil {
			return false, nil
		}
		at, ok := r.fitting(k)
		if !ok {
			continue
		}
		if i > 0 {
			copy(l.known[1:i+1], l.known[:i])
			l.known[0] = k
		}
		c.open = false
		return true, r.make(k, at)
	}
	return false, nil
}

// fitting passes the bytes of a leap, if it starts here.
func (r *Run) fitting(k *leap) (at int64, ok bool) {
	n := len(r.frames) - 2
	if n+1 < len(k.states) {
		return 0, false
	}
	for i, state := range k.states {
		if f := &r.frames[n-i]; f.state != state || f.mode != byStates {
			return 0, false
		}
	}
	return r.scan.Skip(k.gap)
}

// make does what the steps of a leap would do.
func (r *Run) make(k *leap, at int64) error {
	for i := range k.gap.Ends() {
		if err := r.leave(&r.frames[len(r.frames)-1], at+k.gap.End(i)); err != nil {
			return err
		}
	}
	for i, m := range k.enters {
		if err := r.enter(&r.frames[len(r.frames)-1], m, at+k.gap.Start(i)); err != nil {
			return err
		}
	}
	return nil
}
