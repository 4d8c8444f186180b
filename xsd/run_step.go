package xsd

import (
	"bytes"

	"kontor/xmlscan"
)

// step reads one token by Next.
func (r *Run) step() error {
	kind, err := r.scan.Next()
	if err != nil {
		return err // io.EOF, too: walk's caller knows it
	}
	switch kind {
	case xmlscan.StartElement:
		return r.start()
	case xmlscan.EndElement:
		return r.finish()
	case xmlscan.Text:
		return r.characters(r.scan.Text())
	case xmlscan.Comment, xmlscan.ProcInst:
	}
	return nil
}

// start handles any start tag.
func (r *Run) start() error {
	if len(r.frames) == 0 {
		return r.root()
	}
	f := &r.frames[len(r.frames)-1]
	at := r.scan.Offset()
	switch f.mode {
	case byStates:
		return r.startByStates(f, at)
	case asText, treeText:
		return r.childInText(f, at)
	case byTree:
		return r.startByTree(f, at, r.plan.schema == nil)
	case laxly:
		return r.startLaxly(f, at)
	case skipped:
	}
	f.filled = true
	r.push(frame{mode: skipped, filled: true, offset: at})
	return nil
}

// root opens the document element.
func (r *Run) root() error {
	s := r.scan
	at := s.Offset()
	r.prefix = string(s.Prefix())
	if r.plan.schema == nil {
		r.push(frame{mode: byTree, offset: at, label: string(s.Local())})
		return nil
	}
	for i, e := range r.plan.schema.roots {
		start := r.plan.starts[i]
		if start == noNode || r.plan.schema.names[e.name] != string(s.Local()) || r.plan.schema.namespace != string(s.Space()) {
			continue
		}
		if r.prefix == "" {
			r.tags = r.plan.plain()
		} else {
			r.tags = r.plan.tags(r.prefix)
		}
		return r.open(&planMove{name: e.name, child: start, kind: r.plan.nodes[start].kind()}, at, 1)
	}
	const most = 200
	return &RootError{
		Space: string(cut(s.Space(), most)), Local: string(cut(s.Local(), most)),
		Want: r.plan.schema.namespace, Position: s.Position(),
	}
}

// kind returns which kind of move leads to the node.
func (n *planNode) kind() moveKind {
	switch {
	case n.typ.text == none:
		return moveElement
	case n.quick != nil:
		return moveAmount
	}
	return moveText
}

// startByStates handles a child of an element whose content the schema knows.
func (r *Run) startByStates(f *frame, at int64) error {
	local := r.scan.Local()
	known := string(r.scan.Space()) == r.plan.schema.namespace
	m, wild := r.next(f, local, known)
	if m == nil && wild == nil {
		var err error
		if m, err = r.recoverFrom(f, local, known, at); err != nil {
			return err
		}
	}
	switch {
	case m != nil:
		f.child(m)
		return r.open(m, at, f.count)
	case wild != nil:
		f.filled, f.state = true, uint32(r.plan.states[f.state].any)
		return r.openWild(f, wild, at)
	}
	f.filled = true
	if r.lenient && f.branch != none {
		return r.startByTree(f, at, false)
	}
	r.push(frame{mode: skipped, filled: true, offset: at})
	return nil
}

// next returns the move or the wildcard for the element that starts, if the state has
// one.
func (r *Run) next(f *frame, local []byte, known bool) (*planMove, *anyMove) {
	st := &r.plan.states[f.state]
	if known {
		for i := range uint32(st.count) {
			m := &r.plan.moves[st.first+i]
			if r.plan.schema.names[m.name] == string(local) {
				return m, nil
			}
		}
	}
	if st.any == none {
		return nil, nil
	}
	if st.how.space == spaceOther && (known || len(r.scan.Space()) == 0) {
		return nil, nil
	}
	return nil, &st.how
}

// openWild opens an element that a wildcard admits.
func (r *Run) openWild(f *frame, w *anyMove, at int64) error {
	if w.process == processSkip {
		r.push(frame{mode: skipped, filled: true, offset: at})
		return nil
	}
	if w.process == processStrict && r.rootNamed() < 0 {
		if err := r.violate(r.named(Unexpected, at, r.scan.Local()), r.scan.Local()); err != nil {
			return err
		}
	}
	return r.startLaxly(f, at)
}

// rootNamed returns which root of the schema the element that starts is, or -1.
func (r *Run) rootNamed() int {
	for i, e := range r.plan.schema.roots {
		if r.plan.lax[i] >= 0 && r.plan.schema.names[e.name] == string(r.scan.Local()) && r.plan.schema.namespace == string(r.scan.Space()) {
			return i
		}
	}
	return -1
}

// startLaxly opens an element that is checked only if it is a root of the schema.
func (r *Run) startLaxly(f *frame, at int64) error {
	f.filled = true
	if i := r.rootNamed(); i >= 0 {
		node := uint32(r.plan.lax[i])
		return r.open(&planMove{name: r.plan.schema.roots[i].name, child: node, kind: r.plan.nodes[node].kind()}, at, 1)
	}
	r.push(frame{mode: laxly, filled: true, offset: at, label: string(cut(r.scan.Local(), labelLimit)), ordinal: 1, branch: none})
	return nil
}

// labelLimit is how many bytes of a name that the schema does not have go into a path.
const labelLimit = 128

// childInText reports an element where the schema knows only text.
func (r *Run) childInText(f *frame, at int64) error {
	f.flawed, f.filled = true, true
	if f.mode == asText {
		if err := r.violate(r.named(Unexpected, at, r.scan.Local()), r.scan.Local()); err != nil {
			return err
		}
	}
	r.push(frame{mode: skipped, filled: true, offset: at})
	return nil
}

// open opens an element of the schema and judges its attributes.
func (r *Run) open(m *planMove, at int64, ordinal uint32) error {
	f := frame{
		mode: byStates, role: m.role, name: m.name, offset: at, branch: none,
		ordinal: ordinal, repeats: m.repeats,
	}
	if m.kind == moveLeaf {
		f.mode, f.leaf = asText, &r.plan.leaves[m.child]
	} else {
		n := &r.plan.nodes[m.child]
		f.node, f.state, f.branch = n, n.first, n.branch
		if n.text != none {
			f.mode, f.leaf = asText, &r.plan.leaves[n.text]
		}
	}
	if f.mode == asText {
		r.text = r.text[:0]
	}
	r.push(f)
	if m.role != 0 && f.mode == byStates {
		if err := r.handler.Open(m.role, at); err != nil {
			return handled(err)
		}
	}
	return r.attributes(&r.frames[len(r.frames)-1])
}

// characters takes a piece of text.
func (r *Run) characters(text []byte) error {
	if r.sum.CDATA.Count == 0 && r.scan.FirstCDATA().Line > 0 {
		r.sum.CDATA = Mark{Count: 1, At: r.scan.FirstCDATA(), Path: r.Path()}
	}
	f := &r.frames[len(r.frames)-1]
	switch f.mode {
	case asText, treeText:
		room := maxValue - len(r.text)
		if len(text) > room {
			f.flawed = f.flawed || f.mode == treeText
		}
		r.text = append(r.text, text[:min(len(text), room+1)]...) // one more tells that it is too long
	case byStates:
		if f.node.typ.mixed || blank(text) {
			return nil
		}
		if f.flawed { // a piece of the text that has been reported
			return nil
		}
		f.flawed = true
		f.filled = true
		return r.violate(Violation{Kind: Text, Offset: f.offset, Name: r.labelOf(f), Expected: r.expected(f)}, nil, text...)
	case byTree, skipped, laxly:
	}
	return nil
}

func blank(text []byte) bool {
	for _, b := range text {
		if !isSpace(b) {
			return false
		}
	}
	return true
}

// finish handles any end tag.
func (r *Run) finish() error {
	f := &r.frames[len(r.frames)-1]
	end := r.scan.EndOffset()
	switch f.mode {
	case byStates:
		if st := &r.plan.states[f.state]; !st.final && !r.forgiven(f) {
			if err := r.violate(Violation{Kind: Incomplete, Offset: f.offset, Name: r.labelOf(f), Expected: r.expected(f)}, nil); err != nil {
				return err
			}
		}
		return r.leave(f, end)
	case asText, treeText:
		return r.finishText(f, end)
	case byTree:
		return r.leave(f, end)
	case skipped, laxly:
	}
	r.frames = r.frames[:len(r.frames)-1]
	return nil
}

// finishText judges and tells the text of the element that ends.
func (r *Run) finishText(f *frame, end int64) error {
	text := r.text
	if !f.filled || len(text) > 0 {
		r.look(text, f.offset)
	}
	long := len(text) > maxValue
	if long {
		text = text[:wholeRunes(text, maxValue)]
	}
	if f.mode == asText {
		if !long {
			text = f.leaf.normalise(text, &r.scratch)
		}
		if err := r.judge(f, text, long); err != nil {
			return err
		}
	}
	if f.role != 0 {
		r.value = Value{Text: text, Offset: f.offset, End: end, Valid: !f.flawed && !long, Attr: f.attr}
		if err := r.handler.Value(f.role, &r.value); err != nil {
			return handled(err)
		}
	}
	r.frames = r.frames[:len(r.frames)-1]
	return nil
}

// judge checks the text of an element of the schema.
func (r *Run) judge(f *frame, text []byte, long bool) error {
	kind := TypeLength
	if !long {
		kind = f.leaf.check(text)
	}
	if kind == 0 || f.filled && f.flawed { // a child element has been reported
		return nil
	}
	f.flawed = true
	return r.wrong(f.leaf, kind, text, f.offset)
}

// wholeRunes returns most, or a little less so that no character of text is cut.
func wholeRunes(text []byte, most int) int { return len(cut(text, most)) }

// cut returns the first bytes of text, at most most, without cutting a character.
func cut(text []byte, most int) []byte {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xC0 == 0x80 {
		most--
	}
	return bytes.Clone(text[:most])
}
