package app

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/archive"
)

const reason = "the backup of this morning, the disk is gone"

// inhabited is an installation with a queued file and a folder for backups, closed again.
func inhabited(t *testing.T, database string) (s config.Storage, tenant hub.TenantID, file hub.FileID) {
	t.Helper()
	ctx := t.Context()
	s = config.Storage{Data: t.TempDir(), Database: database, BackupFolder: t.TempDir()}
	h, err := Open(ctx, s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	by := hub.OperatorActor("test")
	added, err := h.Onboard.AddTenant(ctx, by, "acme", "Acme", hub.TenantSettings{})
	if err != nil {
		t.Fatal(err)
	}
	file = hub.FileID(store.NewID())
	err = h.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertFile(ctx, hub.PaymentFile{
			ID: file, Tenant: added.ID, Contact: "contact", Key: "key", State: hub.StateQueued, Format: "pain.001.001.09", OrderType: "CCT", Count: 1,
			Currency: "EUR", Created: h.Store.Now(), Updated: h.Store.Now(),
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := (&sealer{store: h.Store, anchors: h.anchors, node: "test"}).sealAll(ctx); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return s, added.ID, file
}

func backedUp(t *testing.T, s config.Storage) string {
	t.Helper()
	h, err := Open(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Backup(t.Context(), hub.OperatorActor("test"), s, "", "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Path
}

// elsewhere is an empty place with a copy of the keys of an installation.
func elsewhere(t *testing.T, s config.Storage, database string) config.Storage {
	t.Helper()
	to := config.Storage{Data: t.TempDir(), Database: database}
	if err := os.CopyFS(to.KeyFolder(), os.DirFS(s.KeyFolder())); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to.KeyFolder(), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.Chmod(path, 0o700)
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// A restored backup sends nothing by itself, whichever way it came, and its chains fit their anchors again.
func TestRestoredDatabaseIsTakenUp(t *testing.T) {
	for _, from := range []string{"sqlite", "postgres"} {
		for _, to := range []string{"sqlite", "postgres"} {
			t.Run(from+" to "+to, func(t *testing.T) {
				ctx := t.Context()
				database := map[string]func() string{"sqlite": func() string { return "" }, "postgres": func() string { return pgtest.Database(t) }}
				s, tenant, file := inhabited(t, database[from]())
				backup := backedUp(t, s)
				there := elsewhere(t, s, database[to]())
				if b, err := CheckBackup(there, backup); err != nil || b.Manifest.Rows() < 5 || b.Manifest.Engine != from {
					t.Fatalf("checked: %+v %v", b, err)
				}
				r, err := Restore(ctx, there, hub.OperatorActor("test"), backup, reason, quiet)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(r.Unclear, func(f FileRef) bool { return f.File == file && f.Tenant == tenant }) {
					t.Errorf("unclear %+v", r.Unclear)
				}
				h, err := Open(ctx, there, quiet)
				if err != nil {
					t.Fatal(err)
				}
				if err := h.anchors.fits(ctx, h.Store); err != nil {
					t.Error(err)
				}
				if err := (&sealer{store: h.Store, anchors: h.anchors, node: "test"}).sealAll(ctx); err != nil {
					t.Error(err)
				}
				all, err := h.VerifyAudit(ctx, "")
				for _, chain := range all {
					if chain.Fault != "" || chain.Pending != 0 {
						t.Errorf("chain %+v", chain)
					}
				}
				if err != nil || len(all) != 2 {
					t.Errorf("%d chains, %v", len(all), err)
				}
				if err := h.Close(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

// If the process dies in the middle of a restore, nobody must take what is there for an installation at work.
func TestUnfinishedRestoreIsNotServed(t *testing.T) {
	s, _, _ := inhabited(t, "")
	backup := backedUp(t, s)
	there := elsewhere(t, s, "")
	o, err := openForRestore(t.Context(), there)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(o.restore(t.Context(), backup, &Restoration{}), o.store.Close()); err != nil {
		t.Fatal(err)
	}
	serving := settings(there.Data)
	err = Serve(t.Context(), serving, &bytes.Buffer{}, quiet)
	if err == nil || !strings.Contains(err.Error(), "kontor admin restored") {
		t.Fatalf("serve: %v", err)
	}
	h, err := Open(t.Context(), there, quiet)
	if err != nil {
		t.Fatal(err)
	}
	if files, err := h.Restored(t.Context(), hub.OperatorActor("test"), reason); err != nil || len(files) != 1 {
		t.Errorf("%d files, %v", len(files), err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	serve(t, serving).end()
}

func TestRestoreRefuses(t *testing.T) {
	s, _, _ := inhabited(t, "")
	backup := backedUp(t, s)
	changed := filepath.Join(t.TempDir(), "changed")
	raw, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	raw[bytes.Index(raw, []byte(`{"name":"payment_page"`))-20] ^= 1 // among the rows of the table before
	if err := os.WriteFile(changed, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	fresh, _, _ := inhabited(t, "")
	for _, tc := range []struct {
		name   string
		to     func() config.Storage
		from   string
		reason string
		want   string
	}{
		{"a changed backup", func() config.Storage { return elsewhere(t, s, "") }, changed, reason, "table payment_file was changed"},
		{"no reason", func() config.Storage { return elsewhere(t, s, "") }, backup, "", "reason"},
		{"no keys", func() config.Storage { return config.Storage{Data: t.TempDir()} }, backup, reason, "bring back the keys first"},
		{"other keys", func() config.Storage { return elsewhere(t, fresh, "") }, backup, reason, "another root key"},
		{"a database in use", func() config.Storage { return s }, backup, reason, "not empty"},
		{"the root key alone", func() config.Storage {
			to := elsewhere(t, s, "")
			if err := os.RemoveAll(filepath.Join(to.KeyFolder(), "owners")); err != nil {
				t.Fatal(err)
			}
			return to
		}, backup, reason, "keys that belong to the backup"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			to := tc.to()
			before := anchorsOf(t, to)
			_, err := Restore(t.Context(), to, hub.OperatorActor("test"), tc.from, tc.reason, quiet)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
			if after := anchorsOf(t, to); after != before {
				t.Errorf("the anchors were %s and are %s", before, after)
			}
		})
	}
	if err := opens(t, s); err != nil {
		t.Errorf("the installation whose database was in use: %v", err)
	}
}

func anchorsOf(t *testing.T, s config.Storage) (all string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.KeyFolder(), "anchors", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all += filepath.Base(f) + string(text)
	}
	return all
}

// The hub writes only where it is configured to.
func TestBackupGoesIntoItsFolderOnly(t *testing.T) {
	s, _, _ := inhabited(t, "")
	h, err := Open(t.Context(), s, quiet)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()
	by := hub.OperatorActor("test")
	if b, err := h.Backup(t.Context(), by, s, "first", "test"); err != nil || b.Path != filepath.Join(s.BackupFolder, "first") {
		t.Fatalf("%+v %v", b, err)
	}
	if _, err := h.Backup(t.Context(), by, s, filepath.Join(s.BackupFolder, "second"), "test"); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name   string
		folder string
		file   string
		want   string
	}{
		{"no folder", "", "a", "set backup-folder"},
		{"a folder that is not there", filepath.Join(s.Data, "absent"), "a", "is not there"},
		{"another folder", s.BackupFolder, filepath.Join(s.Data, "a"), "only"},
		{"a way out", s.BackupFolder, filepath.Join(s.BackupFolder, "..", "a"), "only"},
		{"a way out without a name", s.BackupFolder, "..", "no name"},
		{"a hidden file", s.BackupFolder, ".a", "no name"},
		{"an existing backup", s.BackupFolder, "first", "never replaces"},
		{"beside the keys", s.KeyFolder(), "a", "together with the keys"},
		{"above the keys", s.Data, "a", "together with the keys"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			other := s
			other.BackupFolder = tc.folder
			_, err := h.Backup(t.Context(), by, other, tc.file, "test")
			if err == nil || !strings.Contains(hub.MessageOf(err)+err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
	if entries, err := os.ReadDir(s.BackupFolder); err != nil || len(entries) != 2 {
		t.Errorf("%d files in the folder, %v", len(entries), err)
	}
	if _, err := CheckBackup(s, filepath.Join(s.KeyFolder(), "root.key")); !errors.Is(err, archive.ErrDamaged) {
		t.Errorf("something else: %v", err)
	}
}
