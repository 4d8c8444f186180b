package folder

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteNewNeverReplacesAndLeavesNoRemains(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "backup")
	text := func(s string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, s)
			return err
		}
	}
	broken := errors.New("broken")
	if err := WriteNew(path, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Fatalf("%d entries, %v after a failure", len(entries), err)
	}
	if err := WriteNew(path, text("first")); err != nil {
		t.Fatal(err)
	}
	if err := WriteNew(path, text("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	other := filepath.Join(dir, "other")
	appears := func(w io.Writer) error { // somebody else makes it meanwhile
		return errors.Join(os.WriteFile(other, []byte("theirs"), 0o600), text("ours")(w))
	}
	if err := WriteNew(other, appears); !errors.Is(err, fs.ErrExist) {
		t.Errorf("got %v", err)
	}
	for name, want := range map[string]string{"backup": "first", "other": "theirs"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}
