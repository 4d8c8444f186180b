package xsd

// startByTree opens a child of f by structure: the paths that have roles are the only
// knowledge. trusted says that no violation was reported for the elements around it.
func (r *Run) startByTree(f *frame, at int64, trusted bool) error {
	s := r.scan
	local := s.Local()
	f.filled = true
	next, ok := r.plan.tree[f.branch].names[string(local)]
	if !ok {
		r.push(frame{mode: skipped, filled: true, offset: at})
		return nil
	}
	b := &r.plan.tree[next]
	if f.last == uint32(next) && f.mode == byTree {
		f.count++
	} else {
		f.last, f.count = uint32(next), 1
	}
	child := frame{
		mode: byTree, role: b.role, branch: next, label: lastStep(b.path), ordinal: f.count, offset: at,
		flawed: !trusted,
	}
	if len(b.names) == 0 {
		child.mode = treeText
		r.text = r.text[:0]
	}
	r.push(child)
	if b.role != 0 && child.mode == byTree {
		if err := r.handler.Open(b.role, at); err != nil {
			return handled(err)
		}
	}
	return r.treeAttributes(&r.frames[len(r.frames)-1], b)
}

// treeAttributes tells the attributes of an element that is read by structure.
func (r *Run) treeAttributes(f *frame, b *branch) error {
	found := r.scan.Attrs()
	r.attr = r.attr[:0]
	for i := range found {
		if len(found[i].Space) != 0 {
			continue
		}
		value := found[i].Value
		if f.attr == nil {
			r.attr = append(r.attr, value...)
			f.attr = r.attr
		}
		role := b.attrs[string(found[i].Local)]
		if role == 0 {
			continue
		}
		r.label = "@" + string(cut(found[i].Local, labelLimit))
		r.value = Value{Text: value, Offset: f.offset, End: f.offset, Valid: !f.flawed}
		err := r.handler.Value(role, &r.value)
		r.label = ""
		if err != nil {
			return handled(err)
		}
	}
	return nil
}
