package vault

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// holder keeps a secret type where fmt cannot call its methods (unexported), where it can, and behind an interface and a pointer.
type holder[T any] struct {
	hidden  T
	Shown   T
	any     any
	pointer *T
}

// prints returns v in every way in which a program prints things.
func prints[T any](t *testing.T, v T) map[string]string {
	t.Helper()
	out := map[string]string{}
	h := holder[T]{v, v, v, &v}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b"} {
		out["value "+verb] = fmt.Sprintf(verb, v)
		out["pointer "+verb] = fmt.Sprintf(verb, &v)
		out["struct "+verb] = fmt.Sprintf(verb, h)
		out["pointer to struct "+verb] = fmt.Sprintf(verb, &h)
		out["slice "+verb] = fmt.Sprintf(verb, []T{v})
		out["map "+verb] = fmt.Sprintf(verb, map[string]T{"k": v})
	}
	for name, x := range map[string]any{"value": v, "struct": h, "pointer": &h} {
		j, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		out["json "+name] = string(j)
		var log bytes.Buffer
		slog.New(slog.NewTextHandler(&log, nil)).Info("m", "k", x)
		slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "k", x)
		out["log "+name] = log.String()
	}
	return out
}

func TestSecretsDoNotPrint(t *testing.T) {
	// The bytes of the key material are recognisable in every notation that fmt has.
	root := testRoot(t, 0xa7)
	store, err := OpenKeyStore(t.TempDir(), root)
	if err != nil {
		t.Fatal(err)
	}
	v := New(store, root)
	keys := openKeys(t, v, tenantA, newOwner(t, v, tenantA))
	k := root.secret.key
	keys.s.body, keys.s.fingerprint, keys.s.row, keys.s.page = k, k, randomGCM(k), gcm(k)
	sealer, opener := keys.BodySealer("b"), keys.BodyOpener("b")
	sealer.aead, opener.aead, store.aead = gcm(k), gcm(k), randomGCM(k)
	sealer.salt = bytes.Repeat([]byte{0x11}, len(sealer.salt)) // it is no secret, and by chance may have a byte of the key's
	check := func(name string, out map[string]string) {
		if len(out) < 50 {
			t.Fatalf("%s: only %d ways to print", name, len(out))
		}
		for how, text := range out {
			for _, secret := range []string{"a7a7", "A7A7", "0xa7", "0xA7", "167 167", "167, 167", "10100111 10100111", `\xa7`, "p6en", "2812782503"} {
				if strings.Contains(text, secret) {
					t.Errorf("%s, %s: %.200s", name, how, text)
				}
			}
			if (strings.HasPrefix(how, "value") || strings.HasPrefix(how, "log value")) && !strings.Contains(text, redactedText) {
				t.Errorf("%s, %s: %.200s, want %s", name, how, text, redactedText)
			}
		}
	}
	check("root key", prints(t, root))
	check("key store", prints(t, store))
	check("key store by value", prints(t, *store))
	check("vault", prints(t, v))
	check("keys", prints(t, keys))
	check("keys by value", prints(t, *keys))
	check("body sealer", prints(t, sealer))
	check("body sealer by value", prints(t, *sealer))
	check("body opener", prints(t, opener))
	if s := root.String() + root.GoString() + root.LogValue().String(); s != strings.Repeat(redactedText, 3) {
		t.Errorf("methods: %s", s)
	}
}

// The search above must be able to find a key.
func TestSecretsOfAnUnprotectedTypeDoPrint(t *testing.T) {
	found := 0
	for _, text := range prints(t, struct{ Key key }{key(bytes.Repeat([]byte{0xa7}, keySize))}) {
		if strings.Contains(text, "167 167") || strings.Contains(text, strings.Repeat("a7", 2)) {
			found++
		}
	}
	for _, text := range prints(t, mustBlock((*key)(bytes.Repeat([]byte{0xa7}, keySize)))) {
		if strings.Contains(text, "2812782503") { // what a cipher keeps of its key: four bytes as one number
			found |= 1 << 16
		}
	}
	if found < 1<<16+1 {
		t.Fatalf("found %x", found)
	}
}

// Data of today must be readable tomorrow: a changed label, order or format is found here and not by a customer. All five were
// confirmed by an independent program (Python's hmac and cryptography) from the description in this package.
func TestStoredDataStaysReadable(t *testing.T) {
	var dataKey key
	for i := range dataKey {
		dataKey[i] = byte(i)
	}
	k := newKeys(tenantA, &dataKey)
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if got := hex.EncodeToString(k.Fingerprint("iban", []byte("DE02120300000000202051"))); got != goldenFingerprint {
		t.Errorf("fingerprint %s", got)
	}
	v := New(nil, testRoot(t, 7))
	if got := hex.EncodeToString(v.Pepper("api-key")); got != goldenPepper {
		t.Errorf("pepper %s", got)
	}
	if got, err := k.OpenRow("payment_file", "1", unhex(goldenRow)); err != nil || string(got) != "row" {
		t.Errorf("row %q, %v; a new one is %x", got, err, k.SealRow("payment_file", "1", []byte("row")))
	}
	if got, err := k.OpenPage("1", 2, unhex(goldenPage)); err != nil || string(got) != "page" {
		t.Errorf("page %q, %v; a new one is %x", got, err, k.SealPage("1", 2, []byte("page")))
	}
	if got, err := k.BodyOpener("1").OpenChunk(0, true, unhex(goldenChunk)); err != nil || string(got) != "chunk" {
		t.Errorf("chunk %q, %v; a new one is %x", got, err, k.BodySealer("1").SealChunk(0, true, []byte("chunk")))
	}
}

const (
	goldenFingerprint = "6d95cf0f64af758dfb5a3f71b42e66fd6ac7f22af021b66b763ce7ea1a9d6856"
	goldenPepper      = "7a12e7dcd76890e88f89cb80757a867a85b1c7e74e25978c70bc3f62d158dbc9"
	goldenRow         = "01ebc7be45f75b294f2716fd9f79bf37b8955b42baa2b3117e979dec27e46a60"
	goldenPage        = "01553721e17fe6f77d8aac0799b3400f20ac37a3a50f3122584a663df24d990609"
	goldenChunk       = "01bde2c37a644ebe13cc7a21e514556cb4f7f5dfb30535525f8a900cb8ac39055814dd335ee9e05cc81cc6d195c1c5"
)
