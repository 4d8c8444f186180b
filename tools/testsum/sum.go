package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// longestLine is the longest event or line of output that is read; go test cuts its own output far below it.
const longestLine = 16 << 20

// event is one line of `go test -json`, as `go doc test2json` describes it.
type event struct {
	Action      string
	Package     string
	ImportPath  string // of build-output and build-fail
	Test        string
	Output      string
	Elapsed     float64 // seconds
	FailedBuild string
}

// key names one test; Test is "" for the package itself.
type key struct{ pack, test string }

// summary collects what happened.
type summary struct {
	out     *bufio.Writer
	output  map[key][]string    // of tests that have not ended, and of packages
	builds  map[string][]string // compiler output by import path
	parents map[key]bool        // tests that have subtests: not counted themselves
	blamed  map[key]bool        // a subtest failed, so the parent's failure is not one more
	counts  map[string]*counts  // by package, for its line
	skips   []string
	total   counts
	broken  int // packages that failed without a failing test, and lines that are no events
}

type counts struct{ passed, failed, skipped int }

// sum reads events until the end and writes what people want to know. It reports whether all is well; an error means that the events
// could not be read or the report not be written.
func sum(events io.Reader, out io.Writer, ci bool) (ok bool, err error) {
	w := bufio.NewWriter(out)
	s := &summary{
		out: w, output: map[key][]string{}, builds: map[string][]string{}, parents: map[key]bool{}, blamed: map[key]bool{},
		counts: map[string]*counts{},
	}
	lines := bufio.NewScanner(events)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		var e event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil || e.Action == "" {
			// The go command itself had something to say, which is never good news.
			s.say("%s\n", lines.Text())
			s.broken++
		} else {
			s.take(e)
		}
		if err := w.Flush(); err != nil {
			return false, err
		}
	}
	if err := lines.Err(); err != nil {
		return false, err
	}
	ok = s.finish(ci)
	return ok, w.Flush()
}

// say writes to the report. The writer keeps its first error and Flush returns it, so nobody needs to look here.
func (s *summary) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func (s *summary) take(e event) {
	k := key{e.Package, e.Test}
	switch e.Action {
	case "build-output":
		s.builds[e.ImportPath] = append(s.builds[e.ImportPath], e.Output)
	case "output":
		s.output[k] = append(s.output[k], e.Output)
	case "run":
		if parent, ok := parentOf(k); ok {
			s.parents[parent] = true
		}
	case "pass", "fail", "skip":
		if e.Test == "" {
			s.packageEnds(e)
		} else {
			s.testEnds(k, e.Action)
		}
	}
}

func parentOf(k key) (key, bool) {
	i := strings.LastIndexByte(k.test, '/')
	if i < 0 {
		return key{}, false
	}
	return key{k.pack, k.test[:i]}, true
}

func (s *summary) testEnds(k key, action string) {
	c := s.of(k.pack)
	leaf := !s.parents[k]
	switch action {
	case "pass":
		if leaf {
			c.passed++
		}
	case "skip":
		// A parent that skips after its subtests ran has left something out, too.
		c.skipped++
		s.skips = append(s.skips, fmt.Sprintf("%s %s: %s", k.pack, k.test, reason(s.output[k])))
	case "fail":
		if parent, ok := parentOf(k); ok {
			s.blamed[parent] = true
		}
		if leaf || !s.blamed[k] {
			c.failed++
		}
		s.say("--- FAIL: %s %s\n", k.pack, k.test)
		s.print(s.output[k])
	}
	delete(s.output, k)
}

// of returns the counts of a package.
func (s *summary) of(pack string) *counts {
	if s.counts[pack] == nil {
		s.counts[pack] = &counts{}
	}
	return s.counts[pack]
}

// packageEnds prints the package's line and, if it failed without a failing test, why: it did not compile, panicked, or ran out of time.
func (s *summary) packageEnds(e event) {
	c := s.of(e.Package)
	s.total.passed += c.passed
	s.total.failed += c.failed
	s.total.skipped += c.skipped
	switch {
	case e.Action == "fail":
		s.say("FAIL  %-40s %7.2fs\n", e.Package, e.Elapsed)
		if c.failed == 0 || s.unfinished(e.Package) {
			s.broken++
			s.print(s.builds[e.FailedBuild])
			s.printUnfinished(e.Package)
			s.print(s.output[key{e.Package, ""}])
		}
	case *c != counts{}:
		s.say("ok    %-40s %7.2fs  %s\n", e.Package, e.Elapsed, c)
	}
	for k := range s.output {
		if k.pack == e.Package {
			delete(s.output, k)
		}
	}
	delete(s.counts, e.Package) // the same package may run again with another build tag
}

// unfinished says whether a test of the package started and never ended.
func (s *summary) unfinished(pack string) bool {
	for k := range s.output {
		if k.pack == pack && k.test != "" {
			return true
		}
	}
	return false
}

func (s *summary) printUnfinished(pack string) {
	for k, lines := range s.output {
		if k.pack == pack && k.test != "" {
			s.say("--- did not end: %s %s\n", pack, k.test)
			s.print(lines)
		}
	}
}

// print writes a test's output without the lines that only say that it started or waited.
func (s *summary) print(lines []string) {
	for _, line := range lines {
		text := strings.TrimSpace(line)
		if strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ") {
			continue
		}
		s.say("%s", line)
	}
}

// reason returns what a skipped test said, on one line.
func reason(lines []string) string {
	var said []string
	for _, line := range lines {
		text := strings.TrimSpace(line)
		if text != "" && !strings.HasPrefix(text, "=== ") && !strings.HasPrefix(text, "--- ") {
			said = append(said, text)
		}
	}
	if len(said) == 0 {
		return "it gave no reason"
	}
	return strings.Join(said, " ")
}

// finish writes the end of the report and says whether all is well.
func (s *summary) finish(ci bool) bool {
	for pack, c := range s.counts {
		if *c != (counts{}) { // the events end in the middle of a package
			s.broken++
			s.total.passed += c.passed
			s.total.failed += c.failed
			s.total.skipped += c.skipped
			s.say("FAIL  %s did not end\n", pack)
		}
	}
	if len(s.skips) > 0 {
		s.say("\nskipped:\n")
		for _, skip := range s.skips {
			s.say("  %s\n", skip)
		}
	}
	s.say("\n")
	ok := s.total.failed == 0 && s.broken == 0
	if s.broken > 0 {
		s.say("%d packages or commands failed outside their tests\n", s.broken)
	}
	if s.total.passed+s.total.failed == 0 {
		s.say("no test ran\n")
		ok = false
	}
	if ci && s.total.skipped > 0 {
		s.say("with CI=true a skipped test is a failure\n")
		ok = false
	}
	s.say("%s\n", s.total)
	return ok
}

// String is the line of counts, the same for a package and for all.
func (c counts) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", c.passed, c.failed, c.skipped)
}
