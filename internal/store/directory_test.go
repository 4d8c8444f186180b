package store_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// someDirectory is a text that does not compress, larger than one row.
func someDirectory(seed byte) []byte {
	var b bytes.Buffer
	for digest := sha256.Sum256([]byte{seed}); b.Len() < 1<<20; digest = sha256.Sum256(digest[:]) {
		fmt.Fprintf(&b, "%x\n", digest)
	}
	return b.Bytes()
}

func setDirectory(t *testing.T, f *storetest.Fixture, was string, text []byte) (d hub.BankDirectory, err error) {
	t.Helper()
	d = hub.BankDirectory{Version: "2026-12", Date: calendar.Date{Year: 2026, Month: 12, Day: 7}, Banks: 3, Participants: 2}
	err = f.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.SetBankDirectory(t.Context(), was, &d, text) })
	return d, err
}

// readDirectory returns what is stored, nil if nothing is.
func readDirectory(t *testing.T, s *store.Store) (d hub.BankDirectory, text []byte) {
	t.Helper()
	must(t, s.Read(t.Context(), func(tx *store.Tx) error {
		found, has, err := tx.BankDirectory(t.Context())
		if d = found; err != nil || !has {
			return err
		}
		text, err = tx.BankDirectoryText(t.Context(), d.SHA256)
		return err
	}))
	return d, text
}

func TestTheBankDirectoryIsReplacedWholeAndCleared(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		if _, text := readDirectory(t, f.Store); text != nil {
			t.Error("there is one before any was stored")
		}
		large, small := someDirectory(1), []byte("small\n")
		was := ""
		for _, text := range [][]byte{large, small, large} {
			want, err := setDirectory(t, f, was, text)
			must(t, err)
			got, stored := readDirectory(t, f.Store)
			if digest := sha256.Sum256(text); got != want || got.SHA256 != hex.EncodeToString(digest[:]) || !bytes.Equal(stored, text) || got.At.IsZero() {
				t.Errorf("%+v with %d bytes, want %+v with %d", got, len(stored), want, len(text))
			}
			was = want.SHA256
		}
		clearing := func() error {
			return f.Store.Write(t.Context(), func(tx *store.Tx) error { return tx.ClearBankDirectory(t.Context(), was) })
		}
		must(t, clearing())
		if _, text := readDirectory(t, f.Store); text != nil {
			t.Error("it was not cleared")
		}
		if err := clearing(); hub.CodeOf(err) != hub.CodeConflict {
			t.Errorf("cleared twice: %v", err)
		}
		if rows := count(t, f, `SELECT COUNT(*) FROM bank_directory_part`); rows != 0 {
			t.Errorf("%d parts left", rows)
		}
	})
}

// Of two operators who import at once, none undoes unawares what the other did.
func TestABankDirectoryThatWasChangedMeanwhileIsNotReplaced(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		first, err := setDirectory(t, f, "", []byte("first\n"))
		must(t, err)
		if _, err := setDirectory(t, f, "", []byte("second\n")); hub.CodeOf(err) != hub.CodeConflict {
			t.Errorf("as the first: %v", err)
		}
		_, err = setDirectory(t, f, first.SHA256, []byte("third\n"))
		must(t, err)
		if _, err := setDirectory(t, f, first.SHA256, []byte("fourth\n")); hub.CodeOf(err) != hub.CodeConflict {
			t.Errorf("in place of one that is gone: %v", err)
		}
		if _, text := readDirectory(t, f.Store); string(text) != "third\n" {
			t.Errorf("stored is %q", text)
		}
		if _, err := setDirectory(t, f, first.SHA256, make([]byte, 64<<20+1)); hub.CodeOf(err) != hub.CodeTooLarge {
			t.Errorf("too large: %v", err)
		}
	})
}

func TestADamagedBankDirectoryIsNotRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d, err := setDirectory(t, f, "", someDirectory(2))
		must(t, err)
		tamper(t, f, `DELETE FROM bank_directory_part WHERE number = 1`)
		err = f.Store.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.BankDirectoryText(t.Context(), d.SHA256)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "bank directory") {
			t.Errorf("a part is missing: %v", err)
		}
	})
}
