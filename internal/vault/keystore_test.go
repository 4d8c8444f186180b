package vault

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestCertificateIsSelfSignedP256InTheOwnersNameFor20Years(t *testing.T) {
	v := newVault(t, t.TempDir())
	der, err := v.store.Create(tenantA, testTime)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature); err != nil {
		t.Errorf("not signed by itself: %v", err)
	}
	if c.Subject.CommonName != string(tenantA) || c.Issuer.CommonName != string(tenantA) {
		t.Errorf("subject %q, issuer %q, want the owner", c.Subject.CommonName, c.Issuer.CommonName)
	}
	if !c.NotBefore.Equal(testTime) || !c.NotAfter.Equal(testTime.AddDate(20, 0, 0)) {
		t.Errorf("valid %v to %v", c.NotBefore, c.NotAfter)
	}
	if public, ok := c.PublicKey.(*ecdsa.PublicKey); !ok || public.Curve != elliptic.P256() {
		t.Errorf("key is a %T, want ECDSA P-256", c.PublicKey)
	}
	if c.SerialNumber.Sign() <= 0 {
		t.Errorf("serial number %v", c.SerialNumber)
	}
}

func TestKeyFileIsForItsOwnerOnlyAndHidesTheKey(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "keys")
	v := newVault(t, dir)
	newOwner(t, v, tenantA)
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder mode %v (%v), want 0700", info.Mode(), err)
	}
	path := v.store.path(tenantA)
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 {
		t.Errorf("file mode %v (%v), want 0600", info.Mode(), err)
	}
	pair, err := v.store.load(tenantA)
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(content, pair.private.Bytes()[:8]) || bytes.Contains(content, pair.certificate[:8]) {
		t.Error("the file shows what it should seal")
	}
	if names := fileNames(t, dir); len(names) != 2 {
		t.Errorf("files %v, want the marker and one key", names)
	}
}

func TestCreateRefusesToOverwrite(t *testing.T) {
	v := newVault(t, t.TempDir())
	wrapped := newOwner(t, v, tenantA)
	if _, err := v.store.Create(tenantA, testTime); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("second creation: %v, want fs.ErrExist", err)
	}
	openKeys(t, newVault(t, v.store.dir), tenantA, wrapped)
}

// Killed between making the key and the commit that needs it, the hub must be able to start again.
func TestCreateOwnerCanBeRepeated(t *testing.T) {
	v := newVault(t, t.TempDir())
	first, err := v.CreateOwner(Operator, testTime)
	if err != nil {
		t.Fatal(err)
	}
	second, err := newVault(t, v.store.dir).CreateOwner(Operator, testTime.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, second) {
		t.Fatal("the owner has another certificate")
	}
}

// Of several processes that open a new folder and create one owner at the same time, all open it and exactly one creates the owner, and what it returned fits what is stored.
func TestConcurrentCreateHasOneWinner(t *testing.T) {
	dir := t.TempDir()
	root := testRoot(t, 7)
	stores := make([]*KeyStore, 8)
	certificates, errs := make([][]byte, len(stores)), make([]error, len(stores))
	var wg sync.WaitGroup
	for i := range stores { // opening a new folder is a race as well, for its marker
		wg.Go(func() { stores[i], errs[i] = OpenKeyStore(dir, root) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for i, s := range stores {
		wg.Go(func() { certificates[i], errs[i] = s.Create(tenantA, testTime) })
	}
	wg.Wait()
	var won [][]byte
	for i := range stores {
		switch {
		case errs[i] == nil:
			won = append(won, certificates[i])
		case !errors.Is(errs[i], fs.ErrExist):
			t.Errorf("error %v, want fs.ErrExist", errs[i])
		}
	}
	if len(won) != 1 {
		t.Fatalf("%d winners", len(won))
	}
	if stored, err := stores[0].Certificate(tenantA); err != nil || !bytes.Equal(stored, won[0]) {
		t.Fatalf("stored is another certificate (%v)", err)
	}
}

func TestOwnersThatAreNoFileNamesAreRefused(t *testing.T) {
	v := newVault(t, t.TempDir())
	for _, owner := range []Owner{"", ".", "..", "../x", "a/b", "a.b", "a*", "a b", "ä", "a\x00", Owner(strings.Repeat("a", 65))} {
		if _, err := v.store.Create(owner, testTime); err == nil {
			t.Errorf("Create(%q) accepted", owner)
		}
		if err := v.store.Destroy(owner); err == nil {
			t.Errorf("Destroy(%q) accepted", owner)
		}
		if _, err := v.Keys(owner, make([]byte, wrappedSize)); err == nil {
			t.Errorf("Keys(%q) accepted", owner)
		}
	}
}

func TestKeyStoreUnderAnotherRootKeyIsRefused(t *testing.T) {
	dir := t.TempDir()
	newVault(t, dir)
	if _, err := OpenKeyStore(dir, testRoot(t, 8)); !errors.Is(err, ErrWrongRootKey) {
		t.Fatalf("error %v, want ErrWrongRootKey", err)
	}
	if _, err := OpenKeyStore(dir, RootKey{}); err == nil {
		t.Fatal("opened without a root key")
	}
}

func TestFolderThatEverybodyCanWriteToIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenKeyStore(dir, testRoot(t, 7)); err == nil {
		t.Fatal("accepted")
	}
}

func TestAlteredKeyFileIsRefused(t *testing.T) {
	v := newVault(t, t.TempDir())
	wrapped := newOwner(t, v, tenantA)
	newOwner(t, v, tenantB)
	path := v.store.path(tenantA)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(v.store.path(tenantB))
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[len(flipped)/2] ^= 1
	for name, content := range map[string][]byte{
		"flipped": flipped, "cut": good[:len(good)-1], "another owner's": other, "large": make([]byte, maxKeyFile+1),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := v.Keys(tenantA, wrapped); err == nil || errors.Is(err, ErrDestroyed) {
			t.Errorf("%s: error %v, want one that does not say destroyed", name, err)
		}
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	openKeys(t, v, tenantA, wrapped)
}

func TestDestroyErasesTheFileAndCanBeRepeated(t *testing.T) {
	v := newVault(t, t.TempDir())
	newOwner(t, v, tenantA)
	keptB := newOwner(t, v, tenantB)
	// A second name of the same file shows what happened to its content.
	witness := filepath.Join(t.TempDir(), "witness")
	if err := os.Link(v.store.path(tenantA), witness); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := v.store.Destroy(tenantA); err != nil {
			t.Fatal(err)
		}
	}
	content, err := os.ReadFile(witness)
	if err != nil {
		t.Fatal(err)
	}
	if len(content) == 0 || len(bytes.Trim(content, "\x00")) != 0 {
		t.Error("the content was not overwritten")
	}
	if _, err := v.store.Certificate(tenantA); !errors.Is(err, ErrDestroyed) {
		t.Errorf("error %v, want ErrDestroyed", err)
	}
	openKeys(t, v, tenantB, keptB)
}

// Killed between overwriting and removing, the key is destroyed, and Destroy finishes the rest.
func TestDestroyKilledHalfWay(t *testing.T) {
	v := newVault(t, t.TempDir())
	wrapped := newOwner(t, v, tenantA)
	openKeys(t, v, tenantA, wrapped)
	path := v.store.path(tenantA)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, make([]byte, info.Size()), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := newVault(t, v.store.dir).Keys(tenantA, wrapped); !errors.Is(err, ErrDestroyed) {
		t.Fatalf("error %v, want ErrDestroyed", err)
	}
	if err := v.store.Destroy(tenantA); err != nil {
		t.Fatal(err)
	}
	if names := fileNames(t, v.store.dir); len(names) != 1 {
		t.Fatalf("files %v, want the marker only", names)
	}
}

// Killed before the temporary file got its name, or before it lost its first one: neither may keep a copy of the key alive.
func TestDestroyAlsoErasesWhatAKilledCreateLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "odd [name] *")
	v := newVault(t, dir)
	newOwner(t, v, tenantA)
	left := filepath.Join(dir, "."+string(tenantA)+keySuffix+".123.tmp")
	if err := os.Link(v.store.path(tenantA), left); err != nil {
		t.Fatal(err)
	}
	others := filepath.Join(dir, "."+string(tenantB)+keySuffix+".123.tmp")
	if err := os.WriteFile(others, []byte("half a fi"), 0o600); err != nil {
		t.Fatal(err)
	}
	newOwner(t, v, tenantB) // what is left does not disturb
	if err := v.store.Destroy(tenantA); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left: %v", err)
	}
	if _, err := os.Lstat(others); err != nil {
		t.Errorf("another owner's file: %v", err)
	}
}

// A volume that is not mounted must never be taken for destroyed keys, nor for a folder in which a key was destroyed.
func TestMissingKeyStoreIsNotDestruction(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	v := newVault(t, dir)
	wrapped := newOwner(t, v, tenantA)
	openKeys(t, v, tenantA, wrapped)
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	check := func(state string) {
		t.Helper()
		if _, err := v.Keys(tenantA, wrapped); !errors.Is(err, ErrKeyStoreGone) || errors.Is(err, ErrDestroyed) {
			t.Errorf("%s: Keys: %v, want ErrKeyStoreGone", state, err)
		}
		if err := v.DestroyOwner(tenantA); !errors.Is(err, ErrKeyStoreGone) {
			t.Errorf("%s: Destroy: %v, want ErrKeyStoreGone", state, err)
		}
		if _, err := v.store.Create(tenantB, testTime); !errors.Is(err, ErrKeyStoreGone) {
			t.Errorf("%s: Create: %v, want ErrKeyStoreGone", state, err)
		}
	}
	check("no folder")
	newVault(t, dir) // another, empty key store in the same place
	check("another folder")
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	openKeys(t, v, tenantA, wrapped)
}

const createLoopEnv = "KONTOR_VAULT_TEST_CREATE_LOOP"

// createLoop is the process that TestKilledCreateLeavesWholeKeysOnly kills.
func createLoop(dir string) {
	root, err := ParseRootKey(strings.Repeat("07", keySize))
	if err != nil {
		panic(err)
	}
	store, err := OpenKeyStore(dir, root)
	if err != nil {
		panic(err)
	}
	for n := 0; ; n++ {
		owner := Owner(fmt.Sprintf("owner-%d-%d", os.Getpid(), n))
		if _, err := store.Create(owner, testTime); err != nil {
			panic(err)
		}
		if _, err := fmt.Println(owner); err != nil {
			panic(err)
		}
	}
}

// SIGKILL on a real process: every key that it reported is there, and no file that has a key's name is anything but a whole key.
func TestKilledCreateLeavesWholeKeysOnly(t *testing.T) {
	dir := t.TempDir()
	reported := map[Owner]bool{}
	for round := range 12 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), createLoopEnv+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			reported[Owner(lines.Text())] = true
			if n == round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := cmd.Wait(); err == nil {
			t.Fatal("the process ended by itself")
		}
	}
	store := newVault(t, dir).store
	for owner := range reported {
		if _, err := store.Certificate(owner); err != nil {
			t.Errorf("reported: %v", err)
		}
	}
	found := 0
	for _, name := range fileNames(t, dir) {
		if owner, ok := strings.CutSuffix(name, keySuffix); ok {
			found++
			if _, err := store.Certificate(Owner(owner)); err != nil {
				t.Errorf("on disk: %v", err)
			}
		}
	}
	if found < len(reported) || len(reported) < 12 {
		t.Fatalf("%d reported, %d found", len(reported), found)
	}
}

func keyPairSeeds(t testing.TB) [][]byte {
	t.Helper()
	store := newVault(t, t.TempDir()).store
	if _, err := store.Create(tenantA, testTime); err != nil {
		t.Fatal(err)
	}
	sealed, _, err := readFile(store.path(tenantA))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := open(store.aead, sealed, encode(labelPrivateKey, string(tenantA)))
	if err != nil {
		t.Fatal(err)
	}
	return [][]byte{plain, plain[:len(plain)/2], nil, {0, 0, 0}, {0xff, 0xff, 0xff, 0xff, 1}, encode("", "")}
}

func FuzzParseKeyPair(f *testing.F) {
	for _, s := range keyPairSeeds(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, plain []byte) {
		pair, err := parseKeyPair(plain)
		if (err == nil) != (pair != nil && pair.private != nil) {
			t.Fatalf("error %v with %v", err, pair)
		}
	})
}
