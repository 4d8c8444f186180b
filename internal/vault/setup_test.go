package vault

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(createLoopEnv); dir != "" {
		createLoop(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

const (
	tenantA Owner = "0198c0de-0000-7000-8000-00000000000a"
	tenantB Owner = "0198c0de-0000-7000-8000-00000000000b"
)

var testTime = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func testRoot(t testing.TB, fill byte) RootKey {
	t.Helper()
	k, err := ParseRootKey(fmt.Sprintf("%x", bytes.Repeat([]byte{fill}, keySize)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newVault(t testing.TB, dir string) *Vault {
	t.Helper()
	root := testRoot(t, 7)
	store, err := OpenKeyStore(dir, root)
	if err != nil {
		t.Fatal(err)
	}
	return New(store, root)
}

// newOwner makes an owner's key pair and data key and returns the wrapped data key.
func newOwner(t testing.TB, v *Vault, owner Owner) []byte {
	t.Helper()
	certificate, err := v.CreateOwner(owner, testTime)
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := v.NewDataKey(certificate, owner)
	if err != nil {
		t.Fatal(err)
	}
	return wrapped
}

func openKeys(t testing.TB, v *Vault, owner Owner, wrapped []byte) *Keys {
	t.Helper()
	k, err := v.Keys(owner, wrapped)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// newOwnerKeys is for tests that need no more than an owner's keys.
func newOwnerKeys(t testing.TB, owner Owner) *Keys {
	t.Helper()
	v := newVault(t, filepath.Join(t.TempDir(), "keys"))
	return openKeys(t, v, owner, newOwner(t, v, owner))
}
