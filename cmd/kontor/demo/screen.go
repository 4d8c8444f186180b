package demo

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// screen tells the story. On a terminal it shows what it waits for in one line that is replaced; elsewhere every line stays. The
// first error of the writer stays and is returned by close.
type screen struct {
	mu      sync.Mutex
	out     io.Writer
	err     error
	text    catalogue
	live    bool // a terminal: lines may be replaced
	colours bool
	quiet   bool // headlines only
	step    int
	steps   int
	spin    *spinner
}

// spinner redraws the line of what is waited for, until stopped.
type spinner struct {
	what    string
	began   time.Time
	turn    int
	quit    chan struct{}
	stopped chan struct{}
}

// Escape sequences of terminals.
const (
	clearLine   = "\r\x1b[K"
	bold        = "\x1b[1m"
	dim         = "\x1b[2m"
	green       = "\x1b[32m"
	red         = "\x1b[31m"
	cyan        = "\x1b[36m"
	plain       = "\x1b[0m"
	barWidth    = 12
	waitWidth   = 54 // characters of what is waited for: with bar and seconds the line fits into 80 columns, or it could not be replaced
	spinnerTick = 100 * time.Millisecond
)

// newScreen writes to out. It is live if out is a terminal, and coloured if the terminal can and NO_COLOR (no-color.org) is unset.
func newScreen(out io.Writer, text catalogue, getenv func(string) string) *screen {
	live := isTerminal(out) && getenv("TERM") != "dumb"
	return &screen{out: out, text: text, live: live, colours: live && getenv("NO_COLOR") == ""}
}

// isTerminal tells a character device from files and pipes.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// say returns the text of the key in the user's language, filled in.
func (s *screen) say(k key, values ...any) string {
	return fmt.Sprintf(s.text[k], values...)
}

// headline begins a step of the story.
func (s *screen) headline(k key, values ...any) {
	s.step++
	count := fmt.Sprintf("[%d/%d]", s.step, s.steps)
	before := "\n"
	if s.quiet {
		before = ""
	}
	s.write(before + s.paint(cyan, count) + " " + s.paint(bold, s.say(k, values...)) + "\n")
}

// done tells of something that worked.
func (s *screen) done(k key, values ...any) { s.detail(s.paint(green, "✓"), s.say(k, values...)) }

// refused tells of something that was refused, as it should be.
func (s *screen) refused(k key, values ...any) { s.detail(s.paint(green, "⛔"), s.say(k, values...)) }

// note explains.
func (s *screen) note(k key, values ...any) { s.detail(" ", s.paint(dim, s.say(k, values...))) }

// failed tells of something that did not work; it is shown even on a quiet screen.
func (s *screen) failed(text string) { s.write("  " + s.paint(red, "✗") + " " + clean(text) + "\n") }

// quote shows lines that others wrote, such as a letter.
func (s *screen) quote(lines ...string) {
	for _, line := range lines {
		s.detail(" ", s.paint(dim, "│ "+clean(line)))
	}
}

// detail writes one line below a headline, nothing on a quiet screen.
func (s *screen) detail(mark, text string) {
	if !s.quiet {
		s.write("  " + mark + " " + text + "\n")
	}
}

// line writes a line at the margin.
func (s *screen) line(text string) { s.write(text + "\n") }

// table writes rows in columns below their bold heads. Cells are cleaned of what terminals would obey.
func (s *screen) table(heads []string, rows [][]string) {
	widths := make([]int, len(heads))
	for _, row := range append([][]string{heads}, rows...) {
		for i := range widths {
			widths[i] = max(widths[i], utf8.RuneCountInString(clean(row[i])))
		}
	}
	write := func(row []string, colour string) {
		cells := make([]string, 0, len(row))
		for i, cell := range row {
			cell = clean(cell)
			cells = append(cells, cell+strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)))
		}
		s.write("  " + s.paint(colour, strings.TrimRight(strings.Join(cells, "  "), " ")) + "\n")
	}
	write(heads, bold)
	for _, row := range rows {
		write(row, "")
	}
}

// wait shows that something is waited for until the function returned is called. On a terminal a line with a bar and the seconds
// turns meanwhile and disappears at the end; elsewhere one line is written at once.
func (s *screen) wait(k key, values ...any) (stop func()) {
	what := clean(s.say(k, values...))
	if !s.live {
		s.detail("…", what)
		return func() {}
	}
	if runes := []rune(what); len(runes) > waitWidth {
		what = string(runes[:waitWidth-1]) + "…"
	}
	sp := &spinner{what: what, began: time.Now(), quit: make(chan struct{}), stopped: make(chan struct{})}
	s.mu.Lock()
	s.spin = sp
	s.draw()
	s.mu.Unlock()
	go s.turn(sp)
	return sync.OnceFunc(func() {
		close(sp.quit)
		<-sp.stopped
		s.mu.Lock()
		defer s.mu.Unlock()
		s.put(clearLine)
		s.spin = nil
	})
}

// turn redraws until the spinner is stopped.
func (s *screen) turn(sp *spinner) {
	defer close(sp.stopped)
	tick := time.NewTicker(spinnerTick)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.mu.Lock()
			sp.turn++
			s.draw()
			s.mu.Unlock()
		case <-sp.quit:
			return
		}
	}
}

// draw writes the spinner's line; the caller holds the lock.
func (s *screen) draw() {
	const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
	frame := []rune(frames)[s.spin.turn%utf8.RuneCountInString(frames)]
	full := barWidth * max(0, s.step-1) / max(1, s.steps)
	bar := strings.Repeat("━", full) + strings.Repeat("─", barWidth-full)
	seconds := time.Since(s.spin.began).Seconds()
	s.put(fmt.Sprintf("%s  %s %s %s %.1f s", clearLine, s.paint(cyan, string(frame)), s.paint(dim, bar), s.spin.what, seconds))
}

// write writes a text that stays; a spinner's line is taken away before and drawn again.
func (s *screen) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.spin != nil {
		s.put(clearLine)
	}
	s.put(text)
	if s.spin != nil {
		s.draw()
	}
}

func (s *screen) put(text string) {
	if s.err == nil {
		_, s.err = io.WriteString(s.out, text)
	}
}

// close returns the first error of writing.
func (s *screen) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return fmt.Errorf("writing to the screen: %w", s.err)
	}
	return nil
}

// paint colours a text where colours are wanted.
func (s *screen) paint(colour, text string) string {
	if !s.colours || colour == "" || text == "" {
		return text
	}
	return colour + text + plain
}

// clean takes out what a terminal would obey rather than show: a bank's text must not move the cursor.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
