package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"kontor/internal/hub"
)

// AuditRecord is one line of an exported chain: first the head, then every row in the order of its link.
type AuditRecord struct {
	Owner  hub.Owner       `json:"owner"`
	Head   *AuditHead      `json:"head,omitempty"`
	Number int64           `json:"number,omitempty"`
	RowID  string          `json:"rowId,omitempty"` // as the link names it
	Row    *StoredAuditRow `json:"row,omitempty"`
	Digest []byte          `json:"digest,omitempty"` // of the row, as the link has it
	Link   []byte          `json:"link,omitempty"`
}

// AuditLink returns one link of an owner's chain.
func (tx *Tx) AuditLink(ctx context.Context, owner hub.Owner, number int64) (link []byte, found bool, err error) {
	found, err = tx.one(ctx, `SELECT link FROM audit_link WHERE owner = $1 AND number = $2`, []any{string(owner), number}, &link)
	return link, found, err
}

// AuditOwners lists every owner there is, also one whose rows and chain are gone.
func (tx *Tx) AuditOwners(ctx context.Context) ([]hub.Owner, error) {
	var out []hub.Owner
	err := tx.each(ctx, `SELECT owner FROM owner_key UNION SELECT owner FROM audit UNION SELECT owner FROM audit_link UNION SELECT owner FROM audit_head ORDER BY 1`, nil, func(r rows) error {
		var o hub.Owner
		if err := r.Scan(&o); err != nil {
			return err
		}
		out = append(out, o)
		return nil
	})
	return out, err
}

// ExportAudit writes an owner's chain as JSON lines, for verification elsewhere.
func (s *Store) ExportAudit(ctx context.Context, owner hub.Owner, w io.Writer) error {
	enc := json.NewEncoder(w)
	return s.Read(ctx, func(tx *Tx) error {
		head, err := tx.AuditHead(ctx, owner)
		if err != nil {
			return err
		}
		if err := enc.Encode(AuditRecord{Owner: owner, Head: &head}); err != nil {
			return err
		}
		return tx.eachLinked(ctx, owner, func(rec AuditRecord) error { return enc.Encode(rec) })
	})
}

// eachLinked walks links and their rows; a link whose row is missing, or is not marked as chained, has a nil Row, a row marked as chained
// that has no link comes last with Number 0.
func (tx *Tx) eachLinked(ctx context.Context, owner hub.Owner, visit func(AuditRecord) error) error {
	err := tx.each(ctx, `SELECT l.number, l.link, l.digest, l.row_id, COALESCE(a.id, ''), COALESCE(a.at, 0), COALESCE(a.actor, ''), COALESCE(a.action, ''),
			COALESCE(a.subject, ''), a.sealed
		FROM audit_link l LEFT JOIN audit a ON a.owner = l.owner AND a.id = l.row_id AND a.chained = 1 WHERE l.owner = $1 ORDER BY l.number`,
		[]any{string(owner)}, func(r rows) error {
			rec := AuditRecord{Owner: owner, Row: &StoredAuditRow{}}
			if err := r.Scan(&rec.Number, &rec.Link, &rec.Digest, &rec.RowID, &rec.Row.ID, &rec.Row.At, &rec.Row.Actor, &rec.Row.Action, &rec.Row.Subject, &rec.Row.Sealed); err != nil {
				return err
			}
			if rec.Row.ID == "" {
				rec.Row = nil
			}
			return visit(rec)
		})
	if err != nil {
		return err
	}
	loose, err := tx.auditRows(ctx, `SELECT id, at, actor, action, subject, sealed FROM audit a WHERE owner = $1 AND chained = 1
		AND NOT EXISTS (SELECT 1 FROM audit_link l WHERE l.owner = a.owner AND l.row_id = a.id) ORDER BY id`, string(owner))
	if err != nil {
		return err
	}
	for _, r := range loose {
		if err := visit(AuditRecord{Owner: owner, RowID: r.ID, Row: &r}); err != nil {
			return err
		}
	}
	return nil
}

// AuditFault names the first bad place of a chain.
type AuditFault struct {
	Owner  hub.Owner
	Number int64
	RowID  string
	Reason string
}

// Error describes the fault.
func (f *AuditFault) Error() string {
	return fmt.Sprintf("audit chain of %s is broken at link %d (row %s): %s", f.Owner, f.Number, f.RowID, f.Reason)
}

// Chain verifies records of one owner in order; Close says whether the end fits the head.
type Chain struct {
	Owner  hub.Owner
	head   AuditHead
	number int64
	link   []byte
}

// Verified is how many links were found right.
func (c *Chain) Verified() int64 { return c.number }

// Add verifies the next record. It returns an *AuditFault at the first bad one.
func (c *Chain) Add(rec AuditRecord) error {
	if rec.Head != nil {
		c.Owner, c.head, c.number, c.link = rec.Owner, *rec.Head, 0, make([]byte, sha256.Size)
		return nil
	}
	fault := &AuditFault{Owner: c.Owner, Number: c.number + 1, RowID: rec.RowID}
	switch {
	case rec.Number != c.number+1:
		fault.Reason = fmt.Sprintf("link %d was expected, %d found", c.number+1, rec.Number)
		return fault
	case rec.Row == nil:
		fault.Reason = "its row is missing, or marked as not chained"
		return fault
	case rec.Row.ID != rec.RowID:
		fault.Reason = fmt.Sprintf("it stands with another row, %s", rec.Row.ID)
		return fault
	}
	digest := rec.Row.Digest(c.Owner)
	link := NextLink(c.link, rec.Number, digest)
	if !bytes.Equal(digest, rec.Digest) || !bytes.Equal(link, rec.Link) {
		fault.Reason = "the row or its link was changed"
		return fault
	}
	c.number, c.link = rec.Number, link
	return nil
}

// Close checks that the chain ends where its head says. mac recomputes the head's seal; nil (offline, without the root key) skips it.
func (c *Chain) Close(mac func(owner hub.Owner, number int64, link []byte) []byte) error {
	if c.number != c.head.Number {
		fault := &AuditFault{Owner: c.Owner, Number: min(c.number, c.head.Number) + 1}
		fault.Reason = fmt.Sprintf("the chain ends after %d links, its head says %d", c.number, c.head.Number)
		return fault
	}
	if !bytes.Equal(c.link, c.head.Link) {
		return &AuditFault{Owner: c.Owner, Number: c.number, Reason: "the chain ends with another link than its head says"}
	}
	if mac != nil && c.head.Number > 0 && !hmac.Equal(mac(c.Owner, c.number, c.link), c.head.MAC) {
		return &AuditFault{Owner: c.Owner, Number: c.number, Reason: "the head's seal is wrong"}
	}
	return nil
}

// VerifyAudit verifies an owner's chain in the database and returns how many rows it holds and how many committed rows are not
// chained yet.
func (s *Store) VerifyAudit(ctx context.Context, owner hub.Owner) (chained, pending int64, err error) {
	err = s.Read(ctx, func(tx *Tx) error {
		head, err := tx.AuditHead(ctx, owner)
		if err != nil {
			return err
		}
		var c Chain
		if err := c.Add(AuditRecord{Owner: owner, Head: &head}); err != nil {
			return err
		}
		if err := tx.eachLinked(ctx, owner, c.Add); err != nil {
			return err
		}
		chained = c.Verified()
		if err := c.Close(s.headMAC); err != nil {
			return err
		}
		_, err = tx.one(ctx, `SELECT COUNT(*) FROM audit WHERE owner = $1 AND chained = 0`, []any{string(owner)}, &pending)
		return err
	})
	return chained, pending, err
}

// VerifyExport verifies an exported chain without a database. It returns the owner and the number of links found right. Without the
// root key the head's seal is not checked.
func VerifyExport(r io.Reader) (owner hub.Owner, links int64, err error) {
	var c Chain
	dec := json.NewDecoder(r)
	for n := 0; ; n++ {
		var rec AuditRecord
		err := dec.Decode(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return c.Owner, c.number, fmt.Errorf("read record %d: %w", n+1, err)
		}
		if (n == 0) != (rec.Head != nil) {
			return c.Owner, c.number, &AuditFault{Owner: c.Owner, Number: c.number + 1, Reason: "an export begins with its head, once"}
		}
		if err := c.Add(rec); err != nil {
			return c.Owner, c.number, err
		}
	}
	if c.link == nil {
		return "", 0, errors.New("the export is empty")
	}
	return c.Owner, c.number, c.Close(nil)
}
