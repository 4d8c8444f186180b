package verify

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kontor/finding"
	"kontor/inspect"
)

// lines prints one JSON object a file, each on a line.
type lines struct{ out *json.Encoder }

func (l *lines) report(r inspect.Report, err error) error {
	if r.Findings == nil {
		r.Findings = []finding.Finding{}
	}
	if err == nil {
		return l.out.Encode(r)
	}
	r.Unreadable = true
	return l.out.Encode(struct {
		inspect.Report
		Error string `json:"error"`
	}{r, reason(err, "en")})
}

func (l *lines) progress(string, int64) progress { return silent{} }
func (l *lines) end() error                      { return nil }

type silent struct{}

func (silent) add(int) {}
func (silent) done()   {}

// screen tells people.
type screen struct {
	out      *bufio.Writer
	err      *os.File
	text     texts
	language string
	colours  bool
	width    int  // of a line, 0 = any
	live     bool // the other stream is a terminal: progress may be drawn on it
	files    int
	errors   int
	warnings int
	unread   int
}

// Escape sequences of terminals.
const (
	bold      = "\x1b[1m"
	dim       = "\x1b[2m"
	green     = "\x1b[32m"
	yellow    = "\x1b[33m"
	red       = "\x1b[31m"
	plain     = "\x1b[0m"
	clearLine = "\r\x1b[K"
)

func newScreen(o Options) *screen {
	language := o.Language
	if language == "" {
		language = environment(o.Getenv)
	}
	able := o.Getenv("TERM") != "dumb"
	width := o.Width
	if width == 0 && terminal(o.Out) {
		width = columns(o.Out)
	}
	return &screen{
		out: bufio.NewWriter(o.Out), err: o.Err, text: textsOf(language), language: language, width: width,
		colours: able && o.Getenv("NO_COLOR") == "" && terminal(o.Out), live: able && terminal(o.Err),
	}
}

// terminal tells a character device from files and pipes.
func terminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// environment is the language of LC_ALL, LC_MESSAGES and LANG, English if it is none of ours.
func environment(getenv func(string) string) string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := getenv(name); value != "" {
			if language := strings.ToLower(value)[:min(2, len(value))]; language == "de" || language == "sv" {
				return language
			}
			return "en"
		}
	}
	return "en"
}

func (s *screen) paint(colour, text string) string {
	if !s.colours {
		return text
	}
	return colour + text + plain
}

func (s *screen) line(parts ...string) {
	_, _ = s.out.WriteString(strings.Join(parts, "") + "\n") // end returns the error
}

func (s *screen) report(r inspect.Report, err error) error {
	s.files++
	if r.Unreadable || err != nil {
		s.unread++
	}
	failure := ""
	if err != nil {
		failure = s.paint(red, s.text.unreadable) + ": " + clean(reason(err, s.language))
	}
	if len(r.Findings) == 0 && failure != "" {
		s.line(s.paint(bold, clean(r.Name)), ": ", failure)
		return s.out.Flush()
	}
	s.line(s.paint(bold, clean(r.Name)), ": ", s.what(r))
	if len(r.Findings) == 0 {
		s.line("  ", s.paint(green, s.text.clean))
	}
	s.list(r.Findings)
	if failure != "" {
		s.line("  ", failure)
	}
	return s.out.Flush()
}

// what says in one line what the file is.
func (s *screen) what(r inspect.Report) string {
	parts := []string{r.Format}
	if r.Profile != "" {
		parts = append(parts, s.text.profile+" "+r.Profile)
	}
	if r.Payments > 0 {
		text := count(r.Payments, s.text.payment, s.text.payments)
		if r.Sum != "" && len(r.Currencies) == 1 && !r.Unreadable { // the sum of a part tells nobody anything
			text += ", " + number(r.Sum, s.language) + " " + string(r.Currencies[0])
		}
		parts = append(parts, text)
	}
	if r.Statements > 0 {
		parts = append(parts, count(r.Statements, s.text.statement, s.text.statements), count(r.Entries, s.text.entry, s.text.entries))
	}
	return strings.Join(parts, ", ")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// alike is how many findings of one rule, saying the same with other values, are shown in full.
const alike = 5

// list shows findings, and counts those that say what has been said already.
func (s *screen) list(findings []finding.Finding) {
	type sentence struct {
		code finding.Code
		id   string
	}
	seen, left := map[sentence]int{}, map[finding.Code]int{}
	var codes []finding.Code
	for i := range findings {
		f := &findings[i]
		key := sentence{f.Code, f.Case}
		if seen[key]++; seen[key] <= alike {
			s.finding(f)
			continue
		}
		if left[f.Code]++; left[f.Code] == 1 {
			codes = append(codes, f.Code)
		}
		s.count(f.Severity)
	}
	for _, code := range codes {
		s.line("  ", s.paint(dim, fmt.Sprintf(s.text.more, left[code], code)))
	}
}

func (s *screen) count(severity finding.Severity) {
	if severity == finding.Warning {
		s.warnings++
	} else {
		s.errors++
	}
}

func (s *screen) finding(f *finding.Finding) {
	colour, word := red, s.text.err
	if f.Severity == finding.Warning {
		colour, word = yellow, s.text.warning
	}
	s.count(f.Severity)
	where := ""
	if f.At.Line > 0 {
		where = " " + fmt.Sprintf(s.text.place, f.At.Line, f.At.Column)
	}
	s.line("  ", s.paint(colour, word), " ", s.paint(bold, string(f.Code)), where)
	message, advice := f.Message, ""
	if rule := inspect.Catalogue().Lookup(f.Code); rule != nil {
		said := *f
		said.Args = numbers(f.Args, s.language)
		message, advice = rule.Sentence(said, s.language), rule.Advice.In(s.language)
	}
	s.wrapped("", clean(capital(message)))
	if f.Text != "" {
		s.line("    > ", clean(f.Text))
	}
	if f.At.Path != "" {
		s.line("    ", s.paint(dim, clean(f.At.Path)))
	}
	if advice != "" {
		s.wrapped(dim, s.text.todo+" "+advice)
	}
}

// wrapped prints a text in lines that are no wider than the terminal.
func (s *screen) wrapped(colour, text string) {
	for _, line := range wrap(text, s.width-len("    ")) {
		if colour != "" {
			line = s.paint(colour, line)
		}
		s.line("    ", line)
	}
}

// narrowest is below which nothing is wrapped: that would be no help.
const narrowest = 20

// wrap breaks a text at blanks into lines of at most width characters, as far as its words let it.
func wrap(text string, width int) []string {
	if width < narrowest {
		return []string{text}
	}
	var lines []string
	line, length := "", 0
	for word := range strings.SplitSeq(text, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case length == 0 && len(lines) == 0 && line == "":
			line, length = word, n
		case length+1+n > width:
			lines = append(lines, line)
			line, length = word, n
		default:
			line, length = line+" "+word, length+1+n
		}
	}
	return append(lines, line)
}

// capital begins a sentence with a capital letter, and ends it.
func capital(text string) string {
	if text == "" {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	if !strings.ContainsAny(text[len(text)-1:], ".!?") {
		text += "."
	}
	return text
}

// clean keeps what a file says from steering the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u202e' || r == '\u202d' || r >= '\u2066' && r <= '\u2069' {
			return '\uFFFD'
		}
		return r
	}, text)
}

func (s *screen) end() error {
	if s.files > 1 || s.errors+s.warnings > 1 {
		s.line(s.paint(bold, fmt.Sprintf(s.text.total, s.files, s.errors, s.warnings, s.unread)))
	}
	return s.out.Flush()
}

// barFrom is how large a file must be for a progress bar.
const barFrom = 16 << 20

func (s *screen) progress(name string, size int64) progress {
	if !s.live || size < barFrom {
		return silent{}
	}
	return &bar{out: s.err, name: clean(name), size: size, drawn: time.Now()}
}

// bar draws how far a file has been read, a few times a second.
type bar struct {
	out   *os.File
	name  string
	size  int64
	read  int64
	drawn time.Time
	shown bool
}

const (
	barEvery = 100 * time.Millisecond
	barWidth = 30
)

func (b *bar) add(n int) {
	b.read += int64(n)
	now := time.Now()
	if now.Sub(b.drawn) < barEvery {
		return
	}
	b.drawn, b.shown = now, true
	share := min(float64(b.read)/float64(b.size), 1)
	full := int(share * barWidth)
	name := []rune(b.name)
	if len(name) > 30 {
		name = append([]rune("…"), name[len(name)-29:]...)
	}
	_, _ = fmt.Fprintf(b.out, "%s%s [%s%s] %3.0f %%", clearLine, string(name), strings.Repeat("#", full), strings.Repeat(".", barWidth-full), share*100)
}

func (b *bar) done() {
	if b.shown {
		_, _ = fmt.Fprint(b.out, clearLine)
		b.shown = false
	}
}

// Tell prints findings for people, without the name of a file.
func Tell(out *os.File, findings []finding.Finding, language string, getenv func(string) string) error {
	s := newScreen(Options{Out: out, Err: out, Language: language, Getenv: getenv})
	for i := range findings {
		s.finding(&findings[i])
	}
	return s.out.Flush()
}
