package store

import (
	"context"
	"fmt"
	"strings"

	"kontor/internal/hub"
	"kontor/internal/vault"
)

// Damage is a sealed value that does not open: what lies on the disk is not what was written there.
type Damage struct {
	Owner  hub.Owner `json:"owner"`
	Table  string    `json:"table"`
	ID     string    `json:"id"`     // of the row, or of the body or file that a chunk or page is of
	Number int64     `json:"number"` // of the chunk, page or attempt, from 0
}

// Scrubbed is what Scrub has looked at.
type Scrubbed struct {
	Values  int64    `json:"values"` // sealed values opened
	Skipped int64    `json:"skipped"`
	Damaged []Damage `json:"damaged"`
}

// maxDamages is how many damages are listed; a disk that has lost more than that needs its backup, not a list.
const maxDamages = 1000

// scrubBatch is how many values one read transaction opens, the largest of them a chunk of 256 KiB.
const scrubBatch = 32

// sealedTable is a table with sealed values. Together the columns of key tell one from another, in the order of an index.
type sealedTable struct {
	name   string
	from   string
	key    []string // owner, id and number, as far as they are columns
	number string   // expression; "0" where there is one value for each id
	value  string
	last   string // expression: the number of the last one
	open   func(k *vault.Keys, id string, number, last int64, sealed []byte) error
}

// sealedTables are all of them.
func sealedTables() []sealedTable {
	row := func(name, owner, id, number string, key ...string) sealedTable {
		return sealedTable{
			name: name, from: name, key: append([]string{owner, id}, key...), number: number, value: "sealed", last: "0",
			open: func(k *vault.Keys, id string, _, _ int64, sealed []byte) error {
				_, err := k.OpenRow(name, id, sealed)
				return err
			},
		}
	}
	return []sealedTable{
		row("tenant", "id", "id", "0"), row("contact", "owner", "id", "0"), row("account", "tenant_id", "id", "0"), row("api_key", "tenant_id", "id", "0"),
		row("payment_file", "tenant_id", "id", "0"), row("event", "tenant_id", "id", "0"), row("audit", "owner", "id", "0"),
		row("sending", "tenant_id", "file_id", "attempt", "attempt"), row("document", "tenant_id", "id", "0"), row("quarantine", "owner", "id", "0"),
		{
			name: "payment_page", from: "payment_page", key: []string{"tenant_id", "file_id", "number"}, number: "number", value: "sealed", last: "0",
			open: func(k *vault.Keys, id string, number, _ int64, sealed []byte) error {
				_, err := k.OpenPage(id, int(number), sealed)
				return err
			},
		},
		{
			name: "chunk", from: "chunk JOIN body ON body.owner = chunk.owner AND body.id = chunk.body_id AND body.state = 'visible'",
			key: []string{"chunk.owner", "chunk.body_id", "chunk.number"}, number: "chunk.number", value: "chunk.data", last: "body.chunks - 1",
			open: func(k *vault.Keys, id string, number, last int64, sealed []byte) error {
				_, err := k.BodyOpener(id).OpenChunk(int(number), number == last, sealed)
				return err
			},
		},
	}
}

// place is where a scrub is in a table.
type place struct {
	owner  hub.Owner
	id     string
	number int64
}

// Scrub opens every sealed value of the database, in many short transactions, and lists those that do not open, and visible bodies that
// lack a chunk. What belongs to owners whose keys were destroyed is skipped. An error means that the scrub is not complete.
func (s *Store) Scrub(ctx context.Context) (Scrubbed, error) {
	var out Scrubbed
	for _, t := range sealedTables() {
		var at place
		for first, more := true, true; more; first = false {
			err := s.Read(ctx, func(tx *Tx) (err error) {
				at, more, err = tx.scrub(ctx, t, at, first, &out)
				return err
			})
			if err != nil {
				return out, fmt.Errorf("scrub %s: %w", t.name, err)
			}
		}
	}
	err := s.Read(ctx, func(tx *Tx) error {
		return tx.each(ctx, `SELECT owner, id FROM body WHERE state = 'visible' AND chunks <>
			(SELECT COUNT(*) FROM chunk WHERE chunk.owner = body.owner AND chunk.body_id = body.id)`, nil, func(r rows) error {
			d := Damage{Table: "body"}
			if err := r.Scan(&d.Owner, &d.ID); err != nil {
				return err
			}
			out.damage(d)
			return nil
		})
	})
	return out, err
}

func (s *Scrubbed) damage(d Damage) {
	if len(s.Damaged) < maxDamages {
		s.Damaged = append(s.Damaged, d)
	}
}

// scrub opens the next values of a table.
func (tx *Tx) scrub(ctx context.Context, t sealedTable, from place, first bool, out *Scrubbed) (at place, more bool, err error) {
	at = from
	query, args := t.next(from, first)
	type value struct {
		place
		last   int64
		sealed []byte
	}
	var batch []value
	err = tx.each(ctx, query, args, func(r rows) error {
		var v value
		if err := r.Scan(&v.owner, &v.id, &v.number, &v.last, &v.sealed); err != nil {
			return err
		}
		batch = append(batch, v)
		return nil
	})
	if err != nil {
		return at, false, err
	}
	for _, v := range batch {
		at = v.place
		keys, err := tx.keys(ctx, v.owner)
		if hub.CodeOf(err) == hub.CodeNotFound {
			out.Skipped++
			continue
		}
		if err != nil {
			return at, false, err
		}
		out.Values++
		if t.open(keys, v.id, v.number, v.last, v.sealed) != nil {
			out.damage(Damage{v.owner, t.name, v.id, v.number})
		}
	}
	return at, len(batch) == scrubBatch, nil
}

// next is the query for the values after a place.
func (t sealedTable) next(from place, first bool) (query string, args []any) {
	var after string
	if !first {
		args = []any{string(from.owner), from.id, from.number}[:len(t.key)]
		marks := []string{"$1", "$2", "$3"}[:len(t.key)]
		after = " WHERE (" + strings.Join(t.key, ", ") + ") > (" + strings.Join(marks, ", ") + ")"
	}
	return fmt.Sprintf(`SELECT %s, %s, %s, %s, %s FROM %s%s ORDER BY %s LIMIT %d`,
		t.key[0], t.key[1], t.number, t.last, t.value, t.from, after, strings.Join(t.key, ", "), scrubBatch), args
}
