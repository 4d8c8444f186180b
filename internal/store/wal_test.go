package store_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// The shape of SQLite's log: a header, then frames of a header and a page each.
const (
	walHeader   = 32
	frameHeader = 24
)

// R3: a power cut leaves the log cut anywhere, or with a page half written. What was acknowledged before the last transaction is there, and
// of the last one all or nothing.
func TestR3LogCutAnywhereKeepsWhatWasCommitted(t *testing.T) {
	f := storetest.SQLite(t)
	tenant := f.NewTenant("alpha")
	log := filepath.Join(f.Dir, "kontor.db-wal")
	var ends []int64 // of the log after each transaction
	var subjects []string
	for range 5 {
		id := store.NewID()
		f.Write(func(tx *store.Tx) error { return crashNote(t.Context(), tx, tenant.ID, id) })
		info, err := os.Stat(log)
		must(t, err)
		ends, subjects = append(ends, info.Size()), append(subjects, id)
	}
	whole, err := os.ReadFile(filepath.Clean(log))
	must(t, err)
	begin, end := ends[len(ends)-2], ends[len(ends)-1]
	page := int64(binary.BigEndian.Uint32(whole[8:]))
	if frames := (end - begin) / (frameHeader + page); begin <= walHeader || frames < 1 || (end-begin)%(frameHeader+page) != 0 {
		t.Fatalf("the last transaction has %d bytes of log after %d: these are no frames", end-begin, begin)
	}
	cuts := 0
	check := func(log []byte, want int) {
		t.Helper()
		cuts++
		kept := notesAfter(t, f, log, tenant.ID, subjects)
		if kept != want {
			t.Fatalf("with %d of %d bytes of the log %d notes are there, want %d", len(log), len(whole), kept, want)
		}
	}
	step := int64(211)
	if os.Getenv("KONTOR_LONG") == "1" {
		step = 1
	}
	for cut := begin; cut < end; cut += step {
		check(whole[:cut], len(subjects)-1)
	}
	check(whole[:end-1], len(subjects)-1)
	check(whole[:end], len(subjects))
	// Torn pages: the length is there, the second half of a page is not.
	for at := begin; at < end; at += frameHeader + page {
		torn := append([]byte(nil), whole[:end]...)
		clear(torn[at+frameHeader+page/2 : at+frameHeader+page])
		if string(torn) != string(whole[:end]) {
			check(torn, len(subjects)-1)
		}
	}
	t.Logf("%d logs", cuts)
}

// notesAfter opens a copy of the database with another log and counts which notes are there, in their order without a gap.
func notesAfter(t *testing.T, f *storetest.Fixture, log []byte, tenant hub.TenantID, subjects []string) int {
	t.Helper()
	dir := t.TempDir()
	main, err := os.ReadFile(filepath.Join(f.Dir, "kontor.db"))
	must(t, err)
	path := filepath.Join(dir, "kontor.db")
	must(t, os.WriteFile(path, main, 0o600))
	must(t, os.WriteFile(path+"-wal", log, 0o600))
	s, err := store.Open(t.Context(), store.Options{Database: path, Vault: f.Vault, Now: f.Now})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	kept := 0
	must(t, s.Read(t.Context(), func(tx *store.Tx) error {
		for n, id := range subjects {
			events, err := tx.Events(t.Context(), tenant, id)
			if err != nil {
				return err
			}
			if len(events) == 1 && kept == n {
				kept++
			} else if len(events) > 0 {
				t.Errorf("note %d has %d events, and %d before it are there", n, len(events), kept)
			}
		}
		return nil
	}))
	return kept
}
