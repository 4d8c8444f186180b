package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"kontor/folder"
	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/archive"
	"kontor/internal/vault"
)

// BackupFile is a backup that was written, or looked at.
type BackupFile struct {
	Path     string           `json:"path"`
	Bytes    int64            `json:"bytes"`
	SHA256   string           `json:"sha256"`
	Manifest archive.Manifest `json:"manifest"`
}

// Backup writes the database to a new file in the configured folder while others go on working with it, reads what it has written, and
// notes it in the operator's audit chain. name is a file name, or a path in that folder; "" makes one of the moment.
func (h *Hub) Backup(ctx context.Context, by hub.Actor, s config.Storage, name, program string) (BackupFile, error) {
	path, err := backupPath(s, name, h.Store.Now().Format("20060102T150405Z"))
	if err != nil {
		return BackupFile{}, err
	}
	err = folder.WriteNew(path, func(w io.Writer) error {
		_, err := h.Store.Backup(ctx, w, program)
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return BackupFile{}, &hub.Error{Code: hub.CodeConflict, Message: "there is a file of that name already, and a backup never replaces one", Err: err}
	}
	if err != nil {
		return BackupFile{}, err
	}
	b, err := h.ReadBackup(path)
	if err != nil {
		return b, fmt.Errorf("read what was written: %w", err)
	}
	return b, h.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.Audit(ctx, hub.AuditRow{Owner: hub.Operator, Actor: by, Action: "installation.backed_up", Subject: "installation", Detail: map[string]string{
			"file": filepath.Base(path), "sha256": b.SHA256, "rows": fmt.Sprint(b.Manifest.Rows()),
		}})
	})
}

// ReadBackup reads a backup through; an error that is archive.ErrDamaged says what is wrong with it.
func (h *Hub) ReadBackup(path string) (BackupFile, error) { return readBackup(h.Store, path) }

func readBackup(s *store.Store, path string) (b BackupFile, err error) {
	b.Path = path
	file, err := os.Open(path)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	a, err := s.OpenBackup(file)
	if err != nil {
		return b, err
	}
	a.Close()
	b.Manifest = a.Manifest
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return b, err
	}
	digest := sha256.New()
	if b.Bytes, err = io.Copy(digest, file); err != nil {
		return b, err
	}
	b.SHA256 = hex.EncodeToString(digest.Sum(nil))
	return b, nil
}

// backupPath says where a backup goes: into the configured folder, which is there already, and nowhere else. A folder that is made on
// the way would be on the wrong disk when the right one is not mounted.
func backupPath(s config.Storage, name, moment string) (string, error) {
	refuse := func(format string, args ...any) (string, error) {
		return "", hub.Errorf(hub.CodeInvalid, format, args...)
	}
	if s.BackupFolder == "" {
		return refuse("no folder for backups is configured: set backup-folder")
	}
	into, err := filepath.EvalSymlinks(s.BackupFolder)
	if err != nil {
		return refuse("the folder for backups is not there: %v", err)
	}
	if name == "" {
		name = "kontor-" + moment + ".backup"
	}
	base := filepath.Base(name)
	if strings.ContainsRune(name, filepath.Separator) {
		wanted, err := filepath.EvalSymlinks(filepath.Dir(name))
		if err != nil || !sameFolder(wanted, into) {
			return refuse("backups are written to %s only", s.BackupFolder)
		}
	}
	if base == "." || base == ".." || strings.HasPrefix(base, ".") {
		return refuse("%q is no name for a backup", base)
	}
	keys, err := filepath.EvalSymlinks(s.KeyFolder())
	if err == nil && (isWithin(into, keys) || isWithin(keys, into)) {
		return refuse("a backup must not lie together with the keys that open it: %s and %s", s.BackupFolder, s.KeyFolder())
	}
	return filepath.Join(into, base), nil
}

func sameFolder(a, b string) bool {
	one, err1 := os.Stat(a)
	two, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, two)
}

// isWithin says whether a path is another or lies below it.
func isWithin(path, folder string) bool {
	a, err1 := filepath.Abs(path)
	b, err2 := filepath.Abs(folder)
	if err1 != nil || err2 != nil {
		return false
	}
	rest, err := filepath.Rel(b, a)
	return err == nil && rest != ".." && !strings.HasPrefix(rest, ".."+string(filepath.Separator))
}

// FileRef names a payment file of any tenant.
type FileRef = store.FileRef

// Restoration is what a restore has done.
type Restoration struct {
	Backup  BackupFile
	Unclear []FileRef // what was on its way when the backup was made, or may have been since
}

// Restore fills an empty database, of either engine, with a backup and takes up work on it as Restored does. The keys that belong to the
// backup must be in the key folder. The backup is read through before anything is written; then all of it is restored or nothing. Until
// it has been taken up, whatever happens on the way, the database is not served.
func Restore(ctx context.Context, s config.Storage, by hub.Actor, from, reason string, log *slog.Logger) (r Restoration, err error) {
	if err := checkReason(reason); err != nil {
		return r, err
	}
	unlock, err := alone(s)
	if err != nil {
		return r, err
	}
	defer unlock()
	o, err := openForRestore(ctx, s)
	if err != nil {
		return r, err
	}
	err = o.restore(ctx, from, &r)
	if err = errors.Join(err, o.store.Close()); err != nil {
		return r, err
	}
	h, err := Open(ctx, s, log)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	r.Unclear, err = h.Restored(ctx, by, reason)
	return r, err
}

// CheckBackup reads a backup through with the installation's root key, and changes nothing.
func CheckBackup(s config.Storage, from string) (b BackupFile, err error) {
	root, err := existingRootKey(s)
	if err != nil {
		return b, err
	}
	return readBackup(store.ForBackups(vault.New(nil, root)), from)
}

// alone locks the data folder and the embedded database as a serving process does.
func alone(s config.Storage) (unlock func(), err error) {
	first, err := folder.Lock(filepath.Join(s.Data, "serve.lock"))
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	path, embedded := s.EmbeddedFile()
	if !embedded {
		return first, nil
	}
	second, err := folder.Lock(path + ".lock")
	if err != nil {
		first()
		return nil, fmt.Errorf("lock database: %w", err)
	}
	return func() { second(); first() }, nil
}

// existingRootKey is rootKey for what must not make one.
func existingRootKey(s config.Storage) (vault.RootKey, error) {
	path := s.RootKeyFile
	if path == "" {
		path = filepath.Join(s.KeyFolder(), "root.key")
	}
	if _, err := os.Stat(path); s.RootKey == "" && err != nil {
		return vault.RootKey{}, fmt.Errorf("bring back the keys first, a backup does not hold them: %w", err)
	}
	return rootKey(s)
}

// restoring is an installation of which only the keys are there.
type restoring struct {
	store   *store.Store
	anchors *anchors
}

func openForRestore(ctx context.Context, s config.Storage) (*restoring, error) {
	root, err := existingRootKey(s)
	if err != nil {
		return nil, err
	}
	keys, err := vault.OpenKeyStore(filepath.Join(s.KeyFolder(), "owners"), root)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, store.Options{Database: s.DatabaseName(), Vault: vault.New(keys, root), Now: now})
	if err != nil {
		return nil, err
	}
	return &restoring{db, newAnchors(s.KeyFolder())}, nil
}

func (o *restoring) restore(ctx context.Context, from string, r *Restoration) (err error) {
	if r.Backup, err = readBackup(o.store, from); err != nil {
		return err
	}
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	a, err := o.store.OpenBackup(file)
	if err != nil {
		return err
	}
	defer a.Close()
	if err := o.store.IsEmpty(ctx, a.Manifest); err != nil {
		return err
	}
	was, err := o.anchors.read(hub.Operator)
	if err != nil {
		return err
	}
	if err := o.anchors.write(hub.Operator, anchor{Number: unfinishedRestore}); err != nil {
		return err
	}
	err = o.store.Restore(ctx, a, func(tx *store.Tx) error {
		if err := tx.KeyOpens(ctx, hub.Operator); err != nil {
			return fmt.Errorf("the operator's key does not open: are these the keys that belong to the backup? %w", err)
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, o.anchors.putBack(hub.Operator, was))
	}
	return nil
}
