package collect

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kontor/internal/hub"
	"kontor/internal/store"
)

// errStore says that a stored delivery could not be read back: a failure of ours, now. It says nothing of the delivery.
var errStore = errors.New("read delivery from the store")

// block is how much of a delivery is held in memory: as much as one sealed chunk has.
const block = 256 << 10

// delivery gives access to a stored delivery at any place, without holding it. It is for one goroutine.
type delivery struct {
	open    func() (*store.Body, error)
	size    int64
	body    *store.Body // read up to the end of held; nil when it must be opened again
	held    []byte
	from    int64 // where held begins, a multiple of block
	failure error // of the store, the first
}

// delivery opens a stored delivery.
func (c *Collect) delivery(ctx context.Context, d hub.Download) (*delivery, error) {
	out := &delivery{open: func() (*store.Body, error) { return c.o.Store.OpenBody(ctx, d.Owner, d.Body) }}
	var err error
	if out.body, err = out.open(); err != nil {
		return nil, err
	}
	out.size = out.body.Size()
	return out, nil
}

// ReadAt implements io.ReaderAt.
func (d *delivery) ReadAt(p []byte, off int64) (n int, err error) {
	for n < len(p) {
		at := off + int64(n)
		if at >= d.size {
			return n, io.EOF
		}
		if err := d.hold(at - at%block); err != nil {
			if d.failure == nil {
				d.failure = fmt.Errorf("%w: %w", errStore, err)
			}
			return n, d.failure
		}
		n += copy(p[n:], d.held[at-d.from:])
	}
	return n, nil
}

// hold brings the block that begins at from into memory.
func (d *delivery) hold(from int64) (err error) {
	if d.held != nil && d.from == from {
		return nil
	}
	if d.body == nil || from < d.from+int64(len(d.held)) {
		if err := d.Close(); err != nil {
			return err
		}
		if d.body, err = d.open(); err != nil {
			return err
		}
	}
	d.held = make([]byte, min(block, d.size-from))
	d.from = from
	if err = d.body.SkipTo(from); err == nil {
		_, err = io.ReadFull(d.body, d.held)
	}
	if err != nil {
		d.held, d.from = nil, 0
		return errors.Join(err, d.Close())
	}
	return nil
}

// Close ends the reading; a later ReadAt opens the delivery again.
func (d *delivery) Close() error {
	if d.body == nil {
		return nil
	}
	b := d.body
	d.body = nil
	return b.Close()
}
