package crypto

import (
	"bytes"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

// encryptWith encrypts compressed data with a padding of the test's choice.
func encryptWith(t *testing.T, key, compressed []byte, pad func(n int) []byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	padded := append(bytes.Clone(compressed), pad(aes.BlockSize-len(compressed)%aes.BlockSize)...)
	out := make([]byte, len(padded)/aes.BlockSize*aes.BlockSize)
	cipher.NewCBCEncrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(out, padded[:len(out)])
	return out
}

func deflated(t *testing.T, data []byte) []byte {
	t.Helper()
	out, err := Deflate(data)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func x923(n int) []byte { return append(make([]byte, n-1), byte(n)) }

// Whatever the sizes, what is encrypted decrypts, also read byte by byte.
func TestEncryptionRoundTrip(t *testing.T) {
	key := NewTransactionKey()
	for size := range 70 {
		plain := make([]byte, size*37)
		_, _ = rand.Read(plain)
		ciphertext, err := Encrypt(key, plain)
		if err != nil {
			t.Fatal(err)
		}
		if len(ciphertext)%aes.BlockSize != 0 {
			t.Fatalf("%d bytes of ciphertext", len(ciphertext))
		}
		r, err := DecryptReader(iotest.OneByteReader(bytes.NewReader(ciphertext)), key, int64(len(plain)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(iotest.OneByteReader(r))
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("size %d: %v", len(plain), err)
		}
	}
}

// The standard writes X9.23; ISO 10126 and PKCS#7 are met in the wild.
func TestEveryPaddingOfTheWildReads(t *testing.T) {
	key, plain := NewTransactionKey(), []byte("order data")
	for name, pad := range map[string]func(n int) []byte{
		"X9.23": x923,
		"ISO 10126": func(n int) []byte {
			out := make([]byte, n)
			_, _ = rand.Read(out)
			out[n-1] = byte(n)
			return out
		},
		"PKCS#7": func(n int) []byte { return bytes.Repeat([]byte{byte(n)}, n) },
	} {
		got, err := Decrypt(key, encryptWith(t, key, deflated(t, plain), pad), 100)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func TestOwnPaddingIsX923(t *testing.T) {
	key := NewTransactionKey()
	ciphertext, err := Encrypt(key, []byte("order data"))
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, len(ciphertext))
	cipher.NewCBCDecrypter(block, make([]byte, aes.BlockSize)).CryptBlocks(plain, ciphertext)
	n := int(plain[len(plain)-1])
	if n < 1 || n > 16 || !bytes.Equal(plain[len(plain)-n:], x923(n)) {
		t.Errorf("padding is % x", plain[len(plain)-16:])
	}
}

func TestBrokenCiphertextIsRefused(t *testing.T) {
	key, plain := NewTransactionKey(), bytes.Repeat([]byte("order data "), 100)
	z := deflated(t, plain)
	good := encryptWith(t, key, z, x923)
	for _, row := range []struct {
		name string
		data []byte
		key  []byte
		max  int64
		want error
	}{
		{"empty", nil, key, 1 << 20, ErrCompressed},
		{"cut inside a block", good[:len(good)-1], key, 1 << 20, ErrCiphertext},
		{"cut by a block", good[:len(good)-16], key, 1 << 20, nil},
		{"wrong key", good, NewTransactionKey(), 1 << 20, nil},
		{"padding 0", encryptWith(t, key, z, func(n int) []byte { return make([]byte, n) }), key, 1 << 20, ErrCiphertext},
		{"padding 17", encryptWith(t, key, z, func(n int) []byte { return append(make([]byte, n-1), 17) }), key, 1 << 20, ErrCiphertext},
		{"data after the zlib stream", encryptWith(t, key, append(bytes.Clone(z), "more"...), x923), key, 1 << 20, ErrCompressed},
		{"not zlib", encryptWith(t, key, plain, x923), key, 1 << 20, ErrCompressed},
		{"larger than the limit", good, key, int64(len(plain)) - 1, ErrTooLarge},
		{"wrong checksum", encryptWith(t, key, append(bytes.Clone(z[:len(z)-1]), z[len(z)-1]^1), x923), key, 1 << 20, ErrCompressed},
	} {
		_, err := Decrypt(row.key, row.data, row.max)
		if err == nil || row.want != nil && !errors.Is(err, row.want) {
			// An empty source is judged by whichever layer sees it first.
			if row.name == "empty" && errors.Is(err, ErrCiphertext) {
				continue
			}
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// A transport's failure must not be taken for broken data.
func TestSourceErrorsPassThrough(t *testing.T) {
	key := NewTransactionKey()
	ciphertext, err := Encrypt(key, bytes.Repeat([]byte("x"), 100))
	if err != nil {
		t.Fatal(err)
	}
	fault := &wrapped{io.ErrUnexpectedEOF}
	for cut := range ciphertext {
		r, err := DecryptReader(io.MultiReader(bytes.NewReader(ciphertext[:cut]), iotest.ErrReader(fault)), key, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(r); !errors.Is(err, fault) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
}

type wrapped struct{ error }

func (w *wrapped) Unwrap() error { return w.error }

// A megabyte of zeros deflates to a kilobyte: the limit holds while inflating,
// before anything of that size exists.
func TestInflationIsLimited(t *testing.T) {
	var bomb bytes.Buffer
	w := zlib.NewWriter(&bomb)
	chunk := make([]byte, 1<<20)
	for range 200 {
		if _, err := w.Write(chunk); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := Inflate(bomb.Bytes(), 1<<16)
	if !errors.Is(err, ErrTooLarge) || len(got) > 1<<16 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestTransactionKeyUnwraps(t *testing.T) {
	key := NewTransactionKey()
	wrapped, err := WrapKey(&testKey().PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	got, err := UnwrapKey(testKey(), wrapped)
	if err != nil || !bytes.Equal(got, key) {
		t.Errorf("%x, %v", got, err)
	}
	// A wrong padding is not told apart from a wrong key (Bleichenbacher).
	long, err := WrapKey(&testKey().PublicKey, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := UnwrapKey(testKey(), long); err != nil || len(got) != TransactionKeySize || bytes.Equal(got, make([]byte, 16)) {
		t.Errorf("a key of another size: %x, %v", got, err)
	}
	if got, err := UnwrapKey(testKey(), wrapped[1:]); err == nil && bytes.Equal(got, key) {
		t.Error("a short ciphertext gave the key")
	}
	if _, err := UnwrapKey(testKey(), append(wrapped, 0)); err == nil {
		t.Error("a long ciphertext was accepted")
	}
}

// CR, LF and Ctrl-Z do not count; nothing else is dropped.
func TestOrderHashDropsLineEndsOnly(t *testing.T) {
	h := NewOrderHash()
	for _, piece := range []string{"\r\nA\r", "", "\nB\x1aC \t\x00", "\n"} {
		_, _ = h.Write([]byte(piece))
	}
	if h.Normalised() != sha256.Sum256([]byte("ABC \t\x00")) {
		t.Error("normalised hash is wrong")
	}
	if h.Raw() != sha256.Sum256([]byte("\r\nA\r\nB\x1aC \t\x00\n")) {
		t.Error("raw hash is wrong")
	}
}

func TestOrderSignatures(t *testing.T) {
	digest := sha256.Sum256([]byte("order"))
	a006, err := SignOrder("A006", testKey(), digest)
	if err != nil {
		t.Fatal(err)
	}
	a005, err := SignOrder("A005", testKey(), digest)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := SignOrder("A004", testKey(), digest); err == nil {
		t.Error("an order was signed in an unknown version")
	}
	other := sha256.Sum256([]byte("another order"))
	for _, row := range []struct {
		name, version string
		digest        [32]byte
		signature     []byte
		valid         bool
	}{
		{"A006", "A006", digest, a006, true}, {"A005", "A005", digest, a005, true},
		{"A006 of another order", "A006", other, a006, false}, {"A005 of another order", "A005", other, a005, false},
		{"A006 as A005", "A005", digest, a006, false}, {"A005 as A006", "A006", digest, a005, false},
		{"unknown version", "A004", digest, a005, false}, {"no signature", "A006", digest, nil, false},
	} {
		if err := VerifyOrder(row.version, &testKey().PublicKey, row.digest, row.signature); (err == nil) != row.valid {
			t.Errorf("%s: %v", row.name, err)
		}
	}
}

// Both ways of cutting that clients use give the same bytes.
func TestSegmentsDecodeHoweverTheyWereCut(t *testing.T) {
	data := make([]byte, 1000)
	_, _ = rand.Read(data)
	whole := base64.StdEncoding.EncodeToString(data)
	var perChunk []string
	for i := 0; i < len(data); i += 334 {
		perChunk = append(perChunk, base64.StdEncoding.EncodeToString(data[i:min(i+334, len(data))]))
	}
	if !strings.HasSuffix(perChunk[0], "=") {
		t.Fatal("the pieces have no padding: the test shows nothing")
	}
	for name, segments := range map[string][]string{
		"one":                   {whole},
		"cut at multiples of 4": {whole[:400], whole[400:]},
		"cut anywhere":          {whole[:401], whole[401:403], whole[403:]},
		"each piece encoded":    perChunk,
		"with white space":      {"\r\n " + whole[:200] + "\n\t", whole[200:] + " "},
	} {
		var d SegmentDecoder
		var got []byte
		var err error
		for _, segment := range segments {
			if got, err = d.Append(got, []byte(segment)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if err := d.Finish(); err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTextThatIsNotBase64IsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"padding inside": "QQ==QQ==", "other letters": "QQ-_", "cut": "QQ=", "only padding": "====", "three": "QUI", "NUL": "QUI\x00",
		"bits left over": "QR==",
	} {
		if got, err := DecodeBase64([]byte(text)); !errors.Is(err, ErrBase64) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

func FuzzDecrypt(f *testing.F) {
	key := []byte("0123456789abcdef")
	good, err := Encrypt(key, []byte("order data"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:16])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, ciphertext []byte) {
		plain, err := Decrypt(key, ciphertext, 1<<16)
		if len(plain) > 1<<16 {
			t.Fatalf("%d bytes above the limit", len(plain))
		}
		if err == nil {
			again, err := Encrypt(key, plain)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := Decrypt(key, again, 1<<16); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%v", err)
			}
		}
	})
}
