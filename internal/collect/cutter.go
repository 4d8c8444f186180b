package collect

import (
	"io"
	"slices"
)

// cutter passes on, of a message with statements of several owners, what stands before the first statement, the owner's own
// statements and what stands after the last: a message of its own with the bank's bytes.
type cutter struct {
	head, tail int64 // start of the first statement, end of the last
	spans      []span
}

// over returns a reader over the cut of r; a nil cutter cuts nothing.
func (c *cutter) over(r io.Reader) io.Reader {
	if c == nil {
		return r
	}
	return &cutReader{cutter: c, from: r}
}

type cutReader struct {
	*cutter
	from io.Reader
	at   int64
}

func (c *cutReader) Read(p []byte) (int, error) {
	for {
		keep, upTo := c.region()
		want := p
		if upTo >= 0 && int64(len(want)) > upTo-c.at {
			want = want[:upTo-c.at]
		}
		n, err := c.from.Read(want)
		c.at += int64(n)
		if keep || err != nil {
			if !keep {
				n = 0
			}
			return n, err
		}
	}
}

// region says whether the bytes from here on are kept, and where that changes; -1 is never.
func (c *cutReader) region() (keep bool, upTo int64) {
	switch {
	case c.at < c.head:
		return true, c.head
	case c.at >= c.tail:
		return true, -1
	}
	i := slices.IndexFunc(c.spans, func(s span) bool { return s.to > c.at })
	switch {
	case i < 0:
		return false, c.tail
	case c.spans[i].from > c.at:
		return false, c.spans[i].from
	}
	return true, c.spans[i].to
}
