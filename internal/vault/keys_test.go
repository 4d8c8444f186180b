package vault

import (
	"bytes"
	"errors"
	"testing"
)

func TestRowsAndPagesOpenInTheirPlaceOnly(t *testing.T) {
	a, b := newOwnerKeys(t, tenantA), newOwnerKeys(t, tenantB)
	// The same data key under another owner's name: the place alone must refuse it.
	var dataKey key
	same, sameAsB := newKeys(tenantA, &dataKey), newKeys(tenantB, &dataKey)
	plain := []byte("DE02120300000000202051")
	row, page := a.SealRow("entry", "17", plain), a.SealPage("17", 3, plain)
	rows := []struct {
		name string
		open func() ([]byte, error)
		ok   bool
	}{
		{"row in its place", func() ([]byte, error) { return a.OpenRow("entry", "17", row) }, true},
		{"row of another owner", func() ([]byte, error) { return b.OpenRow("entry", "17", row) }, false},
		{"row of another table", func() ([]byte, error) { return a.OpenRow("event", "17", row) }, false},
		{"row of another id", func() ([]byte, error) { return a.OpenRow("entry", "18", row) }, false},
		{"row with the border between table and id moved", func() ([]byte, error) { return a.OpenRow("entry1", "7", row) }, false},
		{"row as a page", func() ([]byte, error) { return a.OpenPage("entry", 17, row) }, false},
		{"row of a renamed owner", func() ([]byte, error) {
			return sameAsB.OpenRow("entry", "17", same.SealRow("entry", "17", plain))
		}, false},
		{"page in its place", func() ([]byte, error) { return a.OpenPage("17", 3, page) }, true},
		{"page of another owner", func() ([]byte, error) { return b.OpenPage("17", 3, page) }, false},
		{"page of another file", func() ([]byte, error) { return a.OpenPage("18", 3, page) }, false},
		{"page of another number", func() ([]byte, error) { return a.OpenPage("17", 4, page) }, false},
		{"page with the border between file and number moved", func() ([]byte, error) { return a.OpenPage("1", 73, page) }, false},
		{"page as a row", func() ([]byte, error) { return a.OpenRow("17", "3", page) }, false},
		{"page of a renamed owner", func() ([]byte, error) { return sameAsB.OpenPage("17", 3, same.SealPage("17", 3, plain)) }, false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			got, err := r.open()
			if r.ok {
				if err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%q, %v", got, err)
				}
				return
			}
			if !errors.Is(err, ErrAltered) || got != nil {
				t.Fatalf("%q, %v, want ErrAltered", got, err)
			}
		})
	}
}

// everyAlteration calls refuse with sealed bytes in which one byte is flipped, or which were cut or lengthened.
func everyAlteration(sealed []byte, refuse func(what string, at int, bad []byte)) {
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 1 << (i % 8)
		refuse("flipped", i, bad)
		refuse("cut", i, bytes.Clone(sealed[:i]))
	}
	refuse("lengthened", len(sealed), append(bytes.Clone(sealed), 0))
}

func TestAlteredRowsAndPagesAreRefused(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	everyAlteration(k.SealRow("t", "1", []byte("Erika Mustermann")), func(what string, at int, bad []byte) {
		if _, err := k.OpenRow("t", "1", bad); !errors.Is(err, ErrAltered) {
			t.Fatalf("row %s at %d: %v, want ErrAltered", what, at, err)
		}
	})
	everyAlteration(k.SealPage("f", 0, []byte("Erika Mustermann")), func(what string, at int, bad []byte) {
		if _, err := k.OpenPage("f", 0, bad); !errors.Is(err, ErrAltered) {
			t.Fatalf("page %s at %d: %v, want ErrAltered", what, at, err)
		}
	})
}

// Equal rows must not look equal: who has the database would learn which payments repeat.
func TestSealingTheSameTwiceGivesDifferentBytes(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	plain := []byte("the same")
	if bytes.Equal(k.SealRow("t", "1", plain), k.SealRow("t", "1", plain)) {
		t.Error("row")
	}
	if bytes.Equal(k.SealPage("f", 1, plain), k.SealPage("f", 1, plain)) {
		t.Error("page")
	}
	if a, b := k.BodySealer("b").SealChunk(0, true, plain), k.BodySealer("b").SealChunk(0, true, plain); bytes.Equal(a[chunkHeader:], b[chunkHeader:]) {
		t.Error("chunk")
	}
}

func TestSealingAddsWhatItsDocumentationSays(t *testing.T) {
	k := newOwnerKeys(t, tenantA)
	for _, n := range []int{0, 1, 1000} {
		if got := len(k.SealRow("t", "1", make([]byte, n))) - n; got != 29 {
			t.Errorf("%d bytes grow by %d, want 29", n, got)
		}
	}
	if plain, err := k.OpenRow("t", "1", k.SealRow("t", "1", nil)); err != nil || len(plain) != 0 {
		t.Errorf("nothing sealed opens as %q, %v", plain, err)
	}
}

func TestFingerprintsAreEqualForEqualKindOwnerAndValueOnly(t *testing.T) {
	a, b := newOwnerKeys(t, tenantA), newOwnerKeys(t, tenantB)
	want := a.Fingerprint("msgid", []byte("2026-1"))
	if len(want) != 32 || !bytes.Equal(want, a.Fingerprint("msgid", []byte("2026-1"))) {
		t.Fatal("not the same 32 bytes again")
	}
	for name, got := range map[string][]byte{
		"another owner":    b.Fingerprint("msgid", []byte("2026-1")),
		"another kind":     a.Fingerprint("iban", []byte("2026-1")),
		"another value":    a.Fingerprint("msgid", []byte("2026-2")),
		"the border moved": a.Fingerprint("msgid2", []byte("026-1")),
	} {
		if bytes.Equal(want, got) {
			t.Errorf("%s: the same fingerprint", name)
		}
	}
}
