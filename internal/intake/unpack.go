package intake

import (
	"bufio"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"hash"
	"io"
	"sync"

	"kontor/internal/hub"
	"kontor/internal/killpoint"
	"kontor/internal/store"
)

// sources are buffers before bodies, which are used again: most files are much smaller.
var sources = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, 64<<10) }}

// unpack returns the decompressed body, limited to limit bytes. A gzip body is recognised by its coding or its first two bytes; the
// compressed side needs no limit of its own, since every gzip byte read costs time only and the output is limited.
func unpack(buffered *bufio.Reader, contentEncoding string, limit int64) (io.Reader, error) {
	switch contentEncoding {
	case "", "identity", "gzip", "x-gzip":
	default:
		return nil, hub.Errorf(hub.CodeInvalid, "the content encoding %q is not supported: send the file as it is or with gzip", contentEncoding)
	}
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, sourceFailure(err)
	}
	packed := len(magic) == 2 && magic[0] == 0x1f && magic[1] == 0x8b
	switch {
	case packed:
		unzip, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, sourceFailure(err)
		}
		return &limited{from: unzip, left: limit}, nil
	case contentEncoding == "gzip" || contentEncoding == "x-gzip":
		return nil, hub.Errorf(hub.CodeInvalid, "the content encoding says gzip, the body is not")
	}
	return &limited{from: buffered, left: limit}, nil
}

// limited fails with CodeTooLarge after its limit, where io.LimitReader would pretend that the file ends.
type limited struct {
	from io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 {
		var one [1]byte
		n, err := l.from.Read(one[:])
		if n > 0 {
			return 0, hub.Errorf(hub.CodeTooLarge, "the file is larger than this installation accepts")
		}
		return 0, err
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.from.Read(p)
	l.left -= int64(n)
	return n, err
}

// tee stages and digests what the reader of the message reads. It remembers the first failure of the source or the store.
type tee struct {
	ctx     context.Context //nolint:containedctx // io.Reader has no place for it; the tee lives within one call
	from    io.Reader
	staging *store.Staging
	digest  hash.Hash
	failure error
}

func (t *tee) Read(p []byte) (int, error) {
	n, err := t.from.Read(p)
	if n > 0 {
		t.digest.Write(p[:n])
		before := t.staging.Size()
		if serr := t.staging.Write(t.ctx, p[:n]); serr != nil {
			t.failure = notStored(serr)
			return 0, t.failure
		}
		if before < stagedMark && t.staging.Size() >= stagedMark {
			killpoint.Reach(killpoint.IntakeMidStage)
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		t.failure = sourceFailure(err)
		return n, t.failure
	}
	return n, err
}

// notStored says that our store, not the caller, is why a file was not taken in.
func notStored(err error) error {
	code := hub.CodeUnavailable
	if hub.CodeOf(err) == hub.CodeStorageFull {
		code = hub.CodeStorageFull
	}
	return &hub.Error{Code: code, Message: "the file could not be stored; nothing was kept, send it again", Err: err}
}

// stagedMark is a size at which a first batch is committed while the body goes on.
const stagedMark = 5 * 256 << 10

// sourceFailure says what a broken source means to the caller.
func sourceFailure(err error) error {
	if hub.CodeOf(err) != "" {
		return err
	}
	if _, corrupt := errors.AsType[flate.CorruptInputError](err); corrupt || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) {
		return &hub.Error{Code: hub.CodeInvalid, Message: "the gzip data is damaged", Err: err}
	}
	return &hub.Error{Code: hub.CodeInvalid, Message: "the body ended before it was complete; nothing was kept, send it again", Err: err}
}
