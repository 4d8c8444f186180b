package store_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/internal/vault"
)

// crashEnv turns the test binary into the process that is killed: it names the folder of the fixture.
const crashEnv = "KONTOR_STORE_CRASH"

// crashChild writes files and small transactions until it is killed. After each commit, and never before, it prints what it committed.
func crashChild(dir string) {
	if err := crashLoop(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func crashLoop(dir string) error {
	ctx := context.Background()
	root, err := vault.ParseRootKey(storetest.RootKey)
	if err != nil {
		return err
	}
	keys, err := vault.OpenKeyStore(filepath.Join(dir, "keys"), root)
	if err != nil {
		return err
	}
	s, err := store.Open(ctx, store.Options{Database: filepath.Join(dir, "kontor.db"), Vault: vault.New(keys, root), Now: time.Now})
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	var tenant hub.Tenant
	err = s.Read(ctx, func(tx *store.Tx) (err error) { tenant, err = tx.Tenant(ctx, "alpha"); return err })
	if err != nil {
		return err
	}
	failed := make(chan error)
	for range crashWriters { // they share commits
		go func() { failed <- crashNotes(ctx, s, tenant.ID) }()
	}
	go func() { failed <- crashFiles(ctx, s, tenant.ID) }()
	return <-failed
}

// crashWriters is how many write small transactions at the same time.
const crashWriters = 4

func crashNotes(ctx context.Context, s *store.Store, tenant hub.TenantID) error {
	for {
		id := store.NewID()
		if err := s.Write(ctx, func(tx *store.Tx) error { return crashNote(ctx, tx, tenant, id) }); err != nil {
			return err
		}
		if _, err := fmt.Println("note", id); err != nil { // one write each: lines of several writers do not mix
			return err
		}
	}
}

func crashFiles(ctx context.Context, s *store.Store, tenant hub.TenantID) error {
	for {
		id, digest, err := crashFile(ctx, s, tenant)
		if err != nil {
			return err
		}
		if _, err := fmt.Println("file", id, digest); err != nil {
			return err
		}
	}
}

// crashNote writes an event and an audit row of one subject.
func crashNote(ctx context.Context, tx *store.Tx, tenant hub.TenantID, subject string) error {
	if err := tx.InsertEvent(ctx, hub.Event{Tenant: tenant, Subject: subject, At: tx.Now(), Actor: tester, Name: "note"}); err != nil {
		return err
	}
	return tx.Audit(ctx, hub.AuditRow{Owner: tenant.Owner(), Actor: tester, Action: "test.note", Subject: subject})
}

// crashFile stages a file of up to 3 MiB with up to 10,000 payments and publishes it.
func crashFile(ctx context.Context, s *store.Store, tenant hub.TenantID) (id, digest string, err error) {
	st, err := s.Stage(ctx, tenant.Owner(), store.BodyPaymentFile)
	if err != nil {
		return "", "", err
	}
	data := noise(byte(rand.IntN(256)), rand.IntN(3<<20))
	if err := st.Write(ctx, data); err != nil {
		return "", "", err
	}
	count := rand.IntN(10_000)
	for i := range count {
		if err := st.AddPayment(ctx, hub.Payment{Ordinal: i}); err != nil {
			return "", "", err
		}
	}
	if err := st.Close(ctx); err != nil {
		return "", "", err
	}
	sum := sha256.Sum256(data)
	f := hub.PaymentFile{
		ID: hub.FileID(st.ID()), Tenant: tenant, Contact: "contact", State: hub.StateQueued, Count: count, Created: s.Now(), Updated: s.Now(),
		Detail: hub.FileDetail{MessageID: hex.EncodeToString(sum[:])},
	}
	return st.ID(), f.Detail.MessageID, s.Write(ctx, func(tx *store.Tx) error {
		if _, err := st.Publish(ctx, tx); err != nil {
			return err
		}
		if err := tx.InsertFile(ctx, f); err != nil {
			return err
		}
		return crashNote(ctx, tx, tenant, st.ID())
	})
}

// An acknowledged request survives kill -9; what was not committed was never seen.
func TestKilledWriterLosesNothingItAcknowledged(t *testing.T) {
	f := storetest.SQLite(t)
	tenant := f.NewTenant("alpha")
	var acknowledged []string
	for range 10 {
		must(t, f.Store.Close())
		acknowledged = append(acknowledged, killWriter(t, f.Dir)...)
		f.Reopen()
		f.SetNow(time.Now())
		if got := query(t, f, `PRAGMA integrity_check`); len(got) != 1 || got[0][0] != "ok" {
			t.Fatalf("integrity: %v", got)
		}
		for _, line := range acknowledged {
			checkAcknowledged(t, f, tenant.ID, strings.Fields(line))
		}
		checkNothingHalf(t, f, tenant.ID)
	}
	files := count(t, f, `SELECT COUNT(*) FROM payment_file`)
	notes := count(t, f, `SELECT COUNT(*) FROM event`) - files
	t.Logf("%d files and %d notes after 10 kills; %d acknowledged; %d bodies left staged",
		files, notes, len(acknowledged), count(t, f, `SELECT COUNT(*) FROM body WHERE state = 'staged'`))
	if files == 0 || notes == 0 {
		t.Error("the writers came to nothing")
	}
	f.Forward(time.Minute)
	if _, err := f.Store.SweepStaged(t.Context(), f.Now()); err != nil {
		t.Error(err)
	}
	if n := count(t, f, `SELECT COUNT(*) FROM body WHERE state = 'staged'`); n != 0 {
		t.Errorf("%d left after the sweep", n)
	}
	seal(t, f, tenant.ID.Owner(), 1000)
	if chained, pending, err := f.Store.VerifyAudit(t.Context(), tenant.ID.Owner()); chained != files+notes || pending != 0 || err != nil {
		t.Errorf("%d audit rows chained, %d pending, %v; want %d", chained, pending, err, files+notes)
	}
}

// killWriter starts a writer, kills it at a random moment after its first commit and returns what it acknowledged.
func killWriter(t *testing.T, dir string) (acknowledged []string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), crashEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == 1 {
			time.AfterFunc(time.Duration(rand.IntN(300))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
	}
	if err := cmd.Wait(); err == nil || cmd.ProcessState.Exited() {
		t.Fatalf("the writer ended by itself: %v", err)
	}
	if len(acknowledged) == 0 {
		t.Fatal("the writer acknowledged nothing")
	}
	if last := acknowledged[len(acknowledged)-1]; strings.HasPrefix(last, "file") && len(last) != len("file ")+36+1+64 {
		acknowledged = acknowledged[:len(acknowledged)-1] // killed in the middle of its line
	}
	return acknowledged
}

func checkAcknowledged(t *testing.T, f *storetest.Fixture, tenant hub.TenantID, line []string) {
	t.Helper()
	id := line[1]
	f.Read(func(tx *store.Tx) error {
		events, err := tx.Events(t.Context(), tenant, id)
		if len(events) != 1 {
			t.Errorf("acknowledged %v has %d events", line, len(events))
		}
		return err
	})
	if n := count(t, f, `SELECT COUNT(*) FROM audit WHERE subject = $1`, id); n != 1 {
		t.Errorf("acknowledged %v has %d audit rows", line, n)
	}
	if line[0] != "file" {
		return
	}
	f.Read(func(tx *store.Tx) error {
		file, err := tx.File(t.Context(), tenant, hub.FileID(id))
		if file.Detail.MessageID != line[2] {
			t.Errorf("file %s was acknowledged with other content", id)
		}
		return err
	})
}

// checkNothingHalf looks at everything that is visible, acknowledged or not: it must be whole.
func checkNothingHalf(t *testing.T, f *storetest.Fixture, tenant hub.TenantID) {
	t.Helper()
	ctx := t.Context()
	for _, row := range query(t, f, `SELECT id FROM payment_file`) {
		id := row[0].(string)
		var file hub.PaymentFile
		payments := 0
		f.Read(func(tx *store.Tx) (err error) {
			if file, err = tx.File(ctx, tenant, hub.FileID(id)); err != nil {
				return err
			}
			return tx.Payments(ctx, tenant, file.ID, func(hub.Payment) error { payments++; return nil })
		})
		data, err := f.Store.ReadBody(ctx, tenant.Owner(), hub.BodyID(id), 1<<30)
		must(t, err)
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != file.Detail.MessageID || payments != file.Count {
			t.Errorf("file %s is visible with other bytes, or with %d payments of %d", id, payments, file.Count)
		}
	}
	for what, q := range map[string]string{
		"chunks without a body":       `SELECT COUNT(*) FROM chunk c WHERE NOT EXISTS (SELECT 1 FROM body b WHERE b.id = c.body_id)`,
		"pages without a body":        `SELECT COUNT(*) FROM payment_page p WHERE NOT EXISTS (SELECT 1 FROM body b WHERE b.id = p.file_id)`,
		"visible bodies without file": `SELECT COUNT(*) FROM body b WHERE state = 'visible' AND NOT EXISTS (SELECT 1 FROM payment_file f WHERE f.id = b.id)`,
		"files of a staged body":      `SELECT COUNT(*) FROM body b JOIN payment_file f ON f.id = b.id WHERE b.state = 'staged'`,
		"events without audit row":    `SELECT COUNT(*) FROM event e WHERE NOT EXISTS (SELECT 1 FROM audit a WHERE a.subject = e.subject)`,
		"audit rows without event":    `SELECT COUNT(*) FROM audit a WHERE NOT EXISTS (SELECT 1 FROM event e WHERE a.subject = e.subject)`,
	} {
		if n := count(t, f, q); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}

// A full disk refuses, loses nothing, and is no reason to start again once there is room.
func TestFullDiskRefusesAndLosesNothing(t *testing.T) {
	f := storetest.SQLite(t) // PostgreSQL's disk is its own concern
	ctx := t.Context()
	tenant := f.NewTenant("alpha")
	kept := f.NewFile(tenant.ID, "contact", hub.StateQueued, 300)
	pages := count(t, f, `PRAGMA page_count`)
	query(t, f, fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+20))
	st, err := f.Store.Stage(ctx, tenant.ID.Owner(), store.BodyPaymentFile)
	must(t, err)
	if err := st.Write(ctx, noise(1, 3<<20)); err == nil {
		t.Fatal("the disk is not full")
	}
	err = f.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.PublishBytes(ctx, tenant.ID.Owner(), store.BodyDocument, noise(2, 1<<20))
		return err
	})
	if err == nil {
		t.Fatal("the disk is not full")
	}
	f.Read(func(tx *store.Tx) error { _, err := tx.File(ctx, tenant.ID, kept.ID); return err })
	f.Write(func(tx *store.Tx) error { return crashNote(ctx, tx, tenant.ID, "small") }) // there is room for what is small

	query(t, f, `PRAGMA max_page_count = 1000000`)
	f.NewFile(tenant.ID, "contact", hub.StateQueued, 1)
	if b, c, p := leftovers(t, f, st.ID()); b+c+p != 0 {
		t.Errorf("of the refused body are left %d rows, %d chunks, %d pages", b, c, p)
	}
	if got := query(t, f, `PRAGMA integrity_check`); len(got) != 1 || got[0][0] != "ok" {
		t.Errorf("integrity: %v", got)
	}
	got, err := f.Store.ReadBody(ctx, tenant.ID.Owner(), hub.BodyID(kept.ID), 100)
	if err != nil || string(got) != "<Document/>" {
		t.Errorf("the file that was there: %q, %v", got, err)
	}
}
