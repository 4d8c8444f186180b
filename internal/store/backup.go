package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"kontor/internal/hub"
	"kontor/internal/store/archive"
	"kontor/internal/vault"
)

// backedUp are the tables of a backup, in an order in which rows come after those that they refer to, each with its key. What is not here
// is made anew: access tokens (clients log in again), jobs (hints, see package job), and the bookkeeping of migrations.
var backedUp = []backupTable{
	{"owner_key", "owner"},
	{"tenant", "id"},
	{"bank", "id"},
	{"contact", "id"},
	{"account", "tenant_id, id"},
	{"api_key", "tenant_id, id"},
	{"body", "owner, id"},
	{"chunk", "owner, body_id, number"},
	{"payment_file", "tenant_id, id"},
	{"payment_page", "tenant_id, file_id, number"},
	{"submission", "tenant_id, digest"},
	{"history_file", "tenant_id, kind, file_id"},
	{"history_print", "tenant_id, file_id, kind, number, fingerprint"},
	{"counted_time", "id"},
	{"bank_directory", "id"},
	{"bank_directory_part", "number"},
	{"event", "tenant_id, id"},
	{"audit", "owner, id"},
	{"audit_link", "owner, number"},
	{"audit_head", "owner"},
	{"lease", "resource"},
	{"backoff", "resource"},
	{"poll", "contact_id, order_type"},
	{"sending", "tenant_id, file_id, attempt"},
	{"download", "contact_id, id"},
	{"protocol_event", "contact_id, digest"},
	{"document", "tenant_id, id"},
	{"quarantine", "owner, id"},
}

type backupTable struct{ name, key string }

// tablesSince are the tables that came with later versions: a database that has not been migrated yet does not have them.
var tablesSince = map[string]int64{"counted_time": 4, "history_file": 5, "history_print": 5, "bank_directory": 6, "bank_directory_part": 6}

// backupKey follows from the root key.
func (s *Store) backupKey() []byte { return s.vault.Pepper("backup") }

// Backup writes all tables as they are at one moment, while others go on reading and writing. Confidential content stays sealed, and no
// key is among it but those that only the key store can open. program is the version that makes the backup.
func (s *Store) Backup(ctx context.Context, w io.Writer, program string) (archive.Manifest, error) {
	var m archive.Manifest
	err := s.Read(ctx, func(tx *Tx) error {
		m = archive.Manifest{Program: program, Engine: string(s.engine), Created: s.Now()}
		if _, err := tx.one(ctx, `SELECT MAX(version_id) FROM goose_db_version`, nil, &m.Schema); err != nil {
			return fmt.Errorf("read version of the tables: %w", err)
		}
		a, err := archive.NewWriter(w, s.backupKey())
		if err != nil {
			return err
		}
		for _, t := range backedUp {
			if m.Schema < tablesSince[t.name] {
				continue
			}
			if err := tx.backUp(ctx, a, t.name, t.key); err != nil {
				return fmt.Errorf("back up table %s: %w", t.name, err)
			}
		}
		m, err = a.Close(m)
		return err
	})
	return m, err
}

func (tx *Tx) backUp(ctx context.Context, a *archive.Writer, table, key string) error {
	columns, err := tx.columns(ctx, table)
	if err != nil {
		return err
	}
	if err := a.Table(table, columns); err != nil {
		return err
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return tx.each(ctx, `SELECT `+strings.Join(names, ", ")+` FROM `+table+` ORDER BY `+key, nil, func(r rows) error {
		values, err := scanRow(r, columns)
		if err != nil {
			return err
		}
		return a.Row(values)
	})
}

func scanRow(r rows, columns []archive.Column) ([]any, error) {
	into := make([]any, len(columns))
	for i, c := range columns {
		switch c.Kind {
		case archive.Number:
			into[i] = new(int64)
		case archive.Text:
			into[i] = new(string)
		case archive.Bytes:
			into[i] = new([]byte)
		}
	}
	if err := r.Scan(into...); err != nil {
		return nil, err
	}
	for i := range into {
		switch v := into[i].(type) {
		case *int64:
			into[i] = *v
		case *string:
			into[i] = *v
		case *[]byte:
			into[i] = *v
		}
	}
	return into, nil
}

// columns reads a table's columns from the database.
func (tx *Tx) columns(ctx context.Context, table string) ([]archive.Column, error) {
	query := `SELECT name, LOWER(type) FROM pragma_table_info($1) ORDER BY cid`
	if tx.s.engine == Postgres {
		query = `SELECT column_name::text, data_type::text FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position`
	}
	var out []archive.Column
	err := tx.each(ctx, query, []any{table}, func(r rows) error {
		var name, kind string
		if err := r.Scan(&name, &kind); err != nil {
			return err
		}
		c := archive.Column{Name: name}
		switch kind {
		case "bigint":
			c.Kind = archive.Number
		case "text":
			c.Kind = archive.Text
		case "blob", "bytea":
			c.Kind = archive.Bytes
		default:
			return fmt.Errorf("column %s is of type %s", name, kind)
		}
		out = append(out, c)
		return nil
	})
	if err == nil && len(out) == 0 {
		err = errors.New("there is no such table")
	}
	return out, err
}

// OpenBackup reads a backup through and says what is wrong with it, if anything: an error that is archive.ErrDamaged.
func (s *Store) OpenBackup(r io.ReadSeeker) (*archive.Reader, error) {
	return archive.Open(r, s.backupKey())
}

// ForBackups returns a store without a database, which can open backups and nothing else.
func ForBackups(v *vault.Vault) *Store { return &Store{vault: v} }

// IsEmpty says whether a backup of these tables can be restored into the database: there are no tables yet, or those of that version with
// nothing in them, as an interrupted restore leaves them.
func (s *Store) IsEmpty(ctx context.Context, m archive.Manifest) error {
	have, newest, err := s.versions(ctx)
	switch {
	case err != nil:
		return err
	case m.Schema > newest:
		return hub.Errorf(hub.CodeInvalid, "the backup is of version %d, this program knows %d: use the newer program", m.Schema, newest)
	}
	for _, t := range m.Tables {
		if !slices.ContainsFunc(backedUp, func(b backupTable) bool { return b.name == t.Name }) {
			return hub.Errorf(hub.CodeInvalid, "the backup has a table %s, which this program does not know", t.Name)
		}
	}
	switch {
	case have == 0:
		return nil
	case have != m.Schema:
		return hub.Errorf(hub.CodeConflict, "the database is in use, or has tables of another version: a backup is restored into an empty one")
	}
	return s.Read(ctx, func(tx *Tx) error { return tx.nothingIn(ctx, m) })
}

func (tx *Tx) nothingIn(ctx context.Context, m archive.Manifest) error {
	for _, t := range m.Tables {
		var one int64
		found, err := tx.one(ctx, `SELECT 1 FROM `+t.Name+` LIMIT 1`, nil, &one)
		if err != nil {
			return err
		}
		if found {
			return hub.Errorf(hub.CodeConflict, "the database is not empty: there is something in %s", t.Name)
		}
	}
	return nil
}

// Restore fills an empty database with a backup, all of it or nothing, and brings the tables to this program's version. Leases are given
// back, so that their fences go on growing and nobody waits for a holder of another time. fits is asked within the transaction, when
// everything is in it; its error undoes all. What was on its way when the backup was made is still queued or being sent: it may have been
// sent since, so nothing may be sent before package dispatch has taken all of it in doubt.
func (s *Store) Restore(ctx context.Context, a *archive.Reader, fits func(tx *Tx) error) error {
	if err := s.IsEmpty(ctx, a.Manifest); err != nil {
		return err
	}
	if err := s.migrate(ctx, a.Manifest.Schema); err != nil {
		return err
	}
	err := s.Write(ctx, func(tx *Tx) error {
		if err := a.Rewind(); err != nil {
			return err
		}
		if err := tx.nothingIn(ctx, a.Manifest); err != nil {
			return err
		}
		for {
			t, err := a.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil {
				err = tx.restore(ctx, a, t)
			}
			if err != nil {
				return fmt.Errorf("restore table %s: %w", t.Name, err)
			}
		}
		if _, err := tx.exec(ctx, `UPDATE lease SET until = 0`); err != nil {
			return err
		}
		return fits(tx)
	})
	if err != nil {
		return err
	}
	return s.Migrate(ctx)
}

// restoreBatch is how many bytes of rows are in memory before they are written.
const restoreBatch = 4 << 20

func (tx *Tx) restore(ctx context.Context, a *archive.Reader, t archive.Table) error {
	have, err := tx.columns(ctx, t.Name)
	if err != nil {
		return err
	}
	if err := sameColumns(have, t.Columns); err != nil {
		return err
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	var batch [][]any
	size := 0
	for {
		row, err := a.Row()
		if errors.Is(err, io.EOF) {
			return tx.c.bulk(ctx, t.Name, names, batch)
		}
		if err != nil {
			return err
		}
		batch = append(batch, row)
		if size += weight(row); size < restoreBatch {
			continue
		}
		if err := tx.c.bulk(ctx, t.Name, names, batch); err != nil {
			return err
		}
		batch, size = batch[:0], 0
	}
}

func weight(row []any) (n int) {
	for _, v := range row {
		switch v := v.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
		n += 16
	}
	return n
}

func sameColumns(have, want []archive.Column) error {
	kinds := map[string]archive.Kind{}
	for _, c := range have {
		kinds[c.Name] = c.Kind
	}
	for _, c := range want {
		if kinds[c.Name] != c.Kind {
			return fmt.Errorf("column %s is a %s in the backup and a %q here", c.Name, c.Kind, kinds[c.Name])
		}
	}
	if len(have) != len(want) {
		return fmt.Errorf("%d columns in the backup and %d here", len(want), len(have))
	}
	return nil
}
