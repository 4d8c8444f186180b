package archive_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"kontor/internal/store/archive"
)

var (
	key     = bytes.Repeat([]byte{7}, 32)
	columns = []archive.Column{{Name: "id", Kind: archive.Text}, {Name: "at", Kind: archive.Number}, {Name: "sealed", Kind: archive.Bytes}}
	rows    = [][]any{{"a", int64(-1), []byte{0, 1, 2}}, {"", int64(1) << 62, []byte{}}, {strings.Repeat("ä", 500), int64(0), bytes.Repeat([]byte("x"), 70_000)}}
)

func written(t testing.TB, key []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := archive.NewWriter(&out, key)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"first", "empty", "last"} {
		if err := w.Table(name, columns); err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if name == "empty" {
				break
			}
			if err := w.Row(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	m := archive.Manifest{Schema: 3, Program: "test", Engine: "sqlite", Created: time.Date(2026, 11, 25, 7, 0, 0, 0, time.UTC)}
	if _, err := w.Close(m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// readAll reads everything, as a restore does.
func readAll(file []byte, key []byte) (archive.Manifest, map[string][][]any, error) {
	a, err := archive.Open(bytes.NewReader(file), key)
	if err != nil {
		return archive.Manifest{}, nil, err
	}
	defer a.Close()
	out := map[string][][]any{}
	for {
		t, err := a.Next()
		if errors.Is(err, io.EOF) {
			return a.Manifest, out, nil
		}
		if err != nil {
			return a.Manifest, out, err
		}
		for {
			row, err := a.Row()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return a.Manifest, out, err
			}
			out[t.Name] = append(out[t.Name], row)
		}
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	m, got, err := readAll(written(t, key), key)
	if err != nil {
		t.Fatal(err)
	}
	if m.Schema != 3 || len(m.Tables) != 3 || m.Tables[0].Rows != 3 || m.Tables[1].Rows != 0 || m.Rows() != 6 || !slices.Equal(m.Tables[2].Columns, columns) {
		t.Errorf("manifest %+v", m)
	}
	for _, name := range []string{"first", "last"} {
		if len(got[name]) != len(rows) {
			t.Fatalf("%s: %d rows", name, len(got[name]))
		}
		for i, r := range got[name] {
			if r[0] != rows[i][0] || r[1] != rows[i][1] || !bytes.Equal(r[2].([]byte), rows[i][2].([]byte)) {
				t.Errorf("%s: row %d differs", name, i)
			}
		}
	}
}

// A second pass must see what the first one saw: the file may lie on a share that somebody else writes to.
func TestChangeBetweenTheTwoPassesIsFound(t *testing.T) {
	file := written(t, key)
	a, err := archive.Open(bytes.NewReader(file), key)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	at := bytes.Index(file, []byte(`"first"`)) + 1
	copy(file[at:], "worst")
	if err := a.Rewind(); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Next(); err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = a.Row()
	}
	if !errors.Is(err, archive.ErrDamaged) {
		t.Errorf("got %v", err)
	}
}

func TestTornBackupIsRefused(t *testing.T) {
	file := written(t, key)
	for n := range file {
		_, err := archive.Open(bytes.NewReader(file[:n]), key)
		if !errors.Is(err, archive.ErrDamaged) {
			t.Fatalf("the first %d of %d bytes: %v", n, len(file), err)
		}
		if n > 0 && !strings.Contains(err.Error(), "cut off") {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
}

func TestChangedBackupIsRefused(t *testing.T) {
	file := written(t, key)
	for n := range file {
		for _, bit := range []byte{1, 0x80} {
			changed := bytes.Clone(file)
			changed[n] ^= bit
			if _, err := archive.Open(bytes.NewReader(changed), key); !errors.Is(err, archive.ErrDamaged) {
				t.Fatalf("byte %d with bit %x changed: %v", n, bit, err)
			}
		}
	}
}

func TestRefusalsNameWhatIsWrong(t *testing.T) {
	file := written(t, key)
	changed := func(at int) []byte {
		c := bytes.Clone(file)
		c[at] ^= 1
		return c
	}
	lastTable := bytes.LastIndex(file[:bytes.Index(file, []byte(`{"schema"`))], []byte(`"last"`))
	without := func() []byte { // the second table
		from := bytes.Index(file, []byte(`{"name":"empty"`)) - 5
		to := bytes.Index(file, []byte(`{"name":"last"`)) - 5
		return append(bytes.Clone(file[:from]), file[to:]...)
	}
	for _, tc := range []struct {
		name string
		file []byte
		key  []byte
		want string
	}{
		{"another root key", file, bytes.Repeat([]byte{8}, 32), "another root key"},
		{"something else", []byte("PK\x03\x04 something else than a backup"), key, "no backup of Kontor"},
		{"nothing", nil, key, "no backup of Kontor"},
		{"a later format", []byte("kontor backup 2\nsomething"), key, "format that this program does not know"},
		{"more at the end", append(bytes.Clone(file), 0), key, "something follows its end"},
		{"data of the last table", changed(lastTable + 200), key, "table last was changed"},
		{"the list of contents", changed(bytes.Index(file, []byte(`"schema":3`)) + 9), key, "list of contents was changed"},
		{"the mac", changed(len(file) - 1), key, "list of contents was changed"},
		{"a table less", without(), key, "table empty is missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := archive.Open(bytes.NewReader(tc.file), tc.key)
			if !errors.Is(err, archive.ErrDamaged) || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestWriterRefusesWhatDoesNotFit(t *testing.T) {
	w, err := archive.NewWriter(io.Discard, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Row(rows[0]); err == nil {
		t.Error("a row without a table")
	}
	if err := w.Table("t", columns); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string][]any{"too few": rows[0][:2], "another type": {int64(1), int64(1), []byte{}}, "nothing": {"", nil, []byte{}}} {
		if err := w.Row(row); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

type brokenDisk struct{ left int }

var errDisk = errors.New("the disk is full")

func (b *brokenDisk) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestFailureToWriteIsNotSwallowed(t *testing.T) {
	const much = 100
	for _, left := range []int{0, 1000, 1 << 20} {
		w, err := archive.NewWriter(&brokenDisk{left}, key)
		if err == nil {
			err = w.Table("t", columns)
		}
		noise := make([]byte, 64<<10)
		for i := 0; err == nil && i < much; i++ {
			rand.NewChaCha8([32]byte{byte(i)}).Read(noise) //nolint:errcheck // it never fails
			err = w.Row([]any{"id", int64(i), noise})
		}
		if err == nil {
			_, err = w.Close(archive.Manifest{})
		}
		if !errors.Is(err, errDisk) {
			t.Errorf("with room for %d bytes: %v", left, err)
		}
	}
}

// FuzzOpen shows that no file makes the reader fail in another way than by an error, or passes without the key.
func FuzzOpen(f *testing.F) {
	file := written(f, key)
	seeds := [][]byte{file, file[:len(file)/2], []byte("kontor backup 1\n"), binary.BigEndian.AppendUint32([]byte("kontor backup 1\nT"), 1<<31)}
	for _, s := range seeds {
		f.Add(s)
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, _, err := readAll(file, bytes.Repeat([]byte{9}, 32)); err == nil {
			t.Error("a backup without the key was read")
		}
		_, _, err := readAll(file, key)
		if err != nil && !errors.Is(err, archive.ErrDamaged) {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
