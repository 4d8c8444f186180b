package vault

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sampleKeyBytes() []byte {
	b := make([]byte, keySize)
	for i := range b {
		b[i] = byte(0xf0 + i) // gives '+' or '/' in base64
	}
	return b
}

func TestParseRootKey(t *testing.T) {
	b := sampleKeyBytes()
	rows := []struct {
		name, text string
		ok         bool
	}{
		{"hexadecimal", hex.EncodeToString(b), true},
		{"upper-case hexadecimal", strings.ToUpper(hex.EncodeToString(b)), true},
		{"white space around", " \n" + hex.EncodeToString(b) + "\r\n", true},
		{"base64", base64.StdEncoding.EncodeToString(b), true},
		{"base64 without padding", base64.RawStdEncoding.EncodeToString(b), true},
		{"base64 of the URL alphabet", base64.URLEncoding.EncodeToString(b), true},
		{"empty", "", false},
		{"white space only", " \n", false},
		{"31 bytes", hex.EncodeToString(b[:31]), false},
		{"33 bytes", hex.EncodeToString(append(sampleKeyBytes(), 1)), false},
		{"base64 of 31 bytes", base64.StdEncoding.EncodeToString(b[:31]), false},
		{"63 digits", hex.EncodeToString(b)[:63], false},
		{"stray bits in the last digit", base64.RawStdEncoding.EncodeToString(b)[:42] + "/", false},
		{"inner white space", hex.EncodeToString(b[:16]) + " " + hex.EncodeToString(b[16:]), false},
		{"a pass phrase", "correct horse battery staple", false},
		{"endless", strings.Repeat("00", maxKeyText), false},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			k, err := ParseRootKey(row.text)
			if (err == nil) != row.ok {
				t.Fatalf("error %v, want ok = %v", err, row.ok)
			}
			if row.ok && string(k.secret.key[:]) != string(b) {
				t.Fatal("other bytes than were written")
			}
			if text := strings.TrimSpace(row.text); err != nil && len(text) > 8 && strings.Contains(err.Error(), text[:8]) {
				t.Fatalf("the error repeats the text: %v", err)
			}
		})
	}
}

func TestRootKeyFileIsCreatedOnceForItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "root.key")
	if err := CreateRootKeyFile(path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Fatalf("mode %v, want 0600", info.Mode())
	}
	first, err := RootKeyFromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A second key in the same place would cost everything that the first one sealed.
	if err := CreateRootKeyFile(path); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("second creation: %v, want fs.ErrExist", err)
	}
	again, err := RootKeyFromFile(path)
	if err != nil || *again.secret.key != *first.secret.key {
		t.Fatalf("the key changed (%v)", err)
	}
	other := filepath.Join(t.TempDir(), "root.key")
	if err := CreateRootKeyFile(other); err != nil {
		t.Fatal(err)
	}
	if k, err := RootKeyFromFile(other); err != nil || *k.secret.key == *first.secret.key {
		t.Fatalf("two files with one key (%v)", err)
	}
	if names := fileNames(t, filepath.Dir(path)); len(names) != 1 {
		t.Fatalf("left behind: %v", names)
	}
}

func TestRootKeyFileThatOthersCanAccessIsRefused(t *testing.T) {
	text := hex.EncodeToString(sampleKeyBytes())
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666} {
		t.Run(mode.String(), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "root.key")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := RootKeyFromFile(path); err != nil {
				t.Fatalf("mode 0600: %v", err)
			}
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
			if _, err := RootKeyFromFile(path); err == nil {
				t.Fatal("accepted")
			}
		})
	}
}

func TestRootKeyFileThatIsNoKeyFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := RootKeyFromFile(filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v, want fs.ErrNotExist", err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := RootKeyFromFile(filepath.Join(dir, "folder")); err == nil {
		t.Error("folder accepted")
	}
	if err := os.WriteFile(filepath.Join(dir, "large"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := RootKeyFromFile(filepath.Join(dir, "large")); err == nil {
		t.Error("large file accepted")
	}
}

func rootKeySeeds() []string {
	b := sampleKeyBytes()
	return []string{
		"", hex.EncodeToString(b), base64.StdEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b),
		hex.EncodeToString(b[:8]), "====", "\x00", strings.Repeat("f", 64),
	}
}

// Whatever the text, a key that is accepted has 32 bytes that can be written and read again.
func FuzzParseRootKey(f *testing.F) {
	for _, s := range rootKeySeeds() {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		k, err := ParseRootKey(text)
		if err != nil {
			if k.secret != nil {
				t.Fatal("a key and an error")
			}
			return
		}
		again, err := ParseRootKey(base64.StdEncoding.EncodeToString(k.secret.key[:]))
		if err != nil || *again.secret.key != *k.secret.key {
			t.Fatalf("not the same key again (%v)", err)
		}
	})
}

func TestFuzzCorporaAreNotEmpty(t *testing.T) {
	if len(rootKeySeeds()) == 0 || len(chunkSeeds(newOwnerKeys(t, tenantA))) == 0 || len(keyPairSeeds(t)) == 0 {
		t.Fatal("a fuzz target has no seeds")
	}
}

func fileNames(t testing.TB, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
