package collect

import (
	"archive/zip"
	"bytes"
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
}

// parts reads a delivery's container. Names lose their folders: they are labels, never paths.
func (c *Collect) parts(ctx context.Context, d hub.Download) ([]part, error) {
	raw, err := c.raw(ctx, d)
	if err != nil {
		return nil, err
	}
	if !bytes.HasPrefix(raw, []byte("PK\x03\x04")) {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
		return []part{{name: d.OrderType + ".xml", open: open}}, nil
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
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
		out = append(out, part{name: path.Base(strings.ReplaceAll(f.Name, `\`, "/")), open: open})
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

// zipOne writes a container with one file.
func zipOne(w io.Writer, name string, content []byte) error {
	archive := zip.NewWriter(w)
	entry, err := archive.Create(name)
	if err != nil {
		return err
	}
	if _, err := entry.Write(content); err != nil {
		return err
	}
	return archive.Close()
}

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

// read hands a part to f and closes it.
func (p part) read(f func(r io.Reader) error) (err error) {
	r, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return f(r)
}
