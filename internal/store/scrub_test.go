package store_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/internal/vault"
)

// blob is a sealed value of the database.
type blob struct {
	table, column string
	row           any
	data          []byte
}

// blobs lists the sealed values of a database by its schema, not by what the scrub knows.
func blobs(t *testing.T, f *storetest.Fixture) []blob {
	t.Helper()
	var out []blob
	tables := query(t, f, `SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND (c.name = 'sealed' OR m.name = 'chunk' AND c.name = 'data')`)
	if len(tables) < 10 {
		t.Fatalf("the schema has sealed values in %v only", tables)
	}
	for _, table := range tables {
		name, column := table[0].(string), table[1].(string)
		for _, row := range query(t, f, fmt.Sprintf(`SELECT rowid, %s FROM %s`, column, name)) {
			out = append(out, blob{table: name, column: column, row: row[0], data: row[1].([]byte)})
		}
	}
	return out
}

// inhabited is a database with sealed values of every kind.
func inhabited(t *testing.T, f *storetest.Fixture) {
	t.Helper()
	ctx := t.Context()
	tenant := f.NewTenant("alpha")
	f.NewBank("bank")
	contact := f.NewContact(hub.Operator, "bank")
	f.NewAccount(tenant.ID, contact.ID, "DE89370400440532013000")
	f.NewKey(tenant.ID, []byte("hash"))
	file := f.NewFile(tenant.ID, contact.ID, hub.StateSending, 600)
	f.Write(func(tx *store.Tx) error {
		if err := crashNote(ctx, tx, tenant.ID, "subject"); err != nil {
			return err
		}
		body, err := tx.PublishBytes(ctx, tenant.ID.Owner(), store.BodyDocument, noise(1, 600<<10))
		if err != nil {
			return err
		}
		for attempt := range 2 {
			j := hub.Sending{Tenant: tenant.ID, File: file.ID, Attempt: attempt + 1, Contact: contact.ID, Step: hub.StepPrepared, Segments: 1, Prepared: []byte("{}")}
			if err := tx.InsertSending(ctx, j); err != nil {
				return err
			}
		}
		if _, err := tx.InsertQuarantined(ctx, hub.Quarantined{ID: store.NewID(), Owner: hub.Operator, Reason: "test"}, [32]byte{1}); err != nil {
			return err
		}
		_, err = tx.InsertDocument(ctx, hub.Document{ID: hub.DocumentID(body), Tenant: tenant.ID, Created: tx.Now()}, [32]byte{1})
		return err
	})
}

// R6: a flipped bit in any sealed value is found by the scrub, which names the value, and by whoever reads it: the scrub opens values as
// readers do.
func TestR6FlippedBitsAreFound(t *testing.T) {
	f := storetest.SQLite(t)
	inhabited(t, f)
	clean, err := f.Store.Scrub(t.Context())
	must(t, err)
	all := blobs(t, f)
	kinds := map[string]int{}
	for _, b := range all {
		kinds[b.table]++
	}
	if int(clean.Values) != len(all) || len(clean.Damaged) != 0 || clean.Skipped != 0 {
		t.Fatalf("of %d values %v the scrub has opened %d, skipped %d, and calls damaged %v", len(all), kinds, clean.Values, clean.Skipped, clean.Damaged)
	}
	if len(kinds) < 12 {
		t.Errorf("only %v have values", kinds)
	}
	flips := 1000
	if os.Getenv("KONTOR_LONG") == "1" {
		flips = 20_000
	}
	seed := rand.Uint64()
	chance := rand.New(rand.NewPCG(seed, 6))
	for n := range flips {
		b := all[chance.IntN(len(all))]
		bit := chance.IntN(8 * len(b.data))
		wrong := append([]byte(nil), b.data...)
		wrong[bit/8] ^= 1 << (bit % 8)
		set := fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE rowid = $2`, b.table, b.column)
		query(t, f, set, wrong, b.row)
		found, err := f.Store.Scrub(t.Context())
		must(t, err)
		if len(found.Damaged) != 1 || found.Damaged[0].Table != b.table {
			t.Fatalf("seed %d, flip %d, bit %d of %d bytes in %s: found %+v", seed, n, bit, len(b.data), b.table, found.Damaged)
		}
		query(t, f, set, b.data, b.row)
	}
	query(t, f, `DELETE FROM chunk WHERE number = 1`)
	found, err := f.Store.Scrub(t.Context())
	must(t, err)
	if len(found.Damaged) != 1 || found.Damaged[0].Table != "body" {
		t.Errorf("a missing chunk: found %+v", found.Damaged)
	}
}

// What belongs to a destroyed owner is unreadable on purpose.
func TestScrubSkipsDestroyedOwners(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		f.NewFile(tenant.ID, "contact", hub.StateConfirmed, 300)
		before, err := f.Store.Scrub(t.Context())
		must(t, err)
		if before.Values == 0 || before.Skipped != 0 || len(before.Damaged) != 0 {
			t.Fatalf("before: %+v", before)
		}
		must(t, f.Vault.DestroyOwner(vault.Owner(tenant.ID.Owner())))
		after, err := f.Store.Scrub(t.Context())
		must(t, err)
		if after.Skipped == 0 || len(after.Damaged) != 0 {
			t.Errorf("after: %+v", after)
		}
	})
}
