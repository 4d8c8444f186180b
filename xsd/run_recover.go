package xsd

import "bytes"

// Recovery: after a violation the run goes on so that one mistake is one violation.
//
//   - An element before which others are missing: they are reported once, and the
//     automaton goes on behind them. Should one of them still come, it was only out of
//     order, which has been reported.
//   - An element that may not stand here but elsewhere in its parent: it is reported,
//     and what it holds is checked.
//   - An unknown element: it is reported and skipped. It may stand for one with a typing
//     mistake in its name, so one element that is now missing is not reported again.

// hop is a step of the search for missing elements.
type hop struct {
	state uint32
	back  int // index into Run.queue of where it comes from
	via   uint32
}

// recoverFrom reports an element that the state has no move for. It returns the move by
// which its content can still be checked, nil if there is none; the caller takes it.
func (r *Run) recoverFrom(f *frame, local []byte, known bool, at int64) (*planMove, error) {
	if !known {
		f.forgive = true
		v := r.named(Namespace, at, local)
		v.Expected = []string{r.plan.schema.namespace}
		return nil, r.violate(v, local)
	}
	if m := r.behind(f, local); m != nil { // the one before this was reported as unknown
		f.forgive = false
		return m, nil
	}
	astray := r.anywhere(f, local)
	if f.jumped && astray != nil {
		if m := r.search(f.from, local); m != nil {
			f.from = m.next // each of them may come once
			back := *m      // it was reported as missing; the automaton stays where it is
			back.next = f.state
			return &back, nil
		}
	}
	if astray == nil {
		f.forgive = true
	} else if m := r.search(f.state, local); m != nil {
		v := Violation{Kind: Missing, Offset: at, Name: r.missing(), Expected: r.expected(f)}
		f.jumped, f.from = true, f.state
		return m, r.violate(v, nil)
	}
	v := r.named(Unexpected, at, local)
	v.Expected = r.expected(f)
	return astray, r.violate(v, local)
}

// named begins a violation that concerns an element with this name.
func (r *Run) named(k Kind, at int64, local []byte) Violation {
	v := Violation{Kind: k, Offset: at}
	if r.sum.Violations < r.most {
		v.Name = string(cut(local, labelLimit))
	}
	return v
}

// staying returns a copy of a move that leaves the automaton where it is; it is valid
// until the next one.
func (r *Run) staying(m *planMove, f *frame) *planMove {
	r.astray = *m
	r.astray.next = f.state
	return &r.astray
}

// anywhere returns a move over an element of this name in any state of the parent,
// changed so that it leaves the state as it is.
func (r *Run) anywhere(f *frame, local []byte) *planMove {
	for i := f.node.first; i < f.node.end; i++ {
		if m := r.moveNamed(i, local); m != nil {
			return r.staying(m, f)
		}
	}
	return nil
}

// moveNamed returns the move of a state that goes over an element of this name.
func (r *Run) moveNamed(state uint32, local []byte) *planMove {
	st := &r.plan.states[state]
	for i := range uint32(st.count) {
		if m := &r.plan.moves[st.first+i]; r.plan.schema.names[m.name] == string(local) {
			return m
		}
	}
	return nil
}

// behind returns the move over an element that is allowed one element further on, if
// there is one element to forgive.
func (r *Run) behind(f *frame, local []byte) *planMove {
	if !f.forgive {
		return nil
	}
	st := &r.plan.states[f.state]
	for i := range uint32(st.count) {
		if m := r.moveNamed(r.plan.moves[st.first+i].next, local); m != nil {
			return m
		}
	}
	return nil
}

// forgiven says whether the content may end one element further on, if there is one
// element to forgive.
func (r *Run) forgiven(f *frame) bool {
	if !f.forgive {
		return false
	}
	st := &r.plan.states[f.state]
	for i := range uint32(st.count) {
		if r.plan.states[r.plan.moves[st.first+i].next].final {
			return true
		}
	}
	return false
}

// search looks for the shortest way from a state over elements that do not stand there
// to a state that has a move over local, and leaves the way in r.queue.
func (r *Run) search(from uint32, local []byte) *planMove {
	if r.seen == nil {
		r.seen = make([]uint32, len(r.plan.states))
	}
	r.searches++
	r.queue = append(r.queue[:0], hop{state: from, back: -1})
	r.seen[from] = r.searches
	for i := 0; i < len(r.queue); i++ {
		state := r.queue[i].state
		if m := r.moveNamed(state, local); m != nil {
			r.queue[0].via = r.firstVia(i)
			return m
		}
		st := &r.plan.states[state]
		for k := range uint32(st.count) {
			m := &r.plan.moves[st.first+k]
			if r.seen[m.next] != r.searches {
				r.seen[m.next] = r.searches
				r.queue = append(r.queue, hop{state: m.next, back: i, via: m.name})
			}
		}
	}
	return nil
}

// firstVia returns the name of the first element on the way to r.queue[i].
func (r *Run) firstVia(i int) uint32 {
	via := uint32(0)
	for r.queue[i].back >= 0 {
		via = r.queue[i].via
		i = r.queue[i].back
	}
	return via
}

// missing returns the name of the first element on the way that search has found.
func (r *Run) missing() string { return r.plan.schema.names[r.queue[0].via] }

// expected lists the elements that may stand where f is.
func (r *Run) expected(f *frame) []string {
	if r.sum.Violations >= r.most {
		return nil // nobody will see it
	}
	st := &r.plan.states[f.state]
	var out []string
	for i := range uint32(st.count) {
		out = append(out, r.plan.schema.names[r.plan.moves[st.first+i].name])
	}
	return out
}

// wrong reports the value of the element or attribute that is being told.
func (r *Run) wrong(l *leaf, k Kind, text []byte, at int64) error {
	if r.sum.Violations++; r.sum.Violations > r.most {
		return nil
	}
	v := Violation{Kind: k, Offset: at, Text: bytes.Clone(cut(text, textLimit)), Expected: l.facets(k), Path: r.Path()}
	v.Name = lastStep(v.Path)
	if len(text) > maxValue-4 && k == TypeLength && l.maxLength == none {
		v.Expected = []string{"at most 262144 bytes"}
	}
	return r.tell(&v)
}

// lastStep returns the name at the end of a path, without ordinal and @.
func lastStep(path string) string {
	name := path[bytes.LastIndexByte([]byte(path), '/')+1:]
	if i := bytes.IndexByte([]byte(name), '['); i >= 0 {
		name = name[:i]
	}
	if name != "" && name[0] == '@' {
		name = name[1:]
	}
	return name
}

// violate reports a violation of structure. below is the name of an element that is not
// open yet, for the path.
func (r *Run) violate(v Violation, below []byte, text ...byte) error {
	if r.sum.Violations++; r.sum.Violations > r.most {
		return nil
	}
	told := v // only what is told goes to the heap
	told.Path = r.Path()
	if below != nil {
		told.Path = string(appendStep([]byte(told.Path), string(cut(below, labelLimit)), 1, false))
	}
	if len(text) > 0 {
		told.Text = bytes.Clone(cut(text, textLimit))
	}
	return r.tell(&told)
}

// tell hands a violation to the handler.
func (r *Run) tell(v *Violation) error {
	p := r.Position(v.Offset)
	v.Line, v.Column = p.Line, p.Column
	return handled(r.handler.Violation(v))
}
