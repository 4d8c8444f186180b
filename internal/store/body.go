package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"kontor/internal/hub"
	"kontor/internal/vault"
)

// OpenBody returns a reader over a visible body's plain bytes. It reads chunk by chunk, each in a transaction of its own, since a
// visible body never changes. CodeNotFound if there is no such body.
func (s *Store) OpenBody(ctx context.Context, owner hub.Owner, id hub.BodyID) (*Body, error) {
	b := &Body{ctx: ctx, s: s, owner: owner, id: id}
	err := s.Read(ctx, func(tx *Tx) error {
		var chunks int64
		found, err := tx.one(ctx, `SELECT size, chunks FROM body WHERE owner = $1 AND id = $2 AND state = 'visible'`,
			[]any{string(owner), string(id)}, &b.size, &chunks)
		if err != nil {
			return err
		}
		if !found {
			return hub.Errorf(hub.CodeNotFound, "no such body")
		}
		keys, err := tx.keys(ctx, owner)
		if err != nil {
			return err
		}
		b.opener, b.chunks = keys.BodyOpener(string(id)), int(chunks)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Body reads a stored body. It holds its context because io.Reader has no place for one; it lives no longer than the call that made it.
type Body struct {
	ctx    context.Context //nolint:containedctx // see above
	s      *Store
	owner  hub.Owner
	id     hub.BodyID
	opener *vault.BodyOpener
	size   int64
	chunks int
	next   int
	plain  []byte
}

// Size is the number of plain bytes.
func (b *Body) Size() int64 { return b.size }

// Read implements io.Reader.
func (b *Body) Read(p []byte) (int, error) {
	for len(b.plain) == 0 {
		if b.next == b.chunks {
			return 0, io.EOF
		}
		var sealed []byte
		err := b.s.Read(b.ctx, func(tx *Tx) error {
			found, err := tx.one(b.ctx, `SELECT data FROM chunk WHERE owner = $1 AND body_id = $2 AND number = $3`,
				[]any{string(b.owner), string(b.id), int64(b.next)}, &sealed)
			if err == nil && !found {
				err = fmt.Errorf("chunk %d of body %s is missing", b.next, b.id)
			}
			return err
		})
		if err != nil {
			return 0, err
		}
		b.plain, err = b.opener.OpenChunk(b.next, b.next == b.chunks-1, sealed)
		if err != nil {
			return 0, fmt.Errorf("open chunk %d of body %s: %w", b.next, b.id, err)
		}
		b.next++
	}
	n := copy(p, b.plain)
	b.plain = b.plain[n:]
	return n, nil
}

// Close ends the reading.
func (b *Body) Close() error {
	b.next, b.plain = b.chunks, nil
	return nil
}

// ReadBody returns a body of at most limit bytes whole.
func (s *Store) ReadBody(ctx context.Context, owner hub.Owner, id hub.BodyID, limit int64) (_ []byte, err error) {
	b, err := s.OpenBody(ctx, owner, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	if b.size > limit {
		return nil, fmt.Errorf("body %s has %d bytes, over the limit of %d", id, b.size, limit)
	}
	var buf bytes.Buffer
	buf.Grow(int(b.size))
	if _, err := io.Copy(&buf, b); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// deleteBody removes a body and its chunks.
func (tx *Tx) deleteBody(ctx context.Context, owner hub.Owner, id string) error {
	for _, q := range []string{
		`DELETE FROM body WHERE owner = $1 AND id = $2`,
		`DELETE FROM chunk WHERE owner = $1 AND body_id = $2`,
	} {
		if _, err := tx.exec(ctx, q, string(owner), id); err != nil {
			return err
		}
	}
	return nil
}

// deleteStaged removes a body that is still staged; done is false when it was published or removed meanwhile. The row goes first: its
// lock waits for a batch or a publication that is under way, and what follows then sees what that has written.
func (tx *Tx) deleteStaged(ctx context.Context, owner hub.Owner, id string) (done bool, err error) {
	n, err := tx.exec(ctx, `DELETE FROM body WHERE owner = $1 AND id = $2 AND state = 'staged'`, string(owner), id)
	if err != nil || n == 0 {
		return false, err
	}
	for _, q := range []string{
		`DELETE FROM chunk WHERE owner = $1 AND body_id = $2`,
		`DELETE FROM payment_page WHERE tenant_id = $1 AND file_id = $2`,
	} {
		if _, err := tx.exec(ctx, q, string(owner), id); err != nil {
			return false, err
		}
	}
	return true, nil
}

// SweepStaged removes what was staged before the given moment and never published: a process was killed, or a client hung up. It
// returns how many it removed.
func (s *Store) SweepStaged(ctx context.Context, before time.Time) (int, error) {
	n := 0
	err := s.Write(ctx, func(tx *Tx) error {
		type key struct {
			owner hub.Owner
			id    string
		}
		var orphans []key
		err := tx.each(ctx, `SELECT owner, id FROM body WHERE state = 'staged' AND created < $1 ORDER BY created LIMIT 100`,
			[]any{micros(before)}, func(r rows) error {
				var k key
				if err := r.Scan(&k.owner, &k.id); err != nil {
					return err
				}
				orphans = append(orphans, k)
				return nil
			})
		if err != nil {
			return err
		}
		n = 0
		for _, k := range orphans {
			done, err := tx.deleteStaged(ctx, k.owner, k.id)
			if err != nil {
				return err
			}
			if done {
				n++
			}
		}
		return nil
	})
	return n, err
}

// DeleteBody removes a body that is no longer needed: a spool whose order is settled, a raw download past its time.
func (tx *Tx) DeleteBody(ctx context.Context, owner hub.Owner, id hub.BodyID) error {
	return tx.deleteBody(ctx, owner, string(id))
}

// SkipTo moves forward to an offset of the plain bytes, at most their number, without opening the chunks in between.
func (b *Body) SkipTo(offset int64) error {
	// All chunks are full but the last.
	at := min(int64(b.next)*vault.ChunkSize, b.size) - int64(len(b.plain))
	if offset < at {
		return fmt.Errorf("body %s cannot be read backwards", b.id)
	}
	if offset > b.size {
		return fmt.Errorf("body %s ends before offset %d", b.id, offset)
	}
	if chunk := int(offset / vault.ChunkSize); chunk >= b.next {
		b.next, b.plain = chunk, nil
		at = int64(chunk) * vault.ChunkSize
	}
	_, err := io.CopyN(io.Discard, b, offset-at)
	return err
}
