package vault

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func TestDataKeyOpensForItsOwnerOnly(t *testing.T) {
	v := newVault(t, t.TempDir())
	wrappedA, wrappedB := newOwner(t, v, tenantA), newOwner(t, v, tenantB)
	a, b := openKeys(t, v, tenantA, wrappedA), openKeys(t, v, tenantB, wrappedB)
	if bytes.Equal(a.Fingerprint("iban", nil), b.Fingerprint("iban", nil)) {
		t.Error("two owners have one key")
	}
	if _, err := v.Keys(tenantA, wrappedB); !errors.Is(err, ErrAltered) {
		t.Errorf("A opens B's data key: %v", err)
	}
	certificateB, err := v.store.Certificate(tenantB)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.NewDataKey(certificateB, tenantA); err == nil {
		t.Error("a data key of A was wrapped to B's certificate")
	}
	for i := range wrappedA {
		bad := bytes.Clone(wrappedA)
		bad[i] ^= 0x10
		if _, err := v.Keys(tenantA, bad); !errors.Is(err, ErrAltered) {
			t.Fatalf("byte %d flipped: %v, want ErrAltered", i, err)
		}
	}
	for _, n := range []int{0, 1, len(wrappedA) - 1} {
		if _, err := v.Keys(tenantA, wrappedA[:n]); !errors.Is(err, ErrAltered) {
			t.Fatalf("cut to %d bytes: %v, want ErrAltered", n, err)
		}
	}
	if _, err := v.Keys(tenantA, append(bytes.Clone(wrappedA), 0)); !errors.Is(err, ErrAltered) {
		t.Fatalf("one byte more: %v, want ErrAltered", err)
	}
}

// The owner is bound into the wrapping: with the very private key it was wrapped to, it opens under no other name.
func TestDataKeyDoesNotOpenUnderAnotherNameOfTheSameKeyPair(t *testing.T) {
	v := newVault(t, t.TempDir())
	wrapped := newOwner(t, v, tenantA)
	sealed, _, err := readFile(v.store.path(tenantA))
	if err != nil {
		t.Fatal(err)
	}
	// Without the root key the file cannot even be given another name.
	if err := os.WriteFile(v.store.path(tenantB), sealed, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys(tenantB, wrapped); !errors.Is(err, ErrAltered) {
		t.Fatalf("copied file: %v, want ErrAltered", err)
	}
	pair, err := open(v.store.aead, sealed, encode(labelPrivateKey, string(tenantA)))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(v.store.path(tenantB), seal(v.store.aead, pair, encode(labelPrivateKey, string(tenantB))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := v.store.Certificate(tenantB); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys(tenantB, wrapped); !errors.Is(err, ErrAltered) {
		t.Fatalf("same key pair: %v, want ErrAltered", err)
	}
}

func TestEveryDataKeyIsNew(t *testing.T) {
	v := newVault(t, t.TempDir())
	certificate, err := v.CreateOwner(tenantA, testTime)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for range 3 {
		wrapped, err := v.NewDataKey(certificate, tenantA)
		if err != nil {
			t.Fatal(err)
		}
		// Also shows that the cache does not answer for another wrapped key.
		seen[string(openKeys(t, v, tenantA, wrapped).Fingerprint("iban", nil))] = true
	}
	if len(seen) != 3 {
		t.Fatalf("%d different data keys of 3", len(seen))
	}
}

func TestNewDataKeyRefusesWhatIsNoCertificate(t *testing.T) {
	v := newVault(t, t.TempDir())
	for _, der := range [][]byte{nil, {0x30, 0}, make([]byte, maxKeyFile+1)} {
		if _, err := v.NewDataKey(der, tenantA); err == nil {
			t.Errorf("%d bytes accepted", len(der))
		}
	}
}

// The backup story: with the database and its backup, the wrapped key, the root key and a fresh process, nothing opens once the file
// in the key store is gone.
func TestDestroyedOwnerCannotBeReadFromAnyBackup(t *testing.T) {
	dir := t.TempDir()
	v := newVault(t, dir)
	wrapped := newOwner(t, v, tenantA)
	keys := openKeys(t, v, tenantA, wrapped)
	row := keys.SealRow("payment_file", "1", []byte("salaries"))
	opener := keys.BodyOpener("b")
	chunk := keys.BodySealer("b").SealChunk(0, true, []byte("salaries"))
	backup := bytes.Clone(wrapped)

	fresh := newVault(t, dir)
	if plain, err := openKeys(t, fresh, tenantA, backup).OpenRow("payment_file", "1", row); err != nil || string(plain) != "salaries" {
		t.Fatalf("before: %q, %v", plain, err)
	}
	if err := v.DestroyOwner(tenantA); err != nil {
		t.Fatal(err)
	}
	for name, vault := range map[string]*Vault{"the same": v, "a fresh one": newVault(t, dir)} {
		if _, err := vault.Keys(tenantA, backup); !errors.Is(err, ErrDestroyed) {
			t.Errorf("%s: %v, want ErrDestroyed", name, err)
		}
	}
	// Keys that were handed out before open nothing any more.
	if _, err := keys.OpenRow("payment_file", "1", row); !errors.Is(err, ErrDestroyed) {
		t.Errorf("old keys: %v, want ErrDestroyed", err)
	}
	if _, err := opener.OpenChunk(0, true, chunk); !errors.Is(err, ErrDestroyed) {
		t.Errorf("old opener: %v, want ErrDestroyed", err)
	}
	// A new key of the same owner does not bring the old data back.
	newOwner(t, v, tenantA)
	if _, err := v.Keys(tenantA, backup); !errors.Is(err, ErrAltered) {
		t.Errorf("with a new key: %v, want ErrAltered", err)
	}
}

// Another process on the same key store learns of it with its next call, although it has the opened keys in memory.
func TestDestroyByAnotherProcessTakesEffectWithTheNextCall(t *testing.T) {
	dir := t.TempDir()
	v, other := newVault(t, dir), newVault(t, dir)
	wrapped := newOwner(t, v, tenantA)
	keys := openKeys(t, other, tenantA, wrapped)
	if again := openKeys(t, other, tenantA, wrapped); again != keys {
		t.Error("not cached")
	}
	row := keys.SealRow("t", "1", nil)
	if err := v.DestroyOwner(tenantA); err != nil {
		t.Fatal(err)
	}
	if _, err := other.Keys(tenantA, wrapped); !errors.Is(err, ErrDestroyed) {
		t.Fatalf("error %v, want ErrDestroyed", err)
	}
	if _, err := keys.OpenRow("t", "1", row); !errors.Is(err, ErrDestroyed) {
		t.Fatalf("old keys: %v, want ErrDestroyed", err)
	}
	if len(other.cache) != 0 {
		t.Error("not forgotten")
	}
}

// The file was replaced by another owner's key of the same name: what was opened with the old one is not served from memory.
func TestReplacedKeyFileIsReadAgain(t *testing.T) {
	dir, dir2 := t.TempDir(), t.TempDir()
	v, v2 := newVault(t, dir), newVault(t, dir2)
	wrapped := newOwner(t, v, tenantA)
	newOwner(t, v2, tenantA)
	openKeys(t, v, tenantA, wrapped)
	if err := os.Rename(v2.store.path(tenantA), v.store.path(tenantA)); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Keys(tenantA, wrapped); !errors.Is(err, ErrAltered) {
		t.Fatalf("error %v, want ErrAltered", err)
	}
}

func TestPeppersFollowFromRootKeyAndPurpose(t *testing.T) {
	v := newVault(t, t.TempDir())
	root := testRoot(t, 9)
	store, err := OpenKeyStore(filepath.Join(t.TempDir(), "k"), root)
	if err != nil {
		t.Fatal(err)
	}
	other := New(store, root)
	p := v.Pepper("api-key")
	if len(p) != 32 || !bytes.Equal(p, newVault(t, t.TempDir()).Pepper("api-key")) {
		t.Error("not the same 32 bytes for the same root key")
	}
	if bytes.Equal(p, v.Pepper("access-token")) || bytes.Equal(p, other.Pepper("api-key")) {
		t.Error("the same bytes for another purpose or root key")
	}
	clear(p)
	if bytes.Equal(p, v.Pepper("api-key")) {
		t.Error("the slice is shared")
	}
}

func TestConcurrentUse(t *testing.T) {
	v := newVault(t, t.TempDir())
	wrapped := map[Owner][]byte{tenantA: newOwner(t, v, tenantA), tenantB: newOwner(t, v, tenantB)}
	plain := bytes.Repeat([]byte("<Amt>12.34</Amt>"), 4000)
	var wg sync.WaitGroup
	for i := range 16 {
		owner := []Owner{tenantA, tenantB}[i%2]
		wg.Go(func() {
			for range 8 {
				keys, err := v.Keys(owner, wrapped[owner])
				if err != nil {
					t.Error(err)
					return
				}
				sealer, opener := keys.BodySealer("b"), keys.BodyOpener("b")
				first, second := sealer.SealChunk(0, false, plain), sealer.SealChunk(1, true, plain[:10])
				var chunks sync.WaitGroup
				chunks.Go(func() {
					if got, err := opener.OpenChunk(1, true, second); err != nil || !bytes.Equal(got, plain[:10]) {
						t.Errorf("second chunk: %v", err)
					}
				})
				if got, err := opener.OpenChunk(0, false, first); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("first chunk: %v", err)
				}
				chunks.Wait()
				if got, err := keys.OpenRow("t", "1", keys.SealRow("t", "1", plain)); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("row: %v", err)
				}
			}
		})
	}
	wg.Wait()
}
