package xsd

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"

	"kontor/xmlscan"
)

// Parallel says how ValidateParallel divides its work.
type Parallel struct {
	// Split is the path of the element before which a document may be cut, such as
	// "CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf". The element around it may repeat, too.
	Split   string
	Workers int // goroutines that validate; below 2 there is one chunk, the whole document
	// Fork returns a handler for one chunk. It may be called on any goroutine.
	Fork func() Handler
	// Join takes over what a chunk's handler has gathered. It is called on the goroutine
	// of ValidateParallel, once for each chunk, in document order.
	Join func(h Handler, b Base) error
}

// Replayer is a Handler that wants to know that events are a repetition: a chunk that
// begins within a document first gets the events of the document's head, and of the head
// of the element around, between Replay(true) and Replay(false). They are context;
// other chunks have told them.
type Replayer interface{ Replay(on bool) }

// The sizes of chunks, and of a head that is worth repeating. Some chunks more than there
// are workers are in memory.
const (
	chunkSize = 1 << 19
	headLimit = 64 << 10
)

// ValidateParallel is Validate on several cores. The document is cut into chunks, of
// which each has its own handler, joined in document order; handlers get absolute
// offsets, but lines, columns and ordinals relative to the chunk, which Base translates.
// Options.MaxViolations counts for each chunk.
//
// A cut is made where the start tag of Split stands in the bytes, and is believed only
// when the chunk before has come to it between two tokens and in the state of the schema
// that the chunk behind has taken for granted. At the first cut that is not so (one in a
// comment, say) the rest of the document is read as one chunk: what is told never
// depends on the number of workers, except for ordinals after elements in disorder.
func (p *Plan) ValidateParallel(r io.Reader, o Options, par Parallel) (Summary, error) {
	v := &parallel{plan: p, options: o, par: par, size: chunkSize}
	return v.validate(r)
}

// parallel is one call of ValidateParallel.
type parallel struct {
	plan    *Plan
	options Options
	par     Parallel
	size    int // of chunks

	depth int // of the element around Split: 2 for CstmrCdtTrfInitn/PmtInf
	stop  chan struct{}
	jobs  chan *chunk
	order chan *chunk // the same chunks in document order
	free  chan []byte

	ended bool // the last chunk is joined
	total Summary
	base  Base
}

// chunk is a part of the document.
type chunk struct {
	bytes  []byte
	offset int64     // in the document
	rest   io.Reader // of the last chunk: what follows bytes
	head   *head     // nil for the first chunk

	handler Handler
	sum     Summary
	err     error
	from    []frame // where the chunk began, if it could
	to      []frame // where it ended
	at      xmlscan.Position
	done    chan struct{}
}

// head is what a chunk has to know of what stands before it.
type head struct {
	outer  []byte // from the start of the document to the first element around Split
	inner  []byte // from the start tag of the element around to its first Split
	offset int64  // of inner
}

// errSplit is the error of a chunk whose head does not lead to where it begins.
var errSplit = errors.New("the document cannot be cut here")

func (v *parallel) validate(r io.Reader) (Summary, error) {
	steps := strings.Split(v.par.Split, "/")
	v.depth = len(steps) - 1
	v.stop, v.jobs = make(chan struct{}), make(chan *chunk)
	v.order = make(chan *chunk, v.par.Workers+1)
	v.free = make(chan []byte, v.par.Workers+3)
	v.base.depth = v.depth
	if v.par.Workers < 2 || v.depth < 1 || v.plan.schema == nil {
		return v.finish(&chunk{rest: r})
	}
	s := splitter{v: v, r: r, element: steps[v.depth], around: steps[v.depth-1]}
	var all sync.WaitGroup
	all.Go(s.run)
	for range v.par.Workers {
		all.Go(v.work)
	}
	last, err := v.collect()
	close(v.stop)
	var parts []io.Reader // what is behind the last chunk, if it has to be read again
	for c := range v.order {
		parts = append(parts, bytes.NewReader(c.bytes))
	}
	all.Wait()
	switch {
	case err != nil || v.ended:
		return v.total, err
	case last == nil: // the document cannot be cut at all
		last = &chunk{}
	}
	last.rest = io.MultiReader(append(parts, bytes.NewReader(s.carry), s.r)...)
	return v.finish(last)
}

// collect joins chunks until the document ends, or returns the first chunk that has to
// be read again with all that follows, nil for the whole document. A chunk is joined
// when the next one is known to begin where it ends.
func (v *parallel) collect() (again *chunk, err error) {
	var held *chunk
	for c := range v.order {
		<-c.done
		if held != nil {
			if !v.follows(held, c) {
				held.bytes = append(bytes.Clone(held.bytes), c.bytes...)
				return held, nil
			}
			if err := v.join(held); err != nil {
				return nil, err
			}
		}
		held = c
	}
	if held == nil || held.rest == nil { // the splitter has stopped before the end
		return held, nil
	}
	v.ended = true
	return nil, v.join(held)
}

// finish reads a chunk to the end of the document.
func (v *parallel) finish(c *chunk) (Summary, error) {
	c.done = make(chan struct{})
	v.do(nil, c)
	err := v.join(c)
	return v.total, err
}

// work validates chunks.
func (v *parallel) work() {
	var run *Run
	for c := range v.jobs {
		run = v.do(run, c)
	}
}

// do validates a chunk with a Run, which it makes when there is none.
func (v *parallel) do(run *Run, c *chunk) *Run {
	defer close(c.done)
	c.handler = v.par.Fork()
	if run == nil {
		run = newRun(v.plan, xmlscan.NewScanner(nil, v.options.Limits), v.options, nil)
	}
	run.handler = c.handler
	if a, ok := c.handler.(Attacher); ok {
		a.Attach(run)
	}
	run.frames, run.sum = run.frames[:0], Summary{}
	input := io.Reader(bytes.NewReader(c.bytes))
	if c.rest != nil {
		input = io.MultiReader(input, c.rest)
	}
	switch s := run.scan; {
	case c.head == nil:
		s.Reset(input, v.options.Limits)
		if c.rest == nil {
			s.AllowParts()
		}
	case !run.replay(c.head, v.depth, v.options.Limits):
		c.err = errSplit
		return run
	case c.rest == nil:
		s.Resume(input, c.offset)
	default:
		s.FinishParts(input, c.offset)
	}
	c.from = append(c.from[:0], run.frames...)
	c.err = run.walk()
	run.summarise()
	c.sum, c.at = run.sum, run.scan.Position()
	c.to = append(c.to[:0], run.frames...)
	return run
}

// replay brings a run to where a chunk begins.
func (r *Run) replay(h *head, depth int, l xmlscan.Limits) bool {
	if p, ok := r.handler.(Replayer); ok {
		p.Replay(true)
		defer p.Replay(false)
	}
	r.scan.Reset(bytes.NewReader(h.outer), l)
	r.scan.AllowParts()
	if err := r.walk(); !errors.Is(err, xmlscan.ErrPart) || len(r.frames) != depth {
		return false
	}
	r.scan.Resume(bytes.NewReader(h.inner), h.offset)
	if err := r.walk(); !errors.Is(err, xmlscan.ErrPart) || len(r.frames) != depth+1 || r.frames[depth].offset != h.offset {
		return false
	}
	r.sum = Summary{}
	return true
}

// follows says whether a chunk begins where the one before it ends.
func (v *parallel) follows(before, c *chunk) bool {
	if !errors.Is(before.err, xmlscan.ErrPart) || len(before.to) != v.depth+1 || len(c.from) != v.depth+1 {
		return false
	}
	for i := range before.to {
		a, b := &before.to[i], &c.from[i]
		if a.mode != byStates || b.mode != byStates || a.node != b.node || a.offset != b.offset && i > 0 && i < v.depth ||
			a.flawed != b.flawed || a.jumped || b.jumped || a.forgive || b.forgive {
			return false
		}
		if i < v.depth && a.state != b.state {
			return false
		}
	}
	a, b := &before.to[v.depth], &c.from[v.depth]
	run, element := Run{plan: v.plan}, []byte(v.element())
	x, y := run.moveNamed(a.state, element), run.moveNamed(b.state, element)
	return a.offset == b.offset && x != nil && y != nil && x.next == y.next
}

// element returns the name of the element that is cut before.
func (v *parallel) element() string {
	return v.par.Split[strings.LastIndexByte(v.par.Split, '/')+1:]
}

// join hands a chunk to the caller and goes on to the base of the next one.
func (v *parallel) join(c *chunk) error {
	b := v.base
	c.err = unlessEnd(c.err)
	var syntax *xmlscan.SyntaxError
	var root *RootError
	switch {
	case errors.As(c.err, &syntax):
		syntax.Position = b.Position(syntax.Position)
	case errors.As(c.err, &root):
		root.Position = b.Position(root.Position)
	}
	v.total.add(&c.sum, b)
	if err := v.par.Join(c.handler, b); err != nil {
		return handled(err)
	}
	if c.err != nil && !errors.Is(c.err, xmlscan.ErrPart) {
		return c.err
	}
	if len(c.to) == v.depth+1 {
		end := &c.to[v.depth]
		v.base = b.next(c, end.filled && v.plan.schema.names[end.last] == v.element())
	}
	select {
	case v.free <- c.bytes[:cap(c.bytes)]:
	default:
	}
	return nil
}

// add adds the summary of a chunk.
func (s *Summary) add(c *Summary, b Base) {
	s.Violations += c.Violations
	if s.Bytes == 0 {
		s.Encoding, s.BOM = c.Encoding, c.BOM
	}
	s.Bytes = c.Bytes
	s.Empty.add(c.Empty, b)
	s.Blank.add(c.Blank, b)
	if s.CDATA.Count == 0 {
		s.CDATA.add(c.CDATA, b)
	}
}

func (m *Mark) add(c Mark, b Base) {
	if m.Count == 0 && c.Count > 0 {
		m.At, m.Path = b.Position(c.At), b.Path(c.Path)
	}
	m.Count += c.Count
}
