package store_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/archive"
	"kontor/internal/store/storetest"
)

// furnished has something in every table that a backup holds.
func furnished(t *testing.T, f *storetest.Fixture) (tenant hub.Tenant, file hub.PaymentFile) {
	t.Helper()
	ctx := t.Context()
	tenant = f.NewTenant("alpha")
	contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
	account := f.NewAccount(tenant.ID, contact.ID, storetest.IBAN(1))
	key := f.NewKey(tenant.ID, bytes.Repeat([]byte{1}, 32))
	file = f.NewFile(tenant.ID, contact.ID, hub.StateQueued, 300)
	remembered(t, f, tenant.ID, contact.ID, hub.StateQueued, "a payment", 1)
	f.Lease("file:x", "somebody", 1e12)
	counting, _ := counter(t, f)
	_, err := counting.CountTime(ctx, store.Uptime{})
	must(t, err)
	must(t, f.Store.Postpone(ctx, store.ContactResource(contact.ID), "silent", 1e12, 1e12))
	_, err = setDirectory(t, f, "", someDirectory(3))
	must(t, err)
	f.Write(func(tx *store.Tx) error {
		for _, step := range []func() error{
			func() error {
				return tx.InsertPoll(ctx, hub.Poll{Contact: contact.ID, OrderType: "C53", Kind: hub.PollStatement})
			},
			func() error { return tx.InsertToken(ctx, []byte("a hash"), tenant.ID, key.ID, f.Now()) },
			func() error {
				_, err := tx.ClaimSubmission(ctx, tenant.ID, [32]byte{1}, file.ID, 1e12)
				return err
			},
			func() error { return tx.Transit(ctx, tenant.ID, file.ID, hub.Send(), store.Change{Actor: tester}) },
			func() error {
				return tx.InsertSending(ctx, hub.Sending{Tenant: tenant.ID, File: file.ID, Attempt: 1, Contact: contact.ID, Step: hub.StepPrepared, Started: f.Now(), Updated: f.Now()})
			},
			func() error {
				d := hub.Download{ID: "d", Contact: contact.ID, Owner: hub.Operator, OrderType: "C53", Kind: hub.PollStatement, State: hub.DownloadStored, Created: f.Now()}
				return tx.InsertDownload(ctx, d)
			},
			func() error {
				_, err := tx.FirstSight(ctx, contact.ID, "an event")
				return err
			},
			func() error {
				_, err := tx.InsertDocument(ctx, hub.Document{ID: "doc", Tenant: tenant.ID, Account: account.ID, Kind: "statement", Format: "camt.053", Created: f.Now()}, [32]byte{2})
				return err
			},
			func() error {
				_, err := tx.InsertQuarantined(ctx, hub.Quarantined{ID: "q", Owner: hub.Operator, Contact: contact.ID, Download: "d", Reason: "account", Created: f.Now()}, [32]byte{3})
				return err
			},
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	sealAll(t, f)
	return tenant, file
}

func sealAll(t *testing.T, f *storetest.Fixture) {
	t.Helper()
	var owners []hub.Owner
	f.Read(func(tx *store.Tx) (err error) {
		owners, err = tx.AuditOwnersToSeal(t.Context())
		return err
	})
	for _, o := range owners {
		l := f.Lease("audit:"+string(o), "sealer", 1e10)
		_, err := f.Store.SealAudit(t.Context(), o, l, 1000)
		must(t, err)
		must(t, f.Store.Release(t.Context(), l))
	}
}

// empty opens another, empty database of the engine with the fixture's keys.
func empty(t *testing.T, f *storetest.Fixture, engine string) *store.Store {
	t.Helper()
	database := t.TempDir() + "/other.db"
	if engine == "postgres" {
		database = pgtest.Database(t)
	}
	s, err := store.Open(t.Context(), store.Options{Database: database, Vault: f.Vault, Now: f.Now})
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func backup(t *testing.T, s *store.Store) ([]byte, archive.Manifest) {
	t.Helper()
	var out bytes.Buffer
	m, err := s.Backup(t.Context(), &out, "test")
	must(t, err)
	return out.Bytes(), m
}

func nothing(*store.Tx) error { return nil }

func restore(t *testing.T, s *store.Store, file []byte, fits func(tx *store.Tx) error) error {
	t.Helper()
	a, err := s.OpenBackup(bytes.NewReader(file))
	must(t, err)
	defer a.Close()
	return s.Restore(t.Context(), a, fits)
}

// content is all rows of all tables of a backup, as text.
func content(t *testing.T, s *store.Store, file []byte) map[string][]string {
	t.Helper()
	a, err := s.OpenBackup(bytes.NewReader(file))
	must(t, err)
	defer a.Close()
	out := map[string][]string{}
	for {
		table, err := a.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		must(t, err)
		for {
			row, err := a.Row()
			if errors.Is(err, io.EOF) {
				break
			}
			must(t, err)
			line := ""
			for i, c := range table.Columns {
				if table.Name == "lease" && c.Name == "until" {
					continue // leases are given back by a restore
				}
				line += fmt.Sprintf("%s=%v ", c.Name, row[i])
			}
			out[table.Name] = append(out[table.Name], line)
		}
	}
}

// One format for both engines: a backup is also the way from one to the other.
func TestBackupRestoresOnEitherEngine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant, file := furnished(t, f)
		raw, m := backup(t, f.Store)
		was := content(t, f.Store, raw)
		for _, table := range m.Tables {
			if table.Rows == 0 {
				t.Errorf("the test has nothing in %s", table.Name)
			}
		}
		for _, engine := range []string{"sqlite", "postgres"} {
			t.Run("to "+engine, func(t *testing.T) {
				s := empty(t, f, engine)
				must(t, restore(t, s, raw, nothing))
				again, _ := backup(t, s)
				is := content(t, s, again)
				for name, rows := range was {
					if slices.Sort(rows); !slices.Equal(rows, sorted(is[name])) {
						t.Errorf("%s: %d rows are %d others", name, len(rows), len(is[name]))
					}
				}
				readable(t, s, tenant, file)
				if err := restore(t, s, raw, nothing); hub.CodeOf(err) != hub.CodeConflict || !strings.Contains(err.Error(), "not empty") {
					t.Errorf("once more: %v", err)
				}
				l, held, err := s.Acquire(t.Context(), "file:x", "me", 1e9)
				if err != nil || !held || l.Fence < 2 {
					t.Errorf("a lease of the old place: %+v %v %v", l, held, err)
				}
			})
		}
	})
}

func sorted(rows []string) []string {
	slices.Sort(rows)
	return rows
}

func readable(t *testing.T, s *store.Store, tenant hub.Tenant, file hub.PaymentFile) {
	t.Helper()
	must(t, s.Read(t.Context(), func(tx *store.Tx) error {
		got, err := tx.File(t.Context(), tenant.ID, file.ID)
		if got.State != hub.StateSending || got.Detail.MessageID != file.Detail.MessageID {
			t.Errorf("file %+v", got)
		}
		return err
	}))
	b, err := s.OpenBody(t.Context(), tenant.ID.Owner(), hub.BodyID(file.ID))
	must(t, err)
	text, err := io.ReadAll(b)
	must(t, errors.Join(err, b.Close()))
	if string(text) != "<Document/>" {
		t.Errorf("body %q", text)
	}
	if n, _, err := s.VerifyAudit(t.Context(), tenant.ID.Owner()); err != nil || n == 0 {
		t.Errorf("chain of %d rows: %v", n, err)
	}
}

// Every table is either backed up or knowingly not.
func TestEveryTableIsBackedUpOrMadeAnew(t *testing.T) {
	anew := []string{"access_token", "goose_db_version", "sqlite_sequence"}
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		_, m := backup(t, f.Store)
		known := slices.Clone(anew)
		for _, table := range m.Tables {
			known = append(known, table.Name)
		}
		list := `SELECT name FROM sqlite_master WHERE type = 'table'`
		if f.Store.Engine() == store.Postgres {
			list = `SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()`
		}
		all := query(t, f, list)
		if len(all) < 20 {
			t.Fatalf("%d tables", len(all))
		}
		for _, row := range all {
			name, _ := row[0].(string)
			if !slices.Contains(known, name) && !strings.HasPrefix(name, "river_") {
				t.Errorf("table %q is in no backup", name)
			}
		}
	})
}

// A backup may lie on a disk that others can read.
func TestBackupHoldsNoSecret(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		furnished(t, f)
		raw, _ := backup(t, f.Store)
		plain := ""
		for name, rows := range content(t, f.Store, raw) {
			plain += name + strings.Join(rows, "\n")
		}
		root, err := hex.DecodeString(storetest.RootKey)
		must(t, err)
		for name, secret := range map[string]string{
			"the root key": string(root), "the root key as text": storetest.RootKey, "a private key": "PRIVATE KEY", "a contact's keys": "no real keys",
			"the key of backups": string(f.Vault.Pepper("backup")), "a name": "Tenant alpha", "an IBAN": storetest.IBAN(1), "a creditor": "Creditor 7", "a payment file": "<Document/>",
		} {
			if strings.Contains(plain, secret) || strings.Contains(plain, fmt.Sprint([]byte(secret))[1:]) || bytes.Contains(raw, []byte(secret)) {
				t.Errorf("%s is in the backup", name)
			}
		}
	})
}

func TestRestoreIsAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		furnished(t, f)
		raw, _ := backup(t, f.Store)
		s := empty(t, f, string(f.Store.Engine()))
		refusal := errors.New("the keys are others")
		if err := restore(t, s, raw, func(*store.Tx) error { return refusal }); !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
		must(t, s.Read(t.Context(), func(tx *store.Tx) error {
			all, err := tx.Tenants(t.Context())
			if len(all) != 0 {
				t.Errorf("%d tenants are there", len(all))
			}
			return err
		}))
		must(t, restore(t, s, raw, nothing)) // nothing was left that would be in the way
	})
}

func TestBackupIsNotRestoredIntoAUsedDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		f.NewTenant("alpha")
		raw, _ := backup(t, f.Store)
		wantCode(t, restore(t, f.Store, raw, nothing), hub.CodeConflict)
	})
}

// A backup is of one moment, however busy the hub is: every file that is in it is whole, and every one that was acknowledged before is in.
func TestBackupUnderLoadIsOfOneMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant := f.NewTenant("alpha")
		contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
		ctx, stop := context.WithCancel(t.Context())
		var mu sync.Mutex
		var acknowledged []hub.FileID
		started := make(chan struct{}, 100)
		var writers sync.WaitGroup
		for range 3 {
			writers.Go(func() {
				for ctx.Err() == nil {
					file := f.NewFile(tenant.ID, contact.ID, hub.StateQueued, 3)
					mu.Lock()
					acknowledged = append(acknowledged, file.ID)
					mu.Unlock()
					select {
					case started <- struct{}{}:
					default:
					}
				}
			})
		}
		for range 20 {
			<-started
		}
		mu.Lock()
		before := slices.Clone(acknowledged)
		mu.Unlock()
		raw, _ := backup(t, f.Store)
		stop()
		writers.Wait()
		s := empty(t, f, "sqlite")
		must(t, restore(t, s, raw, nothing))
		for _, id := range before {
			must(t, s.Read(t.Context(), func(tx *store.Tx) error {
				_, err := tx.File(t.Context(), tenant.ID, id)
				return err
			}))
		}
		all, _ := backup(t, s)
		rows := content(t, s, all)
		if files, pages := len(rows["payment_file"]), len(rows["payment_page"]); files < len(before) || pages < files {
			t.Errorf("%d files with %d pages", files, pages)
		}
	})
}

// An old backup is of no use if the program of today cannot read it.
func TestBackupOfAnEarlierVersionIsRestored(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		f.NewTenant("alpha")
		contact := f.NewContact(hub.Operator, f.NewBank("bank").ID)
		backTo(t, f, 1)
		raw, m := backup(t, f.Store)
		if m.Schema != 1 {
			t.Fatalf("version %d", m.Schema)
		}
		s := empty(t, f, "sqlite")
		must(t, restore(t, s, raw, nothing))
		must(t, s.Read(t.Context(), func(tx *store.Tx) error {
			polls, err := tx.Polls(t.Context(), contact.ID)
			if len(polls) != 2 { // the second version's migration has added them
				t.Errorf("polls %+v", polls)
			}
			return err
		}))
	})
}
