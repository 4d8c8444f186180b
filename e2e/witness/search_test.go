package witness

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

const secret = "DE02KANARIE0123456789"

func packed(t *testing.T, open func(io.Writer) io.WriteCloser, content string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := open(&out)
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// What the search cannot find, the secrecy test cannot promise.
func TestSearchFindsCanariesInEveryHidingPlace(t *testing.T) {
	noise := strings.Repeat("padding of another kind, ", 40)
	text := noise + secret + noise
	zlibbed := packed(t, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, text)
	places := map[string][]byte{
		"plain":             []byte(text),
		"plain in lower":    []byte(strings.ToLower(text)),
		"hexadecimal":       []byte(noise + hex.EncodeToString([]byte(secret)) + noise),
		"upper hexadecimal": []byte(strings.ToUpper(hex.EncodeToString([]byte(text)))),
		"base64":            []byte(base64.StdEncoding.EncodeToString([]byte(text))),
		"base64 shifted 1":  []byte(base64.RawURLEncoding.EncodeToString([]byte("x" + secret + "y"))),
		"base64 shifted 2":  []byte(base64.StdEncoding.EncodeToString([]byte("xx" + secret + "yy"))),
		"UTF-16LE":          wide(text, binary.LittleEndian),
		"UTF-16BE":          wide(text, binary.BigEndian),
		"zlib":              zlibbed,
		"zlib inside":       append([]byte(noise), zlibbed...),
		"zlib cut off":      append([]byte(noise), zlibbed[:len(zlibbed)-6]...),
		"gzip":              packed(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, text),
		"zstd": packed(t, func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			if err != nil {
				t.Fatal(err)
			}
			return z
		}, text),
		"deflate": packed(t, func(w io.Writer) io.WriteCloser {
			f, err := flate.NewWriter(w, 6)
			if err != nil {
				t.Fatal(err)
			}
			return f
		}, text),
		"gzip in zlib": packed(t, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) },
			string(packed(t, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, text))),
	}
	s := NewSearch(Canary{"IBAN", secret})
	for name, content := range places {
		if found := s.Find(content); len(found) == 0 {
			t.Errorf("%s: nothing found", name)
		}
	}
	if found := s.Find([]byte(noise)); len(found) != 0 {
		t.Errorf("found %v where nothing is", found)
	}
}
