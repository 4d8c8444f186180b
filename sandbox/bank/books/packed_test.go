package books

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// What is packed comes back, from the books and from a ZIP.
func TestPackedFileComesBack(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "short": "x", "long": strings.Repeat("a statement with many entries ", 10_000)} {
		t.Run(name, func(t *testing.T) {
			packed, err := Pack([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(packed.Open()); err != nil || string(got) != text {
				t.Errorf("%d bytes, error %v", len(got), err)
			}
			var out bytes.Buffer
			archive := zip.NewWriter(&out)
			if err := errors.Join(packed.AddTo(archive, "one.xml", monday), archive.Close()); err != nil {
				t.Fatal(err)
			}
			reader, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
			if err != nil {
				t.Fatal(err)
			}
			file, err := reader.Open("one.xml")
			if err != nil {
				t.Fatal(err)
			}
			if got, err := io.ReadAll(file); err != nil || string(got) != text {
				t.Errorf("from the ZIP: %d bytes, error %v", len(got), err)
			}
		})
	}
	if len(mustPack(t, strings.Repeat("payment", 10_000)).Deflated) > 1000 {
		t.Error("packing does not pack")
	}
	if got, err := io.ReadAll(Packed{}.Open()); err != nil || len(got) != 0 {
		t.Errorf("no file: %q, %v", got, err)
	}
}

// A damaged file is never taken for the whole one.
func TestDamagedFileIsAnError(t *testing.T) {
	whole := mustPack(t, strings.Repeat("payment ", 100))
	for name, damage := range map[string]func(*Packed){
		"another sum":  func(p *Packed) { p.CRC++ },
		"a byte short": func(p *Packed) { p.Size++ },
		"a byte more":  func(p *Packed) { p.Size-- },
		"cut off":      func(p *Packed) { p.Deflated = p.Deflated[:len(p.Deflated)-3] },
		"no deflate":   func(p *Packed) { p.Deflated = []byte{0xff, 0xff} },
	} {
		p := whole
		damage(&p)
		if _, err := io.ReadAll(p.Open()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func mustPack(t *testing.T, text string) Packed {
	t.Helper()
	p, err := Pack([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}
