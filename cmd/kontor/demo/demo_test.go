package demo

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// play runs the demo against this test binary as kontor in the given scenario.
func play(ctx context.Context, t *testing.T, s scenario, o Options) (string, error) {
	t.Helper()
	t.Setenv(fakeVariable, string(s))
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each process of a -race build takes a second to end
	t.Setenv("KONTOR_DATABASE", "must not reach the processes")
	var out output
	if o.Stdout == nil {
		o.Stdout = &out
	}
	if o.Language == "" {
		o.Language = "en"
	}
	err := Run(ctx, o)
	return out.String(), err
}

// output may be read while the demo writes.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func TestStoryTellsEveryStatusInOrder(t *testing.T) {
	for _, language := range []string{"en", "de", "sv"} {
		t.Run(language, func(t *testing.T) {
			out, err := play(t.Context(), t, behaves, Options{Language: language})
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			at := 0
			for _, s := range []status{konAcceptedAndQueued, finUploadSucceeded, finVEUForwarded, finAccepted, finConfirmed, konRejected} {
				i := strings.Index(out[at:], string(s))
				if i < 0 {
					t.Fatalf("%s is missing or out of order in:\n%s", s, out)
				}
				at += i
			}
			if strings.Contains(out, "%!") || strings.Contains(out, "\x1b") {
				t.Errorf("a text was filled in wrongly, or holds escape sequences:\n%s", out)
			}
			if !strings.Contains(out, "16547.50 EUR") {
				t.Errorf("the sum of the salaries is missing:\n%s", out)
			}
		})
	}
}

// The version of EBICS that was asked for is the one that is spoken, and in H005 it is certificates whose hashes are compared.
func TestStoryInAVersionOfEBICS(t *testing.T) {
	for _, row := range []struct {
		name     string
		scenario scenario
		protocol string
		text     string // of the screen of a success
		failure  string
	}{
		{"H003", behaves, "H003", "spoken to in EBICS H003", ""},
		{"H005", behaves, "H005", "spoken to in EBICS H005", ""},
		{"unasked", behaves, "", "spoken to in EBICS H004", ""},
		{"not offered", oldBank, "H005", "", "not EBICS H005"},
		{"another certificate in H005", otherCertificate, "H005", "", "X002 key is not the one it publishes"},
		{"certificates do not count in H004", otherCertificate, "H004", "spoken to in EBICS H004", ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			out, err := play(t.Context(), t, row.scenario, Options{Protocol: row.protocol})
			if (err != nil) != (row.failure != "") || err != nil && !strings.Contains(err.Error(), row.failure) {
				t.Fatalf("error %v, want %q\n%s", err, row.failure, out)
			}
			if !strings.Contains(out, row.text) {
				t.Errorf("%q is missing in:\n%s", row.text, out)
			}
		})
	}
}

// Whatever goes wrong, the demo must not look like a success.
func TestStoryFails(t *testing.T) {
	for _, row := range []struct {
		scenario scenario
		want     error
		text     string // of error or screen
	}{
		{skipsUpload, errMissingStatus, "FIN_UPLOAD_SUCCEEDED was never seen"},
		{skipsAccepted, errMissingStatus, "FIN_ACCEPTED was never seen"},
		{inventsStatus, errUnknownStatus, "FIN_HAPPY"},
		{losesOrderID, errOrderID, "FIN_UPLOAD_SUCCEEDED"},
		{hubDies, nil, "the hub's disk is full"},
		{bankTakesAll, nil, "the bank took the signature of T1"},
		{otherBankKey, nil, "X002 key is not the one it publishes"},
		{sentTwice, nil, "the bank has 2 orders"},
		{takesTwice, nil, "not at KON_REJECTED"},
		{booksTooLittle, nil, "16547.49 EUR"},
		{wrongClosing, nil, "the closing balance is"},
		{staysNew, nil, "still 1 new documents"},
		{adminFails, nil, "the bank refused INI"},
		{refusesFile, nil, "KON_REJECTED"},
		{unreadableFile, nil, "ERR-02-0001"},
	} {
		t.Run(string(row.scenario), func(t *testing.T) {
			out, err := play(t.Context(), t, row.scenario, Options{})
			if err == nil {
				t.Fatalf("the demo succeeded:\n%s", out)
			}
			if row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("error %v, want %v", err, row.want)
			}
			if !strings.Contains(out+err.Error(), row.text) {
				t.Errorf("%q is missing in error %v and screen:\n%s", row.text, err, out)
			}
			if !strings.Contains(out, "listening") {
				t.Errorf("the ends of the logs are missing:\n%s", out)
			}
		})
	}
}

func TestOwnFileThatIsRefusedIsShownWithItsReasons(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.xml")
	from := bankAccount{IBAN: fakeIBAN(), Owner: "Holder GmbH"}
	if err := writeSalaries(path, "OWN-1", from, "2026-11-25", time.Date(2026, 11, 25, 8, 0, 0, 0, time.UTC)); err != nil {
		t.Fatal(err)
	}
	garbage := filepath.Join(t.TempDir(), "garbage.xml")
	if err := os.WriteFile(garbage, []byte("no XML"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		scenario scenario
		file     string
		want     []string
	}{
		{refusesFile, path, []string{"• PAIN-B1 line 7, column 3: count", "• PAIN-D1 line 9, column 3: name", "Kontor refused this file"}},
		{unreadableFile, garbage, []string{"ERR-02-0001 UnreadableFile", "• line 1: no element", "cannot be read as a credit transfer"}},
	} {
		t.Run(string(row.scenario), func(t *testing.T) {
			out, err := play(t.Context(), t, row.scenario, Options{File: row.file})
			if !errors.Is(err, ErrFileRefused) {
				t.Fatalf("error %v, want ErrFileRefused\n%s", err, out)
			}
			for _, text := range row.want {
				if !strings.Contains(out, text) {
					t.Errorf("%q is missing:\n%s", text, out)
				}
			}
		})
	}
	if out, err := play(t.Context(), t, behaves, Options{File: path}); err != nil {
		t.Errorf("a good file of one's own: %v\n%s", err, out)
	}
}

// make run: everything ends soon after Ctrl-C, and that is a success.
func TestKeptInstallationEndsWithTheContext(t *testing.T) {
	for s, grace := range map[scenario]time.Duration{behaves: stopGrace, ignoresTerminate: time.Second} {
		t.Run(string(s), func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			data := filepath.Join(t.TempDir(), "data")
			out := &output{}
			done := make(chan error, 1)
			go func() {
				_, err := play(ctx, t, s, Options{Keep: true, Data: data, Stdout: out, grace: grace})
				done <- err
			}()
			await(t, out, "Ctrl-C ends it.", done)
			began := time.Now()
			cancel()
			if err := <-done; err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("the end took %s", took)
			}
			for _, text := range []string{"--cacert", "/orders/BUREAU/A001/release", "salaries-3.xml", "their data stays in " + data} {
				if !strings.Contains(out.String(), text) {
					t.Errorf("%q is missing:\n%s", text, out)
				}
			}
			if killed := strings.Contains(out.String(), "the hub did not end in time"); killed != (s == ignoresTerminate) {
				t.Errorf("killed: %v\n%s", killed, out)
			}
			if _, err := os.Stat(filepath.Join(data, "files", "salaries-3.xml")); err != nil {
				t.Error(err)
			}
		})
	}
}

// await polls until the text is on the screen.
func await(t *testing.T, out *output, text string, done <-chan error) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !strings.Contains(out.String(), text) {
		select {
		case <-tick.C:
		case err := <-done:
			t.Fatalf("the demo ended before %q: %v\n%s", text, err, out)
		case <-deadline:
			t.Fatalf("no %q within %s:\n%s", text, patience, out)
		}
	}
}

func TestInterruptionIsAnErrorWithoutLogs(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	out := &output{}
	done := make(chan error, 1)
	go func() {
		_, err := play(ctx, t, behaves, Options{Stdout: out})
		done <- err
	}()
	await(t, out, "[3/11]", done)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if strings.Contains(out.String(), "listening") {
		t.Errorf("logs are shown:\n%s", out)
	}
}

func TestFolderWithContentIsRefused(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "kontor.sqlite"), []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := play(t.Context(), t, behaves, Options{Data: data}); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("error %v", err)
	}
}

func TestTemporaryFolderIsRemoved(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for _, s := range []scenario{behaves, adminFails} {
		if out, err := play(t.Context(), t, s, Options{}); (err != nil) != (s == adminFails) {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	left, err := os.ReadDir(os.TempDir())
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
