package kontor_test

import (
	"bytes"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// phrase is something that does not belong in any text of ours. The patterns are put together from pieces, so that this file may
// contain them.
type phrase struct {
	pattern *regexp.Regexp
	why     string
}

var phrases = []phrase{
	{regexp.MustCompile(`\bTO` + `DO\b(?:[^(]|\([^#]|\(#\D|$)`), "name the issue: TO" + "DO(#123): reason"},
	{regexp.MustCompile(`\bFIX` + `ME\b`), "fix it, or file an issue"},
	{regexp.MustCompile(`(?://|#|--|<!--)\s*XX` + `X\b`), "say what is wrong, in an issue"}, // the word itself is a currency code and a BIC branch
	{regexp.MustCompile(`(?i)\bnot ` + `implemented\b`), "a thing is there or it is not"},
	{regexp.MustCompile(`(?:^|[^\w.-])/wo` + `rk/`), "a path of one machine"},
	{regexp.MustCompile(`\b(?:proxy\.golang|sum\.golang|registry\.npmjs|deb\.debian|pypi)\.` + `org\b`), "the host of a registry: everybody has their own"},
}

func checkPhrases(tree []source) (r report) {
	for _, s := range tree {
		if path.Base(s.path) == "go.sum" {
			continue // made by the go command
		}
		r.checked++
		for i, line := range bytes.Split(s.text, []byte("\n")) {
			for _, p := range phrases {
				if found := p.pattern.Find(line); found != nil {
					r.problem(s.path, ":", strconv.Itoa(i+1), ": ", strconv.Quote(string(found)), ": ", p.why)
				}
			}
		}
	}
	return r
}

// page says whether a file is a page of ours for people: Markdown outside testdata.
func page(s source) bool { return strings.HasSuffix(s.path, ".md") && !below(s.path, "testdata") }

var (
	fence    = regexp.MustCompile("^\\s*(```|~~~)")
	code     = regexp.MustCompile("`[^`]*`")
	link     = regexp.MustCompile(`\[[^\]]*\]\(\s*<?([^)>\s]+)>?[^)]*\)`)
	scheme   = regexp.MustCompile(`^[a-z][a-z0-9+.-]*:`)
	heading  = regexp.MustCompile(`^(#{1,6})\s+(.+?)\s*#*$`)
	unlinked = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
	dropped  = regexp.MustCompile(`[^\p{L}\p{N}\s_-]`)
)

// prose calls found for each line of a page that is not in a block of code.
func prose(s source, found func(number int, line string)) {
	inside := false
	for i, line := range strings.Split(string(s.text), "\n") {
		if fence.MatchString(line) {
			inside = !inside
			continue
		}
		if !inside {
			found(i+1, line)
		}
	}
}

// anchors returns the names under which a page's headings can be linked to, made as forges make them.
func anchors(s source) map[string]bool {
	all := map[string]bool{}
	prose(s, func(_ int, line string) {
		if m := heading.FindStringSubmatch(line); m != nil {
			text := unlinked.ReplaceAllString(m[2], "$1")
			text = dropped.ReplaceAllString(strings.ToLower(text), "")
			all[strings.ReplaceAll(text, " ", "-")] = true
		}
	})
	return all
}

func checkLinks(tree []source) (r report) {
	exists := map[string]bool{"": true, ".": true}
	pages := map[string]source{}
	for _, s := range tree {
		pages[s.path] = s
		for p := s.path; p != "."; p = path.Dir(p) {
			exists[p] = true
		}
	}
	for _, s := range tree {
		if !page(s) {
			continue
		}
		prose(s, func(number int, line string) {
			for _, m := range link.FindAllStringSubmatch(code.ReplaceAllString(line, ""), -1) {
				if scheme.MatchString(m[1]) {
					continue // elsewhere; no test of ours asks the network
				}
				r.checked++
				file, anchor, anchored := strings.Cut(m[1], "#")
				target := s.path
				if file != "" {
					target = path.Join(path.Dir(s.path), file)
				}
				switch {
				case !exists[target]:
					r.problem(s.path, ":", strconv.Itoa(number), ": the link to ", m[1], " leads nowhere")
				case anchored && page(pages[target]) && !anchors(pages[target])[anchor]:
					r.problem(s.path, ":", strconv.Itoa(number), ": ", target, " has no heading for #", anchor)
				}
			}
		})
	}
	return r
}

func checkTitles(tree []source) (r report) {
	for _, s := range tree {
		// What waits in changelog/unreleased is a line of a page to come, not a page.
		if !page(s) || strings.HasPrefix(s.path, "changelog/unreleased/") {
			continue
		}
		r.checked++
		titles := 0
		prose(s, func(_ int, line string) {
			if strings.HasPrefix(line, "# ") {
				titles++
			}
		})
		if titles != 1 {
			r.problem(s.path, ": ", strconv.Itoa(titles), " titles, want one")
		}
	}
	return r
}

func textRules() []rule {
	return []rule{
		{
			name:  "no words of unfinished work",
			check: checkPhrases,
			bad: map[string]map[string]string{
				"to do":            {"a.go": "package a\n// TO" + "DO: later\n"},
				"to do by a name":  {"a.md": "TO" + "DO(me): later"},
				"to do at the end": {"a.md": "a TO" + "DO"},
				"to do, no number": {"a.md": "TO" + "DO(#x)"},
				"fix me":           {"Makefile": "# FIX" + "ME\n"},
				"three letters":    {"a.go": "package a\n// XX" + "X bad\n"},
				"stub":             {"a.go": "package a\n// Not " + "implemented yet.\n"},
				"path":             {"a.md": "see /wo" + "rk/shared"},
				"path at start":    {"a.sh": "/wo" + "rk/run"},
				"registry":         {"Makefile": "GOPROXY=https://proxy.golang." + "org"},
			},
			good: map[string]string{
				"a.go":   "package a\n// TO" + "DO(#12): until the bank answers.\nvar noCurrency = \"XX" + "X\"\n",
				"a.md":   "The rest.network/wo" + "rk/er and ./wo" + "rk/ are fine.",
				"go.sum": "proxy.golang." + "org",
			},
		},
		{
			name:  "links between pages lead somewhere",
			check: checkLinks,
			bad: map[string]map[string]string{
				"no file":         {"docs/README.md": "[x](missing.md)"},
				"wrong folder":    {"docs/README.md": "[x](docs/a.md)", "docs/a.md": ""},
				"no heading":      {"a.md": "[x](b.md#two)", "b.md": "# One"},
				"no heading here": {"a.md": "# One\n[x](#two)"},
			},
			good: map[string]string{
				"README.md":      "# It\n[a](docs/a.md) [b](docs/a.md#the-second-part-state-by-state) [c](docs) [d](https://example.org/x) `[e](nowhere)`\n[h](#it)",
				"docs/a.md":      "[up](../README.md)\n```\n[f](nowhere)\n# not a title\n```\n## The *second* part: state by `state`\n",
				"testdata/x.md":  "[g](nowhere)",
				"docs/logo.text": "",
			},
		},
		{
			name:  "each page has one title",
			check: checkTitles,
			bad: map[string]map[string]string{
				"none": {"a.md": "## Part"},
				"two":  {"a.md": "# One\n# Two"},
			},
			good: map[string]string{
				"a.md":                      "# One\n## Part\n```\n# a comment in a shell\n```\n",
				"changelog/unreleased/a.md": "A line.",
			},
		},
	}
}
