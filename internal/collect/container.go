package collect

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"kontor/internal/hub"
)

// maxEntries limits the files of one container.
const maxEntries = 10_000

// part is one file of a delivery: an entry of the bank's ZIP container, or the delivery itself.
type part struct {
	name string
	open func() (io.ReadCloser, error)
	from *delivery
}

// parts reads a delivery's container. Names lose their folders: they are labels, never paths.
func (c *Collect) parts(ctx context.Context, d hub.Download) ([]part, error) {
	raw, err := c.delivery(ctx, d)
	if err != nil {
		return nil, err
	}
	magic := make([]byte, 4)
	if _, err := raw.ReadAt(magic, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	limit, packed := c.o.MaxBytes, string(magic) == "PK\x03\x04"
	if packed {
		limit = c.deliveryLimit()
	}
	if raw.size > limit {
		return nil, fmt.Errorf("%w: it has %d bytes", errUndecodable, raw.size)
	}
	if !packed {
		open := func() (io.ReadCloser, error) { return io.NopCloser(io.NewSectionReader(raw, 0, raw.size)), nil }
		return []part{{name: d.OrderType + ".xml", open: open, from: raw}}, nil
	}
	return c.entries(raw)
}

// entries lists the files of a ZIP container.
func (c *Collect) entries(raw *delivery) ([]part, error) {
	archive, err := zip.NewReader(raw, raw.size)
	if raw.failure != nil {
		return nil, raw.failure
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUndecodable, err)
	}
	if len(archive.File) > maxEntries {
		return nil, fmt.Errorf("%w: %d files in one container", errUndecodable, len(archive.File))
	}
	var out []part
	for _, f := range archive.File {
		if f.FileInfo().IsDir() {
			continue
		}
		open := func() (io.ReadCloser, error) {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			return struct {
				io.Reader
				io.Closer
			}{&bounded{from: r, left: c.o.MaxBytes}, r}, nil
		}
		out = append(out, part{name: path.Base(strings.ReplaceAll(f.Name, `\`, "/")), open: open, from: raw})
	}
	return out, nil
}

// raw reads a delivery whole. One that is over the limit cannot be read later either.
func (c *Collect) raw(ctx context.Context, d hub.Download) (_ []byte, err error) {
	b, err := c.o.Store.OpenBody(ctx, d.Owner, d.Body)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if b.Size() > c.deliveryLimit() {
		return nil, fmt.Errorf("%w: it has %d bytes", errUndecodable, b.Size())
	}
	return io.ReadAll(b)
}

// deliveryLimit is maxDelivery, or less where single files are limited to less.
func (c *Collect) deliveryLimit() int64 { return min(maxDelivery, c.o.MaxBytes) }

var errTooLarge = errors.New("a file of the delivery is over the limit")

// bounded fails after its limit: a container must not inflate without end.
type bounded struct {
	from io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// read hands a part to f and closes it. When the store fails meanwhile, that is the error, whatever f made of it.
func (p part) read(f func(r io.Reader) error) error {
	r, err := p.open()
	if p.from.failure != nil {
		return p.from.failure
	}
	if err != nil {
		return err
	}
	err = errors.Join(f(r), r.Close())
	if p.from.failure != nil {
		return p.from.failure
	}
	return err
}
