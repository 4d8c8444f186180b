package xsd

// sprint reads as much as it can by prediction: in each state of the automaton it tries
// the element that came next when the state was last left. It returns nil where only
// Next can go on.
func (r *Run) sprint() error {
	p, s := r.plan, r.scan
	f := &r.frames[len(r.frames)-1]
	r.course.open, r.course.untried = false, false
	for {
		if r.course.untried {
			leapt, err := r.leap()
			if err != nil {
				return err
			}
			if leapt {
				f = &r.frames[len(r.frames)-1]
			}
		}
		st := &p.states[f.state]
		guess := uint32(r.guesses[f.state])
		if guess < uint32(st.count) {
			m := &p.moves[st.first+guess]
			switch m.kind {
			case moveLeaf:
				l := &p.leaves[m.child]
				if text, at, ok := s.Leaf(&r.tags[m.name], l.class); ok {
					r.landed(f, m)
					if err := r.plainLeaf(m, l, text, at); err != nil {
						return err
					}
					continue
				}
			case moveElement:
				if at, ok := s.Enter(&r.tags[m.name]); ok {
					r.course.entering(m, s.EndOffset())
					if err := r.enter(f, m, at); err != nil {
						return err
					}
					f = &r.frames[len(r.frames)-1]
					continue
				}
			case moveAmount:
				n := &p.nodes[m.child]
				l, a := &p.leaves[n.text], &p.leaves[n.attrs[0].leaf]
				if value, text, at, ok := s.LeafAttr(&r.tags[m.name], n.quick, a.values, l.class); ok {
					r.landed(f, m)
					if err := r.plainAmount(m, n, value, text, at); err != nil {
						return err
					}
					continue
				}
			case moveText:
			}
		} else if st.final {
			if end, ok := s.Leave(&r.tags[f.name]); ok {
				r.leaving(f, end)
				if err := r.leave(f, end); err != nil {
					return err
				}
				if f = &r.frames[len(r.frames)-1]; f.mode != byStates || !s.Plain(r.prefix) {
					return nil
				}
				continue
			}
		}
		again, err := r.stumble(f, st, guess)
		if err != nil || !again {
			return err
		}
	}
}

// stumble handles a prediction that failed: another move, a text that is not plain, or
// the end of the window. It says whether sprint can go on.
func (r *Run) stumble(f *frame, st *planState, guess uint32) (bool, error) {
	name, end := r.scan.PeekName()
	if name == nil {
		return r.scan.Fill(), nil
	}
	if end {
		if guess == uint32(st.count) || !st.final {
			return r.scan.Fill(), nil
		}
		r.guesses[f.state] = st.count
		return true, nil
	}
	for i := range uint32(st.count) {
		m := &r.plan.moves[st.first+i]
		if r.tags[m.name].Name() != string(name) {
			continue
		}
		if i != guess {
			r.guesses[f.state] = uint16(i)
			return true, nil
		}
		if m.kind == moveLeaf {
			l := &r.plan.leaves[m.child]
			if text, at, ok := r.scan.LeafText(&r.tags[m.name]); ok {
				r.landed(f, m)
				return true, r.leafText(m, l, text, at)
			}
		}
		break
	}
	return r.scan.Fill(), nil
}

// child moves an automaton over an element.
func (f *frame) child(m *planMove) {
	if f.last == m.name && f.filled {
		f.count++
	} else {
		f.last, f.count = m.name, 1
	}
	f.filled = true
	f.state = m.next
}

// enter opens an element with child elements on the fast path: one without attributes.
func (r *Run) enter(f *frame, m *planMove, at int64) error {
	f.child(m)
	n := &r.plan.nodes[m.child]
	ordinal := f.count
	depth := len(r.frames)
	if depth == cap(r.frames) {
		r.frames = append(r.frames, frame{})
	} else {
		r.frames = r.frames[:depth+1]
	}
	f = &r.frames[depth] // only what a frame of this mode needs is set: this is done for every element
	f.mode, f.flawed, f.forgive, f.jumped, f.filled = byStates, false, false, false, false
	f.repeats, f.role, f.ordinal = m.repeats, m.role, ordinal
	f.state, f.node, f.branch, f.name, f.offset = n.first, n, n.branch, m.name, at
	if m.role == 0 {
		return nil
	}
	return handled(r.handler.Open(m.role, at))
}

func (r *Run) push(f frame) { r.frames = append(r.frames, f) }

// labelOf returns the local name of an open element, for paths.
func (r *Run) labelOf(f *frame) string {
	if f.mode == byStates || f.mode == asText {
		return r.plan.schema.names[f.name]
	}
	return f.label
}

// leave closes the innermost element, which has child elements.
func (r *Run) leave(f *frame, end int64) error {
	if !f.filled {
		r.marked(&r.sum.Empty, f.offset)
	}
	if f.role != 0 {
		if err := r.handler.Close(f.role, f.offset, end); err != nil {
			return handled(err)
		}
	}
	r.frames = r.frames[:len(r.frames)-1]
	return nil
}

// plainLeaf judges and tells a text of bytes in l.class.
func (r *Run) plainLeaf(m *planMove, l *leaf, text []byte, at int64) error {
	kind := Kind(0)
	if l.quick == byLength {
		if len(text) < l.min || len(text) > l.max {
			kind = l.check(text)
		}
	} else if l.enumeration == nil || !r.hit(m.child, l, text) {
		kind = l.plain(text)
	}
	if kind != 0 || len(text) == 0 || text[0] <= ' ' {
		return r.told(m, l, kind, text, at)
	}
	if m.role == 0 {
		return nil
	}
	r.current = m
	r.value = Value{Text: text, Offset: at, End: r.scan.EndOffset(), Valid: true}
	err := r.handler.Value(m.role, &r.value)
	r.current = nil
	return handled(err)
}

// hit looks whether an enumerated value is the one met last, and notes it.
func (r *Run) hit(child uint32, l *leaf, text []byte) bool {
	i := int(r.hits[child])
	if i < len(l.enumeration) && l.enumeration[i] == string(text) {
		return len(l.dfas) == 0 && l.minLength == none && l.maxLength == none
	}
	for i, v := range l.enumeration {
		if v == string(text) {
			r.hits[child] = uint16(min(i, 1<<16-1))
			break
		}
	}
	return false
}

// leafText judges and tells a text with any characters.
func (r *Run) leafText(m *planMove, l *leaf, text []byte, at int64) error {
	text = l.normalise(text, &r.scratch)
	return r.told(m, l, l.check(text), text, at)
}

// told reports what is wrong with a text, and tells it.
func (r *Run) told(m *planMove, l *leaf, kind Kind, text []byte, at int64) error {
	r.current = m
	defer func() { r.current = nil }()
	r.look(text, at)
	if kind != 0 {
		if err := r.wrong(l, kind, text, at); err != nil {
			return err
		}
	}
	if m.role == 0 {
		return nil
	}
	r.value = Value{Text: text, Offset: at, End: r.scan.EndOffset(), Valid: kind == 0}
	return handled(r.handler.Value(m.role, &r.value))
}

// look counts empty and blank texts.
func (r *Run) look(text []byte, at int64) {
	if len(text) == 0 {
		r.marked(&r.sum.Empty, at)
		return
	}
	for _, b := range text {
		if !isSpace(b) {
			return
		}
	}
	r.marked(&r.sum.Blank, at)
}

// marked counts something.
func (r *Run) marked(m *Mark, at int64) {
	if m.Count++; m.Count == 1 {
		m.At, m.Path = r.Position(at), r.Path()
	}
}

// plainAmount judges and tells a text with its attribute, both of plain bytes.
func (r *Run) plainAmount(m *planMove, n *planNode, value, text []byte, at int64) error {
	l, a := &r.plan.leaves[n.text], &n.attrs[0]
	al := &r.plan.leaves[a.leaf]
	r.current = m
	defer func() { r.current = nil }()
	attrKind := Kind(0)
	if al.enumeration == nil || !r.hit(a.leaf, al, value) {
		attrKind = al.plain(value)
	}
	if attrKind != 0 || a.role != 0 {
		if err := r.attribute(a, attrKind, value, at); err != nil {
			return err
		}
	}
	kind := l.plain(text)
	if len(text) == 0 {
		r.marked(&r.sum.Empty, at)
	}
	if kind != 0 {
		if err := r.wrong(l, kind, text, at); err != nil {
			return err
		}
	}
	if m.role == 0 {
		return nil
	}
	r.value = Value{Text: text, Offset: at, End: r.scan.EndOffset(), Valid: kind == 0 && attrKind == 0, Attr: value}
	return handled(r.handler.Value(m.role, &r.value))
}

// attribute reports what is wrong with the value of an attribute, and tells it.
func (r *Run) attribute(a *planAttr, kind Kind, value []byte, at int64) error {
	r.label = a.label
	defer func() { r.label = "" }()
	if kind != 0 {
		if err := r.wrong(&r.plan.leaves[a.leaf], kind, value, at); err != nil {
			return err
		}
	}
	if a.role == 0 {
		return nil
	}
	r.value = Value{Text: value, Offset: at, End: at, Valid: kind == 0}
	return handled(r.handler.Value(a.role, &r.value))
}
