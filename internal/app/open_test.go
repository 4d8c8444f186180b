package app

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kontor/internal/config"
	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/vault"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

var quiet = slog.New(slog.DiscardHandler)

const (
	keyOne = "0101010101010101010101010101010101010101010101010101010101010101"
	keyTwo = "0202020202020202020202020202020202020202020202020202020202020202"
)

// opens opens an installation, adds a tenant if it can, and closes it.
func opens(t *testing.T, s config.Storage) error {
	t.Helper()
	h, err := Open(t.Context(), s, quiet)
	if err != nil {
		return err
	}
	return h.Close()
}

func TestFirstStartMakesARootKeyForItsOwnerAlone(t *testing.T) {
	s := config.Storage{Data: filepath.Join(t.TempDir(), "data")}
	for range 2 {
		if err := opens(t, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{s.KeyFolder(), filepath.Join(s.KeyFolder(), "root.key"), filepath.Join(s.KeyFolder(), "owners")} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v, %v: others can read it", path, info.Mode(), err)
		}
	}
}

func TestRootKeyFromTheEnvironmentLeavesNoFile(t *testing.T) {
	s := config.Storage{Data: t.TempDir(), RootKey: keyOne}
	for range 2 {
		if err := opens(t, s); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(filepath.Join(s.KeyFolder(), "root.key")); !os.IsNotExist(err) {
		t.Errorf("a root key was written (%v)", err)
	}
}

func TestInstallationDoesNotOpen(t *testing.T) {
	write := func(t *testing.T, path, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil { // whatever the umask
			t.Fatal(err)
		}
	}
	remove := func(t *testing.T, path string) {
		t.Helper()
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name  string
		first bool // an installation is there already
		spoil func(t *testing.T, s *config.Storage)
		want  string
	}{
		{"root key gone while owners exist", true, func(t *testing.T, s *config.Storage) {
			remove(t, filepath.Join(s.KeyFolder(), "root.key"))
		}, "missing"},
		{"root key readable for others", true, func(t *testing.T, s *config.Storage) {
			if err := os.Chmod(filepath.Join(s.KeyFolder(), "root.key"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, "group or others"},
		{"root key replaced", true, func(t *testing.T, s *config.Storage) {
			write(t, filepath.Join(s.KeyFolder(), "root.key"), keyTwo, 0o600)
		}, vault.ErrWrongRootKey.Error()},
		{"another root key from the environment", true, func(_ *testing.T, s *config.Storage) { s.RootKey = keyTwo }, vault.ErrWrongRootKey.Error()},
		{"root key that is none", false, func(_ *testing.T, s *config.Storage) { s.RootKey = "secret" }, "root key"},
		{"named file is missing", false, func(t *testing.T, s *config.Storage) { s.RootKeyFile = filepath.Join(t.TempDir(), "none") }, "no such file"},
		{"named file readable for others", false, func(t *testing.T, s *config.Storage) {
			s.RootKeyFile = filepath.Join(t.TempDir(), "key")
			write(t, s.RootKeyFile, keyOne, 0o640)
		}, "group or others"},
		{"operator's key gone", true, func(t *testing.T, s *config.Storage) {
			all, err := filepath.Glob(filepath.Join(s.KeyFolder(), "owners", string(hub.Operator)+"*"))
			if err != nil || len(all) != 1 {
				t.Fatalf("key files %v (%v)", all, err)
			}
			remove(t, all[0])
		}, "operator's key does not open"},
		{"key store is empty, as if its volume were not mounted", true, func(t *testing.T, s *config.Storage) {
			remove(t, filepath.Join(s.KeyFolder(), "owners"))
		}, "operator's key does not open"},
		{"database is no database", false, func(t *testing.T, s *config.Storage) {
			write(t, filepath.Join(s.Data, "kontor.db"), strings.Repeat("text ", 1000), 0o600)
		}, "database"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := config.Storage{Data: t.TempDir()}
			if tc.first {
				if err := opens(t, s); err != nil {
					t.Fatal(err)
				}
			}
			tc.spoil(t, &s)
			err := opens(t, s)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("error %v, want %q", err, tc.want)
			}
			for _, secret := range []string{keyOne, keyTwo} {
				if strings.Contains(err.Error(), secret) {
					t.Error("the error tells the key")
				}
			}
		})
	}
}

func TestNamedRootKeyFileOpensTheSameInstallation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(keyOne+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	for _, s := range []config.Storage{{Data: data, RootKeyFile: path}, {Data: data, RootKey: keyOne}} {
		if err := opens(t, s); err != nil {
			t.Error(err)
		}
	}
}
