package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kontor/internal/hub"
	"kontor/internal/vault"
)

// BodyKind says what a body is; it is shown nowhere, but helps a person who looks at a database.
type BodyKind string

// The kinds of bodies.
const (
	BodyPaymentFile BodyKind = "payment_file"
	BodySpool       BodyKind = "spool"
	BodyExchange    BodyKind = "exchange" // a bank's answers during an upload
	BodyDownload    BodyKind = "download" // order data as the bank delivered it
	BodyProtocol    BodyKind = "protocol" // the part of a customer protocol that is about one order
	BodyStatus      BodyKind = "status"   // a payment status report
	BodyDocument    BodyKind = "document"
	BodyQuarantine  BodyKind = "quarantine"
)

// stagedChunks is how many sealed chunks wait in memory before a batch is written: a file of up to 1 MiB is written by the one
// transaction that publishes it, a larger one costs one short transaction per MiB.
const stagedChunks = 4

// Staging takes in one body, and for payment files its index, as short batches under an id that nothing refers to yet. Publish makes
// it visible within the caller's transaction; what is never published is removed by Sweep. Not safe for concurrent use.
type Staging struct {
	s     *Store
	owner hub.Owner
	id    string
	kind  BodyKind
	keys  *vault.Keys
	body  *vault.BodySealer

	plain   []byte   // less than a chunk, not yet sealed
	sealed  [][]byte // sealed chunks not yet written
	written int      // chunks in the database
	size    int64

	page    []hub.Payment
	pages   [][]byte // sealed pages not yet written
	paged   int      // pages in the database
	started bool     // the body row exists

	history history
}

// Stage begins a staging for an owner under a new id.
func (s *Store) Stage(ctx context.Context, owner hub.Owner, kind BodyKind) (*Staging, error) {
	st := &Staging{s: s, owner: owner, id: NewID(), kind: kind}
	err := s.Glance(ctx, func(tx *Tx) (err error) {
		st.keys, err = tx.keys(ctx, owner)
		return err
	})
	if err != nil {
		return nil, err
	}
	st.body = st.keys.BodySealer(st.id)
	return st, nil
}

// ID is the id of the body, and of the payment file or document whose body it is.
func (st *Staging) ID() string { return st.id }

// Size is how many plain bytes were written.
func (st *Staging) Size() int64 { return st.size }

// Write takes body bytes. They become durable in batches; an error means that nothing of the staging will be published.
func (st *Staging) Write(ctx context.Context, p []byte) error {
	st.size += int64(len(p))
	for len(p) > 0 {
		// A full chunk is sealed only when more follows, since the last chunk is sealed as such.
		if len(st.plain) == vault.ChunkSize {
			if err := st.sealChunk(ctx, false); err != nil {
				return err
			}
		}
		n := min(len(p), vault.ChunkSize-len(st.plain))
		st.plain = append(st.plain, p[:n]...)
		p = p[n:]
	}
	return nil
}

func (st *Staging) sealChunk(ctx context.Context, last bool) error {
	st.sealed = append(st.sealed, st.body.SealChunk(st.written+len(st.sealed), last, st.plain))
	st.plain = st.plain[:0]
	if !last && len(st.sealed) >= stagedChunks {
		return st.flush(ctx)
	}
	return nil
}

// AddPayment adds one payment to the index.
func (st *Staging) AddPayment(ctx context.Context, p hub.Payment) error {
	st.page = append(st.page, p)
	if len(st.page) < hub.PageSize {
		return nil
	}
	if err := st.sealPage(); err != nil {
		return err
	}
	if len(st.pages) >= 16 {
		return st.flush(ctx)
	}
	return nil
}

// parts writes what waits, for a staging that is not visible yet.
func (st *Staging) parts(ctx context.Context, tx *Tx) error {
	if err := st.insertParts(ctx, tx); err != nil {
		return err
	}
	return st.history.insert(ctx, tx, st, 1)
}

func (st *Staging) sealPage() error {
	if len(st.page) == 0 {
		return nil
	}
	plain, err := json.Marshal(st.page)
	if err != nil {
		return fmt.Errorf("encode page: %w", err)
	}
	st.pages = append(st.pages, st.keys.SealPage(st.id, st.paged+len(st.pages), plain))
	st.page = st.page[:0]
	return nil
}

// flush writes what waits as one short transaction.
func (st *Staging) flush(ctx context.Context) error {
	err := st.s.Write(ctx, func(tx *Tx) error {
		if !st.started {
			if err := st.insertBody(ctx, tx, "staged"); err != nil {
				return err
			}
			return st.parts(ctx, tx)
		}
		// The row's lock keeps the sweep out until the batch has committed; without the row nobody would ever find the batch again.
		n, err := tx.exec(ctx, `UPDATE body SET chunks = $1 WHERE owner = $2 AND id = $3 AND state = 'staged'`,
			int64(st.written+len(st.sealed)), string(st.owner), st.id)
		if err := oneRow(n, err, hub.CodeConflict, "the staged body is gone"); err != nil {
			return err
		}
		return st.parts(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("stage %s: %w", st.kind, err)
	}
	st.started = true
	st.forgetParts()
	st.history.written()
	return nil
}

func (st *Staging) insertBody(ctx context.Context, tx *Tx, state string) error {
	return tx.insert(ctx, "body", []string{"owner", "id", "kind", "state", "size", "chunks", "created"},
		string(st.owner), st.id, string(st.kind), state, st.size, int64(st.written+len(st.sealed)), micros(st.s.Now()))
}

func (st *Staging) insertParts(ctx context.Context, tx *Tx) error {
	chunks := make([][]any, len(st.sealed))
	for i, c := range st.sealed {
		chunks[i] = []any{string(st.owner), st.id, int64(st.written + i), c}
	}
	if err := tx.c.bulk(ctx, "chunk", []string{"owner", "body_id", "number", "data"}, chunks); err != nil {
		return err
	}
	pages := make([][]any, len(st.pages))
	for i, p := range st.pages {
		pages[i] = []any{string(st.owner), st.id, int64(st.paged + i), p}
	}
	return tx.c.bulk(ctx, "payment_page", []string{"tenant_id", "file_id", "number", "sealed"}, pages)
}

func (st *Staging) forgetParts() {
	st.written, st.sealed = st.written+len(st.sealed), nil
	st.paged, st.pages = st.paged+len(st.pages), nil
}

// Discard removes what was staged and will not be published. It is best effort: what it leaves, SweepStaged finds.
func (st *Staging) Discard(ctx context.Context) {
	if !st.started {
		return
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer done()
	_ = st.s.Write(ctx, func(tx *Tx) error {
		_, err := tx.deleteStaged(ctx, st.owner, st.id)
		return err
	})
	st.dropHistory(ctx)
}

// Close seals what is left; after it only Publish is allowed, which may run more than once.
func (st *Staging) Close(ctx context.Context) error {
	if err := st.sealChunk(ctx, true); err != nil { // an empty body has one empty last chunk
		return err
	}
	return st.sealPage()
}

// Publish writes the rest and makes the body visible, within the caller's transaction.
func (st *Staging) Publish(ctx context.Context, tx *Tx) (hub.BodyID, error) {
	if !st.started {
		if err := st.insertBody(ctx, tx, "visible"); err != nil {
			return "", err
		}
	} else {
		n, err := tx.exec(ctx, `UPDATE body SET state = 'visible', size = $1, chunks = $2 WHERE owner = $3 AND id = $4 AND state = 'staged'`,
			st.size, int64(st.written+len(st.sealed)), string(st.owner), st.id)
		if err := oneRow(n, err, hub.CodeConflict, "the staged body is gone"); err != nil {
			return "", err
		}
	}
	if err := st.insertParts(ctx, tx); err != nil {
		return "", fmt.Errorf("publish %s: %w", st.kind, err)
	}
	return hub.BodyID(st.id), nil
}

// PublishBytes stores a small body whole, within the caller's transaction.
func (tx *Tx) PublishBytes(ctx context.Context, owner hub.Owner, kind BodyKind, data []byte) (hub.BodyID, error) {
	keys, err := tx.keys(ctx, owner)
	if err != nil {
		return "", err
	}
	st := &Staging{s: tx.s, owner: owner, id: NewID(), kind: kind, keys: keys}
	st.body = keys.BodySealer(st.id)
	st.size = int64(len(data))
	for len(data) > vault.ChunkSize {
		st.sealed = append(st.sealed, st.body.SealChunk(len(st.sealed), false, data[:vault.ChunkSize]))
		data = data[vault.ChunkSize:]
	}
	st.sealed = append(st.sealed, st.body.SealChunk(len(st.sealed), true, data))
	return st.Publish(ctx, tx)
}
