package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"strings"

	"kontor/internal/hub"
)

// Audit appends a row that commits with what it describes. Chaining happens after commit, by SealAudit: a chain inside the business
// transaction would make every writer of an owner wait for every other.
func (tx *Tx) Audit(ctx context.Context, r hub.AuditRow) error {
	r.ID = NewID()
	if r.At.IsZero() {
		r.At = tx.s.Now()
	}
	sealed, err := tx.seal(ctx, r.Owner, "audit", r.ID, r.Detail)
	if err != nil {
		return err
	}
	return tx.insert(ctx, "audit", []string{"owner", "id", "at", "actor", "action", "subject", "sealed", "chained"},
		string(r.Owner), r.ID, micros(r.At), string(r.Actor), r.Action, r.Subject, sealed, int64(0))
}

// StoredAuditRow is an audit row as the database holds it: its detail stays sealed, so that a chain can be verified after the
// owner's key is gone.
type StoredAuditRow struct {
	ID      string `json:"id"`
	At      int64  `json:"at"` // microseconds since 1970 UTC
	Actor   string `json:"actor"`
	Action  string `json:"action"`
	Subject string `json:"subject"`
	Sealed  []byte `json:"sealed"`
}

// Digest is SHA-256 over the row's fields, each preceded by its length.
func (r StoredAuditRow) Digest(owner hub.Owner) []byte {
	h := sha256.New()
	writeField(h, []byte("kontor audit row 1"))
	writeField(h, []byte(owner))
	writeField(h, []byte(r.ID))
	writeField(h, binary.BigEndian.AppendUint64(nil, uint64(r.At)))
	for _, f := range []string{r.Actor, r.Action, r.Subject} {
		writeField(h, []byte(f))
	}
	writeField(h, r.Sealed)
	return h.Sum(nil)
}

func writeField(h hash.Hash, field []byte) {
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(len(field)))
	h.Write(n[:])
	h.Write(field)
}

// NextLink chains a row's digest to the link before it; the link before the first is 32 zero bytes.
func NextLink(before []byte, number int64, digest []byte) []byte {
	h := sha256.New()
	writeField(h, []byte("kontor audit link 1"))
	writeField(h, before)
	writeField(h, binary.BigEndian.AppendUint64(nil, uint64(number)))
	writeField(h, digest)
	return h.Sum(nil)
}

// headMAC binds the chain's end to the installation's root key, so that rows cannot be cut off the end unseen.
func (s *Store) headMAC(owner hub.Owner, number int64, link []byte) []byte {
	m := hmac.New(sha256.New, s.vault.Pepper("audit-head"))
	writeField(m, []byte(owner))
	writeField(m, binary.BigEndian.AppendUint64(nil, uint64(number)))
	writeField(m, link)
	return m.Sum(nil)
}

// AuditOwnersToSeal lists owners with rows that are not chained yet.
func (tx *Tx) AuditOwnersToSeal(ctx context.Context) ([]hub.Owner, error) {
	var out []hub.Owner
	err := tx.each(ctx, `SELECT DISTINCT owner FROM audit WHERE chained = 0`, nil, func(r rows) error {
		var o hub.Owner
		if err := r.Scan(&o); err != nil {
			return err
		}
		out = append(out, o)
		return nil
	})
	return out, err
}

// SealAudit chains up to limit committed rows of an owner, in the order of their ids, and returns how many. One sealer per owner at
// a time: the caller holds the lease, and an overtaken sealer changes nothing.
func (s *Store) SealAudit(ctx context.Context, owner hub.Owner, l hub.Lease, limit int) (sealed int, err error) {
	err = s.Write(ctx, func(tx *Tx) error {
		if err := tx.Fenced(ctx, l); err != nil {
			return err
		}
		head, err := tx.AuditHead(ctx, owner)
		if err != nil {
			return err
		}
		rows, err := tx.auditRows(ctx, `SELECT id, at, actor, action, subject, sealed FROM audit
			WHERE chained = 0 AND owner = $1 ORDER BY id LIMIT $2`, string(owner), int64(limit))
		if err != nil || len(rows) == 0 {
			return err
		}
		links := make([][]any, 0, len(rows))
		number, link := head.Number, head.Link
		for _, r := range rows {
			digest := r.Digest(owner)
			number++
			link = NextLink(link, number, digest)
			links = append(links, []any{string(owner), number, r.ID, digest, link})
		}
		if err := tx.markChained(ctx, owner, rows); err != nil {
			return err
		}
		if err := tx.c.bulk(ctx, "audit_link", []string{"owner", "number", "row_id", "digest", "link"}, links); err != nil {
			return err
		}
		sealed = len(rows)
		mac := s.headMAC(owner, number, link)
		_, err = tx.exec(ctx, `INSERT INTO audit_head (owner, number, link, mac) VALUES ($1, $2, $3, $4)
			ON CONFLICT (owner) DO UPDATE SET number = excluded.number, link = excluded.link, mac = excluded.mac`,
			string(owner), number, link, mac)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("seal audit rows of %s: %w", owner, err)
	}
	return sealed, nil
}

// markChained takes rows out of those that wait, many with one statement. Rows that were committed meanwhile, perhaps with smaller ids, are
// not among them, so each is named. That they still wait is said for the sake of PostgreSQL's planner: without statistics it would read
// all rows of the owner.
func (tx *Tx) markChained(ctx context.Context, owner hub.Owner, rows []StoredAuditRow) error {
	const together = 50
	for some := range slices.Chunk(rows, together) {
		args := []any{string(owner)}
		marks := make([]string, len(some))
		for n, r := range some {
			args = append(args, r.ID)
			marks[n] = fmt.Sprintf("$%d", n+2)
		}
		if _, err := tx.exec(ctx, `UPDATE audit SET chained = 1 WHERE chained = 0 AND owner = $1 AND id IN (`+strings.Join(marks, ", ")+`)`, args...); err != nil {
			return err
		}
	}
	return nil
}

// AuditHead is the end of an owner's chain.
type AuditHead struct {
	Number int64  `json:"number"`
	Link   []byte `json:"link"`
	MAC    []byte `json:"mac"`
}

// AuditHead returns the end of an owner's chain; the zero link where there is none.
func (tx *Tx) AuditHead(ctx context.Context, owner hub.Owner) (AuditHead, error) {
	h := AuditHead{Link: make([]byte, sha256.Size)}
	_, err := tx.one(ctx, `SELECT number, link, mac FROM audit_head WHERE owner = $1`, []any{string(owner)}, &h.Number, &h.Link, &h.MAC)
	return h, err
}

func (tx *Tx) auditRows(ctx context.Context, query string, args ...any) ([]StoredAuditRow, error) {
	var out []StoredAuditRow
	err := tx.each(ctx, query, args, func(r rows) error {
		var a StoredAuditRow
		if err := r.Scan(&a.ID, &a.At, &a.Actor, &a.Action, &a.Subject, &a.Sealed); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	})
	return out, err
}
