package demo

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func screenFor(out *bytes.Buffer, live, colours bool) *screen {
	s := newScreen(out, english, func(string) string { return "" })
	s.live, s.colours, s.steps = live, colours, 11
	return s
}

func tell(s *screen) {
	s.headline(textStepBank)
	stop := s.wait(textWaitBank)
	s.done(textTenant, "Acme")
	stop()
	stop()
	s.refused(textTryTransport, "T1", "KONTOR", "T")
	s.note(textHubFolder)
}

// A longer line would wrap, and a wrapped line cannot be taken away.
func TestTerminalLineFitsIntoEightyColumns(t *testing.T) {
	var out bytes.Buffer
	s := screenFor(&out, true, false)
	s.wait(textWaitStatus, strings.Repeat("FIN_SOMETHING or ", 9))()
	for line := range strings.SplitSeq(out.String(), clearLine) {
		if n := utf8.RuneCountInString(line); n >= 80 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if !strings.Contains(out.String(), "… 0.0 s") {
		t.Errorf("nothing was cut: %q", out.String())
	}
}

// A log must be readable: no line is replaced, nothing is coloured.
func TestPlainLinesWithoutTerminal(t *testing.T) {
	var out bytes.Buffer
	tell(screenFor(&out, false, false))
	want := "\n[1/11] A bank opens\n  … waiting for the bank\n  ✓ Tenant Acme is set up.\n" +
		"  ⛔ T1 of KONTOR (class T) brought the order and may not release it.\n    One program, one SQLite file; no other server is needed.\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestTerminalLineIsReplaced(t *testing.T) {
	var out bytes.Buffer
	tell(screenFor(&out, true, false))
	text := out.String()
	if strings.Count(text, clearLine) < 3 || !strings.Contains(text, "⠋ ") || !strings.Contains(text, "waiting for the bank 0.0 s") {
		t.Errorf("no spinner: %q", text)
	}
	after := text[strings.LastIndex(text, clearLine)+len(clearLine):]
	if !strings.HasPrefix(after, "  ⛔") || strings.Contains(strings.ReplaceAll(text, clearLine, ""), "\x1b") {
		t.Errorf("after the wait its line is gone, and without colours there are none: %q", text)
	}
}

func TestSpinnerTurnsUntilStopped(t *testing.T) {
	out := &output{}
	s := newScreen(out, english, func(string) string { return "" })
	s.live, s.steps = true, 11
	stop := s.wait(textWaitHub)
	deadline := time.Now().Add(10 * time.Second)
	for !strings.Contains(out.String(), "⠙") {
		if time.Now().After(deadline) {
			t.Fatal("the spinner does not turn")
		}
		time.Sleep(time.Millisecond)
	}
	stop()
	if text := out.String(); !strings.HasSuffix(text, clearLine) {
		t.Errorf("the line is not taken away: %q", text)
	}
}

func TestColoursOnlyOnTerminalsThatWantThem(t *testing.T) {
	var out bytes.Buffer
	tell(screenFor(&out, true, true))
	if !strings.Contains(out.String(), green+"✓"+plain) {
		t.Errorf("no colour: %q", out.String())
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = errors.Join(read.Close(), write.Close()) }()
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0) // a character device, as terminals are
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = terminal.Close() }()
	for _, row := range []struct {
		name          string
		file          *os.File
		env           map[string]string
		live, colours bool
	}{
		{"pipe", write, nil, false, false},
		{"terminal", terminal, nil, true, true},
		{"NO_COLOR", terminal, map[string]string{"NO_COLOR": "1"}, true, false},
		{"dumb terminal", terminal, map[string]string{"TERM": "dumb"}, false, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newScreen(row.file, english, func(name string) string { return row.env[name] })
			if s.live != row.live || s.colours != row.colours {
				t.Errorf("live %v, colours %v", s.live, s.colours)
			}
		})
	}
}

func TestQuietScreenShowsHeadlinesAndFailures(t *testing.T) {
	var out bytes.Buffer
	s := screenFor(&out, false, false)
	s.quiet = true
	tell(s)
	s.failed("bad")
	if want := "[1/11] A bank opens\n  ✗ bad\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestTableAlignsAndCleans(t *testing.T) {
	var out bytes.Buffer
	screenFor(&out, false, false).table([]string{"a", "bb"}, [][]string{{"grün", "x"}, {"y\x1b[2J", "multi\nline"}})
	if want := "  a     bb\n  grün  x\n  y[2J  multi line\n"; out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

// What a bank writes must not move the cursor or hide text.
func TestCleanTakesOutWhatTerminalsObey(t *testing.T) {
	for text, want := range map[string]string{
		"plain Ü": "plain Ü", "a\x1b[31mb": "a[31mb", "a\rb\x07\x00": "ab", "a\u009bb": "ab", "a\u202eb\u200b": "ab", "a\nb\tc": "a b c", "\xff": "\uFFFD",
	} {
		if got := clean(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestErrorOfWritingIsReported(t *testing.T) {
	s := newScreen(brokenPipe{}, english, func(string) string { return "" })
	tell(s)
	if err := s.close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("error %v", err)
	}
}
